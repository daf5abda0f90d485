/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What user space needs to use AF_SMC sockets, and to look at and set up the
 * module. The numbers are those of Linux.
 */
#ifndef _UAPI_LINUX_SMC_PROTO_H
#define _UAPI_LINUX_SMC_PROTO_H

/* protocols of the family AF_SMC */
#define SMCPROTO_SMC	0	/* SMC over IPv4 */
#define SMCPROTO_SMC6	1	/* SMC over IPv6 */

/* protocol of the families AF_INET and AF_INET6; a macro for module aliases */
#ifndef IPPROTO_SMC
#define IPPROTO_SMC	256
#endif

/* options of the level SOL_SMC */
#define SMC_LIMIT_HS	1	/* int: a busy listener prefers plain TCP */

/* -------- generic netlink -------- */

#define SMC_GENL_FAMILY_NAME	"SMC_GEN_NETLINK"
#define SMC_GENL_FAMILY_VERSION	1

#define SMC_MAX_EID_LEN		32	/* characters, blank padded */
#define SMC_MAX_HOSTNAME_LEN	32	/* ditto */

/* commands; "do" ones need CAP_NET_ADMIN */
enum {
	SMC_NETLINK_GET_SYS_INFO = 1,		/* dump */
	SMC_NETLINK_GET_LGR_SMCR,		/* dump */
	SMC_NETLINK_GET_LINK_SMCR,		/* dump */
	SMC_NETLINK_GET_LGR_SMCD,		/* dump */
	SMC_NETLINK_GET_DEV_SMCD,		/* dump */
	SMC_NETLINK_GET_DEV_SMCR,		/* dump */
	SMC_NETLINK_GET_STATS,			/* dump */
	SMC_NETLINK_GET_FBACK_STATS,		/* dump */
	SMC_NETLINK_DUMP_UEID,			/* dump */
	SMC_NETLINK_ADD_UEID,			/* do */
	SMC_NETLINK_REMOVE_UEID,		/* do */
	SMC_NETLINK_FLUSH_UEID,			/* do */
	SMC_NETLINK_DUMP_SEID,			/* dump */
	SMC_NETLINK_ENABLE_SEID,		/* do */
	SMC_NETLINK_DISABLE_SEID,		/* do */
	SMC_NETLINK_DUMP_HS_LIMITATION,		/* dump */
	SMC_NETLINK_ENABLE_HS_LIMITATION,	/* do */
	SMC_NETLINK_DISABLE_HS_LIMITATION,	/* do */
};

/* top level of answers to commands 1 to 8: one nest */
enum {
	SMC_GEN_UNSPEC,
	SMC_GEN_SYS_INFO,			/* nest SMC_NLA_SYS_* */
	SMC_GEN_LGR_SMCR,			/* nest SMC_NLA_LGR_R_* */
	SMC_GEN_LINK_SMCR,			/* nest SMC_NLA_LINK_* */
	SMC_GEN_LGR_SMCD,			/* SMC-D: never sent */
	SMC_GEN_DEV_SMCD,			/* SMC-D: never sent */
	SMC_GEN_DEV_SMCR,			/* nest SMC_NLA_DEV_* */
	SMC_GEN_STATS,				/* nest SMC_NLA_STATS_* */
	SMC_GEN_FBACK_STATS,			/* nest SMC_NLA_FBACK_* */
};

enum {
	SMC_NLA_SYS_VER = 1,			/* u8 */
	SMC_NLA_SYS_REL,			/* u8 */
	SMC_NLA_SYS_IS_ISM_V2,			/* u8 */
	SMC_NLA_SYS_LOCAL_HOST,			/* string */
	SMC_NLA_SYS_SEID,			/* string */
	SMC_NLA_SYS_IS_SMCR_V2,			/* u8 */
};

enum {
	SMC_NLA_LGR_R_ID = 1,			/* u32 */
	SMC_NLA_LGR_R_ROLE,			/* u8: 0 client, 1 server */
	SMC_NLA_LGR_R_TYPE,			/* u8: 0 no link, 1 one */
	SMC_NLA_LGR_R_PNETID,			/* string */
	SMC_NLA_LGR_R_VLAN_ID,			/* u8 */
	SMC_NLA_LGR_R_CONNS_NUM,		/* u32 */
	SMC_NLA_LGR_R_V2_COMMON,		/* nest SMC_NLA_LGR_V2_* */
	SMC_NLA_LGR_R_V2,			/* nest SMC_NLA_LGR_R_V2_* */
	SMC_NLA_LGR_R_NET_COOKIE,		/* u64 */
	SMC_NLA_LGR_R_PAD,
	SMC_NLA_LGR_R_BUF_TYPE,			/* u8 */
	SMC_NLA_LGR_R_SNDBUF_ALLOC,		/* uint, bytes */
	SMC_NLA_LGR_R_RMB_ALLOC,		/* uint, bytes */
};

/* the first is number 0 */
enum {
	SMC_NLA_LGR_V2_VER,			/* u8 */
	SMC_NLA_LGR_V2_REL,			/* u8, the peer's */
	SMC_NLA_LGR_V2_OS,			/* u8, the peer's */
	SMC_NLA_LGR_V2_NEG_EID,			/* string */
	SMC_NLA_LGR_V2_PEER_HOST,		/* string */
};

enum {
	SMC_NLA_LGR_R_V2_DIRECT = 1,		/* u8 */
	SMC_NLA_LGR_R_V2_MAX_CONNS,		/* u8 */
	SMC_NLA_LGR_R_V2_MAX_LINKS,		/* u8 */
};

enum {
	SMC_NLA_LINK_ID = 1,			/* u8 */
	SMC_NLA_LINK_IB_DEV,			/* string */
	SMC_NLA_LINK_IB_PORT,			/* u8 */
	SMC_NLA_LINK_GID,			/* string */
	SMC_NLA_LINK_PEER_GID,			/* string */
	SMC_NLA_LINK_CONN_CNT,			/* u32 */
	SMC_NLA_LINK_NET_DEV,			/* u32, ifindex */
	SMC_NLA_LINK_UID,			/* u32 */
	SMC_NLA_LINK_PEER_UID,			/* u32 */
	SMC_NLA_LINK_STATE,			/* u32: 3 active */
};

enum {
	SMC_NLA_DEV_USE_CNT = 1,		/* u32, SMC-D only */
	SMC_NLA_DEV_IS_CRIT,			/* u8 */
	SMC_NLA_DEV_PCI_FID,			/* u32 */
	SMC_NLA_DEV_PCI_CHID,			/* u16 */
	SMC_NLA_DEV_PCI_VENDOR,			/* u16 */
	SMC_NLA_DEV_PCI_DEVICE,			/* u16 */
	SMC_NLA_DEV_PCI_ID,			/* string */
	SMC_NLA_DEV_PORT,			/* nest SMC_NLA_DEV_PORT_* */
	SMC_NLA_DEV_PORT2,			/* ditto */
	SMC_NLA_DEV_IB_NAME,			/* string */
};

enum {
	SMC_NLA_DEV_PORT_PNET_USR = 1,		/* u8 */
	SMC_NLA_DEV_PORT_PNETID,		/* string */
	SMC_NLA_DEV_PORT_NETDEV,		/* u32, ifindex */
	SMC_NLA_DEV_PORT_STATE,			/* u8: 1 active */
	SMC_NLA_DEV_PORT_VALID,			/* u8 */
	SMC_NLA_DEV_PORT_LNK_CNT,		/* u32 */
};

enum {
	SMC_NLA_STATS_PAD,
	SMC_NLA_STATS_SMCD_TECH,		/* nest SMC_NLA_STATS_T_* */
	SMC_NLA_STATS_SMCR_TECH,		/* ditto */
	SMC_NLA_STATS_CLNT_HS_ERR_CNT,		/* u64 */
	SMC_NLA_STATS_SRV_HS_ERR_CNT,		/* u64 */
};

enum {
	SMC_NLA_STATS_T_PAD,
	SMC_NLA_STATS_T_TX_RMB_SIZE,		/* nest of 9 u64: sizes */
	SMC_NLA_STATS_T_RX_RMB_SIZE,		/* ditto */
	SMC_NLA_STATS_T_TXPLOAD_SIZE,		/* ditto */
	SMC_NLA_STATS_T_RXPLOAD_SIZE,		/* ditto */
	SMC_NLA_STATS_T_TX_RMB_STATS,		/* nest SMC_NLA_STATS_RMB_* */
	SMC_NLA_STATS_T_RX_RMB_STATS,		/* ditto */
	SMC_NLA_STATS_T_CLNT_V1_SUCC,		/* u64, as are the next */
	SMC_NLA_STATS_T_CLNT_V2_SUCC,
	SMC_NLA_STATS_T_SRV_V1_SUCC,
	SMC_NLA_STATS_T_SRV_V2_SUCC,
	SMC_NLA_STATS_T_SENDPAGE_CNT,
	SMC_NLA_STATS_T_SPLICE_CNT,
	SMC_NLA_STATS_T_CORK_CNT,
	SMC_NLA_STATS_T_NDLY_CNT,
	SMC_NLA_STATS_T_URG_DATA_CNT,
	SMC_NLA_STATS_T_RX_BYTES,
	SMC_NLA_STATS_T_TX_BYTES,
	SMC_NLA_STATS_T_RX_CNT,
	SMC_NLA_STATS_T_TX_CNT,
	SMC_NLA_STATS_T_RX_RMB_USAGE,		/* uint, bytes */
	SMC_NLA_STATS_T_TX_RMB_USAGE,		/* uint, bytes */
};

/* by size: 8, 16, ... 1024 KiB, and above; u64 */
enum {
	SMC_NLA_STATS_PLOAD_PAD,
	SMC_NLA_STATS_PLOAD_8K,
	SMC_NLA_STATS_PLOAD_16K,
	SMC_NLA_STATS_PLOAD_32K,
	SMC_NLA_STATS_PLOAD_64K,
	SMC_NLA_STATS_PLOAD_128K,
	SMC_NLA_STATS_PLOAD_256K,
	SMC_NLA_STATS_PLOAD_512K,
	SMC_NLA_STATS_PLOAD_1024K,
	SMC_NLA_STATS_PLOAD_G_1024K,
};

enum {
	SMC_NLA_STATS_RMB_PAD,
	SMC_NLA_STATS_RMB_SIZE_SM_PEER_CNT,	/* u64, as are the next */
	SMC_NLA_STATS_RMB_SIZE_SM_CNT,
	SMC_NLA_STATS_RMB_FULL_PEER_CNT,
	SMC_NLA_STATS_RMB_FULL_CNT,
	SMC_NLA_STATS_RMB_REUSE_CNT,
	SMC_NLA_STATS_RMB_ALLOC_CNT,
	SMC_NLA_STATS_RMB_DGRADE_CNT,
};

enum {
	SMC_NLA_FBACK_STATS_PAD,
	SMC_NLA_FBACK_STATS_TYPE,		/* u8: 0 client, 1 server */
	SMC_NLA_FBACK_STATS_SRV_CNT,		/* u64, first message only */
	SMC_NLA_FBACK_STATS_CLNT_CNT,		/* ditto */
	SMC_NLA_FBACK_STATS_RSN_CODE,		/* u32 */
	SMC_NLA_FBACK_STATS_RSN_CNT,		/* u16 */
};

/* top level of commands 9 to 12 */
enum {
	SMC_NLA_EID_TABLE_UNSPEC,
	SMC_NLA_EID_TABLE_ENTRY,		/* string */
};

/* top level of answers to command 13 */
enum {
	SMC_NLA_SEID_UNSPEC,
	SMC_NLA_SEID_ENTRY,			/* string */
	SMC_NLA_SEID_ENABLED,			/* u8 */
};

/* top level of answers to command 16 */
enum {
	SMC_NLA_HS_LIMITATION_UNSPEC,
	SMC_NLA_HS_LIMITATION_ENABLED,		/* u8 */
};

#endif /* _UAPI_LINUX_SMC_PROTO_H */
