// SPDX-License-Identifier: GPL-2.0
/* Lies in messages of link group control. */
#include "../smctest.h"
#include "lies.h"

#define RKEYS		10000
#define FLOOD		1000
#define RESPONSE	0x80

static const char *done(struct group *g)
{
	return settle(g) ? "the link broke" : NULL;
}

/* each type, v1 and v2, with lengths that are no lengths */
static const char *bad_length(struct conn *a, struct conn *b)
{
	static const u16 lengths[] = { 0, 1, 43, 0x2b };
	unsigned int type, i;

	for (type = 1; type < 10; type++) {
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			u8 msg[LLC_LEN] = { 0x20 | type, lengths[i],
					    lengths[i] >> 8 };

			send_msg(a->group, msg, LLC_LEN);
			msg[3] = RESPONSE;
			send_msg(a->group, msg, LLC_LEN);
		}
	}
	return done(a->group);
}

static const char *cut_short(struct conn *a, struct conn *b)
{
	u8 msg[LLC_LEN] = { 0, LLC_LEN };
	unsigned int type, len;

	for (type = 1; type < 10; type++) {
		msg[0] = 0x20 | type;
		for (len = 1; len < LLC_LEN; len += 6)
			send_msg(a->group, msg, len);
		send_msg(a->group, msg, LLC_LEN - 1);
	}
	return done(a->group);
}

static const char *bad_type(struct conn *a, struct conn *b)
{
	unsigned int type;

	for (type = 0; type < 256; type++) {
		if (type == SMC_CDC_TYPE || (type > 0x20 && type < 0x2a))
			continue;
		send_llc(a->group, type, 0);
		send_llc(a->group, type, RESPONSE);
	}
	return done(a->group);
}

/* what belongs to version 1 */
static const char *bad_version(struct conn *a, struct conn *b)
{
	unsigned int version, type;

	for (version = 0; version < 16; version++) {
		for (type = 1; version != 2 && type < 10; type++)
			send_llc(a->group, version << 4 | type, 0);
	}
	return done(a->group);
}

static const char *unasked(struct conn *a, struct conn *b)
{
	unsigned int type, flags;

	for (type = 1; type < 10; type++) {
		for (flags = 0; flags < 0x80; flags += 0x10)
			send_llc(a->group, 0x20 | type, RESPONSE | flags);
	}
	return done(a->group);
}

static const char *flood_rkeys(struct conn *a, struct conn *b)
{
	u8 msg[LLC_LEN] = { 0x26, LLC_LEN };
	unsigned int i;

	for (i = 0; i < RKEYS; i++) {
		smc_put_be32(msg + 5, 0x1000 + i);
		smc_put_be64(msg + 9, (u64)i << 20);
		msg[4] = i % 7;
		if (!send_msg(a->group, msg, LLC_LEN))
			return "the link broke";
		/* lest the application thinks that nobody is there */
		if (i % 2000 == 0 && (exchange(a, 10) || exchange(b, 10)))
			return "data does not get through";
	}
	return done(a->group);
}

/* unknown ones, and the one in use */
static const char *delete_rkeys(struct conn *a, struct conn *b)
{
	u8 msg[LLC_LEN] = { 0x29, LLC_LEN, 0, 0, 8 };
	struct group *g = a->group;
	struct conn *c;
	int i;

	for (i = 0; i < 8; i++)
		smc_put_be32(msg + 8 + 4 * i, 0xdead0000 + i);
	send_msg(g, msg, LLC_LEN);
	msg[4] = 255;
	send_msg(g, msg, LLC_LEN);
	msg[4] = 1;
	smc_put_be32(msg + 8, g->mr->rkey);
	send_msg(g, msg, LLC_LEN);
	if (!PUMP_UNTIL(g, g->answers[9] >= 3, 5000))
		return "no answers to Delete RKey";
	c = conn_open(g);
	if (c && !conn_refused(c))
		return "a deleted RMB is used";
	if (c)
		conn_drop(c);

	memset(msg, 0, sizeof(msg));
	msg[0] = 0x26;
	msg[1] = LLC_LEN;
	smc_put_be32(msg + 5, g->mr->rkey);
	smc_put_be64(msg + 9, (uintptr_t)g->mem);
	send_msg(g, msg, LLC_LEN);
	return PUMP_UNTIL(g, g->answers[6], 5000) ? NULL :
	       "no answer to Confirm RKey";
}

static const char *add_link(struct conn *a, struct conn *b)
{
	static const u32 lengths[] = { 44, 45, 72, 88, 4152, 8191, 8192 };
	struct group *g = a->group;
	u8 msg[PEER_RX_LEN] = { 0 };
	unsigned int i, type;

	for (type = 2; type < 6; type += 3) {
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			memset(msg, 0xff, sizeof(msg));
			msg[0] = 0x20 | type;
			smc_put_le16(msg + 1, lengths[i]);
			msg[3] = 0;
			send_msg(g, msg, lengths[i]);
			/* says more, or less, than there is */
			smc_put_le16(msg + 1, 8192);
			send_msg(g, msg, LLC_LEN);
			smc_put_le16(msg + 1, LLC_LEN);
			send_msg(g, msg, lengths[i]);
		}
	}
	send_llc(g, 0x23, 0);
	return done(g);
}

static const char *delete_unknown_link(struct conn *a, struct conn *b)
{
	u8 msg[LLC_LEN] = { 0x24, LLC_LEN, 0, 0, 77 };
	int i;

	for (i = 0; i < 20; i++)
		send_msg(a->group, msg, LLC_LEN);
	return done(a->group);
}

static const char *one_byte(struct conn *a, struct conn *b)
{
	unsigned int i;
	u8 byte;

	for (i = 0; i < 256; i++) {
		byte = i;
		send_msg(a->group, &byte, 1);
	}
	return done(a->group);
}

static const char *no_byte(struct conn *a, struct conn *b)
{
	int i;

	for (i = 0; i < 300; i++)
		send_msg(a->group, NULL, 0);
	return done(a->group);
}

static const char *too_long(struct conn *a, struct conn *b)
{
	static u8 msg[9000] = { 0x22, 0x28, 0x23 };

	send_msg(a->group, msg, sizeof(msg));
	return settle(a->group) ? NULL : "9000 bytes were taken";
}

static const char *flood(struct conn *a, struct conn *b)
{
	unsigned int i;

	for (i = 0; i < FLOOD; i++) {
		send_llc(a->group, 0x27, 0);
		send_llc(a->group, 0x21, 3);
		send_llc(a->group, 0x29, 0);
	}
	return done(a->group);
}

static const char *confirm_again(struct conn *a, struct conn *b)
{
	int i;

	for (i = 0; i < 50; i++) {
		send_llc(a->group, 0x21, 0);
		send_llc(a->group, 0x21, RESPONSE);
		send_llc(a->group, 0x21, 3);
		send_llc(a->group, 0x21, RESPONSE | 3);
	}
	return done(a->group);
}

/* Connections that need another RMB: the victim asks and hears nothing. */
static const char *silent_rkey(struct conn *a, struct conn *b)
{
	struct group *g = a->group;
	struct conn *c[6];
	int i, declined = 0;

	g->silent = 1 << 6;
	for (i = 0; i < 6; i++) {
		c[i] = conn_open(g);
		declined += !c[i];
	}
	g->silent = 0;
	for (i = 0; i < 6; i++) {
		if (c[i])
			conn_close(c[i]);
	}
	return declined ? NULL : "nothing was declined";
}

const struct lie llc_lies[] = {
	{ "llc: bad length", bad_length, BOTH_LIVE, "LlcInvalid" },
	{ "llc: cut short", cut_short, BOTH_LIVE, "LlcInvalid" },
	{ "llc: bad type", bad_type, BOTH_LIVE, "LlcInvalid" },
	{ "llc: bad version", bad_version, BOTH_LIVE, "LlcInvalid" },
	{ "llc: answers never asked for", unasked, BOTH_LIVE, "LlcInvalid" },
	{ "llc: 10,000 Confirm RKey", flood_rkeys, BOTH_LIVE | RARE,
	  "LlcInvalid" },
	{ "llc: Delete RKey", delete_rkeys, BOTH_LIVE | RARE, NULL },
	{ "llc: Add Link of all sizes", add_link, BOTH_LIVE, "LlcInvalid" },
	{ "llc: Delete Link of an unknown one", delete_unknown_link,
	  BOTH_LIVE, NULL },
	{ "llc: Confirm Link again", confirm_again, BOTH_LIVE, "LlcInvalid" },
	{ "llc: 1 byte", one_byte, BOTH_LIVE, "LlcInvalid" },
	{ "llc: 0 bytes", no_byte, BOTH_LIVE, "LlcInvalid" },
	{ "llc: 9,000 bytes", too_long, 0, "LinkDown" },
	{ "llc: flood", flood, BOTH_LIVE, "LlcInvalid" },
	{ "llc: silence to Confirm RKey", silent_rkey, BOTH_LIVE | RARE,
	  "LlcTimeout" },
	{ }
};
