/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Link layer control: what is answered to a request. Pure: messages in,
 * messages out.
 */
#ifndef _SMC_LLC_FLOW_H
#define _SMC_LLC_FLOW_H

#include "llc_wire.h"

bool smc_llc_flow_refuse(const u8 *buf, size_t len, u8 version, bool server,
			 u8 *reply);
void smc_llc_flow_empty_offer(const u8 *mac, const u8 *gid, u8 num, u8 version,
			      u8 *buf);
bool smc_llc_flow_unwanted(const u8 *buf, size_t len, u8 version);
void smc_llc_flow_delete_rkey(const struct smc_llc_msg *req, u8 unknown,
			      struct smc_llc_msg *reply);
bool smc_llc_flow_delete_link(const struct smc_llc_msg *req, bool server,
			      u8 num, struct smc_llc_msg *reply, bool *end);

#endif /* _SMC_LLC_FLOW_H */
