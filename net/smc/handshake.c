// SPDX-License-Identifier: GPL-2.0
/*
 * The CLC handshake of one connection, both roles.
 *
 * A handshake is a sequence of steps, each a function that either finishes
 * (0), has to wait (-EINPROGRESS), or ends the handshake (another errno). It
 * runs under the socket lock whenever TCP has news, when the transport has
 * news, or when the deadline of its step is over; between that nothing and
 * nobody waits, so that a thousand silent peers cost memory and no thread.
 * It runs in a work item, or in the process that waits in connect().
 *
 *	client: TCP, ACCEPT, ATTACH, FINISH
 *	server: PROPOSAL, OFFER, CONFIRM, ATTACH, FINISH
 *
 * Ends, each with its reason counted and traced:
 * - SMC: the connection goes to the socket.
 * - TCP without a word: the peer did not show the option, or it declined.
 * - TCP after our Decline: a step failed and the transport said why (diag).
 *   After the Confirm both ends may give up, and their Declines may cross.
 *   So one that fails there first waits for the peer's Decline, the client
 *   longer than the server; and whoever declines there in the end still
 *   looks for a Decline in front of the peer's data (mode SNIFF).
 * - Error: the stream cannot be trusted (timeout, garbage, reset). The TCP
 *   connection is reset, and the peer is not asked again for a while.
 *
 * Ownership: the socket state holds one reference until the end, each queued
 * work one. The transport may call at.wake() until at abort() has returned.
 *
 * wire-protocol.md 2.9 to 2.13
 */
#include <linux/slab.h>
#include <net/ip6_fib.h>
#include <net/route.h>
#include <net/tcp.h>

#include "conn.h"
#include "handshake.h"
#include "negcache.h"
#include "sk_lock.h"
#include "sock.h"
#include "stats.h"
#include "stream.h"
#include "sysctl.h"
#include "trace.h"

#define CLC_TIMEOUT	(6 * HZ)
/* a Linux server makes one handshake after another */
#define ACCEPT_TIMEOUT	(10 * HZ)
#define OFFER_TIMEOUT	(4 * HZ)	/* less than a Linux client's 6 */
/* later contacts: a Linux client takes its Accepts one after another */
#define CONFIRM_TIMEOUT	(30 * HZ)
#define DECLINE_TIMEOUT	(1 * HZ)
#define CONFIRM_PATIENCE (5 * HZ)	/* client: Confirm to own Decline */
#define FOREVER		(3600 * HZ)

#define RING_MAX	(4 * 1024 * 1024)

enum step {
	STEP_TCP,	/* client: TCP connects */
	STEP_ACCEPT,	/* client: Proposal sent, Accept comes */
	STEP_PROPOSAL,	/* server: Proposal comes */
	STEP_OFFER,	/* server: the transport judges it */
	STEP_CONFIRM,	/* server: Accept sent, Confirm comes */
	STEP_ATTACH,	/* the transport takes the Accept or Confirm */
	STEP_FINISH,	/* Confirm exchanged, the transport finishes */
	STEP_DECLINE,	/* that failed; the peer may decline */
	STEP_DONE,
	NR_STEPS
};

/* the peer declined, at.diag says why; TCP never has this error */
#define EDECLINED	EKEYREJECTED

static void set_step(struct smc_handshake *hs, enum step step,
		     unsigned long timeout)
{
	hs->step = step;
	hs->deadline = jiffies + timeout;
}

static int decline(struct smc_handshake *hs, enum smc_clc_diag diag)
{
	hs->at.diag = diag;
	return -ENODEV;
}

/* the stream makes no sense any more: that is no reason to go on by TCP */
static int broken(struct smc_handshake *hs, int err)
{
	hs->at.diag = SMC_CLC_DECL_NONE;
	return err;
}

/* a Decline always is; two clients meet if both have opened the connection */
static bool is_possible(enum smc_clc_type got, enum smc_clc_type wanted)
{
	return got == wanted || got == SMC_CLC_DECLINE ||
	       (got == SMC_CLC_PROPOSAL && wanted == SMC_CLC_ACCEPT);
}

static int take_decline(struct smc_handshake *hs)
{
	struct smc_clc_decline decl;
	enum smc_clc_check why;

	if (smc_clc_decline_decode(hs->rx.buf, smc_clc_rx_kept(&hs->rx),
				   &decl, &why))
		return broken(hs, -EPROTO);
	trace_smc_clc(false, SMC_CLC_DECLINE, hs->rx.hdr.length, decl.diag);
	hs->at.diag = decl.diag;
	hs->at.peer_out = true;
	hs->at.out_of_sync = decl.out_of_sync;
	return -EDECLINED;
}

/* both ends see it the same way; a host that echoes all is none the wiser */
static int take_clients_proposal(struct smc_handshake *hs)
{
	enum smc_clc_check why;

	if (smc_clc_proposal_decode(hs->rx.buf, smc_clc_rx_kept(&hs->rx),
				    &hs->prop, &why))
		return broken(hs, -EPROTO);
	hs->at.diag = SMC_CLC_DECL_NONE;
	return -EDECLINED;
}

/*
 * Take the next message. Return: 0 if it is of type @type, -EDECLINED if it
 * is a Decline, which ends the handshake by itself, -ENODATA at the end of
 * the stream.
 */
static int recv_msg(struct smc_handshake *hs, enum smc_clc_type type)
{
	int ret = smc_clc_recv(hs->sk, &hs->rx);

	if (ret == -ENODATA)
		return ret;
	if (ret && ret != -EINPROGRESS)
		return broken(hs, ret);
	if (hs->rx.got >= SMC_CLC_HDR_LEN &&
	    !is_possible(hs->rx.hdr.type, type))
		return broken(hs, -EPROTO);
	if (ret)
		return ret;
	/* a server declines in the form of the Proposal */
	if (type != SMC_CLC_CONFIRM)
		hs->peer_version = hs->rx.hdr.version;
	if (hs->rx.hdr.type == SMC_CLC_DECLINE)
		return take_decline(hs);
	if (hs->rx.hdr.type != type)
		return take_clients_proposal(hs);
	return 0;
}

static int send_accept(struct smc_handshake *hs, struct smc_clc_accept *acc)
{
	u8 buf[SMC_CLC_HDR_LEN + 320];
	int len;

	len = smc_clc_accept_encode(acc, buf, sizeof(buf));
	if (len < 0)
		return decline(hs, SMC_CLC_DECL_INTERNAL);
	trace_smc_clc(true, acc->type, len, 0);
	smc_clc_rx_init(&hs->rx);
	return smc_clc_send(hs->sk, buf, len);
}

static bool has_ipsec(const struct sock *sk)
{
#ifdef CONFIG_XFRM
	return rcu_access_pointer(sk->sk_policy[0]) ||
	       rcu_access_pointer(sk->sk_policy[1]);
#else
	return false;
#endif
}

static void fill_route(struct smc_attempt *at, const struct sock *sk)
{
	const struct dst_entry *dst;

	/* no route known: assume the worst */
	at->gatewayed = true;
	rcu_read_lock();
	dst = __sk_dst_get((struct sock *)sk);
	if (dst) {
		at->ifindex = dst->dev->ifindex;
		if (dst->ops->family == AF_INET)
			at->gatewayed = container_of(dst, struct rtable,
						     dst)->rt_gw_family;
		else
			at->gatewayed = container_of(dst, struct rt6_info,
						     dst)->rt6i_flags &
					RTF_GATEWAY;
	}
	rcu_read_unlock();
}

/* what the application has set, or else the knob */
static u32 ring_size(const struct sock *sk, u8 lock, int set, int knob,
		     bool *automatic)
{
	bool locked = sk->sk_userlocks & lock;

	*automatic = !locked && knob == SMC_SYSCTL_MEM_DEFAULT;
	return min(locked ? set / 2 : knob, RING_MAX);
}

/* everything the transport has to know of the TCP connection */
static int prepare(struct smc_handshake *hs)
{
	struct smc_sysctl *knobs = smc_sysctl(hs->at.net);
	struct smc_attempt *at = &hs->at;
	struct sock *sk = hs->sk;

	if (has_ipsec(sk) || smc_sock_is_signed(sk))
		return decline(hs, SMC_CLC_DECL_IPSEC);
	if (!hs->at.transport)
		return decline(hs, SMC_CLC_DECL_NO_DEVICE);
	smc_sock_addresses(sk, &at->local, &at->remote);
	fill_route(at, sk);
	at->snd_size = ring_size(sk, SOCK_SNDBUF_LOCK, sk->sk_sndbuf,
				 READ_ONCE(knobs->wmem), &at->snd_auto);
	at->rcv_size = ring_size(sk, SOCK_RCVBUF_LOCK, sk->sk_rcvbuf,
				 READ_ONCE(knobs->rmem), &at->rcv_auto);
	at->conn = smc_conn_create(at->net, sk, &smc_stream_ops, GFP_KERNEL);
	if (!at->conn)
		return decline(hs, SMC_CLC_DECL_NO_MEMORY);
	smc_close_init(at->conn);
	return 0;
}

static int send_proposal(struct smc_handshake *hs)
{
	u8 buf[SMC_CLC_MAX_LEN];
	int len;

	len = smc_clc_proposal_encode(&hs->prop, buf, sizeof(buf));
	if (len < 0)
		return decline(hs, SMC_CLC_DECL_INTERNAL);
	trace_smc_clc(true, SMC_CLC_PROPOSAL, len, 0);
	smc_clc_rx_init(&hs->rx);
	return smc_clc_send(hs->sk, buf, len);
}

static int step_tcp(struct smc_handshake *hs)
{
	struct sock *sk = hs->sk;
	int ret;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return -EINPROGRESS;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;	/* connect() has TCP's own error */
	if (!smc_sock_peer_has_smc(sk)) {
		hs->at.diag = SMC_CLC_DECL_PEER_NO_SMC;
		return -EOPNOTSUPP;
	}
	ret = prepare(hs);
	if (ret)
		return ret;
	memset(&hs->prop, 0, sizeof(hs->prop));
	ret = hs->at.transport->probe(&hs->at, &hs->prop);
	if (ret)
		return ret;
	ret = send_proposal(hs);
	if (ret)
		return ret;
	set_step(hs, STEP_ACCEPT, ACCEPT_TIMEOUT);
	return 0;
}

static int step_accept(struct smc_handshake *hs)
{
	enum smc_clc_check why;
	int ret;

	ret = recv_msg(hs, SMC_CLC_ACCEPT);
	if (ret)
		return ret;
	ret = smc_clc_accept_decode(hs->rx.buf, smc_clc_rx_kept(&hs->rx),
				    &hs->acc, &why);
	if (ret)
		return why == SMC_CLC_BAD_SMCD ?
		       decline(hs, SMC_CLC_DECL_MODE) : -EPROTO;
	set_step(hs, STEP_ATTACH, OFFER_TIMEOUT);
	return 0;
}

static int step_proposal(struct smc_handshake *hs)
{
	enum smc_clc_check why;
	int ret;

	ret = recv_msg(hs, SMC_CLC_PROPOSAL);
	if (ret)
		return ret;
	ret = smc_clc_proposal_decode(hs->rx.buf, smc_clc_rx_kept(&hs->rx),
				      &hs->prop, &why);
	if (ret)
		return -EPROTO;
	ret = prepare(hs);
	if (ret)
		return ret;
	set_step(hs, STEP_OFFER, OFFER_TIMEOUT);
	return 0;
}

static int step_offer(struct smc_handshake *hs)
{
	struct smc_clc_accept reply = {};
	int ret;

	ret = hs->at.transport->offer(&hs->at, &hs->prop, &reply);
	if (ret)
		return ret;
	ret = send_accept(hs, &reply);
	if (ret)
		return ret;
	set_step(hs, STEP_CONFIRM, hs->at.first_contact ? CLC_TIMEOUT :
							  CONFIRM_TIMEOUT);
	return 0;
}

static int step_confirm(struct smc_handshake *hs)
{
	enum smc_clc_check why;
	int ret;

	ret = recv_msg(hs, SMC_CLC_CONFIRM);
	if (ret)
		return ret;
	ret = smc_clc_accept_decode(hs->rx.buf, smc_clc_rx_kept(&hs->rx),
				    &hs->acc, &why);
	if (ret)
		return -EPROTO;
	smc_clc_rx_init(&hs->rx);
	set_step(hs, STEP_ATTACH, OFFER_TIMEOUT);
	return 0;
}

static int step_attach(struct smc_handshake *hs)
{
	struct smc_clc_accept reply = {};
	int ret;

	ret = hs->at.transport->accept(&hs->at, &hs->acc,
				       hs->at.server ? NULL : &reply);
	if (ret)
		return ret;
	if (!hs->at.server) {
		ret = send_accept(hs, &reply);
		if (ret)
			return ret;
		hs->confirm_sent = jiffies;
	}
	set_step(hs, STEP_FINISH, 0);
	hs->deadline = hs->at.first_contact ? hs->at.deadline :
					      jiffies + OFFER_TIMEOUT;
	return 0;
}

/*
 * The peer may decline now, and says nothing else. It may also be done
 * already, have sent its data by RDMA and closed: its FIN can be here first.
 */
static int recv_decline(struct smc_handshake *hs)
{
	int ret = recv_msg(hs, SMC_CLC_DECLINE);

	return ret == -ENODATA ? -EINPROGRESS : ret;
}

/*
 * The last step has failed. Whoever declines first, it is the server, so that
 * the Declines do not cross.
 */
static void await_decline(struct smc_handshake *hs)
{
	set_step(hs, STEP_DECLINE, DECLINE_TIMEOUT);
	if (!hs->at.server &&
	    time_before(hs->deadline, hs->confirm_sent + CONFIRM_PATIENCE))
		hs->deadline = hs->confirm_sent + CONFIRM_PATIENCE;
}

/* from here on the peer may decline at any time */
static int step_finish(struct smc_handshake *hs)
{
	int ret = recv_decline(hs), fin;

	if (ret == -EDECLINED)
		return ret;
	fin = hs->at.transport->finish(&hs->at);
	if (!fin) {
		hs->step = STEP_DONE;
		return 0;
	}
	if (ret != -EINPROGRESS || fin == -EINPROGRESS)
		return ret;
	await_decline(hs);
	return 0;
}

/* the link may come up after all, and the peer believe in it */
static int step_decline(struct smc_handshake *hs)
{
	int ret = recv_decline(hs);

	if (ret != -EINPROGRESS || hs->at.transport->finish(&hs->at))
		return ret;
	hs->step = STEP_DONE;
	return 0;
}

static int (* const steps[NR_STEPS])(struct smc_handshake *hs) = {
	[STEP_TCP] = step_tcp,
	[STEP_ACCEPT] = step_accept,
	[STEP_PROPOSAL] = step_proposal,
	[STEP_OFFER] = step_offer,
	[STEP_CONFIRM] = step_confirm,
	[STEP_ATTACH] = step_attach,
	[STEP_FINISH] = step_finish,
	[STEP_DECLINE] = step_decline,
};

/* the time of a step is over */
static int expired(struct smc_handshake *hs)
{
	switch (hs->step) {
	case STEP_OFFER:
		return decline(hs, SMC_CLC_DECL_NO_ACTIVE_LINK);
	case STEP_ATTACH:
		return decline(hs, SMC_CLC_DECL_RMB_REG);
	case STEP_FINISH:
		await_decline(hs);
		return -EINPROGRESS;
	case STEP_DECLINE:
		return decline(hs, hs->at.diag ? :
				   SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT);
	default:
		smc_stat_inc(hs->at.net, SMC_STAT_CLC_TIMEOUT);
		return -ETIMEDOUT;
	}
}

static void drop_attempt(struct smc_handshake *hs, bool keep_conn)
{
	struct smc_conn *conn = hs->at.conn;

	if (hs->at.transport)
		hs->at.transport->abort(&hs->at);
	if (conn && !keep_conn) {
		smc_conn_lock(conn);
		WRITE_ONCE(conn->sk, NULL);
		smc_conn_unlock(conn);
		smc_conn_put(conn);
	}
	hs->at.conn = NULL;
}

static void fail(struct smc_handshake *hs, int err)
{
	struct smc_sock *ssk = hs->ssk;
	struct sock *sk = hs->sk;

	smc_stat_inc(hs->at.net, hs->at.server ? SMC_STAT_SERVER_ERROR :
						 SMC_STAT_CLIENT_ERROR);
	if (err == -ENODATA)
		err = -ECONNRESET;
	if (err == -EPROTO)
		smc_stat_inc(hs->at.net, SMC_STAT_CLC_INVALID);
	/* what this host lacks says nothing of the peer */
	if (!hs->at.server && hs->step != STEP_TCP && err != -ENOMEM &&
	    err != -ENOBUFS)
		smc_negcache_failed(hs->at.net, &hs->at.remote);
	if (hs->at.server) {
		smc_sock_restore_callbacks(sk, ssk);
		smc_sock_set_mode(ssk, SMC_MODE_DEAD);
	} else {
		smc_sock_fresh(sk, ssk);
	}
	/* to TCP it is still connecting until connect() has told of this */
	sk->sk_prot->disconnect(sk, O_NONBLOCK);
	WRITE_ONCE(sk->sk_err, -err);
	sk_error_report(sk);
}

static void count_v1(const struct smc_handshake *hs)
{
	if (hs->at.version == SMC_CLC_V1)
		smc_stat_inc(hs->at.net, hs->at.server ?
			     SMC_STAT_SERVER_SMC_V1 : SMC_STAT_CLIENT_SMC_V1);
}

static void unqueue(struct smc_handshake *hs)
{
	if (cancel_delayed_work(&hs->work))
		smc_handshake_put(hs);
}

static void stop(struct smc_handshake *hs)
{
	WRITE_ONCE(hs->step, STEP_DONE);
	hs->ssk->hs = NULL;
	smp_mb(); /* pairs with handshake_work(): done first, then unqueued */
	unqueue(hs);
}

/* what became of it; all that ends a handshake ends here */
static void conclude(struct smc_handshake *hs, int err)
{
	/* the client of a subsequent contact was done with its Confirm */
	bool too_late = hs->at.server && hs->step == STEP_ATTACH &&
			!hs->at.first_contact;
	/* the peer has sent its Confirm, or ours, and may decline after it */
	bool crossing = hs->step == STEP_FINISH || hs->step == STEP_DECLINE ||
			(hs->at.server && hs->step == STEP_ATTACH);
	struct smc_conn *conn = hs->at.conn;
	struct smc_sock *ssk = hs->ssk;
	struct sock *sk = hs->sk;
	u32 diag = hs->at.diag;

	drop_attempt(hs, !err);
	/* RDMA does not get through; each first contact would wait for it */
	if (err && !hs->at.server && hs->at.first_contact &&
	    diag == SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT)
		smc_negcache_failed(hs->at.net, &hs->at.remote);
	if (!err) {
		smc_sock_established(sk, ssk, conn);
		count_v1(hs);
		if (!hs->at.server)
			smc_negcache_succeeded(hs->at.net, &hs->at.remote);
	} else if (err == -EDECLINED) {
		smc_sock_fallback(sk, ssk, SMC_CLC_DECL_PEER_DECLINED, diag);
	} else if (err == -EOPNOTSUPP && diag == SMC_CLC_DECL_PEER_NO_SMC) {
		smc_sock_fallback(sk, ssk, diag, 0);
	} else if (err == -ENOTCONN && hs->step == STEP_TCP) {
		smc_sock_fresh(sk, ssk);
	} else if (diag && sk->sk_state != TCP_CLOSE && !too_late) {
		err = smc_clc_send_decline(sk, hs->at.peer_id,
					   hs->peer_version > 1 ? 2 : 1, diag);
		if (err)
			fail(hs, err);
		else if (crossing)
			smc_sock_decline_sent(sk, ssk, diag);
		else
			smc_sock_fallback(sk, ssk, diag, 0);
	} else {
		fail(hs, err);
	}
	stop(hs);
	if (hs->done)
		hs->done(hs);
	smc_sock_wake(sk);
	smc_handshake_put(hs);
}

/* queue the work; a reference goes with it */
static void queue(struct smc_handshake *hs, unsigned long delay)
{
	refcount_inc(&hs->refcnt);
	if (!queue_delayed_work(smc_wq, &hs->work, delay))
		smc_handshake_put(hs);
}

static void kick(struct smc_handshake *hs)
{
	WRITE_ONCE(hs->kicked, true);
	/* pairs with smc_handshake_wait(): waiter first, then kicked */
	smp_mb();
	if (READ_ONCE(hs->waiter)) {
		smc_sock_wake(hs->sk);
		return;
	}
	refcount_inc(&hs->refcnt);
	if (mod_delayed_work(smc_wq, &hs->work, 0))
		smc_handshake_put(hs);
}

static void attempt_wake(struct smc_attempt *at)
{
	kick(container_of(at, struct smc_handshake, at));
}

/* go as far as possible; socket locked */
static void run(struct smc_handshake *hs)
{
	int ret = 0;

	while (hs->step != STEP_DONE) {
		WRITE_ONCE(hs->kicked, false);
		ret = steps[hs->step](hs);
		if (ret == -EINPROGRESS &&
		    time_after_eq(jiffies, hs->deadline))
			ret = expired(hs);
		if (ret == -EINPROGRESS)
			return;
		if (ret)
			break;
	}
	conclude(hs, ret);
}

static void handshake_work(struct work_struct *work)
{
	struct smc_handshake *hs = container_of(to_delayed_work(work),
						struct smc_handshake, work);
	struct sock *sk = hs->sk;

	if (!smc_sock_lock_soon(sk)) {
		queue(hs, smc_sock_lock_later(&hs->locked));
		smp_mb(); /* pairs with stop(): queued first, then looked */
		if (READ_ONCE(hs->step) == STEP_DONE)
			unqueue(hs);
		smc_handshake_put(hs);
		return;
	}
	hs->locked = 0;
	if (hs->step != STEP_DONE)
		run(hs);
	if (hs->step != STEP_DONE) {
		long left = hs->deadline - jiffies;

		queue(hs, left > 0 ? left : 1);
	}
	release_sock(sk);
	smc_handshake_put(hs);
}

/* TCP has bytes; called with the socket's spinlock or lock held */
static void hs_data_ready(struct sock *sk)
{
	struct smc_sock *ssk = smc_sk(sk);

	if (ssk && ssk->hs)
		kick(ssk->hs);
}

/*
 * TCP has connected, or ended; likewise. Nobody is woken for that: who waits
 * does so for the end of the handshake, and io_uring would take the next answer
 * of connect(), EALREADY, for its result.
 */
static void hs_state_change(struct sock *sk)
{
	struct smc_sock *ssk = smc_sk(sk);

	if (!ssk)
		return;
	if (ssk->hs)
		kick(ssk->hs);
	else
		ssk->state_change(sk);
}

/**
 * smc_handshake_create() - make a handshake for a socket
 * @sk: TCP socket, locked
 * @ssk: its state, in mode CONNECTING or CHILD
 * @gfp: allocation flags
 *
 * Return: the handshake, in ssk->hs, which owns the reference; or NULL.
 */
struct smc_handshake *smc_handshake_create(struct sock *sk,
					   struct smc_sock *ssk, gfp_t gfp)
{
	struct smc_handshake *hs;

	hs = kzalloc(sizeof(*hs), gfp);
	if (!hs)
		return NULL;
	refcount_set(&hs->refcnt, 1);
	sock_hold(sk);
	hs->sk = sk;
	hs->ssk = ssk;
	hs->at.transport = smc_transport_get();
	hs->at.net = sock_net(sk);
	hs->at.server = ssk->server;
	hs->at.wake = attempt_wake;
	INIT_DELAYED_WORK(&hs->work, handshake_work);
	smc_clc_rx_init(&hs->rx);
	if (ssk->server)
		set_step(hs, STEP_PROPOSAL, CLC_TIMEOUT);
	else
		set_step(hs, STEP_TCP, FOREVER);
	ssk->hs = hs;
	smc_sock_set_callbacks(sk, ssk, hs_data_ready, hs_state_change);
	smc_sock_hear_each_byte(sk, ssk);
	return hs;
}

/**
 * smc_handshake_start() - let it run by itself
 * @hs: new handshake, socket locked
 * @done: called once when it is over, socket locked, with the socket in its
 *	final mode; may be NULL. Not called after smc_handshake_cancel().
 */
void smc_handshake_start(struct smc_handshake *hs,
			 void (*done)(struct smc_handshake *hs))
{
	hs->done = done;
	queue(hs, 0);
}

/**
 * smc_handshake_wait() - run it in this process until it is over
 * @hs: handshake; its socket is locked, the lock is dropped while waiting
 * @timeo: jiffies to wait, updated
 *
 * Return: 0 when it is over (the mode of the socket tells how); else -EINTR
 *	or -ERESTARTSYS after a signal, -EINPROGRESS when the time was up, and
 *	the handshake goes on by itself.
 */
int smc_handshake_wait(struct smc_handshake *hs, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	bool forever = *timeo == MAX_SCHEDULE_TIMEOUT;
	struct sock *sk = hs->sk;
	int ret = 0;

	refcount_inc(&hs->refcnt);
	add_wait_queue(sk_sleep(sk), &wait);
	WRITE_ONCE(hs->waiter, true);
	/* pairs with kick(): waiter first, then kicked */
	smp_mb();
	while (hs->step != STEP_DONE) {
		long left, t;

		run(hs);
		if (hs->step == STEP_DONE)
			break;
		left = max_t(long, hs->deadline - jiffies, 1);
		t = min(*timeo, left);
		*timeo -= t;
		sk_wait_event(sk, &t, READ_ONCE(hs->kicked), &wait);
		/* a signal restarts what has no limit */
		*timeo = forever ? MAX_SCHEDULE_TIMEOUT : *timeo + t;
		if (hs->step == STEP_DONE)
			break;
		if (signal_pending(current))
			ret = sock_intr_errno(*timeo);
		else if (!*timeo)
			ret = -EINPROGRESS;
		if (ret)
			break;
	}
	WRITE_ONCE(hs->waiter, false);
	remove_wait_queue(sk_sleep(sk), &wait);
	if (ret)
		kick(hs);
	smc_handshake_put(hs);
	return ret;
}

/**
 * smc_handshake_is_confirmed() - may the server be done with it?
 * @hs: handshake, its socket is locked
 *
 * If it is, then the end of the TCP connection in order means nothing to it.
 *
 * Return: true if this is the client, and has sent its Confirm.
 */
bool smc_handshake_is_confirmed(const struct smc_handshake *hs)
{
	return !hs->at.server &&
	       (hs->step == STEP_FINISH || hs->step == STEP_DECLINE);
}

/**
 * smc_handshake_cancel() - the socket goes away
 * @hs: handshake that is not over; its socket is locked
 *
 * The socket has its callbacks back; its mode is the caller's business.
 */
void smc_handshake_cancel(struct smc_handshake *hs)
{
	smc_sock_restore_callbacks(hs->sk, hs->ssk);
	drop_attempt(hs, false);
	stop(hs);
	smc_handshake_put(hs);
}

/**
 * smc_handshake_put() - drop a reference
 * @hs: handshake
 *
 * Any context.
 */
void smc_handshake_put(struct smc_handshake *hs)
{
	if (!refcount_dec_and_test(&hs->refcnt))
		return;
	sock_put(hs->sk);
	kfree(hs);
}
