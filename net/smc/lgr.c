// SPDX-License-Identifier: GPL-2.0
/*
 * Link groups as data: who is in which, and how long they live.
 *
 * Operation: lgr_find.c finds or makes a group for a connection. One in state
 * SETUP is stale after SETUP_LIMIT: others need not wait for it. One without
 * connections ends after its idle delay, the server's first.
 *
 * Connections are in the token table. An alert token is a generation and the
 * slot; messages find the connection by token, writes with immediate data by
 * slot, under RCU, and get a reference or nothing.
 *
 * End: smc_lgr_terminate() unpublishes the group and queues term_work, which
 * quiesces it (kills the connections, says goodbye, drains the links, takes
 * the memory from the device) and releases the links. The rest of the memory
 * goes with the last reference: connections may still have unread data in it.
 *
 * Errors: a failed link ends its group, as long as groups have one link.
 *
 * wire-protocol.md 7
 */
#include <linux/bitmap.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "cdc.h"
#include "cdc_wire.h"
#include "clc_wire.h"
#include "conn.h"
#include "lgr.h"
#include "lgr_list.h"
#include "stats.h"
#include "trace.h"

#define SETUP_LIMIT		(2 * HZ)
#define IDLE_SERVER		(600 * HZ)
#define IDLE_CLIENT		(610 * HZ)
#define QUARANTINE_SHARE	4	/* of a group's connections */
#define FLUSH_ORDERLY_MS	2000
#define FLUSH_MS		200

DEFINE_SPINLOCK(smc_lgr_list_lock);
LIST_HEAD(smc_lgr_list);
static u32 lgr_last_id;

static struct workqueue_struct *lgr_wq;
static atomic_t lgr_count = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(lgr_gone);

/* -------- state -------- */

/* the only writer of lgr->state */
static void set_state(struct smc_link_group *lgr, enum smc_lgr_state next)
{
	lockdep_assert_held(&lgr->lock);
	trace_smc_lgr_state(lgr->id, lgr->key.server, lgr->state, next,
			    lgr->reason);
	/* after the reason: pairs with smcr_finish() */
	smp_store_release(&lgr->state, next);
}

/**
 * smc_lgr_wake_locked() - tell all who wait for a change of the group
 * @lgr: group, lgr->lock held
 */
void smc_lgr_wake_locked(struct smc_link_group *lgr)
{
	struct smc_lgr_waiter *waiter;

	lockdep_assert_held(&lgr->lock);
	list_for_each_entry(waiter, &lgr->waiters, list)
		waiter->wake(waiter);
}

/**
 * smc_lgr_wait() - hear of changes from now on
 * @lgr: group the caller holds a reference to
 * @waiter: not waiting; must be withdrawn with smc_lgr_unwait()
 *
 * Any context. Look at the group after this, not before.
 */
void smc_lgr_wait(struct smc_link_group *lgr, struct smc_lgr_waiter *waiter)
{
	spin_lock_bh(&lgr->lock);
	list_add_tail(&waiter->list, &lgr->waiters);
	spin_unlock_bh(&lgr->lock);
}

/**
 * smc_lgr_unwait() - hear no more; no wake-up is under way afterwards
 * @lgr: group
 * @waiter: as given to smc_lgr_wait()
 *
 * Any context.
 */
void smc_lgr_unwait(struct smc_link_group *lgr, struct smc_lgr_waiter *waiter)
{
	spin_lock_bh(&lgr->lock);
	list_del_init(&waiter->list);
	spin_unlock_bh(&lgr->lock);
}

/**
 * smc_lgr_activate() - first contact is done: take connections
 * @lgr: group
 *
 * Any context.
 *
 * Return: false if it was not in state SETUP.
 */
bool smc_lgr_activate(struct smc_link_group *lgr)
{
	bool ok;

	spin_lock_bh(&lgr->lock);
	ok = lgr->state == SMC_LGR_SETUP;
	if (ok) {
		WRITE_ONCE(lgr->stale, false);
		set_state(lgr, SMC_LGR_ACTIVE);
		smc_lgr_wake_locked(lgr);
	}
	spin_unlock_bh(&lgr->lock);
	return ok;
}

/* -------- tokens -------- */

static unsigned int token_slot(u32 token)
{
	return token & 0xff;
}

static struct smc_conn *conn_lookup_slot(struct smc_link_group *lgr,
					 unsigned int slot)
{
	struct smc_conn *conn;

	if (slot >= SMC_LGR_MAX_CONNS)
		return NULL;
	rcu_read_lock();
	conn = rcu_dereference(lgr->conns[slot]);
	if (conn && !smc_conn_get_live(conn))
		conn = NULL;
	rcu_read_unlock();
	return conn;
}

static struct smc_conn *conn_lookup(struct smc_link_group *lgr, u32 token)
{
	struct smc_conn *conn = conn_lookup_slot(lgr, token_slot(token));

	if (conn && conn->token != token) {
		smc_conn_put(conn);
		conn = NULL;
	}
	return conn;
}

/**
 * smc_lgr_is_worn() - has its peer kept too much of it?
 * @lgr: group, lgr->lock held
 *
 * Return: true if it shall take no more connections.
 */
bool smc_lgr_is_worn(const struct smc_link_group *lgr)
{
	return lgr->nr_quarantined > lgr->max_conns / QUARANTINE_SHARE;
}

/**
 * smc_lgr_is_idle() - is there no connection but those in quarantine?
 * @lgr: group, lgr->lock held
 *
 * Return: true if so.
 */
bool smc_lgr_is_idle(const struct smc_link_group *lgr)
{
	return lgr->nr_conns == lgr->nr_quarantined;
}

static unsigned long idle_delay(const struct smc_link_group *lgr)
{
	if (smc_lgr_is_worn(lgr))
		return 0;
	return lgr->key.server ? IDLE_SERVER : IDLE_CLIENT;
}

static void idle_start(struct smc_link_group *lgr)
{
	lockdep_assert_held(&lgr->lock);
	lgr->idle_since = jiffies;
	if (lgr->state != SMC_LGR_ACTIVE)
		return;
	/* a timer that still runs looks again when it expires */
	if (smc_lgr_is_worn(lgr))
		mod_delayed_work(lgr_wq, &lgr->timer, 0);
	else
		queue_delayed_work(lgr_wq, &lgr->timer, idle_delay(lgr));
}

/**
 * smc_lgr_attach() - give a connection an alert token
 * @lgr: group the caller holds a reference to
 * @conn: connection without one
 *
 * The token table takes a reference to the connection, up to
 * smc_lgr_detach(); the connection takes one to the group, up to its release.
 * Any context.
 *
 * Return: 0, -ENOSPC if the group is full, -ENOLINK if it ends.
 */
int smc_lgr_attach(struct smc_link_group *lgr, struct smc_conn *conn)
{
	unsigned int slot;
	int ret = 0;

	spin_lock_bh(&lgr->lock);
	if (lgr->state != SMC_LGR_SETUP && lgr->state != SMC_LGR_ACTIVE) {
		ret = -ENOLINK;
		goto out_unlock;
	}
	slot = find_next_zero_bit(lgr->slots, SMC_LGR_MAX_CONNS,
				  lgr->next_slot);
	if (slot >= SMC_LGR_MAX_CONNS)
		slot = find_first_zero_bit(lgr->slots, SMC_LGR_MAX_CONNS);
	/* it is the server who counts: it hears of ends at other times */
	if ((lgr->key.server && lgr->nr_conns >= lgr->max_conns) ||
	    slot >= SMC_LGR_MAX_CONNS) {
		ret = -ENOSPC;
		goto out_unlock;
	}
	if (!(++lgr->generation & 0xffffff))
		lgr->generation = 1;
	conn->token = lgr->generation << 8 | slot;
	conn->lgr = lgr;
	conn->link = lgr->link[0];
	smc_lgr_get(lgr);
	smc_conn_get(conn);
	__set_bit(slot, lgr->slots);
	lgr->next_slot = slot + 1;
	WRITE_ONCE(lgr->nr_conns, lgr->nr_conns + 1);
	rcu_assign_pointer(lgr->conns[slot], conn);
out_unlock:
	spin_unlock_bh(&lgr->lock);
	return ret;
}

/**
 * smc_lgr_detach() - take a connection's alert token away
 * @conn: connection, held by the caller; its group reference remains
 *
 * Any context; idempotent.
 *
 * Return: true the first time.
 */
bool smc_lgr_detach(struct smc_conn *conn)
{
	struct smc_link_group *lgr = conn->lgr;
	unsigned int slot = token_slot(conn->token);
	bool attached;

	if (!lgr)
		return false;
	spin_lock_bh(&lgr->lock);
	attached = rcu_access_pointer(lgr->conns[slot]) == conn;
	if (attached) {
		RCU_INIT_POINTER(lgr->conns[slot], NULL);
		__clear_bit(slot, lgr->slots);
		WRITE_ONCE(lgr->nr_conns, lgr->nr_conns - 1);
		lgr->nr_quarantined -= conn->quarantined;
		if (!conn->quarantined && smc_lgr_is_idle(lgr))
			idle_start(lgr);
	}
	spin_unlock_bh(&lgr->lock);
	if (attached)
		smc_conn_put(conn);
	return attached;
}

/**
 * smc_lgr_quarantine() - nobody wants a connection any more, but its peer
 * @conn: connection whose socket has gone or is about to
 *
 * The peer may still write: token and RMBE stay out of use until it closes or
 * the group ends. Does not keep an idle group alive; if there are many of them
 * the group takes no more connections, and ends with the last one. Any context.
 *
 * Return: false if it is detached or in quarantine already, or if there is no
 *	link any more for the peer to write over.
 */
bool smc_lgr_quarantine(struct smc_conn *conn)
{
	struct smc_link_group *lgr = conn->lgr;
	unsigned int slot = token_slot(conn->token);
	bool ok;

	spin_lock_bh(&lgr->lock);
	ok = lgr->state < SMC_LGR_DRAINED && !conn->quarantined &&
	     rcu_access_pointer(lgr->conns[slot]) == conn;
	if (ok) {
		conn->quarantined = true;
		lgr->nr_quarantined++;
		if (smc_lgr_is_idle(lgr))
			idle_start(lgr);
	}
	spin_unlock_bh(&lgr->lock);
	return ok;
}

/* -------- receive -------- */

static void lgr_recv(struct smc_wr *wr, const u8 *buf, u32 len)
{
	struct smc_link *link = container_of(wr, struct smc_link, wr);
	struct smc_link_group *lgr = link->lgr;
	enum smc_cdc_check why;
	struct smc_conn *conn;
	struct smc_cdc cdc;

	if (!len || buf[0] != SMC_CDC_TYPE) {
		lgr->ops->recv(lgr, buf, len);
		return;
	}
	if (smc_cdc_decode(buf, min_t(u32, len, SMC_CDC_LEN), &cdc, &why)) {
		smc_stat_inc(lgr->key.net, SMC_STAT_RX_INVALID);
		return;
	}
	conn = conn_lookup(lgr, cdc.token);
	if (!conn) {
		smc_stat_inc(lgr->key.net, SMC_STAT_RX_NO_CONN);
		return;
	}
	smc_cdc_handle(conn, &cdc);
	smc_conn_put(conn);
}

static void lgr_sent(struct smc_wr *wr, u16 tag)
{
	struct smc_link *link = container_of(wr, struct smc_link, wr);

	link->lgr->ops->sent(link->lgr, tag);
}

static void lgr_recv_imm(struct smc_wr *wr, u32 imm, u32 len)
{
	struct smc_link *link = container_of(wr, struct smc_link, wr);
	struct smc_link_group *lgr = link->lgr;
	struct smc_conn *conn;

	conn = lgr->imm ? conn_lookup_slot(lgr, imm >> SMC_IMM_SLOT_SHIFT) :
			  NULL;
	if (!conn) {
		smc_stat_inc(lgr->key.net, SMC_STAT_RX_NO_CONN);
		return;
	}
	smc_cdc_handle_imm(conn, imm, len);
	smc_conn_put(conn);
}

/* -------- end -------- */

/**
 * smc_lgr_free() - free a group that nobody holds
 * @lgr: group that is GONE, or was never published
 *
 * Any context.
 */
void smc_lgr_free(struct smc_link_group *lgr)
{
	smc_buf_pool_free(&lgr->pool);
	if (lgr->link[0])
		smc_link_free(lgr->link[0]);
	kfree(lgr);
	if (atomic_dec_and_test(&lgr_count))
		wake_up_all(&lgr_gone);
}

/**
 * smc_lgr_put() - drop a reference
 * @lgr: group
 *
 * Any context.
 */
void smc_lgr_put(struct smc_link_group *lgr)
{
	if (refcount_dec_and_test(&lgr->refcnt))
		smc_lgr_free(lgr);
}

static void lgr_held(struct smc_buf_pool *pool, bool held)
{
	struct smc_link_group *lgr;

	lgr = container_of(pool, struct smc_link_group, pool);
	if (held)
		smc_lgr_get(lgr);
	else
		smc_lgr_put(lgr);
}

static void kill_conns(struct smc_link_group *lgr)
{
	struct smc_conn *conn;
	unsigned int slot;

	for (slot = 0; slot < SMC_LGR_MAX_CONNS; slot++) {
		conn = conn_lookup_slot(lgr, slot);
		if (!conn)
			continue;
		smc_conn_kill(conn);
		smc_conn_put(conn);
		cond_resched();
	}
}

/* the link is drained: nobody writes any more, no quarantine begins */
static void release_orphans(struct smc_link_group *lgr)
{
	struct smc_conn *conn;
	unsigned int slot;

	spin_lock_bh(&lgr->lock);
	set_state(lgr, SMC_LGR_DRAINED);
	spin_unlock_bh(&lgr->lock);
	for (slot = 0; slot < SMC_LGR_MAX_CONNS; slot++) {
		conn = conn_lookup_slot(lgr, slot);
		if (!conn)
			continue;
		if (conn->quarantined || !READ_ONCE(conn->sk))
			conn->transport->detach(conn);
		smc_conn_put(conn);
	}
}

static void say_goodbye(struct smc_link_group *lgr)
{
	if (!smc_link_can_send(lgr->link[0]))
		return;
	/* if not this, an answer to the peer's own may be on its way */
	if (lgr->goodbye)
		lgr->ops->goodbye(lgr);
	smc_wr_flush(&lgr->link[0]->wr, lgr->orderly ? FLUSH_ORDERLY_MS :
		     FLUSH_MS);
}

/* unpublish, quiesce, release */
static void term_work(struct work_struct *work)
{
	struct smc_link_group *lgr =
		container_of(work, struct smc_link_group, term_work);

	spin_lock_bh(&lgr->lock);
	if (lgr->state < SMC_LGR_DEAD)
		set_state(lgr, SMC_LGR_DEAD);
	smc_lgr_wake_locked(lgr);
	spin_unlock_bh(&lgr->lock);

	cancel_delayed_work_sync(&lgr->timer);
	kill_conns(lgr);
	if (lgr->link[0]) {
		say_goodbye(lgr);
		smc_link_drain(lgr->link[0]);
	}
	release_orphans(lgr);
	lgr->ops->stop(lgr);
	smc_buf_pool_unmap(&lgr->pool);

	spin_lock_bh(&smc_lgr_list_lock);
	spin_lock(&lgr->lock);
	set_state(lgr, SMC_LGR_GONE);
	spin_unlock(&lgr->lock);
	spin_unlock_bh(&smc_lgr_list_lock);
	if (lgr->link[0])
		smc_link_release(lgr->link[0]);

	spin_lock_bh(&smc_lgr_list_lock);
	list_del(&lgr->list);
	spin_unlock_bh(&smc_lgr_list_lock);
	wake_up_all(&lgr_gone);
	smc_lgr_put(lgr);
}

/* term_work runs once: it drops the reference for being alive */
static void queue_term(struct smc_link_group *lgr)
{
	if (!test_and_set_bit(SMC_LGR_TERMINATING, &lgr->flags))
		queue_work(lgr_wq, &lgr->term_work);
}

static void begin_end(struct smc_link_group *lgr, u32 reason, bool goodbye)
{
	lockdep_assert_held(&lgr->lock);
	queue_term(lgr);
	if (lgr->state >= SMC_LGR_DEAD)
		return;
	lgr->reason = reason;
	lgr->goodbye = goodbye;
	lgr->orderly = reason == SMC_LLC_DEL_PROGRAM &&
		       lgr->state == SMC_LGR_ACTIVE && !lgr->nr_conns;
	set_state(lgr, SMC_LGR_DEAD);
	smc_lgr_wake_locked(lgr);
}

/**
 * smc_lgr_terminate() - end a group
 * @lgr: group the caller holds a reference to, or that is alive
 * @reason: why, enum smc_llc_del_reason
 * @goodbye: tell the peer
 *
 * No new connection gets it from now on; the rest happens in a work item. Any
 * context, conn->lock not held; idempotent.
 */
void smc_lgr_terminate(struct smc_link_group *lgr, u32 reason, bool goodbye)
{
	spin_lock_bh(&lgr->lock);
	begin_end(lgr, reason, goodbye);
	spin_unlock_bh(&lgr->lock);
}

/**
 * smc_lgr_abandon() - a first contact has failed
 * @lgr: its group, held by the caller
 *
 * Return: false if the group is up and others may have joined; else it ends.
 */
bool smc_lgr_abandon(struct smc_link_group *lgr)
{
	bool ends;

	spin_lock_bh(&lgr->lock);
	ends = lgr->state != SMC_LGR_ACTIVE;
	if (ends)
		begin_end(lgr, SMC_LLC_DEL_PROGRAM, true);
	spin_unlock_bh(&lgr->lock);
	return ends;
}

/**
 * smc_lgr_end_if_idle() - end a group if it has no connections
 * @lgr: group that is alive; smc_lgr_list_lock held
 *
 * Return: true if it ends now.
 */
bool smc_lgr_end_if_idle(struct smc_link_group *lgr)
{
	bool idle;

	lockdep_assert_held(&smc_lgr_list_lock);
	spin_lock(&lgr->lock);
	idle = lgr->state == SMC_LGR_ACTIVE && smc_lgr_is_idle(lgr);
	if (idle)
		begin_end(lgr, SMC_LLC_DEL_PROGRAM, true);
	spin_unlock(&lgr->lock);
	return idle;
}

/* conn->lock may be held, so lgr->lock must not be taken here */
static void lgr_link_down(struct smc_link *link)
{
	queue_term(link->lgr);
}

static const struct smc_link_ops lgr_link_ops = {
	.wr = {
		.recv = lgr_recv,
		.recv_imm = lgr_recv_imm,
		.sent = lgr_sent,
		.error = smc_link_error,
	},
	.down = lgr_link_down,
};

static void idle_expired(struct smc_link_group *lgr)
{
	unsigned long end;

	spin_lock_bh(&lgr->lock);
	end = lgr->idle_since + idle_delay(lgr);
	if (lgr->state == SMC_LGR_SETUP) {
		WRITE_ONCE(lgr->stale, true);
		smc_lgr_wake_locked(lgr);
	} else if (lgr->state == SMC_LGR_ACTIVE && smc_lgr_is_idle(lgr)) {
		if (time_after_eq(jiffies, end))
			begin_end(lgr, SMC_LLC_DEL_PROGRAM, true);
		else
			queue_delayed_work(lgr_wq, &lgr->timer,
					   end - jiffies);
	}
	spin_unlock_bh(&lgr->lock);
}

static void timer_work(struct work_struct *work)
{
	idle_expired(container_of(work, struct smc_link_group, timer.work));
}

/* -------- making -------- */

/**
 * smc_lgr_alloc() - make a group that nobody knows
 * @args: what it is made of
 *
 * Sleeps.
 *
 * Return: a group in state NEW, to be published or freed; NULL without memory.
 */
struct smc_link_group *smc_lgr_alloc(const struct smc_lgr_args *args)
{
	struct smc_link_group *lgr;

	lgr = kzalloc(sizeof(*lgr), GFP_KERNEL);
	if (!lgr)
		return NULL;
	atomic_inc(&lgr_count);
	/* for being alive, and for the caller */
	refcount_set(&lgr->refcnt, 2);
	lgr->key = args->key;
	lgr->release = args->release;
	lgr->max_conns = args->max_conns;
	lgr->imm = args->imm;
	memcpy(lgr->eid, args->eid, SMC_EID_LEN);
	lgr->ops = args->ops;
	spin_lock_init(&lgr->lock);
	lgr->generation = get_random_u32() & 0xffffff;
	INIT_LIST_HEAD(&lgr->waiters);
	smc_buf_pool_init(&lgr->pool, args->key.net, lgr_held);
	INIT_DELAYED_WORK(&lgr->timer, timer_work);
	INIT_WORK(&lgr->term_work, term_work);
	lgr->ops->init(lgr);
	return lgr;
}

/**
 * smc_lgr_publish() - enter a new group into the list
 * @lgr: group in state NEW; smc_lgr_list_lock held
 *
 * It is in state SETUP then and has two references: one for being alive, one
 * for the caller.
 */
void smc_lgr_publish(struct smc_link_group *lgr)
{
	lockdep_assert_held(&smc_lgr_list_lock);
	lgr->id = ++lgr_last_id;
	spin_lock(&lgr->lock);
	set_state(lgr, SMC_LGR_SETUP);
	spin_unlock(&lgr->lock);
	list_add_tail(&lgr->list, &smc_lgr_list);
}

/**
 * smc_lgr_setup() - give a new group its link
 * @lgr: group in state SETUP that the caller made
 * @path: own end; becomes the link's on success
 *
 * Starts the time limit of first contact. Sleeps.
 *
 * Return: 0 or a negative errno; the caller then terminates the group.
 */
int smc_lgr_setup(struct smc_link_group *lgr, struct smc_ib_path *path)
{
	struct smc_link_args args = {
		.ops = &lgr_link_ops,
		.lgr = lgr,
		.net = lgr->key.net,
		.lgr_id = lgr->id,
		.num = lgr->key.server ? 1 : 0,
		.llc_version = lgr->key.version == SMC_CLC_V1 ?
			       SMC_LLC_V1 : SMC_LLC_V2,
	};
	struct smc_link *link;
	int ret = 0;

	link = smc_link_create(&args, path);
	if (IS_ERR(link))
		return PTR_ERR(link);
	/* term_work of a group being removed may be looking already */
	spin_lock_bh(&smc_lgr_list_lock);
	spin_lock(&lgr->lock);
	if (lgr->state == SMC_LGR_SETUP) {
		lgr->link[0] = link;
		smc_buf_pool_bind(&lgr->pool, link);
		queue_delayed_work(lgr_wq, &lgr->timer, SETUP_LIMIT);
	} else {
		ret = -ENOLINK;
	}
	spin_unlock(&lgr->lock);
	spin_unlock_bh(&smc_lgr_list_lock);
	if (ret) {
		memset(path, 0, sizeof(*path));
		smc_link_drain(link);
		smc_link_release(link);
		smc_link_free(link);
	}
	return ret;
}

/**
 * smc_lgr_set_peer() - remember what a peer says of itself
 * @lgr: group at its first contact
 * @os: its system, enum smc_clc_os
 * @host: its name, SMC_HOSTNAME_LEN bytes
 *
 * For people only. Any context.
 */
void smc_lgr_set_peer(struct smc_link_group *lgr, u8 os, const u8 *host)
{
	spin_lock_bh(&lgr->lock);
	lgr->peer_os = os;
	memcpy(lgr->peer_host, host, sizeof(lgr->peer_host));
	spin_unlock_bh(&lgr->lock);
}

/* -------- ends of many -------- */

/* @net and @dev NULL stand for any */
static bool terminate_some(struct net *net, struct smc_ib_device *dev)
{
	struct smc_link_group *lgr;
	bool some = false;

	spin_lock_bh(&smc_lgr_list_lock);
	list_for_each_entry(lgr, &smc_lgr_list, list) {
		if (net && !net_eq(lgr->key.net, net))
			continue;
		if (dev && (!lgr->link[0] ||
			    READ_ONCE(lgr->state) == SMC_LGR_GONE ||
			    lgr->link[0]->path.dev != dev))
			continue;
		some = true;
		smc_lgr_terminate(lgr, SMC_LLC_DEL_OPERATOR, true);
	}
	spin_unlock_bh(&smc_lgr_list_lock);
	return some;
}

/**
 * smc_lgr_net_exit() - end all groups of a network namespace
 * @net: namespace without sockets, or whose sockets are being killed
 *
 * Sleeps until nothing of them is left in a device.
 */
void smc_lgr_net_exit(struct net *net)
{
	wait_event(lgr_gone, !terminate_some(net, NULL));
}

static void lgr_device_remove(struct smc_ib_device *dev)
{
	terminate_some(NULL, dev);
}

static void lgr_device_check(struct smc_ib_device *dev)
{
	struct smc_link_group *lgr;
	struct smc_link *link;

	spin_lock_bh(&smc_lgr_list_lock);
	list_for_each_entry(lgr, &smc_lgr_list, list) {
		link = lgr->link[0];
		/* the path of a link is valid up to GONE */
		if (!link || READ_ONCE(lgr->state) >= SMC_LGR_GONE ||
		    link->path.dev != dev)
			continue;
		if (!smc_ib_path_is_valid(&link->path))
			smc_link_fail(link);
		else if (!smc_ib_path_is_up(&link->path))
			smc_link_doubt(link);
	}
	spin_unlock_bh(&smc_lgr_list_lock);
}

const struct smc_ibdev_ops smc_lgr_ibdev_ops = {
	.check = lgr_device_check,
	.remove = lgr_device_remove,
};

/**
 * smc_lgr_init() - get ready
 *
 * Return: 0 or -ENOMEM.
 */
int smc_lgr_init(void)
{
	lgr_wq = alloc_workqueue("smc_lgr", WQ_UNBOUND, 0);
	return lgr_wq ? 0 : -ENOMEM;
}

/**
 * smc_lgr_fini() - end all groups
 *
 * Nobody makes new ones. Sleeps until all are freed.
 */
void smc_lgr_fini(void)
{
	wait_event(lgr_gone, !terminate_some(NULL, NULL));
	wait_event(lgr_gone, !atomic_read(&lgr_count));
	destroy_workqueue(lgr_wq);
	smc_buf_fini();
}
