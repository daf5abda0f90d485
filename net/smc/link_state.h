/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State machine of a link: a table, no code.
 */
#ifndef _SMC_LINK_STATE_H
#define _SMC_LINK_STATE_H

#include "wire.h"

/**
 * enum smc_link_state - states of a link
 * @SMC_LINK_INVALID: no state; as next state: event is a violation
 * @SMC_LINK_UNUSED: slot is free
 * @SMC_LINK_INACTIVE: QP exists, peer's side not yet known
 * @SMC_LINK_ACTIVATING: QP is in RTR, receive buffers are posted
 * @SMC_LINK_READY: QP is in RTS, Confirm Link not yet done
 * @SMC_LINK_ACTIVE: carries connections
 * @SMC_LINK_DRAINING: failed or deleted; QP is in error and being drained
 * @SMC_LINK_NR_STATES: number of states, the invalid one included
 *
 * Show smc_link_state_number() to user space.
 */
enum smc_link_state {
	SMC_LINK_INVALID = 0,
	SMC_LINK_UNUSED,
	SMC_LINK_INACTIVE,
	SMC_LINK_ACTIVATING,
	SMC_LINK_READY,
	SMC_LINK_ACTIVE,
	SMC_LINK_DRAINING,
	SMC_LINK_NR_STATES
};

/**
 * enum smc_link_event - what can happen to a link
 * @SMC_LINK_EV_CREATED: QP created
 * @SMC_LINK_EV_RTR: QP is in RTR, receive buffers are posted
 * @SMC_LINK_EV_RTS: QP is in RTS
 * @SMC_LINK_EV_CONFIRMED: Confirm Link exchanged
 * @SMC_LINK_EV_FAILED: error completion, time-out, port or device event
 * @SMC_LINK_EV_DELETED: Delete Link, or end of the link group
 * @SMC_LINK_EV_DRAINED: QP and completions drained, QP destroyed
 * @SMC_LINK_NR_EVENTS: number of events
 */
enum smc_link_event {
	SMC_LINK_EV_CREATED,
	SMC_LINK_EV_RTR,
	SMC_LINK_EV_RTS,
	SMC_LINK_EV_CONFIRMED,
	SMC_LINK_EV_FAILED,
	SMC_LINK_EV_DELETED,
	SMC_LINK_EV_DRAINED,
	SMC_LINK_NR_EVENTS
};

/**
 * enum smc_link_action - what a transition asks for, in order of execution
 * @SMC_LINK_ACT_START_TEST: start the Test Link interval
 * @SMC_LINK_ACT_STOP_TEST: stop it
 * @SMC_LINK_ACT_MOVE_CONNS: move the connections to another link
 * @SMC_LINK_ACT_QP_ERROR: move the QP into the error state and drain it
 * @SMC_LINK_ACT_REPORT: tell the link group that the link failed
 * @SMC_LINK_ACT_FREE: give the slot back
 */
enum smc_link_action {
	SMC_LINK_ACT_START_TEST = 1 << 0,
	SMC_LINK_ACT_STOP_TEST = 1 << 1,
	SMC_LINK_ACT_MOVE_CONNS = 1 << 2,
	SMC_LINK_ACT_QP_ERROR = 1 << 3,
	SMC_LINK_ACT_REPORT = 1 << 4,
	SMC_LINK_ACT_FREE = 1 << 5,
};

#define SMC_LINK_NR_ACTIONS	6

int smc_link_state_next(enum smc_link_state state, enum smc_link_event event,
			enum smc_link_state *next, u32 *actions);
bool smc_link_state_can_send(enum smc_link_state state);
bool smc_link_state_is_active(enum smc_link_state state);
u8 smc_link_state_number(enum smc_link_state state);
const char *smc_link_state_name(enum smc_link_state state);
const char *smc_link_event_name(enum smc_link_event event);
const char *smc_link_action_name(unsigned int bit);

#endif /* _SMC_LINK_STATE_H */
