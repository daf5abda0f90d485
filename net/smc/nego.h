/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What two ends agree on in CLC messages: SMC versions, release, limits and
 * IP prefixes. Pure: numbers in, numbers out.
 */
#ifndef _SMC_NEGO_H
#define _SMC_NEGO_H

#include "clc_wire.h"

/* masks of SMC versions */
#define SMC_NEGO_V1	(1 << (SMC_CLC_V1 - 1))
#define SMC_NEGO_V2	(1 << (SMC_CLC_V2 - 1))

#define SMC_NEGO_MIN_CONNS	16	/* fewer may not be negotiated */
#define SMC_NEGO_MAX_CONNS	255	/* more are never possible */

/**
 * struct smc_nego_own - what this end can and will do
 * @versions: mask of SMC versions
 * @max_conns: connections in a link group
 * @max_links: links in a link group
 * @features: feature mask
 */
struct smc_nego_own {
	u8 versions;
	u8 max_conns;
	u8 max_links;
	u16 features;
};

/**
 * struct smc_nego - what has been agreed on so far
 * @versions: mask of SMC versions that are still possible
 * @release: release of v2, 0 in v1
 * @max_conns: connections in a link group
 * @max_links: links in a link group, 0 if that is not negotiated
 * @features: feature mask
 * @reason: why the first version was ruled out, or none was offered
 */
struct smc_nego {
	u8 versions;
	u8 release;
	u8 max_conns;
	u8 max_links;
	u16 features;
	enum smc_clc_diag reason;
};

enum smc_clc_diag smc_nego_proposal(const struct smc_clc_proposal *prop,
				    const struct smc_nego_own *own,
				    struct smc_nego *nego);
void smc_nego_rule_out(struct smc_nego *nego, u8 version,
		       enum smc_clc_diag why);
enum smc_clc_diag smc_nego_accept(const struct smc_clc_fce *fce,
				  const struct smc_nego_own *own,
				  struct smc_nego *nego);
enum smc_clc_diag smc_nego_confirm(const struct smc_clc_fce *fce,
				   const struct smc_nego *nego);
bool smc_nego_prefix4(const struct smc_clc_proposal *prop, u32 addr, u8 len);
bool smc_nego_prefix6(const struct smc_clc_proposal *prop, const u8 *addr,
		      u8 len);
u32 smc_nego_mask4(u32 addr, u8 len);
void smc_nego_mask6(u8 *addr, u8 len);

/**
 * smc_nego_has() - is an SMC version still possible?
 * @nego: what has been agreed on
 * @version: version, of a message perhaps
 *
 * Return: true if so.
 */
static inline bool smc_nego_has(const struct smc_nego *nego, u8 version)
{
	return (version == SMC_CLC_V1 && nego->versions & SMC_NEGO_V1) ||
	       (version == SMC_CLC_V2 && nego->versions & SMC_NEGO_V2);
}

#endif /* _SMC_NEGO_H */
