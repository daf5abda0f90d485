// SPDX-License-Identifier: GPL-2.0
/*
 * State machine of a link.
 *
 * UNUSED -> INACTIVE -> ACTIVATING -> READY -> ACTIVE on the way up; from each
 * of the last four to DRAINING when the link fails or is deleted, and back to
 * UNUSED when nothing of it is left in the hardware. What a slower thread
 * still reports about a link that drains is legal and without effect.
 */
#include "link_state.h"

struct link_row {
	u8 next;
	u8 actions;
};

#define TO(state, acts)	{ .next = (SMC_LINK_ ## state), .actions = (acts) }
#define STAY(state)	TO(state, 0)

#define GO_DOWN		(SMC_LINK_ACT_QP_ERROR)
#define GO_DOWN_ACTIVE	(SMC_LINK_ACT_STOP_TEST | SMC_LINK_ACT_MOVE_CONNS | \
			 SMC_LINK_ACT_QP_ERROR)

static const struct link_row
link_table[SMC_LINK_NR_STATES][SMC_LINK_NR_EVENTS] = {
	[SMC_LINK_UNUSED] = {
		[SMC_LINK_EV_CREATED] = TO(INACTIVE, 0),
	},
	[SMC_LINK_INACTIVE] = {
		[SMC_LINK_EV_RTR] = TO(ACTIVATING, 0),
		[SMC_LINK_EV_FAILED] =
			TO(DRAINING, GO_DOWN | SMC_LINK_ACT_REPORT),
		[SMC_LINK_EV_DELETED] = TO(DRAINING, GO_DOWN),
	},
	[SMC_LINK_ACTIVATING] = {
		[SMC_LINK_EV_RTS] = TO(READY, 0),
		[SMC_LINK_EV_FAILED] =
			TO(DRAINING, GO_DOWN | SMC_LINK_ACT_REPORT),
		[SMC_LINK_EV_DELETED] = TO(DRAINING, GO_DOWN),
	},
	[SMC_LINK_READY] = {
		[SMC_LINK_EV_CONFIRMED] = TO(ACTIVE, SMC_LINK_ACT_START_TEST),
		[SMC_LINK_EV_FAILED] =
			TO(DRAINING, GO_DOWN | SMC_LINK_ACT_REPORT),
		[SMC_LINK_EV_DELETED] = TO(DRAINING, GO_DOWN),
	},
	[SMC_LINK_ACTIVE] = {
		[SMC_LINK_EV_FAILED] =
			TO(DRAINING, GO_DOWN_ACTIVE | SMC_LINK_ACT_REPORT),
		[SMC_LINK_EV_DELETED] = TO(DRAINING, GO_DOWN_ACTIVE),
	},
	[SMC_LINK_DRAINING] = {
		[SMC_LINK_EV_RTR] = STAY(DRAINING),
		[SMC_LINK_EV_RTS] = STAY(DRAINING),
		[SMC_LINK_EV_CONFIRMED] = STAY(DRAINING),
		[SMC_LINK_EV_FAILED] = STAY(DRAINING),
		[SMC_LINK_EV_DELETED] = STAY(DRAINING),
		[SMC_LINK_EV_DRAINED] = TO(UNUSED, SMC_LINK_ACT_FREE),
	},
};

/**
 * smc_link_state_next - look up a transition
 * @state: current state
 * @event: what happened
 * @next: new state; set only on success
 * @actions: what to do, enum smc_link_action bits; set only on success
 *
 * Return: 0, or -EPROTO if @event cannot happen in @state.
 */
int smc_link_state_next(enum smc_link_state state, enum smc_link_event event,
			enum smc_link_state *next, u32 *actions)
{
	const struct link_row *row;

	if ((unsigned int)state >= SMC_LINK_NR_STATES ||
	    (unsigned int)event >= SMC_LINK_NR_EVENTS)
		return -EPROTO;
	row = &link_table[state][event];
	if (row->next == SMC_LINK_INVALID)
		return -EPROTO;
	*next = row->next;
	*actions = row->actions;
	return 0;
}

/**
 * smc_link_state_can_send - may LLC messages be sent on the link?
 * @state: state of the link
 *
 * Return: true if the QP is in RTS.
 */
bool smc_link_state_can_send(enum smc_link_state state)
{
	return state == SMC_LINK_READY || state == SMC_LINK_ACTIVE;
}

/**
 * smc_link_state_is_active - may the link carry connections?
 * @state: state of the link
 *
 * Return: true if the link is confirmed and has not failed.
 */
bool smc_link_state_is_active(enum smc_link_state state)
{
	return state == SMC_LINK_ACTIVE;
}

static const u8 link_numbers[SMC_LINK_NR_STATES] = {
	[SMC_LINK_INVALID] = 0,
	[SMC_LINK_UNUSED] = 0,
	[SMC_LINK_INACTIVE] = 1,
	[SMC_LINK_ACTIVATING] = 2,
	[SMC_LINK_READY] = 2,
	[SMC_LINK_ACTIVE] = 3,
	[SMC_LINK_DRAINING] = 1,
};

/**
 * smc_link_state_number - state as user space knows it
 * @state: state of the link
 *
 * Return: 0 unused, 1 inactive, 2 activating, 3 active.
 */
u8 smc_link_state_number(enum smc_link_state state)
{
	if ((unsigned int)state >= SMC_LINK_NR_STATES)
		return 0;
	return link_numbers[state];
}

static const char * const link_state_names[SMC_LINK_NR_STATES] = {
	[SMC_LINK_INVALID] = "INVALID",
	[SMC_LINK_UNUSED] = "UNUSED",
	[SMC_LINK_INACTIVE] = "INACTIVE",
	[SMC_LINK_ACTIVATING] = "ACTIVATING",
	[SMC_LINK_READY] = "READY",
	[SMC_LINK_ACTIVE] = "ACTIVE",
	[SMC_LINK_DRAINING] = "DRAINING",
};

/**
 * smc_link_state_name - name of a state
 * @state: the state
 *
 * Return: name for traces and dumps.
 */
const char *smc_link_state_name(enum smc_link_state state)
{
	if ((unsigned int)state >= SMC_LINK_NR_STATES)
		return "unknown";
	return link_state_names[state];
}

static const char * const link_event_names[SMC_LINK_NR_EVENTS] = {
	[SMC_LINK_EV_CREATED] = "created",
	[SMC_LINK_EV_RTR] = "rtr",
	[SMC_LINK_EV_RTS] = "rts",
	[SMC_LINK_EV_CONFIRMED] = "confirmed",
	[SMC_LINK_EV_FAILED] = "failed",
	[SMC_LINK_EV_DELETED] = "deleted",
	[SMC_LINK_EV_DRAINED] = "drained",
};

/**
 * smc_link_event_name - name of an event
 * @event: the event
 *
 * Return: name for traces.
 */
const char *smc_link_event_name(enum smc_link_event event)
{
	if ((unsigned int)event >= SMC_LINK_NR_EVENTS)
		return "unknown";
	return link_event_names[event];
}

static const char * const link_action_names[SMC_LINK_NR_ACTIONS] = {
	"start_test",
	"stop_test",
	"move_conns",
	"qp_error",
	"report",
	"free",
};

static_assert(SMC_LINK_ACT_FREE == 1 << (SMC_LINK_NR_ACTIONS - 1),
	      "names of link actions");

/**
 * smc_link_action_name - name of an action
 * @bit: bit number of the action
 *
 * Return: name for traces.
 */
const char *smc_link_action_name(unsigned int bit)
{
	if (bit >= SMC_LINK_NR_ACTIONS)
		return "unknown";
	return link_action_names[bit];
}
