// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of llc_flow.c.
 */
#include "ktap.h"
#include "llc_flow.h"

#define V1	SMC_LLC_V1
#define V2	SMC_LLC_V2

TEST(smc_llc_flow_refuse__add_link)
{
	u8 buf[SMC_LLC_LEN], reply[SMC_LLC_LEN], want[SMC_LLC_LEN];

	rnd_bytes(buf, sizeof(buf));
	hex("02 2c 00 00", buf, 4);
	memcpy(want, buf, sizeof(want));
	hex("02 2c 01 c0", want, 4);
	EXPECT(smc_llc_flow_refuse(buf, 44, V1, false, reply));
	EXPECT_BYTES(reply, want, SMC_LLC_LEN);
	/* a hint of a client is refused too */
	EXPECT(smc_llc_flow_refuse(buf, 44, V1, true, reply));
	EXPECT_BYTES(reply, want, SMC_LLC_LEN);

	hex("22 58 00 00", buf, 4);
	hex("22 2c 00 c0", want, 4);
	EXPECT(smc_llc_flow_refuse(buf, 88, V2, false, reply));
	EXPECT_BYTES(reply, want, SMC_LLC_LEN);
}

TEST(smc_llc_flow_refuse__request_add_link)
{
	u8 buf[SMC_LLC_LEN], reply[SMC_LLC_LEN];

	rnd_bytes(buf, sizeof(buf));
	hex("25 3c 00 00", buf, 4);
	EXPECT(smc_llc_flow_refuse(buf, 60, V2, true, reply));
	EXPECT_HEX(reply, "25 2c 00 80 00*40");
	EXPECT(!smc_llc_flow_refuse(buf, 60, V2, false, reply));
	EXPECT(!smc_llc_flow_refuse(buf, 60, V1, true, reply));
}

TEST(smc_llc_flow_refuse__others)
{
	u8 buf[SMC_LLC_LEN] = {}, reply[SMC_LLC_LEN];
	unsigned int type;

	/* responses, short ones, another version */
	hex("22 2c 00 80", buf, 4);
	EXPECT(!smc_llc_flow_refuse(buf, 44, V2, true, reply));
	hex("22 2c 00 00", buf, 4);
	EXPECT(!smc_llc_flow_refuse(buf, 43, V2, true, reply));
	EXPECT(!smc_llc_flow_refuse(buf, 44, V1, true, reply));
	hex("02 2c 00 00", buf, 4);
	EXPECT(!smc_llc_flow_refuse(buf, 44, V2, true, reply));
	for (type = 0; type < 256; type++) {
		buf[0] = type;
		if (type == 0x22 || type == 0x25)
			continue;
		EXPECT(!smc_llc_flow_refuse(buf, 44, V2, true, reply));
	}
}

TEST(smc_llc_flow_empty_offer__must_be_rejected)
{
	static const u8 versions[] = { V1, V2 };
	u8 buf[SMC_LLC_LEN], mac[SMC_MAC_LEN], gid[SMC_GID_LEN];
	u8 reply[SMC_LLC_LEN];
	enum smc_llc_check why;
	struct smc_llc_msg msg;
	unsigned int i;

	rnd_bytes(mac, sizeof(mac));
	rnd_bytes(gid, sizeof(gid));
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		memset(buf, 0xff, sizeof(buf));
		smc_llc_flow_empty_offer(mac, gid, 2, versions[i], buf);
		EXPECT_EQ(buf[0], versions[i] << 4 | SMC_LLC_ADD_LINK);
		EXPECT_EQ(buf[1], SMC_LLC_LEN);
		EXPECT_EQ(buf[2], 0);
		EXPECT_EQ(buf[3], 0);
		/* our own clients reject it, in a form that decodes */
		EXPECT(smc_llc_flow_refuse(buf, SMC_LLC_LEN, versions[i],
					   false, reply));
		EXPECT(!smc_llc_flow_unwanted(reply, SMC_LLC_LEN,
					      versions[i]));
		EXPECT_EQ(smc_llc_decode(reply, SMC_LLC_LEN, &msg, &why), 0);
		EXPECT(msg.response);
		EXPECT(msg.add_link.rejected);
		EXPECT_EQ(msg.add_link.link_num, 2);
		EXPECT_EQ(msg.add_link.mtu, 0);
		EXPECT_EQ(msg.add_link.qpn, 0);
		EXPECT_BYTES(msg.add_link.mac, mac, SMC_MAC_LEN);
		EXPECT_BYTES(msg.add_link.gid, gid, SMC_GID_LEN);
	}
}

TEST(smc_llc_flow_unwanted__accepting_response)
{
	u8 buf[SMC_LLC_LEN] = {};

	hex("22 58 00 80", buf, 4);
	EXPECT(smc_llc_flow_unwanted(buf, 88, V2));
	EXPECT(!smc_llc_flow_unwanted(buf, 88, V1));
	hex("22 2c 00 c0", buf, 4);
	EXPECT(!smc_llc_flow_unwanted(buf, 44, V2));
	hex("22 58 00 00", buf, 4);
	EXPECT(!smc_llc_flow_unwanted(buf, 88, V2));
	hex("24 2c 00 80", buf, 4);
	EXPECT(!smc_llc_flow_unwanted(buf, 44, V2));
}

static struct smc_llc_msg delete_rkey(u8 version, u8 announced)
{
	struct smc_llc_msg req = {
		.type = SMC_LLC_DELETE_RKEY,
		.version = version,
		.delete_rkey.nr_announced = announced,
		.delete_rkey.nr_rkeys = announced < 8 ? announced : 8,
		.delete_rkey.rkeys = { 1, 2, 3, 4, 5, 6, 7, 8 },
	};

	return req;
}

TEST(smc_llc_flow_delete_rkey__v1)
{
	struct smc_llc_msg req = delete_rkey(V1, 8), reply;
	u8 buf[SMC_LLC_LEN];

	smc_llc_flow_delete_rkey(&req, 0, &reply);
	EXPECT(reply.response);
	EXPECT(!reply.delete_rkey.negative);
	EXPECT_EQ(reply.delete_rkey.err, 0);
	smc_llc_flow_delete_rkey(&req, 0x81, &reply);
	EXPECT_EQ(smc_llc_encode(&reply, buf, sizeof(buf)), SMC_LLC_LEN);
	EXPECT_HEX(buf, "09 2c 00 a0 08 81 0000 00000001 00000002 00000003 "
		   "00000004 00000005 00000006 00000007 00000008 00000000");
}

TEST(smc_llc_flow_delete_rkey__v2)
{
	struct smc_llc_msg req = delete_rkey(V2, 8), reply;
	u8 buf[SMC_LLC_LEN];

	smc_llc_flow_delete_rkey(&req, 0xc1, &reply);
	EXPECT_EQ(smc_llc_encode(&reply, buf, sizeof(buf)), SMC_LLC_LEN);
	EXPECT_HEX(buf, "29 2c 00 a0 08 03 0000 00*36");
	/* what lies beyond the first part of a long message was not read */
	req = delete_rkey(V2, 12);
	smc_llc_flow_delete_rkey(&req, 0x80, &reply);
	EXPECT(reply.delete_rkey.negative);
	EXPECT_EQ(reply.delete_rkey.err, 5);
	req = delete_rkey(V1, 12);
	smc_llc_flow_delete_rkey(&req, 0, &reply);
	EXPECT(reply.delete_rkey.negative);
	EXPECT_EQ(reply.delete_rkey.err, 0);
}

TEST(smc_llc_flow_delete_link__all_cases)
{
	static const struct {
		bool server, all;
		u8 num;
		bool send, response, orderly, end;
		u32 reason;
	} cases[] = {
		{ false, true, 0, false, true, false, true, 0 },
		{ false, false, 1, true, true, false, true, 0 },
		{ false, false, 2, true, true, false, false, 0x00100000 },
		{ true, true, 0, true, false, true, true, 0x00030000 },
		{ true, false, 1, true, false, true, true, 0x00030000 },
		{ true, false, 2, true, true, false, false, 0x00100000 },
	};
	struct smc_llc_msg req, reply;
	unsigned int i;
	bool end;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&req, 0, sizeof(req));
		req.type = SMC_LLC_DELETE_LINK;
		req.version = V2;
		req.delete_link.all = cases[i].all;
		req.delete_link.link_num = cases[i].num;
		req.delete_link.reason = SMC_LLC_DEL_PROGRAM;
		EXPECT_EQ(smc_llc_flow_delete_link(&req, cases[i].server, 1,
						   &reply, &end),
			  cases[i].send);
		EXPECT_EQ(end, cases[i].end);
		if (!cases[i].send)
			continue;
		EXPECT_EQ(reply.response, cases[i].response);
		EXPECT_EQ(reply.delete_link.orderly, cases[i].orderly);
		EXPECT_EQ(reply.delete_link.all, cases[i].all);
		EXPECT_EQ(reply.delete_link.link_num, cases[i].num);
		EXPECT_EQ(reply.delete_link.reason, cases[i].reason);
	}
}
