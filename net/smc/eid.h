/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Enterprise IDs: hosts that share one may use SMC with each other.
 */
#ifndef _SMC_EID_H
#define _SMC_EID_H

#include "wire.h"

#define SMC_EID_MAX	4	/* in the table of this host */

/* blank padded, not terminated */
typedef u8 smc_eid_t[SMC_EID_LEN];

int smc_eid_add(const u8 *eid);
int smc_eid_del(const u8 *eid);
void smc_eid_flush(void);
u8 smc_eid_list(smc_eid_t *eids);
bool smc_eid_match(const smc_eid_t *eids, u8 nr, u8 *match);

#endif /* _SMC_EID_H */
