// SPDX-License-Identifier: GPL-2.0
/*
 * LLC messages: bytes to and from host order.
 *
 * Version 2 messages of Linux carry two numbers in the byte order of the
 * sender: the length and the number of RToken pairs. Both are written little
 * endian here and read as little endian, unless the length makes sense as big
 * endian only.
 */
#include "llc_wire.h"

/* common header */
enum {
	LLC_OFF_TYPE = 0,
	LLC_OFF_LENGTH = 1,		/* 1 byte in v1, 2 in v2 */
	LLC_OFF_V1_REASON = 2,		/* low nibble */
	LLC_OFF_FLAGS = 3,
	LLC_HDR_LEN = 4,
};

enum {
	LLC_F_RESPONSE = 0x80,
	LLC_F_REJECTED = 0x40,		/* Add Link, Request Add Link */
	LLC_F_ALL = 0x40,		/* Delete Link */
	LLC_F_ORDERLY = 0x20,		/* Delete Link */
	LLC_F_NEGATIVE = 0x20,		/* Confirm RKey, Delete RKey */
	LLC_F_RETRY = 0x10,		/* Confirm RKey */
	LLC_F_NO_EYECATCHER = 0x03,	/* Confirm Link, either bit */
};

/* Confirm Link */
enum {
	CL_OFF_MAC = LLC_HDR_LEN,
	CL_OFF_GID = 10,
	CL_OFF_QPN = 26,
	CL_OFF_LINK_NUM = 29,
	CL_OFF_USER_ID = 30,
	CL_OFF_MAX_LINKS = 34,
	CL_OFF_MAX_CONNS = 35,
	CL_OFF_RESERVED = 36,
};

static_assert(CL_OFF_RESERVED + 8 == SMC_LLC_LEN, "Confirm Link layout");

/* Add Link */
enum {
	AL_OFF_MAC = LLC_HDR_LEN,
	AL_OFF_GID = 12,
	AL_OFF_QPN = 28,
	AL_OFF_LINK_NUM = 31,
	AL_OFF_MTU = 32,
	AL_OFF_PSN = 33,
	AL_OFF_RESERVED = 36,
	/* v2 extension */
	AL_OFF_DIRECT = SMC_LLC_V2_EXT_OFF,
	AL_OFF_TARGET_GID = 46,
	AL_OFF_NR_RTOKENS = 70,
};

#define AL_DIRECT	0x80
#define AL_MTU_MASK	0x0f

static_assert(AL_OFF_RESERVED + 8 == SMC_LLC_LEN, "Add Link layout");
static_assert(AL_OFF_NR_RTOKENS + 2 == SMC_LLC_V2_RTOKEN_OFF,
	      "Add Link v2 layout");

/* RToken pair of Add Link and Add Link Continuation */
enum {
	PAIR_OFF_RKEY = 0,
	PAIR_OFF_NEW_RKEY = 4,
	PAIR_OFF_NEW_VADDR = 8,
};

static_assert(PAIR_OFF_NEW_VADDR + 8 == SMC_LLC_RTOKEN_LEN, "pair layout");

/* Add Link Continuation */
enum {
	AC_OFF_LINK_NUM = LLC_HDR_LEN,
	AC_OFF_NR_LEFT = 5,
	AC_OFF_RTOKENS = 8,
	AC_OFF_RESERVED = 40,
};

static_assert(AC_OFF_RTOKENS + SMC_LLC_CONT_RTOKENS * SMC_LLC_RTOKEN_LEN ==
	      AC_OFF_RESERVED, "Add Link Continuation layout");

/* Delete Link */
enum {
	DL_OFF_LINK_NUM = LLC_HDR_LEN,
	DL_OFF_REASON = 5,
};

/* Request Add Link */
enum {
	RA_OFF_NR_GIDS = 24,
	RA_OFF_GIDS = 28,
};

/* RToken of Confirm RKey and its continuation: link number, RKey, address */
enum {
	TOKEN_OFF_LINK_NUM = 0,
	TOKEN_OFF_RKEY = 1,
	TOKEN_OFF_VADDR = 5,
	TOKEN_LEN = 13,
};

/* Confirm RKey */
enum {
	CR_OFF_NR_MORE = LLC_HDR_LEN,
	CR_OFF_RKEY = 5,
	CR_OFF_VADDR = 9,
	CR_OFF_MORE = 17,
	CR_OFF_RESERVED = 43,
};

static_assert(CR_OFF_MORE + SMC_LLC_MORE_RTOKENS * TOKEN_LEN ==
	      CR_OFF_RESERVED, "Confirm RKey layout");

/* Confirm RKey Continuation */
enum {
	CC_OFF_NR_LEFT = LLC_HDR_LEN,
	CC_OFF_RTOKENS = 5,
};

static_assert(CC_OFF_RTOKENS + SMC_LLC_CONT_RKEYS * TOKEN_LEN ==
	      SMC_LLC_LEN, "Confirm RKey Continuation layout");

/* Test Link */
enum {
	TL_OFF_USER_DATA = LLC_HDR_LEN,
};

/* Delete RKey */
enum {
	DR_OFF_NR_RKEYS = LLC_HDR_LEN,
	DR_OFF_ERR = 5,
	DR_OFF_RKEYS = 8,
	DR_OFF_RESERVED = 40,
	DR_RKEY_LEN = 4,
};

static_assert(DR_OFF_RKEYS + SMC_LLC_DEL_RKEYS * DR_RKEY_LEN ==
	      DR_OFF_RESERVED, "Delete RKey layout");

#define LLC_CDC_TYPE	0xfe

static const struct {
	const char *name;
	int err;
} llc_checks[SMC_LLC_NR_CHECKS] = {
	[SMC_LLC_OK] = { "ok", 0 },
	[SMC_LLC_BAD_SHORT] = { "short", -EBADMSG },
	[SMC_LLC_BAD_NOT_LLC] = { "not_llc", -EPROTONOSUPPORT },
	[SMC_LLC_BAD_VERSION] = { "version", -EPROTONOSUPPORT },
	[SMC_LLC_BAD_TYPE] = { "type", -EPROTONOSUPPORT },
	[SMC_LLC_BAD_LENGTH] = { "length", -EBADMSG },
	[SMC_LLC_BAD_EXT] = { "ext", -EBADMSG },
};

/**
 * smc_llc_check_name - name of the check that failed
 * @why: the check
 *
 * Return: name for traces and counters.
 */
const char *smc_llc_check_name(enum smc_llc_check why)
{
	if ((unsigned int)why >= SMC_LLC_NR_CHECKS)
		return "unknown";
	return llc_checks[why].name;
}

static size_t min_len(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void get_pair(const u8 *p, struct smc_llc_rtoken_pair *pair)
{
	pair->rkey = smc_get_be32(p + PAIR_OFF_RKEY);
	pair->new_rkey = smc_get_be32(p + PAIR_OFF_NEW_RKEY);
	pair->new_vaddr = smc_get_be64(p + PAIR_OFF_NEW_VADDR);
}

static void put_pair(u8 *p, const struct smc_llc_rtoken_pair *pair)
{
	smc_put_be32(p + PAIR_OFF_RKEY, pair->rkey);
	smc_put_be32(p + PAIR_OFF_NEW_RKEY, pair->new_rkey);
	smc_put_be64(p + PAIR_OFF_NEW_VADDR, pair->new_vaddr);
}

static void get_token(const u8 *p, struct smc_llc_rtoken *token)
{
	token->link_num = p[TOKEN_OFF_LINK_NUM];
	token->rkey = smc_get_be32(p + TOKEN_OFF_RKEY);
	token->vaddr = smc_get_be64(p + TOKEN_OFF_VADDR);
}

static void put_token(u8 *p, const struct smc_llc_rtoken *token)
{
	p[TOKEN_OFF_LINK_NUM] = token->link_num;
	smc_put_be32(p + TOKEN_OFF_RKEY, token->rkey);
	smc_put_be64(p + TOKEN_OFF_VADDR, token->vaddr);
}

/* Confirm Link */

static void confirm_link_decode(const u8 *buf, size_t len,
				struct smc_llc_msg *msg)
{
	struct smc_llc_confirm_link *cl = &msg->confirm_link;

	cl->no_eyecatcher = buf[LLC_OFF_FLAGS] & LLC_F_NO_EYECATCHER;
	memcpy(cl->mac, buf + CL_OFF_MAC, SMC_MAC_LEN);
	memcpy(cl->gid, buf + CL_OFF_GID, SMC_GID_LEN);
	cl->qpn = smc_get_be24(buf + CL_OFF_QPN);
	cl->link_num = buf[CL_OFF_LINK_NUM];
	cl->link_user_id = smc_get_be32(buf + CL_OFF_USER_ID);
	cl->max_links = buf[CL_OFF_MAX_LINKS];
	cl->max_conns = buf[CL_OFF_MAX_CONNS];
}

static void confirm_link_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	const struct smc_llc_confirm_link *cl = &msg->confirm_link;

	if (cl->no_eyecatcher)
		buf[LLC_OFF_FLAGS] |= LLC_F_NO_EYECATCHER;
	memcpy(buf + CL_OFF_MAC, cl->mac, SMC_MAC_LEN);
	memcpy(buf + CL_OFF_GID, cl->gid, SMC_GID_LEN);
	smc_put_be24(buf + CL_OFF_QPN, cl->qpn);
	buf[CL_OFF_LINK_NUM] = cl->link_num;
	smc_put_be32(buf + CL_OFF_USER_ID, cl->link_user_id);
	buf[CL_OFF_MAX_LINKS] = cl->max_links;
	buf[CL_OFF_MAX_CONNS] = cl->max_conns;
}

/* Add Link */

static size_t add_link_size(const struct smc_llc_msg *msg)
{
	const struct smc_llc_add_link *al = &msg->add_link;

	if (msg->version == SMC_LLC_V1 || al->rejected)
		return SMC_LLC_LEN;
	return SMC_LLC_V2_RTOKEN_OFF + al->nr_rtokens * SMC_LLC_RTOKEN_LEN;
}

/* only the length tells the byte order of the sender */
static bool sender_is_big_endian(const u8 *buf, size_t len)
{
	return smc_get_le16(buf + LLC_OFF_LENGTH) > len &&
	       smc_get_be16(buf + LLC_OFF_LENGTH) <= len;
}

static void add_link_ext_decode(const u8 *buf, size_t len,
				struct smc_llc_add_link *al)
{
	size_t room = (len - SMC_LLC_V2_RTOKEN_OFF) / SMC_LLC_RTOKEN_LEN;
	u16 nr;

	if (sender_is_big_endian(buf, len))
		nr = smc_get_be16(buf + AL_OFF_NR_RTOKENS);
	else
		nr = smc_get_le16(buf + AL_OFF_NR_RTOKENS);
	al->has_ext = true;
	al->direct = buf[AL_OFF_DIRECT] & AL_DIRECT;
	memcpy(al->target_gid, buf + AL_OFF_TARGET_GID, SMC_GID_LEN);
	al->nr_rtokens = min_len(nr, min_len(room, SMC_LLC_V2_MAX_RTOKENS));
}

static void add_link_decode(const u8 *buf, size_t len,
			    struct smc_llc_msg *msg)
{
	struct smc_llc_add_link *al = &msg->add_link;

	al->rejected = buf[LLC_OFF_FLAGS] & LLC_F_REJECTED;
	if (msg->version == SMC_LLC_V1)
		al->reject_reason = buf[LLC_OFF_V1_REASON] & 0x0f;
	memcpy(al->mac, buf + AL_OFF_MAC, SMC_MAC_LEN);
	memcpy(al->gid, buf + AL_OFF_GID, SMC_GID_LEN);
	al->qpn = smc_get_be24(buf + AL_OFF_QPN);
	al->link_num = buf[AL_OFF_LINK_NUM];
	al->mtu = buf[AL_OFF_MTU] & AL_MTU_MASK;
	al->psn = smc_get_be24(buf + AL_OFF_PSN);
	if (msg->version == SMC_LLC_V2 && !al->rejected)
		add_link_ext_decode(buf, len, al);
}

static void add_link_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	const struct smc_llc_add_link *al = &msg->add_link;

	if (al->rejected)
		buf[LLC_OFF_FLAGS] |= LLC_F_REJECTED;
	if (al->rejected && msg->version == SMC_LLC_V1)
		buf[LLC_OFF_V1_REASON] = al->reject_reason & 0x0f;
	memcpy(buf + AL_OFF_MAC, al->mac, SMC_MAC_LEN);
	memcpy(buf + AL_OFF_GID, al->gid, SMC_GID_LEN);
	smc_put_be24(buf + AL_OFF_QPN, al->qpn);
	buf[AL_OFF_LINK_NUM] = al->link_num;
	buf[AL_OFF_MTU] = al->mtu & AL_MTU_MASK;
	smc_put_be24(buf + AL_OFF_PSN, al->psn);
	if (msg->version == SMC_LLC_V1 || al->rejected)
		return;
	buf[AL_OFF_DIRECT] = al->direct ? AL_DIRECT : 0;
	memcpy(buf + AL_OFF_TARGET_GID, al->target_gid, SMC_GID_LEN);
	smc_put_le16(buf + AL_OFF_NR_RTOKENS, al->nr_rtokens);
}

/* Add Link Continuation */

static void add_link_cont_decode(const u8 *buf, size_t len,
				 struct smc_llc_msg *msg)
{
	struct smc_llc_add_link_cont *ac = &msg->add_link_cont;
	unsigned int i;

	ac->link_num = buf[AC_OFF_LINK_NUM];
	ac->nr_left = buf[AC_OFF_NR_LEFT];
	ac->nr_rtokens = min_len(ac->nr_left, SMC_LLC_CONT_RTOKENS);
	for (i = 0; i < ac->nr_rtokens; i++)
		get_pair(buf + AC_OFF_RTOKENS + i * SMC_LLC_RTOKEN_LEN,
			 &ac->rtokens[i]);
}

static void add_link_cont_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	const struct smc_llc_add_link_cont *ac = &msg->add_link_cont;
	unsigned int i;

	buf[AC_OFF_LINK_NUM] = ac->link_num;
	buf[AC_OFF_NR_LEFT] = ac->nr_left;
	for (i = 0; i < SMC_LLC_CONT_RTOKENS && i < ac->nr_left; i++)
		put_pair(buf + AC_OFF_RTOKENS + i * SMC_LLC_RTOKEN_LEN,
			 &ac->rtokens[i]);
}

/* Delete Link */

static void delete_link_decode(const u8 *buf, size_t len,
			       struct smc_llc_msg *msg)
{
	struct smc_llc_delete_link *dl = &msg->delete_link;

	dl->all = buf[LLC_OFF_FLAGS] & LLC_F_ALL;
	dl->orderly = buf[LLC_OFF_FLAGS] & LLC_F_ORDERLY;
	dl->link_num = buf[DL_OFF_LINK_NUM];
	dl->reason = smc_get_be32(buf + DL_OFF_REASON);
}

static void delete_link_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	const struct smc_llc_delete_link *dl = &msg->delete_link;

	if (dl->all)
		buf[LLC_OFF_FLAGS] |= LLC_F_ALL;
	if (dl->orderly)
		buf[LLC_OFF_FLAGS] |= LLC_F_ORDERLY;
	buf[DL_OFF_LINK_NUM] = dl->link_num;
	smc_put_be32(buf + DL_OFF_REASON, dl->reason);
}

/* Request Add Link */

static size_t req_add_link_size(const struct smc_llc_msg *msg)
{
	size_t len = RA_OFF_GIDS + msg->req_add_link.nr_gids * SMC_GID_LEN;

	return len < SMC_LLC_LEN ? SMC_LLC_LEN : len;
}

static void req_add_link_decode(const u8 *buf, size_t len,
				struct smc_llc_msg *msg)
{
	struct smc_llc_req_add_link *ra = &msg->req_add_link;
	size_t room = (len - RA_OFF_GIDS) / SMC_GID_LEN;

	ra->rejected = buf[LLC_OFF_FLAGS] & LLC_F_REJECTED;
	ra->nr_gids = min_len(buf[RA_OFF_NR_GIDS],
			      min_len(room, SMC_LLC_MAX_GIDS));
	memcpy(ra->gids, buf + RA_OFF_GIDS, ra->nr_gids * SMC_GID_LEN);
}

static void req_add_link_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	const struct smc_llc_req_add_link *ra = &msg->req_add_link;

	if (ra->rejected)
		buf[LLC_OFF_FLAGS] |= LLC_F_REJECTED;
	buf[RA_OFF_NR_GIDS] = ra->nr_gids;
	memcpy(buf + RA_OFF_GIDS, ra->gids, ra->nr_gids * SMC_GID_LEN);
}

/* Confirm RKey */

static void confirm_rkey_decode(const u8 *buf, size_t len,
				struct smc_llc_msg *msg)
{
	struct smc_llc_confirm_rkey *cr = &msg->confirm_rkey;
	unsigned int i;

	cr->negative = buf[LLC_OFF_FLAGS] & LLC_F_NEGATIVE;
	cr->retry = buf[LLC_OFF_FLAGS] & LLC_F_RETRY;
	cr->nr_announced = buf[CR_OFF_NR_MORE];
	cr->nr_more = min_len(cr->nr_announced, SMC_LLC_MORE_RTOKENS);
	cr->rkey = smc_get_be32(buf + CR_OFF_RKEY);
	cr->vaddr = smc_get_be64(buf + CR_OFF_VADDR);
	for (i = 0; i < cr->nr_more; i++)
		get_token(buf + CR_OFF_MORE + i * TOKEN_LEN, &cr->more[i]);
}

static void confirm_rkey_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	const struct smc_llc_confirm_rkey *cr = &msg->confirm_rkey;
	unsigned int i;

	if (cr->negative)
		buf[LLC_OFF_FLAGS] |= LLC_F_NEGATIVE;
	if (cr->retry)
		buf[LLC_OFF_FLAGS] |= LLC_F_RETRY;
	buf[CR_OFF_NR_MORE] = cr->nr_more;
	smc_put_be32(buf + CR_OFF_RKEY, cr->rkey);
	smc_put_be64(buf + CR_OFF_VADDR, cr->vaddr);
	for (i = 0; i < cr->nr_more; i++)
		put_token(buf + CR_OFF_MORE + i * TOKEN_LEN, &cr->more[i]);
}

/* Test Link */

static void test_link_decode(const u8 *buf, size_t len,
			     struct smc_llc_msg *msg)
{
	memcpy(msg->test_link.user_data, buf + TL_OFF_USER_DATA,
	       SMC_LLC_USER_DATA_LEN);
}

static void test_link_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	memcpy(buf + TL_OFF_USER_DATA, msg->test_link.user_data,
	       SMC_LLC_USER_DATA_LEN);
}

/* Confirm RKey Continuation */

static void confirm_rkey_cont_decode(const u8 *buf, size_t len,
				     struct smc_llc_msg *msg)
{
	struct smc_llc_confirm_rkey_cont *cc = &msg->confirm_rkey_cont;
	unsigned int i;

	cc->negative = buf[LLC_OFF_FLAGS] & LLC_F_NEGATIVE;
	cc->retry = buf[LLC_OFF_FLAGS] & LLC_F_RETRY;
	cc->nr_left = buf[CC_OFF_NR_LEFT];
	cc->nr_rtokens = min_len(cc->nr_left, SMC_LLC_CONT_RKEYS);
	for (i = 0; i < cc->nr_rtokens; i++)
		get_token(buf + CC_OFF_RTOKENS + i * TOKEN_LEN,
			  &cc->rtokens[i]);
}

static void confirm_rkey_cont_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	const struct smc_llc_confirm_rkey_cont *cc = &msg->confirm_rkey_cont;
	unsigned int i;

	if (cc->negative)
		buf[LLC_OFF_FLAGS] |= LLC_F_NEGATIVE;
	if (cc->retry)
		buf[LLC_OFF_FLAGS] |= LLC_F_RETRY;
	buf[CC_OFF_NR_LEFT] = cc->nr_left;
	for (i = 0; i < SMC_LLC_CONT_RKEYS && i < cc->nr_left; i++)
		put_token(buf + CC_OFF_RTOKENS + i * TOKEN_LEN,
			  &cc->rtokens[i]);
}

/* Delete RKey */

static void delete_rkey_decode(const u8 *buf, size_t len,
			       struct smc_llc_msg *msg)
{
	struct smc_llc_delete_rkey *dr = &msg->delete_rkey;
	unsigned int i;

	dr->negative = buf[LLC_OFF_FLAGS] & LLC_F_NEGATIVE;
	dr->nr_announced = buf[DR_OFF_NR_RKEYS];
	dr->nr_rkeys = min_len(dr->nr_announced, SMC_LLC_DEL_RKEYS);
	dr->err = buf[DR_OFF_ERR];
	for (i = 0; i < dr->nr_rkeys; i++)
		dr->rkeys[i] = smc_get_be32(buf + DR_OFF_RKEYS +
					    i * DR_RKEY_LEN);
}

static void delete_rkey_encode(const struct smc_llc_msg *msg, u8 *buf)
{
	const struct smc_llc_delete_rkey *dr = &msg->delete_rkey;
	unsigned int i;

	if (dr->negative)
		buf[LLC_OFF_FLAGS] |= LLC_F_NEGATIVE;
	buf[DR_OFF_NR_RKEYS] = dr->nr_rkeys;
	buf[DR_OFF_ERR] = dr->err;
	if (msg->version == SMC_LLC_V2 && msg->response)
		return;
	for (i = 0; i < dr->nr_rkeys; i++)
		smc_put_be32(buf + DR_OFF_RKEYS + i * DR_RKEY_LEN,
			     dr->rkeys[i]);
}

/**
 * struct llc_type - properties of a message type
 * @name: name for traces
 * @v1: exists in version 1
 * @v2: exists in version 2
 * @decode: read what follows the header; at least 44 bytes are there
 * @encode: write what follows the header, and the flags, into zeroed bytes
 * @size: length of the encoded message, if not always 44
 */
struct llc_type {
	const char *name;
	bool v1;
	bool v2;
	void (*decode)(const u8 *buf, size_t len, struct smc_llc_msg *msg);
	void (*encode)(const struct smc_llc_msg *msg, u8 *buf);
	size_t (*size)(const struct smc_llc_msg *msg);
};

static const struct llc_type llc_types[SMC_LLC_NR_TYPES] = {
	[SMC_LLC_CONFIRM_LINK] = {
		.name = "Confirm Link",
		.v1 = true,
		.v2 = true,
		.decode = confirm_link_decode,
		.encode = confirm_link_encode,
	},
	[SMC_LLC_ADD_LINK] = {
		.name = "Add Link",
		.v1 = true,
		.v2 = true,
		.decode = add_link_decode,
		.encode = add_link_encode,
		.size = add_link_size,
	},
	[SMC_LLC_ADD_LINK_CONT] = {
		.name = "Add Link Continuation",
		.v1 = true,
		.decode = add_link_cont_decode,
		.encode = add_link_cont_encode,
	},
	[SMC_LLC_DELETE_LINK] = {
		.name = "Delete Link",
		.v1 = true,
		.v2 = true,
		.decode = delete_link_decode,
		.encode = delete_link_encode,
	},
	[SMC_LLC_REQ_ADD_LINK] = {
		.name = "Request Add Link",
		.v2 = true,
		.decode = req_add_link_decode,
		.encode = req_add_link_encode,
		.size = req_add_link_size,
	},
	[SMC_LLC_CONFIRM_RKEY] = {
		.name = "Confirm RKey",
		.v1 = true,
		.v2 = true,
		.decode = confirm_rkey_decode,
		.encode = confirm_rkey_encode,
	},
	[SMC_LLC_TEST_LINK] = {
		.name = "Test Link",
		.v1 = true,
		.v2 = true,
		.decode = test_link_decode,
		.encode = test_link_encode,
	},
	[SMC_LLC_CONFIRM_RKEY_CONT] = {
		.name = "Confirm RKey Continuation",
		.v1 = true,
		.decode = confirm_rkey_cont_decode,
		.encode = confirm_rkey_cont_encode,
	},
	[SMC_LLC_DELETE_RKEY] = {
		.name = "Delete RKey",
		.v1 = true,
		.v2 = true,
		.decode = delete_rkey_decode,
		.encode = delete_rkey_encode,
	},
};

static const struct llc_type *llc_type_find(unsigned int type, u8 version)
{
	const struct llc_type *t;

	if (type >= SMC_LLC_NR_TYPES)
		return NULL;
	t = &llc_types[type];
	if (version == SMC_LLC_V1 ? !t->v1 : !t->v2)
		return NULL;
	return t;
}

/**
 * smc_llc_type_name - name of a message type
 * @type: the type
 *
 * Return: name as in RFC 7609.
 */
const char *smc_llc_type_name(enum smc_llc_type type)
{
	if ((unsigned int)type >= SMC_LLC_NR_TYPES || !llc_types[type].name)
		return "unknown";
	return llc_types[type].name;
}

static enum smc_llc_check llc_check(const u8 *buf, size_t len)
{
	u8 version, type;

	if (len < SMC_LLC_LEN)
		return SMC_LLC_BAD_SHORT;
	if (buf[LLC_OFF_TYPE] == LLC_CDC_TYPE)
		return SMC_LLC_BAD_NOT_LLC;
	version = buf[LLC_OFF_TYPE] >> 4;
	type = buf[LLC_OFF_TYPE] & 0x0f;
	if (version != SMC_LLC_V1 && version != SMC_LLC_V2)
		return SMC_LLC_BAD_VERSION;
	if (!llc_type_find(type, version))
		return SMC_LLC_BAD_TYPE;
	if (version == SMC_LLC_V1) {
		if (buf[LLC_OFF_LENGTH] != SMC_LLC_LEN)
			return SMC_LLC_BAD_LENGTH;
		return SMC_LLC_OK;
	}
	/* a big endian 44 passes too: it reads as 11264 */
	if (smc_get_le16(buf + LLC_OFF_LENGTH) < SMC_LLC_LEN)
		return SMC_LLC_BAD_LENGTH;
	if (type == SMC_LLC_ADD_LINK && len < SMC_LLC_V2_RTOKEN_OFF &&
	    !(buf[LLC_OFF_FLAGS] & LLC_F_REJECTED))
		return SMC_LLC_BAD_EXT;
	return SMC_LLC_OK;
}

/**
 * smc_llc_decode - read an LLC message
 * @buf: received bytes
 * @len: number of them, as the completion says
 * @msg: result; set only on success
 * @why: check that failed
 *
 * Counts are limited by what is there, so that they can be trusted. Whether
 * the version is that of the link group is for the caller to check.
 *
 * Return: 0, -EBADMSG for a malformed message, -EPROTONOSUPPORT for one of
 * another kind. Both are to be ignored.
 */
int smc_llc_decode(const u8 *buf, size_t len, struct smc_llc_msg *msg,
		   enum smc_llc_check *why)
{
	*why = llc_check(buf, len);
	if (*why != SMC_LLC_OK)
		return llc_checks[*why].err;

	memset(msg, 0, sizeof(*msg));
	msg->type = buf[LLC_OFF_TYPE] & 0x0f;
	msg->version = buf[LLC_OFF_TYPE] >> 4;
	msg->response = buf[LLC_OFF_FLAGS] & LLC_F_RESPONSE;
	llc_types[msg->type].decode(buf, len, msg);
	return 0;
}

static bool counts_fit(const struct smc_llc_msg *msg)
{
	switch (msg->type) {
	case SMC_LLC_CONFIRM_RKEY:
		return msg->confirm_rkey.nr_more <= SMC_LLC_MORE_RTOKENS;
	case SMC_LLC_DELETE_RKEY:
		return msg->delete_rkey.nr_rkeys <= SMC_LLC_DEL_RKEYS;
	case SMC_LLC_REQ_ADD_LINK:
		return msg->req_add_link.nr_gids <= SMC_LLC_MAX_GIDS;
	default:
		return true;
	}
}

/**
 * smc_llc_encode - write an LLC message
 * @msg: the message
 * @buf: where to
 * @size: bytes there
 *
 * The RToken pairs of a v2 Add Link are left zero; smc_llc_rtoken_put() fills
 * them in.
 *
 * Return: length of the message, -ENOSPC if @size is less, -EINVAL if there is
 * no such message.
 */
int smc_llc_encode(const struct smc_llc_msg *msg, u8 *buf, size_t size)
{
	const struct llc_type *t;
	size_t len = SMC_LLC_LEN;

	if (msg->version != SMC_LLC_V1 && msg->version != SMC_LLC_V2)
		return -EINVAL;
	t = llc_type_find(msg->type, msg->version);
	if (!t || !counts_fit(msg))
		return -EINVAL;
	if (t->size)
		len = t->size(msg);
	if (size < len)
		return -ENOSPC;

	memset(buf, 0, len);
	buf[LLC_OFF_TYPE] = msg->version << 4 | msg->type;
	if (msg->version == SMC_LLC_V1)
		buf[LLC_OFF_LENGTH] = len;
	else
		smc_put_le16(buf + LLC_OFF_LENGTH, len);
	if (msg->response)
		buf[LLC_OFF_FLAGS] = LLC_F_RESPONSE;
	t->encode(msg, buf);
	return len;
}

static bool pair_fits(size_t len, unsigned int idx)
{
	return idx < SMC_LLC_V2_MAX_RTOKENS &&
	       SMC_LLC_V2_RTOKEN_OFF + (idx + 1) * SMC_LLC_RTOKEN_LEN <= len;
}

/**
 * smc_llc_rtoken_get - read one RToken pair of a v2 Add Link
 * @buf: message that smc_llc_decode() found good
 * @len: bytes of it
 * @idx: which pair, less than nr_rtokens
 * @pair: result; set only on success
 *
 * Return: 0, or -EBADMSG if the message ends before the pair does.
 */
int smc_llc_rtoken_get(const u8 *buf, size_t len, unsigned int idx,
		       struct smc_llc_rtoken_pair *pair)
{
	if (!pair_fits(len, idx))
		return -EBADMSG;
	get_pair(buf + SMC_LLC_V2_RTOKEN_OFF + idx * SMC_LLC_RTOKEN_LEN, pair);
	return 0;
}

/**
 * smc_llc_rtoken_put - write one RToken pair of a v2 Add Link
 * @buf: message that smc_llc_encode() wrote
 * @size: bytes of it
 * @idx: which pair, less than nr_rtokens
 * @pair: the pair
 *
 * Return: 0, or -ENOSPC if the message ends before the pair does.
 */
int smc_llc_rtoken_put(u8 *buf, size_t size, unsigned int idx,
		       const struct smc_llc_rtoken_pair *pair)
{
	if (!pair_fits(size, idx))
		return -ENOSPC;
	put_pair(buf + SMC_LLC_V2_RTOKEN_OFF + idx * SMC_LLC_RTOKEN_LEN, pair);
	return 0;
}
