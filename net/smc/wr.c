// SPDX-License-Identifier: GPL-2.0
/*
 * Work requests of one RC queue pair.
 *
 * Operation: the send side is a ring of slots, one for each message: an RDMA
 * write and the 44-byte message that announces it, chained in one post, or one
 * write with immediate data, or a control message, or the registration of
 * memory. Requests of a queue pair complete in order, so only each Nth message
 * asks for a completion, and that completion reaps all slots before it. Both
 * directions share one completion queue of the device's pool: its completions
 * are serial, so that reaping and re-posting need no lock.
 *
 * Ownership: a message holds a reference to its connection. It passes into
 * the slot before the post and is dropped when the slot is reaped, whether the
 * request succeeded, failed or was flushed; slots whose flush nobody reports
 * are reaped after the drain. A waiting connection is referenced by the list.
 *
 * Errors: the first one, of a completion or a post, makes the queue dead:
 * posting answers -ENOLINK from then on, and the owner is told (ops->error()).
 * It must bring the queue pair down by smc_wr_kill() and smc_wr_drain(), and
 * may free it after that.
 *
 * DMA: buffers are mapped once. Devices that need a sync for each transfer
 * (bounce buffers, non-coherent) are refused, see smc_wr_dma_ok().
 *
 * wire-protocol.md 3.1, 3.2
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "compat.h"
#include "conn.h"
#include "trace.h"
#include "wr.h"

/**
 * smc_wr_dma_ok() - can the CPU and the device share this memory as it is?
 * @ibdev: device
 * @dma: a mapped address
 *
 * Return: false if each transfer would need a sync.
 */
bool smc_wr_dma_ok(struct ib_device *ibdev, u64 dma)
{
	return ib_uses_virt_dma(ibdev) ||
	       !smc_dma_need_sync(ibdev->dma_device, dma);
}

static void wr_fail(struct smc_wr *wr, enum ib_wc_status status)
{
	wr->ops->error(wr, status);
}

static void completion_error(struct smc_wr *wr, struct ib_wc *wc, bool send)
{
	if (wc->status != IB_WC_WR_FLUSH_ERR)
		trace_smc_wr_error(wr->qp->qp_num, send, wc->status,
				   wc->vendor_err);
	wr_fail(wr, wc->status);
}

/* -------- send: completions -------- */

static bool tx_has_room(const struct smc_wr *wr, u32 reserved)
{
	/* pairs with tx_reap(): the slot is empty before it is used again */
	u32 used = wr->tx.head - smp_load_acquire(&wr->tx.tail);

	return used + reserved <= wr->tx.limit;
}

static void tx_wake(struct smc_wr *wr)
{
	struct smc_conn *conn;

	for (;;) {
		spin_lock_bh(&wr->tx.lock);
		conn = list_first_entry_or_null(&wr->tx.waiters,
						struct smc_conn, tx_wait);
		if (!conn || !tx_has_room(wr, SMC_WR_TX_RESERVED)) {
			spin_unlock_bh(&wr->tx.lock);
			return;
		}
		list_del_init(&conn->tx_wait);
		spin_unlock_bh(&wr->tx.lock);

		smc_conn_tx_room(conn);
		smc_conn_put(conn);
	}
}

/* Is the next slot to be reaped of the same connection? Then it tells more. */
static bool tx_superseded(const struct smc_wr *wr, const struct smc_conn *conn,
			  u32 limit)
{
	u32 tail = wr->tx.tail;

	return (s32)(limit - tail) > 0 &&
	       wr->tx.slots[tail & wr->tx.mask].conn == conn;
}

static void tx_reap(struct smc_wr *wr, u32 limit, bool ok)
{
	struct smc_wr_tx *tx = &wr->tx;
	struct smc_wr_tx_slot *slot;
	struct smc_conn *conn;
	u64 end;

	while ((s32)(limit - tx->tail) > 0) {
		slot = &tx->slots[tx->tail & tx->mask];
		conn = slot->conn;
		end = slot->end;
		slot->conn = NULL;
		/* pairs with tx_has_room() */
		smp_store_release(&tx->tail, tx->tail + 1);
		if (!conn) {
			WRITE_ONCE(tx->ctrl_reaped, tx->ctrl_reaped + 1);
			continue;
		}
		if (ok && !tx_superseded(wr, conn, limit))
			smc_conn_tx_done(conn, end);
		smc_conn_put(conn);
	}
	/* pairs with tx_wait_room(): the tail, then the list */
	smp_mb();
	if (unlikely(!list_empty(&tx->waiters)))
		tx_wake(wr);
}

static void tx_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct smc_wr_tx_slot *slot;
	struct smc_wr *wr = wc->qp->qp_context;
	u16 tag = 0;

	slot = container_of(wc->wr_cqe, struct smc_wr_tx_slot, cqe);
	/* slots without a connection are always signalled */
	if (!slot->conn)
		tag = slot->end;
	if (unlikely(wc->status != IB_WC_SUCCESS))
		completion_error(wr, wc, true);
	tx_reap(wr, slot->seq + 1, wc->status == IB_WC_SUCCESS);
	if (tag && wc->status == IB_WC_SUCCESS)
		wr->ops->sent(wr, tag);
}

static void tx_write_done(struct ib_cq *cq, struct ib_wc *wc)
{
	if (wc->status != IB_WC_SUCCESS)
		completion_error(wc->qp->qp_context, wc, true);
}

/* -------- send: posting -------- */

/* Wait for room; true if there is some after all: the last completion may have
 * come just before.
 */
static bool tx_wait_room(struct smc_wr *wr, struct smc_conn *conn)
{
	if (list_empty(&conn->tx_wait)) {
		smc_conn_get(conn);
		list_add_tail(&conn->tx_wait, &wr->tx.waiters);
	}
	/* pairs with tx_reap(): the list, then the tail */
	smp_mb();
	if (!tx_has_room(wr, SMC_WR_TX_RESERVED))
		return false;
	list_del_init(&conn->tx_wait);
	/* not the last one: the caller has another */
	refcount_dec(&conn->refcnt);
	return true;
}

/* The next slot; tx.head still names it. A connection that finds no room waits
 * for some.
 */
static struct smc_wr_tx_slot *tx_claim(struct smc_wr *wr,
				       struct smc_conn *conn, u64 end)
{
	struct smc_wr_tx_slot *slot;

	lockdep_assert_held(&wr->tx.lock);
	if (unlikely(wr->tx.dead))
		return ERR_PTR(-ENOLINK);
	if (unlikely(!tx_has_room(wr, conn ? SMC_WR_TX_RESERVED : 0)) &&
	    !(conn && tx_wait_room(wr, conn)))
		return ERR_PTR(-EAGAIN);
	slot = &wr->tx.slots[wr->tx.head & wr->tx.mask];
	slot->seq = wr->tx.head;
	slot->end = end;
	slot->conn = conn;
	if (conn)
		smc_conn_get(conn);
	else
		wr->tx.ctrl_posted++;
	return slot;
}

static int tx_flags(struct smc_wr *wr, bool signal)
{
	if (signal || ++wr->tx.unsignaled >= SMC_WR_TX_SIGNAL) {
		wr->tx.unsignaled = 0;
		return IB_SEND_SIGNALED;
	}
	return 0;
}

/* Posts a chain that ends with the slot's own request. Its completion may come
 * before ib_post_send() returns; it looks at the slot and at tail only.
 */
static int tx_post(struct smc_wr *wr, struct smc_wr_tx_slot *slot,
		   const struct ib_send_wr *first)
{
	lockdep_assert_held(&wr->tx.lock);
	if (likely(!ib_post_send(wr->qp, first, NULL))) {
		WRITE_ONCE(wr->tx.head, wr->tx.head + 1);
		return 0;
	}
	/* half of the chain may be posted: nothing can follow it */
	WRITE_ONCE(wr->tx.dead, true);
	if (slot->conn)
		smc_conn_put(slot->conn);
	slot->conn = NULL;
	return -EIO;
}

static int tx_unlock(struct smc_wr *wr, int ret)
	__releases(&wr->tx.lock)
{
	spin_unlock_bh(&wr->tx.lock);
	if (likely(ret != -EIO))
		return ret;
	wr_fail(wr, IB_WC_FATAL_ERR);
	return -ENOLINK;
}

static u8 *tx_buf(struct smc_wr *wr, const struct smc_wr_tx_slot *slot,
		  struct ib_sge *sge)
{
	u32 off = (slot->seq & wr->tx.mask) * SMC_WR_STRIDE;

	sge->addr = wr->tx.inline_msg ? (uintptr_t)(wr->tx.buf + off) :
		    wr->tx.dma + off;
	sge->length = SMC_WR_MSG_LEN;
	sge->lkey = wr->pd->local_dma_lkey;
	return wr->tx.buf + off;
}

static void tx_init_send(struct smc_wr *wr, struct smc_wr_tx_slot *slot,
			 struct ib_send_wr *send, struct ib_sge *sge,
			 bool signal)
{
	*send = (struct ib_send_wr) {
		.wr_cqe = &slot->cqe,
		.opcode = IB_WR_SEND,
		.send_flags = IB_SEND_SOLICITED | tx_flags(wr, signal) |
			      (wr->tx.inline_msg ? IB_SEND_INLINE : 0),
		.sg_list = sge,
		.num_sge = 1,
	};
}

static void tx_init_write(const struct smc_wr_write *write,
			  struct ib_rdma_wr *rdma)
{
	*rdma = (struct ib_rdma_wr) {
		.wr.opcode = IB_WR_RDMA_WRITE,
		.wr.sg_list = (struct ib_sge *)write->sge,
		.wr.num_sge = write->nr,
		.wr.send_flags = write->flags,
		.remote_addr = write->raddr,
		.rkey = write->rkey,
	};
}

static int post_cdc(struct smc_wr *wr, struct smc_wr_tx_slot *slot,
		    const struct smc_wr_write *write,
		    const struct smc_cdc *cdc, bool signal)
{
	struct ib_rdma_wr rdma;
	struct ib_send_wr send;
	struct ib_sge sge;

	smc_cdc_encode(cdc, tx_buf(wr, slot, &sge), SMC_WR_MSG_LEN);
	tx_init_send(wr, slot, &send, &sge, signal);
	if (!write)
		return tx_post(wr, slot, &send);

	tx_init_write(write, &rdma);
	rdma.wr.wr_cqe = &wr->tx.write_cqe;
	rdma.wr.next = &send;
	return tx_post(wr, slot, &rdma.wr);
}

/**
 * smc_wr_post_cdc() - send a CDC message, after an RDMA write if there is one
 * @wr: queue pair
 * @conn: connection; waits for a slot if there is none
 * @end: stream position after the message, for smc_conn_tx_done()
 * @write: the data, or NULL
 * @cdc: the message
 * @signal: ask for a completion
 *
 * conn->lock is held.
 *
 * Return: 0, -EAGAIN (smc_conn_tx_room() will follow), -ENOLINK.
 */
int smc_wr_post_cdc(struct smc_wr *wr, struct smc_conn *conn, u64 end,
		    const struct smc_wr_write *write,
		    const struct smc_cdc *cdc, bool signal)
{
	struct smc_wr_tx_slot *slot;
	int ret;

	spin_lock_bh(&wr->tx.lock);
	slot = tx_claim(wr, conn, end);
	ret = IS_ERR(slot) ? PTR_ERR(slot) :
	      post_cdc(wr, slot, write, cdc, signal);
	return tx_unlock(wr, ret);
}

static int post_imm(struct smc_wr *wr, struct smc_wr_tx_slot *slot,
		    const struct smc_wr_write *write, u32 imm, bool signal)
{
	struct ib_rdma_wr rdma;

	tx_init_write(write, &rdma);
	rdma.wr.opcode = IB_WR_RDMA_WRITE_WITH_IMM;
	rdma.wr.wr_cqe = &slot->cqe;
	rdma.wr.ex.imm_data = cpu_to_be32(imm);
	rdma.wr.send_flags |= IB_SEND_SOLICITED | tx_flags(wr, signal);
	return tx_post(wr, slot, &rdma.wr);
}

/**
 * smc_wr_post_imm() - send an RDMA write with immediate data
 * @wr: queue pair
 * @conn: connection; waits for a slot if there is none
 * @end: stream position after the write, for smc_conn_tx_done()
 * @write: the data
 * @imm: immediate data, host byte order
 * @signal: ask for a completion
 *
 * conn->lock is held.
 *
 * Return: 0, -EAGAIN (smc_conn_tx_room() will follow), -ENOLINK.
 */
int smc_wr_post_imm(struct smc_wr *wr, struct smc_conn *conn, u64 end,
		    const struct smc_wr_write *write, u32 imm, bool signal)
{
	struct smc_wr_tx_slot *slot;
	int ret;

	spin_lock_bh(&wr->tx.lock);
	slot = tx_claim(wr, conn, end);
	ret = IS_ERR(slot) ? PTR_ERR(slot) :
	      post_imm(wr, slot, write, imm, signal);
	return tx_unlock(wr, ret);
}

/*
 * A peer may ask more than can be answered. Replies take what is kept for
 * control messages and no more, and leave some of that to own requests.
 */
static bool ctrl_has_room(const struct smc_wr *wr, bool reply)
{
	u32 used = wr->tx.ctrl_posted - READ_ONCE(wr->tx.ctrl_reaped);

	return used < (reply ? SMC_WR_TX_REPLIES : SMC_WR_TX_RESERVED);
}

static int post_llc(struct smc_wr *wr, struct smc_wr_tx_slot *slot,
		    const u8 *msg)
{
	struct ib_send_wr send;
	struct ib_sge sge;

	memcpy(tx_buf(wr, slot, &sge), msg, SMC_WR_MSG_LEN);
	tx_init_send(wr, slot, &send, &sge, true);
	return tx_post(wr, slot, &send);
}

/**
 * smc_wr_post_llc() - send a control message
 * @wr: queue pair
 * @msg: SMC_WR_MSG_LEN bytes, copied
 * @reply: it answers a request of the peer
 *
 * Any context. Uses the slots that connections leave alone.
 *
 * Return: 0, -EAGAIN if even these are taken, -ENOLINK.
 */
int smc_wr_post_llc(struct smc_wr *wr, const u8 *msg, bool reply)
{
	struct smc_wr_tx_slot *slot = ERR_PTR(-EAGAIN);
	int ret;

	spin_lock_bh(&wr->tx.lock);
	if (ctrl_has_room(wr, reply))
		slot = tx_claim(wr, NULL, SMC_WR_TAG(msg[0], msg[3]));
	ret = IS_ERR(slot) ? PTR_ERR(slot) : post_llc(wr, slot, msg);
	return tx_unlock(wr, ret);
}

/* the key that ib_inc_rkey() has made a new one of */
static u32 previous_rkey(u32 rkey)
{
	return (rkey & ~0xffU) | ((rkey - 1) & 0xff);
}

/*
 * If rxe has to send something again, it does all over again that comes after,
 * registers the memory a second time, fails in that and takes the queue pair
 * into the error state. But it does not begin an invalidation before all
 * earlier requests have been acknowledged. So such a device is told to
 * invalidate first what is not valid yet.
 */
static int post_reg(struct smc_wr *wr, struct smc_wr_tx_slot *slot,
		    struct ib_mr *mr)
{
	struct ib_reg_wr reg = {
		.wr.opcode = IB_WR_REG_MR,
		.wr.wr_cqe = &slot->cqe,
		.wr.send_flags = tx_flags(wr, true),
		.mr = mr,
		.key = mr->rkey,
		.access = IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE,
	};
	struct ib_send_wr inv = {
		.next = &reg.wr,
		.opcode = IB_WR_LOCAL_INV,
		.wr_cqe = &wr->tx.write_cqe,
		.ex.invalidate_rkey = previous_rkey(mr->rkey),
	};

	return tx_post(wr, slot, ib_uses_virt_dma(wr->ibdev) ? &inv : &reg.wr);
}

/**
 * smc_wr_post_reg() - register memory for remote writes
 * @wr: queue pair, in RTS
 * @mr: mapped memory region whose key has been changed once
 *
 * Messages posted later find it registered. If the device refuses, the queue
 * pair fails. Any context.
 *
 * Return: 0, -EAGAIN, -ENOLINK.
 */
int smc_wr_post_reg(struct smc_wr *wr, struct ib_mr *mr)
{
	struct smc_wr_tx_slot *slot;
	int ret;

	spin_lock_bh(&wr->tx.lock);
	slot = tx_claim(wr, NULL, 0);
	ret = IS_ERR(slot) ? PTR_ERR(slot) : post_reg(wr, slot, mr);
	return tx_unlock(wr, ret);
}

/* -------- receive -------- */

static int rx_post_free(struct smc_wr *wr)
{
	int ret;

	*wr->rx.last = NULL;
	ret = ib_post_recv(wr->qp, wr->rx.free, NULL);
	wr->rx.nr_free = 0;
	wr->rx.last = &wr->rx.free;
	return ret;
}

static void rx_add_free(struct smc_wr *wr, struct smc_wr_rx_slot *slot)
{
	*wr->rx.last = &slot->wr;
	wr->rx.last = &slot->wr.next;
	wr->rx.nr_free++;
}

static void rx_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct smc_wr *wr = wc->qp->qp_context;
	struct smc_wr_rx_slot *slot;

	if (unlikely(wc->status != IB_WC_SUCCESS)) {
		completion_error(wr, wc, false);
		return;
	}
	slot = container_of(wc->wr_cqe, struct smc_wr_rx_slot, cqe);
	if (!READ_ONCE(wr->rx.seen))
		WRITE_ONCE(wr->rx.seen, true);
	if (wc->opcode == IB_WC_RECV_RDMA_WITH_IMM)
		wr->ops->recv_imm(wr, be32_to_cpu(wc->ex.imm_data),
				  wc->byte_len);
	else
		wr->ops->recv(wr, slot->buf, wc->byte_len);

	rx_add_free(wr, slot);
	if (wr->rx.nr_free >= SMC_WR_RX_BATCH && !READ_ONCE(wr->tx.dead) &&
	    rx_post_free(wr))
		wr_fail(wr, IB_WC_FATAL_ERR);
}

/**
 * smc_wr_post_recvs() - post all receive buffers
 * @wr: queue pair, just brought to INIT
 *
 * Once, before the peer can send.
 *
 * Return: 0 or a negative errno of the device.
 */
int smc_wr_post_recvs(struct smc_wr *wr)
{
	u32 i;

	wr->posted = true;
	for (i = 0; i < wr->rx.depth; i++)
		rx_add_free(wr, &wr->rx.slots[i]);
	return rx_post_free(wr);
}

/* -------- life -------- */

static int map_buf(struct smc_wr *wr, size_t len, enum dma_data_direction dir,
		   u8 **buf, u64 *dma)
{
	*buf = kzalloc(len, GFP_KERNEL);
	if (!*buf)
		return -ENOMEM;
	*dma = ib_dma_map_single(wr->ibdev, *buf, len, dir);
	if (ib_dma_mapping_error(wr->ibdev, *dma))
		goto err_free;
	if (!smc_wr_dma_ok(wr->ibdev, *dma)) {
		pr_warn_once("smc: %s needs each transfer to be synced, which SMC-R does not do\n",
			     wr->ibdev->name);
		goto err_unmap;
	}
	return 0;

err_unmap:
	ib_dma_unmap_single(wr->ibdev, *dma, len, dir);
err_free:
	kfree(*buf);
	*buf = NULL;
	return -EIO;
}

static void unmap_buf(struct smc_wr *wr, size_t len,
		      enum dma_data_direction dir, u8 *buf, u64 dma)
{
	if (!buf)
		return;
	ib_dma_unmap_single(wr->ibdev, dma, len, dir);
	kfree(buf);
}

static int tx_create(struct smc_wr *wr)
{
	struct smc_wr_tx *tx = &wr->tx;
	u32 n = tx->mask + 1;
	u32 i;

	tx->write_cqe.done = tx_write_done;
	tx->slots = kcalloc(n, sizeof(*tx->slots), GFP_KERNEL);
	if (!tx->slots)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		tx->slots[i].cqe.done = tx_done;
	return map_buf(wr, n * SMC_WR_STRIDE, DMA_TO_DEVICE, &tx->buf,
		       &tx->dma);
}

static void tx_destroy(struct smc_wr *wr)
{
	unmap_buf(wr, (wr->tx.mask + 1) * SMC_WR_STRIDE, DMA_TO_DEVICE,
		  wr->tx.buf, wr->tx.dma);
	kfree(wr->tx.slots);
}

static int rx_create(struct smc_wr *wr, bool long_msgs)
{
	struct smc_wr_rx *rx = &wr->rx;
	struct smc_wr_rx_slot *slot;
	int ret;
	u32 i;

	rx->last = &rx->free;
	rx->slots = kvcalloc(rx->depth, sizeof(*rx->slots), GFP_KERNEL);
	if (!rx->slots)
		return -ENOMEM;
	ret = map_buf(wr, rx->depth * SMC_WR_STRIDE, DMA_FROM_DEVICE,
		      &rx->buf, &rx->dma);
	if (ret)
		return ret;
	if (long_msgs)
		ret = map_buf(wr, SMC_WR_SPILL_LEN, DMA_FROM_DEVICE,
			      &rx->spill, &rx->spill_dma);
	if (ret)
		return ret;
	for (i = 0; i < rx->depth; i++) {
		slot = &rx->slots[i];
		slot->cqe.done = rx_done;
		slot->buf = rx->buf + i * SMC_WR_STRIDE;
		slot->wr.wr_cqe = &slot->cqe;
		slot->wr.sg_list = slot->sge;
		slot->wr.num_sge = long_msgs ? 2 : 1;
		slot->sge[0].addr = rx->dma + i * SMC_WR_STRIDE;
		slot->sge[0].length = SMC_WR_MSG_LEN;
		slot->sge[0].lkey = wr->pd->local_dma_lkey;
		slot->sge[1].addr = rx->spill_dma;
		slot->sge[1].length = SMC_WR_SPILL_LEN;
		slot->sge[1].lkey = wr->pd->local_dma_lkey;
	}
	return 0;
}

static void rx_destroy(struct smc_wr *wr)
{
	unmap_buf(wr, SMC_WR_SPILL_LEN, DMA_FROM_DEVICE, wr->rx.spill,
		  wr->rx.spill_dma);
	unmap_buf(wr, wr->rx.depth * SMC_WR_STRIDE, DMA_FROM_DEVICE,
		  wr->rx.buf, wr->rx.dma);
	kvfree(wr->rx.slots);
}

/* each message may take two requests; ib_drain_qp() needs one more */
static int qp_create(struct smc_wr *wr, int vector, bool long_msgs)
{
	struct ib_qp_init_attr attr = {
		.qp_context = wr,
		.qp_type = IB_QPT_RC,
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.cap.max_send_wr = 2 * (wr->tx.mask + 1) + 1,
		.cap.max_recv_wr = wr->rx.depth + 1,
		.cap.max_send_sge = SMC_WR_TX_SGES,
		.cap.max_recv_sge = long_msgs ? 2 : 1,
	};

	wr->nr_cqe = attr.cap.max_send_wr + attr.cap.max_recv_wr;
	wr->cq = ib_cq_pool_get(wr->ibdev, wr->nr_cqe, vector,
				IB_POLL_SOFTIRQ);
	if (IS_ERR(wr->cq))
		return PTR_ERR(wr->cq);
	attr.send_cq = wr->cq;
	attr.recv_cq = wr->cq;
	wr->qp = ib_create_qp(wr->pd, &attr);
	if (IS_ERR(wr->qp)) {
		ib_cq_pool_put(wr->cq, wr->nr_cqe);
		return PTR_ERR(wr->qp);
	}
	wr->tx.max_inline = attr.cap.max_inline_data;
	wr->tx.inline_msg = attr.cap.max_inline_data >= SMC_WR_MSG_LEN;
	return 0;
}

/**
 * smc_wr_create() - make a queue pair, in RESET
 * @wr: zeroed; embedded in its owner
 * @ops: up-calls
 * @pd: protection domain, must outlive it
 * @vector: hint which completion vector to use
 * @long_msgs: the peer may send messages longer than SMC_WR_MSG_LEN
 *
 * Sleeps.
 *
 * Return: 0 or a negative errno.
 */
int smc_wr_create(struct smc_wr *wr, const struct smc_wr_ops *ops,
		  struct ib_pd *pd, int vector, bool long_msgs)
{
	const struct ib_device_attr *attrs = &pd->device->attrs;
	u32 max_wr = attrs->max_qp_wr - 1;
	int ret;

	/* with less the ring could fill before anything is signalled */
	if (attrs->max_qp_wr < 4 * (SMC_WR_TX_SIGNAL + 1) ||
	    attrs->max_cqe < 2 * SMC_WR_TX_DEPTH + SMC_WR_RX_DEPTH + 2 ||
	    attrs->max_send_sge < SMC_WR_TX_SGES ||
	    attrs->max_recv_sge < ARRAY_SIZE(wr->rx.slots->sge))
		return -EOPNOTSUPP;
	wr->ops = ops;
	wr->ibdev = pd->device;
	wr->pd = pd;
	spin_lock_init(&wr->tx.lock);
	INIT_LIST_HEAD(&wr->tx.waiters);
	wr->tx.mask = rounddown_pow_of_two(min_t(u32, SMC_WR_TX_DEPTH,
						 max_wr / 2)) - 1;
	wr->tx.limit = wr->tx.mask;
	wr->rx.depth = min_t(u32, SMC_WR_RX_DEPTH, max_wr);

	ret = tx_create(wr);
	if (ret)
		goto err_tx;
	ret = rx_create(wr, long_msgs);
	if (ret)
		goto err_rx;
	ret = qp_create(wr, vector, long_msgs);
	if (ret)
		goto err_rx;
	return 0;

err_rx:
	rx_destroy(wr);
err_tx:
	tx_destroy(wr);
	return ret;
}

/**
 * smc_wr_limit() - leave the peer's receive buffers some air
 * @wr: queue pair that nobody uses yet
 * @limit: messages in flight at the most
 */
void smc_wr_limit(struct smc_wr *wr, u32 limit)
{
	wr->tx.limit = min(limit, wr->tx.mask);
}

/**
 * smc_wr_kill() - post nothing more
 * @wr: queue pair
 *
 * Any context; idempotent.
 */
void smc_wr_kill(struct smc_wr *wr)
{
	spin_lock_bh(&wr->tx.lock);
	WRITE_ONCE(wr->tx.dead, true);
	spin_unlock_bh(&wr->tx.lock);
}

/**
 * smc_wr_drain() - wait until the device and the completions let go
 * @wr: queue pair; no up-call comes after this
 *
 * Brings the queue pair into the error state; drops all references that
 * posted messages and waiting connections hold. Sleeps, but not for the peer.
 */
void smc_wr_drain(struct smc_wr *wr)
{
	struct smc_conn *conn, *next;

	smc_wr_kill(wr);
	if (wr->posted)
		ib_drain_qp(wr->qp);
	tx_reap(wr, wr->tx.head, false);
	/* nobody waits any more: the queue is dead */
	list_for_each_entry_safe(conn, next, &wr->tx.waiters, tx_wait) {
		list_del_init(&conn->tx_wait);
		smc_conn_put(conn);
	}
}

/**
 * smc_wr_flush() - give posted messages time to get out
 * @wr: queue pair; nobody but the caller posts any more
 * @ms: limit in milliseconds
 *
 * Sleeps.
 *
 * Return: true if all have completed.
 */
bool smc_wr_flush(struct smc_wr *wr, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);

	while (READ_ONCE(wr->tx.tail) != READ_ONCE(wr->tx.head)) {
		if (READ_ONCE(wr->tx.dead) || time_after(jiffies, end))
			return false;
		usleep_range(100, 500);
	}
	return true;
}

/**
 * smc_wr_destroy() - undo smc_wr_create()
 * @wr: queue pair, drained
 *
 * Sleeps.
 */
void smc_wr_destroy(struct smc_wr *wr)
{
	ib_destroy_qp(wr->qp);
	ib_cq_pool_put(wr->cq, wr->nr_cqe);
	rx_destroy(wr);
	tx_destroy(wr);
}
