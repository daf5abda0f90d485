// SPDX-License-Identifier: GPL-2.0
/*
 * Two things at the same time to one socket, and changes of mind: a listener
 * that becomes a client, a connection that is taken away from its reader. As
 * TCP's?
 */
#include "oracle.h"
#include <pthread.h>

#define SECONDS 4	/* of trying something that must be met */

static void disconnect(int fd)
{
	struct sockaddr addr = { .sa_family = AF_UNSPEC };

	NOTE(connect(fd, &addr, sizeof(addr)));
}

/* --- changes of mind ------------------------------------------------------ */

static void server_becomes_client(void)
{
	struct st_addr addr;
	int listener, c, s, peer;

	make_pair(&c, &s);
	disconnect(s);
	note_recv(c, 1, 0);
	listener = make_listener(&addr);
	NOTE(connect(s, st_sa(&addr), addr.len));
	peer = accept(listener, NULL, NULL);
	NOTE(send(s, "client", 6, 0));
	note_recv(peer, 10, 0);
	NOTE(send(peer, "server", 6, 0));
	note_recv(s, 10, 0);
}

static void client_becomes_listener(void)
{
	struct st_addr addr = loopback();
	int c, s, peer;

	make_pair(&c, &s);
	disconnect(c);
	NOTE(bind(c, st_sa(&addr), addr.len));
	NOTE(listen(c, 5));
	addr = name_of(c);
	peer = make_client(&addr);
	s = accept(c, NULL, NULL);
	NOTE(send(peer, "hello", 5, 0));
	note_recv(s, 10, 0);
}

/* Who is in the queue of a listener that stops listening is reset. */
static void children_of_stopped_listener(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), c = make_client(&addr);

	set_timeout(c, SO_RCVTIMEO, 5000);
	a_moment();
	NOTE(shutdown(listener, SHUT_RDWR));
	note_recv(c, 1, 0);
	NOTE(accept(listener, NULL, NULL));
	note_poll("listener", listener, ALL_EVENTS);
	NOTE(listen(listener, 5));
	addr = name_of(listener);
	c = make_client(&addr);
	NOTE_OK(accept(listener, NULL, NULL));
}

static void children_of_dissolved_listener(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), c = make_client(&addr);

	set_timeout(c, SO_RCVTIMEO, 5000);
	a_moment();
	disconnect(listener);
	note_recv(c, 1, 0);
	NOTE(accept(listener, NULL, NULL));
}

/* It becomes a client, of somebody who speaks TCP only. */
static void listener_becomes_tcp_client(void)
{
	struct st_addr addr, tcp;
	int listener = make_listener(&addr), c = make_client(&addr);
	int other = listen_as(ST_TCP, &tcp, 5);

	set_timeout(c, SO_RCVTIMEO, 5000);
	a_moment();
	NOTE(shutdown(listener, SHUT_RDWR));
	NOTE(connect(listener, st_sa(&tcp), tcp.len));
	NOTE(send(listener, "x", 1, 0));
	note_recv(accept(other, NULL, NULL), 1, 0);
	NOTE(close(listener));
	note_recv(c, 1, 0);
}

static int port_of(const struct st_addr *addr)
{
	return ntohs(((const struct sockaddr_in *)&addr->ss)->sin_port);
}

/* Packets that a rule of nft matches are lost, until pass_again(). */
__attribute__((format(printf, 1, 2)))
static int lose(const char *fmt, ...)
{
	char rule[200], line[500];
	va_list args;

	va_start(args, fmt);
	vsnprintf(rule, sizeof(rule), fmt, args);
	va_end(args);
	snprintf(line, sizeof(line),
		 "nft add table inet races%d && nft add chain inet races%d in "
		 "'{ type filter hook input priority 0; }' && nft add rule inet "
		 "races%d in %s drop", getpid(), getpid(), getpid(), rule);
	return system(line);
}

static int pass_again(void)
{
	char line[100];

	snprintf(line, sizeof(line), "nft delete table inet races%d", getpid());
	return system(line);
}

/* The answer to the SYN has promised SMC when the listener changes its mind. */
static void fastopen_after_syn(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), c, s, one = 1;

	note("the last part of handshakes is lost: %d",
	     lose("tcp dport %d 'tcp flags & (syn | ack) == ack'",
		  port_of(&addr)));
	c = make_socket(SOCK_NONBLOCK);
	NOTE(connect(c, st_sa(&addr), addr.len));
	a_moment();
	NOTE(setsockopt(listener, SOL_TCP, TCP_FASTOPEN, &one, sizeof(one)));
	note("and comes again: %d", pass_again());
	wait_in(listener);
	s = accept(listener, NULL, NULL);
	poll_now(c, POLLOUT, 10000);
	NOTE(send(c, "hello", 5, 0));
	note_recv(s, 10, 0);
	NOTE(send(s, "world", 5, 0));
	poll_now(c, POLLIN, 10000);
	note_recv(c, 10, 0);
}

/*
 * Two SYNs that cross. TCP does not compare what they say, so each end has to
 * look whether the other has shown the option.
 */
static void open_at_once(int a, int b)
{
	struct st_addr addr_a = loopback(), addr_b = loopback();

	bind(a, st_sa(&addr_a), addr_a.len);
	bind(b, st_sa(&addr_b), addr_b.len);
	addr_a = name_of(a);
	addr_b = name_of(b);
	note("nothing gets through: %d",
	     lose("tcp dport '{ %d, %d }'", port_of(&addr_a),
		  port_of(&addr_b)));
	NOTE(connect(a, st_sa(&addr_b), addr_b.len));
	NOTE(connect(b, st_sa(&addr_a), addr_a.len));
	a_moment();
	note("and now it does: %d", pass_again());
	note_mask("a", poll_now(a, POLLOUT, 10000));
	note_mask("b", poll_now(b, POLLOUT, 10000));
	NOTE(send(a, "hello", 5, 0));
	poll_now(b, POLLIN, 10000);
	note_recv(b, 100, 0);
	NOTE(send(b, "world", 5, 0));
	poll_now(a, POLLIN, 10000);
	note_recv(a, 100, 0);
}

static void simultaneous_open(void)
{
	open_at_once(make_socket(SOCK_NONBLOCK), make_socket(SOCK_NONBLOCK));
}

static void simultaneous_open_with_tcp(void)
{
	open_at_once(make_socket(SOCK_NONBLOCK),
		     st_socket(ST_TCP, env.family, SOCK_NONBLOCK));
}

/* What a program wants to look at may not be there yet, or never. */
static void peek_beyond_the_end(void)
{
	int c, s, off = 10;

	make_pair(&c, &s);
	NOTE(send(s, "abc", 3, 0));
	wait_in(c);
	NOTE(setsockopt(c, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)));
	note_recv(c, 10, MSG_PEEK | MSG_DONTWAIT);
	set_timeout(c, SO_RCVTIMEO, 200);
	note_recv(c, 10, MSG_PEEK);
	NOTE(send(s, "0123456789", 10, 0));
	a_moment();
	note_recv(c, 2, MSG_PEEK);
	off = 1000;
	setsockopt(c, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off));
	NOTE(shutdown(s, SHUT_WR));
	wait_in(c);
	a_moment();
	note_recv(c, 10, MSG_PEEK);
	note_recv(c, 20, 0);
	note_recv(c, 20, MSG_PEEK);
}

/* --- two at the same time ------------------------------------------------- */

static void *recv_all(void *arg)
{
	int *fds = arg;
	char buf[10];

	/* the number of bytes, or the errno */
	fds[1] = recv(fds[0], buf, sizeof(buf), MSG_WAITALL);
	fds[2] = fds[1] < 0 ? errno : 0;
	return NULL;
}

static void disconnect_under_reader(void)
{
	int c, s, args[3];
	pthread_t t;

	make_pair(&c, &s);
	NOTE(send(s, "abc", 3, 0));
	args[0] = c;
	pthread_create(&t, NULL, recv_all, args);
	a_moment();
	a_moment();
	disconnect(c);
	pthread_join(t, NULL);
	note("had %d", args[1]);
}

static pthread_barrier_t barrier;

/* Something done by another thread at this moment. */
struct at_once {
	void (*fn)(int fd);
	int fd;
};

static void *run_at_once(void *arg)
{
	struct at_once *what = arg;

	pthread_barrier_wait(&barrier);
	what->fn(what->fd);
	return NULL;
}

static void at_once(void (*one)(int fd), void (*other)(int fd), int fd)
{
	struct at_once what = { one, fd };
	pthread_t t;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&t, NULL, run_at_once, &what);
	pthread_barrier_wait(&barrier);
	other(fd);
	pthread_join(t, NULL);
	pthread_barrier_destroy(&barrier);
}

static void do_listen(int fd)
{
	listen(fd, 5);
}

static void do_ulp(int fd)
{
	if (env.kind != ST_TCP)
		setsockopt(fd, SOL_TCP, TCP_ULP, "smc", 3);
}

/* A connection to @listener, in use; true if all is well. */
static bool serves(int listener)
{
	struct st_addr addr = name_of(listener);
	int c = st_socket(ST_TCP, env.family, 0), s;
	char byte = 0;
	bool ok;

	ok = !connect(c, st_sa(&addr), addr.len);
	s = ok ? accept(listener, NULL, NULL) : -1;
	ok = s >= 0 && send(c, "x", 1, 0) == 1 && recv(s, &byte, 1, 0) == 1 &&
	     !shutdown(s, SHUT_WR) && recv(c, &byte, 1, 0) == 0;
	close(s);
	close(c);
	return ok;
}

/* listen() may have begun as TCP's when the socket becomes an SMC socket. */
static void listen_and_ulp(void)
{
	struct st_addr addr;
	double end = st_now() + SECONDS;
	bool well = true;
	int fd;

	while (well && st_now() < end) {
		fd = st_socket(ST_TCP, env.family, 0);
		addr = loopback();
		bind(fd, st_sa(&addr), addr.len);
		at_once(do_listen, do_ulp, fd);
		well = serves(fd);
		close(fd);
	}
	note("well: %d", well);
}

static void *do_accept(void *arg)
{
	char byte;
	int fd = accept(*(int *)arg, NULL, NULL);

	if (fd >= 0) {
		recv(fd, &byte, 1, 0);
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

/* accept() may have begun when the listener was none, and becomes TCP's. */
static void accept_and_fastopen_listen(void)
{
	double end = st_now() + SECONDS;
	struct st_addr addr;
	int i, fd, c, one = 1;
	pthread_t t;

	for (i = 0; st_now() < end; i++) {
		fd = make_socket(0);
		addr = loopback();
		bind(fd, st_sa(&addr), addr.len);
		setsockopt(fd, SOL_TCP, TCP_FASTOPEN, &one, sizeof(one));
		pthread_create(&t, NULL, do_accept, &fd);
		/* not longer than accept() takes to its first look */
		for (c = 0; c < i % 200 * 20; c++)
			asm volatile("pause");
		listen(fd, 5);
		addr = name_of(fd);
		c = st_socket(ST_TCP, env.family, 0);
		if (connect(c, st_sa(&addr), addr.len))
			note("connect: %s", strerrorname_np(errno));
		send(c, "x", 1, 0);
		close(c);
		pthread_join(t, NULL);
		close(fd);
	}
	note("well");
}

static void do_disconnect(int fd)
{
	struct sockaddr addr = { .sa_family = AF_UNSPEC };

	connect(fd, &addr, sizeof(addr));
}

static struct st_addr target;

static void do_connect(int fd)
{
	connect(fd, st_sa(&target), target.len);
}

/*
 * Who disconnects while another connects: in the end it is connected, and
 * then data goes through, or it is not.
 */
static void connect_and_disconnect(void)
{
	int listener = make_listener(&target), fd, s, bad = 0;
	double end = st_now() + SECONDS;
	struct timeval second = { .tv_sec = 1 };
	char buf[4];

	fcntl(listener, F_SETFL, O_NONBLOCK);
	while (st_now() < end) {
		fd = make_socket(0);
		do_connect(fd);
		at_once(do_connect, do_disconnect, fd);
		while ((s = accept(listener, NULL, NULL)) >= 0) {
			setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &second,
				   sizeof(second));
			if (send(fd, "data", 4, MSG_NOSIGNAL) == 4 &&
			    recv(s, buf, 4, 0) == 4)
				bad += !!memcmp(buf, "data", 4);
			close(s);
		}
		close(fd);
	}
	note("wrong data: %d", bad);
}

static const struct scenario scenarios[] = {
	SCENARIO(server_becomes_client),
	SCENARIO(client_becomes_listener),
	SCENARIO(children_of_stopped_listener),
	SCENARIO(children_of_dissolved_listener),
	SCENARIO_TCP(listener_becomes_tcp_client),
	SCENARIO(fastopen_after_syn),
	SCENARIO_TCP(simultaneous_open),
	SCENARIO_TCP(simultaneous_open_with_tcp),
	SCENARIO(peek_beyond_the_end),
	SCENARIO(disconnect_under_reader),
	SCENARIO_TCP(listen_and_ulp),
	SCENARIO_TCP(accept_and_fastopen_listen),
	SCENARIO(connect_and_disconnect),
};

ORACLE_MAIN(scenarios)
