// SPDX-License-Identifier: GPL-2.0
/* What wakes those who wait, and when: same as TCP? */
#include "oracle.h"
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

static void set_int(int fd, int level, int opt, int value)
{
	if (setsockopt(fd, level, opt, &value, sizeof(value)))
		note("option %d: %s", opt, strerrorname_np(errno));
}

/* Wait for @events; notice what there is, and whether it took too long. */
static void note_wake(const char *what, int fd, int events)
{
	double start = st_now();

	note_mask(what, poll_now(fd, events, 6000));
	note_time(what, start, 0.1);
}

/* --- the end of the stream --------------------------------------------------- */

static void end_wakes_rdhup(void)
{
	int c, s;

	make_pair(&c, &s);
	LATER(shutdown(c, SHUT_WR));
	note_wake("end", s, POLLRDHUP);
}

static void end_wakes_hup(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(shutdown(s, SHUT_WR));
	LATER(shutdown(c, SHUT_WR));
	note_wake("both ends", s, 0);
}

static void end_wakes_epoll(void)
{
	int c, s, ep;

	make_pair(&c, &s);
	ep = epoll_of(s, EPOLLRDHUP | EPOLLET);
	LATER(shutdown(c, SHUT_WR));
	note_epoll("end", ep, 3000);
	make_pair(&c, &s);
	ep = epoll_of(s, EPOLLOUT | EPOLLRDHUP | EPOLLET);
	note_epoll("at once", ep, 3000);
	LATER(shutdown(c, SHUT_WR));
	note_epoll("end", ep, 3000);
}

/* --- SO_RCVLOWAT ------------------------------------------------------------- */

static void lowat_lowered(void)
{
	int c, s, ep;

	make_pair(&c, &s);
	set_int(s, SOL_SOCKET, SO_RCVLOWAT, 100);
	ep = epoll_of(s, EPOLLIN | EPOLLET);
	NOTE(send(c, "abc", 3, 0));
	a_moment();
	note_mask("3 of 100", poll_now(s, POLLIN, 0));
	set_int(s, SOL_SOCKET, SO_RCVLOWAT, 2);
	note_epoll("3 of 2", ep, 3000);
}

/* More than half of the buffer: whatever is made of it, nobody hangs. */
static void lowat_large(void)
{
	static char buf[50000];
	long n, sum = 0;
	struct st_addr addr;
	int c, s, listener = make_listener(&addr);

	set_int(listener, SOL_SOCKET, SO_RCVBUF, 65536);
	c = make_client(&addr);
	s = accept(listener, NULL, NULL);
	set_int(s, SOL_SOCKET, SO_RCVLOWAT, sizeof(buf));
	set_timeout(s, SO_RCVTIMEO, 5000);
	LATER(close(s); send(c, buf, sizeof(buf), 0); pause());
	close(c);
	while (sum < (long)sizeof(buf) &&
	       (n = recv(s, buf, sizeof(buf) - sum, 0)) > 0)
		sum += n;
	note("%ld bytes: %s", sum, n < 0 ? strerrorname_np(errno) : "well");
}

/* --- what is held back ------------------------------------------------------- */

/* The end of a file that is shorter than was said is the end of what comes. */
static void sendfile_beyond_the_end(void)
{
	int c, s, fd = memfd_create("file", 0);
	off_t offset = 0;
	double start;

	make_pair(&c, &s);
	NOTE(write(fd, "0123456789", 10));
	NOTE(sendfile(c, fd, &offset, 1 << 20));
	start = st_now();
	wait_in(s);
	note("%s", st_now() - start < 0.1 ? "at once" : "late");
	note_recv(s, 20, 0);
}

/* TCP_NODELAY sends what is there, cork or not. */
static void nodelay_uncorks(void)
{
	double start;
	int c, s;

	make_pair(&c, &s);
	set_int(c, SOL_TCP, TCP_CORK, 1);
	NOTE(send(c, "abc", 3, 0));
	start = st_now();
	set_int(c, SOL_TCP, TCP_NODELAY, 1);
	wait_in(s);
	note("%s", st_now() - start < 0.1 ? "at once" : "late");
	note_recv(s, 20, 0);
}

/* --- how it ends ------------------------------------------------------------- */

/* A reset that comes after the end is one for the writer only. */
static void reset_after_end(void)
{
	int c, s;

	on_signal(SIGPIPE, 0);
	make_pair(&c, &s);
	NOTE(shutdown(s, SHUT_WR));
	note_poll("end", c, POLLRDHUP);
	NOTE(send(c, "x", 1, 0));
	wait_in(s);
	close(s);
	note_poll("reset", c, POLLHUP | POLLERR);
	note_recv(c, 1, 0);
	note_error("first", c);
	note_error("second", c);
	note_recv(c, 1, 0);
	NOTE(send(c, "x", 1, 0));
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
	note("%d signals", signals_seen);
}

/* send() of nothing, where something could not be sent */
static void nothing_to_send(void)
{
	struct linger linger = { 1, 0 };
	int c, s;

	on_signal(SIGPIPE, 0);
	make_pair(&c, &s);
	NOTE(shutdown(c, SHUT_WR));
	NOTE(send(c, "", 0, 0));
	make_pair(&c, &s);
	setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(s);
	note_poll("reset", c, POLLHUP);
	NOTE(send(c, "", 0, 0));
	NOTE(send(c, "", 0, 0));
	note_error("then", c);
	note("%d signals", signals_seen);
}

static void note_all(long sum, int fd)
{
	long got = drain(fd);

	note("%s", got == sum ? "all there" : "some are lost");
	note_recv(fd, 1, 0);
}

/*
 * The host of who has closed forgets the connection while there is data on its
 * way: data that TCP still would deliver.
 */
static void closer_forgets(void)
{
	int c, s;
	long sum;

	make_pair(&c, &s);
	set_int(s, SOL_TCP, TCP_LINGER2, -1);
	sum = fill(s);
	close(s);
	a_moment();
	note_all(sum, c);
	make_pair(&c, &s);
	set_int(s, SOL_TCP, TCP_LINGER2, 1);
	set_int(c, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(c, SOL_TCP, TCP_KEEPIDLE, 1);
	set_int(c, SOL_TCP, TCP_KEEPINTVL, 1);
	sum = fill(s);
	close(s);
	sleep(4);
	note_all(sum, c);
}

/* --- buffers ------------------------------------------------------------------ */

/* As a program does that wants to hear early of a peer that does not read. */
static void sndbuf_small(void)
{
	static char buf[4096];
	struct st_addr addr;
	int c, s, quiet, listener = make_listener(&addr);
	long n, sum = 0;

	set_int(listener, SOL_SOCKET, SO_RCVBUF, 4096);
	c = make_client(&addr);
	s = accept(listener, NULL, NULL);
	set_int(c, SOL_SOCKET, SO_SNDBUF, 4096);
	for (quiet = 0; quiet < 30; quiet++, usleep(10000))
		while ((n = send(c, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
			sum += n;
			quiet = 0;
		}
	note("%s", sum && sum < 100000 ? "stops soon" : "takes too much");
	note_mask("full", poll_now(c, POLLOUT, 0));
	LATER(close(c); drain(s));
	note_mask("read", poll_now(c, POLLOUT, 5000));
}

/* SO_SNDBUF may be made smaller when something has been sent already. */
static void sndbuf_lowered(void)
{
	static char buf[65536];
	int c, s, i, n;
	long sum = 0;

	make_pair(&c, &s);
	for (i = 0; i < 3; i++)
		send(c, buf, 8000, 0);
	set_int(c, SOL_SOCKET, SO_SNDBUF, 4096);
	set_int(s, SOL_SOCKET, SO_RCVBUF, 4096);
	LATER(close(c); note("%s", drain(s) == 424000 ? "all" : "some"));
	close(s);
	set_timeout(c, SO_SNDTIMEO, 5000);
	while (sum < 400000 && poll_now(c, POLLOUT, 5000) & POLLOUT) {
		n = send(c, buf, sum + 40000 > 400000 ? 400000 - sum : 40000,
			 0);
		if (n < 0)
			break;
		sum += n;
	}
	note("sent %ld", sum);
	shutdown(c, SHUT_WR);
	wait(NULL);
}

/* No page can be lent: all is left to recv(), which TCP may do as well. */
static void zerocopy_receive(void)
{
	struct tcp_zerocopy_receive zc = { 0 };
	socklen_t len = sizeof(zc);
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "abcdef", 6, 0));
	wait_in(s);
	NOTE(getsockopt(s, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len));
	note("length %u, left %u", zc.length, zc.recv_skip_hint);
	NOTE(shutdown(c, SHUT_WR));
	note_poll("end", s, POLLRDHUP);
	NOTE(getsockopt(s, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len));
	note("left %u", zc.recv_skip_hint);
	note_recv(s, 10, 0);
	NOTE(getsockopt(s, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len));
	len = 4;
	NOTE(getsockopt(s, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len));
}

static const struct scenario scenarios[] = {
	SCENARIO(end_wakes_rdhup),
	SCENARIO(end_wakes_hup),
	SCENARIO(end_wakes_epoll),
	SCENARIO(lowat_lowered),
	SCENARIO(lowat_large),
	SCENARIO(sendfile_beyond_the_end),
	SCENARIO(nodelay_uncorks),
	SCENARIO(reset_after_end),
	SCENARIO(nothing_to_send),
	SCENARIO(closer_forgets),
	SCENARIO(sndbuf_small),
	SCENARIO(sndbuf_lowered),
	SCENARIO(zerocopy_receive),
};

ORACLE_MAIN(scenarios)
