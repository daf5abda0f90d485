// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of cdc_wire.c.
 */
#include "cdc_wire.h"
#include "ktap.h"

static size_t load(const char *name, u8 *buf)
{
	return hex(golden_text(golden.cdc, name), buf, MAX_MSG);
}

static void expect_ok(const char *name, struct smc_cdc *cdc)
{
	enum smc_cdc_check why = SMC_CDC_NR_CHECKS;
	u8 buf[MAX_MSG];
	size_t len = load(name, buf);

	memset(cdc, 0xff, sizeof(*cdc));
	EXPECT_EQ(smc_cdc_decode(buf, len, cdc, &why), 0);
	EXPECT_EQ(why, SMC_CDC_OK);
}

static unsigned int flag_bits(const struct smc_cdc *cdc)
{
	return cdc->writer_blocked << 0 | cdc->urgent_pending << 1 |
	       cdc->urgent_present << 2 | cdc->cons_update_req << 3 |
	       cdc->failover << 4 | cdc->done_writing << 5 |
	       cdc->closed << 6 | cdc->aborted << 7;
}

TEST(smc_cdc_decode__hardware)
{
	struct smc_cdc cdc;

	expect_ok("hw_cdc", &cdc);
	EXPECT_EQ(cdc.seq, 1);
	EXPECT_EQ(cdc.token, 3);
	EXPECT_EQ(cdc.prod.wrap, 0);
	EXPECT_EQ(cdc.prod.count, 13);
	EXPECT_EQ(cdc.cons.wrap, 0);
	EXPECT_EQ(cdc.cons.count, 0);
	EXPECT_EQ(flag_bits(&cdc), 0);
}

TEST(smc_cdc_decode__trace)
{
	struct smc_cdc cdc;

	expect_ok("trace_6", &cdc);
	EXPECT_EQ(cdc.token, 1);
	EXPECT_EQ(cdc.prod.count, 1000);
	EXPECT_EQ(flag_bits(&cdc), 0);

	expect_ok("trace_7", &cdc);
	EXPECT_EQ(cdc.seq, 2);
	EXPECT(cdc.done_writing);
	EXPECT_EQ(flag_bits(&cdc), 1 << 5);

	expect_ok("trace_8", &cdc);
	EXPECT_EQ(cdc.prod.count, 3);
	EXPECT_EQ(cdc.cons.count, 1000);

	expect_ok("trace_10", &cdc);
	EXPECT_EQ(cdc.cons.count, 3);
	EXPECT_EQ(flag_bits(&cdc), 1 << 5 | 1 << 6);

	expect_ok("trace_17", &cdc);
	EXPECT_EQ(cdc.token, 2);
	EXPECT_EQ(cdc.prod.wrap, 1);
	EXPECT_EQ(cdc.prod.count, 0);
	EXPECT_EQ(flag_bits(&cdc), 1 << 0);

	expect_ok("trace_18", &cdc);
	EXPECT_EQ(cdc.cons.wrap, 1);
	EXPECT_EQ(cdc.prod.wrap, 0);
}

TEST(smc_cdc_decode__each_flag)
{
	static const struct {
		unsigned int off;
		u8 bit;
		unsigned int want;
	} flags[] = {
		{ 24, 0x80, 1 << 0 }, { 24, 0x40, 1 << 1 },
		{ 24, 0x20, 1 << 2 }, { 24, 0x10, 1 << 3 },
		{ 24, 0x08, 1 << 4 }, { 24, 0x07, 0 },
		{ 25, 0x80, 1 << 5 }, { 25, 0x40, 1 << 6 },
		{ 25, 0x20, 1 << 7 }, { 25, 0x1f, 0 },
	};
	enum smc_cdc_check why;
	struct smc_cdc cdc;
	u8 out[SMC_CDC_LEN];
	u8 buf[MAX_MSG];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		load("hw_cdc", buf);
		buf[flags[i].off] = flags[i].bit;
		EXPECT_EQ(smc_cdc_decode(buf, SMC_CDC_LEN, &cdc, &why), 0);
		EXPECT_EQ(flag_bits(&cdc), flags[i].want);
		EXPECT_EQ(smc_cdc_encode(&cdc, out, sizeof(out)), 44);
		/* reserved bits are not sent on */
		if (!flags[i].want)
			buf[flags[i].off] = 0;
		EXPECT_BYTES(out, buf, SMC_CDC_LEN);
	}
}

TEST(smc_cdc_decode__reserved_ignored)
{
	static const u8 reserved[] = { 8, 9, 16, 17, 26, 27, 34, 43 };
	enum smc_cdc_check why;
	struct smc_cdc want, cdc;
	u8 buf[MAX_MSG];
	unsigned int i;

	load("trace_8", buf);
	EXPECT_EQ(smc_cdc_decode(buf, SMC_CDC_LEN, &want, &why), 0);
	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		buf[reserved[i]] = 0xff;
	EXPECT_EQ(smc_cdc_decode(buf, SMC_CDC_LEN, &cdc, &why), 0);
	EXPECT_EQ(cdc.seq, want.seq);
	EXPECT_EQ(cdc.token, want.token);
	EXPECT_EQ(cdc.prod.wrap, want.prod.wrap);
	EXPECT_EQ(cdc.prod.count, want.prod.count);
	EXPECT_EQ(cdc.cons.wrap, want.cons.wrap);
	EXPECT_EQ(cdc.cons.count, want.cons.count);
	EXPECT_EQ(flag_bits(&cdc), flag_bits(&want));
}

TEST(smc_cdc_decode__every_length)
{
	enum smc_cdc_check why;
	struct smc_cdc cdc;
	u8 buf[MAX_MSG];
	size_t len;
	u8 *copy;
	int rc;

	load("trace_8", buf);
	for (len = 0; len <= SMC_CDC_LEN; len++) {
		copy = exact(buf, len);
		rc = smc_cdc_decode(copy, len, &cdc, &why);
		free(copy);
		EXPECT_EQ(rc, len < 26 ? -EBADMSG : 0);
		EXPECT_EQ(why, len < 26 ? SMC_CDC_BAD_SHORT : SMC_CDC_OK);
	}
}

TEST(smc_cdc_decode__refused)
{
	static const struct {
		unsigned int off;
		u8 value;
		enum smc_cdc_check why;
	} cases[] = {
		{ 0, 0x07, SMC_CDC_BAD_TYPE },
		{ 0, 0xff, SMC_CDC_BAD_TYPE },
		{ 1, 0, SMC_CDC_BAD_LENGTH },
		{ 1, 43, SMC_CDC_BAD_LENGTH },
		{ 1, 45, SMC_CDC_BAD_LENGTH },
	};
	struct smc_cdc cdc, before;
	enum smc_cdc_check why;
	u8 buf[MAX_MSG];
	unsigned int i;

	memset(&before, 0x5a, sizeof(before));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		load("trace_8", buf);
		buf[cases[i].off] = cases[i].value;
		cdc = before;
		EXPECT_EQ(smc_cdc_decode(buf, SMC_CDC_LEN, &cdc, &why),
			  -EBADMSG);
		EXPECT_EQ(why, cases[i].why);
		EXPECT(!memcmp(&cdc, &before, sizeof(cdc)));
	}
}

/* each bit is read, or reserved, or makes the message bad */
TEST(smc_cdc_decode__every_bit_flip)
{
	unsigned int bit, bad = 0, same = 0, other = 0;
	struct smc_cdc want, cdc;
	enum smc_cdc_check why;
	u8 out[SMC_CDC_LEN];
	u8 buf[MAX_MSG];

	load("trace_8", buf);
	smc_cdc_decode(buf, SMC_CDC_LEN, &want, &why);
	for (bit = 0; bit < SMC_CDC_LEN * 8; bit++) {
		load("trace_8", buf);
		buf[bit / 8] ^= 1 << bit % 8;
		if (smc_cdc_decode(buf, SMC_CDC_LEN, &cdc, &why)) {
			bad++;
			continue;
		}
		smc_cdc_encode(&cdc, out, sizeof(out));
		if (memcmp(out, buf, SMC_CDC_LEN))
			same++;
		else
			other++;
	}
	EXPECT_EQ(bad, 16);			/* type, length */
	EXPECT_EQ(same, 32 + 8 + 18 * 8);	/* reserved */
	EXPECT_EQ(other, 44 * 8 - 16 - 32 - 8 - 18 * 8);
}

TEST(smc_cdc_encode__round_trip)
{
	enum smc_cdc_check why;
	u8 buf[SMC_CDC_LEN], again[SMC_CDC_LEN];
	struct smc_cdc cdc, got;
	unsigned int i;

	for (i = 0; i < 5000; i++) {
		memset(&cdc, 0, sizeof(cdc));
		rnd_bytes(&cdc.seq, sizeof(cdc.seq));
		rnd_bytes(&cdc.token, sizeof(cdc.token));
		rnd_bytes(&cdc.prod.wrap, sizeof(cdc.prod.wrap));
		rnd_bytes(&cdc.prod.count, sizeof(cdc.prod.count));
		rnd_bytes(&cdc.cons.wrap, sizeof(cdc.cons.wrap));
		rnd_bytes(&cdc.cons.count, sizeof(cdc.cons.count));
		cdc.writer_blocked = rnd() & 1;
		cdc.urgent_pending = rnd() & 1;
		cdc.urgent_present = rnd() & 1;
		cdc.cons_update_req = rnd() & 1;
		cdc.failover = rnd() & 1;
		cdc.done_writing = rnd() & 1;
		cdc.closed = rnd() & 1;
		cdc.aborted = rnd() & 1;
		EXPECT_EQ(smc_cdc_encode(&cdc, buf, sizeof(buf)), SMC_CDC_LEN);
		memset(&got, 0, sizeof(got));
		EXPECT_EQ(smc_cdc_decode(buf, sizeof(buf), &got, &why), 0);
		EXPECT_EQ(got.seq, cdc.seq);
		EXPECT_EQ(got.token, cdc.token);
		EXPECT_EQ(got.prod.wrap, cdc.prod.wrap);
		EXPECT_EQ(got.prod.count, cdc.prod.count);
		EXPECT_EQ(got.cons.wrap, cdc.cons.wrap);
		EXPECT_EQ(got.cons.count, cdc.cons.count);
		EXPECT_EQ(flag_bits(&got), flag_bits(&cdc));
		memset(again, 0xff, sizeof(again));
		smc_cdc_encode(&got, again, sizeof(again));
		EXPECT_BYTES(again, buf, SMC_CDC_LEN);
	}
}

TEST(smc_cdc_encode__golden)
{
	const struct golden *g;
	u8 out[SMC_CDC_LEN];
	enum smc_cdc_check why;
	u8 buf[MAX_MSG];
	struct smc_cdc cdc;
	size_t len;

	for (g = golden.cdc; g->name[0]; g++) {
		len = hex(g->text, buf, sizeof(buf));
		EXPECT_EQ(len, SMC_CDC_LEN);
		EXPECT_EQ(smc_cdc_decode(buf, len, &cdc, &why), 0);
		EXPECT_EQ(smc_cdc_encode(&cdc, out, sizeof(out)), SMC_CDC_LEN);
		EXPECT_BYTES(out, buf, SMC_CDC_LEN);
	}
}

TEST(smc_cdc_encode__no_space)
{
	static const u8 none[SMC_CDC_LEN];
	struct smc_cdc cdc = { .seq = 1 };
	size_t size;
	u8 *buf;

	for (size = 0; size < SMC_CDC_LEN; size++) {
		buf = exact(none, size);
		EXPECT_EQ(smc_cdc_encode(&cdc, buf, size), -ENOSPC);
		free(buf);
	}
}

TEST(smc_imm_pack__fields)
{
	u64 cons = 0x123456789a;

	EXPECT_EQ(smc_imm_pack(0xabcdef12, 0xffff, true, &cons), 0x12fc0000u |
		  (0x12345678u & 0x3ffff));
	EXPECT_EQ(cons, 0x1234567800);
	cons = 255;
	EXPECT_EQ(smc_imm_pack(0, 0x20, false, &cons), 0);
	EXPECT_EQ(cons, 0);
}

TEST(smc_imm_missing__all)
{
	u64 none = 0;
	int last, ahead;

	for (last = 0; last < 0x10000; last += 7)
		for (ahead = -16; ahead < 16; ahead++)
			EXPECT_EQ(smc_imm_missing(smc_imm_pack(1, last + 1 +
						  ahead, false, &none), last),
				  ahead);
}

TEST(smc_imm_cons__all)
{
	static const u64 lasts[] = { 0, 1, 255, 256, 0x3fffff00, 0x3ffffff,
				     0x4000000, 0xffffffffff, 1ULL << 40 };
	u64 cons, step;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lasts); i++) {
		/* up to half of what can be told apart, 32 MiB */
		for (step = 0; step < (1 << 25) - 256; step += 4093) {
			u32 imm;

			cons = lasts[i] + step;
			imm = smc_imm_pack(1, 1, true, &cons);
			EXPECT_EQ(smc_imm_cons(imm, lasts[i]), cons);
		}
		/* an older one changes nothing */
		if (lasts[i] < 512)
			continue;
		cons = lasts[i] - 512;
		EXPECT_EQ(smc_imm_cons(smc_imm_pack(1, 1, true, &cons),
				       lasts[i]), lasts[i] & ~255ULL);
	}
}

TEST(smc_cdc_check_name__all)
{
	EXPECT_STR(smc_cdc_check_name(SMC_CDC_OK), "ok");
	EXPECT_STR(smc_cdc_check_name(SMC_CDC_BAD_SHORT), "short");
	EXPECT_STR(smc_cdc_check_name(SMC_CDC_BAD_TYPE), "type");
	EXPECT_STR(smc_cdc_check_name(SMC_CDC_BAD_LENGTH), "length");
	EXPECT_STR(smc_cdc_check_name(SMC_CDC_NR_CHECKS), "unknown");
	EXPECT_STR(smc_cdc_check_name(-1), "unknown");
}
