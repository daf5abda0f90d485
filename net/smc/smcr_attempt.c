// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R: what client and server do alike in a handshake.
 *
 * An attempt waits for its link group in one way only: it hears of each change
 * (attempt_wake()), and its owner calls the current step again.
 *
 * Two of our own ends agree at first contact of v2, in bytes that the protocol
 * leaves to vendors, to send data as writes with immediate data (cdc_wire.h).
 *
 * Errors: each refusal has a CLC diagnosis and is traced.
 *
 * wire-protocol.md 2.5
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/utsname.h>

#include "conn.h"
#include "ibdev.h"
#include "lgr.h"
#include "llc.h"
#include "smcr.h"
#include "smcr_attempt.h"
#include "stats.h"
#include "sysctl.h"
#include "trace.h"

#define FEW_CONNS		4	/* of a group, may have large rings */
#define SOME_CONNS		16	/* larger than wanted at least */
#define FOREIGN_WINDOW		47	/* Linux has 48 receive buffers */

static unsigned int versions = SMC_NEGO_V1 | SMC_NEGO_V2;
module_param(versions, uint, 0644);
MODULE_PARM_DESC(versions, "SMC versions to speak: 1 for v1, 2 for v2, 3 for both");

static const u8 vendor_oui[SMC_CLC_OUI_LEN] = { 0xfa, 'S', 'M' };
static const u8 vendor_fce[SMC_CLC_FCE_VENDOR_LEN] = { 'S', 'M', 1, BIT(1) };

#define VENDOR_IMM	BIT(1)	/* numbered writes with immediate data */

/**
 * smcr_refuse() - note why an attempt goes no further
 * @at: attempt
 * @diag: CLC diagnosis
 * @err: negative errno
 *
 * Return: @err.
 */
int smcr_refuse(struct smc_attempt *at, enum smc_clc_diag diag, int err)
{
	trace_smc_refuse(at->server, diag, err);
	at->diag = diag;
	return err;
}

/**
 * smcr_own_limits() - what this end can do, and wants to
 * @at: attempt
 * @own: where to put it
 */
void smcr_own_limits(const struct smc_attempt *at, struct smc_nego_own *own)
{
	*own = (struct smc_nego_own) {
		.versions = READ_ONCE(versions),
		.max_conns = READ_ONCE(smc_sysctl(at->net)->max_conns),
		.max_links = SMC_LGR_LINKS,
	};
}

/* -------- writes with immediate data -------- */

/**
 * smcr_imm_offer() - say in a Proposal that we do them
 * @prop: Proposal
 */
void smcr_imm_offer(struct smc_clc_proposal *prop)
{
	memcpy(prop->vendor_oui, vendor_oui, sizeof(vendor_oui));
	prop->vendor_opts[0] = VENDOR_IMM;
}

/**
 * smcr_imm_offered() - does a client do them?
 * @prop: its Proposal
 *
 * Return: true if so.
 */
bool smcr_imm_offered(const struct smc_clc_proposal *prop)
{
	return !memcmp(prop->vendor_oui, vendor_oui, sizeof(vendor_oui)) &&
	       prop->vendor_opts[0] & VENDOR_IMM;
}

/**
 * smcr_imm_agreed() - does a peer agree to them?
 * @fce: first contact extension of its Accept or Confirm
 *
 * Return: true if so.
 */
bool smcr_imm_agreed(const struct smc_clc_fce *fce)
{
	return !memcmp(fce->vendor_opts, vendor_fce, sizeof(vendor_fce));
}

/* -------- waiting -------- */

static void attempt_wake(struct smc_lgr_waiter *waiter)
{
	struct smcr_attempt *priv;

	priv = container_of(waiter, struct smcr_attempt, waiter);
	priv->at->wake(priv->at);
}

/**
 * smcr_attempt_wait() - hear of changes of the link group
 * @priv: attempt with a link group; may wait already
 *
 * Look at the group after this, not before. Any context.
 */
void smcr_attempt_wait(struct smcr_attempt *priv)
{
	if (!priv->waiting)
		smc_lgr_wait(priv->lgr, &priv->waiter);
	priv->waiting = true;
}

/**
 * smcr_attempt_unwait() - hear no more
 * @priv: attempt; may be waiting
 *
 * Any context.
 */
void smcr_attempt_unwait(struct smcr_attempt *priv)
{
	if (priv->waiting)
		smc_lgr_unwait(priv->lgr, &priv->waiter);
	priv->waiting = false;
}

/**
 * smcr_attempt_get() - the transport's own part of an attempt
 * @at: the attempt
 *
 * Made at the first call, freed by abort(). Sleeps.
 *
 * Return: it, or NULL if there is no memory.
 */
struct smcr_attempt *smcr_attempt_get(struct smc_attempt *at)
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

/**
 * smcr_attempt_leave() - let go of the link group
 * @priv: attempt with a link group
 *
 * Any context.
 */
void smcr_attempt_leave(struct smcr_attempt *priv)
{
	smcr_attempt_unwait(priv);
	smc_lgr_put(priv->lgr);
	priv->lgr = NULL;
}

/* -------- link group and buffers -------- */

/**
 * smcr_attach() - put the connection into the link group
 * @priv: attempt in phase START with a link group
 *
 * Phase START to JOINED. Any context.
 *
 * Return: 0, -ENOSPC if the group is full, -ENOLINK if it ends.
 */
int smcr_attach(struct smcr_attempt *priv)
{
	struct smc_conn *conn = priv->at->conn;
	int ret;

	ret = smc_lgr_attach(priv->lgr, conn);
	if (ret)
		return ret;
	conn->transport = priv->at->transport;
	priv->phase = SMCR_PHASE_JOINED;
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
	if (IS_ERR(conn->sndbuf)) {
		int ret = PTR_ERR(conn->sndbuf);

		conn->sndbuf = NULL;
		return ret;
	}
	/* the link may be lost meanwhile */
	smc_conn_lock(conn);
	conn->tx.buf = conn->sndbuf->addr;
	conn->tx.size = smc_rmbe_size(conn->sndbuf->code);
	smc_conn_unlock(conn);
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
	if (IS_ERR(conn->rmbe)) {
		int ret = PTR_ERR(conn->rmbe);

		conn->rmbe = NULL;
		return ret;
	}
	/* a peer can guess the token, and send before it knows the ring */
	smc_conn_lock(conn);
	conn->rx.buf = conn->rmbe->addr;
	conn->rx.size = smc_rmbe_size(conn->rmbe->rmb->code);
	smc_conn_unlock(conn);
	smc_llc_announce(priv->lgr, conn->rmbe->rmb);
	return 0;
}

static int no_buffers(struct smcr_attempt *priv, int err)
{
	if (err == -ENOLINK || READ_ONCE(priv->lgr->state) > SMC_LGR_ACTIVE)
		return smcr_refuse(priv->at, SMC_CLC_DECL_NO_ACTIVE_LINK,
				   -ENOLINK);
	if (err != -ENOMEM)
		return smcr_refuse(priv->at, SMC_CLC_DECL_RMB_REG, err);
	smc_lgr_reclaim();
	return smcr_refuse(priv->at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
}

/**
 * smcr_get_buffers() - give the connection its rings
 * @priv: attempt in phase JOINED
 *
 * Phase JOINED to BUFFERS, once the peer knows the RMB. Sleeps, but not for the
 * peer.
 *
 * Return: 0; -EINPROGRESS while the peer is being told of the RMB; else a
 *	negative errno, with the diagnosis set.
 */
int smcr_get_buffers(struct smcr_attempt *priv)
{
	struct smc_attempt *at = priv->at;
	struct smc_conn *conn = at->conn;
	int ret = 0;

	if (!conn->sndbuf)
		ret = get_sndbuf(priv);
	if (!ret && !conn->rmbe)
		ret = get_rmbe(priv);
	if (ret)
		return no_buffers(priv, ret);
	if (READ_ONCE(conn->rmbe->rmb->state) == SMC_RMB_NEW)
		smcr_attempt_wait(priv);
	switch (READ_ONCE(conn->rmbe->rmb->state)) {
	case SMC_RMB_READY:
		priv->phase = SMCR_PHASE_BUFFERS;
		smcr_attempt_unwait(priv);
		return 0;
	case SMC_RMB_NEW:
		return -EINPROGRESS;
	default:
		return smcr_refuse(at, SMC_CLC_DECL_RMB_REG, -EIO);
	}
}

/**
 * smcr_first_contact() - give a new link group its link and the connection
 * @priv: attempt in phase START that made the group
 * @path: own end; used up
 *
 * Phase START to JOINED. Sleeps.
 *
 * Return: 0 or a negative errno, with the diagnosis set.
 */
int smcr_first_contact(struct smcr_attempt *priv, struct smc_ib_path *path)
{
	struct smc_attempt *at = priv->at;
	int ret;

	at->first_contact = true;
	smc_stat_inc(at->net, at->server ? SMC_STAT_SERVER_FIRST_CONTACT :
		     SMC_STAT_CLIENT_FIRST_CONTACT);
	ret = smc_lgr_setup(priv->lgr, path);
	if (!ret)
		ret = smcr_attach(priv);
	else if (path->dev)
		smc_ib_path_put(path);
	if (ret == -ENOMEM)
		return smcr_refuse(at, SMC_CLC_DECL_NO_MEMORY, -EIO);
	if (ret == -ENOLINK)
		return smcr_refuse(at, SMC_CLC_DECL_NO_ACTIVE_LINK, -EIO);
	if (ret)
		return smcr_refuse(at, SMC_CLC_DECL_INTERNAL, -EIO);
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

/**
 * smcr_fill_reply() - fill the Accept or Confirm
 * @priv: attempt in phase BUFFERS
 * @msg: where to; zeroed
 *
 * wire-protocol.md 2.5
 */
void smcr_fill_reply(struct smcr_attempt *priv, struct smc_clc_accept *msg)
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
	memcpy(msg->eid, priv->eid, SMC_EID_LEN);
	if (!at->first_contact || at->version == SMC_CLC_V1)
		return;
	fill_fce(priv, &msg->fce);
	if (!at->server) {
		msg->nr_gids = 1;
		memcpy(msg->gids[0], link->gid, SMC_GID_LEN);
	}
}

/**
 * smcr_take_peer_rmb() - learn from Accept or Confirm where to write
 * @priv: attempt in phase BUFFERS
 * @msg: what the peer said
 *
 * Any context.
 *
 * Return: 0 or -ENOSPC, with the diagnosis set, for an RMB that this peer does
 *	not have, or one too many.
 */
int smcr_take_peer_rmb(struct smcr_attempt *priv,
		       const struct smc_clc_accept *msg)
{
	u32 size = smc_rmbe_size(msg->rmbe_size_c);
	struct smc_conn *conn = priv->at->conn;

	/* later ones have come over the link: it is the peer who knows them */
	if (priv->at->first_contact ?
	    smc_lgr_rtoken_add(priv->lgr, msg->rkey, msg->vaddr) :
	    !smc_lgr_rtoken_known(priv->lgr, msg->rkey, msg->vaddr))
		return smcr_refuse(priv->at, SMC_CLC_DECL_RTOKEN, -ENOSPC);
	/* a fast client's messages may be under way already */
	smc_conn_lock(conn);
	conn->peer_token = msg->token;
	conn->peer_rkey = msg->rkey;
	conn->peer_addr = msg->vaddr + (u64)(msg->rmbe_idx - 1) * size;
	conn->tx.peer_size = size;
	smc_conn_unlock(conn);
	return 0;
}

/**
 * smcr_connect_link() - bring the link of a first contact up
 * @priv: attempt in phase BUFFERS
 * @msg: what the peer said
 *
 * Sleeps, but not for the peer.
 *
 * Return: 0 or -EIO, with the diagnosis set.
 */
int smcr_connect_link(struct smcr_attempt *priv,
		      const struct smc_clc_accept *msg)
{
	struct smc_link_peer peer = {
		.qpn = msg->qpn,
		.psn = msg->psn,
		.mtu = msg->mtu,
	};

	if (!priv->lgr->imm) {
		smc_wr_limit(&priv->lgr->link[0]->wr, FOREIGN_WINDOW);
		priv->lgr->pool.rotate = true;
	}
	memcpy(peer.gid, priv->peer_gid, SMC_GID_LEN);
	memcpy(peer.mac, msg->mac, SMC_MAC_LEN);
	if (smc_link_connect(priv->lgr->link[0], &peer))
		return smcr_refuse(priv->at, SMC_CLC_DECL_QP_READY, -EIO);
	if (smc_buf_pool_register(&priv->lgr->pool))
		return smcr_refuse(priv->at, SMC_CLC_DECL_RMB_REG, -EIO);
	return 0;
}
