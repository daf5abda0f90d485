// SPDX-License-Identifier: GPL-2.0
/*
 * smc_policy, the part in the kernel: which socket() gets an SMC socket
 *
 * Attached to update_socket_protocol(), which socket(2) asks for the protocol
 * of each new socket: what is returned here replaces it, 0 leaves it alone.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "smc_policy_rule.h"

#define AF_INET		2
#define AF_INET6	10
#define SOCK_TYPE_MASK	0xf
#define SOCK_STREAM	1
#define IPPROTO_TCP	6
#define IPPROTO_SMC	256
#define CGROUP_LEVELS	64

/* what is needed of the kernel's own, found by name when it is loaded */
typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t fsuid;
} __attribute__((preserve_access_index));

struct net {
	__u64 net_cookie;
} __attribute__((preserve_access_index));

struct nsproxy {
	struct net *net_ns;
} __attribute__((preserve_access_index));

struct task_struct {
	const struct cred *cred;
	struct nsproxy *nsproxy;
} __attribute__((preserve_access_index));

/* the kernel's switch for the TCP option: on while the module is loaded */
extern const void tcp_have_smc __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SMC_POLICY_MAX_RULES);
	__type(key, struct smc_policy_rule);
	__type(value, __u32);
} smc_policy SEC(".maps");

static _Bool smc_loaded(void)
{
	int enabled = 0;

	bpf_probe_read_kernel(&enabled, sizeof(enabled), &tcp_have_smc);
	return enabled > 0;
}

static _Bool has_rule(const struct smc_policy_rule *rule)
{
	return bpf_map_lookup_elem(&smc_policy, rule) != (void *)0;
}

static _Bool has_cgroup_rule(struct smc_policy_rule *rule)
{
	int level;

	rule->kind = SMC_POLICY_CGROUP;
	for (level = 0; level < CGROUP_LEVELS; level++) {
		rule->id = bpf_get_current_ancestor_cgroup_id(level);
		if (!rule->id)
			return 0;
		if (has_rule(rule))
			return 1;
	}
	return 0;
}

static _Bool wanted(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct smc_policy_rule rule = { .kind = SMC_POLICY_ALL };

	rule.netns = BPF_CORE_READ(task, nsproxy, net_ns, net_cookie);
	if (has_rule(&rule))
		return 1;
	rule.kind = SMC_POLICY_USER;
	rule.id = BPF_CORE_READ(task, cred, fsuid.val);
	if (has_rule(&rule) || has_cgroup_rule(&rule))
		return 1;
	rule.kind = SMC_POLICY_PROGRAM;
	bpf_get_current_comm(rule.program, sizeof(rule.program));
	return has_rule(&rule);
}

SEC("fmod_ret/update_socket_protocol")
int BPF_PROG(smc_policy_prog, int family, int type, int protocol)
{
	if (family != AF_INET && family != AF_INET6)
		return 0;
	if ((type & SOCK_TYPE_MASK) != SOCK_STREAM ||
	    (protocol && protocol != IPPROTO_TCP))
		return 0;
	return smc_loaded() && wanted() ? IPPROTO_SMC : 0;
}

char LICENSE[] SEC("license") = "GPL";
