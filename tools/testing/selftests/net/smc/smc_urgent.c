// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent bytes outside of the stream, both ways.
 *
 *   smc_urgent [-6] [-A KIND] [-p PORT] -s
 *   smc_urgent [-6] [-A KIND] [-p PORT] [-n TURNS] HOST
 *
 * The ends take turns (40). Whoever has the turn sends some bytes, the last of
 * them urgent, and then some more. The other end must see POLLPRI, get the byte
 * by MSG_OOB, and find the stream without it.
 */
#include "smctest.h"
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define MAX_BYTES 9000

static enum st_kind kind = ST_TCP;
static char out[MAX_BYTES], in[MAX_BYTES];

static void send_all(int fd, const char *buf, size_t len, int flags)
{
	ssize_t n = send(fd, buf, len, flags | MSG_NOSIGNAL);

	if (n != (ssize_t)len)
		err(1, "send of %zu bytes gives %zd", len, n);
}

static void read_all(int fd, size_t len, uint64_t pos, uint64_t seed)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	size_t done = 0;
	ssize_t n;

	for (; done < len; done += n) {
		/* who polls does not come to the place of the urgent byte */
		if (poll(&pollfd, 1, 20000) != 1)
			errx(1, "no POLLIN after %zu of %zu", done, len);
		n = recv(fd, in, len - done, 0);
		if (n <= 0)
			err(1, "recv gives %zd", n);
		if (st_verify(in, n, pos + done, seed) >= 0)
			errx(1, "wrong byte after %zu of %zu", done, len);
	}
}

static void read_urgent(int fd, char expected)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };
	char byte;

	if (poll(&pollfd, 1, 20000) != 1)
		errx(1, "no POLLPRI");
	if (recv(fd, &byte, 1, MSG_OOB) != 1)
		err(1, "recv of the urgent byte");
	if (byte != expected)
		errx(1, "wrong urgent byte");
}

/* The urgent byte is the last of the first @before bytes. */
static void take_turns(int fd, bool mine, unsigned int turns)
{
	uint64_t seed, random = st_seed(turns);
	size_t before, after;

	for (; turns; turns--, mine = !mine) {
		before = 1 + st_random(&random) % (MAX_BYTES / 2);
		after = st_random(&random) % (MAX_BYTES / 2);
		seed = st_random(&random);
		st_fill(out, before + after, 0, seed);
		if (mine) {
			send_all(fd, out, before, MSG_OOB);
			if (after)
				send_all(fd, out + before, after, 0);
		} else {
			read_urgent(fd, out[before - 1]);
			read_all(fd, before - 1, 0, seed);
			read_all(fd, after, before, seed);
		}
	}
}

static void serve(struct st_addr *addr)
{
	int listener = st_listen(kind, addr, 16), fd;
	unsigned int turns;

	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		if (!fork()) {
			if (recv(fd, &turns, sizeof(turns), MSG_WAITALL) !=
			    sizeof(turns))
				errx(1, "no greeting");
			take_turns(fd, false, turns);
			send_all(fd, "k", 1, 0);
			/* Linux's own SMC drops at exit what is unsent */
			shutdown(fd, SHUT_WR);
			_exit(0);
		}
		close(fd);
	}
}

int main(int argc, char **argv)
{
	int opt, family = AF_INET, fd;
	const char *port = "5906";
	unsigned int turns = 40;
	struct st_addr addr;
	bool server = false;

	while ((opt = getopt(argc, argv, "6A:p:sn:")) > 0)
		switch (opt) {
		case '6': family = AF_INET6; break;
		case 'A': kind = st_parse_kind(optarg); break;
		case 'p': port = optarg; break;
		case 's': server = true; break;
		case 'n': turns = atoi(optarg); break;
		default: return 2;
		}
	addr = st_resolve(server ? NULL : argv[optind], port, family);
	if (server)
		serve(&addr);
	fd = st_connect(kind, &addr, 0, NULL);
	send_all(fd, (char *)&turns, sizeof(turns), 0);
	take_turns(fd, true, turns);
	if (recv(fd, in, 1, 0) != 1 || in[0] != 'k')
		errx(1, "the server is not content");
	printf("ok: %u urgent bytes\n", turns);
	return 0;
}
