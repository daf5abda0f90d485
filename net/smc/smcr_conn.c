// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R: established connections, that is bytes and state to the peer.
 *
 * A message is an RDMA write and a CDC message behind it, or, between two of
 * our own ends, one RDMA write with immediate data (cdc_wire.h).
 *
 * Ownership: smcr_detach() returns token and RMBE, smcr_release() send ring
 * and link group.
 *
 * wire-protocol.md 5.5
 */
#include "cdc_wire.h"
#include "conn.h"
#include "lgr.h"
#include "smcr_conn.h"
#include "trace.h"
#include "transport.h"

static void fill_write(const struct smc_conn *conn,
		       const struct smc_tx_msg *msg, struct smc_wr_write *write)
{
	u32 off = smc_ring_offset(msg->pos, conn->tx.size);
	u32 first = min(msg->len, conn->tx.size - off);
	u64 base = conn->sndbuf->dma;

	write->flags = 0;
	if (msg->len <= conn->link->wr.tx.max_inline) {
		write->flags = IB_SEND_INLINE;
		base = (uintptr_t)conn->tx.buf;
	}
	write->raddr = conn->peer_addr +
		       smc_ring_offset(msg->pos, conn->tx.peer_size);
	write->rkey = conn->peer_rkey;
	write->nr = 1;
	write->sge[0].addr = base + off;
	write->sge[0].length = first;
	write->sge[0].lkey = conn->sndbuf->lkey;
	if (likely(first == msg->len))
		return;
	write->nr = 2;
	write->sge[1].addr = base;
	write->sge[1].length = msg->len - first;
	write->sge[1].lkey = conn->sndbuf->lkey;
}

/* can the message be told by the immediate data of its write? */
static bool fits_imm(const struct smc_conn *conn, const struct smc_tx_msg *msg)
{
	const struct smc_cdc *cdc = &msg->cdc;

	return msg->len && conn->lgr->imm &&
	       !(cdc->urgent_pending | cdc->urgent_present |
		 cdc->cons_update_req | cdc->failover | cdc->done_writing |
		 cdc->closed | cdc->aborted);
}

/**
 * smcr_post() - send one message; see &struct smc_transport_ops
 * @conn: attached connection, conn->lock held
 * @msg: the message
 *
 * Return: 0, -EAGAIN (room will be told of), -ENOLINK.
 */
int smcr_post(struct smc_conn *conn, struct smc_tx_msg *msg)
{
	bool signal = msg->signal || msg->cdc.closed || msg->cdc.aborted;
	struct smc_wr *wr = &conn->link->wr;
	struct smc_wr_write write;
	u64 end = msg->pos + msg->len;
	u64 cons = msg->cons;
	bool imm;
	int ret;

	if (msg->len)
		fill_write(conn, msg, &write);
	imm = fits_imm(conn, msg);
	if (imm) {
		u32 data = smc_imm_pack(conn->peer_token, msg->cdc.seq,
					msg->cdc.writer_blocked, &cons);

		ret = smc_wr_post_imm(wr, conn, end, &write, data, signal);
		if (!ret)
			msg->cons = cons;
	} else {
		trace_smc_cdc_tx(conn, &msg->cdc);
		ret = smc_wr_post_cdc(wr, conn, end,
				      msg->len ? &write : NULL, &msg->cdc,
				      signal);
	}
	trace_smc_post(conn->token, msg->pos, msg->len, imm, ret);
	return ret;
}

/* bytes of the RMBE; more than the peer has told of unless it ended well */
static u64 written(const struct smc_conn *conn)
{
	if (!smc_conn_state_is_closed(READ_ONCE(conn->state)) ||
	    READ_ONCE(conn->aborted) || READ_ONCE(conn->rx.peer_aborted))
		return U64_MAX;
	return READ_ONCE(conn->rx.prod);
}

/**
 * smcr_detach() - the peer will write no more
 * @conn: connection, held by the caller
 *
 * Any context, no locks held; idempotent.
 */
void smcr_detach(struct smc_conn *conn)
{
	struct smc_rmbe *rmbe;

	if (!smc_lgr_detach(conn))
		return;
	rmbe = conn->rmbe;
	if (rmbe)
		smc_rmbe_put(rmbe, written(conn));
	conn->rmbe = NULL;
}

/**
 * smcr_park() - the peer has not closed for a long time and may still write
 * @conn: connection; &struct smc_transport_ops
 *
 * Any context.
 */
void smcr_park(struct smc_conn *conn)
{
	struct smc_sndbuf *sndbuf = NULL;

	if (!smc_lgr_quarantine(conn))
		return;
	smc_conn_lock(conn);
	if (conn->tx.done == conn->tx.prep) {
		swap(sndbuf, conn->sndbuf);
		conn->tx.buf = NULL;
	}
	smc_conn_unlock(conn);
	if (sndbuf)
		smc_sndbuf_put(&conn->lgr->pool, sndbuf);
}

/**
 * smcr_release() - give back what smcr_detach() left
 * @conn: connection nobody holds any more
 *
 * Any context.
 */
void smcr_release(struct smc_conn *conn)
{
	struct smc_link_group *lgr = conn->lgr;

	if (conn->sndbuf)
		smc_sndbuf_put(&lgr->pool, conn->sndbuf);
	conn->sndbuf = NULL;
	smc_lgr_put(lgr);
}
