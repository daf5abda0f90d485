// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of conn_state.c: the table by itself. How two connections get on with
 * each other is in test_conn_model.c.
 */
#include "conn_state.h"
#include "ktap.h"

static bool row_is(enum smc_conn_state s, enum smc_conn_event e,
		   enum smc_conn_state *next, u32 *actions)
{
	return !smc_conn_state_next(s, e, next, actions);
}

static bool is_peer_event(unsigned int e)
{
	return e == SMC_CONN_EV_PEER_DONE_WRITING ||
	       e == SMC_CONN_EV_PEER_CLOSED || e == SMC_CONN_EV_PEER_ABORT;
}

/* what section 6 of the protocol reference says, by number */
TEST(smc_conn_state_next__as_documented)
{
	static const struct {
		enum smc_conn_state state;
		enum smc_conn_event event;
		u8 number;
	} rows[] = {
		{ SMC_CONN_INIT, SMC_CONN_EV_LISTEN, 10 },
		{ SMC_CONN_LISTEN, SMC_CONN_EV_LISTEN, 10 },
		/* 6.2, shutdown(WR) */
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_APP_SHUT_WR, 20 },
		{ SMC_CONN_PEER_CLOSE_WAIT1, SMC_CONN_EV_APP_SHUT_WR, 20 },
		{ SMC_CONN_PEER_CLOSE_WAIT2, SMC_CONN_EV_APP_SHUT_WR, 21 },
		{ SMC_CONN_APP_CLOSE_WAIT1, SMC_CONN_EV_APP_SHUT_WR, 23 },
		{ SMC_CONN_APP_CLOSE_WAIT1_GONE, SMC_CONN_EV_APP_SHUT_WR, 23 },
		{ SMC_CONN_APP_CLOSE_WAIT2, SMC_CONN_EV_APP_SHUT_WR, 23 },
		{ SMC_CONN_APP_FIN_CLOSE_WAIT, SMC_CONN_EV_APP_SHUT_WR, 24 },
		{ SMC_CONN_PEER_FIN_CLOSE_WAIT, SMC_CONN_EV_APP_SHUT_WR, 25 },
		{ SMC_CONN_PEER_ABORT_WAIT, SMC_CONN_EV_APP_SHUT_WR, 26 },
		{ SMC_CONN_PROCESS_ABORT, SMC_CONN_EV_APP_SHUT_WR, 27 },
		/* 6.2, close() */
		{ SMC_CONN_INIT, SMC_CONN_EV_APP_CLOSE, 7 },
		{ SMC_CONN_LISTEN, SMC_CONN_EV_APP_CLOSE, 7 },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_APP_CLOSE, 20 },
		{ SMC_CONN_PEER_CLOSE_WAIT1, SMC_CONN_EV_APP_CLOSE, 20 },
		{ SMC_CONN_PEER_CLOSE_WAIT2, SMC_CONN_EV_APP_CLOSE, 21 },
		{ SMC_CONN_APP_CLOSE_WAIT1, SMC_CONN_EV_APP_CLOSE, 25 },
		{ SMC_CONN_APP_CLOSE_WAIT1_GONE, SMC_CONN_EV_APP_CLOSE, 7 },
		{ SMC_CONN_APP_CLOSE_WAIT2, SMC_CONN_EV_APP_CLOSE, 25 },
		{ SMC_CONN_APP_CLOSE_WAIT2_GONE, SMC_CONN_EV_APP_CLOSE, 7 },
		{ SMC_CONN_APP_FIN_CLOSE_WAIT, SMC_CONN_EV_APP_CLOSE, 7 },
		{ SMC_CONN_PEER_FIN_CLOSE_WAIT, SMC_CONN_EV_APP_CLOSE, 25 },
		{ SMC_CONN_PROCESS_ABORT, SMC_CONN_EV_APP_CLOSE, 7 },
		/* 6.3, done writing or closed */
		{ SMC_CONN_INIT, SMC_CONN_EV_PEER_DONE_WRITING, 22 },
		{ SMC_CONN_INIT, SMC_CONN_EV_PEER_CLOSED, 22 },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_PEER_DONE_WRITING, 22 },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_PEER_CLOSED, 22 },
		{ SMC_CONN_PEER_CLOSE_WAIT1, SMC_CONN_EV_PEER_DONE_WRITING,
		  21 },
		{ SMC_CONN_PEER_CLOSE_WAIT1_CLOSED,
		  SMC_CONN_EV_PEER_DONE_WRITING, 21 },
		{ SMC_CONN_PEER_CLOSE_WAIT1, SMC_CONN_EV_PEER_CLOSED, 24 },
		{ SMC_CONN_PEER_CLOSE_WAIT1_CLOSED, SMC_CONN_EV_PEER_CLOSED,
		  7 },
		{ SMC_CONN_PEER_CLOSE_WAIT2, SMC_CONN_EV_PEER_CLOSED, 24 },
		{ SMC_CONN_PEER_CLOSE_WAIT2_CLOSED, SMC_CONN_EV_PEER_CLOSED,
		  7 },
		{ SMC_CONN_PEER_FIN_CLOSE_WAIT, SMC_CONN_EV_PEER_CLOSED, 7 },
		{ SMC_CONN_APP_CLOSE_WAIT1, SMC_CONN_EV_PEER_CLOSED, 22 },
		{ SMC_CONN_APP_CLOSE_WAIT2, SMC_CONN_EV_PEER_CLOSED, 23 },
		{ SMC_CONN_APP_FIN_CLOSE_WAIT, SMC_CONN_EV_PEER_CLOSED, 24 },
		{ SMC_CONN_PROCESS_ABORT, SMC_CONN_EV_PEER_CLOSED, 27 },
		{ SMC_CONN_CLOSED, SMC_CONN_EV_PEER_CLOSED, 7 },
		{ SMC_CONN_PEER_CLOSE_WAIT2, SMC_CONN_EV_PEER_DONE_WRITING,
		  21 },
		{ SMC_CONN_PEER_CLOSE_WAIT2_CLOSED,
		  SMC_CONN_EV_PEER_DONE_WRITING, 21 },
		{ SMC_CONN_APP_CLOSE_WAIT1, SMC_CONN_EV_PEER_DONE_WRITING,
		  22 },
		{ SMC_CONN_APP_CLOSE_WAIT2, SMC_CONN_EV_PEER_DONE_WRITING,
		  23 },
		{ SMC_CONN_APP_FIN_CLOSE_WAIT, SMC_CONN_EV_PEER_DONE_WRITING,
		  24 },
		{ SMC_CONN_PEER_FIN_CLOSE_WAIT, SMC_CONN_EV_PEER_DONE_WRITING,
		  25 },
		{ SMC_CONN_PROCESS_ABORT, SMC_CONN_EV_PEER_DONE_WRITING, 27 },
		{ SMC_CONN_CLOSED, SMC_CONN_EV_PEER_DONE_WRITING, 7 },
		/* 6.3, abort */
		{ SMC_CONN_INIT, SMC_CONN_EV_PEER_ABORT, 27 },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_PEER_ABORT, 27 },
		{ SMC_CONN_APP_CLOSE_WAIT1, SMC_CONN_EV_PEER_ABORT, 27 },
		{ SMC_CONN_APP_FIN_CLOSE_WAIT, SMC_CONN_EV_PEER_ABORT, 27 },
		{ SMC_CONN_PEER_CLOSE_WAIT1, SMC_CONN_EV_PEER_ABORT, 27 },
		{ SMC_CONN_PEER_CLOSE_WAIT2, SMC_CONN_EV_PEER_ABORT, 27 },
		{ SMC_CONN_PEER_CLOSE_WAIT1_CLOSED, SMC_CONN_EV_PEER_ABORT,
		  7 },
		{ SMC_CONN_PEER_CLOSE_WAIT2_CLOSED, SMC_CONN_EV_PEER_ABORT,
		  7 },
		{ SMC_CONN_PEER_FIN_CLOSE_WAIT, SMC_CONN_EV_PEER_ABORT, 7 },
		{ SMC_CONN_PEER_ABORT_WAIT_CLOSED, SMC_CONN_EV_PEER_ABORT, 7 },
		{ SMC_CONN_PROCESS_ABORT, SMC_CONN_EV_PEER_ABORT, 27 },
	};
	enum smc_conn_state next;
	unsigned int i;
	u32 actions;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!row_is(rows[i].state, rows[i].event, &next, &actions) ||
		    smc_conn_state_number(next) != rows[i].number)
			test_fail("%s, %s: want %u",
				  smc_conn_state_name(rows[i].state),
				  smc_conn_event_name(rows[i].event),
				  rows[i].number);
	}
}

/* exact actions of the transitions every connection makes */
TEST(smc_conn_state_next__actions)
{
	static const struct {
		enum smc_conn_state state;
		enum smc_conn_event event;
		enum smc_conn_state next;
		u32 actions;
	} rows[] = {
		{ SMC_CONN_INIT, SMC_CONN_EV_ESTABLISHED, SMC_CONN_ACTIVE,
		  SMC_CONN_ACT_WAKE_WRITER },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_APP_SHUT_WR,
		  SMC_CONN_PEER_CLOSE_WAIT1,
		  SMC_CONN_ACT_SEND_DONE_WRITING | SMC_CONN_ACT_SND_SHUT |
		  SMC_CONN_ACT_WAKE_WRITER | SMC_CONN_ACT_TCP_SHUT_WR },
		{ SMC_CONN_PEER_CLOSE_WAIT1, SMC_CONN_EV_PEER_DONE_WRITING,
		  SMC_CONN_PEER_CLOSE_WAIT2,
		  SMC_CONN_ACT_RCV_SHUT | SMC_CONN_ACT_WAKE_READER },
		{ SMC_CONN_PEER_CLOSE_WAIT2, SMC_CONN_EV_APP_CLOSE,
		  SMC_CONN_PEER_CLOSE_WAIT2_CLOSED,
		  SMC_CONN_ACT_SEND_CLOSED | SMC_CONN_ACT_RCV_SHUT |
		  SMC_CONN_ACT_WAKE_READER },
		{ SMC_CONN_PEER_CLOSE_WAIT2_CLOSED, SMC_CONN_EV_PEER_CLOSED,
		  SMC_CONN_CLOSED,
		  SMC_CONN_ACT_DROP_SEND | SMC_CONN_ACT_WAKE_READER |
		  SMC_CONN_ACT_WAKE_WRITER | SMC_CONN_ACT_FREE },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_PEER_DONE_WRITING,
		  SMC_CONN_APP_CLOSE_WAIT1,
		  SMC_CONN_ACT_RCV_SHUT | SMC_CONN_ACT_WAKE_READER },
		{ SMC_CONN_APP_CLOSE_WAIT1, SMC_CONN_EV_APP_CLOSE,
		  SMC_CONN_PEER_FIN_CLOSE_WAIT,
		  SMC_CONN_ACT_SEND_CLOSED | SMC_CONN_ACT_RCV_SHUT |
		  SMC_CONN_ACT_SND_SHUT | SMC_CONN_ACT_WAKE_READER |
		  SMC_CONN_ACT_WAKE_WRITER | SMC_CONN_ACT_TCP_SHUT_WR },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_APP_ABORT,
		  SMC_CONN_PEER_ABORT_WAIT_CLOSED,
		  SMC_CONN_ACT_DROP_SEND | SMC_CONN_ACT_SEND_ABORT |
		  SMC_CONN_ACT_RCV_SHUT | SMC_CONN_ACT_SND_SHUT |
		  SMC_CONN_ACT_WAKE_READER | SMC_CONN_ACT_WAKE_WRITER |
		  SMC_CONN_ACT_TCP_SHUT_WR },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_PEER_ABORT,
		  SMC_CONN_PROCESS_ABORT,
		  SMC_CONN_ACT_DROP_SEND | SMC_CONN_ACT_RCV_SHUT |
		  SMC_CONN_ACT_SND_SHUT | SMC_CONN_ACT_SET_ECONNRESET |
		  SMC_CONN_ACT_WAKE_READER | SMC_CONN_ACT_WAKE_WRITER },
		{ SMC_CONN_PROCESS_ABORT, SMC_CONN_EV_APP_CLOSE,
		  SMC_CONN_CLOSED,
		  SMC_CONN_ACT_SEND_ABORT | SMC_CONN_ACT_TCP_SHUT_WR |
		  SMC_CONN_ACT_FREE },
		{ SMC_CONN_ACTIVE, SMC_CONN_EV_LINK_LOST,
		  SMC_CONN_PROCESS_ABORT_DEAD,
		  SMC_CONN_ACT_DROP_SEND | SMC_CONN_ACT_RCV_SHUT |
		  SMC_CONN_ACT_SND_SHUT | SMC_CONN_ACT_SET_ECONNABORTED |
		  SMC_CONN_ACT_WAKE_READER | SMC_CONN_ACT_WAKE_WRITER |
		  SMC_CONN_ACT_TCP_RESET },
		{ SMC_CONN_PROCESS_ABORT_DEAD, SMC_CONN_EV_APP_CLOSE,
		  SMC_CONN_CLOSED,
		  SMC_CONN_ACT_TCP_SHUT_WR | SMC_CONN_ACT_FREE },
		{ SMC_CONN_PEER_CLOSE_WAIT1_CLOSED, SMC_CONN_EV_LINGER_EXPIRED,
		  SMC_CONN_PEER_ABORT_WAIT_CLOSED,
		  SMC_CONN_ACT_DROP_SEND | SMC_CONN_ACT_SEND_ABORT |
		  SMC_CONN_ACT_WAKE_WRITER },
		/* the handshake decides, TCP must stay as it is */
		{ SMC_CONN_INIT, SMC_CONN_EV_LINK_LOST,
		  SMC_CONN_PROCESS_ABORT_DEAD, SMC_CONN_ACT_WAKE_WRITER },
		{ SMC_CONN_INIT, SMC_CONN_EV_KILL, SMC_CONN_PEER_ABORT_WAIT,
		  SMC_CONN_ACT_SEND_ABORT | SMC_CONN_ACT_WAKE_WRITER },
	};
	enum smc_conn_state next;
	unsigned int i;
	u32 actions;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT(row_is(rows[i].state, rows[i].event, &next, &actions));
		EXPECT_EQ(next, rows[i].next);
		EXPECT_EQ(actions, rows[i].actions);
	}
}

static bool may_be_invalid(unsigned int s, unsigned int e)
{
	switch (e) {
	case SMC_CONN_EV_LISTEN:
		return s != SMC_CONN_INIT && s != SMC_CONN_LISTEN;
	case SMC_CONN_EV_ESTABLISHED:
		/* states that a connection can have got into before */
		return s != SMC_CONN_INIT && s != SMC_CONN_APP_CLOSE_WAIT1 &&
		       s != SMC_CONN_APP_CLOSE_WAIT1_GONE &&
		       s != SMC_CONN_PEER_ABORT_WAIT &&
		       s != SMC_CONN_PROCESS_ABORT &&
		       s != SMC_CONN_PROCESS_ABORT_DEAD;
	case SMC_CONN_EV_APP_SHUT_WR:
		return s == SMC_CONN_INIT || s == SMC_CONN_LISTEN;
	case SMC_CONN_EV_APP_CLOSE:
	case SMC_CONN_EV_APP_ABORT:
		return false;
	case SMC_CONN_EV_LINGER_EXPIRED:
		return !smc_conn_state_app_closed(s);
	default:
		return s == SMC_CONN_LISTEN;
	}
}

/* each cell is valid or a violation, as it should be */
TEST(smc_conn_state_next__all_pairs)
{
	unsigned int s, e, nr_states = 0;
	enum smc_conn_state next;
	u32 actions;
	bool valid;

	for (s = 0; s < SMC_CONN_NR_STATES; s++) {
		nr_states += smc_conn_state_is_valid(s);
		for (e = 0; e < SMC_CONN_NR_EVENTS; e++) {
			next = 99;
			actions = 99;
			valid = row_is(s, e, &next, &actions);
			if (!valid) {
				EXPECT_EQ(next, 99);
				EXPECT_EQ(actions, 99);
			}
			if (!smc_conn_state_is_valid(s)) {
				EXPECT(!valid);
				continue;
			}
			if (valid)
				EXPECT(smc_conn_state_is_valid(next));
			if (valid == may_be_invalid(s, e))
				test_fail("%s, %s: %d",
					  smc_conn_state_name(s),
					  smc_conn_event_name(e), valid);
		}
	}
	EXPECT_EQ(nr_states, 18);
}

TEST(smc_conn_state_next__out_of_range)
{
	enum smc_conn_state next;
	u32 actions;

	EXPECT_EQ(smc_conn_state_next(SMC_CONN_NR_STATES, 0, &next, &actions),
		  -EPROTO);
	EXPECT_EQ(smc_conn_state_next(-1, 0, &next, &actions), -EPROTO);
	/* the cell behind the row would be a valid one */
	EXPECT_EQ(smc_conn_state_next(SMC_CONN_ACTIVE, SMC_CONN_NR_EVENTS,
				      &next, &actions), -EPROTO);
	EXPECT_EQ(smc_conn_state_next(SMC_CONN_CLOSED, -1, &next, &actions),
		  -EPROTO);
}

#define SENDS	(SMC_CONN_ACT_SEND_DONE_WRITING | SMC_CONN_ACT_SEND_CLOSED | \
		 SMC_CONN_ACT_SEND_ABORT)
#define ERRORS	(SMC_CONN_ACT_SET_ECONNRESET | SMC_CONN_ACT_SET_ECONNABORTED)
#define WAKES	(SMC_CONN_ACT_WAKE_READER | SMC_CONN_ACT_WAKE_WRITER)

static void expect_sound(unsigned int s, unsigned int e, unsigned int next,
			 u32 actions)
{
	bool connected = s != SMC_CONN_INIT && s != SMC_CONN_LISTEN;
	u32 sends = actions & SENDS;

	/* FREE exactly on the way into CLOSED */
	EXPECT_EQ(!!(actions & SMC_CONN_ACT_FREE),
		  next == SMC_CONN_CLOSED && s != SMC_CONN_CLOSED &&
		  connected);
	/* one word at a time, and none when nobody hears it */
	EXPECT(!(sends & (sends - 1)));
	EXPECT(!sends || e != SMC_CONN_EV_LINK_LOST);
	EXPECT(!sends || s != SMC_CONN_CLOSED);
	EXPECT(!sends || !is_peer_event(e));
	/* an abort is not held up by data: it is dropped, now or before */
	if (actions & SMC_CONN_ACT_SEND_ABORT)
		EXPECT((actions & SMC_CONN_ACT_DROP_SEND) ||
		       s == SMC_CONN_INIT || smc_conn_state_number(s) >= 22);
	/* who sleeps must see the error */
	EXPECT(!(actions & ERRORS) || (actions & WAKES) == WAKES);
	EXPECT((actions & ERRORS) != ERRORS);
	/* nothing left to do in CLOSED */
	EXPECT(s != SMC_CONN_CLOSED || !actions);
	/* closing does not come undone */
	EXPECT(!smc_conn_state_app_closed(s) ||
	       smc_conn_state_app_closed(next));
	EXPECT(smc_conn_state_peer_may_write(s) ||
	       !smc_conn_state_peer_may_write(next));
	/* and the RMBE is not given back while the peer may write */
	if ((actions & SMC_CONN_ACT_FREE) && smc_conn_state_peer_may_write(s))
		EXPECT(is_peer_event(e) || e == SMC_CONN_EV_LINK_LOST);
	if (connected)
		EXPECT(smc_conn_state_can_send(s) ||
		       !smc_conn_state_can_send(next));
	/* only the application makes it closed */
	if (smc_conn_state_app_closed(next) && !smc_conn_state_app_closed(s))
		EXPECT(e == SMC_CONN_EV_APP_CLOSE ||
		       e == SMC_CONN_EV_APP_ABORT);
	/* the handshake, not the table, decides about TCP */
	if (s == SMC_CONN_INIT)
		EXPECT(!(actions & (SMC_CONN_ACT_TCP_RESET |
				    SMC_CONN_ACT_TCP_SHUT_WR)));
}

TEST(smc_conn_state_next__invariants)
{
	enum smc_conn_state next;
	unsigned int s, e;
	u32 actions;

	for (s = 0; s < SMC_CONN_NR_STATES; s++)
		for (e = 0; e < SMC_CONN_NR_EVENTS; e++)
			if (row_is(s, e, &next, &actions))
				expect_sound(s, e, next, actions);
}

/*
 * The actions once more, by rule instead of by row. The rules need to know of
 * a state only what follows.
 */
static bool is_write_open(unsigned int s)
{
	return s == SMC_CONN_ACTIVE || s == SMC_CONN_APP_CLOSE_WAIT1 ||
	       s == SMC_CONN_APP_CLOSE_WAIT1_GONE;
}

static bool is_peer_gone(unsigned int s)
{
	return s == SMC_CONN_APP_CLOSE_WAIT1_GONE ||
	       s == SMC_CONN_APP_CLOSE_WAIT2_GONE ||
	       s == SMC_CONN_APP_FIN_CLOSE_WAIT;
}

#define SHUTS	(SMC_CONN_ACT_RCV_SHUT | SMC_CONN_ACT_SND_SHUT)
#define WRECK	(SMC_CONN_ACT_DROP_SEND | SHUTS | WAKES)
#define LOSS	(SMC_CONN_ACT_SET_ECONNABORTED | SMC_CONN_ACT_TCP_RESET)

static u32 want_app_close(unsigned int s, unsigned int e)
{
	u32 want = SMC_CONN_ACT_RCV_SHUT | SMC_CONN_ACT_WAKE_READER;

	switch (s) {
	case SMC_CONN_INIT:
	case SMC_CONN_LISTEN:
		return SHUTS | WAKES;
	case SMC_CONN_PEER_ABORT_WAIT:
		return 0;
	case SMC_CONN_PROCESS_ABORT:
		return SMC_CONN_ACT_SEND_ABORT | SMC_CONN_ACT_TCP_SHUT_WR;
	case SMC_CONN_PROCESS_ABORT_DEAD:
		return SMC_CONN_ACT_TCP_SHUT_WR;
	default:
		break;
	}
	if (is_write_open(s))
		want |= SHUTS | WAKES | SMC_CONN_ACT_TCP_SHUT_WR;
	if (e == SMC_CONN_EV_APP_CLOSE)
		want |= SMC_CONN_ACT_SEND_CLOSED;
	else
		want |= SMC_CONN_ACT_SEND_ABORT |
			(is_peer_gone(s) ? 0 : SMC_CONN_ACT_DROP_SEND);
	return want;
}

static u32 want_open(unsigned int s, unsigned int e)
{
	switch (e) {
	case SMC_CONN_EV_APP_SHUT_WR:
		return SMC_CONN_ACT_SEND_DONE_WRITING | SMC_CONN_ACT_SND_SHUT |
		       SMC_CONN_ACT_WAKE_WRITER | SMC_CONN_ACT_TCP_SHUT_WR;
	case SMC_CONN_EV_APP_CLOSE:
	case SMC_CONN_EV_APP_ABORT:
		return want_app_close(s, e);
	case SMC_CONN_EV_PEER_DONE_WRITING:
		return SMC_CONN_ACT_RCV_SHUT | SMC_CONN_ACT_WAKE_READER;
	case SMC_CONN_EV_PEER_CLOSED:
		return SMC_CONN_ACT_RCV_SHUT | WAKES | SMC_CONN_ACT_DROP_SEND;
	case SMC_CONN_EV_PEER_ABORT:
		return WRECK | SMC_CONN_ACT_SET_ECONNRESET;
	case SMC_CONN_EV_KILL:
		return WRECK | LOSS | SMC_CONN_ACT_SEND_ABORT;
	case SMC_CONN_EV_LINK_LOST:
		if (s == SMC_CONN_PROCESS_ABORT)
			return SMC_CONN_ACT_TCP_RESET;
		if (!is_peer_gone(s))
			return WRECK | LOSS;
		if (is_write_open(s))
			return SMC_CONN_ACT_SND_SHUT |
			       SMC_CONN_ACT_WAKE_WRITER;
		return 0;
	default:
		return 0;
	}
}

static u32 want_orphan(unsigned int s, unsigned int e)
{
	bool aborted = s == SMC_CONN_PEER_ABORT_WAIT_CLOSED;
	u32 want = SMC_CONN_ACT_DROP_SEND | SMC_CONN_ACT_WAKE_WRITER;

	switch (e) {
	case SMC_CONN_EV_PEER_DONE_WRITING:
		return aborted ? want | WAKES : 0;
	case SMC_CONN_EV_PEER_CLOSED:
		return want | WAKES;
	case SMC_CONN_EV_PEER_ABORT:
		return want | WAKES |
		       (aborted ? 0 : SMC_CONN_ACT_SET_ECONNRESET);
	case SMC_CONN_EV_KILL:
		return want | WAKES | LOSS | SMC_CONN_ACT_SEND_ABORT;
	case SMC_CONN_EV_LINK_LOST:
		return want | WAKES |
		       (aborted ? SMC_CONN_ACT_TCP_RESET : LOSS);
	default:
		return want | SMC_CONN_ACT_SEND_ABORT;
	}
}

static u32 want_actions(unsigned int s, unsigned int e, unsigned int next)
{
	u32 want;

	/* news of a loss that came too early are told now */
	if (e == SMC_CONN_EV_ESTABLISHED)
		return s == SMC_CONN_PEER_ABORT_WAIT ||
		       s == SMC_CONN_PROCESS_ABORT_DEAD ?
		       WRECK | LOSS : SMC_CONN_ACT_WAKE_WRITER;
	if (s == SMC_CONN_INIT && e == SMC_CONN_EV_KILL)
		return SMC_CONN_ACT_SEND_ABORT | SMC_CONN_ACT_WAKE_WRITER;
	if (s == SMC_CONN_INIT && e == SMC_CONN_EV_LINK_LOST)
		return SMC_CONN_ACT_WAKE_WRITER;
	if (s == next)
		return 0;
	/* all was done when we aborted */
	if (s == SMC_CONN_PEER_ABORT_WAIT)
		return 0;
	if (smc_conn_state_app_closed(s))
		want = want_orphan(s, e);
	else
		want = want_open(s, e);
	if (next == SMC_CONN_CLOSED && s != SMC_CONN_INIT &&
	    s != SMC_CONN_LISTEN)
		want |= SMC_CONN_ACT_FREE;
	return want;
}

TEST(smc_conn_state_next__actions_by_rule)
{
	enum smc_conn_state next;
	unsigned int s, e;
	u32 actions, want;

	for (s = 0; s < SMC_CONN_NR_STATES; s++) {
		for (e = 0; e < SMC_CONN_NR_EVENTS; e++) {
			if (!row_is(s, e, &next, &actions))
				continue;
			want = want_actions(s, e, next);
			if (actions == want)
				continue;
			test_fail("%s, %s: actions %x, want %x",
				  smc_conn_state_name(s),
				  smc_conn_event_name(e), actions, want);
		}
	}
}

/* the same event again changes nothing, and asks for nothing that counts */
TEST(smc_conn_state_next__repeats)
{
	enum smc_conn_state once, twice;
	u32 actions, more;
	unsigned int s, e;

	for (s = 0; s < SMC_CONN_NR_STATES; s++) {
		for (e = 0; e < SMC_CONN_NR_EVENTS; e++) {
			if (e == SMC_CONN_EV_ESTABLISHED ||
			    !row_is(s, e, &once, &actions) ||
			    !row_is(once, e, &twice, &more))
				continue;
			EXPECT_EQ(twice, once);
			EXPECT(!(more & ~SMC_CONN_ACT_WAKE_WRITER));
		}
	}
}

TEST(smc_conn_state__predicates)
{
	static const struct {
		enum smc_conn_state state;
		bool send;
		bool app_closed;
		bool peer_writes;
	} want[] = {
		{ SMC_CONN_INIT, false, false, true },
		{ SMC_CONN_LISTEN, false, false, false },
		{ SMC_CONN_ACTIVE, true, false, true },
		{ SMC_CONN_CLOSED, false, true, false },
		{ SMC_CONN_PEER_CLOSE_WAIT1, false, false, true },
		{ SMC_CONN_PEER_CLOSE_WAIT1_CLOSED, false, true, true },
		{ SMC_CONN_PEER_CLOSE_WAIT2, false, false, false },
		{ SMC_CONN_PEER_CLOSE_WAIT2_CLOSED, false, true, false },
		{ SMC_CONN_APP_CLOSE_WAIT1, true, false, false },
		{ SMC_CONN_APP_CLOSE_WAIT1_GONE, false, false, false },
		{ SMC_CONN_APP_CLOSE_WAIT2, false, false, false },
		{ SMC_CONN_APP_CLOSE_WAIT2_GONE, false, false, false },
		{ SMC_CONN_APP_FIN_CLOSE_WAIT, false, false, false },
		{ SMC_CONN_PEER_FIN_CLOSE_WAIT, false, true, false },
		{ SMC_CONN_PEER_ABORT_WAIT, false, false, true },
		{ SMC_CONN_PEER_ABORT_WAIT_CLOSED, false, true, true },
		{ SMC_CONN_PROCESS_ABORT, false, false, false },
		{ SMC_CONN_PROCESS_ABORT_DEAD, false, false, false },
		{ SMC_CONN_INVALID, false, false, false },
		{ SMC_CONN_NR_STATES, false, false, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		EXPECT_EQ(smc_conn_state_can_send(want[i].state),
			  want[i].send);
		EXPECT_EQ(smc_conn_state_app_closed(want[i].state),
			  want[i].app_closed);
		EXPECT_EQ(smc_conn_state_peer_may_write(want[i].state),
			  want[i].peer_writes);
		EXPECT_EQ(smc_conn_state_is_closed(want[i].state),
			  want[i].state == SMC_CONN_CLOSED);
	}
	EXPECT(!smc_conn_state_is_valid(SMC_CONN_INVALID));
	EXPECT(!smc_conn_state_is_valid(3));
	EXPECT(!smc_conn_state_is_valid(SMC_CONN_NR_STATES));
	EXPECT(smc_conn_state_is_valid(SMC_CONN_PROCESS_ABORT_DEAD));
}

TEST(smc_conn_state__numbers)
{
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_ACTIVE), 1);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_INIT), 2);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_CLOSED), 7);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_LISTEN), 10);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_PEER_CLOSE_WAIT1_CLOSED), 20);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_PEER_CLOSE_WAIT2_CLOSED), 21);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_APP_CLOSE_WAIT1_GONE), 22);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_APP_CLOSE_WAIT2_GONE), 23);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_APP_FIN_CLOSE_WAIT), 24);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_PEER_FIN_CLOSE_WAIT), 25);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_PEER_ABORT_WAIT_CLOSED), 26);
	EXPECT_EQ(smc_conn_state_number(SMC_CONN_PROCESS_ABORT_DEAD), 27);
}

TEST(smc_conn_state__names)
{
	unsigned int i, j;

	for (i = 0; i < SMC_CONN_NR_STATES; i++)
		for (j = 0; j < i; j++)
			if (smc_conn_state_is_valid(i) &&
			    smc_conn_state_is_valid(j))
				EXPECT(strcmp(smc_conn_state_name(i),
					      smc_conn_state_name(j)));
	for (i = 0; i < SMC_CONN_NR_EVENTS; i++)
		for (j = 0; j < i; j++)
			EXPECT(strcmp(smc_conn_event_name(i),
				      smc_conn_event_name(j)));
	for (i = 0; i < SMC_CONN_NR_ACTIONS; i++)
		for (j = 0; j < i; j++)
			EXPECT(strcmp(smc_conn_action_name(i),
				      smc_conn_action_name(j)));
	EXPECT_STR(smc_conn_state_name(SMC_CONN_ACTIVE), "ACTIVE");
	EXPECT_STR(smc_conn_state_name(SMC_CONN_PROCESS_ABORT_DEAD),
		   "PROCESS_ABORT_DEAD");
	EXPECT_STR(smc_conn_state_name(SMC_CONN_INVALID), "INVALID");
	EXPECT_STR(smc_conn_state_name(3), "INVALID");
	EXPECT_STR(smc_conn_event_name(SMC_CONN_EV_APP_CLOSE), "app_close");
	EXPECT_STR(smc_conn_event_name(SMC_CONN_NR_EVENTS), "unknown");
	EXPECT_STR(smc_conn_action_name(0), "drop_send");
	EXPECT_STR(smc_conn_action_name(12), "free");
	EXPECT_STR(smc_conn_action_name(SMC_CONN_NR_ACTIONS), "unknown");
}
