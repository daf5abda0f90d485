/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What messages from the peer do to a connection (wire-protocol.md 5.4).
 */
#ifndef _SMC_CDC_H
#define _SMC_CDC_H

#include <linux/types.h>

struct smc_cdc;
struct smc_conn;

int smc_cdc_handle(struct smc_conn *conn, const struct smc_cdc *cdc);
int smc_cdc_handle_imm(struct smc_conn *conn, u32 imm, u32 len);

#endif /* _SMC_CDC_H */
