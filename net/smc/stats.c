// SPDX-License-Identifier: GPL-2.0
/*
 * Counters per network namespace.
 *
 * Counting is a per-CPU addition in any context. /proc/net/smc_stat adds them
 * up, one "name value" a line, then one line for each fallback reason seen
 * ("Fallback.<side>.<reason> <count>").
 */
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "stats.h"

#define NR_REASONS	40

static const char * const stat_names[SMC_STAT_MAX] = {
	[SMC_STAT_CLIENT_SMC] = "ClientSmc",
	[SMC_STAT_SERVER_SMC] = "ServerSmc",
	[SMC_STAT_CLIENT_SMC_V1] = "ClientV1",
	[SMC_STAT_SERVER_SMC_V1] = "ServerV1",
	[SMC_STAT_CLIENT_FALLBACK] = "ClientFallback",
	[SMC_STAT_SERVER_FALLBACK] = "ServerFallback",
	[SMC_STAT_CLIENT_ERROR] = "ClientError",
	[SMC_STAT_SERVER_ERROR] = "ServerError",
	[SMC_STAT_CLIENT_FIRST_CONTACT] = "ClientFirstContact",
	[SMC_STAT_SERVER_FIRST_CONTACT] = "ServerFirstContact",
	[SMC_STAT_TX_BYTES] = "TxBytes",
	[SMC_STAT_RX_BYTES] = "RxBytes",
	[SMC_STAT_TX_MSGS] = "TxMsgs",
	[SMC_STAT_TX_STATE] = "TxState",
	[SMC_STAT_TX_CONS_UPDATES] = "TxConsUpdates",
	[SMC_STAT_TX_NO_SLOT] = "TxNoSlot",
	[SMC_STAT_TX_BLOCKED] = "TxBlocked",
	[SMC_STAT_RX_MSGS] = "RxMsgs",
	[SMC_STAT_RX_STALE] = "RxStale",
	[SMC_STAT_RX_INVALID] = "RxInvalid",
	[SMC_STAT_RX_NO_CONN] = "RxNoConn",
	[SMC_STAT_RX_WAKEUPS] = "RxWakeups",
	[SMC_STAT_CONN_ABORTED] = "ConnAborted",
	[SMC_STAT_LINK_CREATED] = "LinkCreated",
	[SMC_STAT_LINK_DOWN] = "LinkDown",
	[SMC_STAT_LLC_INVALID] = "LlcInvalid",
	[SMC_STAT_LLC_TIMEOUT] = "LlcTimeout",
	[SMC_STAT_LLC_DROPPED] = "LlcDropped",
	[SMC_STAT_GROUP_LIMIT] = "GroupLimit",
	[SMC_STAT_RMB_CREATED] = "RmbCreated",
	[SMC_STAT_RMBE_REUSED] = "RmbeReused",
	[SMC_STAT_BUF_DEGRADED] = "BufDegraded",
	[SMC_STAT_WR_ERROR] = "WrError",
	[SMC_STAT_CLC_INVALID] = "ClcInvalid",
	[SMC_STAT_CLC_TIMEOUT] = "ClcTimeout",
	[SMC_STAT_AVOIDED] = "Avoided",
	[SMC_STAT_STATE_VIOLATION] = "StateViolation",
};

struct stat_cpu {
	u64 v[SMC_STAT_MAX];
	u64 reason[NR_REASONS][2];	/* [0] as client, [1] as server */
};

/**
 * struct stat_net - counters of one network namespace
 * @cpu: per-CPU counters
 * @reason: fallback reasons seen so far, in order; unused entries are 0, used
 *	ones never change
 */
struct stat_net {
	struct stat_cpu __percpu *cpu;
	u32 reason[NR_REASONS];
};

static unsigned int stat_net_id __read_mostly;

static struct stat_net *stat_net(struct net *net)
{
	return net_generic(net, stat_net_id);
}

/**
 * smc_stat_add() - count
 * @net: network namespace
 * @idx: what
 * @n: how many
 *
 * Any context.
 */
void smc_stat_add(struct net *net, enum smc_stat idx, u64 n)
{
	this_cpu_add(stat_net(net)->cpu->v[idx], n);
}

/**
 * smc_stat_fallback() - count a connection that became plain TCP
 * @net: network namespace
 * @server: this end accepted it
 * @reason: diagnosis code, wire-protocol.md 2.8
 *
 * Any context.
 */
void smc_stat_fallback(struct net *net, bool server, u32 reason)
{
	struct stat_net *st = stat_net(net);
	u32 seen;
	int i;

	smc_stat_inc(net, server ? SMC_STAT_SERVER_FALLBACK :
				   SMC_STAT_CLIENT_FALLBACK);
	/* more kinds than entries: the last one collects them */
	for (i = 0; i < NR_REASONS - 1; i++) {
		seen = READ_ONCE(st->reason[i]);
		if (!seen)
			seen = cmpxchg(&st->reason[i], 0, reason) ? : reason;
		if (seen == reason)
			break;
	}
	this_cpu_inc(st->cpu->reason[i][server]);
}

static u64 reason_sum(struct stat_net *st, int i, bool server)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(st->cpu, cpu)->reason[i][server]);
	return sum;
}

static u64 stat_sum(struct stat_net *st, int idx)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(st->cpu, cpu)->v[idx]);
	return sum;
}

/**
 * smc_stat_get() - how many were counted
 * @net: network namespace
 * @idx: what
 *
 * Any context.
 *
 * Return: sum over all processors.
 */
u64 smc_stat_get(struct net *net, enum smc_stat idx)
{
	return stat_sum(stat_net(net), idx);
}

/**
 * smc_stat_get_fallback() - a reason for fallback that was seen
 * @net: network namespace
 * @i: from 0
 * @counts: how often as client and as server
 *
 * Any context.
 *
 * Return: the reason, wire-protocol.md 2.8; 0 if there are no more.
 */
u32 smc_stat_get_fallback(struct net *net, int i, u64 counts[2])
{
	struct stat_net *st = stat_net(net);

	if (i >= NR_REASONS - 1)
		return 0;
	counts[0] = reason_sum(st, i, false);
	counts[1] = reason_sum(st, i, true);
	return READ_ONCE(st->reason[i]);
}

static int stats_show(struct seq_file *m, void *v)
{
	struct stat_net *st = stat_net(seq_file_single_net(m));
	static const char * const side[] = { "client", "server" };
	u64 sum;
	int i, s;

	for (i = 0; i < SMC_STAT_MAX; i++)
		seq_printf(m, "%s %llu\n", stat_names[i], stat_sum(st, i));
	for (i = 0; i < NR_REASONS; i++) {
		for (s = 0; s < 2; s++) {
			sum = reason_sum(st, i, s);
			if (sum)
				seq_printf(m, "Fallback.%s.0x%08x %llu\n",
					   side[s], READ_ONCE(st->reason[i]),
					   sum);
		}
	}
	return 0;
}

static int __net_init stats_net_init(struct net *net)
{
	struct stat_net *st = stat_net(net);

	st->cpu = alloc_percpu(struct stat_cpu);
	if (!st->cpu)
		return -ENOMEM;
	if (!proc_create_net_single("smc_stat", 0444, net->proc_net,
				    stats_show, NULL)) {
		free_percpu(st->cpu);
		return -ENOMEM;
	}
	return 0;
}

static void __net_exit stats_net_exit(struct net *net)
{
	remove_proc_entry("smc_stat", net->proc_net);
	free_percpu(stat_net(net)->cpu);
}

static struct pernet_operations stats_net_ops = {
	.init = stats_net_init,
	.exit = stats_net_exit,
	.id = &stat_net_id,
	.size = sizeof(struct stat_net),
};

/**
 * smc_stats_init() - at module load, before anything counts
 *
 * Return: 0 or a negative errno.
 */
int smc_stats_init(void)
{
	return register_pernet_subsys(&stats_net_ops);
}

/**
 * smc_stats_fini() - at module unload, after the last that counts
 */
void smc_stats_fini(void)
{
	unregister_pernet_subsys(&stats_net_ops);
}
