// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving: from the own RMBE to the application.
 *
 * The peer writes into the RMBE, a message moves rx.prod; recvmsg() copies
 * out under the socket lock and moves rx.cons. Neither waits for the other.
 *
 * The peer learns of free space with any message that goes its way; one is
 * sent for that alone only when it matters: more than a tenth of the ring has
 * been read since it was last told, and it is running short (less than half
 * is free as it sees it) or says that it waits, or when the urgent byte has
 * been passed: Linux sends nothing more before it knows.
 *
 * Urgent data is one byte, the last one before the producer cursor of the
 * message that announced it. It is saved on arrival. As in TCP it is left out
 * of the stream unless SO_OOBINLINE is set, and reads stop in front of it.
 *
 * Errors: what has arrived can be read, then sk->sk_err is reported once,
 * then the end of the stream.
 *
 * wire-protocol.md 5.6 to 5.8
 */
#include <linux/sched/signal.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "conn.h"
#include "stats.h"
#include "stream.h"

/* least progress worth a message, whatever the ring size */
#define RX_UPDATE_MIN	2304

static u64 rx_prod(const struct smc_conn *conn)
{
	/* pairs with cdc.c: the position, then the bytes */
	return smp_load_acquire(&conn->rx.prod);
}

static bool rx_update_due(const struct smc_conn *conn)
{
	const struct smc_conn_rx *rx = &conn->rx;
	u64 told = READ_ONCE(rx->told);
	u64 read = rx->cons - told;
	u64 used = READ_ONCE(rx->prod) - told;

	if (READ_ONCE(rx->update_wanted))
		return true;
	if (read <= max_t(u32, rx->size / 10, RX_UPDATE_MIN))
		return false;
	return READ_ONCE(rx->peer_blocked) || used >= rx->size / 2;
}

/*
 * What reading up to @pos means for the urgent byte. A peer may wait until we
 * have passed it: so one that was read by itself is passed when it is next.
 * Return: the position then.
 */
static u64 rx_pass_mark(struct smc_conn *conn, u64 pos, bool *passed)
{
	struct smc_conn_rx *rx = &conn->rx;

	smc_conn_lock(conn);
	if (pos + 1 == rx->urgent && rx->urgent_state == SMC_URGENT_READ) {
		pos = rx->urgent;
		WRITE_ONCE(rx->urgent_state, SMC_URGENT_AT_MARK);
	} else if (pos >= rx->urgent) {
		WRITE_ONCE(rx->urgent_state, SMC_URGENT_READ);
	}
	*passed = rx->cons < rx->urgent && pos >= rx->urgent;
	smc_conn_unlock(conn);
	return pos;
}

static void rx_consume(struct smc_conn *conn, u64 pos)
{
	bool passed = false;

	if (unlikely(READ_ONCE(conn->rx.urgent) >= max(conn->rx.cons, 1ULL)))
		pos = rx_pass_mark(conn, pos, &passed);
	/* pairs with tx_post(): bytes are copied, then given back */
	smp_store_release(&conn->rx.cons, pos);
	if (!passed && !rx_update_due(conn))
		return;
	smc_conn_lock(conn);
	if (!smc_conn_state_is_closed(conn->state))
		smc_tx_cons_update(conn);
	smc_conn_unlock(conn);
}

/**
 * smc_rx_wake() - there is something to read
 * @conn: connection, conn->lock held
 *
 * Wakes readers unless they asked to be left alone until there is more
 * (SO_RCVLOWAT).
 */
void smc_rx_wake(struct smc_conn *conn)
{
	struct sock *sk = conn->sk;

	if (!sk || !conn->data_ready)
		return;
	if (!(conn->shutdown & RCV_SHUTDOWN) && !READ_ONCE(sk->sk_err) &&
	    !smc_rx_urgent_valid(conn) &&
	    conn->rx.prod - READ_ONCE(conn->rx.cons) <
	    READ_ONCE(sk->sk_rcvlowat))
		return;
	smc_stat_inc(conn->net, SMC_STAT_RX_WAKEUPS);
	conn->data_ready(sk);
}

/**
 * smc_rx_limit_lowat() - SO_RCVLOWAT must not ask for more than can be there
 * @sk: socket, locked
 * @conn: its connection
 *
 * TCP takes half of its buffer. The peer may be told late of the last tenth.
 */
void smc_rx_limit_lowat(struct sock *sk, const struct smc_conn *conn)
{
	int limit = conn->rx.size - conn->rx.size / 4;

	if (sk->sk_rcvlowat > limit)
		WRITE_ONCE(sk->sk_rcvlowat, limit);
}

/**
 * smc_rx_new_lowat() - SO_RCVLOWAT has been set
 * @sk: socket, locked
 * @conn: its connection
 *
 * As with TCP, what is there may be enough now.
 */
void smc_rx_new_lowat(struct sock *sk, struct smc_conn *conn)
{
	smc_rx_limit_lowat(sk, conn);
	smc_conn_lock(conn);
	if (conn->rx.prod != conn->rx.cons)
		smc_rx_wake(conn);
	smc_conn_unlock(conn);
}

/**
 * smc_rx_urgent() - tell the owner that an urgent byte has arrived
 * @conn: connection, conn->lock held
 */
void smc_rx_urgent(struct smc_conn *conn)
{
	if (conn->sk)
		sk_send_sigurg(conn->sk);
}

/**
 * smc_rx_urgent_valid() - is there an urgent byte that nobody has read?
 * @conn: connection
 *
 * Return: true if so.
 */
bool smc_rx_urgent_valid(const struct smc_conn *conn)
{
	return READ_ONCE(conn->rx.urgent_state) == SMC_URGENT_VALID;
}

/* is the urgent byte next, or was it until MSG_OOB? */
static bool is_mark(const struct smc_conn *conn, u64 pos)
{
	u64 urgent = READ_ONCE(conn->rx.urgent);

	return urgent && (urgent == pos + 1 ||
			  (urgent == pos && READ_ONCE(conn->rx.urgent_state) ==
			   SMC_URGENT_AT_MARK));
}

/**
 * smc_rx_at_mark() - is the next byte the urgent one? (SIOCATMARK)
 * @conn: connection
 *
 * As with TCP, still so when it has been read by MSG_OOB.
 *
 * Return: true if so.
 */
bool smc_rx_at_mark(const struct smc_conn *conn)
{
	return is_mark(conn, conn->rx.cons);
}

/**
 * smc_rx_readable() - bytes that recvmsg() would deliver (SIOCINQ)
 * @sk: socket
 * @conn: its connection
 *
 * Return: number of bytes, up to the urgent mark.
 */
u32 smc_rx_readable(struct sock *sk, const struct smc_conn *conn)
{
	u64 urgent = READ_ONCE(conn->rx.urgent);
	u64 cons = READ_ONCE(conn->rx.cons);
	u64 prod = rx_prod(conn);

	if (!sock_flag(sk, SOCK_URGINLINE) && urgent > cons &&
	    urgent <= prod)
		prod = urgent - 1 == cons ? prod - 1 : urgent - 1;
	return prod - cons;
}

static int rx_oob(struct sock *sk, struct smc_conn *conn, struct msghdr *msg,
		  size_t len, int flags)
{
	struct smc_conn_rx *rx = &conn->rx;
	bool valid;
	u8 byte;

	if (sock_flag(sk, SOCK_URGINLINE))
		return -EINVAL;
	smc_conn_lock(conn);
	valid = rx->urgent_state == SMC_URGENT_VALID;
	byte = rx->urgent_byte;
	if (valid && !(flags & MSG_PEEK))
		WRITE_ONCE(rx->urgent_state, SMC_URGENT_READ);
	smc_conn_unlock(conn);
	if (!valid)
		return -EINVAL;
	if (!(flags & MSG_PEEK))
		rx_consume(conn, rx->cons);
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &byte, 1))
		return -EFAULT;
	return 1;
}

static int rx_copy(struct smc_conn *conn, struct msghdr *msg, u64 pos, u32 n)
{
	struct smc_conn_rx *rx = &conn->rx;
	u32 off = smc_ring_offset(pos, rx->size);
	u32 first = min(n, rx->size - off);

	if (copy_to_iter(rx->buf + off, first, &msg->msg_iter) != first ||
	    copy_to_iter(rx->buf, n - first, &msg->msg_iter) != n - first)
		return -EFAULT;
	return 0;
}

static int rx_wait(struct sock *sk, struct smc_conn *conn, u64 pos,
		   long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int ret = 0;

	smc_conn_get(conn);
	add_wait_queue(sk_sleep(sk), &wait);
	sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	/* pairs with skwq_has_sleeper(): the queue, then the position */
	smp_mb();
	sk_wait_event(sk, timeo,
		      rx_prod(conn) > pos || READ_ONCE(sk->sk_err) ||
		      READ_ONCE(conn->shutdown) & RCV_SHUTDOWN, &wait);
	sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	remove_wait_queue(sk_sleep(sk), &wait);
	if (conn->sk != sk)
		ret = -ENOTCONN;
	else if (signal_pending(current))
		ret = sock_intr_errno(*timeo);
	smc_conn_put(conn);
	return ret;
}

/*
 * Nothing to read at @pos, which may be beyond the end (SO_PEEK_OFF). Return:
 * 1 to look again, 0 for the end of what can be had now, or a negative errno;
 * after -ENOTCONN there is no @conn any more.
 */
static int rx_nothing(struct sock *sk, struct smc_conn *conn, u64 pos,
		      int copied, long *timeo)
{
	int err;

	smc_conn_settle(conn, sk);
	if (copied && (READ_ONCE(sk->sk_err) || !*timeo ||
		       signal_pending(current)))
		return 0;
	/* as with TCP, an end in order is all that a reader hears of */
	if (smp_load_acquire(&conn->rx.ended))
		return rx_prod(conn) > pos;
	if (READ_ONCE(sk->sk_err))
		return sock_error(sk);
	if (READ_ONCE(conn->shutdown) & RCV_SHUTDOWN)
		/* the last bytes may have come just before */
		return rx_prod(conn) > pos;
	if (!*timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(*timeo);
	err = rx_wait(sk, conn, pos, timeo);
	if (err == -ENOTCONN)
		return err;
	/* bytes win over a signal, as in TCP */
	if (err && rx_prod(conn) <= pos)
		return copied ? 0 : err;
	return 1;
}

/**
 * smc_rx_stamp() - bytes have arrived: note when, if the socket wants to know
 * @conn: connection, conn->lock held
 */
void smc_rx_stamp(struct smc_conn *conn)
{
	const struct sock *sk = conn->sk;

	if (sk && (sock_flag(sk, SOCK_RCVTSTAMP) ||
		   sock_flag(sk, SOCK_TIMESTAMPING_RX_SOFTWARE)))
		WRITE_ONCE(conn->rx.stamp, ktime_get_real());
}

/* SO_TIMESTAMP and SO_TIMESTAMPNS, each in its old and its new layout */
static void rx_put_stamp(struct msghdr *msg, bool ns, bool new,
			 struct timespec64 ts)
{
	struct __kernel_timespec kts = { ts.tv_sec, ts.tv_nsec };
	struct __kernel_old_timespec ts_old = { ts.tv_sec, ts.tv_nsec };
	struct __kernel_sock_timeval stv = { ts.tv_sec, ts.tv_nsec / 1000 };
	struct __kernel_old_timeval tv = { ts.tv_sec, ts.tv_nsec / 1000 };

	if (ns && new)
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof(kts),
			 &kts);
	else if (ns)
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_OLD, sizeof(ts_old),
			 &ts_old);
	else if (new)
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_NEW, sizeof(stv), &stv);
	else
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_OLD, sizeof(tv), &tv);
}

static void rx_timestamps(struct sock *sk, const struct smc_conn *conn,
			  struct msghdr *msg)
{
	struct timespec64 ts = ktime_to_timespec64(READ_ONCE(conn->rx.stamp));
	struct scm_timestamping_internal tss = { .ts[0] = ts };
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);

	if (!ts.tv_sec && !ts.tv_nsec)
		return;
	if (sock_flag(sk, SOCK_RCVTSTAMP))
		rx_put_stamp(msg, sock_flag(sk, SOCK_RCVTSTAMPNS), new, ts);
	if (!(READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_SOFTWARE))
		return;
	if (new)
		put_cmsg_scm_timestamping64(msg, &tss);
	else
		put_cmsg_scm_timestamping(msg, &tss);
}

/* how much a next call would find: for TCP_INQ and for io_uring */
static void rx_inq(const struct sock *sk, const struct smc_conn *conn,
		   struct msghdr *msg)
{
	const struct smc_conn_rx *rx = &conn->rx;
	u64 inq = rx_prod(conn) - rx->cons;

	/* the end of the stream is something to find, too */
	if (!inq && (READ_ONCE(rx->peer_done) || READ_ONCE(rx->peer_closed)))
		inq = 1;
	msg->msg_inq = inq;
	if (tcp_sk(sk)->recvmsg_inq)
		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(msg->msg_inq),
			 &msg->msg_inq);
}

static void rx_report(struct sock *sk, const struct smc_conn *conn,
		      struct msghdr *msg, int copied)
{
	if (copied)
		rx_timestamps(sk, conn, msg);
	if (msg->msg_get_inq || tcp_sk(sk)->recvmsg_inq)
		rx_inq(sk, conn, msg);
}

static void rx_account(struct sock *sk, struct smc_conn *conn, int copied,
		       bool peek)
{
	if (peek) {
		sk_peek_offset_fwd(sk, copied);
	} else {
		sk_peek_offset_bwd(sk, copied);
		smc_stat_add(conn->net, SMC_STAT_RX_BYTES, copied);
	}
}

/* bytes to copy at @pos, 0 to stop; steps over an urgent byte */
static u32 rx_chunk(struct sock *sk, struct smc_conn *conn, u64 *pos, u32 avail)
{
	u64 urgent = READ_ONCE(conn->rx.urgent);

	if (!urgent || urgent - 1 < *pos || urgent - 1 >= *pos + avail)
		return avail;
	if (urgent - 1 > *pos)
		return urgent - 1 - *pos;
	if (sock_flag(sk, SOCK_URGINLINE))
		return avail;
	++*pos;
	return avail - 1;
}

/* who reads again has taken note of the mark, even if there is nothing yet */
static void rx_leave_mark(struct smc_conn *conn)
{
	if (likely(READ_ONCE(conn->rx.urgent_state) != SMC_URGENT_AT_MARK))
		return;
	smc_conn_lock(conn);
	if (conn->rx.urgent_state == SMC_URGENT_AT_MARK)
		WRITE_ONCE(conn->rx.urgent_state, SMC_URGENT_READ);
	smc_conn_unlock(conn);
}

static int rx_interrupted(long timeo)
{
	return timeo ? sock_intr_errno(timeo) : -EAGAIN;
}

/**
 * smc_rx_recvmsg() - recvmsg() of an established connection
 * @sk: socket, locked; the lock is dropped while waiting
 * @conn: its connection
 * @msg: where to copy to
 * @len: its size
 * @flags: MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_OOB
 *
 * Return: number of bytes, 0 at the end of the stream, or a negative errno.
 */
int smc_rx_recvmsg(struct sock *sk, struct smc_conn *conn, struct msghdr *msg,
		   size_t len, int flags)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	int target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	int off = flags & MSG_PEEK ? sk_peek_offset(sk, flags) : 0;
	u64 cons = conn->rx.cons, pos = cons + max(off, 0);
	int copied = 0, ret = 0;
	u32 n;

	if (flags & MSG_OOB)
		return rx_oob(sk, conn, msg, len, flags);
	if (!(flags & MSG_PEEK))
		rx_leave_mark(conn);

	for (;;) {
		u64 prod = rx_prod(conn);

		/* others may have read while this one waited */
		if (conn->rx.cons != cons) {
			cons = conn->rx.cons;
			pos = cons + max(off, 0);
		}
		/* the urgent mark ends a read of bytes before, or of SIGURG */
		if (is_mark(conn, pos) && (copied || signal_pending(current))) {
			ret = copied ? 0 : rx_interrupted(timeo);
			break;
		}
		n = prod > pos ? prod - pos : 0;
		if (!n) {
			if (copied >= target)
				break;
			ret = rx_nothing(sk, conn, pos, copied, &timeo);
			if (ret <= 0)
				break;
			continue;
		}
		if (copied >= len)
			break;
		n = rx_chunk(sk, conn, &pos, n);
		n = min_t(size_t, n, len - copied);
		if (n && !(flags & MSG_TRUNC)) {
			ret = rx_copy(conn, msg, pos, n);
			if (ret)
				break;
		}
		pos += n;
		copied += n;
		if (flags & MSG_PEEK)
			continue;
		rx_consume(conn, pos);
		cons = pos;
	}
	/* connect() with AF_UNSPEC has taken the connection from us */
	if (ret == -ENOTCONN)
		return copied ? : ret;
	if (copied || !ret)
		rx_report(sk, conn, msg, copied);
	if (copied)
		rx_account(sk, conn, copied, flags & MSG_PEEK);
	return copied ? : ret;
}
