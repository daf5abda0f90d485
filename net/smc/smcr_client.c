// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R: the client's steps of a handshake.
 *
 * Offers SMC v2, as release 2.1 with one link, and v1, each if there is a GID
 * for it, and takes what the server makes of it: a first contact makes a link
 * group, any other must name one that is there.
 *
 * wire-protocol.md 2.13, 2.15
 */
#include "conn.h"
#include "eid.h"
#include "ibdev.h"
#include "lgr.h"
#include "llc.h"
#include "nego.h"
#include "prefix.h"
#include "smcr_attempt.h"

#define CONFIRM_LINK_CLIENT	(4 * HZ)

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
	smcr_imm_offer(prop);
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

/**
 * smcr_client_probe() - fill the Proposal; see &struct smc_transport_ops
 * @at: attempt
 * @prop: zeroed
 *
 * wire-protocol.md 2.4 and 2.13 step 2. Sleeps.
 *
 * Return: 0 or a negative errno, with the diagnosis set; -ENODEV: no device.
 */
int smcr_client_probe(struct smc_attempt *at, struct smc_clc_proposal *prop)
{
	struct smcr_attempt *priv = smcr_attempt_get(at);
	struct smc_nego_own own;
	bool has_prefix = true;

	if (!priv)
		return smcr_refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	if (at->gatewayed)
		return smcr_refuse(at, SMC_CLC_DECL_NO_DEVICE, -ENODEV);
	smcr_own_limits(at, &own);
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
	return smcr_refuse(at, has_prefix ? SMC_CLC_DECL_NO_DEVICE :
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
	smcr_own_limits(priv->at, &own);
	why = smc_nego_accept(&msg->fce, &own, &priv->nego);
	if (why)
		return smcr_refuse(priv->at, why, -EPROTO);
	priv->imm = smcr_imm_agreed(&msg->fce);
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
		return smcr_refuse(at, SMC_CLC_DECL_NO_SMCR_DEVICE, -ENODEV);
	if (memcmp(path.attr->gid.raw, priv->gid[msg->version - 1],
		   SMC_GID_LEN) ||
	    !smc_ib_path_reaches(&path, msg->gid, &at->remote)) {
		smc_ib_path_put(&path);
		return smcr_refuse(at, SMC_CLC_DECL_NO_ROUTE, -EHOSTUNREACH);
	}
	client_args(priv, msg, &args);
	priv->lgr = smc_lgr_create(&args);
	if (!priv->lgr) {
		smc_ib_path_put(&path);
		return smcr_refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOMEM);
	}
	smc_lgr_set_peer(priv->lgr, msg->fce.os, msg->fce.hostname);
	return smcr_first_contact(priv, &path);
}

static int client_subsequent(struct smcr_attempt *priv,
			     const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;
	struct smc_lgr_args args;

	client_args(priv, msg, &args);
	priv->lgr = smc_lgr_lookup(&args.key, msg->qpn);
	if (!priv->lgr)
		return smcr_refuse(at, SMC_CLC_DECL_SYNC, -ESTALE);
	if (smc_lgr_owes_answer(priv->lgr))
		return smcr_refuse(at, SMC_CLC_DECL_NO_ACTIVE_LINK,
				   -ENOLINK);
	switch (smcr_attach(priv)) {
	case 0:
		return 0;
	case -ENOSPC:
		return smcr_refuse(at, SMC_CLC_DECL_NO_MEMORY, -ENOSPC);
	default:
		return smcr_refuse(at, SMC_CLC_DECL_NO_ACTIVE_LINK, -ENOLINK);
	}
}

static int client_join(struct smcr_attempt *priv,
		       const struct smc_clc_accept *msg)
{
	struct smc_attempt *at = priv->at;

	if (!smc_nego_has(&priv->nego, msg->version) ||
	    msg->tech != SMC_CLC_TECH_R)
		return smcr_refuse(at, SMC_CLC_DECL_MODE, -EPROTO);
	at->version = msg->version;
	if (at->version == SMC_CLC_V2 &&
	    !smc_eid_match(&msg->eid, 1, priv->eid))
		return smcr_refuse(at, SMC_CLC_DECL_NO_UEID, -EPROTO);
	memcpy(priv->peer_gid, msg->gid, SMC_GID_LEN);
	return msg->first_contact ? client_first_contact(priv, msg) :
				    client_subsequent(priv, msg);
}

/**
 * smcr_client_accept() - take the Accept; see &struct smc_transport_ops
 * @priv: attempt
 * @msg: the Accept
 * @reply: the Confirm; zeroed
 *
 * Sleeps, but not for the peer.
 *
 * Return: 0, -EINPROGRESS, or another negative errno with the diagnosis set.
 */
int smcr_client_accept(struct smcr_attempt *priv,
		       const struct smc_clc_accept *msg,
		       struct smc_clc_accept *reply)
{
	struct smc_attempt *at = priv->at;
	int ret;

	if (priv->phase == SMCR_PHASE_START) {
		ret = client_join(priv, msg);
		if (ret)
			return ret;
	}
	if (priv->phase == SMCR_PHASE_JOINED) {
		ret = smcr_get_buffers(priv);
		if (ret)
			return ret;
	}
	ret = smcr_take_peer_rmb(priv, msg);
	if (ret)
		return ret;
	if (at->first_contact) {
		ret = smcr_connect_link(priv, msg);
		if (ret)
			return ret;
	}
	at->deadline = jiffies + CONFIRM_LINK_CLIENT;
	smcr_fill_reply(priv, reply);
	priv->phase = SMCR_PHASE_PEER;
	return 0;
}
