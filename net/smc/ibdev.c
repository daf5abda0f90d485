// SPDX-License-Identifier: GPL-2.0
/*
 * RDMA devices.
 *
 * Operation: an ib_client keeps a list of the devices with RoCE ports. The
 * device for a connection is found by its own IP address first: a GID equal
 * to it, on a net device of its network namespace. That needs no
 * configuration and finds software RoCE even on lo. Next comes a GID of the
 * route's device: for SMC v2 one whose subnet holds the address; for v1 any,
 * since RoCE v1 does not care about addresses. SMC v2 runs over RoCE v2 GIDs,
 * v1 over RoCE v1 GIDs, which software RoCE does not have.
 *
 * Ownership: a path holds its device and its GID table entry. Removal of the
 * device waits in the ib_client's remove() until all paths are put; the user
 * is asked (ops->remove()) until that is so. Nobody may hold a path while it
 * waits for the network, but for a link, which removal takes down.
 *
 * Errors: no device is -ENODEV, whatever the reason.
 *
 * wire-protocol.md 2.3, 3.3, 3.5
 */
#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/neighbour.h>
#include <rdma/ib_cache.h>
#include <rdma/ib_verbs.h>

#include <rdma/ib_addr.h>

#include "clc_wire.h"
#include "ibdev.h"

#define QUERY_AGAIN	(1 * HZ)	/* a port that did not answer */
#define QUERY_PATIENCE	(HZ / 2)	/* of whoever loads the module */

static bool v1_any_gid;
module_param(v1_any_gid, bool, 0644);
MODULE_PARM_DESC(v1_any_gid, "tests only: SMC v1 over RoCE v2 GIDs");

/* list, and who has the peer ID's MAC; readers of the list use RCU */
static DEFINE_MUTEX(ibdev_lock);
static LIST_HEAD(ibdev_list);
static const struct smc_ibdev_ops *ibdev_ops;

static DEFINE_SPINLOCK(peer_id_lock);
static u8 peer_id[SMC_PEER_ID_LEN];
static bool peer_id_has_mac;

/* -------- peer ID -------- */

/* The MAC of the first active port ever seen becomes part of the peer ID. One
 * made up does as well: all that matters is that it differs between hosts.
 */
static void peer_id_set_mac(struct ib_device *ibdev, u32 port)
{
	const struct ib_gid_attr *attr;
	u8 mac[ETH_ALEN];
	u16 vlan;

	attr = rdma_get_gid_attr(ibdev, port, 0);
	if (IS_ERR(attr))
		return;
	if (rdma_read_gid_l2_fields(attr, &vlan, mac) ||
	    is_zero_ether_addr(mac))
		eth_random_addr(mac);
	rdma_put_gid_attr(attr);

	spin_lock(&peer_id_lock);
	if (!peer_id_has_mac)
		memcpy(peer_id + 2, mac, ETH_ALEN);
	WRITE_ONCE(peer_id_has_mac, true);
	spin_unlock(&peer_id_lock);
}

/**
 * smc_ibdev_peer_id() - this host's peer ID
 * @id: where to put its SMC_PEER_ID_LEN bytes; zero if no port was ever active
 *
 * Any context but interrupts.
 */
void smc_ibdev_peer_id(u8 *id)
{
	spin_lock(&peer_id_lock);
	if (peer_id_has_mac)
		memcpy(id, peer_id, SMC_PEER_ID_LEN);
	else
		memset(id, 0, SMC_PEER_ID_LEN);
	spin_unlock(&peer_id_lock);
}

/* -------- paths -------- */

static bool port_is_active(const struct smc_ib_device *dev, u32 port)
{
	return READ_ONCE(dev->active) & BIT(port - 1);
}

/**
 * smc_ibdev_any_active() - is there a device with an active port?
 *
 * Any context.
 *
 * Return: true if so.
 */
bool smc_ibdev_any_active(void)
{
	struct smc_ib_device *dev;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(dev, &ibdev_list, list) {
		found = READ_ONCE(dev->active);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

/* rxe routes and listens in the initial namespace only, whatever its device */
static bool device_serves_net(struct ib_device *ibdev, struct net *net)
{
	if (!rdma_dev_access_netns(ibdev, net))
		return false;
	return ibdev->ops.driver_id != RDMA_DRIVER_RXE ||
	       net_eq(net, &init_net);
}

static bool attr_is_in_net(const struct ib_gid_attr *attr, struct net *net)
{
	struct net_device *ndev = rdma_read_gid_attr_ndev_rcu(attr);

	return !IS_ERR(ndev) && net_eq(dev_net(ndev), net);
}

/* the type of GID that an SMC version runs over */
static enum ib_gid_type gid_type(u8 version)
{
	return version == SMC_CLC_V1 && !READ_ONCE(v1_any_gid) ?
	       IB_GID_TYPE_ROCE : IB_GID_TYPE_ROCE_UDP_ENCAP;
}

/**
 * struct path_query - what a path is needed for
 * @net: network namespace of the socket
 * @local: own address of the TCP connection
 * @ifindex: device of TCP's route; 0: look for a GID equal to @local
 * @type: type of the GID
 */
struct path_query {
	struct net *net;
	const struct in6_addr *local;
	int ifindex;
	enum ib_gid_type type;
};

/* RCU read lock held; returns an entry with a reference, or NULL */
static const struct ib_gid_attr *find_by_addr(struct smc_ib_device *dev,
					      u32 port,
					      const struct path_query *q)
{
	const struct ib_gid_attr *attr;
	union ib_gid gid;

	memcpy(gid.raw, q->local, sizeof(gid));
	attr = rdma_find_gid_by_port(dev->ibdev, &gid, q->type, port, NULL);
	if (IS_ERR(attr))
		return NULL;
	if (attr_is_in_net(attr, q->net))
		return attr;
	rdma_put_gid_attr(attr);
	return NULL;
}

static bool ipv4_is_on_device(const struct net_device *ndev, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(ndev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (inet_ifa_match(addr, ifa))
			return true;
	}
	return false;
}

static bool addr_is_on_device(struct net_device *ndev,
			      const struct in6_addr *addr)
{
	if (ipv6_addr_v4mapped(addr))
		return ipv4_is_on_device(ndev, addr->s6_addr32[3]);
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_chk_prefix(addr, ndev);
#else
	return false;
#endif
}

/* a GID on the device; if IP carries it, of the right family and subnet */
static bool attr_fits_device(const struct ib_gid_attr *attr,
			     const struct path_query *q)
{
	const struct in6_addr *gid = (const struct in6_addr *)attr->gid.raw;
	struct net_device *ndev;

	if (attr->gid_type != q->type)
		return false;
	ndev = rdma_read_gid_attr_ndev_rcu(attr);
	if (IS_ERR(ndev) || ndev->ifindex != q->ifindex ||
	    !net_eq(dev_net(ndev), q->net))
		return false;
	if (q->type == IB_GID_TYPE_ROCE)
		return true;
	return ipv6_addr_v4mapped(gid) == ipv6_addr_v4mapped(q->local) &&
	       !(ipv6_addr_type(gid) & IPV6_ADDR_LINKLOCAL) &&
	       addr_is_on_device(ndev, q->local);
}

static const struct ib_gid_attr *find_by_ndev(struct smc_ib_device *dev,
					      u32 port,
					      const struct path_query *q)
{
	int len = dev->ibdev->port_data[port].immutable.gid_tbl_len;
	const struct ib_gid_attr *attr;
	int i;

	for (i = 0; i < len; i++) {
		attr = rdma_get_gid_attr(dev->ibdev, port, i);
		if (IS_ERR(attr))
			continue;
		if (attr_fits_device(attr, q))
			return attr;
		rdma_put_gid_attr(attr);
	}
	return NULL;
}

static void users_put(struct smc_ib_device *dev)
{
	if (refcount_dec_and_test(&dev->users))
		complete(&dev->gone);
}

/* a table of GIDs is long, and not worth a look if none can be of that type */
static bool port_has_type(struct ib_device *ibdev, u32 port,
			  enum ib_gid_type type)
{
	return type == IB_GID_TYPE_ROCE ?
	       rdma_protocol_roce_eth_encap(ibdev, port) :
	       rdma_protocol_roce_udp_encap(ibdev, port);
}

static bool path_find_on(struct smc_ib_device *dev,
			 const struct path_query *q, struct smc_ib_path *path)
{
	u32 port;

	if (!refcount_inc_not_zero(&dev->users))
		return false;
	if (!device_serves_net(dev->ibdev, q->net))
		goto out_put;
	for (port = 1; port <= dev->nr_ports; port++) {
		if (!port_is_active(dev, port) ||
		    !port_has_type(dev->ibdev, port, q->type))
			continue;
		path->attr = q->ifindex ? find_by_ndev(dev, port, q) :
					  find_by_addr(dev, port, q);
		if (!path->attr)
			continue;
		path->dev = dev;
		path->port = port;
		return true;
	}
out_put:
	users_put(dev);
	return false;
}

static bool path_find(const struct path_query *q, struct smc_ib_path *path)
{
	struct smc_ib_device *dev;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(dev, &ibdev_list, list) {
		found = path_find_on(dev, q, path);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

/*
 * What the handshake wants to know about the port. The device is not asked:
 * some drivers take the RTNL for that, and the caller has a socket lock. The
 * MTU of the net device may have changed without an event.
 */
static int path_query_port(struct smc_ib_path *path)
{
	struct net_device *ndev;
	int mtu = 0;
	u16 vlan;

	rcu_read_lock();
	ndev = rdma_read_gid_attr_ndev_rcu(path->attr);
	if (!IS_ERR(ndev))
		mtu = iboe_get_mtu(READ_ONCE(ndev->mtu));
	rcu_read_unlock();
	path->mtu = min_t(int, mtu,
			  READ_ONCE(path->dev->mtu[path->port - 1]));
	if (!path->mtu)
		return -ENODEV;
	return rdma_read_gid_l2_fields(path->attr, &vlan, path->mac);
}

/**
 * smc_ib_path_find() - find a device for a connection
 * @net: network namespace of the socket
 * @local: own address of the TCP connection, IPv4 as mapped address
 * @ifindex: device of TCP's route, 0 if unknown
 * @version: SMC version, 1 or 2
 * @path: where to put it; to be released with smc_ib_path_put()
 *
 * Sleeps.
 *
 * Return: 0 or -ENODEV.
 */
int smc_ib_path_find(struct net *net, const struct in6_addr *local,
		     int ifindex, u8 version, struct smc_ib_path *path)
{
	struct path_query q = {
		.net = net,
		.local = local,
		.type = gid_type(version),
	};

	if (ipv6_addr_type(local) & IPV6_ADDR_LINKLOCAL)
		return -ENODEV;
	if (!path_find(&q, path)) {
		q.ifindex = ifindex;
		if (!ifindex || !path_find(&q, path))
			return -ENODEV;
	}
	if (path_query_port(path)) {
		smc_ib_path_put(path);
		return -ENODEV;
	}
	return 0;
}

/**
 * smc_ib_path_put() - let go of a path
 * @path: as found; of no use afterwards
 *
 * Any context but interrupts.
 */
void smc_ib_path_put(struct smc_ib_path *path)
{
	rdma_put_gid_attr(path->attr);
	users_put(path->dev);
	path->attr = NULL;
	path->dev = NULL;
}

/**
 * smc_ib_path_is_valid() - may a path still be used?
 * @path: a path the caller holds
 *
 * Return: false if the GID was taken away, or its network device is down.
 */
bool smc_ib_path_is_valid(const struct smc_ib_path *path)
{
	bool valid;

	rcu_read_lock();
	valid = !IS_ERR(rdma_read_gid_attr_ndev_rcu(path->attr));
	rcu_read_unlock();
	return valid;
}

/**
 * smc_ib_path_is_up() - does the port have a carrier?
 * @path: a path the caller holds
 *
 * Return: false if nothing gets through at the moment.
 */
bool smc_ib_path_is_up(const struct smc_ib_path *path)
{
	return port_is_active(path->dev, path->port);
}

/**
 * smc_ib_path_reaches() - is a peer's GID on the wire of a path?
 * @path: a path the caller holds
 * @gid: the peer's GID
 * @remote: the peer's TCP address, known to be on-link
 *
 * RDMA is never sent where TCP would need a gateway. RoCE v1 cannot be: it
 * reaches what is on the same Ethernet.
 *
 * Return: true if it is.
 */
bool smc_ib_path_reaches(const struct smc_ib_path *path, const u8 *gid,
			 const struct in6_addr *remote)
{
	struct net_device *ndev;
	struct in6_addr addr;
	bool ok;

	if (path->attr->gid_type == IB_GID_TYPE_ROCE)
		return true;
	memcpy(&addr, gid, sizeof(addr));
	if (ipv6_addr_v4mapped(&addr) !=
	    ipv6_addr_v4mapped((const struct in6_addr *)path->attr->gid.raw))
		return false;
	if (ipv6_addr_equal(&addr, remote))
		return true;
	rcu_read_lock();
	ndev = rdma_read_gid_attr_ndev_rcu(path->attr);
	ok = !IS_ERR(ndev) && addr_is_on_device(ndev, &addr);
	rcu_read_unlock();
	return ok;
}

/**
 * smc_ib_path_dmac() - look up the MAC of a peer that did not tell it
 * @path: a path the caller holds
 * @gid: the peer's GID
 * @mac: set if the neighbour is known, which TCP normally has seen to; left
 *	alone otherwise. Software RoCE does not need it.
 *
 * Linux peers without RoCE v1 send zeros, wire-protocol.md 9.6.
 */
void smc_ib_path_dmac(const struct smc_ib_path *path, const u8 *gid, u8 *mac)
{
	struct net_device *ndev;
	struct neighbour *neigh;
	struct in6_addr addr;

	memcpy(&addr, gid, sizeof(addr));
	if (!ipv6_addr_v4mapped(&addr))
		return;
	rcu_read_lock();
	ndev = rdma_read_gid_attr_ndev_rcu(path->attr);
	neigh = IS_ERR(ndev) || ndev->addr_len != ETH_ALEN ? NULL :
		neigh_lookup(&arp_tbl, &addr.s6_addr32[3], ndev);
	if (neigh) {
		if (READ_ONCE(neigh->nud_state) & NUD_VALID)
			neigh_ha_snapshot(mac, neigh, ndev);
		neigh_release(neigh);
	}
	rcu_read_unlock();
}

/* -------- for people -------- */

/**
 * smc_ibdev_for_each() - visit all devices
 * @fn: called with the device held under RCU: it must not sleep; not 0 ends
 *	the walk
 * @data: for @fn
 *
 * Any context.
 *
 * Return: what the last @fn returned.
 */
int smc_ibdev_for_each(int (*fn)(struct smc_ib_device *dev, void *data),
		       void *data)
{
	struct smc_ib_device *dev;
	int ret = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(dev, &ibdev_list, list) {
		if (!refcount_inc_not_zero(&dev->users))
			continue;
		ret = fn(dev, data);
		users_put(dev);
		if (ret)
			break;
	}
	rcu_read_unlock();
	return ret;
}

/**
 * smc_ibdev_port_is_active() - can a port be used?
 * @dev: device the caller holds
 * @port: its port, from 1
 *
 * Any context.
 *
 * Return: true if so.
 */
bool smc_ibdev_port_is_active(const struct smc_ib_device *dev, u32 port)
{
	return port_is_active(dev, port);
}

/**
 * smc_ibdev_port_ifindex() - net device of a port
 * @dev: device the caller holds
 * @port: its port, from 1
 *
 * Any context.
 *
 * Return: its index, 0 if there is none.
 */
int smc_ibdev_port_ifindex(const struct smc_ib_device *dev, u32 port)
{
	const struct ib_gid_attr *attr;
	struct net_device *ndev;
	int ifindex = 0;

	attr = rdma_get_gid_attr(dev->ibdev, port, 0);
	if (IS_ERR(attr))
		return 0;
	rcu_read_lock();
	ndev = rdma_read_gid_attr_ndev_rcu(attr);
	if (!IS_ERR(ndev))
		ifindex = ndev->ifindex;
	rcu_read_unlock();
	rdma_put_gid_attr(attr);
	return ifindex;
}

/* -------- devices -------- */

/* Return: false if a port did not answer */
static bool device_update_ports(struct smc_ib_device *dev)
{
	unsigned long active = 0;
	bool all = true;
	struct ib_port_attr attr;
	u32 port;

	for (port = 1; port <= dev->nr_ports; port++) {
		if (!rdma_protocol_roce(dev->ibdev, port))
			continue;
		if (ib_query_port(dev->ibdev, port, &attr)) {
			all = false;
			continue;
		}
		if (attr.state != IB_PORT_ACTIVE)
			continue;
		WRITE_ONCE(dev->mtu[port - 1], attr.active_mtu);
		active |= BIT(port - 1);
		if (!READ_ONCE(peer_id_has_mac))
			peer_id_set_mac(dev->ibdev, port);
	}
	WRITE_ONCE(dev->active, active);
	return all;
}

static void device_event_work(struct work_struct *work)
{
	struct smc_ib_device *dev;

	dev = container_of(to_delayed_work(work), struct smc_ib_device,
			   event_work);
	if (!device_update_ports(dev))
		schedule_delayed_work(&dev->event_work, QUERY_AGAIN);
	complete_all(&dev->queried);
	ibdev_ops->check(dev);
}

static void device_event(struct ib_event_handler *handler,
			 struct ib_event *event)
{
	struct smc_ib_device *dev;

	dev = container_of(handler, struct smc_ib_device, events);
	switch (event->event) {
	case IB_EVENT_DEVICE_FATAL:
	case IB_EVENT_PORT_ACTIVE:
	case IB_EVENT_PORT_ERR:
	case IB_EVENT_GID_CHANGE:
		mod_delayed_work(system_wq, &dev->event_work, 0);
		break;
	default:
		break;
	}
}

static bool device_is_usable(struct ib_device *ibdev)
{
	u32 port;

	if (ibdev->node_type != RDMA_NODE_IB_CA ||
	    !(ibdev->attrs.device_cap_flags & IB_DEVICE_MEM_MGT_EXTENSIONS))
		return false;
	rdma_for_each_port(ibdev, port) {
		if (rdma_protocol_roce(ibdev, port))
			return true;
	}
	return false;
}

static struct ib_client smc_ib_client;

static int client_add(struct ib_device *ibdev)
{
	struct smc_ib_device *dev;

	if (!device_is_usable(ibdev))
		return -EOPNOTSUPP;
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	dev->ibdev = ibdev;
	dev->nr_ports = min_t(u32, ibdev->phys_port_cnt, BITS_PER_LONG);
	refcount_set(&dev->users, 1);
	init_completion(&dev->gone);
	init_completion(&dev->queried);
	INIT_DELAYED_WORK(&dev->event_work, device_event_work);
	INIT_IB_EVENT_HANDLER(&dev->events, ibdev, device_event);
	ib_set_client_data(ibdev, &smc_ib_client, dev);

	ib_register_event_handler(&dev->events);
	/* only the work looks at ports, so that no older state wins */
	schedule_delayed_work(&dev->event_work, 0);
	mutex_lock(&ibdev_lock);
	list_add_tail_rcu(&dev->list, &ibdev_list);
	mutex_unlock(&ibdev_lock);
	/*
	 * Who loads the module wants to use it. But he may hold the lock of a
	 * socket (TCP_ULP) whose other user holds the RTNL: a query takes it.
	 */
	wait_for_completion_timeout(&dev->queried, QUERY_PATIENCE);
	return 0;
}

/* unpublish, quiesce, release */
static void client_remove(struct ib_device *ibdev, void *client_data)
{
	struct smc_ib_device *dev = client_data;

	mutex_lock(&ibdev_lock);
	list_del_rcu(&dev->list);
	mutex_unlock(&ibdev_lock);
	ib_unregister_event_handler(&dev->events);
	cancel_delayed_work_sync(&dev->event_work);

	users_put(dev);
	do {
		ibdev_ops->remove(dev);
	} while (!wait_for_completion_timeout(&dev->gone, HZ / 20));
	kfree_rcu(dev, rcu);
}

static struct ib_client smc_ib_client = {
	.name = "smc",
	.add = client_add,
	.remove = client_remove,
};

/**
 * smc_ibdev_init() - start following devices
 * @ops: up-calls, static
 *
 * Sleeps.
 *
 * Return: 0 or a negative errno.
 */
int smc_ibdev_init(const struct smc_ibdev_ops *ops)
{
	ibdev_ops = ops;
	get_random_bytes(peer_id, 2);
	return ib_register_client(&smc_ib_client);
}

/**
 * smc_ibdev_fini() - let go of all devices
 *
 * Sleeps until nothing uses them.
 */
void smc_ibdev_fini(void)
{
	ib_unregister_client(&smc_ib_client);
}
