// SPDX-License-Identifier: GPL-2.0
/*
 * Let each call of a kind fail, one after another, and look at what becomes of
 * the connections: see faults.sh and modules/smc_fault.c, which must be loaded.
 *
 *   fault_sweep [-l] [-d RXE] [-e ERRNO] [-n FIRST] [-m LAST] [-t TIMES]
 *	[-v] SMC.KO POINT...
 *
 *   -l  from loading the module on, not from the first socket on
 *   -d  a new RDMA device of that name for each run
 *   -t  TIMES calls fail one after another: 0 means all from there on
 *   -v  a line for each run
 *
 * For each n until nothing fails any more: load the module, let the nth call
 * fail, and run the scenario: listen; connect three times; each time send and
 * receive; once more on the first connection; close all. The first connection
 * makes a link group, the third needs more buffers. Everything the application
 * sees must be success or an error it knows from TCP, soon. After that, without
 * fault, everything must go well; SMC must be back after one connection; the
 * module must unload, and nothing be left in the RDMA device. One result for
 * each POINT.
 */
#include "smctest.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#define CONNS		3
#define BYTES		100000
#define PATIENCE	15	/* seconds */
/* an end that has nothing to say learns from Test Link that the other is gone */
#define TEST_LINK	"/proc/sys/net/smc/smcr_testlink_time"
#define PEERS		"/proc/net/smc_peers"
#define FAULT		"/sys/module/smc_fault/parameters/"

static const char *ko, *rxe;
static int fault_errno = ENOMEM, fault_times = 1;
static int first_nth = 1, last_nth = 2000;
static bool loading, verbose;
static int slow = 1;

/* --- what has gone wrong -------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char trouble[4000];
static char log_text[2000];

static void note(char *text, size_t size, const char *fmt, va_list args)
{
	size_t len;

	pthread_mutex_lock(&lock);
	len = strlen(text);
	vsnprintf(text + len, size - len, fmt, args);
	pthread_mutex_unlock(&lock);
}

/* what must not be */
static void bad(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(trouble, sizeof(trouble), fmt, args);
	va_end(args);
}

/* what may be, for the curious */
static void says(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(log_text, sizeof(log_text), fmt, args);
	va_end(args);
}

/* --- files and modules ------------------------------------------------------- */

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

static const char *get(const char *path)
{
	static char text[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = 0;
	size_t len = 0;

	if (fd < 0)
		return "";
	while (len < sizeof(text) - 1 &&
	       (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(fd);
	text[len] = 0;
	return text;
}

static void arm(const char *point, int nth)
{
	char text[100];

	snprintf(text, sizeof(text), "%s %d %d %d", point, nth, fault_errno,
		 fault_times);
	if (!put(FAULT "arm", text))
		err(1, "arm %s", text);
}

static int disarm(void)
{
	int calls, fired;

	if (sscanf(get(FAULT "arm"), "%*s %d %d", &calls, &fired) != 2)
		errx(1, FAULT "arm cannot be read");
	put(FAULT "arm", "off");
	return fired;
}

static int load(void)
{
	int fd = open(ko, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		err(1, "%s", ko);
	ret = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	if (!ret)
		put(TEST_LINK, "2");
	return ret;
}

static int unload(void)
{
	double end = st_now() + PATIENCE * slow;

	while (syscall(SYS_delete_module, "smc", O_NONBLOCK)) {
		if (errno != EAGAIN || st_now() > end)
			return errno;
		usleep(20000);
	}
	return 0;
}

static void run_or_die(const char *fmt, ...)
{
	char command[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	if (system(command))
		errx(1, "failed: %s", command);
}

/* a counter of the module; those of fallbacks as client for "Fallback" */
static long counter(const char *name)
{
	static const char fallback[] = "Fallback.client.";
	char *line, *rest = (char *)get("/proc/net/smc_stat");
	size_t len = strlen(name);
	long sum = 0;

	while ((line = strsep(&rest, "\n"))) {
		if (!strcmp(name, "Fallback") &&
		    !strncmp(line, fallback, strlen(fallback)))
			sum += atol(strchr(line, ' '));
		else if (!strncmp(line, name, len) && line[len] == ' ')
			sum += atol(line + len);
	}
	return sum;
}

static void show_reasons(void)
{
	char *line, *rest = (char *)get("/proc/net/smc_stat");

	while ((line = strsep(&rest, "\n")))
		if (!strncmp(line, "Fallback.", 9))
			says(" %s", line + 9);
}

/* --- both ends ----------------------------------------------------------------- */

/* errors that a program may meet with TCP too */
static bool is_clean(int error)
{
	static const int errors[] = {
		ENOMEM, ENOBUFS, ECONNRESET, ECONNABORTED, EPIPE, ETIMEDOUT,
		ENFILE,
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (error == errors[i])
			return true;
	return error == fault_errno;
}

static bool failed(const char *who, int i, const char *what)
{
	int error = errno;	/* it stays */

	if (is_clean(error))
		says(" %s%d:%s:%s", who, i, what, strerrorname_np(error));
	else
		bad("%s %d: %s: %s\n", who, i, what, strerror(error));
	errno = error;
	return false;
}

static void set_options(int fd)
{
	struct timeval tv = { .tv_sec = PATIENCE * slow };
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static bool send_all(const char *who, int i, int fd, uint64_t seed)
{
	static __thread char buf[BYTES];
	size_t done = 0;
	ssize_t n;

	st_fill(buf, BYTES, 0, seed);
	while (done < BYTES) {
		/* urgent: not what two of our own ends say in one request */
		n = send(fd, buf + done, BYTES - done, MSG_NOSIGNAL | MSG_OOB);
		if (n < 0)
			return failed(who, i, "send");
		done += n;
	}
	return true;
}

/* An orderly end is right at the start only, and where @may_end. */
static bool recv_all(const char *who, int i, int fd, uint64_t seed,
		     bool may_end)
{
	static __thread char buf[BYTES];
	size_t done = 0;
	int64_t wrong;
	ssize_t n;

	while (done < BYTES) {
		n = recv(fd, buf + done, BYTES - done, 0);
		if (n < 0)
			return failed(who, i, "recv");
		if (!n) {
			if (done || !may_end)
				bad("%s %d: end of stream after %zu bytes\n",
				    who, i, done);
			return false;
		}
		done += n;
	}
	wrong = st_verify(buf, BYTES, 0, seed);
	if (wrong >= 0)
		bad("%s %d: wrong byte at %ld\n", who, i, (long)wrong);
	return wrong < 0;
}

struct server {
	pthread_t thread;
	int fd;
	bool stop;
	pthread_t child[CONNS + 1];
	int children;
};

static void *serve_one(void *arg)
{
	int fd = (long)arg;

	set_options(fd);
	while (recv_all("server", fd, fd, 1, true) &&
	       send_all("server", fd, fd, 2))
		;
	close(fd);
	return NULL;
}

static void *serve(void *arg)
{
	struct server *s = arg;
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };
	int fd;

	while (!__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE) &&
	       s->children <= CONNS) {
		if (poll(&pfd, 1, 50) < 1)
			continue;
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno != EAGAIN)
				failed("server", 0, "accept");
			continue;
		}
		pthread_create(&s->child[s->children++], NULL, serve_one,
			       (void *)(long)fd);
	}
	return NULL;
}

static bool server_start(struct server *s, struct st_addr *addr)
{
	int one = 1;

	memset(s, 0, sizeof(*s));
	s->fd = st_try_socket(ST_SMC, AF_INET, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (s->fd < 0)
		return failed("server", 0, "socket");
	setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(s->fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	if (bind(s->fd, st_sa(addr), addr->len))
		err(1, "bind");
	if (listen(s->fd, 5)) {
		failed("server", 0, "listen");
		close(s->fd);
		return false;
	}
	return !pthread_create(&s->thread, NULL, serve, s);
}

static void server_end(struct server *s)
{
	int i;

	__atomic_store_n(&s->stop, true, __ATOMIC_RELEASE);
	pthread_join(s->thread, NULL);
	close(s->fd);
	for (i = 0; i < s->children; i++)
		pthread_join(s->child[i], NULL);
}

static bool transfer(int i, int fd)
{
	return send_all("client", i, fd, 1) &&
	       recv_all("client", i, fd, 2, false);
}

static int client_connect(int i, struct st_addr *addr)
{
	int fd = st_try_socket(ST_SMC, AF_INET, SOCK_CLOEXEC);

	if (fd < 0) {
		failed("client", i, "socket");
		return -1;
	}
	set_options(fd);
	if (connect(fd, st_sa(addr), addr->len)) {
		failed("client", i, "connect");
		/* what this host lacks is not the peer's fault */
		if (errno == ENOMEM && strchr(get(PEERS), '.'))
			bad("client %d: the peer is blamed\n", i);
		close(fd);
		return -1;
	}
	return fd;
}

/* the other end closes too, and has nothing to say before */
static bool client_close(int i, int fd)
{
	bool ok = true;
	ssize_t n;
	char byte;

	if (shutdown(fd, SHUT_WR)) {
		if (errno != ENOTCONN)
			failed("client", i, "shutdown");
		ok = false;
	}
	n = recv(fd, &byte, 1, 0);
	if (n > 0)
		bad("client %d: bytes at the end\n", i);
	else if (n < 0)
		ok = failed("client", i, "recv at the end");
	close(fd);
	return ok;
}

/* --- the scenario --------------------------------------------------------------- */

/**
 * struct outcome - of one scenario
 * @connected: number of connections made
 * @good: of those on which all went well
 * @smc: of those over SMC
 * @seconds: what it took
 */
struct outcome {
	int connected;
	int good;
	long smc;
	double seconds;
};

static void scenario(struct outcome *out)
{
	long smc = counter("ClientSmc"), tcp = counter("Fallback");
	struct st_addr addr = st_resolve("127.0.0.1", "5920", AF_INET);
	double start = st_now();
	struct server server;
	bool ok[CONNS];
	int fd[CONNS];
	int i;

	memset(out, 0, sizeof(*out));
	if (!server_start(&server, &addr))
		return;
	for (i = 0; i < CONNS; i++) {
		fd[i] = client_connect(i, &addr);
		if (fd[i] < 0)
			continue;
		out->connected++;
		ok[i] = transfer(i, fd[i]);
	}
	if (fd[0] >= 0 && ok[0])
		ok[0] = transfer(0, fd[0]);
	for (i = 0; i < CONNS; i++)
		if (fd[i] >= 0)
			out->good += client_close(i, fd[i]) && ok[i];
	server_end(&server);

	out->seconds = st_now() - start;
	out->smc = counter("ClientSmc") - smc;
	tcp = counter("Fallback") - tcp;
	if (out->smc + tcp < out->connected)
		bad("%d connected, but %ld by SMC and %ld by TCP\n",
		    out->connected, out->smc, tcp);
	if (out->seconds > 2 * PATIENCE * slow)
		bad("it took %.1f s\n", out->seconds);
}

/* Nothing fails any more. The first connection may find half a link group. */
static void must_be_well(void)
{
	struct outcome out;

	if (get(PEERS)[0] && !put(PEERS, "flush"))
		bad("smc_peers cannot be flushed\n");
	says(" |");
	scenario(&out);
	if (out.good == CONNS && out.smc == CONNS)
		return;
	if (out.good < CONNS)
		bad("afterwards: %d of %d connections\n", out.good, CONNS);
	else if (out.smc < CONNS - 1)
		bad("afterwards: %ld of %d connections by SMC\n", out.smc,
		    CONNS);
	show_reasons();
	scenario(&out);
	if (out.smc < CONNS || out.good < CONNS)
		bad("in the end: %d of %d connections, %ld by SMC\n", out.good,
		    CONNS, out.smc);
}

/* --- the sweep --------------------------------------------------------------------- */

/**
 * struct sum - of one point
 * @points: calls that failed
 * @smc: runs in which all connections were SMC all the same
 * @tcp: runs with all connections well, some by TCP
 * @errors: runs in which some had an error
 * @unloaded: runs in which the module could not be loaded
 * @worst: longest run
 */
struct sum {
	int points, smc, tcp, errors, unloaded;
	double worst;
};

static void add(struct sum *sum, const struct outcome *out, bool unloaded)
{
	sum->points++;
	if (unloaded)
		sum->unloaded++;
	else if (out->good < CONNS)
		sum->errors++;
	else if (out->smc < CONNS)
		sum->tcp++;
	else
		sum->smc++;
	if (out->seconds > sum->worst)
		sum->worst = out->seconds;
}

/* completion queues stay in the pool of the device */
static void unload_checked(const char *baseline)
{
	int ret = unload();
	const char *live;

	if (ret) {
		bad("unload: %s\n", strerror(ret));
		return;
	}
	live = get(FAULT "live");
	if (strncmp(live, baseline, strcspn(baseline, "c")))
		bad("left in the device: %s, before %s", live, baseline);
}

static void new_device(void)
{
	if (!rxe)
		return;
	run_or_die("rdma link del %s && rdma link add %s type rxe netdev lo",
		   rxe, rxe);
}

static void load_checked(void)
{
	int ret = load();

	if (ret)
		bad("load: %s\n", strerror(ret));
}

/* from the loading of the module on */
static int run_with_load(const char *point, int nth, struct outcome *out)
{
	int ret;

	arm(point, nth);
	ret = load();
	if (!ret)
		scenario(out);
	else if (!is_clean(ret))
		bad("load: %s\n", strerror(ret));
	return ret;
}

/* Return: false if no call failed */
static bool one(const char *point, int nth, struct sum *sum)
{
	struct outcome out = { 0 };
	char baseline[100];
	int unloaded = 0;
	bool fired;

	trouble[0] = 0;
	log_text[0] = 0;
	new_device();
	snprintf(baseline, sizeof(baseline), "%s", get(FAULT "live"));
	if (loading) {
		unloaded = run_with_load(point, nth, &out);
	} else {
		load_checked();
		arm(point, nth);
		scenario(&out);
	}
	show_reasons();
	fired = disarm();
	if (loading) {
		if (!unloaded && !strcmp(point, "query_port")) {
			/* a port that did not answer is asked again */
			sleep(2);
			must_be_well();
		}
		if (!unloaded)
			unload_checked(baseline);
		load_checked();
	}
	must_be_well();
	unload_checked(baseline);
	if (fired)
		add(sum, &out, unloaded);
	else if (out.good < CONNS || out.smc < CONNS)
		bad("nothing failed, but %d of %d connections, %ld by SMC\n",
		    out.good, CONNS, out.smc);
	if (verbose || trouble[0])
		printf("# %s %d: %d/%d/%ld %.1f s:%s\n", point, nth,
		       out.connected, out.good, out.smc, out.seconds, log_text);
	return fired;
}

static int sweep(const char *point, int number)
{
	struct sum sum = { 0 };
	double start = st_now();
	char *line, *rest;
	int nth, wrong = 0;

	for (nth = first_nth; nth <= last_nth; nth++) {
		bool fired = one(point, nth, &sum);

		wrong += trouble[0] != 0;
		rest = trouble;
		while ((line = strsep(&rest, "\n")))
			if (*line)
				printf("# %s %d: %s\n", point, nth, line);
		fflush(stdout);
		if (!fired || wrong >= 20)
			break;
	}
	if (!sum.points) {
		printf("# it never failed\n");
		wrong++;
	}
	printf("%sok %d - %s: %d calls, %d SMC, %d TCP, %d errors, %d loads, %.1f s, %.0f s in all\n",
	       wrong ? "not " : "", number, point, sum.points, sum.smc, sum.tcp,
	       sum.errors, sum.unloaded, sum.worst, st_now() - start);
	fflush(stdout);
	return wrong;
}

int main(int argc, char **argv)
{
	int opt, number = 0, wrong = 0;
	const char *text;

	while ((opt = getopt(argc, argv, "ld:e:n:m:t:v")) > 0)
		switch (opt) {
		case 'l': loading = true; break;
		case 'd': rxe = optarg; break;
		case 'e': fault_errno = atoi(optarg); break;
		case 'n': first_nth = atoi(optarg); break;
		case 'm': last_nth = atoi(optarg); break;
		case 't': fault_times = atoi(optarg) ?: 1000000; break;
		case 'v': verbose = true; break;
		default: return 2;
		}
	if (argc - optind < 2)
		return 2;
	text = getenv("SMC_SLOW");
	if (text && atoi(text) > 1)
		slow = atoi(text);
	signal(SIGPIPE, SIG_IGN);
	ko = argv[optind++];
	puts("KTAP version 1");
	while (optind < argc)
		wrong += sweep(argv[optind++], ++number);
	printf("1..%d\n", number);
	return !!wrong;
}
