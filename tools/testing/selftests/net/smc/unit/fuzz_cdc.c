// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzer of cdc_wire.c and cursor.h.
 */
#include <stdlib.h>

#include "cdc_wire.h"
#include "cursor.h"

static void check_cursor(struct smc_cursor c, u32 size, u64 last)
{
	struct smc_cursor back;
	u64 pos;

	if (smc_cursor_to_pos(c, size, last, last + size, &pos))
		return;
	back = smc_cursor_from_pos(pos, size);
	if (pos < last || pos - last > size || back.wrap != c.wrap ||
	    back.count != c.count)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 buf[SMC_CDC_LEN], again[SMC_CDC_LEN];
	struct smc_cdc cdc = { 0 }, got = { 0 };
	enum smc_cdc_check why;
	unsigned int code;
	int rc;

	rc = smc_cdc_decode(data, size, &cdc, &why);
	if (!rc == !!why)
		abort();
	if (rc)
		return 0;
	if (smc_cdc_encode(&cdc, buf, sizeof(buf)) != SMC_CDC_LEN ||
	    smc_cdc_decode(buf, sizeof(buf), &got, &why) ||
	    smc_cdc_encode(&got, again, sizeof(again)) != SMC_CDC_LEN ||
	    memcmp(buf, again, sizeof(buf)))
		abort();
	for (code = 0; code <= SMC_RMBE_CODE_MAX; code++) {
		check_cursor(cdc.prod, smc_rmbe_size(code), 0);
		check_cursor(cdc.cons, smc_rmbe_size(code),
			     (u64)cdc.token << 16 | cdc.seq);
	}
	return 0;
}
