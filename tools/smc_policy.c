// SPDX-License-Identifier: GPL-2.0
/*
 * smc_policy: make TCP sockets of programs SMC sockets, whatever programs
 *
 * A policy is a set of rules of a network namespace: "on" adds to it, "off"
 * takes from it. Who applies it, a BPF program or the module, is a matter of
 * what the kernel has: policy_bpf.c, policy_sysctl.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "smc_policy.h"

#define ME		"smc_policy"
#define CGROUPS		"/sys/fs/cgroup"
#define FILEID_KERNFS	0xfe
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum exit_status { IS_OFF = 3, WRONG_USE = 2, FAILED = 1 };

static const struct mechanism * const mechanisms[] = {
	&bpf_mechanism,
	&sysctl_mechanism,
};

bool debugging;

int fail(const char *what)
{
	int saved = errno;

	fprintf(stderr, ME ": %s: %m\n", what);
	errno = saved;
	return -1;
}

/* --- rules ---------------------------------------------------------------- */

/* in one network namespace, so without it */
static bool is_same(const struct smc_policy_rule *a,
		    const struct smc_policy_rule *b)
{
	return a->kind == b->kind &&
	       !memcmp(a->program, b->program, sizeof(a->program));
}

bool in_set(const struct rule_set *set, const struct smc_policy_rule *rule)
{
	int i;

	for (i = 0; i < set->count; i++)
		if (is_same(&set->rules[i], rule))
			return true;
	return false;
}

bool add_to_set(struct rule_set *set, const struct smc_policy_rule *rule)
{
	if (in_set(set, rule))
		return true;
	if (set->count == MAX_SET)
		return false;
	set->rules[set->count++] = *rule;
	return true;
}

static bool parse_cgroup(const char *text, struct smc_policy_rule *rule)
{
	char path[4096];
	struct statfs fs;
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", *text == '/' ? "" : CGROUPS "/",
		 text);
	if (stat(path, &st) || statfs(path, &fs)) {
		fail(path);
		return false;
	}
	if (fs.f_type != CGROUP2_SUPER_MAGIC || !S_ISDIR(st.st_mode)) {
		fprintf(stderr, ME ": %s: not a cgroup (v2)\n", path);
		return false;
	}
	rule->kind = SMC_POLICY_CGROUP;
	rule->id = st.st_ino;
	return true;
}

static bool parse_user(const char *text, struct smc_policy_rule *rule)
{
	const struct passwd *pw = getpwnam(text);
	char *end;

	rule->kind = SMC_POLICY_USER;
	if (pw) {
		rule->id = pw->pw_uid;
		return true;
	}
	errno = 0;
	rule->id = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno &&
	    rule->id < (__u32)-1)
		return true;
	fprintf(stderr, ME ": %s: no such user\n", text);
	return false;
}

/* as the kernel keeps it: the first 15 bytes */
static bool parse_program(const char *text, struct smc_policy_rule *rule)
{
	if (!*text || strpbrk(text, "/,\n")) {
		fprintf(stderr, ME ": '%s' is no name of a program\n", text);
		return false;
	}
	rule->kind = SMC_POLICY_PROGRAM;
	memcpy(rule->program, text, strnlen(text, sizeof(rule->program) - 1));
	return true;
}

/* Where cgroups (v2) are mounted; in the hybrid layout it is one level below. */
static int open_cgroups(void)
{
	static const char * const paths[] = { CGROUPS, CGROUPS "/unified" };
	struct statfs fs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if (!statfs(paths[i], &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
			return open(paths[i],
				    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return -1;
}

/*
 * Path of a cgroup, for as long as the next call. Return: false if it is gone
 * for good; the path is empty if it cannot be told.
 */
static bool cgroup_path(__u64 id, const char **path)
{
	static char buf[4096];
	union {
		struct file_handle head;
		char space[sizeof(struct file_handle) + sizeof(id)];
	} handle = { .head = { .handle_bytes = sizeof(id),
			       .handle_type = FILEID_KERNFS } };
	char link[64];
	ssize_t len = -1;
	int fd, mnt;

	*path = "";
	mnt = open_cgroups();
	if (mnt < 0)
		return true;
	memcpy(handle.head.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mnt, &handle.head, O_RDONLY | O_CLOEXEC);
	close(mnt);
	if (fd < 0)
		return errno != ESTALE;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, buf, sizeof(buf) - 1);
	close(fd);
	buf[len < 0 ? 0 : len] = 0;
	*path = buf;
	return true;
}

static bool is_gone(const struct smc_policy_rule *rule)
{
	const char *path;

	return rule->kind == SMC_POLICY_CGROUP && !cgroup_path(rule->id, &path);
}

static void print_rule(const struct smc_policy_rule *rule)
{
	const struct passwd *pw;
	const char *path;

	switch (rule->kind) {
	case SMC_POLICY_ALL:
		printf("every program\n");
		break;
	case SMC_POLICY_CGROUP:
		if (!cgroup_path(rule->id, &path))
			path = "(gone)";
		printf("cgroup %s\n", *path ? path : "(unknown)");
		break;
	case SMC_POLICY_USER:
		pw = getpwuid(rule->id);
		if (pw)
			printf("user %s\n", pw->pw_name);
		else
			printf("user %llu\n", (unsigned long long)rule->id);
		break;
	case SMC_POLICY_PROGRAM:
		printf("program %s\n", rule->program);
		break;
	}
}

/* --- commands ------------------------------------------------------------- */

/* Loads the module if it can be found. */
static bool have_smc(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 256);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Take a policy, change it, and give it back, while nobody else does. */
static int change(const struct mechanism *how,
		  int (*edit)(struct rule_set *set, const struct rule_set *arg),
		  const struct rule_set *arg)
{
	static struct rule_set old, set;
	int fd, ret = -1;

	fd = how->lock();
	if (fd < 0)
		return -1;
	if (!how->read(&old)) {
		set = old;
		ret = edit(&set, arg);
		if (!ret)
			ret = how->write(&old, &set);
	}
	close(fd);
	return ret;
}

/* Cgroups come and go with services: rules of those that went go here. */
static int add_rules(struct rule_set *set, const struct rule_set *arg)
{
	struct rule_set kept = { 0 };
	int i;

	for (i = 0; i < set->count; i++)
		if (!is_gone(&set->rules[i]))
			add_to_set(&kept, &set->rules[i]);
	for (i = 0; i < arg->count; i++)
		if (!add_to_set(&kept, &arg->rules[i])) {
			errno = E2BIG;
			return fail("more rules than there can be");
		}
	*set = kept;
	return 0;
}

static int remove_rules(struct rule_set *set, const struct rule_set *arg)
{
	struct rule_set kept = { 0 };
	int i;

	for (i = 0; arg->count && i < set->count; i++)
		if (!in_set(arg, &set->rules[i]))
			add_to_set(&kept, &set->rules[i]);
	*set = kept;
	return 0;
}

static int cmd_on(struct rule_set *set)
{
	static const struct smc_policy_rule all = { .kind = SMC_POLICY_ALL };
	unsigned int i;

	if (!set->count)
		add_to_set(set, &all);
	if (!have_smc()) {
		fprintf(stderr, ME ": there is no SMC: is the module smc installed?\n");
		return FAILED;
	}
	for (i = 0; i < ARRAY_SIZE(mechanisms); i++)
		if (mechanisms[i]->permitted() && mechanisms[i]->available())
			return change(mechanisms[i], add_rules, set) ? FAILED :
								       0;
	fprintf(stderr, ME ": this kernel has no hook for BPF in socket(), and the module no net.smc.tcp2smc\n");
	return FAILED;
}

static int cmd_off(struct rule_set *set)
{
	unsigned int i;
	int status = 0;

	for (i = 0; i < ARRAY_SIZE(mechanisms); i++) {
		if (!mechanisms[i]->in_use())
			continue;
		if (!mechanisms[i]->permitted()) {
			fprintf(stderr, ME ": no permission to change the policy by %s\n",
				mechanisms[i]->name);
			status = FAILED;
		} else if (change(mechanisms[i], remove_rules, set)) {
			status = FAILED;
		}
	}
	return status;
}

static int cmd_status(struct rule_set *set)
{
	int n, status = IS_OFF;
	bool unknown = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mechanisms); i++) {
		if (!mechanisms[i]->in_use())
			continue;
		if (!mechanisms[i]->permitted()) {
			unknown = true;
			continue;
		}
		if (mechanisms[i]->read(set))
			return FAILED;
		if (!set->count)
			continue;
		status = 0;
		printf("on, by %s%s\n", mechanisms[i]->name,
		       access("/sys/module/smc", F_OK) ?
		       ", but the module smc is not loaded" : "");
		for (n = 0; n < set->count; n++)
			print_rule(&set->rules[n]);
	}
	if (status == IS_OFF && unknown) {
		fprintf(stderr, ME ": no permission to see the policy\n");
		return FAILED;
	}
	if (status == IS_OFF)
		printf("off\n");
	return status;
}

/* --- command line --------------------------------------------------------- */

static void usage(FILE *to)
{
	fprintf(to,
		"Usage: " ME " on [RULE]... | off [RULE]... | status\n"
		"\n"
		"Makes the TCP sockets of programs SMC sockets, in this network namespace.\n"
		"\n"
		"  on      add rules; without a rule: every program\n"
		"  off     take rules away; without a rule: all of them\n"
		"  status  show them; the exit status is 3 if there are none\n"
		"\n"
		"A rule, of which one has to fit:\n"
		"  --cgroup PATH    programs in this cgroup (v2) and those below it\n"
		"  --user USER      programs of this user, a name or a number\n"
		"  --program NAME   programs of this name, as ps -o comm shows it\n"
		"\n"
		"  --debug, --help, --version\n");
}

static int wrong_use(const char *what)
{
	fprintf(stderr, ME ": %s (--help for help)\n", what);
	return WRONG_USE;
}

static bool take_rule(struct rule_set *set, int opt, const char *text)
{
	struct smc_policy_rule rule;
	bool ok;

	memset(&rule, 0, sizeof(rule));
	if (opt == 'c')
		ok = parse_cgroup(text, &rule);
	else if (opt == 'u')
		ok = parse_user(text, &rule);
	else
		ok = parse_program(text, &rule);
	if (ok && !add_to_set(set, &rule)) {
		fprintf(stderr, ME ": more than %d rules\n", MAX_SET);
		ok = false;
	}
	return ok;
}

static int run(const char *command, struct rule_set *set)
{
	if (!strcmp(command, "on"))
		return cmd_on(set);
	if (!strcmp(command, "off"))
		return cmd_off(set);
	if (strcmp(command, "status"))
		return wrong_use("on, off or status?");
	return set->count ? wrong_use("status takes no rules") :
			    cmd_status(set);
}

/*
 * "ip netns exec" has mounts of its own: there, cgroups are not to be seen, and
 * what is pinned in a bpffs of its own goes with this process.
 */
static void join_mounts_of_init(void)
{
	struct stat own, init;
	int fd;

	if (stat("/proc/self/ns/mnt", &own) || stat("/proc/1/ns/mnt", &init) ||
	    own.st_ino == init.st_ino)
		return;
	fd = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNS))
		fprintf(stderr, ME ": the mounts of process 1: %m\n");
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "cgroup", required_argument, NULL, 'c' },
		{ "user", required_argument, NULL, 'u' },
		{ "program", required_argument, NULL, 'p' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 }
	};
	static struct rule_set set;
	int opt;

	join_mounts_of_init();
	while ((opt = getopt_long(argc, argv, "hv", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
		case 'u':
		case 'p':
			if (!take_rule(&set, opt, optarg))
				return FAILED;
			break;
		case 'd':
			debugging = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		case 'v':
			printf(ME " " VERSION "\n");
			return 0;
		default:
			return WRONG_USE;
		}
	}
	if (optind != argc - 1)
		return wrong_use("one command, please: on, off or status");
	return run(argv[optind], &set);
}
