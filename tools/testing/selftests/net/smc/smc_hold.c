// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that wait for something, and how each end of each ends: for tests
 * that cut the wire under them.
 *
 *   smc_hold [-6] [-A KIND] [-p PORT] [-k] [-n COUNT] -s
 *   smc_hold [-6] [-A KIND] [-p PORT] [-k] HOST ROLE...
 *
 * One connection for each ROLE, which is one of
 *   read   both ends wait in recv()
 *   poll   both wait in poll()
 *   write  the client waits in send(), the server reads nothing and waits for
 *          an error
 *   echo   a message each 50 ms, and its echo
 *   close  both wait, until the client sends LAST_BYTES and closes
 * -k: SO_KEEPALIVE, after one second, three times each second.
 *
 * The client prints "ready" when all are connected. At SIGUSR1 it ends read,
 * poll and echo in order, and does its part of close. Both ends print a line
 * "ROLE END SECONDS" for each connection when it has ended, END being "ok" or
 * the name of an errno; SECONDS are counted from the start of the connection.
 * The server ends after COUNT connections, the client when all have ended.
 */
#include "smctest.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#define LAST_BYTES	1000
#define MESSAGE		100

enum role { READ, POLL, WRITE, ECHO, CLOSE, ROLES };

static const char *const role_names[ROLES] = {
	"read", "poll", "write", "echo", "close"
};

struct conn {
	pthread_t thread;
	enum role role;
	int fd;
	double start;
	bool is_client;
};

static bool keepalive;
static pthread_mutex_t print_lock = PTHREAD_MUTEX_INITIALIZER;

static void report(const struct conn *c, int error)
{
	pthread_mutex_lock(&print_lock);
	printf("%s %s %.1f\n", role_names[c->role],
	       error ? strerrorname_np(error) : "ok", st_now() - c->start);
	fflush(stdout);
	pthread_mutex_unlock(&print_lock);
}

static void set_keepalive(int fd)
{
	int one = 1, probes = 3;

	if (!keepalive)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_TCP, TCP_KEEPIDLE, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_TCP, TCP_KEEPINTVL, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_TCP, TCP_KEEPCNT, &probes, sizeof(probes)))
		err(1, "keepalive");
}

static int socket_error(int fd)
{
	socklen_t len = sizeof(int);
	int error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		err(1, "SO_ERROR");
	return error;
}

/* All of @len bytes, or until the end: what came, or -1. */
static ssize_t read_all(int fd, char *buf, size_t len)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && (n = recv(fd, buf + done, len - done, 0)) > 0)
		done += n;
	return n < 0 ? -1 : (ssize_t)done;
}

/* Nothing comes but the end. */
static int until_end(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	return n < 0 ? errno : n ? EBADMSG : 0;
}

static int do_poll(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int error;

	if (poll(&p, 1, -1) < 0)
		return errno;
	error = socket_error(fd);
	return error ?: until_end(fd);
}

static int do_write(int fd)
{
	static char data[65536];

	while (send(fd, data, sizeof(data), MSG_NOSIGNAL) > 0)
		;
	return errno;
}

static int echo_client(int fd)
{
	struct timespec pause = { .tv_nsec = 50000000 };
	char buf[MESSAGE], back[MESSAGE];
	uint64_t pos = 0;
	ssize_t n;

	for (;; pos += MESSAGE) {
		st_fill(buf, MESSAGE, pos, 1);
		if (send(fd, buf, MESSAGE, MSG_NOSIGNAL) < 0)
			/* our own shutdown() */
			return errno == EPIPE ? until_end(fd) : errno;
		n = read_all(fd, back, MESSAGE);
		if (n != MESSAGE)
			return n < 0 ? errno : n ? EBADMSG : 0;
		if (memcmp(buf, back, MESSAGE))
			break;
		nanosleep(&pause, NULL);
	}
	errno = EBADMSG;
	return errno;
}

static int echo_server(int fd)
{
	char buf[4096];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		if (send(fd, buf, n, MSG_NOSIGNAL) != n)
			return errno;
	return n < 0 ? errno : 0;
}

static int close_server(int fd)
{
	char buf[LAST_BYTES + 1];
	ssize_t n = read_all(fd, buf, sizeof(buf));

	return n < 0 ? errno : n == LAST_BYTES ? 0 : EBADMSG;
}

static int hold(const struct conn *c)
{
	switch (c->role) {
	case READ:
		return until_end(c->fd);
	case POLL:
		return do_poll(c->fd, POLLIN);
	case WRITE:
		return c->is_client ? do_write(c->fd) : do_poll(c->fd, 0);
	case ECHO:
		return c->is_client ? echo_client(c->fd) : echo_server(c->fd);
	default:
		return close_server(c->fd);
	}
}

static void *conn_thread(void *arg)
{
	struct conn *c = arg;
	unsigned char role;
	int error = 0;

	if (!c->is_client) {
		if (recv(c->fd, &role, 1, 0) != 1 || role >= ROLES)
			errx(1, "no role: %s", strerror(errno));
		c->role = role;
	}
	error = hold(c);
	report(c, error);
	close(c->fd);
	return NULL;
}

static void start_thread(struct conn *c)
{
	c->start = st_now();
	if (pthread_create(&c->thread, NULL, conn_thread, c))
		errx(1, "pthread_create");
}

static void serve(enum st_kind kind, struct st_addr *addr, int count)
{
	struct conn *conns = calloc(count, sizeof(*conns));
	int fd = st_listen(kind, addr, 128);
	int i;

	for (i = 0; i < count; i++) {
		conns[i].fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (conns[i].fd < 0)
			err(1, "accept");
		set_keepalive(conns[i].fd);
		start_thread(&conns[i]);
	}
	close(fd);
	for (i = 0; i < count; i++)
		pthread_join(conns[i].thread, NULL);
	free(conns);
}

static enum role parse_role(const char *name)
{
	enum role role;

	for (role = 0; role < ROLES; role++)
		if (!strcmp(name, role_names[role]))
			return role;
	errx(2, "%s: no such role", name);
}

static void close_now(struct conn *c)
{
	static char data[LAST_BYTES];
	int error = 0;

	if (send(c->fd, data, LAST_BYTES, MSG_NOSIGNAL) != LAST_BYTES)
		error = errno;
	close(c->fd);
	report(c, error);
}

static void *finisher(void *arg)
{
	struct conn *conns = arg, *c;
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigwait(&set, &sig);
	for (c = conns; c->fd >= 0; c++) {
		if (c->role == CLOSE)
			close_now(c);
		else if (c->role != WRITE)
			shutdown(c->fd, SHUT_WR);
	}
	return NULL;
}

static void run_client(enum st_kind kind, struct st_addr *addr, char **names,
		       int count)
{
	struct conn *conns = calloc(count + 1, sizeof(*conns));
	bool must_finish = false;
	pthread_t thread;
	sigset_t set;
	char role;
	int i;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (i = 0; i < count; i++) {
		conns[i].role = parse_role(names[i]);
		conns[i].is_client = true;
		conns[i].fd = st_connect(kind, addr, 0, set_keepalive);
		role = conns[i].role;
		if (send(conns[i].fd, &role, 1, MSG_NOSIGNAL) != 1)
			err(1, "send");
	}
	conns[count].fd = -1;
	for (i = 0; i < count; i++) {
		must_finish |= conns[i].role == CLOSE;
		if (conns[i].role == CLOSE)
			conns[i].start = st_now();
		else
			start_thread(&conns[i]);
	}
	if (pthread_create(&thread, NULL, finisher, conns))
		errx(1, "pthread_create");
	puts("ready");
	fflush(stdout);
	for (i = 0; i < count; i++)
		if (conns[i].role != CLOSE)
			pthread_join(conns[i].thread, NULL);
	if (must_finish)
		pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	int opt, family = AF_INET, count = 1;
	enum st_kind kind = ST_TCP;
	const char *port = "5907";
	bool server = false;
	struct st_addr addr;

	signal(SIGPIPE, SIG_IGN);
	while ((opt = getopt(argc, argv, "6A:p:kn:s")) > 0)
		switch (opt) {
		case '6': family = AF_INET6; break;
		case 'A': kind = st_parse_kind(optarg); break;
		case 'p': port = optarg; break;
		case 'k': keepalive = true; break;
		case 'n': count = atoi(optarg); break;
		case 's': server = true; break;
		default: return 2;
		}
	if (server) {
		addr = st_resolve(NULL, port, family);
		serve(kind, &addr, count);
		return 0;
	}
	if (optind + 2 > argc)
		errx(2, "a host and a role are needed");
	addr = st_resolve(argv[optind], port, family);
	run_client(kind, &addr, argv + optind + 1, argc - optind - 1);
	return 0;
}
