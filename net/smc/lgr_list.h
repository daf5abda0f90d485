/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list of link groups, for those who find and make them.
 */
#ifndef _SMC_LGR_LIST_H
#define _SMC_LGR_LIST_H

#include <linux/list.h>
#include <linux/spinlock.h>

#include "lgr.h"

/* "group list": guards smc_lgr_list; bottom halves off. Outside lgr->lock. */
extern spinlock_t smc_lgr_list_lock;
/* all groups that were published and are not freed, in the order of ids */
extern struct list_head smc_lgr_list;

struct smc_link_group *smc_lgr_alloc(const struct smc_lgr_args *args);
void smc_lgr_free(struct smc_link_group *lgr);
void smc_lgr_publish(struct smc_link_group *lgr);
bool smc_lgr_is_worn(const struct smc_link_group *lgr);
bool smc_lgr_is_idle(const struct smc_link_group *lgr);
bool smc_lgr_end_if_idle(struct smc_link_group *lgr);

#endif /* _SMC_LGR_LIST_H */
