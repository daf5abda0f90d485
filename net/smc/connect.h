/* SPDX-License-Identifier: GPL-2.0 */
/*
 * connect() of SMC sockets.
 */
#ifndef _SMC_CONNECT_H
#define _SMC_CONNECT_H

struct smc_sock;
struct sock;
struct sockaddr;
struct socket;

int smc_connect(struct socket *sock, struct sockaddr *addr, int len,
		int flags);
int smc_connect_wait(struct sock *sk, struct smc_sock *ssk, long timeo);
int smc_connect_shutdown(struct sock *sk, struct smc_sock *ssk);
void smc_connect_end(struct sock *sk, struct smc_sock *ssk);

#endif /* _SMC_CONNECT_H */
