// SPDX-License-Identifier: GPL-2.0
/*
 * Listening SMC sockets.
 *
 * TCP makes the children. One whose SYN had no option is plain TCP from the
 * start and needs nothing of us. The others have to go through the handshake
 * before the application may see them, each at its own pace. So children are
 * taken out of TCP's accept queue at once, by whoever comes first (a work
 * item, accept() or poll()), and wait in one of our lists:
 *
 *	TCP's queue --plain--------------------------> ready --> accept()
 *	            --option--> handshake (pending) --/
 *	                                        \---> dead --> closed
 *
 * Children in "ready" count against the backlog as those in TCP's queue do:
 * TCP's own limit is lowered by their number, so that TCP refuses more. Those
 * in "pending" do not count: they are limited by HANDSHAKES_MAX, above which
 * SYNs are answered without the option; with the socket option SMC_LIMIT_HS, by
 * HANDSHAKES_FEW, so that clients need not wait when many come at once.
 *
 * Ownership: a child in a list belongs to the listener. The listener belongs
 * to its socket from the first listen() until the release, whatever happens
 * in between; it is freed under RCU because SYN processing looks at it.
 *
 * Locks: a child's socket lock, then listener->lock.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "compat.h"
#include "conn.h"
#include "handshake.h"
#include "listen.h"
#include "sk_lock.h"
#include "sock.h"
#include "stats.h"
#include "stream.h"

#define HANDSHAKES_MAX	4096
#define HANDSHAKES_FEW	64

/**
 * struct smc_listener - what a listening socket has besides TCP's
 * @sk: the socket; it outlives the lists and the work
 * @refcnt: one for the socket, one for queued work
 * @lock: guards the lists and their numbers
 * @pending: children in their handshake
 * @ready: children for accept()
 * @dead: children to be closed
 * @nr_ready: number of children in @ready
 * @backlog: what the application asked for
 * @stopped: TCP has stopped listening: children are closed
 * @closing: no more work
 * @handshakes: number of children in @pending
 * @new_plain: plain children that may be in TCP's queue; never too low, but
 *	may stay too high if TCP drops one
 * @new_smc: others that may be there, ditto
 * @work: takes them out, closes the dead; holds a reference
 * @locked: how many times in turn it has found the socket locked
 * @rcu: frees it
 */
struct smc_listener {
	struct sock *sk;
	refcount_t refcnt;
	spinlock_t lock;
	struct list_head pending;
	struct list_head ready;
	struct list_head dead;
	u32 nr_ready;
	u32 backlog;
	bool stopped;
	bool closing;
	atomic_t handshakes;
	atomic_t new_plain;
	atomic_t new_smc;
	struct delayed_work work;
	unsigned int locked;
	struct rcu_head rcu;
};

/* close a child that nobody will accept; as TCP does, with a reset */
static void close_child(struct sock *child)
{
	struct smc_sock *ssk;

	lock_sock(child);
	ssk = smc_sk(child);
	smc_close_by_reset(child);
	if (ssk) {
		if (ssk->hs)
			smc_handshake_cancel(ssk->hs);
		smc_sock_restore_callbacks(child, ssk);
		if (ssk->conn)
			smc_close_release(child, ssk->conn);
		ssk->conn = NULL;
		if (ssk->mode != SMC_MODE_DEAD)
			smc_sock_set_mode(ssk, SMC_MODE_DEAD);
	}
	release_sock(child);
	child->sk_prot->close(child, 0);
}

static void listener_put(struct smc_listener *l)
{
	if (refcount_dec_and_test(&l->refcnt))
		kfree_rcu(l, rcu);
}

/* the caller has the lock, or is under RCU */
static void queue(struct smc_listener *l)
{
	if (READ_ONCE(l->closing) || !refcount_inc_not_zero(&l->refcnt))
		return;
	if (!queue_delayed_work(smc_listen_wq, &l->work, 0))
		listener_put(l);
}

/* children in "ready" count as if they were in TCP's queue; lock held */
static void set_backlog(struct smc_listener *l)
{
	lockdep_assert_held(&l->lock);
	WRITE_ONCE(l->sk->sk_max_ack_backlog,
		   l->backlog > l->nr_ready ? l->backlog - l->nr_ready : 0);
}

static void move_dead(struct smc_listener *l, struct smc_child *c)
{
	lockdep_assert_held(&l->lock);
	list_move_tail(&c->list, &l->dead);
	queue(l);
}

static void add_dead(struct smc_listener *l, struct smc_child *c)
{
	spin_lock_bh(&l->lock);
	move_dead(l, c);
	spin_unlock_bh(&l->lock);
}

static void add_ready(struct smc_listener *l, struct smc_child *c)
{
	spin_lock_bh(&l->lock);
	if (l->stopped) {
		move_dead(l, c);
	} else {
		list_move_tail(&c->list, &l->ready);
		l->nr_ready++;
		set_backlog(l);
		/* under the lock: who takes it may release the listener */
		smc_sk(l->sk)->data_ready(l->sk);
	}
	spin_unlock_bh(&l->lock);
}

/* a child's handshake is over; its socket is locked */
static void handshake_done(struct smc_handshake *hs)
{
	struct smc_sock *ssk = hs->ssk;
	struct smc_listener *l = ssk->listener;

	atomic_dec(&l->handshakes);
	if (ssk->mode == SMC_MODE_DEAD)
		add_dead(l, &ssk->child);
	else
		add_ready(l, &ssk->child);
}

/* false if the listener has just stopped */
static bool add_pending(struct smc_listener *l, struct smc_child *c)
{
	bool added;

	spin_lock_bh(&l->lock);
	added = !l->stopped;
	if (added)
		list_add_tail(&c->list, &l->pending);
	spin_unlock_bh(&l->lock);
	if (added)
		atomic_inc(&l->handshakes);
	return added;
}

static void start_handshake(struct smc_listener *l, struct sock *child)
{
	struct smc_sock *ssk = smc_sk(child);
	struct smc_handshake *hs = NULL;

	lock_sock(child);
	if (ssk)
		hs = smc_handshake_create(child, ssk, GFP_KERNEL);
	if (hs) {
		/* TCP may have moved it here from another listener */
		ssk->listener = l;
		if (add_pending(l, &ssk->child)) {
			smc_handshake_start(hs, handshake_done);
		} else {
			smc_handshake_cancel(hs);
			hs = NULL;
		}
	}
	release_sock(child);
	/* without memory the peer would wait for our part in vain */
	if (!hs) {
		smc_stat_inc(sock_net(l->sk), SMC_STAT_SERVER_ERROR);
		close_child(child);
	}
}

/* next child from TCP's queue that needs no handshake, or NULL */
static struct sock *take(struct smc_listener *l, int *err)
{
	struct proto_accept_arg arg = { .flags = O_NONBLOCK };
	struct sock *child;

	/* saves the common case a look under the socket lock */
	if (reqsk_queue_empty(&inet_csk(l->sk)->icsk_accept_queue)) {
		*err = inet_sk_state_load(l->sk) == TCP_LISTEN ? -EAGAIN :
								 -EINVAL;
		return NULL;
	}
	while ((child = smc_prot_accept(l->sk, &arg))) {
		if (!tcp_sk(child)->syn_smc) {
			atomic_dec_if_positive(&l->new_plain);
			return child;
		}
		atomic_dec_if_positive(&l->new_smc);
		start_handshake(l, child);
	}
	*err = arg.err;
	return NULL;
}

/*
 * Empty TCP's queue: those that need a handshake begin it now. The plain ones
 * among them have no SMC state that could be their place in the list.
 */
static void pump(struct smc_listener *l)
{
	struct smc_child *c;
	struct sock *child;
	int err;

	while ((child = take(l, &err))) {
		c = kmalloc(sizeof(*c), GFP_KERNEL | __GFP_NOFAIL);
		INIT_LIST_HEAD(&c->list);
		c->sk = child;
		add_ready(l, c);
	}
}

static struct sock *first(struct smc_listener *l, struct list_head *list)
{
	struct smc_child *c;
	struct sock *child;

	if (list_empty_careful(list))
		return NULL;
	spin_lock_bh(&l->lock);
	c = list_first_entry_or_null(list, struct smc_child, list);
	if (c) {
		list_del_init(&c->list);
		if (list == &l->ready) {
			l->nr_ready--;
			set_backlog(l);
		}
	}
	spin_unlock_bh(&l->lock);
	if (!c)
		return NULL;
	child = c->sk;
	if (!smc_sk(child))
		kfree(c);
	return child;
}

static void listen_work(struct work_struct *work)
{
	struct smc_listener *l = container_of(to_delayed_work(work),
					      struct smc_listener, work);
	struct sock *child;

	while ((child = first(l, &l->dead)))
		close_child(child);
	/* a program that keeps it locked shall not keep this worker */
	if (smc_sock_lock_soon(l->sk)) {
		release_sock(l->sk);
		l->locked = 0;
		pump(l);
	} else if (queue_delayed_work(smc_listen_wq, &l->work,
				      smc_sock_lock_later(&l->locked))) {
		return;
	}
	listener_put(l);
}

/* TCP has a new child; softirq, or the socket is locked */
static void listen_data_ready(struct sock *sk)
{
	struct smc_sock *ssk = smc_sk(sk);
	struct smc_listener *l;
	bool smc, plain;

	if (!ssk)
		return;
	l = READ_ONCE(ssk->listener);
	if (!l)
		return;
	smc = atomic_read(&l->new_smc) > 0;
	plain = atomic_read(&l->new_plain) > 0;
	/* neither: it comes from another listener (SO_REUSEPORT) */
	if (smc || !plain)
		queue(l);
	if (plain || !smc)
		ssk->data_ready(sk);
}

/* why a child has no option: the peer, or ourselves? */
static u32 transport_reason(void)
{
	return smc_transport_available() ? SMC_CLC_DECL_PEER_NO_SMC :
					   SMC_CLC_DECL_NO_DEVICE;
}

/* SYN with the option: may we answer with it? softirq, no lock */
static bool congested(const struct sock *sk)
{
	const struct smc_sock *ssk = smc_sk(sk);
	const struct smc_listener *l;
	int max;

	l = ssk ? READ_ONCE(ssk->listener) : NULL;
	/* the answer would not say so */
	if (!l || !READ_ONCE(tcp_sk(sk)->syn_smc) ||
	    !smc_transport_available())
		return true;
	/* data may come with the SYN, before any handshake could be */
	if (READ_ONCE(inet_csk(sk)->icsk_accept_queue.fastopenq.max_qlen))
		return true;
	max = READ_ONCE(ssk->limit_hs) ? HANDSHAKES_FEW : HANDSHAKES_MAX;
	return atomic_read(&l->handshakes) >= max;
}

/*
 * A child that goes through the handshake gets SMC state of its own. So does
 * one of a TCP listener, where accept() may give it our operations.
 */
static bool clone_state(struct smc_listener *l, const struct smc_sock *parent,
			struct sock *child, enum smc_mode mode, gfp_t gfp)
{
	struct smc_sock *ssk = smc_sock_create(parent->tcp_ops, gfp);

	if (!ssk)
		return false;
	ssk->server = true;
	ssk->listener = l;
	ssk->child.sk = child;
	/* nobody has set it on the child, and TCP would look for its file */
	sock_reset_flag(child, SOCK_FASYNC);
	smc_sock_set_mode(ssk, mode);
	__module_get(THIS_MODULE);
	rcu_assign_pointer(inet_csk(child)->icsk_ulp_data, ssk);
	return true;
}

/*
 * What the SYN/ACK said counts, whatever the listener wants now, and whichever
 * it was: TCP may have moved the request here (tcp_migrate_req). The option is
 * noted for listeners that never answer with it, too.
 */
static bool promised(const struct request_sock *req)
{
	return inet_rsk(req)->smc_ok &&
	       tcp_sk(req->rsk_listener)->smc_hs_congested;
}

/**
 * smc_listen_clone() - TCP has made a child
 * @req: the request it comes from
 * @child: the child; a copy of its listener, not yet known to anybody
 * @gfp: allocation flags
 *
 * A child without the option loses the ULP: it is a TCP socket like any
 * other. Softirq. The listener may be closing at the same time.
 */
void smc_listen_clone(const struct request_sock *req, struct sock *child,
		      gfp_t gfp)
{
	struct inet_connection_sock *icsk = inet_csk(child);
	const struct smc_sock *parent;
	struct smc_listener *l = NULL;
	bool smc = false;

	rcu_read_lock();
	parent = smc_sk(child);
	RCU_INIT_POINTER(icsk->icsk_ulp_data, NULL);
	tcp_sk(child)->smc_hs_congested = NULL;
	tcp_sk(child)->syn_smc = promised(req);
	if (parent) {
		l = READ_ONCE(parent->listener);
		/* pairs with smc_sock_set_callbacks() */
		if (smp_load_acquire(&parent->data_ready)) {
			child->sk_data_ready = parent->data_ready;
			child->sk_state_change = parent->state_change;
		}
	}
	if (parent && tcp_sk(child)->syn_smc) {
		/* without a listener, another one made the promise */
		smc = clone_state(l, parent, child, SMC_MODE_CHILD, gfp);
		if (l)
			atomic_inc(&l->new_smc);
	} else {
		tcp_sk(child)->syn_smc = 0;
		smc_stat_fallback(sock_net(child), true, transport_reason());
		if (l)
			atomic_inc(&l->new_plain);
		else if (SMC_ACCEPT_LOOKS_TWICE && parent &&
			 READ_ONCE(parent->mode) == SMC_MODE_TCP)
			smc = clone_state(NULL, parent, child, SMC_MODE_TCP,
					  gfp);
	}
	if (!smc)
		icsk->icsk_ulp_ops = NULL;
	rcu_read_unlock();
}

static struct smc_listener *listener_create(struct sock *sk)
{
	struct smc_listener *l;

	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return NULL;
	l->sk = sk;
	refcount_set(&l->refcnt, 1);
	spin_lock_init(&l->lock);
	INIT_LIST_HEAD(&l->pending);
	INIT_LIST_HEAD(&l->ready);
	INIT_LIST_HEAD(&l->dead);
	INIT_DELAYED_WORK(&l->work, listen_work);
	return l;
}

/* make a fresh socket ready to listen; locked */
static int prepare(struct sock *sk, struct smc_sock *ssk)
{
	if (!ssk->listener) {
		struct smc_listener *l = listener_create(sk);

		if (!l)
			return -ENOMEM;
		WRITE_ONCE(ssk->listener, l);
	}
	spin_lock_bh(&ssk->listener->lock);
	ssk->listener->stopped = false;
	spin_unlock_bh(&ssk->listener->lock);
	smc_sock_set_callbacks(sk, ssk, listen_data_ready, NULL);
	tcp_sk(sk)->syn_smc = 1;
	tcp_sk(sk)->smc_hs_congested = congested;
	smc_sock_set_mode(ssk, SMC_MODE_LISTEN);
	return 0;
}

/*
 * Close all children that nobody has accepted: a running handshake ends in
 * "ready" or "dead". Sleeps; no child's socket is locked.
 */
static void drop_children(struct smc_listener *l)
{
	struct sock *child;

	for (;;) {
		struct smc_sock *cssk;
		struct smc_child *c;

		spin_lock_bh(&l->lock);
		c = list_first_entry_or_null(&l->pending, struct smc_child,
					     list);
		child = c ? c->sk : NULL;
		if (child)
			sock_hold(child);
		spin_unlock_bh(&l->lock);
		if (!child)
			break;
		lock_sock(child);
		cssk = smc_sk(child);
		/* it may have been accepted meanwhile, or be gone */
		if (cssk && cssk->listener == l && cssk->hs) {
			smc_handshake_cancel(cssk->hs);
			atomic_dec(&l->handshakes);
			spin_lock_bh(&l->lock);
			list_move_tail(&cssk->child.list, &l->dead);
			spin_unlock_bh(&l->lock);
		}
		release_sock(child);
		sock_put(child);
	}
	while ((child = first(l, &l->ready)) || (child = first(l, &l->dead)))
		close_child(child);
}

/**
 * smc_listen_stopped() - TCP may have stopped listening: shutdown() does that
 * @sk: socket, not locked
 * @ssk: its state
 *
 * TCP has reset the children in its queue; ours go the same way. Sleeps.
 */
void smc_listen_stopped(struct sock *sk, struct smc_sock *ssk)
{
	struct smc_listener *l = NULL;

	if (READ_ONCE(ssk->mode) != SMC_MODE_LISTEN)
		return;
	lock_sock(sk);
	if (ssk->mode == SMC_MODE_LISTEN && sk->sk_state != TCP_LISTEN) {
		l = ssk->listener;
		spin_lock_bh(&l->lock);
		l->stopped = true;
		spin_unlock_bh(&l->lock);
		smc_sock_fresh(sk, ssk);
	}
	release_sock(sk);
	if (l)
		drop_children(l);
}

/* a reason not to take part, whoever comes */
static u32 refuse(const struct sock *sk)
{
	if (inet_csk(sk)->icsk_accept_queue.fastopenq.max_qlen)
		return SMC_CLC_DECL_FASTOPEN;
	return smc_sock_is_kernels(sk) ? SMC_CLC_DECL_NO_DEVICE :
					 SMC_CLC_DECL_NONE;
}

/**
 * smc_listen() - listen()
 * @sock: socket
 * @backlog: as for TCP
 *
 * Return: as TCP.
 */
int smc_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	struct smc_sock *ssk = smc_sk(sk);
	const struct proto_ops *tcp_ops = ssk->tcp_ops;
	u32 why;
	int ret;

	smc_listen_stopped(sk, ssk);
	lock_sock(sk);
	why = refuse(sk);
	ret = 0;
	/*
	 * TCP's children then, but by our accept(): in 6.1 the core may have
	 * taken our operations for one while those of the listener change.
	 */
	if (ssk->mode == SMC_MODE_FRESH && sk->sk_state == TCP_CLOSE) {
		if (why)
			smc_sock_count_fallback(sk, ssk, why, 0);
		else
			ret = prepare(sk, ssk);
	}
	release_sock(sk);
	if (ret)
		return ret;

	ret = tcp_ops->listen(sock, backlog);
	if (ret) {
		smc_listen_stopped(sk, ssk);
	/* pairs with smc_sock_set_mode(): somebody else may have listened */
	} else if (smp_load_acquire(&ssk->mode) == SMC_MODE_LISTEN) {
		struct smc_listener *l = READ_ONCE(ssk->listener);

		spin_lock_bh(&l->lock);
		l->backlog = backlog;
		set_backlog(l);
		spin_unlock_bh(&l->lock);
	}
	return ret;
}

/* a child for accept(), or NULL and why not */
static struct sock *next_child(struct smc_listener *l, int *err)
{
	struct sock *child = first(l, &l->ready);

	return child ? child : take(l, err);
}

static struct sock *wait_child(struct sock *sk, struct smc_listener *l,
			       long timeo, int *err)
{
	struct sock *child;
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		if (list_empty_careful(&l->ready) &&
		    reqsk_queue_empty(&inet_csk(sk)->icsk_accept_queue) &&
		    inet_sk_state_load(sk) == TCP_LISTEN && timeo &&
		    !signal_pending(current))
			timeo = schedule_timeout(timeo);
		finish_wait(sk_sleep(sk), &wait);
		child = next_child(l, err);
		if (child || *err != -EAGAIN)
			return child;
		if (signal_pending(current)) {
			*err = sock_intr_errno(timeo);
			return NULL;
		}
		if (!timeo)
			return NULL;
	}
}

/*
 * The core has given the socket of a child the operations of its listener, as
 * they were a moment before accept() began: those of the child may be others.
 */
static void set_child_ops(struct socket *newsock, const struct smc_sock *ssk)
{
	const struct smc_sock *child = smc_sk(newsock->sk);

	if (!child || child->mode == SMC_MODE_TCP)
		smc_sock_detach_ops(newsock, ssk);
	else if (READ_ONCE(newsock->ops)->owner != THIS_MODULE)
		smc_sock_attach_ops(newsock, child);
}

/*
 * The peer of this child was promised SMC, and TCP has moved it here since from
 * another listener (tcp_migrate_req). Nobody can keep that: it is reset.
 */
static void drop_migrated(struct sock *child)
{
	struct smc_sock *ssk = smc_sk(child);

	if (!tcp_sk(child)->syn_smc)
		return;
	smc_stat_inc(sock_net(child), SMC_STAT_SERVER_ERROR);
	lock_sock(child);
	tcp_sk(child)->syn_smc = 0;
	if (ssk) {
		ssk->listener = NULL;
		smc_sock_set_mode(ssk, SMC_MODE_TCP);
	}
	child->sk_prot->disconnect(child, O_NONBLOCK);
	release_sock(child);
}

static int accept_tcp(struct socket *sock, struct socket *newsock,
		      struct proto_accept_arg *arg, const struct smc_sock *ssk)
{
	int ret = smc_ops_accept(ssk->tcp_ops, sock, newsock, arg);

	if (!ret) {
		drop_migrated(newsock->sk);
		set_child_ops(newsock, ssk);
	}
	return ret;
}

/**
 * smc_listen_accept() - accept()
 * @sock: listener
 * @newsock: socket for the child
 * @arg: flags
 *
 * Return: 0 or a negative errno, as TCP.
 */
int smc_listen_accept(struct socket *sock, struct socket *newsock,
		      struct proto_accept_arg *arg)
{
	struct sock *sk = sock->sk, *child;
	struct smc_sock *ssk = smc_sk(sk);
	struct smc_listener *l = READ_ONCE(ssk->listener);
	int err = -EAGAIN;
	long timeo;

	if (!l)
		return accept_tcp(sock, newsock, arg, ssk);
	child = next_child(l, &err);
	if (!child && err == -EAGAIN) {
		timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);
		if (timeo)
			child = wait_child(sk, l, timeo, &err);
	}
	if (!child)
		return err;

	lock_sock(child);
	sock_rps_record_flow(child);
	sock_graft(child, newsock);
	newsock->state = SS_CONNECTED;
	set_bit(SOCK_SUPPORT_ZC, &newsock->flags);
	set_child_ops(newsock, ssk);
	if (smc_sk(child))
		smc_sk(child)->listener = NULL;
	release_sock(child);
	return 0;
}

/**
 * smc_listen_readable() - would accept() find a child?
 * @sk: listener
 * @ssk: its state
 *
 * May sleep.
 *
 * Return: true if so.
 */
bool smc_listen_readable(struct sock *sk, struct smc_sock *ssk)
{
	struct smc_listener *l = READ_ONCE(ssk->listener);

	if (!list_empty_careful(&l->ready))
		return true;
	if (reqsk_queue_empty(&inet_csk(sk)->icsk_accept_queue))
		return false;
	/* only plain ones there: no need to touch them */
	if (atomic_read(&l->new_smc) <= 0)
		return true;
	pump(l);
	return !list_empty_careful(&l->ready);
}

/**
 * smc_listen_release() - the listening socket goes away
 * @sk: the socket, not locked; no operation runs on it any more
 * @ssk: its state
 *
 * Closes all children that nobody has accepted. Sleeps.
 */
void smc_listen_release(struct sock *sk, struct smc_sock *ssk)
{
	struct smc_listener *l = ssk->listener;

	/* unpublish: no new children, no new work */
	spin_lock_bh(&l->lock);
	WRITE_ONCE(l->closing, true);
	spin_unlock_bh(&l->lock);
	lock_sock(sk);
	smc_sock_restore_callbacks(sk, ssk);
	if (sk->sk_state == TCP_LISTEN)
		sk->sk_prot->disconnect(sk, O_NONBLOCK);
	release_sock(sk);
	/* queue() of a softirq that has not seen @closing yet */
	synchronize_net();
	if (cancel_delayed_work_sync(&l->work))
		listener_put(l);

	drop_children(l);
	WRITE_ONCE(ssk->listener, NULL);
	listener_put(l);
}
