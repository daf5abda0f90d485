/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Link groups: what one pair of hosts shares, one group for each direction of
 * connecting.
 */
#ifndef _SMC_LGR_H
#define _SMC_LGR_H

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "ibdev.h"
#include "link.h"
#include "llc_wire.h"
#include "rmb.h"

struct net;
struct smc_conn;
struct smc_link_group;

#define SMC_LGR_LINKS		1	/* links of a group */
#define SMC_LGR_MAX_CONNS	255
#define SMC_LGR_RTOKENS		255	/* RMBs of the peer */
#define SMC_LGR_TERMINATING	0	/* bit of flags */

/**
 * enum smc_lgr_state - life of a link group
 * @SMC_LGR_NEW: nobody knows it
 * @SMC_LGR_SETUP: first contact is under way; others with that peer wait
 * @SMC_LGR_ACTIVE: takes connections
 * @SMC_LGR_DEAD: being taken down
 * @SMC_LGR_DRAINED: its link is drained, the peer cannot write any more
 * @SMC_LGR_GONE: nothing of it is left in the device
 */
enum smc_lgr_state {
	SMC_LGR_NEW,
	SMC_LGR_SETUP,
	SMC_LGR_ACTIVE,
	SMC_LGR_DEAD,
	SMC_LGR_DRAINED,
	SMC_LGR_GONE,
};

/**
 * struct smc_lgr_key - what must be equal to share a link group
 * @net: network namespace
 * @server: role of this host
 * @version: SMC version
 * @peer_id: peer ID
 * @peer_gid: GID of the peer's end of the link
 * @peer_mac: MAC of the peer's port; only of v1, else zero
 * @gid: GID of the own end; a server's only
 * @remote: the peer's address as TCP proves it; a server's only
 */
struct smc_lgr_key {
	struct net *net;
	bool server;
	u8 version;
	u8 peer_id[SMC_PEER_ID_LEN];
	u8 peer_gid[SMC_GID_LEN];
	u8 peer_mac[SMC_MAC_LEN];
	u8 gid[SMC_GID_LEN];
	struct in6_addr remote;
};

/**
 * struct smc_lgr_ops - up-calls of a link group
 * @init: the group was allocated; nobody knows it yet
 * @recv: a message that is not CDC arrived, at most SMC_LLC_LEN bytes of it
 *	are at @buf, @len bytes in full, which may be 0. Completion context.
 * @sent: the peer's device has acknowledged a control message; see &struct
 *	smc_wr_ops. Completion context.
 * @goodbye: tell the peer that the group ends. Process context.
 * @stop: stop whatever timers use the group, for good. Sleeps.
 */
struct smc_lgr_ops {
	void (*init)(struct smc_link_group *lgr);
	void (*recv)(struct smc_link_group *lgr, const u8 *buf, u32 len);
	void (*sent)(struct smc_link_group *lgr, u16 tag);
	void (*goodbye)(struct smc_link_group *lgr);
	void (*stop)(struct smc_link_group *lgr);
};

/**
 * struct smc_lgr_waiter - somebody who wants to hear of changes of a group
 * @list: entry in the group's list
 * @wake: something changed. Group's lock held, any context: only schedule.
 */
struct smc_lgr_waiter {
	struct list_head list;
	void (*wake)(struct smc_lgr_waiter *waiter);
};

/**
 * struct smc_rtoken - an RMB of the peer on one link
 * @rkey: key
 * @vaddr: address
 * @used: this entry is in use
 */
struct smc_rtoken {
	u32 rkey;
	u64 vaddr;
	bool used;
};

/**
 * struct smc_lgr_llc - what link group control keeps here; llc.c's
 * @queue: RMBs to be announced, the first one is under way if @busy
 * @busy: a Confirm RKey request is out, or waits to get out
 * @posted: it is out
 * @refused: the peer's Confirm Link asks for eye catchers in RMBEs
 * @deadline: time limit of the request, jiffies
 * @timer: watches it
 */
struct smc_lgr_llc {
	struct list_head queue;
	bool busy;
	bool posted;
	bool refused;
	unsigned long deadline;
	struct delayed_work timer;
};

/**
 * struct smc_link_group - a link group
 * @refcnt: one for being alive (dropped at the end of @term_work), one for
 *	each attached connection up to its release, one for each attempt, and
 *	one while buffers are being wiped
 * @list: entry in the list of all groups, until GONE
 * @id: number for people
 * @key: who it is for; constant
 * @release: release of SMC v2 in use, 0 in v1; constant, as all up to @ops
 * @max_conns: number of connections agreed
 * @imm: both ends use writes with immediate data
 * @eid: EID agreed, blank padded; zero in v1
 * @ops: up-calls
 * @flags: SMC_LGR_TERMINATING: @term_work has been queued
 * @lock: "lgr->lock": guards what follows; bottom halves off
 * @state: enum smc_lgr_state
 * @stale_until: when a client may try again what the peer owes an answer to
 * @stale: SETUP takes too long, or the peer owes an answer: others need not
 *	wait for it
 * @goodbye: tell the peer when it ends
 * @orderly: it is a regular end
 * @reason: why it ends, enum smc_llc_del_reason
 * @nr_conns: connections in the token table
 * @nr_quarantined: of these, how many only their peers may still use
 * @next_slot: where to look for a free slot
 * @generation: makes tokens unique
 * @idle_since: when @nr_conns became 0
 * @slots: slots of the token table in use
 * @peer_os: the peer's system, enum smc_clc_os; for people
 * @peer_host: its name, blank padded; for people
 * @conns: the token table: by the low byte of the alert token; each entry has
 *	a reference. Read under RCU.
 * @rtokens: the peer's RMBs, by slot and link
 * @waiters: struct smc_lgr_waiter
 * @llc: link group control
 * @link: the links; set once, freed with the group
 * @pool: buffers
 * @timer: limit of SETUP, then of idleness
 * @term_work: takes the group down, once
 */
struct smc_link_group {
	refcount_t refcnt;
	struct list_head list;
	u32 id;
	struct smc_lgr_key key;
	u8 release;
	u8 max_conns;
	bool imm;
	u8 eid[SMC_EID_LEN];
	const struct smc_lgr_ops *ops;
	unsigned long flags;

	spinlock_t lock;	/* all up to @link */
	u8 state;
	unsigned long stale_until;
	bool stale;
	bool goodbye;
	bool orderly;
	u32 reason;
	u16 nr_conns;
	u16 nr_quarantined;
	u16 next_slot;
	u32 generation;
	unsigned long idle_since;
	u8 peer_os;
	u8 peer_host[SMC_HOSTNAME_LEN];
	DECLARE_BITMAP(slots, SMC_LGR_MAX_CONNS);
	struct smc_conn __rcu *conns[SMC_LGR_MAX_CONNS];
	struct smc_rtoken rtokens[SMC_LGR_RTOKENS][SMC_LGR_LINKS];
	struct list_head waiters;
	struct smc_lgr_llc llc;

	struct smc_link *link[SMC_LGR_LINKS];
	struct smc_buf_pool pool;
	struct delayed_work timer;
	struct work_struct term_work;
};

/**
 * struct smc_lgr_args - what a link group is made of
 * @key: who it is for
 * @release: release of SMC v2, 0 in v1
 * @max_conns: number of connections agreed
 * @imm: both ends use writes with immediate data
 * @eid: EID agreed, zero in v1
 * @ops: up-calls
 */
struct smc_lgr_args {
	struct smc_lgr_key key;
	u8 release;
	u8 max_conns;
	bool imm;
	const u8 *eid;
	const struct smc_lgr_ops *ops;
};

extern const struct smc_ibdev_ops smc_lgr_ibdev_ops;

int smc_lgr_init(void);
void smc_lgr_fini(void);
void smc_lgr_net_exit(struct net *net);

struct smc_link_group *smc_lgr_create(const struct smc_lgr_args *args);
struct smc_link_group *smc_lgr_join(const struct smc_lgr_args *args,
				    bool *created);
struct smc_link_group *smc_lgr_lookup(const struct smc_lgr_key *key, u32 qpn);
int smc_lgr_setup(struct smc_link_group *lgr, struct smc_ib_path *path);
void smc_lgr_set_peer(struct smc_link_group *lgr, u8 os, const u8 *host);
void smc_lgr_put(struct smc_link_group *lgr);
bool smc_lgr_activate(struct smc_link_group *lgr);
void smc_lgr_reclaim(void);
void smc_lgr_terminate(struct smc_link_group *lgr, u32 reason, bool goodbye);
bool smc_lgr_abandon(struct smc_link_group *lgr);
int smc_lgr_for_each(int (*fn)(struct smc_link_group *lgr, void *data),
		     void *data);

void smc_lgr_wait(struct smc_link_group *lgr, struct smc_lgr_waiter *waiter);
void smc_lgr_unwait(struct smc_link_group *lgr,
		    struct smc_lgr_waiter *waiter);
void smc_lgr_wake_locked(struct smc_link_group *lgr);

bool smc_lgr_owes_answer(const struct smc_link_group *lgr);
int smc_lgr_attach(struct smc_link_group *lgr, struct smc_conn *conn);
bool smc_lgr_quarantine(struct smc_conn *conn);
bool smc_lgr_detach(struct smc_conn *conn);

bool smc_lgr_rtoken_known(struct smc_link_group *lgr, u32 rkey, u64 vaddr);
int smc_lgr_rtoken_add(struct smc_link_group *lgr, u32 rkey, u64 vaddr);
bool smc_lgr_rtoken_del(struct smc_link_group *lgr, u32 rkey);

/**
 * smc_lgr_get() - take another reference
 * @lgr: group the caller holds a reference to
 */
static inline void smc_lgr_get(struct smc_link_group *lgr)
{
	refcount_inc(&lgr->refcnt);
}

#endif /* _SMC_LGR_H */
