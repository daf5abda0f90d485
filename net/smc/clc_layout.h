/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where things are in CLC messages, and what their codecs share.
 *
 * wire-protocol.md 2.2 to 2.7
 */
#ifndef _SMC_CLC_LAYOUT_H
#define _SMC_CLC_LAYOUT_H

#include "clc_wire.h"

/* eye catchers: "SMCR" and "SMCD" in EBCDIC */
#define CLC_EYECATCHER_R	0xe2d4c3d9
#define CLC_EYECATCHER_D	0xe2d4c3c4
#define CLC_TRAILER_LEN		4

/* common header */
enum {
	HDR_OFF_EYECATCHER = 0,
	HDR_OFF_TYPE = 4,
	HDR_OFF_LENGTH = 5,
	HDR_OFF_FLAGS = 7,
};

#define HDR_VERSION_SHIFT	4
#define HDR_V2_TYPE_SHIFT	2
#define HDR_TYPE_MASK		0x03
#define HDR_FIRST_CONTACT	0x08
#define HDR_OUT_OF_SYNC		0x08

static_assert(HDR_OFF_FLAGS + 1 == SMC_CLC_HDR_LEN, "CLC header layout");

/* Proposal: base part and SMC-D / v2 subarea */
enum {
	PROP_OFF_PEER_ID = SMC_CLC_HDR_LEN,
	PROP_OFF_GID = 16,
	PROP_OFF_MAC = 32,
	PROP_OFF_IP_OFFSET = 38,
	PROP_BASE_LEN = 40,
	PROP_OFF_ISM_GID = PROP_BASE_LEN,
	PROP_OFF_ISM_CHID = 48,
	PROP_OFF_V2_OFFSET = 50,
	PROP_OFF_VENDOR_OUI = 52,
	PROP_OFF_VENDOR_OPTS = 55,
	PROP_OFF_RESERVED = 60,
	PROP_SUBAREA_LEN = 40,
	PROP_SUBAREA_END = PROP_BASE_LEN + PROP_SUBAREA_LEN,
	PROP_IP_OFFSET_BASE = 40,	/* where the offset counts from */
	PROP_V2_OFFSET_BASE = 52,	/* ditto */
};

static_assert(PROP_OFF_RESERVED + 20 == PROP_SUBAREA_END,
	      "Proposal layout");

/* Proposal: IP area */
enum {
	IP_OFF_SUBNET = 0,
	IP_OFF_PREFIX_LEN = 4,
	IP_OFF_NR_IPV6 = 7,
	IP_AREA_LEN = 8,
	IP6_OFF_ADDR = 0,
	IP6_OFF_LEN = 16,
	IP6_PREFIX_LEN = 17,
};

/* Proposal: v2 extension */
enum {
	V2_OFF_NR_EIDS = 0,
	V2_OFF_NR_ISM_GIDS = 1,
	V2_OFF_FLAGS = 3,
	V2_OFF_SMCD_OFFSET = 6,
	V2_SMCD_OFFSET_BASE = 8,	/* where the offset counts from */
	V2_OFF_GID = 8,
	V2_OFF_MAX_CONNS = 24,
	V2_OFF_MAX_LINKS = 25,
	V2_OFF_FEATURES = 26,
	V2_OFF_RESERVED = 28,
	V2_EXT_LEN = 40,
};

#define V2_RELEASE_SHIFT	4
#define V2_SEID_FLAG		0x01

static_assert(V2_OFF_RESERVED + 12 == V2_EXT_LEN, "v2 extension layout");

/* Proposal: SMC-D v2 extension */
enum {
	D2_OFF_SEID = 0,
	D2_OFF_RESERVED = 32,
	D2_EXT_LEN = 48,
	D2_GID_LEN = 10,
};

#define PROP_V2_OFFSET_MAX	172
#define V2_SMCD_OFFSET_MAX	288
#define PROP_MIN_LEN	(PROP_BASE_LEN + IP_AREA_LEN + CLC_TRAILER_LEN)

static_assert(PROP_SUBAREA_END + IP_AREA_LEN +
	      SMC_CLC_MAX_PREFIXES * IP6_PREFIX_LEN +
	      V2_EXT_LEN + SMC_CLC_MAX_EIDS * SMC_EID_LEN +
	      D2_EXT_LEN + SMC_CLC_MAX_ISM_GIDS * D2_GID_LEN +
	      CLC_TRAILER_LEN == SMC_CLC_MAX_LEN, "longest Proposal");

/* Accept and Confirm, SMC-R */
enum {
	ACC_OFF_PEER_ID = SMC_CLC_HDR_LEN,
	ACC_OFF_GID = 16,
	ACC_OFF_MAC = 32,
	ACC_OFF_QPN = 38,
	ACC_OFF_RKEY = 41,
	ACC_OFF_RMBE_IDX = 45,
	ACC_OFF_TOKEN = 46,
	ACC_OFF_SIZES = 50,
	ACC_OFF_VADDR = 52,
	ACC_OFF_PSN = 61,
	ACC_V1_LEN = 68,
	ACC_OFF_EID = 64,
	ACC_V2_LEN = 108,		/* not first contact */
	ACC_OFF_FCE = 104,
	ACC_V2_FCE_LEN = 160,		/* Accept, first contact */
	ACC_V2_SHORT_FCE_LEN = 144,	/* ditto, short extension */
	ACC_OFF_NR_GIDS = 156,
	ACC_OFF_GIDS = 160,
};

#define ACC_SIZE_SHIFT		4
#define ACC_MTU_MASK		0x0f
#define ACC_SMCD_MIN_LEN	48	/* SMC-D v1, the shortest */

/* first contact extension */
enum {
	FCE_OFF_FLAGS = 0,
	FCE_OFF_OS_RELEASE = 1,
	FCE_OFF_HOSTNAME = 4,
	FCE_OFF_MAX_CONNS = 36,
	FCE_OFF_MAX_LINKS = 37,
	FCE_OFF_FEATURES = 38,
	FCE_OFF_VENDOR_OPTS = 40,
	FCE_OFF_RESERVED = 44,
	FCE_LEN = 52,
};

#define FCE_DIRECT		0x80
#define FCE_OS_SHIFT		4
#define FCE_RELEASE_MASK	0x0f

static_assert(ACC_OFF_PSN + 3 + CLC_TRAILER_LEN == ACC_V1_LEN,
	      "Accept v1 layout");
static_assert(ACC_OFF_EID + SMC_EID_LEN + 8 == ACC_OFF_FCE,
	      "Accept v2 layout");
static_assert(ACC_OFF_FCE + CLC_TRAILER_LEN == ACC_V2_LEN,
	      "Accept v2 layout");
static_assert(FCE_OFF_RESERVED + 8 == FCE_LEN, "FCE layout");
static_assert(ACC_OFF_FCE + FCE_LEN + CLC_TRAILER_LEN == ACC_V2_FCE_LEN,
	      "Accept with FCE layout");
static_assert(ACC_OFF_FCE + FCE_LEN == ACC_OFF_NR_GIDS, "Confirm layout");

/* Decline */
enum {
	DECL_OFF_PEER_ID = SMC_CLC_HDR_LEN,
	DECL_OFF_DIAG = 16,
	DECL_OFF_OS = 20,
	DECL_V1_LEN = 28,
	DECL_OFF_MORE_DIAG = 24,
	DECL_V2_LEN = 44,
};

#define DECL_OS_SHIFT		4

static_assert(DECL_OFF_MORE_DIAG + 16 + CLC_TRAILER_LEN == DECL_V2_LEN,
	      "Decline layout");
static_assert(DECL_V2_LEN == SMC_CLC_DECLINE_MAX, "longest Decline");

int smc_clc_check_err(enum smc_clc_check why);
enum smc_clc_check smc_clc_hdr_read(const u8 *buf, size_t len,
				    struct smc_clc_hdr *hdr);
enum smc_clc_check smc_clc_whole_check(const u8 *buf, size_t len,
				       const struct smc_clc_hdr *hdr,
				       bool cut_ok);
void smc_clc_put_frame(u8 *buf, size_t len, enum smc_clc_type type, u8 flags);

#endif /* _SMC_CLC_LAYOUT_H */
