// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of link_state.c.
 */
#include "ktap.h"
#include "link_state.h"

#define BAD	SMC_LINK_INVALID
#define UNU	SMC_LINK_UNUSED
#define INA	SMC_LINK_INACTIVE
#define ACG	SMC_LINK_ACTIVATING
#define RDY	SMC_LINK_READY
#define ACT	SMC_LINK_ACTIVE
#define DRA	SMC_LINK_DRAINING

/* a second opinion: next states, by hand */
static const u8 want_next[SMC_LINK_NR_STATES][SMC_LINK_NR_EVENTS] = {
	/*	  created rtr  rts  conf fail del  drained */
	[BAD] = { BAD, BAD, BAD, BAD, BAD, BAD, BAD },
	[UNU] = { INA, BAD, BAD, BAD, BAD, BAD, BAD },
	[INA] = { BAD, ACG, BAD, BAD, DRA, DRA, BAD },
	[ACG] = { BAD, BAD, RDY, BAD, DRA, DRA, BAD },
	[RDY] = { BAD, BAD, BAD, ACT, DRA, DRA, BAD },
	[ACT] = { BAD, BAD, BAD, BAD, DRA, DRA, BAD },
	[DRA] = { BAD, DRA, DRA, DRA, DRA, DRA, UNU },
};

TEST(smc_link_state_next__all_pairs)
{
	enum smc_link_state next;
	unsigned int s, e;
	u32 actions;
	int rc;

	for (s = 0; s < SMC_LINK_NR_STATES; s++) {
		for (e = 0; e < SMC_LINK_NR_EVENTS; e++) {
			next = 99;
			actions = 99;
			rc = smc_link_state_next(s, e, &next, &actions);
			if (want_next[s][e] == BAD) {
				EXPECT_EQ(rc, -EPROTO);
				EXPECT_EQ(next, 99);
				EXPECT_EQ(actions, 99);
			} else {
				EXPECT_EQ(rc, 0);
				EXPECT_EQ(next, want_next[s][e]);
			}
		}
	}
}

TEST(smc_link_state_next__actions)
{
	enum smc_link_state next;
	unsigned int s, e;
	u32 actions, want;

	for (s = 0; s < SMC_LINK_NR_STATES; s++) {
		for (e = 0; e < SMC_LINK_NR_EVENTS; e++) {
			if (smc_link_state_next(s, e, &next, &actions))
				continue;
			want = 0;
			if (next == ACT)
				want |= SMC_LINK_ACT_START_TEST;
			if (next == DRA && s != DRA)
				want |= SMC_LINK_ACT_QP_ERROR;
			if (next == DRA && s == ACT)
				want |= SMC_LINK_ACT_STOP_TEST |
					SMC_LINK_ACT_MOVE_CONNS;
			if (next == DRA && s != DRA &&
			    e == SMC_LINK_EV_FAILED)
				want |= SMC_LINK_ACT_REPORT;
			if (next == UNU)
				want |= SMC_LINK_ACT_FREE;
			EXPECT_EQ(actions, want);
		}
	}
}

TEST(smc_link_state_next__out_of_range)
{
	enum smc_link_state next;
	u32 actions;

	EXPECT_EQ(smc_link_state_next(SMC_LINK_NR_STATES, 0, &next, &actions),
		  -EPROTO);
	EXPECT_EQ(smc_link_state_next(-1, 0, &next, &actions), -EPROTO);
	/* the cell behind the row would be a valid one */
	EXPECT_EQ(smc_link_state_next(BAD, SMC_LINK_NR_EVENTS, &next,
				      &actions), -EPROTO);
	EXPECT_EQ(smc_link_state_next(UNU, -1, &next, &actions), -EPROTO);
}

TEST(smc_link_state__predicates)
{
	unsigned int s;

	for (s = 0; s <= SMC_LINK_NR_STATES; s++) {
		EXPECT_EQ(smc_link_state_can_send(s), s == RDY || s == ACT);
		EXPECT_EQ(smc_link_state_is_active(s), s == ACT);
	}
}

TEST(smc_link_state__numbers)
{
	EXPECT_EQ(smc_link_state_number(UNU), 0);
	EXPECT_EQ(smc_link_state_number(INA), 1);
	EXPECT_EQ(smc_link_state_number(ACG), 2);
	EXPECT_EQ(smc_link_state_number(RDY), 2);
	EXPECT_EQ(smc_link_state_number(ACT), 3);
	EXPECT_EQ(smc_link_state_number(DRA), 1);
	EXPECT_EQ(smc_link_state_number(BAD), 0);
	EXPECT_EQ(smc_link_state_number(SMC_LINK_NR_STATES), 0);
}

TEST(smc_link_state__names)
{
	unsigned int i, j;

	for (i = 0; i < SMC_LINK_NR_STATES; i++)
		for (j = 0; j < i; j++)
			EXPECT(strcmp(smc_link_state_name(i),
				      smc_link_state_name(j)));
	for (i = 0; i < SMC_LINK_NR_EVENTS; i++)
		for (j = 0; j < i; j++)
			EXPECT(strcmp(smc_link_event_name(i),
				      smc_link_event_name(j)));
	for (i = 0; i < SMC_LINK_NR_ACTIONS; i++)
		for (j = 0; j < i; j++)
			EXPECT(strcmp(smc_link_action_name(i),
				      smc_link_action_name(j)));
	EXPECT_STR(smc_link_state_name(ACT), "ACTIVE");
	EXPECT_STR(smc_link_event_name(SMC_LINK_EV_DRAINED), "drained");
	EXPECT_STR(smc_link_action_name(0), "start_test");
	EXPECT_STR(smc_link_action_name(5), "free");
	EXPECT_STR(smc_link_state_name(SMC_LINK_NR_STATES), "unknown");
	EXPECT_STR(smc_link_event_name(SMC_LINK_NR_EVENTS), "unknown");
	EXPECT_STR(smc_link_action_name(SMC_LINK_NR_ACTIONS), "unknown");
}
