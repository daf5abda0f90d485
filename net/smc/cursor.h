/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ring cursors as CDC messages carry them, and stream positions.
 *
 * On the wire a cursor is a count within the RMBE plus a 16 bit wrap sequence.
 * Inside the module a place in the stream is a 64 bit number of bytes since
 * the connection began: it never goes back and never wraps. RMBE sizes are
 * powers of two, so one converts to the other with shifts and masks.
 */
#ifndef _SMC_CURSOR_H
#define _SMC_CURSOR_H

#include "wire.h"

#define SMC_RMBE_SIZE_SHIFT	14	/* code 0 is 16 KiB */
#define SMC_RMBE_CODE_MAX	15	/* 512 MiB */
#define SMC_RMBE_CODE_MAX_V1	5	/* 512 KiB: RFC 7609 and Linux 6.1 */
#define SMC_CURSOR_WRAP_BITS	16

/**
 * struct smc_cursor - place in an RMBE as CDC messages carry it
 * @wrap: number of times the ring was passed, modulo 65536
 * @count: offset within the ring, less than the ring's size
 */
struct smc_cursor {
	u16 wrap;
	u32 count;
};

/**
 * smc_rmbe_size - bytes of an RMBE with a compressed size
 * @code: compressed size, 0..15
 *
 * Return: size in bytes, a power of two.
 */
static inline u32 smc_rmbe_size(u8 code)
{
	return 1U << (SMC_RMBE_SIZE_SHIFT + (code & SMC_RMBE_CODE_MAX));
}

/**
 * smc_rmbe_size_code - smallest compressed size that holds a number of bytes
 * @bytes: wanted size
 *
 * Return: compressed size; the largest one if nothing is large enough.
 */
static inline u8 smc_rmbe_size_code(u64 bytes)
{
	u8 code = 0;

	while (code < SMC_RMBE_CODE_MAX && smc_rmbe_size(code) < bytes)
		code++;
	return code;
}

/**
 * smc_ring_offset - where in the ring a stream position lies
 * @pos: stream position
 * @size: ring size, a power of two
 *
 * Return: offset, less than @size.
 */
static inline u32 smc_ring_offset(u64 pos, u32 size)
{
	return (u32)pos & (size - 1);
}

/**
 * smc_ring_shift - binary logarithm of a ring size
 * @size: ring size, a power of two and not 0
 *
 * Return: the shift count.
 */
static inline unsigned int smc_ring_shift(u32 size)
{
	return (unsigned int)__builtin_ctz(size);
}

/**
 * smc_cursor_from_pos - cursor for a stream position
 * @pos: stream position
 * @size: ring size, a power of two
 *
 * Return: the cursor to put into a CDC message.
 */
static inline struct smc_cursor smc_cursor_from_pos(u64 pos, u32 size)
{
	struct smc_cursor c = {
		.wrap = (u16)(pos >> smc_ring_shift(size)),
		.count = smc_ring_offset(pos, size),
	};

	return c;
}

/**
 * smc_cursor_to_pos - stream position of a received cursor
 * @c: cursor from a CDC message
 * @size: ring size, a power of two
 * @last: last position accepted for this cursor
 * @limit: largest position an honest peer can name, not below @last
 * @pos: result; set only on success
 *
 * A cursor stands for one position in every 65536 * @size bytes. The one at or
 * after @last is meant, unless the distance is more than half of that: then
 * the cursor is an old one that arrived late or again.
 *
 * Return: 0 when accepted (the advance may be 0), -ESTALE for a cursor older
 * than @last (keep the old one), -EBADMSG for a cursor outside the ring or
 * beyond @limit (the peer lies or is broken).
 */
static inline int smc_cursor_to_pos(struct smc_cursor c, u32 size, u64 last,
				    u64 limit, u64 *pos)
{
	unsigned int bits = smc_ring_shift(size) + SMC_CURSOR_WRAP_BITS;
	u64 mask = (1ULL << bits) - 1;
	u64 advance;

	if (c.count >= size)
		return -EBADMSG;
	advance = (((u64)c.wrap << smc_ring_shift(size)) + c.count - last) &
		  mask;
	if (advance > mask >> 1)
		return -ESTALE;
	if (limit < last || advance > limit - last)
		return -EBADMSG;
	*pos = last + advance;
	return 0;
}

#endif /* _SMC_CURSOR_H */
