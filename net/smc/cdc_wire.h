/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CDC (connection data control) messages: bytes to and from host order.
 *
 * Two of our own ends may replace write + CDC message by one RDMA write with
 * immediate data, in the compact form below: the length of the write is the
 * advance of the producer cursor. It carries no other state than "writer
 * blocked", the sequence number and the consumer cursor, rounded down to a
 * multiple of 256.
 *
 *	31      24 23       22     18 17                        0
 *	+---------+---------+--------+---------------------------+
 *	| slot    | blocked | number |  consumer position / 256  |
 *	+---------+---------+--------+---------------------------+
 *
 * "slot" are the low eight bits of the receiver's alert token, "number" the
 * low five of the sequence number.
 */
#ifndef _SMC_CDC_WIRE_H
#define _SMC_CDC_WIRE_H

#include "cursor.h"
#include "wire.h"

#define SMC_CDC_TYPE		0xfe
#define SMC_CDC_LEN		44
#define SMC_CDC_MIN_LEN		26	/* the rest is reserved */

/**
 * enum smc_cdc_check - why a CDC message was refused
 * @SMC_CDC_OK: it was not
 * @SMC_CDC_BAD_SHORT: fewer bytes received than the message needs
 * @SMC_CDC_BAD_TYPE: type byte is not that of CDC
 * @SMC_CDC_BAD_LENGTH: length field is not 44
 * @SMC_CDC_NR_CHECKS: number of values
 */
enum smc_cdc_check {
	SMC_CDC_OK,
	SMC_CDC_BAD_SHORT,
	SMC_CDC_BAD_TYPE,
	SMC_CDC_BAD_LENGTH,
	SMC_CDC_NR_CHECKS
};

/**
 * struct smc_cdc - CDC message in host order
 * @seq: sequence number of the connection and direction
 * @token: the receiver's alert token
 * @prod: next byte the sender will write into the receiver's RMBE
 * @cons: next byte the sender will read from its own RMBE
 * @writer_blocked: sender filled the free space and waits for more
 * @urgent_pending: urgent data exists but is not yet completely written
 * @urgent_present: last byte before @prod is the urgent byte
 * @cons_update_req: sender wants a fresh consumer cursor
 * @failover: failover validation; all but @seq and @token is without meaning
 * @done_writing: sender will write no more data
 * @closed: sender closed, all it received was consumed
 * @aborted: sender closed abnormally
 */
struct smc_cdc {
	u16 seq;
	u32 token;
	struct smc_cursor prod;
	struct smc_cursor cons;
	bool writer_blocked;
	bool urgent_pending;
	bool urgent_present;
	bool cons_update_req;
	bool failover;
	bool done_writing;
	bool closed;
	bool aborted;
};

#define SMC_IMM_SLOT_SHIFT	24
#define SMC_IMM_BLOCKED		0x800000
#define SMC_IMM_SEQ_SHIFT	18
#define SMC_IMM_SEQ_MASK	0x1f
#define SMC_IMM_CONS_SHIFT	8	/* of the position */
#define SMC_IMM_CONS_MASK	0x3ffff

/**
 * smc_imm_pack - make the compact form
 * @peer_token: the peer's alert token
 * @seq: sequence number of the message
 * @blocked: the writer waits for space
 * @cons: consumer position; what is lost of it is rounded off here
 *
 * Return: immediate data, host byte order.
 */
static inline u32 smc_imm_pack(u32 peer_token, u16 seq, bool blocked,
			       u64 *cons)
{
	*cons &= ~(u64)((1 << SMC_IMM_CONS_SHIFT) - 1);
	return peer_token << SMC_IMM_SLOT_SHIFT |
	       (blocked ? SMC_IMM_BLOCKED : 0) |
	       (seq & SMC_IMM_SEQ_MASK) << SMC_IMM_SEQ_SHIFT |
	       ((*cons >> SMC_IMM_CONS_SHIFT) & SMC_IMM_CONS_MASK);
}

/**
 * smc_imm_missing - how many messages should have come before
 * @imm: immediate data
 * @last: sequence number received last
 *
 * Return: 0 if it is the next one, less if it came before.
 */
static inline int smc_imm_missing(u32 imm, u16 last)
{
	u32 ahead = ((imm >> SMC_IMM_SEQ_SHIFT) - last - 1) & SMC_IMM_SEQ_MASK;

	return ahead > SMC_IMM_SEQ_MASK / 2 ?
	       (int)ahead - (SMC_IMM_SEQ_MASK + 1) : (int)ahead;
}

/**
 * smc_imm_cons - the consumer position that is meant
 * @imm: immediate data
 * @last: the one known so far
 *
 * Return: multiple of 256; less than @last, by less than 256, if it is behind
 * that: rounded off, or older.
 */
static inline u64 smc_imm_cons(u32 imm, u64 last)
{
	u64 blocks = last >> SMC_IMM_CONS_SHIFT;
	u32 step = (imm - (u32)blocks) & SMC_IMM_CONS_MASK;

	if (step > SMC_IMM_CONS_MASK / 2)
		step = 0;
	return (blocks + step) << SMC_IMM_CONS_SHIFT;
}

int smc_cdc_decode(const u8 *buf, size_t len, struct smc_cdc *cdc,
		   enum smc_cdc_check *why);
int smc_cdc_encode(const struct smc_cdc *cdc, u8 *buf, size_t size);
const char *smc_cdc_check_name(enum smc_cdc_check why);

#endif /* _SMC_CDC_WIRE_H */
