// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of clc_wire.c.
 */
#include "clc_wire.h"
#include "ktap.h"

#define EYE_R		" e2d4c3d9 "
#define EYE_D		" e2d4c3c4 "
#define EID		" 4d59454944 20*27 "
#define HOSTNAME	" 286e6f6e6529 20*26 "
#define GID4(last)	" 00*10 ffff 0a0000" last " "

/* from offset 8 to 64 of Accept and Confirm */

static size_t load(const char *name, u8 *buf)
{
	return hex(golden_text(golden.clc, name), buf, MAX_MSG);
}

static void set_length(u8 *buf, size_t len)
{
	smc_put_be16(buf + 5, len);
}

/* the decode function that fits the type byte */
static int decode_any(const u8 *buf, size_t len, enum smc_clc_check *why)
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

static void expect_prop(const char *name, struct smc_clc_proposal *prop)
{
	enum smc_clc_check why = SMC_CLC_NR_CHECKS;
	u8 buf[MAX_MSG];
	size_t len = load(name, buf);
	u8 *copy = exact(buf, len);

	memset(prop, 0xff, sizeof(*prop));
	EXPECT_EQ(smc_clc_proposal_decode(copy, len, prop, &why), 0);
	EXPECT_EQ(why, SMC_CLC_OK);
	free(copy);
}

static void expect_acc(const char *name, struct smc_clc_accept *acc)
{
	enum smc_clc_check why = SMC_CLC_NR_CHECKS;
	u8 buf[MAX_MSG];
	size_t len = load(name, buf);
	u8 *copy = exact(buf, len);

	memset(acc, 0xff, sizeof(*acc));
	EXPECT_EQ(smc_clc_accept_decode(copy, len, acc, &why), 0);
	EXPECT_EQ(why, SMC_CLC_OK);
	free(copy);
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

/* Proposals */

TEST(smc_clc_proposal_decode__rfc_ipv4)
{
	struct smc_clc_proposal prop;

	expect_prop("hw_prop_r_ipv4", &prop);
	EXPECT_EQ(prop.version, 1);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_R);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_N);
	EXPECT_HEX(prop.peer_id, "b1a098039babcdef");
	EXPECT_HEX(prop.gid_v1, "fe800000000000009a039bfffeabcdef");
	EXPECT_HEX(prop.mac, "98039babcdef");
	EXPECT(!prop.has_subarea);
	EXPECT_EQ(prop.ipv4_subnet, 0x7f000000);
	EXPECT_EQ(prop.ipv4_prefix_len, 8);
	EXPECT_EQ(prop.nr_ipv6, 0);
	EXPECT(!prop.has_v2_ext);
	EXPECT_EQ(prop.nr_eids, 0);
}

TEST(smc_clc_proposal_decode__rfc_ipv6)
{
	struct smc_clc_proposal prop;

	expect_prop("hw_prop_r_ipv6", &prop);
	EXPECT_EQ(prop.version, 1);
	EXPECT(!prop.has_subarea);
	EXPECT_EQ(prop.ipv4_subnet, 0);
	EXPECT_EQ(prop.ipv4_prefix_len, 0);
	EXPECT_EQ(prop.nr_ipv6, 1);
	EXPECT_HEX(prop.ipv6[0].addr, "00*15 01");
	EXPECT_EQ(prop.ipv6[0].len, 128);
}

TEST(smc_clc_proposal_decode__smcd)
{
	struct smc_clc_proposal prop;

	expect_prop("hw_prop_d_ipv4", &prop);
	EXPECT_EQ(prop.version, 1);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_D);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_N);
	EXPECT(!smc_clc_offers_r(prop.v1_type));
	EXPECT(prop.has_subarea);
	EXPECT(prop.ism_gid == 0x0123456789abcdefull);
	EXPECT_EQ(prop.ipv4_subnet, 0x7f000000);
	EXPECT_EQ(prop.ipv4_prefix_len, 8);
}

TEST(smc_clc_proposal_decode__both)
{
	struct smc_clc_proposal prop;

	expect_prop("hw_prop_b_ipv4", &prop);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_B);
	EXPECT(smc_clc_offers_r(prop.v1_type));
	EXPECT(smc_clc_offers_d(prop.v1_type));
	EXPECT(prop.ism_gid == 0x0123456789abcdefull);
	EXPECT_EQ(prop.ipv4_prefix_len, 8);

	expect_prop("hw_prop_b_ipv6", &prop);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_B);
	EXPECT_EQ(prop.nr_ipv6, 1);
	EXPECT_HEX(prop.ipv6[0].addr, "00*15 01");
}

TEST(smc_clc_proposal_decode__v2_only)
{
	struct smc_clc_proposal prop;

	expect_prop("trace_prop_v2", &prop);
	EXPECT_EQ(prop.version, 2);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_N);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_R);
	EXPECT_HEX(prop.peer_id, "00*8");
	EXPECT(prop.has_subarea);
	EXPECT(prop.has_v2_ext);
	EXPECT_EQ(prop.release, 1);
	EXPECT(!prop.seid_flag);
	EXPECT_EQ(prop.nr_eids, 1);
	EXPECT_HEX(prop.eids[0], EID);
	EXPECT_HEX(prop.gid_v2, GID4("02"));
	EXPECT_EQ(prop.max_conns, 255);
	EXPECT_EQ(prop.max_links, 2);
	EXPECT_EQ(prop.feature_mask, 1);
	EXPECT(!prop.has_smcd_v2_ext);
	EXPECT_EQ(prop.nr_ipv6, 0);
	EXPECT_EQ(prop.ipv4_prefix_len, 0);
}

TEST(smc_clc_proposal_decode__v1_and_v2)
{
	struct smc_clc_proposal prop;

	expect_prop("doc_prop_v1_v2", &prop);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_R);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_R);
	EXPECT_EQ(prop.ipv4_subnet, 0x0a000000);
	EXPECT_EQ(prop.ipv4_prefix_len, 24);
	EXPECT(prop.has_v2_ext);
	EXPECT_HEX(prop.eids[0], EID);
}

TEST(smc_clc_proposal_decode__longest)
{
	struct smc_clc_proposal prop;
	unsigned int i;

	expect_prop("doc_prop_longest", &prop);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_B);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_B);
	EXPECT(prop.ism_gid == 0x1122334455667788ull);
	EXPECT_EQ(prop.ism_chid, 0x8765);
	EXPECT_HEX(prop.vendor_oui, "a1a2a3");
	EXPECT_HEX(prop.vendor_opts, "b1b2b3b4b5");
	EXPECT_EQ(prop.nr_ipv6, 8);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(prop.ipv6[i].addr[0], 0x11 * (i + 1));
		EXPECT_EQ(prop.ipv6[i].addr[15], 0x11 * (i + 1));
		EXPECT_EQ(prop.ipv6[i].len, i == 7 ? 128 : i + 1);
	}
	EXPECT_EQ(prop.nr_eids, 8);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(prop.eids[i][0], 'A' + i);
		EXPECT_EQ(prop.eids[i][31], 'A' + i);
	}
	EXPECT_EQ(prop.release, 1);
	EXPECT(prop.seid_flag);
	EXPECT_EQ(prop.max_conns, 16);
	EXPECT_EQ(prop.max_links, 1);
	EXPECT_EQ(prop.feature_mask, 3);
	EXPECT(prop.has_smcd_v2_ext);
	EXPECT_EQ(prop.nr_ism_gids, 8);
	EXPECT_HEX(prop.seid, "53*32");
}

TEST(smc_clc_proposal_decode__v2_smcd)
{
	struct smc_clc_proposal prop;

	expect_prop("doc_prop_v2_d", &prop);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_N);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_D);
	EXPECT(!smc_clc_offers_r(prop.v2_type));
	EXPECT_EQ(prop.nr_eids, 1);
	EXPECT_HEX(prop.eids[0], EID);
	EXPECT(prop.has_smcd_v2_ext);
	EXPECT_EQ(prop.nr_ism_gids, 1);
	EXPECT_HEX(prop.seid, "53*32");
}

/* @off goes into a message with one EID and one ISM GID: 64 is right */
static bool has_smcd_v2_ext(u16 off)
{
	struct smc_clc_proposal prop;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("doc_prop_v2_d", buf);
	u8 *copy;

	smc_put_be16(buf + 86, off);
	copy = exact(buf, len);
	EXPECT_EQ(smc_clc_proposal_decode(copy, len, &prop, &why), 0);
	free(copy);
	EXPECT_EQ(prop.nr_ism_gids, prop.has_smcd_v2_ext);
	EXPECT(prop.has_smcd_v2_ext || !prop.seid[0]);
	return prop.has_smcd_v2_ext;
}

TEST(smc_clc_proposal_decode__smcd_v2_offset)
{
	EXPECT(!has_smcd_v2_ext(0));
	EXPECT(has_smcd_v2_ext(32));
	EXPECT(has_smcd_v2_ext(64));
	EXPECT(!has_smcd_v2_ext(65));
	EXPECT(!has_smcd_v2_ext(74));
	EXPECT(!has_smcd_v2_ext(124));
	EXPECT(!has_smcd_v2_ext(288));
	EXPECT(!has_smcd_v2_ext(289));
}

TEST(smc_clc_proposal_decode__bad_smcd_v2_offset_is_absent)
{
	static const u16 offsets[] = { 0, 289, 0x8000, 0xffff, 0x0121, 0x0130 };
	struct smc_clc_proposal prop;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		len = load("doc_prop_longest", buf);
		/* v2 extension is at 52 + 172 */
		smc_put_be16(buf + 224 + 6, offsets[i]);
		EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), 0);
		EXPECT(prop.has_v2_ext);
		EXPECT(!prop.has_smcd_v2_ext);
		EXPECT_EQ(prop.nr_ism_gids, 0);
	}
}

/* an early Linux with SMC-D v1 knows no v2 and sends version 1 */
TEST(smc_clc_proposal_decode__v1_header_ignores_v2_bits)
{
	struct smc_clc_proposal prop;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("hw_prop_r_ipv4", buf);

	buf[7] = 0x1c;
	EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), 0);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_R);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_N);
	EXPECT(!prop.has_v2_ext);
}

TEST(smc_clc_proposal_decode__release_0_has_no_limits)
{
	struct smc_clc_proposal prop;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("trace_prop_v2", buf);

	buf[80 + 3] = 0x01;
	EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), 0);
	EXPECT_EQ(prop.release, 0);
	EXPECT(prop.seid_flag);
	EXPECT_EQ(prop.max_conns, 0);
	EXPECT_EQ(prop.max_links, 0);
	EXPECT_EQ(prop.feature_mask, 0);
}

TEST(smc_clc_proposal_decode__newer_version)
{
	struct smc_clc_proposal prop;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("doc_prop_v1_v2", buf);

	buf[7] = 0x30;
	EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), 0);
	EXPECT_EQ(prop.version, 3);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_R);
}

/* nothing offered is well-formed: it is for the server to decline */
TEST(smc_clc_proposal_decode__v2_header_offers_nothing)
{
	static const char text[] = EYE_R "01 0054 2a 00*72" EYE_R;
	struct smc_clc_proposal prop;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = hex(text, buf, sizeof(buf));

	EXPECT_EQ(len, 84);
	EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), 0);
	EXPECT_EQ(prop.v1_type, SMC_CLC_OFFER_N);
	EXPECT_EQ(prop.v2_type, SMC_CLC_OFFER_N);
	EXPECT(!prop.has_v2_ext);
}

/* Linux looks at a count there even without IP area; it is an ISM GID */
TEST(smc_clc_proposal_decode__no_ip_area_no_count)
{
	struct smc_clc_proposal prop;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("trace_prop_v2", buf);

	memset(buf + 40, 0xff, 8);
	EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), 0);
	EXPECT_EQ(prop.nr_ipv6, 0);
}

/* one byte or word of a good message changed: exactly this check fails */
struct refusal {
	const char *name;
	unsigned int off;
	const char *bytes;
	int rc;
	enum smc_clc_check why;
};

static void expect_refusals(const struct refusal *r, unsigned int nr)
{
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	unsigned int i;
	size_t len;
	u8 *copy;
	int rc;

	for (i = 0; i < nr; i++, r++) {
		len = load(r->name, buf);
		hex(r->bytes, buf + r->off, sizeof(buf) - r->off);
		copy = exact(buf, len);
		rc = decode_any(copy, len, &why);
		free(copy);
		if (rc != r->rc || why != r->why)
			test_fail("%s at %u <- %s: %d %s, want %d %s", r->name,
				  r->off, r->bytes, rc,
				  smc_clc_check_name(why), r->rc,
				  smc_clc_check_name(r->why));
	}
}

TEST(smc_clc_proposal_decode__refused)
{
	static const struct refusal refusals[] = {
		{ "hw_prop_r_ipv4", 0, "e2d4c3d8", -EBADMSG,
		  SMC_CLC_BAD_EYECATCHER },
		{ "hw_prop_r_ipv4", 48, "e2d4c3d8", -EBADMSG,
		  SMC_CLC_BAD_TRAILER },
		{ "hw_prop_r_ipv4", 5, "0035", -EBADMSG, SMC_CLC_BAD_BUFFER },
		{ "hw_prop_r_ipv4", 5, "0033", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv4", 5, "028d", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv4", 5, "ffff", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv4", 7, "00", -EPROTO, SMC_CLC_BAD_VERSION },
		{ "hw_prop_r_ipv4", 7, "12", -EPROTO, SMC_CLC_BAD_OFFER },
		/* a version 2 header must come with the subarea */
		{ "hw_prop_r_ipv4", 7, "28", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv4", 38, "0001", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv4", 38, "0028", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv4", 38, "0029", -EBADMSG,
		  SMC_CLC_BAD_IP_OFFSET },
		{ "hw_prop_r_ipv4", 38, "ffff", -EBADMSG,
		  SMC_CLC_BAD_IP_OFFSET },
		{ "hw_prop_r_ipv4", 44, "21", -EBADMSG,
		  SMC_CLC_BAD_PREFIX_LEN },
		{ "hw_prop_r_ipv4", 47, "01", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv4", 47, "08", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv4", 47, "09", -EBADMSG,
		  SMC_CLC_BAD_NR_PREFIXES },
		{ "hw_prop_r_ipv4", 47, "ff", -EBADMSG,
		  SMC_CLC_BAD_NR_PREFIXES },
		{ "hw_prop_r_ipv6", 47, "00", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_prop_r_ipv6", 64, "81", -EBADMSG,
		  SMC_CLC_BAD_PREFIX_LEN },
		{ "doc_prop_v1_ipv6", 104, "ff", -EBADMSG,
		  SMC_CLC_BAD_PREFIX_LEN },
		{ "doc_prop_v1_ipv6", 121, "ff", -EBADMSG,
		  SMC_CLC_BAD_PREFIX_LEN },
		{ "doc_prop_v1_only", 38, "0000", -EBADMSG,
		  SMC_CLC_BAD_IP_OFFSET },
		{ "doc_prop_v1_only", 38, "0027", -EBADMSG,
		  SMC_CLC_BAD_IP_OFFSET },
		/* v2 offered, but no extension */
		{ "doc_prop_v1_only", 7, "20", -EBADMSG,
		  SMC_CLC_BAD_V2_OFFSET },
		{ "trace_prop_v2", 50, "0000", -EBADMSG,
		  SMC_CLC_BAD_V2_OFFSET },
		{ "trace_prop_v2", 50, "001b", -EBADMSG,
		  SMC_CLC_BAD_V2_OFFSET },
		{ "trace_prop_v2", 50, "00ad", -EBADMSG,
		  SMC_CLC_BAD_V2_OFFSET },
		{ "trace_prop_v2", 50, "ffff", -EBADMSG,
		  SMC_CLC_BAD_V2_OFFSET },
		{ "trace_prop_v2", 50, "00ac", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "trace_prop_v2", 50, "0050", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "trace_prop_v2", 80, "02", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "trace_prop_v2", 80, "00", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "trace_prop_v2", 80, "09", -EBADMSG, SMC_CLC_BAD_NR_EIDS },
		{ "trace_prop_v2", 80, "ff", -EBADMSG, SMC_CLC_BAD_NR_EIDS },
		/* v2 D without its extension */
		{ "trace_prop_v2", 7, "26", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "doc_prop_longest", 225, "09", -EBADMSG,
		  SMC_CLC_BAD_NR_ISM_GIDS },
		{ "doc_prop_longest", 225, "07", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "doc_prop_longest", 87, "07", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "doc_prop_longest", 7, "2b", -EBADMSG, SMC_CLC_BAD_LENGTH },
	};

	expect_refusals(refusals, ARRAY_SIZE(refusals));
}

TEST(smc_clc_proposal_decode__other_type)
{
	struct smc_clc_proposal prop, before;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("hw_accept_v1", buf);

	memset(&before, 0x5a, sizeof(before));
	prop = before;
	EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), -EPROTO);
	EXPECT_EQ(why, SMC_CLC_BAD_EXPECTED);
	EXPECT(!memcmp(&prop, &before, sizeof(prop)));
}

/* Accept and Confirm */

TEST(smc_clc_accept_decode__v1)
{
	struct smc_clc_accept acc;

	expect_acc("hw_accept_v1", &acc);
	EXPECT_EQ(acc.type, SMC_CLC_ACCEPT);
	EXPECT_EQ(acc.version, 1);
	EXPECT(acc.first_contact);
	EXPECT_EQ(acc.tech, SMC_CLC_TECH_R);
	EXPECT_HEX(acc.peer_id, "b1a098039babcdef");
	EXPECT_HEX(acc.gid, "fe800000000000009a039bfffeabcdef");
	EXPECT_HEX(acc.mac, "98039babcdef");
	EXPECT_EQ(acc.qpn, 0xe4);
	EXPECT_EQ(acc.rkey, 0x157d);
	EXPECT_EQ(acc.rmbe_idx, 1);
	EXPECT_EQ(acc.token, 5);
	EXPECT_EQ(acc.rmbe_size_c, 2);
	EXPECT_EQ(acc.mtu, 3);
	EXPECT_EQ(acc.vaddr, 0xf0a60000);
	EXPECT_EQ(acc.psn, 0x72f5fe);
	EXPECT_EQ(acc.eid[0], 0);
	EXPECT_EQ(acc.nr_gids, 0);

	expect_acc("hw_confirm_v1", &acc);
	EXPECT_EQ(acc.type, SMC_CLC_CONFIRM);
	EXPECT(!acc.first_contact);
	EXPECT_EQ(acc.qpn, 0xe5);
	EXPECT_EQ(acc.rkey, 0x187f);
	EXPECT_EQ(acc.token, 6);
	EXPECT_EQ(acc.vaddr, 0xf0a40000);
	EXPECT_EQ(acc.psn, 0x0d89a4);
}

TEST(smc_clc_accept_decode__v2_first_contact)
{
	struct smc_clc_accept acc;

	expect_acc("trace_accept_v2_fc", &acc);
	EXPECT_EQ(acc.type, SMC_CLC_ACCEPT);
	EXPECT_EQ(acc.version, 2);
	EXPECT(acc.first_contact);
	EXPECT_HEX(acc.peer_id, "26ce525400000001");
	EXPECT_HEX(acc.gid, GID4("01"));
	EXPECT_HEX(acc.mac, "525400000001");
	EXPECT_EQ(acc.qpn, 0x11);
	EXPECT_EQ(acc.rkey, 0x3bd);
	EXPECT_EQ(acc.token, 1);
	EXPECT_EQ(acc.rmbe_size_c, 2);
	EXPECT_EQ(acc.mtu, 3);
	EXPECT(acc.vaddr == 0xff2b8aa203f20000ull);
	EXPECT_EQ(acc.psn, 0xd514a0);
	EXPECT_HEX(acc.eid, EID);
	EXPECT(acc.fce.direct);
	EXPECT_EQ(acc.fce.os, SMC_CLC_OS_LINUX);
	EXPECT_EQ(acc.fce.release, 1);
	EXPECT_HEX(acc.fce.hostname, HOSTNAME);
	EXPECT_EQ(acc.fce.max_conns, 255);
	EXPECT_EQ(acc.fce.max_links, 2);
	EXPECT_EQ(acc.fce.feature_mask, 1);
	EXPECT_HEX(acc.fce.vendor_opts, "00*4");
	EXPECT_EQ(acc.nr_gids, 0);
}

TEST(smc_clc_accept_decode__v2_release_0)
{
	struct smc_clc_accept acc;

	expect_acc("trace_accept_v2_fc_61", &acc);
	EXPECT(acc.fce.direct);
	EXPECT_EQ(acc.fce.release, 0);
	EXPECT_EQ(acc.fce.max_conns, 0);
	EXPECT_EQ(acc.fce.max_links, 0);
}

TEST(smc_clc_accept_decode__v2_short_fce)
{
	struct smc_clc_accept acc;

	expect_acc("doc_accept_v2_short_fce", &acc);
	EXPECT(acc.fce.direct);
	EXPECT_EQ(acc.fce.os, SMC_CLC_OS_LINUX);
	EXPECT_HEX(acc.fce.hostname, HOSTNAME);
	EXPECT_EQ(acc.fce.max_conns, 0);
	EXPECT_EQ(acc.fce.feature_mask, 0);
}

TEST(smc_clc_accept_decode__v2_subsequent_contact)
{
	struct smc_clc_accept acc;

	expect_acc("trace_accept_v2", &acc);
	EXPECT(!acc.first_contact);
	EXPECT_HEX(acc.eid, EID);
	EXPECT_EQ(acc.fce.os, 0);
	EXPECT_EQ(acc.fce.release, 0);

	expect_acc("trace_confirm_v2", &acc);
	EXPECT_EQ(acc.type, SMC_CLC_CONFIRM);
	EXPECT_EQ(acc.nr_gids, 0);
}

TEST(smc_clc_accept_decode__v2_confirm_gids)
{
	struct smc_clc_accept acc;

	expect_acc("trace_confirm_v2_fc", &acc);
	EXPECT_EQ(acc.nr_gids, 1);
	EXPECT_HEX(acc.gids[0], GID4("02"));
	EXPECT_HEX(acc.gids[1], "00*16");

	expect_acc("doc_confirm_v2_two_gids", &acc);
	EXPECT(!acc.fce.direct);
	EXPECT_HEX(acc.fce.vendor_opts, "c1c2c3c4");
	EXPECT_EQ(acc.nr_gids, 2);
	EXPECT_HEX(acc.gids[0], GID4("02"));
	EXPECT_HEX(acc.gids[1], GID4("03"));
}

/* as @name, longer by @more bytes in front of the trailer */
static size_t grow(const char *name, size_t more, u8 *buf)
{
	size_t len = load(name, buf);

	memset(buf + len - 4, 0xcc, more);
	hex(EYE_R, buf + len - 4 + more, 4);
	set_length(buf, len + more);
	return len + more;
}

TEST(smc_clc_accept_decode__v2_confirm_ten_gids)
{
	struct smc_clc_accept acc;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = grow("trace_confirm_v2_fc", 9 * 16, buf);

	buf[156] = 10;
	EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why), 0);
	EXPECT_EQ(acc.nr_gids, 8);
	EXPECT_HEX(acc.gids[0], GID4("02"));
	EXPECT_HEX(acc.gids[7], "cc*16");
	buf[156] = 11;
	EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why), -EBADMSG);
	EXPECT_EQ(why, SMC_CLC_BAD_NR_GIDS);
}

/* a later release may add to the tail of version 2 messages */
TEST(smc_clc_accept_decode__unknown_tail)
{
	static const char * const names[] = {
		"trace_accept_v2_fc", "trace_accept_v2", "trace_confirm_v2_fc",
		"trace_confirm_v2",
	};
	struct smc_clc_accept acc, want;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	unsigned int i;
	size_t len;
	u8 *copy;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		expect_acc(names[i], &want);
		len = grow(names[i], 40, buf);
		EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why), 0);
		EXPECT(!memcmp(&acc, &want, sizeof(acc)));
		buf[len - 1] ^= 1;
		EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why),
			  -EBADMSG);
		EXPECT_EQ(why, SMC_CLC_BAD_TRAILER);

		/* longer than the buffer: tail and trailer are cut off */
		len = grow(names[i], 1000, buf);
		copy = exact(buf, SMC_CLC_MAX_LEN);
		EXPECT_EQ(smc_clc_accept_decode(copy, SMC_CLC_MAX_LEN, &acc,
						&why), 0);
		EXPECT(!memcmp(&acc, &want, sizeof(acc)));
		free(copy);
		EXPECT_EQ(smc_clc_accept_decode(buf, SMC_CLC_MAX_LEN - 1, &acc,
						&why), -EBADMSG);
		EXPECT_EQ(why, SMC_CLC_BAD_BUFFER);
		EXPECT_EQ(smc_clc_accept_decode(buf, SMC_CLC_MAX_LEN + 1, &acc,
						&why), -EBADMSG);
		EXPECT_EQ(why, SMC_CLC_BAD_BUFFER);
	}
}

TEST(smc_clc_accept_decode__refused)
{
	static const struct refusal refusals[] = {
		{ "hw_accept_v1", 0, "00000000", -EBADMSG,
		  SMC_CLC_BAD_EYECATCHER },
		{ "hw_accept_v1", 64, "00000000", -EBADMSG,
		  SMC_CLC_BAD_TRAILER },
		{ "hw_accept_v1", 5, "0043", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_accept_v1", 5, "0045", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_accept_v1", 7, "08", -EPROTO, SMC_CLC_BAD_VERSION },
		{ "hw_accept_v1", 7, "28", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "hw_accept_v1", 7, "1a", -EPROTO, SMC_CLC_BAD_TECH },
		{ "hw_accept_v1", 7, "1b", -EPROTO, SMC_CLC_BAD_TECH },
		{ "hw_accept_v1", 7, "19", -EPROTONOSUPPORT,
		  SMC_CLC_BAD_SMCD },
		{ "hw_accept_v1", 45, "00", -EPROTO, SMC_CLC_BAD_RMBE_IDX },
		{ "hw_accept_v1", 50, "20", -EPROTO, SMC_CLC_BAD_MTU },
		{ "trace_accept_v2_fc", 7, "38", -EPROTO,
		  SMC_CLC_BAD_VERSION },
		{ "trace_accept_v2_fc", 7, "f8", -EPROTO,
		  SMC_CLC_BAD_VERSION },
		{ "trace_accept_v2_fc", 7, "18", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "trace_accept_v2_fc", 5, "00a1", -EBADMSG,
		  SMC_CLC_BAD_BUFFER },
		{ "trace_accept_v2_fc", 5, "009f", -EBADMSG,
		  SMC_CLC_BAD_BUFFER },
		{ "trace_accept_v2_fc", 5, "008f", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "trace_accept_v2_fc", 156, "00", -EBADMSG,
		  SMC_CLC_BAD_TRAILER },
		/* first contact without the extension */
		{ "trace_accept_v2", 7, "28", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "trace_accept_v2", 45, "00", -EPROTO,
		  SMC_CLC_BAD_RMBE_IDX },
		{ "trace_confirm_v2_fc", 156, "02", -EBADMSG,
		  SMC_CLC_BAD_NR_GIDS },
		{ "trace_confirm_v2_fc", 156, "ff", -EBADMSG,
		  SMC_CLC_BAD_NR_GIDS },
		{ "doc_accept_smcd_v1", 0, EYE_D, -EPROTONOSUPPORT,
		  SMC_CLC_BAD_SMCD },
		{ "doc_accept_smcd_v1", 5, "002f", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "doc_accept_smcd_v2", 0, EYE_D, -EPROTONOSUPPORT,
		  SMC_CLC_BAD_SMCD },
	};

	expect_refusals(refusals, ARRAY_SIZE(refusals));
}

TEST(smc_clc_accept_decode__mtu_only_on_first_contact)
{
	struct smc_clc_accept acc;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("trace_accept_v2", buf);

	buf[50] = 0xf0;
	EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why), 0);
	EXPECT_EQ(acc.mtu, 0);
	EXPECT_EQ(acc.rmbe_size_c, 15);
}

/* enough is told to decline with the right version */
TEST(smc_clc_accept_decode__smcd_tells_version)
{
	struct smc_clc_accept acc;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("doc_accept_smcd_v2", buf);

	EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why),
		  -EPROTONOSUPPORT);
	EXPECT_EQ(acc.type, SMC_CLC_ACCEPT);
	EXPECT_EQ(acc.version, 2);
	EXPECT_EQ(acc.tech, SMC_CLC_TECH_D);
	EXPECT(!acc.first_contact);
}

TEST(smc_clc_accept_decode__other_type)
{
	struct smc_clc_accept acc, before;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len;

	memset(&before, 0x5a, sizeof(before));
	acc = before;
	len = load("trace_decline_v2", buf);
	EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why), -EPROTO);
	EXPECT_EQ(why, SMC_CLC_BAD_EXPECTED);
	len = load("trace_prop_v2", buf);
	EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why), -EPROTO);
	EXPECT_EQ(why, SMC_CLC_BAD_EXPECTED);
	EXPECT(!memcmp(&acc, &before, sizeof(acc)));
}

/* Decline */

TEST(smc_clc_decline_decode__forms)
{
	struct smc_clc_decline decl;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len;

	memset(&decl, 0xff, sizeof(decl));
	len = load("hw_decline", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), 0);
	EXPECT_EQ(decl.version, 1);
	EXPECT(!decl.out_of_sync);
	EXPECT_HEX(decl.peer_id, "2525252525252500");
	EXPECT_EQ(decl.diag, SMC_CLC_DECL_NO_DEVICE);
	EXPECT_EQ(decl.os, 0);

	len = load("trace_decline_v1", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), 0);
	EXPECT_HEX(decl.peer_id, "0f9f525400000002");
	EXPECT_EQ(decl.diag, SMC_CLC_DECL_NO_DEVICE);

	len = load("trace_decline_v2", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), 0);
	EXPECT_EQ(decl.version, 2);
	EXPECT_EQ(decl.diag, SMC_CLC_DECL_NO_SMCR_DEVICE);
	EXPECT_EQ(decl.os, SMC_CLC_OS_LINUX);

	buf[7] = 0x28;
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), 0);
	EXPECT(decl.out_of_sync);
}

TEST(smc_clc_decline_decode__trailer_not_checked)
{
	struct smc_clc_decline decl;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = load("trace_decline_v2", buf);

	memset(buf + len - 4, 0, 4);
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), 0);
	EXPECT_EQ(why, SMC_CLC_OK);
}

TEST(smc_clc_decline_decode__refused)
{
	static const struct refusal refusals[] = {
		{ "trace_decline_v1", 0, "ff", -EBADMSG,
		  SMC_CLC_BAD_EYECATCHER },
		{ "trace_decline_v1", 7, "00", -EPROTO, SMC_CLC_BAD_VERSION },
		{ "trace_decline_v1", 7, "20", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "trace_decline_v1", 5, "001b", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "trace_decline_v1", 5, "001d", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "trace_decline_v2", 7, "10", -EBADMSG, SMC_CLC_BAD_LENGTH },
		{ "trace_decline_v2", 5, "002b", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
		{ "trace_decline_v2", 5, "002d", -EBADMSG,
		  SMC_CLC_BAD_LENGTH },
	};
	struct smc_clc_decline decl;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len;

	expect_refusals(refusals, ARRAY_SIZE(refusals));
	len = load("trace_prop_v2", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), -EPROTO);
	EXPECT_EQ(why, SMC_CLC_BAD_EXPECTED);
	load("trace_decline_v2", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, 45, &decl, &why), -EBADMSG);
	EXPECT_EQ(why, SMC_CLC_BAD_BUFFER);
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
			EXPECT_EQ(decode_any(copy, cut, &why), -EBADMSG);
			EXPECT_EQ(why, cut < SMC_CLC_HDR_LEN ?
				  SMC_CLC_BAD_SHORT : SMC_CLC_BAD_BUFFER);
			free(copy);
		}
	}
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
			rc = decode_any(copy, cut, &why);
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
			if (decode_any(copy, len, &why))
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
	unsigned int i, j, nr_good = 0;
	enum smc_clc_check why;
	const struct golden *g;
	u8 buf[MAX_MSG];
	size_t len;
	u8 *copy;

	for (i = 0; i < 20000; i++) {
		g = &golden.clc[rnd() % 23];
		len = hex(g->text, buf, sizeof(buf));
		copy = exact(buf, len);
		for (j = rnd() % 4; j; j--)
			copy[7 + rnd() % (len - 7)] = rnd();
		if (!decode_any(copy, len, &why))
			nr_good++;
		free(copy);
	}
	EXPECT(nr_good > 1000);
}

/* encoding */

TEST(smc_clc_proposal_encode__linux_v1_only)
{
	struct smc_clc_proposal prop = {
		.version = 2,
		.v1_type = SMC_CLC_OFFER_R,
		.v2_type = SMC_CLC_OFFER_N,
		.peer_id = { 1, 2, 3, 4, 5, 6, 7, 8 },
		.gid_v1 = { 0xfe, 0x80, [15] = 1 },
		.mac = { 2, [5] = 1 },
		.ipv4_subnet = 0x0a000000,
		.ipv4_prefix_len = 24,
	};
	u8 want[MAX_MSG], got[SMC_CLC_MAX_LEN];

	EXPECT_EQ(load("doc_prop_v1_only", want), 92);
	EXPECT_EQ(smc_clc_proposal_encode(&prop, got, sizeof(got)), 92);
	EXPECT_BYTES(got, want, 92);
}

TEST(smc_clc_proposal_encode__linux_v1_ipv6)
{
	struct smc_clc_proposal prop = {
		.version = 2,
		.v1_type = SMC_CLC_OFFER_R,
		.v2_type = SMC_CLC_OFFER_N,
		.peer_id = { 1, 2, 3, 4, 5, 6, 7, 8 },
		.gid_v1 = { 0xfe, 0x80, [15] = 1 },
		.mac = { 2, [5] = 1 },
		.nr_ipv6 = 2,
		.ipv6 = {
			{ { 0x20, 0x01, 0x0d, 0xb8 }, 64 },
			{ { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1 }, 80 },
		},
	};
	u8 want[MAX_MSG], got[SMC_CLC_MAX_LEN];

	EXPECT_EQ(load("doc_prop_v1_ipv6", want), 126);
	EXPECT_EQ(smc_clc_proposal_encode(&prop, got, sizeof(got)), 126);
	EXPECT_BYTES(got, want, 126);
}

static const struct smc_clc_proposal prop_v2 = {
	.version = 2,
	.v1_type = SMC_CLC_OFFER_N,
	.v2_type = SMC_CLC_OFFER_R,
	.release = 1,
	.nr_eids = 1,
	.eids = { "MYEID                           " },
	.gid_v2 = { [10] = 0xff, 0xff, 10, 0, 0, 2 },
	.max_conns = 255,
	.max_links = 2,
	.feature_mask = 1,
};

TEST(smc_clc_proposal_encode__linux_v2)
{
	u8 want[MAX_MSG], got[SMC_CLC_MAX_LEN];
	struct smc_clc_proposal prop = prop_v2;

	EXPECT_EQ(load("trace_prop_v2", want), 156);
	EXPECT_EQ(smc_clc_proposal_encode(&prop, got, sizeof(got)), 156);
	EXPECT_BYTES(got, want, 156);

	prop.v1_type = SMC_CLC_OFFER_R;
	memcpy(prop.peer_id, "\1\2\3\4\5\6\7\10", 8);
	prop.gid_v1[0] = 0xfe;
	prop.gid_v1[1] = 0x80;
	prop.gid_v1[15] = 1;
	prop.mac[0] = 2;
	prop.mac[5] = 1;
	prop.ipv4_subnet = 0x0a000000;
	prop.ipv4_prefix_len = 24;
	EXPECT_EQ(load("doc_prop_v1_v2", want), 164);
	EXPECT_EQ(smc_clc_proposal_encode(&prop, got, sizeof(got)), 164);
	EXPECT_BYTES(got, want, 164);
}

TEST(smc_clc_proposal_encode__impossible)
{
	struct smc_clc_proposal prop;
	u8 buf[SMC_CLC_MAX_LEN];

#define EXPECT_EINVAL(member, value)					\
	do {								\
		prop = prop_v2;						\
		prop.member = (value);					\
		EXPECT_EQ(smc_clc_proposal_encode(&prop, buf,		\
						  sizeof(buf)), -EINVAL); \
	} while (0)
	EXPECT_EINVAL(version, 0);
	EXPECT_EINVAL(version, 1);
	EXPECT_EINVAL(version, 16);
	EXPECT_EINVAL(v1_type, 4);
	EXPECT_EINVAL(v2_type, SMC_CLC_OFFER_D);
	EXPECT_EINVAL(v2_type, SMC_CLC_OFFER_B);
	EXPECT_EINVAL(v2_type, 4);
	EXPECT_EINVAL(nr_eids, 9);
	EXPECT_EINVAL(nr_ipv6, 9);
	EXPECT_EINVAL(release, 16);
#undef EXPECT_EINVAL
	prop = prop_v2;
	prop.version = 1;
	prop.v2_type = SMC_CLC_OFFER_N;
	EXPECT_EQ(smc_clc_proposal_encode(&prop, buf, sizeof(buf)), -EINVAL);
	prop.v1_type = SMC_CLC_OFFER_R;
	EXPECT_EQ(smc_clc_proposal_encode(&prop, buf, sizeof(buf)), 92);
	EXPECT_EQ(buf[7], 0x10);
	prop.version = 15;
	EXPECT_EQ(smc_clc_proposal_encode(&prop, buf, sizeof(buf)), 92);
	EXPECT_EQ(buf[7], 0xf8);
}

static void fill_prop(struct smc_clc_proposal *prop)
{
	static const u8 offers[] = {
		SMC_CLC_OFFER_R, SMC_CLC_OFFER_D, SMC_CLC_OFFER_N,
		SMC_CLC_OFFER_B,
	};
	unsigned int i;

	memset(prop, 0, sizeof(*prop));
	prop->version = 2;
	prop->v1_type = offers[rnd() % 4];
	prop->v2_type = rnd() % 2 ? SMC_CLC_OFFER_R : SMC_CLC_OFFER_N;
	rnd_bytes(prop->peer_id, sizeof(prop->peer_id));
	rnd_bytes(prop->gid_v1, sizeof(prop->gid_v1));
	rnd_bytes(prop->mac, sizeof(prop->mac));
	prop->has_subarea = true;
	rnd_bytes(&prop->ism_gid, sizeof(prop->ism_gid));
	rnd_bytes(&prop->ism_chid, sizeof(prop->ism_chid));
	rnd_bytes(prop->vendor_oui, sizeof(prop->vendor_oui));
	rnd_bytes(prop->vendor_opts, sizeof(prop->vendor_opts));
	if (prop->v1_type != SMC_CLC_OFFER_N) {
		rnd_bytes(&prop->ipv4_subnet, sizeof(prop->ipv4_subnet));
		prop->ipv4_prefix_len = rnd() % 33;
		prop->nr_ipv6 = rnd() % 9;
		for (i = 0; i < prop->nr_ipv6; i++) {
			rnd_bytes(prop->ipv6[i].addr, 16);
			prop->ipv6[i].len = rnd() % 129;
		}
	}
	if (prop->v2_type == SMC_CLC_OFFER_N)
		return;
	prop->has_v2_ext = true;
	prop->release = rnd() % 16;
	prop->seid_flag = rnd() & 1;
	prop->nr_eids = rnd() % 9;
	rnd_bytes(prop->eids, prop->nr_eids * SMC_EID_LEN);
	rnd_bytes(prop->gid_v2, sizeof(prop->gid_v2));
	if (!prop->release)
		return;
	prop->max_conns = rnd();
	prop->max_links = rnd();
	prop->feature_mask = rnd();
}

TEST(smc_clc_proposal_encode__round_trip)
{
	struct smc_clc_proposal prop, got;
	enum smc_clc_check why;
	unsigned int i;
	u8 *buf;
	int len;

	for (i = 0; i < 5000; i++) {
		fill_prop(&prop);
		buf = malloc(SMC_CLC_MAX_LEN);
		len = smc_clc_proposal_encode(&prop, buf, SMC_CLC_MAX_LEN);
		EXPECT(len >= 84);
		EXPECT_EQ(smc_clc_proposal_decode(buf, len, &got, &why), 0);
		EXPECT_BYTES((u8 *)&got, (u8 *)&prop, sizeof(prop));
		EXPECT_EQ(smc_clc_proposal_encode(&prop, buf, len), len);
		EXPECT_EQ(smc_clc_proposal_encode(&prop, buf, len - 1),
			  -ENOSPC);
		free(buf);
	}
}

static void fill_accept(struct smc_clc_accept *acc)
{
	memset(acc, 0, sizeof(*acc));
	acc->type = rnd() % 2 ? SMC_CLC_ACCEPT : SMC_CLC_CONFIRM;
	acc->version = 1 + rnd() % 2;
	acc->first_contact = rnd() & 1;
	rnd_bytes(acc->peer_id, sizeof(acc->peer_id));
	rnd_bytes(acc->gid, sizeof(acc->gid));
	rnd_bytes(acc->mac, sizeof(acc->mac));
	acc->qpn = rnd() & 0xffffff;
	rnd_bytes(&acc->rkey, sizeof(acc->rkey));
	acc->rmbe_idx = 1 + rnd() % 255;
	rnd_bytes(&acc->token, sizeof(acc->token));
	acc->rmbe_size_c = rnd() % 16;
	acc->mtu = 1 + rnd() % 15;
	rnd_bytes(&acc->vaddr, sizeof(acc->vaddr));
	acc->psn = rnd() & 0xffffff;
	if (acc->version == 1)
		return;
	rnd_bytes(acc->eid, sizeof(acc->eid));
	if (!acc->first_contact)
		return;
	acc->fce.direct = rnd() & 1;
	acc->fce.os = rnd() % 16;
	acc->fce.release = rnd() % 16;
	rnd_bytes(acc->fce.hostname, sizeof(acc->fce.hostname));
	acc->fce.max_conns = rnd();
	acc->fce.max_links = rnd();
	acc->fce.feature_mask = rnd();
	rnd_bytes(acc->fce.vendor_opts, sizeof(acc->fce.vendor_opts));
	if (acc->type == SMC_CLC_ACCEPT)
		return;
	acc->nr_gids = rnd() % 9;
	rnd_bytes(acc->gids, acc->nr_gids * SMC_GID_LEN);
}

TEST(smc_clc_accept_encode__round_trip)
{
	struct smc_clc_accept acc, got;
	enum smc_clc_check why;
	unsigned int i;
	u8 *buf;
	int len;

	for (i = 0; i < 5000; i++) {
		fill_accept(&acc);
		buf = malloc(SMC_CLC_MAX_LEN);
		len = smc_clc_accept_encode(&acc, buf, SMC_CLC_MAX_LEN);
		EXPECT(len >= 68);
		EXPECT_EQ(smc_clc_accept_decode(buf, len, &got, &why), 0);
		EXPECT_BYTES((u8 *)&got, (u8 *)&acc, sizeof(acc));
		EXPECT_EQ(smc_clc_accept_encode(&acc, buf, len), len);
		EXPECT_EQ(smc_clc_accept_encode(&acc, buf, len - 1), -ENOSPC);
		free(buf);
	}
}

/* also proves that each byte of these messages is written as Linux does */
TEST(smc_clc_accept_encode__golden)
{
	static const char * const names[] = {
		"hw_accept_v1", "hw_confirm_v1", "trace_accept_v2_fc",
		"trace_accept_v2_fc_61", "trace_confirm_v2_fc",
		"trace_accept_v2", "trace_confirm_v2",
		"doc_confirm_v2_two_gids",
	};
	u8 want[MAX_MSG], got[SMC_CLC_MAX_LEN];
	struct smc_clc_accept acc;
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		expect_acc(names[i], &acc);
		len = load(names[i], want);
		memset(got, 0xff, sizeof(got));
		EXPECT_EQ(smc_clc_accept_encode(&acc, got, sizeof(got)), len);
		EXPECT_BYTES(got, want, len);
	}
}

TEST(smc_clc_accept_encode__impossible)
{
	struct smc_clc_accept acc, base;
	u8 buf[SMC_CLC_MAX_LEN];

	expect_acc("trace_confirm_v2_fc", &base);
#define EXPECT_EINVAL(member, value)					\
	do {								\
		acc = base;						\
		acc.member = (value);					\
		EXPECT_EQ(smc_clc_accept_encode(&acc, buf, sizeof(buf)), \
			  -EINVAL);					\
	} while (0)
	EXPECT_EINVAL(type, SMC_CLC_PROPOSAL);
	EXPECT_EINVAL(type, SMC_CLC_DECLINE);
	EXPECT_EINVAL(version, 0);
	EXPECT_EINVAL(version, 3);
	EXPECT_EINVAL(tech, SMC_CLC_TECH_D);
	EXPECT_EINVAL(nr_gids, 9);
#undef EXPECT_EINVAL
}

TEST(smc_clc_decline_encode__golden)
{
	static const char * const names[] = {
		"hw_decline", "trace_decline_v1", "trace_decline_v2",
	};
	u8 want[MAX_MSG], got[SMC_CLC_MAX_LEN];
	struct smc_clc_decline decl;
	enum smc_clc_check why;
	unsigned int i;
	size_t len;
	int rc;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		len = load(names[i], want);
		rc = smc_clc_decline_decode(want, len, &decl, &why);
		EXPECT_EQ(rc, 0);
		memset(got, 0xff, sizeof(got));
		EXPECT_EQ(smc_clc_decline_encode(&decl, got, len), len);
		EXPECT_BYTES(got, want, len);
		EXPECT_EQ(smc_clc_decline_encode(&decl, got, len - 1),
			  -ENOSPC);
	}
	decl.out_of_sync = true;
	EXPECT_EQ(smc_clc_decline_encode(&decl, got, sizeof(got)), 44);
	EXPECT_EQ(got[7], 0x28);
	decl.version = 0;
	EXPECT_EQ(smc_clc_decline_encode(&decl, got, sizeof(got)), -EINVAL);
	decl.version = 15;
	EXPECT_EQ(smc_clc_decline_encode(&decl, got, sizeof(got)), 44);
	EXPECT_EQ(got[7], 0xf8);
	decl.version = 16;
	EXPECT_EQ(smc_clc_decline_encode(&decl, got, sizeof(got)), -EINVAL);
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
