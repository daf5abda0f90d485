// SPDX-License-Identifier: GPL-2.0
/*
 * State machine of a connection.
 *
 * A state stands for a pair: what our side has said to the peer, and what the
 * peer has said to us.
 *
 *   we \ peer      nothing             done writing        closed
 *   nothing        ACTIVE              APP_CLOSE_WAIT1     ..WAIT1_GONE
 *   done writing   PEER_CLOSE_WAIT1    PEER_CLOSE_WAIT2,   APP_FIN_CLOSE_WAIT,
 *                                      APP_CLOSE_WAIT2     ..WAIT2_GONE
 *   closed         ..WAIT1_CLOSED      ..WAIT2_CLOSED,     CLOSED
 *                                      PEER_FIN_CLOSE_WAIT
 *
 * Of two states in a cell the first is for who was the first to say something.
 * Aborts: PROCESS_ABORT if the peer did, PEER_ABORT_WAIT if we did. A peer
 * that is not done writing answers an abort with its own closing, and only
 * then no write of its can be under way and the RMBE is free. We owe that
 * answer too when the application closes after an abort. A peer that was done
 * writing is not waited for: Linux does not always answer then.
 */
#include "conn_state.h"

struct conn_row {
	u8 next;
	u16 actions;
};

static_assert(SMC_CONN_NR_STATES <= 256, "states fit in struct conn_row");
static_assert(SMC_CONN_NR_ACTIONS <= 16, "actions fit in struct conn_row");

#define TO(state, acts)	{ .next = (SMC_CONN_ ## state), .actions = (acts) }
#define STAY(state)	TO(state, 0)

/* short names for the table */
#define DROP		SMC_CONN_ACT_DROP_SEND
#define SAY_DONE	SMC_CONN_ACT_SEND_DONE_WRITING
#define SAY_CLOSED	SMC_CONN_ACT_SEND_CLOSED
#define SAY_ABORT	SMC_CONN_ACT_SEND_ABORT
#define FREE		SMC_CONN_ACT_FREE
#define WAKE_R		SMC_CONN_ACT_WAKE_READER
#define WAKE_W		SMC_CONN_ACT_WAKE_WRITER
#define RCV_SHUT	SMC_CONN_ACT_RCV_SHUT
#define SND_SHUT	SMC_CONN_ACT_SND_SHUT
#define TCP_SHUT	SMC_CONN_ACT_TCP_SHUT_WR
#define TCP_RESET	SMC_CONN_ACT_TCP_RESET

#define SHUT		(RCV_SHUT | SND_SHUT)
#define WAKE		(WAKE_R | WAKE_W)
/* the application closes with its writing side open, or shut before */
#define CLOSE_OPEN	(SHUT | WAKE | TCP_SHUT)
#define CLOSE_SHUT	(RCV_SHUT | WAKE_R)
/* the peer reads no more: our data has no taker */
#define PEER_GONE	(DROP | RCV_SHUT | WAKE)
#define RESET_BY_PEER	(DROP | SHUT | WAKE | SMC_CONN_ACT_SET_ECONNRESET)
#define BROKEN		(DROP | SHUT | WAKE | TCP_RESET | \
			 SMC_CONN_ACT_SET_ECONNABORTED)
/* the application closed before */
#define ORPHAN_END	(DROP | WAKE | FREE)
#define ORPHAN_RESET	(ORPHAN_END | SMC_CONN_ACT_SET_ECONNRESET)
#define ORPHAN_LOST	(ORPHAN_END | TCP_RESET | \
			 SMC_CONN_ACT_SET_ECONNABORTED)
#define ORPHAN_ABORT	(DROP | SAY_ABORT | WAKE_W)
#define ORPHAN_KILL	(ORPHAN_ABORT | WAKE_R | TCP_RESET | \
			 SMC_CONN_ACT_SET_ECONNABORTED)

static const struct conn_row
conn_table[SMC_CONN_NR_STATES][SMC_CONN_NR_EVENTS] = {
	/*
	 * The handshake owns what there is to own and decides about TCP. A
	 * fast peer may send, lie or be lost before we know that the handshake
	 * is done: that is kept in the state, and the application learns of it
	 * with ESTABLISHED.
	 */
	[SMC_CONN_INIT] = {
		[SMC_CONN_EV_LISTEN] = TO(LISTEN, 0),
		[SMC_CONN_EV_ESTABLISHED] = TO(ACTIVE, WAKE_W),
		[SMC_CONN_EV_APP_CLOSE] = TO(CLOSED, SHUT | WAKE),
		[SMC_CONN_EV_APP_ABORT] = TO(CLOSED, SHUT | WAKE),
		[SMC_CONN_EV_PEER_DONE_WRITING] =
			TO(APP_CLOSE_WAIT1, RCV_SHUT | WAKE_R),
		[SMC_CONN_EV_PEER_CLOSED] =
			TO(APP_CLOSE_WAIT1_GONE, PEER_GONE),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] = TO(PEER_ABORT_WAIT, SAY_ABORT | WAKE_W),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, WAKE_W),
	},
	[SMC_CONN_LISTEN] = {
		[SMC_CONN_EV_LISTEN] = STAY(LISTEN),
		[SMC_CONN_EV_APP_CLOSE] = TO(CLOSED, SHUT | WAKE),
		[SMC_CONN_EV_APP_ABORT] = TO(CLOSED, SHUT | WAKE),
	},
	[SMC_CONN_ACTIVE] = {
		[SMC_CONN_EV_APP_SHUT_WR] =
			TO(PEER_CLOSE_WAIT1,
			   SAY_DONE | SND_SHUT | WAKE_W | TCP_SHUT),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(PEER_CLOSE_WAIT1_CLOSED, SAY_CLOSED | CLOSE_OPEN),
		[SMC_CONN_EV_APP_ABORT] =
			TO(PEER_ABORT_WAIT_CLOSED,
			   DROP | SAY_ABORT | CLOSE_OPEN),
		[SMC_CONN_EV_PEER_DONE_WRITING] =
			TO(APP_CLOSE_WAIT1, RCV_SHUT | WAKE_R),
		[SMC_CONN_EV_PEER_CLOSED] =
			TO(APP_CLOSE_WAIT1_GONE, PEER_GONE),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] = TO(PEER_ABORT_WAIT, SAY_ABORT | BROKEN),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, BROKEN),
	},
	[SMC_CONN_PEER_CLOSE_WAIT1] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PEER_CLOSE_WAIT1),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(PEER_CLOSE_WAIT1_CLOSED, SAY_CLOSED | CLOSE_SHUT),
		[SMC_CONN_EV_APP_ABORT] =
			TO(PEER_ABORT_WAIT_CLOSED,
			   DROP | SAY_ABORT | CLOSE_SHUT),
		[SMC_CONN_EV_PEER_DONE_WRITING] =
			TO(PEER_CLOSE_WAIT2, RCV_SHUT | WAKE_R),
		[SMC_CONN_EV_PEER_CLOSED] = TO(APP_FIN_CLOSE_WAIT, PEER_GONE),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] = TO(PEER_ABORT_WAIT, SAY_ABORT | BROKEN),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, BROKEN),
	},
	[SMC_CONN_PEER_CLOSE_WAIT1_CLOSED] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PEER_CLOSE_WAIT1_CLOSED),
		[SMC_CONN_EV_APP_CLOSE] = STAY(PEER_CLOSE_WAIT1_CLOSED),
		[SMC_CONN_EV_APP_ABORT] =
			TO(PEER_ABORT_WAIT_CLOSED, ORPHAN_ABORT),
		[SMC_CONN_EV_PEER_DONE_WRITING] =
			TO(PEER_CLOSE_WAIT2_CLOSED, 0),
		[SMC_CONN_EV_PEER_CLOSED] = TO(CLOSED, ORPHAN_END),
		[SMC_CONN_EV_PEER_ABORT] = TO(CLOSED, ORPHAN_RESET),
		[SMC_CONN_EV_KILL] = TO(PEER_ABORT_WAIT_CLOSED, ORPHAN_KILL),
		[SMC_CONN_EV_LINK_LOST] = TO(CLOSED, ORPHAN_LOST),
		[SMC_CONN_EV_LINGER_EXPIRED] =
			TO(PEER_ABORT_WAIT_CLOSED, ORPHAN_ABORT),
	},
	[SMC_CONN_PEER_CLOSE_WAIT2] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PEER_CLOSE_WAIT2),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(PEER_CLOSE_WAIT2_CLOSED, SAY_CLOSED | CLOSE_SHUT),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, DROP | SAY_ABORT | CLOSE_SHUT | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(PEER_CLOSE_WAIT2),
		[SMC_CONN_EV_PEER_CLOSED] = TO(APP_FIN_CLOSE_WAIT, PEER_GONE),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] =
			TO(PROCESS_ABORT_DEAD, SAY_ABORT | BROKEN),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, BROKEN),
	},
	[SMC_CONN_PEER_CLOSE_WAIT2_CLOSED] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PEER_CLOSE_WAIT2_CLOSED),
		[SMC_CONN_EV_APP_CLOSE] = STAY(PEER_CLOSE_WAIT2_CLOSED),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, ORPHAN_ABORT | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] =
			STAY(PEER_CLOSE_WAIT2_CLOSED),
		[SMC_CONN_EV_PEER_CLOSED] = TO(CLOSED, ORPHAN_END),
		[SMC_CONN_EV_PEER_ABORT] = TO(CLOSED, ORPHAN_RESET),
		[SMC_CONN_EV_KILL] = TO(CLOSED, ORPHAN_KILL | FREE),
		[SMC_CONN_EV_LINK_LOST] = TO(CLOSED, ORPHAN_LOST),
		[SMC_CONN_EV_LINGER_EXPIRED] =
			TO(CLOSED, ORPHAN_ABORT | FREE),
	},
	[SMC_CONN_APP_CLOSE_WAIT1] = {
		[SMC_CONN_EV_ESTABLISHED] = TO(APP_CLOSE_WAIT1, WAKE_W),
		[SMC_CONN_EV_APP_SHUT_WR] =
			TO(APP_CLOSE_WAIT2,
			   SAY_DONE | SND_SHUT | WAKE_W | TCP_SHUT),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(PEER_FIN_CLOSE_WAIT, SAY_CLOSED | CLOSE_OPEN),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, DROP | SAY_ABORT | CLOSE_OPEN | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(APP_CLOSE_WAIT1),
		[SMC_CONN_EV_PEER_CLOSED] =
			TO(APP_CLOSE_WAIT1_GONE, PEER_GONE),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] =
			TO(PROCESS_ABORT_DEAD, SAY_ABORT | BROKEN),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, BROKEN),
	},
	/* the peer ended in order: losing the link now is no error */
	[SMC_CONN_APP_CLOSE_WAIT1_GONE] = {
		[SMC_CONN_EV_ESTABLISHED] = TO(APP_CLOSE_WAIT1_GONE, WAKE_W),
		[SMC_CONN_EV_APP_SHUT_WR] =
			TO(APP_CLOSE_WAIT2_GONE,
			   SAY_DONE | SND_SHUT | WAKE_W | TCP_SHUT),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(CLOSED, SAY_CLOSED | CLOSE_OPEN | FREE),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, SAY_ABORT | CLOSE_OPEN | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(APP_CLOSE_WAIT1_GONE),
		[SMC_CONN_EV_PEER_CLOSED] = STAY(APP_CLOSE_WAIT1_GONE),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] =
			TO(PROCESS_ABORT_DEAD, SAY_ABORT | BROKEN),
		[SMC_CONN_EV_LINK_LOST] =
			TO(PROCESS_ABORT_DEAD, SND_SHUT | WAKE_W),
	},
	[SMC_CONN_APP_CLOSE_WAIT2] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(APP_CLOSE_WAIT2),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(PEER_FIN_CLOSE_WAIT, SAY_CLOSED | CLOSE_SHUT),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, DROP | SAY_ABORT | CLOSE_SHUT | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(APP_CLOSE_WAIT2),
		[SMC_CONN_EV_PEER_CLOSED] =
			TO(APP_CLOSE_WAIT2_GONE, PEER_GONE),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] =
			TO(PROCESS_ABORT_DEAD, SAY_ABORT | BROKEN),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, BROKEN),
	},
	[SMC_CONN_APP_CLOSE_WAIT2_GONE] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(APP_CLOSE_WAIT2_GONE),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(CLOSED, SAY_CLOSED | CLOSE_SHUT | FREE),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, SAY_ABORT | CLOSE_SHUT | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(APP_CLOSE_WAIT2_GONE),
		[SMC_CONN_EV_PEER_CLOSED] = STAY(APP_CLOSE_WAIT2_GONE),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] =
			TO(PROCESS_ABORT_DEAD, SAY_ABORT | BROKEN),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, 0),
	},
	[SMC_CONN_APP_FIN_CLOSE_WAIT] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(APP_FIN_CLOSE_WAIT),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(CLOSED, SAY_CLOSED | CLOSE_SHUT | FREE),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, SAY_ABORT | CLOSE_SHUT | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(APP_FIN_CLOSE_WAIT),
		[SMC_CONN_EV_PEER_CLOSED] = STAY(APP_FIN_CLOSE_WAIT),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT, RESET_BY_PEER),
		[SMC_CONN_EV_KILL] =
			TO(PROCESS_ABORT_DEAD, SAY_ABORT | BROKEN),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, 0),
	},
	[SMC_CONN_PEER_FIN_CLOSE_WAIT] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PEER_FIN_CLOSE_WAIT),
		[SMC_CONN_EV_APP_CLOSE] = STAY(PEER_FIN_CLOSE_WAIT),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, ORPHAN_ABORT | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(PEER_FIN_CLOSE_WAIT),
		[SMC_CONN_EV_PEER_CLOSED] = TO(CLOSED, ORPHAN_END),
		[SMC_CONN_EV_PEER_ABORT] = TO(CLOSED, ORPHAN_RESET),
		[SMC_CONN_EV_KILL] = TO(CLOSED, ORPHAN_KILL | FREE),
		[SMC_CONN_EV_LINK_LOST] = TO(CLOSED, ORPHAN_LOST),
		[SMC_CONN_EV_LINGER_EXPIRED] =
			TO(CLOSED, ORPHAN_ABORT | FREE),
	},
	[SMC_CONN_PEER_ABORT_WAIT] = {
		[SMC_CONN_EV_ESTABLISHED] = TO(PEER_ABORT_WAIT, BROKEN),
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PEER_ABORT_WAIT),
		[SMC_CONN_EV_APP_CLOSE] = TO(PEER_ABORT_WAIT_CLOSED, 0),
		[SMC_CONN_EV_APP_ABORT] = TO(PEER_ABORT_WAIT_CLOSED, 0),
		[SMC_CONN_EV_PEER_DONE_WRITING] = TO(PROCESS_ABORT_DEAD, 0),
		[SMC_CONN_EV_PEER_CLOSED] = TO(PROCESS_ABORT_DEAD, 0),
		[SMC_CONN_EV_PEER_ABORT] = TO(PROCESS_ABORT_DEAD, 0),
		[SMC_CONN_EV_KILL] = STAY(PEER_ABORT_WAIT),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, 0),
	},
	[SMC_CONN_PEER_ABORT_WAIT_CLOSED] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PEER_ABORT_WAIT_CLOSED),
		[SMC_CONN_EV_APP_CLOSE] = STAY(PEER_ABORT_WAIT_CLOSED),
		[SMC_CONN_EV_APP_ABORT] = STAY(PEER_ABORT_WAIT_CLOSED),
		[SMC_CONN_EV_PEER_DONE_WRITING] = TO(CLOSED, ORPHAN_END),
		[SMC_CONN_EV_PEER_CLOSED] = TO(CLOSED, ORPHAN_END),
		[SMC_CONN_EV_PEER_ABORT] = TO(CLOSED, ORPHAN_END),
		[SMC_CONN_EV_KILL] = STAY(PEER_ABORT_WAIT_CLOSED),
		[SMC_CONN_EV_LINK_LOST] = TO(CLOSED, ORPHAN_END | TCP_RESET),
		[SMC_CONN_EV_LINGER_EXPIRED] = STAY(PEER_ABORT_WAIT_CLOSED),
	},
	/* the peer waits for our answer, which says that we closed too */
	[SMC_CONN_PROCESS_ABORT] = {
		[SMC_CONN_EV_ESTABLISHED] = TO(PROCESS_ABORT, WAKE_W),
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PROCESS_ABORT),
		[SMC_CONN_EV_APP_CLOSE] =
			TO(CLOSED, SAY_ABORT | TCP_SHUT | FREE),
		[SMC_CONN_EV_APP_ABORT] =
			TO(CLOSED, SAY_ABORT | TCP_SHUT | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(PROCESS_ABORT),
		[SMC_CONN_EV_PEER_CLOSED] = STAY(PROCESS_ABORT),
		[SMC_CONN_EV_PEER_ABORT] = STAY(PROCESS_ABORT),
		[SMC_CONN_EV_KILL] = STAY(PROCESS_ABORT),
		[SMC_CONN_EV_LINK_LOST] = TO(PROCESS_ABORT_DEAD, TCP_RESET),
	},
	[SMC_CONN_PROCESS_ABORT_DEAD] = {
		[SMC_CONN_EV_ESTABLISHED] = TO(PROCESS_ABORT_DEAD, BROKEN),
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(PROCESS_ABORT_DEAD),
		[SMC_CONN_EV_APP_CLOSE] = TO(CLOSED, TCP_SHUT | FREE),
		[SMC_CONN_EV_APP_ABORT] = TO(CLOSED, TCP_SHUT | FREE),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(PROCESS_ABORT_DEAD),
		[SMC_CONN_EV_PEER_CLOSED] = STAY(PROCESS_ABORT_DEAD),
		[SMC_CONN_EV_PEER_ABORT] = STAY(PROCESS_ABORT_DEAD),
		[SMC_CONN_EV_KILL] = STAY(PROCESS_ABORT_DEAD),
		[SMC_CONN_EV_LINK_LOST] = STAY(PROCESS_ABORT_DEAD),
	},
	[SMC_CONN_CLOSED] = {
		[SMC_CONN_EV_APP_SHUT_WR] = STAY(CLOSED),
		[SMC_CONN_EV_APP_CLOSE] = STAY(CLOSED),
		[SMC_CONN_EV_APP_ABORT] = STAY(CLOSED),
		[SMC_CONN_EV_PEER_DONE_WRITING] = STAY(CLOSED),
		[SMC_CONN_EV_PEER_CLOSED] = STAY(CLOSED),
		[SMC_CONN_EV_PEER_ABORT] = STAY(CLOSED),
		[SMC_CONN_EV_KILL] = STAY(CLOSED),
		[SMC_CONN_EV_LINK_LOST] = STAY(CLOSED),
		[SMC_CONN_EV_LINGER_EXPIRED] = STAY(CLOSED),
	},
};

/**
 * smc_conn_state_next - look up a transition
 * @state: current state
 * @event: what happened
 * @next: new state; set only on success
 * @actions: what to do, enum smc_conn_action bits; set only on success
 *
 * Return: 0, or -EPROTO if @event cannot happen in @state.
 */
int smc_conn_state_next(enum smc_conn_state state, enum smc_conn_event event,
			enum smc_conn_state *next, u32 *actions)
{
	const struct conn_row *row;

	if ((unsigned int)state >= SMC_CONN_NR_STATES ||
	    (unsigned int)event >= SMC_CONN_NR_EVENTS)
		return -EPROTO;
	row = &conn_table[state][event];
	if (row->next == SMC_CONN_INVALID)
		return -EPROTO;
	*next = row->next;
	*actions = row->actions;
	return 0;
}

static const char * const conn_state_names[SMC_CONN_NR_STATES] = {
	[SMC_CONN_ACTIVE] = "ACTIVE",
	[SMC_CONN_INIT] = "INIT",
	[SMC_CONN_CLOSED] = "CLOSED",
	[SMC_CONN_LISTEN] = "LISTEN",
	[SMC_CONN_PEER_CLOSE_WAIT1] = "PEER_CLOSE_WAIT1",
	[SMC_CONN_PEER_CLOSE_WAIT2] = "PEER_CLOSE_WAIT2",
	[SMC_CONN_APP_CLOSE_WAIT1] = "APP_CLOSE_WAIT1",
	[SMC_CONN_APP_CLOSE_WAIT2] = "APP_CLOSE_WAIT2",
	[SMC_CONN_APP_FIN_CLOSE_WAIT] = "APP_FIN_CLOSE_WAIT",
	[SMC_CONN_PEER_FIN_CLOSE_WAIT] = "PEER_FIN_CLOSE_WAIT",
	[SMC_CONN_PEER_ABORT_WAIT] = "PEER_ABORT_WAIT",
	[SMC_CONN_PROCESS_ABORT] = "PROCESS_ABORT",
	[SMC_CONN_PEER_CLOSE_WAIT1_CLOSED] = "PEER_CLOSE_WAIT1_CLOSED",
	[SMC_CONN_PEER_CLOSE_WAIT2_CLOSED] = "PEER_CLOSE_WAIT2_CLOSED",
	[SMC_CONN_APP_CLOSE_WAIT1_GONE] = "APP_CLOSE_WAIT1_GONE",
	[SMC_CONN_APP_CLOSE_WAIT2_GONE] = "APP_CLOSE_WAIT2_GONE",
	[SMC_CONN_PEER_ABORT_WAIT_CLOSED] = "PEER_ABORT_WAIT_CLOSED",
	[SMC_CONN_PROCESS_ABORT_DEAD] = "PROCESS_ABORT_DEAD",
};

/**
 * smc_conn_state_is_valid - is this one of the states?
 * @state: number in question
 *
 * Return: true if it is, SMC_CONN_INVALID not being one.
 */
bool smc_conn_state_is_valid(enum smc_conn_state state)
{
	return (unsigned int)state < SMC_CONN_NR_STATES &&
	       conn_state_names[state];
}

/**
 * smc_conn_state_is_closed - is the connection at its end?
 * @state: state of the connection
 *
 * Return: true if nothing will be sent or received any more.
 */
bool smc_conn_state_is_closed(enum smc_conn_state state)
{
	return state == SMC_CONN_CLOSED;
}

/**
 * smc_conn_state_can_send - may the application write?
 * @state: state of the connection
 *
 * Return: true if connected, our side is open and the peer still reads.
 */
bool smc_conn_state_can_send(enum smc_conn_state state)
{
	return state == SMC_CONN_ACTIVE || state == SMC_CONN_APP_CLOSE_WAIT1;
}

/**
 * smc_conn_state_app_closed - has the application closed?
 * @state: state of the connection
 *
 * Return: true if the socket may be gone, although the peer is waited for.
 */
bool smc_conn_state_app_closed(enum smc_conn_state state)
{
	switch (state) {
	case SMC_CONN_CLOSED:
	case SMC_CONN_PEER_CLOSE_WAIT1_CLOSED:
	case SMC_CONN_PEER_CLOSE_WAIT2_CLOSED:
	case SMC_CONN_PEER_FIN_CLOSE_WAIT:
	case SMC_CONN_PEER_ABORT_WAIT_CLOSED:
		return true;
	default:
		return false;
	}
}

/**
 * smc_conn_state_peer_may_write - may data of the peer arrive?
 * @state: state of the connection
 *
 * Return: true unless the peer is done writing or the connection has ended.
 */
bool smc_conn_state_peer_may_write(enum smc_conn_state state)
{
	switch (state) {
	case SMC_CONN_INIT:
	case SMC_CONN_ACTIVE:
	case SMC_CONN_PEER_CLOSE_WAIT1:
	case SMC_CONN_PEER_CLOSE_WAIT1_CLOSED:
	case SMC_CONN_PEER_ABORT_WAIT:
	case SMC_CONN_PEER_ABORT_WAIT_CLOSED:
		return true;
	default:
		return false;
	}
}

/**
 * smc_conn_state_number - state as user space knows it
 * @state: state of the connection
 *
 * Return: number that Linux shows through sock_diag.
 */
u8 smc_conn_state_number(enum smc_conn_state state)
{
	return state & 31;
}

/**
 * smc_conn_state_name - name of a state
 * @state: the state
 *
 * Return: name for traces and dumps.
 */
const char *smc_conn_state_name(enum smc_conn_state state)
{
	if (!smc_conn_state_is_valid(state))
		return "INVALID";
	return conn_state_names[state];
}

static const char * const conn_event_names[SMC_CONN_NR_EVENTS] = {
	[SMC_CONN_EV_LISTEN] = "listen",
	[SMC_CONN_EV_ESTABLISHED] = "established",
	[SMC_CONN_EV_APP_SHUT_WR] = "app_shut_wr",
	[SMC_CONN_EV_APP_CLOSE] = "app_close",
	[SMC_CONN_EV_APP_ABORT] = "app_abort",
	[SMC_CONN_EV_PEER_DONE_WRITING] = "peer_done_writing",
	[SMC_CONN_EV_PEER_CLOSED] = "peer_closed",
	[SMC_CONN_EV_PEER_ABORT] = "peer_abort",
	[SMC_CONN_EV_KILL] = "kill",
	[SMC_CONN_EV_LINK_LOST] = "link_lost",
	[SMC_CONN_EV_LINGER_EXPIRED] = "linger_expired",
};

/**
 * smc_conn_event_name - name of an event
 * @event: the event
 *
 * Return: name for traces.
 */
const char *smc_conn_event_name(enum smc_conn_event event)
{
	if ((unsigned int)event >= SMC_CONN_NR_EVENTS)
		return "unknown";
	return conn_event_names[event];
}

static const char * const conn_action_names[SMC_CONN_NR_ACTIONS] = {
	"drop_send",
	"send_done_writing",
	"send_closed",
	"send_abort",
	"rcv_shut",
	"snd_shut",
	"set_econnreset",
	"set_econnaborted",
	"wake_reader",
	"wake_writer",
	"tcp_shut_wr",
	"tcp_reset",
	"free",
};

static_assert(SMC_CONN_ACT_FREE == 1 << (SMC_CONN_NR_ACTIONS - 1),
	      "names of connection actions");

/**
 * smc_conn_action_name - name of an action
 * @bit: bit number of the action
 *
 * Return: name for traces.
 */
const char *smc_conn_action_name(unsigned int bit)
{
	if (bit >= SMC_CONN_NR_ACTIONS)
		return "unknown";
	return conn_action_names[bit];
}
