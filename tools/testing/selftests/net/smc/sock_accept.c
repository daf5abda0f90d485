// SPDX-License-Identifier: GPL-2.0
/* Listeners and accepted sockets: same as TCP's? */
#include "oracle.h"

static void accept_nonblocking(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr);

	fcntl(listener, F_SETFL, O_NONBLOCK);
	NOTE_OK(accept(listener, NULL, NULL));
	note_poll("empty", listener, 0);
	make_client(&addr);
	note_poll("one waits", listener, POLLIN);
	NOTE_OK(accept(listener, NULL, NULL));
	note_poll("empty again", listener, 0);
	NOTE_OK(accept(listener, NULL, NULL));
}

static void accept_with_timeout(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr);
	double start = st_now();

	set_timeout(listener, SO_RCVTIMEO, 300);
	NOTE_OK(accept(listener, NULL, NULL));
	note_time("timeout", start, 0.3);
	make_client(&addr);
	NOTE_OK(accept(listener, NULL, NULL));
}

static void accept_blocks(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr);

	LATER(make_client(&addr); usleep(300000));
	NOTE_OK(accept(listener, NULL, NULL));
}

static void accept_interrupted(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr);

	on_signal(SIGUSR1, 0);
	LATER(kill(getppid(), SIGUSR1));
	NOTE_OK(accept(listener, NULL, NULL));
	note("%d signals", signals_seen);
	on_signal(SIGUSR1, SA_RESTART);
	LATER(kill(getppid(), SIGUSR1); usleep(100000); make_client(&addr);
	      usleep(300000));
	NOTE_OK(accept(listener, NULL, NULL));
	note("%d signals", signals_seen);
}

static void accept_flags(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd;

	make_client(&addr);
	make_client(&addr);
	make_client(&addr);
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	note("flags %x %x", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	note_recv(fd, 1, 0);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	fd = accept(listener, NULL, NULL);
	note("flags %x %x", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	NOTE_OK(accept4(listener, NULL, NULL, 0x40));
}

static void accept_address(void)
{
	struct st_addr addr, peer = { .len = sizeof(peer.ss) }, name;
	int listener = make_listener(&addr), client;

	client = make_client(&addr);
	NOTE_OK(accept(listener, st_sa(&peer), &peer.len));
	name = name_of(client);
	note("%d bytes, the client's: %d", peer.len,
	     !memcmp(&peer.ss, &name.ss, name.len));
	make_client(&addr);
	peer.len = 2;
	NOTE_OK(accept(listener, st_sa(&peer), &peer.len));
	note("%d bytes", peer.len);
	make_client(&addr);
	NOTE_OK(accept(listener, st_sa(&peer), NULL));
	make_client(&addr);
	peer.len = -5;
	NOTE_OK(accept(listener, st_sa(&peer), &peer.len));
}

static void accept_after_client_closed(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), client, server;

	client = make_client(&addr);
	NOTE(send(client, "late", 4, 0));
	close(client);
	a_moment();
	server = NOTE_OK(accept(listener, NULL, NULL));
	note_recv(server, 10, 0);
	note_recv(server, 10, 0);
}

static void accept_after_client_reset(void)
{
	struct st_addr addr;
	struct linger linger = { 1, 0 };
	int listener = make_listener(&addr), client, server;
	struct pollfd ready = { .fd = listener, .events = POLLIN };

	client = make_client(&addr);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	/* a reset before the server is done with connecting would hide it */
	poll(&ready, 1, -1);
	close(client);
	a_moment();
	server = NOTE_OK(accept(listener, NULL, NULL));
	note_recv(server, 10, 0);
	note_recv(server, 10, 0);
	NOTE(send(server, "x", 1, MSG_NOSIGNAL));
}

static void accept_order_and_data(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), i, server, fds[5];

	for (i = 0; i < 5; i++) {
		fds[i] = make_client(&addr);
		send(fds[i], &"abcde"[i], 1, 0);
		shutdown(fds[i], SHUT_WR);
		a_moment();
	}
	for (i = 0; i < 5; i++) {
		server = accept(listener, NULL, NULL);
		note_recv(server, 10, MSG_WAITALL);
	}
}

static void accepted_inherits(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), one = 1, size = 99999, value;
	struct timeval tv = { 5, 0 };
	socklen_t len = 4, tvlen = sizeof(tv);
	int server;

	setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, &one, 4);
	setsockopt(listener, SOL_SOCKET, SO_OOBINLINE, &one, 4);
	setsockopt(listener, SOL_TCP, TCP_NODELAY, &one, 4);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, 4);
	setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	make_client(&addr);
	server = accept(listener, NULL, NULL);
	getsockopt(server, SOL_SOCKET, SO_KEEPALIVE, &value, &len);
	note("SO_KEEPALIVE %d", value);
	getsockopt(server, SOL_SOCKET, SO_OOBINLINE, &value, &len);
	note("SO_OOBINLINE %d", value);
	getsockopt(server, SOL_TCP, TCP_NODELAY, &value, &len);
	note("TCP_NODELAY %d", value);
	getsockopt(server, SOL_SOCKET, SO_RCVBUF, &value, &len);
	note("SO_RCVBUF %d", value);
	getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN, &value, &len);
	note("SO_ACCEPTCONN %d", value);
	getsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &tv, &tvlen);
	note("SO_RCVTIMEO %ld", (long)tv.tv_sec);
}

static void listen_unbound(void)
{
	struct st_addr addr;
	int fd = make_socket(0), client;

	NOTE(listen(fd, 5));
	addr = name_of(fd);
	client = make_socket(0);
	NOTE(connect(client, st_sa(&addr), addr.len));
	NOTE_OK(accept(fd, NULL, NULL));
}

static void listen_twice(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr);

	NOTE(listen(listener, 1));
	NOTE(listen(listener, 100));
	make_client(&addr);
	NOTE_OK(accept(listener, NULL, NULL));
	NOTE(bind(listener, st_sa(&addr), addr.len));
}

static void listener_is_no_stream(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), value = 0;
	socklen_t len = 4;

	NOTE(send(listener, "x", 1, MSG_NOSIGNAL));
	note_recv(listener, 1, MSG_DONTWAIT);
	NOTE(getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &value, &len));
	note("SO_ACCEPTCONN %d", value);
	NOTE(getpeername(listener, st_sa(&addr), &addr.len));
	note_poll("poll", listener, 0);
}

static void listener_closed(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), client = make_client(&addr), fd;

	a_moment();
	NOTE(close(listener));
	note_poll("client", client, POLLIN);
	note_recv(client, 1, 0);
	fd = make_socket(0);
	NOTE(connect(fd, st_sa(&addr), addr.len));
}

static void listener_shut_down(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0);

	LATER(shutdown(listener, SHUT_RD));
	NOTE_OK(accept(listener, NULL, NULL));
	note_poll("poll", listener, 0);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE(listen(listener, 5));
	fd = make_socket(0);
	NOTE(connect(fd, st_sa(&addr), addr.len));
}

static void listener_inherited_by_child(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), client, status, fd;

	if (!fork()) {
		fd = accept(listener, NULL, NULL);
		send(fd, "from the child", 14, 0);
		_exit(0);
	}
	client = make_client(&addr);
	wait(&status);
	note("child's status %d", status);
	note_recv(client, 100, 0);
	note_recv(client, 100, 0);
}

static void port_reused_after_close(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), client, server, fd;

	client = make_client(&addr);
	server = accept(listener, NULL, NULL);
	close(listener);
	fd = make_socket(0);
	NOTE(bind(fd, st_sa(&addr), addr.len));
	close(server);
	close(client);
	fd = st_listen(env.kind, &addr, 5);
	NOTE_OK(make_client(&addr));
	NOTE_OK(accept(fd, NULL, NULL));
}

static void reuseport(void)
{
	struct st_addr addr = loopback();
	int a = make_socket(0), b = make_socket(0), one = 1;
	struct pollfd fds[2] = { { a, POLLIN, 0 }, { b, POLLIN, 0 } };

	setsockopt(a, SOL_SOCKET, SO_REUSEPORT, &one, 4);
	setsockopt(b, SOL_SOCKET, SO_REUSEPORT, &one, 4);
	NOTE(bind(a, st_sa(&addr), addr.len));
	addr = name_of(a);
	NOTE(bind(b, st_sa(&addr), addr.len));
	NOTE(listen(a, 5));
	NOTE(listen(b, 5));
	make_client(&addr);
	NOTE(poll(fds, 2, 5000));
	a = accept(fds[0].revents ? a : b, NULL, NULL);
	note("accepted %d", a >= 0);
}

/* The connection is there for accept() when its first bytes are. */
static void accept_deferred(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), seconds = 5, client, server;

	NOTE(setsockopt(listener, SOL_TCP, TCP_DEFER_ACCEPT, &seconds, 4));
	fcntl(listener, F_SETFL, O_NONBLOCK);
	client = make_client(&addr);
	NOTE(send(client, "first", 5, 0));
	note_poll("listener", listener, POLLIN);
	server = NOTE_OK(accept(listener, NULL, NULL));
	note_recv(server, 10, 0);
}

/* An accepted socket does not depend on its listener any more. */
static void accepted_outlives_listener(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), client, server;

	client = make_client(&addr);
	server = accept(listener, NULL, NULL);
	NOTE(shutdown(listener, SHUT_RDWR));
	NOTE(close(listener));
	NOTE(send(client, "there?", 6, 0));
	note_recv(server, 10, 0);
	NOTE(send(server, "here", 4, 0));
	note_recv(client, 10, 0);
}

static void listener_of_any_address(void)
{
	struct st_addr any = st_resolve(env.family == AF_INET6 ? "::" :
					"0.0.0.0", "0", env.family);
	struct st_addr addr = loopback();
	int listener = st_listen(env.listener, &any, 5), server;

	any = name_of(listener);
	if (env.family == AF_INET6)
		((struct sockaddr_in6 *)&addr.ss)->sin6_port =
			((struct sockaddr_in6 *)&any.ss)->sin6_port;
	else
		((struct sockaddr_in *)&addr.ss)->sin_port =
			((struct sockaddr_in *)&any.ss)->sin_port;
	NOTE(send(make_client(&addr), "any", 3, 0));
	server = accept(listener, NULL, NULL);
	note_recv(server, 10, 0);
	any = name_of(server);
	note("the address is %s", memcmp(&any.ss, &addr.ss, 8) ? "another" :
								 "the same");
}

static void listen_backlogs(void)
{
	struct st_addr addr;
	int fd = make_socket(0);

	addr = loopback();
	NOTE(bind(fd, st_sa(&addr), addr.len));
	NOTE(listen(fd, -1));
	NOTE(listen(fd, 0));
	NOTE(listen(fd, 1 << 30));
	addr = name_of(fd);
	NOTE_OK(make_client(&addr));
	NOTE_OK(accept(fd, NULL, NULL));
	NOTE(listen(make_client(&addr), 5));
}

static const struct scenario scenarios[] = {
	SCENARIO(accept_nonblocking),
	SCENARIO(accept_with_timeout),
	SCENARIO(accept_blocks),
	SCENARIO(accept_interrupted),
	SCENARIO(accept_flags),
	SCENARIO(accept_address),
	SCENARIO(accept_after_client_closed),
	SCENARIO(accept_after_client_reset),
	SCENARIO(accept_order_and_data),
	SCENARIO(accepted_inherits),
	SCENARIO(listen_unbound),
	SCENARIO(listen_twice),
	SCENARIO(listener_is_no_stream),
	SCENARIO(listener_closed),
	SCENARIO(listener_shut_down),
	SCENARIO(listener_inherited_by_child),
	SCENARIO(port_reused_after_close),
	SCENARIO(reuseport),
	SCENARIO(accept_deferred),
	SCENARIO(accepted_outlives_listener),
	SCENARIO(listener_of_any_address),
	SCENARIO(listen_backlogs),
};

ORACLE_MAIN(scenarios)
