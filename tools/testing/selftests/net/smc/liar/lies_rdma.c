// SPDX-License-Identifier: GPL-2.0
/*
 * RDMA where it is not wanted. What hits nothing must be refused by the
 * victim's device, and ends this link group; what hits the memory lent to this
 * peer must harm none but this peer.
 */
#include "../smctest.h"
#include "lies.h"

#define RMBES	4	/* of the first RMB of a group */

static void poison(struct conn *a, u64 from, u64 to)
{
	static u8 bytes[PEER_TX_LEN];
	u64 len;

	memset(bytes, 0xee, sizeof(bytes));
	for (; from < to; from += len) {
		len = to - from < sizeof(bytes) ? to - from : sizeof(bytes);
		post(a->group, IBV_WR_RDMA_WRITE, bytes, len, from, a->rkey,
		     0);
	}
}

/* whole RMB: the own RMBE, those of others, and those of nobody */
static const char *scribble(struct conn *a, struct conn *b)
{
	const char *why = NULL;
	struct conn *c;
	int i;

	poison(a, a->rmb, a->rmb + RMBES * a->size);
	if (settle(a->group))
		return "the RMB is smaller than thought";
	for (i = 0; i < 2 && !why; i++) {
		c = conn_open(a->group);
		if (!c)
			return "no further connection";
		why = exchange(c, 5000);
		conn_close(c);
	}
	return why;
}

static const char *refused(struct group *g, const char *what)
{
	enum ibv_wc_status status = settle(g);

	if (status == IBV_WC_REM_ACCESS_ERR || status == IBV_WC_REM_INV_REQ_ERR)
		return NULL;
	return status ? "failed, but for another reason" : what;
}

static const char *beyond_end(struct conn *a, struct conn *b)
{
	u64 end = a->rmb + (u64)RMBES * a->size;

	post(a->group, IBV_WR_RDMA_WRITE, "ab", 2, end - 1, a->rkey, 0);
	return refused(a->group, "a write beyond the end was done");
}

static const char *before_start(struct conn *a, struct conn *b)
{
	post(a->group, IBV_WR_RDMA_WRITE, "ab", 2, a->rmb - 1, a->rkey, 0);
	return refused(a->group, "a write before the start was done");
}

static const char *imm_beyond_end(struct conn *a, struct conn *b)
{
	post(a->group, IBV_WR_RDMA_WRITE_WITH_IMM, "ab", 2,
	     a->rmb + (u64)RMBES * a->size - 1, a->rkey, a->peer_token << 24);
	return refused(a->group, "a write beyond the end was done");
}

/* as if the address were one of the kernel */
static const char *kernel_address(struct conn *a, struct conn *b)
{
	post(a->group, IBV_WR_RDMA_WRITE, "ab", 2, 0xffff888000100000,
	     a->rkey, 0);
	return refused(a->group, "kernel memory was written");
}

static const char *guessed_key(struct conn *a, struct conn *b)
{
	static const u32 guess[] = { 1, 0x80, 0x100, 0xff00, 0x80000000 };
	u32 key = a->rkey ^ guess[random() % ARRAY_SIZE(guess)];

	post(a->group, IBV_WR_RDMA_WRITE, "ab", 2, a->rmb, key, 0);
	return refused(a->group, "a guessed key was good");
}

static const char *foreign_key(struct conn *a, struct conn *b)
{
	struct group *g = group_new(false);
	struct conn *c = conn_open(g);
	const char *why;

	if (!c) {
		group_free(g);
		return "no second group";
	}
	post(a->group, IBV_WR_RDMA_WRITE, "ab", 2, c->rmb, c->rkey, 0);
	why = refused(a->group, "the key of another group was good") ?:
	      exchange(c, 1000);
	group_end(g);
	return why;
}

static const char *read_rmb(struct conn *a, struct conn *b)
{
	post(a->group, IBV_WR_RDMA_READ, NULL, 64, a->rmb, a->rkey, 0);
	return refused(a->group, "the RMB was read");
}

static const char *atomic(struct conn *a, struct conn *b)
{
	post(a->group, IBV_WR_ATOMIC_FETCH_AND_ADD, NULL, 8, a->rmb, a->rkey,
	     0);
	return refused(a->group, "an atomic was done");
}

/* A closed connection's RMBE is nobody's, or the next one's. */
static const char *write_after_close(struct conn *a, struct conn *b)
{
	struct group *g = a->group;
	struct conn was = *a, *c;
	const char *why;

	conn_close(a);
	was.fd = -1;
	poison(&was, was.addr, was.addr + was.size);
	if (settle(g))
		return "the RMB is gone";
	c = conn_open(g);
	if (!c)
		return "no further connection";
	poison(&was, was.addr, was.addr + was.size);
	why = exchange(c, 3000);
	conn_close(c);
	return why;
}

/* the victim's writes are refused */
static const char *wrong_own_key(struct conn *none, struct conn *nobody)
{
	struct group *g = group_new(false);
	const char *why = "no connection";
	struct conn *c;

	g->key_lie = 0x8000;
	c = conn_open(g);
	if (c)
		why = exchange(c, 100) ? NULL : "the victim could write";
	group_free(g);
	return why;
}

/*
 * What an earlier connection left is not there for the next one, which has the
 * same RMBE: of peers like ourselves, with immediate data, they do not rest.
 */
static const char *old_data(struct conn *a, struct conn *b)
{
	struct group *g = a->group;
	u64 was = a->rmb;
	struct smc_cdc cdc;
	const char *why;
	struct conn *c;

	why = exchange(a, PEER_TX_LEN / 2);
	if (why)
		return why;
	/* it could be anywhere if the connection does not end well */
	rdma_write(a, a->size - 19, "announced to nobody", 19);
	cdc = honest_cdc(a);
	cdc.aborted = true;
	send_cdc(a, &cdc);
	PUMP_UNTIL(g, a->aborted || a->closed, 10000);
	conn_drop(a);
	c = conn_open(g);
	if (!c)
		return "no further connection";
	if (c->rmb != was)
		return "it has another RMBE";
	/* the victim finds faults with what is neither ours nor 0 */
	c->prod = c->size;
	cdc = honest_cdc(c);
	send_cdc(c, &cdc);
	if (!PUMP_UNTIL(g, c->got, 10000))
		return "nobody has looked";
	conn_close(c);
	return NULL;
}

/* the key is as dead as its group, for whoever tries it */
static const char *write_after_end(struct conn *none, struct conn *nobody)
{
	struct group *g = group_new(false), *h = group_new(false);
	struct conn *c = conn_open(g), *d = conn_open(h);
	const char *why = "no two groups";
	u32 key = c ? c->rkey : 0;
	u64 addr = c ? c->rmb : 0;

	if (!c || !d)
		goto out;
	conn_close(c);
	send_llc(g, 0x24, 0x60);
	PUMP_UNTIL(g, group_dead(g), 3000);
	PUMP_UNTIL(g, false, 1000);
	why = "a write was done after the end of its group";
	post(g, IBV_WR_RDMA_WRITE, "ab", 2, addr, key, 0);
	if (!settle(g))
		goto out;
	post(h, IBV_WR_RDMA_WRITE, "ab", 2, addr, key, 0);
	why = refused(h, "the key outlived its group");
out:
	group_free(g);
	group_free(h);
	return why;
}

const struct lie rdma_lies[] = {
	{ "rdma: all of the RMB", scribble, B_LIVES, NULL },
	{ "rdma: beyond the RMB's end", beyond_end, 0, "LinkDown" },
	{ "rdma: before the RMB's start", before_start, 0, "LinkDown" },
	{ "rdma: with immediate data beyond the end", imm_beyond_end, IMM,
	  "LinkDown" },
	{ "rdma: kernel address", kernel_address, 0, "LinkDown" },
	{ "rdma: guessed key", guessed_key, 0, "LinkDown" },
	{ "rdma: key of another group", foreign_key, 0, "LinkDown" },
	{ "rdma: wrong key told", wrong_own_key, ALONE, "LinkDown" },
	{ "rdma: read", read_rmb, 0, "LinkDown" },
	{ "rdma: atomic", atomic, 0, "LinkDown" },
	{ "rdma: write after close", write_after_close, B_LIVES, NULL },
	{ "rdma: data of an earlier connection", old_data, B_LIVES | IMM,
	  NULL },
	{ "rdma: write after the group's end", write_after_end, ALONE | RARE, NULL },
	{ }
};
