// SPDX-License-Identifier: GPL-2.0
/*
 * Sending: from the application into the send ring, from there into the
 * peer's RMBE.
 *
 * sendmsg() copies into the ring under the socket lock and publishes under
 * conn->lock. Pushing happens under conn->lock from whoever has a reason:
 * sendmsg(), credit from the peer, a completion that ends autocorking, a free
 * send slot. One message carries as many bytes as are there and fit; it never
 * wraps around the end of the peer's RMBE.
 *
 * Completions cost. A message asks for one only if it is the fourth since the
 * last that did, if a quarter of the ring depends on it, or if it ends the
 * connection. Autocorking lives on them: as long as one is on its way, small
 * writes gather in the ring. So a ping-pong never waits, and a stream of
 * small writes becomes a few large messages each round trip.
 *
 * Errors: a dead connection has its error in sk->sk_err and SEND_SHUTDOWN in
 * conn->shutdown. Bytes are in the ring or not accepted.
 *
 * wire-protocol.md 5.5 to 5.9
 */
#include <linux/sched/signal.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "conn.h"
#include "stats.h"
#include "stream.h"

#define TX_SIGNAL_EVERY	4
#define TX_CORK_BYTES	65536	/* corked data: more is sent at once */
#define TX_COPY_CHUNK	65536	/* push while the rest is being copied */
#define TX_ACK_WAIT	max(HZ / 100, 1)
#define TX_CORK_MAX	(HZ / 5)	/* as TCP's limit for TCP_CORK */

/* the ring, or less of it if SO_SNDBUF has been made smaller since */
static u32 tx_limit(const struct sock *sk, const struct smc_conn *conn)
{
	/* a setsockopt() counts from when it is seen */
	if (unlikely(sk && data_race(sk->sk_userlocks) & SOCK_SNDBUF_LOCK))
		return min_t(u32, conn->tx.size, READ_ONCE(sk->sk_sndbuf));
	return conn->tx.size;
}

static u32 tx_space(const struct sock *sk, const struct smc_conn *conn)
{
	u32 used = READ_ONCE(conn->tx.prep) - READ_ONCE(conn->tx.done);
	u32 limit = tx_limit(sk, conn);

	return used < limit ? limit - used : 0;
}

/* one message with the next @len bytes and the state of the connection */
static int tx_post(struct smc_conn *conn, u32 len, bool signal)
{
	/* pairs with rx_consume(): what it read may be overwritten now */
	u64 cons = smp_load_acquire(&conn->rx.cons);
	struct smc_conn_tx *tx = &conn->tx;
	struct smc_tx_msg msg = {
		.pos = tx->sent,
		.len = len,
		.signal = signal,
		.cons = cons,
		.cdc = {
			.seq = tx->seq + 1,
			.token = conn->peer_token,
			.done_writing = conn->done_writing,
			.closed = conn->closed,
			.aborted = conn->aborted,
		},
	};
	u64 end = tx->sent + len;
	int ret;

	msg.cdc.prod = smc_cursor_from_pos(end, tx->peer_size);
	msg.cdc.cons = smc_cursor_from_pos(cons, conn->rx.size);
	msg.cdc.writer_blocked =
		tx->prep - tx->sent >= tx->peer_size - (tx->sent - tx->acked);
	if (tx->urgent) {
		msg.cdc.urgent_pending = true;
		msg.cdc.urgent_present = end == tx->urgent;
	}
	if (!len)
		msg.cdc.writer_blocked &= tx->prep != tx->sent;

	ret = conn->transport->post(conn, &msg);
	if (ret == -EAGAIN) {
		tx->waiting = true;
		smc_stat_inc(conn->net, SMC_STAT_TX_NO_SLOT);
		return ret;
	}
	if (ret) {
		/* the link is dead: nothing more can be owed to the peer */
		WRITE_ONCE(tx->prep, tx->sent);
		conn->owed &= SMC_OWED_FREE;
		return ret;
	}
	tx->seq++;
	tx->sent = end;
	/* the compact form may say less than the peer knows already */
	if (msg.cons > conn->rx.told)
		WRITE_ONCE(conn->rx.told, msg.cons);
	WRITE_ONCE(conn->rx.update_wanted, false);
	if (tx->urgent == end)
		tx->urgent = 0;
	if (signal) {
		tx->signaled = end;
		tx->unsignaled = 0;
	} else {
		tx->unsignaled++;
	}
	return 0;
}

/* small writes wait for company while a completion is on its way */
static bool tx_hold(const struct smc_conn *conn)
{
	const struct smc_conn_tx *tx = &conn->tx;
	u32 limit = tx->corked ? TX_CORK_BYTES : tx->autocork;
	u64 pending = tx->prep - tx->sent;

	if (pending >= min(tx->size / 2, limit) || tx->urgent || conn->owed)
		return false;
	return tx->corked || tx->done < tx->signaled;
}

static void tx_push_data(struct smc_conn *conn)
{
	struct smc_conn_tx *tx = &conn->tx;
	u64 pending, room;
	bool signal;
	u32 len;

	while ((pending = tx->prep - tx->sent) && !tx_hold(conn)) {
		room = tx->peer_size - (tx->sent - tx->acked);
		if (!room) {
			smc_stat_inc(conn->net, SMC_STAT_TX_BLOCKED);
			return;
		}
		len = min3(pending, room,
			   (u64)tx->peer_size -
			   smc_ring_offset(tx->sent, tx->peer_size));
		if (tx->urgent > tx->sent)
			len = min_t(u64, len, tx->urgent - tx->sent);
		signal = tx->unsignaled + 1 >= TX_SIGNAL_EVERY ||
			 tx->sent + len - tx->signaled >=
			 tx_limit(conn->sk, conn) / 4;
		if (tx_post(conn, len, signal))
			return;
		smc_stat_inc(conn->net, SMC_STAT_TX_MSGS);
	}
}

static void tx_push_state(struct smc_conn *conn, bool signal)
{
	if (tx_post(conn, 0, signal || conn->closed || conn->aborted))
		return;
	conn->owed &= ~SMC_OWED_STATE;
	smc_stat_inc(conn->net, SMC_STAT_TX_STATE);
}

/**
 * smc_tx_push() - send what may be sent
 * @conn: connection, conn->lock held
 */
void smc_tx_push(struct smc_conn *conn)
{
	struct smc_conn_tx *tx = &conn->tx;

	lockdep_assert_held(&conn->lock);
	/* before the Confirm is taken nothing can be said, only be owed */
	if (tx->waiting || !tx->size || !tx->peer_size)
		return;
	if (tx->prep != tx->sent)
		tx_push_data(conn);
	if (conn->owed & (SMC_OWED_DONE | SMC_OWED_CLOSED) &&
	    tx->prep == tx->sent) {
		conn->done_writing |= !!(conn->owed & SMC_OWED_DONE);
		conn->closed |= !!(conn->owed & SMC_OWED_CLOSED);
		conn->owed &= ~(SMC_OWED_DONE | SMC_OWED_CLOSED);
		conn->owed |= SMC_OWED_STATE;
	}
	if (conn->owed & SMC_OWED_STATE && !tx->waiting)
		tx_push_state(conn, false);
}

static void tx_flush(struct smc_conn *conn)
{
	WRITE_ONCE(conn->tx.corked, false);
	smc_tx_push(conn);
}

/**
 * smc_tx_uncork() - send what was held back for more to come
 * @conn: connection, not locked
 */
void smc_tx_uncork(struct smc_conn *conn)
{
	smc_conn_lock(conn);
	tx_flush(conn);
	smc_conn_unlock(conn);
}

/**
 * smc_tx_cons_update() - tell the peer how far we have read, now
 * @conn: connection, conn->lock held
 */
void smc_tx_cons_update(struct smc_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	smc_stat_inc(conn->net, SMC_STAT_TX_CONS_UPDATES);
	conn->owed |= SMC_OWED_STATE;
	if (!conn->tx.waiting && conn->tx.peer_size)
		tx_push_state(conn, false);
}

/**
 * smc_tx_timer() - corked data has waited long enough
 * @conn: connection, conn->lock held
 */
void smc_tx_timer(struct smc_conn *conn)
{
	if (conn->tx.corked)
		tx_flush(conn);
}

/**
 * smc_tx_writable() - would poll() say so?
 * @sk: socket
 * @conn: its connection
 *
 * As for TCP, a third of the buffer has to be free.
 *
 * Return: true if there is enough space to wake a writer, or if there will
 *	never be any.
 */
bool smc_tx_writable(const struct sock *sk, const struct smc_conn *conn)
{
	return tx_space(sk, conn) >= tx_limit(sk, conn) / 3 ||
	       !smc_conn_state_can_send(READ_ONCE(conn->state));
}

/* ask for a completion of what has been sent; conn->lock held */
static void tx_ask(struct smc_conn *conn)
{
	struct smc_conn_tx *tx = &conn->tx;

	if (tx->signaled < tx->sent && tx->prep == tx->sent && !tx->waiting)
		tx_push_state(conn, true);
}

/**
 * smc_tx_want_space() - somebody waits for space
 * @sk: socket
 * @conn: its connection; the caller has a reference, or is under RCU
 *
 * If SO_SNDBUF was made smaller there may be no completion on its way, or none
 * that makes enough space.
 *
 * Return: false if there is space now; true if sk_write_space() will be called.
 */
bool smc_tx_want_space(struct sock *sk, struct smc_conn *conn)
{
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/* pairs with smc_tx_wake(): the bit, then the space */
	smp_mb__after_atomic();
	if (smc_tx_writable(sk, conn))
		return false;
	smc_conn_lock(conn);
	/* then the socket still has its reference */
	if (smc_conn_state_can_send(conn->state) &&
	    (conn->tx.done == conn->tx.signaled ||
	     conn->tx.prep - conn->tx.signaled > tx_limit(sk, conn) * 2 / 3))
		tx_ask(conn);
	smc_conn_unlock(conn);
	return true;
}

/**
 * smc_tx_room() - the transport takes messages again
 * @conn: connection, conn->lock held
 */
void smc_tx_room(struct smc_conn *conn)
{
	struct sock *sk = conn->sk;
	struct socket *sock = sk ? READ_ONCE(sk->sk_socket) : NULL;

	smc_tx_push(conn);
	/* who waits for space may have asked in vain */
	if (sock && test_bit(SOCK_NOSPACE, &sock->flags) &&
	    !smc_tx_writable(sk, conn))
		tx_ask(conn);
}

/**
 * smc_tx_wake() - wake writers if there is space for them
 * @conn: connection, conn->lock held
 */
void smc_tx_wake(struct smc_conn *conn)
{
	struct sock *sk = conn->sk;
	struct socket *sock;

	/* pairs with the waiters: they set the bit, then look */
	smp_mb();
	sock = sk ? READ_ONCE(sk->sk_socket) : NULL;
	if (sock && test_bit(SOCK_NOSPACE, &sock->flags) &&
	    smc_tx_writable(sk, conn))
		sk->sk_write_space(sk);
}

/**
 * smc_tx_unsent() - bytes not yet given to the transport (SIOCOUTQNSD)
 * @conn: connection
 *
 * Return: number of bytes.
 */
u32 smc_tx_unsent(struct smc_conn *conn)
{
	u32 n;

	smc_conn_lock(conn);
	n = conn->tx.prep - conn->tx.sent;
	smc_conn_unlock(conn);
	return n;
}

static u32 tx_in_flight(const struct smc_conn *conn)
{
	return READ_ONCE(conn->tx.prep) - max(READ_ONCE(conn->tx.done),
					      READ_ONCE(conn->tx.acked));
}

/**
 * smc_tx_unacked() - bytes that may not have reached the peer (SIOCOUTQ)
 * @sk: socket, locked
 * @conn: its connection; the caller holds a reference
 *
 * Programs poll this until it is 0, so the last message must have a
 * completion: if it has not asked for one, a message after it does. That is
 * worth a moment's wait: TCP would know already.
 *
 * Return: number of bytes.
 */
u32 smc_tx_unacked(struct sock *sk, struct smc_conn *conn)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct smc_conn_tx *tx = &conn->tx;
	long timeo = TX_ACK_WAIT;
	bool ask;

	smc_conn_lock(conn);
	ask = tx_in_flight(conn) && tx->prep == tx->sent && !tx->waiting;
	if (ask)
		tx_ask(conn);
	smc_conn_unlock(conn);
	if (ask) {
		add_wait_queue(sk_sleep(sk), &wait);
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		/* pairs with smc_tx_wake(): the bit, then the position */
		smp_mb__after_atomic();
		sk_wait_event(sk, &timeo, !tx_in_flight(conn), &wait);
		remove_wait_queue(sk_sleep(sk), &wait);
	}
	return tx_in_flight(conn);
}

static int tx_copy(struct smc_conn *conn, struct msghdr *msg, u32 n)
{
	struct smc_conn_tx *tx = &conn->tx;
	u32 off = smc_ring_offset(READ_ONCE(tx->prep), tx->size);
	u32 first = min(n, tx->size - off);

	if (!copy_from_iter_full(tx->buf + off, first, &msg->msg_iter) ||
	    !copy_from_iter_full(tx->buf, n - first, &msg->msg_iter))
		return -EFAULT;
	return 0;
}

static bool tx_broken(struct sock *sk, const struct smc_conn *conn)
{
	return READ_ONCE(sk->sk_err) ||
	       !smc_conn_state_can_send(READ_ONCE(conn->state));
}

/* wait for space; the socket lock is dropped meanwhile */
static int tx_wait_space(struct sock *sk, struct smc_conn *conn, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int ret = 0;

	if (!smc_tx_want_space(sk, conn) || tx_broken(sk, conn))
		return 0;
	if (!*timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(*timeo);
	smc_conn_get(conn);
	add_wait_queue(sk_sleep(sk), &wait);
	/* on the queue: a wake-up before it has taken the bit away */
	sk_wait_event(sk, timeo,
		      !smc_tx_want_space(sk, conn) || tx_broken(sk, conn),
		      &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
	/* connect() with AF_UNSPEC has taken it from us */
	if (conn->sk != sk)
		ret = -EPIPE;
	smc_conn_put(conn);
	return ret;
}

/* publish @n copied bytes and send what should be sent */
static void tx_publish(struct smc_conn *conn, u32 n, bool more, bool urgent)
{
	struct smc_conn_tx *tx = &conn->tx;

	smc_conn_lock(conn);
	if (!smc_conn_state_can_send(conn->state)) {
		smc_conn_unlock(conn);
		return;
	}
	WRITE_ONCE(tx->prep, tx->prep + n);
	WRITE_ONCE(tx->corked, more);
	if (urgent)
		tx->urgent = tx->prep;
	smc_tx_push(conn);
	if (more && tx->prep != tx->sent && !timer_pending(&conn->timer)) {
		refcount_inc(&conn->refcnt);
		mod_timer(&conn->timer, jiffies + TX_CORK_MAX);
	}
	smc_conn_unlock(conn);
	smc_stat_add(conn->net, SMC_STAT_TX_BYTES, n);
}

/* the notification that the application waits for: it was copied */
static void tx_zerocopy_done(struct ubuf_info *zc)
{
	uarg_to_msgzc(zc)->zerocopy = 0;
	net_zcopy_put(zc);
}

/*
 * The peer has closed in order. TCP learns only from the answer to the next
 * bytes that nobody will read them; programs count on this one send() to
 * succeed. Return: bytes taken, 0 if this is no such case.
 */
static u32 tx_into_the_void(struct sock *sk, struct smc_conn *conn, size_t len)
{
	u32 n = 0;

	smc_conn_lock(conn);
	if (conn->rx.peer_closed && !conn->rx.peer_aborted &&
	    !READ_ONCE(sk->sk_err) &&
	    !(conn->shutdown & SEND_SHUTDOWN)) {
		n = min_t(size_t, len, conn->tx.size);
		WRITE_ONCE(conn->shutdown, SHUTDOWN_MASK);
		WRITE_ONCE(sk->sk_err, EPIPE);
	}
	smc_conn_unlock(conn);
	if (n)
		sk_error_report(sk);
	return n;
}

/* who sends nothing hears of the end, too */
static int tx_check(struct sock *sk, struct smc_conn *conn)
{
	if (!READ_ONCE(sk->sk_err) &&
	    !(READ_ONCE(conn->shutdown) & SEND_SHUTDOWN))
		return 0;
	smc_conn_settle(conn, sk);
	return -EPIPE;
}

/* what a control message says does not concern us, but nonsense is refused */
static int check_control(struct sock *sk, struct msghdr *msg)
{
	struct sockcm_cookie sockc;

	if (!msg->msg_controllen)
		return 0;
	sockcm_init(&sockc, sk);
	return sock_cmsg_send(sk, msg, &sockc) ? -EINVAL : 0;
}

/**
 * smc_tx_sendmsg() - sendmsg() of an established connection
 * @sk: socket, locked; the lock is dropped while waiting
 * @conn: its connection
 * @msg: data and flags: MSG_DONTWAIT, MSG_MORE, MSG_OOB, MSG_NOSIGNAL
 * @len: number of bytes
 *
 * Return: bytes accepted, or a negative errno if none were.
 */
int smc_tx_sendmsg(struct sock *sk, struct smc_conn *conn, struct msghdr *msg,
		   size_t len)
{
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	bool cork = msg->msg_flags & MSG_MORE ||
		    tcp_sk(sk)->nonagle & TCP_NAGLE_CORK;
	struct ubuf_info *zc = NULL;
	int copied = 0, ret;
	u32 n;

	ret = check_control(sk, msg);
	if (ret)
		return ret;

	/* io_uring brings its own, which says "copied" if nobody takes it */
	if (msg->msg_flags & MSG_ZEROCOPY && sock_flag(sk, SOCK_ZEROCOPY) &&
	    !msg->msg_ubuf && len) {
		zc = msg_zerocopy_realloc(sk, len, NULL);
		if (!zc)
			return -ENOBUFS;
	}
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	ret = tx_check(sk, conn);
	while (!ret && msg_data_left(msg)) {
		if (tx_broken(sk, conn)) {
			smc_conn_settle(conn, sk);
			ret = -EPIPE;
			if (!copied)
				copied = tx_into_the_void(sk, conn, len);
			break;
		}
		n = min3((size_t)tx_space(sk, conn), msg_data_left(msg),
			 (size_t)TX_COPY_CHUNK);
		if (!n) {
			if (READ_ONCE(conn->tx.corked))
				smc_tx_uncork(conn);
			ret = tx_wait_space(sk, conn, &timeo);
			if (ret)
				break;
			continue;
		}
		ret = tx_copy(conn, msg, n);
		if (ret) {
			if (copied && !cork)
				smc_tx_uncork(conn);
			break;
		}
		copied += n;
		tx_publish(conn, n, cork || msg_data_left(msg),
			   msg->msg_flags & MSG_OOB && !msg_data_left(msg));
	}
	if (copied) {
		if (zc)
			tx_zerocopy_done(zc);
		return copied;
	}
	if (zc)
		net_zcopy_put_abort(zc, true);
	return sk_stream_error(sk, msg->msg_flags, ret);
}
