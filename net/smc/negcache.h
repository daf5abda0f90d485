/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers that showed the SMC option but did not speak SMC.
 */
#ifndef _SMC_NEGCACHE_H
#define _SMC_NEGCACHE_H

#include <linux/types.h>

struct in6_addr;
struct net;

void smc_negcache_failed(struct net *net, const struct in6_addr *peer);
void smc_negcache_succeeded(struct net *net, const struct in6_addr *peer);
bool smc_negcache_lookup(struct net *net, const struct in6_addr *peer);

int smc_negcache_init(void);
void smc_negcache_fini(void);

#endif /* _SMC_NEGCACHE_H */
