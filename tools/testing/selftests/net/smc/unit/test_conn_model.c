// SPDX-License-Identifier: GPL-2.0
/*
 * Two connections talk to each other over two channels, in every order that
 * is possible; see explore(). One end is always ours. The other is ours too, or
 * behaves as the protocol reference says Linux does.
 *
 * A message may wait behind data, data waits for ever if the other side's
 * application has closed, a link can be lost and an end can be killed at any
 * moment. Demanded is: no event is a violation; no data is written to an RMBE
 * that was given back; nothing that is owed stays so; from wherever they are
 * both sides can still get to CLOSED, with FREE having come exactly once, and
 * when nothing can happen any more they are there.
 */
#include "conn_state.h"
#include "ktap.h"

/* what a channel carries: sets of flags, as CDC messages do, or data */
#define M_DONE		1
#define M_CLOSED	2
#define M_ABORT		4
#define M_DATA		8
#define CHAN_LEN	4

enum { APP_OPEN, APP_SHUT, APP_CLOSED };

/**
 * struct end - one end of the connection
 * @state: enum smc_conn_state, or the number of a state of Linux
 * @up: the handshake is done, the application has the connection
 * @app: what the application did
 * @ring: there is data in the send ring
 * @writes: how often the application may still write
 * @owed: flags to be sent
 * @said: flags sent
 * @heard: flags received
 * @freeing: FREE came, but something is still owed
 * @frees: how often RMBE and token were given back
 * @lost: this end was told that the link is lost
 */
struct end {
	u8 state;
	u8 up;
	u8 app;
	u8 ring;
	u8 writes;
	u8 owed;
	u8 said;
	u8 heard;
	u8 freeing;
	u8 frees;
	u8 lost;
};

/**
 * struct world - all there is
 * @end: the two ends
 * @chan: messages to end 0 and to end 1
 * @nr: number of them
 * @link_down: the link is lost
 * @faults: how many faults may still happen
 */
struct world {
	struct end end[2];
	u8 chan[2][CHAN_LEN];
	u8 nr[2];
	u8 link_down;
	u8 faults;
};

/**
 * struct model - all worlds seen, and how one leads to another
 * @worlds: the worlds
 * @nr: number of them
 * @room: number that fit
 * @hash: index into @worlds plus one, open addressing
 * @hash_size: power of two
 * @edges: pairs of indices, from and to
 * @nr_edges: number of pairs
 * @room_edges: number that fit
 * @linux_peer: end 1 behaves as Linux
 * @errors: something was wrong
 */
struct model {
	struct world *worlds;
	u32 nr;
	u32 room;
	u32 *hash;
	u32 hash_size;
	u32 (*edges)[2];
	u32 nr_edges;
	u32 room_edges;
	bool linux_peer;
	unsigned int errors;
};

static void describe(const struct world *w)
{
	const struct end *e;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		e = &w->end[i];
		printf("#   end %u: %s (%u), app %u, ring %u,", i,
		       smc_conn_state_name(e->state), e->state, e->app,
		       e->ring);
		printf(" owed %x, said %x, heard %x, frees %u, %u for it\n",
		       e->owed, e->said, e->heard, e->frees, w->nr[i]);
	}
}

static void wrong(struct model *m, const struct world *w, const char *what)
{
	if (m->errors++ >= 3)
		return;
	test_fail("%s%s", what,
		  m->linux_peer ? " (Linux peer)" : "");
	describe(w);
}

static bool is_linux(const struct model *m, unsigned int i)
{
	return m->linux_peer && i == 1;
}

/* our ends */

static void end_free(struct model *m, struct world *w, unsigned int i)
{
	struct end *e = &w->end[i];

	if (!e->freeing || e->owed)
		return;
	e->freeing = 0;
	e->frees++;
	if (e->frees > 1)
		wrong(m, w, "freed twice");
	if (e->app != APP_CLOSED)
		wrong(m, w, "freed under the application");
}

static void event(struct model *m, struct world *w, unsigned int i,
		  enum smc_conn_event ev)
{
	struct end *e = &w->end[i];
	enum smc_conn_state next;
	u32 actions;

	if (smc_conn_state_next(e->state, ev, &next, &actions)) {
		wrong(m, w, smc_conn_event_name(ev));
		return;
	}
	e->state = next;
	if (actions & SMC_CONN_ACT_DROP_SEND)
		e->ring = 0;
	if (actions & SMC_CONN_ACT_SEND_DONE_WRITING)
		e->owed |= M_DONE;
	if (actions & SMC_CONN_ACT_SEND_CLOSED)
		e->owed |= M_CLOSED;
	if (actions & SMC_CONN_ACT_SEND_ABORT)
		e->owed |= M_ABORT;
	if (ev == SMC_CONN_EV_LINK_LOST)
		e->owed = 0;
	if (e->lost)
		e->owed = 0;
	if (actions & SMC_CONN_ACT_FREE)
		e->freeing = 1;
	if ((e->owed & M_ABORT) && e->ring)
		wrong(m, w, "abort waits behind data");
	end_free(m, w, i);
}

static void ours_hears(struct model *m, struct world *w, unsigned int i,
		       u8 msg)
{
	struct end *e = &w->end[i];
	u8 new = msg & ~e->heard;

	if (e->frees)
		return;		/* the token is not known any more */
	e->heard |= msg;
	if (new & M_ABORT) {
		event(m, w, i, SMC_CONN_EV_PEER_ABORT);
		return;
	}
	if (new & M_DONE)
		event(m, w, i, SMC_CONN_EV_PEER_DONE_WRITING);
	if (new & M_CLOSED)
		event(m, w, i, SMC_CONN_EV_PEER_CLOSED);
}

/* ends that behave as Linux, sections 6.2 and 6.3 */

static void linux_final(struct end *e, bool unread)
{
	e->owed |= unread ? M_ABORT : M_CLOSED;
}

static void linux_close(struct end *e, bool unread)
{
	bool said_final = (e->said | e->owed) & (M_CLOSED | M_ABORT);
	bool peer_final = e->heard & (M_CLOSED | M_ABORT);

	switch (e->state) {
	case 1:
		linux_final(e, unread);
		e->state = 20;
		break;
	case 20:
	case 21:
		if (!said_final)
			linux_final(e, unread);
		break;
	case 22:
	case 23:
		linux_final(e, unread);
		e->state = peer_final ? 7 : 25;
		break;
	case 24:
		linux_final(e, unread);
		e->state = 7;
		break;
	case 27:
		e->owed |= M_ABORT;
		e->state = 7;
		break;
	default:
		break;
	}
	e->ring = 0;
}

static void linux_shut_wr(struct end *e)
{
	if (e->state != 1 && e->state != 22)
		return;
	e->owed |= M_DONE;
	e->state = e->state == 1 ? 20 : 23;
}

static void linux_abort(struct end *e)
{
	bool closed = (e->said | e->owed) & (M_CLOSED | M_ABORT);

	switch (e->state) {
	case 1:
	case 22:
	case 24:
		e->state = 27;
		break;
	case 20:
	case 21:
		e->state = closed ? 7 : 27;
		break;
	case 23:
	case 25:
		e->state = 7;
		break;
	default:
		break;
	}
	e->ring = 0;
}

static void linux_hears(struct end *e, u8 msg)
{
	bool closed = (e->said | e->owed) & (M_CLOSED | M_ABORT);

	e->heard |= msg;
	if (msg & M_ABORT) {
		linux_abort(e);
		return;
	}
	if (e->state == 1)
		e->state = 22;
	else if (e->state == 20)
		e->state = 21;
	if (!(msg & M_CLOSED))
		return;
	if (e->state == 21)
		e->state = closed ? 7 : 24;
	else if (e->state == 25)
		e->state = 7;
	e->ring = 0;
}

/* what can be done by either kind */

static bool can_write(const struct model *m, const struct world *w,
		      unsigned int i)
{
	const struct end *e = &w->end[i];

	if (!e->writes || e->ring || e->app != APP_OPEN)
		return false;
	if (is_linux(m, i))
		return (e->state == 1 || e->state == 22) &&
		       !(e->heard & M_CLOSED);
	return smc_conn_state_can_send(e->state);
}

static bool is_closed(const struct model *m, const struct world *w,
		      unsigned int i)
{
	return w->end[i].state == SMC_CONN_CLOSED;
}

static bool chan_push(struct world *w, unsigned int to, u8 msg)
{
	if (w->nr[to] == CHAN_LEN)
		return false;
	w->chan[to][w->nr[to]++] = msg;
	return true;
}

static u8 chan_pop(struct world *w, unsigned int to)
{
	u8 msg = w->chan[to][0];

	memmove(w->chan[to], w->chan[to] + 1, CHAN_LEN - 1);
	w->chan[to][CHAN_LEN - 1] = 0;
	w->nr[to]--;
	return msg;
}

/* the steps that end @i can take; false if step @n is not possible now */

static bool step_app(struct model *m, struct world *w, unsigned int i,
		     unsigned int n)
{
	struct end *e = &w->end[i];

	if (e->app == APP_CLOSED || !e->up)
		return false;
	switch (n) {
	case 0:
		if (!can_write(m, w, i))
			return false;
		e->writes--;
		e->ring = 1;
		return true;
	case 1:
		if (e->app != APP_OPEN)
			return false;
		e->app = APP_SHUT;
		if (is_linux(m, i))
			linux_shut_wr(e);
		else
			event(m, w, i, SMC_CONN_EV_APP_SHUT_WR);
		return true;
	case 2:
	case 3:
		e->app = APP_CLOSED;
		if (is_linux(m, i))
			linux_close(e, n == 3);
		else
			event(m, w, i, n == 3 ? SMC_CONN_EV_APP_ABORT :
			      SMC_CONN_EV_APP_CLOSE);
		return true;
	default:
		return false;
	}
}

static bool step_send(struct model *m, struct world *w, unsigned int i,
		      unsigned int n)
{
	struct end *peer = &w->end[!i];
	struct end *e = &w->end[i];

	if (w->link_down)
		return false;
	if (n == 0) {
		/* an application that closed makes no room */
		if (!e->ring || peer->app == APP_CLOSED ||
		    !chan_push(w, !i, M_DATA))
			return false;
		e->ring = 0;
		if (peer->frees)
			wrong(m, w, "data for an RMBE given back");
		return true;
	}
	if (!e->owed || e->ring || !chan_push(w, !i, e->said | e->owed))
		return false;
	e->said |= e->owed;
	e->owed = 0;
	end_free(m, w, i);
	return true;
}

static bool step_receive(struct model *m, struct world *w, unsigned int i)
{
	u8 msg;

	if (!w->nr[i])
		return false;
	msg = chan_pop(w, i);
	if (msg == M_DATA) {
		if (w->end[i].frees)
			wrong(m, w, "data in an RMBE given back");
		return true;
	}
	if (is_linux(m, i))
		linux_hears(&w->end[i], msg);
	else
		ours_hears(m, w, i, msg);
	return true;
}

static bool step_fault(struct model *m, struct world *w, unsigned int i,
		       unsigned int n)
{
	struct end *e = &w->end[i];

	switch (n) {
	case 0:
		if (!w->faults || e->frees)
			return false;
		w->faults--;
		event(m, w, i, SMC_CONN_EV_KILL);
		return true;
	case 1:
		if (!w->faults || w->link_down || m->linux_peer)
			return false;
		w->faults--;
		w->link_down = 1;
		memset(w->chan, 0, sizeof(w->chan));
		memset(w->nr, 0, sizeof(w->nr));
		return true;
	case 2:
		if (!w->link_down || e->lost || e->frees)
			return false;
		e->lost = 1;
		event(m, w, i, SMC_CONN_EV_LINK_LOST);
		return true;
	case 3:
		/* armed while the application waits for its data to drain */
		if (!e->owed || !smc_conn_state_app_closed(e->state) ||
		    e->frees)
			return false;
		event(m, w, i, SMC_CONN_EV_LINGER_EXPIRED);
		return true;
	default:
		return false;
	}
}

#define NR_STEPS	12

static bool step(struct model *m, struct world *w, unsigned int i,
		 unsigned int n)
{
	if (n < 4)
		return step_app(m, w, i, n);
	if (n < 6)
		return step_send(m, w, i, n - 4);
	if (n == 6)
		return step_receive(m, w, i);
	if (is_linux(m, i))
		return false;
	if (n < 11)
		return step_fault(m, w, i, n - 7);
	if (w->end[i].up)
		return false;
	w->end[i].up = 1;
	event(m, w, i, SMC_CONN_EV_ESTABLISHED);
	return true;
}

static bool is_end(const struct model *m, const struct world *w)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (w->end[i].app != APP_CLOSED || w->nr[i] ||
		    !is_closed(m, w, i) || w->end[i].owed)
			return false;
		if (!is_linux(m, i) && w->end[i].frees != 1)
			return false;
	}
	return true;
}

static u32 hash_of(const struct world *w)
{
	const u8 *p = (const u8 *)w;
	u32 h = 2166136261u;
	size_t i;

	for (i = 0; i < sizeof(*w); i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static void *grow(void *array, u32 *room, size_t each)
{
	*room = *room ? *room * 2 : 4096;
	array = realloc(array, *room * each);
	if (!array)
		abort();
	return array;
}

static void rehash(struct model *m)
{
	u32 i, h;

	free(m->hash);
	m->hash_size = m->hash_size ? m->hash_size * 2 : 16384;
	m->hash = calloc(m->hash_size, sizeof(*m->hash));
	if (!m->hash)
		abort();
	for (i = 0; i < m->nr; i++) {
		h = hash_of(&m->worlds[i]) & (m->hash_size - 1);
		while (m->hash[h])
			h = (h + 1) & (m->hash_size - 1);
		m->hash[h] = i + 1;
	}
}

/* index of a world; new ones are put at the end */
static u32 intern(struct model *m, const struct world *w)
{
	u32 h;

	if (m->nr * 2 >= m->hash_size)
		rehash(m);
	h = hash_of(w) & (m->hash_size - 1);
	for (; m->hash[h]; h = (h + 1) & (m->hash_size - 1))
		if (!memcmp(&m->worlds[m->hash[h] - 1], w, sizeof(*w)))
			return m->hash[h] - 1;
	if (m->nr == m->room)
		m->worlds = grow(m->worlds, &m->room, sizeof(*m->worlds));
	m->worlds[m->nr] = *w;
	m->hash[h] = ++m->nr;
	return m->nr - 1;
}

static void expand(struct model *m, u32 from)
{
	struct world w, old = m->worlds[from];
	unsigned int i, n;
	bool any = false;

	for (i = 0; i < 2; i++) {
		for (n = 0; n < NR_STEPS; n++) {
			w = old;
			if (!step(m, &w, i, n))
				continue;
			any = true;
			if (m->nr_edges == m->room_edges)
				m->edges = grow(m->edges, &m->room_edges,
						sizeof(*m->edges));
			m->edges[m->nr_edges][0] = from;
			m->edges[m->nr_edges++][1] = intern(m, &w);
		}
	}
	if (!any && !is_end(m, &old))
		wrong(m, &old, "stuck");
}

/* can all worlds get to an end? */
static void expect_all_can_end(struct model *m, u32 *nr_ends)
{
	u8 *good = calloc(m->nr, 1);
	bool changed = true;
	u32 i;

	for (i = 0; i < m->nr; i++) {
		good[i] = is_end(m, &m->worlds[i]);
		*nr_ends += good[i];
	}
	while (changed) {
		changed = false;
		for (i = m->nr_edges; i-- > 0;) {
			if (good[m->edges[i][0]] || !good[m->edges[i][1]])
				continue;
			good[m->edges[i][0]] = 1;
			changed = true;
		}
	}
	for (i = 0; i < m->nr; i++)
		if (!good[i])
			wrong(m, &m->worlds[i], "no way to the end");
	free(good);
}

static void explore(bool linux_peer, u8 faults, u8 writes, u32 at_least)
{
	struct model m = { .linux_peer = linux_peer };
	u32 i, nr_ends = 0;
	struct world w;

	memset(&w, 0, sizeof(w));
	w.faults = faults;
	w.end[0].state = SMC_CONN_INIT;
	w.end[1].state = linux_peer ? 1 : SMC_CONN_INIT;
	w.end[1].up = linux_peer;
	w.end[0].writes = writes;
	w.end[1].writes = writes;
	intern(&m, &w);
	for (i = 0; i < m.nr && m.errors < 100; i++)
		expand(&m, i);
	if (!m.errors)
		expect_all_can_end(&m, &nr_ends);
	printf("# %u worlds, %u steps, %u ends\n", m.nr, m.nr_edges, nr_ends);
	EXPECT(m.nr >= at_least);
	EXPECT(m.errors || nr_ends > 0);
	free(m.worlds);
	free(m.hash);
	free(m.edges);
}

TEST(conn_model__two_of_ours)
{
	explore(false, 0, 2, 10000);
}

TEST(conn_model__two_of_ours_with_faults)
{
	explore(false, 2, 1, 20000);
}

TEST(conn_model__linux_peer)
{
	explore(true, 0, 2, 5000);
}

TEST(conn_model__linux_peer_with_faults)
{
	explore(true, 2, 1, 5000);
}
