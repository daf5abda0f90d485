// SPDX-License-Identifier: GPL-2.0
/*
 * CDC messages: bytes to and from host order.
 */
#include "cdc_wire.h"

/* byte offsets in the message */
enum {
	CDC_OFF_TYPE = 0,
	CDC_OFF_LENGTH = 1,
	CDC_OFF_SEQ = 2,
	CDC_OFF_TOKEN = 4,
	CDC_OFF_PROD_WRAP = 10,
	CDC_OFF_PROD_COUNT = 12,
	CDC_OFF_CONS_WRAP = 18,
	CDC_OFF_CONS_COUNT = 20,
	CDC_OFF_PROD_FLAGS = 24,
	CDC_OFF_CONN_FLAGS = 25,
	CDC_OFF_RESERVED = 26,
	CDC_RESERVED_LEN = 18,
};

static_assert(CDC_OFF_RESERVED + CDC_RESERVED_LEN == SMC_CDC_LEN,
	      "CDC layout");
static_assert(CDC_OFF_RESERVED == SMC_CDC_MIN_LEN, "CDC minimum");

/* producer flags */
enum {
	CDC_F_WRITER_BLOCKED = 0x80,
	CDC_F_URGENT_PENDING = 0x40,
	CDC_F_URGENT_PRESENT = 0x20,
	CDC_F_CONS_UPDATE_REQ = 0x10,
	CDC_F_FAILOVER = 0x08,
};

/* connection state flags */
enum {
	CDC_F_DONE_WRITING = 0x80,
	CDC_F_CLOSED = 0x40,
	CDC_F_ABORTED = 0x20,
};

static const char * const cdc_check_names[SMC_CDC_NR_CHECKS] = {
	[SMC_CDC_OK] = "ok",
	[SMC_CDC_BAD_SHORT] = "short",
	[SMC_CDC_BAD_TYPE] = "type",
	[SMC_CDC_BAD_LENGTH] = "length",
};

/**
 * smc_cdc_check_name - name of the check that failed
 * @why: the check
 *
 * Return: name for traces and counters.
 */
const char *smc_cdc_check_name(enum smc_cdc_check why)
{
	if ((unsigned int)why >= SMC_CDC_NR_CHECKS)
		return "unknown";
	return cdc_check_names[why];
}

static enum smc_cdc_check cdc_check(const u8 *buf, size_t len)
{
	if (len < SMC_CDC_MIN_LEN)
		return SMC_CDC_BAD_SHORT;
	if (buf[CDC_OFF_TYPE] != SMC_CDC_TYPE)
		return SMC_CDC_BAD_TYPE;
	if (buf[CDC_OFF_LENGTH] != SMC_CDC_LEN)
		return SMC_CDC_BAD_LENGTH;
	return SMC_CDC_OK;
}

/**
 * smc_cdc_decode - read a CDC message
 * @buf: received bytes
 * @len: number of them
 * @cdc: result; set only on success
 * @why: check that failed
 *
 * Cursors are given as received: only the connection knows their rings.
 *
 * Return: 0, or -EBADMSG if the message must be ignored.
 */
int smc_cdc_decode(const u8 *buf, size_t len, struct smc_cdc *cdc,
		   enum smc_cdc_check *why)
{
	u8 flags;

	*why = cdc_check(buf, len);
	if (*why != SMC_CDC_OK)
		return -EBADMSG;

	cdc->seq = smc_get_be16(buf + CDC_OFF_SEQ);
	cdc->token = smc_get_be32(buf + CDC_OFF_TOKEN);
	cdc->prod.wrap = smc_get_be16(buf + CDC_OFF_PROD_WRAP);
	cdc->prod.count = smc_get_be32(buf + CDC_OFF_PROD_COUNT);
	cdc->cons.wrap = smc_get_be16(buf + CDC_OFF_CONS_WRAP);
	cdc->cons.count = smc_get_be32(buf + CDC_OFF_CONS_COUNT);

	flags = buf[CDC_OFF_PROD_FLAGS];
	cdc->writer_blocked = flags & CDC_F_WRITER_BLOCKED;
	cdc->urgent_pending = flags & CDC_F_URGENT_PENDING;
	cdc->urgent_present = flags & CDC_F_URGENT_PRESENT;
	cdc->cons_update_req = flags & CDC_F_CONS_UPDATE_REQ;
	cdc->failover = flags & CDC_F_FAILOVER;

	flags = buf[CDC_OFF_CONN_FLAGS];
	cdc->done_writing = flags & CDC_F_DONE_WRITING;
	cdc->closed = flags & CDC_F_CLOSED;
	cdc->aborted = flags & CDC_F_ABORTED;
	return 0;
}

static u8 prod_flags(const struct smc_cdc *cdc)
{
	return (cdc->writer_blocked ? CDC_F_WRITER_BLOCKED : 0) |
	       (cdc->urgent_pending ? CDC_F_URGENT_PENDING : 0) |
	       (cdc->urgent_present ? CDC_F_URGENT_PRESENT : 0) |
	       (cdc->cons_update_req ? CDC_F_CONS_UPDATE_REQ : 0) |
	       (cdc->failover ? CDC_F_FAILOVER : 0);
}

static u8 conn_flags(const struct smc_cdc *cdc)
{
	return (cdc->done_writing ? CDC_F_DONE_WRITING : 0) |
	       (cdc->closed ? CDC_F_CLOSED : 0) |
	       (cdc->aborted ? CDC_F_ABORTED : 0);
}

/**
 * smc_cdc_encode - write a CDC message
 * @cdc: the message
 * @buf: where to
 * @size: bytes there
 *
 * Return: SMC_CDC_LEN, or -ENOSPC if @size is less.
 */
int smc_cdc_encode(const struct smc_cdc *cdc, u8 *buf, size_t size)
{
	if (size < SMC_CDC_LEN)
		return -ENOSPC;

	memset(buf, 0, SMC_CDC_LEN);
	buf[CDC_OFF_TYPE] = SMC_CDC_TYPE;
	buf[CDC_OFF_LENGTH] = SMC_CDC_LEN;
	smc_put_be16(buf + CDC_OFF_SEQ, cdc->seq);
	smc_put_be32(buf + CDC_OFF_TOKEN, cdc->token);
	smc_put_be16(buf + CDC_OFF_PROD_WRAP, cdc->prod.wrap);
	smc_put_be32(buf + CDC_OFF_PROD_COUNT, cdc->prod.count);
	smc_put_be16(buf + CDC_OFF_CONS_WRAP, cdc->cons.wrap);
	smc_put_be32(buf + CDC_OFF_CONS_COUNT, cdc->cons.count);
	buf[CDC_OFF_PROD_FLAGS] = prod_flags(cdc);
	buf[CDC_OFF_CONN_FLAGS] = conn_flags(cdc);
	return SMC_CDC_LEN;
}
