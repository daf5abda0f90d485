// SPDX-License-Identifier: GPL-2.0
/*
 * Peers that showed the SMC option but did not speak SMC: hosts that echo
 * unknown TCP options, or middleboxes that swallow the handshake. Such a
 * connection fails once; the next ones to that address are plain TCP until
 * the entry has expired.
 *
 * A small table with one entry for each hash value: a newer peer takes the
 * place of an older one, so it cannot grow. An entry lost costs a timeout.
 */
#include <linux/hash.h>
#include <linux/in6.h>
#include <linux/jiffies.h>
#include <linux/spinlock.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "negcache.h"

#define NEG_BITS	8
#define NEG_TIME	(60 * HZ)

struct neg_entry {
	u64 net;	/* cookie, 0: unused */
	struct in6_addr peer;
	unsigned long until;
};

static struct neg_entry table[1 << NEG_BITS];
static DEFINE_SPINLOCK(table_lock);

static struct neg_entry *slot(const struct net *net,
			      const struct in6_addr *peer)
{
	u32 h = __ipv6_addr_jhash(peer, (u32)net->net_cookie);

	return &table[hash_32(h, NEG_BITS)];
}

/**
 * smc_negcache_add() - a handshake with this peer has gone wrong
 * @net: network namespace
 * @peer: its address
 *
 * Any context.
 */
void smc_negcache_add(struct net *net, const struct in6_addr *peer)
{
	struct neg_entry *e = slot(net, peer);

	spin_lock_bh(&table_lock);
	e->net = net->net_cookie;
	e->peer = *peer;
	e->until = jiffies + NEG_TIME;
	spin_unlock_bh(&table_lock);
}

/**
 * smc_negcache_lookup() - shall this peer be left alone?
 * @net: network namespace
 * @peer: its address
 *
 * Return: true if it failed lately.
 */
bool smc_negcache_lookup(struct net *net, const struct in6_addr *peer)
{
	struct neg_entry *e = slot(net, peer);
	bool found;

	if (!READ_ONCE(e->net))
		return false;
	spin_lock_bh(&table_lock);
	found = e->net == net->net_cookie && ipv6_addr_equal(&e->peer, peer);
	if (found && time_after_eq(jiffies, e->until)) {
		e->net = 0;
		found = false;
	}
	spin_unlock_bh(&table_lock);
	return found;
}

/**
 * smc_negcache_flush() - forget all peers of a namespace
 * @net: network namespace
 */
void smc_negcache_flush(struct net *net)
{
	int i;

	spin_lock_bh(&table_lock);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].net == net->net_cookie)
			table[i].net = 0;
	spin_unlock_bh(&table_lock);
}
