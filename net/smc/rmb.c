// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers of a link group.
 *
 * Operation: an RMB is one memory region over many RMBEs of one size, each
 * physically contiguous; the peer needs one key for all of them, and a new
 * connection normally finds a free RMBE that the peer already knows. The first
 * RMB of a group is small, each further one twice as large, up to what the
 * device maps at once. Send rings are single pieces under the local DMA key.
 * Sizes are powers of two; if memory is short the RMB has fewer RMBEs, and if
 * there is not even one the next smaller size does. All groups together take
 * no more than a quarter of the machine's memory, or max_buffer_mb.
 * The address the peer is told is made up, so that no kernel address leaks.
 *
 * Ownership: the pool owns all; a connection borrows one RMBE (from attach to
 * detach) and one send ring (from attach to its last reference). An RMBE is
 * wiped before it is free again: at once if that is quick, else by a work
 * item. Unmapping takes the memory from the device when the link is drained;
 * the pages stay until the group is freed, as connections may still read them.
 *
 * Errors: NULL or ERR_PTR; nothing is left behind.
 *
 * wire-protocol.md 2.5.1, 3.6
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "compat.h"
#include "conn.h"
#include "link.h"
#include "rmb.h"
#include "stats.h"

#define FIRST_RMBES	4		/* RMBEs in the first RMB of a size */
#define FIRST_BYTES	(1024 * 1024)	/* but not more memory than this */
#define RMBE_REST	max(HZ / 20, 1)	/* see is_rested() */
#define WIPE_AT_ONCE	(64 * 1024)	/* more bytes are wiped by the work */
#define VADDR_BASE	0x10000000

#define BUF_GFP		(GFP_KERNEL | __GFP_COMP | __GFP_NOWARN | \
			 __GFP_NORETRY)

#define LIMIT_SHARE	4		/* this part of memory, at the most */

static unsigned int max_buffer_mb;
module_param(max_buffer_mb, uint, 0644);
MODULE_PARM_DESC(max_buffer_mb,
		 "Memory for all rings in MB (0: a quarter of all there is)");

static atomic_long_t buf_pages = ATOMIC_LONG_INIT(0);

/* -------- memory -------- */

static unsigned long pages_limit(void)
{
	unsigned long mb = READ_ONCE(max_buffer_mb);

	return mb ? mb << (20 - PAGE_SHIFT) : totalram_pages() / LIMIT_SHARE;
}

static void *pages_alloc(u8 code, gfp_t gfp)
{
	unsigned int order = get_order(smc_rmbe_size(code));
	void *addr = NULL;

	if (atomic_long_add_return(1L << order, &buf_pages) <= pages_limit())
		addr = (void *)__get_free_pages(BUF_GFP | gfp, order);
	if (!addr)
		atomic_long_sub(1L << order, &buf_pages);
	return addr;
}

static void pages_free(void *addr, u8 code)
{
	unsigned int order = get_order(smc_rmbe_size(code));

	free_pages((unsigned long)addr, order);
	atomic_long_sub(1L << order, &buf_pages);
}

static u8 code_max(void)
{
	return min_t(int, SMC_RMBE_CODE_MAX,
		     MAX_PAGE_ORDER + PAGE_SHIFT - SMC_RMBE_SIZE_SHIFT);
}

/* -------- making RMBs -------- */

/* as large as those of the kernel, unless the smallest RMBE is less than one */
static u32 mr_page_size(const struct smc_buf_pool *pool)
{
	u32 size = min_t(u32, PAGE_SIZE, 1 << SMC_RMBE_SIZE_SHIFT);

	/* all devices have this one */
	return pool->link->wr.ibdev->attrs.page_size_cap & size ? size : SZ_4K;
}

/* pages one memory region of the device may cover */
static u32 max_pages(const struct smc_buf_pool *pool)
{
	return pool->link->wr.ibdev->attrs.max_fast_reg_page_list_len;
}

static u8 rmb_count(const struct smc_buf_pool *pool, u8 code)
{
	u32 limit = max_pages(pool) /
		    (smc_rmbe_size(code) / mr_page_size(pool));
	struct smc_rmb *rmb;
	u32 n = clamp_t(u32, FIRST_BYTES / smc_rmbe_size(code), 1,
			FIRST_RMBES);

	list_for_each_entry(rmb, &pool->rmbs[code], list)
		n = max_t(u32, n, 2 * rmb->nr);
	return min3(n, limit, (u32)SMC_RMB_MAX_RMBES);
}

/* fewer RMBEs are better than smaller ones */
static int rmb_alloc_pages(struct smc_rmb *rmb)
{
	u32 size = smc_rmbe_size(rmb->code);
	int i;

	sg_init_table(rmb->sg, rmb->nr);
	for (i = 0; i < rmb->nr; i++) {
		rmb->rmbe[i].rmb = rmb;
		rmb->rmbe[i].idx = i + 1;
		INIT_LIST_HEAD(&rmb->rmbe[i].list);
		rmb->rmbe[i].addr = pages_alloc(rmb->code, __GFP_ZERO);
		if (!rmb->rmbe[i].addr)
			break;
		sg_set_buf(&rmb->sg[i], rmb->rmbe[i].addr, size);
	}
	if (!i)
		return -ENOMEM;
	sg_mark_end(&rmb->sg[i - 1]);
	rmb->nr = i;
	rmb->nr_free = i;
	return 0;
}

static void rmb_free_pages(struct smc_rmb *rmb)
{
	int i;

	for (i = 0; i < rmb->nr; i++) {
		if (rmb->rmbe[i].addr)
			pages_free(rmb->rmbe[i].addr, rmb->code);
	}
}

static void rmb_free(struct smc_rmb *rmb)
{
	rmb_free_pages(rmb);
	kfree(rmb->sg);
	kfree(rmb);
}

static bool sg_dma_ok(struct ib_device *ibdev, struct scatterlist *sgl, int n)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, n, i) {
		if (!smc_wr_dma_ok(ibdev, sg_dma_address(sg)))
			return false;
	}
	return true;
}

/* The key of the region is known from here on, but of no use to the peer
 * before smc_buf_pool_register().
 */
static int rmb_map(struct smc_rmb *rmb)
{
	struct ib_device *ibdev = rmb->pool->link->wr.ibdev;
	u32 size = mr_page_size(rmb->pool);
	u32 pages = rmb->nr * (smc_rmbe_size(rmb->code) / size);
	int n, ret = -ENOMEM;

	rmb->mr = ib_alloc_mr(rmb->pool->link->pd, IB_MR_TYPE_MEM_REG, pages);
	/* devices have several words for "no more of them" */
	if (IS_ERR(rmb->mr))
		goto err_clear;
	n = ib_dma_map_sg(ibdev, rmb->sg, rmb->nr, DMA_FROM_DEVICE);
	if (!n)
		goto err_mr;
	ret = -EIO;
	if (!sg_dma_ok(ibdev, rmb->sg, n))
		goto err_unmap;
	if (ib_map_mr_sg(rmb->mr, rmb->sg, n, NULL, size) != n)
		goto err_unmap;
	ib_update_fast_reg_key(rmb->mr, ib_inc_rkey(rmb->mr->rkey) & 0xff);
	rmb->mr->iova = rmb->vaddr;
	rmb->rkey = rmb->mr->rkey;
	return 0;

err_unmap:
	ib_dma_unmap_sg(ibdev, rmb->sg, rmb->nr, DMA_FROM_DEVICE);
err_mr:
	ib_dereg_mr(rmb->mr);
err_clear:
	rmb->mr = NULL;
	return ret;
}

static void rmb_unmap(struct smc_rmb *rmb)
{
	if (!rmb->mr)
		return;
	ib_dereg_mr(rmb->mr);
	ib_dma_unmap_sg(rmb->pool->link->wr.ibdev, rmb->sg, rmb->nr,
			DMA_FROM_DEVICE);
	rmb->mr = NULL;
}

static int rmb_register(struct smc_rmb *rmb)
{
	int ret;

	if (rmb->registered)
		return 0;
	ret = smc_wr_post_reg(&rmb->pool->link->wr, rmb->mr);
	if (!ret)
		rmb->registered = true;
	return ret;
}

/* pool->grow held */
static struct smc_rmb *rmb_create(struct smc_buf_pool *pool, u8 code)
{
	u8 nr = rmb_count(pool, code);
	struct smc_rmb *rmb;
	int ret;

	/* the device takes no region of that size */
	if (!nr)
		return ERR_PTR(-E2BIG);
	rmb = kzalloc(struct_size(rmb, rmbe, nr), GFP_KERNEL);
	if (!rmb)
		return ERR_PTR(-ENOMEM);
	rmb->pool = pool;
	rmb->code = code;
	rmb->nr = nr;
	rmb->nr_free = nr;
	INIT_LIST_HEAD(&rmb->announce);
	pool->nr_rmbs++;
	rmb->vaddr = (u64)pool->nr_rmbs << 32 | VADDR_BASE;
	rmb->sg = kcalloc(nr, sizeof(*rmb->sg), GFP_KERNEL);
	ret = rmb->sg ? rmb_alloc_pages(rmb) : -ENOMEM;
	if (!ret)
		ret = rmb_map(rmb);
	if (ret) {
		rmb_free(rmb);
		return ERR_PTR(ret);
	}
	smc_stat_inc(pool->net, SMC_STAT_RMB_CREATED);
	return rmb;
}

/* -------- RMBEs -------- */

/*
 * Linux's own SMC may still write for a moment after it has said "closed":
 * rather make another RMB than lend at once what has just come back.
 */
static bool is_rested(const struct smc_rmbe *rmbe)
{
	return !rmbe->rmb->pool->rotate || !rmbe->freed ||
	       time_after(jiffies, rmbe->freed + RMBE_REST);
}

static struct smc_rmbe *rmbe_take(struct smc_rmb *rmb, bool rested)
{
	int i, n;

	lockdep_assert_held(&rmb->pool->lock);
	if (!rmb->nr_free)
		return NULL;
	for (n = 0; n < rmb->nr; n++) {
		i = (rmb->next + n) % rmb->nr;
		if (rmb->rmbe[i].used ||
		    (rested && !is_rested(&rmb->rmbe[i])))
			continue;
		rmb->rmbe[i].used = true;
		rmb->nr_free--;
		if (rmb->pool->rotate)
			rmb->next = i + 1;
		return &rmb->rmbe[i];
	}
	return NULL;
}

static struct smc_rmbe *rmbe_find_state(struct smc_buf_pool *pool, u8 code,
					enum smc_rmb_state state, bool rested)
{
	struct smc_rmbe *rmbe;
	struct smc_rmb *rmb;

	list_for_each_entry(rmb, &pool->rmbs[code], list) {
		if (READ_ONCE(rmb->state) != state)
			continue;
		rmbe = rmbe_take(rmb, rested);
		if (rmbe)
			return rmbe;
	}
	return NULL;
}

/* the best is one the peer already knows; one being announced comes next */
static struct smc_rmbe *rmbe_find(struct smc_buf_pool *pool, u8 code,
				  bool rested)
{
	struct smc_rmbe *rmbe;

	spin_lock_bh(&pool->lock);
	rmbe = rmbe_find_state(pool, code, SMC_RMB_READY, rested);
	if (!rmbe)
		rmbe = rmbe_find_state(pool, code, SMC_RMB_NEW, rested);
	/* the peer may not refuse it for ever */
	if (!rmbe)
		rmbe = rmbe_find_state(pool, code, SMC_RMB_FAILED,
				       rested);
	spin_unlock_bh(&pool->lock);
	return rmbe;
}

static u8 size_code(u32 size)
{
	return min(smc_rmbe_size_code(size), code_max());
}

/**
 * smc_rmbe_get() - take a free RMBE of an existing RMB
 * @pool: pool
 * @size: wanted size in bytes, rounded up
 *
 * The RMB may still be in state NEW, see &struct smc_rmb. Any context.
 *
 * Return: the RMBE, or NULL: then smc_rmbe_create() is needed.
 */
struct smc_rmbe *smc_rmbe_get(struct smc_buf_pool *pool, u32 size)
{
	struct smc_rmbe *rmbe = rmbe_find(pool, size_code(size), true);

	if (rmbe)
		smc_stat_inc(pool->net, SMC_STAT_RMBE_REUSED);
	return rmbe;
}

/* pool->grow held */
static struct smc_rmbe *rmbe_create(struct smc_buf_pool *pool, u8 code,
				    bool first_contact)
{
	struct smc_rmbe *rmbe;
	struct smc_rmb *rmb;
	int ret;

	/* somebody else may have been quicker */
	rmbe = rmbe_find(pool, code, true);
	if (rmbe)
		return rmbe;
	rmb = rmb_create(pool, code);
	if (IS_ERR(rmb))
		return rmbe_find(pool, code, false) ? : ERR_CAST(rmb);
	rmb->state = first_contact ? SMC_RMB_READY : SMC_RMB_NEW;
	ret = first_contact ? 0 : rmb_register(rmb);
	if (ret) {
		rmb_unmap(rmb);
		rmb_free(rmb);
		return rmbe_find(pool, code, false) ? : ERR_PTR(ret);
	}
	spin_lock_bh(&pool->lock);
	list_add_tail(&rmb->list, &pool->rmbs[code]);
	rmbe = rmbe_take(rmb, false);
	spin_unlock_bh(&pool->lock);
	return rmbe;
}

/* is it worth to try a smaller one? */
static bool is_too_large(int err)
{
	return err == -ENOMEM || err == -E2BIG;
}

/**
 * smc_rmbe_create() - take a free RMBE, making an RMB if need be
 * @pool: pool, bound to a link
 * @size: wanted size in bytes, rounded up; less if memory is short
 * @first_contact: the CLC messages announce it, Confirm RKey is not needed
 *	and it is registered later, by smc_buf_pool_register()
 *
 * Sleeps, but not for the peer.
 *
 * Return: the RMBE, or an ERR_PTR(): -ENOMEM, -ENOLINK if the link is lost,
 *	-EAGAIN if it takes no requests, or what the device says.
 */
struct smc_rmbe *smc_rmbe_create(struct smc_buf_pool *pool, u32 size,
				 bool first_contact)
{
	struct smc_rmbe *rmbe = ERR_PTR(-ENOLINK);
	int code = size_code(size);

	mutex_lock(&pool->grow);
	while (!pool->closed && code >= 0) {
		rmbe = rmbe_create(pool, code, first_contact);
		if (!IS_ERR(rmbe) || !is_too_large(PTR_ERR(rmbe)))
			break;
		smc_stat_inc(pool->net, SMC_STAT_BUF_DEGRADED);
		code--;
	}
	mutex_unlock(&pool->grow);
	return rmbe;
}

static void rmbe_set_free(struct smc_rmbe *rmbe)
{
	memset(rmbe->addr, 0, rmbe->dirty);
	spin_lock_bh(&rmbe->rmb->pool->lock);
	rmbe->used = false;
	rmbe->freed = jiffies ? : 1;
	rmbe->rmb->nr_free++;
	spin_unlock_bh(&rmbe->rmb->pool->lock);
}

static void wipe_work(struct work_struct *work)
{
	struct smc_buf_pool *pool;
	struct smc_rmbe *rmbe;

	pool = container_of(work, struct smc_buf_pool, wipe_work);
	for (;;) {
		spin_lock_bh(&pool->lock);
		rmbe = list_first_entry_or_null(&pool->dirty, struct smc_rmbe,
						list);
		if (rmbe)
			list_del_init(&rmbe->list);
		spin_unlock_bh(&pool->lock);
		if (!rmbe)
			break;
		rmbe_set_free(rmbe);
		cond_resched();
	}
	pool->held(pool, false);
}

/**
 * smc_rmbe_put() - give an RMBE back
 * @rmbe: RMBE the peer will not write to any more
 * @written: number of stream bytes the peer has placed in it, or U64_MAX
 *
 * It is wiped before it can be taken again. Any context.
 */
void smc_rmbe_put(struct smc_rmbe *rmbe, u64 written)
{
	struct smc_buf_pool *pool = rmbe->rmb->pool;
	bool closed;

	rmbe->dirty = min_t(u64, written, smc_rmbe_size(rmbe->rmb->code));
	if (rmbe->dirty <= WIPE_AT_ONCE) {
		rmbe_set_free(rmbe);
		return;
	}
	spin_lock_bh(&pool->lock);
	closed = pool->closed;
	if (!closed)
		list_add_tail(&rmbe->list, &pool->dirty);
	spin_unlock_bh(&pool->lock);
	if (closed)
		return;
	pool->held(pool, true);
	if (!queue_work(smc_wq, &pool->wipe_work))
		pool->held(pool, false);
}

/* -------- send rings -------- */

static struct smc_sndbuf *sndbuf_create(struct smc_buf_pool *pool, u8 code)
{
	struct ib_device *ibdev = pool->link->wr.ibdev;
	struct smc_sndbuf *sndbuf;
	int ret = -ENOMEM;

	sndbuf = kzalloc(sizeof(*sndbuf), GFP_KERNEL);
	if (!sndbuf)
		return ERR_PTR(ret);
	sndbuf->code = code;
	sndbuf->lkey = pool->link->pd->local_dma_lkey;
	sndbuf->addr = pages_alloc(code, 0);
	if (!sndbuf->addr)
		goto err_free;
	sndbuf->dma = ib_dma_map_single(ibdev, sndbuf->addr,
					smc_rmbe_size(code), DMA_TO_DEVICE);
	if (ib_dma_mapping_error(ibdev, sndbuf->dma))
		goto err_pages;
	ret = -EIO;
	if (!smc_wr_dma_ok(ibdev, sndbuf->dma))
		goto err_unmap;
	spin_lock_bh(&pool->lock);
	list_add_tail(&sndbuf->all, &pool->all_sndbufs);
	spin_unlock_bh(&pool->lock);
	return sndbuf;

err_unmap:
	ib_dma_unmap_single(ibdev, sndbuf->dma, smc_rmbe_size(code),
			    DMA_TO_DEVICE);
err_pages:
	pages_free(sndbuf->addr, code);
err_free:
	kfree(sndbuf);
	return ERR_PTR(ret);
}

static struct smc_sndbuf *sndbuf_find(struct smc_buf_pool *pool, u8 code)
{
	struct smc_sndbuf *sndbuf;

	spin_lock_bh(&pool->lock);
	sndbuf = list_first_entry_or_null(&pool->sndbufs[code],
					  struct smc_sndbuf, list);
	if (sndbuf)
		list_del(&sndbuf->list);
	spin_unlock_bh(&pool->lock);
	return sndbuf;
}

/**
 * smc_sndbuf_get() - take a send ring
 * @pool: pool, bound to a link
 * @size: wanted size in bytes, rounded up; less if memory is short
 *
 * Its old contents are those of this host. Sleeps, but not for the peer.
 *
 * Return: the ring, or an ERR_PTR(): -ENOMEM, -ENOLINK if the link is lost, or
 *	-EIO if the device cannot reach any memory.
 */
struct smc_sndbuf *smc_sndbuf_get(struct smc_buf_pool *pool, u32 size)
{
	struct smc_sndbuf *sndbuf = ERR_PTR(-ENOLINK);
	int code = size_code(size);

	mutex_lock(&pool->grow);
	while (!pool->closed && code >= 0) {
		sndbuf = sndbuf_find(pool, code);
		if (!sndbuf)
			sndbuf = sndbuf_create(pool, code);
		if (!IS_ERR(sndbuf) || !is_too_large(PTR_ERR(sndbuf)))
			break;
		smc_stat_inc(pool->net, SMC_STAT_BUF_DEGRADED);
		code--;
	}
	mutex_unlock(&pool->grow);
	return sndbuf;
}

/**
 * smc_sndbuf_put() - give a send ring back
 * @pool: its pool
 * @sndbuf: ring of which nothing is posted any more
 *
 * Any context.
 */
void smc_sndbuf_put(struct smc_buf_pool *pool, struct smc_sndbuf *sndbuf)
{
	spin_lock_bh(&pool->lock);
	list_add(&sndbuf->list, &pool->sndbufs[sndbuf->code]);
	spin_unlock_bh(&pool->lock);
}

/* -------- the pool -------- */

/**
 * smc_buf_pool_init() - make an empty pool
 * @pool: zeroed; embedded in its link group
 * @net: network namespace, for counters
 * @held: takes and drops a reference to the link group
 */
void smc_buf_pool_init(struct smc_buf_pool *pool, struct net *net,
		       void (*held)(struct smc_buf_pool *pool, bool held))
{
	int i;

	pool->net = net;
	pool->held = held;
	mutex_init(&pool->grow);
	spin_lock_init(&pool->lock);
	for (i = 0; i < SMC_BUF_NR_SIZES; i++) {
		INIT_LIST_HEAD(&pool->rmbs[i]);
		INIT_LIST_HEAD(&pool->sndbufs[i]);
	}
	INIT_LIST_HEAD(&pool->all_sndbufs);
	INIT_LIST_HEAD(&pool->dirty);
	INIT_WORK(&pool->wipe_work, wipe_work);
}

/**
 * smc_buf_pool_bind() - tell the pool its link
 * @pool: pool
 * @link: link in state INACTIVE; must outlive the pool's use of it, up to
 *	smc_buf_pool_unmap()
 */
void smc_buf_pool_bind(struct smc_buf_pool *pool, struct smc_link *link)
{
	pool->link = link;
}

/**
 * smc_buf_pool_register() - register what was made at first contact
 * @pool: pool whose link has just come to RTS
 *
 * Sleeps, but not for the device or the peer: messages posted later are sent
 * after it is done.
 *
 * Return: 0 or a negative errno.
 */
int smc_buf_pool_register(struct smc_buf_pool *pool)
{
	struct smc_rmb *rmb;
	int i, ret;

	mutex_lock(&pool->grow);
	ret = pool->closed ? -ENOLINK : 0;
	for (i = 0; i < SMC_BUF_NR_SIZES && !ret; i++) {
		list_for_each_entry(rmb, &pool->rmbs[i], list) {
			ret = rmb_register(rmb);
			if (ret)
				break;
		}
	}
	mutex_unlock(&pool->grow);
	return ret;
}

/**
 * smc_buf_pool_unmap() - take all memory from the device
 * @pool: pool whose link is drained
 *
 * Nothing is handed out afterwards; the memory stays for connections that
 * still read it. Sleeps.
 */
void smc_buf_pool_unmap(struct smc_buf_pool *pool)
{
	struct smc_sndbuf *sndbuf;
	struct smc_rmb *rmb;
	int i;

	mutex_lock(&pool->grow);
	spin_lock_bh(&pool->lock);
	pool->closed = true;
	spin_unlock_bh(&pool->lock);
	for (i = 0; i < SMC_BUF_NR_SIZES; i++) {
		list_for_each_entry(rmb, &pool->rmbs[i], list)
			rmb_unmap(rmb);
	}
	list_for_each_entry(sndbuf, &pool->all_sndbufs, all)
		ib_dma_unmap_single(pool->link->wr.ibdev, sndbuf->dma,
				    smc_rmbe_size(sndbuf->code),
				    DMA_TO_DEVICE);
	mutex_unlock(&pool->grow);
}

/**
 * smc_buf_pool_free() - free all memory
 * @pool: unmapped pool nobody uses any more
 *
 * Any context.
 */
void smc_buf_pool_free(struct smc_buf_pool *pool)
{
	struct smc_sndbuf *sndbuf, *next_sndbuf;
	struct smc_rmb *rmb, *next_rmb;
	int i;

	for (i = 0; i < SMC_BUF_NR_SIZES; i++) {
		list_for_each_entry_safe(rmb, next_rmb, &pool->rmbs[i], list)
			rmb_free(rmb);
	}
	list_for_each_entry_safe(sndbuf, next_sndbuf, &pool->all_sndbufs,
				 all) {
		pages_free(sndbuf->addr, sndbuf->code);
		kfree(sndbuf);
	}
}

/**
 * smc_buf_pool_size() - how much memory there is in a pool
 * @pool: pool
 * @sndbufs: bytes of all send rings
 * @rmbs: bytes of all RMBs
 *
 * Any context.
 */
void smc_buf_pool_size(struct smc_buf_pool *pool, u64 *sndbufs, u64 *rmbs)
{
	u64 sndbuf_bytes = 0, rmb_bytes = 0;
	struct smc_sndbuf *sndbuf;
	struct smc_rmb *rmb;
	int i;

	spin_lock_bh(&pool->lock);
	list_for_each_entry(sndbuf, &pool->all_sndbufs, all)
		sndbuf_bytes += smc_rmbe_size(sndbuf->code);
	for (i = 0; i < SMC_BUF_NR_SIZES; i++) {
		list_for_each_entry(rmb, &pool->rmbs[i], list)
			rmb_bytes += (u64)rmb->nr * smc_rmbe_size(rmb->code);
	}
	spin_unlock_bh(&pool->lock);
	*sndbufs = sndbuf_bytes;
	*rmbs = rmb_bytes;
}

/**
 * smc_buf_fini() - at module unload, when all groups are freed
 */
void smc_buf_fini(void)
{
	/* kmemleak knows nothing of pages */
	WARN_ON(atomic_long_read(&buf_pages));
}
