/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure files need from the kernel, for a build in user space.
 */
#ifndef _SMC_WIRE_USER_H
#define _SMC_WIRE_USER_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* _SMC_WIRE_USER_H */
