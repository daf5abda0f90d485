// SPDX-License-Identifier: GPL-2.0
/*
 * Many connections at once, each echoing messages.
 *
 *   smc_many [-6] [-A KIND] [-p PORT] -s
 *   smc_many [-6] [-A KIND] [-p PORT] [-n COUNT] [-c CONNECTING]
 *            [-r ROUNDS] [-m BYTES] [-x COMMAND] HOST
 *
 * The client opens COUNT (1000) connections, at most CONNECTING (64) of them
 * under way at a time, holds all of them open, runs COMMAND by sh if given, and
 * sends ROUNDS (3) messages of random size up to BYTES (4096) on each, checking
 * the echo.  Both ends are one thread with epoll and non-blocking sockets.
 */
#include "smctest.h"
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define MAX_MESSAGE 65536

struct peer {
	int fd;
	bool connected, done;
	unsigned int round;
	uint64_t seed;
	size_t size, sent, received;	/* of this round's message */
};

static enum st_kind kind = ST_TCP;
static int epfd;
static char buf[MAX_MESSAGE];

static void watch(int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	if (epoll_ctl(epfd, op, fd, &event))
		err(1, "epoll_ctl");
}

/* --- server: what cannot be echoed at once waits in the socket ---------- */

/* False when this connection is over. */
static bool echo(int fd)
{
	ssize_t n, sent;

	for (;;) {
		n = recv(fd, buf, sizeof(buf), MSG_PEEK);
		if (n < 0 && errno == EAGAIN) {
			watch(EPOLL_CTL_MOD, fd, EPOLLIN, fd);
			return true;
		}
		if (n <= 0)
			return false;
		sent = send(fd, buf, n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EAGAIN) {
			watch(EPOLL_CTL_MOD, fd, EPOLLOUT, fd);
			return true;
		}
		if (sent <= 0)
			return false;
		if (recv(fd, buf, sent, 0) != sent)
			errx(1, "read other than peeked");
	}
}

static void serve(struct st_addr *addr)
{
	int listener = st_listen(kind, addr, 4096);
	struct epoll_event events[64];
	int i, n, fd;

	watch(EPOLL_CTL_ADD, listener, EPOLLIN, listener);
	for (;;) {
		n = epoll_wait(epfd, events, 64, -1);
		for (i = 0; i < n; i++) {
			fd = events[i].data.u64;
			if (fd != listener) {
				if (!echo(fd))
					close(fd);
				continue;
			}
			fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
			if (fd >= 0)
				watch(EPOLL_CTL_ADD, fd, EPOLLIN, fd);
		}
	}
}

/* --- client -------------------------------------------------------------- */

static void open_peer(struct peer *peer, struct st_addr *addr, uint64_t index)
{
	peer->fd = st_socket(kind, addr->ss.ss_family, SOCK_NONBLOCK);
	peer->seed = st_seed(index);
	if (connect(peer->fd, st_sa(addr), addr->len) && errno != EINPROGRESS)
		err(1, "connect %llu", (unsigned long long)index);
	watch(EPOLL_CTL_ADD, peer->fd, EPOLLOUT, index);
}

static void finish_connect(struct peer *peer, uint64_t index)
{
	socklen_t len = sizeof(int);
	int error;

	getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		errx(1, "connect %llu: %s", (unsigned long long)index,
		     strerror(error));
	peer->connected = true;
	watch(EPOLL_CTL_MOD, peer->fd, 0, index);
}

static int wait_events(struct epoll_event *events, int max, const char *what)
{
	int n = epoll_wait(epfd, events, max, 60000);

	if (n <= 0)
		errx(1, "%s: nothing happens any more", what);
	return n;
}

static void connect_all(struct peer *peers, int count, int limit,
			struct st_addr *addr)
{
	struct epoll_event events[64];
	int opened = 0, connected = 0, i, n;

	while (connected < count) {
		for (; opened < count && opened - connected < limit; opened++)
			open_peer(&peers[opened], addr, opened);
		n = wait_events(events, 64, "connect");
		for (i = 0; i < n; i++)
			finish_connect(&peers[events[i].data.u64],
				       events[i].data.u64);
		connected += n;
	}
}

static void next_message(struct peer *peer, uint64_t index, size_t max)
{
	peer->size = 1 + st_random(&peer->seed) % max;
	peer->sent = 0;
	peer->received = 0;
	watch(EPOLL_CTL_MOD, peer->fd, EPOLLIN | EPOLLOUT, index);
}

static void send_some(struct peer *peer, uint64_t index)
{
	ssize_t n;

	st_fill(buf, peer->size - peer->sent, peer->sent, peer->seed);
	n = send(peer->fd, buf, peer->size - peer->sent, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		err(1, "send on connection %llu", (unsigned long long)index);
	if (n > 0)
		peer->sent += n;
	if (peer->sent == peer->size)
		watch(EPOLL_CTL_MOD, peer->fd, EPOLLIN, index);
}

static void receive_some(struct peer *peer, uint64_t index)
{
	ssize_t n = recv(peer->fd, buf, sizeof(buf), 0);
	int64_t wrong;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		err(1, "recv on connection %llu gives %zd",
		    (unsigned long long)index, n);
	wrong = st_verify(buf, n, peer->received, peer->seed);
	if (wrong >= 0 || peer->received + n > peer->size)
		errx(1, "connection %llu: wrong byte in round %u",
		     (unsigned long long)index, peer->round);
	peer->received += n;
}

static void echo_all(struct peer *peers, int count, unsigned int rounds,
		     size_t max)
{
	struct epoll_event events[64];
	int done = 0, i, n;

	for (i = 0; i < count; i++)
		next_message(&peers[i], i, max);
	while (done < count) {
		n = wait_events(events, 64, "echo");
		for (i = 0; i < n; i++) {
			uint64_t index = events[i].data.u64;
			struct peer *peer = &peers[index];

			if (events[i].events & EPOLLOUT)
				send_some(peer, index);
			if (events[i].events & ~EPOLLOUT)
				receive_some(peer, index);
			if (peer->received < peer->size || peer->done)
				continue;
			if (++peer->round < rounds) {
				next_message(peer, index, max);
				continue;
			}
			peer->done = true;
			watch(EPOLL_CTL_MOD, peer->fd, 0, index);
			done++;
		}
	}
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	int opt, i, family = AF_INET, count = 1000, limit = 64, rounds = 3;
	const char *port = "5903", *command = NULL;
	double start, connected;
	struct st_addr addr;
	bool server = false;
	struct peer *peers;
	size_t max = 4096;

	while ((opt = getopt(argc, argv, "6A:p:sn:c:r:m:x:")) > 0)
		switch (opt) {
		case '6': family = AF_INET6; break;
		case 'A': kind = st_parse_kind(optarg); break;
		case 'p': port = optarg; break;
		case 's': server = true; break;
		case 'n': count = atoi(optarg); break;
		case 'c': limit = atoi(optarg); break;
		case 'r': rounds = atoi(optarg); break;
		case 'm': max = atoi(optarg); break;
		case 'x': command = optarg; break;
		default: return 2;
		}
	if (max < 1 || max > MAX_MESSAGE)
		errx(2, "-m: 1 to %d", MAX_MESSAGE);
	raise_file_limit();
	epfd = epoll_create1(0);
	addr = st_resolve(server ? NULL : argv[optind], port, family);
	if (server)
		serve(&addr);

	peers = calloc(count, sizeof(*peers));
	if (!peers)
		err(1, "memory");
	close(st_connect(kind, &addr, 0, NULL));	/* wait for the server */
	start = st_now();
	connect_all(peers, count, limit, &addr);
	connected = st_now();
	if (command && system(command))
		errx(1, "failed: %s", command);
	echo_all(peers, count, rounds, max);
	printf("ok: %d connections in %.1f s, %d messages on each in %.1f s\n",
	       count, connected - start, rounds, st_now() - connected);
	for (i = 0; i < count; i++)
		close(peers[i].fd);
	return 0;
}
