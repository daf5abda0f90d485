// SPDX-License-Identifier: GPL-2.0
/*
 * CLC messages: bytes to and from host order.
 *
 * Each decode function first proves that everything it will read lies within
 * the message, then reads. Bytes beyond what is known are ignored.
 */
#include "clc_wire.h"

/* eye catchers: "SMCR" and "SMCD" in EBCDIC */
#define CLC_EYECATCHER_R	0xe2d4c3d9
#define CLC_EYECATCHER_D	0xe2d4c3c4
#define CLC_TRAILER_LEN		4

/* common header */
enum {
	HDR_OFF_EYECATCHER = 0,
	HDR_OFF_TYPE = 4,
	HDR_OFF_LENGTH = 5,
	HDR_OFF_FLAGS = 7,
};

#define HDR_VERSION_SHIFT	4
#define HDR_V2_TYPE_SHIFT	2
#define HDR_TYPE_MASK		0x03
#define HDR_FIRST_CONTACT	0x08
#define HDR_OUT_OF_SYNC		0x08

static_assert(HDR_OFF_FLAGS + 1 == SMC_CLC_HDR_LEN, "CLC header layout");

/* Proposal: base part and SMC-D / v2 subarea */
enum {
	PROP_OFF_PEER_ID = SMC_CLC_HDR_LEN,
	PROP_OFF_GID = 16,
	PROP_OFF_MAC = 32,
	PROP_OFF_IP_OFFSET = 38,
	PROP_BASE_LEN = 40,
	PROP_OFF_ISM_GID = PROP_BASE_LEN,
	PROP_OFF_ISM_CHID = 48,
	PROP_OFF_V2_OFFSET = 50,
	PROP_OFF_VENDOR_OUI = 52,
	PROP_OFF_VENDOR_OPTS = 55,
	PROP_OFF_RESERVED = 60,
	PROP_SUBAREA_LEN = 40,
	PROP_SUBAREA_END = PROP_BASE_LEN + PROP_SUBAREA_LEN,
	PROP_IP_OFFSET_BASE = 40,	/* where the offset counts from */
	PROP_V2_OFFSET_BASE = 52,	/* ditto */
};

static_assert(PROP_OFF_RESERVED + 20 == PROP_SUBAREA_END,
	      "Proposal layout");

/* Proposal: IP area */
enum {
	IP_OFF_SUBNET = 0,
	IP_OFF_PREFIX_LEN = 4,
	IP_OFF_NR_IPV6 = 7,
	IP_AREA_LEN = 8,
	IP6_OFF_ADDR = 0,
	IP6_OFF_LEN = 16,
	IP6_PREFIX_LEN = 17,
};

/* Proposal: v2 extension */
enum {
	V2_OFF_NR_EIDS = 0,
	V2_OFF_NR_ISM_GIDS = 1,
	V2_OFF_FLAGS = 3,
	V2_OFF_SMCD_OFFSET = 6,
	V2_SMCD_OFFSET_BASE = 8,	/* where the offset counts from */
	V2_OFF_GID = 8,
	V2_OFF_MAX_CONNS = 24,
	V2_OFF_MAX_LINKS = 25,
	V2_OFF_FEATURES = 26,
	V2_OFF_RESERVED = 28,
	V2_EXT_LEN = 40,
};

#define V2_RELEASE_SHIFT	4
#define V2_SEID_FLAG		0x01

static_assert(V2_OFF_RESERVED + 12 == V2_EXT_LEN, "v2 extension layout");

/* Proposal: SMC-D v2 extension */
enum {
	D2_OFF_SEID = 0,
	D2_OFF_RESERVED = 32,
	D2_EXT_LEN = 48,
	D2_GID_LEN = 10,
};

#define PROP_V2_OFFSET_MAX	172
#define V2_SMCD_OFFSET_MAX	288
#define PROP_MIN_LEN	(PROP_BASE_LEN + IP_AREA_LEN + CLC_TRAILER_LEN)

static_assert(PROP_SUBAREA_END + IP_AREA_LEN +
	      SMC_CLC_MAX_PREFIXES * IP6_PREFIX_LEN +
	      V2_EXT_LEN + SMC_CLC_MAX_EIDS * SMC_EID_LEN +
	      D2_EXT_LEN + SMC_CLC_MAX_ISM_GIDS * D2_GID_LEN +
	      CLC_TRAILER_LEN == SMC_CLC_MAX_LEN, "longest Proposal");

/* Accept and Confirm, SMC-R */
enum {
	ACC_OFF_PEER_ID = SMC_CLC_HDR_LEN,
	ACC_OFF_GID = 16,
	ACC_OFF_MAC = 32,
	ACC_OFF_QPN = 38,
	ACC_OFF_RKEY = 41,
	ACC_OFF_RMBE_IDX = 45,
	ACC_OFF_TOKEN = 46,
	ACC_OFF_SIZES = 50,
	ACC_OFF_VADDR = 52,
	ACC_OFF_PSN = 61,
	ACC_V1_LEN = 68,
	ACC_OFF_EID = 64,
	ACC_V2_LEN = 108,		/* not first contact */
	ACC_OFF_FCE = 104,
	ACC_V2_FCE_LEN = 160,		/* Accept, first contact */
	ACC_V2_SHORT_FCE_LEN = 144,	/* ditto, short extension */
	ACC_OFF_NR_GIDS = 156,
	ACC_OFF_GIDS = 160,
};

#define ACC_SIZE_SHIFT		4
#define ACC_MTU_MASK		0x0f
#define ACC_SMCD_MIN_LEN	48	/* SMC-D v1, the shortest */

/* first contact extension */
enum {
	FCE_OFF_FLAGS = 0,
	FCE_OFF_OS_RELEASE = 1,
	FCE_OFF_HOSTNAME = 4,
	FCE_OFF_MAX_CONNS = 36,
	FCE_OFF_MAX_LINKS = 37,
	FCE_OFF_FEATURES = 38,
	FCE_OFF_VENDOR_OPTS = 40,
	FCE_OFF_RESERVED = 44,
	FCE_LEN = 52,
};

#define FCE_DIRECT		0x80
#define FCE_OS_SHIFT		4
#define FCE_RELEASE_MASK	0x0f

static_assert(ACC_OFF_PSN + 3 + CLC_TRAILER_LEN == ACC_V1_LEN,
	      "Accept v1 layout");
static_assert(ACC_OFF_EID + SMC_EID_LEN + 8 == ACC_OFF_FCE,
	      "Accept v2 layout");
static_assert(ACC_OFF_FCE + CLC_TRAILER_LEN == ACC_V2_LEN,
	      "Accept v2 layout");
static_assert(FCE_OFF_RESERVED + 8 == FCE_LEN, "FCE layout");
static_assert(ACC_OFF_FCE + FCE_LEN + CLC_TRAILER_LEN == ACC_V2_FCE_LEN,
	      "Accept with FCE layout");
static_assert(ACC_OFF_FCE + FCE_LEN == ACC_OFF_NR_GIDS, "Confirm layout");

/* Decline */
enum {
	DECL_OFF_PEER_ID = SMC_CLC_HDR_LEN,
	DECL_OFF_DIAG = 16,
	DECL_OFF_OS = 20,
	DECL_V1_LEN = 28,
	DECL_OFF_MORE_DIAG = 24,
	DECL_V2_LEN = 44,
};

#define DECL_OS_SHIFT		4

static_assert(DECL_OFF_MORE_DIAG + 16 + CLC_TRAILER_LEN == DECL_V2_LEN,
	      "Decline layout");
static_assert(DECL_V2_LEN == SMC_CLC_DECLINE_MAX, "longest Decline");

static const struct {
	const char *name;
	int err;
} clc_checks[SMC_CLC_NR_CHECKS] = {
	[SMC_CLC_OK] = { "ok", 0 },
	[SMC_CLC_BAD_SHORT] = { "short", -EBADMSG },
	[SMC_CLC_BAD_EYECATCHER] = { "eyecatcher", -EBADMSG },
	[SMC_CLC_BAD_TYPE] = { "type", -EPROTO },
	[SMC_CLC_BAD_VERSION] = { "version", -EPROTO },
	[SMC_CLC_BAD_LENGTH] = { "length", -EBADMSG },
	[SMC_CLC_BAD_BUFFER] = { "buffer", -EBADMSG },
	[SMC_CLC_BAD_TRAILER] = { "trailer", -EBADMSG },
	[SMC_CLC_BAD_EXPECTED] = { "expected", -EPROTO },
	[SMC_CLC_BAD_OFFER] = { "offer", -EPROTO },
	[SMC_CLC_BAD_IP_OFFSET] = { "ip_offset", -EBADMSG },
	[SMC_CLC_BAD_NR_PREFIXES] = { "nr_prefixes", -EBADMSG },
	[SMC_CLC_BAD_PREFIX_LEN] = { "prefix_len", -EBADMSG },
	[SMC_CLC_BAD_V2_OFFSET] = { "v2_offset", -EBADMSG },
	[SMC_CLC_BAD_NR_EIDS] = { "nr_eids", -EBADMSG },
	[SMC_CLC_BAD_NR_ISM_GIDS] = { "nr_ism_gids", -EBADMSG },
	[SMC_CLC_BAD_TECH] = { "tech", -EPROTO },
	[SMC_CLC_BAD_SMCD] = { "smcd", -EPROTONOSUPPORT },
	[SMC_CLC_BAD_RMBE_IDX] = { "rmbe_idx", -EPROTO },
	[SMC_CLC_BAD_MTU] = { "mtu", -EPROTO },
	[SMC_CLC_BAD_NR_GIDS] = { "nr_gids", -EBADMSG },
};

/**
 * smc_clc_check_name - name of the check that failed
 * @why: the check
 *
 * Return: name for traces and counters.
 */
const char *smc_clc_check_name(enum smc_clc_check why)
{
	if ((unsigned int)why >= SMC_CLC_NR_CHECKS)
		return "unknown";
	return clc_checks[why].name;
}

static const char * const clc_type_names[] = {
	[SMC_CLC_PROPOSAL] = "Proposal",
	[SMC_CLC_ACCEPT] = "Accept",
	[SMC_CLC_CONFIRM] = "Confirm",
	[SMC_CLC_DECLINE] = "Decline",
};

/**
 * smc_clc_type_name - name of a message type
 * @type: the type
 *
 * Return: name as in RFC 7609.
 */
const char *smc_clc_type_name(enum smc_clc_type type)
{
	if (type < SMC_CLC_PROPOSAL || type > SMC_CLC_DECLINE)
		return "unknown";
	return clc_type_names[type];
}

static const struct {
	u32 diag;
	const char *name;
} clc_diags[] = {
	{ SMC_CLC_DECL_NONE, "none" },
	{ SMC_CLC_DECL_NO_MEMORY, "no_memory" },
	{ SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT, "confirm_link_timeout" },
	{ SMC_CLC_DECL_ADD_LINK_TIMEOUT, "add_link_timeout" },
	{ SMC_CLC_DECL_CONFIG, "config" },
	{ SMC_CLC_DECL_PEER_NO_SMC, "peer_no_smc" },
	{ SMC_CLC_DECL_IPSEC, "ipsec" },
	{ SMC_CLC_DECL_NO_DEVICE, "no_device" },
	{ SMC_CLC_DECL_NO_SMCD_DEVICE, "no_smcd_device" },
	{ SMC_CLC_DECL_NO_SMCR_DEVICE, "no_smcr_device" },
	{ SMC_CLC_DECL_NO_ISM_V2, "no_ism_v2" },
	{ SMC_CLC_DECL_NO_V2_EXT, "no_v2_ext" },
	{ SMC_CLC_DECL_NO_SMCD_V2_EXT, "no_smcd_v2_ext" },
	{ SMC_CLC_DECL_NO_SEID, "no_seid" },
	{ SMC_CLC_DECL_NO_SMCD_V2_DEVICE, "no_smcd_v2_device" },
	{ SMC_CLC_DECL_NO_UEID, "no_ueid" },
	{ SMC_CLC_DECL_RELEASE, "release" },
	{ SMC_CLC_DECL_MAX_CONNS, "max_conns" },
	{ SMC_CLC_DECL_MAX_LINKS, "max_links" },
	{ SMC_CLC_DECL_MODE, "mode" },
	{ SMC_CLC_DECL_RMBE_EYECATCHER, "rmbe_eyecatcher" },
	{ SMC_CLC_DECL_FASTOPEN, "fastopen" },
	{ SMC_CLC_DECL_PREFIX, "prefix" },
	{ SMC_CLC_DECL_VLAN, "vlan" },
	{ SMC_CLC_DECL_ISM_VLAN, "ism_vlan" },
	{ SMC_CLC_DECL_NO_ACTIVE_LINK, "no_active_link" },
	{ SMC_CLC_DECL_LINK_NOT_FOUND, "link_not_found" },
	{ SMC_CLC_DECL_VERSION, "version" },
	{ SMC_CLC_DECL_DMB_LIMIT, "dmb_limit" },
	{ SMC_CLC_DECL_NO_ROUTE, "no_route" },
	{ SMC_CLC_DECL_INDIRECT, "indirect" },
	{ SMC_CLC_DECL_SYNC, "sync" },
	{ SMC_CLC_DECL_PEER_DECLINED, "peer_declined" },
	{ SMC_CLC_DECL_INTERNAL, "internal" },
	{ SMC_CLC_DECL_RTOKEN, "rtoken" },
	{ SMC_CLC_DECL_QP_READY, "qp_ready" },
	{ SMC_CLC_DECL_RMB_REG, "rmb_reg" },
};

/**
 * smc_clc_diag_name - name of a peer diagnosis or fallback reason
 * @diag: enum smc_clc_diag, or any number a peer sent
 *
 * Return: name for traces and counters, "unknown" for other numbers.
 */
const char *smc_clc_diag_name(u32 diag)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clc_diags); i++)
		if (clc_diags[i].diag == diag)
			return clc_diags[i].name;
	return "unknown";
}

static bool is_eyecatcher(const u8 *p)
{
	u32 word = smc_get_be32(p);

	return word == CLC_EYECATCHER_R || word == CLC_EYECATCHER_D;
}

/* shortest message of a type and version; 0 for an unknown type */
static u16 min_length(u8 type, u8 version, u8 tech)
{
	switch (type) {
	case SMC_CLC_PROPOSAL:
		return PROP_MIN_LEN;
	case SMC_CLC_ACCEPT:
	case SMC_CLC_CONFIRM:
		if (tech != SMC_CLC_TECH_R)
			return ACC_SMCD_MIN_LEN;
		return version == SMC_CLC_V1 ? ACC_V1_LEN : ACC_V2_LEN;
	case SMC_CLC_DECLINE:
		return version == SMC_CLC_V1 ? DECL_V1_LEN : DECL_V2_LEN;
	default:
		return 0;
	}
}

static enum smc_clc_check hdr_check(const u8 *buf, size_t len)
{
	u8 version, min_len;

	if (len < SMC_CLC_HDR_LEN)
		return SMC_CLC_BAD_SHORT;
	if (!is_eyecatcher(buf + HDR_OFF_EYECATCHER))
		return SMC_CLC_BAD_EYECATCHER;
	version = buf[HDR_OFF_FLAGS] >> HDR_VERSION_SHIFT;
	min_len = min_length(buf[HDR_OFF_TYPE], version,
			     buf[HDR_OFF_FLAGS] & HDR_TYPE_MASK);
	if (!min_len)
		return SMC_CLC_BAD_TYPE;
	if (version < SMC_CLC_V1)
		return SMC_CLC_BAD_VERSION;
	if (smc_get_be16(buf + HDR_OFF_LENGTH) < min_len)
		return SMC_CLC_BAD_LENGTH;
	return SMC_CLC_OK;
}

static enum smc_clc_check hdr_read(const u8 *buf, size_t len,
				   struct smc_clc_hdr *hdr)
{
	enum smc_clc_check why = hdr_check(buf, len);
	u8 flags;

	if (why != SMC_CLC_OK)
		return why;

	memset(hdr, 0, sizeof(*hdr));
	flags = buf[HDR_OFF_FLAGS];
	hdr->type = buf[HDR_OFF_TYPE];
	hdr->length = smc_get_be16(buf + HDR_OFF_LENGTH);
	hdr->version = flags >> HDR_VERSION_SHIFT;
	hdr->smcd_eyecatcher =
		smc_get_be32(buf + HDR_OFF_EYECATCHER) == CLC_EYECATCHER_D;
	hdr->v1_type = SMC_CLC_OFFER_N;
	hdr->v2_type = SMC_CLC_OFFER_N;
	switch (hdr->type) {
	case SMC_CLC_PROPOSAL:
		hdr->v1_type = flags & HDR_TYPE_MASK;
		/* in version 1 these bits were reserved */
		if (hdr->version > SMC_CLC_V1)
			hdr->v2_type = flags >> HDR_V2_TYPE_SHIFT &
				       HDR_TYPE_MASK;
		break;
	case SMC_CLC_ACCEPT:
	case SMC_CLC_CONFIRM:
		hdr->first_contact = flags & HDR_FIRST_CONTACT;
		hdr->tech = flags & HDR_TYPE_MASK;
		break;
	case SMC_CLC_DECLINE:
		hdr->out_of_sync = flags & HDR_OUT_OF_SYNC;
		break;
	}
	return SMC_CLC_OK;
}

/**
 * smc_clc_hdr_decode - read the header of a CLC message
 * @buf: first bytes of the message
 * @len: number of them, SMC_CLC_HDR_LEN is enough
 * @hdr: result; set only on success
 * @why: check that failed
 *
 * Whether the type is the one expected is for the caller to check; a Decline
 * is always possible.
 *
 * Return: 0, -EBADMSG or -EPROTO.
 */
int smc_clc_hdr_decode(const u8 *buf, size_t len, struct smc_clc_hdr *hdr,
		       enum smc_clc_check *why)
{
	*why = hdr_read(buf, len, hdr);
	return clc_checks[*why].err;
}

/*
 * Does the buffer hold the message the header announces? A message too long
 * for any buffer of ours may have lost its tail, and with it its trailer, if
 * the type allows that (@cut_ok).
 */
static enum smc_clc_check whole_check(const u8 *buf, size_t len,
				      const struct smc_clc_hdr *hdr,
				      bool cut_ok)
{
	if (len == hdr->length) {
		if (!is_eyecatcher(buf + len - CLC_TRAILER_LEN))
			return SMC_CLC_BAD_TRAILER;
		return SMC_CLC_OK;
	}
	if (cut_ok && len == SMC_CLC_MAX_LEN && len < hdr->length)
		return SMC_CLC_OK;
	return SMC_CLC_BAD_BUFFER;
}

static void put_frame(u8 *buf, size_t len, enum smc_clc_type type, u8 flags)
{
	smc_put_be32(buf + HDR_OFF_EYECATCHER, CLC_EYECATCHER_R);
	buf[HDR_OFF_TYPE] = type;
	smc_put_be16(buf + HDR_OFF_LENGTH, len);
	buf[HDR_OFF_FLAGS] = flags;
	smc_put_be32(buf + len - CLC_TRAILER_LEN, CLC_EYECATCHER_R);
}

/**
 * struct prop_layout - where the parts of a Proposal are
 * @end: offset of the trailer
 * @ip: offset of the IP area, 0 if absent
 * @v2: offset of the v2 extension, 0 if absent
 * @d2: offset of the SMC-D v2 extension, 0 if absent
 * @subarea: the SMC-D / v2 subarea is present
 */
struct prop_layout {
	size_t end;
	size_t ip;
	size_t v2;
	size_t d2;
	bool subarea;
};

static enum smc_clc_check prefix_check(const u8 *ip)
{
	const u8 *p = ip + IP_AREA_LEN;
	unsigned int i;

	if (ip[IP_OFF_PREFIX_LEN] > 32)
		return SMC_CLC_BAD_PREFIX_LEN;
	for (i = 0; i < ip[IP_OFF_NR_IPV6]; i++, p += IP6_PREFIX_LEN)
		if (p[IP6_OFF_LEN] > 128)
			return SMC_CLC_BAD_PREFIX_LEN;
	return SMC_CLC_OK;
}

/* @length is what the counts seen so far add up to, without trailer */
static enum smc_clc_check ip_area_check(const u8 *buf, struct prop_layout *lay,
					size_t *length)
{
	size_t off = smc_get_be16(buf + PROP_OFF_IP_OFFSET);
	u8 nr;

	if (off > PROP_SUBAREA_LEN)
		return SMC_CLC_BAD_IP_OFFSET;
	lay->subarea = off == PROP_SUBAREA_LEN;
	lay->ip = PROP_IP_OFFSET_BASE + off;
	if (lay->ip + IP_AREA_LEN > lay->end)
		return SMC_CLC_BAD_LENGTH;
	nr = buf[lay->ip + IP_OFF_NR_IPV6];
	if (nr > SMC_CLC_MAX_PREFIXES)
		return SMC_CLC_BAD_NR_PREFIXES;
	*length = lay->ip + IP_AREA_LEN + nr * IP6_PREFIX_LEN;
	if (*length > lay->end)
		return SMC_CLC_BAD_LENGTH;
	return prefix_check(buf + lay->ip);
}

/* a bad offset makes the extension absent, and is no error */
static size_t smcd_v2_find(const u8 *buf, const struct prop_layout *lay)
{
	size_t off = smc_get_be16(buf + lay->v2 + V2_OFF_SMCD_OFFSET);
	size_t d2 = lay->v2 + V2_SMCD_OFFSET_BASE + off;

	if (!off || off > V2_SMCD_OFFSET_MAX)
		return 0;
	if (d2 + D2_EXT_LEN + buf[lay->v2 + V2_OFF_NR_ISM_GIDS] * D2_GID_LEN >
	    lay->end)
		return 0;
	return d2;
}

static enum smc_clc_check v2_ext_check(const u8 *buf,
				       const struct smc_clc_hdr *hdr,
				       struct prop_layout *lay, size_t *length)
{
	size_t off = smc_get_be16(buf + PROP_OFF_V2_OFFSET);
	size_t ext_len;

	lay->v2 = PROP_V2_OFFSET_BASE + off;
	if (lay->v2 < PROP_SUBAREA_END || off > PROP_V2_OFFSET_MAX)
		return SMC_CLC_BAD_V2_OFFSET;
	if (lay->v2 + V2_EXT_LEN > lay->end)
		return SMC_CLC_BAD_LENGTH;
	if (buf[lay->v2 + V2_OFF_NR_EIDS] > SMC_CLC_MAX_EIDS)
		return SMC_CLC_BAD_NR_EIDS;
	ext_len = V2_EXT_LEN + buf[lay->v2 + V2_OFF_NR_EIDS] * SMC_EID_LEN;
	if (lay->v2 + ext_len > lay->end)
		return SMC_CLC_BAD_LENGTH;
	*length += ext_len;
	if (!smc_clc_offers_d(hdr->v2_type))
		return SMC_CLC_OK;
	if (buf[lay->v2 + V2_OFF_NR_ISM_GIDS] > SMC_CLC_MAX_ISM_GIDS)
		return SMC_CLC_BAD_NR_ISM_GIDS;
	*length += D2_EXT_LEN +
		   buf[lay->v2 + V2_OFF_NR_ISM_GIDS] * D2_GID_LEN;
	lay->d2 = smcd_v2_find(buf, lay);
	return SMC_CLC_OK;
}

/* version 1: the RFC form, or with a subarea in front of the IP area */
static enum smc_clc_check prop_v1_check(const u8 *buf,
					const struct smc_clc_hdr *hdr,
					struct prop_layout *lay)
{
	enum smc_clc_check why;
	size_t length;

	if (hdr->v1_type == SMC_CLC_OFFER_N)
		return SMC_CLC_BAD_OFFER;
	why = ip_area_check(buf, lay, &length);
	if (why == SMC_CLC_OK && length != lay->end)
		why = SMC_CLC_BAD_LENGTH;
	return why;
}

/* version 2 and up: the subarea is always there */
static enum smc_clc_check prop_v2_check(const u8 *buf,
					const struct smc_clc_hdr *hdr,
					struct prop_layout *lay)
{
	size_t length = PROP_SUBAREA_END;
	enum smc_clc_check why;

	if (lay->end < PROP_SUBAREA_END)
		return SMC_CLC_BAD_LENGTH;
	lay->subarea = true;
	if (hdr->v1_type != SMC_CLC_OFFER_N) {
		why = ip_area_check(buf, lay, &length);
		if (why != SMC_CLC_OK)
			return why;
		if (!lay->subarea)
			return SMC_CLC_BAD_IP_OFFSET;
	}
	if (hdr->v2_type != SMC_CLC_OFFER_N) {
		why = v2_ext_check(buf, hdr, lay, &length);
		if (why != SMC_CLC_OK)
			return why;
	}
	return length == lay->end ? SMC_CLC_OK : SMC_CLC_BAD_LENGTH;
}

static enum smc_clc_check prop_check(const u8 *buf, size_t len,
				     struct smc_clc_hdr *hdr,
				     struct prop_layout *lay)
{
	enum smc_clc_check why = hdr_read(buf, len, hdr);

	if (why != SMC_CLC_OK)
		return why;
	if (hdr->type != SMC_CLC_PROPOSAL)
		return SMC_CLC_BAD_EXPECTED;
	if (hdr->length > SMC_CLC_MAX_LEN)
		return SMC_CLC_BAD_LENGTH;
	why = whole_check(buf, len, hdr, false);
	if (why != SMC_CLC_OK)
		return why;
	memset(lay, 0, sizeof(*lay));
	lay->end = len - CLC_TRAILER_LEN;
	if (hdr->version == SMC_CLC_V1)
		return prop_v1_check(buf, hdr, lay);
	return prop_v2_check(buf, hdr, lay);
}

static void ip_area_decode(const u8 *ip, struct smc_clc_proposal *prop)
{
	const u8 *p = ip + IP_AREA_LEN;
	unsigned int i;

	prop->ipv4_subnet = smc_get_be32(ip + IP_OFF_SUBNET);
	prop->ipv4_prefix_len = ip[IP_OFF_PREFIX_LEN];
	prop->nr_ipv6 = ip[IP_OFF_NR_IPV6];
	for (i = 0; i < prop->nr_ipv6; i++, p += IP6_PREFIX_LEN) {
		memcpy(prop->ipv6[i].addr, p + IP6_OFF_ADDR,
		       sizeof(prop->ipv6[i].addr));
		prop->ipv6[i].len = p[IP6_OFF_LEN];
	}
}

static void subarea_decode(const u8 *buf, struct smc_clc_proposal *prop)
{
	prop->has_subarea = true;
	prop->ism_gid = smc_get_be64(buf + PROP_OFF_ISM_GID);
	prop->ism_chid = smc_get_be16(buf + PROP_OFF_ISM_CHID);
	memcpy(prop->vendor_oui, buf + PROP_OFF_VENDOR_OUI, SMC_CLC_OUI_LEN);
	memcpy(prop->vendor_opts, buf + PROP_OFF_VENDOR_OPTS,
	       SMC_CLC_PROP_VENDOR_LEN);
}

static void v2_ext_decode(const u8 *v2, struct smc_clc_proposal *prop)
{
	prop->has_v2_ext = true;
	prop->release = v2[V2_OFF_FLAGS] >> V2_RELEASE_SHIFT;
	prop->seid_flag = v2[V2_OFF_FLAGS] & V2_SEID_FLAG;
	memcpy(prop->gid_v2, v2 + V2_OFF_GID, SMC_GID_LEN);
	prop->nr_eids = v2[V2_OFF_NR_EIDS];
	memcpy(prop->eids, v2 + V2_EXT_LEN, prop->nr_eids * SMC_EID_LEN);
	if (prop->release < SMC_RELEASE_2_1)
		return;
	prop->max_conns = v2[V2_OFF_MAX_CONNS];
	prop->max_links = v2[V2_OFF_MAX_LINKS];
	prop->feature_mask = smc_get_be16(v2 + V2_OFF_FEATURES);
}

/**
 * smc_clc_proposal_decode - read a Proposal
 * @buf: the whole message
 * @len: length of it
 * @prop: result; set only on success
 * @why: check that failed
 *
 * Return: 0, -EBADMSG or -EPROTO.
 */
int smc_clc_proposal_decode(const u8 *buf, size_t len,
			    struct smc_clc_proposal *prop,
			    enum smc_clc_check *why)
{
	struct prop_layout lay;
	struct smc_clc_hdr hdr;

	*why = prop_check(buf, len, &hdr, &lay);
	if (*why != SMC_CLC_OK)
		return clc_checks[*why].err;

	memset(prop, 0, sizeof(*prop));
	prop->version = hdr.version;
	prop->v1_type = hdr.v1_type;
	prop->v2_type = hdr.v2_type;
	memcpy(prop->peer_id, buf + PROP_OFF_PEER_ID, SMC_PEER_ID_LEN);
	memcpy(prop->gid_v1, buf + PROP_OFF_GID, SMC_GID_LEN);
	memcpy(prop->mac, buf + PROP_OFF_MAC, SMC_MAC_LEN);
	if (lay.subarea)
		subarea_decode(buf, prop);
	if (lay.ip)
		ip_area_decode(buf + lay.ip, prop);
	if (lay.v2)
		v2_ext_decode(buf + lay.v2, prop);
	if (lay.d2) {
		prop->has_smcd_v2_ext = true;
		prop->nr_ism_gids = buf[lay.v2 + V2_OFF_NR_ISM_GIDS];
		memcpy(prop->seid, buf + lay.d2 + D2_OFF_SEID, SMC_EID_LEN);
	}
	return 0;
}

static void ip_area_encode(const struct smc_clc_proposal *prop, u8 *ip)
{
	u8 *p = ip + IP_AREA_LEN;
	unsigned int i;

	smc_put_be32(ip + IP_OFF_SUBNET, prop->ipv4_subnet);
	ip[IP_OFF_PREFIX_LEN] = prop->ipv4_prefix_len;
	ip[IP_OFF_NR_IPV6] = prop->nr_ipv6;
	for (i = 0; i < prop->nr_ipv6; i++, p += IP6_PREFIX_LEN) {
		memcpy(p + IP6_OFF_ADDR, prop->ipv6[i].addr,
		       sizeof(prop->ipv6[i].addr));
		p[IP6_OFF_LEN] = prop->ipv6[i].len;
	}
}

static void v2_ext_encode(const struct smc_clc_proposal *prop, u8 *v2)
{
	v2[V2_OFF_NR_EIDS] = prop->nr_eids;
	v2[V2_OFF_FLAGS] = prop->release << V2_RELEASE_SHIFT |
			   (prop->seid_flag ? V2_SEID_FLAG : 0);
	memcpy(v2 + V2_OFF_GID, prop->gid_v2, SMC_GID_LEN);
	memcpy(v2 + V2_EXT_LEN, prop->eids, prop->nr_eids * SMC_EID_LEN);
	if (prop->release < SMC_RELEASE_2_1)
		return;
	v2[V2_OFF_MAX_CONNS] = prop->max_conns;
	v2[V2_OFF_MAX_LINKS] = prop->max_links;
	smc_put_be16(v2 + V2_OFF_FEATURES, prop->feature_mask);
}

static bool prop_can_encode(const struct smc_clc_proposal *prop)
{
	return prop->version >= SMC_CLC_V1 && prop->version <= 15 &&
	       prop->v1_type <= SMC_CLC_OFFER_B &&
	       (prop->v2_type == SMC_CLC_OFFER_R ||
		prop->v2_type == SMC_CLC_OFFER_N) &&
	       (prop->version > SMC_CLC_V1 ||
		(prop->v1_type != SMC_CLC_OFFER_N &&
		 prop->v2_type == SMC_CLC_OFFER_N)) &&
	       prop->nr_ipv6 <= SMC_CLC_MAX_PREFIXES &&
	       prop->nr_eids <= SMC_CLC_MAX_EIDS && prop->release <= 15;
}

/**
 * smc_clc_proposal_encode - write a Proposal in the form Linux uses
 * @prop: the message; version 2, or version 1 for the sake of tests
 * @buf: where to
 * @size: bytes there, SMC_CLC_MAX_LEN is always enough
 *
 * The subarea is always written, the v2 extension without SMC-D.
 *
 * Return: length of the message, -ENOSPC if @size is less, -EINVAL if there is
 * no such message.
 */
int smc_clc_proposal_encode(const struct smc_clc_proposal *prop, u8 *buf,
			    size_t size)
{
	bool v1 = prop->v1_type != SMC_CLC_OFFER_N;
	bool v2 = prop->v2_type != SMC_CLC_OFFER_N;
	size_t ip = PROP_SUBAREA_END;
	size_t ext, len;
	u8 flags;

	if (!prop_can_encode(prop))
		return -EINVAL;
	ext = ip + (v1 ? IP_AREA_LEN + prop->nr_ipv6 * IP6_PREFIX_LEN : 0);
	len = ext + (v2 ? V2_EXT_LEN + prop->nr_eids * SMC_EID_LEN : 0) +
	      CLC_TRAILER_LEN;
	if (size < len)
		return -ENOSPC;

	memset(buf, 0, len);
	flags = prop->version << HDR_VERSION_SHIFT | prop->v1_type;
	if (prop->version > SMC_CLC_V1)
		flags |= prop->v2_type << HDR_V2_TYPE_SHIFT;
	put_frame(buf, len, SMC_CLC_PROPOSAL, flags);
	memcpy(buf + PROP_OFF_PEER_ID, prop->peer_id, SMC_PEER_ID_LEN);
	memcpy(buf + PROP_OFF_GID, prop->gid_v1, SMC_GID_LEN);
	memcpy(buf + PROP_OFF_MAC, prop->mac, SMC_MAC_LEN);
	smc_put_be64(buf + PROP_OFF_ISM_GID, prop->ism_gid);
	smc_put_be16(buf + PROP_OFF_ISM_CHID, prop->ism_chid);
	memcpy(buf + PROP_OFF_VENDOR_OUI, prop->vendor_oui, SMC_CLC_OUI_LEN);
	memcpy(buf + PROP_OFF_VENDOR_OPTS, prop->vendor_opts,
	       SMC_CLC_PROP_VENDOR_LEN);
	if (v1) {
		smc_put_be16(buf + PROP_OFF_IP_OFFSET,
			     ip - PROP_IP_OFFSET_BASE);
		ip_area_encode(prop, buf + ip);
	}
	if (v2) {
		smc_put_be16(buf + PROP_OFF_V2_OFFSET,
			     ext - PROP_V2_OFFSET_BASE);
		v2_ext_encode(prop, buf + ext);
	}
	return len;
}

static bool has_fce(u8 version, bool first_contact)
{
	return version >= SMC_CLC_V2 && first_contact;
}

static enum smc_clc_check acc_length_check(const struct smc_clc_hdr *hdr)
{
	u16 length = hdr->length;

	if (hdr->version == SMC_CLC_V1)
		return length == ACC_V1_LEN ? SMC_CLC_OK : SMC_CLC_BAD_LENGTH;
	if (has_fce(hdr->version, hdr->first_contact) &&
	    length < ACC_V2_SHORT_FCE_LEN)
		return SMC_CLC_BAD_LENGTH;
	return SMC_CLC_OK;
}

/* bytes of the message that are there, without trailer */
static size_t acc_end(size_t len, const struct smc_clc_hdr *hdr)
{
	return len < hdr->length ? len : len - CLC_TRAILER_LEN;
}

static bool has_gid_list(size_t end, const struct smc_clc_hdr *hdr)
{
	return hdr->type == SMC_CLC_CONFIRM &&
	       has_fce(hdr->version, hdr->first_contact) &&
	       end >= ACC_OFF_GIDS;
}

static enum smc_clc_check acc_field_check(const u8 *buf, size_t end,
					  const struct smc_clc_hdr *hdr)
{
	if (!buf[ACC_OFF_RMBE_IDX])
		return SMC_CLC_BAD_RMBE_IDX;
	if (hdr->first_contact && !(buf[ACC_OFF_SIZES] & ACC_MTU_MASK))
		return SMC_CLC_BAD_MTU;
	if (has_gid_list(end, hdr) &&
	    ACC_OFF_GIDS + buf[ACC_OFF_NR_GIDS] * SMC_GID_LEN >
	    hdr->length - CLC_TRAILER_LEN)
		return SMC_CLC_BAD_NR_GIDS;
	return SMC_CLC_OK;
}

static enum smc_clc_check acc_check(const u8 *buf, size_t len,
				    const struct smc_clc_hdr *hdr)
{
	enum smc_clc_check why;

	if (hdr->version > SMC_CLC_V2)
		return SMC_CLC_BAD_VERSION;
	if (hdr->tech > SMC_CLC_TECH_D)
		return SMC_CLC_BAD_TECH;
	if (hdr->tech == SMC_CLC_TECH_D)
		return SMC_CLC_BAD_SMCD;
	why = acc_length_check(hdr);
	if (why != SMC_CLC_OK)
		return why;
	why = whole_check(buf, len, hdr, true);
	if (why != SMC_CLC_OK)
		return why;
	return acc_field_check(buf, acc_end(len, hdr), hdr);
}

static void fce_decode(const u8 *p, bool full, struct smc_clc_fce *fce)
{
	fce->direct = p[FCE_OFF_FLAGS] & FCE_DIRECT;
	fce->os = p[FCE_OFF_OS_RELEASE] >> FCE_OS_SHIFT;
	fce->release = p[FCE_OFF_OS_RELEASE] & FCE_RELEASE_MASK;
	memcpy(fce->hostname, p + FCE_OFF_HOSTNAME, SMC_HOSTNAME_LEN);
	if (!full)
		return;
	fce->max_conns = p[FCE_OFF_MAX_CONNS];
	fce->max_links = p[FCE_OFF_MAX_LINKS];
	fce->feature_mask = smc_get_be16(p + FCE_OFF_FEATURES);
	memcpy(fce->vendor_opts, p + FCE_OFF_VENDOR_OPTS,
	       SMC_CLC_FCE_VENDOR_LEN);
}

static void acc_base_decode(const u8 *buf, struct smc_clc_accept *acc)
{
	memcpy(acc->peer_id, buf + ACC_OFF_PEER_ID, SMC_PEER_ID_LEN);
	memcpy(acc->gid, buf + ACC_OFF_GID, SMC_GID_LEN);
	memcpy(acc->mac, buf + ACC_OFF_MAC, SMC_MAC_LEN);
	acc->qpn = smc_get_be24(buf + ACC_OFF_QPN);
	acc->rkey = smc_get_be32(buf + ACC_OFF_RKEY);
	acc->rmbe_idx = buf[ACC_OFF_RMBE_IDX];
	acc->token = smc_get_be32(buf + ACC_OFF_TOKEN);
	acc->rmbe_size_c = buf[ACC_OFF_SIZES] >> ACC_SIZE_SHIFT;
	acc->mtu = buf[ACC_OFF_SIZES] & ACC_MTU_MASK;
	acc->vaddr = smc_get_be64(buf + ACC_OFF_VADDR);
	acc->psn = smc_get_be24(buf + ACC_OFF_PSN);
}

static void acc_v2_decode(const u8 *buf, size_t end,
			  const struct smc_clc_hdr *hdr,
			  struct smc_clc_accept *acc)
{
	unsigned int i;

	memcpy(acc->eid, buf + ACC_OFF_EID, SMC_EID_LEN);
	if (!has_fce(hdr->version, hdr->first_contact))
		return;
	fce_decode(buf + ACC_OFF_FCE, end >= ACC_OFF_FCE + FCE_LEN,
		   &acc->fce);
	if (!has_gid_list(end, hdr))
		return;
	for (i = 0; i < buf[ACC_OFF_NR_GIDS] && i < SMC_CLC_MAX_GIDS; i++)
		memcpy(acc->gids[i], buf + ACC_OFF_GIDS + i * SMC_GID_LEN,
		       SMC_GID_LEN);
	acc->nr_gids = i;
}

/**
 * smc_clc_accept_decode - read an Accept or Confirm for SMC-R
 * @buf: the message, or its first SMC_CLC_MAX_LEN bytes if it is longer
 * @len: number of bytes there
 * @acc: result; on failure only type, version, first_contact and tech can be
 *	set, and are so if the check that failed is SMC_CLC_BAD_SMCD
 * @why: check that failed
 *
 * Version 2 messages may be longer than known. Whether it is an Accept or a
 * Confirm, and of the version wanted, is for the caller to check.
 *
 * Return: 0, -EBADMSG or -EPROTO, or -EPROTONOSUPPORT if the peer chose SMC-D.
 */
int smc_clc_accept_decode(const u8 *buf, size_t len,
			  struct smc_clc_accept *acc, enum smc_clc_check *why)
{
	struct smc_clc_hdr hdr;

	*why = hdr_read(buf, len, &hdr);
	if (*why != SMC_CLC_OK)
		return clc_checks[*why].err;
	if (hdr.type != SMC_CLC_ACCEPT && hdr.type != SMC_CLC_CONFIRM) {
		*why = SMC_CLC_BAD_EXPECTED;
		return clc_checks[*why].err;
	}

	memset(acc, 0, sizeof(*acc));
	acc->type = hdr.type;
	acc->version = hdr.version;
	acc->first_contact = hdr.first_contact;
	acc->tech = hdr.tech;
	*why = acc_check(buf, len, &hdr);
	if (*why != SMC_CLC_OK)
		return clc_checks[*why].err;

	acc_base_decode(buf, acc);
	if (hdr.version >= SMC_CLC_V2)
		acc_v2_decode(buf, acc_end(len, &hdr), &hdr, acc);
	return 0;
}

static void fce_encode(const struct smc_clc_fce *fce, u8 *p)
{
	p[FCE_OFF_FLAGS] = fce->direct ? FCE_DIRECT : 0;
	p[FCE_OFF_OS_RELEASE] = fce->os << FCE_OS_SHIFT |
				(fce->release & FCE_RELEASE_MASK);
	memcpy(p + FCE_OFF_HOSTNAME, fce->hostname, SMC_HOSTNAME_LEN);
	p[FCE_OFF_MAX_CONNS] = fce->max_conns;
	p[FCE_OFF_MAX_LINKS] = fce->max_links;
	smc_put_be16(p + FCE_OFF_FEATURES, fce->feature_mask);
	memcpy(p + FCE_OFF_VENDOR_OPTS, fce->vendor_opts,
	       SMC_CLC_FCE_VENDOR_LEN);
}

static void acc_base_encode(const struct smc_clc_accept *acc, u8 *buf)
{
	memcpy(buf + ACC_OFF_PEER_ID, acc->peer_id, SMC_PEER_ID_LEN);
	memcpy(buf + ACC_OFF_GID, acc->gid, SMC_GID_LEN);
	memcpy(buf + ACC_OFF_MAC, acc->mac, SMC_MAC_LEN);
	smc_put_be24(buf + ACC_OFF_QPN, acc->qpn);
	smc_put_be32(buf + ACC_OFF_RKEY, acc->rkey);
	buf[ACC_OFF_RMBE_IDX] = acc->rmbe_idx;
	smc_put_be32(buf + ACC_OFF_TOKEN, acc->token);
	buf[ACC_OFF_SIZES] = acc->rmbe_size_c << ACC_SIZE_SHIFT |
			     (acc->mtu & ACC_MTU_MASK);
	smc_put_be64(buf + ACC_OFF_VADDR, acc->vaddr);
	smc_put_be24(buf + ACC_OFF_PSN, acc->psn);
}

static size_t acc_encoded_len(const struct smc_clc_accept *acc)
{
	if (acc->version == SMC_CLC_V1)
		return ACC_V1_LEN;
	if (!acc->first_contact)
		return ACC_V2_LEN;
	if (acc->type == SMC_CLC_ACCEPT)
		return ACC_V2_FCE_LEN;
	return ACC_OFF_GIDS + acc->nr_gids * SMC_GID_LEN + CLC_TRAILER_LEN;
}

static bool acc_can_encode(const struct smc_clc_accept *acc)
{
	return (acc->type == SMC_CLC_ACCEPT || acc->type == SMC_CLC_CONFIRM) &&
	       (acc->version == SMC_CLC_V1 || acc->version == SMC_CLC_V2) &&
	       acc->tech == SMC_CLC_TECH_R &&
	       acc->nr_gids <= SMC_CLC_MAX_GIDS;
}

/**
 * smc_clc_accept_encode - write an Accept or Confirm for SMC-R
 * @acc: the message
 * @buf: where to
 * @size: bytes there, SMC_CLC_MAX_LEN is always enough
 *
 * Return: length of the message, -ENOSPC if @size is less, -EINVAL if there is
 * no such message.
 */
int smc_clc_accept_encode(const struct smc_clc_accept *acc, u8 *buf,
			  size_t size)
{
	bool fce = has_fce(acc->version, acc->first_contact);
	size_t len;

	if (!acc_can_encode(acc))
		return -EINVAL;
	len = acc_encoded_len(acc);
	if (size < len)
		return -ENOSPC;

	memset(buf, 0, len);
	put_frame(buf, len, acc->type,
		  acc->version << HDR_VERSION_SHIFT |
		  (acc->first_contact ? HDR_FIRST_CONTACT : 0) | acc->tech);
	acc_base_encode(acc, buf);
	if (acc->version >= SMC_CLC_V2)
		memcpy(buf + ACC_OFF_EID, acc->eid, SMC_EID_LEN);
	if (fce)
		fce_encode(&acc->fce, buf + ACC_OFF_FCE);
	if (fce && acc->type == SMC_CLC_CONFIRM) {
		buf[ACC_OFF_NR_GIDS] = acc->nr_gids;
		memcpy(buf + ACC_OFF_GIDS, acc->gids,
		       acc->nr_gids * SMC_GID_LEN);
	}
	return len;
}

/**
 * smc_clc_decline_decode - read a Decline
 * @buf: the whole message
 * @len: length of it
 * @decl: result; set only on success
 * @why: check that failed
 *
 * The trailer is not checked, as Linux does not either.
 *
 * Return: 0, -EBADMSG or -EPROTO.
 */
int smc_clc_decline_decode(const u8 *buf, size_t len,
			   struct smc_clc_decline *decl,
			   enum smc_clc_check *why)
{
	struct smc_clc_hdr hdr;
	bool v1;

	*why = hdr_read(buf, len, &hdr);
	if (*why != SMC_CLC_OK)
		return clc_checks[*why].err;
	v1 = hdr.version == SMC_CLC_V1;
	if (hdr.type != SMC_CLC_DECLINE)
		*why = SMC_CLC_BAD_EXPECTED;
	else if (hdr.length != (v1 ? DECL_V1_LEN : DECL_V2_LEN))
		*why = SMC_CLC_BAD_LENGTH;
	else if (len != hdr.length)
		*why = SMC_CLC_BAD_BUFFER;
	if (*why != SMC_CLC_OK)
		return clc_checks[*why].err;

	memset(decl, 0, sizeof(*decl));
	decl->version = hdr.version;
	decl->out_of_sync = hdr.out_of_sync;
	memcpy(decl->peer_id, buf + DECL_OFF_PEER_ID, SMC_PEER_ID_LEN);
	decl->diag = smc_get_be32(buf + DECL_OFF_DIAG);
	if (!v1)
		decl->os = buf[DECL_OFF_OS] >> DECL_OS_SHIFT;
	return 0;
}

/**
 * smc_clc_decline_encode - write a Decline
 * @decl: the message
 * @buf: where to
 * @size: bytes there
 *
 * Return: length of the message, -ENOSPC if @size is less, -EINVAL if there is
 * no such message.
 */
int smc_clc_decline_encode(const struct smc_clc_decline *decl, u8 *buf,
			   size_t size)
{
	bool v1 = decl->version == SMC_CLC_V1;
	size_t len = v1 ? DECL_V1_LEN : DECL_V2_LEN;

	if (decl->version < SMC_CLC_V1 || decl->version > 15)
		return -EINVAL;
	if (size < len)
		return -ENOSPC;

	memset(buf, 0, len);
	put_frame(buf, len, SMC_CLC_DECLINE,
		  decl->version << HDR_VERSION_SHIFT |
		  (decl->out_of_sync ? HDR_OUT_OF_SYNC : 0));
	memcpy(buf + DECL_OFF_PEER_ID, decl->peer_id, SMC_PEER_ID_LEN);
	smc_put_be32(buf + DECL_OFF_DIAG, decl->diag);
	if (!v1)
		buf[DECL_OFF_OS] = decl->os << DECL_OS_SHIFT;
	return len;
}
