/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Common ground of the pure files: wire codecs, cursors and state tables.
 *
 * These files know bytes and nothing of the kernel, so they are compiled both
 * into smc.ko and into the unit tests in user space. Everything they need from
 * outside comes through this header.
 */
#ifndef _SMC_WIRE_H
#define _SMC_WIRE_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include "wire_user.h"
#endif

#define SMC_PEER_ID_LEN		8
#define SMC_GID_LEN		16
#define SMC_MAC_LEN		6
#define SMC_EID_LEN		32
#define SMC_HOSTNAME_LEN	32

#define SMC_RELEASE_2_0		0	/* release nibble of SMC v2.0 */
#define SMC_RELEASE_2_1		1	/* release nibble of SMC v2.1 */

static inline u16 smc_get_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 smc_get_be24(const u8 *p)
{
	return (u32)p[0] << 16 | (u32)p[1] << 8 | p[2];
}

static inline u32 smc_get_be32(const u8 *p)
{
	return (u32)smc_get_be16(p) << 16 | smc_get_be16(p + 2);
}

static inline u64 smc_get_be64(const u8 *p)
{
	return (u64)smc_get_be32(p) << 32 | smc_get_be32(p + 4);
}

static inline u16 smc_get_le16(const u8 *p)
{
	return (u16)(p[1] << 8 | p[0]);
}

static inline void smc_put_be16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static inline void smc_put_be24(u8 *p, u32 v)
{
	p[0] = (v >> 16) & 0xff;
	smc_put_be16(p + 1, v & 0xffff);
}

static inline void smc_put_be32(u8 *p, u32 v)
{
	smc_put_be16(p, v >> 16);
	smc_put_be16(p + 2, v & 0xffff);
}

static inline void smc_put_be64(u8 *p, u64 v)
{
	smc_put_be32(p, v >> 32);
	smc_put_be32(p + 4, v & 0xffffffff);
}

static inline void smc_put_le16(u8 *p, u16 v)
{
	p[0] = v & 0xff;
	p[1] = v >> 8;
}

#endif /* _SMC_WIRE_H */
