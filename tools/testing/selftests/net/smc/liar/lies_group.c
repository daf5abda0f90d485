// SPDX-License-Identifier: GPL-2.0
/* Lies by silence, and more than one should ask for. */
#include "../smctest.h"
#include "lies.h"

#define NO_MEMORY	0x01010000
#define CLOSES		150
#define GROUPS		400

/* never answers Confirm Link: the victim goes on with TCP, or ends it */
static const char *silent_confirm(struct conn *none, struct conn *nobody)
{
	struct group *g = group_new(false);
	const char *why = NULL;
	struct conn *c;
	char byte;

	g->silent = 2;
	c = conn_open(g);
	/* a Decline, or the end of TCP */
	if (!c)
		why = "no connection";
	else if (!PUMP_UNTIL(g, recv(c->fd, &byte, 1, MSG_DONTWAIT) >= 0 ||
			     errno != EAGAIN, 15000))
		why = "the victim waits for ever";
	group_free(g);
	return why;
}

/* leaves in the middle of everything */
static const char *vanish(struct conn *a, struct conn *b)
{
	rdma_write(a, 0, "some", 4);
	say(a);
	say(b);
	return NULL;
}

/*
 * The group ends while the victim waits for one more Confirm. What it keeps for
 * that connection must not be kept for ever: it could not be unloaded.
 */
static const char *end_in_handshake(struct conn *a, struct conn *b)
{
	u8 msg[LLC_LEN] = { 0x24, LLC_LEN, 0, 0x40 };
	struct group *g = a->group;
	struct conn *c;

	g->undecided = true;
	c = conn_open(g);
	if (!c)
		return "no Accept";
	send_msg(g, msg, LLC_LEN);
	PUMP_UNTIL(g, group_dead(g), 5000);
	/* until nothing of it is left, not even in the device */
	PUMP_UNTIL(g, false, 500);
	conn_drop(c);
	return group_dead(g) ? NULL : "the group does not end";
}

/*
 * The victim closes, and never hears that its peer has: tokens and RMBEs stay
 * with this group. The victim must have enough of it before all are gone, and a
 * client must find room in another group. (If tcp_fin_timeout is short; it is
 * the server who chooses the group.)
 */
static const char *never_close(struct conn *none, struct conn *nobody)
{
	struct group *g = group_new(false);
	const char *why = NULL;
	struct conn *c;
	int i;

	for (i = 0; i < CLOSES && !why; i++) {
		struct smc_cdc cdc;

		c = conn_open(g);
		if (!c && !i)
			why = "no connection";
		if (!c)
			break;
		why = exchange(c, 100);
		/* done, so that the application closes; then nothing more */
		cdc = honest_cdc(c);
		cdc.done_writing = true;
		send_cdc(c, &cdc);
		PUMP_UNTIL(g, c->closed || c->aborted || group_dead(g), 10000);
		conn_drop(c);
		/* three seconds in all */
		PUMP_UNTIL(g, false, 20);
	}
	if (!why && !g->server && conn_diag != CONN_NEW_GROUP)
		why = "the victim keeps to this group";
	settle(g);
	group_free(g);
	return why;
}

/* Each Proposal comes from somebody new, and nothing follows. */
static const char *many_groups(struct conn *none, struct conn *nobody)
{
	struct group *g[GROUPS] = { NULL };
	const char *why = "no limit was met";
	int i, n;

	for (n = 0; n < GROUPS; n++) {
		g[n] = group_new(false);
		if (!conn_open(g[n]))
			break;
	}
	if (n < GROUPS) {
		why = conn_diag == NO_MEMORY ? NULL : "another reason";
		printf("# %d groups, then 0x%08x\n", n, conn_diag);
	}
	for (i = 0; i <= n && i < GROUPS; i++) {
		if (i < n)
			group_end(g[i]);
		else
			group_free(g[i]);
	}
	return why;
}

/* nothing but its end may come on the TCP connection */
static const char *bytes_by_tcp(struct conn *a, struct conn *b)
{
	if (send(a->fd, "lies", 4, MSG_NOSIGNAL) != 4)
		return "cannot send";
	PUMP_UNTIL(a->group, a->aborted, 10000);
	return a->aborted ? NULL : "the victim does not mind";
}

/* the companion connection is lost: so is this one, and no other */
static const char *reset_of_tcp(struct conn *a, struct conn *b)
{
	struct linger now = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	/* closes it; the number stays taken */
	if (fd < 0 || dup2(fd, a->fd) < 0 || close(fd))
		return "cannot reset";
	PUMP_UNTIL(a->group, a->aborted, 10000);
	return a->aborted ? NULL : "the victim does not mind";
}

const struct lie group_lies[] = {
	{ "group: silence to Confirm Link", silent_confirm, ALONE | RARE,
	  NULL },
	{ "group: the peer vanishes", vanish, 0, NULL },
	{ "group: ends under a handshake", end_in_handshake, CLIENT_LIES, NULL },
	{ "group: closed is never said", never_close, ALONE | RARE, NULL },
	{ "tcp: bytes beside SMC", bytes_by_tcp, B_LIVES, "ConnAborted" },
	{ "tcp: reset beside SMC", reset_of_tcp, B_LIVES, "ConnAborted" },
	{ "group: very many", many_groups, ALONE | RARE, NULL },
	{ }
};
