/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CDC (connection data control) messages: bytes to and from host order.
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

int smc_cdc_decode(const u8 *buf, size_t len, struct smc_cdc *cdc,
		   enum smc_cdc_check *why);
int smc_cdc_encode(const struct smc_cdc *cdc, u8 *buf, size_t size);
const char *smc_cdc_check_name(enum smc_cdc_check why);

#endif /* _SMC_CDC_WIRE_H */
