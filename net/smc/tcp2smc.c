// SPDX-License-Identifier: GPL-2.0
/*
 * The sysctl net.smc.tcp2smc: TCP sockets that programs make in a network
 * namespace are SMC sockets, all of them or those that a rule fits.
 *
 *	0			none
 *	1			all
 *	RULE[,RULE]...		those that any of the rules fits:
 *	  cgroup=ID		  made in this cgroup (v2) or one below it; the
 *				  ID is the inode number of its directory
 *	  user=UID		  owned by this user
 *	  program=NAME		  made by a thread of this name (comm)
 *
 * For kernels without the BPF hook in socket(); smc_policy(8) knows which to
 * use. The one place that every new TCP socket passes while it is still ours
 * to shape is the init operation of TCP's struct proto. So the pointer to that
 * leads here while the knob of any namespace is set, and only then. Sockets of
 * the kernel are left alone, children of listeners do not come here, MPTCP's
 * subflows belong to the kernel. The protocols that copy TCP's struct proto
 * (TLS, sockmap) do so for sockets that exist, and never call its init.
 *
 * Taking the pointer back does not wait for those who have read it; unloading
 * the module does: see smc_tcp2smc_fini().
 */
#include <linux/cgroup.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/uidgid.h>
#include <linux/wait_bit.h>
#include <net/netns/generic.h>
#include <net/tcp.h>
#include <net/transp_v6.h>

#include "af_smc.h"
#include "compat.h"
#include "tcp2smc.h"
#include "ulp.h"

#define MAX_RULES	128
#define MAX_TEXT	4096

enum rule_kind {
	RULE_ALL,
	RULE_CGROUP,
	RULE_USER,
	RULE_PROGRAM,
};

struct rule {
	enum rule_kind kind;
	union {
		u64 cgroup;
		kuid_t user;
		char program[TASK_COMM_LEN];
	};
};

/**
 * struct policy - what the knob of a network namespace says; never changes
 * @rcu: readers are under RCU
 * @count: number of @rules
 * @rules: which sockets become SMC sockets
 */
struct policy {
	struct rcu_head rcu;
	unsigned int count;
	struct rule rules[] __counted_by(count);
};

/**
 * struct tcp2smc_net - the knob of one network namespace
 * @policy: NULL: it is 0. Changes under @policy_lock
 * @header: registration of @table
 * @table: the knob, and the end mark that older kernels want
 */
struct tcp2smc_net {
	struct policy __rcu *policy;
	struct ctl_table_header *header;
	struct ctl_table table[2];
};

static unsigned int tcp2smc_net_id __read_mostly;
static DEFINE_MUTEX(policy_lock);
static unsigned int policies;	/* namespaces that have one; policy_lock */
static bool stopping;		/* the module goes; policy_lock */

static bool rule_fits(const struct rule *rule, struct sock *sk)
{
	char comm[TASK_COMM_LEN];

	switch (rule->kind) {
	case RULE_ALL:
		return true;
	case RULE_CGROUP: {
#ifdef CONFIG_SOCK_CGROUP_DATA
		struct cgroup *cgrp = sock_cgroup_ptr(&sk->sk_cgrp_data);

		for (; cgrp; cgrp = cgroup_parent(cgrp))
			if (cgroup_id(cgrp) == rule->cgroup)
				return true;
#endif
		return false;
	}
	case RULE_USER:
		return uid_eq(sk->sk_uid, rule->user);
	case RULE_PROGRAM:
		get_task_comm(comm, current);
		return !strcmp(comm, rule->program);
	}
	return false;
}

static bool wanted(struct sock *sk)
{
	struct tcp2smc_net *tn = net_generic(sock_net(sk), tcp2smc_net_id);
	const struct policy *policy;
	bool fits = false;
	unsigned int i;

	if (sk->sk_kern_sock)
		return false;
	rcu_read_lock();
	policy = rcu_dereference(tn->policy);
	for (i = 0; policy && i < policy->count && !fits; i++)
		fits = rule_fits(&policy->rules[i], sk);
	rcu_read_unlock();
	return fits;
}

/* --- TCP's init operations ------------------------------------------------ */

typedef int (*init_fn)(struct sock *sk);

static init_fn tcp_init4 __ro_after_init;
static atomic_t callers;	/* who is in one of ours */

/* A new TCP socket. Without memory it stays TCP. */
static int init_sock(struct sock *sk, init_fn tcp_init, int family)
{
	int ret;

	atomic_inc(&callers);
	ret = tcp_init(sk);
	/* the core will take a module reference for its operations */
	if (!ret && wanted(sk) &&
	    !smc_ulp_attach(sk, smc_family_tcp_ops(family)))
		sk->sk_socket->ops = smc_family_ops(family);
	if (atomic_dec_and_test(&callers))
		wake_up_var(&callers);
	return ret;
}

static int init_sock4(struct sock *sk)
{
	return init_sock(sk, tcp_init4, PF_INET);
}

#if IS_ENABLED(CONFIG_IPV6)
static init_fn tcp_init6 __ro_after_init;

static int init_sock6(struct sock *sk)
{
	return init_sock(sk, tcp_init6, PF_INET6);
}

static void hook(bool on)
{
	WRITE_ONCE(tcp_prot.init, on ? init_sock4 : tcp_init4);
	if (smc_family_tcp_ops(PF_INET6))
		WRITE_ONCE(tcpv6_prot.init, on ? init_sock6 : tcp_init6);
}

static void find_tcp(void)
{
	tcp_init4 = tcp_prot.init;
	tcp_init6 = tcpv6_prot.init;
}
#else
static void hook(bool on)
{
	WRITE_ONCE(tcp_prot.init, on ? init_sock4 : tcp_init4);
}

static void find_tcp(void)
{
	tcp_init4 = tcp_prot.init;
}
#endif

/* --- the knob ------------------------------------------------------------- */

static void set_policy(struct tcp2smc_net *tn, struct policy *policy)
{
	struct policy *old;

	mutex_lock(&policy_lock);
	if (policy && !policies && !stopping)
		hook(true);
	old = rcu_replace_pointer(tn->policy, policy,
				  lockdep_is_held(&policy_lock));
	policies += !!policy - !!old;
	if (!policies && old)
		hook(false);
	mutex_unlock(&policy_lock);
	if (old)
		kfree_rcu(old, rcu);
}

static const char *value_of(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) ? NULL : text + len;
}

static int parse_rule(struct rule *rule, const char *text,
		      struct user_namespace *ns)
{
	const char *value;
	uid_t uid;

	if (!strcmp(text, "1")) {
		rule->kind = RULE_ALL;
		return 0;
	}
	value = value_of(text, "cgroup=");
	if (value) {
		rule->kind = RULE_CGROUP;
		return kstrtou64(value, 10, &rule->cgroup);
	}
	value = value_of(text, "user=");
	if (value) {
		rule->kind = RULE_USER;
		if (kstrtouint(value, 10, &uid))
			return -EINVAL;
		rule->user = make_kuid(ns, uid);
		return uid_valid(rule->user) ? 0 : -EINVAL;
	}
	value = value_of(text, "program=");
	if (value && *value) {
		rule->kind = RULE_PROGRAM;
		if (strscpy(rule->program, value, sizeof(rule->program)) < 0)
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

/* Return: the policy, NULL for none, or an ERR_PTR. @text is cut up. */
static struct policy *parse(char *text, struct user_namespace *ns)
{
	struct policy *policy;
	char *word;
	int ret;

	text = strim(text);
	if (!strcmp(text, "0"))
		return NULL;
	policy = kzalloc(struct_size(policy, rules, MAX_RULES),
			 GFP_KERNEL_ACCOUNT);
	if (!policy)
		return ERR_PTR(-ENOMEM);
	while ((word = strsep(&text, ","))) {
		ret = -E2BIG;
		if (policy->count == MAX_RULES)
			goto err;
		policy->count++;
		ret = parse_rule(&policy->rules[policy->count - 1], word, ns);
		if (ret)
			goto err;
	}
	return policy;
err:
	kfree(policy);
	return ERR_PTR(ret);
}

static void show_rule(char *text, int *len, const struct rule *rule,
		      struct user_namespace *ns)
{
	const char *comma = *len ? "," : "";
	char *to = text + *len;
	int room = MAX_TEXT - *len;

	switch (rule->kind) {
	case RULE_ALL:
		*len += scnprintf(to, room, "%s1", comma);
		break;
	case RULE_CGROUP:
		*len += scnprintf(to, room, "%scgroup=%llu", comma,
				  rule->cgroup);
		break;
	case RULE_USER:
		*len += scnprintf(to, room, "%suser=%u", comma,
				  from_kuid_munged(ns, rule->user));
		break;
	case RULE_PROGRAM:
		*len += scnprintf(to, room, "%sprogram=%s", comma,
				  rule->program);
		break;
	}
}

static void show(char *text, const struct tcp2smc_net *tn,
		 struct user_namespace *ns)
{
	const struct policy *policy;
	int i, len = 0;

	rcu_read_lock();
	policy = rcu_dereference(tn->policy);
	for (i = 0; policy && i < policy->count; i++)
		show_rule(text, &len, &policy->rules[i], ns);
	rcu_read_unlock();
	if (!len)
		strscpy(text, "0", MAX_TEXT);
}

/* Who may write is what net_ctl_permissions() says: CAP_NET_ADMIN there. */
static int tcp2smc_handler(smc_ctl_table *ctl, int write, void *buffer,
			   size_t *lenp, loff_t *ppos)
{
	struct net *net = ctl->extra1;
	struct tcp2smc_net *tn = net_generic(net, tcp2smc_net_id);
	struct ctl_table text = { .maxlen = MAX_TEXT };
	struct policy *policy;
	int ret;

	/* in one piece, or half of it would be in force */
	if (write && (*ppos || *lenp >= MAX_TEXT))
		return -EINVAL;
	text.data = kzalloc(MAX_TEXT, GFP_KERNEL);
	if (!text.data)
		return -ENOMEM;
	if (!write)
		show(text.data, tn, net->user_ns);
	ret = proc_dostring(&text, write, buffer, lenp, ppos);
	if (!ret && write) {
		policy = parse(text.data, net->user_ns);
		ret = PTR_ERR_OR_ZERO(policy);
		if (!ret)
			set_policy(tn, policy);
	}
	kfree(text.data);
	return ret;
}

static int __net_init tcp2smc_net_init(struct net *net)
{
	struct tcp2smc_net *tn = net_generic(net, tcp2smc_net_id);

	tn->table[0].procname = "tcp2smc";
	tn->table[0].mode = 0644;
	tn->table[0].proc_handler = tcp2smc_handler;
	tn->table[0].extra1 = net;
	tn->header = register_net_sysctl_sz(net, "net/smc", tn->table, 1);
	return tn->header ? 0 : -ENOMEM;
}

static void __net_exit tcp2smc_net_exit(struct net *net)
{
	struct tcp2smc_net *tn = net_generic(net, tcp2smc_net_id);

	unregister_net_sysctl_table(tn->header);
	set_policy(tn, NULL);
}

static struct pernet_operations tcp2smc_net_ops = {
	.init = tcp2smc_net_init,
	.exit = tcp2smc_net_exit,
	.id = &tcp2smc_net_id,
	.size = sizeof(struct tcp2smc_net),
};

/**
 * smc_tcp2smc_init() - at module load, after smc_family_prepare()
 *
 * Return: 0 or a negative errno.
 */
int smc_tcp2smc_init(void)
{
	find_tcp();
	return register_pernet_subsys(&tcp2smc_net_ops);
}

/**
 * smc_tcp2smc_fini() - at module unload
 *
 * Waits for those who have read our pointers: first until each has either
 * counted itself or is through, then for those who have, then until the last
 * of these has left our code. None sleeps but while it is counted.
 */
void smc_tcp2smc_fini(void)
{
	mutex_lock(&policy_lock);
	stopping = true;
	hook(false);
	mutex_unlock(&policy_lock);
	synchronize_rcu_tasks();
	wait_var_event(&callers, !atomic_read(&callers));
	synchronize_rcu_tasks();
	/* only now: each of them looks at the knob */
	unregister_pernet_subsys(&tcp2smc_net_ops);
}
