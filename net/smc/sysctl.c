// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs of a network namespace: /proc/sys/net/smc/, names and ranges as in
 * Linux.
 *
 * What is not there cannot be chosen: buffers are always physically contiguous
 * and groups have SMC_LGR_LINKS links, so writing anything else is EINVAL.
 *
 * wire-protocol.md 8.7, Documentation/administration.rst
 */
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "compat.h"
#include "lgr.h"
#include "nego.h"
#include "sysctl.h"

static int min_mem = 16384;
static int max_mem = INT_MAX / 2;
static int max_links = SMC_LGR_LINKS;
static int min_conns = SMC_NEGO_MIN_CONNS;
static int max_conns = SMC_LGR_MAX_CONNS;
static int max_seconds = INT_MAX / HZ;	/* jiffies of a 32-bit machine */

/* what a new namespace begins with; @sysctl_table points into it */
static struct smc_sysctl sysctl_defaults = {
	.autocorking_size = 64 * 1024,
	.testlink_time = 30,
	.wmem = SMC_SYSCTL_MEM_DEFAULT,
	.rmem = SMC_SYSCTL_MEM_DEFAULT,
	.max_links = SMC_LGR_LINKS,
	.max_conns = SMC_LGR_MAX_CONNS,
};

static const struct ctl_table sysctl_table[] = {
	{
		.procname = "autocorking_size",
		.data = &sysctl_defaults.autocorking_size,
		.maxlen = sizeof(unsigned int),
		.mode = 0644,
		.proc_handler = proc_douintvec,
	},
	{
		.procname = "smcr_buf_type",
		.data = &sysctl_defaults.buf_type,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ZERO,
	},
	{
		.procname = "smcr_testlink_time",
		.data = &sysctl_defaults.testlink_time,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = &max_seconds,
	},
	{
		.procname = "wmem",
		.data = &sysctl_defaults.wmem,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = &min_mem,
		.extra2 = &max_mem,
	},
	{
		.procname = "rmem",
		.data = &sysctl_defaults.rmem,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = &min_mem,
		.extra2 = &max_mem,
	},
	{
		.procname = "smcr_max_links_per_lgr",
		.data = &sysctl_defaults.max_links,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ONE,
		.extra2 = &max_links,
	},
	{
		.procname = "smcr_max_conns_per_lgr",
		.data = &sysctl_defaults.max_conns,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = &min_conns,
		.extra2 = &max_conns,
	},
	{
		.procname = "limit_smc_hs",
		.data = &sysctl_defaults.limit_hs,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
};

/**
 * struct sysctl_net - knobs of one namespace, and how they are shown
 * @knobs: values
 * @table: copy of sysctl_table that points to them, and an empty entry, which
 *	older kernels want
 * @header: registration
 */
struct sysctl_net {
	struct smc_sysctl knobs;
	struct ctl_table table[ARRAY_SIZE(sysctl_table) + 1];
	struct ctl_table_header *header;
};

static unsigned int sysctl_net_id __read_mostly;

/**
 * smc_sysctl() - knobs of a network namespace
 * @net: network namespace
 *
 * Any context.
 *
 * Return: the knobs.
 */
struct smc_sysctl *smc_sysctl(struct net *net)
{
	struct sysctl_net *sn = net_generic(net, sysctl_net_id);

	return &sn->knobs;
}

static int __net_init sysctl_net_init(struct net *net)
{
	struct sysctl_net *sn = net_generic(net, sysctl_net_id);
	int i;

	sn->knobs = sysctl_defaults;
	memcpy(sn->table, sysctl_table, sizeof(sysctl_table));
	for (i = 0; i < ARRAY_SIZE(sysctl_table); i++)
		sn->table[i].data = (void *)&sn->knobs +
				    (sn->table[i].data -
				     (void *)&sysctl_defaults);
	sn->header = register_net_sysctl_sz(net, "net/smc", sn->table,
					    ARRAY_SIZE(sysctl_table));
	return sn->header ? 0 : -ENOMEM;
}

static void __net_exit sysctl_net_exit(struct net *net)
{
	struct sysctl_net *sn = net_generic(net, sysctl_net_id);

	unregister_net_sysctl_table(sn->header);
}

static struct pernet_operations sysctl_net_ops = {
	.init = sysctl_net_init,
	.exit = sysctl_net_exit,
	.id = &sysctl_net_id,
	.size = sizeof(struct sysctl_net),
};

/**
 * smc_sysctl_init() - at module load, before anybody looks at a knob
 *
 * Return: 0 or a negative errno.
 */
int smc_sysctl_init(void)
{
	return register_pernet_subsys(&sysctl_net_ops);
}

/**
 * smc_sysctl_fini() - at module unload, after the last that looks at one
 */
void smc_sysctl_fini(void)
{
	unregister_pernet_subsys(&sysctl_net_ops);
}
