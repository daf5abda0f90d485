// SPDX-License-Identifier: GPL-2.0
/*
 * Ending a connection, and the up-calls of established ones.
 *
 * conn_state.c says what an event means, this file does it. Nothing waits for
 * the peer: a closed socket lets go of its connection at once, and the
 * connection sends what is left, then "closed", and lives until the peer has
 * closed too, because only then will the peer write no more into the RMBE.
 *
 * Ownership: conn->sk is cleared when the socket lets go. The reference of
 * the socket layer is dropped by smc_conn_unlock() once SMC_OWED_FREE is all
 * that is owed. A peer that does not take our last data within LINGER_MAX is
 * aborted. One that has all, but does not close within the time TCP gives it
 * for its FIN (net.ipv4.tcp_fin_timeout), keeps only what it may write to.
 *
 * The TCP connection is closed by the socket's own release. When the SMC
 * connection breaks while the socket is open, TCP has to end too, and it must
 * not tell the application of that: its own reset may come long after the
 * application has heard of ours. So an error is told when TCP is out of the
 * way (settle()), which needs the socket lock: by reset_work, or by whoever has
 * it and would otherwise miss the error.
 *
 * wire-protocol.md 6
 */
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "conn.h"
#include "sk_lock.h"
#include "stats.h"
#include "stream.h"

#define LINGER_MAX	(60 * HZ)

#define ACT_ERROR	(SMC_CONN_ACT_SET_ECONNRESET | \
			 SMC_CONN_ACT_SET_ECONNABORTED)
/* what the application sees of a transition */
#define ACT_VISIBLE	(ACT_ERROR | \
			 SMC_CONN_ACT_RCV_SHUT | SMC_CONN_ACT_SND_SHUT | \
			 SMC_CONN_ACT_WAKE_READER | SMC_CONN_ACT_WAKE_WRITER)

/**
 * smc_close_wake() - wake all that wait for anything on a socket
 * @sk: socket
 *
 * Not by sk->sk_state_change(): that is how TCP tells us of itself. Any
 * context.
 */
void smc_close_wake(struct sock *sk)
{
	struct socket_wq *wq;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_all(&wq->wait);
	rcu_read_unlock();
}

/*
 * The socket has one error of this connection, be it ours or TCP's. As with
 * TCP, a reset that comes after the end is none to a reader. Return: true if it
 * has to be reported.
 */
static bool set_error(struct smc_conn *conn, u32 actions)
{
	int err = ECONNABORTED;
	struct sock *sk = conn->sk;

	if (!(actions & ACT_ERROR) || !sk || conn->told)
		return false;
	if (actions & SMC_CONN_ACT_SET_ECONNRESET)
		err = conn->rx.ended ? EPIPE : ECONNRESET;
	WRITE_ONCE(conn->told, true);
	if (!READ_ONCE(sk->sk_err))
		WRITE_ONCE(sk->sk_err, err);
	/* pairs with poll_conn(): who sees the end sees the error */
	smp_wmb();
	return true;
}

/* let the application see it; conn->lock held */
static void show(struct smc_conn *conn, u32 actions)
{
	bool failed = set_error(conn, actions);

	if (actions & SMC_CONN_ACT_RCV_SHUT)
		WRITE_ONCE(conn->shutdown, conn->shutdown | RCV_SHUTDOWN);
	if (actions & SMC_CONN_ACT_SND_SHUT)
		WRITE_ONCE(conn->shutdown, conn->shutdown | SEND_SHUTDOWN);
	if (failed)
		sk_error_report(conn->sk);
	if (actions & SMC_CONN_ACT_WAKE_READER)
		smc_rx_wake(conn);
	/* the end wakes those, too, that wait for nothing but that */
	if (actions & (SMC_CONN_ACT_WAKE_WRITER | SMC_CONN_ACT_RCV_SHUT) &&
	    conn->sk)
		smc_close_wake(conn->sk);
}

static void no_report(struct sock *sk)
{
}

/* Without a word to the application. The peer of a broken connection may not
 * know of it.
 */
static void end_tcp(struct sock *sk, bool reset)
{
	void (*report)(struct sock *sk) = sk->sk_error_report;
	int err = READ_ONCE(sk->sk_err);

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (reset) {
		sk->sk_error_report = no_report;
		sk->sk_prot->disconnect(sk, O_NONBLOCK);
		sk->sk_error_report = report;
		WRITE_ONCE(sk->sk_err, err);
	} else {
		local_bh_disable();
		bh_lock_sock(sk);
		tcp_done(sk);
		bh_unlock_sock(sk);
		local_bh_enable();
	}
}

/* TCP is to end, and the application to hear of an error; socket locked. In
 * this order: TCP's own error is over before anybody is woken.
 */
static void settle(struct smc_conn *conn, struct sock *sk)
{
	end_tcp(sk, READ_ONCE(conn->due) & SMC_CONN_ACT_TCP_RESET);
	smc_conn_lock(conn);
	show(conn, conn->due & ACT_VISIBLE);
	WRITE_ONCE(conn->due, 0);
	smc_conn_unlock(conn);
}

static void queue_settling(struct smc_conn *conn, unsigned long delay)
{
	smc_conn_get(conn);
	if (!queue_delayed_work(smc_settle_wq, &conn->reset_work, delay))
		refcount_dec(&conn->refcnt);
}

/* the caller has a reference of its own */
static void unqueue_settling(struct smc_conn *conn)
{
	if (cancel_delayed_work(&conn->reset_work))
		refcount_dec(&conn->refcnt);
}

/* a program that keeps its socket locked waits for itself */
static void settle_again(struct smc_conn *conn)
{
	queue_settling(conn, smc_sock_lock_later(&conn->locked));
	smp_mb(); /* pairs with leave(): queued first, then looked */
	if (!READ_ONCE(conn->sk))
		unqueue_settling(conn);
}

static void reset_work(struct work_struct *work)
{
	struct smc_conn *conn = container_of(to_delayed_work(work),
					     struct smc_conn, reset_work);
	struct sock *sk;

	smc_conn_lock(conn);
	sk = conn->sk;
	if (sk)
		sock_hold(sk);
	smc_conn_unlock(conn);
	if (sk && smc_sock_lock_soon(sk)) {
		conn->locked = 0;
		if (conn->sk)
			smc_conn_settle(conn, sk);
		release_sock(sk);
	} else if (sk) {
		settle_again(conn);
	}
	if (sk)
		sock_put(sk);
	smc_conn_put(conn);
}

/* Put off what needs the socket lock. Before the connection is established
 * the handshake has the say.
 */
static void settle_later(struct smc_conn *conn, u32 actions)
{
	WRITE_ONCE(conn->due, conn->due | actions);
	if (!conn->data_ready)
		return;
	queue_settling(conn, 0);
}

/* do what a transition asks for; conn->lock held */
static void act(struct smc_conn *conn, u32 actions)
{
	u32 visible = actions & ACT_VISIBLE;

	if (actions & SMC_CONN_ACT_DROP_SEND) {
		/* there is no end in order behind data that is missing */
		if (conn->tx.prep != conn->tx.sent)
			conn->owed &= ~SMC_OWED_DONE;
		WRITE_ONCE(conn->tx.prep, conn->tx.sent);
	}
	if (actions & SMC_CONN_ACT_SEND_DONE_WRITING)
		conn->owed |= SMC_OWED_DONE;
	if (actions & SMC_CONN_ACT_SEND_CLOSED)
		conn->owed |= SMC_OWED_CLOSED;
	if (actions & SMC_CONN_ACT_SEND_ABORT) {
		conn->owed &= ~(SMC_OWED_DONE | SMC_OWED_CLOSED);
		WRITE_ONCE(conn->aborted, true);
		conn->owed |= SMC_OWED_STATE;
	}
	if (actions & ACT_ERROR)
		smc_stat_inc(conn->net, SMC_STAT_CONN_ABORTED);
	if (conn->sk && !conn->told &&
	    actions & (ACT_ERROR | SMC_CONN_ACT_TCP_RESET)) {
		settle_later(conn, actions &
			     (ACT_VISIBLE | SMC_CONN_ACT_TCP_RESET));
		visible = 0;
	}
	if (actions & SMC_CONN_ACT_FREE)
		conn->owed |= SMC_OWED_FREE;
	smc_tx_push(conn);
	show(conn, visible);
}

/**
 * smc_close_event() - something happened to the state of a connection
 * @conn: connection, conn->lock held
 * @ev: enum smc_conn_event
 */
void smc_close_event(struct smc_conn *conn, unsigned int ev)
{
	lockdep_assert_held(&conn->lock);
	act(conn, smc_conn_event(conn, ev));
}

/* nothing can be sent any more: forget all that is owed but the end */
static void link_lost(struct smc_conn *conn)
{
	/* the queue pair may still take it, and the peer believe it */
	WRITE_ONCE(conn->tx.prep, conn->tx.sent);
	conn->owed &= SMC_OWED_FREE;
	smc_close_event(conn, SMC_CONN_EV_LINK_LOST);
}

static void stream_event(struct smc_conn *conn, unsigned int what)
{
	lockdep_assert_held(&conn->lock);
	if (what & SMC_CONN_RX_URGENT)
		smc_rx_urgent(conn);
	if (what & SMC_CONN_RX_DATA) {
		smc_rx_stamp(conn);
		if (smc_conn_state_app_closed(conn->state))
			/* as TCP: nobody will read this, the peer shall know */
			smc_close_event(conn, SMC_CONN_EV_APP_ABORT);
		else
			smc_rx_wake(conn);
	}
	if (what & SMC_CONN_RX_ABORTED)
		smc_close_event(conn, SMC_CONN_EV_PEER_ABORT);
	else if (what & SMC_CONN_RX_DONE)
		smc_close_event(conn, SMC_CONN_EV_PEER_DONE_WRITING);
	if (what & SMC_CONN_RX_CLOSED && !conn->rx.peer_aborted)
		smc_close_event(conn, SMC_CONN_EV_PEER_CLOSED);
	if (what & SMC_CONN_RX_INVALID)
		smc_close_event(conn, SMC_CONN_EV_KILL);
	if (what & SMC_CONN_DEAD)
		link_lost(conn);
	if (what & SMC_CONN_RX_UPDATE)
		smc_tx_cons_update(conn);
	if (what & SMC_CONN_TX_ROOM)
		smc_tx_room(conn);
	if (what & (SMC_CONN_TX_CREDIT | SMC_CONN_TX_DONE))
		smc_tx_push(conn);
	if (what & (SMC_CONN_TX_CREDIT | SMC_CONN_TX_DONE | SMC_CONN_TX_ROOM))
		smc_tx_wake(conn);
}

const struct smc_conn_ops smc_stream_ops = {
	.event = stream_event,
	.settle = settle,
};

/* The socket is gone: data waits for the peer, or there is its closing to wait
 * for. A cork timer that is running lends its reference.
 */
static void linger_start(struct smc_conn *conn)
{
	unsigned long wait = LINGER_MAX;

	lockdep_assert_held(&conn->lock);
	if (conn->tx.prep == conn->tx.sent) {
		if (conn->owed & SMC_OWED_FREE)
			return;
		wait = READ_ONCE(conn->net->ipv4.sysctl_tcp_fin_timeout);
	}
	conn->tx.linger = conn->tx.sent;
	if (!mod_timer(&conn->timer, jiffies + wait))
		smc_conn_get(conn);
}

/*
 * Data that the peer does not take for a while is given up. Returns true if
 * only its closing is missing.
 */
static bool linger_timer(struct smc_conn *conn)
{
	if (smc_conn_state_is_closed(conn->state))
		return false;
	if (conn->tx.prep == conn->tx.sent)
		return true;
	if (conn->tx.sent == conn->tx.linger)
		smc_close_event(conn, SMC_CONN_EV_LINGER_EXPIRED);
	linger_start(conn);
	return false;
}

static void conn_timer(struct timer_list *t)
{
	struct smc_conn *conn = from_timer(conn, t, timer);
	bool park = false;

	smc_conn_lock(conn);
	if (conn->sk)
		smc_tx_timer(conn);
	/* else it ran for corked data, and close() has set it anew */
	else if (!timer_pending(t))
		park = linger_timer(conn);
	smc_conn_unlock(conn);
	if (park)
		conn->transport->park(conn);
	smc_conn_put(conn);
}

/**
 * smc_close_init() - prepare a new connection for this layer
 * @conn: connection that nobody else knows yet
 */
void smc_close_init(struct smc_conn *conn)
{
	timer_setup(&conn->timer, conn_timer, 0);
	INIT_DELAYED_WORK(&conn->reset_work, reset_work);
}

/**
 * smc_close_established() - the handshake is done, data may flow
 * @sk: socket, locked
 * @conn: its connection
 * @data_ready: wakes readers of the socket
 *
 * The peer may have sent, and even closed, before.
 */
void smc_close_established(struct sock *sk, struct smc_conn *conn,
			   void (*data_ready)(struct sock *sk))
{
	smc_conn_lock(conn);
	conn->data_ready = data_ready;
	smc_close_event(conn, SMC_CONN_EV_ESTABLISHED);
	smc_conn_unlock(conn);
	smc_conn_settle(conn, sk);
}

/**
 * smc_close_shutdown() - shutdown() of an established connection
 * @sk: socket, locked
 * @conn: its connection
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 */
void smc_close_shutdown(struct sock *sk, struct smc_conn *conn, int how)
{
	smc_conn_lock(conn);
	if (how & SEND_SHUTDOWN) {
		conn->tx.corked = false;
		smc_close_event(conn, SMC_CONN_EV_APP_SHUT_WR);
	}
	if (how & RCV_SHUTDOWN)
		WRITE_ONCE(conn->shutdown, conn->shutdown | RCV_SHUTDOWN);
	smc_conn_unlock(conn);
	smc_close_wake(sk);
}

static bool drained(const struct smc_conn *conn)
{
	u64 prep = READ_ONCE(conn->tx.prep);

	return READ_ONCE(conn->tx.done) == prep ||
	       READ_ONCE(conn->tx.acked) == prep;
}

/* SO_LINGER: wait until the peer's memory has everything */
static void linger(struct sock *sk, struct smc_conn *conn)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	long timeo = sk->sk_lingertime;

	add_wait_queue(sk_sleep(sk), &wait);
	/* once an error has been told nothing more gets through */
	while (timeo && !READ_ONCE(sk->sk_err) && !READ_ONCE(conn->told) &&
	       !signal_pending(current)) {
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		/* pairs with smc_tx_wake(): the bit, then the position */
		smp_mb__after_atomic();
		smc_tx_unacked(sk, conn);
		if (drained(conn))
			break;
		sk_wait_event(sk, &timeo,
			      drained(conn) || READ_ONCE(sk->sk_err), &wait);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
}

/**
 * smc_close_by_reset() - TCP shall end the connection with a reset
 * @sk: socket that is about to be closed, locked
 */
void smc_close_by_reset(struct sock *sk)
{
	sock_set_flag(sk, SOCK_LINGER);
	sk->sk_lingertime = 0;
}

/* the socket has nothing to do with it any more; conn->lock held */
static void leave(struct smc_conn *conn)
{
	WRITE_ONCE(conn->sk, NULL);
	smp_mb(); /* pairs with settle_again(): gone first, then unqueued */
	unqueue_settling(conn);
}

/**
 * smc_close_release() - the socket lets go of its connection
 * @sk: socket, locked
 * @conn: its connection; the socket's reference is handed over
 *
 * As TCP: unread data or SO_LINGER with time 0 abort the connection,
 * SO_LINGER with another time waits that long for data to be sent.
 */
void smc_close_release(struct sock *sk, struct smc_conn *conn)
{
	bool linger_on = sock_flag(sk, SOCK_LINGER);
	bool unread;

	smc_conn_settle(conn, sk);
	smc_tx_uncork(conn);
	if (linger_on && sk->sk_lingertime && !(current->flags & PF_EXITING))
		linger(sk, conn);

	smc_conn_lock(conn);
	unread = conn->rx.prod != conn->rx.cons ||
		 conn->rx.urgent_state == SMC_URGENT_AT_MARK;
	leave(conn);
	if (unread || (linger_on && !sk->sk_lingertime))
		smc_close_event(conn, SMC_CONN_EV_APP_ABORT);
	else
		smc_close_event(conn, SMC_CONN_EV_APP_CLOSE);
	linger_start(conn);
	smc_conn_unlock(conn);
	/* TCP itself sees nothing unread */
	if (unread)
		smc_close_by_reset(sk);
}

/**
 * smc_close_dissolve() - the socket lives on without its connection
 * @sk: socket, locked
 * @conn: its connection; the socket's reference is handed over
 *
 * The peer sees an abort, as with TCP.
 */
void smc_close_dissolve(struct sock *sk, struct smc_conn *conn)
{
	smc_conn_lock(conn);
	leave(conn);
	smc_close_event(conn, SMC_CONN_EV_APP_ABORT);
	linger_start(conn);
	smc_conn_unlock(conn);
}

/**
 * smc_close_tcp_lost() - the companion connection was reset or timed out
 * @sk: socket, its spinlock or lock held; TCP has set its error
 * @conn: its connection
 */
void smc_close_tcp_lost(struct sock *sk, struct smc_conn *conn)
{
	smc_conn_lock(conn);
	WRITE_ONCE(conn->told, true);
	smc_close_event(conn, SMC_CONN_EV_KILL);
	show(conn, conn->due & ACT_VISIBLE);
	smc_conn_unlock(conn);
}

/**
 * smc_close_tcp_forgotten() - the companion ended after the peer's FIN
 * @sk: socket, its spinlock or lock held
 * @conn: its connection
 *
 * If TCP has set an error for that, the application need not know as long as
 * its connection goes on.
 */
void smc_close_tcp_forgotten(struct sock *sk, struct smc_conn *conn)
{
	smc_conn_lock(conn);
	if (!conn->told && conn->shutdown != SHUTDOWN_MASK)
		WRITE_ONCE(sk->sk_err, 0);
	smc_conn_unlock(conn);
}

/**
 * smc_close_tcp_lies() - bytes came on the companion connection
 * @sk: socket, its spinlock or lock held
 * @conn: its connection
 */
void smc_close_tcp_lies(struct sock *sk, struct smc_conn *conn)
{
	smc_conn_lock(conn);
	smc_close_event(conn, SMC_CONN_EV_KILL);
	smc_conn_unlock(conn);
}
