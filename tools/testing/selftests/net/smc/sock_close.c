// SPDX-License-Identifier: GPL-2.0
/* The end of connections, of either direction or of both: same as TCP's? */
#include "oracle.h"
#include <pthread.h>

static void shutdown_writing(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "last", 4, 0));
	NOTE(shutdown(c, SHUT_WR));
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
	NOTE(shutdown(c, SHUT_WR));
	note_recv(s, 10, MSG_WAITALL);
	note_recv(s, 10, 0);
	note_recv(s, 10, 0);
	NOTE(send(s, "answer", 6, 0));
	note_recv(c, 10, 0);
	NOTE(send(s, "more", 4, 0));
	NOTE(shutdown(s, SHUT_WR));
	note_recv(c, 10, MSG_WAITALL);
	note_recv(c, 10, 0);
	note_error("client", c);
	note_error("server", s);
}

static void shutdown_reading(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "before", 6, 0));
	wait_in(s);
	NOTE(shutdown(s, SHUT_RD));
	note_recv(s, 10, 0);
	note_recv(s, 10, 0);
	NOTE(send(c, "after", 5, MSG_NOSIGNAL));
	a_moment();
	note_recv(s, 10, MSG_DONTWAIT);
	NOTE(send(s, "still", 5, MSG_NOSIGNAL));
	note_recv(c, 10, 0);
}

static void shutdown_both(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(shutdown(c, SHUT_RDWR));
	note_recv(c, 10, 0);
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
	note_recv(s, 10, 0);
	NOTE(send(s, "into the void", 13, MSG_NOSIGNAL));
	NOTE(shutdown(s, 3));
	NOTE(shutdown(s, -1));
}

static void broken_pipe_signal(void)
{
	int c, s;

	make_pair(&c, &s);
	on_signal(SIGPIPE, 0);
	shutdown(c, SHUT_WR);
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
	note("%d signals", signals_seen);
	NOTE(send(c, "x", 1, 0));
	note("%d signals", signals_seen);
	NOTE(write(c, "x", 1));
	note("%d signals", signals_seen);
}

static void close_delivers_all(void)
{
	static char buf[300000];
	int c, s;

	make_pair(&c, &s);
	if (!fork()) {
		send(c, buf, sizeof(buf), 0);
		_exit(0);
	}
	close(c);
	a_moment();
	note("%ld bytes", drain(s));
	note_recv(s, 1, 0);
}

static void close_with_unread_data(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "never read", 10, 0));
	wait_in(s);
	NOTE(close(s));
	note_poll("client", c, POLLHUP);
	note_recv(c, 10, 0);
	note_recv(c, 10, 0);
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
}

static void close_with_unread_data_after_sending(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(s, "readable", 8, 0));
	NOTE(send(c, "never read", 10, 0));
	wait_in(s);
	wait_in(c);
	NOTE(close(s));
	note_poll("client", c, POLLHUP);
	note_error("client", c);
}

/* TCP learns only from the answer to the first byte that nobody reads. */
static void send_after_peer_closed(void)
{
	int c, s;

	make_pair(&c, &s);
	close(s);
	note_poll("client", c, POLLIN | POLLRDHUP);
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
	a_moment();
	note_poll("client", c, POLLHUP | POLLERR);
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
	note_recv(c, 1, 0);
	note_error("after", c);
	make_pair(&c, &s);
	close(s);
	note_poll("client", c, POLLIN | POLLRDHUP);
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
	a_moment();
	note_recv(c, 1, 0);
	note_error("after", c);
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
}

static void read_after_peer_closed(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(s, "abc", 3, 0));
	close(s);
	a_moment();
	note_recv(c, 2, 0);
	note_recv(c, 2, 0);
	note_recv(c, 2, 0);
	note_recv(c, 2, 0);
}

static void linger_zero_resets(void)
{
	struct linger linger = { 1, 0 };
	int c, s;

	make_pair(&c, &s);
	NOTE(setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	NOTE(close(c));
	note_poll("server", s, POLLHUP);
	note_recv(s, 1, 0);
	note_recv(s, 1, 0);
	NOTE(send(s, "x", 1, MSG_NOSIGNAL));
}

static void linger_waits(void)
{
	struct linger linger = { 1, 1 };
	int c, s;
	double start;

	make_pair(&c, &s);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	fill(c);
	start = st_now();
	NOTE(close(c));
	note_time("close", start, 1);
	note("%s", drain(s) > 0 ? "data came" : "no data came");
}

static void linger_ends_when_all_is_sent(void)
{
	struct linger linger = { 1, 10 };
	int c, s;
	double start;

	make_pair(&c, &s);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	NOTE(send(c, "abc", 3, 0));
	start = st_now();
	LATER(close(c); drain(s); close(s));
	NOTE(close(s));
	NOTE(close(c));
	note("close %s", st_now() - start < 5 ? "in time" : "too late");
}

static void nonblocking_close_does_not_linger(void)
{
	int c, s;
	double start;

	make_pair(&c, &s);
	fcntl(c, F_SETFL, O_NONBLOCK);
	fill(c);
	start = st_now();
	NOTE(close(c));
	note("close %s", st_now() - start < 1 ? "in time" : "too late");
	note("%s", drain(s) > 0 ? "data came" : "no data came");
}

/* --- while somebody waits ------------------------------------------------------ */

static void peer_closes_while_reading(void)
{
	int c, s;

	make_pair(&c, &s);
	if (!fork()) {
		close(s);
		usleep(200000);
		close(c);
		_exit(0);
	}
	close(c);
	note_recv(s, 1, 0);
}

static void peer_resets_while_reading(void)
{
	struct linger linger = { 1, 0 };
	int c, s;

	make_pair(&c, &s);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	LATER(close(s); close(c));
	close(c);
	note_recv(s, 1, 0);
}

static void peer_closes_while_writing(void)
{
	int c, s;
	long n;

	make_pair(&c, &s);
	LATER(close(c); close(s));
	close(s);
	n = send(c, calloc(1, 64 << 20), 64 << 20, MSG_NOSIGNAL);
	note("send: %s", n < 0 ? strerrorname_np(errno) : "part");
	n = send(c, "x", 1, MSG_NOSIGNAL);
	note("send: %s", n < 0 ? strerrorname_np(errno) : "1");
}

static void own_shutdown_while_reading(void)
{
	int c, s;

	make_pair(&c, &s);
	LATER(shutdown(s, SHUT_RD));
	note_recv(s, 1, 0);
	LATER(shutdown(c, SHUT_RDWR));
	note_recv(c, 1, MSG_WAITALL);
}

static void own_shutdown_while_writing(void)
{
	int c, s;

	make_pair(&c, &s);
	fill(c);
	on_signal(SIGPIPE, 0);
	LATER(shutdown(c, SHUT_WR));
	NOTE(send(c, "x", 1, 0));
	note("%d signals", signals_seen);
}

static void *closing_thread(void *arg)
{
	usleep(1000000);
	close(*(int *)arg);
	return NULL;
}

/* The reader keeps the file alive, so the connection goes on. */
static void own_close_while_reading(void)
{
	pthread_t thread;
	int c, s, old;

	make_pair(&c, &s);
	old = s;
	pthread_create(&thread, NULL, closing_thread, &s);
	LATER(close(s); usleep(1200000); send(c, "x", 1, 0));
	note_recv(old, 1, 0);
	pthread_join(thread, NULL);
}

static void both_close_at_once(void)
{
	int c, s, i, wrong = 0;

	for (i = 0; i < 30; i++) {
		make_pair(&c, &s);
		if (i % 3)
			send(c, "x", 1, 0);
		if (i % 2)
			send(s, "y", 1, 0);
		wrong += close(c) != 0;
		wrong += close(s) != 0;
	}
	note("%d wrong", wrong);
}

static void process_dies(void)
{
	int c, s;
	pid_t pid;

	make_pair(&c, &s);
	pid = fork();
	if (!pid) {
		close(s);
		send(c, "will", 4, 0);
		kill(getpid(), SIGKILL);
	}
	close(c);
	waitpid(pid, NULL, 0);
	note_recv(s, 10, 0);
	note_recv(s, 10, 0);
}

/* From one connection to the next: the end travels along with the bytes. */
static void half_close_pipeline(void)
{
	static char block[5000];
	int a, b, c, d, i;
	ssize_t n;

	make_pair(&a, &b);
	make_pair(&c, &d);
	if (!fork()) {
		while ((n = recv(b, block, sizeof(block), 0)) > 0)
			send(c, block, n, 0);
		shutdown(c, SHUT_WR);
		recv(c, block, 10, 0);
		send(b, "all done", 8, 0);
		_exit(0);
	}
	for (i = 0; i < 10; i++)
		send(a, block, sizeof(block), 0);
	NOTE(shutdown(a, SHUT_WR));
	note("%ld bytes", drain(d));
	NOTE(send(d, "thanks", 6, 0));
	note_recv(a, 10, 0);
}

/* As "sort": all is read to the end before the first byte of the answer. */
static void half_close_filter(void)
{
	static char block[100000];
	int c, s, status;
	long n;

	make_pair(&c, &s);
	if (!fork()) {
		close(c);
		n = drain(s);
		while (n > 0)
			n -= send(s, block, n < 1000 ? n : 1000, 0);
		_exit(0);
	}
	close(s);
	NOTE(send(c, block, sizeof(block), 0));
	NOTE(shutdown(c, SHUT_WR));
	note("%ld bytes back", drain(c));
	wait(&status);
	note("status %d", status);
}

static void close_after_both_shut_down(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(shutdown(c, SHUT_WR));
	NOTE(shutdown(s, SHUT_WR));
	note_poll("client", c, POLLHUP);
	note_poll("server", s, POLLHUP);
	note_recv(c, 1, 0);
	note_recv(s, 1, 0);
	NOTE(shutdown(c, SHUT_RDWR));
	NOTE(close(c));
	NOTE(shutdown(s, SHUT_RDWR));
	NOTE(send(s, "x", 1, MSG_NOSIGNAL));
}

static void half_closed_for_a_while(void)
{
	int c, s, i;

	make_pair(&c, &s);
	NOTE(shutdown(c, SHUT_WR));
	for (i = 0; i < 5; i++) {
		NOTE(send(s, "still", 5, 0));
		note_recv(c, 5, MSG_WAITALL);
		a_moment();
	}
	close(s);
	note_recv(c, 5, 0);
}

static void linger_with_unread_data(void)
{
	struct linger linger = { 1, 2 };
	int c, s;

	make_pair(&c, &s);
	NOTE(send(s, "never read", 10, 0));
	wait_in(c);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	NOTE(send(c, "x", 1, 0));
	NOTE(close(c));
	note_poll("server", s, POLLHUP);
	note_error("server", s);
}

static void close_with_urgent_unread(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "X", 1, MSG_OOB));
	note_poll("server", s, POLLPRI);
	a_moment();
	NOTE(close(c));
	note_recv(s, 1, MSG_OOB);
	note_recv(s, 1, 0);
	NOTE(close(s));
}

/* Errors are told once, to whoever asks first. */
static void error_is_told_once(void)
{
	struct linger linger = { 1, 0 };
	int c, s, i;

	for (i = 0; i < 3; i++) {
		make_pair(&c, &s);
		setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		close(c);
		note_poll("reset", s, POLLHUP | POLLERR);
		if (i == 0)
			NOTE(send(s, "x", 1, MSG_NOSIGNAL));
		else if (i == 1)
			note_recv(s, 1, MSG_PEEK);
		else
			note_error("by option", s);
		note_poll("later", s, 0);
		note_error("again", s);
		note_recv(s, 1, 0);
		NOTE(send(s, "x", 1, MSG_NOSIGNAL));
		NOTE(shutdown(s, SHUT_RDWR));
	}
}

static const struct scenario scenarios[] = {
	SCENARIO(shutdown_writing),
	SCENARIO(shutdown_reading),
	SCENARIO(shutdown_both),
	SCENARIO(broken_pipe_signal),
	SCENARIO(close_delivers_all),
	SCENARIO(close_with_unread_data),
	SCENARIO(close_with_unread_data_after_sending),
	SCENARIO(send_after_peer_closed),
	SCENARIO(read_after_peer_closed),
	SCENARIO(linger_zero_resets),
	SCENARIO(linger_waits),
	SCENARIO(linger_ends_when_all_is_sent),
	SCENARIO(nonblocking_close_does_not_linger),
	SCENARIO(peer_closes_while_reading),
	SCENARIO(peer_resets_while_reading),
	SCENARIO(peer_closes_while_writing),
	SCENARIO(own_shutdown_while_reading),
	SCENARIO(own_shutdown_while_writing),
	SCENARIO(own_close_while_reading),
	SCENARIO(both_close_at_once),
	SCENARIO(process_dies),
	SCENARIO(half_close_pipeline),
	SCENARIO(half_close_filter),
	SCENARIO(close_after_both_shut_down),
	SCENARIO(half_closed_for_a_while),
	SCENARIO(linger_with_unread_data),
	SCENARIO(close_with_urgent_unread),
	SCENARIO(error_is_told_once),
};

ORACLE_MAIN(scenarios)
