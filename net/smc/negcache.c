// SPDX-License-Identifier: GPL-2.0
/*
 * Peers that showed the SMC option but did not speak SMC: hosts that echo
 * unknown TCP options, or middleboxes that swallow the handshake. Such a
 * connection fails once; the next ones to that address are plain TCP for a
 * minute. So they are if RDMA does not get through, where the first one becomes
 * TCP after the time that is given to Confirm Link. Then one connection tries
 * again, the others go on with TCP meanwhile. If it fails the time doubles, up
 * to an hour; if it succeeds the peer is forgotten, and so it is when nobody
 * asked for it for an hour.
 *
 * The table is small and its size fixed: a peer finds its place in one of a few
 * entries, and if all are taken the one whose time is over first makes room. An
 * entry lost costs a timeout.
 *
 * /proc/net/smc_peers shows the peers of a network namespace; writing "flush"
 * to it forgets them.
 */
#include <linux/hash.h>
#include <linux/in6.h>
#include <linux/jiffies.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "negcache.h"

#define SET_BITS	6
#define WAYS		4
#define FIRST_TIME	(60 * HZ)
#define LONGEST_TIME	(3600 * HZ)
#define DOUBLINGS	6		/* FIRST_TIME to LONGEST_TIME */
#define TRIAL_TIME	(20 * HZ)	/* more than a handshake takes */

/**
 * struct neg_entry - a peer
 * @net: cookie of the network namespace, 0: unused
 * @peer: its address
 * @failed: when it did last, jiffies
 * @until: until then it is left alone, jiffies
 * @failures: how often it did
 * @trial: a connection tries whether it is better now
 */
struct neg_entry {
	u64 net;
	struct in6_addr peer;
	unsigned long failed;
	unsigned long until;
	unsigned int failures;
	bool trial;
};

static struct neg_entry table[1 << SET_BITS][WAYS];
static unsigned int used;	/* entries; changes under table_lock */
static DEFINE_SPINLOCK(table_lock);

static struct neg_entry *set_of(const struct net *net,
				const struct in6_addr *peer)
{
	u32 h = __ipv6_addr_jhash(peer, (u32)net->net_cookie);

	return table[hash_32(h, SET_BITS)];
}

static void forget(struct neg_entry *e)
{
	e->net = 0;
	WRITE_ONCE(used, used - 1);
}

static bool is_stale(const struct neg_entry *e)
{
	return time_after(jiffies, e->until + LONGEST_TIME);
}

static struct neg_entry *find(const struct net *net,
			      const struct in6_addr *peer)
{
	struct neg_entry *e, *set = set_of(net, peer);

	lockdep_assert_held(&table_lock);
	for (e = set; e < set + WAYS; e++)
		if (e->net == net->net_cookie &&
		    ipv6_addr_equal(&e->peer, peer))
			return e;
	return NULL;
}

/* the entry of a set that is unused, or else the one to be lost */
static struct neg_entry *victim(struct neg_entry *set)
{
	struct neg_entry *e, *found = set;

	for (e = set; e < set + WAYS; e++) {
		if (!e->net)
			return e;
		if (time_before(e->until, found->until))
			found = e;
	}
	return found;
}

static struct neg_entry *enter(const struct net *net,
			       const struct in6_addr *peer)
{
	struct neg_entry *e = victim(set_of(net, peer));

	if (e->net)
		forget(e);
	*e = (struct neg_entry) {
		.net = net->net_cookie,
		.peer = *peer,
		.until = jiffies,
	};
	WRITE_ONCE(used, used + 1);
	return e;
}

/**
 * smc_negcache_failed() - a handshake with this peer has gone wrong
 * @net: network namespace
 * @peer: its address
 *
 * Those that began before the peer was known as bad count as one. Any context.
 */
void smc_negcache_failed(struct net *net, const struct in6_addr *peer)
{
	struct neg_entry *e;
	unsigned long wait;

	spin_lock_bh(&table_lock);
	e = find(net, peer);
	if (e && is_stale(e))
		e->failures = 0;
	if (!e)
		e = enter(net, peer);
	if (e->trial || !time_before(jiffies, e->until)) {
		wait = FIRST_TIME << min_t(int, e->failures, DOUBLINGS);
		e->until = jiffies + min_t(unsigned long, wait, LONGEST_TIME);
		e->failures++;
		e->trial = false;
	}
	e->failed = jiffies;
	spin_unlock_bh(&table_lock);
}

/**
 * smc_negcache_succeeded() - a connection to this peer is SMC
 * @net: network namespace
 * @peer: its address
 *
 * Any context.
 */
void smc_negcache_succeeded(struct net *net, const struct in6_addr *peer)
{
	struct neg_entry *e;

	if (!READ_ONCE(used))
		return;
	spin_lock_bh(&table_lock);
	e = find(net, peer);
	if (e)
		forget(e);
	spin_unlock_bh(&table_lock);
}

/**
 * smc_negcache_lookup() - shall this peer be left alone?
 * @net: network namespace
 * @peer: its address
 *
 * Return: true if it failed lately; false also for the one connection that is
 *	to try it again.
 */
bool smc_negcache_lookup(struct net *net, const struct in6_addr *peer)
{
	struct neg_entry *e;
	bool avoid = false;

	if (!READ_ONCE(used))
		return false;
	spin_lock_bh(&table_lock);
	e = find(net, peer);
	if (e && is_stale(e)) {
		forget(e);
	} else if (e) {
		avoid = time_before(jiffies, e->until);
		if (!avoid) {
			e->trial = true;
			e->until = jiffies + TRIAL_TIME;
		}
	}
	spin_unlock_bh(&table_lock);
	return avoid;
}

/* whatever is there in all of the table, for one namespace */
static void walk(const struct net *net, void *arg,
		 void (*what)(struct neg_entry *e, void *arg))
{
	unsigned int i;

	spin_lock_bh(&table_lock);
	for (i = 0; i < WAYS << SET_BITS; i++) {
		struct neg_entry *e = &table[i / WAYS][i % WAYS];

		if (e->net == net->net_cookie)
			what(e, arg);
	}
	spin_unlock_bh(&table_lock);
}

static void show_peer(struct neg_entry *e, void *arg)
{
	unsigned long age = (jiffies - e->failed) / HZ;
	unsigned long left = 0;
	struct seq_file *m = arg;

	if (is_stale(e))
		return;
	if (time_before(jiffies, e->until))
		left = DIV_ROUND_UP(e->until - jiffies, HZ);
	if (ipv6_addr_v4mapped(&e->peer))
		seq_printf(m, "%pI4", &e->peer.s6_addr32[3]);
	else
		seq_printf(m, "%pI6c", &e->peer);
	seq_printf(m, " %u %lu %lu\n", e->failures, age, left);
}

static int peers_show(struct seq_file *m, void *v)
{
	seq_puts(m, "Peer Failures Age Left\n");
	walk(seq_file_single_net(m), m, show_peer);
	return 0;
}

static void forget_peer(struct neg_entry *e, void *arg)
{
	forget(e);
}

/* the file belongs to root of the namespace, and is for nobody else to write */
static int peers_write(struct file *file, char *buf, size_t size)
{
	if (strcmp(strim(buf), "flush"))
		return -EINVAL;
	walk(seq_file_single_net(file->private_data), NULL, forget_peer);
	return 0;
}

static int __net_init negcache_net_init(struct net *net)
{
	return proc_create_net_single_write("smc_peers", 0644, net->proc_net,
					    peers_show, peers_write, NULL) ?
	       0 : -ENOMEM;
}

static void __net_exit negcache_net_exit(struct net *net)
{
	remove_proc_entry("smc_peers", net->proc_net);
	walk(net, NULL, forget_peer);
}

static struct pernet_operations negcache_net_ops = {
	.init = negcache_net_init,
	.exit = negcache_net_exit,
};

/**
 * smc_negcache_init() - at module load, before any handshake
 *
 * Return: 0 or a negative errno.
 */
int smc_negcache_init(void)
{
	return register_pernet_subsys(&negcache_net_ops);
}

/**
 * smc_negcache_fini() - at module unload, after the last handshake
 */
void smc_negcache_fini(void)
{
	unregister_pernet_subsys(&negcache_net_ops);
}
