/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the kernels we build for, and nothing else: every
 * difference gets one spelling here, that of the newer kernel where possible.
 */
#ifndef _SMC_COMPAT_H
#define _SMC_COMPAT_H

#include <linux/dma-map-ops.h>
#include <linux/mmzone.h>
#include <linux/net.h>
#include <linux/pci.h>
#include <linux/sysctl.h>
#include <linux/version.h>
#include <net/netlink.h>
#include <net/sock.h>

/* sock_rps_record_flow() moved out of net/sock.h in 6.9 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <net/rps.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "SMC needs Linux 6.1 or newer"
#endif

/* positions in the streams are read without a lock */
#if BITS_PER_LONG != 64
#error "SMC needs a 64-bit kernel"
#endif

/* proto_ops.accept() and proto.accept() take a struct since 6.10 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
struct proto_accept_arg {
	int flags;
	int err;
	bool kern;
};

static inline struct sock *smc_prot_accept(struct sock *sk,
					   struct proto_accept_arg *arg)
{
	return READ_ONCE(sk->sk_prot)->accept(sk, arg->flags, &arg->err,
					      arg->kern);
}

#define SMC_DEFINE_ACCEPT(name, impl)					\
static int name(struct socket *sock, struct socket *newsock, int flags, \
		bool kern)						\
{									\
	struct proto_accept_arg arg = {					\
		.flags = flags, .kern = kern,				\
	};								\
									\
	return impl(sock, newsock, &arg);				\
}

static inline int smc_ops_accept(const struct proto_ops *ops,
				 struct socket *sock, struct socket *newsock,
				 struct proto_accept_arg *arg)
{
	return ops->accept(sock, newsock, arg->flags, arg->kern);
}
#else
static inline struct sock *smc_prot_accept(struct sock *sk,
					   struct proto_accept_arg *arg)
{
	return READ_ONCE(sk->sk_prot)->accept(sk, arg);
}

#define SMC_DEFINE_ACCEPT(name, impl)					\
static int name(struct socket *sock, struct socket *newsock,		\
		struct proto_accept_arg *arg)				\
{									\
	return impl(sock, newsock, arg);				\
}

static inline int smc_ops_accept(const struct proto_ops *ops,
				 struct socket *sock, struct socket *newsock,
				 struct proto_accept_arg *arg)
{
	return ops->accept(sock, newsock, arg);
}
#endif

/*
 * Until 6.6 accept() of the core looks at sock->ops once for the new socket and
 * once more to call accept(): they may change in between.
 */
#define SMC_ACCEPT_LOOKS_TWICE \
	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0))

/* So does its close(): for release(), and for the owner that it puts. */
#define SMC_RELEASE_LOOKS_TWICE	SMC_ACCEPT_LOOKS_TWICE

/* proto_ops gained and lost members between 6.1 and 6.12 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
/*
 * splice() says "more" whenever it was asked for more than it has got. There,
 * TCP waits only if it is certain.
 */
static inline ssize_t smc_sendpage(struct socket *sock, struct page *page,
				   int offset, size_t size, int flags)
{
	if (flags & MSG_SENDPAGE_NOTLAST)
		flags |= MSG_MORE;
	else
		flags &= ~MSG_MORE;
	return sock_no_sendpage(sock, page, offset, size, flags);
}

/* splice() does not tell of the end of a file */
static inline void smc_ops_set_splice(struct proto_ops *ops,
				      void (*eof)(struct socket *sock))
{
	ops->sendpage = smc_sendpage;
	ops->sendpage_locked = NULL;
}

static inline void smc_ops_splice_eof(const struct proto_ops *ops,
				      struct socket *sock)
{
}
#else
static inline void smc_ops_set_splice(struct proto_ops *ops,
				      void (*eof)(struct socket *sock))
{
	ops->splice_eof = eof;
}

static inline void smc_ops_splice_eof(const struct proto_ops *ops,
				      struct socket *sock)
{
	ops->splice_eof(sock);
}
#endif

/*
 * Until 6.10 dma_need_sync() said yes for all devices behind an IOMMU, as their
 * operations have a sync, whether it does anything or not.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static inline bool smc_dma_need_sync(struct device *dev, dma_addr_t addr)
{
	/* Xen's operations are no IOMMU, and bounce */
	if (!get_dma_ops(dev) || !device_iommu_mapped(dev))
		return dma_need_sync(dev, addr);
	return !dev_is_dma_coherent(dev) ||
	       (dev_is_pci(dev) && to_pci_dev(dev)->untrusted);
}
#else
#define smc_dma_need_sync dma_need_sync
#endif

/* the size of the table is an argument since 6.6, and it needs no end mark */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
static inline struct ctl_table_header *
register_net_sysctl_sz(struct net *net, const char *path,
		       struct ctl_table *table, size_t size)
{
	return register_net_sysctl(net, path, table);
}
#endif

/* integers of 32 or 64 bits, as needed, came in 6.7 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline int nla_put_uint(struct sk_buff *skb, int attrtype, u64 value)
{
	u32 small = value;

	return value == small ? nla_put_u32(skb, attrtype, small) :
				nla_put(skb, attrtype, sizeof(value), &value);
}
#endif

/* handlers of sysctls take a constant table since 6.11 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define smc_ctl_table struct ctl_table
#else
#define smc_ctl_table const struct ctl_table
#endif

/* the largest order became inclusive in 6.4 and got this name in 6.8 */
#ifndef MAX_PAGE_ORDER
#define MAX_PAGE_ORDER	(MAX_ORDER - 1)
#endif

#endif /* _SMC_COMPAT_H */
