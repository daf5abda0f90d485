// SPDX-License-Identifier: GPL-2.0
/*
 * The TCP upper-layer protocol "smc": what makes a TCP socket an SMC socket.
 *
 * TCP holds a module reference for each socket that has it, from the setting
 * of the option, or the cloning from a listener, until the sock is destroyed.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "listen.h"
#include "sock.h"
#include "sysctl.h"
#include "ulp.h"

static int attach(struct sock *sk, const struct proto_ops *tcp_ops)
{
	struct smc_sock *ssk = smc_sock_create(tcp_ops, GFP_KERNEL);

	if (!ssk)
		return -ENOMEM;
	ssk->limit_hs = READ_ONCE(smc_sysctl(sock_net(sk))->limit_hs);
	smc_sock_set_mode(ssk, SMC_MODE_FRESH);
	rcu_assign_pointer(inet_csk(sk)->icsk_ulp_data, ssk);
	return 0;
}

/* setsockopt(TCP_ULP, "smc"); socket locked */
static int ulp_init(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;
	int ret;

	/* a connection or a listener has bytes or children already */
	if (sk->sk_state != TCP_CLOSE || !sock ||
	    sock->state != SS_UNCONNECTED)
		return -EISCONN;
	/* sockets of the kernel have no operations we could replace */
	if (READ_ONCE(sock->ops)->family != sk->sk_family ||
	    sk->sk_type != SOCK_STREAM || sk->sk_kern_sock)
		return -EOPNOTSUPP;
	ret = attach(sk, READ_ONCE(sock->ops));
	if (!ret)
		smc_sock_attach_ops(sock, smc_sk(sk));
	return ret;
}

/* the sock is being destroyed */
static void ulp_release(struct sock *sk)
{
	struct smc_sock *ssk = smc_sk(sk);

	RCU_INIT_POINTER(inet_csk(sk)->icsk_ulp_data, NULL);
	if (!ssk)
		return;
	WARN_ON_ONCE(ssk->conn || ssk->hs);
	/*
	 * Nobody but SYN processing of a listener, which has that flag, and the
	 * callbacks read it without a lock.
	 */
	if (ssk->data_ready || sock_flag(sk, SOCK_RCU_FREE))
		kfree_rcu(ssk, rcu);
	else
		kfree(ssk);
}

static struct tcp_ulp_ops smc_ulp_ops __read_mostly = {
	.name = "smc",
	.owner = THIS_MODULE,
	.init = ulp_init,
	.release = ulp_release,
	.clone = smc_listen_clone,
};

/**
 * smc_ulp_attach() - what setsockopt(TCP_ULP) does, for sockets that we make
 * @sk: new TCP socket that nobody else knows
 * @tcp_ops: TCP's operations for its family
 *
 * The caller sees to the operations of its struct socket. Sleeps. Does nothing
 * if the socket has it already, from net.smc.tcp2smc.
 *
 * Return: 0 or -ENOMEM; -EAFNOSUPPORT while the module is being unloaded.
 */
int smc_ulp_attach(struct sock *sk, const struct proto_ops *tcp_ops)
{
	int ret;

	if (inet_csk(sk)->icsk_ulp_ops == &smc_ulp_ops)
		return 0;
	/* tcp_cleanup_ulp() drops it */
	if (!try_module_get(THIS_MODULE))
		return -EAFNOSUPPORT;
	ret = attach(sk, tcp_ops);
	if (ret) {
		module_put(THIS_MODULE);
		return ret;
	}
	inet_csk(sk)->icsk_ulp_ops = &smc_ulp_ops;
	return 0;
}

/**
 * smc_ulp_init() - at module load
 *
 * Return: 0 or a negative errno.
 */
int smc_ulp_init(void)
{
	return tcp_register_ulp(&smc_ulp_ops);
}

/**
 * smc_ulp_fini() - at module unload
 */
void smc_ulp_fini(void)
{
	tcp_unregister_ulp(&smc_ulp_ops);
}
