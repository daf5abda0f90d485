// SPDX-License-Identifier: GPL-2.0
/*
 * CLC messages: Accept and Confirm, bytes to and from host order; see also
 * clc_wire.c.
 *
 * wire-protocol.md 2.5
 */
#include "clc_layout.h"
#include "clc_wire.h"

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
	why = smc_clc_whole_check(buf, len, hdr, true);
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

	*why = smc_clc_hdr_read(buf, len, &hdr);
	if (*why != SMC_CLC_OK)
		return smc_clc_check_err(*why);
	if (hdr.type != SMC_CLC_ACCEPT && hdr.type != SMC_CLC_CONFIRM) {
		*why = SMC_CLC_BAD_EXPECTED;
		return smc_clc_check_err(*why);
	}

	memset(acc, 0, sizeof(*acc));
	acc->type = hdr.type;
	acc->version = hdr.version;
	acc->first_contact = hdr.first_contact;
	acc->tech = hdr.tech;
	*why = acc_check(buf, len, &hdr);
	if (*why != SMC_CLC_OK)
		return smc_clc_check_err(*why);

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
	smc_clc_put_frame(buf, len, acc->type,
			  acc->version << HDR_VERSION_SHIFT |
			  (acc->first_contact ? HDR_FIRST_CONTACT : 0) |
			  acc->tech);
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
