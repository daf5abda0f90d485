/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RDMA devices: which there are, and which of them reaches a peer.
 */
#ifndef _SMC_IBDEV_H
#define _SMC_IBDEV_H

#include <linux/completion.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>

#include "wire.h"

struct net;
struct smc_ib_device;

/**
 * struct smc_ibdev_ops - up-calls, one user
 * @check: ports or GIDs of the device changed: look at everything that uses
 *	it. Process context.
 * @remove: the device goes away: let go of it. Process context; called again
 *	until nothing holds it.
 */
struct smc_ibdev_ops {
	void (*check)(struct smc_ib_device *dev);
	void (*remove)(struct smc_ib_device *dev);
};

/**
 * struct smc_ib_device - an RDMA device that can do RoCE
 * @list: entry in the list of devices, read under RCU
 * @ibdev: the device, valid while @users is held
 * @users: one for the list, one for each path
 * @gone: @users dropped to zero
 * @queried: its ports have been looked at
 * @active: bit n is set while port n + 1 is active
 * @nr_ports: ports looked at
 * @mtu: active MTU of each, as it was at the last event
 * @events: port and GID events
 * @event_work: takes care of them, again if a port did not answer
 * @rcu: frees it after a grace period
 */
struct smc_ib_device {
	struct list_head list;
	struct ib_device *ibdev;
	refcount_t users;
	struct completion gone;
	struct completion queried;
	unsigned long active;
	u32 nr_ports;
	u8 mtu[BITS_PER_LONG];
	struct ib_event_handler events;
	struct delayed_work event_work;
	struct rcu_head rcu;
};

/**
 * struct smc_ib_path - a port and a GID to send from
 * @dev: device, with a reference
 * @attr: GID table entry, with a reference: it stays while this is held
 * @port: port number
 * @mtu: active MTU, InfiniBand code
 * @mac: MAC address of the port
 */
struct smc_ib_path {
	struct smc_ib_device *dev;
	const struct ib_gid_attr *attr;
	u32 port;
	u8 mtu;
	u8 mac[SMC_MAC_LEN];
};

int smc_ibdev_init(const struct smc_ibdev_ops *ops);
void smc_ibdev_fini(void);

int smc_ib_path_find(struct net *net, const struct in6_addr *local,
		     int ifindex, u8 version, struct smc_ib_path *path);
void smc_ib_path_put(struct smc_ib_path *path);
bool smc_ib_path_is_valid(const struct smc_ib_path *path);
bool smc_ib_path_is_up(const struct smc_ib_path *path);
bool smc_ib_path_reaches(const struct smc_ib_path *path, const u8 *gid,
			 const struct in6_addr *remote);
void smc_ib_path_dmac(const struct smc_ib_path *path, const u8 *gid,
		      u8 *mac);
void smc_ibdev_peer_id(u8 *id);
bool smc_ibdev_any_active(void);
int smc_ibdev_for_each(int (*fn)(struct smc_ib_device *dev, void *data),
		       void *data);
bool smc_ibdev_port_is_active(const struct smc_ib_device *dev, u32 port);
int smc_ibdev_port_ifindex(const struct smc_ib_device *dev, u32 port);

#endif /* _SMC_IBDEV_H */
