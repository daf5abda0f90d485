// SPDX-License-Identifier: GPL-2.0
/* Poll masks in each state, and who is woken: same as TCP's? */
#include "oracle.h"
#include <sys/ioctl.h>
#include <sys/select.h>

static void poll_states(void)
{
	int c, s, fd = make_socket(0);

	note_poll("fresh", fd, 0);
	make_pair(&c, &s);
	note_poll("client", c, POLLOUT);
	note_poll("server", s, POLLOUT);
	NOTE(send(c, "x", 1, 0));
	note_poll("data", s, POLLIN);
	note_recv(s, 1, 0);
	note_poll("read", s, 0);
}

static void poll_after_peer_shutdown(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "x", 1, 0));
	NOTE(shutdown(c, SHUT_WR));
	note_poll("server", s, POLLIN | POLLRDHUP);
	note_poll("client", c, 0);
	note_recv(s, 5, 0);
	note_poll("read", s, 0);
	note_recv(s, 5, 0);
	note_poll("end", s, 0);
	NOTE(shutdown(s, SHUT_WR));
	note_poll("server, both", s, POLLHUP);
	note_poll("client, both", c, POLLHUP);
}

static void poll_after_own_shutdown(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(shutdown(c, SHUT_RD));
	note_poll("RD", c, 0);
	NOTE(shutdown(c, SHUT_WR));
	note_poll("RD and WR", c, 0);
	note_poll("peer", s, POLLIN | POLLRDHUP);
}

static void poll_after_peer_close(void)
{
	int c, s;

	make_pair(&c, &s);
	close(c);
	note_poll("closed", s, POLLIN | POLLRDHUP);
	note_recv(s, 1, 0);
	note_poll("read", s, POLLIN | POLLRDHUP);
}

static void poll_after_peer_reset(void)
{
	struct linger linger = { 1, 0 };
	int c, s;

	make_pair(&c, &s);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(c);
	note_poll("reset", s, POLLHUP);
	note_error("first", s);
	note_error("second", s);
	note_poll("later", s, 0);
	note_recv(s, 1, 0);
	NOTE(send(s, "x", 1, MSG_NOSIGNAL));
}

static void poll_when_full(void)
{
	int c, s;

	make_pair(&c, &s);
	fill(c);
	note_mask("full", poll_now(c, ALL_EVENTS, 0));
	LATER(close(c); drain(s));
	note_mask("read", poll_now(c, POLLOUT, 5000));
	NOTE(send(c, "x", 1, MSG_DONTWAIT));
}

static void poll_wakes(void)
{
	int c, s;

	make_pair(&c, &s);
	LATER(send(c, "x", 1, 0));
	note_mask("data", poll_now(s, POLLIN, 5000));
	note_recv(s, 1, 0);
	LATER(send(c, "!", 1, MSG_OOB));
	note_mask("urgent", poll_now(s, POLLPRI, 5000));
	LATER(shutdown(c, SHUT_WR));
	note_mask("end", poll_now(s, POLLRDHUP, 5000));
}

static void poll_wakes_by_own_shutdown(void)
{
	int c, s;

	make_pair(&c, &s);
	LATER(shutdown(s, SHUT_RD));
	note_mask("end", poll_now(s, POLLRDHUP, 5000));
}

static void select_sets(void)
{
	struct timeval tv = { 5, 0 };
	fd_set in, out, ex;
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "!", 1, MSG_OOB));
	note_poll("urgent", s, POLLPRI);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&ex);
	FD_SET(s, &in);
	FD_SET(s, &out);
	FD_SET(s, &ex);
	NOTE(select(s + 1, &in, &out, &ex, &tv));
	note("in %d out %d except %d", FD_ISSET(s, &in), FD_ISSET(s, &out),
	     FD_ISSET(s, &ex));
}

/* --- epoll --------------------------------------------------------------------- */

static void epoll_level(void)
{
	int c, s, ep;

	make_pair(&c, &s);
	ep = epoll_of(s, EPOLLIN);
	note_epoll("nothing yet", ep, 0);
	NOTE(send(c, "ab", 2, 0));
	note_epoll("data", ep, 5000);
	note_epoll("data still", ep, 0);
	note_recv(s, 1, 0);
	note_epoll("data still", ep, 0);
	note_recv(s, 1, 0);
	note_epoll("none", ep, 0);
}

static void epoll_edge_in(void)
{
	int c, s, ep;

	make_pair(&c, &s);
	ep = epoll_of(s, EPOLLIN | EPOLLRDHUP | EPOLLET);
	NOTE(send(c, "a", 1, 0));
	note_epoll("first", ep, 5000);
	note_epoll("no edge", ep, 100);
	NOTE(send(c, "b", 1, 0));
	note_epoll("second", ep, 5000);
	note_recv(s, 2, MSG_WAITALL);
	note_epoll("no edge", ep, 100);
	NOTE(shutdown(c, SHUT_WR));
	note_epoll("end", ep, 5000);
	note_epoll("no edge", ep, 100);
}

static void epoll_edge_out(void)
{
	int c, s, ep;

	make_pair(&c, &s);
	ep = epoll_of(c, EPOLLOUT | EPOLLET);
	note_epoll("at once", ep, 0);
	note_epoll("no edge", ep, 100);
	fill(c);
	LATER(close(c); drain(s));
	note_epoll("room", ep, 5000);
}

static void epoll_oneshot(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };
	int c, s, ep;

	make_pair(&c, &s);
	ep = epoll_of(s, EPOLLIN | EPOLLONESHOT);
	NOTE(send(c, "a", 1, 0));
	note_epoll("once", ep, 5000);
	NOTE(send(c, "b", 1, 0));
	note_epoll("no more", ep, 100);
	NOTE(epoll_ctl(ep, EPOLL_CTL_MOD, s, &event));
	note_epoll("again", ep, 5000);
}

/* The application registers before the connection is made and decided. */
static void epoll_across_connect(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(SOCK_NONBLOCK);
	int ep = epoll_of(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET), server;
	int lep = epoll_of(listener, EPOLLIN | EPOLLET);

	note_epoll("fresh", ep, 0);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_epoll("connected", ep, 5000);
	note_epoll("listener", lep, 5000);
	server = accept(listener, NULL, NULL);
	NOTE(send(server, "x", 1, 0));
	note_epoll_of("data", ep, EPOLLIN);
	note_recv(fd, 5, 0);
	close(server);
	note_epoll_of("end", ep, EPOLLRDHUP);
}

static void epoll_of_refused(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(SOCK_NONBLOCK);
	int ep = epoll_of(fd, EPOLLIN | EPOLLOUT | EPOLLET);

	close(listener);
	note_epoll("fresh", ep, 0);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_epoll("refused", ep, 5000);
	note_error("then", fd);
}

static void signal_driven(void)
{
	int c, s, on = 1, i;

	make_pair(&c, &s);
	on_signal(SIGIO, 0);
	NOTE(fcntl(s, F_SETOWN, getpid()));
	NOTE(ioctl(s, FIOASYNC, &on));
	NOTE(send(c, "x", 1, 0));
	for (i = 0; i < 200 && !signals_seen; i++)
		usleep(10000);
	note("signal %s", signals_seen ? "came" : "did not come");
	note_recv(s, 5, 0);
}

/* Of several that wait for one event exclusively, not all are woken. */
static void epoll_exclusive(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int c, s, sets[3], i, woken = 0;

	make_pair(&c, &s);
	for (i = 0; i < 3; i++) {
		sets[i] = epoll_create1(0);
		NOTE(epoll_ctl(sets[i], EPOLL_CTL_ADD, s, &event));
		if (!fork()) {
			if (epoll_wait(sets[i], &event, 1, 1000) == 1)
				recv(s, &(char){ 0 }, 1, MSG_DONTWAIT);
			_exit(0);
		}
	}
	usleep(200000);
	NOTE(send(c, "xyz", 3, 0));
	a_moment();
	for (i = 0; i < 3; i++)
		woken += recv(s, &(char){ 0 }, 1, MSG_DONTWAIT) != 1;
	note("%s", woken > 0 ? "some took a byte" : "nobody was woken");
	NOTE(epoll_ctl(sets[0], EPOLL_CTL_MOD, s, &event));
	event.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
	NOTE(epoll_ctl(sets[0], EPOLL_CTL_DEL, s, NULL));
	NOTE(epoll_ctl(sets[0], EPOLL_CTL_ADD, s, &event));
}

static void epoll_exclusive_accept(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	struct st_addr addr;
	int listener = make_listener(&addr), i, ep;
	char byte;

	fcntl(listener, F_SETFL, O_NONBLOCK);
	for (i = 0; i < 3; i++)
		if (!fork()) {
			ep = epoll_create1(0);
			epoll_ctl(ep, EPOLL_CTL_ADD, listener, &event);
			while (epoll_wait(ep, &event, 1, 3000) == 1) {
				int fd = accept(listener, NULL, NULL);

				if (fd >= 0)
					send(fd, "!", 1, 0);
			}
			_exit(0);
		}
	usleep(200000);
	for (i = 0; i < 5; i++)
		NOTE(recv(make_client(&addr), &byte, 1, 0));
}

static void epoll_nested(void)
{
	int c, s, inner, outer;

	make_pair(&c, &s);
	inner = epoll_of(s, EPOLLIN);
	outer = epoll_of(inner, EPOLLIN);
	note_epoll("nothing", outer, 0);
	NOTE(send(c, "x", 1, 0));
	note_epoll("outer", outer, 5000);
	note_epoll("inner", inner, 0);
	note_recv(s, 1, 0);
	note_epoll("nothing", outer, 0);
}

static void epoll_in_two_sets(void)
{
	int c, s, a, b;

	make_pair(&c, &s);
	a = epoll_of(s, EPOLLIN | EPOLLET);
	b = epoll_of(s, EPOLLIN | EPOLLRDHUP);
	NOTE(send(c, "x", 1, 0));
	note_epoll("first", a, 5000);
	note_epoll("second", b, 5000);
	note_recv(s, 1, 0);
	NOTE(shutdown(c, SHUT_WR));
	note_epoll("first", a, 5000);
	note_epoll("second", b, 5000);
	close(s);
	note_epoll("closed", b, 0);
}

static void epoll_lowat(void)
{
	int c, s, ep, low = 4;

	make_pair(&c, &s);
	setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low));
	ep = epoll_of(s, EPOLLIN | EPOLLET);
	NOTE(send(c, "abc", 3, 0));
	note_epoll("3 of 4", ep, 200);
	NOTE(send(c, "d", 1, 0));
	note_epoll("4 of 4", ep, 5000);
	note_recv(s, 2, 0);
	note_epoll("2 left", ep, 0);
	NOTE(shutdown(c, SHUT_WR));
	note_epoll("end", ep, 5000);
}

/* Edge-triggered programs read until EAGAIN and expect to be told of more. */
static void epoll_edge_stream(void)
{
	static char block[10000], buf[3000];
	int c, s, ep, i;
	long n, sum = 0;

	make_pair(&c, &s);
	fcntl(s, F_SETFL, O_NONBLOCK);
	ep = epoll_of(s, EPOLLIN | EPOLLRDHUP | EPOLLET);
	if (!fork()) {
		close(s);
		for (i = 0; i < 50; i++) {
			send(c, block, sizeof(block), 0);
			if (i % 10 == 0)
				usleep(10000);
		}
		_exit(0);
	}
	close(c);
	for (;;) {
		struct epoll_event event;

		if (epoll_wait(ep, &event, 1, 5000) != 1) {
			note("lost an edge");
			break;
		}
		while ((n = recv(s, buf, sizeof(buf), 0)) > 0)
			sum += n;
		if (!n)
			break;
	}
	note("%ld bytes", sum);
}

static void ppoll_with_signal(void)
{
	struct timespec ts = { 5, 0 };
	struct pollfd pollfd = { .events = POLLIN };
	sigset_t mask, old;
	int c, s;

	make_pair(&c, &s);
	on_signal(SIGUSR1, 0);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, &old);
	LATER(kill(getppid(), SIGUSR1));
	pollfd.fd = s;
	NOTE(ppoll(&pollfd, 1, &ts, &old));
	note("%d signals", signals_seen);
}

static void poll_one_socket_twice(void)
{
	struct pollfd fds[3];
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "x", 1, 0));
	wait_in(s);
	fds[0] = (struct pollfd){ .fd = s, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = s, .events = POLLOUT };
	fds[2] = (struct pollfd){ .fd = s };
	NOTE(poll(fds, 3, 1000));
	note_mask("in", fds[0].revents);
	note_mask("out", fds[1].revents);
	note_mask("nothing asked", fds[2].revents);
}

/* Signals that say what has happened, to whom they are addressed. */
static int last_band;

static void take_band(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	signals_seen++;
	last_band = info->si_band;
}

static void signal_with_band(void)
{
	struct sigaction action = {
		.sa_sigaction = take_band, .sa_flags = SA_SIGINFO | SA_RESTART,
	};
	int c, s, i;

	make_pair(&c, &s);
	sigaction(SIGRTMIN, &action, NULL);
	NOTE(fcntl(s, F_SETSIG, SIGRTMIN));
	NOTE(fcntl(s, F_SETOWN, getpid()));
	NOTE(fcntl(s, F_SETFL, O_ASYNC | O_NONBLOCK));
	NOTE(send(c, "x", 1, 0));
	for (i = 0; i < 200 && !signals_seen; i++)
		usleep(10000);
	note_mask("data", last_band & POLLIN);
	note_recv(s, 5, 0);
	signals_seen = 0;
	NOTE(shutdown(c, SHUT_WR));
	for (i = 0; i < 200 && !signals_seen; i++)
		usleep(10000);
	note("the end is told: %d", signals_seen > 0);
}

static void signal_for_listener(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), i;

	on_signal(SIGIO, SA_RESTART);
	NOTE(fcntl(listener, F_SETOWN, getpid()));
	NOTE(fcntl(listener, F_SETFL, O_ASYNC | O_NONBLOCK));
	make_client(&addr);
	for (i = 0; i < 200 && !signals_seen; i++)
		usleep(10000);
	note("signal %s", signals_seen ? "came" : "did not come");
	NOTE_OK(accept(listener, NULL, NULL));
}

static void signal_for_space(void)
{
	int c, s, i;

	make_pair(&c, &s);
	on_signal(SIGIO, SA_RESTART);
	fcntl(c, F_SETFL, O_NONBLOCK);
	fill(c);
	NOTE(fcntl(c, F_SETOWN, getpid()));
	NOTE(fcntl(c, F_SETFL, O_ASYNC | O_NONBLOCK));
	NOTE(send(c, "x", 1, 0));
	signals_seen = 0;
	LATER(close(c); drain(s));
	for (i = 0; i < 200 && !signals_seen; i++)
		usleep(10000);
	note("signal %s", signals_seen ? "came" : "did not come");
}

static const struct scenario scenarios[] = {
	SCENARIO(poll_states),
	SCENARIO(poll_after_peer_shutdown),
	SCENARIO(poll_after_own_shutdown),
	SCENARIO(poll_after_peer_close),
	SCENARIO(poll_after_peer_reset),
	SCENARIO(poll_when_full),
	SCENARIO(poll_wakes),
	SCENARIO(poll_wakes_by_own_shutdown),
	SCENARIO(select_sets),
	SCENARIO(epoll_level),
	SCENARIO(epoll_edge_in),
	SCENARIO(epoll_edge_out),
	SCENARIO(epoll_oneshot),
	SCENARIO(epoll_across_connect),
	SCENARIO(epoll_of_refused),
	SCENARIO(signal_driven),
	SCENARIO(epoll_exclusive),
	SCENARIO(epoll_exclusive_accept),
	SCENARIO(epoll_nested),
	SCENARIO(epoll_in_two_sets),
	SCENARIO(epoll_lowat),
	SCENARIO(epoll_edge_stream),
	SCENARIO(ppoll_with_signal),
	SCENARIO(poll_one_socket_twice),
	SCENARIO(signal_with_band),
	SCENARIO(signal_for_listener),
	SCENARIO(signal_for_space),
};

ORACLE_MAIN(scenarios)
