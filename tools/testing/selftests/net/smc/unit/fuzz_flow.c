// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzer of llc_flow.c: messages of a peer in a row, as llc.c takes them. Each
 * answer must be a message that the peer can decode, must not be taken for a
 * request by it, and the end of the group must be told once.
 *
 * Input: a byte of roles, then messages, each with a length of two bytes.
 */
#include <stdlib.h>

#include "llc_flow.h"

struct world {
	bool server, ended;
	u8 version, num;
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_answer(const u8 *buf, const struct world *world,
			 enum smc_llc_type type, bool response)
{
	struct smc_llc_msg msg;
	enum smc_llc_check why;
	u8 reply[SMC_LLC_LEN];

	must(!smc_llc_decode(buf, SMC_LLC_LEN, &msg, &why));
	must(msg.version == world->version && msg.type == type &&
	     msg.response == response);
	if (response)
		must(!smc_llc_flow_refuse(buf, SMC_LLC_LEN, world->version,
					  !world->server, reply));
}

static void check_encoded(struct smc_llc_msg *reply, const struct world *world,
			  bool response)
{
	u8 buf[SMC_LLC_LEN];

	must(smc_llc_encode(reply, buf, sizeof(buf)) == SMC_LLC_LEN);
	check_answer(buf, world, reply->type, response);
}

static void delete_link(const struct smc_llc_msg *msg, struct world *world)
{
	struct smc_llc_msg reply;
	bool end = false;

	if (smc_llc_flow_delete_link(msg, world->server, world->num, &reply,
				     &end))
		/* a server repeats what ends the group as its own request */
		check_encoded(&reply, world, !(world->server && end));
	else
		must(end);
	world->ended |= end;
}

static void take(const u8 *buf, size_t len, struct world *world)
{
	size_t kept = len < SMC_LLC_LEN ? len : SMC_LLC_LEN;
	struct smc_llc_msg msg, reply;
	enum smc_llc_check why;
	u8 answer[SMC_LLC_LEN];

	if (smc_llc_flow_refuse(buf, len, world->version, world->server,
				answer)) {
		must(!smc_llc_flow_unwanted(buf, len, world->version));
		check_answer(answer, world, buf[0] & 0xf, true);
		return;
	}
	if (smc_llc_flow_unwanted(buf, len, world->version) ||
	    smc_llc_decode(buf, kept, &msg, &why) ||
	    msg.version != world->version || msg.response)
		return;
	if (msg.type == SMC_LLC_DELETE_LINK) {
		delete_link(&msg, world);
	} else if (msg.type == SMC_LLC_DELETE_RKEY) {
		smc_llc_flow_delete_rkey(&msg, buf[4] & buf[9], &reply);
		check_encoded(&reply, world, true);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct world world = { 0 };
	u8 offer[SMC_LLC_LEN], answer[SMC_LLC_LEN];
	size_t len;

	if (size < 1)
		return 0;
	world.server = data[0] & 1;
	world.version = data[0] & 2 ? SMC_LLC_V2 : SMC_LLC_V1;
	world.num = data[0] >> 4;
	if (size > SMC_MAC_LEN + SMC_GID_LEN) {
		smc_llc_flow_empty_offer(data + 1, data + 1 + SMC_MAC_LEN,
					 world.num, world.version, offer);
		/* our own end refuses it too */
		must(smc_llc_flow_refuse(offer, sizeof(offer), world.version,
					 !world.server, answer));
	}
	for (data++, size--; size >= 2 && !world.ended; size -= len) {
		len = smc_get_be16(data) % (size - 1);
		data += 2;
		size -= 2;
		take(data, len, &world);
		data += len;
	}
	return 0;
}
