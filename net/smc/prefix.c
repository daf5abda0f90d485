// SPDX-License-Identifier: GPL-2.0
/*
 * IP prefixes of this host's network devices.
 *
 * RoCE v1 does not leave its Ethernet segment. So a client of SMC v1 tells the
 * prefixes of the device its TCP connection goes through, and the server takes
 * the offer only if the device it goes through has one of them too.
 *
 * wire-protocol.md 2.4.3, 2.12 step 6
 */
#include <linux/errno.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "nego.h"
#include "prefix.h"

/* the subnet that holds the own address */
static int fill4(const struct net_device *dev, __be32 local,
		 struct smc_clc_proposal *prop)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return -ENOENT;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (!inet_ifa_match(local, ifa))
			continue;
		prop->ipv4_subnet = ntohl(ifa->ifa_address & ifa->ifa_mask);
		prop->ipv4_prefix_len = inet_mask_len(ifa->ifa_mask);
		return 0;
	}
	return -ENOENT;
}

static bool matches4(const struct net_device *dev,
		     const struct smc_clc_proposal *prop)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (smc_nego_prefix4(prop, ntohl(ifa->ifa_local),
				     inet_mask_len(ifa->ifa_mask)))
			return true;
	}
	return false;
}

/* all that are worth something elsewhere, as far as there is room */
static int fill6(const struct net_device *dev, struct smc_clc_proposal *prop)
{
	struct inet6_dev *in6_dev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;
	struct smc_clc_prefix6 *p;

	if (!in6_dev)
		return -ENOENT;
	read_lock_bh(&in6_dev->lock);
	list_for_each_entry(ifa, &in6_dev->addr_list, if_list) {
		if (prop->nr_ipv6 == SMC_CLC_MAX_PREFIXES)
			break;
		if (ipv6_addr_type(&ifa->addr) & IPV6_ADDR_LINKLOCAL)
			continue;
		p = &prop->ipv6[prop->nr_ipv6++];
		memcpy(p->addr, &ifa->addr, sizeof(p->addr));
		p->len = ifa->prefix_len;
		smc_nego_mask6(p->addr, p->len);
	}
	read_unlock_bh(&in6_dev->lock);
	return prop->nr_ipv6 ? 0 : -ENOENT;
}

static bool matches6(const struct net_device *dev,
		     const struct smc_clc_proposal *prop)
{
	struct inet6_dev *in6_dev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;
	bool found = false;

	if (!in6_dev)
		return false;
	read_lock_bh(&in6_dev->lock);
	list_for_each_entry(ifa, &in6_dev->addr_list, if_list) {
		if (ipv6_addr_type(&ifa->addr) & IPV6_ADDR_LINKLOCAL)
			continue;
		found = smc_nego_prefix6(prop, ifa->addr.s6_addr,
					 ifa->prefix_len);
		if (found)
			break;
	}
	read_unlock_bh(&in6_dev->lock);
	return found;
}

/**
 * smc_prefix_fill() - client: fill the IP area of a Proposal
 * @net: network namespace of the socket
 * @ifindex: device of TCP's route
 * @local: own address of the TCP connection, IPv4 as mapped address
 * @prop: Proposal whose IP area is still zero
 *
 * Any context but interrupts.
 *
 * Return: 0, or -ENOENT if the device has no such prefix.
 */
int smc_prefix_fill(struct net *net, int ifindex, const struct in6_addr *local,
		    struct smc_clc_proposal *prop)
{
	const struct net_device *dev;
	int ret = -ENOENT;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifindex);
	if (dev)
		ret = ipv6_addr_v4mapped(local) ?
		      fill4(dev, local->s6_addr32[3], prop) :
		      fill6(dev, prop);
	rcu_read_unlock();
	return ret;
}

/**
 * smc_prefix_matches() - server: is the client on the same network?
 * @net: network namespace of the socket
 * @ifindex: device of TCP's route
 * @local: own address of the TCP connection, IPv4 as mapped address
 * @prop: the client's Proposal
 *
 * Any context but interrupts.
 *
 * Return: true if the device has a prefix that the client told.
 */
bool smc_prefix_matches(struct net *net, int ifindex,
			const struct in6_addr *local,
			const struct smc_clc_proposal *prop)
{
	const struct net_device *dev;
	bool ret = false;

	if (ipv6_addr_v4mapped(local) != !prop->nr_ipv6)
		return false;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifindex);
	if (dev)
		ret = prop->nr_ipv6 ? matches6(dev, prop) :
				      matches4(dev, prop);
	rcu_read_unlock();
	return ret;
}
