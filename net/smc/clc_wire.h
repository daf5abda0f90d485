/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CLC (connection layer control) messages: bytes to and from host order.
 *
 * Receiving: peek SMC_CLC_HDR_LEN bytes, smc_clc_hdr_decode(), then consume
 * exactly hdr.length bytes of the stream into a buffer of SMC_CLC_MAX_LEN (a
 * longer tail is read and dropped) and give the buffer to the decode function
 * of the type, with the number of bytes kept.
 */
#ifndef _SMC_CLC_WIRE_H
#define _SMC_CLC_WIRE_H

#include "wire.h"

#define SMC_CLC_HDR_LEN		8
#define SMC_CLC_MAX_LEN		652	/* longest Proposal, buffer size */
#define SMC_CLC_DECLINE_MAX	44	/* longest Decline */
#define SMC_CLC_MAX_EIDS	8
#define SMC_CLC_MAX_PREFIXES	8	/* IPv6 prefixes of a Proposal */
#define SMC_CLC_MAX_ISM_GIDS	8
#define SMC_CLC_MAX_GIDS	8	/* GIDs kept of a Confirm */
#define SMC_CLC_OUI_LEN		3
#define SMC_CLC_PROP_VENDOR_LEN	5	/* vendor options of a Proposal */
#define SMC_CLC_FCE_VENDOR_LEN	4	/* vendor options of Accept, Confirm */

#define SMC_CLC_V1		1
#define SMC_CLC_V2		2

/**
 * enum smc_clc_type - type byte of the header
 * @SMC_CLC_PROPOSAL: Proposal, client to server
 * @SMC_CLC_ACCEPT: Accept, server to client
 * @SMC_CLC_CONFIRM: Confirm, client to server
 * @SMC_CLC_DECLINE: Decline, either way
 */
enum smc_clc_type {
	SMC_CLC_PROPOSAL = 1,
	SMC_CLC_ACCEPT = 2,
	SMC_CLC_CONFIRM = 3,
	SMC_CLC_DECLINE = 4,
};

/**
 * enum smc_clc_offer - what a Proposal offers in one SMC version
 * @SMC_CLC_OFFER_R: SMC-R
 * @SMC_CLC_OFFER_D: SMC-D
 * @SMC_CLC_OFFER_N: neither
 * @SMC_CLC_OFFER_B: both
 */
enum smc_clc_offer {
	SMC_CLC_OFFER_R = 0,
	SMC_CLC_OFFER_D = 1,
	SMC_CLC_OFFER_N = 2,
	SMC_CLC_OFFER_B = 3,
};

/**
 * enum smc_clc_tech - technology chosen by Accept and Confirm
 * @SMC_CLC_TECH_R: SMC-R
 * @SMC_CLC_TECH_D: SMC-D
 */
enum smc_clc_tech {
	SMC_CLC_TECH_R = 0,
	SMC_CLC_TECH_D = 1,
};

/**
 * enum smc_clc_os - operating system type
 * @SMC_CLC_OS_UNKNOWN: not told
 * @SMC_CLC_OS_ZOS: z/OS
 * @SMC_CLC_OS_LINUX: Linux
 * @SMC_CLC_OS_AIX: AIX
 */
enum smc_clc_os {
	SMC_CLC_OS_UNKNOWN = 0,
	SMC_CLC_OS_ZOS = 1,
	SMC_CLC_OS_LINUX = 2,
	SMC_CLC_OS_AIX = 3,
};

/**
 * enum smc_clc_diag - peer diagnosis of Decline, and fallback reasons
 * @SMC_CLC_DECL_NONE: no reason
 * @SMC_CLC_DECL_NO_MEMORY: out of memory
 * @SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT: no Confirm Link in time
 * @SMC_CLC_DECL_ADD_LINK_TIMEOUT: no Add Link in time
 * @SMC_CLC_DECL_CONFIG: configuration error
 * @SMC_CLC_DECL_PEER_NO_SMC: peer did not send the TCP option; never sent
 * @SMC_CLC_DECL_IPSEC: IPsec policy on the TCP socket
 * @SMC_CLC_DECL_NO_DEVICE: no usable device of either technology
 * @SMC_CLC_DECL_NO_SMCD_DEVICE: no SMC-D device
 * @SMC_CLC_DECL_NO_SMCR_DEVICE: no SMC-R device
 * @SMC_CLC_DECL_NO_ISM_V2: no ISM v2 support
 * @SMC_CLC_DECL_NO_V2_EXT: Proposal has no v2 extension
 * @SMC_CLC_DECL_NO_SMCD_V2_EXT: Proposal has no SMC-D v2 extension
 * @SMC_CLC_DECL_NO_SEID: no system EID
 * @SMC_CLC_DECL_NO_SMCD_V2_DEVICE: no SMC-D v2 device
 * @SMC_CLC_DECL_NO_UEID: no user EID in common
 * @SMC_CLC_DECL_RELEASE: release negotiation failed
 * @SMC_CLC_DECL_MAX_CONNS: maximum of connections not agreed
 * @SMC_CLC_DECL_MAX_LINKS: maximum of links not agreed
 * @SMC_CLC_DECL_MODE: Accept chose a technology that was not offered
 * @SMC_CLC_DECL_RMBE_EYECATCHER: peer uses an eye catcher inside the RMBE
 * @SMC_CLC_DECL_FASTOPEN: TCP fast open is used; never sent
 * @SMC_CLC_DECL_PREFIX: IP prefix or subnet mismatch
 * @SMC_CLC_DECL_VLAN: VLAN id of the IP device not known
 * @SMC_CLC_DECL_ISM_VLAN: VLAN registration on ISM failed
 * @SMC_CLC_DECL_NO_ACTIVE_LINK: link group has no active link
 * @SMC_CLC_DECL_LINK_NOT_FOUND: link named by the server not found
 * @SMC_CLC_DECL_VERSION: version mismatch
 * @SMC_CLC_DECL_DMB_LIMIT: out of SMC-D DMBs
 * @SMC_CLC_DECL_NO_ROUTE: no route to the peer's GID
 * @SMC_CLC_DECL_INDIRECT: peer says indirect, the route is direct
 * @SMC_CLC_DECL_SYNC: synchronization error
 * @SMC_CLC_DECL_PEER_DECLINED: peer declined; never sent
 * @SMC_CLC_DECL_INTERNAL: internal error
 * @SMC_CLC_DECL_RTOKEN: RToken handling failed
 * @SMC_CLC_DECL_QP_READY: QP could not be made ready
 * @SMC_CLC_DECL_RMB_REG: buffer registration or Confirm RKey failed
 *
 * Peers may use values not listed here: they are opaque.
 */
enum smc_clc_diag {
	SMC_CLC_DECL_NONE = 0,
	SMC_CLC_DECL_NO_MEMORY = 0x01010000,
	SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT = 0x02010000,
	SMC_CLC_DECL_ADD_LINK_TIMEOUT = 0x02020000,
	SMC_CLC_DECL_CONFIG = 0x03000000,
	SMC_CLC_DECL_PEER_NO_SMC = 0x03010000,
	SMC_CLC_DECL_IPSEC = 0x03020000,
	SMC_CLC_DECL_NO_DEVICE = 0x03030000,
	SMC_CLC_DECL_NO_SMCD_DEVICE = 0x03030001,
	SMC_CLC_DECL_NO_SMCR_DEVICE = 0x03030002,
	SMC_CLC_DECL_NO_ISM_V2 = 0x03030003,
	SMC_CLC_DECL_NO_V2_EXT = 0x03030004,
	SMC_CLC_DECL_NO_SMCD_V2_EXT = 0x03030005,
	SMC_CLC_DECL_NO_SEID = 0x03030006,
	SMC_CLC_DECL_NO_SMCD_V2_DEVICE = 0x03030007,
	SMC_CLC_DECL_NO_UEID = 0x03030008,
	SMC_CLC_DECL_RELEASE = 0x03030009,
	SMC_CLC_DECL_MAX_CONNS = 0x0303000a,
	SMC_CLC_DECL_MAX_LINKS = 0x0303000b,
	SMC_CLC_DECL_MODE = 0x03040000,
	SMC_CLC_DECL_RMBE_EYECATCHER = 0x03050000,
	SMC_CLC_DECL_FASTOPEN = 0x03060000,
	SMC_CLC_DECL_PREFIX = 0x03070000,
	SMC_CLC_DECL_VLAN = 0x03080000,
	SMC_CLC_DECL_ISM_VLAN = 0x03090000,
	SMC_CLC_DECL_NO_ACTIVE_LINK = 0x030a0000,
	SMC_CLC_DECL_LINK_NOT_FOUND = 0x030b0000,
	SMC_CLC_DECL_VERSION = 0x030c0000,
	SMC_CLC_DECL_DMB_LIMIT = 0x030d0000,
	SMC_CLC_DECL_NO_ROUTE = 0x030e0000,
	SMC_CLC_DECL_INDIRECT = 0x030f0000,
	SMC_CLC_DECL_SYNC = 0x04000000,
	SMC_CLC_DECL_PEER_DECLINED = 0x05000000,
	SMC_CLC_DECL_INTERNAL = 0x09990000,
	SMC_CLC_DECL_RTOKEN = 0x09990001,
	SMC_CLC_DECL_QP_READY = 0x09990002,
	SMC_CLC_DECL_RMB_REG = 0x09990003,
};

/**
 * enum smc_clc_check - why a CLC message was refused
 * @SMC_CLC_OK: it was not
 * @SMC_CLC_BAD_SHORT: fewer bytes than a header
 * @SMC_CLC_BAD_EYECATCHER: no eye catcher at the start
 * @SMC_CLC_BAD_TYPE: type unknown
 * @SMC_CLC_BAD_VERSION: version 0, or one that was never offered
 * @SMC_CLC_BAD_LENGTH: length impossible for this type, version and counts
 * @SMC_CLC_BAD_BUFFER: not as many bytes given as the header says
 * @SMC_CLC_BAD_TRAILER: no eye catcher at the end
 * @SMC_CLC_BAD_EXPECTED: another type than the one asked for
 * @SMC_CLC_BAD_OFFER: version 1 Proposal that offers nothing
 * @SMC_CLC_BAD_IP_OFFSET: IP area offset out of range
 * @SMC_CLC_BAD_NR_PREFIXES: too many IPv6 prefixes
 * @SMC_CLC_BAD_PREFIX_LEN: prefix longer than an address
 * @SMC_CLC_BAD_V2_OFFSET: v2 extension absent or at an impossible place
 * @SMC_CLC_BAD_NR_EIDS: too many EIDs
 * @SMC_CLC_BAD_NR_ISM_GIDS: too many ISM GIDs
 * @SMC_CLC_BAD_TECH: Accept or Confirm chose neither SMC-R nor SMC-D
 * @SMC_CLC_BAD_SMCD: Accept or Confirm chose SMC-D: decline with
 *	SMC_CLC_DECL_MODE
 * @SMC_CLC_BAD_RMBE_IDX: RMBE index 0
 * @SMC_CLC_BAD_MTU: first contact with MTU code 0
 * @SMC_CLC_BAD_NR_GIDS: Confirm announces more GIDs than it holds
 * @SMC_CLC_NR_CHECKS: number of values
 */
enum smc_clc_check {
	SMC_CLC_OK,
	SMC_CLC_BAD_SHORT,
	SMC_CLC_BAD_EYECATCHER,
	SMC_CLC_BAD_TYPE,
	SMC_CLC_BAD_VERSION,
	SMC_CLC_BAD_LENGTH,
	SMC_CLC_BAD_BUFFER,
	SMC_CLC_BAD_TRAILER,
	SMC_CLC_BAD_EXPECTED,
	SMC_CLC_BAD_OFFER,
	SMC_CLC_BAD_IP_OFFSET,
	SMC_CLC_BAD_NR_PREFIXES,
	SMC_CLC_BAD_PREFIX_LEN,
	SMC_CLC_BAD_V2_OFFSET,
	SMC_CLC_BAD_NR_EIDS,
	SMC_CLC_BAD_NR_ISM_GIDS,
	SMC_CLC_BAD_TECH,
	SMC_CLC_BAD_SMCD,
	SMC_CLC_BAD_RMBE_IDX,
	SMC_CLC_BAD_MTU,
	SMC_CLC_BAD_NR_GIDS,
	SMC_CLC_NR_CHECKS
};

/**
 * struct smc_clc_hdr - common header
 * @type: message type
 * @length: length of the whole message; at least what its type needs
 * @version: SMC version, at least 1
 * @smcd_eyecatcher: eye catcher is that of SMC-D
 * @first_contact: Accept, Confirm: new link group
 * @out_of_sync: Decline: link group of the sender is not in step
 * @v1_type: Proposal: enum smc_clc_offer for version 1
 * @v2_type: Proposal: enum smc_clc_offer for version 2; none in a version 1
 *	header
 * @tech: Accept, Confirm: enum smc_clc_tech, or 2 or 3 from a broken peer
 */
struct smc_clc_hdr {
	enum smc_clc_type type;
	u16 length;
	u8 version;
	bool smcd_eyecatcher;
	bool first_contact;
	bool out_of_sync;
	u8 v1_type;
	u8 v2_type;
	u8 tech;
};

/**
 * struct smc_clc_prefix6 - IPv6 prefix of a Proposal
 * @addr: address masked to its length
 * @len: number of mask bits, 0..128
 */
struct smc_clc_prefix6 {
	u8 addr[16];
	u8 len;
};

/**
 * struct smc_clc_proposal - Proposal
 * @version: version of the header; Linux always 2
 * @v1_type: enum smc_clc_offer for version 1
 * @v2_type: enum smc_clc_offer for version 2
 * @peer_id: sender's peer ID, zero from Linux without SMC-R v1
 * @gid_v1: RoCE v1 GID, ditto
 * @mac: MAC of the port, ditto
 * @has_subarea: SMC-D / v2 subarea present; encode always writes it
 * @ism_gid: SMC-D v1 GID
 * @ism_chid: SMC-D v1 CHID
 * @vendor_oui: vendor OUI
 * @vendor_opts: vendor experimental options
 * @ipv4_subnet: network address in host order, 0 for IPv6; as the three
 *	below only if @v1_type is not N
 * @ipv4_prefix_len: number of mask bits, 0..32
 * @nr_ipv6: number of IPv6 prefixes, 0 for IPv4
 * @ipv6: the IPv6 prefixes
 * @has_v2_ext: v2 extension present; encode goes by @v2_type instead. As all
 *	that follows
 * @release: release offered
 * @seid_flag: system EID enabled
 * @nr_eids: number of user EIDs
 * @eids: user EIDs, blank padded, not terminated
 * @gid_v2: RoCE v2 GID
 * @max_conns: connections per link group, release 1 and up
 * @max_links: links per link group, ditto
 * @feature_mask: features, ditto
 * @has_smcd_v2_ext: SMC-D v2 extension present; never encoded
 * @nr_ism_gids: number of ISM GIDs in it, which are skipped
 * @seid: system EID in it
 */
struct smc_clc_proposal {
	u8 version;
	u8 v1_type;
	u8 v2_type;
	u8 peer_id[SMC_PEER_ID_LEN];
	u8 gid_v1[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
	bool has_subarea;
	u64 ism_gid;
	u16 ism_chid;
	u8 vendor_oui[SMC_CLC_OUI_LEN];
	u8 vendor_opts[SMC_CLC_PROP_VENDOR_LEN];
	u32 ipv4_subnet;
	u8 ipv4_prefix_len;
	u8 nr_ipv6;
	struct smc_clc_prefix6 ipv6[SMC_CLC_MAX_PREFIXES];
	bool has_v2_ext;
	u8 release;
	bool seid_flag;
	u8 nr_eids;
	u8 eids[SMC_CLC_MAX_EIDS][SMC_EID_LEN];
	u8 gid_v2[SMC_GID_LEN];
	u8 max_conns;
	u8 max_links;
	u16 feature_mask;
	bool has_smcd_v2_ext;
	u8 nr_ism_gids;
	u8 seid[SMC_EID_LEN];
};

/**
 * struct smc_clc_fce - first contact extension of Accept and Confirm
 * @direct: peer is reachable without an IP gateway
 * @os: enum smc_clc_os
 * @release: release negotiated
 * @hostname: blank padded, not terminated
 * @max_conns: connections per link group, 0 in release 0
 * @max_links: links per link group, ditto
 * @feature_mask: features, ditto
 * @vendor_opts: vendor experimental options
 */
struct smc_clc_fce {
	bool direct;
	u8 os;
	u8 release;
	u8 hostname[SMC_HOSTNAME_LEN];
	u8 max_conns;
	u8 max_links;
	u16 feature_mask;
	u8 vendor_opts[SMC_CLC_FCE_VENDOR_LEN];
};

/**
 * struct smc_clc_accept - Accept or Confirm for SMC-R
 * @type: SMC_CLC_ACCEPT or SMC_CLC_CONFIRM
 * @version: version selected, 1 or 2
 * @first_contact: new link group
 * @tech: enum smc_clc_tech; decode refuses all but SMC-R, yet sets this and
 *	the three members above
 * @peer_id: sender's peer ID
 * @gid: sender's GID of the link
 * @mac: sender's MAC of the port
 * @qpn: sender's QP number
 * @rkey: RKey of sender's RMB
 * @rmbe_idx: index of the RMBE in the RMB, 1..255
 * @token: sender's alert token
 * @rmbe_size_c: compressed size of the RMBE, 0..15
 * @mtu: QP MTU code, not 0 on first contact; take the minimum with the own
 * @vaddr: virtual address of the RMB
 * @psn: sender's initial PSN
 * @eid: v2: EID negotiated, blank padded
 * @fce: v2 first contact: extension
 * @nr_gids: v2 first contact Confirm: number of GIDs in @gids
 * @gids: first the one of the link, then alternates
 */
struct smc_clc_accept {
	enum smc_clc_type type;
	u8 version;
	bool first_contact;
	u8 tech;
	u8 peer_id[SMC_PEER_ID_LEN];
	u8 gid[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
	u32 qpn;
	u32 rkey;
	u8 rmbe_idx;
	u32 token;
	u8 rmbe_size_c;
	u8 mtu;
	u64 vaddr;
	u32 psn;
	u8 eid[SMC_EID_LEN];
	struct smc_clc_fce fce;
	u8 nr_gids;
	u8 gids[SMC_CLC_MAX_GIDS][SMC_GID_LEN];
};

/**
 * struct smc_clc_decline - Decline
 * @version: version of the header; 1 is the short form
 * @out_of_sync: link group of the sender is not in step
 * @peer_id: sender's peer ID, zero if not valid
 * @diag: enum smc_clc_diag, or any other value
 * @os: enum smc_clc_os; 0 in the short form
 */
struct smc_clc_decline {
	u8 version;
	bool out_of_sync;
	u8 peer_id[SMC_PEER_ID_LEN];
	u32 diag;
	u8 os;
};

int smc_clc_hdr_decode(const u8 *buf, size_t len, struct smc_clc_hdr *hdr,
		       enum smc_clc_check *why);

int smc_clc_proposal_decode(const u8 *buf, size_t len,
			    struct smc_clc_proposal *prop,
			    enum smc_clc_check *why);
int smc_clc_proposal_encode(const struct smc_clc_proposal *prop, u8 *buf,
			    size_t size);

int smc_clc_accept_decode(const u8 *buf, size_t len,
			  struct smc_clc_accept *acc, enum smc_clc_check *why);
int smc_clc_accept_encode(const struct smc_clc_accept *acc, u8 *buf,
			  size_t size);

int smc_clc_decline_decode(const u8 *buf, size_t len,
			   struct smc_clc_decline *decl,
			   enum smc_clc_check *why);
int smc_clc_decline_encode(const struct smc_clc_decline *decl, u8 *buf,
			   size_t size);

const char *smc_clc_type_name(enum smc_clc_type type);
const char *smc_clc_check_name(enum smc_clc_check why);
const char *smc_clc_diag_name(u32 diag);

/**
 * smc_clc_offers_r - does an offer include SMC-R?
 * @offer: enum smc_clc_offer
 *
 * Return: true for R and B.
 */
static inline bool smc_clc_offers_r(u8 offer)
{
	return offer == SMC_CLC_OFFER_R || offer == SMC_CLC_OFFER_B;
}

/**
 * smc_clc_offers_d - does an offer include SMC-D?
 * @offer: enum smc_clc_offer
 *
 * Return: true for D and B.
 */
static inline bool smc_clc_offers_d(u8 offer)
{
	return offer == SMC_CLC_OFFER_D || offer == SMC_CLC_OFFER_B;
}

#endif /* _SMC_CLC_WIRE_H */
