/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers of a link group: RMBs, which the peer writes to, and send rings.
 */
#ifndef _SMC_RMB_H
#define _SMC_RMB_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>

#include "cursor.h"

struct net;
struct smc_buf_pool;
struct smc_link;
struct smc_rmb;

#define SMC_RMB_MAX_RMBES	255	/* the index is a byte, from 1 */
#define SMC_BUF_NR_SIZES	(SMC_RMBE_CODE_MAX + 1)

/**
 * enum smc_rmb_state - may the peer be told to write to an RMB?
 * @SMC_RMB_NEW: not yet: Confirm RKey has to go through first
 * @SMC_RMB_READY: yes
 * @SMC_RMB_FAILED: never: the peer refused it or did not answer
 */
enum smc_rmb_state {
	SMC_RMB_NEW,
	SMC_RMB_READY,
	SMC_RMB_FAILED,
};

/**
 * struct smc_rmbe - element of an RMB, receive ring of one connection
 * @rmb: where it belongs
 * @list: entry in the pool's list of elements to be wiped
 * @addr: memory, physically contiguous
 * @idx: index in the RMB, from 1
 * @used: a connection has it
 * @freed: jiffies when it was last given back, 0: never
 * @dirty: bytes from the start that have been written
 */
struct smc_rmbe {
	struct smc_rmb *rmb;
	struct list_head list;
	u8 *addr;
	u8 idx;
	bool used;
	unsigned long freed;
	u32 dirty;
};

/**
 * struct smc_rmb - remote memory buffer: one memory region, many RMBEs
 * @list: entry in the pool's list of its size
 * @announce: entry in the list of RMBs to be announced; link group control's
 * @pool: where it belongs
 * @mr: memory region, NULL once unmapped
 * @rkey: key for the peer
 * @vaddr: address for the peer; not a kernel address
 * @sg: scatter list, one entry each RMBE
 * @code: compressed size of each RMBE
 * @state: enum smc_rmb_state
 * @registered: the device knows it
 * @nr: number of RMBEs
 * @nr_free: of these, free
 * @next: index of the RMBE to try first; pool->lock
 * @rmbe: the RMBEs
 */
struct smc_rmb {
	struct list_head list;
	struct list_head announce;
	struct smc_buf_pool *pool;
	struct ib_mr *mr;
	u32 rkey;
	u64 vaddr;
	struct scatterlist *sg;
	u8 code;
	u8 state;
	bool registered;
	u8 nr;
	u8 nr_free;
	u8 next;
	struct smc_rmbe rmbe[] __counted_by(nr);
};

/**
 * struct smc_sndbuf - send ring of one connection
 * @list: entry in the pool's list of free ones
 * @all: entry in the pool's list of all
 * @addr: memory, physically contiguous
 * @dma: its address for the device
 * @lkey: local key
 * @code: compressed size, as for RMBEs
 */
struct smc_sndbuf {
	struct list_head list;
	struct list_head all;
	u8 *addr;
	u64 dma;
	u32 lkey;
	u8 code;
};

/**
 * struct smc_buf_pool - buffers of a link group
 * @net: network namespace, for counters
 * @link: link all is registered on, NULL until there is one
 * @grow: "rmb_lock": held to make buffers; no wait for the network under it
 * @lock: guards the lists and the use of what they hold; bottom halves off
 * @closed: nothing is handed out any more
 * @rotate: give each RMBE as long a rest as possible: Linux's own SMC may write
 *	for some milliseconds after it has said that it closed
 * @nr_rmbs: RMBs ever made, numbers their addresses
 * @rmbs: RMBs by size
 * @sndbufs: free send rings by size
 * @all_sndbufs: all send rings
 * @dirty: RMBEs that wait to be wiped
 * @wipe_work: does it
 * @held: called when the work is queued (true) and done (false), to keep the
 *	pool alive; given at creation
 */
struct smc_buf_pool {
	struct net *net;
	struct smc_link *link;
	struct mutex grow;	/* rmb_lock: making buffers */
	spinlock_t lock;	/* lists and use of buffers */
	bool closed;
	bool rotate;
	u32 nr_rmbs;
	struct list_head rmbs[SMC_BUF_NR_SIZES];
	struct list_head sndbufs[SMC_BUF_NR_SIZES];
	struct list_head all_sndbufs;
	struct list_head dirty;
	struct work_struct wipe_work;
	void (*held)(struct smc_buf_pool *pool, bool held);
};

void smc_buf_pool_init(struct smc_buf_pool *pool, struct net *net,
		       void (*held)(struct smc_buf_pool *pool, bool held));
void smc_buf_pool_bind(struct smc_buf_pool *pool, struct smc_link *link);
int smc_buf_pool_register(struct smc_buf_pool *pool);
void smc_buf_pool_unmap(struct smc_buf_pool *pool);
void smc_buf_pool_free(struct smc_buf_pool *pool);
void smc_buf_pool_size(struct smc_buf_pool *pool, u64 *sndbufs, u64 *rmbs);
void smc_buf_fini(void);

struct smc_rmbe *smc_rmbe_get(struct smc_buf_pool *pool, u32 size);
struct smc_rmbe *smc_rmbe_create(struct smc_buf_pool *pool, u32 size,
				 bool first_contact);
void smc_rmbe_put(struct smc_rmbe *rmbe, u64 written);
struct smc_sndbuf *smc_sndbuf_get(struct smc_buf_pool *pool, u32 size);
void smc_sndbuf_put(struct smc_buf_pool *pool, struct smc_sndbuf *sndbuf);

#endif /* _SMC_RMB_H */
