// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that end in every way, many at a time, and what the other end
 * may see of it.
 *
 *   smc_churn [-6] [-A KIND] [-p PORT] -s
 *   smc_churn [-6] [-A KIND] [-p PORT] [-j JOBS] [-n COUNT] [-S SEED]
 *             [-u] HOST
 *
 * Each of JOBS (8) processes makes COUNT (100) connections, one after another.
 * A connection starts with a message that tells how it will end; then up to
 * 200 KB follow.  What comes must be the beginning of what was sent, and all of
 * it where the end is an orderly one. In the end the client asks how many of
 * those came to which the server does not answer.
 * -u: it is no failure that a socket cannot be made, a connection fails
 * (modules and devices come and go), or bytes are missing at the end of it
 * (Linux's own SMC drops what is unsent at close; the server needs -u then).
 * The client prints one line; status 1 if bytes were wrong or missing.
 */
#include "smctest.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define MAX_BYTES 200000

enum ending {
	ORDERLY,	/* shut down, read to the end, close */
	CLOSE,		/* close at once after sending: all must arrive */
	RESET,		/* linger 0 */
	UNREAD,		/* close although the server's bytes are unread */
	KILLED,		/* the process dies */
	BOTH,		/* the server closes at the same time */
	UNUSED,		/* closed while it is being connected */
	ENDINGS,
	TALLY = ENDINGS,	/* no stream: how many CLOSE were there? */
};

struct greeting {
	uint32_t ending, bytes;
	uint64_t seed;
};

static enum st_kind kind = ST_TCP;
static bool tolerant;
static char buf[MAX_BYTES];
/* streams that end with CLOSE: sent, or complete; shared by all processes */
static uint32_t *closed;

static bool is_orderly(uint32_t ending)
{
	return ending == ORDERLY || ending == CLOSE;
}

/* Read to the end; false if a byte is wrong or, in an orderly end, missing. */
static bool check_stream(int fd, uint64_t bytes, uint64_t seed, bool all)
{
	static char in[65536];
	uint64_t pos = 0;
	ssize_t n;

	while ((n = recv(fd, in, sizeof(in), 0)) > 0) {
		if (pos + n > bytes || st_verify(in, n, pos, seed) >= 0) {
			warnx("wrong byte after %llu", (unsigned long long)pos);
			return false;
		}
		pos += n;
	}
	if (!all || pos == bytes || tolerant)
		return true;
	warn("only %llu of %llu bytes, then %zd", (unsigned long long)pos,
	     (unsigned long long)bytes, n);
	return false;
}

/* the last ones may still be read by their processes */
static bool check_tally(uint32_t sent)
{
	uint32_t came = 0;
	int i;

	for (i = 0; i < 1000 && came < sent; i++) {
		usleep(10000);
		came = __atomic_load_n(closed, __ATOMIC_RELAXED);
	}
	__atomic_store_n(closed, 0, __ATOMIC_RELAXED);
	if (came == sent)
		return true;
	warnx("%u of %u streams came", came, sent);
	return false;
}

/* The verdict, 'k' or 'x', goes back only where the client waits for it. */
static bool serve_one(int fd)
{
	struct greeting hello;
	bool good;

	if (recv(fd, &hello, sizeof(hello), MSG_WAITALL) != sizeof(hello))
		return true;
	if (hello.ending == UNREAD)
		send(fd, "unread", 6, 0);
	if (hello.ending == BOTH)
		return true;
	if (hello.ending == TALLY)
		good = check_tally(hello.bytes);
	else
		good = check_stream(fd, hello.bytes, hello.seed,
				    is_orderly(hello.ending));
	if (good && hello.ending == CLOSE)
		__atomic_fetch_add(closed, 1, __ATOMIC_RELAXED);
	send(fd, good ? "k" : "x", 1, 0);
	/* When a process ends, Linux's own SMC drops what is still unsent */
	shutdown(fd, SHUT_WR);
	return good;
}

static void serve(struct st_addr *addr)
{
	int listener = st_listen(kind, addr, 1024), fd, status;

	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		if (!fork()) {
			close(listener);
			_exit(!serve_one(fd));
		}
		close(fd);
		while (waitpid(-1, &status, WNOHANG) > 0)
			if (status)
				warnx("server: a connection went wrong");
	}
}

static bool finish(int fd, uint32_t ending)
{
	struct linger linger = { 1, 0 };
	char verdict = 0;

	switch (ending) {
	case TALLY:
	case ORDERLY:
		shutdown(fd, SHUT_WR);
		if (recv(fd, &verdict, 1, 0) != 1)
			warn("no verdict");
		else if (recv(fd, buf, 1, 0))
			warn("no end of stream");
		break;
	case RESET:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		break;
	case UNREAD:
		poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000);
		break;
	case KILLED:
		kill(getpid(), SIGKILL);
	}
	close(fd);
	return (ending != ORDERLY && ending != TALLY) || verdict == 'k' ||
	       tolerant;
}

/* false if the server is not told all that it waits for */
static bool tell(int fd, const struct greeting *hello)
{
	st_fill(buf, hello->bytes, 0, hello->seed);
	return send(fd, hello, sizeof(*hello), 0) == sizeof(*hello) &&
	       send(fd, buf, hello->bytes, 0) == hello->bytes;
}

static bool one_connection(struct st_addr *addr, uint64_t *random)
{
	struct greeting hello = {
		.ending = st_random(random) % ENDINGS,
		.bytes = st_random(random) % MAX_BYTES,
		.seed = st_random(random),
	};
	int fd = st_try_socket(kind, addr->ss.ss_family, SOCK_CLOEXEC);

	if (fd < 0) {
		if (!tolerant)
			warn("socket");
		usleep(1000);
		return tolerant;
	}
	if (hello.ending == UNUSED) {
		fcntl(fd, F_SETFL, O_NONBLOCK);
		connect(fd, st_sa(addr), addr->len);
		usleep(hello.bytes % 3000);
		close(fd);
		return true;
	}
	if (connect(fd, st_sa(addr), addr->len)) {
		if (!tolerant)
			warn("connect");
		close(fd);
		return tolerant;
	}
	if (!tell(fd, &hello) && is_orderly(hello.ending) && !tolerant) {
		warn("send");
		return false;
	}
	if (hello.ending == CLOSE)
		__atomic_fetch_add(closed, 1, __ATOMIC_RELAXED);
	return finish(fd, hello.ending);
}

static bool all_closed_came(struct st_addr *addr)
{
	struct greeting hello = { .ending = TALLY, .bytes = *closed };
	int fd = st_try_socket(kind, addr->ss.ss_family, SOCK_CLOEXEC);

	return fd >= 0 && !connect(fd, st_sa(addr), addr->len) &&
	       send(fd, &hello, sizeof(hello), 0) == sizeof(hello) &&
	       finish(fd, TALLY);
}

/* Processes that are to die do so on their way, and are replaced. */
static bool run_job(struct st_addr *addr, int count, uint64_t seed)
{
	uint64_t random = st_seed(seed);
	bool good = true;
	int i, status;

	for (i = 0; i < count; i++) {
		st_random(&random);
		if (!fork())
			_exit(!one_connection(addr, &random));
		wait(&status);
		if (!WIFSIGNALED(status) && status)
			good = false;
	}
	return good;
}

int main(int argc, char **argv)
{
	int opt, i, status, family = AF_INET, jobs = 8, count = 100, seed = 1;
	const char *port = "5904";
	bool server = false, good = true;
	struct st_addr addr;
	double start;

	while ((opt = getopt(argc, argv, "6A:p:sj:n:S:u")) > 0)
		switch (opt) {
		case '6': family = AF_INET6; break;
		case 'A': kind = st_parse_kind(optarg); break;
		case 'p': port = optarg; break;
		case 's': server = true; break;
		case 'j': jobs = atoi(optarg); break;
		case 'n': count = atoi(optarg); break;
		case 'S': seed = atoi(optarg); break;
		case 'u': tolerant = true; break;
		default: return 2;
		}
	signal(SIGPIPE, SIG_IGN);
	closed = mmap(NULL, sizeof(*closed), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (closed == MAP_FAILED)
		err(1, "mmap");
	addr = st_resolve(server ? NULL : argv[optind], port, family);
	if (server)
		serve(&addr);
	start = st_now();
	for (i = 0; i < jobs; i++)
		if (!fork())
			_exit(!run_job(&addr, count, seed * 1000 + i));
	while (wait(&status) > 0)
		good = good && !status;
	good = good && (tolerant || all_closed_came(&addr));
	printf("%s: %d x %d connections, seed %d, %.1f s\n",
	       good ? "ok" : "FAILED", jobs, count, seed, st_now() - start);
	return !good;
}
