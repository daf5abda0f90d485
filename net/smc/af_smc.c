// SPDX-License-Identifier: GPL-2.0
/*
 * The socket family AF_SMC and the operations of its sockets.
 *
 * An AF_SMC socket is made as a TCP socket whose sock moves to the caller's
 * struct socket, and then gets the ULP "smc" like any other TCP socket. There
 * is no second socket.
 *
 * The operations are TCP's, except for those that concern bytes. Each looks
 * at the mode (sock.h) and either does its part or hands over to TCP's own.
 * Once a socket is plain TCP it has TCP's operations and does not come here
 * any more, apart from calls that were already under way.
 */
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sockios.h>
#include <linux/compat.h>
#include <asm/ioctls.h>
#include <net/inet_common.h>
#include <net/tcp.h>

#include "../../include/uapi/linux/smc.h"
#include "af_smc.h"
#include "compat.h"
#include "conn.h"
#include "connect.h"
#include "handshake.h"
#include "listen.h"
#include "sock.h"
#include "stream.h"
#include "ulp.h"

/* how long shutdown() waits for a handshake that is under way */
#define SHUTDOWN_WAIT	HZ

static struct proto_ops smc_stream_ops4 __ro_after_init;
static struct proto_ops smc_stream_ops6 __ro_after_init;
static const struct proto_ops *inet6_tcp_ops __ro_after_init;

static int smc_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	const struct proto_ops *tcp_ops;
	struct smc_sock *ssk;

	if (!sk)
		return 0;
	ssk = smc_sk(sk);
	tcp_ops = ssk->tcp_ops;
	if (ssk->listener)
		smc_listen_release(sk, ssk);
	lock_sock(sk);
	if (ssk->hs) {
		if (smc_handshake_is_confirmed(ssk->hs))
			smc_close_by_reset(sk);
		smc_handshake_cancel(ssk->hs);
	}
	/* a Decline that nobody has looked for is nothing unread */
	if (ssk->mode == SMC_MODE_SNIFF)
		smc_sock_sniff(sk, ssk);
	smc_sock_restore_callbacks(sk, ssk);
	if (ssk->conn)
		smc_close_release(sk, ssk->conn);
	ssk->conn = NULL;
	smc_sock_set_mode(ssk, SMC_MODE_DEAD);
	/* the core drops a reference for the operations that it called */
	if (READ_ONCE(sock->ops)->owner != THIS_MODULE)
		__module_get(THIS_MODULE);
	release_sock(sk);
	return tcp_ops->release(sock);
}

/* a work that has made it plain TCP may have had to leave this to us */
static void leave_to_tcp(struct socket *sock, struct smc_sock *ssk)
{
	if (SMC_RELEASE_LOOKS_TWICE && READ_ONCE(ssk->mode) == SMC_MODE_TCP)
		smc_sock_detach_late(sock, ssk);
}

static int smc_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	long timeo;
	int ret;

	lock_sock(sk);
	if (ssk->mode == SMC_MODE_CONNECTING) {
		timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
		ret = smc_connect_wait(sk, ssk, timeo);
		if (ret)
			goto out;
	}
	if (ssk->mode == SMC_MODE_SMC) {
		ret = smc_tx_sendmsg(sk, ssk->conn, msg, len);
		goto out;
	}
	if (msg->msg_flags & MSG_FASTOPEN && ssk->mode == SMC_MODE_FRESH) {
		tcp_sk(sk)->syn_smc = 0;
		smc_sock_fallback(sk, ssk, SMC_CLC_DECL_FASTOPEN, 0);
	}
	release_sock(sk);
	leave_to_tcp(sock, ssk);
	return ssk->tcp_ops->sendmsg(sock, msg, len);
out:
	release_sock(sk);
	return ret;
}

/* plain TCP, but a Decline may come first; returns 0 when it is TCP's */
static int sniff(struct sock *sk, struct smc_sock *ssk, int flags)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	int ret;

	while (ssk->mode == SMC_MODE_SNIFF && !smc_sock_sniff(sk, ssk)) {
		DEFINE_WAIT_FUNC(wait, woken_wake_function);
		u32 seen = tcp_sk(sk)->rcv_nxt;

		if (READ_ONCE(sk->sk_err))
			return sock_error(sk);
		if (!timeo)
			return -EAGAIN;
		if (signal_pending(current))
			return sock_intr_errno(timeo);
		add_wait_queue(sk_sleep(sk), &wait);
		ret = sk_wait_event(sk, &timeo,
				    READ_ONCE(tcp_sk(sk)->rcv_nxt) != seen ||
				    READ_ONCE(sk->sk_err) ||
				    READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN,
				    &wait);
		remove_wait_queue(sk_sleep(sk), &wait);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int smc_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		       int flags)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	long timeo;
	int ret;

	if (unlikely(flags & MSG_ERRQUEUE))
		return ssk->tcp_ops->recvmsg(sock, msg, len, flags);
	lock_sock(sk);
	if (ssk->mode == SMC_MODE_CONNECTING) {
		timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
		ret = smc_connect_wait(sk, ssk, timeo);
		if (ret)
			goto out;
	}
	if (ssk->mode == SMC_MODE_SMC) {
		ret = smc_rx_recvmsg(sk, ssk->conn, msg, len, flags);
		goto out;
	}
	if (ssk->mode == SMC_MODE_SNIFF) {
		ret = sniff(sk, ssk, flags);
		if (ret)
			goto out;
	}
	release_sock(sk);
	leave_to_tcp(sock, ssk);
	return ssk->tcp_ops->recvmsg(sock, msg, len, flags);
out:
	release_sock(sk);
	return ret;
}

static __poll_t poll_conn(struct sock *sk, struct smc_conn *conn)
{
	u8 shut = READ_ONCE(conn->shutdown);
	__poll_t mask = 0;

	/* pairs with set_error() */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	if (shut == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (shut & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (smc_rx_readable(sk, conn) >= sock_rcvlowat(sk, 0, INT_MAX))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (smc_rx_urgent_valid(conn))
		mask |= EPOLLPRI;
	if (smc_tx_writable(sk, conn) || !smc_tx_want_space(sk, conn))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

static __poll_t poll_smc(struct sock *sk, const struct smc_sock *ssk)
{
	struct smc_conn *conn;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM | EPOLLHUP;

	/* connect() with AF_UNSPEC may take it away meanwhile */
	rcu_read_lock();
	conn = READ_ONCE(ssk->conn);
	if (conn)
		mask = poll_conn(sk, conn);
	rcu_read_unlock();
	return mask;
}

static __poll_t smc_poll(struct file *file, struct socket *sock,
			 poll_table *wait)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	/* pairs with smc_sock_set_mode() */
	u8 mode = smp_load_acquire(&ssk->mode);

	if (mode == SMC_MODE_SNIFF) {
		lock_sock(sk);
		if (ssk->mode == SMC_MODE_SNIFF && !smc_sock_sniff(sk, ssk)) {
			__poll_t mask = ssk->tcp_ops->poll(file, sock, wait);

			release_sock(sk);
			return mask & ~(EPOLLIN | EPOLLRDNORM);
		}
		release_sock(sk);
		/* likewise */
		mode = smp_load_acquire(&ssk->mode);
	}
	switch (mode) {
	case SMC_MODE_CONNECTING:
		/* TCP has failed, and we shall hear of it in a moment */
		if (inet_sk_state_load(sk) == TCP_CLOSE)
			break;
		sock_poll_wait(file, sock, wait);
		/* it may have ended before we were on the queue */
		if (READ_ONCE(ssk->mode) == SMC_MODE_CONNECTING)
			return 0;
		return smc_poll(file, sock, NULL);
	case SMC_MODE_LISTEN:
		if (inet_sk_state_load(sk) != TCP_LISTEN)
			break;
		sock_poll_wait(file, sock, wait);
		return smc_listen_readable(sk, ssk) ?
		       EPOLLIN | EPOLLRDNORM : 0;
	case SMC_MODE_SMC:
		sock_poll_wait(file, sock, wait);
		return poll_smc(sk, ssk);
	case SMC_MODE_TCP:
		leave_to_tcp(sock, ssk);
		break;
	default:
		break;
	}
	return ssk->tcp_ops->poll(file, sock, wait);
}

/*
 * Are the bytes that TCP has the application's? Not those of a handshake, and
 * not before it is known what comes after one. The socket is locked.
 */
static bool is_tcps(struct sock *sk, struct smc_sock *ssk)
{
	switch (ssk->mode) {
	case SMC_MODE_SNIFF:
		return smc_sock_sniff(sk, ssk);
	case SMC_MODE_FRESH:
	case SMC_MODE_LISTEN:
	case SMC_MODE_TCP:
		return true;
	default:
		return false;
	}
}

static int smc_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	struct smc_conn *conn;
	int answer;

	lock_sock(sk);
	if (ssk->mode != SMC_MODE_SMC) {
		if (cmd != SIOCINQ || is_tcps(sk, ssk))
			goto tcp;
		release_sock(sk);
		return put_user(0, (int __user *)arg);
	}
	switch (cmd) {
	case SIOCINQ:
		answer = smc_rx_readable(sk, ssk->conn);
		break;
	case SIOCOUTQ:
		conn = ssk->conn;
		smc_conn_get(conn);
		answer = smc_tx_unacked(sk, conn);
		smc_conn_put(conn);
		break;
	case SIOCOUTQNSD:
		answer = smc_tx_unsent(ssk->conn);
		break;
	case SIOCATMARK:
		answer = smc_rx_at_mark(ssk->conn);
		break;
	default:
		goto tcp;
	}
	release_sock(sk);
	return put_user(answer, (int __user *)arg);
tcp:
	release_sock(sk);
	return ssk->tcp_ops->ioctl(sock, cmd, arg);
}

#ifdef CONFIG_COMPAT
static int smc_compat_ioctl(struct socket *sock, unsigned int cmd,
			    unsigned long arg)
{
	struct smc_sock *ssk = smc_sk(sock->sk);

	switch (cmd) {
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
	case SIOCATMARK:
		return smc_ioctl(sock, cmd, (unsigned long)compat_ptr(arg));
	default:
		return ssk->tcp_ops->compat_ioctl(sock, cmd, arg);
	}
}
#endif

static int smc_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	int ret = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	lock_sock(sk);
	if (ssk->mode == SMC_MODE_CONNECTING && ssk->hs &&
	    sk->sk_state == TCP_ESTABLISHED &&
	    smc_connect_wait(sk, ssk, SHUTDOWN_WAIT)) {
		ret = smc_connect_shutdown(sk, ssk);
		release_sock(sk);
		return ret;
	}
	if (ssk->mode != SMC_MODE_SMC) {
		release_sock(sk);
		ret = ssk->tcp_ops->shutdown(sock, how);
		smc_listen_stopped(sk, ssk);
		lock_sock(sk);
		smc_connect_end(sk, ssk);
		release_sock(sk);
		return ret;
	}
	smc_conn_settle(ssk->conn, sk);
	how++;	/* as RCV_SHUTDOWN, SEND_SHUTDOWN */
	if (sk->sk_state == TCP_CLOSE &&
	    !smc_conn_state_can_send(READ_ONCE(ssk->conn->state)))
		ret = -ENOTCONN;
	else if (how & SEND_SHUTDOWN)
		sk->sk_prot->shutdown(sk, SEND_SHUTDOWN);
	smc_close_shutdown(sk, ssk->conn, how);
	release_sock(sk);
	return ret;
}

/* options of level SOL_SMC */
static int set_smc_option(struct smc_sock *ssk, int optname, sockptr_t optval,
			  unsigned int optlen)
{
	int val;

	if (optname != SMC_LIMIT_HS)
		return -EOPNOTSUPP;
	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	WRITE_ONCE(ssk->limit_hs, val);
	return 0;
}

static int get_smc_option(const struct smc_sock *ssk, int optname,
			  char __user *optval, int __user *optlen)
{
	int val, len;

	if (optname != SMC_LIMIT_HS)
		return -EOPNOTSUPP;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	val = READ_ONCE(ssk->limit_hs);
	len = min_t(int, len, sizeof(val));
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}

/* what an option means for us, now that TCP has accepted it; locked */
static void option_set(struct sock *sk, struct smc_sock *ssk, int optname)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (ssk->mode != SMC_MODE_SMC)
		return;
	/* TCP_NODELAY sends what is there even if the socket is corked */
	if ((optname == TCP_NODELAY && tp->nonagle & TCP_NAGLE_OFF) ||
	    (optname == TCP_CORK && !(tp->nonagle & TCP_NAGLE_CORK)))
		smc_tx_uncork(ssk->conn);
}

static int smc_setsockopt(struct socket *sock, int level, int optname,
			  sockptr_t optval, unsigned int optlen)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	const struct proto_ops *tcp_ops = ssk->tcp_ops;
	int ret;

	if (level == SOL_SMC)
		return set_smc_option(ssk, optname, optval, optlen);
	/* would replace our operations and callbacks behind our back */
	if (level == SOL_IPV6 && optname == IPV6_ADDRFORM)
		return -EOPNOTSUPP;
	ret = tcp_ops->setsockopt(sock, level, optname, optval, optlen);
	if (!ret && level == SOL_TCP) {
		lock_sock(sk);
		option_set(sk, ssk, optname);
		release_sock(sk);
	}
	return ret;
}

/*
 * TCP_ZEROCOPY_RECEIVE: no page of a ring can be mapped, so all is left to
 * recv(), which is what TCP says of data that does not fill a page.
 */
static int get_zerocopy(struct sock *sk, struct smc_sock *ssk,
			char __user *optval, int __user *optlen)
{
	struct tcp_zerocopy_receive zc = {};
	bool end = false;
	u32 inq = 0;
	int len;

	lock_sock(sk);
	if (is_tcps(sk, ssk)) {
		release_sock(sk);
		return ssk->tcp_ops->getsockopt(sk->sk_socket, SOL_TCP,
						TCP_ZEROCOPY_RECEIVE, optval,
						optlen);
	}
	if (ssk->mode == SMC_MODE_SMC) {
		/* the end, then the bytes before it */
		end = smp_load_acquire(&ssk->conn->rx.ended);
		inq = smc_rx_readable(sk, ssk->conn);
	}
	release_sock(sk);

	if (get_user(len, optlen))
		return -EFAULT;
	if (len < (int)offsetofend(struct tcp_zerocopy_receive, length))
		return -EINVAL;
	len = min_t(int, len, sizeof(zc));
	if (copy_from_user(&zc, optval, len))
		return -EFAULT;
	if (!inq && end)
		return -EIO;
	zc.recv_skip_hint = inq;
	zc.inq = inq;
	if (len >= (int)offsetofend(struct tcp_zerocopy_receive, err))
		zc.err = sock_error(sk);
	zc.length = 0;
	zc.copybuf_len = 0;
	zc.msg_controllen = 0;
	zc.msg_flags = 0;
	if (put_user(len, optlen) || copy_to_user(optval, &zc, len))
		return -EFAULT;
	return 0;
}

static int smc_getsockopt(struct socket *sock, int level, int optname,
			  char __user *optval, int __user *optlen)
{
	struct smc_sock *ssk = smc_sk(sock->sk);

	if (level == SOL_SMC)
		return get_smc_option(ssk, optname, optval, optlen);
	if (level == SOL_TCP && optname == TCP_ZEROCOPY_RECEIVE)
		return get_zerocopy(sock->sk, ssk, optval, optlen);
	return ssk->tcp_ops->getsockopt(sock, level, optname, optval, optlen);
}

/* SO_RCVLOWAT; the socket is locked */
static int smc_set_rcvlowat(struct sock *sk, int val)
{
	struct smc_sock *ssk = smc_sk(sk);
	int ret;

	if (ssk->rcvlowat) {
		ssk->rcvlowat = val ? : 1;
		return 0;
	}
	ret = ssk->tcp_ops->set_rcvlowat(sk, val);
	if (!ret && ssk->mode == SMC_MODE_SMC)
		smc_rx_new_lowat(sk, ssk->conn);
	return ret;
}

/* sendfile() has come to the end of its file: nothing more will follow */
static void smc_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	bool tcp;

	lock_sock(sk);
	tcp = ssk->mode == SMC_MODE_TCP;
	if (ssk->mode == SMC_MODE_SMC &&
	    !(tcp_sk(sk)->nonagle & TCP_NAGLE_CORK))
		smc_tx_uncork(ssk->conn);
	release_sock(sk);
	if (tcp)
		smc_ops_splice_eof(ssk->tcp_ops, sock);
}

SMC_DEFINE_ACCEPT(smc_accept, smc_listen_accept)

static void build_ops(struct proto_ops *ops, const struct proto_ops *tcp_ops)
{
	*ops = *tcp_ops;
	ops->owner = THIS_MODULE;
	ops->release = smc_release;
	ops->connect = smc_connect;
	ops->accept = smc_accept;
	ops->poll = smc_poll;
	ops->ioctl = smc_ioctl;
#ifdef CONFIG_COMPAT
	ops->compat_ioctl = smc_compat_ioctl;
#endif
	ops->listen = smc_listen;
	ops->shutdown = smc_shutdown;
	ops->setsockopt = smc_setsockopt;
	ops->getsockopt = smc_getsockopt;
	ops->sendmsg = smc_sendmsg;
	ops->recvmsg = smc_recvmsg;
	ops->set_rcvlowat = smc_set_rcvlowat;
	/* the core copies through recvmsg() then: no page of ours leaves */
	ops->splice_read = NULL;
	ops->read_sock = NULL;
	ops->read_skb = NULL;
	ops->peek_len = NULL;
	ops->sendmsg_locked = NULL;
	smc_ops_set_splice(ops, smc_splice_eof);
}

/* take the sock of a TCP socket over, so that it is @sock's */
static void adopt(struct socket *sock, struct socket *tcp)
{
	struct sock *sk = tcp->sk;

	lock_sock(sk);
	sock_orphan(sk);
	tcp->sk = NULL;
	sock_reset_flag(sk, SOCK_DEAD);
	sock_graft(sk, sock);
	sock->state = SS_UNCONNECTED;
	set_bit(SOCK_SUPPORT_ZC, &sock->flags);
	release_sock(sk);
	sock_release(tcp);
}

static int smc_create(struct net *net, struct socket *sock, int protocol,
		      int kern)
{
	struct socket *tcp;
	int ret;

	if (sock->type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != SMCPROTO_SMC && protocol != SMCPROTO_SMC6)
		return -EPROTONOSUPPORT;
	ret = __sock_create(net, protocol == SMCPROTO_SMC ? PF_INET : PF_INET6,
			    SOCK_STREAM, IPPROTO_TCP, &tcp, kern);
	if (ret)
		return ret;
	ret = smc_ulp_attach(tcp->sk, tcp->ops);
	if (ret) {
		sock_release(tcp);
		return ret;
	}
	adopt(sock, tcp);
	/* the core takes a module reference for them */
	sock->ops = protocol == SMCPROTO_SMC ? &smc_stream_ops4 :
					       &smc_stream_ops6;
	return 0;
}

static const struct net_proto_family smc_family = {
	.family = PF_SMC,
	.owner = THIS_MODULE,
	.create = smc_create,
};

/**
 * smc_family_ops() - operations of SMC sockets
 * @family: PF_INET or PF_INET6
 *
 * Return: the table, valid after smc_family_prepare().
 */
const struct proto_ops *smc_family_ops(int family)
{
	return family == PF_INET ? &smc_stream_ops4 : &smc_stream_ops6;
}

/**
 * smc_family_tcp_ops() - TCP's operations of a family
 * @family: PF_INET or PF_INET6
 *
 * Return: the table; NULL for IPv6 where there is none.
 */
const struct proto_ops *smc_family_tcp_ops(int family)
{
	return family == PF_INET ? &inet_stream_ops : inet6_tcp_ops;
}

/**
 * smc_family_prepare() - at module load, before any socket can be made
 *
 * Return: 0 or a negative errno.
 */
int smc_family_prepare(void)
{
	struct socket *sock;
	int ret;

	build_ops(&smc_stream_ops4, &inet_stream_ops);
	/* those of IPv6 are not exported; without IPv6 nobody needs them */
	ret = sock_create_kern(&init_net, PF_INET6, SOCK_STREAM, IPPROTO_TCP,
			       &sock);
	if (ret && ret != -EAFNOSUPPORT)
		return ret;
	if (!ret) {
		inet6_tcp_ops = sock->ops;
		build_ops(&smc_stream_ops6, sock->ops);
		sock_release(sock);
	}
	smc_sock_init(&smc_stream_ops4, &smc_stream_ops6);
	return 0;
}

/**
 * smc_family_init() - at module load, last
 *
 * Return: 0 or -EEXIST.
 */
int smc_family_init(void)
{
	return sock_register(&smc_family);
}

/**
 * smc_family_fini() - at module unload, first
 */
void smc_family_fini(void)
{
	sock_unregister(PF_SMC);
}
