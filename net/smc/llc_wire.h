/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LLC (link layer control) messages: bytes to and from host order.
 *
 * One decoded message is a struct smc_llc_msg, whatever its type and version.
 * Counts that index an array of the struct are limited to the array; where a
 * peer may announce more, the announced number is kept next to the limited one
 * so that the receiver can refuse with a proper answer.
 */
#ifndef _SMC_LLC_WIRE_H
#define _SMC_LLC_WIRE_H

#include "wire.h"

#define SMC_LLC_LEN		44	/* of all messages but two of v2 */
#define SMC_LLC_V1		0	/* version nibble of v1 link groups */
#define SMC_LLC_V2		2	/* version nibble of v2 link groups */

#define SMC_LLC_CONT_RTOKENS	2	/* RToken pairs in a continuation */
#define SMC_LLC_MORE_RTOKENS	2	/* RTokens in Confirm RKey but one */
#define SMC_LLC_CONT_RKEYS	3	/* RTokens in its continuation */
#define SMC_LLC_DEL_RKEYS	8	/* RKeys in Delete RKey */
#define SMC_LLC_MAX_GIDS	8	/* GIDs kept of Request Add Link */
#define SMC_LLC_USER_DATA_LEN	16	/* of Test Link */

#define SMC_LLC_V2_EXT_OFF	44	/* v2 Add Link: start of extension */
#define SMC_LLC_V2_RTOKEN_OFF	72	/* v2 Add Link: start of the pairs */
#define SMC_LLC_RTOKEN_LEN	16
#define SMC_LLC_V2_MAX_RTOKENS	255
#define SMC_LLC_MAX_LEN		(SMC_LLC_V2_RTOKEN_OFF + \
				 SMC_LLC_RTOKEN_LEN * SMC_LLC_V2_MAX_RTOKENS)

/**
 * enum smc_llc_type - low nibble of the type byte
 * @SMC_LLC_CONFIRM_LINK: Confirm Link
 * @SMC_LLC_ADD_LINK: Add Link
 * @SMC_LLC_ADD_LINK_CONT: Add Link Continuation, v1 only
 * @SMC_LLC_DELETE_LINK: Delete Link
 * @SMC_LLC_REQ_ADD_LINK: Request Add Link, v2 only
 * @SMC_LLC_CONFIRM_RKEY: Confirm RKey
 * @SMC_LLC_TEST_LINK: Test Link
 * @SMC_LLC_CONFIRM_RKEY_CONT: Confirm RKey Continuation, v1 only
 * @SMC_LLC_DELETE_RKEY: Delete RKey
 * @SMC_LLC_NR_TYPES: one more than the largest type
 */
enum smc_llc_type {
	SMC_LLC_CONFIRM_LINK = 1,
	SMC_LLC_ADD_LINK = 2,
	SMC_LLC_ADD_LINK_CONT = 3,
	SMC_LLC_DELETE_LINK = 4,
	SMC_LLC_REQ_ADD_LINK = 5,
	SMC_LLC_CONFIRM_RKEY = 6,
	SMC_LLC_TEST_LINK = 7,
	SMC_LLC_CONFIRM_RKEY_CONT = 8,
	SMC_LLC_DELETE_RKEY = 9,
	SMC_LLC_NR_TYPES
};

/**
 * enum smc_llc_reject - reason in an Add Link response that rejects
 * @SMC_LLC_REJECT_NONE: none given (v2 loses the reason on the wire)
 * @SMC_LLC_REJECT_NO_ALT_PATH: no alternate path available
 */
enum smc_llc_reject {
	SMC_LLC_REJECT_NONE = 0,
	SMC_LLC_REJECT_NO_ALT_PATH = 1,
};

/**
 * enum smc_llc_del_reason - reason in Delete Link
 * @SMC_LLC_DEL_ACCEPTED: response: will be deleted
 * @SMC_LLC_DEL_LOST_PATH: request: path lost
 * @SMC_LLC_DEL_OPERATOR: request: operator ended it (module unload, reboot)
 * @SMC_LLC_DEL_PROGRAM: request: program ended it (normal end of life)
 * @SMC_LLC_DEL_PROTOCOL: request: protocol violation
 * @SMC_LLC_DEL_ASYMMETRIC: request: asymmetric link no longer needed
 * @SMC_LLC_DEL_UNKNOWN_LINK: response: unknown link number
 * @SMC_LLC_DEL_UNKNOWN_LGR: response: unknown link group
 */
enum smc_llc_del_reason {
	SMC_LLC_DEL_ACCEPTED = 0x00000000,
	SMC_LLC_DEL_LOST_PATH = 0x00010000,
	SMC_LLC_DEL_OPERATOR = 0x00020000,
	SMC_LLC_DEL_PROGRAM = 0x00030000,
	SMC_LLC_DEL_PROTOCOL = 0x00040000,
	SMC_LLC_DEL_ASYMMETRIC = 0x00050000,
	SMC_LLC_DEL_UNKNOWN_LINK = 0x00100000,
	SMC_LLC_DEL_UNKNOWN_LGR = 0x00200000,
};

/**
 * enum smc_llc_check - why an LLC message was refused
 * @SMC_LLC_OK: it was not
 * @SMC_LLC_BAD_SHORT: fewer than 44 bytes received
 * @SMC_LLC_BAD_NOT_LLC: it is a CDC message
 * @SMC_LLC_BAD_VERSION: version nibble is neither 0 nor 2
 * @SMC_LLC_BAD_TYPE: type unknown in this version
 * @SMC_LLC_BAD_LENGTH: length field is wrong
 * @SMC_LLC_BAD_EXT: v2 Add Link without the v2 extension
 * @SMC_LLC_NR_CHECKS: number of values
 */
enum smc_llc_check {
	SMC_LLC_OK,
	SMC_LLC_BAD_SHORT,
	SMC_LLC_BAD_NOT_LLC,
	SMC_LLC_BAD_VERSION,
	SMC_LLC_BAD_TYPE,
	SMC_LLC_BAD_LENGTH,
	SMC_LLC_BAD_EXT,
	SMC_LLC_NR_CHECKS
};

/**
 * struct smc_llc_confirm_link - Confirm Link
 * @no_eyecatcher: sender's RMBEs carry no eye catcher
 * @mac: sender's MAC of the link's port
 * @gid: sender's GID of the link
 * @qpn: sender's QP number
 * @link_num: link number, assigned by the server
 * @link_user_id: sender's name for the link, for debugging
 * @max_links: largest number of links
 * @max_conns: largest number of connections, v2.1; else 0
 */
struct smc_llc_confirm_link {
	bool no_eyecatcher;
	u8 mac[SMC_MAC_LEN];
	u8 gid[SMC_GID_LEN];
	u32 qpn;
	u8 link_num;
	u32 link_user_id;
	u8 max_links;
	u8 max_conns;
};

/**
 * struct smc_llc_rtoken_pair - one RMB on two links
 * @rkey: RKey on the link that carries the message
 * @new_rkey: RKey on the new link
 * @new_vaddr: virtual address on the new link
 */
struct smc_llc_rtoken_pair {
	u32 rkey;
	u32 new_rkey;
	u64 new_vaddr;
};

/**
 * struct smc_llc_add_link - Add Link
 * @rejected: response refuses the link
 * @reject_reason: enum smc_llc_reject, v1 only
 * @mac: sender's MAC of the new link's port
 * @gid: sender's GID of the new link
 * @qpn: sender's QP number of the new link
 * @link_num: link number, assigned by the server
 * @mtu: QP MTU code, 0..15; a request with 0 must be rejected
 * @psn: sender's initial PSN
 * @has_ext: v2 extension present; always so in v2 unless @rejected.
 *	smc_llc_encode() decides by version and @rejected, not by this
 * @direct: v2: no gateway in between
 * @target_gid: v2: client target GID (Linux: same as @gid)
 * @nr_rtokens: v2: number of pairs; read with smc_llc_rtoken_get() and
 *	written with smc_llc_rtoken_put()
 */
struct smc_llc_add_link {
	bool rejected;
	u8 reject_reason;
	u8 mac[SMC_MAC_LEN];
	u8 gid[SMC_GID_LEN];
	u32 qpn;
	u8 link_num;
	u8 mtu;
	u32 psn;
	bool has_ext;
	bool direct;
	u8 target_gid[SMC_GID_LEN];
	u8 nr_rtokens;
};

/**
 * struct smc_llc_add_link_cont - Add Link Continuation
 * @link_num: number of the new link
 * @nr_left: pairs still to come, those in this message included
 * @nr_rtokens: pairs in this message, min(@nr_left, 2); set by decode only
 * @rtokens: the pairs
 */
struct smc_llc_add_link_cont {
	u8 link_num;
	u8 nr_left;
	u8 nr_rtokens;
	struct smc_llc_rtoken_pair rtokens[SMC_LLC_CONT_RTOKENS];
};

/**
 * struct smc_llc_delete_link - Delete Link
 * @all: the whole link group
 * @orderly: orderly end
 * @link_num: link to delete, 0 if @all
 * @reason: enum smc_llc_del_reason, or what the peer made up
 */
struct smc_llc_delete_link {
	bool all;
	bool orderly;
	u8 link_num;
	u32 reason;
};

/**
 * struct smc_llc_req_add_link - Request Add Link
 * @rejected: response: no
 * @nr_gids: number of GIDs in @gids
 * @gids: RoCE v2 GIDs: of the existing link, then of alternate devices
 */
struct smc_llc_req_add_link {
	bool rejected;
	u8 nr_gids;
	u8 gids[SMC_LLC_MAX_GIDS][SMC_GID_LEN];
};

/**
 * struct smc_llc_rtoken - an RMB on a link
 * @link_num: link number
 * @rkey: RKey on that link
 * @vaddr: virtual address on that link
 */
struct smc_llc_rtoken {
	u8 link_num;
	u32 rkey;
	u64 vaddr;
};

/**
 * struct smc_llc_confirm_rkey - Confirm RKey
 * @negative: response: not stored
 * @retry: response: configuration changed, repeat
 * @nr_announced: RTokens the peer announced on top of the first. More than 2
 *	need Continuation messages, which nobody sends: answer negative + retry
 * @nr_more: RTokens in @more, min(@nr_announced, 2); on encode only @nr_more
 *	counts
 * @rkey: RKey on the carrying link
 * @vaddr: virtual address on the carrying link
 * @more: the same RMB on the other links
 */
struct smc_llc_confirm_rkey {
	bool negative;
	bool retry;
	u8 nr_announced;
	u8 nr_more;
	u32 rkey;
	u64 vaddr;
	struct smc_llc_rtoken more[SMC_LLC_MORE_RTOKENS];
};

/**
 * struct smc_llc_confirm_rkey_cont - Confirm RKey Continuation
 * @negative: response: not stored
 * @retry: response: configuration changed, repeat
 * @nr_left: RTokens still to come, those in this message included
 * @nr_rtokens: RTokens in this message, min(@nr_left, 3); set by decode only
 * @rtokens: the RTokens
 */
struct smc_llc_confirm_rkey_cont {
	bool negative;
	bool retry;
	u8 nr_left;
	u8 nr_rtokens;
	struct smc_llc_rtoken rtokens[SMC_LLC_CONT_RKEYS];
};

/**
 * struct smc_llc_test_link - Test Link
 * @user_data: echoed in the response
 */
struct smc_llc_test_link {
	u8 user_data[SMC_LLC_USER_DATA_LEN];
};

/**
 * struct smc_llc_delete_rkey - Delete RKey
 * @negative: response: some RKeys were not known
 * @nr_announced: number the peer announced; more than 8 cannot be served
 * @nr_rkeys: RKeys in @rkeys, min(@nr_announced, 8); on encode only @nr_rkeys
 *	counts
 * @err: negative response: v1 mask with bit 7 for the first RKey, v2 number
 *	of RKeys not known
 * @rkeys: RKeys as known on the carrying link; zero in v2 responses
 */
struct smc_llc_delete_rkey {
	bool negative;
	u8 nr_announced;
	u8 nr_rkeys;
	u8 err;
	u32 rkeys[SMC_LLC_DEL_RKEYS];
};

/**
 * struct smc_llc_msg - LLC message in host order
 * @type: which member of the union is meant
 * @version: SMC_LLC_V1 or SMC_LLC_V2
 * @response: answer to a request
 * @confirm_link: if SMC_LLC_CONFIRM_LINK
 * @add_link: if SMC_LLC_ADD_LINK
 * @add_link_cont: if SMC_LLC_ADD_LINK_CONT
 * @delete_link: if SMC_LLC_DELETE_LINK
 * @req_add_link: if SMC_LLC_REQ_ADD_LINK
 * @confirm_rkey: if SMC_LLC_CONFIRM_RKEY
 * @confirm_rkey_cont: if SMC_LLC_CONFIRM_RKEY_CONT
 * @test_link: if SMC_LLC_TEST_LINK
 * @delete_rkey: if SMC_LLC_DELETE_RKEY
 */
struct smc_llc_msg {
	enum smc_llc_type type;
	u8 version;
	bool response;
	union {
		struct smc_llc_confirm_link confirm_link;
		struct smc_llc_add_link add_link;
		struct smc_llc_add_link_cont add_link_cont;
		struct smc_llc_delete_link delete_link;
		struct smc_llc_req_add_link req_add_link;
		struct smc_llc_confirm_rkey confirm_rkey;
		struct smc_llc_confirm_rkey_cont confirm_rkey_cont;
		struct smc_llc_test_link test_link;
		struct smc_llc_delete_rkey delete_rkey;
	};
};

int smc_llc_decode(const u8 *buf, size_t len, struct smc_llc_msg *msg,
		   enum smc_llc_check *why);
int smc_llc_encode(const struct smc_llc_msg *msg, u8 *buf, size_t size);
int smc_llc_rtoken_get(const u8 *buf, size_t len, unsigned int idx,
		       struct smc_llc_rtoken_pair *pair);
int smc_llc_rtoken_put(u8 *buf, size_t size, unsigned int idx,
		       const struct smc_llc_rtoken_pair *pair);
const char *smc_llc_type_name(enum smc_llc_type type);
const char *smc_llc_check_name(enum smc_llc_check why);

#endif /* _SMC_LLC_WIRE_H */
