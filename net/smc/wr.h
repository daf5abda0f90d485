/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work requests: one RC queue pair with its completion queue, its ring of
 * send slots and its receive buffers.
 */
#ifndef _SMC_WR_H
#define _SMC_WR_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <rdma/ib_verbs.h>

#include "cdc_wire.h"

struct smc_conn;
struct smc_wr;

#define SMC_WR_MSG_LEN		SMC_CDC_LEN	/* of every message we send */
#define SMC_WR_STRIDE		64	/* distance of message buffers */
#define SMC_WR_SPILL_LEN	8148	/* rest of a longer message */
#define SMC_WR_TX_DEPTH		128	/* messages in flight, power of two */
#define SMC_WR_TX_RESERVED	8	/* slots kept for control messages */
#define SMC_WR_TX_REPLIES	6	/* of these, for replies */
#define SMC_WR_TX_SIGNAL	16	/* each Nth message is signalled */
#define SMC_WR_TX_SGES		2
#define SMC_WR_RX_DEPTH		256
#define SMC_WR_RX_BATCH		16	/* buffers given back at a time */

/**
 * struct smc_wr_ops - up-calls of a queue pair
 * @recv: a message arrived, at most SMC_WR_MSG_LEN bytes of it are at @buf;
 *	@len is its full length, which may be 0. In order; completion context.
 * @recv_imm: an RDMA write with immediate data arrived, likewise
 * @sent: the peer's device has acknowledged a control message; @tag are its
 *	type and flags. Completion context.
 * @error: a request failed: nothing will ever be sent or received again. Any
 *	context, conn->lock may be held; called more than once.
 */
struct smc_wr_ops {
	void (*recv)(struct smc_wr *wr, const u8 *buf, u32 len);
	void (*recv_imm)(struct smc_wr *wr, u32 imm, u32 len);
	void (*sent)(struct smc_wr *wr, u16 tag);
	void (*error)(struct smc_wr *wr, enum ib_wc_status status);
};

/* type and flags of a control message */
#define SMC_WR_TAG(type, flags)	((type) << 8 | (flags))

/**
 * struct smc_wr_tx_slot - context of one message in the send queue
 * @cqe: completion of its last work request
 * @conn: connection it belongs to, with a reference that the posted request
 *	owns; NULL for control messages
 * @end: stream position after the message; of control messages their tag
 * @seq: which message this is; the ring index is its low bits
 */
struct smc_wr_tx_slot {
	struct ib_cqe cqe;
	struct smc_conn *conn;
	u64 end;
	u32 seq;
};

/**
 * struct smc_wr_rx_slot - context of one posted receive buffer
 * @cqe: its completion
 * @wr: the request, made once
 * @sge: message buffer, and the spill-over area
 * @buf: message buffer for the CPU
 */
struct smc_wr_rx_slot {
	struct ib_cqe cqe;
	struct ib_recv_wr wr;
	struct ib_sge sge[2];
	const u8 *buf;
};

/**
 * struct smc_wr_tx - send side
 * @lock: "sq.lock": guards all but @tail, @ctrl_reaped; bottom halves off
 * @dead: nothing more may be posted
 * @inline_msg: the device takes messages inline
 * @max_inline: longest inline request
 * @mask: ring size - 1
 * @limit: messages in flight at the most, not more than @mask
 * @head: messages ever posted
 * @tail: messages ever reaped; written by completions, which are serial
 * @unsignaled: messages since the last one with a completion
 * @ctrl_posted: slots without a connection ever used
 * @ctrl_reaped: of these, reaped; written by completions
 * @slots: ring of contexts
 * @buf: ring of message buffers
 * @dma: its address for the device
 * @write_cqe: completion of what precedes a message, such as an RDMA write;
 *	seen only when that fails
 * @waiters: connections that found no slot, by conn->tx_wait, each with a
 *	reference that the list owns
 */
struct smc_wr_tx {
	spinlock_t lock;	/* sq.lock */
	bool dead;
	bool inline_msg;
	u32 max_inline;
	u32 mask;
	u32 limit;
	u32 head;
	u32 tail;
	u32 unsignaled;
	u32 ctrl_posted;
	u32 ctrl_reaped;
	struct smc_wr_tx_slot *slots;
	u8 *buf;
	u64 dma;
	struct ib_cqe write_cqe;
	struct list_head waiters;
};

/**
 * struct smc_wr_rx - receive side; used by completions only, which are serial
 * @depth: number of buffers
 * @seen: something arrived since this was cleared
 * @nr_free: buffers in @free
 * @free: chain of requests to be posted again
 * @last: where the next one goes
 * @slots: contexts
 * @buf: message buffers
 * @dma: their address for the device
 * @spill: spill-over area that all share; its contents are never looked at.
 *	NULL if messages are never longer than SMC_WR_MSG_LEN
 * @spill_dma: its address for the device
 */
struct smc_wr_rx {
	u32 depth;
	bool seen;
	u32 nr_free;
	struct ib_recv_wr *free;
	struct ib_recv_wr **last;
	struct smc_wr_rx_slot *slots;
	u8 *buf;
	u64 dma;
	u8 *spill;
	u64 spill_dma;
};

/**
 * struct smc_wr - a queue pair and what is posted on it
 * @ops: up-calls
 * @ibdev: device
 * @pd: protection domain, the owner's
 * @cq: one for both directions, from the device's pool
 * @nr_cqe: entries taken from it
 * @qp: the queue pair
 * @posted: receive buffers have been posted, so a drain is needed
 * @tx: send side
 * @rx: receive side
 */
struct smc_wr {
	const struct smc_wr_ops *ops;
	struct ib_device *ibdev;
	struct ib_pd *pd;
	struct ib_cq *cq;
	unsigned int nr_cqe;
	struct ib_qp *qp;
	bool posted;
	struct smc_wr_tx tx;
	struct smc_wr_rx rx;
};

/**
 * struct smc_wr_write - an RDMA write
 * @raddr: target address
 * @rkey: target key
 * @nr: number of entries in @sge
 * @flags: IB_SEND_INLINE if @sge has virtual addresses, else 0
 * @sge: the bytes, with the local DMA key
 */
struct smc_wr_write {
	u64 raddr;
	u32 rkey;
	int nr;
	int flags;
	struct ib_sge sge[SMC_WR_TX_SGES];
};

int smc_wr_create(struct smc_wr *wr, const struct smc_wr_ops *ops,
		  struct ib_pd *pd, int vector, bool long_msgs);
void smc_wr_destroy(struct smc_wr *wr);
int smc_wr_post_recvs(struct smc_wr *wr);
void smc_wr_limit(struct smc_wr *wr, u32 limit);
void smc_wr_kill(struct smc_wr *wr);
void smc_wr_drain(struct smc_wr *wr);
bool smc_wr_flush(struct smc_wr *wr, unsigned int ms);

int smc_wr_post_cdc(struct smc_wr *wr, struct smc_conn *conn, u64 end,
		    const struct smc_wr_write *write,
		    const struct smc_cdc *cdc, bool signal);
int smc_wr_post_imm(struct smc_wr *wr, struct smc_conn *conn, u64 end,
		    const struct smc_wr_write *write, u32 imm, bool signal);
int smc_wr_post_llc(struct smc_wr *wr, const u8 *msg, bool reply);
int smc_wr_post_reg(struct smc_wr *wr, struct ib_mr *mr);
bool smc_wr_dma_ok(struct ib_device *ibdev, u64 dma);

#endif /* _SMC_WR_H */
