/* SPDX-License-Identifier: GPL-2.0 */
/*
 * socket(AF_INET or AF_INET6, SOCK_STREAM, IPPROTO_SMC).
 */
#ifndef _SMC_INET_H
#define _SMC_INET_H

int smc_inet_init(void);
void smc_inet_fini(void);

#endif /* _SMC_INET_H */
