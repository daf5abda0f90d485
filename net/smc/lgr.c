// SPDX-License-Identifier: GPL-2.0
/*
 * Link groups as data: who is in which, and how long they live.
 *
 * Operation: a server looks for a group of the peer that is active and has
 * room. If there is none, the first handshake makes one in state SETUP, and
 * the others with that peer wait for it, but not longer than SETUP_LIMIT: the
 * next one then makes its own. A client is told by the Accept. A group without
 * connections ends after its idle delay, the server's first; earlier if there
 * are as many groups as there may be, in all or with one peer.
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
 * wire-protocol.md 2.14, 2.15, 7
 */
#include <linux/bitmap.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "cdc.h"
#include "clc_wire.h"
#include "conn.h"
#include "lgr.h"
#include "stats.h"
#include "trace.h"

/*
 * A server that has a free slot again knows it earlier than its client: leave
 * one in 32 free, and at least one.
 */
#define CONNS_SLACK		32
#define SETUP_LIMIT		(2 * HZ)
#define SETUPS_MAX		16	/* at a time, with one host */
#define IDLE_SERVER		(600 * HZ)
#define IDLE_CLIENT		(610 * HZ)
#define QUARANTINE_SHARE	4	/* of a group's connections */
#define FLUSH_ORDERLY_MS	2000
#define FLUSH_MS		200

static unsigned int max_groups = 1024;
module_param(max_groups, uint, 0644);
MODULE_PARM_DESC(max_groups, "Link groups, at the most");

static unsigned int max_peer_groups = 128;
module_param(max_peer_groups, uint, 0644);
MODULE_PARM_DESC(max_peer_groups, "Link groups with one peer, at the most");

/* "netns group list": guards lgr_list; bottom halves off */
static DEFINE_SPINLOCK(lgr_list_lock);
static LIST_HEAD(lgr_list);
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
	WRITE_ONCE(lgr->state, next);
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

/* has its peer kept too much of it? */
static bool is_worn(const struct smc_link_group *lgr)
{
	return lgr->nr_quarantined > lgr->max_conns / QUARANTINE_SHARE;
}

static bool is_idle(const struct smc_link_group *lgr)
{
	return lgr->nr_conns == lgr->nr_quarantined;
}

static unsigned long idle_delay(const struct smc_link_group *lgr)
{
	if (is_worn(lgr))
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
	if (is_worn(lgr))
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
	if (lgr->nr_conns >= lgr->max_conns || slot >= SMC_LGR_MAX_CONNS) {
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
	lgr->nr_conns++;
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
		lgr->nr_conns--;
		lgr->nr_quarantined -= conn->quarantined;
		if (!conn->quarantined && is_idle(lgr))
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
		if (is_idle(lgr))
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

	conn = lgr->imm ? conn_lookup_slot(lgr, imm >> 24) : NULL;
	if (!conn) {
		smc_stat_inc(lgr->key.net, SMC_STAT_RX_NO_CONN);
		return;
	}
	smc_cdc_handle_imm(conn, imm, len);
	smc_conn_put(conn);
}

/* -------- the peer's RMBs -------- */

/**
 * smc_lgr_rtoken_add() - remember an RMB of the peer
 * @lgr: group
 * @rkey: its key on the group's link
 * @vaddr: its address
 *
 * Any context; idempotent.
 *
 * Return: 0, or -ENOSPC if there are too many.
 */
int smc_lgr_rtoken_add(struct smc_link_group *lgr, u32 rkey, u64 vaddr)
{
	struct smc_rtoken *rtoken, *free = NULL;
	int i;

	spin_lock_bh(&lgr->lock);
	for (i = 0; i < SMC_LGR_RTOKENS; i++) {
		rtoken = &lgr->rtokens[i][0];
		if (rtoken->used && rtoken->rkey == rkey) {
			free = rtoken;
			break;
		}
		if (!rtoken->used && !free)
			free = rtoken;
	}
	if (free)
		*free = (struct smc_rtoken) {
			.rkey = rkey, .vaddr = vaddr, .used = true,
		};
	spin_unlock_bh(&lgr->lock);
	return free ? 0 : -ENOSPC;
}

/**
 * smc_lgr_rtoken_known() - has the peer told us of this RMB?
 * @lgr: group
 * @rkey: its key on the group's link
 * @vaddr: its address
 *
 * Any context.
 *
 * Return: true if so.
 */
bool smc_lgr_rtoken_known(struct smc_link_group *lgr, u32 rkey, u64 vaddr)
{
	const struct smc_rtoken *rtoken;
	bool known = false;
	int i;

	spin_lock_bh(&lgr->lock);
	for (i = 0; i < SMC_LGR_RTOKENS && !known; i++) {
		rtoken = &lgr->rtokens[i][0];
		known = rtoken->used && rtoken->rkey == rkey &&
			rtoken->vaddr == vaddr;
	}
	spin_unlock_bh(&lgr->lock);
	return known;
}

/**
 * smc_lgr_rtoken_del() - forget an RMB of the peer
 * @lgr: group
 * @rkey: its key on the group's link
 *
 * Any context.
 *
 * Return: false if it was not known.
 */
bool smc_lgr_rtoken_del(struct smc_link_group *lgr, u32 rkey)
{
	struct smc_rtoken *rtoken;
	bool found = false;
	int i;

	spin_lock_bh(&lgr->lock);
	for (i = 0; i < SMC_LGR_RTOKENS && !found; i++) {
		rtoken = &lgr->rtokens[i][0];
		found = rtoken->used && rtoken->rkey == rkey;
		if (found)
			rtoken->used = false;
	}
	spin_unlock_bh(&lgr->lock);
	return found;
}

/* -------- end -------- */

static void lgr_free(struct smc_link_group *lgr)
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
		lgr_free(lgr);
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
	struct smc_link_group *lgr;

	lgr = container_of(work, struct smc_link_group, term_work);
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

	spin_lock_bh(&lgr_list_lock);
	spin_lock(&lgr->lock);
	set_state(lgr, SMC_LGR_GONE);
	spin_unlock(&lgr->lock);
	spin_unlock_bh(&lgr_list_lock);
	if (lgr->link[0])
		smc_link_release(lgr->link[0]);

	spin_lock_bh(&lgr_list_lock);
	list_del(&lgr->list);
	spin_unlock_bh(&lgr_list_lock);
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
	queue_term(lgr);
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
	bool terminate = false;
	unsigned long end;

	spin_lock_bh(&lgr->lock);
	end = lgr->idle_since + idle_delay(lgr);
	if (lgr->state == SMC_LGR_SETUP) {
		lgr->stale = true;
		smc_lgr_wake_locked(lgr);
	} else if (lgr->state == SMC_LGR_ACTIVE && is_idle(lgr)) {
		terminate = time_after_eq(jiffies, end);
		if (terminate)
			begin_end(lgr, SMC_LLC_DEL_PROGRAM, true);
		else
			queue_delayed_work(lgr_wq, &lgr->timer,
					   end - jiffies);
	}
	spin_unlock_bh(&lgr->lock);
	if (terminate)
		queue_term(lgr);
}

static void timer_work(struct work_struct *work)
{
	idle_expired(container_of(to_delayed_work(work),
				  struct smc_link_group, timer));
}

/* -------- finding and making -------- */

static struct smc_link_group *lgr_alloc(const struct smc_lgr_args *args)
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

static void lgr_publish(struct smc_link_group *lgr)
{
	lockdep_assert_held(&lgr_list_lock);
	lgr->id = ++lgr_last_id;
	spin_lock(&lgr->lock);
	set_state(lgr, SMC_LGR_SETUP);
	spin_unlock(&lgr->lock);
	list_add_tail(&lgr->list, &lgr_list);
}

/* for the limit: what a peer can not choose at will */
static bool same_peer(const struct smc_lgr_key *a, const struct smc_lgr_key *b)
{
	if (a->server != b->server || !net_eq(a->net, b->net))
		return false;
	return a->server ? ipv6_addr_equal(&a->remote, &b->remote) :
	       !memcmp(a->peer_gid, b->peer_gid, sizeof(a->peer_gid));
}

/* The longest known group without connections ends; with @key, of that peer. */
static void evict(const struct smc_lgr_key *key)
{
	struct smc_link_group *lgr;
	bool found = false;

	lockdep_assert_held(&lgr_list_lock);
	list_for_each_entry(lgr, &lgr_list, list) {
		if (key && !same_peer(&lgr->key, key))
			continue;
		spin_lock(&lgr->lock);
		found = lgr->state == SMC_LGR_ACTIVE && is_idle(lgr);
		if (found)
			begin_end(lgr, SMC_LLC_DEL_PROGRAM, true);
		spin_unlock(&lgr->lock);
		if (found) {
			queue_term(lgr);
			break;
		}
	}
}

/**
 * smc_lgr_reclaim() - there is no memory for rings
 *
 * The longest known group without connections ends: the next one that asks may
 * find some. Any context.
 */
void smc_lgr_reclaim(void)
{
	spin_lock_bh(&lgr_list_lock);
	evict(NULL);
	spin_unlock_bh(&lgr_list_lock);
}

/* If not, the connection remains TCP, and a later one may find some. */
static bool is_room(const struct smc_lgr_key *key)
{
	unsigned int total = 0, peer = 0;
	struct smc_link_group *lgr;

	lockdep_assert_held(&lgr_list_lock);
	list_for_each_entry(lgr, &lgr_list, list) {
		total++;
		peer += same_peer(&lgr->key, key);
	}
	if (peer < max_peer_groups && total < max_groups)
		return true;
	smc_stat_inc(key->net, SMC_STAT_GROUP_LIMIT);
	evict(peer < max_peer_groups ? NULL : key);
	return false;
}

/**
 * smc_lgr_create() - make a group for a first contact, whatever there is
 * @args: what it is made of
 *
 * For clients: the server has decided. Sleeps.
 *
 * Return: a group in state SETUP with a reference for the caller, or NULL if
 *	there is no memory or there are too many.
 */
struct smc_link_group *smc_lgr_create(const struct smc_lgr_args *args)
{
	struct smc_link_group *lgr = lgr_alloc(args);
	bool room;

	if (!lgr)
		return NULL;
	spin_lock_bh(&lgr_list_lock);
	room = is_room(&args->key);
	if (room)
		lgr_publish(lgr);
	spin_unlock_bh(&lgr_list_lock);
	if (room)
		return lgr;
	lgr_free(lgr);
	return NULL;
}

static bool key_equal(const struct smc_lgr_key *a,
		      const struct smc_lgr_key *b)
{
	return a->server == b->server && a->version == b->version &&
	       net_eq(a->net, b->net) &&
	       ipv6_addr_equal(&a->remote, &b->remote) &&
	       !memcmp(a->peer_id, b->peer_id, sizeof(a->peer_id)) &&
	       !memcmp(a->peer_gid, b->peer_gid, sizeof(a->peer_gid)) &&
	       !memcmp(a->peer_mac, b->peer_mac, sizeof(a->peer_mac));
}

/* may a server's new connection have this group, now or later? */
static bool is_eligible(const struct smc_link_group *lgr,
			const struct smc_lgr_args *args)
{
	if (!key_equal(&lgr->key, &args->key) ||
	    memcmp(lgr->key.gid, args->key.gid, sizeof(lgr->key.gid)))
		return false;
	if (lgr->state == SMC_LGR_SETUP)
		return !lgr->stale;
	return lgr->state == SMC_LGR_ACTIVE &&
	       smc_link_is_active(lgr->link[0]) && !is_worn(lgr) &&
	       lgr->nr_conns < lgr->max_conns -
			       DIV_ROUND_UP(lgr->max_conns, CONNS_SLACK);
}

/*
 * Each group in first contact costs a QP and a megabyte, and nothing proves
 * that the peer IDs of a host are real.
 */
static bool too_many_setups(const struct smc_lgr_args *args)
{
	struct smc_link_group *lgr;
	int n = 0;

	lockdep_assert_held(&lgr_list_lock);
	list_for_each_entry(lgr, &lgr_list, list)
		n += READ_ONCE(lgr->state) == SMC_LGR_SETUP &&
		     same_peer(&lgr->key, &args->key);
	return n >= SETUPS_MAX;
}

/* an active one is better than one to wait for; takes a reference */
static struct smc_link_group *join_find(const struct smc_lgr_args *args)
{
	struct smc_link_group *lgr, *found = NULL;

	lockdep_assert_held(&lgr_list_lock);
	list_for_each_entry(lgr, &lgr_list, list) {
		bool active;

		spin_lock(&lgr->lock);
		active = lgr->state == SMC_LGR_ACTIVE;
		if ((active || !found) && is_eligible(lgr, args))
			found = lgr;
		spin_unlock(&lgr->lock);
		if (active && found == lgr)
			break;
	}
	if (found)
		smc_lgr_get(found);
	return found;
}

/**
 * smc_lgr_join() - find a group for a server's connection, or make one
 * @args: what it is made of, if it must be
 * @created: set to true if it was made: the caller does first contact
 *
 * A group in state SETUP that somebody else made has to be waited for. Sleeps.
 *
 * Return: a group with a reference for the caller, or NULL: no memory, or too
 *	many groups or first contacts already.
 */
struct smc_link_group *smc_lgr_join(const struct smc_lgr_args *args,
				    bool *created)
{
	struct smc_link_group *found, *new;
	bool refused;

	*created = false;
	spin_lock_bh(&lgr_list_lock);
	found = join_find(args);
	refused = !found && too_many_setups(args);
	spin_unlock_bh(&lgr_list_lock);
	if (found || refused)
		return found;

	new = lgr_alloc(args);
	if (!new)
		return NULL;
	spin_lock_bh(&lgr_list_lock);
	found = join_find(args);
	if (!found && !too_many_setups(args) && is_room(&args->key)) {
		lgr_publish(new);
		*created = true;
	}
	spin_unlock_bh(&lgr_list_lock);
	if (*created)
		return new;
	lgr_free(new);
	return found;
}

/*
 * The server may offer a group to the next connection before we know that it
 * has our answer to its Confirm Link.
 */
static bool is_usable(const struct smc_link_group *lgr)
{
	if (lgr->state == SMC_LGR_SETUP)
		return lgr->link[0] &&
		       READ_ONCE(lgr->link[0]->state) == SMC_LINK_READY;
	return lgr->state == SMC_LGR_ACTIVE &&
	       smc_link_is_active(lgr->link[0]);
}

/**
 * smc_lgr_lookup() - find the group a server means; for clients
 * @key: from the Accept; @key->gid is not looked at
 * @qpn: the server's QP number
 *
 * Any context.
 *
 * Return: a group with a reference for the caller, active or about to be, or
 *	NULL.
 */
struct smc_link_group *smc_lgr_lookup(const struct smc_lgr_key *key, u32 qpn)
{
	struct smc_link_group *lgr, *found = NULL;

	spin_lock_bh(&lgr_list_lock);
	/* the newest: the server may use the number of a QP again */
	list_for_each_entry_reverse(lgr, &lgr_list, list) {
		spin_lock(&lgr->lock);
		if (key_equal(&lgr->key, key) && is_usable(lgr) &&
		    lgr->link[0]->peer.qpn == qpn)
			found = lgr;
		spin_unlock(&lgr->lock);
		if (found) {
			smc_lgr_get(found);
			break;
		}
	}
	spin_unlock_bh(&lgr_list_lock);
	return found;
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
	spin_lock_bh(&lgr_list_lock);
	spin_lock(&lgr->lock);
	if (lgr->state == SMC_LGR_SETUP) {
		lgr->link[0] = link;
		smc_buf_pool_bind(&lgr->pool, link);
		queue_delayed_work(lgr_wq, &lgr->timer, SETUP_LIMIT);
	} else {
		ret = -ENOLINK;
	}
	spin_unlock(&lgr->lock);
	spin_unlock_bh(&lgr_list_lock);
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

/* -------- everybody -------- */

/**
 * smc_lgr_for_each() - visit all groups
 * @fn: called with a reference held, no locks; not 0 ends the walk
 * @data: for @fn
 *
 * Groups made meanwhile may be missed. Sleeps if @fn does.
 *
 * Return: what the last @fn returned.
 */
int smc_lgr_for_each(int (*fn)(struct smc_link_group *lgr, void *data),
		     void *data)
{
	struct smc_link_group *lgr, *next;
	u32 last = 0;
	int ret = 0;

	do {
		next = NULL;
		spin_lock_bh(&lgr_list_lock);
		/* the list is in the order of ids */
		list_for_each_entry(lgr, &lgr_list, list) {
			if (lgr->id > last) {
				next = lgr;
				smc_lgr_get(next);
				break;
			}
		}
		spin_unlock_bh(&lgr_list_lock);
		if (next) {
			last = next->id;
			ret = fn(next, data);
			smc_lgr_put(next);
		}
	} while (next && !ret);
	return ret;
}

/* @net and @dev NULL stand for any */
static bool terminate_some(struct net *net, struct smc_ib_device *dev)
{
	struct smc_link_group *lgr;
	bool some = false;

	spin_lock_bh(&lgr_list_lock);
	list_for_each_entry(lgr, &lgr_list, list) {
		if (net && !net_eq(lgr->key.net, net))
			continue;
		if (dev && (!lgr->link[0] || lgr->state == SMC_LGR_GONE ||
			    lgr->link[0]->path.dev != dev))
			continue;
		some = true;
		smc_lgr_terminate(lgr, SMC_LLC_DEL_OPERATOR, true);
	}
	spin_unlock_bh(&lgr_list_lock);
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

	spin_lock_bh(&lgr_list_lock);
	list_for_each_entry(lgr, &lgr_list, list) {
		link = lgr->link[0];
		/* the path of a link is valid up to GONE */
		if (link && lgr->state < SMC_LGR_GONE &&
		    link->path.dev == dev && !smc_ib_path_is_up(&link->path))
			smc_link_fail(link);
	}
	spin_unlock_bh(&lgr_list_lock);
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
}
