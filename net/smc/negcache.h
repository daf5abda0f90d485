/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers that showed the SMC option but did not speak SMC.
 */
#ifndef _SMC_NEGCACHE_H
#define _SMC_NEGCACHE_H

#include <linux/types.h>

struct in6_addr;
struct net;

void smc_negcache_add(struct net *net, const struct in6_addr *peer);
bool smc_negcache_lookup(struct net *net, const struct in6_addr *peer);
void smc_negcache_flush(struct net *net);

#endif /* _SMC_NEGCACHE_H */
