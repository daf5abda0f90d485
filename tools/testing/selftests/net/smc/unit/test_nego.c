// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of nego.c.
 */
#include "ktap.h"
#include "nego.h"

static const struct smc_nego_own both = {
	.versions = SMC_NEGO_V1 | SMC_NEGO_V2,
	.max_conns = 200,
	.max_links = 2,
	.features = 0x0006,
};

/* a Proposal of Linux 6.12 with both versions */
static struct smc_clc_proposal offer(u8 v1_type, u8 v2_type)
{
	struct smc_clc_proposal prop = {
		.version = SMC_CLC_V2,
		.v1_type = v1_type,
		.v2_type = v2_type,
		.has_v2_ext = v2_type != SMC_CLC_OFFER_N,
		.release = SMC_RELEASE_2_1,
		.nr_eids = 1,
		.max_conns = 255,
		.max_links = 2,
		.feature_mask = 0x0005,
	};

	return prop;
}

TEST(smc_nego_proposal__versions)
{
	static const struct {
		u8 version, v1, v2, own;
		u8 want;
		u32 diag;
	} cases[] = {
		{ 2, SMC_CLC_OFFER_R, SMC_CLC_OFFER_R, 3, 3, 0 },
		{ 2, SMC_CLC_OFFER_B, SMC_CLC_OFFER_B, 3, 3, 0 },
		{ 2, SMC_CLC_OFFER_N, SMC_CLC_OFFER_R, 3, 2, 0 },
		{ 2, SMC_CLC_OFFER_R, SMC_CLC_OFFER_N, 3, 1, 0 },
		{ 2, SMC_CLC_OFFER_D, SMC_CLC_OFFER_R, 3, 2, 0 },
		{ 2, SMC_CLC_OFFER_R, SMC_CLC_OFFER_D, 3, 1, 0 },
		{ 1, SMC_CLC_OFFER_R, SMC_CLC_OFFER_N, 3, 1, 0 },
		/* in a header of version 1 these bits mean nothing */
		{ 1, SMC_CLC_OFFER_R, SMC_CLC_OFFER_R, 3, 1, 0 },
		{ 2, SMC_CLC_OFFER_R, SMC_CLC_OFFER_R, 1, 1, 0 },
		{ 2, SMC_CLC_OFFER_R, SMC_CLC_OFFER_R, 2, 2, 0 },
		{ 2, SMC_CLC_OFFER_R, SMC_CLC_OFFER_R, 0, 0, 0x03030002 },
		{ 2, SMC_CLC_OFFER_R, SMC_CLC_OFFER_N, 2, 0, 0x03030002 },
		{ 2, SMC_CLC_OFFER_N, SMC_CLC_OFFER_R, 1, 0, 0x03030002 },
		{ 2, SMC_CLC_OFFER_D, SMC_CLC_OFFER_N, 3, 0, 0x03030001 },
		{ 2, SMC_CLC_OFFER_D, SMC_CLC_OFFER_D, 3, 0, 0x03030001 },
		{ 2, SMC_CLC_OFFER_N, SMC_CLC_OFFER_D, 3, 0, 0x03030003 },
	};
	struct smc_clc_proposal prop;
	struct smc_nego_own own = both;
	struct smc_nego nego;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		prop = offer(cases[i].v1, cases[i].v2);
		prop.version = cases[i].version;
		own.versions = cases[i].own;
		EXPECT_EQ(smc_nego_proposal(&prop, &own, &nego),
			  cases[i].diag);
		EXPECT_EQ(nego.versions, cases[i].want);
	}
}

TEST(smc_nego_proposal__no_extension)
{
	struct smc_clc_proposal prop = offer(SMC_CLC_OFFER_R, SMC_CLC_OFFER_R);
	struct smc_nego nego;

	prop.has_v2_ext = false;
	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego), 0);
	EXPECT_EQ(nego.versions, SMC_NEGO_V1);
	EXPECT_EQ(nego.reason, SMC_CLC_DECL_NO_V2_EXT);
	prop.v1_type = SMC_CLC_OFFER_N;
	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego),
		  SMC_CLC_DECL_NO_V2_EXT);
}

TEST(smc_nego_proposal__no_eid)
{
	struct smc_clc_proposal prop = offer(SMC_CLC_OFFER_R, SMC_CLC_OFFER_R);
	struct smc_nego nego;

	prop.nr_eids = 0;
	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego), 0);
	EXPECT_EQ(nego.versions, SMC_NEGO_V1);
	EXPECT_EQ(nego.reason, SMC_CLC_DECL_NO_UEID);
	/* the limits of v2 mean nothing then */
	prop.max_conns = 0;
	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego), 0);
	EXPECT_EQ(nego.max_conns, 200);
}

TEST(smc_nego_proposal__limits)
{
	struct smc_clc_proposal prop = offer(SMC_CLC_OFFER_N, SMC_CLC_OFFER_R);
	struct smc_nego nego;

	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego), 0);
	EXPECT_EQ(nego.release, SMC_RELEASE_2_1);
	EXPECT_EQ(nego.max_conns, 200);
	EXPECT_EQ(nego.max_links, 2);
	EXPECT_EQ(nego.features, 0x0004);
	prop.max_conns = 16;
	prop.max_links = 1;
	prop.release = 15;
	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego), 0);
	EXPECT_EQ(nego.release, SMC_RELEASE_2_1);
	EXPECT_EQ(nego.max_conns, 16);
	EXPECT_EQ(nego.max_links, 1);
	/* these decline it all, even if v1 is offered */
	prop.v1_type = SMC_CLC_OFFER_R;
	prop.max_conns = 15;
	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego),
		  SMC_CLC_DECL_MAX_CONNS);
	prop.max_conns = 16;
	prop.max_links = 0;
	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego),
		  SMC_CLC_DECL_MAX_LINKS);
	prop.release = SMC_RELEASE_2_0;
	EXPECT_EQ(smc_nego_proposal(&prop, &both, &nego), 0);
	EXPECT_EQ(nego.release, SMC_RELEASE_2_0);
	EXPECT_EQ(nego.max_conns, 200);
	EXPECT_EQ(nego.max_links, 0);
	EXPECT_EQ(nego.features, 0);
}

TEST(smc_nego_rule_out__first_reason)
{
	struct smc_clc_proposal prop = offer(SMC_CLC_OFFER_R, SMC_CLC_OFFER_R);
	struct smc_nego nego;

	smc_nego_proposal(&prop, &both, &nego);
	EXPECT_EQ(nego.reason, SMC_CLC_DECL_NONE);
	smc_nego_rule_out(&nego, SMC_CLC_V2, SMC_CLC_DECL_NO_UEID);
	EXPECT(!smc_nego_has(&nego, SMC_CLC_V2));
	EXPECT(smc_nego_has(&nego, SMC_CLC_V1));
	smc_nego_rule_out(&nego, SMC_CLC_V1, SMC_CLC_DECL_PREFIX);
	EXPECT_EQ(nego.versions, 0);
	EXPECT_EQ(nego.reason, SMC_CLC_DECL_NO_UEID);
	EXPECT(!smc_nego_has(&nego, 0));
	EXPECT(!smc_nego_has(&nego, 3));
}

TEST(smc_nego_accept__checks)
{
	struct smc_clc_fce fce = {
		.direct = true,
		.release = SMC_RELEASE_2_1,
		.max_conns = 100,
		.max_links = 1,
		.feature_mask = 0xffff,
	};
	struct smc_nego nego = { .versions = SMC_NEGO_V2 };

	EXPECT_EQ(smc_nego_accept(&fce, &both, &nego), 0);
	EXPECT_EQ(nego.versions, SMC_NEGO_V2);
	EXPECT_EQ(nego.release, SMC_RELEASE_2_1);
	EXPECT_EQ(nego.max_conns, 100);
	EXPECT_EQ(nego.max_links, 1);
	EXPECT_EQ(nego.features, 0x0006);
	fce.max_conns = 15;
	EXPECT_EQ(smc_nego_accept(&fce, &both, &nego), SMC_CLC_DECL_MAX_CONNS);
	fce.max_conns = 255;
	fce.max_links = 3;
	EXPECT_EQ(smc_nego_accept(&fce, &both, &nego), SMC_CLC_DECL_MAX_LINKS);
	fce.max_links = 0;
	EXPECT_EQ(smc_nego_accept(&fce, &both, &nego), SMC_CLC_DECL_MAX_LINKS);
	fce.release = 2;
	EXPECT_EQ(smc_nego_accept(&fce, &both, &nego), SMC_CLC_DECL_RELEASE);
	fce.release = SMC_RELEASE_2_0;
	EXPECT_EQ(smc_nego_accept(&fce, &both, &nego), 0);
	EXPECT_EQ(nego.max_conns, SMC_NEGO_MAX_CONNS);
	EXPECT_EQ(nego.max_links, 0);
	EXPECT_EQ(nego.features, 0);
	fce.direct = false;
	EXPECT_EQ(smc_nego_accept(&fce, &both, &nego), SMC_CLC_DECL_INDIRECT);
}

TEST(smc_nego_confirm__must_be_equal)
{
	struct smc_clc_fce fce = {
		.release = SMC_RELEASE_2_1, .max_conns = 200, .max_links = 2,
	};
	struct smc_nego nego = {
		.release = SMC_RELEASE_2_1, .max_conns = 200, .max_links = 2,
	};

	EXPECT_EQ(smc_nego_confirm(&fce, &nego), 0);
	fce.max_conns = 199;
	EXPECT_EQ(smc_nego_confirm(&fce, &nego), SMC_CLC_DECL_MAX_CONNS);
	fce.max_conns = 200;
	fce.max_links = 1;
	EXPECT_EQ(smc_nego_confirm(&fce, &nego), SMC_CLC_DECL_MAX_LINKS);
	fce.release = SMC_RELEASE_2_0;
	EXPECT_EQ(smc_nego_confirm(&fce, &nego), SMC_CLC_DECL_RELEASE);
	nego.release = SMC_RELEASE_2_0;
	EXPECT_EQ(smc_nego_confirm(&fce, &nego), 0);
}

TEST(smc_nego_prefix4__length_and_subnet)
{
	struct smc_clc_proposal prop = {
		.ipv4_subnet = 0x0a000000, .ipv4_prefix_len = 24,
	};

	EXPECT(smc_nego_prefix4(&prop, 0x0a000002, 24));
	EXPECT(!smc_nego_prefix4(&prop, 0x0a000002, 25));
	EXPECT(!smc_nego_prefix4(&prop, 0x0a000002, 23));
	EXPECT(!smc_nego_prefix4(&prop, 0x0a000102, 24));
	EXPECT_EQ(smc_nego_mask4(0xffffffff, 0), 0);
	EXPECT_EQ(smc_nego_mask4(0xffffffff, 1), 0x80000000);
	EXPECT_EQ(smc_nego_mask4(0xffffffff, 31), 0xfffffffe);
	EXPECT_EQ(smc_nego_mask4(0xffffffff, 32), 0xffffffff);
}

TEST(smc_nego_prefix6__any_of_them)
{
	struct smc_clc_proposal prop = { .nr_ipv6 = 2 };
	u8 addr[16];

	hex("fd01 00*14", prop.ipv6[0].addr, 16);
	prop.ipv6[0].len = 64;
	hex("fd02 00*5 80 00*8", prop.ipv6[1].addr, 16);
	prop.ipv6[1].len = 57;
	hex("fd01 00*13 05", addr, 16);
	EXPECT(smc_nego_prefix6(&prop, addr, 64));
	EXPECT(!smc_nego_prefix6(&prop, addr, 63));
	hex("fd02 00*5 ff 00*7 05", addr, 16);
	EXPECT(smc_nego_prefix6(&prop, addr, 57));
	hex("fd02 00*5 7f 00*7 05", addr, 16);
	EXPECT(!smc_nego_prefix6(&prop, addr, 57));
	prop.nr_ipv6 = 1;
	hex("fd02 00*5 ff 00*7 05", addr, 16);
	EXPECT(!smc_nego_prefix6(&prop, addr, 57));
}

TEST(smc_nego_mask6__all_lengths)
{
	unsigned int len, bit;
	u8 addr[16];

	for (len = 0; len <= 128; len++) {
		memset(addr, 0xff, sizeof(addr));
		smc_nego_mask6(addr, len);
		for (bit = 0; bit < 128; bit++)
			EXPECT_EQ(addr[bit / 8] >> (7 - bit % 8) & 1,
				  bit < len);
	}
}
