// SPDX-License-Identifier: GPL-2.0
/*
 * Connect, one byte there and one back, close; one connection after another.
 *
 *   smc_crr [-6] [-A KIND] [-p PORT] -s
 *   smc_crr [-6] [-A KIND] [-p PORT] [-n COUNT | -t SECONDS] HOST
 *
 * The answer keeps the client from running ahead of the server's listen queue.
 * The client prints "COUNT connections, RATE /s".
 */
#include "smctest.h"
#include <signal.h>

static enum st_kind kind = ST_TCP;

static void serve(struct st_addr *addr)
{
	int fd = st_listen(kind, addr, 128);
	int child;
	char byte;

	for (;;) {
		child = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (child < 0) {
			warn("accept");
			continue;
		}
		while (recv(child, &byte, 1, 0) == 1 &&
		       send(child, &byte, 1, MSG_NOSIGNAL) == 1)
			;
		close(child);
	}
}

static void one_connection(struct st_addr *addr)
{
	int fd = st_socket(kind, addr->ss.ss_family, SOCK_CLOEXEC);
	char byte = 'x';

	if (connect(fd, st_sa(addr), addr->len))
		err(1, "connect");
	if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
		err(1, "send");
	if (recv(fd, &byte, 1, 0) != 1)
		err(1, "recv");
	close(fd);
}

int main(int argc, char **argv)
{
	int opt, family = AF_INET, count = 0;
	bool server = false;
	const char *port = "5901";
	double start, seconds = 0;
	struct st_addr addr;
	int done;

	while ((opt = getopt(argc, argv, "6A:p:sn:t:")) > 0)
		switch (opt) {
		case '6': family = AF_INET6; break;
		case 'A': kind = st_parse_kind(optarg); break;
		case 'p': port = optarg; break;
		case 's': server = true; break;
		case 'n': count = atoi(optarg); break;
		case 't': seconds = atof(optarg); break;
		default: return 2;
		}
	signal(SIGPIPE, SIG_IGN);
	addr = st_resolve(server ? NULL : argv[optind], port, family);
	if (server)
		serve(&addr);
	if (!count && seconds <= 0)
		count = 1000;

	close(st_connect(kind, &addr, 0, NULL));	/* the server is up, links too */
	start = st_now();
	for (done = 0; count ? done < count : st_now() - start < seconds; done++)
		one_connection(&addr);
	seconds = st_now() - start;
	printf("%d connections, %.1f /s\n", done, done / seconds);
	return 0;
}
