// SPDX-License-Identifier: GPL-2.0
/*
 * socket(AF_INET or AF_INET6, SOCK_STREAM, IPPROTO_SMC): a TCP socket that is
 * born with the ULP "smc".
 *
 * The protocol is known to inet_create() only: its init operation makes the
 * sock TCP's in every respect, so that nobody can tell it from a socket that
 * got the ULP by setsockopt(). This is the cheapest way to an SMC socket:
 * AF_SMC has to make two struct sockets, TCP_ULP is a second system call.
 */
#include <linux/in.h>
#include <linux/module.h>
#include <net/protocol.h>
#include <net/tcp.h>
#include <net/transp_v6.h>

#include "../../include/uapi/linux/smc.h"
#include "af_smc.h"
#include "inet.h"
#include "ulp.h"

static struct proto inet_prot __ro_after_init;
static struct inet_protosw inet_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_SMC,
	.prot = &inet_prot,
	.flags = INET_PROTOSW_ICSK,
};

/*
 * As if it had been made with IPPROTO_TCP. The core holds a module reference
 * for the protocol that the sock was made with, and drops it with that; once
 * the ULP has one of its own this may be TCP.
 */
static int become_tcp(struct sock *sk, struct proto *tcp, int family)
{
	/* tcp2smc puts another one there */
	int (*init)(struct sock *sk) = READ_ONCE(tcp->init);
	int ret;

	sk->sk_prot = tcp;
	sk->sk_protocol = IPPROTO_TCP;
	ret = init(sk);
	if (!ret)
		ret = smc_ulp_attach(sk, smc_family_tcp_ops(family));
	if (ret)
		return ret;
	sk->sk_prot_creator = tcp;
	module_put(THIS_MODULE);
	return 0;
}

static int inet_init_sock(struct sock *sk)
{
	return become_tcp(sk, &tcp_prot, PF_INET);
}

#if IS_ENABLED(CONFIG_IPV6)
static struct proto inet6_prot __ro_after_init;
static struct inet_protosw inet6_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_SMC,
	.prot = &inet6_prot,
	.flags = INET_PROTOSW_ICSK,
};

static int inet6_init_sock(struct sock *sk)
{
	return become_tcp(sk, &tcpv6_prot, PF_INET6);
}

static int inet6_init(void)
{
	if (!smc_family_tcp_ops(PF_INET6))
		return 0;
	inet6_prot = tcpv6_prot;
	inet6_prot.owner = THIS_MODULE;
	inet6_prot.init = inet6_init_sock;
	inet6_protosw.ops = smc_family_ops(PF_INET6);
	return inet6_register_protosw(&inet6_protosw);
}

static void inet6_fini(void)
{
	if (smc_family_tcp_ops(PF_INET6))
		inet6_unregister_protosw(&inet6_protosw);
}
#else
static int inet6_init(void)
{
	return 0;
}

static void inet6_fini(void)
{
}
#endif

/**
 * smc_inet_init() - at module load, after smc_family_prepare()
 *
 * Return: 0 or a negative errno.
 */
int smc_inet_init(void)
{
	int ret;

	inet_prot = tcp_prot;
	inet_prot.owner = THIS_MODULE;
	inet_prot.init = inet_init_sock;
	inet_protosw.ops = smc_family_ops(PF_INET);
	ret = inet6_init();
	if (!ret)
		inet_register_protosw(&inet_protosw);
	return ret;
}

/**
 * smc_inet_fini() - at module unload
 */
void smc_inet_fini(void)
{
	inet_unregister_protosw(&inet_protosw);
	inet6_fini();
}

/* in numbers: names of enums would stay names. IPPROTO_SMC, SOCK_STREAM */
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET, 256, 1);
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET6, 256, 1);
