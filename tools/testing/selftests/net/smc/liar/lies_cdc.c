// SPDX-License-Identifier: GPL-2.0
/* Lies about the state of a connection. */
#include "../smctest.h"
#include "lies.h"

static const char *done(struct group *g)
{
	return settle(g) ? "the link broke" : NULL;
}

/* the victim must end the connection for this */
static const char *caught(struct conn *a)
{
	if (done(a->group))
		return "the link broke";
	return PUMP_UNTIL(a->group, a->aborted || a->closed ||
			  group_dead(a->group), 10000) ? NULL :
	       "the victim believes it";
}

static const char *prod_outside(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc = honest_cdc(a);

	cdc.prod.count = a->size;
	send_cdc(a, &cdc);
	return caught(a);
}

static const char *prod_beyond(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc = honest_cdc(a);

	cdc.prod = smc_cursor_from_pos(a->prod + a->size + 1, a->size);
	send_cdc(a, &cdc);
	return caught(a);
}

static const char *cons_outside(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc = honest_cdc(a);

	cdc.cons.count = 0xffffffff;
	send_cdc(a, &cdc);
	return caught(a);
}

static const char *cons_beyond(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc = honest_cdc(a);

	cdc.cons = smc_cursor_from_pos(a->cons + 1, PEER_RING);
	send_cdc(a, &cdc);
	return caught(a);
}

static const char *wrap_jump(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc = honest_cdc(a);

	cdc.prod.wrap += 1000;
	send_cdc(a, &cdc);
	return caught(a);
}

static const char *backwards(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc = honest_cdc(a);
	u16 seq = cdc.seq;
	int i;

	/* the last but one, and all before */
	for (i = 2; i < 50; i++) {
		cdc.seq = seq - i;
		cdc.aborted = true;
		send_cdc(a, &cdc);
	}
	cdc = honest_cdc(a);
	cdc.prod = smc_cursor_from_pos(a->prod - 1, a->size);
	send_cdc(a, &cdc);
	return done(a->group);
}

static const char *no_token(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc = honest_cdc(a);
	int i;

	cdc.aborted = true;
	cdc.token = 0;
	send_cdc(a, &cdc);
	cdc.token = 0xffffffff;
	send_cdc(a, &cdc);
	for (i = 0; i < 256; i++) {
		cdc.token = (a->peer_token ^ 0x100) - i;
		send_cdc(a, &cdc);
	}
	return done(a->group);
}

/* the token of a connection in another group is unknown in this one */
static const char *foreign_token(struct conn *a, struct conn *b)
{
	struct group *g = group_new(false);
	struct conn *c = conn_open(g);
	struct smc_cdc cdc;
	const char *why;
	int i;

	if (!c) {
		group_free(g);
		return "no second group";
	}
	for (i = 0; i < 20; i++) {
		cdc = honest_cdc(a);
		cdc.token = c->peer_token;
		cdc.aborted = true;
		send_cdc(a, &cdc);
	}
	why = done(a->group) ?: exchange(c, 1000);
	group_end(g);
	return why;
}

static void failover(struct conn *a, u16 seq)
{
	struct smc_cdc cdc = honest_cdc(a);

	cdc.seq = seq;
	cdc.failover = true;
	cdc.prod.count = 0xffffffff;
	cdc.aborted = true;
	send_cdc(a, &cdc);
}

/* all that the peer asks about has come */
static const char *failover_past(struct conn *a, struct conn *b)
{
	u16 seq = a->seq;
	int i;

	for (i = 0; i < 100; i++)
		failover(a, seq - i % 2);
	a->seq = seq;
	return done(a->group);
}

/* something has been lost, it says */
static const char *failover_future(struct conn *a, struct conn *b)
{
	failover(a, a->seq + 100);
	return caught(a);
}

static const char *urgent_nothing(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc;
	int i;

	for (i = 0; i < 100; i++) {
		cdc = honest_cdc(a);
		cdc.urgent_pending = i & 1;
		cdc.urgent_present = i & 2;
		cdc.writer_blocked = i & 4;
		cdc.cons_update_req = i & 8;
		send_cdc(a, &cdc);
	}
	return done(a->group);
}

/* bytes that nobody has written: zeros, whoever had the memory before */
static const char *empty_data(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc;

	a->prod += a->size / 2;
	cdc = honest_cdc(a);
	send_cdc(a, &cdc);
	PUMP_UNTIL(a->group, a->got > a->cons, 10000);
	return done(a->group);
}

static const char *state_then_data(struct conn *a, bool closed, bool aborted,
				   bool done_writing)
{
	struct smc_cdc cdc = honest_cdc(a);
	int i;

	cdc.closed = closed;
	cdc.aborted = aborted;
	cdc.done_writing = done_writing;
	send_cdc(a, &cdc);
	for (i = 0; i < 20; i++) {
		rdma_write(a, a->prod & (a->size - 1), "more", 4);
		a->prod += 4;
		if (i % 2) {
			say(a);
			continue;
		}
		cdc.seq = ++a->seq;
		cdc.prod = smc_cursor_from_pos(a->prod, a->size);
		send_cdc(a, &cdc);
	}
	return done(a->group);
}

static const char *done_then_data(struct conn *a, struct conn *b)
{
	return state_then_data(a, false, false, true);
}

static const char *closed_then_data(struct conn *a, struct conn *b)
{
	return state_then_data(a, true, false, false);
}

static const char *abort_then_data(struct conn *a, struct conn *b)
{
	return state_then_data(a, false, true, false);
}

static const char *state_flood(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc;
	int i;

	for (i = 0; i < 1024; i++) {
		cdc = honest_cdc(a);
		cdc.writer_blocked = i & 1;
		cdc.cons_update_req = i & 2;
		cdc.urgent_present = i & 4;
		cdc.urgent_pending = i & 8;
		cdc.done_writing = i & 64;
		cdc.closed = i & 256;
		cdc.aborted = i & 512;
		send_cdc(a, &cdc);
	}
	return done(a->group);
}

static const char *update_flood(struct conn *a, struct conn *b)
{
	struct smc_cdc cdc;
	int i;

	for (i = 0; i < 1000; i++) {
		cdc = honest_cdc(a);
		cdc.cons_update_req = true;
		cdc.writer_blocked = true;
		send_cdc(a, &cdc);
	}
	return done(a->group);
}

/* what an honest peer would say next, without the consumer position */
static u32 next_imm(struct conn *a)
{
	u64 none = 0;

	return smc_imm_pack(a->peer_token, ++a->seq, false, &none);
}

static void imm(struct conn *a, u32 data, u32 len)
{
	post(a->group, IBV_WR_RDMA_WRITE_WITH_IMM, len ? "zzzzzzzz" : NULL,
	     len, a->addr + (a->prod & (a->size - 1)), a->rkey, data);
}

/* where nobody has agreed to them, and for slots that nobody has */
static const char *imm_any(struct conn *a, struct conn *b)
{
	u32 i;

	for (i = 0; i < 256; i++) {
		if (i == (a->peer_token & 0xff) || i == (b->peer_token & 0xff))
			continue;
		imm(a, i << 24 | 0xabcdef, 0);
		imm(a, i << 24 | i, 8);
	}
	return done(a->group);
}

static const char *imm_not_agreed(struct conn *a, struct conn *b)
{
	imm(a, a->peer_token << 24, 0);
	imm(a, a->peer_token << 24, 8);
	imm(a, b->peer_token << 24 | 0x7fffff, 8);
	return imm_any(a, b);
}

static const char *imm_empty(struct conn *a, struct conn *b)
{
	u32 cons = (a->cons >> 8) & SMC_IMM_CONS_MASK;
	int i;

	for (i = 0; i < 300; i++)
		imm(a, next_imm(a) | cons | (i & 1 ? SMC_IMM_BLOCKED : 0), 0);
	return done(a->group);
}

static const char *imm_cons(struct conn *a, struct conn *b)
{
	imm(a, next_imm(a) | (((a->cons >> 8) + 100) & SMC_IMM_CONS_MASK), 0);
	return caught(a);
}

/* as rxe does: the stream must not get the bytes a second time */
static const char *imm_repeated(struct conn *a, struct conn *b)
{
	u32 cons = (a->cons >> 8) & SMC_IMM_CONS_MASK;
	u64 last = (a->seq & SMC_IMM_SEQ_MASK) << SMC_IMM_SEQ_SHIFT;
	int i;

	for (i = 0; i < 10; i++)
		imm(a, a->peer_token << 24 | last | cons, 8);
	return done(a->group);
}

static const char *imm_lost(struct conn *a, struct conn *b)
{
	next_imm(a);
	imm(a, next_imm(a) | ((a->cons >> 8) & SMC_IMM_CONS_MASK), 8);
	return caught(a);
}

/*
 * More than there is room, and each write is within the RMB. The application
 * reads until its echo finds no room either.
 */
static const char *imm_beyond(struct conn *a, struct conn *b)
{
	u32 cons = (a->cons >> 8) & SMC_IMM_CONS_MASK, len = PEER_TX_LEN;
	struct group *g = a->group;
	u32 i;

	for (i = 0; i < 256 && !a->aborted; i++)
		post(g, IBV_WR_RDMA_WRITE_WITH_IMM, NULL, len, a->addr,
		     a->rkey, next_imm(a) | cons);
	return caught(a);
}

const struct lie cdc_lies[] = {
	{ "cdc: producer outside the ring", prod_outside, B_LIVES,
	  "RxInvalid" },
	{ "cdc: producer beyond free space", prod_beyond, B_LIVES,
	  "RxInvalid" },
	{ "cdc: consumer outside the ring", cons_outside, B_LIVES,
	  "RxInvalid" },
	{ "cdc: consumer beyond what was sent", cons_beyond, B_LIVES,
	  "RxInvalid" },
	{ "cdc: wrap jumps", wrap_jump, B_LIVES, "RxInvalid" },
	{ "cdc: sequence backwards", backwards, BOTH_LIVE, "RxStale" },
	{ "cdc: tokens of nobody", no_token, BOTH_LIVE, "RxNoConn" },
	{ "cdc: token of another group", foreign_token, BOTH_LIVE,
	  "RxNoConn" },
	{ "cdc: failover", failover_past, BOTH_LIVE, "RxStale" },
	{ "cdc: failover, and something lost", failover_future, B_LIVES,
	  "RxInvalid" },
	{ "cdc: urgent nothing", urgent_nothing, BOTH_LIVE, NULL },
	{ "cdc: data that was not written", empty_data, B_LIVES, NULL },
	{ "cdc: done, then data", done_then_data, B_LIVES, "RxInvalid" },
	{ "cdc: closed, then data", closed_then_data, B_LIVES, NULL },
	{ "cdc: aborted, then data", abort_then_data, B_LIVES, NULL },
	{ "cdc: all states", state_flood, B_LIVES, NULL },
	{ "cdc: flood", update_flood, BOTH_LIVE, NULL },
	{ "imm: not agreed", imm_not_agreed, BOTH_LIVE, "RxNoConn" },
	{ "imm: slots of nobody", imm_any, BOTH_LIVE | IMM, "RxNoConn" },
	{ "imm: nothing", imm_empty, BOTH_LIVE | IMM, "RxInvalid" },
	{ "imm: consumer beyond what was sent", imm_cons, B_LIVES | IMM,
	  "RxInvalid" },
	{ "imm: a message again", imm_repeated, BOTH_LIVE | IMM, "RxStale" },
	{ "imm: a message missing", imm_lost, B_LIVES | IMM, "RxInvalid" },
	{ "imm: more than fits", imm_beyond, B_LIVES | IMM, "RxInvalid" },
	{ }
};
