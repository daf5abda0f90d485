// SPDX-License-Identifier: GPL-2.0
/*
 * The SMC state of a TCP socket: its mode, and how it becomes SMC or TCP.
 *
 * The socket lock guards all of it. Becoming plain TCP means to give
 * sock->ops and the two callbacks back, nothing else: no file, wait queue or
 * data of the application is touched.
 *
 * Module references: the ULP holds one for each socket until it is destroyed;
 * sock->ops holds one while they are ours, because the core drops one for
 * sock->ops->owner at release.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "clc.h"
#include "compat.h"
#include "conn.h"
#include "sock.h"
#include "stats.h"
#include "stream.h"
#include "trace.h"

static const struct proto_ops *smc_ops4;
static const struct proto_ops *smc_ops6;

/* [from]: modes it may become */
static const u16 mode_next[SMC_MODE_MAX] = {
	[SMC_MODE_NONE] = BIT(SMC_MODE_FRESH) | BIT(SMC_MODE_CHILD) |
			  BIT(SMC_MODE_TCP),
	[SMC_MODE_FRESH] = BIT(SMC_MODE_CONNECTING) | BIT(SMC_MODE_LISTEN) |
			   BIT(SMC_MODE_TCP) | BIT(SMC_MODE_DEAD),
	[SMC_MODE_CONNECTING] = BIT(SMC_MODE_SMC) | BIT(SMC_MODE_SNIFF) |
				BIT(SMC_MODE_TCP) | BIT(SMC_MODE_FRESH) |
				BIT(SMC_MODE_DEAD),
	[SMC_MODE_LISTEN] = BIT(SMC_MODE_FRESH) | BIT(SMC_MODE_DEAD),
	[SMC_MODE_CHILD] = BIT(SMC_MODE_SMC) | BIT(SMC_MODE_SNIFF) |
			   BIT(SMC_MODE_TCP) | BIT(SMC_MODE_DEAD),
	[SMC_MODE_SMC] = BIT(SMC_MODE_DEAD) | BIT(SMC_MODE_FRESH),
	[SMC_MODE_SNIFF] = BIT(SMC_MODE_TCP) | BIT(SMC_MODE_DEAD),
	[SMC_MODE_TCP] = BIT(SMC_MODE_DEAD),
	[SMC_MODE_DEAD] = 0,
};

/**
 * smc_sock_init() - learn our operations, before there are sockets
 * @smc4: for IPv4 sockets
 * @smc6: for IPv6 sockets
 */
void smc_sock_init(const struct proto_ops *smc4, const struct proto_ops *smc6)
{
	smc_ops4 = smc4;
	smc_ops6 = smc6;
}

/**
 * smc_sock_create() - make the SMC state of a socket
 * @tcp_ops: TCP's operations for its family
 * @gfp: allocation flags
 *
 * Return: state in mode NONE, or NULL.
 */
struct smc_sock *smc_sock_create(const struct proto_ops *tcp_ops, gfp_t gfp)
{
	struct smc_sock *ssk;

	ssk = kzalloc(sizeof(*ssk), gfp);
	if (ssk)
		ssk->tcp_ops = tcp_ops;
	return ssk;
}

/**
 * smc_sock_set_mode() - the only writer of the mode
 * @ssk: state; the socket is locked, or nobody else knows it
 * @mode: new mode
 */
void smc_sock_set_mode(struct smc_sock *ssk, enum smc_mode mode)
{
	WARN_ONCE(!(mode_next[ssk->mode] & BIT(mode)),
		  "smc: mode %u to %u\n", ssk->mode, mode);
	/* pairs with smc_poll(): what the mode promises is there */
	smp_store_release(&ssk->mode, mode);
}

/**
 * smc_sock_set_callbacks() - put our callbacks in place of TCP's
 * @sk: socket, locked
 * @ssk: its state
 * @data_ready: for sk_data_ready
 * @state_change: for sk_state_change
 */
void smc_sock_set_callbacks(struct sock *sk, struct smc_sock *ssk,
			    void (*data_ready)(struct sock *sk),
			    void (*state_change)(struct sock *sk))
{
	write_lock_bh(&sk->sk_callback_lock);
	if (!ssk->data_ready) {
		ssk->state_change = sk->sk_state_change;
		/* pairs with smc_listen_clone() */
		smp_store_release(&ssk->data_ready, sk->sk_data_ready);
	}
	WRITE_ONCE(sk->sk_data_ready, data_ready ? : ssk->data_ready);
	WRITE_ONCE(sk->sk_state_change, state_change ? : ssk->state_change);
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * smc_sock_hear_each_byte() - let TCP tell of bytes however few they are
 * @sk: socket, locked
 * @ssk: its state
 *
 * Until the callbacks are restored or SMC is established. SO_RCVLOWAT is for
 * the application's bytes, not for those of a handshake.
 */
void smc_sock_hear_each_byte(struct sock *sk, struct smc_sock *ssk)
{
	ssk->rcvlowat = sk->sk_rcvlowat;
	WRITE_ONCE(sk->sk_rcvlowat, 1);
}

static void restore_lowat(struct sock *sk, struct smc_sock *ssk)
{
	if (!ssk->rcvlowat)
		return;
	WRITE_ONCE(sk->sk_rcvlowat, ssk->rcvlowat);
	ssk->rcvlowat = 0;
}

/**
 * smc_sock_restore_callbacks() - give TCP its callbacks back
 * @sk: socket, locked
 * @ssk: its state
 */
void smc_sock_restore_callbacks(struct sock *sk, struct smc_sock *ssk)
{
	int lowat = ssk->rcvlowat;

	restore_lowat(sk, ssk);
	if (ssk->data_ready) {
		write_lock_bh(&sk->sk_callback_lock);
		WRITE_ONCE(sk->sk_data_ready, ssk->data_ready);
		WRITE_ONCE(sk->sk_state_change, ssk->state_change);
		write_unlock_bh(&sk->sk_callback_lock);
	}
	/* TCP makes room for as much */
	if (lowat > 1)
		ssk->tcp_ops->set_rcvlowat(sk, lowat);
}

/**
 * smc_sock_attach_ops() - make the operations of a socket ours
 * @sock: socket with TCP's operations; the caller holds a module reference
 * @ssk: its SMC state
 */
void smc_sock_attach_ops(struct socket *sock, const struct smc_sock *ssk)
{
	__module_get(THIS_MODULE);
	/* TCP takes it from any socket with an ULP */
	set_bit(SOCK_SUPPORT_ZC, &sock->flags);
	WRITE_ONCE(sock->ops, ssk->tcp_ops->family == PF_INET ? smc_ops4 :
								smc_ops6);
}

/**
 * smc_sock_detach_ops() - make the operations of a socket TCP's again
 * @sock: socket, or NULL
 * @ssk: its SMC state
 */
void smc_sock_detach_ops(struct socket *sock, const struct smc_sock *ssk)
{
	if (!sock || READ_ONCE(sock->ops)->owner != THIS_MODULE)
		return;
	WRITE_ONCE(sock->ops, ssk->tcp_ops);
	module_put(THIS_MODULE);
}

/**
 * smc_sock_detach_late() - the same, for what a work could not do
 * @sock: socket in mode TCP, not locked; the caller holds its file
 * @ssk: its SMC state
 *
 * See SMC_RELEASE_LOOKS_TWICE.
 */
void smc_sock_detach_late(struct socket *sock, struct smc_sock *ssk)
{
	struct sock *sk = sock->sk;

	lock_sock(sk);
	if (ssk->mode == SMC_MODE_TCP && !ssk->listener)
		smc_sock_detach_ops(sock, ssk);
	release_sock(sk);
}

/**
 * smc_sock_wake() - a socket has become something else
 * @sk: socket
 *
 * Wakes whoever waits for anything. Any context.
 */
void smc_sock_wake(struct sock *sk)
{
	smc_close_wake(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

/**
 * smc_sock_addresses() - both ends of the TCP connection
 * @sk: socket
 * @local: own address, IPv4 as mapped address
 * @remote: the peer's
 */
void smc_sock_addresses(const struct sock *sk, struct in6_addr *local,
			struct in6_addr *remote)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 &&
	    !ipv6_addr_v4mapped(&sk->sk_v6_daddr)) {
		*local = sk->sk_v6_rcv_saddr;
		*remote = sk->sk_v6_daddr;
		return;
	}
#endif
	ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr, local);
	ipv6_addr_set_v4mapped(sk->sk_daddr, remote);
}

/**
 * smc_sock_is_kernels() - does a part of the kernel use the socket?
 * @sk: socket that is to connect or to listen, locked
 *
 * Some read from TCP itself, or replace its callbacks; and net.smc.tcp2smc
 * meets those that make their sockets in the name of a process.
 *
 * Return: true if it seems so.
 */
bool smc_sock_is_kernels(const struct sock *sk)
{
	return !sk->sk_socket->file || sk->sk_user_data ||
	       sk->sk_allocation != GFP_KERNEL ||
	       sock_flag(sk, SOCK_MEMALLOC);
}

/**
 * smc_sock_is_signed() - does TCP sign each segment, with MD5 or TCP-AO?
 * @sk: socket, locked
 *
 * As with IPsec, what the application has asked for is lost beside TCP.
 *
 * Return: true if there are keys.
 */
bool smc_sock_is_signed(const struct sock *sk)
{
#ifdef CONFIG_TCP_MD5SIG
	if (rcu_access_pointer(tcp_sk(sk)->md5sig_info))
		return true;
#endif
#ifdef CONFIG_TCP_AO
	if (rcu_access_pointer(tcp_sk(sk)->ao_info))
		return true;
#endif
	return false;
}

/* is the TCP connection one of a socket to itself? */
static bool is_own_peer(const struct sock *sk)
{
	struct in6_addr local, remote;

	smc_sock_addresses(sk, &local, &remote);
	return inet_sk(sk)->inet_sport == inet_sk(sk)->inet_dport &&
	       ipv6_addr_equal(&local, &remote);
}

/**
 * smc_sock_peer_has_smc() - is there somebody to shake hands with?
 * @sk: socket that has connected
 *
 * If two SYNs cross, TCP does not compare what they say.
 *
 * Return: true if both ends have shown the option, and are two.
 */
bool smc_sock_peer_has_smc(const struct sock *sk)
{
	return tcp_sk(sk)->syn_smc && tcp_sk(sk)->rx_opt.smc_ok &&
	       !is_own_peer(sk);
}

/*
 * The companion connection is idle. Its end in order (both have sent FIN) says
 * nothing: it may come before our data. A reset or a timeout is another thing,
 * unless the peer has sent its FIN: then TCP may have forgotten there what SMC
 * still has to deliver, and a probe or our FIN meets nobody. SOCK_DESTROY is
 * always meant.
 */
static bool tcp_lost(const struct sock *sk)
{
	int err = READ_ONCE(sk->sk_err);

	return sk->sk_state == TCP_CLOSE && err &&
	       (!sock_flag(sk, SOCK_DONE) || err == ECONNABORTED);
}

static void smc_state_change(struct sock *sk)
{
	struct smc_sock *ssk = smc_sk(sk);

	if (!ssk || sk->sk_state != TCP_CLOSE)
		return;
	if (!tcp_lost(sk)) {
		if (ssk->conn)
			smc_close_tcp_forgotten(sk, ssk->conn);
		return;
	}
	if (ssk->conn)
		smc_close_tcp_lost(sk, ssk->conn);
	ssk->state_change(sk);
}

/* no byte may come on it any more; a FIN comes here too and is none */
static void smc_data_ready(struct sock *sk)
{
	struct smc_sock *ssk = smc_sk(sk);

	if (ssk && ssk->conn && tcp_inq(sk) > 0)
		smc_close_tcp_lies(sk, ssk->conn);
}

/**
 * smc_sock_established() - SMC carries the data from now on
 * @sk: socket, locked
 * @ssk: its state
 * @conn: the connection; the caller's reference passes over
 */
void smc_sock_established(struct sock *sk, struct smc_sock *ssk,
			  struct smc_conn *conn)
{
	WRITE_ONCE(ssk->conn, conn);
	restore_lowat(sk, ssk);
	smc_rx_limit_lowat(sk, conn);
	smc_sock_set_mode(ssk, SMC_MODE_SMC);
	smc_sock_set_callbacks(sk, ssk, smc_data_ready, smc_state_change);
	smc_stat_inc(sock_net(sk), ssk->server ? SMC_STAT_SERVER_SMC :
						 SMC_STAT_CLIENT_SMC);
	smc_close_established(sk, conn, ssk->data_ready);
	if (tcp_lost(sk))
		smc_close_tcp_lost(sk, conn);
}

/**
 * smc_sock_count_fallback() - note that a connection is plain TCP, and why
 * @sk: socket
 * @ssk: its state
 * @reason: enum smc_clc_diag
 * @peer_diag: what the peer's Decline said, or 0
 *
 * Any context.
 */
void smc_sock_count_fallback(struct sock *sk, struct smc_sock *ssk, u32 reason,
			     u32 peer_diag)
{
	struct in6_addr local, remote;

	ssk->reason = reason;
	ssk->peer_diag = peer_diag;
	smc_stat_fallback(sock_net(sk), ssk->server, reason);
	if (trace_smc_fallback_enabled()) {
		smc_sock_addresses(sk, &local, &remote);
		trace_smc_fallback(sock_net(sk), ssk->server, reason, &local,
				   &remote);
	}
}

/* nothing of ours is in TCP's way any more, and it shows no option */
static void leave_smc(struct sock *sk, struct smc_sock *ssk,
		      enum smc_mode mode)
{
	tcp_sk(sk)->syn_smc = 0;
	smc_sock_restore_callbacks(sk, ssk);
	smc_sock_set_mode(ssk, mode);
}

/**
 * smc_sock_fresh() - the socket may become anything again
 * @sk: socket, locked
 * @ssk: its state; no handshake, no connection
 *
 * Whatever it does next, TCP shows no option of its own accord.
 */
void smc_sock_fresh(struct sock *sk, struct smc_sock *ssk)
{
	leave_smc(sk, ssk, SMC_MODE_FRESH);
}

/* a call of an application holds its file: there is no close() meanwhile */
static bool in_application(void)
{
	return in_task() && !(current->flags & (PF_WQ_WORKER | PF_KTHREAD));
}

static void become_tcp(struct sock *sk, struct smc_sock *ssk)
{
	/* who waits on a fresh socket waits for TCP */
	bool wake = ssk->mode != SMC_MODE_FRESH;

	leave_smc(sk, ssk, SMC_MODE_TCP);
	/* what is left of a former listener goes with our release() only */
	if (!ssk->listener && (!SMC_RELEASE_LOOKS_TWICE || in_application()))
		smc_sock_detach_ops(sk->sk_socket, ssk);
	if (wake)
		smc_sock_wake(sk);
}

/**
 * smc_sock_fallback() - the socket is plain TCP from now on
 * @sk: socket; locked, or its spinlock held and not owned by a process
 * @ssk: its state
 * @reason: enum smc_clc_diag
 * @peer_diag: what the peer's Decline said, or 0
 */
void smc_sock_fallback(struct sock *sk, struct smc_sock *ssk, u32 reason,
		       u32 peer_diag)
{
	smc_sock_count_fallback(sk, ssk, reason, peer_diag);
	become_tcp(sk, ssk);
}

/**
 * smc_sock_decline_sent() - plain TCP, but the peer may have declined too
 * @sk: socket, locked
 * @ssk: its state
 * @reason: enum smc_clc_diag
 *
 * If both ends give up in the phase after the Confirm, their Declines can
 * cross. The application must not see the peer's: the socket keeps our
 * operations until the first bytes have been looked at.
 */
void smc_sock_decline_sent(struct sock *sk, struct smc_sock *ssk, u32 reason)
{
	smc_sock_count_fallback(sk, ssk, reason, 0);
	leave_smc(sk, ssk, SMC_MODE_SNIFF);
}

/*
 * Do these first bytes of the stream begin with a Decline? Return: its length;
 * -EINPROGRESS if that is still possible, -ENOMSG if they do not.
 */
static int find_decline(const u8 *buf, size_t len, u32 *diag)
{
	static const u8 start[] = { 0xe2, 0xd4, 0xc3, 0xd9, SMC_CLC_DECLINE };
	struct smc_clc_decline decl;
	enum smc_clc_check why;
	struct smc_clc_hdr hdr;

	if (memcmp(buf, start, min(len, sizeof(start))))
		return -ENOMSG;
	if (len < SMC_CLC_HDR_LEN)
		return -EINPROGRESS;
	if (smc_clc_hdr_decode(buf, len, &hdr, &why) ||
	    hdr.length > SMC_CLC_DECLINE_MAX)
		return -ENOMSG;
	if (len < hdr.length)
		return -EINPROGRESS;
	if (smc_clc_decline_decode(buf, hdr.length, &decl, &why))
		return -ENOMSG;
	*diag = decl.diag;
	return hdr.length;
}

/**
 * smc_sock_sniff() - look at the first bytes after our Decline
 * @sk: socket in mode SNIFF, locked
 * @ssk: its state
 *
 * Return: true if the socket is in mode TCP now; false as long as what is
 *	there may be the start of a Decline.
 */
bool smc_sock_sniff(struct sock *sk, struct smc_sock *ssk)
{
	u8 buf[SMC_CLC_DECLINE_MAX];
	int len;

	len = smc_clc_peek(sk, buf, sizeof(buf));
	if (len >= 0)
		len = find_decline(buf, len, &ssk->peer_diag);
	if (len == -EINPROGRESS && !(sk->sk_shutdown & RCV_SHUTDOWN) &&
	    (1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
				   TCPF_FIN_WAIT2))
		return false;
	if (len > 0)
		smc_clc_skip(sk, len);
	become_tcp(sk, ssk);
	return true;
}
