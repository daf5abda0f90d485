// SPDX-License-Identifier: GPL-2.0
/*
 * What is answered to the requests of link layer control.
 *
 * A link group has one link. So new ones are refused, and the end of the link
 * is the end of the group.
 *
 * wire-protocol.md 4.4.2, 4.5, 4.6.5
 */
#include "llc_flow.h"

/* these are handled as bytes: they may be longer than what is kept of them */
enum {
	OFF_TYPE = 0,
	OFF_LENGTH = 1,
	OFF_V1_REASON = 2,
	OFF_FLAGS = 3,
};

enum {
	F_RESPONSE = 0x80,
	F_REJECTED = 0x40,
};

static bool is_type(const u8 *buf, size_t len, u8 version,
		    enum smc_llc_type type)
{
	return len >= SMC_LLC_LEN && buf[OFF_TYPE] == (version << 4 | type);
}

static void put_length(u8 *buf, u8 version)
{
	if (version == SMC_LLC_V1)
		buf[OFF_LENGTH] = SMC_LLC_LEN;
	else
		smc_put_le16(buf + OFF_LENGTH, SMC_LLC_LEN);
}

/* the reason is lost in v2: the length is there */
static void refuse_add_link(const u8 *buf, u8 version, u8 *reply)
{
	memcpy(reply, buf, SMC_LLC_LEN);
	put_length(reply, version);
	if (version == SMC_LLC_V1)
		reply[OFF_V1_REASON] = SMC_LLC_REJECT_NO_ALT_PATH;
	reply[OFF_FLAGS] |= F_RESPONSE | F_REJECTED;
}

static void refuse_req_add_link(const u8 *buf, u8 version, u8 *reply)
{
	memset(reply, 0, SMC_LLC_LEN);
	reply[OFF_TYPE] = buf[OFF_TYPE];
	put_length(reply, version);
	reply[OFF_FLAGS] = F_RESPONSE;
}

/**
 * smc_llc_flow_refuse() - does the peer ask for one more link?
 * @buf: first SMC_LLC_LEN bytes of the message
 * @len: length of it
 * @version: that of the link group's messages
 * @server: role of this end
 * @reply: set to the refusal, SMC_LLC_LEN bytes, if so
 *
 * Add Link comes from servers, and as a hint from clients; Request Add Link
 * from clients. What they offer is not looked at.
 *
 * Return: true if so.
 */
bool smc_llc_flow_refuse(const u8 *buf, size_t len, u8 version, bool server,
			 u8 *reply)
{
	if (is_type(buf, len, version, SMC_LLC_ADD_LINK) &&
	    !(buf[OFF_FLAGS] & F_RESPONSE)) {
		refuse_add_link(buf, version, reply);
		return true;
	}
	if (version == SMC_LLC_V2 && server &&
	    is_type(buf, len, version, SMC_LLC_REQ_ADD_LINK) &&
	    !(buf[OFF_FLAGS] & F_RESPONSE)) {
		refuse_req_add_link(buf, version, reply);
		return true;
	}
	return false;
}

/**
 * smc_llc_flow_empty_offer() - an Add Link request that must be rejected
 * @mac: own MAC
 * @gid: own GID
 * @num: number for the link that will not be
 * @version: that of the link group's messages
 * @buf: where to, SMC_LLC_LEN bytes
 *
 * It has no QP, and an MTU of 0, which is what it is rejected for. So nobody
 * looks for the extension of v2, and it is not sent.
 */
void smc_llc_flow_empty_offer(const u8 *mac, const u8 *gid, u8 num, u8 version,
			      u8 *buf)
{
	struct smc_llc_msg msg = {
		.type = SMC_LLC_ADD_LINK,
		.version = version,
		.add_link.link_num = num,
	};
	u8 full[SMC_LLC_V2_RTOKEN_OFF];

	memcpy(msg.add_link.mac, mac, SMC_MAC_LEN);
	memcpy(msg.add_link.gid, gid, SMC_GID_LEN);
	smc_llc_encode(&msg, full, sizeof(full));
	memcpy(buf, full, SMC_LLC_LEN);
	put_length(buf, version);
}

/**
 * smc_llc_flow_unwanted() - has the peer accepted what it was to refuse?
 * @buf: first SMC_LLC_LEN bytes of the message
 * @len: length of it
 * @version: that of the link group's messages
 *
 * Return: true if this is an Add Link response that does not reject.
 */
bool smc_llc_flow_unwanted(const u8 *buf, size_t len, u8 version)
{
	return is_type(buf, len, version, SMC_LLC_ADD_LINK) &&
	       (buf[OFF_FLAGS] & (F_RESPONSE | F_REJECTED)) == F_RESPONSE;
}

/**
 * smc_llc_flow_delete_rkey() - answer Delete RKey
 * @req: the request
 * @unknown: mask of its RKeys that were not known, bit 7 for the first
 * @reply: the response
 *
 * v1 tells which ones were not known, v2 how many; keys beyond the eighth have
 * not even been read.
 */
void smc_llc_flow_delete_rkey(const struct smc_llc_msg *req, u8 unknown,
			      struct smc_llc_msg *reply)
{
	const struct smc_llc_delete_rkey *dr = &req->delete_rkey;
	u8 nr = dr->nr_announced - dr->nr_rkeys;
	u8 mask;

	for (mask = unknown; mask; mask &= mask - 1)
		nr++;
	*reply = *req;
	reply->response = true;
	reply->delete_rkey.negative = nr;
	reply->delete_rkey.err = req->version == SMC_LLC_V1 ? unknown : nr;
}

static void delete_link_response(struct smc_llc_msg *reply, u32 reason)
{
	reply->response = true;
	reply->delete_link.reason = reason;
}

/**
 * smc_llc_flow_delete_link() - answer Delete Link
 * @req: the request
 * @server: role of this end
 * @num: number of the group's link
 * @reply: set to what must be sent
 * @end: set to whether the group ends
 *
 * A client answers the deletion of a link, but not that of the group. A server
 * repeats what a client wants as its own request, orderly.
 *
 * Return: false if nothing must be sent.
 */
bool smc_llc_flow_delete_link(const struct smc_llc_msg *req, bool server,
			      u8 num, struct smc_llc_msg *reply, bool *end)
{
	const struct smc_llc_delete_link *dl = &req->delete_link;

	*end = dl->all || dl->link_num == num;
	*reply = *req;
	if (!*end)
		delete_link_response(reply, SMC_LLC_DEL_UNKNOWN_LINK);
	else if (server)
		reply->delete_link.orderly = true;
	else
		delete_link_response(reply, SMC_LLC_DEL_ACCEPTED);
	return server || !dl->all;
}
