// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a link.
 *
 * Operation: created in RESET when a handshake chooses first contact; brought
 * to RTS in one go when the peer's end is known (CLC Confirm or Accept), with
 * all receive buffers posted before the peer can send; active once Confirm
 * Link went through. Its state follows the table of link_state.c. An idle
 * active link is tested: if nothing came for its test interval a Test Link
 * goes out, another one after TEST_TIMEOUT, and so on; if nothing has come
 * after TESTS of them the link has failed. More than one, because a host that
 * stood still finds all its timers expired before it looks at what has come.
 * It is the same if the peer's device takes none of our messages: the queue
 * pair itself waits for a receive buffer for ever. The fast path only sets a
 * flag. A port that goes down is a reason to test at once, but none to fail:
 * TCP would not either.
 *
 * Ownership: the link group owns the link and frees it with itself. The link
 * holds path, protection domain and queue pair until smc_link_release(), which
 * comes long before, so that connections may keep pointers to a dead link.
 *
 * Errors: every failure of the queue pair, the GID or the peer ends in state
 * DRAINING and one call of ops->down(). The owner then calls smc_link_drain(),
 * releases what it registered on the link, and smc_link_release().
 *
 * wire-protocol.md 3.1, 4.5.4, 4.6.7, 4.7
 */
#include <linux/etherdevice.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "link.h"
#include "llc_wire.h"
#include "stats.h"
#include "sysctl.h"
#include "trace.h"

#define TEST_TIMEOUT		(2 * HZ)
#define TESTS			3

/*
 * A port of a switch may be down for a second or two, and a guest may halt
 * while it moves. To rxe 7 retries mean for ever, which is well: of fewer it
 * takes one for each packet that comes out of order.
 */
#define QP_TIMEOUT		16	/* 4.096 us * 2^16 = 268 ms */
#define QP_RETRY		7	/* eight times that in all: 2.1 s */
#define QP_MIN_RNR_TIMER	5
#define QP_HOP_LIMIT		1	/* never beyond the own wire */
#define PSN_MASK		0xffffff

/* -------- state -------- */

/* the only writer of link->state; returns SMC_LINK_ACT_* */
static u32 link_event_locked(struct smc_link *link, enum smc_link_event ev)
{
	enum smc_link_state next;
	u8 old = link->state;
	u32 actions;

	lockdep_assert_held(&link->lock);
	if (smc_link_state_next(old, ev, &next, &actions)) {
		smc_stat_inc(link->net, SMC_STAT_STATE_VIOLATION);
		return 0;
	}
	/* pairs with is_usable(): the peer, then the state */
	smp_store_release(&link->state, next);
	if (next != old)
		trace_smc_link_state(link->lgr_id, READ_ONCE(link->num), old,
				     ev, next);
	/* this and smc_link_doubt() start the test, smc_link_drain() ends it */
	if (actions & SMC_LINK_ACT_START_TEST && link->test_interval)
		queue_delayed_work(system_wq, &link->test_work,
				   link->test_interval);
	return actions;
}

static void link_event(struct smc_link *link, enum smc_link_event ev)
{
	u32 actions;

	spin_lock_bh(&link->lock);
	actions = link_event_locked(link, ev);
	spin_unlock_bh(&link->lock);

	if (actions & SMC_LINK_ACT_QP_ERROR)
		smc_wr_kill(&link->wr);
	if (actions & SMC_LINK_ACT_REPORT) {
		smc_stat_inc(link->net, SMC_STAT_LINK_DOWN);
		link->ops->down(link);
	}
}

/**
 * smc_link_confirmed() - Confirm Link went through: the link is active
 * @link: link in state READY
 *
 * Any context.
 */
void smc_link_confirmed(struct smc_link *link)
{
	link_event(link, SMC_LINK_EV_CONFIRMED);
}

/**
 * smc_link_fail() - the link is of no use any more
 * @link: link
 *
 * Any context; conn->lock may be held. Idempotent. ops->down() is called.
 */
void smc_link_fail(struct smc_link *link)
{
	link_event(link, SMC_LINK_EV_FAILED);
}

/**
 * smc_link_error() - the queue pair failed; for struct smc_wr_ops
 * @wr: queue pair of a link
 * @status: what its completion said
 */
void smc_link_error(struct smc_wr *wr, enum ib_wc_status status)
{
	struct smc_link *link = container_of(wr, struct smc_link, wr);

	if (status != IB_WC_WR_FLUSH_ERR)
		smc_stat_inc(link->net, SMC_STAT_WR_ERROR);
	smc_link_fail(link);
}

/* -------- is the peer there? -------- */

static void send_test_link(struct smc_link *link)
{
	struct smc_llc_msg msg = {
		.type = SMC_LLC_TEST_LINK,
		.version = link->llc_version,
	};
	u8 buf[SMC_LLC_LEN];
	int ret;

	smc_llc_encode(&msg, buf, sizeof(buf));
	/* no room means that none is completed either: the next look tells */
	ret = smc_wr_post_llc(&link->wr, buf, false);
	trace_smc_llc(SMC_TRACE_TX, link->lgr_id, buf, ret);
}

/* the peer has sent something since the last look, and takes what we send */
static bool is_alive(struct smc_link *link)
{
	u32 tail = READ_ONCE(link->wr.tx.tail);
	bool stuck = tail == link->test_tail &&
		     tail != READ_ONCE(link->wr.tx.head);
	bool seen = READ_ONCE(link->wr.rx.seen);

	WRITE_ONCE(link->wr.rx.seen, false);
	link->test_tail = tail;
	return seen && !stuck;
}

static void test_work(struct work_struct *work)
{
	struct smc_link *link = container_of(to_delayed_work(work),
					     struct smc_link, test_work);
	unsigned long delay = link->test_interval;
	bool send = false, lost = false;

	spin_lock_bh(&link->lock);
	if (!smc_link_state_is_active(link->state)) {
		spin_unlock_bh(&link->lock);
		return;
	}
	if (is_alive(link)) {
		link->tests = 0;
	} else if (link->tests < TESTS) {
		link->tests++;
		send = true;
		delay = TEST_TIMEOUT;
	} else {
		lost = true;
	}
	if (!lost && delay)
		queue_delayed_work(system_wq, &link->test_work, delay);
	spin_unlock_bh(&link->lock);

	if (send)
		send_test_link(link);
	if (lost) {
		smc_stat_inc(link->net, SMC_STAT_LLC_TIMEOUT);
		smc_link_fail(link);
	}
}

/**
 * smc_link_doubt() - the port is down, or the peer owes an answer
 * @link: link in any state
 *
 * It may be for a moment only. An active link is tested now, whatever its test
 * interval; then the test or the queue pair gives up. Any context.
 */
void smc_link_doubt(struct smc_link *link)
{
	spin_lock_bh(&link->lock);
	if (smc_link_state_is_active(link->state) && !link->tests) {
		WRITE_ONCE(link->wr.rx.seen, false);
		mod_delayed_work(system_wq, &link->test_work, 0);
	}
	spin_unlock_bh(&link->lock);
}

/* -------- life -------- */

/**
 * smc_link_create() - make a link, its queue pair in RESET
 * @args: what it is made of
 * @path: own end; becomes the link's on success
 *
 * Sleeps.
 *
 * Return: the link, or an ERR_PTR.
 */
struct smc_link *smc_link_create(const struct smc_link_args *args,
				 struct smc_ib_path *path)
{
	struct smc_link *link;
	int ret;

	link = kzalloc(sizeof(*link), GFP_KERNEL);
	if (!link)
		return ERR_PTR(-ENOMEM);
	link->ops = args->ops;
	link->lgr = args->lgr;
	link->net = args->net;
	link->lgr_id = args->lgr_id;
	link->num = args->num;
	link->llc_version = args->llc_version;
	link->user_id = args->lgr_id << 8 | args->num;
	link->psn = get_random_u32() & PSN_MASK;
	link->state = SMC_LINK_UNUSED;
	link->test_interval = (unsigned long)HZ *
			      READ_ONCE(smc_sysctl(args->net)->testlink_time);
	mutex_init(&link->setup);
	spin_lock_init(&link->lock);
	INIT_DELAYED_WORK(&link->test_work, test_work);

	link->pd = ib_alloc_pd(path->dev->ibdev, 0);
	if (IS_ERR(link->pd)) {
		ret = PTR_ERR(link->pd);
		goto err_free;
	}
	ret = smc_wr_create(&link->wr, &link->ops->wr, link->pd, -1,
			    link->llc_version == SMC_LLC_V2);
	if (ret)
		goto err_pd;
	link->path = *path;
	link->mtu = path->mtu;
	link->qpn = link->wr.qp->qp_num;
	memcpy(link->gid, path->attr->gid.raw, SMC_GID_LEN);
	link_event(link, SMC_LINK_EV_CREATED);
	smc_stat_inc(link->net, SMC_STAT_LINK_CREATED);
	return link;

err_pd:
	ib_dealloc_pd(link->pd);
err_free:
	kfree(link);
	return ERR_PTR(ret);
}

static int qp_to_init(struct smc_link *link)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.pkey_index = 0,
		.port_num = link->path.port,
		.qp_access_flags = IB_ACCESS_LOCAL_WRITE |
				   IB_ACCESS_REMOTE_WRITE,
	};

	return ib_modify_qp(link->wr.qp, &attr, IB_QP_STATE |
			    IB_QP_PKEY_INDEX | IB_QP_PORT |
			    IB_QP_ACCESS_FLAGS);
}

static int qp_to_rtr(struct smc_link *link)
{
	const struct ib_gid_attr *sgid = link->path.attr;
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTR,
		.path_mtu = link->mtu,
		.dest_qp_num = link->peer.qpn,
		.rq_psn = link->peer.psn,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = QP_MIN_RNR_TIMER,
	};
	union ib_gid dgid;

	memcpy(dgid.raw, link->peer.gid, sizeof(dgid));
	attr.ah_attr.type = RDMA_AH_ATTR_TYPE_ROCE;
	rdma_ah_set_port_num(&attr.ah_attr, link->path.port);
	rdma_ah_set_grh(&attr.ah_attr, &dgid, 0, sgid->index, QP_HOP_LIMIT,
			0);
	attr.ah_attr.grh.sgid_attr = sgid;
	memcpy(attr.ah_attr.roce.dmac, link->peer.mac, ETH_ALEN);

	return ib_modify_qp(link->wr.qp, &attr, IB_QP_STATE | IB_QP_AV |
			    IB_QP_PATH_MTU | IB_QP_DEST_QPN | IB_QP_RQ_PSN |
			    IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
}

static int qp_to_rts(struct smc_link *link)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTS,
		.timeout = QP_TIMEOUT,
		.retry_cnt = QP_RETRY,
		.rnr_retry = QP_RETRY,	/* for ever */
		.sq_psn = link->psn,
		.max_rd_atomic = 1,
	};

	return ib_modify_qp(link->wr.qp, &attr, IB_QP_STATE | IB_QP_TIMEOUT |
			    IB_QP_RETRY_CNT | IB_QP_RNR_RETRY |
			    IB_QP_SQ_PSN | IB_QP_MAX_QP_RD_ATOMIC);
}

static int qp_connect(struct smc_link *link)
{
	int ret;

	ret = qp_to_init(link);
	if (ret)
		return ret;
	ret = smc_wr_post_recvs(&link->wr);
	if (ret)
		return ret;
	ret = qp_to_rtr(link);
	if (ret)
		return ret;
	link_event(link, SMC_LINK_EV_RTR);
	ret = qp_to_rts(link);
	if (ret)
		return ret;
	link_event(link, SMC_LINK_EV_RTS);
	return 0;
}

/**
 * smc_link_connect() - bring a new link to where it can send and receive
 * @link: link in state INACTIVE
 * @peer: the other end
 *
 * A client may do this before the server has: it does not send before the
 * server did. Sleeps, but not for the peer.
 *
 * Return: 0 or a negative errno; the link has then failed.
 */
int smc_link_connect(struct smc_link *link, const struct smc_link_peer *peer)
{
	int ret = -ENOLINK;

	mutex_lock(&link->setup);
	if (READ_ONCE(link->state) == SMC_LINK_INACTIVE) {
		spin_lock_bh(&link->lock);
		link->peer = *peer;
		spin_unlock_bh(&link->lock);
		link->mtu = min(link->path.mtu, peer->mtu);
		if (is_zero_ether_addr(link->peer.mac))
			smc_ib_path_dmac(&link->path, peer->gid,
					 link->peer.mac);
		ret = -EHOSTUNREACH;
		if (!is_zero_ether_addr(link->peer.mac) ||
		    ib_uses_virt_dma(link->wr.ibdev))
			ret = qp_connect(link);
		if (ret)
			smc_link_fail(link);
	}
	mutex_unlock(&link->setup);
	return ret;
}

/**
 * smc_link_drain() - stop a link: nothing is sent or received after this
 * @link: link in any state
 *
 * Sleeps, but not for the peer. Memory registered on the link may be released
 * afterwards.
 */
void smc_link_drain(struct smc_link *link)
{
	link_event(link, SMC_LINK_EV_DELETED);
	cancel_delayed_work_sync(&link->test_work);
	mutex_lock(&link->setup);
	smc_wr_drain(&link->wr);
	mutex_unlock(&link->setup);
}

/**
 * smc_link_release() - give back what a drained link holds of its device
 * @link: link; remains as a dead object
 *
 * Sleeps.
 */
void smc_link_release(struct smc_link *link)
{
	smc_wr_destroy(&link->wr);
	ib_dealloc_pd(link->pd);
	smc_ib_path_put(&link->path);
	link_event(link, SMC_LINK_EV_DRAINED);
}

/**
 * smc_link_free() - free a released link
 * @link: link nobody points to any more
 *
 * Any context.
 */
void smc_link_free(struct smc_link *link)
{
	kfree(link);
}
