// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzer of clc_wire.c: what decodes must encode, and decode alike again.
 */
#include <stdlib.h>

#include "clc_wire.h"

static void fuzz_proposal(const u8 *data, size_t size)
{
	struct smc_clc_proposal prop, again;
	enum smc_clc_check why;
	u8 buf[SMC_CLC_MAX_LEN];
	int rc;

	rc = smc_clc_proposal_decode(data, size, &prop, &why);
	if (!rc == !!why)
		abort();
	if (rc || smc_clc_offers_d(prop.v2_type))
		return;
	rc = smc_clc_proposal_encode(&prop, buf, sizeof(buf));
	if (rc < 0)
		abort();
	if (smc_clc_proposal_decode(buf, rc, &again, &why))
		abort();
	/* we always write the subarea */
	prop.has_subarea = true;
	if (memcmp(&prop, &again, sizeof(prop)))
		abort();
}

static void fuzz_accept(const u8 *data, size_t size)
{
	struct smc_clc_accept acc, again;
	enum smc_clc_check why;
	u8 buf[SMC_CLC_MAX_LEN];
	int rc;

	rc = smc_clc_accept_decode(data, size, &acc, &why);
	if (!rc == !!why)
		abort();
	if (rc)
		return;
	rc = smc_clc_accept_encode(&acc, buf, sizeof(buf));
	if (rc < 0 || smc_clc_accept_decode(buf, rc, &again, &why) ||
	    memcmp(&acc, &again, sizeof(acc)))
		abort();
}

static void fuzz_decline(const u8 *data, size_t size)
{
	struct smc_clc_decline decl, again;
	enum smc_clc_check why;
	u8 buf[SMC_CLC_MAX_LEN];
	int rc;

	rc = smc_clc_decline_decode(data, size, &decl, &why);
	if (!rc == !!why)
		abort();
	if (rc)
		return;
	rc = smc_clc_decline_encode(&decl, buf, sizeof(buf));
	if (rc < 0 || smc_clc_decline_decode(buf, rc, &again, &why) ||
	    memcmp(&decl, &again, sizeof(decl)))
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	enum smc_clc_check why;
	struct smc_clc_hdr hdr;

	if (smc_clc_hdr_decode(data, size, &hdr, &why))
		hdr.length = 0;
	/* as a receiver does: the tail of a long message is not kept */
	if (hdr.length > SMC_CLC_MAX_LEN && size > SMC_CLC_MAX_LEN)
		size = SMC_CLC_MAX_LEN;
	fuzz_proposal(data, size);
	fuzz_accept(data, size);
	fuzz_decline(data, size);
	return 0;
}
