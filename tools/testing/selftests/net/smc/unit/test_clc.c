// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of clc_wire.c: headers, all messages alike, names.
 */
#include "clc_test.h"

size_t clc_load(const char *name, u8 *buf)
{
	return hex(golden_text(golden.clc, name), buf, MAX_MSG);
}

int clc_decode_any(const u8 *buf, size_t len, enum smc_clc_check *why)
{
	struct smc_clc_proposal prop;
	struct smc_clc_decline decl;
	struct smc_clc_accept acc;
	unsigned int i;
	int rc;

	switch (len > 4 ? buf[4] : 0) {
	case SMC_CLC_PROPOSAL:
		rc = smc_clc_proposal_decode(buf, len, &prop, why);
		if (rc)
			break;
		EXPECT(prop.nr_ipv6 <= SMC_CLC_MAX_PREFIXES);
		EXPECT(prop.nr_eids <= SMC_CLC_MAX_EIDS);
		EXPECT(prop.nr_ism_gids <= SMC_CLC_MAX_ISM_GIDS);
		EXPECT(prop.ipv4_prefix_len <= 32);
		for (i = 0; i < prop.nr_ipv6; i++)
			EXPECT(prop.ipv6[i].len <= 128);
		break;
	case SMC_CLC_DECLINE:
		rc = smc_clc_decline_decode(buf, len, &decl, why);
		break;
	default:
		rc = smc_clc_accept_decode(buf, len, &acc, why);
		if (rc)
			break;
		EXPECT(acc.nr_gids <= SMC_CLC_MAX_GIDS);
		EXPECT(acc.rmbe_idx > 0);
		EXPECT(acc.rmbe_size_c <= 15);
		EXPECT_EQ(acc.tech, SMC_CLC_TECH_R);
		break;
	}
	EXPECT_EQ(!rc, *why == SMC_CLC_OK);
	return rc;
}

void clc_expect_refusals(const struct refusal *r, unsigned int nr)
{
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	unsigned int i;
	size_t len;
	u8 *copy;
	int rc;

	for (i = 0; i < nr; i++, r++) {
		len = clc_load(r->name, buf);
		hex(r->bytes, buf + r->off, sizeof(buf) - r->off);
		copy = exact(buf, len);
		rc = clc_decode_any(copy, len, &why);
		free(copy);
		if (rc != r->rc || why != r->why)
			test_fail("%s at %u <- %s: %d %s, want %d %s", r->name,
				  r->off, r->bytes, rc,
				  smc_clc_check_name(why), r->rc,
				  smc_clc_check_name(r->why));
	}
}

/* headers */

TEST(smc_clc_hdr_decode__table)
{
	static const struct {
		const char *text;
		struct smc_clc_hdr hdr;
	} cases[] = {
		{ EYE_R "01 005c 20", { SMC_CLC_PROPOSAL, 92, 2, false, false,
		  false, SMC_CLC_OFFER_R, SMC_CLC_OFFER_R, 0 } },
		{ EYE_R "01 005c 28", { SMC_CLC_PROPOSAL, 92, 2, false, false,
		  false, SMC_CLC_OFFER_R, SMC_CLC_OFFER_N, 0 } },
		{ EYE_R "01 009c 22", { SMC_CLC_PROPOSAL, 156, 2, false, false,
		  false, SMC_CLC_OFFER_N, SMC_CLC_OFFER_R, 0 } },
		{ EYE_R "01 009c 27", { SMC_CLC_PROPOSAL, 156, 2, false, false,
		  false, SMC_CLC_OFFER_B, SMC_CLC_OFFER_D, 0 } },
		{ EYE_D "01 005c 11", { SMC_CLC_PROPOSAL, 92, 1, true, false,
		  false, SMC_CLC_OFFER_D, SMC_CLC_OFFER_N, 0 } },
		{ EYE_R "01 0034 10", { SMC_CLC_PROPOSAL, 52, 1, false, false,
		  false, SMC_CLC_OFFER_R, SMC_CLC_OFFER_N, 0 } },
		{ EYE_R "01 0034 f0", { SMC_CLC_PROPOSAL, 52, 15, false, false,
		  false, SMC_CLC_OFFER_R, SMC_CLC_OFFER_R, 0 } },
		{ EYE_R "02 0044 18", { SMC_CLC_ACCEPT, 68, 1, false, true,
		  false, SMC_CLC_OFFER_N, SMC_CLC_OFFER_N, 0 } },
		{ EYE_R "02 006c 20", { SMC_CLC_ACCEPT, 108, 2, false, false,
		  false, SMC_CLC_OFFER_N, SMC_CLC_OFFER_N, 0 } },
		{ EYE_D "02 0030 11", { SMC_CLC_ACCEPT, 48, 1, true, false,
		  false, SMC_CLC_OFFER_N, SMC_CLC_OFFER_N, 1 } },
		{ EYE_R "03 ffff 28", { SMC_CLC_CONFIRM, 65535, 2, false, true,
		  false, SMC_CLC_OFFER_N, SMC_CLC_OFFER_N, 0 } },
		{ EYE_R "04 001c 10", { SMC_CLC_DECLINE, 28, 1, false, false,
		  false, SMC_CLC_OFFER_N, SMC_CLC_OFFER_N, 0 } },
		{ EYE_R "04 002c 28", { SMC_CLC_DECLINE, 44, 2, false, false,
		  true, SMC_CLC_OFFER_N, SMC_CLC_OFFER_N, 0 } },
	};
	const struct smc_clc_hdr *want;
	enum smc_clc_check why;
	struct smc_clc_hdr hdr;
	u8 buf[MAX_MSG];
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		len = hex(cases[i].text, buf, sizeof(buf));
		memset(&hdr, 0xff, sizeof(hdr));
		EXPECT_EQ(len, SMC_CLC_HDR_LEN);
		EXPECT_EQ(smc_clc_hdr_decode(buf, len, &hdr, &why), 0);
		EXPECT_EQ(why, SMC_CLC_OK);
		want = &cases[i].hdr;
		EXPECT_EQ(hdr.type, want->type);
		EXPECT_EQ(hdr.length, want->length);
		EXPECT_EQ(hdr.version, want->version);
		EXPECT_EQ(hdr.smcd_eyecatcher, want->smcd_eyecatcher);
		EXPECT_EQ(hdr.first_contact, want->first_contact);
		EXPECT_EQ(hdr.out_of_sync, want->out_of_sync);
		EXPECT_EQ(hdr.v1_type, want->v1_type);
		EXPECT_EQ(hdr.v2_type, want->v2_type);
		EXPECT_EQ(hdr.tech, want->tech);
	}
}

TEST(smc_clc_hdr_decode__refused)
{
	static const struct {
		const char *text;
		int rc;
		enum smc_clc_check why;
	} cases[] = {
		{ "", -EBADMSG, SMC_CLC_BAD_SHORT },
		{ EYE_R "01 005c", -EBADMSG, SMC_CLC_BAD_SHORT },
		{ "e2d4c3d8 01 005c 20", -EBADMSG, SMC_CLC_BAD_EYECATCHER },
		{ "00*4 01 005c 20", -EBADMSG, SMC_CLC_BAD_EYECATCHER },
		{ EYE_R "00 005c 20", -EPROTO, SMC_CLC_BAD_TYPE },
		{ EYE_R "05 005c 20", -EPROTO, SMC_CLC_BAD_TYPE },
		{ EYE_R "ff 005c 20", -EPROTO, SMC_CLC_BAD_TYPE },
		{ EYE_R "01 005c 00", -EPROTO, SMC_CLC_BAD_VERSION },
		{ EYE_R "04 005c 08", -EPROTO, SMC_CLC_BAD_VERSION },
		{ EYE_R "01 0000 20", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ EYE_R "01 0033 10", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ EYE_R "02 0043 10", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ EYE_R "02 006b 20", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ EYE_R "03 0043 18", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ EYE_D "02 002f 11", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ EYE_R "04 001b 10", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ EYE_R "04 002b 20", -EBADMSG, SMC_CLC_BAD_LENGTH },
	};
	enum smc_clc_check why;
	struct smc_clc_hdr hdr, before;
	u8 buf[MAX_MSG];
	unsigned int i;
	size_t len;
	u8 *copy;

	memset(&before, 0x5a, sizeof(before));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		hdr = before;
		len = hex(cases[i].text, buf, sizeof(buf));
		copy = exact(buf, len);
		EXPECT_EQ(smc_clc_hdr_decode(copy, len, &hdr, &why),
			  cases[i].rc);
		EXPECT_EQ(why, cases[i].why);
		EXPECT(!memcmp(&hdr, &before, sizeof(hdr)));
		free(copy);
	}
}

/* all messages */

TEST(smc_clc_decode__every_truncation)
{
	enum smc_clc_check why;
	const struct golden *g;
	u8 buf[MAX_MSG];
	size_t len, cut;
	u8 *copy;

	for (g = golden.clc; g->name[0]; g++) {
		len = hex(g->text, buf, sizeof(buf));
		/* SMC-D is refused before its length is looked at */
		if (strstr(g->name, "smcd"))
			continue;
		for (cut = 0; cut < len; cut++) {
			copy = exact(buf, cut);
			EXPECT_EQ(clc_decode_any(copy, cut, &why), -EBADMSG);
			EXPECT_EQ(why, cut < SMC_CLC_HDR_LEN ?
				  SMC_CLC_BAD_SHORT : SMC_CLC_BAD_BUFFER);
			free(copy);
		}
	}
}

/* what was captured from Linux can be written by us, to the byte */
TEST(smc_clc_encode__stock)
{
	struct smc_clc_proposal prop;
	struct smc_clc_decline decl;
	u8 want[MAX_MSG], got[MAX_MSG];
	struct smc_clc_accept acc;
	enum smc_clc_check why;
	const struct golden *g;
	unsigned int nr = 0;
	size_t len;
	int rc;

	for (g = golden.clc; g->name[0]; g++) {
		if (strncmp(g->name, "stock_", 6))
			continue;
		nr++;
		len = hex(g->text, want, sizeof(want));
		memset(got, 0xff, sizeof(got));
		switch (want[4]) {
		case SMC_CLC_PROPOSAL:
			rc = smc_clc_proposal_decode(want, len, &prop, &why);
			EXPECT_EQ(rc, 0);
			rc = smc_clc_proposal_encode(&prop, got, sizeof(got));
			break;
		case SMC_CLC_DECLINE:
			rc = smc_clc_decline_decode(want, len, &decl, &why);
			EXPECT_EQ(rc, 0);
			rc = smc_clc_decline_encode(&decl, got, sizeof(got));
			break;
		default:
			rc = smc_clc_accept_decode(want, len, &acc, &why);
			EXPECT_EQ(rc, 0);
			rc = smc_clc_accept_encode(&acc, got, sizeof(got));
			break;
		}
		EXPECT_EQ(rc, len);
		EXPECT_BYTES(got, want, len);
	}
	EXPECT_EQ(nr, 7);
}

/* shorter, with length and trailer set to match */
TEST(smc_clc_decode__every_shorter_form)
{
	enum smc_clc_check why;
	const struct golden *g;
	u8 buf[MAX_MSG];
	size_t len, cut;
	bool may_pass;
	u8 *copy;
	int rc;

	for (g = golden.clc; g->name[0]; g++) {
		len = hex(g->text, buf, sizeof(buf));
		if (strstr(g->name, "smcd"))
			continue;
		/* the trailer must not fall on the header */
		for (cut = 12; cut < len; cut++) {
			hex(g->text, buf, sizeof(buf));
			set_length(buf, cut);
			hex(EYE_R, buf + cut - 4, 4);
			copy = exact(buf, cut);
			rc = clc_decode_any(copy, cut, &why);
			free(copy);
			/* v2 first contact: short FCE, no or no whole list */
			may_pass = (buf[4] == SMC_CLC_ACCEPT ||
				    buf[4] == SMC_CLC_CONFIRM) &&
				   buf[7] == 0x28 && cut >= 144 && cut < 164;
			if (rc == (may_pass ? 0 : -EBADMSG))
				continue;
			test_fail("%s cut to %zu: %d %s",
				  g->name, cut, rc, smc_clc_check_name(why));
		}
	}
}

TEST(smc_clc_decode__every_bit_flip)
{
	unsigned int bit, nr_bad, nr_good;
	enum smc_clc_check why;
	const struct golden *g;
	u8 buf[MAX_MSG];
	size_t len;
	u8 *copy;

	for (g = golden.clc; g->name[0]; g++) {
		len = hex(g->text, buf, sizeof(buf));
		if (strstr(g->name, "smcd"))
			continue;
		nr_bad = 0;
		nr_good = 0;
		for (bit = 0; bit < len * 8; bit++) {
			copy = exact(buf, len);
			copy[bit / 8] ^= 1 << bit % 8;
			if (clc_decode_any(copy, len, &why))
				nr_bad++;
			else
				nr_good++;
			free(copy);
		}
		/* eye catcher, length, and type but for Accept and Confirm */
		EXPECT(nr_bad >= 32 + 16 + 7);
		EXPECT(nr_good >= 8 * 8);
	}
}

TEST(smc_clc_decode__random_bytes)
{
	unsigned int i, j, nr = 0, nr_good = 0;
	enum smc_clc_check why;
	const struct golden *g;
	u8 buf[MAX_MSG];
	size_t len;
	u8 *copy;

	while (golden.clc[nr].name[0])
		nr++;
	for (i = 0; i < 20000; i++) {
		g = &golden.clc[rnd() % nr];
		len = hex(g->text, buf, sizeof(buf));
		copy = exact(buf, len);
		for (j = rnd() % 4; j; j--)
			copy[7 + rnd() % (len - 7)] = rnd();
		if (!clc_decode_any(copy, len, &why))
			nr_good++;
		free(copy);
	}
	EXPECT(nr_good > 1000);
}

/* names */

TEST(smc_clc_names__all)
{
	unsigned int i, j;

	for (i = 0; i < SMC_CLC_NR_CHECKS; i++)
		for (j = 0; j < i; j++)
			EXPECT(strcmp(smc_clc_check_name(i),
				      smc_clc_check_name(j)));
	EXPECT_STR(smc_clc_check_name(SMC_CLC_OK), "ok");
	EXPECT_STR(smc_clc_check_name(SMC_CLC_BAD_NR_GIDS), "nr_gids");
	EXPECT_STR(smc_clc_check_name(SMC_CLC_NR_CHECKS), "unknown");
	EXPECT_STR(smc_clc_type_name(0), "unknown");
	EXPECT_STR(smc_clc_type_name(SMC_CLC_PROPOSAL), "Proposal");
	EXPECT_STR(smc_clc_type_name(SMC_CLC_DECLINE), "Decline");
	EXPECT_STR(smc_clc_type_name(5), "unknown");
}

TEST(smc_clc_diag_name__all)
{
	static const struct {
		u32 diag;
		const char *name;
	} want[] = {
		{ 0x00000000, "none" },
		{ 0x01010000, "no_memory" },
		{ 0x02010000, "confirm_link_timeout" },
		{ 0x02020000, "add_link_timeout" },
		{ 0x03000000, "config" },
		{ 0x03010000, "peer_no_smc" },
		{ 0x03020000, "ipsec" },
		{ 0x03030000, "no_device" },
		{ 0x03030001, "no_smcd_device" },
		{ 0x03030002, "no_smcr_device" },
		{ 0x03030003, "no_ism_v2" },
		{ 0x03030004, "no_v2_ext" },
		{ 0x03030005, "no_smcd_v2_ext" },
		{ 0x03030006, "no_seid" },
		{ 0x03030007, "no_smcd_v2_device" },
		{ 0x03030008, "no_ueid" },
		{ 0x03030009, "release" },
		{ 0x0303000a, "max_conns" },
		{ 0x0303000b, "max_links" },
		{ 0x03040000, "mode" },
		{ 0x03050000, "rmbe_eyecatcher" },
		{ 0x03060000, "fastopen" },
		{ 0x03070000, "prefix" },
		{ 0x03080000, "vlan" },
		{ 0x03090000, "ism_vlan" },
		{ 0x030a0000, "no_active_link" },
		{ 0x030b0000, "link_not_found" },
		{ 0x030c0000, "version" },
		{ 0x030d0000, "dmb_limit" },
		{ 0x030e0000, "no_route" },
		{ 0x030f0000, "indirect" },
		{ 0x04000000, "sync" },
		{ 0x05000000, "peer_declined" },
		{ 0x09990000, "internal" },
		{ 0x09990001, "rtoken" },
		{ 0x09990002, "qp_ready" },
		{ 0x09990003, "rmb_reg" },
		{ 0x03030100, "unknown" },
		{ 0xffffffff, "unknown" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(want); i++)
		EXPECT_STR(smc_clc_diag_name(want[i].diag), want[i].name);
}
