// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family SMC_GEN_NETLINK, as smc-tools know it.
 *
 * Operation: a command either changes something ("do", for administrators) or
 * lists objects ("dump", for everybody), one message for each. A dump goes on
 * where its last buffer was full: cb->args[0] says which objects are done.
 * What SMC-D or hardware of the mainframe would tell is empty or zero.
 *
 * Link groups and devices are those of the whole host; statistics and the
 * handshake limitation are those of the caller's network namespace.
 *
 * Locks: a group is looked at under lgr->lock, its path unless it is GONE.
 *
 * wire-protocol.md 8.10
 */
#include <linux/pci.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <rdma/ib_cache.h>

#include "../../include/uapi/linux/smc.h"
#include "clc_wire.h"
#include "compat.h"
#include "eid.h"
#include "ibdev.h"
#include "lgr.h"
#include "netlink.h"
#include "smcr.h"
#include "stats.h"
#include "sysctl.h"

#define GID_STR_LEN	40	/* eight groups of four digits */
#define NO_VLAN		0xffff
#define TYPE_NONE	0	/* link groups as user space knows them */
#define TYPE_SINGLE	1

static struct genl_family smc_genl_family;

static struct net *dump_net(const struct netlink_callback *cb)
{
	return sock_net(cb->skb->sk);
}

/*
 * One message: @fill puts attributes into it, into the nest @nest if that is
 * not 0. Return: 0 or -EMSGSIZE, and nothing was added.
 */
static int put_msg(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		   int nest, int (*fill)(struct sk_buff *skb, void *data),
		   void *data)
{
	struct nlattr *attr = NULL;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &smc_genl_family, NLM_F_MULTI, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nest)
		attr = nla_nest_start(skb, nest);
	if ((nest && !attr) || fill(skb, data)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	if (nest)
		nla_nest_end(skb, attr);
	genlmsg_end(skb, hdr);
	return 0;
}

/* a dump of one message */
static int dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		    int nest, int (*fill)(struct sk_buff *skb, void *data))
{
	int ret;

	if (cb->args[0])
		return 0;
	ret = put_msg(skb, cb, cmd, nest, fill, dump_net(cb));
	if (ret)
		return ret;
	cb->args[0] = 1;
	return skb->len;
}

/* of SMC-D, which we do not have */
static int dump_nothing(struct sk_buff *skb, struct netlink_callback *cb)
{
	return 0;
}

/* -------- the host -------- */

static int fill_sys_info(struct sk_buff *skb, void *data)
{
	char host[SMC_HOSTNAME_LEN + 1] = {};

	smcr_hostname(host);
	return nla_put_u8(skb, SMC_NLA_SYS_VER, SMC_CLC_V2) ||
	       nla_put_u8(skb, SMC_NLA_SYS_REL, SMC_RELEASE_2_1) ||
	       nla_put_u8(skb, SMC_NLA_SYS_IS_ISM_V2, 0) ||
	       nla_put_string(skb, SMC_NLA_SYS_LOCAL_HOST, host) ||
	       nla_put_u8(skb, SMC_NLA_SYS_IS_SMCR_V2, 1);
}

static int dump_sys_info(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_one(skb, cb, SMC_NETLINK_GET_SYS_INFO, SMC_GEN_SYS_INFO,
			fill_sys_info);
}

/* -------- link groups and links -------- */

/**
 * struct group - what is told of a link group
 * @lgr: the group
 * @type: TYPE_*
 * @nr_conns: number of connections
 * @net_cookie: of its network namespace
 * @peer_os: as in &struct smc_link_group
 * @peer_host: ditto, terminated
 * @has_link: it has a link, and these are of it
 * @dev: name of the RDMA device
 * @port: its port
 * @ifindex: net device of the GID
 * @vlan: its VLAN, 0 if none
 */
struct group {
	struct smc_link_group *lgr;
	u8 type;
	u32 nr_conns;
	u64 net_cookie;
	u8 peer_os;
	char peer_host[SMC_HOSTNAME_LEN + 1];
	bool has_link;
	char dev[IB_DEVICE_NAME_MAX];
	u8 port;
	u32 ifindex;
	u16 vlan;
};

static void look_at_path(struct group *g, const struct smc_ib_path *path)
{
	struct net_device *ndev;

	g->has_link = true;
	/* unlike dev_name() it stays where it is when the device is renamed */
	strscpy(g->dev, path->dev->ibdev->name, sizeof(g->dev));
	g->port = path->port;
	rcu_read_lock();
	ndev = rdma_read_gid_attr_ndev_rcu(path->attr);
	if (!IS_ERR(ndev))
		g->ifindex = ndev->ifindex;
	rcu_read_unlock();
	if (rdma_read_gid_l2_fields(path->attr, &g->vlan, NULL) ||
	    g->vlan == NO_VLAN)
		g->vlan = 0;
}

/* false if there is nothing left to be told */
static bool look_at_group(struct group *g, struct smc_link_group *lgr)
{
	bool alive;

	*g = (struct group) { .lgr = lgr, .type = TYPE_NONE };
	spin_lock_bh(&lgr->lock);
	alive = lgr->state < SMC_LGR_GONE;
	if (alive) {
		g->net_cookie = lgr->key.net->net_cookie;
		g->nr_conns = lgr->nr_conns;
		g->peer_os = lgr->peer_os;
		memcpy(g->peer_host, lgr->peer_host, SMC_HOSTNAME_LEN);
		if (lgr->link[0])
			look_at_path(g, &lgr->link[0]->path);
		if (lgr->state == SMC_LGR_ACTIVE &&
		    smc_link_is_active(lgr->link[0]))
			g->type = TYPE_SINGLE;
	}
	spin_unlock_bh(&lgr->lock);
	return alive;
}

static int fill_lgr_v2_common(struct sk_buff *skb, const struct group *g)
{
	char eid[SMC_EID_LEN + 1] = {};

	memcpy(eid, g->lgr->eid, SMC_EID_LEN);
	return nla_put_u8(skb, SMC_NLA_LGR_V2_VER, SMC_CLC_V2) ||
	       nla_put_u8(skb, SMC_NLA_LGR_V2_REL, g->lgr->release) ||
	       nla_put_u8(skb, SMC_NLA_LGR_V2_OS, g->peer_os) ||
	       nla_put_string(skb, SMC_NLA_LGR_V2_NEG_EID, eid) ||
	       nla_put_string(skb, SMC_NLA_LGR_V2_PEER_HOST, g->peer_host);
}

static int fill_lgr_v2(struct sk_buff *skb, const struct group *g)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SMC_NLA_LGR_R_V2_COMMON);
	if (!nest || fill_lgr_v2_common(skb, g))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	nest = nla_nest_start(skb, SMC_NLA_LGR_R_V2);
	if (!nest || nla_put_u8(skb, SMC_NLA_LGR_R_V2_DIRECT, 1) ||
	    nla_put_u8(skb, SMC_NLA_LGR_R_V2_MAX_CONNS, g->lgr->max_conns) ||
	    nla_put_u8(skb, SMC_NLA_LGR_R_V2_MAX_LINKS, SMC_LGR_LINKS))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_lgr(struct sk_buff *skb, void *data)
{
	const struct group *g = data;
	struct smc_link_group *lgr = g->lgr;
	u64 sndbufs, rmbs;

	smc_buf_pool_size(&lgr->pool, &sndbufs, &rmbs);
	return nla_put_u32(skb, SMC_NLA_LGR_R_ID, lgr->id << 8) ||
	       nla_put_u8(skb, SMC_NLA_LGR_R_ROLE, lgr->key.server) ||
	       nla_put_u8(skb, SMC_NLA_LGR_R_TYPE, g->type) ||
	       nla_put_string(skb, SMC_NLA_LGR_R_PNETID, "") ||
	       nla_put_u8(skb, SMC_NLA_LGR_R_VLAN_ID, g->vlan) ||
	       nla_put_u32(skb, SMC_NLA_LGR_R_CONNS_NUM, g->nr_conns) ||
	       (lgr->key.version > SMC_CLC_V1 && fill_lgr_v2(skb, g)) ||
	       nla_put_u64_64bit(skb, SMC_NLA_LGR_R_NET_COOKIE, g->net_cookie,
				 SMC_NLA_LGR_R_PAD) ||
	       nla_put_u8(skb, SMC_NLA_LGR_R_BUF_TYPE, 0) ||
	       nla_put_uint(skb, SMC_NLA_LGR_R_SNDBUF_ALLOC, sndbufs) ||
	       nla_put_uint(skb, SMC_NLA_LGR_R_RMB_ALLOC, rmbs);
}

static int fill_link(struct sk_buff *skb, void *data)
{
	const struct group *g = data;
	struct smc_link *link = g->lgr->link[0];
	u8 state = smc_link_state_number(READ_ONCE(link->state));
	char gid[GID_STR_LEN], peer[GID_STR_LEN];

	snprintf(gid, sizeof(gid), "%pI6", link->gid);
	spin_lock_bh(&link->lock);
	snprintf(peer, sizeof(peer), "%pI6", link->peer.gid);
	spin_unlock_bh(&link->lock);
	return nla_put_u8(skb, SMC_NLA_LINK_ID, READ_ONCE(link->num)) ||
	       nla_put_string(skb, SMC_NLA_LINK_IB_DEV, g->dev) ||
	       nla_put_u8(skb, SMC_NLA_LINK_IB_PORT, g->port) ||
	       nla_put_string(skb, SMC_NLA_LINK_GID, gid) ||
	       nla_put_string(skb, SMC_NLA_LINK_PEER_GID, peer) ||
	       nla_put_u32(skb, SMC_NLA_LINK_CONN_CNT, g->nr_conns) ||
	       nla_put_u32(skb, SMC_NLA_LINK_NET_DEV, g->ifindex) ||
	       nla_put_u32(skb, SMC_NLA_LINK_UID,
			   READ_ONCE(link->user_id)) ||
	       nla_put_u32(skb, SMC_NLA_LINK_PEER_UID,
			   READ_ONCE(link->peer_user_id)) ||
	       nla_put_u32(skb, SMC_NLA_LINK_STATE, state);
}

/**
 * struct lgr_dump - a dump of link groups
 * @skb: answer
 * @cb: where it is
 * @links: with their links
 */
struct lgr_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	bool links;
};

/* all of a group or nothing; cb->args[0] is the id of the last one */
static int dump_lgr(struct smc_link_group *lgr, void *data)
{
	struct lgr_dump *d = data;
	unsigned char *start = skb_tail_pointer(d->skb);
	struct group g;
	int ret;

	if (lgr->id <= d->cb->args[0] || !look_at_group(&g, lgr))
		return 0;
	ret = put_msg(d->skb, d->cb, SMC_NETLINK_GET_LGR_SMCR,
		      SMC_GEN_LGR_SMCR, fill_lgr, &g);
	if (!ret && d->links && g.has_link)
		ret = put_msg(d->skb, d->cb, SMC_NETLINK_GET_LINK_SMCR,
			      SMC_GEN_LINK_SMCR, fill_link, &g);
	if (ret)
		nlmsg_trim(d->skb, start);
	else
		d->cb->args[0] = lgr->id;
	return ret;
}

static int dump_lgr_smcr(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lgr_dump d = { .skb = skb, .cb = cb };
	int ret = smc_lgr_for_each(dump_lgr, &d);

	return skb->len ? : ret;
}

static int dump_link_smcr(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lgr_dump d = { .skb = skb, .cb = cb, .links = true };
	int ret = smc_lgr_for_each(dump_lgr, &d);

	return skb->len ? : ret;
}

/* -------- devices -------- */

/**
 * struct port_use - how many links use a port
 * @dev: device
 * @port: its port
 * @nr: number of links
 */
struct port_use {
	const struct smc_ib_device *dev;
	u32 port;
	u32 nr;
};

static int count_link(struct smc_link_group *lgr, void *data)
{
	const struct smc_ib_path *path;
	struct port_use *use = data;

	spin_lock_bh(&lgr->lock);
	if (lgr->state < SMC_LGR_GONE && lgr->link[0]) {
		path = &lgr->link[0]->path;
		use->nr += path->dev == use->dev && path->port == use->port;
	}
	spin_unlock_bh(&lgr->lock);
	return 0;
}

static u32 count_links(const struct smc_ib_device *dev, u32 port)
{
	struct port_use use = { .dev = dev, .port = port };

	smc_lgr_for_each(count_link, &use);
	return use.nr;
}

static int fill_port(struct sk_buff *skb, const struct smc_ib_device *dev,
		     u32 port, int nest)
{
	struct nlattr *attr;

	if (port > dev->nr_ports)
		return 0;
	attr = nla_nest_start(skb, nest);
	if (!attr || nla_put_u8(skb, SMC_NLA_DEV_PORT_PNET_USR, 0) ||
	    nla_put_string(skb, SMC_NLA_DEV_PORT_PNETID, "") ||
	    nla_put_u32(skb, SMC_NLA_DEV_PORT_NETDEV,
			smc_ibdev_port_ifindex(dev, port)) ||
	    nla_put_u8(skb, SMC_NLA_DEV_PORT_STATE,
		       smc_ibdev_port_is_active(dev, port)) ||
	    nla_put_u8(skb, SMC_NLA_DEV_PORT_VALID, 1) ||
	    nla_put_u32(skb, SMC_NLA_DEV_PORT_LNK_CNT,
			count_links(dev, port)))
		return -EMSGSIZE;
	nla_nest_end(skb, attr);
	return 0;
}

static int fill_pci(struct sk_buff *skb, struct device *parent)
{
	const struct pci_dev *pci;

	if (!parent || !dev_is_pci(parent))
		return 0;
	pci = to_pci_dev(parent);
	return nla_put_u32(skb, SMC_NLA_DEV_PCI_FID, 0) ||
	       nla_put_u16(skb, SMC_NLA_DEV_PCI_CHID, 0) ||
	       nla_put_u16(skb, SMC_NLA_DEV_PCI_VENDOR, pci->vendor) ||
	       nla_put_u16(skb, SMC_NLA_DEV_PCI_DEVICE, pci->device) ||
	       nla_put_string(skb, SMC_NLA_DEV_PCI_ID, pci_name(pci));
}

/* groups have one link, so that each depends on its device */
static bool is_critical(const struct smc_ib_device *dev)
{
	u32 port;

	for (port = 1; port <= dev->nr_ports; port++) {
		if (count_links(dev, port))
			return true;
	}
	return false;
}

static int fill_dev(struct sk_buff *skb, void *data)
{
	const struct smc_ib_device *dev = data;
	char name[IB_DEVICE_NAME_MAX];

	strscpy(name, dev->ibdev->name, sizeof(name));
	return nla_put_u8(skb, SMC_NLA_DEV_IS_CRIT, is_critical(dev)) ||
	       fill_pci(skb, dev->ibdev->dev.parent) ||
	       fill_port(skb, dev, 1, SMC_NLA_DEV_PORT) ||
	       fill_port(skb, dev, 2, SMC_NLA_DEV_PORT2) ||
	       nla_put_string(skb, SMC_NLA_DEV_IB_NAME, name);
}

/**
 * struct dev_dump - a dump of devices
 * @skb: answer
 * @cb: where it is: cb->args[0] devices are done
 * @nr: devices seen this time
 */
struct dev_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	long nr;
};

static int dump_dev(struct smc_ib_device *dev, void *data)
{
	struct dev_dump *d = data;
	int ret;

	if (d->nr++ < d->cb->args[0])
		return 0;
	ret = put_msg(d->skb, d->cb, SMC_NETLINK_GET_DEV_SMCR,
		      SMC_GEN_DEV_SMCR, fill_dev, dev);
	if (!ret)
		d->cb->args[0]++;
	return ret;
}

static int dump_dev_smcr(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dev_dump d = { .skb = skb, .cb = cb };
	int ret = smc_ibdev_for_each(dump_dev, &d);

	return skb->len ? : ret;
}

/* -------- statistics -------- */

/**
 * struct stat_attr - an attribute and the counter it shows
 * @attr: attribute
 * @stat: counter; SMC_STAT_MAX if nothing counts that
 * @less: counter to take away from it, never the first one; 0: none
 */
struct stat_attr {
	int attr;
	enum smc_stat stat, less;
};

static const struct stat_attr tech_stats[] = {
	{ SMC_NLA_STATS_T_CLNT_V1_SUCC, SMC_STAT_CLIENT_SMC_V1 },
	{ SMC_NLA_STATS_T_CLNT_V2_SUCC, SMC_STAT_CLIENT_SMC,
	  SMC_STAT_CLIENT_SMC_V1 },
	{ SMC_NLA_STATS_T_SRV_V1_SUCC, SMC_STAT_SERVER_SMC_V1 },
	{ SMC_NLA_STATS_T_SRV_V2_SUCC, SMC_STAT_SERVER_SMC,
	  SMC_STAT_SERVER_SMC_V1 },
	{ SMC_NLA_STATS_T_SENDPAGE_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_T_SPLICE_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_T_CORK_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_T_NDLY_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_T_URG_DATA_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_T_RX_BYTES, SMC_STAT_RX_BYTES },
	{ SMC_NLA_STATS_T_TX_BYTES, SMC_STAT_TX_BYTES },
	{ SMC_NLA_STATS_T_RX_CNT, SMC_STAT_RX_MSGS },
	{ SMC_NLA_STATS_T_TX_CNT, SMC_STAT_TX_MSGS },
};

static const struct stat_attr tx_rmb_stats[] = {
	{ SMC_NLA_STATS_RMB_SIZE_SM_PEER_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_SIZE_SM_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_FULL_PEER_CNT, SMC_STAT_TX_BLOCKED },
	{ SMC_NLA_STATS_RMB_FULL_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_REUSE_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_ALLOC_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_DGRADE_CNT, SMC_STAT_MAX },
};

static const struct stat_attr rx_rmb_stats[] = {
	{ SMC_NLA_STATS_RMB_SIZE_SM_PEER_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_SIZE_SM_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_FULL_PEER_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_FULL_CNT, SMC_STAT_MAX },
	{ SMC_NLA_STATS_RMB_REUSE_CNT, SMC_STAT_RMBE_REUSED },
	{ SMC_NLA_STATS_RMB_ALLOC_CNT, SMC_STAT_RMB_CREATED },
	{ SMC_NLA_STATS_RMB_DGRADE_CNT, SMC_STAT_BUF_DEGRADED },
};

/* @net NULL: all zero */
static int fill_stats_list(struct sk_buff *skb, struct net *net,
			   const struct stat_attr *list, int nr)
{
	u64 n, sub;
	int i;

	for (i = 0; i < nr; i++) {
		n = 0;
		/* first the part, which is counted last */
		sub = net && list[i].less ? smc_stat_get(net, list[i].less) : 0;
		if (net && list[i].stat < SMC_STAT_MAX)
			n = smc_stat_get(net, list[i].stat);
		n -= min(n, sub);
		if (nla_put_u64_64bit(skb, list[i].attr, n,
				      SMC_NLA_STATS_T_PAD))
			return -EMSGSIZE;
	}
	return 0;
}

static int fill_stats_nest(struct sk_buff *skb, struct net *net, int nest,
			   const struct stat_attr *list, int nr)
{
	struct nlattr *attr = nla_nest_start(skb, nest);

	if (!attr || fill_stats_list(skb, net, list, nr))
		return -EMSGSIZE;
	nla_nest_end(skb, attr);
	return 0;
}

/* nothing counts sizes, but user space wants to see the nests */
static int fill_sizes(struct sk_buff *skb)
{
	struct nlattr *nest;
	int i, size;

	for (i = SMC_NLA_STATS_T_TX_RMB_SIZE;
	     i <= SMC_NLA_STATS_T_RXPLOAD_SIZE; i++) {
		nest = nla_nest_start(skb, i);
		if (!nest)
			return -EMSGSIZE;
		for (size = SMC_NLA_STATS_PLOAD_8K;
		     size <= SMC_NLA_STATS_PLOAD_G_1024K; size++) {
			if (nla_put_u64_64bit(skb, size, 0,
					      SMC_NLA_STATS_PLOAD_PAD))
				return -EMSGSIZE;
		}
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int fill_tech(struct sk_buff *skb, struct net *net, int nest)
{
	struct nlattr *attr = nla_nest_start(skb, nest);

	if (!attr || fill_sizes(skb) ||
	    fill_stats_nest(skb, net, SMC_NLA_STATS_T_TX_RMB_STATS,
			    tx_rmb_stats, ARRAY_SIZE(tx_rmb_stats)) ||
	    fill_stats_nest(skb, net, SMC_NLA_STATS_T_RX_RMB_STATS,
			    rx_rmb_stats, ARRAY_SIZE(rx_rmb_stats)) ||
	    fill_stats_list(skb, net, tech_stats, ARRAY_SIZE(tech_stats)) ||
	    nla_put_uint(skb, SMC_NLA_STATS_T_RX_RMB_USAGE, 0) ||
	    nla_put_uint(skb, SMC_NLA_STATS_T_TX_RMB_USAGE, 0))
		return -EMSGSIZE;
	nla_nest_end(skb, attr);
	return 0;
}

static int fill_stats(struct sk_buff *skb, void *data)
{
	struct net *net = data;

	return fill_tech(skb, NULL, SMC_NLA_STATS_SMCD_TECH) ||
	       fill_tech(skb, net, SMC_NLA_STATS_SMCR_TECH) ||
	       nla_put_u64_64bit(skb, SMC_NLA_STATS_CLNT_HS_ERR_CNT,
				 smc_stat_get(net, SMC_STAT_CLIENT_ERROR),
				 SMC_NLA_STATS_PAD) ||
	       nla_put_u64_64bit(skb, SMC_NLA_STATS_SRV_HS_ERR_CNT,
				 smc_stat_get(net, SMC_STAT_SERVER_ERROR),
				 SMC_NLA_STATS_PAD);
}

static int dump_stats(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_one(skb, cb, SMC_NETLINK_GET_STATS, SMC_GEN_STATS,
			fill_stats);
}

/**
 * struct fallback - one reason, at one end
 * @net: network namespace
 * @reason: why
 * @server: which end
 * @first: tell the totals too
 * @count: how often
 */
struct fallback {
	struct net *net;
	u32 reason;
	bool server;
	bool first;
	u64 count;
};

static int fill_fallback(struct sk_buff *skb, void *data)
{
	const struct fallback *f = data;
	u64 server = smc_stat_get(f->net, SMC_STAT_SERVER_FALLBACK);
	u64 client = smc_stat_get(f->net, SMC_STAT_CLIENT_FALLBACK);

	if (nla_put_u8(skb, SMC_NLA_FBACK_STATS_TYPE, f->server))
		return -EMSGSIZE;
	if (f->first &&
	    (nla_put_u64_64bit(skb, SMC_NLA_FBACK_STATS_SRV_CNT, server,
			       SMC_NLA_FBACK_STATS_PAD) ||
	     nla_put_u64_64bit(skb, SMC_NLA_FBACK_STATS_CLNT_CNT, client,
			       SMC_NLA_FBACK_STATS_PAD)))
		return -EMSGSIZE;
	return nla_put_u32(skb, SMC_NLA_FBACK_STATS_RSN_CODE, f->reason) ||
	       nla_put_u16(skb, SMC_NLA_FBACK_STATS_RSN_CNT,
			   min_t(u64, f->count, U16_MAX));
}

/* cb->args: position in the list of reasons, twice; told something already */
static int dump_fallback(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct fallback f = { .net = dump_net(cb) };
	u64 counts[2];

	for (;; cb->args[0]++) {
		f.reason = smc_stat_get_fallback(f.net, cb->args[0] / 2,
						 counts);
		if (!f.reason)
			break;
		f.server = cb->args[0] % 2;
		f.count = counts[f.server];
		f.first = !cb->args[1];
		if (!f.count)
			continue;
		if (put_msg(skb, cb, SMC_NETLINK_GET_FBACK_STATS,
			    SMC_GEN_FBACK_STATS, fill_fallback, &f))
			break;
		cb->args[1] = 1;
	}
	return skb->len;
}

/* -------- enterprise IDs -------- */

static int fill_eid(struct sk_buff *skb, void *data)
{
	char eid[SMC_EID_LEN + 1] = {};

	memcpy(eid, data, SMC_EID_LEN);
	return nla_put_string(skb, SMC_NLA_EID_TABLE_ENTRY, eid);
}

static int dump_ueid(struct sk_buff *skb, struct netlink_callback *cb)
{
	smc_eid_t eids[SMC_EID_MAX];
	u8 nr = smc_eid_list(eids);

	for (; cb->args[0] < nr; cb->args[0]++) {
		if (put_msg(skb, cb, SMC_NETLINK_DUMP_UEID, 0, fill_eid,
			    eids[cb->args[0]]))
			break;
	}
	return skb->len;
}

/* the one attribute of a request; NULL if it is not as it should be */
static const u8 *request_eid(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SMC_NLA_EID_TABLE_ENTRY];
	const u8 *eid;

	if (!attr || nla_len(attr) != SMC_EID_LEN + 1)
		return NULL;
	eid = nla_data(attr);
	return eid[SMC_EID_LEN] ? NULL : eid;
}

static int add_ueid(struct sk_buff *skb, struct genl_info *info)
{
	const u8 *eid = request_eid(info);

	return eid ? smc_eid_add(eid) : -EINVAL;
}

static int remove_ueid(struct sk_buff *skb, struct genl_info *info)
{
	const u8 *eid = request_eid(info);

	return eid ? smc_eid_del(eid) : -EINVAL;
}

static int flush_ueid(struct sk_buff *skb, struct genl_info *info)
{
	smc_eid_flush();
	return 0;
}

/* hardware of the mainframe has a system EID */
static int fill_nothing(struct sk_buff *skb, void *data)
{
	return 0;
}

static int dump_seid(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_one(skb, cb, SMC_NETLINK_DUMP_SEID, 0, fill_nothing);
}

static int no_seid(struct sk_buff *skb, struct genl_info *info)
{
	return -EOPNOTSUPP;
}

/* -------- handshake limitation -------- */

static int fill_limit_hs(struct sk_buff *skb, void *data)
{
	return nla_put_u8(skb, SMC_NLA_HS_LIMITATION_ENABLED,
			  READ_ONCE(smc_sysctl(data)->limit_hs));
}

static int dump_limit_hs(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_one(skb, cb, SMC_NETLINK_DUMP_HS_LIMITATION, 0,
			fill_limit_hs);
}

static int set_limit_hs(struct sk_buff *skb, struct genl_info *info)
{
	WRITE_ONCE(smc_sysctl(genl_info_net(info))->limit_hs,
		   info->genlhdr->cmd == SMC_NETLINK_ENABLE_HS_LIMITATION);
	return 0;
}

/* -------- the family -------- */

/* of any length, as a wrong one is EINVAL */
static const struct nla_policy eid_policy[] = {
	[SMC_NLA_EID_TABLE_ENTRY] = { .type = NLA_BINARY },
};

#define DUMP_OP(command, function) \
	{ .cmd = (command), .dumpit = (function) }
#define DO_OP(command, function, perm) \
	{ .cmd = (command), .doit = (function), .flags = (perm) }
#define EID_OP(command, function) \
	{ .cmd = (command), .doit = (function), .flags = GENL_ADMIN_PERM, \
	  .policy = eid_policy, .maxattr = SMC_NLA_EID_TABLE_ENTRY }

static const struct genl_ops smc_genl_ops[] = {
	DUMP_OP(SMC_NETLINK_GET_SYS_INFO, dump_sys_info),
	DUMP_OP(SMC_NETLINK_GET_LGR_SMCR, dump_lgr_smcr),
	DUMP_OP(SMC_NETLINK_GET_LINK_SMCR, dump_link_smcr),
	DUMP_OP(SMC_NETLINK_GET_LGR_SMCD, dump_nothing),
	DUMP_OP(SMC_NETLINK_GET_DEV_SMCD, dump_nothing),
	DUMP_OP(SMC_NETLINK_GET_DEV_SMCR, dump_dev_smcr),
	DUMP_OP(SMC_NETLINK_GET_STATS, dump_stats),
	DUMP_OP(SMC_NETLINK_GET_FBACK_STATS, dump_fallback),
	DUMP_OP(SMC_NETLINK_DUMP_UEID, dump_ueid),
	/* one table for all namespaces: for the host's administrator */
	EID_OP(SMC_NETLINK_ADD_UEID, add_ueid),
	EID_OP(SMC_NETLINK_REMOVE_UEID, remove_ueid),
	DO_OP(SMC_NETLINK_FLUSH_UEID, flush_ueid, GENL_ADMIN_PERM),
	DUMP_OP(SMC_NETLINK_DUMP_SEID, dump_seid),
	DO_OP(SMC_NETLINK_ENABLE_SEID, no_seid, GENL_ADMIN_PERM),
	DO_OP(SMC_NETLINK_DISABLE_SEID, no_seid, GENL_ADMIN_PERM),
	DUMP_OP(SMC_NETLINK_DUMP_HS_LIMITATION, dump_limit_hs),
	/* for the namespace's */
	DO_OP(SMC_NETLINK_ENABLE_HS_LIMITATION, set_limit_hs,
	      GENL_UNS_ADMIN_PERM),
	DO_OP(SMC_NETLINK_DISABLE_HS_LIMITATION, set_limit_hs,
	      GENL_UNS_ADMIN_PERM),
};

static struct genl_family smc_genl_family __ro_after_init = {
	.name = SMC_GENL_FAMILY_NAME,
	.version = SMC_GENL_FAMILY_VERSION,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = smc_genl_ops,
	.n_ops = ARRAY_SIZE(smc_genl_ops),
	/* tools are older than the strict rules for headers */
	.resv_start_op = SMC_NETLINK_DISABLE_HS_LIMITATION + 1,
};

/**
 * smc_netlink_init() - at module load, when all that is told of is there
 *
 * Return: 0 or a negative errno.
 */
int smc_netlink_init(void)
{
	return genl_register_family(&smc_genl_family);
}

/**
 * smc_netlink_fini() - at module unload
 */
void smc_netlink_fini(void)
{
	genl_unregister_family(&smc_genl_family);
}
