// SPDX-License-Identifier: GPL-2.0
/*
 * Connection core: life, state and send progress of a connection.
 *
 * See conn.h for who owns what. Nothing here sleeps.
 */
#include <linux/slab.h>

#include "conn.h"
#include "stats.h"
#include "sysctl.h"
#include "trace.h"

struct workqueue_struct *smc_wq;
/* those that lock sockets for other things than their handshake */
struct workqueue_struct *smc_settle_wq;
struct workqueue_struct *smc_listen_wq;

/**
 * smc_conn_init() - at module load
 *
 * Return: 0 or -ENOMEM.
 */
int smc_conn_init(void)
{
	smc_wq = alloc_workqueue("smc", 0, WQ_MAX_ACTIVE);
	if (!smc_wq)
		return -ENOMEM;
	smc_settle_wq = alloc_workqueue("smc_settle", WQ_UNBOUND,
					WQ_MAX_ACTIVE);
	if (!smc_settle_wq)
		goto no_settle;
	smc_listen_wq = alloc_workqueue("smc_listen", WQ_UNBOUND,
					WQ_MAX_ACTIVE);
	if (!smc_listen_wq)
		goto no_listen;
	return 0;
no_listen:
	destroy_workqueue(smc_settle_wq);
no_settle:
	destroy_workqueue(smc_wq);
	return -ENOMEM;
}

/**
 * smc_conn_fini() - at module unload, when no connection is left
 */
void smc_conn_fini(void)
{
	destroy_workqueue(smc_listen_wq);
	destroy_workqueue(smc_settle_wq);
	destroy_workqueue(smc_wq);
	/* kfree_rcu() of connections needs no module code */
}

/**
 * smc_conn_create() - make a connection that nothing carries yet
 * @net: network namespace
 * @sk: socket it belongs to; not counted, the socket layer clears conn->sk
 * @ops: up-calls
 * @gfp: allocation flags
 *
 * Return: a connection in state INIT with one reference, or NULL.
 */
struct smc_conn *smc_conn_create(struct net *net, struct sock *sk,
				 const struct smc_conn_ops *ops, gfp_t gfp)
{
	struct smc_conn *conn;

	conn = kzalloc(sizeof(*conn), gfp);
	if (!conn)
		return NULL;
	refcount_set(&conn->refcnt, 1);
	spin_lock_init(&conn->lock);
	INIT_LIST_HEAD(&conn->tx_wait);
	conn->state = SMC_CONN_INIT;
	conn->ops = ops;
	conn->net = net;
	conn->sk = sk;
	conn->tx.autocork = READ_ONCE(smc_sysctl(net)->autocorking_size);
	return conn;
}

/**
 * smc_conn_put() - drop a reference
 * @conn: connection
 *
 * The last one gives the transport's resources back. Any context, conn->lock
 * not held.
 */
void smc_conn_put(struct smc_conn *conn)
{
	if (!refcount_dec_and_test(&conn->refcnt))
		return;
	if (conn->transport)
		conn->transport->release(conn);
	kfree_rcu(conn, rcu);
}

/* all is said and nobody will write any more */
static void finish(struct smc_conn *conn)
	__releases(&conn->lock)
{
	conn->owed = 0;
	if (del_timer(&conn->timer))
		refcount_dec(&conn->refcnt);
	spin_unlock_bh(&conn->lock);
	conn->transport->detach(conn);
	smc_conn_put(conn);
}

/**
 * smc_conn_unlock() - unlock a connection
 * @conn: connection; the caller holds a reference besides the lock
 *
 * If the connection has nothing left to do, its transport is detached and
 * the socket layer's reference is dropped.
 */
void smc_conn_unlock(struct smc_conn *conn)
	__releases(&conn->lock)
{
	if (unlikely(conn->owed == SMC_OWED_FREE) &&
	    conn->tx.sent == conn->tx.prep)
		finish(conn);
	else
		spin_unlock_bh(&conn->lock);
}

/**
 * smc_conn_event() - the only writer of conn->state
 * @conn: connection, conn->lock held
 * @ev: what happened
 *
 * Return: SMC_CONN_ACT_* mask of what to do about it; 0 if the event means
 *	nothing in this state.
 */
unsigned int smc_conn_event(struct smc_conn *conn, enum smc_conn_event ev)
{
	enum smc_conn_state next;
	u8 old = conn->state;
	u32 actions;

	lockdep_assert_held(&conn->lock);
	if (smc_conn_state_next(old, ev, &next, &actions)) {
		smc_stat_inc(conn->net, SMC_STAT_STATE_VIOLATION);
		return 0;
	}
	WRITE_ONCE(conn->state, next);
	trace_smc_conn_state(conn->token, old, ev, next);
	return actions;
}

/**
 * smc_conn_tx_done() - the send of all bytes up to a position has completed
 * @conn: connection
 * @end: stream position
 *
 * Called by the transport for each message, in order. Any context.
 */
void smc_conn_tx_done(struct smc_conn *conn, u64 end)
{
	smc_conn_lock(conn);
	if (end > conn->tx.done)
		WRITE_ONCE(conn->tx.done, end);
	conn->ops->event(conn, SMC_CONN_TX_DONE);
	smc_conn_unlock(conn);
}

/**
 * smc_conn_tx_room() - post() may work again after -EAGAIN
 * @conn: connection
 *
 * Any context, none of the transport's locks held.
 */
void smc_conn_tx_room(struct smc_conn *conn)
{
	smc_conn_lock(conn);
	conn->tx.waiting = false;
	conn->ops->event(conn, SMC_CONN_TX_ROOM);
	smc_conn_unlock(conn);
}

/**
 * smc_conn_kill() - the link group is lost, nothing can be sent or received
 * @conn: connection; the caller holds a reference
 *
 * Any context, none of the transport's locks held.
 */
void smc_conn_kill(struct smc_conn *conn)
{
	smc_conn_lock(conn);
	conn->ops->event(conn, SMC_CONN_DEAD);
	smc_conn_unlock(conn);
}
