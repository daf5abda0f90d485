/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SMC-R: the transport over RDMA.
 */
#ifndef _SMC_SMCR_H
#define _SMC_SMCR_H

#include <linux/types.h>

struct net;

int smcr_init(void);
void smcr_fini(void);
void smcr_net_exit(struct net *net);
void smcr_hostname(u8 *host);

#endif /* _SMC_SMCR_H */
