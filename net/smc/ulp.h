/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TCP upper-layer protocol "smc".
 */
#ifndef _SMC_ULP_H
#define _SMC_ULP_H

struct proto_ops;
struct sock;

int smc_ulp_attach(struct sock *sk, const struct proto_ops *tcp_ops);
int smc_ulp_init(void);
void smc_ulp_fini(void);

#endif /* _SMC_ULP_H */
