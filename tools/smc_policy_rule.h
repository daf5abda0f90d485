/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A rule of smc_policy, also the key of its map in the kernel.
 */
#ifndef SMC_POLICY_RULE_H
#define SMC_POLICY_RULE_H

#include <linux/types.h>

#define SMC_POLICY_MAX_RULES	4096	/* of all network namespaces */

enum smc_policy_kind {
	SMC_POLICY_ALL,
	SMC_POLICY_CGROUP,
	SMC_POLICY_USER,
	SMC_POLICY_PROGRAM,
};

/* Unused bytes are 0: rules are compared as memory. */
struct smc_policy_rule {
	__u64 netns;		/* cookie of the network namespace */
	__u64 kind;		/* enum smc_policy_kind */
	union {
		__u64 id;	/* of a user or a cgroup */
		char program[16];	/* as the kernel has it in comm */
	};
};

#endif /* SMC_POLICY_RULE_H */
