// SPDX-License-Identifier: GPL-2.0
/*
 * A peer that gets as far as RDMA honestly, and then lies.
 *
 *   rdma_liar [-s] [-n ROUNDS] [-o SECONDS] [-r] HOST PORT [NAME...]
 *
 * rdma_victim listens on PORT of HOST. With -s it is told to connect to us, so
 * that the liar is the server. A round tells each lie once, or those whose name
 * begins with one of NAME; those that take long only in the first round, and
 * not with -r. Ends after ROUNDS or SECONDS, whichever comes first.
 *
 * After each lie: other connections of the group work, if the protocol allows;
 * the victim's application has seen nothing that TCP would not do; the reason
 * is counted. Output is KTAP, one result for each lie, of all rounds together.
 */
#include <getopt.h>
#include <signal.h>

#include "liar/lies.h"
#include "smctest.h"
#include "synopt.h"

#define MAX_LIES	80
#define WARM_UP		20	/* bytes exchanged first */

static const struct lie *const tables[] = {
	llc_lies, cdc_lies, rdma_lies, group_lies,
};

struct result {
	const struct lie *lie;
	unsigned int told;
	unsigned int failed;
	char why[1300];
};

static struct result results[MAX_LIES];
static int nr_lies;
static long told;

static const char *both_live(struct conn *a, struct conn *b, unsigned int flags)
{
	const char *who = "the same connection", *why = NULL;
	static char text[80];

	if (flags & A_LIVES)
		why = exchange(a, 700);
	if (!why && flags & B_LIVES) {
		who = "its neighbour";
		why = exchange(b, 5000);
	}
	if (!why)
		return NULL;
	snprintf(text, sizeof(text), "%s: %s", who, why);
	return text;
}

static const char *tell_in_group(const struct lie *lie)
{
	struct group *g = group_new(lie->flags & IMM);
	struct conn *a = conn_open(g), *b = a ? conn_open(g) : NULL;
	const char *why = NULL;

	if (!b || exchange(a, WARM_UP) || exchange(b, WARM_UP)) {
		static char text[80];

		snprintf(text, sizeof(text), "no honest start, 0x%08x %d",
			 conn_diag, g->status);
		group_free(g);
		return text;
	}
	why = lie->tell(a, b);
	/* the lie may have closed it */
	a = g->conn[0];
	if (!why)
		why = both_live(a, b, lie->flags);
	group_end(g);
	return why;
}

/* counters rise when the victim gets to it, faults come when it is done */
static const char *aftermath(const struct lie *lie, long before)
{
	double end = st_now() + 10;
	const char *why;

	while (lie->stat && victim_stat(lie->stat) <= before) {
		if (st_now() > end)
			return "nothing was counted";
		usleep(20000);
	}
	why = victim_faults();
	return why;
}

static void tell(struct result *result)
{
	const struct lie *lie = result->lie;
	long before = lie->stat ? victim_stat(lie->stat) : 0;
	const char *why, *later;

	why = lie->flags & ALONE ? lie->tell(NULL, NULL) : tell_in_group(lie);
	later = aftermath(lie, before);
	result->told++;
	told++;
	if (!why && !later)
		return;
	result->failed++;
	snprintf(result->why, sizeof(result->why), "%s%s%s", why ?: "",
		 why && later ? "; " : "", later ?: "");
	printf("# %s: %s\n", lie->name, result->why);
	fflush(stdout);
}

static bool wanted(const struct lie *lie, char **names)
{
	if (lie->flags & CLIENT_LIES && peer_is_server)
		return false;
	if (!*names)
		return true;
	for (; *names; names++) {
		if (!strncmp(lie->name, *names, strlen(*names)))
			return true;
	}
	return false;
}

static void choose(char **names)
{
	const struct lie *lie;
	unsigned int i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		for (lie = tables[i]; lie->name; lie++) {
			if (wanted(lie, names) && nr_lies < MAX_LIES)
				results[nr_lies++].lie = lie;
		}
	}
	if (!nr_lies)
		errx(2, "no such lie");
}

static int report(void)
{
	int i, n = 0, failed = 0;

	printf("KTAP version 1\n");
	for (i = 0; i < nr_lies; i++) {
		if (!results[i].told)
			continue;
		if (results[i].failed) {
			failed = 1;
			printf("# %u of %u failed: %s\n", results[i].failed,
			       results[i].told, results[i].why);
		}
		printf("%s %d - %s\n", results[i].failed ? "not ok" : "ok",
		       ++n, results[i].lie->name);
	}
	printf("1..%d\n# %ld lies\n", n, told);
	return failed;
}

int main(int argc, char **argv)
{
	double end = st_now() + 1e6, start;
	long rounds = 1, round;
	bool rare = true;
	int c, i;

	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt(argc, argv, "sn:o:r")) != -1) {
		switch (c) {
		case 's': peer_is_server = true; break;
		case 'n': rounds = atol(optarg); break;
		case 'o': end = st_now() + atof(optarg); break;
		case 'r': rare = false; break;
		default: return 2;
		}
	}
	if (argc - optind < 2)
		errx(2, "usage: rdma_liar [-s] [-n ROUNDS] [-o SECONDS] [-r] HOST PORT [NAME...]");
	peer_host = argv[optind];
	peer_port = argv[optind + 1];
	choose(argv + optind + 2);
	victim_init();
	synopt_start();
	peer_init();
	for (round = 0; round < rounds && st_now() < end; round++) {
		for (i = 0; i < nr_lies && (st_now() < end || !round); i++) {
			if (results[i].lie->flags & RARE && (round || !rare))
				continue;
			start = st_now();
			tell(&results[i]);
			if (!round && getenv("LIAR_TIMES"))
				printf("# %.2f s %s\n", st_now() - start,
				       results[i].lie->name);
		}
	}
	return report();
}
