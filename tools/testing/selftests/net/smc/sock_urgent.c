// SPDX-License-Identifier: GPL-2.0
/* Urgent data: same as TCP's? */
#include "oracle.h"
#include <sys/ioctl.h>

static void note_mark(int fd)
{
	int mark = -1;

	if (ioctl(fd, SIOCATMARK, &mark))
		note("SIOCATMARK: %s", strerrorname_np(errno));
	else
		note("at mark: %d", mark);
}

static void urgent(void)
{
	int c, s;

	make_pair(&c, &s);
	note_recv(s, 1, MSG_OOB);
	NOTE(send(c, "abc", 3, 0));
	NOTE(send(c, "XY", 2, MSG_OOB));
	NOTE(send(c, "de", 2, 0));
	note_poll("poll", s, POLLIN | POLLPRI);
	note_mark(s);
	note_recv(s, 1, MSG_OOB | MSG_PEEK);
	note_recv(s, 10, MSG_OOB);
	note_recv(s, 1, MSG_OOB);
	note_poll("poll", s, 0);
	note_recv(s, 10, 0);
	note_mark(s);
	a_moment();
	note_recv(s, 10, 0);
	note_mark(s);
	note_recv(s, 1, MSG_OOB);
}

static void urgent_inline(void)
{
	int c, s, one = 1;

	make_pair(&c, &s);
	setsockopt(s, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	NOTE(send(c, "ab", 2, 0));
	NOTE(send(c, "X", 1, MSG_OOB));
	NOTE(send(c, "cd", 2, 0));
	note_poll("poll", s, POLLIN | POLLPRI);
	a_moment();
	note_recv(s, 1, MSG_OOB);
	note_recv(s, 10, 0);
	note_mark(s);
	note_recv(s, 10, 0);
	note_mark(s);
}

static void urgent_twice(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "aX", 2, MSG_OOB));
	NOTE(send(c, "bY", 2, MSG_OOB));
	NOTE(send(c, "c", 1, 0));
	a_moment();
	note_recv(s, 1, MSG_OOB);
	note_recv(s, 10, 0);
	note_mark(s);
	note_recv(s, 10, 0);
}

/* Read by itself, it is no byte of the stream any more, wherever the reader is. */
static void urgent_read_first(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "abX", 3, MSG_OOB));
	note_poll("poll", s, POLLPRI | POLLIN);
	note_recv(s, 1, MSG_OOB);
	note_mark(s);
	note_recv(s, 10, 0);
	note_mark(s);
	note_recv(s, 10, MSG_DONTWAIT);
	note_poll("poll", s, 0);
	NOTE(send(c, "cd", 2, 0));
	note_poll("poll", s, POLLIN);
	note_mark(s);
	note_recv(s, 10, MSG_PEEK);
	note_mark(s);
	note_recv(s, 10, 0);
	note_mark(s);
}

static void urgent_is_next(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "X", 1, MSG_OOB));
	note_poll("poll", s, POLLPRI);
	note_mark(s);
	note_recv(s, 1, MSG_OOB | MSG_PEEK);
	note_mark(s);
	note_recv(s, 1, MSG_OOB);
	note_mark(s);
	note_poll("poll", s, 0);
	NOTE(send(c, "Y", 1, MSG_OOB));
	note_poll("poll", s, POLLPRI);
	note_recv(s, 1, MSG_OOB);
	note_recv(s, 10, MSG_DONTWAIT);
	NOTE(send(c, "ab", 2, 0));
	note_poll("poll", s, POLLIN);
	note_recv(s, 10, MSG_WAITALL | MSG_DONTWAIT);
	note_mark(s);
}

/* A read stops there, even if nothing has come after it. */
static void urgent_stops_waitall(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "abX", 3, MSG_OOB));
	note_poll("poll", s, POLLPRI | POLLIN);
	note_recv(s, 1, MSG_OOB);
	note_recv(s, 10, MSG_WAITALL);
	LATER(send(c, "cdef", 4, 0));
	note_recv(s, 4, MSG_WAITALL);
}

static void urgent_signal(void)
{
	int c, s;

	make_pair(&c, &s);
	on_signal(SIGURG, 0);
	fcntl(s, F_SETOWN, getpid());
	LATER(send(c, "X", 1, MSG_OOB));
	usleep(2000000);
	note("%d signals", signals_seen);
	note_recv(s, 1, MSG_OOB);
}

static void urgent_and_shutdown(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "abX", 3, MSG_OOB));
	NOTE(shutdown(c, SHUT_WR));
	note_poll("poll", s, POLLPRI | POLLIN | POLLRDHUP);
	a_moment();
	note_recv(s, 10, 0);
	note_mark(s);
	note_recv(s, 1, MSG_OOB);
	note_recv(s, 10, 0);
	note_recv(s, 1, MSG_OOB);
}

static void urgent_peeked_over(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "abX", 3, MSG_OOB));
	NOTE(send(c, "cd", 2, 0));
	note_poll("poll", s, POLLPRI | POLLIN);
	a_moment();
	note_recv(s, 10, MSG_PEEK);
	note_recv(s, 2, 0);
	note_mark(s);
	note_recv(s, 10, MSG_PEEK);
	note_mark(s);
	note_recv(s, 10, 0);
	note_recv(s, 1, MSG_OOB);
}

/* Who is in recv() must not read over the mark before it has seen SIGURG. */
static void urgent_interrupts_reader(void)
{
	int c, s;

	make_pair(&c, &s);
	on_signal(SIGURG, 0);
	fcntl(s, F_SETOWN, getpid());
	LATER(send(c, "X", 1, MSG_OOB));
	note_recv(s, 10, 0);
	note("%d signals", signals_seen);
	note_mark(s);
	note_recv(s, 1, MSG_OOB);
	note_mark(s);
}

/* SO_RCVLOWAT is no reason not to tell of it. */
static void urgent_below_lowat(void)
{
	int c, s, low = 10;
	double start;

	make_pair(&c, &s);
	setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low));
	LATER(send(c, "X", 1, MSG_OOB));
	start = st_now();
	note_mask("urgent", poll_now(s, POLLPRI, 8000));
	note_time("poll", start, 0.1);
}

/* It is unread, too, by whoever has read it by itself. */
static void urgent_unread_at_close(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "X", 1, MSG_OOB));
	note_poll("urgent", s, POLLPRI);
	note_recv(s, 1, MSG_OOB);
	close(s);
	note_poll("reset", c, POLLHUP);
	note_recv(c, 1, 0);
	make_pair(&c, &s);
	NOTE(send(c, "X", 1, MSG_OOB));
	note_poll("urgent", s, POLLPRI);
	close(s);
	note_poll("reset", c, POLLHUP);
	note_recv(c, 1, 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(urgent),
	SCENARIO(urgent_inline),
	SCENARIO(urgent_twice),
	SCENARIO(urgent_read_first),
	SCENARIO(urgent_is_next),
	SCENARIO(urgent_stops_waitall),
	SCENARIO(urgent_signal),
	SCENARIO(urgent_and_shutdown),
	SCENARIO(urgent_peeked_over),
	SCENARIO(urgent_interrupts_reader),
	SCENARIO(urgent_below_lowat),
	SCENARIO(urgent_unread_at_close),
};

ORACLE_MAIN(scenarios)
