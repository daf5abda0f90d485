/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What messages from the peer do to a connection (wire-protocol.md 5.4).
 *
 * Two of our own ends may replace write + CDC message by one RDMA write with
 * immediate data, in the compact form below: the length of the write is the
 * advance of the producer cursor, the sequence number counts on by one. It
 * carries no other state than "writer blocked" and the consumer cursor,
 * rounded down to a multiple of 256.
 *
 *	31      24 23        22 21                      0
 *	+---------+------------+-------------------------+
 *	| slot    | 0, blocked | consumer position / 256 |
 *	+---------+------------+-------------------------+
 *
 * "slot" are the low eight bits of the receiver's alert token.
 */
#ifndef _SMC_CDC_H
#define _SMC_CDC_H

#include <linux/bits.h>
#include <linux/types.h>

struct smc_cdc;
struct smc_conn;

#define SMC_IMM_CONS_SHIFT	8
#define SMC_IMM_CONS_MASK	GENMASK(21, 0)
#define SMC_IMM_BLOCKED		BIT(22)

/**
 * smc_imm_pack() - make the compact form
 * @peer_token: the peer's alert token
 * @blocked: the writer waits for space
 * @cons: consumer position; what is lost of it is rounded off here
 *
 * Return: immediate data, host byte order.
 */
static inline u32 smc_imm_pack(u32 peer_token, bool blocked, u64 *cons)
{
	*cons &= ~(u64)((1 << SMC_IMM_CONS_SHIFT) - 1);
	return peer_token << 24 | (blocked ? SMC_IMM_BLOCKED : 0) |
	       ((*cons >> SMC_IMM_CONS_SHIFT) & SMC_IMM_CONS_MASK);
}

int smc_cdc_handle(struct smc_conn *conn, const struct smc_cdc *cdc);
int smc_cdc_handle_imm(struct smc_conn *conn, u32 imm, u32 len);

#endif /* _SMC_CDC_H */
