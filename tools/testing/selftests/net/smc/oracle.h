/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP as the oracle: each scenario runs on TCP sockets, then on sockets of the
 * kind under test, and must notice the same.  What it notices are lines of
 * text: return values, errno, poll masks, data.
 *
 *   PROGRAM [-6] [-A KIND] [-L KIND] [-j N] [-flv] [NAME...]
 *
 * -A: kind of all sockets (af_smc, ipproto, ulp, tcp); -L: of listeners, if
 * another; -j: so many at a time; -f: to fall back to TCP is no failure; -l:
 * list the names; -v: show what was noticed.
 * Prints KTAP; status 1 if anything differs or fell back.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include "smctest.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>

struct scenario {
	const char *name;
	void (*run)(void);
	bool falls_back;	/* whatever is asked for */
};

#define SCENARIO(fn) { #fn, fn, false }
#define SCENARIO_TCP(fn) { #fn, fn, true }
#define TRACE_SIZE 16384
#define SCENARIO_SECONDS 20

/* Of the scenario that runs. */
static struct {
	enum st_kind kind, listener;
	int family;
	char *trace;
} env;

/* Kernels that check all they do are slow. */
static inline int scenario_seconds(void)
{
	struct utsname name;

	return uname(&name) || !strstr(name.release, "-smc") ?
	       SCENARIO_SECONDS : 5 * SCENARIO_SECONDS;
}

/* --- noticing ------------------------------------------------------------ */

__attribute__((format(printf, 1, 2)))
static inline void note(const char *fmt, ...)
{
	size_t len = strlen(env.trace);
	va_list args;

	va_start(args, fmt);
	vsnprintf(env.trace + len, TRACE_SIZE - len - 1, fmt, args);
	va_end(args);
	strcat(env.trace, "\n");
}

static inline long note_result(const char *what, long value)
{
	if (value < 0)
		note("%s = %s", what, strerrorname_np(errno) ?: "?");
	else
		note("%s = %ld", what, value);
	return value;
}

/* Notice a system call and what it returns: NOTE(send(c, "x", 1, 0)) */
#define NOTE(call) note_result(#call, (call))

/* For descriptors, whose numbers do not matter. */
#define NOTE_OK(call) ({						\
	long result_ = (call);						\
									\
	note("%s: %s", #call, result_ < 0 ? strerrorname_np(errno) :	\
					    "well");			\
	result_; })

/*
 * A difference that Documentation/differences.rst lists: the errno (0: none)
 * on TCP and on what is under test.
 */
static inline void note_difference(const char *what, long result, int on_tcp,
				   int on_smc)
{
	int is = result < 0 ? errno : 0;

	if (is == (env.kind == ST_TCP ? on_tcp : on_smc))
		note("%s: as documented", what);
	else
		note("%s: not as documented: %s", what,
		     is ? strerrorname_np(is) : "well");
}

#define NOTE_DIFFERENCE(call, on_tcp, on_smc) \
	note_difference(#call, (call), on_tcp, on_smc)

static inline void note_data(const char *what, const char *data, long len)
{
	if (len < 0)
		note("%s: %s", what, strerrorname_np(errno));
	else
		note("%s: %ld '%.*s'", what, len, (int)len, data);
}

/* Receive up to @len bytes and notice them. */
static inline long note_recv(int fd, size_t len, int flags)
{
	char buf[256] = { 0 };
	long n = recv(fd, buf, len < sizeof(buf) ? len : sizeof(buf), flags);

	note_data("recv", buf, n);
	return n;
}

static inline void note_mask(const char *what, int mask)
{
	static const struct {
		int bit;
		const char *name;
	} bits[] = {
		{ POLLIN, "IN" }, { POLLPRI, "PRI" }, { POLLOUT, "OUT" },
		{ POLLERR, "ERR" }, { POLLHUP, "HUP" }, { POLLNVAL, "NVAL" },
		{ POLLRDHUP, "RDHUP" }, { POLLRDBAND, "RDBAND" },
	};
	char text[100] = "";
	unsigned int i;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (mask & bits[i].bit) {
			strcat(text, " ");
			strcat(text, bits[i].name);
		}
	note("%s:%s", what, *text ? text : " nothing");
}

#define ALL_EVENTS (POLLIN | POLLPRI | POLLOUT | POLLRDHUP | POLLRDBAND)

static inline int poll_now(int fd, int events, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	if (poll(&pollfd, 1, timeout_ms) < 0)
		return -1;
	return pollfd.revents;
}

static inline int epoll_of(int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };
	int ep = epoll_create1(0);

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event))
		note("epoll_ctl: %s", strerrorname_np(errno));
	return ep;
}

static inline void note_epoll(const char *what, int ep, int timeout_ms)
{
	struct epoll_event event = { 0 };
	int n = epoll_wait(ep, &event, 1, timeout_ms);

	note_mask(what, n > 0 ? event.events : 0);
}

/* The same, past edges that tell nothing new: one too many does no harm. */
static inline void note_epoll_of(const char *what, int ep, uint32_t mask)
{
	struct epoll_event event = { 0 };
	int tries;

	for (tries = 0; tries < 5 && !(event.events & mask); tries++)
		if (epoll_wait(ep, &event, 1, 5000) < 1)
			break;
	note_mask(what, event.events);
}

/* Wait until all events of @mask are there; then notice all there are. */
static inline void note_poll(const char *what, int fd, int mask)
{
	int tries, events = 0;

	for (tries = 0; tries < 300; tries++) {
		events = poll_now(fd, ALL_EVENTS, 0);
		if ((events & mask) == mask)
			break;
		usleep(10000);
	}
	note_mask(what, events);
}

/* Wait for something to arrive at the other end. */
static inline void wait_in(int fd)
{
	if (!(poll_now(fd, POLLIN, 5000) & POLLIN))
		note("nothing arrives");
}

/* For what is not to happen, or cannot be waited for. */
static inline void a_moment(void)
{
	usleep(100000);
}

static inline void note_error(const char *what, int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		note("%s: no SO_ERROR", what);
	else
		note("%s: SO_ERROR %s", what,
		     error ? strerrorname_np(error) : "0");
}

static inline void note_time(const char *what, double since, double wanted)
{
	double took = st_now() - since;

	if (took < wanted * 0.9)
		note("%s: too soon", what);
	else
		note("%s: %s", what, took < wanted + 3 ? "in time" : "too late");
}

/* --- sockets --------------------------------------------------------------- */

static inline int make_socket(int flags)
{
	return st_socket(env.kind, env.family, flags);
}

/* The loopback address, any port. */
static inline struct st_addr loopback(void)
{
	return st_resolve(env.family == AF_INET6 ? "::1" : "127.0.0.1", "0",
			  env.family);
}

static inline struct st_addr name_of(int fd)
{
	struct st_addr addr = { .len = sizeof(addr.ss) };

	if (getsockname(fd, st_sa(&addr), &addr.len))
		note("getsockname: %s", strerrorname_np(errno));
	return addr;
}

/* A listener of @kind on a port of its own, whose address goes to *@addr. */
static inline int listen_as(enum st_kind kind, struct st_addr *addr,
			    int backlog)
{
	int fd;

	*addr = loopback();
	fd = st_listen(kind, addr, backlog);
	*addr = name_of(fd);
	return fd;
}

static inline int make_listener(struct st_addr *addr)
{
	return listen_as(env.listener, addr, 16);
}

static inline int make_client(struct st_addr *addr)
{
	int fd = make_socket(0);

	if (connect(fd, st_sa(addr), addr->len))
		note("connect: %s", strerrorname_np(errno));
	return fd;
}

/* A connected pair. */
static inline void make_pair(int *client, int *server)
{
	struct st_addr addr;
	int listener = make_listener(&addr);

	*client = make_client(&addr);
	*server = accept(listener, NULL, NULL);
	if (*server < 0)
		note("accept: %s", strerrorname_np(errno));
	close(listener);
}

static inline void set_timeout(int fd, int opt, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, opt, &tv, sizeof(tv)))
		note("timeout: %s", strerrorname_np(errno));
}

/* Send without blocking until nothing goes any more; returns the bytes. */
static inline long fill(int fd)
{
	static char buf[65536];
	int quiet, fixed = 65536;
	long n, sum = 0;

	/* so that TCP does not enlarge the buffer meanwhile */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &fixed, sizeof(fixed));
	for (quiet = 0; quiet < 30; quiet++) {
		while ((n = send(fd, buf, quiet ? 1 : sizeof(buf),
				 MSG_DONTWAIT | MSG_NOSIGNAL)) > 0) {
			sum += n;
			quiet = 0;
		}
		usleep(10000);
	}
	return sum;
}

/* Read until the end of the stream or an error; returns the bytes. */
static inline long drain(int fd)
{
	static char buf[65536];
	long n, sum = 0;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		sum += n;
	if (n < 0)
		note("drain ends with %s", strerrorname_np(errno));
	return sum;
}

static volatile sig_atomic_t signals_seen;

static inline void count_signal(int sig)
{
	(void)sig;
	signals_seen++;
}

static inline void on_signal(int sig, int flags)
{
	struct sigaction action = {
		.sa_handler = count_signal, .sa_flags = flags
	};

	sigaction(sig, &action, NULL);
}

/* A child process that acts a little later, while the parent blocks. */
#define LATER(statement) do {						\
	if (!fork()) {							\
		usleep(200000);						\
		statement;						\
		_exit(0);						\
	}								\
} while (0)

/* --- running --------------------------------------------------------------- */

struct run {
	pid_t pid;
	char *trace;
};

/* In a process of its own, whose trace stays when it dies. */
static inline struct run start_scenario(const struct scenario *scenario,
					enum st_kind kind,
					enum st_kind listener)
{
	struct run run;

	run.trace = mmap(NULL, TRACE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run.trace == MAP_FAILED)
		err(1, "mmap");
	fflush(stdout);
	run.pid = fork();
	if (!run.pid) {
		env.kind = kind;
		env.listener = listener;
		env.trace = run.trace;
		setpgid(0, 0);
		alarm(scenario_seconds());
		scenario->run();
		_exit(0);
	}
	return run;
}

static inline void finish_scenario(struct run run)
{
	int status;

	while (waitpid(run.pid, &status, 0) < 0 && errno == EINTR)
		;
	kill(-run.pid, SIGKILL);
	env.trace = run.trace;
	if (WIFSIGNALED(status))
		note("ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		note("exit status %d", WEXITSTATUS(status));
}

/* A counter of the module, 0 without one. */
static inline long counter(const char *name)
{
	FILE *file = fopen("/proc/net/smc_stat", "r");
	char line[200], word[100];
	long value = 0, n;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%99s %ld", word, &n) == 2 &&
		    !strcmp(word, name))
			value = n;
	fclose(file);
	return value;
}

static inline void print_trace(const char *whose, const char *trace)
{
	const char *end;

	for (; *trace; trace = end + 1) {
		end = strchr(trace, '\n');
		printf("# %s | %.*s\n", whose, (int)(end - trace), trace);
	}
}

static inline bool is_wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

/* What is asked for on the command line. */
struct options {
	enum st_kind kind, listener;
	bool list, verbose, may_fall_back;
	int jobs;
	char **names;
};

/* One scenario, on TCP and on what is under test at the same time. */
struct pair_of_runs {
	const struct scenario *scenario;
	struct run tcp, smc;
};

static inline void start_pair(struct pair_of_runs *pair,
			      const struct scenario *scenario,
			      const struct options *opt)
{
	pair->scenario = scenario;
	pair->tcp = start_scenario(scenario, ST_TCP, ST_TCP);
	pair->smc = start_scenario(scenario, opt->kind, opt->listener);
}

static inline void end_pair(struct pair_of_runs *pair)
{
	finish_scenario(pair->tcp);
	finish_scenario(pair->smc);
}

/* What no scenario is about, so that it does not pass if both meet with it. */
static inline bool is_accident(const char *trace)
{
	static const char * const accidents[] = {
		"ended by SIGALRM", "ended by SIGSEGV", "ended by SIGABRT",
		"nothing arrives", "the agent is gone",
	};
	unsigned int i;

	for (i = 0; i < sizeof(accidents) / sizeof(*accidents); i++)
		if (strstr(trace, accidents[i]))
			return true;
	return false;
}

/* Whether both have noticed the same; prints a KTAP line. */
static inline bool judge_pair(struct pair_of_runs *pair, int number,
			      const struct options *opt, long fallbacks)
{
	const char *tcp = pair->tcp.trace, *smc = pair->smc.trace;
	bool good = !strcmp(tcp, smc) && *tcp && !is_accident(tcp);

	if (!good || opt->verbose) {
		print_trace("tcp", tcp);
		print_trace("smc", smc);
	}
	if (fallbacks) {
		good = false;
		printf("# %ld connections fell back\n", fallbacks);
	}
	printf("%sok %d - %s\n", good ? "" : "not ", number,
	       pair->scenario->name);
	munmap(pair->tcp.trace, TRACE_SIZE);
	munmap(pair->smc.trace, TRACE_SIZE);
	return good;
}

#define MAX_JOBS 8

/*
 * Some scenarios at a time: most of them sleep most of the time. If any of
 * their connections falls back although it should not, each is repeated alone
 * to see which it was. Returns the number of those that fail.
 */
static inline int run_batch(const struct scenario **scenarios, int count,
			    int number, const struct options *opt)
{
	long before = counter("ClientFallback"), fallbacks;
	struct pair_of_runs pairs[MAX_JOBS];
	int i, failed = 0;

	for (i = 0; i < count; i++)
		start_pair(&pairs[i], scenarios[i], opt);
	for (i = 0; i < count; i++)
		end_pair(&pairs[i]);
	fallbacks = counter("ClientFallback") - before;
	if (opt->may_fall_back || scenarios[0]->falls_back)
		fallbacks = 0;
	if (fallbacks && count > 1) {
		for (i = 0; i < count; i++) {
			munmap(pairs[i].tcp.trace, TRACE_SIZE);
			munmap(pairs[i].smc.trace, TRACE_SIZE);
			failed += run_batch(&scenarios[i], 1, number + i, opt);
		}
		return failed;
	}
	for (i = 0; i < count; i++)
		failed += !judge_pair(&pairs[i], number + i, opt, fallbacks);
	return failed;
}

/* All that are wanted, in batches. Returns the number of those that fail. */
static inline int run_all(const struct scenario *scenarios, int count,
			  const struct options *opt)
{
	const struct scenario *batch[MAX_JOBS];
	int i, n = 0, number = 1, failed = 0;

	for (i = 0; i < count; i++) {
		if (!is_wanted(scenarios[i].name, opt->names))
			continue;
		if (n && (n >= opt->jobs || scenarios[i].falls_back ||
			  batch[0]->falls_back)) {
			failed += run_batch(batch, n, number, opt);
			number += n;
			n = 0;
		}
		batch[n++] = &scenarios[i];
	}
	if (n)
		failed += run_batch(batch, n, number, opt);
	printf("1..%d\n", number + n - 1);
	return failed;
}

static inline int oracle_main(int argc, char **argv,
			      const struct scenario *scenarios, int count)
{
	struct options opt = { .kind = ST_SMC, .listener = -1, .jobs = 4 };
	int letter, i;

	env.family = AF_INET;
	while ((letter = getopt(argc, argv, "6A:L:flj:v")) > 0)
		switch (letter) {
		case '6': env.family = AF_INET6; break;
		case 'A': opt.kind = st_parse_kind(optarg); break;
		case 'L': opt.listener = st_parse_kind(optarg); break;
		case 'f': opt.may_fall_back = true; break;
		case 'l': opt.list = true; break;
		case 'j': opt.jobs = atoi(optarg); break;
		case 'v': opt.verbose = true; break;
		default: return 2;
		}
	if ((int)opt.listener < 0)
		opt.listener = opt.kind;
	if (opt.jobs < 1 || opt.jobs > MAX_JOBS)
		errx(2, "-j: 1 to %d", MAX_JOBS);
	opt.names = argv + optind;
	for (i = 0; opt.list && i < count; i++)
		printf("%s\n", scenarios[i].name);
	if (opt.list)
		return 0;
	printf("KTAP version 1\n");
	return run_all(scenarios, count, &opt) > 0;
}

#define ORACLE_MAIN(scenarios)						\
int main(int argc, char **argv)						\
{									\
	return oracle_main(argc, argv, scenarios,			\
			   sizeof(scenarios) / sizeof(scenarios[0]));	\
}

#endif /* ORACLE_H */
