/* SPDX-License-Identifier: GPL-2.0 */
/*
 * connect() of SMC sockets.
 */
#ifndef _SMC_CONNECT_H
#define _SMC_CONNECT_H

struct sockaddr;
struct socket;

int smc_connect(struct socket *sock, struct sockaddr *addr, int len,
		int flags);

#endif /* _SMC_CONNECT_H */
