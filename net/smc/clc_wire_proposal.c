// SPDX-License-Identifier: GPL-2.0
/*
 * CLC messages: Proposal, bytes to and from host order; see also clc_wire.c.
 *
 * wire-protocol.md 2.4
 */
#include "clc_layout.h"
#include "clc_wire.h"

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
	enum smc_clc_check why = smc_clc_hdr_read(buf, len, hdr);

	if (why != SMC_CLC_OK)
		return why;
	if (hdr->type != SMC_CLC_PROPOSAL)
		return SMC_CLC_BAD_EXPECTED;
	if (hdr->length > SMC_CLC_MAX_LEN)
		return SMC_CLC_BAD_LENGTH;
	why = smc_clc_whole_check(buf, len, hdr, false);
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
		return smc_clc_check_err(*why);

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
	smc_clc_put_frame(buf, len, SMC_CLC_PROPOSAL, flags);
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
