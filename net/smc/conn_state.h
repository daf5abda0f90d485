/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State machine of a connection: a table, no code.
 *
 * Each state knows how far the application, our messages and the peer have
 * come. Closing never blocks: SMC_CONN_ACT_SEND_* means "owed from now on".
 * Done-writing and closed take their place behind the data that is still in
 * the send ring (as a FIN does in TCP), abort goes at once; SMC_CONN_ACT_FREE
 * waits until nothing is owed any more. The socket may be gone long before.
 *
 * Who drives it:
 * - flags of a CDC message: only those newly set; aborted alone if set, else
 *   done_writing before closed;
 * - close() with unread data or SO_LINGER 0, and data that arrives after
 *   close() while closed is still owed: SMC_CONN_EV_APP_ABORT (as TCP resets);
 * - a CDC message that lies, or data lost in failover: SMC_CONN_EV_KILL;
 * - end of a link group: SMC_CONN_EV_KILL while links still send, then
 *   SMC_CONN_EV_LINK_LOST when none can send or receive.
 */
#ifndef _SMC_CONN_STATE_H
#define _SMC_CONN_STATE_H

#include "wire.h"

/**
 * enum smc_conn_state - states of a connection
 * @SMC_CONN_INVALID: no state; as next state: event is a violation
 * @SMC_CONN_ACTIVE: both directions open
 * @SMC_CONN_INIT: not yet connected
 * @SMC_CONN_CLOSED: nothing will be sent or received any more
 * @SMC_CONN_LISTEN: listening socket
 * @SMC_CONN_PEER_CLOSE_WAIT1: we shut down writing first
 * @SMC_CONN_PEER_CLOSE_WAIT2: as before, and peer is done writing
 * @SMC_CONN_APP_CLOSE_WAIT1: peer is done writing
 * @SMC_CONN_APP_CLOSE_WAIT2: as before, and we shut down writing
 * @SMC_CONN_APP_FIN_CLOSE_WAIT: we shut down writing, then peer closed
 * @SMC_CONN_PEER_FIN_CLOSE_WAIT: peer is done writing, then we closed
 * @SMC_CONN_PEER_ABORT_WAIT: we aborted, peer may still write, application has
 *	not closed
 * @SMC_CONN_PROCESS_ABORT: peer aborted, application has not closed
 * @SMC_CONN_PEER_CLOSE_WAIT1_CLOSED: application closed first
 * @SMC_CONN_PEER_CLOSE_WAIT2_CLOSED: as before, and peer is done writing
 * @SMC_CONN_APP_CLOSE_WAIT1_GONE: peer closed, application has done nothing
 * @SMC_CONN_APP_CLOSE_WAIT2_GONE: APP_CLOSE_WAIT2, and peer closed
 * @SMC_CONN_PEER_ABORT_WAIT_CLOSED: as PEER_ABORT_WAIT, and application closed
 * @SMC_CONN_PROCESS_ABORT_DEAD: nothing to send or expect any more,
 *	application has not closed
 * @SMC_CONN_NR_STATES: one more than the largest state
 *
 * Values up to 27 are those user space sees through sock_diag. States that
 * Linux does not tell apart by number are kept apart here by 32 more: show
 * smc_conn_state_number() to user space.
 */
enum smc_conn_state {
	SMC_CONN_INVALID = 0,
	SMC_CONN_ACTIVE = 1,
	SMC_CONN_INIT = 2,
	SMC_CONN_CLOSED = 7,
	SMC_CONN_LISTEN = 10,
	SMC_CONN_PEER_CLOSE_WAIT1 = 20,
	SMC_CONN_PEER_CLOSE_WAIT2 = 21,
	SMC_CONN_APP_CLOSE_WAIT1 = 22,
	SMC_CONN_APP_CLOSE_WAIT2 = 23,
	SMC_CONN_APP_FIN_CLOSE_WAIT = 24,
	SMC_CONN_PEER_FIN_CLOSE_WAIT = 25,
	SMC_CONN_PEER_ABORT_WAIT = 26,
	SMC_CONN_PROCESS_ABORT = 27,
	SMC_CONN_PEER_CLOSE_WAIT1_CLOSED = 32 + 20,
	SMC_CONN_PEER_CLOSE_WAIT2_CLOSED = 32 + 21,
	SMC_CONN_APP_CLOSE_WAIT1_GONE = 32 + 22,
	SMC_CONN_APP_CLOSE_WAIT2_GONE = 32 + 23,
	SMC_CONN_PEER_ABORT_WAIT_CLOSED = 32 + 26,
	SMC_CONN_PROCESS_ABORT_DEAD = 32 + 27,
	SMC_CONN_NR_STATES
};

/**
 * enum smc_conn_event - what can happen to a connection
 * @SMC_CONN_EV_LISTEN: application called listen()
 * @SMC_CONN_EV_ESTABLISHED: handshake done, SMC carries the data
 * @SMC_CONN_EV_APP_SHUT_WR: application shut down writing
 * @SMC_CONN_EV_APP_CLOSE: application closed, nothing unread
 * @SMC_CONN_EV_APP_ABORT: application closed with data unread, or aborts
 * @SMC_CONN_EV_PEER_DONE_WRITING: flag newly set by the peer
 * @SMC_CONN_EV_PEER_CLOSED: flag newly set by the peer
 * @SMC_CONN_EV_PEER_ABORT: flag newly set by the peer
 * @SMC_CONN_EV_KILL: we end it for a fault; messages can still be sent
 * @SMC_CONN_EV_LINK_LOST: no link any more; nothing can be sent or received,
 *	what is owed is owed no longer
 * @SMC_CONN_EV_LINGER_EXPIRED: application closed and time is up for our data
 *	to drain or for the peer to close
 * @SMC_CONN_NR_EVENTS: number of events
 */
enum smc_conn_event {
	SMC_CONN_EV_LISTEN,
	SMC_CONN_EV_ESTABLISHED,
	SMC_CONN_EV_APP_SHUT_WR,
	SMC_CONN_EV_APP_CLOSE,
	SMC_CONN_EV_APP_ABORT,
	SMC_CONN_EV_PEER_DONE_WRITING,
	SMC_CONN_EV_PEER_CLOSED,
	SMC_CONN_EV_PEER_ABORT,
	SMC_CONN_EV_KILL,
	SMC_CONN_EV_LINK_LOST,
	SMC_CONN_EV_LINGER_EXPIRED,
	SMC_CONN_NR_EVENTS
};

/**
 * enum smc_conn_action - what a transition asks for, in order of execution
 * @SMC_CONN_ACT_DROP_SEND: forget data not yet written to the peer, so that
 *	what is owed goes out at once
 * @SMC_CONN_ACT_SEND_DONE_WRITING: owe the flag, behind the data
 * @SMC_CONN_ACT_SEND_CLOSED: owe the flag, behind the data
 * @SMC_CONN_ACT_SEND_ABORT: owe the flag, at once
 * @SMC_CONN_ACT_RCV_SHUT: mark the receive side of the socket shut
 * @SMC_CONN_ACT_SND_SHUT: mark the send side of the socket shut
 * @SMC_CONN_ACT_SET_ECONNRESET: set the socket error, unless one is set
 * @SMC_CONN_ACT_SET_ECONNABORTED: ditto
 * @SMC_CONN_ACT_WAKE_READER: wake readers and pollers
 * @SMC_CONN_ACT_WAKE_WRITER: wake writers, and who waits for the connection
 * @SMC_CONN_ACT_TCP_SHUT_WR: send FIN on the companion connection
 * @SMC_CONN_ACT_TCP_RESET: reset the companion connection
 * @SMC_CONN_ACT_FREE: give token and RMBE back once nothing is owed: both
 *	sides are closed and the peer will not write any more. Comes once
 */
enum smc_conn_action {
	SMC_CONN_ACT_DROP_SEND = 1 << 0,
	SMC_CONN_ACT_SEND_DONE_WRITING = 1 << 1,
	SMC_CONN_ACT_SEND_CLOSED = 1 << 2,
	SMC_CONN_ACT_SEND_ABORT = 1 << 3,
	SMC_CONN_ACT_RCV_SHUT = 1 << 4,
	SMC_CONN_ACT_SND_SHUT = 1 << 5,
	SMC_CONN_ACT_SET_ECONNRESET = 1 << 6,
	SMC_CONN_ACT_SET_ECONNABORTED = 1 << 7,
	SMC_CONN_ACT_WAKE_READER = 1 << 8,
	SMC_CONN_ACT_WAKE_WRITER = 1 << 9,
	SMC_CONN_ACT_TCP_SHUT_WR = 1 << 10,
	SMC_CONN_ACT_TCP_RESET = 1 << 11,
	SMC_CONN_ACT_FREE = 1 << 12,
};

#define SMC_CONN_NR_ACTIONS	13

int smc_conn_state_next(enum smc_conn_state state, enum smc_conn_event event,
			enum smc_conn_state *next, u32 *actions);
bool smc_conn_state_is_valid(enum smc_conn_state state);
bool smc_conn_state_is_closed(enum smc_conn_state state);
bool smc_conn_state_can_send(enum smc_conn_state state);
bool smc_conn_state_app_closed(enum smc_conn_state state);
bool smc_conn_state_peer_may_write(enum smc_conn_state state);
u8 smc_conn_state_number(enum smc_conn_state state);
const char *smc_conn_state_name(enum smc_conn_state state);
const char *smc_conn_event_name(enum smc_conn_event event);
const char *smc_conn_action_name(unsigned int bit);

#endif /* _SMC_CONN_STATE_H */
