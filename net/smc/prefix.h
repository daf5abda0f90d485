/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IP prefixes of this host's network devices, for SMC v1.
 */
#ifndef _SMC_PREFIX_H
#define _SMC_PREFIX_H

#include <linux/types.h>

struct in6_addr;
struct net;
struct smc_clc_proposal;

int smc_prefix_fill(struct net *net, int ifindex, const struct in6_addr *local,
		    struct smc_clc_proposal *prop);
bool smc_prefix_matches(struct net *net, int ifindex,
			const struct in6_addr *local,
			const struct smc_clc_proposal *prop);

#endif /* _SMC_PREFIX_H */
