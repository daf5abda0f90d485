// SPDX-License-Identifier: GPL-2.0
/*
 * What two ends agree on in CLC messages.
 *
 * The server sees what is offered, takes what it can do too, and rules out
 * version by version what fails later; it declines with the reason of the
 * first. The client checks what the server made of its offer, and the server
 * checks that the client has understood that.
 *
 * wire-protocol.md 2.4.3, 2.12, 2.13
 */
#include "nego.h"

static u8 min_u8(u8 a, u8 b)
{
	return a < b ? a : b;
}

/**
 * smc_nego_rule_out() - a version cannot be had
 * @nego: what has been agreed on
 * @version: SMC version
 * @why: the reason; the first one is remembered
 */
void smc_nego_rule_out(struct smc_nego *nego, u8 version,
		       enum smc_clc_diag why)
{
	nego->versions &= ~(1 << (version - 1));
	if (nego->reason == SMC_CLC_DECL_NONE)
		nego->reason = why;
}

/* 2.12 step 2 */
static void take_versions(const struct smc_clc_proposal *prop,
			  const struct smc_nego_own *own,
			  struct smc_nego *nego)
{
	if (smc_clc_offers_r(prop->v1_type))
		nego->versions |= SMC_NEGO_V1;
	if (prop->version >= SMC_CLC_V2 && smc_clc_offers_r(prop->v2_type))
		nego->versions |= SMC_NEGO_V2;
	if (!nego->versions) {
		nego->reason = smc_clc_offers_d(prop->v1_type) ?
			       SMC_CLC_DECL_NO_SMCD_DEVICE :
			       SMC_CLC_DECL_NO_ISM_V2;
		return;
	}
	if (smc_nego_has(nego, SMC_CLC_V2)) {
		if (!(own->versions & SMC_NEGO_V2))
			smc_nego_rule_out(nego, SMC_CLC_V2,
					  SMC_CLC_DECL_NO_SMCR_DEVICE);
		else if (!prop->has_v2_ext)
			smc_nego_rule_out(nego, SMC_CLC_V2,
					  SMC_CLC_DECL_NO_V2_EXT);
		else if (!prop->nr_eids)
			smc_nego_rule_out(nego, SMC_CLC_V2,
					  SMC_CLC_DECL_NO_UEID);
	}
	if (smc_nego_has(nego, SMC_CLC_V1) && !(own->versions & SMC_NEGO_V1))
		smc_nego_rule_out(nego, SMC_CLC_V1,
				  SMC_CLC_DECL_NO_SMCR_DEVICE);
}

/**
 * smc_nego_proposal() - server: what of a Proposal is possible
 * @prop: the Proposal
 * @own: what this end can do
 * @nego: result
 *
 * Limits that do not fit end the handshake, even if v1 is offered too. Where
 * they are not negotiated (v1, release 0) the own ones hold: the server alone
 * decides which link group a connection gets.
 *
 * Return: SMC_CLC_DECL_NONE, or why the Proposal must be declined.
 */
enum smc_clc_diag smc_nego_proposal(const struct smc_clc_proposal *prop,
				    const struct smc_nego_own *own,
				    struct smc_nego *nego)
{
	memset(nego, 0, sizeof(*nego));
	nego->max_conns = own->max_conns;
	take_versions(prop, own, nego);
	if (!nego->versions)
		return nego->reason;
	if (!smc_nego_has(nego, SMC_CLC_V2))
		return SMC_CLC_DECL_NONE;
	nego->release = min_u8(prop->release, SMC_RELEASE_2_1);
	if (nego->release < SMC_RELEASE_2_1)
		return SMC_CLC_DECL_NONE;
	nego->max_conns = min_u8(prop->max_conns, own->max_conns);
	nego->max_links = min_u8(prop->max_links, own->max_links);
	nego->features = prop->feature_mask & own->features;
	if (nego->max_conns < SMC_NEGO_MIN_CONNS)
		return SMC_CLC_DECL_MAX_CONNS;
	if (nego->max_links < 1)
		return SMC_CLC_DECL_MAX_LINKS;
	return SMC_CLC_DECL_NONE;
}

/**
 * smc_nego_accept() - client: what the server has made of the offer
 * @fce: first contact extension of its Accept
 * @own: what was offered
 * @nego: release, limits and features are set
 *
 * Return: SMC_CLC_DECL_NONE, or why the Accept must be declined.
 */
enum smc_clc_diag smc_nego_accept(const struct smc_clc_fce *fce,
				  const struct smc_nego_own *own,
				  struct smc_nego *nego)
{
	if (!fce->direct)
		return SMC_CLC_DECL_INDIRECT;
	if (fce->release > SMC_RELEASE_2_1)
		return SMC_CLC_DECL_RELEASE;
	nego->release = fce->release;
	nego->max_conns = SMC_NEGO_MAX_CONNS;
	nego->max_links = 0;
	nego->features = 0;
	if (fce->release < SMC_RELEASE_2_1)
		return SMC_CLC_DECL_NONE;
	if (fce->max_conns < SMC_NEGO_MIN_CONNS)
		return SMC_CLC_DECL_MAX_CONNS;
	if (fce->max_links < 1 || fce->max_links > own->max_links)
		return SMC_CLC_DECL_MAX_LINKS;
	nego->max_conns = fce->max_conns;
	nego->max_links = fce->max_links;
	nego->features = fce->feature_mask & own->features;
	return SMC_CLC_DECL_NONE;
}

/**
 * smc_nego_confirm() - server: has the client understood?
 * @fce: first contact extension of its Confirm
 * @nego: what has been agreed on
 *
 * Return: SMC_CLC_DECL_NONE, or why the Confirm must be declined.
 */
enum smc_clc_diag smc_nego_confirm(const struct smc_clc_fce *fce,
				   const struct smc_nego *nego)
{
	if (fce->release != nego->release)
		return SMC_CLC_DECL_RELEASE;
	if (nego->release < SMC_RELEASE_2_1)
		return SMC_CLC_DECL_NONE;
	if (fce->max_conns != nego->max_conns)
		return SMC_CLC_DECL_MAX_CONNS;
	if (fce->max_links != nego->max_links)
		return SMC_CLC_DECL_MAX_LINKS;
	return SMC_CLC_DECL_NONE;
}

/**
 * smc_nego_mask4() - network part of an IPv4 address
 * @addr: address in host order
 * @len: number of mask bits, 0..32
 *
 * Return: the address with the other bits zero.
 */
u32 smc_nego_mask4(u32 addr, u8 len)
{
	return len ? addr & ~0U << (32 - len) : 0;
}

/**
 * smc_nego_mask6() - reduce an IPv6 address to its network part
 * @addr: 16 bytes
 * @len: number of mask bits, 0..128
 */
void smc_nego_mask6(u8 *addr, u8 len)
{
	unsigned int i = len / 8;

	if (len % 8)
		addr[i++] &= 0xff << (8 - len % 8);
	for (; i < 16; i++)
		addr[i] = 0;
}

/**
 * smc_nego_prefix4() - is an IPv4 address of a server in the client's subnet?
 * @prop: Proposal with v1
 * @addr: one of the server's addresses, host order
 * @len: its prefix length
 *
 * Return: true if so.
 */
bool smc_nego_prefix4(const struct smc_clc_proposal *prop, u32 addr, u8 len)
{
	return len == prop->ipv4_prefix_len &&
	       smc_nego_mask4(addr, len) == prop->ipv4_subnet;
}

/**
 * smc_nego_prefix6() - is an IPv6 address of a server among the client's?
 * @prop: Proposal with v1
 * @addr: one of the server's addresses, 16 bytes
 * @len: its prefix length
 *
 * Return: true if so.
 */
bool smc_nego_prefix6(const struct smc_clc_proposal *prop, const u8 *addr,
		      u8 len)
{
	u8 net[16];
	u8 i;

	memcpy(net, addr, sizeof(net));
	smc_nego_mask6(net, len);
	for (i = 0; i < prop->nr_ipv6; i++) {
		if (prop->ipv6[i].len == len &&
		    !memcmp(prop->ipv6[i].addr, net, sizeof(net)))
			return true;
	}
	return false;
}
