/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Link: one queue pair between two ports, as part of a link group.
 */
#ifndef _SMC_LINK_H
#define _SMC_LINK_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "ibdev.h"
#include "link_state.h"
#include "wr.h"

struct net;
struct smc_link;
struct smc_link_group;

/**
 * struct smc_link_ops - up-calls of a link
 * @wr: those of its queue pair; recv and recv_imm are the owner's, error must
 *	be smc_link_error
 * @down: the link failed. Any context, conn->lock may be held; once.
 */
struct smc_link_ops {
	struct smc_wr_ops wr;
	void (*down)(struct smc_link *link);
};

/**
 * struct smc_link_peer - the peer's end, from the CLC messages
 * @qpn: queue pair number
 * @psn: its first packet sequence number
 * @mtu: its MTU, InfiniBand code
 * @gid: GID
 * @mac: MAC, zero if it did not tell
 */
struct smc_link_peer {
	u32 qpn;
	u32 psn;
	u8 mtu;
	u8 gid[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
};

/**
 * struct smc_link - a link
 * @wr: queue pair
 * @ops: up-calls
 * @lgr: link group it belongs to; owns the link
 * @net: network namespace, for counters
 * @lgr_id: id of the link group, for traces
 * @path: own end: device, port, GID; held up to smc_link_release()
 * @gid: the GID, for good
 * @qpn: number of the queue pair, for good
 * @pd: protection domain: no other link can use this one's keys
 * @psn: own first packet sequence number
 * @mtu: path MTU, InfiniBand code
 * @peer: the other end
 * @setup: held while the queue pair changes its state
 * @lock: guards @state, @tests; bottom halves off
 * @state: enum smc_link_state; changes only through smc_link_event()
 * @tests: Test Links sent since the peer was last seen alive
 * @test_tail: send progress when it was last looked at
 * @num: link number, 1..255, given by the server
 * @llc_version: version of its control messages, SMC_LLC_V1 or SMC_LLC_V2
 * @user_id: name for the peer's administrator
 * @peer_user_id: the peer's name for it, 0 if it has not told
 * @test_interval: jiffies of silence after which it is tested, 0 = never
 * @test_work: when to look whether the peer is there
 */
struct smc_link {
	struct smc_wr wr;
	const struct smc_link_ops *ops;
	struct smc_link_group *lgr;
	struct net *net;
	u32 lgr_id;
	struct smc_ib_path path;
	u8 gid[SMC_GID_LEN];
	u32 qpn;
	struct ib_pd *pd;
	u32 psn;
	u8 mtu;
	struct smc_link_peer peer;
	struct mutex setup;	/* state changes of the queue pair */
	spinlock_t lock;	/* @state, @tests */
	u8 state;
	u8 tests;
	u32 test_tail;
	u8 num;
	u8 llc_version;
	u32 user_id;
	u32 peer_user_id;
	unsigned long test_interval;
	struct delayed_work test_work;
};

/**
 * struct smc_link_args - what a link is made of
 * @ops: up-calls
 * @lgr: owner
 * @net: network namespace
 * @lgr_id: id of the owner
 * @num: link number, 0 if the peer will tell it
 * @llc_version: version of control messages, SMC_LLC_V1 or SMC_LLC_V2
 */
struct smc_link_args {
	const struct smc_link_ops *ops;
	struct smc_link_group *lgr;
	struct net *net;
	u32 lgr_id;
	u8 num;
	u8 llc_version;
};

struct smc_link *smc_link_create(const struct smc_link_args *args,
				 struct smc_ib_path *path);
int smc_link_connect(struct smc_link *link, const struct smc_link_peer *peer);
void smc_link_confirmed(struct smc_link *link);
void smc_link_doubt(struct smc_link *link);
void smc_link_fail(struct smc_link *link);
void smc_link_error(struct smc_wr *wr, enum ib_wc_status status);
void smc_link_drain(struct smc_link *link);
void smc_link_release(struct smc_link *link);
void smc_link_free(struct smc_link *link);

/**
 * smc_link_can_send() - can control messages be sent?
 * @link: a link the caller holds
 */
static inline bool smc_link_can_send(const struct smc_link *link)
{
	return smc_link_state_can_send(READ_ONCE(link->state));
}

/**
 * smc_link_is_active() - does the link carry connections?
 * @link: a link the caller holds
 */
static inline bool smc_link_is_active(const struct smc_link *link)
{
	return smc_link_state_is_active(READ_ONCE(link->state));
}

#endif /* _SMC_LINK_H */
