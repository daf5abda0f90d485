/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of clc_wire.c share.
 */
#ifndef _SMC_UNIT_CLC_TEST_H
#define _SMC_UNIT_CLC_TEST_H

#include "clc_wire.h"
#include "ktap.h"

#define EYE_R		" e2d4c3d9 "
#define EYE_D		" e2d4c3c4 "
#define EID		" 4d59454944 20*27 "
#define HOSTNAME	" 286e6f6e6529 20*26 "
#define GID4(last)	" 00*10 ffff 0a0000" last " "

/**
 * struct refusal - a good message with a fault: exactly one check must fail
 * @name: the good message
 * @off: where the fault is put
 * @bytes: the fault
 * @rc: what decoding must return
 * @why: the check that must fail
 */
struct refusal {
	const char *name;
	unsigned int off;
	const char *bytes;
	int rc;
	enum smc_clc_check why;
};

size_t clc_load(const char *name, u8 *buf);

/* the decode function that fits the type byte */
int clc_decode_any(const u8 *buf, size_t len, enum smc_clc_check *why);
void clc_expect_refusals(const struct refusal *r, unsigned int nr);

static inline void set_length(u8 *buf, size_t len)
{
	smc_put_be16(buf + 5, len);
}

#endif /* _SMC_UNIT_CLC_TEST_H */
