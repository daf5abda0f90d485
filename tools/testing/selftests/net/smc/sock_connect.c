// SPDX-License-Identifier: GPL-2.0
/* Socket calls up to the connection, from the client: same as TCP's? */
#include "oracle.h"
#include <sys/select.h>

/* The address of a port where nobody listens. */
static struct st_addr closed_port(void)
{
	struct st_addr addr;
	int fd = listen_as(ST_TCP, &addr, 1);

	close(fd);
	return addr;
}

/*
 * An address whose host never answers: a TCP listener that takes no more.
 * Its connections stay open until the scenario ends.
 */
static struct st_addr silent_port(void)
{
	struct st_addr addr;
	int i, fd;

	listen_as(ST_TCP, &addr, 0);
	for (i = 0; i < 4; i++) {
		fd = st_socket(ST_TCP, env.family, SOCK_NONBLOCK);
		connect(fd, st_sa(&addr), addr.len);
	}
	a_moment();
	return addr;
}

static void connect_blocking(void)
{
	int c, s;

	make_pair(&c, &s);
	note_error("client", c);
	note_error("server", s);
	NOTE(send(c, "hello", 5, 0));
	note_recv(s, 10, 0);
	NOTE(send(s, "world!", 6, 0));
	note_recv(c, 10, 0);
}

static void connect_refused(void)
{
	struct st_addr addr = closed_port();
	int fd = make_socket(0);

	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_error("after", fd);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_poll("poll", fd, 0);
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
	note_recv(fd, 1, MSG_DONTWAIT);
}

static void connect_refused_then_accepted(void)
{
	struct st_addr addr = closed_port();
	int fd = make_socket(0), listener;

	NOTE(connect(fd, st_sa(&addr), addr.len));
	listener = st_listen(env.listener, &addr, 5);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
	NOTE_OK(accept(listener, NULL, NULL));
}

/* connect() is asked what became of it, and then goes on afresh */
static void connect_refused_asked(void)
{
	struct st_addr addr = closed_port();
	int fd = make_socket(SOCK_NONBLOCK), listener;
	char byte;

	if (connect(fd, st_sa(&addr), addr.len) && errno == EINPROGRESS)
		NOTE(connect(fd, st_sa(&addr), addr.len));
	listener = st_listen(env.listener, &addr, 5);
	fcntl(fd, F_SETFL, 0);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
	NOTE(recv(accept(listener, NULL, NULL), &byte, 1, 0));
}

static void connect_refused_nonblocking(void)
{
	struct st_addr addr = closed_port();
	int fd = make_socket(SOCK_NONBLOCK);

	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_poll("poll", fd, POLLERR | POLLHUP);
	note_error("first", fd);
	note_error("second", fd);
	note_poll("poll again", fd, 0);
}

static void connect_nonblocking(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(SOCK_NONBLOCK);

	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_poll("poll", fd, POLLOUT);
	note_error("connected", fd);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(send(fd, "x", 1, 0));
	NOTE_OK(accept(listener, NULL, NULL));
}

static void connect_already(void)
{
	struct st_addr addr = silent_port();
	int fd = make_socket(SOCK_NONBLOCK);

	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_poll("poll", fd, 0);
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
	note_recv(fd, 1, 0);
	NOTE(listen(fd, 1));
	NOTE(shutdown(fd, SHUT_WR));
	NOTE(close(fd));
}

static void connect_with_timeout(void)
{
	struct st_addr addr = silent_port();
	int fd = make_socket(0);
	double start = st_now();

	set_timeout(fd, SO_SNDTIMEO, 300);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_time("timeout", start, 0.3);
	NOTE(connect(fd, st_sa(&addr), addr.len));
}

static void connect_interrupted(void)
{
	struct st_addr addr = silent_port();
	int fd = make_socket(0);

	on_signal(SIGUSR1, 0);
	LATER(kill(getppid(), SIGUSR1));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	note("%d signals", signals_seen);
	note_poll("poll", fd, 0);
}

static void connect_twice(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0);

	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(bind(fd, st_sa(&addr), addr.len));
	NOTE(listen(fd, 1));
	NOTE_OK(accept(listener, NULL, NULL));
}

static void connect_a_listener(void)
{
	struct st_addr addr, other;
	int listener = make_listener(&addr);

	make_listener(&other);
	NOTE(connect(listener, st_sa(&other), other.len));
}

static void connect_bad_address(void)
{
	struct st_addr addr;
	int fd = make_socket(0);
	struct sockaddr_storage un = { .ss_family = AF_UNIX };

	make_listener(&addr);
	NOTE(connect(fd, (void *)&un, sizeof(un)));
	NOTE(connect(fd, st_sa(&addr), 1));
	NOTE(connect(fd, st_sa(&addr), sizeof(sa_family_t)));
	NOTE(connect(fd, st_sa(&addr), 8));
	NOTE(connect(fd, NULL, addr.len));
	NOTE(connect(fd, st_sa(&addr), 1000));
	NOTE(connect(fd, st_sa(&addr), addr.len));
}

static void connect_any_address(void)
{
	struct st_addr addr, any;
	int listener = make_listener(&addr), fd = make_socket(0);

	any = st_resolve(env.family == AF_INET6 ? "::" : "0.0.0.0", "0",
			 env.family);
	if (env.family == AF_INET6)
		((struct sockaddr_in6 *)&any.ss)->sin6_port =
			((struct sockaddr_in6 *)&addr.ss)->sin6_port;
	else
		((struct sockaddr_in *)&any.ss)->sin_port =
			((struct sockaddr_in *)&addr.ss)->sin_port;
	NOTE(connect(fd, st_sa(&any), any.len));
	NOTE_OK(accept(listener, NULL, NULL));
}

static void disconnect_and_reconnect(void)
{
	struct st_addr addr;
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int listener = make_listener(&addr), fd = make_client(&addr);
	int server = accept(listener, NULL, NULL);

	NOTE(connect(fd, &none, sizeof(none)));
	note_poll("server", server, POLLIN | POLLHUP);
	note_recv(server, 1, 0);
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	server = accept(listener, NULL, NULL);
	NOTE(send(fd, "again", 5, MSG_NOSIGNAL));
	note_recv(server, 10, 0);
}

/* TCP connects a socket to itself when it connects to its own port. */
static void connect_to_itself(void)
{
	struct st_addr addr = loopback();
	int fd = make_socket(0);

	NOTE(bind(fd, st_sa(&addr), addr.len));
	addr = name_of(fd);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(send(fd, "me", 2, 0));
	note_recv(fd, 10, 0);
	NOTE(shutdown(fd, SHUT_WR));
	note_recv(fd, 10, 0);
}

static void bind_errors(void)
{
	struct st_addr addr, foreign;
	int fd = make_socket(0);

	make_listener(&addr);
	foreign = st_resolve(env.family == AF_INET6 ? "2001:db8::1" :
			     "192.0.2.1", "0", env.family);
	NOTE(bind(fd, st_sa(&addr), addr.len));
	NOTE(bind(fd, st_sa(&foreign), foreign.len));
	NOTE(bind(fd, st_sa(&addr), 3));
	addr = loopback();
	NOTE(bind(fd, st_sa(&addr), addr.len));
	NOTE(bind(fd, st_sa(&addr), addr.len));
}

static void bind_then_connect(void)
{
	struct st_addr addr, own = loopback(), seen = { .len = sizeof(seen.ss) };
	int listener = make_listener(&addr), fd = make_socket(0);

	NOTE(bind(fd, st_sa(&own), own.len));
	own = name_of(fd);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE_OK(accept(listener, st_sa(&seen), &seen.len));
	note("the server %s the port",
	     memcmp(&seen.ss, &own.ss, 8) ? "does not see" : "sees");
}

/* What a socket does before it is connected. */
static void unconnected(void)
{
	struct st_addr addr = { .len = sizeof(addr.ss) };
	int fd = make_socket(0);

	note_poll("poll", fd, 0);
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
	note_recv(fd, 1, 0);
	note_recv(fd, 1, MSG_DONTWAIT);
	NOTE(shutdown(fd, SHUT_RD));
	NOTE(shutdown(fd, SHUT_RDWR));
	NOTE(shutdown(fd, 5));
	NOTE(getpeername(fd, st_sa(&addr), &addr.len));
	NOTE(getsockname(fd, st_sa(&addr), &addr.len));
	NOTE_OK(accept(fd, NULL, NULL));
	note_error("at the end", fd);
}

static void names(void)
{
	struct st_addr a, b, c, d;
	int client, server;

	make_pair(&client, &server);
	a = name_of(client);
	b = name_of(server);
	c.len = d.len = sizeof(c.ss);
	NOTE(getpeername(client, st_sa(&c), &c.len));
	NOTE(getpeername(server, st_sa(&d), &d.len));
	note("lengths %d %d %d %d families %d %d", a.len, b.len, c.len, d.len,
	     a.ss.ss_family, c.ss.ss_family);
	note("names are %s", memcmp(&a.ss, &d.ss, a.len) ||
	     memcmp(&b.ss, &c.ss, b.len) ? "wrong" : "right");
	a.len = 4;
	NOTE(getsockname(client, st_sa(&a), &a.len));
	note("length %d", a.len);
	a.len = -1;
	NOTE(getsockname(client, st_sa(&a), &a.len));
	NOTE(getsockname(client, NULL, NULL));
	shutdown(client, SHUT_RDWR);
	c.len = sizeof(c.ss);
	NOTE(getpeername(client, st_sa(&c), &c.len));
}

static void close_while_connecting(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), i, fd;
	double start, worst = 0;

	for (i = 0; i < 10; i++) {
		fd = make_socket(SOCK_NONBLOCK);
		connect(fd, st_sa(&addr), addr.len);
		start = st_now();
		NOTE(close(fd));
		if (st_now() - start > worst)
			worst = st_now() - start;
	}
	note("%s", worst < 2 ? "at once" : "close() waits");
	fd = make_client(&addr);
	NOTE(send(fd, "x", 1, 0));
	close(listener);
}

static void shutdown_while_connecting(void)
{
	struct st_addr addr = silent_port();
	int fd = make_socket(SOCK_NONBLOCK);

	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(shutdown(fd, SHUT_RDWR));
	note_poll("poll", fd, POLLHUP);
	note_recv(fd, 1, 0);
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
}

/* It takes its time, is asked again, and comes to an end. */
static void connect_continued(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(SOCK_NONBLOCK);

	NOTE(connect(fd, st_sa(&addr), addr.len));
	fcntl(fd, F_SETFL, 0);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(send(fd, "x", 1, 0));
	note_recv(accept(listener, NULL, NULL), 5, 0);
}

/* Read and write may block until the connection is there. */
static void connect_and_use_at_once(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(SOCK_NONBLOCK);
	int server;

	NOTE(connect(fd, st_sa(&addr), addr.len));
	fcntl(fd, F_SETFL, 0);
	NOTE(send(fd, "early", 5, 0));
	server = accept(listener, NULL, NULL);
	note_recv(server, 10, 0);
	NOTE(send(server, "bird", 4, 0));
	note_recv(fd, 10, 0);
}

static void connect_seen_by_select(void)
{
	struct timeval tv = { 5, 0 };
	struct st_addr addr;
	fd_set in, out;
	int fd = make_socket(SOCK_NONBLOCK);

	make_listener(&addr);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(fd, &in);
	FD_SET(fd, &out);
	NOTE(select(fd + 1, &in, &out, NULL, &tv));
	note("in %d out %d", FD_ISSET(fd, &in), FD_ISSET(fd, &out));
	note_error("connected", fd);
}

/* A listener whose queue is full; what is in it can be used. */
static void connect_to_full_backlog(void)
{
	struct st_addr addr;
	int listener = listen_as(env.listener, &addr, 1), fds[6], i, n;

	for (i = 0; i < 6; i++) {
		fds[i] = make_socket(SOCK_NONBLOCK);
		connect(fds[i], st_sa(&addr), addr.len);
	}
	/* how many of the others get in, too, is a matter of time */
	for (n = 0; n < 300 && poll_now(fds[0], POLLOUT, 0) != POLLOUT; n++)
		usleep(10000);
	NOTE(send(fds[0], "x", 1, 0));
	note_recv(accept(listener, NULL, NULL), 1, 0);
	NOTE_OK(accept(listener, NULL, NULL));
}

static void connect_interrupted_and_restarted(void)
{
	struct st_addr addr = silent_port();
	int fd = make_socket(0);

	on_signal(SIGUSR1, SA_RESTART);
	set_timeout(fd, SO_SNDTIMEO, 1200);
	LATER(kill(getppid(), SIGUSR1));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	note("%d signals", signals_seen);
	NOTE(connect(fd, st_sa(&addr), addr.len));
}

static void reconnect_after_close_of_peer(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_client(&addr);

	close(accept(listener, NULL, NULL));
	note_recv(fd, 1, 0);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(connect(fd, &none, sizeof(none)));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(send(fd, "again", 5, 0));
	note_recv(accept(listener, NULL, NULL), 10, 0);
}

static void disconnect_unconnected(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct st_addr addr = silent_port();
	int fd = make_socket(SOCK_NONBLOCK);

	NOTE(connect(fd, &none, sizeof(none)));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(connect(fd, &none, sizeof(none)));
	note_poll("poll", fd, 0);
	note_error("then", fd);
}

/*
 * What is set for the application's bytes must not delay those before them:
 * more than its own handshake TCP has not, SMC has.
 */
static void connect_with_delaying_options(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0);
	int low = 30000, on = 1, server, i;
	socklen_t len = sizeof(low);
	double start;

	for (i = 0; i < 2; i++) {
		setsockopt(i ? fd : listener, SOL_SOCKET, SO_RCVLOWAT, &low, 4);
		setsockopt(i ? fd : listener, SOL_TCP, TCP_CORK, &on, 4);
	}
	start = st_now();
	NOTE(connect(fd, st_sa(&addr), addr.len));
	server = accept(listener, NULL, NULL);
	note("%s", st_now() - start < 1.5 ? "in time" : "too late");
	for (i = 0; i < 2; i++) {
		NOTE(getsockopt(i ? fd : server, SOL_SOCKET, SO_RCVLOWAT, &low,
				&len));
		note("SO_RCVLOWAT %d", low);
	}
	note_poll("server", server, 0);
}

static void connect_with_async_listener(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), server, client;

	on_signal(SIGIO, SA_RESTART);
	fcntl(listener, F_SETOWN, getpid());
	NOTE(fcntl(listener, F_SETFL, O_ASYNC));
	client = make_client(&addr);
	server = accept(listener, NULL, NULL);
	note("flags %x", fcntl(server, F_GETFL));
	NOTE(send(client, "x", 1, 0));
	note_recv(server, 1, 0);
}

/* --- TCP Fast Open: data in the SYN, so no SMC ------------------------------- */

static void fast_open_by_flag(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0);

	NOTE(sendto(fd, "fast", 4, MSG_FASTOPEN, st_sa(&addr), addr.len));
	note_recv(accept(listener, NULL, NULL), 10, 0);
	NOTE(sendto(fd, "again", 5, MSG_FASTOPEN, st_sa(&addr), addr.len));
}

static void fast_open_by_option(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0), one = 1;
	int five = 5;

	NOTE(setsockopt(listener, SOL_TCP, TCP_FASTOPEN, &five, 4));
	NOTE(setsockopt(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, &one, 4));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(send(fd, "fast", 4, 0));
	note_recv(accept(listener, NULL, NULL), 10, 0);
	NOTE(setsockopt(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, &one, 4));
}

/* a socket listens with it, and a client comes that does without */
static void serve_fast_open(int listener)
{
	struct st_addr addr = loopback();
	int five = 5, c;

	NOTE(setsockopt(listener, SOL_TCP, TCP_FASTOPEN, &five, 4));
	NOTE(bind(listener, st_sa(&addr), addr.len));
	NOTE(listen(listener, 5));
	addr = name_of(listener);
	c = make_client(&addr);
	NOTE(send(c, "slow", 4, 0));
	note_recv(accept(listener, NULL, NULL), 10, 0);
}

static void fast_open_server(void)
{
	serve_fast_open(st_socket(env.listener, env.family, 0));
}

/* nginx does it in this order */
static void fast_open_listener_changed(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), five = 5, c, s;

	NOTE(setsockopt(listener, SOL_TCP, TCP_FASTOPEN, &five, 4));
	c = make_client(&addr);
	s = accept(listener, NULL, NULL);
	NOTE(send(c, "slow", 4, 0));
	note_recv(s, 10, 0);
	NOTE(send(s, "answer", 6, 0));
	note_recv(c, 10, 0);
}

static void fast_open_listener_again(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), five = 5, c;

	NOTE(shutdown(listener, SHUT_RDWR));
	NOTE(setsockopt(listener, SOL_TCP, TCP_FASTOPEN, &five, 4));
	NOTE(listen(listener, 5));
	c = make_client(&addr);
	NOTE(send(c, "slow", 4, 0));
	note_recv(accept(listener, NULL, NULL), 10, 0);
}

/* It has shown the option in vain, and listens now. */
static void fast_open_after_refusal(void)
{
	struct st_addr closed;
	int gone = make_listener(&closed), fd = make_socket(0);

	close(gone);
	NOTE(connect(fd, st_sa(&closed), closed.len));
	serve_fast_open(fd);
}

/* Options that switch nothing on leave a connection what it is. */
static void fast_open_switched_off(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0), off = 0;
	int bad = -1;

	NOTE(setsockopt(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, &off, 4));
	NOTE(setsockopt(fd, SOL_TCP, TCP_FASTOPEN_CONNECT, &bad, 4));
	NOTE(setsockopt(fd, SOL_TCP, TCP_FASTOPEN, &bad, 4));
	NOTE(setsockopt(listener, SOL_TCP, TCP_FASTOPEN, &off, 4));
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(send(fd, "plain", 5, 0));
	note_recv(accept(listener, NULL, NULL), 10, 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(connect_blocking),
	SCENARIO(connect_refused),
	SCENARIO(connect_refused_then_accepted),
	SCENARIO(connect_refused_asked),
	SCENARIO(connect_refused_nonblocking),
	SCENARIO(connect_nonblocking),
	SCENARIO(connect_already),
	SCENARIO(connect_with_timeout),
	SCENARIO(connect_interrupted),
	SCENARIO(connect_twice),
	SCENARIO(connect_a_listener),
	SCENARIO(connect_bad_address),
	SCENARIO(connect_any_address),
	SCENARIO(disconnect_and_reconnect),
	SCENARIO_TCP(connect_to_itself),
	SCENARIO(bind_errors),
	SCENARIO(bind_then_connect),
	SCENARIO(unconnected),
	SCENARIO(names),
	SCENARIO(close_while_connecting),
	SCENARIO(shutdown_while_connecting),
	SCENARIO(connect_continued),
	SCENARIO(connect_and_use_at_once),
	SCENARIO(connect_seen_by_select),
	SCENARIO(connect_to_full_backlog),
	SCENARIO(connect_interrupted_and_restarted),
	SCENARIO(reconnect_after_close_of_peer),
	SCENARIO(disconnect_unconnected),
	SCENARIO(connect_with_delaying_options),
	SCENARIO(connect_with_async_listener),
	SCENARIO_TCP(fast_open_by_flag),
	SCENARIO_TCP(fast_open_by_option),
	SCENARIO_TCP(fast_open_server),
	SCENARIO_TCP(fast_open_listener_changed),
	SCENARIO_TCP(fast_open_listener_again),
	SCENARIO_TCP(fast_open_after_refusal),
	SCENARIO(fast_open_switched_off),
};

ORACLE_MAIN(scenarios)
