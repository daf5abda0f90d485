/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The socket family AF_SMC.
 */
#ifndef _SMC_AF_SMC_H
#define _SMC_AF_SMC_H

struct proto_ops;

const struct proto_ops *smc_family_ops(int family);
const struct proto_ops *smc_family_tcp_ops(int family);
int smc_family_prepare(void);
int smc_family_init(void);
void smc_family_fini(void);

#endif /* _SMC_AF_SMC_H */
