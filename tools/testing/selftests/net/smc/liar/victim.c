// SPDX-License-Identifier: GPL-2.0
/* The control connection to rdma_victim, see there. */
#include "../smctest.h"
#include "peer.h"

static FILE *in, *out;

static const char *ask(const char *order)
{
	static char line[1200];

	fprintf(out, "%s\n", order);
	fflush(out);
	if (!fgets(line, sizeof(line), in))
		errx(1, "the victim is gone");
	line[strcspn(line, "\n")] = 0;
	return line;
}

void victim_init(void)
{
	struct st_addr addr;
	char port[16];
	int fd;

	snprintf(port, sizeof(port), "%d", atoi(peer_port) + 1);
	addr = st_resolve(peer_host, port, AF_INET);
	fd = st_connect(ST_TCP, &addr, 0, NULL);
	in = fdopen(fd, "r");
	out = fdopen(dup(fd), "w");
	if (!in || !out)
		err(1, "control connection");
}

long victim_stat(const char *name)
{
	char order[80];

	snprintf(order, sizeof(order), "stat %s", name);
	return atol(ask(order));
}

/* NULL if there were none since the last time */
const char *victim_faults(void)
{
	const char *line = ask("faults");

	return strcmp(line, "none") ? line : NULL;
}

void victim_connect(int port)
{
	char order[80];

	snprintf(order, sizeof(order), "connect %d", port);
	ask(order);
}
