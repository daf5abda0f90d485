/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CLC handshake of one connection, both roles.
 */
#ifndef _SMC_HANDSHAKE_H
#define _SMC_HANDSHAKE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "clc.h"
#include "transport.h"

struct smc_sock;
struct sock;

/**
 * struct smc_handshake - one handshake
 * @refcnt: the socket state holds one, each queued work one
 * @sk: TCP socket, counted
 * @ssk: its SMC state; valid under the socket lock while @step is not DONE
 * @at: the transport's view
 * @work: runs it, at an event or at @deadline
 * @step: enum, see handshake.c
 * @waiter: a process waits in connect() and runs it itself
 * @kicked: something has happened since it last ran
 * @deadline: jiffies by which the current step must be over
 * @locked: how often in turn @work found the socket locked
 * @confirm_sent: jiffies, client
 * @peer_version: version of the last message of the peer
 * @done: server: told once at the end, socket locked
 * @rx: message being received
 * @prop: server: the Proposal
 * @acc: the peer's Accept or Confirm
 */
struct smc_handshake {
	refcount_t refcnt;
	struct sock *sk;
	struct smc_sock *ssk;
	struct smc_attempt at;
	struct delayed_work work;
	u8 step;
	bool waiter;
	bool kicked;
	unsigned long deadline;
	unsigned int locked;
	unsigned long confirm_sent;
	u8 peer_version;
	void (*done)(struct smc_handshake *hs);
	struct smc_clc_rx rx;
	union {
		struct smc_clc_proposal prop;
		struct smc_clc_accept acc;
	};
};

struct smc_handshake *smc_handshake_create(struct sock *sk,
					   struct smc_sock *ssk, gfp_t gfp);
void smc_handshake_start(struct smc_handshake *hs,
			 void (*done)(struct smc_handshake *hs));
int smc_handshake_wait(struct smc_handshake *hs, long *timeo);
bool smc_handshake_is_confirmed(const struct smc_handshake *hs);
void smc_handshake_cancel(struct smc_handshake *hs);
void smc_handshake_put(struct smc_handshake *hs);

#endif /* _SMC_HANDSHAKE_H */
