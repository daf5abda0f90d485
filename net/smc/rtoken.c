// SPDX-License-Identifier: GPL-2.0
/*
 * The peer's RMBs that a link group knows: key and address of each, as the CLC
 * messages of first contact and Confirm RKey told them.
 *
 * A key of the peer's that is not here is never written to: it may be
 * somebody else's.
 *
 * wire-protocol.md 4.5.2, 4.5.3
 */
#include "lgr.h"

/**
 * smc_lgr_rtoken_add() - remember an RMB of the peer
 * @lgr: group
 * @rkey: its key on the group's link
 * @vaddr: its address
 *
 * Any context; idempotent.
 *
 * Return: 0, or -ENOSPC if there are too many.
 */
int smc_lgr_rtoken_add(struct smc_link_group *lgr, u32 rkey, u64 vaddr)
{
	struct smc_rtoken *rtoken, *free = NULL;
	int i;

	spin_lock_bh(&lgr->lock);
	for (i = 0; i < SMC_LGR_RTOKENS; i++) {
		rtoken = &lgr->rtokens[i][0];
		if (rtoken->used && rtoken->rkey == rkey) {
			free = rtoken;
			break;
		}
		if (!rtoken->used && !free)
			free = rtoken;
	}
	if (free)
		*free = (struct smc_rtoken) {
			.rkey = rkey, .vaddr = vaddr, .used = true,
		};
	spin_unlock_bh(&lgr->lock);
	return free ? 0 : -ENOSPC;
}

/**
 * smc_lgr_rtoken_known() - has the peer told us of this RMB?
 * @lgr: group
 * @rkey: its key on the group's link
 * @vaddr: its address
 *
 * Any context.
 *
 * Return: true if so.
 */
bool smc_lgr_rtoken_known(struct smc_link_group *lgr, u32 rkey, u64 vaddr)
{
	const struct smc_rtoken *rtoken;
	bool known = false;
	int i;

	spin_lock_bh(&lgr->lock);
	for (i = 0; i < SMC_LGR_RTOKENS && !known; i++) {
		rtoken = &lgr->rtokens[i][0];
		known = rtoken->used && rtoken->rkey == rkey &&
			rtoken->vaddr == vaddr;
	}
	spin_unlock_bh(&lgr->lock);
	return known;
}

/**
 * smc_lgr_rtoken_del() - forget an RMB of the peer
 * @lgr: group
 * @rkey: its key on the group's link
 *
 * Any context.
 *
 * Return: false if it was not known.
 */
bool smc_lgr_rtoken_del(struct smc_link_group *lgr, u32 rkey)
{
	struct smc_rtoken *rtoken;
	bool found = false;
	int i;

	spin_lock_bh(&lgr->lock);
	for (i = 0; i < SMC_LGR_RTOKENS && !found; i++) {
		rtoken = &lgr->rtokens[i][0];
		found = rtoken->used && rtoken->rkey == rkey;
		if (found)
			rtoken->used = false;
	}
	spin_unlock_bh(&lgr->lock);
	return found;
}
