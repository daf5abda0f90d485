/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SMC-R: established connections.
 */
#ifndef _SMC_SMCR_CONN_H
#define _SMC_SMCR_CONN_H

struct smc_conn;
struct smc_tx_msg;

int smcr_post(struct smc_conn *conn, struct smc_tx_msg *msg);
void smcr_detach(struct smc_conn *conn);
void smcr_park(struct smc_conn *conn);
void smcr_release(struct smc_conn *conn);

#endif /* _SMC_SMCR_CONN_H */
