/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SMC-R: the transport's own part of a handshake, what client and server do
 * alike, and their steps.
 *
 * Ownership: an attempt holds its link group; no device, GID or path across a
 * wait. The connection gets its own references when it is attached.
 */
#ifndef _SMC_SMCR_ATTEMPT_H
#define _SMC_SMCR_ATTEMPT_H

#include <linux/types.h>

#include "clc_wire.h"
#include "lgr.h"
#include "nego.h"
#include "transport.h"

struct smc_ib_path;

/**
 * enum smcr_phase - how far an attempt is
 * @SMCR_PHASE_START: nothing done
 * @SMCR_PHASE_JOINED: the connection is in a link group
 * @SMCR_PHASE_BUFFERS: it has its rings, and the peer knows the RMB
 * @SMCR_PHASE_PEER: the peer's end is known
 * @SMCR_PHASE_DONE: established
 */
enum smcr_phase {
	SMCR_PHASE_START,
	SMCR_PHASE_JOINED,
	SMCR_PHASE_BUFFERS,
	SMCR_PHASE_PEER,
	SMCR_PHASE_DONE,
};

/**
 * struct smcr_attempt - the transport's own part of an attempt
 * @at: the attempt
 * @waiter: for changes of @lgr
 * @lgr: link group, with a reference, or NULL
 * @phase: how far it is
 * @waiting: @waiter waits
 * @nego: what is offered and agreed on
 * @imm: the peer does writes with immediate data
 * @eid: enterprise ID negotiated, zero in v1
 * @gid: own GID offered, by version - 1, client only
 * @peer_gid: the peer's GID
 */
struct smcr_attempt {
	struct smc_attempt *at;
	struct smc_lgr_waiter waiter;
	struct smc_link_group *lgr;
	enum smcr_phase phase;
	bool waiting;
	struct smc_nego nego;
	bool imm;
	u8 eid[SMC_EID_LEN];
	u8 gid[SMC_CLC_V2][SMC_GID_LEN];
	u8 peer_gid[SMC_GID_LEN];
};

/* smcr_attempt.c */
int smcr_refuse(struct smc_attempt *at, enum smc_clc_diag diag, int err);
void smcr_own_limits(const struct smc_attempt *at, struct smc_nego_own *own);
void smcr_imm_offer(struct smc_clc_proposal *prop);
bool smcr_imm_offered(const struct smc_clc_proposal *prop);
bool smcr_imm_agreed(const struct smc_clc_fce *fce);
void smcr_attempt_wait(struct smcr_attempt *priv);
void smcr_attempt_unwait(struct smcr_attempt *priv);
struct smcr_attempt *smcr_attempt_get(struct smc_attempt *at);
void smcr_attempt_leave(struct smcr_attempt *priv);
int smcr_attach(struct smcr_attempt *priv);
int smcr_get_buffers(struct smcr_attempt *priv);
int smcr_first_contact(struct smcr_attempt *priv, struct smc_ib_path *path);
void smcr_fill_reply(struct smcr_attempt *priv, struct smc_clc_accept *msg);
int smcr_take_peer_rmb(struct smcr_attempt *priv,
		       const struct smc_clc_accept *msg);
int smcr_connect_link(struct smcr_attempt *priv,
		      const struct smc_clc_accept *msg);

/* smcr_client.c */
int smcr_client_probe(struct smc_attempt *at, struct smc_clc_proposal *prop);
int smcr_client_accept(struct smcr_attempt *priv,
		       const struct smc_clc_accept *msg,
		       struct smc_clc_accept *reply);

/* smcr_server.c */
int smcr_server_offer(struct smc_attempt *at,
		      const struct smc_clc_proposal *prop,
		      struct smc_clc_accept *reply);
int smcr_server_accept(struct smcr_attempt *priv,
		       const struct smc_clc_accept *msg);

#endif /* _SMC_SMCR_ATTEMPT_H */
