// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzer of llc_wire.c: what decodes must encode, and decode alike again.
 */
#include <stdlib.h>

#include "llc_wire.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 buf[SMC_LLC_MAX_LEN], twice[SMC_LLC_MAX_LEN];
	struct smc_llc_rtoken_pair pair;
	struct smc_llc_msg msg, again;
	enum smc_llc_check why;
	unsigned int i, nr = 0;
	int rc;

	rc = smc_llc_decode(data, size, &msg, &why);
	if (!rc == !!why)
		abort();
	if (rc)
		return 0;
	rc = smc_llc_encode(&msg, buf, sizeof(buf));
	if (rc < SMC_LLC_LEN)
		abort();
	if (msg.type == SMC_LLC_ADD_LINK)
		nr = msg.add_link.nr_rtokens;
	for (i = 0; i < nr; i++)
		if (smc_llc_rtoken_get(data, size, i, &pair) ||
		    smc_llc_rtoken_put(buf, rc, i, &pair))
			abort();
	if (smc_llc_decode(buf, rc, &again, &why) ||
	    again.type != msg.type || again.response != msg.response)
		abort();
	if (smc_llc_encode(&again, twice, sizeof(twice)) != rc ||
	    memcmp(buf, twice, nr ? SMC_LLC_V2_RTOKEN_OFF : rc))
		abort();
	return 0;
}
