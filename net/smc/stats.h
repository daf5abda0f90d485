/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters per network namespace, shown in /proc/net/smc_stat.
 */
#ifndef _SMC_STATS_H
#define _SMC_STATS_H

#include <linux/types.h>

struct net;

/* one name a line, in the order shown; stats.c has the names */
enum smc_stat {
	SMC_STAT_CLIENT_SMC,		/* connect()s that ended in SMC */
	SMC_STAT_SERVER_SMC,
	SMC_STAT_CLIENT_SMC_V1,		/* those of them that are version 1 */
	SMC_STAT_SERVER_SMC_V1,
	SMC_STAT_CLIENT_FALLBACK,	/* ... in plain TCP */
	SMC_STAT_SERVER_FALLBACK,
	SMC_STAT_CLIENT_ERROR,		/* ... in an error */
	SMC_STAT_SERVER_ERROR,
	SMC_STAT_CLIENT_FIRST_CONTACT,
	SMC_STAT_SERVER_FIRST_CONTACT,
	SMC_STAT_TX_BYTES,
	SMC_STAT_RX_BYTES,
	SMC_STAT_TX_MSGS,		/* messages with data */
	SMC_STAT_TX_STATE,		/* messages without */
	SMC_STAT_TX_CONS_UPDATES,	/* of these, consumer cursor only */
	SMC_STAT_TX_NO_SLOT,		/* post() found no send slot */
	SMC_STAT_TX_BLOCKED,		/* the peer's RMBE was full */
	SMC_STAT_RX_MSGS,
	SMC_STAT_RX_STALE,		/* old sequence number or cursor */
	SMC_STAT_RX_INVALID,		/* impossible cursor, data after end */
	SMC_STAT_RX_NO_CONN,		/* unknown token */
	SMC_STAT_RX_WAKEUPS,
	SMC_STAT_CONN_ABORTED,		/* by the peer or a lost link group */
	SMC_STAT_LINK_CREATED,
	SMC_STAT_LINK_DOWN,
	SMC_STAT_LLC_INVALID,		/* undecodable or unexpected message */
	SMC_STAT_LLC_TIMEOUT,
	SMC_STAT_LLC_DROPPED,		/* answer not sent: no send slot */
	SMC_STAT_GROUP_LIMIT,		/* no new link group: too many */
	SMC_STAT_RMB_CREATED,
	SMC_STAT_RMBE_REUSED,
	SMC_STAT_BUF_DEGRADED,		/* smaller than wanted: memory */
	SMC_STAT_WR_ERROR,
	SMC_STAT_CLC_INVALID,
	SMC_STAT_CLC_TIMEOUT,
	SMC_STAT_AVOIDED,		/* peer not asked: it failed lately */
	SMC_STAT_STATE_VIOLATION,	/* event that the state forbids */
	SMC_STAT_MAX
};

void smc_stat_add(struct net *net, enum smc_stat idx, u64 n);
static inline void smc_stat_inc(struct net *net, enum smc_stat idx)
{
	smc_stat_add(net, idx, 1);
}

void smc_stat_fallback(struct net *net, bool server, u32 reason);

u64 smc_stat_get(struct net *net, enum smc_stat idx);
u32 smc_stat_get_fallback(struct net *net, int i, u64 counts[2]);

int smc_stats_init(void);
void smc_stats_fini(void);

#endif /* _SMC_STATS_H */
