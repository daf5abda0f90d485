// SPDX-License-Identifier: GPL-2.0
/*
 * CLC messages on the TCP connection.
 *
 * The companion TCP connection carries CLC messages before any byte of the
 * application. A receiver takes exactly the bytes of one message and not one
 * more: what follows may be the application's.
 *
 * Nothing waits: the socket lock is held, what is there is taken, and the
 * owner comes again when TCP has more.
 *
 * wire-protocol.md 2.9
 */
#include <linux/skbuff.h>
#include <net/tcp.h>

#include "clc.h"
#include "trace.h"

/* how many bytes of the message are still missing, as far as known */
static u32 missing(const struct smc_clc_rx *rx)
{
	if (rx->got < SMC_CLC_HDR_LEN)
		return SMC_CLC_HDR_LEN - rx->got;
	return rx->hdr.length - rx->got;
}

static int recv_actor(read_descriptor_t *desc, struct sk_buff *skb,
		      unsigned int offset, size_t len)
{
	struct smc_clc_rx *rx = desc->arg.data;
	enum smc_clc_check why;
	u32 n, keep;

	if (!desc->count)
		return 0;
	n = min_t(u32, missing(rx), len);
	keep = min_t(u32, n, sizeof(rx->buf) - rx->len);
	if (keep && skb_copy_bits(skb, offset, rx->buf + rx->len, keep)) {
		desc->error = -EFAULT;
		return 0;
	}
	rx->len += keep;
	rx->got += n;
	if (n && rx->got == SMC_CLC_HDR_LEN)
		desc->error = smc_clc_hdr_decode(rx->buf, rx->len, &rx->hdr,
						 &why);
	if (desc->error || !missing(rx))
		desc->count = 0;
	return n;
}

/* with IP_RECVERR an ICMP message is an error to the application, not to TCP */
static void survive(struct sock *sk)
{
	if (sk->sk_state != TCP_CLOSE)
		sock_error(sk);
}

/**
 * smc_clc_recv() - take what has arrived of a message
 * @sk: TCP socket, locked
 * @rx: receiver
 *
 * Return: 0 when the message is complete; -EINPROGRESS if more has to come;
 *	-EPROTO if this is no CLC message; -ENODATA at the end of the stream;
 *	-ECONNRESET or the socket's error if TCP is not connected any more.
 */
int smc_clc_recv(struct sock *sk, struct smc_clc_rx *rx)
{
	read_descriptor_t desc = { .arg.data = rx, .count = 1 };
	int ret;

	sock_owned_by_me(sk);
	ret = tcp_read_sock(sk, &desc, recv_actor);
	if (desc.error)
		return -EPROTO;
	if (rx->got >= SMC_CLC_HDR_LEN && !missing(rx)) {
		trace_smc_clc(SMC_TRACE_RX, rx->hdr.type, rx->hdr.length, 0);
		return 0;
	}
	/* it stays for whoever has to tell the application */
	if (sk->sk_state == TCP_CLOSE)
		return -READ_ONCE(sk->sk_err) ? : -ECONNRESET;
	if (ret < 0)
		return ret;
	survive(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return -ENODATA;
	return -EINPROGRESS;
}

/*
 * TCP looks into the struct socket of a sender when it finds no memory, and a
 * child that nobody has accepted has none. So it is lent this one. Nobody waits
 * on it.
 */
static struct socket *lent_socket;

/**
 * smc_clc_init() - at module load
 *
 * Return: 0 or a negative errno.
 */
int smc_clc_init(void)
{
	return sock_create_lite(PF_INET, SOCK_STREAM, IPPROTO_TCP,
				&lent_socket);
}

/**
 * smc_clc_fini() - at module unload, when there are no sockets any more
 */
void smc_clc_fini(void)
{
	sock_release(lent_socket);
}

static void set_socket(struct sock *sk, struct socket *sock)
{
	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_pointer(sk->sk_wq, sock ? &sock->wq : NULL);
	WRITE_ONCE(sk->sk_socket, sock);
	write_unlock_bh(&sk->sk_callback_lock);
}

/*
 * What the application has set for its own bytes is not for these: to wait for
 * more, or to come back with a time stamp.
 */
static int send_as_ours(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	typeof(sk->sk_tsflags) tsflags = READ_ONCE(sk->sk_tsflags);
	u8 nonagle = tp->nonagle;
	int ret;

	survive(sk);
	tp->nonagle = TCP_NAGLE_OFF | TCP_NAGLE_PUSH;
	WRITE_ONCE(sk->sk_tsflags, tsflags & ~SOF_TIMESTAMPING_TX_RECORD_MASK);
	ret = tcp_sendmsg_locked(sk, msg, len);
	WRITE_ONCE(sk->sk_tsflags, tsflags);
	tp->nonagle = nonagle;
	return ret;
}

/**
 * smc_clc_send() - send a message
 * @sk: TCP socket, locked
 * @buf: encoded message
 * @len: its length
 *
 * The send queue of a connection in its handshake is empty, so that a message
 * fits, unless memory is short or SO_SNDBUF tiny.
 *
 * Return: 0 or a negative errno; -ENOMEM if it did not fit.
 */
int smc_clc_send(struct sock *sk, const u8 *buf, size_t len)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec = { .iov_base = (void *)buf, .iov_len = len };
	bool lend = !sk->sk_socket;
	int ret;

	sock_owned_by_me(sk);
	if (lend)
		set_socket(sk, lent_socket);
	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, len);
	ret = send_as_ours(sk, &msg, len);
	if (lend)
		set_socket(sk, NULL);
	/* not the queue is full, there is no memory */
	if (ret == -EAGAIN)
		return -ENOMEM;
	if (ret < 0)
		return ret;
	return ret == len ? 0 : -ENOBUFS;
}

/**
 * smc_clc_send_decline() - send a Decline
 * @sk: TCP socket, locked
 * @peer_id: own peer ID, zero if there is none
 * @version: 1 for the short form
 * @diag: enum smc_clc_diag
 *
 * Return: 0 or a negative errno.
 */
int smc_clc_send_decline(struct sock *sk, const u8 *peer_id, u8 version,
			 u32 diag)
{
	struct smc_clc_decline decl = {
		.version = version,
		.out_of_sync = diag == SMC_CLC_DECL_SYNC,
		.diag = diag,
		.os = version > 1 ? SMC_CLC_OS_LINUX : SMC_CLC_OS_UNKNOWN,
	};
	u8 buf[64];
	int len;

	memcpy(decl.peer_id, peer_id, sizeof(decl.peer_id));
	len = smc_clc_decline_encode(&decl, buf, sizeof(buf));
	if (WARN_ON_ONCE(len < 0))
		return len;
	trace_smc_clc(SMC_TRACE_TX, SMC_CLC_DECLINE, len, diag);
	return smc_clc_send(sk, buf, len);
}

/**
 * smc_clc_peek() - look at the start of the stream without taking it
 * @sk: TCP socket, locked
 * @buf: where to copy to
 * @len: how many bytes at most
 *
 * Return: number of bytes copied, 0 if there is nothing, or -EFAULT.
 */
int smc_clc_peek(struct sock *sk, u8 *buf, size_t len)
{
	struct sk_buff *skb;
	size_t got = 0;

	sock_owned_by_me(sk);
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		u32 off = tcp_sk(sk)->copied_seq + got - TCP_SKB_CB(skb)->seq;
		size_t n;

		if (off >= skb->len)
			continue;
		n = min_t(size_t, skb->len - off, len - got);
		if (skb_copy_bits(skb, off, buf + got, n))
			return -EFAULT;
		got += n;
	}
	return got;
}

static int skip_actor(read_descriptor_t *desc, struct sk_buff *skb,
		      unsigned int offset, size_t len)
{
	size_t n = min(desc->count, len);

	desc->count -= n;
	return n;
}

/**
 * smc_clc_skip() - drop bytes from the start of the stream
 * @sk: TCP socket, locked
 * @len: how many; they are there
 */
void smc_clc_skip(struct sock *sk, size_t len)
{
	read_descriptor_t desc = { .count = len };

	sock_owned_by_me(sk);
	tcp_read_sock(sk, &desc, skip_actor);
}
