/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sysctl net.smc.tcp2smc: TCP sockets that are made SMC sockets unasked.
 */
#ifndef _SMC_TCP2SMC_H
#define _SMC_TCP2SMC_H

int smc_tcp2smc_init(void);
void smc_tcp2smc_fini(void);

#endif /* _SMC_TCP2SMC_H */
