// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of clc_wire.c: Proposal.
 */
#include "clc_test.h"

static void expect_prop(const char *name, struct smc_clc_proposal *prop)
{
	enum smc_clc_check why = SMC_CLC_NR_CHECKS;
	u8 buf[MAX_MSG];
	size_t len = clc_load(name, buf);
	u8 *copy = exact(buf, len);

	memset(prop, 0xff, sizeof(*prop));
	EXPECT_EQ(smc_clc_proposal_decode(copy, len, prop, &why), 0);
	EXPECT_EQ(why, SMC_CLC_OK);
	free(copy);
}

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
	size_t len = clc_load("doc_prop_v2_d", buf);
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
		len = clc_load("doc_prop_longest", buf);
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
	size_t len = clc_load("hw_prop_r_ipv4", buf);

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
	size_t len = clc_load("trace_prop_v2", buf);

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
	size_t len = clc_load("doc_prop_v1_v2", buf);

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
	size_t len = clc_load("trace_prop_v2", buf);

	memset(buf + 40, 0xff, 8);
	EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), 0);
	EXPECT_EQ(prop.nr_ipv6, 0);
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

	clc_expect_refusals(refusals, ARRAY_SIZE(refusals));
}

TEST(smc_clc_proposal_decode__other_type)
{
	struct smc_clc_proposal prop, before;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = clc_load("hw_accept_v1", buf);

	memset(&before, 0x5a, sizeof(before));
	prop = before;
	EXPECT_EQ(smc_clc_proposal_decode(buf, len, &prop, &why), -EPROTO);
	EXPECT_EQ(why, SMC_CLC_BAD_EXPECTED);
	EXPECT(!memcmp(&prop, &before, sizeof(prop)));
}

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

	EXPECT_EQ(clc_load("doc_prop_v1_only", want), 92);
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

	EXPECT_EQ(clc_load("doc_prop_v1_ipv6", want), 126);
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

	EXPECT_EQ(clc_load("trace_prop_v2", want), 156);
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
	EXPECT_EQ(clc_load("doc_prop_v1_v2", want), 164);
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
