// SPDX-License-Identifier: GPL-2.0
/*
 * smc_policy by the sysctl net.smc.tcp2smc of the module
 *
 * The whole policy of the network namespace is one line: 0, 1, or rules with
 * commas between them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "smc_policy.h"

static const char knob[] = "/proc/sys/net/smc/tcp2smc";

static bool available(void)
{
	return !access(knob, F_OK);
}

/* The root of a network namespace may, and open() knows who that is. */
static bool permitted(void)
{
	return true;
}

/* A policy belongs to the network namespace, and so does the lock. */
static int lock(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX))
		return fail("/proc/self/ns/net");
	return fd;
}

static bool parse(const char *word, struct smc_policy_rule *rule)
{
	memset(rule, 0, sizeof(*rule));
	if (!strcmp(word, "1")) {
		rule->kind = SMC_POLICY_ALL;
		return true;
	}
	if (sscanf(word, "program=%15[^\n]", rule->program) == 1)
		rule->kind = SMC_POLICY_PROGRAM;
	else if (sscanf(word, "cgroup=%llu", &rule->id) == 1)
		rule->kind = SMC_POLICY_CGROUP;
	else if (sscanf(word, "user=%llu", &rule->id) == 1)
		rule->kind = SMC_POLICY_USER;
	else
		return false;
	return true;
}

static int read_knob(struct rule_set *set)
{
	char line[8192], *word, *rest = line;
	struct smc_policy_rule rule;
	ssize_t len;
	int fd;

	set->count = 0;
	fd = open(knob, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(knob);
	len = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (len < 0)
		return fail(knob);
	line[len] = 0;
	line[strcspn(line, "\n")] = 0;
	while ((word = strsep(&rest, ",")))
		if (parse(word, &rule))
			add_to_set(set, &rule);
	return 0;
}

static void print_rule(FILE *to, const struct smc_policy_rule *rule)
{
	switch (rule->kind) {
	case SMC_POLICY_ALL:
		fprintf(to, "1");
		break;
	case SMC_POLICY_CGROUP:
		fprintf(to, "cgroup=%llu", rule->id);
		break;
	case SMC_POLICY_USER:
		fprintf(to, "user=%llu", rule->id);
		break;
	case SMC_POLICY_PROGRAM:
		fprintf(to, "program=%s", rule->program);
		break;
	}
}

static int write_knob(const struct rule_set *old, const struct rule_set *set)
{
	static char line[8192];
	FILE *to = fopen(knob, "we");
	int i;

	(void)old;
	if (!to)
		return fail(knob);
	/* the kernel takes it only whole: one write(2), by fclose() */
	setvbuf(to, line, _IOFBF, sizeof(line));
	for (i = 0; i < set->count; i++) {
		if (i)
			fputc(',', to);
		print_rule(to, &set->rules[i]);
	}
	if (!set->count)
		fputc('0', to);
	if (fclose(to))
		return fail(knob);
	return 0;
}

const struct mechanism sysctl_mechanism = {
	.name = "sysctl",
	.available = available,
	.in_use = available,
	.permitted = permitted,
	.lock = lock,
	.read = read_knob,
	.write = write_knob,
};
