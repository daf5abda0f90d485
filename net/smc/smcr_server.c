// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R: the server's steps of a handshake.
 *
 * Takes the newest version that works out, and keeps to that once it has joined
 * a link group. The first connection with a peer makes the group, others wait
 * for that; see lgr.c.
 *
 * wire-protocol.md 2.12, 2.14
 */
#include "conn.h"
#include "eid.h"
#include "ibdev.h"
#include "lgr.h"
#include "llc.h"
#include "nego.h"
#include "prefix.h"
#include "smcr_attempt.h"
#include "trace.h"

#define CONFIRM_LINK_SERVER	(2 * HZ)

/* 2.12 steps 2 and 3: what is offered */
static int check_offer(struct smcr_attempt *priv,
		       const struct smc_clc_proposal *prop)
{
	struct smc_attempt *at = priv->at;
	struct smc_nego_own own;
	enum smc_clc_diag why;

	smcr_own_limits(at, &own);
	why = smc_nego_proposal(prop, &own, &priv->nego);
	if (why)
		return smcr_refuse(at, why, -EOPNOTSUPP);
	if (at->gatewayed)
		return smcr_refuse(at, SMC_CLC_DECL_NO_SMCR_DEVICE, -ENODEV);
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
	priv->imm = smcr_imm_offered(prop);
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
	return smcr_refuse(priv->at, priv->nego.reason, -EOPNOTSUPP);
}

/* release and limits are those of v2 */
static void server_args(struct smcr_attempt *priv,
			const struct smc_clc_proposal *prop,
			const struct smc_ib_path *path,
			struct smc_lgr_args *args)
{
	struct smc_attempt *at = priv->at;
	struct smc_nego_own own;

	smcr_own_limits(at, &own);
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
		return smcr_first_contact(priv, path);
	smc_ib_path_put(path);
	if (READ_ONCE(priv->lgr->state) == SMC_LGR_SETUP) {
		smcr_attempt_wait(priv);
		if (READ_ONCE(priv->lgr->state) == SMC_LGR_SETUP) {
			if (!READ_ONCE(priv->lgr->stale))
				return -EINPROGRESS;
			smcr_attempt_unwait(priv);
			return -EAGAIN;
		}
	}
	ret = smcr_attach(priv);
	smcr_attempt_unwait(priv);
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
		smcr_attempt_leave(priv);
	ret = server_path(priv, prop, &path);
	if (ret)
		return ret;
	server_args(priv, prop, &path, &args);
	priv->lgr = smc_lgr_join(&args, &created);
	if (!priv->lgr) {
		smc_ib_path_put(&path);
		return smcr_refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	}
	return server_enter(priv, created, &path);
}

/**
 * smcr_server_offer() - judge the Proposal; see &struct smc_transport_ops
 * @at: attempt
 * @prop: the Proposal
 * @reply: the Accept; zeroed
 *
 * Sleeps, but not for the peer.
 *
 * Return: 0, -EINPROGRESS, or another negative errno with the diagnosis set.
 */
int smcr_server_offer(struct smc_attempt *at,
		      const struct smc_clc_proposal *prop,
		      struct smc_clc_accept *reply)
{
	struct smcr_attempt *priv = smcr_attempt_get(at);
	int ret;

	if (!priv)
		return smcr_refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	if (priv->phase == SMCR_PHASE_START) {
		ret = check_offer(priv, prop);
		if (ret)
			return ret;
		do {
			ret = server_join(priv, prop);
		} while (ret == -EAGAIN);
		if (ret)
			return ret;
	}
	if (priv->phase == SMCR_PHASE_JOINED) {
		ret = smcr_get_buffers(priv);
		if (ret)
			return ret;
	}
	smcr_fill_reply(priv, reply);
	return 0;
}

/* 2.12 step 13 */
static int check_confirm(struct smcr_attempt *priv,
			 const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;
	enum smc_clc_diag why;

	if (msg->version != at->version || msg->tech != SMC_CLC_TECH_R)
		return smcr_refuse(at, SMC_CLC_DECL_MODE, -EPROTO);
	if (msg->first_contact != at->first_contact)
		return smcr_refuse(at, SMC_CLC_DECL_SYNC, -EPROTO);
	if (memcmp(msg->eid, priv->eid, SMC_EID_LEN))
		return smcr_refuse(at, SMC_CLC_DECL_NO_UEID, -EPROTO);
	if (!msg->first_contact || at->version == SMC_CLC_V1)
		return 0;
	why = smc_nego_confirm(&msg->fce, &priv->nego);
	if (why)
		return smcr_refuse(at, why, -EPROTO);
	smc_lgr_set_peer(priv->lgr, msg->fce.os, msg->fce.hostname);
	/* nothing was sent yet */
	if (!smcr_imm_agreed(&msg->fce))
		priv->lgr->imm = false;
	return 0;
}

/**
 * smcr_server_accept() - take the Confirm; see &struct smc_transport_ops
 * @priv: attempt in phase BUFFERS
 * @msg: the Confirm
 *
 * Sleeps, but not for the peer.
 *
 * Return: 0 or a negative errno, with the diagnosis set.
 */
int smcr_server_accept(struct smcr_attempt *priv,
		       const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;
	int ret;

	ret = check_confirm(priv, msg);
	if (ret)
		return ret;
	ret = smcr_take_peer_rmb(priv, msg);
	if (ret)
		return ret;
	if (at->first_contact) {
		ret = smcr_connect_link(priv, msg);
		if (ret)
			return ret;
		if (smc_llc_confirm_link(priv->lgr))
			return smcr_refuse(at,
					   SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT,
					   -EIO);
		at->deadline = jiffies + CONFIRM_LINK_SERVER;
	}
	priv->phase = SMCR_PHASE_PEER;
	return 0;
}
