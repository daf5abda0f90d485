// SPDX-License-Identifier: GPL-2.0
/*
 * Faults to order, for tests of smc.ko: the nth call of one kind fails.
 *
 * Operation: three sets of points where a call can be made to fail.
 * - Verbs: the operations of the first software RDMA device are wrapped, as
 *   long as this module is loaded.
 * - What smc.ko calls itself (points=direct): probes at the entry of kernel
 *   functions, "alloc" for those that allocate, "call" for others. A call from
 *   smc.ko that is to fail returns at once.
 * - What is allocated on behalf of smc.ko (points=deep): probes at the entry
 *   of should_failslab() and should_fail_alloc_page(), for kernels that have
 *   them; all allocations count for which smc.ko is on the stack.
 * It needs no configuration of the kernel but KPROBES. x86-64 only. To be
 * loaded before smc.ko.
 *
 * /sys/module/smc_fault/parameters/
 *   arm    write "NAME NTH ERRNO [TIMES]": that call and TIMES - 1 after it
 *	    fail; or "off". Read: "NAME CALLS FIRED" since it was written.
 *   probes read: functions of the kernel that can fail
 *   live   read: objects of the device that exist, of those made since this
 *	    module was loaded
 *
 * What ib_drain_qp() does is left alone: it does not expect to fail.
 */
#include <asm/linkage.h>
#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/objtool.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>

#define VICTIM		"smc"
#define STACK_DEPTH	64

static char *points = "verbs";
module_param(points, charp, 0444);
MODULE_PARM_DESC(points, "verbs, direct or deep: verbs are always there");

/**
 * enum point - kinds of calls that can fail
 *
 * POST_CUT posts the first request of a chain only; POST_BAD posts one that
 * the device will refuse, so that its completion is the error.
 */
enum point {
	ALLOC_PD, GET_DMA_MR, CREATE_CQ, CREATE_QP, MODIFY_QP, ALLOC_MR,
	MAP_MR_SG, POST_SEND, POST_CUT, POST_BAD, POST_RECV, QUERY_PORT,
	ALLOC, CALL, DEEP, NR_POINTS
};

static const char * const names[NR_POINTS] = {
	[ALLOC_PD] = "alloc_pd",
	[GET_DMA_MR] = "get_dma_mr",
	[CREATE_CQ] = "create_cq",
	[CREATE_QP] = "create_qp",
	[MODIFY_QP] = "modify_qp",
	[ALLOC_MR] = "alloc_mr",
	[MAP_MR_SG] = "map_mr_sg",
	[POST_SEND] = "post_send",
	[POST_CUT] = "post_cut",
	[POST_BAD] = "post_bad",
	[POST_RECV] = "post_recv",
	[QUERY_PORT] = "query_port",
	[ALLOC] = "alloc",
	[CALL] = "call",
	[DEEP] = "deep",
};

/* one at a time; set while @armed is NR_POINTS */
static struct {
	enum point armed;
	int nth;
	int times;
	int err;
	atomic_t calls;
	atomic_t fired;
} fault = { .armed = NR_POINTS };

/* Return: 0, or the negative errno this call shall end with. Any context. */
static int hit(enum point point)
{
	int n;

	/* pairs with arm_set() */
	if (smp_load_acquire(&fault.armed) != point)
		return 0;
	n = atomic_inc_return(&fault.calls);
	if (n < fault.nth || n - fault.nth >= fault.times)
		return 0;
	atomic_inc(&fault.fired);
	return fault.err;
}

/* -------- verbs -------- */

static struct ib_device *device;
static struct ib_device_ops real;

static atomic_t live_pd, live_cq, live_qp, live_mr;

static int fault_alloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	int ret = hit(ALLOC_PD) ? : real.alloc_pd(pd, udata);

	if (!ret)
		atomic_inc(&live_pd);
	return ret;
}

static int fault_dealloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	atomic_dec(&live_pd);
	return real.dealloc_pd(pd, udata);
}

static struct ib_mr *made_mr(struct ib_mr *mr)
{
	if (!IS_ERR(mr))
		atomic_inc(&live_mr);
	return mr;
}

static struct ib_mr *fault_get_dma_mr(struct ib_pd *pd, int access)
{
	int ret = hit(GET_DMA_MR);

	return ret ? ERR_PTR(ret) : made_mr(real.get_dma_mr(pd, access));
}

static struct ib_mr *fault_alloc_mr(struct ib_pd *pd, enum ib_mr_type type,
				    u32 max_num_sg)
{
	int ret = hit(ALLOC_MR);

	return ret ? ERR_PTR(ret) : made_mr(real.alloc_mr(pd, type, max_num_sg));
}

static int fault_dereg_mr(struct ib_mr *mr, struct ib_udata *udata)
{
	atomic_dec(&live_mr);
	return real.dereg_mr(mr, udata);
}

static int fault_map_mr_sg(struct ib_mr *mr, struct scatterlist *sg, int nents,
			   unsigned int *offset)
{
	return hit(MAP_MR_SG) ? : real.map_mr_sg(mr, sg, nents, offset);
}

/* the last argument has two types, depending on the kernel */
static int fault_create_cq(struct ib_cq *cq, const struct ib_cq_init_attr *attr,
			   void *from_user)
{
	int ret = hit(CREATE_CQ) ? : real.create_cq(cq, attr, from_user);

	if (!ret)
		atomic_inc(&live_cq);
	return ret;
}

static int fault_destroy_cq(struct ib_cq *cq, struct ib_udata *udata)
{
	atomic_dec(&live_cq);
	return real.destroy_cq(cq, udata);
}

static int fault_create_qp(struct ib_qp *qp, struct ib_qp_init_attr *attr,
			   struct ib_udata *udata)
{
	int ret = hit(CREATE_QP) ? : real.create_qp(qp, attr, udata);

	if (!ret)
		atomic_inc(&live_qp);
	return ret;
}

static int fault_destroy_qp(struct ib_qp *qp, struct ib_udata *udata)
{
	atomic_dec(&live_qp);
	return real.destroy_qp(qp, udata);
}

static int fault_modify_qp(struct ib_qp *qp, struct ib_qp_attr *attr, int mask,
			   struct ib_udata *udata)
{
	int ret = 0;

	if (!(mask & IB_QP_STATE) || attr->qp_state != IB_QPS_ERR)
		ret = hit(MODIFY_QP);
	return ret ? : real.modify_qp(qp, attr, mask, udata);
}

static struct ib_reg_wr *registration(struct ib_send_wr *wr)
{
	return container_of(wr, struct ib_reg_wr, wr);
}

/* Requests are on the stack of their maker, and copied: change and restore. */
static int post_bad(struct ib_qp *qp, struct ib_send_wr *wr,
		    const struct ib_send_wr **bad)
{
	u32 *key, old;
	int ret;

	switch (wr->opcode) {
	case IB_WR_LOCAL_INV:
		/* of what may not be there: it is for the request behind it */
		key = &registration(wr->next)->key;
		break;
	case IB_WR_REG_MR:
		key = &registration(wr)->key;
		break;
	case IB_WR_RDMA_WRITE:
	case IB_WR_RDMA_WRITE_WITH_IMM:
		key = &container_of(wr, struct ib_rdma_wr, wr)->rkey;
		break;
	default:
		key = &wr->sg_list->lkey;
	}
	old = *key;
	*key ^= 0x5a5a5a00;
	ret = real.post_send(qp, wr, bad);
	*key = old;
	return ret;
}

static int post_cut(struct ib_qp *qp, struct ib_send_wr *wr,
		    const struct ib_send_wr **bad, int err)
{
	struct ib_send_wr *next = wr->next;
	int ret;

	wr->next = NULL;
	ret = real.post_send(qp, wr, bad);
	wr->next = next;
	if (ret)
		return ret;
	*bad = next;
	return err;
}

static int fault_post_send(struct ib_qp *qp, const struct ib_send_wr *wr,
			   const struct ib_send_wr **bad)
{
	struct ib_send_wr *own = (struct ib_send_wr *)wr;
	int ret;

	if (wr->opcode == IB_WR_RDMA_WRITE && !wr->num_sge)
		return real.post_send(qp, wr, bad);
	if (hit(POST_BAD))
		return post_bad(qp, own, bad);
	ret = wr->next ? hit(POST_CUT) : 0;
	if (ret)
		return post_cut(qp, own, bad, ret);
	ret = hit(POST_SEND);
	if (!ret)
		return real.post_send(qp, wr, bad);
	*bad = wr;
	return ret;
}

static int fault_post_recv(struct ib_qp *qp, const struct ib_recv_wr *wr,
			   const struct ib_recv_wr **bad)
{
	int ret = wr->num_sge ? hit(POST_RECV) : 0;

	if (!ret)
		return real.post_recv(qp, wr, bad);
	*bad = wr;
	return ret;
}

static int fault_query_port(struct ib_device *ibdev, u32 port,
			    struct ib_port_attr *attr)
{
	return hit(QUERY_PORT) ? : real.query_port(ibdev, port, attr);
}

static struct ib_client client;

static int client_add(struct ib_device *ibdev)
{
	struct ib_device_ops *ops = &ibdev->ops;

	if (ops->driver_id != RDMA_DRIVER_RXE || device)
		return -EOPNOTSUPP;
	device = ibdev;
	real = *ops;
	ops->alloc_pd = fault_alloc_pd;
	ops->dealloc_pd = fault_dealloc_pd;
	ops->get_dma_mr = fault_get_dma_mr;
	ops->alloc_mr = fault_alloc_mr;
	ops->dereg_mr = fault_dereg_mr;
	ops->map_mr_sg = fault_map_mr_sg;
	ops->create_cq = (typeof(ops->create_cq))fault_create_cq;
	ops->destroy_cq = fault_destroy_cq;
	ops->create_qp = fault_create_qp;
	ops->destroy_qp = fault_destroy_qp;
	ops->modify_qp = fault_modify_qp;
	ops->post_send = fault_post_send;
	ops->post_recv = fault_post_recv;
	ops->query_port = fault_query_port;
	ib_set_client_data(ibdev, &client, &real);
	return 0;
}

static void client_remove(struct ib_device *ibdev, void *data)
{
	enum rdma_driver_id id = ibdev->ops.driver_id;

	ibdev->ops = real;
	ibdev->ops.driver_id = id;
	device = NULL;
}

static struct ib_client client = {
	.name = "smc_fault",
	.add = client_add,
	.remove = client_remove,
};

/* -------- functions of the kernel -------- */

/* Where a call that fails goes on; the return value is set already. */
asm(".pushsection .text\n"
	".type smc_fault_return, @function\n"
	"smc_fault_return:\n"
	ANNOTATE_NOENDBR
	ASM_RET
	".size smc_fault_return, .-smc_fault_return\n"
	".popsection\n");
void smc_fault_return(void);

/* probes run without preemption, and unloading waits for those */
static struct module *victim;

static int victim_notify(struct notifier_block *nb, unsigned long state,
			 void *data)
{
	struct module *mod = data;

	if (strcmp(mod->name, VICTIM))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_COMING)
		WRITE_ONCE(victim, mod);
	else if (state == MODULE_STATE_GOING)
		WRITE_ONCE(victim, NULL);
	return NOTIFY_DONE;
}

static struct notifier_block victim_nb = { .notifier_call = victim_notify };

static bool is_victim(unsigned long addr)
{
	const struct module *mod = READ_ONCE(victim);

	return mod && within_module(addr, mod);
}

/* a probe is at the first instruction */
static bool called_by_victim(const struct pt_regs *regs)
{
	return is_victim(*(unsigned long *)regs->sp);
}

static bool victim_on_stack(void)
{
	unsigned long entries[STACK_DEPTH];
	unsigned int i, n;

	n = stack_trace_save(entries, STACK_DEPTH, 0);
	for (i = 0; i < n; i++)
		if (is_victim(entries[i]))
			return true;
	return false;
}

/**
 * struct probe - a function that can be made to fail
 * @kp: at its entry
 * @point: as what its calls count
 * @gfp: which argument has the allocation flags, from 1; 0: none
 * @ret: what it returns then: the errno, or NULL
 * @on: it exists in this kernel
 */
struct probe {
	struct kprobe kp;
	enum point point;
	int gfp;
	enum { RET_ERRNO, RET_NULL, RET_TRUE } ret;
	bool on;
};

/* without a post_handler a probe may not change the way */
static void probe_after(struct kprobe *kp, struct pt_regs *regs,
			unsigned long flags)
{
}

static int probe_hit(struct kprobe *kp, struct pt_regs *regs)
{
	const struct probe *p = container_of(kp, struct probe, kp);
	int err;

	if (READ_ONCE(fault.armed) != p->point || in_nmi() || in_hardirq())
		return 0;
	if (!(p->point == DEEP ? victim_on_stack() : called_by_victim(regs)))
		return 0;
	if (p->gfp && regs_get_kernel_argument(regs, p->gfp - 1) & __GFP_NOFAIL)
		return 0;
	err = hit(p->point);
	if (!err)
		return 0;
	regs_set_return_value(regs, p->ret == RET_ERRNO ? err :
				    p->ret == RET_TRUE);
	instruction_pointer_set(regs, (unsigned long)smc_fault_return);
	return 1;
}

#define PROBE(_name, _point, _gfp, _ret) {				\
	.kp.symbol_name = _name, .kp.pre_handler = probe_hit,		\
	.kp.post_handler = probe_after,					\
	.point = _point, .gfp = _gfp, .ret = _ret }

/* Of several names each kernel has some. The test compares this list with
 * what smc.ko needs.
 */
static struct probe probes[] = {
	PROBE("kmalloc_trace", ALLOC, 2, RET_NULL),
	PROBE("__kmalloc_cache_noprof", ALLOC, 2, RET_NULL),
	PROBE("__kmalloc", ALLOC, 2, RET_NULL),
	PROBE("__kmalloc_noprof", ALLOC, 2, RET_NULL),
	PROBE("kmalloc_large", ALLOC, 2, RET_NULL),
	PROBE("__kmalloc_large_noprof", ALLOC, 2, RET_NULL),
	PROBE("kvmalloc_node", ALLOC, 2, RET_NULL),
	PROBE("__kvmalloc_node_noprof", ALLOC, 0, RET_NULL),
	PROBE("__get_free_pages", ALLOC, 1, RET_NULL),
	PROBE("get_free_pages_noprof", ALLOC, 1, RET_NULL),
	PROBE("__alloc_percpu", ALLOC, 0, RET_NULL),
	PROBE("pcpu_alloc_noprof", ALLOC, 4, RET_NULL),
	PROBE("msg_zerocopy_realloc", ALLOC, 0, RET_NULL),
	PROBE("alloc_workqueue", ALLOC, 0, RET_NULL),
	PROBE("proc_create_net_single", ALLOC, 0, RET_NULL),
	PROBE("proc_create_net_single_write", ALLOC, 0, RET_NULL),
	PROBE("register_net_sysctl", ALLOC, 0, RET_NULL),
	PROBE("register_net_sysctl_sz", ALLOC, 0, RET_NULL),
	PROBE("__sock_create", CALL, 0, RET_ERRNO),
	PROBE("sock_create_kern", CALL, 0, RET_ERRNO),
	PROBE("sock_register", CALL, 0, RET_ERRNO),
	PROBE("register_pernet_subsys", CALL, 0, RET_ERRNO),
	PROBE("genl_register_family", CALL, 0, RET_ERRNO),
	PROBE("tcp_register_ulp", CALL, 0, RET_ERRNO),
	PROBE("inet6_register_protosw", CALL, 0, RET_ERRNO),
	PROBE("ib_register_client", CALL, 0, RET_ERRNO),
	PROBE("ib_cq_pool_get", CALL, 0, RET_ERRNO),
	PROBE("ib_dma_virt_map_sg", CALL, 0, RET_NULL),
	PROBE("rdma_find_gid_by_port", CALL, 0, RET_ERRNO),
	PROBE("rdma_get_gid_attr", CALL, 0, RET_ERRNO),
	PROBE("rdma_read_gid_l2_fields", CALL, 0, RET_ERRNO),
	PROBE("tcp_sendmsg_locked", CALL, 0, RET_ERRNO),
	PROBE("tcp_read_sock", CALL, 0, RET_ERRNO),
	PROBE("__inet_stream_connect", CALL, 0, RET_ERRNO),
	PROBE("should_failslab", DEEP, 2, RET_ERRNO),
	PROBE("should_fail_alloc_page", DEEP, 1, RET_TRUE),
};

static void unprobe(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (probes[i].on)
			unregister_kprobe(&probes[i].kp);
		probes[i].on = false;
	}
}

static int probe(bool deep)
{
	int i, ret, n = 0;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		bool is_deep = probes[i].point == DEEP;

		if (is_deep != deep)
			continue;
		ret = register_kprobe(&probes[i].kp);
		if (ret == -ENOENT)
			continue;
		if (ret) {
			pr_info("no probe at %s: %d\n",
				probes[i].kp.symbol_name, ret);
			unprobe();
			return ret;
		}
		probes[i].on = true;
		n++;
	}
	return n ? 0 : -EOPNOTSUPP;
}

/* -------- control -------- */

static int arm_set(const char *val, const struct kernel_param *kp)
{
	int nth, err, times = 1, point;
	char name[16];

	WRITE_ONCE(fault.armed, NR_POINTS);
	if (sysfs_streq(val, "off"))
		return 0;
	if (sscanf(val, "%15s %d %d %d", name, &nth, &err, &times) < 3)
		return -EINVAL;
	point = match_string(names, NR_POINTS, name);
	if (point < 0 || nth < 1 || err < 1 || err > MAX_ERRNO || times < 1)
		return -EINVAL;
	/* calls under way may still look at the old one */
	synchronize_rcu();
	fault.nth = nth;
	fault.err = -err;
	fault.times = times;
	atomic_set(&fault.calls, 0);
	atomic_set(&fault.fired, 0);
	/* pairs with hit(): what it looks at is set */
	smp_store_release(&fault.armed, point);
	return 0;
}

static int arm_get(char *buf, const struct kernel_param *kp)
{
	enum point armed = READ_ONCE(fault.armed);

	return sysfs_emit(buf, "%s %d %d\n",
			  armed < NR_POINTS ? names[armed] : "off",
			  atomic_read(&fault.calls), atomic_read(&fault.fired));
}

static const struct kernel_param_ops arm_ops = {
	.set = arm_set,
	.get = arm_get,
};
module_param_cb(arm, &arm_ops, NULL, 0600);

static int live_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "pd %d qp %d mr %d cq %d\n",
			  atomic_read(&live_pd), atomic_read(&live_qp),
			  atomic_read(&live_mr), atomic_read(&live_cq));
}

static const struct kernel_param_ops live_ops = { .get = live_get };
module_param_cb(live, &live_ops, NULL, 0400);

static int probes_get(char *buf, const struct kernel_param *kp)
{
	int i, len = 0;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].on)
			len += sysfs_emit_at(buf, len, "%s\n",
					     probes[i].kp.symbol_name);
	return len;
}

static const struct kernel_param_ops probes_ops = { .get = probes_get };
module_param_cb(probes, &probes_ops, NULL, 0400);

static int __init fault_init(void)
{
	bool deep = !strcmp(points, "deep");
	int ret;

	ret = register_module_notifier(&victim_nb);
	if (ret)
		return ret;
	ret = ib_register_client(&client);
	if (ret)
		goto err_notifier;
	if (deep || !strcmp(points, "direct"))
		ret = probe(deep);
	if (ret)
		goto err_client;
	return 0;

err_client:
	ib_unregister_client(&client);
err_notifier:
	unregister_module_notifier(&victim_nb);
	return ret;
}

static void __exit fault_exit(void)
{
	WRITE_ONCE(fault.armed, NR_POINTS);
	unprobe();
	ib_unregister_client(&client);
	unregister_module_notifier(&victim_nb);
	/* nobody is in a wrapper or in smc_fault_return any more */
	synchronize_rcu_tasks();
}

module_init(fault_init);
module_exit(fault_exit);

MODULE_DESCRIPTION("Faults to order for tests of smc.ko");
MODULE_LICENSE("GPL");
