// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of cursor.h.
 */
#include "cursor.h"
#include "ktap.h"

#define K16	(16u << 10)
#define K64	(64u << 10)
#define M512	(512u << 20)
#define WRAPS	65536ull

TEST(smc_rmbe_size__each_code)
{
	static const u32 want[] = {
		16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152,
		4194304, 8388608, 16777216, 33554432, 67108864, 134217728,
		268435456, 536870912,
	};
	unsigned int code;

	for (code = 0; code < ARRAY_SIZE(want); code++) {
		EXPECT_EQ(smc_rmbe_size(code), want[code]);
		EXPECT_EQ(smc_rmbe_size_code(want[code]), code);
	}
}

TEST(smc_rmbe_size_code__rounds_up)
{
	EXPECT_EQ(smc_rmbe_size_code(0), 0);
	EXPECT_EQ(smc_rmbe_size_code(1), 0);
	EXPECT_EQ(smc_rmbe_size_code(16385), 1);
	EXPECT_EQ(smc_rmbe_size_code(65535), 2);
	EXPECT_EQ(smc_rmbe_size_code(65537), 3);
	EXPECT_EQ(smc_rmbe_size_code(M512), 15);
	EXPECT_EQ(smc_rmbe_size_code(M512 + 1ull), 15);
	EXPECT_EQ(smc_rmbe_size_code(~0ull), 15);
}

TEST(smc_ring_offset__masks)
{
	EXPECT_EQ(smc_ring_offset(0, K16), 0);
	EXPECT_EQ(smc_ring_offset(K16 - 1, K16), K16 - 1);
	EXPECT_EQ(smc_ring_offset(K16, K16), 0);
	EXPECT_EQ(smc_ring_offset(~0ull, M512), M512 - 1);
	EXPECT_EQ(smc_ring_shift(K16), 14);
	EXPECT_EQ(smc_ring_shift(M512), 29);
}

TEST(smc_cursor_from_pos__table)
{
	static const struct {
		u64 pos;
		u32 size;
		u16 wrap;
		u32 count;
	} cases[] = {
		{ 0, K16, 0, 0 },
		{ 1000, K64, 0, 1000 },
		{ K64 - 1, K64, 0, K64 - 1 },
		{ K64, K64, 1, 0 },
		{ K64 + 1, K64, 1, 1 },
		{ WRAPS * K64 - 1, K64, 0xffff, K64 - 1 },
		{ WRAPS * K64, K64, 0, 0 },
		{ WRAPS * K64 + K64 + 7, K64, 1, 7 },
		{ WRAPS * M512 + 3ull * M512 + 5, M512, 3, 5 },
		{ ~0ull, K16, 0xffff, K16 - 1 },
	};
	struct smc_cursor c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		c = smc_cursor_from_pos(cases[i].pos, cases[i].size);
		EXPECT_EQ(c.wrap, cases[i].wrap);
		EXPECT_EQ(c.count, cases[i].count);
	}
}

TEST(smc_cursor_to_pos__table)
{
	static const struct {
		const char *what;
		u16 wrap;
		u32 count;
		u32 size;
		u64 last;
		u64 limit;
		int rc;
		u64 pos;
	} cases[] = {
		{ "nothing new", 0, 0, K64, 0, K64, 0, 0 },
		{ "some bytes", 0, 1000, K64, 0, K64, 0, 1000 },
		{ "full ring", 1, 0, K64, 0, K64, 0, K64 },
		{ "full ring, not at its start", 1, 5, K64, 5, K64 + 5, 0,
		  K64 + 5 },
		{ "one too many", 1, 1, K64, 0, K64, -EBADMSG, 0 },
		{ "consumer beyond producer", 0, 11, K64, 5, 10, -EBADMSG, 0 },
		{ "consumer at producer", 0, 10, K64, 5, 10, 0, 10 },
		{ "next wrap", 1, 10, K64, K64 - 10, K64 + 100, 0, K64 + 10 },
		{ "same wrap, smaller count", 1, 9, K64, K64 + 10, 2 * K64,
		  -ESTALE, 0 },
		{ "older wrap, larger count", 0, K64 - 1, K64, K64 + 10,
		  2 * K64, -ESTALE, 0 },
		{ "count is the size", 0, K64, K64, 0, K64, -EBADMSG, 0 },
		{ "count far out", 0, 0xffffffff, K64, 0, K64, -EBADMSG, 0 },
		{ "count out, wrap old", 0, K64, K64, 5ull * K64, 6ull * K64,
		  -EBADMSG, 0 },
		{ "wrap 0xffff to 0", 0, 3, K64, WRAPS * K64 - 2,
		  WRAPS * K64 + 100, 0, WRAPS * K64 + 3 },
		{ "wrap 0xffff to 0, exactly", 0, 0, K64, WRAPS * K64 - 1,
		  WRAPS * K64, 0, WRAPS * K64 },
		{ "wrap 0xffff after 0: old", 0xffff, K64 - 1, K64,
		  WRAPS * K64, WRAPS * K64 + K64, -ESTALE, 0 },
		{ "wrap 0xffff at the start: before the stream", 0xffff, 0,
		  K64, 0, K64, -ESTALE, 0 },
		{ "jump to wrap 0 out of the middle, old", 0, 5, K64,
		  100ull * K64, 101ull * K64, -ESTALE, 0 },
		{ "jump to wrap 0, ahead by less than half", 0, 5, K64,
		  40000ull * K64, 40001ull * K64, -EBADMSG, 0 },
		{ "half way round is ahead", 0x7fff, K64 - 1, K64, 0, K64,
		  -EBADMSG, 0 },
		{ "half way round and one is old", 0x8000, 0, K64, 0, K64,
		  -ESTALE, 0 },
		{ "largest ring", 1, 0, M512, 0, M512, 0, M512 },
		{ "largest ring, second round of wraps", 0, 0, M512,
		  WRAPS * M512 - M512, WRAPS * M512, 0, WRAPS * M512 },
		{ "limit before last", 0, 10, K64, 10, 9, -EBADMSG, 0 },
		{ "limit is last, no advance", 0, 10, K64, 10, 10, 0, 10 },
	};
	struct smc_cursor c;
	unsigned int i;
	u64 pos;
	int rc;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		c.wrap = cases[i].wrap;
		c.count = cases[i].count;
		pos = 0x5a5a;
		rc = smc_cursor_to_pos(c, cases[i].size, cases[i].last,
				       cases[i].limit, &pos);
		if (rc != cases[i].rc)
			test_fail("%s: rc %d, want %d",
				  cases[i].what, rc, cases[i].rc);
		if (pos != (rc ? 0x5a5a : cases[i].pos))
			test_fail("%s: pos %llu",
				  cases[i].what, (unsigned long long)pos);
	}
}

/* what from_pos makes of any position in the window, to_pos gives back */
TEST(smc_cursor_to_pos__inverse)
{
	unsigned int i, code;
	u64 last, pos, got;
	u32 size;

	for (i = 0; i < 20000; i++) {
		code = rnd() % 16;
		size = smc_rmbe_size(code);
		last = ((u64)rnd() << 24 | rnd()) & ((1ull << 50) - 1);
		pos = last + ((u64)rnd() << 8 | rnd() % 256) % (size + 1ull);
		got = 0;
		EXPECT_EQ(smc_cursor_to_pos(smc_cursor_from_pos(pos, size),
					    size, last, last + size, &got), 0);
		EXPECT_EQ(got, pos);
		if (pos > last) {
			EXPECT_EQ(smc_cursor_to_pos(smc_cursor_from_pos(last,
									size),
						    size, pos, pos + size,
						    &got), -ESTALE);
			EXPECT_EQ(smc_cursor_to_pos(smc_cursor_from_pos(pos,
									size),
						    size, last, pos - 1, &got),
				  -EBADMSG);
		}
	}
}

/* a stream of two whole rounds of the wrap sequence, in odd steps */
TEST(smc_cursor_to_pos__walk)
{
	u64 pos = 0, got = 0, end = 2 * WRAPS * K16 + 12345;

	while (pos < end) {
		pos += 1 + rnd() % K16;
		EXPECT_EQ(smc_cursor_to_pos(smc_cursor_from_pos(pos, K16), K16,
					    got, got + K16, &got), 0);
		if (got != pos)
			break;
	}
	EXPECT_EQ(got, pos);
}

TEST(smc_wire__byte_order)
{
	u8 buf[8];

	smc_put_be16(buf, 0x0102);
	EXPECT_BYTES(buf, (const u8 *)"\1\2", 2);
	EXPECT_EQ(smc_get_be16(buf), 0x0102);
	EXPECT_EQ(smc_get_le16(buf), 0x0201);
	smc_put_le16(buf, 0xf1f2);
	EXPECT_BYTES(buf, (const u8 *)"\xf2\xf1", 2);
	smc_put_be24(buf, 0xfff1f2f3);
	EXPECT_BYTES(buf, (const u8 *)"\xf1\xf2\xf3", 3);
	EXPECT_EQ(smc_get_be24(buf), 0xf1f2f3);
	smc_put_be32(buf, 0xf1f2f3f4);
	EXPECT_BYTES(buf, (const u8 *)"\xf1\xf2\xf3\xf4", 4);
	EXPECT_EQ(smc_get_be32(buf), 0xf1f2f3f4u);
	smc_put_be64(buf, 0xf1f2f3f4f5f6f7f8ull);
	EXPECT_BYTES(buf, (const u8 *)"\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8",
		     8);
	EXPECT(smc_get_be64(buf) == 0xf1f2f3f4f5f6f7f8ull);
}
