// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R for Linux: module entry and exit.
 */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/tcp.h>

#include "../../include/uapi/linux/smc.h"
#include "af_smc.h"
#include "clc.h"
#include "conn.h"
#include "inet.h"
#include "negcache.h"
#include "netlink.h"
#include "smcr.h"
#include "stats.h"
#include "sysctl.h"
#include "tcp2smc.h"
#include "ulp.h"

static struct pernet_operations smc_net_ops = {
	.exit = smcr_net_exit,
};

/* all ways to a socket, in an order that lets nobody see half of it */
static int __init sockets_init(void)
{
	int ret;

	ret = smc_clc_init();
	if (ret)
		return ret;
	ret = smc_family_prepare();
	if (ret)
		goto err_clc;
	ret = smc_tcp2smc_init();
	if (ret)
		goto err_clc;
	ret = smc_inet_init();
	if (ret)
		goto err_tcp2smc;
	ret = smc_ulp_init();
	if (ret)
		goto err_inet;
	ret = smc_family_init();
	if (ret)
		goto err_ulp;
	return 0;

err_ulp:
	smc_ulp_fini();
err_inet:
	smc_inet_fini();
err_tcp2smc:
	smc_tcp2smc_fini();
err_clc:
	smc_clc_fini();
	return ret;
}

static void sockets_fini(void)
{
	smc_family_fini();
	smc_ulp_fini();
	smc_inet_fini();
	smc_tcp2smc_fini();
	smc_clc_fini();
}

static int __init smc_init(void)
{
	int ret;

	ret = smc_sysctl_init();
	if (ret)
		return ret;
	ret = smc_stats_init();
	if (ret)
		goto err_sysctl;
	ret = smc_negcache_init();
	if (ret)
		goto err_stats;
	ret = smc_conn_init();
	if (ret)
		goto err_negcache;
	ret = smcr_init();
	if (ret)
		goto err_conn;
	ret = register_pernet_subsys(&smc_net_ops);
	if (ret)
		goto err_smcr;
	ret = smc_netlink_init();
	if (ret)
		goto err_net;
	ret = sockets_init();
	if (ret)
		goto err_netlink;
	static_branch_enable(&tcp_have_smc);
	return 0;

err_netlink:
	smc_netlink_fini();
err_net:
	unregister_pernet_subsys(&smc_net_ops);
err_smcr:
	smcr_fini();
err_conn:
	smc_conn_fini();
err_negcache:
	smc_negcache_fini();
err_stats:
	smc_stats_fini();
err_sysctl:
	smc_sysctl_fini();
	return ret;
}

static void __exit smc_exit(void)
{
	static_branch_disable(&tcp_have_smc);
	sockets_fini();
	smc_netlink_fini();
	unregister_pernet_subsys(&smc_net_ops);
	smcr_fini();
	smc_conn_fini();
	smc_negcache_fini();
	smc_stats_fini();
	smc_sysctl_fini();
}

module_init(smc_init);
module_exit(smc_exit);

MODULE_AUTHOR("The SMC-R for Linux developers");
MODULE_DESCRIPTION("Shared Memory Communications over RDMA (SMC-R)");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_NETPROTO(PF_SMC);
MODULE_ALIAS_TCP_ULP("smc");
MODULE_ALIAS_GENL_FAMILY(SMC_GENL_FAMILY_NAME);
