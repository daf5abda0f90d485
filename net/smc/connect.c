// SPDX-License-Identifier: GPL-2.0
/*
 * connect() of SMC sockets.
 *
 * TCP connects, with the SMC option in its SYN. If the answer has it too, the
 * handshake follows: in this process when connect() blocks, else by itself.
 * The socket is connected for the application when the handshake is over. A
 * blocking connect() that is interrupted leaves everything running, as TCP
 * does.
 */
#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "connect.h"
#include "handshake.h"
#include "listen.h"
#include "negcache.h"
#include "sock.h"
#include "stats.h"
#include "stream.h"

static bool peer_of(const struct sockaddr *addr, int len,
		    struct in6_addr *peer)
{
	if (len >= sizeof(struct sockaddr_in) && addr->sa_family == AF_INET) {
		ipv6_addr_set_v4mapped(((const struct sockaddr_in *)
					addr)->sin_addr.s_addr, peer);
		return true;
	}
	if (len >= SIN6_LEN_RFC2133 && addr->sa_family == AF_INET6) {
		*peer = ((const struct sockaddr_in6 *)addr)->sin6_addr;
		return true;
	}
	return false;
}

/*
 * A reason not even to ask: there is no device, or this peer has shown lately
 * that it does not speak SMC.
 */
static enum smc_clc_diag refuse(struct sock *sk, struct sockaddr *addr,
				int len)
{
	struct in6_addr peer;

	if (smc_sock_is_kernels(sk))
		return SMC_CLC_DECL_NO_DEVICE;
	if (tcp_sk(sk)->fastopen_connect)
		return SMC_CLC_DECL_FASTOPEN;
	if (smc_sock_is_signed(sk))
		return SMC_CLC_DECL_IPSEC;
	if (!smc_transport_available())
		return SMC_CLC_DECL_NO_DEVICE;
	if (!peer_of(addr, len, &peer) ||
	    !smc_negcache_lookup(sock_net(sk), &peer))
		return SMC_CLC_DECL_NONE;
	smc_stat_inc(sock_net(sk), SMC_STAT_AVOIDED);
	return SMC_CLC_DECL_PEER_NO_SMC;
}

/* connect() is over without a connection */
static void give_up(struct sock *sk, struct smc_sock *ssk)
{
	if (ssk->hs)
		smc_handshake_cancel(ssk->hs);
	smc_sock_fresh(sk, ssk);
	smc_sock_wake(sk);
}

/*
 * connect() with AF_UNSPEC: back to an unconnected socket. Those who sleep in
 * the connection have references, those who poll are under RCU.
 */
static void dissolve(struct sock *sk, struct smc_sock *ssk)
{
	struct smc_conn *conn = ssk->conn;

	WRITE_ONCE(ssk->conn, NULL);
	smc_sock_fresh(sk, ssk);
	smc_close_dissolve(sk, conn);
	smc_sock_wake(sk);
}

/*
 * Result of a handshake for a caller that has waited for it. Until then TCP
 * shall not think that the application knows.
 */
static int result(struct sock *sk, const struct smc_sock *ssk)
{
	int err;

	if (ssk->mode == SMC_MODE_FRESH) {
		err = sock_error(sk) ? : -ECONNABORTED;
		/* what TCP keeps of its end is none of the next connection's */
		sk->sk_prot->disconnect(sk, O_NONBLOCK);
		sk->sk_socket->state = SS_UNCONNECTED;
		return err;
	}
	sk->sk_socket->state = SS_CONNECTED;
	return 0;
}

/**
 * smc_connect_end() - TCP may have failed, which ends the handshake
 * @sk: socket in mode CONNECTING, or any other, locked
 * @ssk: its state
 *
 * Here and now, before its work gets to it, because the application may know
 * already.
 */
void smc_connect_end(struct sock *sk, struct smc_sock *ssk)
{
	long now = 0;

	if (sk->sk_state == TCP_CLOSE && ssk->hs && !ssk->hs->waiter)
		smc_handshake_wait(ssk->hs, &now);
}

/**
 * smc_connect_wait() - wait until a handshake that goes on by itself is over
 * @sk: socket, locked; the lock is dropped while waiting
 * @ssk: its state
 * @timeo: jiffies to wait
 *
 * Return: 0 when the mode is not CONNECTING any more; -EAGAIN when the time is
 *	up; -EINTR or -ERESTARTSYS after a signal.
 */
int smc_connect_wait(struct sock *sk, struct smc_sock *ssk, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int ret = 0;

	smc_connect_end(sk, ssk);
	add_wait_queue(sk_sleep(sk), &wait);
	while (ssk->mode == SMC_MODE_CONNECTING) {
		if (!timeo)
			ret = -EAGAIN;
		else if (signal_pending(current))
			ret = sock_intr_errno(timeo);
		if (ret)
			break;
		sk_wait_event(sk, &timeo,
			      READ_ONCE(ssk->mode) != SMC_MODE_CONNECTING,
			      &wait);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return ret;
}

/**
 * smc_connect_shutdown() - shutdown() of a socket that is not connected yet
 * @sk: socket in mode CONNECTING, locked
 * @ssk: its state
 *
 * To the application this is what TCP calls SYN_SENT.
 *
 * Return: 0 or a negative errno.
 */
int smc_connect_shutdown(struct sock *sk, struct smc_sock *ssk)
{
	int err;

	give_up(sk, ssk);
	err = sk->sk_prot->disconnect(sk, O_NONBLOCK);
	sk->sk_socket->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	return err;
}

/* another thread is in connect(): as with TCP, both wait for the same */
static int wait_with_other(struct sock *sk, struct smc_sock *ssk, int flags)
{
	int err = smc_connect_wait(sk, ssk,
				   sock_sndtimeo(sk, flags & O_NONBLOCK));

	if (err == -EAGAIN)
		return -EALREADY;
	return err ? err : result(sk, ssk);
}

/* it goes as far as it can without waiting even if @flags forbid that */
static int wait_handshake(struct sock *sk, struct smc_sock *ssk, int flags)
{
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	bool may_wait = timeo;
	int err;

	if (!ssk->hs && ssk->mode != SMC_MODE_CONNECTING)
		return result(sk, ssk);
	/* without a handshake it is TCP's connect() that the other is in */
	if (!ssk->hs || ssk->hs->waiter)
		return wait_with_other(sk, ssk, flags);
	err = smc_handshake_wait(ssk->hs, &timeo);
	if (err == -EINPROGRESS && !may_wait)
		return -EALREADY;
	return err ? err : result(sk, ssk);
}

/* TCP is connected, and nothing has been decided: blocking connect() */
static int tcp_connected(struct sock *sk, struct smc_sock *ssk, int flags)
{
	int err;

	if (ssk->mode != SMC_MODE_CONNECTING)
		return result(sk, ssk);
	if (!smc_sock_peer_has_smc(sk)) {
		smc_sock_fallback(sk, ssk, SMC_CLC_DECL_PEER_NO_SMC, 0);
		return 0;
	}
	if (!ssk->hs && !smc_handshake_create(sk, ssk, GFP_KERNEL)) {
		sk->sk_prot->disconnect(sk, 0);
		sk->sk_socket->state = SS_UNCONNECTED;
		give_up(sk, ssk);
		return -ENOMEM;
	}
	sk->sk_socket->state = SS_CONNECTING;
	err = wait_handshake(sk, ssk, flags);
	return err == -EALREADY ? -EINPROGRESS : err;
}

static int first_connect(struct socket *sock, struct smc_sock *ssk,
			 struct sockaddr *addr, int len, int flags)
{
	struct sock *sk = sock->sk;
	int err;

	tcp_sk(sk)->syn_smc = 1;
	/* it may have been accepted, and disconnected since */
	ssk->server = false;
	smc_sock_set_mode(ssk, SMC_MODE_CONNECTING);
	err = -ENOMEM;
	if (flags & O_NONBLOCK && !smc_handshake_create(sk, ssk, GFP_KERNEL))
		goto fresh;
	err = __inet_stream_connect(sock, addr, len, flags, 0);
	if (!err)
		return tcp_connected(sk, ssk, flags);
	if (ssk->mode != SMC_MODE_CONNECTING)
		return err;
	if (sk->sk_state == TCP_CLOSE)
		goto fresh;
	/* it goes on without us */
	if (!ssk->hs) {
		if (smc_handshake_create(sk, ssk, GFP_KERNEL)) {
			smc_handshake_start(ssk->hs, NULL);
			return err;
		}
		sk->sk_prot->disconnect(sk, 0);
		sock->state = SS_UNCONNECTED;
		err = -ENOMEM;
		goto fresh;
	}
	return err;
fresh:
	give_up(sk, ssk);
	return err;
}

/*
 * TCP has found its connection ended, and the socket is unconnected again: what
 * the next connect() or listen() meets must be no rest of that.
 */
static void tcp_disconnected(struct sock *sk, struct smc_sock *ssk)
{
	if (ssk->mode == SMC_MODE_SMC)
		dissolve(sk, ssk);
	else if (ssk->mode == SMC_MODE_SNIFF)
		smc_sock_sniff(sk, ssk);
}

/**
 * smc_connect() - connect()
 * @sock: socket
 * @addr: address
 * @len: its length
 * @flags: O_NONBLOCK
 *
 * Return: as TCP; besides, the error of a handshake after which the stream
 *	could not be trusted: -ETIMEDOUT, -EPROTO, -ECONNRESET.
 */
int smc_connect(struct socket *sock, struct sockaddr *addr, int len,
		int flags)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	bool unspec;
	int err;

	if (len < sizeof(addr->sa_family))
		return -EINVAL;
	unspec = addr->sa_family == AF_UNSPEC;

	smc_listen_stopped(sk, ssk);
	lock_sock(sk);
	if (unspec && ssk->mode == SMC_MODE_CONNECTING)
		give_up(sk, ssk);
	if (unspec && ssk->mode == SMC_MODE_SMC)
		dissolve(sk, ssk);
	if (ssk->mode == SMC_MODE_FRESH && !unspec &&
	    sock->state == SS_UNCONNECTED && sk->sk_state == TCP_CLOSE) {
		enum smc_clc_diag why = refuse(sk, addr, len);

		if (why) {
			smc_sock_fallback(sk, ssk, why, 0);
			err = __inet_stream_connect(sock, addr, len, flags, 0);
		} else {
			err = first_connect(sock, ssk, addr, len, flags);
		}
		release_sock(sk);
		return err;
	}
	if (ssk->mode == SMC_MODE_CONNECTING &&
	    (1 << sk->sk_state) & ~(TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		err = wait_handshake(sk, ssk, flags);
		release_sock(sk);
		return err;
	}
	/* not to be disturbed between our part and TCP's */
	err = __inet_stream_connect(sock, addr, len, flags, 0);
	if (!err && ssk->mode == SMC_MODE_CONNECTING)
		err = wait_with_other(sk, ssk, flags);
	if (sk->sk_state == TCP_CLOSE && sock->state == SS_UNCONNECTED)
		tcp_disconnected(sk, ssk);
	release_sock(sk);
	smc_listen_stopped(sk, ssk);
	return err;
}
