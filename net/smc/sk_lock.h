/* SPDX-License-Identifier: GPL-2.0 */
/* The socket lock, for work items: see sk_lock.c. */
#ifndef SMC_SK_LOCK_H
#define SMC_SK_LOCK_H

#include <linux/types.h>

struct sock;

bool smc_sock_lock_soon(struct sock *sk);
unsigned long smc_sock_lock_later(unsigned int *times);

#endif /* SMC_SK_LOCK_H */
