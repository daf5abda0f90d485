// SPDX-License-Identifier: GPL-2.0
/*
 * Link layer control.
 *
 * Operation: no thread ever waits here. Requests of the peer are answered
 * where they arrive, in completion context; answers of the peer move the
 * group's state and wake who is interested. The flows:
 *
 *	Confirm Link	server asks once after the CLC Confirm; the group is
 *			active when the answer is there (server), or when the
 *			answer is given (client)
 *	Confirm RKey	for each RMB made after first contact, one at a time
 *			in each direction, RKEY_TIMEOUT for the answer
 *	Delete RKey	answered; we never take an RMB away
 *	Test Link	answered; the link itself asks (link.c)
 *	Delete Link	ends the group, as there is one link
 *	Add Link	refused, as are requests for one. A server whose client
 *			waits for one, because it cannot know that there is no
 *			second link, sends one that must be refused
 *
 * All messages of a group have the version of the group.
 *
 * Ownership: RMBs are in the group's queue by a plain pointer; both live in
 * the group. The timer is the group's and ends with it.
 *
 * Errors: what cannot be decoded or is out of place is counted and ignored. A
 * request that gets no answer fails alone, and is a reason to test the link: a
 * dead peer is found by Test Link. The group gets no more connections then.
 * A peer that asks faster than answers get out loses some of them: they are
 * dropped, and counted, before they stand in the way of anything else.
 *
 * wire-protocol.md 4
 */
#include <linux/delay.h>
#include <linux/workqueue.h>

#include "lgr.h"
#include "llc.h"
#include "llc_flow.h"
#include "llc_wire.h"
#include "stats.h"
#include "trace.h"

#define CONFIRM_LINK_ANSWER	0x83	/* flags of our answer to it */
#define RKEY_TIMEOUT	(2 * HZ)
#define RKEY_RETRY	max(HZ / 50, 1)	/* there was no room to send */
#define STALE_TIME	(60 * HZ)
#define GOODBYE_TRIES	50

#define MAX_LINKS_V20	2	/* v1 and release 0: not negotiated */
#define REFUSED_LINK	2	/* number of a link that never comes to be */

/* -------- sending -------- */

static u8 llc_version(const struct smc_link_group *lgr)
{
	return lgr->link[0]->llc_version;
}

static int send_raw(struct smc_link_group *lgr, const u8 *buf, bool response)
{
	int ret = smc_wr_post_llc(&lgr->link[0]->wr, buf, response);

	trace_smc_llc(SMC_TRACE_TX, lgr->id, buf, ret);
	if (ret == -EAGAIN && response)
		smc_stat_inc(lgr->key.net, SMC_STAT_LLC_DROPPED);
	return ret;
}

static int send(struct smc_link_group *lgr, struct smc_llc_msg *msg)
{
	u8 buf[SMC_LLC_LEN];

	msg->version = llc_version(lgr);
	if (smc_llc_encode(msg, buf, sizeof(buf)) != SMC_LLC_LEN)
		return -EINVAL;
	return send_raw(lgr, buf, msg->response);
}

static int send_confirm_link(struct smc_link_group *lgr, bool response)
{
	struct smc_link *link = lgr->link[0];
	struct smc_llc_msg msg = {
		.type = SMC_LLC_CONFIRM_LINK,
		.response = response,
		.confirm_link = {
			.no_eyecatcher = true,
			.qpn = link->qpn,
			.link_num = link->num,
			.link_user_id = link->user_id,
			.max_links = lgr->release ? SMC_LGR_LINKS :
				     MAX_LINKS_V20,
			.max_conns = lgr->release ? lgr->max_conns : 0,
		},
	};

	memcpy(msg.confirm_link.mac, link->path.mac, SMC_MAC_LEN);
	memcpy(msg.confirm_link.gid, link->gid, SMC_GID_LEN);
	return send(lgr, &msg);
}

static int send_delete_link(struct smc_link_group *lgr, u8 num, bool orderly,
			    u32 reason)
{
	struct smc_llc_msg msg = {
		.type = SMC_LLC_DELETE_LINK,
		.delete_link = {
			.all = !num,
			.orderly = orderly,
			.link_num = num,
			.reason = reason,
		},
	};

	return send(lgr, &msg);
}

static void goodbye(struct smc_link_group *lgr)
{
	int i;

	for (i = 0; i < GOODBYE_TRIES; i++) {
		if (send_delete_link(lgr, 0, lgr->orderly, lgr->reason) !=
		    -EAGAIN)
			return;
		usleep_range(1000, 2000);
	}
}

static void invalid(struct smc_link_group *lgr)
{
	smc_stat_inc(lgr->key.net, SMC_STAT_LLC_INVALID);
}

/* -------- Confirm Link -------- */

/**
 * smc_llc_confirm_link() - ask the client to confirm the link
 * @lgr: server's group, its link in state READY
 *
 * The group becomes active, or refused, when the answer arrives. Any context.
 *
 * Return: 0 or a negative errno; the link has then failed.
 */
int smc_llc_confirm_link(struct smc_link_group *lgr)
{
	return send_confirm_link(lgr, false);
}

/* returns false if the message is of no consequence */
static bool confirm_link_accept(struct smc_link_group *lgr,
				const struct smc_llc_msg *msg)
{
	if (READ_ONCE(lgr->link[0]->state) != SMC_LINK_READY) {
		invalid(lgr);
		return false;
	}
	WRITE_ONCE(lgr->link[0]->peer_user_id, msg->confirm_link.link_user_id);
	if (msg->confirm_link.no_eyecatcher)
		return true;
	spin_lock_bh(&lgr->lock);
	WRITE_ONCE(lgr->llc.refused, true);
	smc_lgr_wake_locked(lgr);
	spin_unlock_bh(&lgr->lock);
	return false;
}

static void confirm_link_request(struct smc_link_group *lgr,
				 const struct smc_llc_msg *msg)
{
	struct smc_link *link = lgr->link[0];

	if (lgr->key.server) {
		invalid(lgr);
		return;
	}
	if (!confirm_link_accept(lgr, msg))
		return;
	WRITE_ONCE(link->num, msg->confirm_link.link_num);
	WRITE_ONCE(link->user_id, lgr->id << 8 | link->num);
	send_confirm_link(lgr, true);
}

/*
 * The server has the answer, so that the path works both ways. A server that
 * does not get it declines, and must find us still listening for that.
 */
static void llc_sent(struct smc_link_group *lgr, u16 tag)
{
	u8 type = llc_version(lgr) << 4 | SMC_LLC_CONFIRM_LINK;

	if (lgr->key.server || tag != SMC_WR_TAG(type, CONFIRM_LINK_ANSWER))
		return;
	smc_link_confirmed(lgr->link[0]);
	/* its device may have gone meanwhile */
	if (smc_link_is_active(lgr->link[0]))
		smc_lgr_activate(lgr);
}

/*
 * A client of v1 or release 0 expects a second link to be offered, and lets
 * its connect() wait three seconds for that. It must reject an MTU of 0. We
 * have no QP for an offer in earnest.
 */
static void offer_no_link(struct smc_link_group *lgr)
{
	struct smc_link *link = lgr->link[0];
	u8 buf[SMC_LLC_LEN];

	smc_llc_flow_empty_offer(link->path.mac, link->gid, REFUSED_LINK,
				 llc_version(lgr), buf);
	send_raw(lgr, buf, false);
}

static void confirm_link_response(struct smc_link_group *lgr,
				  const struct smc_llc_msg *msg)
{
	struct smc_link *link = lgr->link[0];

	if (!lgr->key.server || msg->confirm_link.link_num != link->num) {
		invalid(lgr);
		return;
	}
	if (!confirm_link_accept(lgr, msg))
		return;
	smc_link_confirmed(link);
	if (smc_lgr_activate(lgr) && !lgr->release)
		offer_no_link(lgr);
}

/* -------- Confirm RKey -------- */

static struct smc_rmb *announced_first(struct smc_link_group *lgr)
{
	lockdep_assert_held(&lgr->lock);
	return list_first_entry_or_null(&lgr->llc.queue, struct smc_rmb,
					announce);
}

static void announce_post(struct smc_link_group *lgr)
{
	const struct smc_rmb *rmb = announced_first(lgr);
	struct smc_llc_msg msg = {
		.type = SMC_LLC_CONFIRM_RKEY,
		.confirm_rkey.rkey = rmb->rkey,
		.confirm_rkey.vaddr = rmb->vaddr,
	};

	/* a link that fails ends the group, which ends this */
	lgr->llc.posted = send(lgr, &msg) != -EAGAIN;
	mod_delayed_work(system_wq, &lgr->llc.timer,
			 lgr->llc.posted ? RKEY_TIMEOUT : RKEY_RETRY);
}

static void announce_next(struct smc_link_group *lgr)
{
	if (!announced_first(lgr) || lgr->llc.busy)
		return;
	lgr->llc.busy = true;
	lgr->llc.deadline = jiffies + RKEY_TIMEOUT;
	announce_post(lgr);
}

static void announce_done(struct smc_link_group *lgr, bool ok)
{
	struct smc_rmb *rmb = announced_first(lgr);

	WRITE_ONCE(rmb->state, ok ? SMC_RMB_READY : SMC_RMB_FAILED);
	list_del_init(&rmb->announce);
	lgr->llc.busy = false;
	announce_next(lgr);
	smc_lgr_wake_locked(lgr);
}

/*
 * A server that offers a group to a client's second connection has the answer
 * to its Confirm Link, whether the client knows that yet or not.
 */
static bool may_announce(const struct smc_link_group *lgr)
{
	lockdep_assert_held(&lgr->lock);
	return lgr->state == SMC_LGR_ACTIVE ||
	       (lgr->state == SMC_LGR_SETUP && !lgr->key.server);
}

/**
 * smc_llc_announce() - tell the peer of an RMB
 * @lgr: group
 * @rmb: registered RMB; may have been announced already, or refused
 *
 * Its state changes when the peer has answered, or not; who waits for the
 * group is woken. Any context.
 */
void smc_llc_announce(struct smc_link_group *lgr, struct smc_rmb *rmb)
{
	spin_lock_bh(&lgr->lock);
	if (rmb->state != SMC_RMB_READY && list_empty(&rmb->announce)) {
		if (may_announce(lgr)) {
			WRITE_ONCE(rmb->state, SMC_RMB_NEW);
			list_add_tail(&rmb->announce, &lgr->llc.queue);
			announce_next(lgr);
		} else {
			WRITE_ONCE(rmb->state, SMC_RMB_FAILED);
		}
	}
	spin_unlock_bh(&lgr->lock);
}

static void announce_timer(struct work_struct *work)
{
	struct smc_link_group *lgr;

	lgr = container_of(to_delayed_work(work), struct smc_link_group,
			   llc.timer);
	spin_lock_bh(&lgr->lock);
	if (lgr->llc.busy && time_after_eq(jiffies, lgr->llc.deadline)) {
		smc_stat_inc(lgr->key.net, SMC_STAT_LLC_TIMEOUT);
		smc_link_doubt(lgr->link[0]);
		/* it may have lost the group: new ones need not find out */
		WRITE_ONCE(lgr->stale_until, jiffies + STALE_TIME);
		/* pairs with smc_lgr_owes_answer() */
		smp_store_release(&lgr->stale, true);
		announce_done(lgr, false);
	} else if (lgr->llc.busy && !lgr->llc.posted) {
		announce_post(lgr);
	}
	spin_unlock_bh(&lgr->lock);
}

static void confirm_rkey_response(struct smc_link_group *lgr,
				  const struct smc_llc_msg *msg)
{
	struct smc_rmb *rmb;

	spin_lock_bh(&lgr->lock);
	rmb = announced_first(lgr);
	if (rmb && lgr->llc.busy && rmb->rkey == msg->confirm_rkey.rkey)
		announce_done(lgr, !msg->confirm_rkey.negative);
	else if (lgr->stale && lgr->state == SMC_LGR_ACTIVE)
		/* too late, but it has not lost the group */
		WRITE_ONCE(lgr->stale, false);
	else
		invalid(lgr);
	spin_unlock_bh(&lgr->lock);
}

/*
 * RTokens for other links are of no use here, and may well name links that we
 * have refused: the answer is about the one for this link. More of them than
 * fit into the message would need a Continuation, which nobody sends.
 */
static void confirm_rkey_request(struct smc_link_group *lgr,
				 const struct smc_llc_msg *msg)
{
	const struct smc_llc_confirm_rkey *req = &msg->confirm_rkey;
	struct smc_llc_msg reply = *msg;

	reply.response = true;
	if (req->nr_announced > SMC_LLC_MORE_RTOKENS ||
	    smc_lgr_rtoken_add(lgr, req->rkey, req->vaddr)) {
		invalid(lgr);
		reply.confirm_rkey.negative = true;
		reply.confirm_rkey.retry = true;
	}
	send(lgr, &reply);
}

/* -------- Delete RKey, Test Link, Delete Link -------- */

static void delete_rkey_request(struct smc_link_group *lgr,
				const struct smc_llc_msg *msg)
{
	const struct smc_llc_delete_rkey *req = &msg->delete_rkey;
	struct smc_llc_msg reply;
	u8 unknown = 0;
	int i;

	for (i = 0; i < req->nr_rkeys; i++) {
		if (!smc_lgr_rtoken_del(lgr, req->rkeys[i]))
			unknown |= 0x80 >> i;
	}
	smc_llc_flow_delete_rkey(msg, unknown, &reply);
	send(lgr, &reply);
}

static void test_link_request(struct smc_link_group *lgr,
			      const struct smc_llc_msg *msg)
{
	struct smc_llc_msg reply = *msg;

	reply.response = true;
	send(lgr, &reply);
}

static void delete_link_request(struct smc_link_group *lgr,
				const struct smc_llc_msg *msg)
{
	struct smc_llc_msg reply;
	bool end;

	if (smc_llc_flow_delete_link(msg, lgr->key.server, lgr->link[0]->num,
				     &reply, &end))
		send(lgr, &reply);
	if (end)
		smc_lgr_terminate(lgr, msg->delete_link.reason, false);
}

/* nothing has to be done, or nothing is known to be done */
static void ignore(struct smc_link_group *lgr, const struct smc_llc_msg *msg)
{
}

/* -------- Add Link -------- */

/* these may be longer than what is kept of a message; 3.2 */
static bool no_more_links(struct smc_link_group *lgr, const u8 *buf, u32 len)
{
	u8 reply[SMC_LLC_LEN];

	if (smc_llc_flow_refuse(buf, len, llc_version(lgr), lgr->key.server,
				reply)) {
		send_raw(lgr, reply, true);
		return true;
	}
	if (smc_llc_flow_unwanted(buf, len, llc_version(lgr))) {
		invalid(lgr);
		send_delete_link(lgr, REFUSED_LINK, false,
				 SMC_LLC_DEL_LOST_PATH);
		return true;
	}
	return false;
}

/* -------- receiving -------- */

typedef void (*llc_handler)(struct smc_link_group *lgr,
			    const struct smc_llc_msg *msg);

/*
 * [type][0: request, 1: response]. What is not listed is out of place: what is
 * handled before, what is only sent while a link is being added, and the
 * continuation of Confirm RKey, which Linux drops too.
 */
static const llc_handler handlers[SMC_LLC_NR_TYPES][2] = {
	[SMC_LLC_CONFIRM_LINK]	= { confirm_link_request,
				    confirm_link_response },
	[SMC_LLC_ADD_LINK]	= { NULL, ignore },
	[SMC_LLC_DELETE_LINK]	= { delete_link_request, ignore },
	[SMC_LLC_CONFIRM_RKEY]	= { confirm_rkey_request,
				    confirm_rkey_response },
	[SMC_LLC_TEST_LINK]	= { test_link_request, ignore },
	[SMC_LLC_DELETE_RKEY]	= { delete_rkey_request, ignore },
};

static void llc_recv(struct smc_link_group *lgr, const u8 *buf, u32 len)
{
	u32 kept = min_t(u32, len, SMC_LLC_LEN);
	struct smc_llc_msg msg;
	enum smc_llc_check why;
	llc_handler handler;

	if (kept == SMC_LLC_LEN)
		trace_smc_llc(SMC_TRACE_RX, lgr->id, buf, 0);
	if (no_more_links(lgr, buf, len))
		return;
	if (smc_llc_decode(buf, kept, &msg, &why) ||
	    msg.version != llc_version(lgr)) {
		invalid(lgr);
		return;
	}
	handler = handlers[msg.type][msg.response];
	if (handler)
		handler(lgr, &msg);
	else
		invalid(lgr);
}

/* -------- life -------- */

static void llc_init(struct smc_link_group *lgr)
{
	INIT_LIST_HEAD(&lgr->llc.queue);
	INIT_DELAYED_WORK(&lgr->llc.timer, announce_timer);
}

static void llc_stop(struct smc_link_group *lgr)
{
	struct smc_rmb *rmb, *next;

	spin_lock_bh(&lgr->lock);
	list_for_each_entry_safe(rmb, next, &lgr->llc.queue, announce) {
		WRITE_ONCE(rmb->state, SMC_RMB_FAILED);
		list_del_init(&rmb->announce);
	}
	lgr->llc.busy = false;
	smc_lgr_wake_locked(lgr);
	spin_unlock_bh(&lgr->lock);
	cancel_delayed_work_sync(&lgr->llc.timer);
}

/* how link group control follows a group */
const struct smc_lgr_ops smc_llc_lgr_ops = {
	.init = llc_init,
	.recv = llc_recv,
	.sent = llc_sent,
	.goodbye = goodbye,
	.stop = llc_stop,
};
