// SPDX-License-Identifier: GPL-2.0
/*
 * Which link group a connection gets, and how many groups there may be.
 *
 * Operation: a server looks for a group of the peer that is active and has
 * room. If there is none, the first handshake makes one in state SETUP, and
 * the others with that peer wait for it until it is stale: the next one then
 * makes its own. So it does if the peer of an active group owes it an answer. A
 * client is told by the Accept.
 *
 * Limits: of groups, in all and with one peer; of first contacts under way with
 * one host. Beyond the first two the oldest group without connections ends, so
 * that the next connection may find room.
 *
 * wire-protocol.md 2.14, 2.15
 */
#include <linux/moduleparam.h>
#include <net/net_namespace.h>

#include "lgr.h"
#include "lgr_list.h"
#include "stats.h"

/*
 * A server that has a free slot again knows it earlier than its client: leave
 * one in 32 free, and at least one.
 */
#define CONNS_SLACK		32
#define SETUPS_MAX		16	/* at a time, with one host */

static unsigned int max_groups = 1024;
module_param(max_groups, uint, 0644);
MODULE_PARM_DESC(max_groups, "Link groups, at the most");

static unsigned int max_peer_groups = 128;
module_param(max_peer_groups, uint, 0644);
MODULE_PARM_DESC(max_peer_groups, "Link groups with one peer, at the most");

/* for the limit: what a peer can not choose at will */
static bool same_peer(const struct smc_lgr_key *a, const struct smc_lgr_key *b)
{
	if (a->server != b->server || !net_eq(a->net, b->net))
		return false;
	return a->server ? ipv6_addr_equal(&a->remote, &b->remote) :
	       !memcmp(a->peer_gid, b->peer_gid, sizeof(a->peer_gid));
}

/* The longest known group without connections ends; with @key, of that peer. */
static void evict(const struct smc_lgr_key *key)
{
	struct smc_link_group *lgr;

	lockdep_assert_held(&smc_lgr_list_lock);
	list_for_each_entry(lgr, &smc_lgr_list, list) {
		if (key && !same_peer(&lgr->key, key))
			continue;
		if (smc_lgr_end_if_idle(lgr))
			break;
	}
}

/**
 * smc_lgr_reclaim() - there is no memory for rings
 *
 * The longest known group without connections ends: the next one that asks may
 * find some. Any context.
 */
void smc_lgr_reclaim(void)
{
	spin_lock_bh(&smc_lgr_list_lock);
	evict(NULL);
	spin_unlock_bh(&smc_lgr_list_lock);
}

/* If not, the connection remains TCP, and a later one may find some. */
static bool is_room(const struct smc_lgr_key *key)
{
	unsigned int peer_max = READ_ONCE(max_peer_groups);
	unsigned int total = 0, peer = 0;
	struct smc_link_group *lgr;

	lockdep_assert_held(&smc_lgr_list_lock);
	list_for_each_entry(lgr, &smc_lgr_list, list) {
		total++;
		peer += same_peer(&lgr->key, key);
	}
	if (peer < peer_max && total < READ_ONCE(max_groups))
		return true;
	smc_stat_inc(key->net, SMC_STAT_GROUP_LIMIT);
	evict(peer < peer_max ? NULL : key);
	return false;
}

/**
 * smc_lgr_create() - make a group for a first contact, whatever there is
 * @args: what it is made of
 *
 * For clients: the server has decided. Sleeps.
 *
 * Return: a group in state SETUP with a reference for the caller, or NULL if
 *	there is no memory or there are too many.
 */
struct smc_link_group *smc_lgr_create(const struct smc_lgr_args *args)
{
	struct smc_link_group *lgr = smc_lgr_alloc(args);
	bool room;

	if (!lgr)
		return NULL;
	spin_lock_bh(&smc_lgr_list_lock);
	room = is_room(&args->key);
	if (room)
		smc_lgr_publish(lgr);
	spin_unlock_bh(&smc_lgr_list_lock);
	if (room)
		return lgr;
	smc_lgr_free(lgr);
	return NULL;
}

static bool key_equal(const struct smc_lgr_key *a,
		      const struct smc_lgr_key *b)
{
	return a->server == b->server && a->version == b->version &&
	       net_eq(a->net, b->net) &&
	       ipv6_addr_equal(&a->remote, &b->remote) &&
	       !memcmp(a->peer_id, b->peer_id, sizeof(a->peer_id)) &&
	       !memcmp(a->peer_gid, b->peer_gid, sizeof(a->peer_gid)) &&
	       !memcmp(a->peer_mac, b->peer_mac, sizeof(a->peer_mac));
}

/* may a server's new connection have this group, now or later? */
static bool is_eligible(const struct smc_link_group *lgr,
			const struct smc_lgr_args *args)
{
	if (!key_equal(&lgr->key, &args->key) ||
	    memcmp(lgr->key.gid, args->key.gid, sizeof(lgr->key.gid)) ||
	    memcmp(lgr->eid, args->eid, sizeof(lgr->eid)))
		return false;
	if (lgr->stale)
		return false;
	if (lgr->state == SMC_LGR_SETUP)
		return true;
	return lgr->state == SMC_LGR_ACTIVE &&
	       smc_link_is_active(lgr->link[0]) && !smc_lgr_is_worn(lgr) &&
	       lgr->nr_conns < lgr->max_conns -
			       DIV_ROUND_UP(lgr->max_conns, CONNS_SLACK);
}

/*
 * Each group in first contact costs a QP and a megabyte, and nothing proves
 * that the peer IDs of a host are real.
 */
static bool too_many_setups(const struct smc_lgr_args *args)
{
	struct smc_link_group *lgr;
	int n = 0;

	lockdep_assert_held(&smc_lgr_list_lock);
	list_for_each_entry(lgr, &smc_lgr_list, list)
		n += READ_ONCE(lgr->state) == SMC_LGR_SETUP &&
		     same_peer(&lgr->key, &args->key);
	return n >= SETUPS_MAX;
}

/* an active one is better than one to wait for; takes a reference */
static struct smc_link_group *join_find(const struct smc_lgr_args *args)
{
	struct smc_link_group *lgr, *found = NULL;

	lockdep_assert_held(&smc_lgr_list_lock);
	list_for_each_entry(lgr, &smc_lgr_list, list) {
		bool active;

		spin_lock(&lgr->lock);
		active = lgr->state == SMC_LGR_ACTIVE;
		if ((active || !found) && is_eligible(lgr, args))
			found = lgr;
		spin_unlock(&lgr->lock);
		if (active && found == lgr)
			break;
	}
	if (found)
		smc_lgr_get(found);
	return found;
}

/**
 * smc_lgr_join() - find a group for a server's connection, or make one
 * @args: what it is made of, if it must be
 * @created: set to true if it was made: the caller does first contact
 *
 * A group in state SETUP that somebody else made has to be waited for. Sleeps.
 *
 * Return: a group with a reference for the caller, or NULL: no memory, or too
 *	many groups or first contacts already.
 */
struct smc_link_group *smc_lgr_join(const struct smc_lgr_args *args,
				    bool *created)
{
	struct smc_link_group *found, *new;
	bool refused;

	*created = false;
	spin_lock_bh(&smc_lgr_list_lock);
	found = join_find(args);
	refused = !found && too_many_setups(args);
	spin_unlock_bh(&smc_lgr_list_lock);
	if (refused)
		smc_stat_inc(args->key.net, SMC_STAT_GROUP_LIMIT);
	if (found || refused)
		return found;

	new = smc_lgr_alloc(args);
	if (!new)
		return NULL;
	spin_lock_bh(&smc_lgr_list_lock);
	found = join_find(args);
	refused = !found && too_many_setups(args);
	if (!found && !refused && is_room(&args->key)) {
		smc_lgr_publish(new);
		*created = true;
	}
	spin_unlock_bh(&smc_lgr_list_lock);
	if (refused)
		smc_stat_inc(args->key.net, SMC_STAT_GROUP_LIMIT);
	if (*created)
		return new;
	smc_lgr_free(new);
	return found;
}

/*
 * The server may offer a group to the next connection before we know that it
 * has our answer to its Confirm Link.
 */
static bool is_usable(const struct smc_link_group *lgr)
{
	if (lgr->state == SMC_LGR_SETUP)
		return lgr->link[0] &&
		       /* pairs with link_event_locked() */
		       smp_load_acquire(&lgr->link[0]->state) == SMC_LINK_READY;
	return lgr->state == SMC_LGR_ACTIVE &&
	       smc_link_is_active(lgr->link[0]);
}

/**
 * smc_lgr_owes_answer() - has its peer left a Confirm RKey unanswered?
 * @lgr: group
 *
 * A new connection would wait for the next one in vain. It is tried again
 * after a while. Any context.
 *
 * Return: true if so.
 */
bool smc_lgr_owes_answer(const struct smc_link_group *lgr)
{
	return READ_ONCE(lgr->state) == SMC_LGR_ACTIVE &&
	       /* pairs with announce_timer() */
	       smp_load_acquire(&lgr->stale) &&
	       time_before(jiffies, READ_ONCE(lgr->stale_until));
}

/**
 * smc_lgr_lookup() - find the group a server means; for clients
 * @key: from the Accept; @key->gid is not looked at
 * @qpn: the server's QP number
 *
 * Any context.
 *
 * Return: a group with a reference for the caller, active or about to be, or
 *	NULL.
 */
struct smc_link_group *smc_lgr_lookup(const struct smc_lgr_key *key, u32 qpn)
{
	struct smc_link_group *lgr, *found = NULL;

	spin_lock_bh(&smc_lgr_list_lock);
	/* the newest: the server may use the number of a QP again */
	list_for_each_entry_reverse(lgr, &smc_lgr_list, list) {
		spin_lock(&lgr->lock);
		if (key_equal(&lgr->key, key) && is_usable(lgr) &&
		    lgr->link[0]->peer.qpn == qpn)
			found = lgr;
		spin_unlock(&lgr->lock);
		if (found) {
			smc_lgr_get(found);
			break;
		}
	}
	spin_unlock_bh(&smc_lgr_list_lock);
	return found;
}

/**
 * smc_lgr_for_each() - visit all groups
 * @fn: called with a reference held, no locks; not 0 ends the walk
 * @data: for @fn
 *
 * Groups made meanwhile may be missed. Sleeps if @fn does.
 *
 * Return: what the last @fn returned.
 */
int smc_lgr_for_each(int (*fn)(struct smc_link_group *lgr, void *data),
		     void *data)
{
	struct smc_link_group *lgr, *next;
	u32 last = 0;
	int ret = 0;

	do {
		next = NULL;
		spin_lock_bh(&smc_lgr_list_lock);
		/* the list is in the order of ids */
		list_for_each_entry(lgr, &smc_lgr_list, list) {
			if (lgr->id > last) {
				next = lgr;
				smc_lgr_get(next);
				break;
			}
		}
		spin_unlock_bh(&smc_lgr_list_lock);
		if (next) {
			last = next->id;
			ret = fn(next, data);
			smc_lgr_put(next);
		}
	} while (next && !ret);
	return ret;
}
