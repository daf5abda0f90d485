// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of clc_wire.c: Accept, Confirm and Decline.
 */
#include "clc_test.h"

static void expect_acc(const char *name, struct smc_clc_accept *acc)
{
	enum smc_clc_check why = SMC_CLC_NR_CHECKS;
	u8 buf[MAX_MSG];
	size_t len = clc_load(name, buf);
	u8 *copy = exact(buf, len);

	memset(acc, 0xff, sizeof(*acc));
	EXPECT_EQ(smc_clc_accept_decode(copy, len, acc, &why), 0);
	EXPECT_EQ(why, SMC_CLC_OK);
	free(copy);
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
	size_t len = clc_load(name, buf);

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

	clc_expect_refusals(refusals, ARRAY_SIZE(refusals));
}

TEST(smc_clc_accept_decode__mtu_only_on_first_contact)
{
	struct smc_clc_accept acc;
	enum smc_clc_check why;
	u8 buf[MAX_MSG];
	size_t len = clc_load("trace_accept_v2", buf);

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
	size_t len = clc_load("doc_accept_smcd_v2", buf);

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
	len = clc_load("trace_decline_v2", buf);
	EXPECT_EQ(smc_clc_accept_decode(buf, len, &acc, &why), -EPROTO);
	EXPECT_EQ(why, SMC_CLC_BAD_EXPECTED);
	len = clc_load("trace_prop_v2", buf);
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
	len = clc_load("hw_decline", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), 0);
	EXPECT_EQ(decl.version, 1);
	EXPECT(!decl.out_of_sync);
	EXPECT_HEX(decl.peer_id, "2525252525252500");
	EXPECT_EQ(decl.diag, SMC_CLC_DECL_NO_DEVICE);
	EXPECT_EQ(decl.os, 0);

	len = clc_load("trace_decline_v1", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), 0);
	EXPECT_HEX(decl.peer_id, "0f9f525400000002");
	EXPECT_EQ(decl.diag, SMC_CLC_DECL_NO_DEVICE);

	len = clc_load("trace_decline_v2", buf);
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
	size_t len = clc_load("trace_decline_v2", buf);

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

	clc_expect_refusals(refusals, ARRAY_SIZE(refusals));
	len = clc_load("trace_prop_v2", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, len, &decl, &why), -EPROTO);
	EXPECT_EQ(why, SMC_CLC_BAD_EXPECTED);
	clc_load("trace_decline_v2", buf);
	EXPECT_EQ(smc_clc_decline_decode(buf, 45, &decl, &why), -EBADMSG);
	EXPECT_EQ(why, SMC_CLC_BAD_BUFFER);
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
		len = clc_load(names[i], want);
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
		len = clc_load(names[i], want);
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
