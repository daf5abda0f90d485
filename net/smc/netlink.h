/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family SMC_GEN_NETLINK.
 */
#ifndef _SMC_NETLINK_H
#define _SMC_NETLINK_H

int smc_netlink_init(void);
void smc_netlink_fini(void);

#endif /* _SMC_NETLINK_H */
