/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listening SMC sockets.
 */
#ifndef _SMC_LISTEN_H
#define _SMC_LISTEN_H

#include <linux/poll.h>
#include "compat.h"

struct request_sock;
struct smc_sock;

int smc_listen(struct socket *sock, int backlog);
int smc_listen_accept(struct socket *sock, struct socket *newsock,
		      struct proto_accept_arg *arg);
void smc_listen_stopped(struct sock *sk, struct smc_sock *ssk);
bool smc_listen_readable(struct sock *sk, struct smc_sock *ssk);
void smc_listen_release(struct sock *sk, struct smc_sock *ssk);
void smc_listen_clone(const struct request_sock *req, struct sock *child,
		      gfp_t gfp);

#endif /* _SMC_LISTEN_H */
