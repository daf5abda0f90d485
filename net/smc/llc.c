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
 *	Add Link	refused, as are requests for one
 *
 * Ownership: RMBs are in the group's queue by a plain pointer; both live in
 * the group. The timer is the group's and ends with it.
 *
 * Errors: what cannot be decoded or is out of place is counted and ignored. A
 * request that gets no answer fails alone; a dead peer is found by Test Link.
 *
 * wire-protocol.md 4
 */
#include <linux/workqueue.h>

#include "lgr.h"
#include "llc.h"
#include "llc_wire.h"
#include "stats.h"
#include "trace.h"

/* type byte of Confirm Link v2, and the flags of our answer to it */
#define CONFIRM_LINK_V2		0x21
#define CONFIRM_LINK_ANSWER	0x83
#define RKEY_TIMEOUT	(2 * HZ)

#define FLAG_RESPONSE	0x80
#define FLAG_REJECTED	0x40
#define MAX_LINKS_V20	2	/* release 0: not negotiated */

/* -------- sending -------- */

static int send_raw(struct smc_link_group *lgr, const u8 *buf)
{
	int ret = smc_wr_post_llc(&lgr->link[0]->wr, buf);

	trace_smc_llc(SMC_TRACE_TX, lgr->id, buf, ret);
	return ret;
}

static int send(struct smc_link_group *lgr, struct smc_llc_msg *msg)
{
	u8 buf[SMC_LLC_LEN];

	msg->version = SMC_LLC_V2;
	if (smc_llc_encode(msg, buf, sizeof(buf)) != SMC_LLC_LEN)
		return -EINVAL;
	return send_raw(lgr, buf);
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

static int send_delete_link(struct smc_link_group *lgr, bool all, u8 num,
			    bool orderly, u32 reason, bool response)
{
	struct smc_llc_msg msg = {
		.type = SMC_LLC_DELETE_LINK,
		.response = response,
		.delete_link = {
			.all = all,
			.orderly = orderly,
			.link_num = num,
			.reason = reason,
		},
	};

	return send(lgr, &msg);
}

static void goodbye(struct smc_link_group *lgr)
{
	send_delete_link(lgr, true, 0, lgr->orderly, lgr->reason, false);
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
	if (lgr->link[0]->state != SMC_LINK_READY) {
		invalid(lgr);
		return false;
	}
	if (msg->confirm_link.no_eyecatcher)
		return true;
	spin_lock_bh(&lgr->lock);
	lgr->llc.refused = true;
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
	link->num = msg->confirm_link.link_num;
	link->user_id = lgr->id << 8 | link->num;
	send_confirm_link(lgr, true);
}

/*
 * The server has the answer, so that the path works both ways. A server that
 * does not get it declines, and must find us still listening for that.
 */
static void llc_sent(struct smc_link_group *lgr, u16 tag)
{
	if (lgr->key.server ||
	    tag != SMC_WR_TAG(CONFIRM_LINK_V2, CONFIRM_LINK_ANSWER))
		return;
	smc_link_confirmed(lgr->link[0]);
	smc_lgr_activate(lgr);
}

static void confirm_link_response(struct smc_link_group *lgr,
				  const struct smc_llc_msg *msg)
{
	if (!lgr->key.server) {
		invalid(lgr);
		return;
	}
	if (!confirm_link_accept(lgr, msg))
		return;
	smc_link_confirmed(lgr->link[0]);
	smc_lgr_activate(lgr);
}

/* -------- Confirm RKey -------- */

static struct smc_rmb *announced_first(struct smc_link_group *lgr)
{
	lockdep_assert_held(&lgr->lock);
	return list_first_entry_or_null(&lgr->llc.queue, struct smc_rmb,
					announce);
}

static void announce_next(struct smc_link_group *lgr)
{
	struct smc_rmb *rmb = announced_first(lgr);
	struct smc_llc_msg msg = { .type = SMC_LLC_CONFIRM_RKEY };

	if (!rmb || lgr->llc.busy)
		return;
	msg.confirm_rkey.rkey = rmb->rkey;
	msg.confirm_rkey.vaddr = rmb->vaddr;
	lgr->llc.busy = true;
	lgr->llc.deadline = jiffies + RKEY_TIMEOUT;
	mod_delayed_work(system_wq, &lgr->llc.timer, RKEY_TIMEOUT);
	/* a failed post ends the group, or the timer ends the request */
	send(lgr, &msg);
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
		if (lgr->state == SMC_LGR_ACTIVE) {
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
		announce_done(lgr, false);
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
	else
		invalid(lgr);
	spin_unlock_bh(&lgr->lock);
}

static void confirm_rkey_request(struct smc_link_group *lgr,
				 const struct smc_llc_msg *msg)
{
	const struct smc_llc_confirm_rkey *req = &msg->confirm_rkey;
	struct smc_llc_msg reply = *msg;

	reply.response = true;
	if (req->nr_announced > SMC_LLC_MORE_RTOKENS ||
	    smc_lgr_rtoken_add(lgr, req->rkey, req->vaddr)) {
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
	struct smc_llc_msg reply = {
		.type = SMC_LLC_DELETE_RKEY,
		.response = true,
		.delete_rkey.nr_announced = req->nr_announced,
		.delete_rkey.nr_rkeys = req->nr_rkeys,
	};
	int i, unknown = req->nr_announced - req->nr_rkeys;

	for (i = 0; i < req->nr_rkeys; i++)
		unknown += !smc_lgr_rtoken_del(lgr, req->rkeys[i]);
	if (unknown) {
		reply.delete_rkey.negative = true;
		reply.delete_rkey.err = unknown;
	}
	send(lgr, &reply);
}

static void test_link_request(struct smc_link_group *lgr,
			      const struct smc_llc_msg *msg)
{
	struct smc_llc_msg reply = *msg;

	reply.response = true;
	send(lgr, &reply);
}

/* A server repeats the request before it ends the group; a client answers the
 * deletion of a link. Either way the only link goes.
 */
static void delete_link_request(struct smc_link_group *lgr,
				const struct smc_llc_msg *msg)
{
	const struct smc_llc_delete_link *req = &msg->delete_link;
	bool known = req->all || req->link_num == lgr->link[0]->num;

	if (lgr->key.server)
		send_delete_link(lgr, req->all, req->link_num, true,
				 req->reason, false);
	else if (!req->all)
		send_delete_link(lgr, false, req->link_num, req->orderly,
				 known ? SMC_LLC_DEL_ACCEPTED :
				 SMC_LLC_DEL_UNKNOWN_LINK, true);
	if (known)
		smc_lgr_terminate(lgr, req->reason, false);
}

/* nothing has to be done, or nothing is known to be done */
static void ignore(struct smc_link_group *lgr, const struct smc_llc_msg *msg)
{
}

/* -------- Add Link: refused without a look at what is in it -------- */

static void refuse_add_link(struct smc_link_group *lgr, const u8 *buf)
{
	u8 reply[SMC_LLC_LEN];

	memcpy(reply, buf, sizeof(reply));
	smc_put_le16(reply + 1, SMC_LLC_LEN);
	reply[3] |= FLAG_RESPONSE | FLAG_REJECTED;
	send_raw(lgr, reply);
}

static void refuse_req_add_link(struct smc_link_group *lgr, const u8 *buf)
{
	u8 reply[SMC_LLC_LEN] = { buf[0] };

	smc_put_le16(reply + 1, SMC_LLC_LEN);
	reply[3] = FLAG_RESPONSE;
	send_raw(lgr, reply);
}

/* these may be longer than what is kept of a message; 3.2 */
static bool refuse(struct smc_link_group *lgr, const u8 *buf, u32 len)
{
	if (len < SMC_LLC_LEN || buf[3] & FLAG_RESPONSE)
		return false;
	switch (buf[0]) {
	case SMC_LLC_V2 << 4 | SMC_LLC_ADD_LINK:
		refuse_add_link(lgr, buf);
		return true;
	case SMC_LLC_V2 << 4 | SMC_LLC_REQ_ADD_LINK:
		refuse_req_add_link(lgr, buf);
		return true;
	default:
		return false;
	}
}

/* -------- receiving -------- */

typedef void (*llc_handler)(struct smc_link_group *lgr,
			    const struct smc_llc_msg *msg);

/* [type][0: request, 1: response]; what is not listed is out of place */
static const llc_handler handlers[SMC_LLC_NR_TYPES][2] = {
	[SMC_LLC_CONFIRM_LINK]	= { confirm_link_request,
				    confirm_link_response },
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
	if (refuse(lgr, buf, len))
		return;
	if (smc_llc_decode(buf, kept, &msg, &why) ||
	    msg.version != SMC_LLC_V2) {
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
