// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R: the transport over RDMA. Policy: which device, which link group.
 *
 * Operation: struct smc_attempt is driven through the steps of transport.h;
 * each step here is a check of what the peer said, then a move of the attempt
 * to its next phase. Only SMC v2 is spoken, as release 2.1 with one link;
 * RoCE v1 GIDs, which v1 needs, are not looked for. With a release 2.0 client
 * of Linux each first contact takes 3 s longer, as it waits for Add Link and
 * we have no second link to offer.
 *
 * Two of our own ends agree at first contact, in bytes that the protocol
 * leaves to vendors, to send data as writes with immediate data (cdc.h).
 *
 * Ownership: an attempt holds its link group; no device, GID or path across a
 * wait. The connection gets its own references when it is attached:
 * detach() returns token and RMBE, release() send ring and link group.
 *
 * Errors: each refusal has a CLC diagnosis and is traced. A first contact
 * that fails takes its link group with it.
 *
 * wire-protocol.md 2.12 to 2.15
 */
#include <linux/slab.h>
#include <linux/utsname.h>

#include "cdc.h"
#include "clc_wire.h"
#include "conn.h"
#include "eid.h"
#include "ibdev.h"
#include "lgr.h"
#include "llc.h"
#include "smcr.h"
#include "stats.h"
#include "trace.h"
#include "transport.h"

#define FEW_CONNS		4	/* of a group, may have large rings */
#define SOME_CONNS		16	/* larger than wanted at least */
#define FOREIGN_WINDOW		48	/* receive buffers of Linux */
#define CONFIRM_LINK_SERVER	(2 * HZ)
#define CONFIRM_LINK_CLIENT	(4 * HZ)

static const u8 vendor_oui[SMC_CLC_OUI_LEN] = { 0xfa, 'S', 'M' };
static const u8 vendor_fce[SMC_CLC_FCE_VENDOR_LEN] = { 'S', 'M', 1, BIT(0) };

#define VENDOR_IMM	BIT(0)	/* writes with immediate data */

static const struct smc_transport_ops smcr_ops;

/**
 * enum phase - how far an attempt is
 * @PHASE_START: nothing done
 * @PHASE_JOINED: the connection is in a link group
 * @PHASE_BUFFERS: it has its rings, and the peer knows the RMB
 * @PHASE_PEER: the peer's end is known
 * @PHASE_DONE: established
 */
enum phase {
	PHASE_START,
	PHASE_JOINED,
	PHASE_BUFFERS,
	PHASE_PEER,
	PHASE_DONE,
};

/**
 * struct smcr_attempt - the transport's own part of an attempt
 * @at: the attempt
 * @waiter: for changes of @lgr
 * @lgr: link group, with a reference, or NULL
 * @phase: how far it is
 * @waiting: @waiter waits
 * @release: release negotiated
 * @max_conns: connections negotiated, server only
 * @max_links: links negotiated, server only
 * @imm: the peer does writes with immediate data
 * @eid: enterprise ID negotiated
 * @gid: own GID offered, client only
 * @peer_gid: the peer's GID
 */
struct smcr_attempt {
	struct smc_attempt *at;
	struct smc_lgr_waiter waiter;
	struct smc_link_group *lgr;
	enum phase phase;
	bool waiting;
	u8 release;
	u8 max_conns;
	u8 max_links;
	bool imm;
	u8 eid[SMC_EID_LEN];
	u8 gid[SMC_GID_LEN];
	u8 peer_gid[SMC_GID_LEN];
};

static int refuse(struct smc_attempt *at, enum smc_clc_diag diag, int err)
{
	trace_smc_refuse(at->server, diag, err);
	at->diag = diag;
	return err;
}

/* -------- waiting -------- */

static void attempt_wake(struct smc_lgr_waiter *waiter)
{
	struct smcr_attempt *priv;

	priv = container_of(waiter, struct smcr_attempt, waiter);
	priv->at->wake(priv->at);
}

/* the caller looks at the group after this */
static void attempt_wait(struct smcr_attempt *priv)
{
	if (!priv->waiting)
		smc_lgr_wait(priv->lgr, &priv->waiter);
	priv->waiting = true;
}

static void attempt_unwait(struct smcr_attempt *priv)
{
	if (priv->waiting)
		smc_lgr_unwait(priv->lgr, &priv->waiter);
	priv->waiting = false;
}

static struct smcr_attempt *attempt_get(struct smc_attempt *at)
{
	struct smcr_attempt *priv = at->priv;

	if (priv)
		return priv;
	priv = kzalloc(sizeof(*priv), GFP_KERNEL);
	if (!priv)
		return NULL;
	priv->at = at;
	priv->waiter.wake = attempt_wake;
	at->priv = priv;
	at->version = SMC_CLC_V2;
	smc_ibdev_peer_id(at->peer_id);
	return priv;
}

static void attempt_leave(struct smcr_attempt *priv)
{
	attempt_unwait(priv);
	smc_lgr_put(priv->lgr);
	priv->lgr = NULL;
}

/* -------- link group and buffers -------- */

static int attach(struct smcr_attempt *priv)
{
	struct smc_conn *conn = priv->at->conn;
	int ret;

	ret = smc_lgr_attach(priv->lgr, conn);
	if (ret)
		return ret;
	conn->transport = &smcr_ops;
	priv->phase = PHASE_JOINED;
	return 0;
}

/*
 * The larger the rings, the less do two hosts wait for each other, up to some
 * hundred KiB. Few connections may have that; many share about the same.
 */
static u32 ring_size(const struct smcr_attempt *priv, u32 size, bool automatic)
{
	u16 nr_conns = READ_ONCE(priv->lgr->nr_conns);

	if (!automatic || nr_conns > SOME_CONNS)
		return size;
	return nr_conns > FEW_CONNS ? 2 * size : 4 * size;
}

static int get_sndbuf(struct smcr_attempt *priv)
{
	const struct smc_attempt *at = priv->at;
	struct smc_conn *conn = at->conn;
	u32 size = ring_size(priv, at->snd_size, at->snd_auto);

	conn->sndbuf = smc_sndbuf_get(&priv->lgr->pool, size);
	if (!conn->sndbuf)
		return -ENOMEM;
	conn->tx.buf = conn->sndbuf->addr;
	conn->tx.size = smc_rmbe_size(conn->sndbuf->code);
	return 0;
}

static int get_rmbe(struct smcr_attempt *priv)
{
	u32 size = ring_size(priv, priv->at->rcv_size, priv->at->rcv_auto);
	struct smc_buf_pool *pool = &priv->lgr->pool;
	struct smc_conn *conn = priv->at->conn;

	conn->rmbe = smc_rmbe_get(pool, size);
	if (!conn->rmbe)
		conn->rmbe = smc_rmbe_create(pool, size,
					     priv->at->first_contact);
	if (!conn->rmbe)
		return -ENOMEM;
	conn->rx.buf = conn->rmbe->addr;
	conn->rx.size = smc_rmbe_size(conn->rmbe->rmb->code);
	smc_llc_announce(priv->lgr, conn->rmbe->rmb);
	return 0;
}

/* phase JOINED to BUFFERS */
static int get_buffers(struct smcr_attempt *priv)
{
	struct smc_attempt *at = priv->at;
	struct smc_conn *conn = at->conn;

	if ((!conn->sndbuf && get_sndbuf(priv)) ||
	    (!conn->rmbe && get_rmbe(priv)))
		return refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	if (READ_ONCE(conn->rmbe->rmb->state) == SMC_RMB_NEW)
		attempt_wait(priv);
	switch (READ_ONCE(conn->rmbe->rmb->state)) {
	case SMC_RMB_READY:
		priv->phase = PHASE_BUFFERS;
		attempt_unwait(priv);
		return 0;
	case SMC_RMB_NEW:
		return -EINPROGRESS;
	default:
		return refuse(at, SMC_CLC_DECL_RMB_REG, -EIO);
	}
}

/* a new link group gets its link; @path is used up */
static int first_contact(struct smcr_attempt *priv, struct smc_ib_path *path)
{
	struct smc_attempt *at = priv->at;
	int ret;

	at->first_contact = true;
	smc_stat_inc(at->net, at->server ? SMC_STAT_SERVER_FIRST_CONTACT :
		     SMC_STAT_CLIENT_FIRST_CONTACT);
	ret = smc_lgr_setup(priv->lgr, path);
	if (!ret)
		ret = attach(priv);
	else if (path->dev)
		smc_ib_path_put(path);
	if (ret)
		return refuse(at, ret == -ENOMEM ? SMC_CLC_DECL_NO_MEMORY :
			      SMC_CLC_DECL_INTERNAL, -EIO);
	return 0;
}

/* -------- what both sides say -------- */

static void fill_hostname(u8 *host)
{
	size_t len = strnlen(init_utsname()->nodename, SMC_HOSTNAME_LEN);

	memset(host, ' ', SMC_HOSTNAME_LEN);
	memcpy(host, init_utsname()->nodename, len);
}

static void fill_fce(const struct smc_link_group *lgr, struct smc_clc_fce *fce)
{
	fce->direct = true;
	fce->os = SMC_CLC_OS_LINUX;
	fce->release = lgr->release;
	fill_hostname(fce->hostname);
	if (lgr->release) {
		fce->max_conns = lgr->max_conns;
		fce->max_links = SMC_LGR_LINKS;
	}
	if (lgr->imm)
		memcpy(fce->vendor_opts, vendor_fce, sizeof(vendor_fce));
}

/* Accept or Confirm */
static void fill_reply(struct smcr_attempt *priv, struct smc_clc_accept *msg)
{
	const struct smc_link *link = priv->lgr->link[0];
	const struct smc_attempt *at = priv->at;
	const struct smc_rmbe *rmbe = at->conn->rmbe;

	msg->type = at->server ? SMC_CLC_ACCEPT : SMC_CLC_CONFIRM;
	msg->version = SMC_CLC_V2;
	msg->first_contact = at->first_contact;
	msg->tech = SMC_CLC_TECH_R;
	memcpy(msg->peer_id, at->peer_id, SMC_PEER_ID_LEN);
	memcpy(msg->gid, link->gid, SMC_GID_LEN);
	memcpy(msg->mac, link->path.mac, SMC_MAC_LEN);
	msg->qpn = link->qpn;
	msg->psn = link->psn;
	msg->mtu = link->mtu;
	msg->rkey = rmbe->rmb->rkey;
	msg->vaddr = rmbe->rmb->vaddr;
	msg->rmbe_idx = rmbe->idx;
	msg->rmbe_size_c = rmbe->rmb->code;
	msg->token = at->conn->token;
	memcpy(msg->eid, priv->lgr->eid, SMC_EID_LEN);
	if (!at->first_contact)
		return;
	fill_fce(priv->lgr, &msg->fce);
	if (!at->server) {
		msg->nr_gids = 1;
		memcpy(msg->gids[0], link->gid, SMC_GID_LEN);
	}
}

static int take_peer_rmb(struct smcr_attempt *priv,
			 const struct smc_clc_accept *msg)
{
	u32 size = smc_rmbe_size(msg->rmbe_size_c);
	struct smc_conn *conn = priv->at->conn;

	/* later ones have come over the link: it is the peer who knows them */
	if (priv->at->first_contact ?
	    smc_lgr_rtoken_add(priv->lgr, msg->rkey, msg->vaddr) :
	    !smc_lgr_rtoken_known(priv->lgr, msg->rkey, msg->vaddr))
		return refuse(priv->at, SMC_CLC_DECL_RTOKEN, -ENOSPC);
	/* a fast client's messages may be under way already */
	smc_conn_lock(conn);
	conn->peer_token = msg->token;
	conn->peer_rkey = msg->rkey;
	conn->peer_addr = msg->vaddr + (u64)(msg->rmbe_idx - 1) * size;
	conn->tx.peer_size = size;
	smc_conn_unlock(conn);
	return 0;
}

static int connect_link(struct smcr_attempt *priv,
			const struct smc_clc_accept *msg)
{
	struct smc_link_peer peer = {
		.qpn = msg->qpn,
		.psn = msg->psn,
		.mtu = msg->mtu,
	};

	if (!priv->lgr->imm)
		smc_wr_limit(&priv->lgr->link[0]->wr, FOREIGN_WINDOW);
	memcpy(peer.gid, priv->peer_gid, SMC_GID_LEN);
	memcpy(peer.mac, msg->mac, SMC_MAC_LEN);
	if (smc_link_connect(priv->lgr->link[0], &peer))
		return refuse(priv->at, SMC_CLC_DECL_QP_READY, -EIO);
	if (smc_buf_pool_register(&priv->lgr->pool))
		return refuse(priv->at, SMC_CLC_DECL_RMB_REG, -EIO);
	return 0;
}

/* -------- client -------- */

static int smcr_probe(struct smc_attempt *at, struct smc_clc_proposal *prop)
{
	struct smcr_attempt *priv = attempt_get(at);
	struct smc_ib_path path;

	if (!priv)
		return refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	if (at->gatewayed ||
	    smc_ib_path_find(at->net, &at->local, at->ifindex, &path))
		return refuse(at, SMC_CLC_DECL_NO_DEVICE, -ENODEV);

	prop->version = SMC_CLC_V2;
	prop->v1_type = SMC_CLC_OFFER_N;
	prop->v2_type = SMC_CLC_OFFER_R;
	memcpy(prop->peer_id, at->peer_id, SMC_PEER_ID_LEN);
	memcpy(prop->mac, path.mac, SMC_MAC_LEN);
	prop->has_subarea = true;
	memcpy(prop->vendor_oui, vendor_oui, sizeof(vendor_oui));
	prop->vendor_opts[0] = VENDOR_IMM;
	prop->has_v2_ext = true;
	prop->release = SMC_RELEASE_2_1;
	prop->nr_eids = smc_eid_list(prop->eids);
	memcpy(prop->gid_v2, path.attr->gid.raw, SMC_GID_LEN);
	prop->max_conns = SMC_LGR_MAX_CONNS;
	prop->max_links = SMC_LGR_LINKS;
	memcpy(priv->gid, path.attr->gid.raw, SMC_GID_LEN);
	smc_ib_path_put(&path);
	return 0;
}

static int check_fce(struct smcr_attempt *priv, const struct smc_clc_fce *fce)
{
	struct smc_attempt *at = priv->at;

	if (!fce->direct)
		return refuse(at, SMC_CLC_DECL_INDIRECT, -EPROTO);
	if (fce->release > SMC_RELEASE_2_1)
		return refuse(at, SMC_CLC_DECL_RELEASE, -EPROTO);
	priv->release = fce->release;
	priv->max_conns = SMC_LGR_MAX_CONNS;
	if (priv->release) {
		if (fce->max_conns < SMC_LGR_MIN_CONNS)
			return refuse(at, SMC_CLC_DECL_MAX_CONNS, -EPROTO);
		if (fce->max_links < 1 || fce->max_links > SMC_LGR_LINKS)
			return refuse(at, SMC_CLC_DECL_MAX_LINKS, -EPROTO);
		priv->max_conns = fce->max_conns;
	}
	priv->imm = !memcmp(fce->vendor_opts, vendor_fce, sizeof(vendor_fce));
	return 0;
}

static void client_args(struct smcr_attempt *priv,
			const struct smc_clc_accept *msg,
			struct smc_lgr_args *args)
{
	*args = (struct smc_lgr_args) {
		.key.net = priv->at->net,
		.release = priv->release,
		.max_conns = priv->max_conns,
		.imm = priv->imm,
		.eid = msg->eid,
		.ops = &smc_llc_lgr_ops,
	};
	memcpy(args->key.peer_id, msg->peer_id, SMC_PEER_ID_LEN);
	memcpy(args->key.peer_gid, msg->gid, SMC_GID_LEN);
	memcpy(args->key.gid, priv->gid, SMC_GID_LEN);
}

static int client_first_contact(struct smcr_attempt *priv,
				const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;
	struct smc_lgr_args args;
	struct smc_ib_path path;
	int ret;

	ret = check_fce(priv, &msg->fce);
	if (ret)
		return ret;
	if (smc_ib_path_find(at->net, &at->local, at->ifindex, &path))
		return refuse(at, SMC_CLC_DECL_NO_SMCR_DEVICE, -ENODEV);
	if (memcmp(path.attr->gid.raw, priv->gid, SMC_GID_LEN) ||
	    !smc_ib_path_reaches(&path, msg->gid, &at->remote)) {
		smc_ib_path_put(&path);
		return refuse(at, SMC_CLC_DECL_NO_ROUTE, -EHOSTUNREACH);
	}
	client_args(priv, msg, &args);
	priv->lgr = smc_lgr_create(&args);
	if (!priv->lgr) {
		smc_ib_path_put(&path);
		return refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	}
	return first_contact(priv, &path);
}

static int client_subsequent(struct smcr_attempt *priv,
			     const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;
	struct smc_lgr_args args;

	client_args(priv, msg, &args);
	priv->lgr = smc_lgr_lookup(&args.key, msg->qpn);
	if (!priv->lgr)
		return refuse(at, SMC_CLC_DECL_SYNC, -ESTALE);
	switch (attach(priv)) {
	case 0:
		return 0;
	case -ENOSPC:
		return refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOSPC);
	default:
		return refuse(at, SMC_CLC_DECL_NO_ACTIVE_LINK, -ENOLINK);
	}
}

static int client_join(struct smcr_attempt *priv,
		       const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;
	u8 eid[SMC_EID_LEN];

	if (msg->version != SMC_CLC_V2 || msg->tech != SMC_CLC_TECH_R)
		return refuse(at, SMC_CLC_DECL_MODE, -EPROTO);
	if (!smc_eid_match(&msg->eid, 1, eid))
		return refuse(at, SMC_CLC_DECL_NO_UEID, -EPROTO);
	memcpy(priv->peer_gid, msg->gid, SMC_GID_LEN);
	return msg->first_contact ? client_first_contact(priv, msg) :
				    client_subsequent(priv, msg);
}

static int client_accept(struct smcr_attempt *priv,
			 const struct smc_clc_accept *msg,
			 struct smc_clc_accept *reply)
{
	struct smc_attempt *at = priv->at;
	int ret;

	if (priv->phase == PHASE_START) {
		ret = client_join(priv, msg);
		if (ret)
			return ret;
	}
	if (priv->phase == PHASE_JOINED) {
		ret = get_buffers(priv);
		if (ret)
			return ret;
	}
	ret = take_peer_rmb(priv, msg);
	if (ret)
		return ret;
	if (at->first_contact) {
		ret = connect_link(priv, msg);
		if (ret)
			return ret;
	}
	at->deadline = jiffies + CONFIRM_LINK_CLIENT;
	fill_reply(priv, reply);
	priv->phase = PHASE_PEER;
	return 0;
}

/* -------- server -------- */

/* 2.12 steps 2, 3 and 10: what is offered */
static int check_offer(struct smcr_attempt *priv,
		       const struct smc_clc_proposal *prop)
{
	struct smc_attempt *at = priv->at;

	if (!smc_clc_offers_r(prop->v2_type) || prop->version < SMC_CLC_V2)
		return refuse(at, smc_clc_offers_r(prop->v1_type) ?
			      SMC_CLC_DECL_NO_SMCR_DEVICE :
			      SMC_CLC_DECL_NO_SMCD_DEVICE, -EOPNOTSUPP);
	if (!prop->has_v2_ext)
		return refuse(at, SMC_CLC_DECL_NO_V2_EXT, -EPROTO);
	priv->release = min_t(u8, prop->release, SMC_RELEASE_2_1);
	priv->max_conns = SMC_LGR_MAX_CONNS;
	priv->max_links = 0;
	if (priv->release) {
		priv->max_conns = min_t(u8, prop->max_conns,
					SMC_LGR_MAX_CONNS);
		priv->max_links = min_t(u8, prop->max_links, SMC_LGR_LINKS);
		if (priv->max_conns < SMC_LGR_MIN_CONNS)
			return refuse(at, SMC_CLC_DECL_MAX_CONNS, -EPROTO);
		if (priv->max_links < 1)
			return refuse(at, SMC_CLC_DECL_MAX_LINKS, -EPROTO);
	}
	if (!smc_eid_match(prop->eids, prop->nr_eids, priv->eid))
		return refuse(at, SMC_CLC_DECL_NO_UEID, -EPROTO);
	if (at->gatewayed)
		return refuse(at, SMC_CLC_DECL_NO_SMCR_DEVICE, -ENODEV);
	priv->imm = !memcmp(prop->vendor_oui, vendor_oui,
			    sizeof(vendor_oui)) &&
		    prop->vendor_opts[0] & VENDOR_IMM;
	memcpy(priv->peer_gid, prop->gid_v2, SMC_GID_LEN);
	return 0;
}

/* with a link group at hand: become its first connection, or one more, or
 * wait until somebody else has; @path is used up
 */
static int server_enter(struct smcr_attempt *priv, bool created,
			struct smc_ib_path *path)
{
	int ret;

	if (created)
		return first_contact(priv, path);
	smc_ib_path_put(path);
	if (READ_ONCE(priv->lgr->state) == SMC_LGR_SETUP) {
		attempt_wait(priv);
		if (READ_ONCE(priv->lgr->state) == SMC_LGR_SETUP) {
			if (!READ_ONCE(priv->lgr->stale))
				return -EINPROGRESS;
			attempt_unwait(priv);
			return -EAGAIN;
		}
	}
	ret = attach(priv);
	attempt_unwait(priv);
	/* it filled up, or ended, in between */
	return ret ? -EAGAIN : 0;
}

/* 2.12 step 10 and 2.14: phase START to JOINED */
static int server_join(struct smcr_attempt *priv,
		       const struct smc_clc_proposal *prop)
{
	struct smc_attempt *at = priv->at;
	struct smc_lgr_args args = {
		.key.net = at->net,
		.key.server = true,
		.release = priv->release,
		.max_conns = priv->max_conns,
		.imm = priv->imm,
		.eid = priv->eid,
		.ops = &smc_llc_lgr_ops,
	};
	struct smc_ib_path path;
	bool created;

	if (priv->lgr)
		attempt_leave(priv);
	if (smc_ib_path_find(at->net, &at->local, at->ifindex, &path))
		return refuse(at, SMC_CLC_DECL_NO_SMCR_DEVICE, -ENODEV);
	if (!smc_ib_path_reaches(&path, prop->gid_v2, &at->remote)) {
		smc_ib_path_put(&path);
		return refuse(at, SMC_CLC_DECL_NO_SMCR_DEVICE, -EHOSTUNREACH);
	}
	args.key.remote = at->remote;
	memcpy(args.key.peer_id, prop->peer_id, SMC_PEER_ID_LEN);
	memcpy(args.key.peer_gid, prop->gid_v2, SMC_GID_LEN);
	memcpy(args.key.gid, path.attr->gid.raw, SMC_GID_LEN);
	priv->lgr = smc_lgr_join(&args, &created);
	if (!priv->lgr) {
		smc_ib_path_put(&path);
		return refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	}
	return server_enter(priv, created, &path);
}

static int smcr_offer(struct smc_attempt *at,
		      const struct smc_clc_proposal *prop,
		      struct smc_clc_accept *reply)
{
	struct smcr_attempt *priv = attempt_get(at);
	int ret;

	if (!priv)
		return refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	if (priv->phase == PHASE_START) {
		ret = check_offer(priv, prop);
		if (ret)
			return ret;
		do {
			ret = server_join(priv, prop);
		} while (ret == -EAGAIN);
		if (ret)
			return ret;
	}
	if (priv->phase == PHASE_JOINED) {
		ret = get_buffers(priv);
		if (ret)
			return ret;
	}
	fill_reply(priv, reply);
	return 0;
}

/* 2.12 step 13 */
static int check_confirm(struct smcr_attempt *priv,
			 const struct smc_clc_accept *msg)
{
	const struct smc_clc_fce *fce = &msg->fce;
	struct smc_attempt *at = priv->at;

	if (msg->version != SMC_CLC_V2 || msg->tech != SMC_CLC_TECH_R)
		return refuse(at, SMC_CLC_DECL_MODE, -EPROTO);
	if (msg->first_contact != at->first_contact)
		return refuse(at, SMC_CLC_DECL_SYNC, -EPROTO);
	if (memcmp(msg->eid, priv->lgr->eid, SMC_EID_LEN))
		return refuse(at, SMC_CLC_DECL_NO_UEID, -EPROTO);
	if (!msg->first_contact)
		return 0;
	if (fce->release != priv->release)
		return refuse(at, SMC_CLC_DECL_RELEASE, -EPROTO);
	if (priv->release && fce->max_conns != priv->max_conns)
		return refuse(at, SMC_CLC_DECL_MAX_CONNS, -EPROTO);
	if (priv->release && fce->max_links != priv->max_links)
		return refuse(at, SMC_CLC_DECL_MAX_LINKS, -EPROTO);
	/* nothing was sent yet */
	if (memcmp(fce->vendor_opts, vendor_fce, sizeof(vendor_fce)))
		priv->lgr->imm = false;
	return 0;
}

static int server_accept(struct smcr_attempt *priv,
			 const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;
	int ret;

	ret = check_confirm(priv, msg);
	if (ret)
		return ret;
	ret = take_peer_rmb(priv, msg);
	if (ret)
		return ret;
	if (at->first_contact) {
		ret = connect_link(priv, msg);
		if (ret)
			return ret;
		if (smc_llc_confirm_link(priv->lgr))
			return refuse(at, SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT,
				      -EIO);
		at->deadline = jiffies + CONFIRM_LINK_SERVER;
	}
	priv->phase = PHASE_PEER;
	return 0;
}

/* -------- both -------- */

static int smcr_accept(struct smc_attempt *at,
		       const struct smc_clc_accept *msg,
		       struct smc_clc_accept *reply)
{
	return at->server ? server_accept(at->priv, msg) :
			    client_accept(at->priv, msg, reply);
}

static int smcr_finish(struct smc_attempt *at)
{
	struct smcr_attempt *priv = at->priv;

	attempt_wait(priv);
	switch (READ_ONCE(priv->lgr->state)) {
	case SMC_LGR_ACTIVE:
		priv->phase = PHASE_DONE;
		attempt_unwait(priv);
		return 0;
	case SMC_LGR_SETUP:
		break;
	default:
		return refuse(at, at->first_contact ?
			      SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT :
			      SMC_CLC_DECL_NO_ACTIVE_LINK, -ENOLINK);
	}
	if (READ_ONCE(priv->lgr->llc.refused))
		return refuse(at, SMC_CLC_DECL_RMBE_EYECATCHER, -EPROTO);
	if (time_after_eq(jiffies, at->deadline))
		return refuse(at, SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT,
			      -ETIMEDOUT);
	return -EINPROGRESS;
}

/* The peer's Decline may say that it knows of no such link group. A failed
 * first contact leaves nothing behind. The client of another one may be done,
 * and writing, as soon as it has the Accept: if it has not declined, token and
 * RMBE are nobody else's until the group ends.
 */
static void attempt_fail(struct smcr_attempt *priv)
{
	struct smc_attempt *at = priv->at;

	if (at->first_contact)
		smc_lgr_terminate(priv->lgr, SMC_LLC_DEL_PROGRAM, true);
	else if (at->server && at->diag == SMC_CLC_DECL_SYNC)
		smc_lgr_terminate(priv->lgr, SMC_LLC_DEL_PROTOCOL, true);
	if (at->server && !at->first_contact && !at->peer_out &&
	    priv->phase >= PHASE_BUFFERS)
		smc_lgr_quarantine(at->conn);
	else if (priv->phase > PHASE_START)
		smcr_ops.detach(at->conn);
}

static void smcr_abort(struct smc_attempt *at)
{
	struct smcr_attempt *priv = at->priv;

	if (!priv)
		return;
	if (priv->lgr) {
		if (priv->phase != PHASE_DONE)
			attempt_fail(priv);
		attempt_leave(priv);
	}
	kfree(priv);
	at->priv = NULL;
}

/* -------- data -------- */

static void fill_write(const struct smc_conn *conn,
		       const struct smc_tx_msg *msg, struct smc_wr_write *write)
{
	u32 off = smc_ring_offset(msg->pos, conn->tx.size);
	u32 first = min(msg->len, conn->tx.size - off);
	u64 base = conn->sndbuf->dma;

	write->flags = 0;
	if (msg->len <= conn->link->wr.tx.max_inline) {
		write->flags = IB_SEND_INLINE;
		base = (uintptr_t)conn->tx.buf;
	}
	write->raddr = conn->peer_addr +
		       smc_ring_offset(msg->pos, conn->tx.peer_size);
	write->rkey = conn->peer_rkey;
	write->nr = 1;
	write->sge[0].addr = base + off;
	write->sge[0].length = first;
	write->sge[0].lkey = conn->sndbuf->lkey;
	if (likely(first == msg->len))
		return;
	write->nr = 2;
	write->sge[1].addr = base;
	write->sge[1].length = msg->len - first;
	write->sge[1].lkey = conn->sndbuf->lkey;
}

/* can the message be told by the immediate data of its write? */
static bool fits_imm(const struct smc_conn *conn, const struct smc_tx_msg *msg)
{
	const struct smc_cdc *cdc = &msg->cdc;

	return msg->len && conn->lgr->imm &&
	       !(cdc->urgent_pending | cdc->urgent_present |
		 cdc->cons_update_req | cdc->failover | cdc->done_writing |
		 cdc->closed | cdc->aborted);
}

static int smcr_post(struct smc_conn *conn, struct smc_tx_msg *msg)
{
	bool signal = msg->signal || msg->cdc.closed || msg->cdc.aborted;
	struct smc_wr *wr = &conn->link->wr;
	struct smc_wr_write write;
	u64 end = msg->pos + msg->len;
	u64 cons = msg->cons;
	bool imm;
	int ret;

	if (msg->len)
		fill_write(conn, msg, &write);
	imm = fits_imm(conn, msg);
	if (imm) {
		u32 data = smc_imm_pack(conn->peer_token,
					msg->cdc.writer_blocked, &cons);

		ret = smc_wr_post_imm(wr, conn, end, &write, data, signal);
		if (!ret)
			msg->cons = cons;
	} else {
		trace_smc_cdc_tx(conn, &msg->cdc);
		ret = smc_wr_post_cdc(wr, conn, end,
				      msg->len ? &write : NULL, &msg->cdc,
				      signal);
	}
	trace_smc_post(conn->token, msg->pos, msg->len, imm, ret);
	return ret;
}

static void smcr_detach(struct smc_conn *conn)
{
	struct smc_rmbe *rmbe;

	if (!smc_lgr_detach(conn))
		return;
	rmbe = conn->rmbe;
	if (rmbe)
		smc_rmbe_put(rmbe, conn->rx.prod);
	conn->rmbe = NULL;
}

static void smcr_release(struct smc_conn *conn)
{
	struct smc_link_group *lgr = conn->lgr;

	if (conn->sndbuf)
		smc_sndbuf_put(&lgr->pool, conn->sndbuf);
	conn->sndbuf = NULL;
	smc_lgr_put(lgr);
}

/* what there is to know is in the trace and the group listing */
static int smcr_fill_info(struct smc_conn *conn, struct sk_buff *skb)
{
	return 0;
}

static const struct smc_transport_ops smcr_ops = {
	.name = "smcr",
	.available = smc_ibdev_any_active,
	.probe = smcr_probe,
	.offer = smcr_offer,
	.accept = smcr_accept,
	.finish = smcr_finish,
	.abort = smcr_abort,
	.post = smcr_post,
	.detach = smcr_detach,
	.release = smcr_release,
	.fill_info = smcr_fill_info,
};

/**
 * smcr_init() - start SMC-R
 *
 * Sleeps.
 *
 * Return: 0 or a negative errno.
 */
int smcr_init(void)
{
	int ret;

	ret = smc_lgr_init();
	if (ret)
		return ret;
	ret = smc_ibdev_init(&smc_lgr_ibdev_ops);
	if (ret) {
		smc_lgr_fini();
		return ret;
	}
	smc_transport_register(&smcr_ops);
	return 0;
}

/**
 * smcr_fini() - end SMC-R
 *
 * There are no sockets any more. Sleeps until nothing of it is left.
 */
void smcr_fini(void)
{
	smc_transport_unregister(&smcr_ops);
	smc_lgr_fini();
	smc_ibdev_fini();
}

/**
 * smcr_net_exit() - a network namespace goes away
 * @net: namespace
 *
 * Sleeps until nothing of its link groups is left in a device.
 */
void smcr_net_exit(struct net *net)
{
	smc_lgr_net_exit(net);
}
