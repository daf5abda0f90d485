// SPDX-License-Identifier: GPL-2.0
/*
 * The socket lock, for work items.
 *
 * A program may keep its socket locked for as long as it likes, in a page fault
 * of its own making. A work that waited for that would keep a worker from
 * everybody else. So it tries for a moment, and comes back later.
 */
#include <linux/delay.h>
#include <linux/minmax.h>
#include <net/sock.h>

#include "sk_lock.h"

#define LOCK_TRIES	5

static bool trylock(struct sock *sk)
{
	bool ok;

	spin_lock_bh(&sk->sk_lock.slock);
	ok = !sk->sk_lock.owned;
	if (ok) {
		sk->sk_lock.owned = 1;
		mutex_acquire(&sk->sk_lock.dep_map, 0, 1, _RET_IP_);
	}
	spin_unlock_bh(&sk->sk_lock.slock);
	return ok;
}

/**
 * smc_sock_lock_soon() - lock a socket, unless it stays locked
 * @sk: socket
 *
 * Mostly that is for a moment, and less than what the work would lose by coming
 * back. Process context.
 *
 * Return: whether it is locked now; release_sock() unlocks it.
 */
bool smc_sock_lock_soon(struct sock *sk)
{
	int tries = LOCK_TRIES;

	while (!trylock(sk)) {
		if (!--tries)
			return false;
		usleep_range(20, 50);
	}
	return true;
}

/**
 * smc_sock_lock_later() - when to try it again
 * @times: how many times it has failed so far
 *
 * Return: jiffies, twice as many each time up to 64 times.
 */
unsigned long smc_sock_lock_later(unsigned int *times)
{
	return (HZ / 100 + 1) << min((*times)++, 6U);
}
