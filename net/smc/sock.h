/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SMC state of a TCP socket: what hangs off its ULP data.
 *
 * An SMC socket is a TCP socket with the ULP "smc". Its mode says who carries
 * the bytes; it changes under the socket lock through smc_sock_set_mode().
 *
 *	FRESH -> CONNECTING -> SMC | SNIFF -> TCP | FRESH (connect failed)
 *	SMC -> FRESH (connect() with AF_UNSPEC)
 *	FRESH -> LISTEN
 *	CHILD (not yet accepted) -> SMC | SNIFF -> TCP | DEAD
 *
 * In mode TCP the socket is TCP's again: sock->ops are TCP's own, nothing of
 * ours runs when data moves.
 */
#ifndef _SMC_SOCK_H
#define _SMC_SOCK_H

#include <linux/net.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <net/inet_connection_sock.h>

struct smc_conn;
struct smc_handshake;
struct smc_listener;

/**
 * enum smc_mode - who carries the bytes of a socket
 * @SMC_MODE_NONE: nobody has set a mode; a bug
 * @SMC_MODE_FRESH: not connected; may still become anything
 * @SMC_MODE_CONNECTING: connect() is under way, TCP's part or the handshake
 * @SMC_MODE_LISTEN: listener
 * @SMC_MODE_CHILD: of a listener, in its handshake
 * @SMC_MODE_SMC: established, SMC carries the data
 * @SMC_MODE_SNIFF: plain TCP, but the peer's crossing Decline may come first
 * @SMC_MODE_TCP: plain TCP
 * @SMC_MODE_DEAD: to be released
 * @SMC_MODE_MAX: number of modes
 */
enum smc_mode {
	SMC_MODE_NONE,
	SMC_MODE_FRESH,
	SMC_MODE_CONNECTING,
	SMC_MODE_LISTEN,
	SMC_MODE_CHILD,
	SMC_MODE_SMC,
	SMC_MODE_SNIFF,
	SMC_MODE_TCP,
	SMC_MODE_DEAD,
	SMC_MODE_MAX
};

/**
 * struct smc_child - child in a list of its listener
 * @list: entry
 * @sk: the child; it belongs to the list
 */
struct smc_child {
	struct list_head list;
	struct sock *sk;
};

/**
 * struct smc_sock - SMC state of a socket
 * @mode: enum smc_mode
 * @server: accepted, not connected
 * @limit_hs: SMC_LIMIT_HS: when busy, a listener prefers plain TCP
 * @reason: why it is plain TCP, enum smc_clc_diag
 * @peer_diag: what the peer's Decline said
 * @rcvlowat: during a handshake: SO_RCVLOWAT as the application wants it,
 *	else 0
 * @tcp_ops: TCP's operations for this family
 * @conn: in mode SMC: the connection; one reference
 * @hs: in modes CONNECTING and CHILD: the handshake, if it runs already
 * @listener: of a listener, until its release; of a child in a listener's
 *	lists, that listener
 * @child: child: entry in one of the listener's lists
 * @data_ready: TCP's callback while ours is in place, else NULL
 * @state_change: ditto
 * @rcu: diagnosis and SYN processing read it under RCU
 */
struct smc_sock {
	u8 mode;
	bool server;
	bool limit_hs;
	u32 reason;
	u32 peer_diag;
	int rcvlowat;
	const struct proto_ops *tcp_ops;
	struct smc_conn *conn;
	struct smc_handshake *hs;
	struct smc_listener *listener;
	struct smc_child child;
	void (*data_ready)(struct sock *sk);
	void (*state_change)(struct sock *sk);
	struct rcu_head rcu;
};

/**
 * smc_sk() - SMC state of a TCP socket
 * @sk: socket with ULP "smc"; its lock is held, or the caller is one of its
 *	operations, or under RCU
 *
 * Return: the state; NULL for a child that could not get one, and once the
 *	socket is being destroyed.
 */
static inline struct smc_sock *smc_sk(const struct sock *sk)
{
	return (__force struct smc_sock *)
		READ_ONCE(inet_csk(sk)->icsk_ulp_data);
}

struct smc_sock *smc_sock_create(const struct proto_ops *tcp_ops, gfp_t gfp);
void smc_sock_set_mode(struct smc_sock *ssk, enum smc_mode mode);
void smc_sock_set_callbacks(struct sock *sk, struct smc_sock *ssk,
			    void (*data_ready)(struct sock *sk),
			    void (*state_change)(struct sock *sk));
void smc_sock_hear_each_byte(struct sock *sk, struct smc_sock *ssk);
void smc_sock_restore_callbacks(struct sock *sk, struct smc_sock *ssk);
void smc_sock_attach_ops(struct socket *sock, const struct smc_sock *ssk);
void smc_sock_detach_ops(struct socket *sock, const struct smc_sock *ssk);
void smc_sock_detach_late(struct socket *sock, struct smc_sock *ssk);
void smc_sock_established(struct sock *sk, struct smc_sock *ssk,
			  struct smc_conn *conn);
void smc_sock_fresh(struct sock *sk, struct smc_sock *ssk);
void smc_sock_count_fallback(struct sock *sk, struct smc_sock *ssk, u32 reason,
			     u32 peer_diag);
void smc_sock_fallback(struct sock *sk, struct smc_sock *ssk, u32 reason,
		       u32 peer_diag);
void smc_sock_decline_sent(struct sock *sk, struct smc_sock *ssk, u32 reason);
bool smc_sock_sniff(struct sock *sk, struct smc_sock *ssk);
void smc_sock_wake(struct sock *sk);
bool smc_sock_is_kernels(const struct sock *sk);
bool smc_sock_is_signed(const struct sock *sk);
bool smc_sock_peer_has_smc(const struct sock *sk);
void smc_sock_addresses(const struct sock *sk, struct in6_addr *local,
			struct in6_addr *remote);

void smc_sock_init(const struct proto_ops *smc4, const struct proto_ops *smc6);

#endif /* _SMC_SOCK_H */
