// SPDX-License-Identifier: GPL-2.0
/*
 * CLC messages: bytes to and from host order. Here is what they have in common,
 * and Decline.
 *
 * Each decode function first proves that everything it will read lies within
 * the message, then reads. Bytes beyond what is known are ignored.
 */
#include "clc_layout.h"
#include "clc_wire.h"

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
 * smc_clc_check_err - what a failed check is to the caller
 * @why: the check
 *
 * Return: 0 for SMC_CLC_OK, else a negative errno.
 */
int smc_clc_check_err(enum smc_clc_check why)
{
	return clc_checks[why].err;
}

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

/**
 * smc_clc_hdr_read - check and read the header
 * @buf: first bytes of the message
 * @len: number of them
 * @hdr: result; set only on success
 *
 * Return: SMC_CLC_OK or the check that failed.
 */
enum smc_clc_check smc_clc_hdr_read(const u8 *buf, size_t len,
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
	*why = smc_clc_hdr_read(buf, len, hdr);
	return smc_clc_check_err(*why);
}

/**
 * smc_clc_whole_check - does the buffer hold the message the header announces?
 * @buf: the message
 * @len: bytes there
 * @hdr: its header
 * @cut_ok: a message too long for any buffer of ours may have lost its tail,
 *	and with it its trailer
 *
 * Return: SMC_CLC_OK or the check that failed.
 */
enum smc_clc_check smc_clc_whole_check(const u8 *buf, size_t len,
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

/**
 * smc_clc_put_frame - write header and trailer
 * @buf: the message, zeroed
 * @len: its length
 * @type: its type
 * @flags: last byte of the header
 */
void smc_clc_put_frame(u8 *buf, size_t len, enum smc_clc_type type, u8 flags)
{
	smc_put_be32(buf + HDR_OFF_EYECATCHER, CLC_EYECATCHER_R);
	buf[HDR_OFF_TYPE] = type;
	smc_put_be16(buf + HDR_OFF_LENGTH, len);
	buf[HDR_OFF_FLAGS] = flags;
	smc_put_be32(buf + len - CLC_TRAILER_LEN, CLC_EYECATCHER_R);
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

	*why = smc_clc_hdr_read(buf, len, &hdr);
	if (*why != SMC_CLC_OK)
		return smc_clc_check_err(*why);
	v1 = hdr.version == SMC_CLC_V1;
	if (hdr.type != SMC_CLC_DECLINE)
		*why = SMC_CLC_BAD_EXPECTED;
	else if (hdr.length != (v1 ? DECL_V1_LEN : DECL_V2_LEN))
		*why = SMC_CLC_BAD_LENGTH;
	else if (len != hdr.length)
		*why = SMC_CLC_BAD_BUFFER;
	if (*why != SMC_CLC_OK)
		return smc_clc_check_err(*why);

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
	smc_clc_put_frame(buf, len, SMC_CLC_DECLINE,
			  decl->version << HDR_VERSION_SHIFT |
			  (decl->out_of_sync ? HDR_OUT_OF_SYNC : 0));
	memcpy(buf + DECL_OFF_PEER_ID, decl->peer_id, SMC_PEER_ID_LEN);
	smc_put_be32(buf + DECL_OFF_DIAG, decl->diag);
	if (!v1)
		buf[DECL_OFF_OS] = decl->os << DECL_OS_SHIFT;
	return len;
}
