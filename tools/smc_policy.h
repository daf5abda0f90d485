/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smc_policy: a set of rules, and the ways to have the kernel apply it.
 */
#ifndef SMC_POLICY_H
#define SMC_POLICY_H

#include <stdbool.h>

#include "smc_policy_rule.h"

#define MAX_SET	128	/* rules of one network namespace */

struct rule_set {
	int count;
	struct smc_policy_rule rules[MAX_SET];
};

/*
 * One way. Each operation prints what went wrong and returns -1 then, with
 * errno set.
 */
struct mechanism {
	const char *name;
	/* Has this kernel got it? That may take a while. */
	bool (*available)(void);
	/* May there be rules? */
	bool (*in_use)(void);
	/* May we use it? If not, another one may do. */
	bool (*permitted)(void);
	/* An open file; while it is, no other smc_policy gets one. */
	int (*lock)(void);
	/* The rules of this network namespace. */
	int (*read)(struct rule_set *set);
	/* Replace what read() gave by @set. */
	int (*write)(const struct rule_set *old, const struct rule_set *set);
};

extern const struct mechanism bpf_mechanism, sysctl_mechanism;
extern bool debugging;

bool in_set(const struct rule_set *set, const struct smc_policy_rule *rule);
/* true if there was room */
bool add_to_set(struct rule_set *set, const struct smc_policy_rule *rule);

/* "smc_policy: WHAT: text of errno" on standard error; returns -1 */
int fail(const char *what);

#endif /* SMC_POLICY_H */
