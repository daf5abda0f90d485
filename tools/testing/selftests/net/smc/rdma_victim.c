// SPDX-License-Identifier: GPL-2.0
/*
 * The application that a hostile RDMA peer talks to; see rdma_liar.c.
 *
 *   rdma_victim [-d SECONDS] PORT
 *
 * It echoes what comes, by SMC, on PORT; or connects to where the liar waits
 * and echoes there. Whatever the peer does, an application may expect that its
 * calls return within their time limit, and that it reads the peer's stream or
 * bytes that nobody has written: zeros. All else is a fault.
 *
 * Orders come by TCP on PORT + 1, one a line; each is answered by one line:
 *
 *   stat NAME	value of a counter in /proc/net/smc_stat, or of a line of
 *		/proc/meminfo
 *   faults	what was wrong since the last time, or "none"
 *   connect PORT	connect to that port of the host that asks
 *   open	number of connections open
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "smctest.h"

#define BUF_LEN		16384
#define SLACK_S		10	/* a guest may be slow, but not for ever */

static int deadline_s = 12;
static atomic_int nr_open;
static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER;
static char faults[1024];

static void fault(const char *what, long arg)
{
	size_t len;

	pthread_mutex_lock(&fault_lock);
	len = strlen(faults);
	snprintf(faults + len, sizeof(faults) - len, "%s (%ld); ", what, arg);
	pthread_mutex_unlock(&fault_lock);
}

/* did a call take too long? */
static void timed(const char *what, double start)
{
	double took = st_now() - start;

	if (took > deadline_s + SLACK_S)
		fault(what, took);
}

/* each byte is the stream's, or nobody's */
static void check_bytes(const char *buf, size_t len, uint64_t pos,
			uint64_t seed)
{
	char want[BUF_LEN];
	size_t i;

	st_fill(want, len, pos, seed);
	for (i = 0; i < len; i++) {
		if (buf[i] == want[i] || !buf[i])
			continue;
		fault("foreign byte at", pos + i);
		return;
	}
}

static bool echo_some(int fd, char *buf, uint64_t *pos, uint64_t seed)
{
	double start = st_now();
	ssize_t n, sent, k;

	n = recv(fd, buf, BUF_LEN, 0);
	timed("recv hangs", start);
	if (n <= 0)
		return false;
	check_bytes(buf, n, *pos, seed);
	*pos += n;
	for (sent = 0; sent < n; sent += k) {
		start = st_now();
		k = send(fd, buf + sent, n - sent, MSG_NOSIGNAL);
		timed("send hangs", start);
		if (k <= 0)
			return false;
	}
	return true;
}

static void *app(void *arg)
{
	struct timeval tv = { .tv_sec = deadline_s };
	int fd = (intptr_t)arg >> 1, server = (intptr_t)arg & 1;
	struct sockaddr_in sin = { 0 };
	socklen_t len = sizeof(sin);
	uint64_t pos = 0, seed;
	char buf[BUF_LEN];
	double start;

	if (server)
		getpeername(fd, (struct sockaddr *)&sin, &len);
	else
		getsockname(fd, (struct sockaddr *)&sin, &len);
	seed = st_seed(ntohs(sin.sin_port));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	while (echo_some(fd, buf, &pos, seed))
		;
	start = st_now();
	close(fd);
	timed("close hangs", start);
	nr_open--;
	return NULL;
}

static void start_app(int fd, int server)
{
	pthread_t thread;

	nr_open++;
	if (pthread_create(&thread, NULL, app,
			   (void *)(intptr_t)(fd << 1 | server)))
		errx(1, "pthread_create");
	pthread_detach(thread);
}

/* The liar wants to know how large an RMB is: four RMBEs of a fixed size. */
static void fix_size(int fd)
{
	int size = 65536;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		err(1, "SO_RCVBUF");
}

static void *server(void *arg)
{
	struct st_addr addr = st_resolve(NULL, arg, AF_INET);
	int listener = st_listen(ST_SMC, &addr, 64), fd;

	fix_size(listener);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			start_app(fd, 1);
		else if (errno != ECONNABORTED && errno != EINTR)
			err(1, "accept");
	}
	return NULL;
}

struct target {
	struct st_addr addr;
};

/* each lie finds a client that asks for SMC, whatever the last one did */
static void forgive(void)
{
	FILE *f = fopen("/proc/net/smc_peers", "w");

	if (f && (fputs("flush", f) < 0 || fclose(f)))
		err(1, "/proc/net/smc_peers");
}

static void *client(void *arg)
{
	struct target *target = arg;
	int fd = st_socket(ST_SMC, AF_INET, SOCK_CLOEXEC);
	double start = st_now();

	forgive();
	fix_size(fd);
	if (connect(fd, st_sa(&target->addr), target->addr.len))
		close(fd);
	else
		start_app(fd, 0);
	if (st_now() - start > 2 * deadline_s + SLACK_S)
		fault("connect hangs", st_now() - start);
	free(target);
	return NULL;
}

static void order_connect(int fd, int port)
{
	struct target *target = malloc(sizeof(*target));
	struct sockaddr_in *sin;
	pthread_t thread;

	target->addr.len = sizeof(target->addr.ss);
	getpeername(fd, st_sa(&target->addr), &target->addr.len);
	sin = (struct sockaddr_in *)&target->addr.ss;
	sin->sin_port = htons(port);
	if (pthread_create(&thread, NULL, client, target))
		errx(1, "pthread_create");
	pthread_detach(thread);
}

static long long read_stat(const char *file, const char *name)
{
	FILE *f = fopen(file, "r");
	long long value, found = 0;
	char line[128], word[64];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63[^: ]%*[: ]%lld", word, &value) == 2 &&
		    !strcmp(word, name))
			found = value;
	}
	if (f)
		fclose(f);
	return found;
}

static void obey(int fd, FILE *out, char *line)
{
	char word[64];
	int port;

	if (sscanf(line, "stat %63s", word) == 1) {
		fprintf(out, "%lld\n", read_stat("/proc/net/smc_stat", word) ?:
			read_stat("/proc/meminfo", word));
	} else if (sscanf(line, "connect %d", &port) == 1) {
		order_connect(fd, port);
		fprintf(out, "ok\n");
	} else if (!strncmp(line, "faults", 6)) {
		pthread_mutex_lock(&fault_lock);
		fprintf(out, "%s\n", *faults ? faults : "none");
		*faults = 0;
		pthread_mutex_unlock(&fault_lock);
	} else if (!strncmp(line, "open", 4)) {
		fprintf(out, "%d\n", nr_open);
	} else {
		fprintf(out, "what?\n");
	}
	fflush(out);
}

static void *control(void *arg)
{
	int fd = (intptr_t)arg;
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
	char line[128];

	while (in && out && fgets(line, sizeof(line), in))
		obey(fd, out, line);
	fclose(in);
	fclose(out);
	return NULL;
}

int main(int argc, char **argv)
{
	struct st_addr addr;
	pthread_t thread;
	char port[16];
	int c, fd, listener;

	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt(argc, argv, "d:")) != -1) {
		if (c != 'd')
			return 2;
		deadline_s = atoi(optarg);
	}
	if (optind != argc - 1)
		errx(2, "usage: rdma_victim [-d SECONDS] PORT");
	if (pthread_create(&thread, NULL, server, argv[optind]))
		errx(1, "pthread_create");
	snprintf(port, sizeof(port), "%d", atoi(argv[optind]) + 1);
	addr = st_resolve(NULL, port, AF_INET);
	listener = st_listen(ST_TCP, &addr, 16);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 || pthread_create(&thread, NULL, control,
					     (void *)(intptr_t)fd))
			err(1, "control");
		pthread_detach(thread);
	}
}
