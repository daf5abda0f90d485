// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R: the transport over RDMA. Policy: which device, which link group.
 *
 * Operation: struct smc_attempt is driven through the steps of transport.h;
 * each step here is a check of what the peer said, then a move of the attempt
 * to its next phase. What is negotiated is in nego.c. A client offers SMC v2,
 * as release 2.1 with one link, and v1, each if it has a GID for it; a server
 * takes v2, else v1, and keeps to that once it has joined a link group.
 *
 * Two of our own ends agree at first contact of v2, in bytes that the protocol
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
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/utsname.h>

#include "clc_wire.h"
#include "conn.h"
#include "eid.h"
#include "ibdev.h"
#include "lgr.h"
#include "llc.h"
#include "nego.h"
#include "prefix.h"
#include "smcr.h"
#include "smcr_conn.h"
#include "stats.h"
#include "sysctl.h"
#include "trace.h"
#include "transport.h"

#define FEW_CONNS		4	/* of a group, may have large rings */
#define SOME_CONNS		16	/* larger than wanted at least */
#define FOREIGN_WINDOW		48	/* receive buffers of Linux */
#define CONFIRM_LINK_SERVER	(2 * HZ)
#define CONFIRM_LINK_CLIENT	(4 * HZ)

static unsigned int versions = SMC_NEGO_V1 | SMC_NEGO_V2;
module_param(versions, uint, 0644);
MODULE_PARM_DESC(versions, "SMC versions to speak: 1 for v1, 2 for v2, 3 for both");

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
 * @nego: what is offered and agreed on
 * @imm: the peer does writes with immediate data
 * @eid: enterprise ID negotiated, zero in v1
 * @gid: own GID offered, by version - 1, client only
 * @peer_gid: the peer's GID
 */
struct smcr_attempt {
	struct smc_attempt *at;
	struct smc_lgr_waiter waiter;
	struct smc_link_group *lgr;
	enum phase phase;
	bool waiting;
	struct smc_nego nego;
	bool imm;
	u8 eid[SMC_EID_LEN];
	u8 gid[SMC_CLC_V2][SMC_GID_LEN];
	u8 peer_gid[SMC_GID_LEN];
};

static int refuse(struct smc_attempt *at, enum smc_clc_diag diag, int err)
{
	trace_smc_refuse(at->server, diag, err);
	at->diag = diag;
	return err;
}

/* what this end can do, and wants to */
static void own_limits(const struct smc_attempt *at, struct smc_nego_own *own)
{
	*own = (struct smc_nego_own) {
		.versions = READ_ONCE(versions),
		.max_conns = READ_ONCE(smc_sysctl(at->net)->max_conns),
		.max_links = SMC_LGR_LINKS,
	};
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

	/* peers of the RFC know no larger ones */
	if (priv->at->version == SMC_CLC_V1)
		size = min(size, smc_rmbe_size(SMC_RMBE_CODE_MAX_V1));
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
	    (!conn->rmbe && get_rmbe(priv))) {
		smc_lgr_reclaim();
		return refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	}
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

/**
 * smcr_hostname() - what this host calls itself
 * @host: where to put SMC_HOSTNAME_LEN bytes, blank padded
 */
void smcr_hostname(u8 *host)
{
	size_t len = strnlen(init_utsname()->nodename, SMC_HOSTNAME_LEN);

	memset(host, ' ', SMC_HOSTNAME_LEN);
	memcpy(host, init_utsname()->nodename, len);
}

static void fill_fce(const struct smcr_attempt *priv, struct smc_clc_fce *fce)
{
	const struct smc_nego *nego = &priv->nego;

	fce->direct = true;
	fce->os = SMC_CLC_OS_LINUX;
	fce->release = nego->release;
	smcr_hostname(fce->hostname);
	if (nego->release) {
		fce->max_conns = nego->max_conns;
		fce->max_links = nego->max_links;
		fce->feature_mask = nego->features;
	}
	if (priv->lgr->imm)
		memcpy(fce->vendor_opts, vendor_fce, sizeof(vendor_fce));
}

/* Accept or Confirm */
static void fill_reply(struct smcr_attempt *priv, struct smc_clc_accept *msg)
{
	const struct smc_link *link = priv->lgr->link[0];
	const struct smc_attempt *at = priv->at;
	const struct smc_rmbe *rmbe = at->conn->rmbe;

	msg->type = at->server ? SMC_CLC_ACCEPT : SMC_CLC_CONFIRM;
	msg->version = at->version;
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
	if (!at->first_contact || at->version == SMC_CLC_V1)
		return;
	fill_fce(priv, &msg->fce);
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

/* a GID for a version, if there is one; remembered and put into @gid */
static bool offer_gid(struct smcr_attempt *priv, u8 version, u8 *gid, u8 *mac)
{
	struct smc_attempt *at = priv->at;
	struct smc_ib_path path;

	if (smc_ib_path_find(at->net, &at->local, at->ifindex, version, &path))
		return false;
	memcpy(gid, path.attr->gid.raw, SMC_GID_LEN);
	memcpy(priv->gid[version - 1], gid, SMC_GID_LEN);
	memcpy(mac, path.mac, SMC_MAC_LEN);
	smc_ib_path_put(&path);
	priv->nego.versions |= 1 << (version - 1);
	return true;
}

static void offer_v2(struct smcr_attempt *priv, const struct smc_nego_own *own,
		     struct smc_clc_proposal *prop)
{
	if (!offer_gid(priv, SMC_CLC_V2, prop->gid_v2, prop->mac))
		return;
	prop->v2_type = SMC_CLC_OFFER_R;
	memcpy(prop->vendor_oui, vendor_oui, sizeof(vendor_oui));
	prop->vendor_opts[0] = VENDOR_IMM;
	prop->has_v2_ext = true;
	prop->release = SMC_RELEASE_2_1;
	prop->nr_eids = smc_eid_list(prop->eids);
	prop->max_conns = own->max_conns;
	prop->max_links = own->max_links;
	prop->feature_mask = own->features;
}

/* Return: false if that fails for lack of an IP prefix */
static bool offer_v1(struct smcr_attempt *priv, struct smc_clc_proposal *prop)
{
	struct smc_attempt *at = priv->at;
	u8 gid[SMC_GID_LEN], mac[SMC_MAC_LEN];

	if (!offer_gid(priv, SMC_CLC_V1, gid, mac))
		return true;
	if (smc_prefix_fill(at->net, at->ifindex, &at->local, prop)) {
		smc_nego_rule_out(&priv->nego, SMC_CLC_V1, SMC_CLC_DECL_CONFIG);
		return false;
	}
	prop->v1_type = SMC_CLC_OFFER_R;
	memcpy(prop->gid_v1, gid, sizeof(gid));
	/* there is one MAC for both versions; only v1 depends on it */
	memcpy(prop->mac, mac, sizeof(mac));
	return true;
}

/* 2.4 and 2.13 step 2 */
static int smcr_probe(struct smc_attempt *at, struct smc_clc_proposal *prop)
{
	struct smcr_attempt *priv = attempt_get(at);
	struct smc_nego_own own;
	bool has_prefix = true;

	if (!priv)
		return refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	if (at->gatewayed)
		return refuse(at, SMC_CLC_DECL_NO_DEVICE, -ENODEV);
	own_limits(at, &own);
	prop->version = SMC_CLC_V2;
	prop->v1_type = SMC_CLC_OFFER_N;
	prop->v2_type = SMC_CLC_OFFER_N;
	prop->has_subarea = true;
	memcpy(prop->peer_id, at->peer_id, SMC_PEER_ID_LEN);
	if (own.versions & SMC_NEGO_V2)
		offer_v2(priv, &own, prop);
	if (own.versions & SMC_NEGO_V1)
		has_prefix = offer_v1(priv, prop);
	if (priv->nego.versions)
		return 0;
	return refuse(at, has_prefix ? SMC_CLC_DECL_NO_DEVICE :
		      SMC_CLC_DECL_CONFIG, -ENODEV);
}

/* first contact: what the server has made of the offer */
static int check_accept(struct smcr_attempt *priv,
			const struct smc_clc_accept *msg)
{
	struct smc_nego_own own;
	enum smc_clc_diag why;

	priv->nego.max_conns = SMC_NEGO_MAX_CONNS;
	if (msg->version == SMC_CLC_V1)
		return 0;
	own_limits(priv->at, &own);
	why = smc_nego_accept(&msg->fce, &own, &priv->nego);
	if (why)
		return refuse(priv->at, why, -EPROTO);
	priv->imm = !memcmp(msg->fce.vendor_opts, vendor_fce,
			    sizeof(vendor_fce));
	return 0;
}

static void client_args(struct smcr_attempt *priv,
			const struct smc_clc_accept *msg,
			struct smc_lgr_args *args)
{
	*args = (struct smc_lgr_args) {
		.key.net = priv->at->net,
		.key.version = msg->version,
		.release = priv->nego.release,
		.max_conns = priv->nego.max_conns,
		.imm = priv->imm,
		.eid = msg->eid,
		.ops = &smc_llc_lgr_ops,
	};
	memcpy(args->key.peer_id, msg->peer_id, SMC_PEER_ID_LEN);
	memcpy(args->key.peer_gid, msg->gid, SMC_GID_LEN);
	memcpy(args->key.gid, priv->gid[msg->version - 1], SMC_GID_LEN);
	if (msg->version == SMC_CLC_V1)
		memcpy(args->key.peer_mac, msg->mac, SMC_MAC_LEN);
}

static int client_first_contact(struct smcr_attempt *priv,
				const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;
	struct smc_lgr_args args;
	struct smc_ib_path path;
	int ret;

	ret = check_accept(priv, msg);
	if (ret)
		return ret;
	if (smc_ib_path_find(at->net, &at->local, at->ifindex, msg->version,
			     &path))
		return refuse(at, SMC_CLC_DECL_NO_SMCR_DEVICE, -ENODEV);
	if (memcmp(path.attr->gid.raw, priv->gid[msg->version - 1],
		   SMC_GID_LEN) ||
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
	smc_lgr_set_peer(priv->lgr, msg->fce.os, msg->fce.hostname);
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

	if (!smc_nego_has(&priv->nego, msg->version) ||
	    msg->tech != SMC_CLC_TECH_R)
		return refuse(at, SMC_CLC_DECL_MODE, -EPROTO);
	at->version = msg->version;
	if (at->version == SMC_CLC_V2 && !smc_eid_match(&msg->eid, 1, eid))
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

/* 2.12 steps 2 and 3: what is offered */
static int check_offer(struct smcr_attempt *priv,
		       const struct smc_clc_proposal *prop)
{
	struct smc_attempt *at = priv->at;
	struct smc_nego_own own;
	enum smc_clc_diag why;

	own_limits(at, &own);
	why = smc_nego_proposal(prop, &own, &priv->nego);
	if (why)
		return refuse(at, why, -EOPNOTSUPP);
	if (at->gatewayed)
		return refuse(at, SMC_CLC_DECL_NO_SMCR_DEVICE, -ENODEV);
	return 0;
}

/* 2.12 step 10; @path is set on success */
static enum smc_clc_diag server_path_v2(struct smcr_attempt *priv,
					const struct smc_clc_proposal *prop,
					struct smc_ib_path *path)
{
	struct smc_attempt *at = priv->at;

	if (!smc_eid_match(prop->eids, prop->nr_eids, priv->eid))
		return SMC_CLC_DECL_NO_UEID;
	if (smc_ib_path_find(at->net, &at->local, at->ifindex, SMC_CLC_V2,
			     path))
		return SMC_CLC_DECL_NO_SMCR_DEVICE;
	if (!smc_ib_path_reaches(path, prop->gid_v2, &at->remote)) {
		smc_ib_path_put(path);
		return SMC_CLC_DECL_NO_SMCR_DEVICE;
	}
	priv->imm = !memcmp(prop->vendor_oui, vendor_oui,
			    sizeof(vendor_oui)) &&
		    prop->vendor_opts[0] & VENDOR_IMM;
	memcpy(priv->peer_gid, prop->gid_v2, SMC_GID_LEN);
	return SMC_CLC_DECL_NONE;
}

/* 2.12 steps 6 and 11, likewise */
static enum smc_clc_diag server_path_v1(struct smcr_attempt *priv,
					const struct smc_clc_proposal *prop,
					struct smc_ib_path *path)
{
	struct smc_attempt *at = priv->at;

	if (!smc_prefix_matches(at->net, at->ifindex, &at->local, prop))
		return SMC_CLC_DECL_PREFIX;
	if (smc_ib_path_find(at->net, &at->local, at->ifindex, SMC_CLC_V1,
			     path))
		return SMC_CLC_DECL_NO_SMCR_DEVICE;
	if (!smc_ib_path_reaches(path, prop->gid_v1, &at->remote)) {
		smc_ib_path_put(path);
		return SMC_CLC_DECL_NO_SMCR_DEVICE;
	}
	priv->imm = false;
	memset(priv->eid, 0, sizeof(priv->eid));
	memcpy(priv->peer_gid, prop->gid_v1, SMC_GID_LEN);
	return SMC_CLC_DECL_NONE;
}

/* the newest version that works out; @path is set on success */
static int server_path(struct smcr_attempt *priv,
		       const struct smc_clc_proposal *prop,
		       struct smc_ib_path *path)
{
	enum smc_clc_diag why;
	u8 version;

	for (version = SMC_CLC_V2; version >= SMC_CLC_V1; version--) {
		if (!smc_nego_has(&priv->nego, version))
			continue;
		why = version == SMC_CLC_V2 ?
		      server_path_v2(priv, prop, path) :
		      server_path_v1(priv, prop, path);
		if (!why) {
			priv->at->version = version;
			return 0;
		}
		trace_smc_refuse(true, why, -EAGAIN);
		smc_nego_rule_out(&priv->nego, version, why);
	}
	return refuse(priv->at, priv->nego.reason, -EOPNOTSUPP);
}

/* release and limits are those of v2 */
static void server_args(struct smcr_attempt *priv,
			const struct smc_clc_proposal *prop,
			const struct smc_ib_path *path,
			struct smc_lgr_args *args)
{
	struct smc_attempt *at = priv->at;
	struct smc_nego_own own;

	own_limits(at, &own);
	if (at->version == SMC_CLC_V1) {
		priv->nego.release = 0;
		priv->nego.max_conns = own.max_conns;
	}
	*args = (struct smc_lgr_args) {
		.key.net = at->net,
		.key.server = true,
		.key.version = at->version,
		.key.remote = at->remote,
		.release = priv->nego.release,
		.max_conns = priv->nego.max_conns,
		.imm = priv->imm,
		.eid = priv->eid,
		.ops = &smc_llc_lgr_ops,
	};
	memcpy(args->key.peer_id, prop->peer_id, SMC_PEER_ID_LEN);
	memcpy(args->key.peer_gid, priv->peer_gid, SMC_GID_LEN);
	memcpy(args->key.gid, path->attr->gid.raw, SMC_GID_LEN);
	if (at->version == SMC_CLC_V1)
		memcpy(args->key.peer_mac, prop->mac, SMC_MAC_LEN);
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

/* 2.12 steps 6 to 11 and 2.14: phase START to JOINED */
static int server_join(struct smcr_attempt *priv,
		       const struct smc_clc_proposal *prop)
{
	struct smc_attempt *at = priv->at;
	struct smc_lgr_args args;
	struct smc_ib_path path;
	bool created;
	int ret;

	if (priv->lgr)
		attempt_leave(priv);
	ret = server_path(priv, prop, &path);
	if (ret)
		return ret;
	server_args(priv, prop, &path, &args);
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
	struct smc_attempt *at = priv->at;
	enum smc_clc_diag why;

	if (msg->version != at->version || msg->tech != SMC_CLC_TECH_R)
		return refuse(at, SMC_CLC_DECL_MODE, -EPROTO);
	if (msg->first_contact != at->first_contact)
		return refuse(at, SMC_CLC_DECL_SYNC, -EPROTO);
	if (memcmp(msg->eid, priv->lgr->eid, SMC_EID_LEN))
		return refuse(at, SMC_CLC_DECL_NO_UEID, -EPROTO);
	if (!msg->first_contact || at->version == SMC_CLC_V1)
		return 0;
	why = smc_nego_confirm(&msg->fce, &priv->nego);
	if (why)
		return refuse(at, why, -EPROTO);
	smc_lgr_set_peer(priv->lgr, msg->fce.os, msg->fce.hostname);
	/* nothing was sent yet */
	if (memcmp(msg->fce.vendor_opts, vendor_fce, sizeof(vendor_fce)))
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
	else if (at->out_of_sync || at->diag == SMC_CLC_DECL_SYNC)
		smc_lgr_terminate(priv->lgr, SMC_LLC_DEL_PROTOCOL, true);
	if (at->server && !at->first_contact && !at->peer_out &&
	    priv->phase >= PHASE_BUFFERS && smc_lgr_quarantine(at->conn))
		return;
	if (priv->phase > PHASE_START)
		smcr_detach(at->conn);
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
	.park = smcr_park,
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
