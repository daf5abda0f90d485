/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Link layer control: the messages that set up and run a link group.
 */
#ifndef _SMC_LLC_H
#define _SMC_LLC_H

struct smc_link_group;
struct smc_rmb;
struct smc_lgr_ops;

extern const struct smc_lgr_ops smc_llc_lgr_ops;

int smc_llc_confirm_link(struct smc_link_group *lgr);
void smc_llc_announce(struct smc_link_group *lgr, struct smc_rmb *rmb);

#endif /* _SMC_LLC_H */
