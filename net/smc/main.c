// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R for Linux: module entry and exit.
 */
#include <linux/module.h>

static int __init smc_init(void)
{
	return 0;
}

static void __exit smc_exit(void)
{
}

module_init(smc_init);
module_exit(smc_exit);
MODULE_DESCRIPTION("SMC-R: shared memory communications over RDMA");
MODULE_LICENSE("GPL");
