// SPDX-License-Identifier: GPL-2.0
/*
 * CDC receive: what a message from the peer does to a connection.
 *
 * Runs in completion context, often a softirq. All positions a peer names are
 * checked against what an honest peer can know: its producer cursor may not
 * pass the free space we told it of, its consumer cursor may not pass what we
 * sent. A message that fails changes nothing but the fate of the connection.
 * Data after the end of the stream is counted and left, as TCP does.
 *
 * wire-protocol.md 5.3, 5.4
 */
#include <linux/errno.h>

#include "cdc.h"
#include "cdc_wire.h"
#include "conn.h"
#include "stats.h"
#include "trace.h"

static int invalid(struct smc_conn *conn)
{
	smc_stat_inc(conn->net, SMC_STAT_RX_INVALID);
	conn->ops->event(conn, SMC_CONN_RX_INVALID);
	return -EBADMSG;
}

/* has the peer said that its stream ends where it is now? */
static bool is_ended(const struct smc_conn_rx *rx)
{
	return rx->peer_done || rx->peer_closed || rx->peer_aborted;
}

static unsigned int state_flags(struct smc_conn *conn,
				const struct smc_cdc *cdc)
{
	struct smc_conn_rx *rx = &conn->rx;
	unsigned int what = 0;

	if (cdc->done_writing && !rx->peer_done)
		what |= SMC_CONN_RX_DONE;
	if (cdc->closed && !rx->peer_closed)
		what |= SMC_CONN_RX_CLOSED;
	if (cdc->aborted && !rx->peer_aborted)
		what |= SMC_CONN_RX_ABORTED;
	WRITE_ONCE(rx->peer_done, rx->peer_done | cdc->done_writing);
	WRITE_ONCE(rx->peer_closed, rx->peer_closed | cdc->closed);
	WRITE_ONCE(rx->peer_aborted, rx->peer_aborted | cdc->aborted);
	/* who aborts or is aborted drops data, and may say all of this then */
	if ((rx->peer_done || rx->peer_closed) && !rx->peer_aborted &&
	    !conn->aborted)
		/* pairs with rx_nothing(): the bytes, then their end */
		smp_store_release(&rx->ended, true);
	return what;
}

/* the byte before @prod is urgent; readers must know that when they see it */
static void urgent(struct smc_conn_rx *rx, u64 prod)
{
	rx->urgent_byte = rx->buf[smc_ring_offset(prod - 1, rx->size)];
	WRITE_ONCE(rx->urgent_state, SMC_URGENT_VALID);
	WRITE_ONCE(rx->urgent, prod);
}

static int handle(struct smc_conn *conn, const struct smc_cdc *cdc)
{
	struct smc_conn_rx *rx = &conn->rx;
	struct smc_conn_tx *tx = &conn->tx;
	u64 prod = rx->prod, acked = tx->acked;
	unsigned int what = 0;

	/* the peer counts on a message that was lost with another link */
	if (cdc->failover && (s16)(rx->seq - cdc->seq) < 0)
		return invalid(conn);
	/* nothing is ever resent, but rxe may deliver the last one twice */
	if (cdc->failover || (s16)(cdc->seq - rx->seq) < 0) {
		smc_stat_inc(conn->net, SMC_STAT_RX_STALE);
		return 0;
	}
	if (smc_cursor_to_pos(cdc->prod, rx->size, rx->prod,
			      rx->told + rx->size, &prod) == -EBADMSG)
		return invalid(conn);
	/* a fast client is heard before the server has taken its Confirm */
	if (tx->peer_size &&
	    smc_cursor_to_pos(cdc->cons, tx->peer_size, tx->acked,
			      tx->sent, &acked) == -EBADMSG)
		return invalid(conn);

	rx->seq = cdc->seq;
	if (unlikely(prod != rx->prod && is_ended(rx))) {
		smc_stat_inc(conn->net, SMC_STAT_RX_INVALID);
		prod = rx->prod;
	}
	if (prod != rx->prod)
		what |= SMC_CONN_RX_DATA;
	if (acked != tx->acked)
		what |= SMC_CONN_TX_CREDIT;
	if (cdc->urgent_present && rx->urgent != prod) {
		urgent(rx, prod);
		what |= SMC_CONN_RX_URGENT;
	}
	/* pairs with rx_prod(): the bytes and the mark, then the position */
	smp_store_release(&rx->prod, prod);
	WRITE_ONCE(tx->acked, acked);
	WRITE_ONCE(rx->peer_blocked, cdc->writer_blocked);
	if (cdc->cons_update_req) {
		WRITE_ONCE(rx->update_wanted, true);
		what |= SMC_CONN_RX_UPDATE;
	}
	what |= state_flags(conn, cdc);
	if (what)
		conn->ops->event(conn, what);
	return 0;
}

/**
 * smc_cdc_handle() - take a CDC message
 * @conn: connection the token belongs to; the caller holds a reference
 * @cdc: the message
 *
 * Any context, none of the transport's locks held.
 *
 * Return: 0, or -EBADMSG if the peer lied; the connection is then reset.
 */
int smc_cdc_handle(struct smc_conn *conn, const struct smc_cdc *cdc)
{
	int ret = 0;

	trace_smc_cdc_rx(conn, cdc);
	smc_conn_lock(conn);
	smc_stat_inc(conn->net, SMC_STAT_RX_MSGS);
	if (conn->rx.size && !smc_conn_state_is_closed(conn->state))
		ret = handle(conn, cdc);
	smc_conn_unlock(conn);
	return ret;
}

static int handle_imm(struct smc_conn *conn, u32 imm, u32 len)
{
	struct smc_conn_rx *rx = &conn->rx;
	struct smc_conn_tx *tx = &conn->tx;
	u64 acked = smc_imm_cons(imm, tx->acked);
	int missing = smc_imm_missing(imm, rx->seq);
	unsigned int what = 0;

	/* rxe may number the last packets anew when it sends them again */
	if (unlikely(missing < 0)) {
		smc_stat_inc(conn->net, SMC_STAT_RX_STALE);
		return 0;
	}
	if (missing || len > rx->told + rx->size - rx->prod ||
	    acked > tx->sent)
		return invalid(conn);

	rx->seq++;
	if (unlikely(!len || is_ended(rx))) {
		smc_stat_inc(conn->net, SMC_STAT_RX_INVALID);
		len = 0;
	}
	if (len)
		what |= SMC_CONN_RX_DATA;
	if (acked > tx->acked) {
		WRITE_ONCE(tx->acked, acked);
		what |= SMC_CONN_TX_CREDIT;
	}
	/* pairs with rx_prod(): the bytes, then the position */
	smp_store_release(&rx->prod, rx->prod + len);
	WRITE_ONCE(rx->peer_blocked, imm & SMC_IMM_BLOCKED);
	if (what)
		conn->ops->event(conn, what);
	return 0;
}

/**
 * smc_cdc_handle_imm() - take an RDMA write with immediate data
 * @conn: connection the slot in @imm belongs to; caller holds a reference
 * @imm: immediate data, host byte order, see cdc_wire.h
 * @len: length of the write
 *
 * Any context, none of the transport's locks held.
 *
 * Return: 0, or -EBADMSG if the peer lied; the connection is then reset.
 */
int smc_cdc_handle_imm(struct smc_conn *conn, u32 imm, u32 len)
{
	int ret = 0;

	smc_conn_lock(conn);
	smc_stat_inc(conn->net, SMC_STAT_RX_MSGS);
	if (conn->rx.size && !smc_conn_state_is_closed(conn->state))
		ret = handle_imm(conn, imm, len);
	smc_conn_unlock(conn);
	return ret;
}
