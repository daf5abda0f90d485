/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connection core: the two byte streams of one SMC connection as cursors over
 * two rings, and the state of its closing. Knows neither sockets nor verbs.
 *
 * Positions are 64-bit counts of stream bytes since the start; a ring offset
 * is the position modulo the (power of two) ring size. Each position has one
 * writer:
 *
 *	tx.prep  <- application, socket lock		rx.cons <- ditto
 *	tx.sent, rx.told <- whoever sends, conn->lock
 *	tx.done  <- send completions, conn->lock
 *	tx.acked, rx.prod <- messages from the peer, conn->lock
 *
 * References: the socket layer (one, from smc_conn_create() until the
 * connection reached CLOSED and the socket let go), the transport's token
 * table (attach to detach), each posted WR that names the connection.
 */
#ifndef _SMC_CONN_H
#define _SMC_CONN_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "cdc_wire.h"
#include "conn_state.h"
#include "cursor.h"
#include "transport.h"

struct smc_link;
struct smc_link_group;
struct smc_rmbe;
struct smc_sndbuf;
struct sock;

/* what conn->ops->event() is told, a mask */
#define SMC_CONN_RX_DATA	BIT(0)	/* rx.prod moved */
#define SMC_CONN_RX_URGENT	BIT(1)	/* an urgent byte is there */
#define SMC_CONN_RX_UPDATE	BIT(2)	/* the peer wants our cursor */
#define SMC_CONN_RX_DONE	BIT(3)	/* the peer is done writing */
#define SMC_CONN_RX_CLOSED	BIT(4)	/* the peer closed */
#define SMC_CONN_RX_ABORTED	BIT(5)	/* the peer aborted */
#define SMC_CONN_RX_INVALID	BIT(6)	/* the peer sent an impossible cursor */
#define SMC_CONN_TX_CREDIT	BIT(7)	/* tx.acked moved */
#define SMC_CONN_TX_DONE	BIT(8)	/* tx.done moved */
#define SMC_CONN_TX_ROOM	BIT(9)	/* post() may work again */
#define SMC_CONN_DEAD		BIT(10)	/* the link group is lost */

/* conn->owed: what is still to be done, in this order */
#define SMC_OWED_DONE		BIT(0)	/* say "done writing" after the data */
#define SMC_OWED_CLOSED		BIT(1)	/* say "closed" after the data */
#define SMC_OWED_STATE		BIT(2)	/* send a message without data now */
#define SMC_OWED_FREE		BIT(3)	/* let go of the transport */

/**
 * struct smc_conn_ops - up-calls of a connection
 * @event: something happened, see SMC_CONN_*. conn->lock is held, bottom
 *	halves are off; must not sleep.
 * @settle: the socket is locked: do what waits for that, see @due of &struct
 *	smc_conn. Sleeps.
 */
struct smc_conn_ops {
	void (*event)(struct smc_conn *conn, unsigned int what);
	void (*settle)(struct smc_conn *conn, struct sock *sk);
};

/**
 * struct smc_conn_tx - the stream to the peer
 * @buf: the send ring, NULL until attached
 * @size: its size in bytes
 * @peer_size: size of the peer's RMBE
 * @autocork: less than this waits for a completion that is on its way
 * @prep: bytes the application has put into the ring
 * @sent: bytes posted to the transport
 * @done: bytes whose send has completed: ring space up to here is free
 * @acked: bytes the peer's application has consumed (its consumer cursor)
 * @signaled: end of the last message whose completion was asked for
 * @urgent: position after the urgent byte, 0 if none is being sent
 * @unsignaled: messages sent since then
 * @seq: sequence number of the last message
 * @linger: value of @sent when lingering was last checked
 * @waiting: post() returned -EAGAIN, a TX_ROOM event will come
 * @corked: the application said that more will follow
 */
struct smc_conn_tx {
	u8 *buf;
	u32 size;
	u32 peer_size;
	u32 autocork;
	u64 prep;
	u64 sent;
	u64 done;
	u64 acked;
	u64 signaled;
	u64 urgent;
	u16 unsignaled;
	u16 seq;
	u64 linger;
	bool waiting;
	bool corked;
};

/* the last urgent byte */
enum smc_urgent_state {
	SMC_URGENT_NONE,	/* there was none */
	SMC_URGENT_VALID,	/* not yet read with MSG_OOB */
	SMC_URGENT_READ,	/* by MSG_OOB, or passed */
	SMC_URGENT_AT_MARK,	/* by MSG_OOB; the reader is right behind it */
};

/**
 * struct smc_conn_rx - the stream from the peer
 * @buf: own RMBE, NULL until attached
 * @size: its size in bytes
 * @prod: bytes the peer has placed
 * @cons: bytes the application has consumed
 * @told: value of @cons the peer knows
 * @urgent: position after the last urgent byte, 0 if there was none
 * @urgent_byte: that byte
 * @urgent_state: SMC_URGENT_*
 * @stamp: when bytes last arrived, if the socket asks for it
 * @seq: sequence number of the last message taken
 * @peer_blocked: the peer's writer waits for space
 * @update_wanted: the peer asked for the consumer cursor
 * @peer_done: the peer will write no more
 * @peer_closed: the peer closed
 * @peer_aborted: the peer aborted
 * @ended: the stream came to its end in order: the peer said so, and neither
 *	end had aborted
 */
struct smc_conn_rx {
	u8 *buf;
	u32 size;
	u64 prod;
	u64 cons;
	u64 told;
	u64 urgent;
	u8 urgent_byte;
	u8 urgent_state;
	u16 seq;
	ktime_t stamp;
	bool peer_blocked;
	bool update_wanted;
	bool peer_done;
	bool peer_closed;
	bool peer_aborted;
	bool ended;
};

/**
 * struct smc_conn - one SMC connection
 * @refcnt: see the head of this file
 * @lock: guards all that the head of this file does not give to the
 *	application; taken with bottom halves off
 * @state: enum smc_conn_state; changes only through smc_conn_event()
 * @shutdown: RCV_SHUTDOWN, SEND_SHUTDOWN as the application sees them
 * @owed: SMC_OWED_* mask
 * @done_writing: state flag sent with every message: no more data
 * @closed: likewise: this end closed
 * @aborted: likewise: this end aborted
 * @told: the socket has had its error, from us or from TCP; stream layer's
 * @due: SMC_CONN_ACT_* that wait for the socket lock; stream layer's
 * @ops: up-calls
 * @transport: what carries it; set on attach
 * @net: network namespace; its exit ends the link group first
 * @sk: the socket, NULL once it has let go; not counted, cleared under @lock
 * @data_ready: TCP's own callback that wakes readers; NULL until established
 * @token: own alert token, the peer puts it in its messages
 * @peer_token: the peer's alert token
 * @rx: receiving
 * @tx: sending
 * @lgr: link group; transport's
 * @link: link that carries it now; transport's
 * @rmbe: own RMBE; transport's
 * @sndbuf: send ring; transport's
 * @peer_rkey: key of the peer's RMB; transport's
 * @peer_addr: address of the peer's RMBE (not RMB); transport's
 * @quarantined: nobody wants it but its peer; transport's
 * @tx_wait: entry in the link's list of connections waiting for a send slot
 * @timer: stream layer's: corked data, or the end of lingering; holds a
 *	reference while it is armed
 * @reset_work: stream layer's: does what is @due; holds a reference to the
 *	connection
 * @locked: how many times in turn it has found the socket locked
 * @rcu: frees it after a grace period
 */
struct smc_conn {
	refcount_t refcnt;
	spinlock_t lock;
	u8 state;
	u8 shutdown;
	u8 owed;
	bool done_writing;
	bool closed;
	bool aborted;
	bool told;
	u16 due;
	const struct smc_conn_ops *ops;
	const struct smc_transport_ops *transport;
	struct net *net;
	struct sock *sk;
	void (*data_ready)(struct sock *sk);
	u32 token;
	u32 peer_token;
	struct smc_conn_rx rx;
	struct smc_conn_tx tx;
	struct smc_link_group *lgr;
	struct smc_link *link;
	struct smc_rmbe *rmbe;
	struct smc_sndbuf *sndbuf;
	u32 peer_rkey;
	u64 peer_addr;
	bool quarantined;
	struct list_head tx_wait;
	struct timer_list timer;
	struct delayed_work reset_work;
	unsigned int locked;
	struct rcu_head rcu;
};

struct smc_conn *smc_conn_create(struct net *net, struct sock *sk,
				 const struct smc_conn_ops *ops, gfp_t gfp);
void smc_conn_put(struct smc_conn *conn);
void smc_conn_unlock(struct smc_conn *conn)
	__releases(&conn->lock);

/**
 * smc_conn_get() - take another reference
 * @conn: connection the caller holds a reference to
 */
static inline void smc_conn_get(struct smc_conn *conn)
{
	refcount_inc(&conn->refcnt);
}

/**
 * smc_conn_get_live() - take a reference if the connection still has one
 * @conn: connection found under RCU
 *
 * Return: true if a reference was taken.
 */
static inline bool smc_conn_get_live(struct smc_conn *conn)
{
	return refcount_inc_not_zero(&conn->refcnt);
}

/**
 * smc_conn_settle() - do what waits for the socket lock, if anything does
 * @conn: connection
 * @sk: its socket, locked
 */
static inline void smc_conn_settle(struct smc_conn *conn, struct sock *sk)
{
	if (unlikely(READ_ONCE(conn->due)))
		conn->ops->settle(conn, sk);
}

unsigned int smc_conn_event(struct smc_conn *conn, enum smc_conn_event ev);
void smc_conn_tx_done(struct smc_conn *conn, u64 end);
void smc_conn_tx_room(struct smc_conn *conn);
void smc_conn_kill(struct smc_conn *conn);

/* for all work of the module that is not bound to a link; flushed at unload */
extern struct workqueue_struct *smc_wq;
extern struct workqueue_struct *smc_settle_wq;
extern struct workqueue_struct *smc_listen_wq;
int smc_conn_init(void);
void smc_conn_fini(void);

/**
 * smc_conn_lock() - lock a connection
 * @conn: connection
 *
 * Bottom halves are off until smc_conn_unlock().
 */
static inline void smc_conn_lock(struct smc_conn *conn)
	__acquires(&conn->lock)
{
	spin_lock_bh(&conn->lock);
}

#endif /* _SMC_CONN_H */
