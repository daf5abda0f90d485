// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R: the transport over RDMA. Policy: which device, which link group.
 *
 * Operation: struct smc_attempt is driven through the steps of transport.h;
 * each step is a check of what the peer said, then a move of the attempt to its
 * next phase (smcr_attempt.h). What is negotiated is in nego.c; smcr_client.c
 * and smcr_server.c have the steps of either role, smcr_conn.c what an
 * established connection does.
 *
 * Errors: each refusal has a CLC diagnosis and is traced. A first contact
 * that fails takes its link group with it.
 *
 * wire-protocol.md 2.12 to 2.15
 */
#include <linux/slab.h>

#include "conn.h"
#include "ibdev.h"
#include "lgr.h"
#include "smcr.h"
#include "smcr_attempt.h"
#include "smcr_conn.h"
#include "transport.h"

static int smcr_accept(struct smc_attempt *at,
		       const struct smc_clc_accept *msg,
		       struct smc_clc_accept *reply)
{
	return at->server ? smcr_server_accept(at->priv, msg) :
			    smcr_client_accept(at->priv, msg, reply);
}

static int smcr_finish(struct smc_attempt *at)
{
	struct smcr_attempt *priv = at->priv;

	smcr_attempt_wait(priv);
	/* before the reason: pairs with set_state() of lgr.c */
	switch (smp_load_acquire(&priv->lgr->state)) {
	case SMC_LGR_ACTIVE:
		priv->phase = SMCR_PHASE_DONE;
		smcr_attempt_unwait(priv);
		return 0;
	case SMC_LGR_SETUP:
		break;
	default:
		/* without a reason it was the queue pair that failed */
		return smcr_refuse(at, at->first_contact &&
				   !READ_ONCE(priv->lgr->reason) ?
				   SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT :
				   SMC_CLC_DECL_NO_ACTIVE_LINK, -ENOLINK);
	}
	if (READ_ONCE(priv->lgr->llc.refused))
		return smcr_refuse(at, SMC_CLC_DECL_RMBE_EYECATCHER, -EPROTO);
	if (time_after_eq(jiffies, at->deadline))
		return smcr_refuse(at, SMC_CLC_DECL_CONFIRM_LINK_TIMEOUT,
			      -ETIMEDOUT);
	return -EINPROGRESS;
}

/* The peer's Decline may say that it knows of no such link group. A failed
 * first contact leaves nothing behind, unless the group is up, and others have
 * joined: then it is like any other. The peer of another one may be done, and
 * writing: a client as soon as it has the Accept, a server when it has the
 * Confirm. If it has not declined, token and RMBE are nobody else's until the
 * group ends.
 */
static void attempt_fail(struct smcr_attempt *priv)
{
	struct smc_attempt *at = priv->at;
	bool ends = at->first_contact && smc_lgr_abandon(priv->lgr);

	if (!ends && (at->out_of_sync || at->diag == SMC_CLC_DECL_SYNC))
		smc_lgr_terminate(priv->lgr, SMC_LLC_DEL_PROTOCOL, true);
	if (!ends && !at->peer_out &&
	    priv->phase >= (at->server ? SMCR_PHASE_BUFFERS :
					 SMCR_PHASE_PEER) &&
	    smc_lgr_quarantine(at->conn))
		return;
	if (priv->phase > SMCR_PHASE_START)
		smcr_detach(at->conn);
}

static void smcr_abort(struct smc_attempt *at)
{
	struct smcr_attempt *priv = at->priv;

	if (!priv)
		return;
	if (priv->lgr) {
		if (priv->phase != SMCR_PHASE_DONE)
			attempt_fail(priv);
		smcr_attempt_leave(priv);
	}
	kfree(priv);
	at->priv = NULL;
}

static const struct smc_transport_ops smcr_ops = {
	.name = "smcr",
	.available = smc_ibdev_any_active,
	.probe = smcr_client_probe,
	.offer = smcr_server_offer,
	.accept = smcr_accept,
	.finish = smcr_finish,
	.abort = smcr_abort,
	.post = smcr_post,
	.detach = smcr_detach,
	.park = smcr_park,
	.release = smcr_release,
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
