// SPDX-License-Identifier: GPL-2.0
/*
 * Many threads do random things to a few shared descriptors, while devices,
 * addresses and settings change under them.
 *
 *	smc_races [-S SEED] [-t SECONDS] [-n THREADS] [-p PAIRS] [-b BOUND]
 *		  [-c COMMANDS] [-o THREAD:STEPS]
 *
 * - THREADS workers make system calls on SLOTS descriptors, fixed numbers that
 *   are closed, replaced and duplicated all the time. What the calls return
 *   does not matter.
 * - PAIRS of threads each send streams to each other over connections of their
 *   own. What arrives must be what was sent, and an orderly end means that all
 *   of it has arrived.
 * - With -c a thread runs shell commands, one line of the file each, in random
 *   order.
 * - The watchdog interrupts workers that have slept for a second with a
 *   signal. Whoever is still in the same call after BOUND seconds hangs: its
 *   kernel stack is shown and the run fails, at once.
 *
 * What a thread does next follows from the seed and its number alone, not from
 * what its calls return; -o shows the first steps of one without doing them.
 */
#include "smctest.h"
#include "smc_races_uring.h"
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/ip.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define SLOTS		24
#define LISTENERS	6	/* the first slots mostly listen */
#define FIRST_FD	100	/* slot 0 is this descriptor */
#define PORT		5700	/* of listener 0 */
#define PAIR_PORT	5800
#define MAX_THREADS	128
#define CHUNK		65536
#define NAP_MS		20

/* --- threads and their watchdog ------------------------------------------- */

enum role { WORKER, WRITER, READER, COMMANDS };

static struct thread {
	enum role role;
	int number;		/* of its role */
	pid_t tid;
	pthread_t thread;
	uint64_t rng;
	atomic_uint calls;	/* counts beginnings and ends: odd in a call */
	const char *call;
	int fd;
	unsigned int seen;	/* watchdog: value of @calls, and since when */
	double since;
	char *buf;
	struct uring uring;
} threads[MAX_THREADS];

static int nr_threads;
static uint64_t seed = 1;
static double bound = 30;
static atomic_bool stop;
static int shared_epoll;
static __thread struct thread *self;

/* Counters of what has worked, for the report at the end. */
enum what { CONNECTED, ACCEPTED, SENT, RECEIVED, SPLICED, STREAMS, BROKEN,
	    COMMANDS_DONE, COMMANDS_FAILED, URING_DONE, STEPS, SIGNALS, NR_WHAT };
static const char * const what_names[NR_WHAT] = {
	"connected", "accepted", "sent", "received", "spliced", "streams",
	"broken", "commands", "commands_failed", "uring", "steps", "signals" };
static atomic_ulong done[NR_WHAT];

static void count(enum what what)
{
	atomic_fetch_add(&done[what], 1);
}

static void begin(const char *name, int fd)
{
	self->call = name;
	self->fd = fd;
	atomic_fetch_add(&self->calls, 1);
}

/* A system call that the watchdog knows of. */
#define CALL(fn, fd, ...) ({						\
	typeof(fn(fd, ##__VA_ARGS__)) result_;				\
									\
	begin(#fn, (long)(fd));						\
	result_ = fn(fd, ##__VA_ARGS__);				\
	atomic_fetch_add(&self->calls, 1);				\
	result_; })

static void on_signal(int sig)
{
}

static void show_file(const char *prefix, const char *path)
{
	char line[512];
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f))
		printf("# %s%s", prefix, line);
	if (f)
		fclose(f);
}

static void show_thread(const struct thread *t)
{
	static const char * const roles[] = { "worker", "writer", "reader",
					      "commands" };
	char path[64];

	printf("# %s %d (tid %d): %s of %d%s\n", roles[t->role], t->number,
	       t->tid, t->call, t->fd,
	       t->calls & 1 ? "" : ", returned");
	snprintf(path, sizeof(path), "/proc/self/task/%d/stack", t->tid);
	show_file("    ", path);
}

static void hang(const struct thread *t, double seconds)
{
	int i;

	printf("# seed %lu: hangs for %.0f s\n", (unsigned long)seed, seconds);
	show_thread(t);
	printf("# all threads:\n");
	for (i = 0; i < nr_threads; i++)
		show_thread(&threads[i]);
	show_file("", "/proc/net/smc_stat");
	printf("not ok 1 - no call hangs\n1..1\n");
	fflush(stdout);
	/* exit handlers and atexit() might wait for what hangs */
	_exit(1);
}

static void watch(struct thread *t)
{
	/* commands may wait for a device to be let go of */
	double limit = t->role == COMMANDS ? 2 * bound : bound, now = st_now();
	unsigned int calls = atomic_load(&t->calls);

	if (calls != t->seen || !(calls & 1)) {
		t->seen = calls;
		t->since = now;
		return;
	}
	if (now - t->since > limit)
		hang(t, now - t->since);
	if (t->role == WORKER && now - t->since > 1) {
		count(SIGNALS);
		syscall(SYS_tgkill, getpid(), t->tid, SIGUSR1);
	}
}

/* --- random numbers ------------------------------------------------------- */

/* All that one step of a worker depends on. */
struct dice {
	unsigned int op, slot, slot2, arg, arg2, len;
};

static unsigned int roll(unsigned int sides)
{
	return (st_random(&self->rng) >> 20) % sides;
}

static unsigned int slot_of(unsigned int listeners_percent)
{
	unsigned int n = roll(1000), any = roll(SLOTS);

	if (n < listeners_percent * 10)
		return any % LISTENERS;
	return LISTENERS + any % (SLOTS - LISTENERS);
}

static int fd_of(unsigned int slot)
{
	return FIRST_FD + slot;
}

/* IPv4 and IPv6 by slot, so that both ends of most attempts agree. */
static int family_of(unsigned int slot)
{
	return slot & 1 ? AF_INET6 : AF_INET;
}

/* Two devices: rxe on lo and rxe on a dummy. */
static struct st_addr address(int family, unsigned int where, int port)
{
	static const char * const hosts[2][3] = {
		{ "127.0.0.1", "127.0.0.1", "10.9.9.1" },
		{ "::1", "::ffff:127.0.0.1", "fd09::1" },
	};
	const char *host = hosts[family == AF_INET6][where % 3];
	struct st_addr addr = { 0 };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr.ss;
	struct sockaddr_in *in = (struct sockaddr_in *)&addr.ss;

	addr.ss.ss_family = family;
	if (family == AF_INET6) {
		inet_pton(AF_INET6, host, &in6->sin6_addr);
		in6->sin6_port = htons(port);
		addr.len = sizeof(*in6);
	} else {
		inet_pton(AF_INET, host, &in->sin_addr);
		in->sin_port = htons(port);
		addr.len = sizeof(*in);
	}
	return addr;
}

/* --- what workers do ------------------------------------------------------ */

static void set_int(int fd, int level, int opt, int value)
{
	CALL(setsockopt, fd, level, opt, &value, sizeof(value));
}

/* Half of all sockets wait for ever, and need the watchdog's signal. */
static void set_timeouts(int fd, unsigned int arg)
{
	struct timeval tv = { .tv_usec = 10000 * (arg % 30) };

	if (arg & 0x100)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

/* Put a new descriptor into a slot; what was there is closed. */
static void place(int fd, unsigned int slot)
{
	if (fd < 0)
		return;
	CALL(dup2, fd, fd_of(slot));
	CALL(close, fd);
}

static int new_socket(unsigned int slot, unsigned int arg)
{
	static const enum st_kind kinds[] = { ST_SMC, ST_ULP, ST_IPPROTO,
					      ST_SMC, ST_ULP, ST_IPPROTO,
					      ST_TCP, ST_SMC };
	int fd = st_try_socket(kinds[arg % 8], family_of(slot),
			       arg & 0x10 ? SOCK_NONBLOCK : 0);

	if (fd >= 0)
		set_timeouts(fd, arg);
	return fd;
}

static void op_socket(const struct dice *d)
{
	place(new_socket(d->slot, d->arg), d->slot);
}

static void do_bind(int fd, unsigned int slot)
{
	struct st_addr addr = address(family_of(slot), 0, PORT + slot);
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr.ss;

	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (addr.ss.ss_family == AF_INET6)
		in6->sin6_addr = in6addr_any;
	else
		((struct sockaddr_in *)in6)->sin_addr.s_addr = INADDR_ANY;
	CALL(bind, fd, st_sa(&addr), addr.len);
}

static void op_bind(const struct dice *d)
{
	do_bind(fd_of(d->slot), d->slot);
}

static const int backlogs[] = { 0, 1, 5, 128 };

static void op_listen(const struct dice *d)
{
	CALL(listen, fd_of(d->slot), backlogs[d->arg % 4]);
}

static void op_listener(const struct dice *d)
{
	unsigned int slot = d->slot % LISTENERS;
	int fd = new_socket(slot, d->arg);

	if (fd < 0)
		return;
	do_bind(fd, slot);
	place(fd, slot);
	CALL(listen, fd_of(slot), backlogs[d->arg2 % 4]);
}

static void op_connect(const struct dice *d)
{
	struct st_addr addr = address(family_of(d->slot), d->arg2,
				      PORT + d->arg % LISTENERS);

	if (!CALL(connect, fd_of(d->slot), st_sa(&addr), addr.len))
		count(CONNECTED);
}

static void op_client(const struct dice *d)
{
	place(new_socket(d->slot, d->arg2 >> 2), d->slot);
	op_connect(d);
}

static void op_disconnect(const struct dice *d)
{
	struct sockaddr addr = { .sa_family = AF_UNSPEC };

	CALL(connect, fd_of(d->slot), &addr, sizeof(addr));
}

static void op_accept(const struct dice *d)
{
	int fd = CALL(accept4, fd_of(d->slot), NULL, NULL,
		      d->arg & 1 ? SOCK_NONBLOCK : 0);

	if (fd < 0)
		return;
	count(ACCEPTED);
	set_timeouts(fd, d->arg2);
	place(fd, d->slot2);
}

static const int send_flags[] = { 0, 0, 0, MSG_DONTWAIT, MSG_DONTWAIT,
				  MSG_MORE, MSG_OOB | MSG_DONTWAIT,
				  MSG_ZEROCOPY | MSG_DONTWAIT, MSG_EOR,
				  MSG_FASTOPEN | MSG_DONTWAIT };

static void op_send(const struct dice *d)
{
	if (CALL(send, fd_of(d->slot), self->buf, d->len,
		 send_flags[d->arg % 10] | MSG_NOSIGNAL) > 0)
		count(SENT);
}

static const int recv_flags[] = { 0, 0, MSG_DONTWAIT, MSG_DONTWAIT, MSG_PEEK,
				  MSG_WAITALL, MSG_TRUNC, MSG_OOB,
				  MSG_PEEK | MSG_DONTWAIT,
				  MSG_ERRQUEUE | MSG_DONTWAIT };

static void op_recv(const struct dice *d)
{
	if (CALL(recv, fd_of(d->slot), self->buf, d->len,
		 recv_flags[d->arg % 10]) > 0)
		count(RECEIVED);
}

static void op_vector(const struct dice *d)
{
	struct iovec iov[2] = { { self->buf, d->len / 2 },
				{ self->buf + d->len / 2, d->len / 2 } };
	struct mmsghdr msgs[2] = {
		{ .msg_hdr = { .msg_iov = iov, .msg_iovlen = 2 } },
		{ .msg_hdr = { .msg_iov = iov, .msg_iovlen = 1 } } };

	if (d->arg & 1)
		CALL(sendmmsg, fd_of(d->slot), msgs, 2,
		     MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		CALL(recvmmsg, fd_of(d->slot), msgs, 2, MSG_DONTWAIT, NULL);
}

static void op_poll(const struct dice *d)
{
	struct pollfd fds[4];
	int i;

	for (i = 0; i < 4; i++)
		fds[i] = (struct pollfd) {
			.fd = fd_of((d->slot + i * d->arg2) % SLOTS),
			.events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };
	begin("poll", fds[0].fd);
	poll(fds, 4, d->arg % NAP_MS);
	atomic_fetch_add(&self->calls, 1);
}

static void op_epoll_ctl(const struct dice *d)
{
	static const int ops[] = { EPOLL_CTL_ADD, EPOLL_CTL_ADD,
				   EPOLL_CTL_MOD, EPOLL_CTL_DEL };
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP |
			  (d->arg2 & 1 ? EPOLLET : 0) |
			  (d->arg2 & 2 ? EPOLLONESHOT : 0) };

	CALL(epoll_ctl, shared_epoll, ops[d->arg % 4], fd_of(d->slot), &ev);
}

static void op_epoll_wait(const struct dice *d)
{
	struct epoll_event ev[8];

	CALL(epoll_wait, shared_epoll, ev, 8, d->arg % NAP_MS);
}

/* From a socket through a pipe into another one. */
static void op_splice(const struct dice *d)
{
	int fds[2];
	ssize_t n;

	if (pipe(fds))
		return;
	if (d->arg & 1)
		n = CALL(splice, fd_of(d->slot), NULL, fds[1], NULL, d->len,
			 SPLICE_F_NONBLOCK);
	else
		n = write(fds[1], self->buf, d->len % 4000 + 1);
	if (n > 0 && CALL(splice, fds[0], NULL, fd_of(d->slot2), NULL, n,
			  SPLICE_F_NONBLOCK) > 0)
		count(SPLICED);
	close(fds[0]);
	close(fds[1]);
}

static int some_file;

static void op_sendfile(const struct dice *d)
{
	off_t from = 0;

	CALL(sendfile, fd_of(d->slot), some_file, &from, d->len);
}

static void op_shutdown(const struct dice *d)
{
	CALL(shutdown, fd_of(d->slot), d->arg % 3);
}

static const struct {
	int level, opt;
} options[] = {
	{ SOL_SOCKET, SO_KEEPALIVE }, { SOL_SOCKET, SO_RCVLOWAT },
	{ SOL_SOCKET, SO_SNDBUF }, { SOL_SOCKET, SO_RCVBUF },
	{ SOL_SOCKET, SO_OOBINLINE }, { SOL_SOCKET, SO_REUSEPORT },
	{ SOL_SOCKET, SO_ZEROCOPY }, { SOL_SOCKET, SO_TIMESTAMP },
	{ SOL_SOCKET, SO_BUSY_POLL }, { SOL_SOCKET, SO_PEEK_OFF },
	{ SOL_TCP, TCP_NODELAY }, { SOL_TCP, TCP_CORK },
	{ SOL_TCP, TCP_DEFER_ACCEPT }, { SOL_TCP, TCP_QUICKACK },
	{ SOL_TCP, TCP_FASTOPEN }, { SOL_TCP, TCP_FASTOPEN_CONNECT },
	{ SOL_TCP, TCP_USER_TIMEOUT }, { SOL_TCP, TCP_INQ },
	{ SOL_TCP, TCP_SYNCNT }, { SOL_SOCKET, SO_LINGER },
	{ SOL_TCP, TCP_ULP }, { SOL_TCP, TCP_INFO },
	{ SOL_SOCKET, SO_ERROR }, { SOL_IPV6, IPV6_V6ONLY },
	{ 286 /* SOL_SMC */, 1 }, { SOL_IPV6, 1 /* IPV6_ADDRFORM */ },
};

#define NR_OPTIONS (sizeof(options) / sizeof(options[0]))

static void op_setsockopt(const struct dice *d)
{
	static const int values[] = { 0, 1, 2, 100, 5000, 70000, -1, 1 };
	const unsigned int n = d->arg % NR_OPTIONS;
	struct linger linger = { d->arg2 & 1, d->arg2 % 3 };
	int fd = fd_of(d->slot);

	if (options[n].opt == SO_LINGER && options[n].level == SOL_SOCKET)
		CALL(setsockopt, fd, SOL_SOCKET, SO_LINGER, &linger,
		     sizeof(linger));
	else if (options[n].opt == TCP_ULP && options[n].level == SOL_TCP)
		CALL(setsockopt, fd, SOL_TCP, TCP_ULP, "smc", 3);
	else
		set_int(fd, options[n].level, options[n].opt,
			values[d->arg2 % 8]);
}

static void op_getsockopt(const struct dice *d)
{
	const unsigned int n = d->arg % NR_OPTIONS;
	char value[256];
	socklen_t len = d->arg2 % sizeof(value);

	CALL(getsockopt, fd_of(d->slot), options[n].level, options[n].opt,
	     value, &len);
}

static void op_ioctl(const struct dice *d)
{
	static const int requests[] = { SIOCINQ, SIOCOUTQ, SIOCOUTQNSD,
					SIOCATMARK, FIONBIO, FIOASYNC };
	const int request = requests[d->arg % 6];
	int value = d->arg2 & 1;

	CALL(ioctl, fd_of(d->slot), request, &value);
	if (request == FIOASYNC)
		CALL(fcntl, fd_of(d->slot), F_SETSIG, 0);
}

static void op_names(const struct dice *d)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (d->arg & 1)
		CALL(getsockname, fd_of(d->slot), (struct sockaddr *)&ss, &len);
	else
		CALL(getpeername, fd_of(d->slot), (struct sockaddr *)&ss, &len);
}

static void op_dup(const struct dice *d)
{
	CALL(dup2, fd_of(d->slot), fd_of(d->slot2));
}

static void op_close(const struct dice *d)
{
	CALL(close, fd_of(d->slot));
}

/* The file of a slot goes through a UNIX socket, and may die there. */
static void op_pass(const struct dice *d)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { self->buf, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fds[2], fd = fd_of(d->slot);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	CALL(sendmsg, fds[0], &msg, MSG_NOSIGNAL);
	close(fds[0]);
	CALL(close, fds[1]);
}

/* A child has all descriptors, uses one, and takes them along. */
static void op_fork(const struct dice *d)
{
	pid_t pid;
	int status;

	begin("fork", 0);
	pid = fork();
	if (!pid) {
		recv(fd_of(d->slot), self->buf, d->len, MSG_DONTWAIT);
		send(fd_of(d->slot2), self->buf, d->len,
		     MSG_DONTWAIT | MSG_NOSIGNAL);
		if (d->arg & 1)
			shutdown(fd_of(d->slot), SHUT_RDWR);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	atomic_fetch_add(&self->calls, 1);
}

static void op_proc(const struct dice *d)
{
	static const char * const files[] = {
		"/proc/net/smc_stat", "/proc/net/smc_peers", "/proc/net/tcp",
		"/proc/net/tcp6", "/proc/net/sockstat" };
	int fd = open(files[d->arg % 5], O_RDONLY);

	if (fd < 0)
		return;
	while (CALL(read, fd, self->buf, CHUNK) > 0)
		;
	close(fd);
}

static void uring_take(const struct dice *d)
{
	struct io_uring_cqe cqe;

	while (uring_reap(&self->uring, &cqe)) {
		count(URING_DONE);
		if (cqe.user_data == IORING_OP_ACCEPT && cqe.res >= 0)
			place(cqe.res, d->slot2);
	}
}

/* Requests go on by themselves, and hold the file of what they work on. */
static void op_uring(const struct dice *d)
{
	static const int requests[] = { IORING_OP_ACCEPT, IORING_OP_ACCEPT,
					IORING_OP_RECV, IORING_OP_SEND,
					IORING_OP_POLL_ADD, IORING_OP_CONNECT,
					IORING_OP_SHUTDOWN };
	static __thread struct st_addr addr;
	const int request = requests[d->arg % 7];
	struct io_uring_sqe sqe = { .opcode = request, .user_data = request,
				    .fd = fd_of(d->slot) };

	if (request == IORING_OP_ACCEPT)
		sqe.fd = fd_of(d->slot % LISTENERS);
	if (request == IORING_OP_RECV || request == IORING_OP_SEND) {
		sqe.addr = (unsigned long)self->buf;
		sqe.len = d->len;
		sqe.msg_flags = request == IORING_OP_SEND ? MSG_NOSIGNAL : 0;
	}
	if (request == IORING_OP_POLL_ADD)
		sqe.poll_events = POLLIN | POLLRDHUP;
	if (request == IORING_OP_CONNECT) {
		addr = address(family_of(d->slot), d->arg2,
			       PORT + d->arg2 % LISTENERS);
		sqe.addr = (unsigned long)&addr.ss;
		sqe.off = addr.len;
	}
	if (d->arg2 % 8 == 7)
		sqe.flags = IOSQE_ASYNC;
	if (self->uring.pending > 10)
		sqe = (struct io_uring_sqe) {
			.opcode = IORING_OP_ASYNC_CANCEL,
			.cancel_flags = IORING_ASYNC_CANCEL_ALL |
					IORING_ASYNC_CANCEL_ANY };
	CALL(uring_submit, &self->uring, &sqe);
	uring_take(d);
}

/* Weights are chosen so that connections live long enough to be used. */
static const struct op {
	const char *name;
	void (*run)(const struct dice *d);
	unsigned int weight;
	unsigned int listeners;	/* percent of all on listeners' slots */
} ops[] = {
	{ "socket", op_socket, 10, 10 },
	{ "bind", op_bind, 4, 50 },
	{ "listen", op_listen, 8, 80 },
	{ "listener", op_listener, 20, 100 },
	{ "connect", op_connect, 40, 4 },
	{ "client", op_client, 70, 0 },
	{ "disconnect", op_disconnect, 6, 10 },
	{ "accept", op_accept, 100, 97 },
	{ "send", op_send, 120, 1 },
	{ "recv", op_recv, 120, 1 },
	{ "vector", op_vector, 20, 1 },
	{ "poll", op_poll, 30, 20 },
	{ "epoll_ctl", op_epoll_ctl, 40, 20 },
	{ "epoll_wait", op_epoll_wait, 30, 0 },
	{ "splice", op_splice, 20, 2 },
	{ "sendfile", op_sendfile, 8, 1 },
	{ "shutdown", op_shutdown, 14, 10 },
	{ "setsockopt", op_setsockopt, 60, 15 },
	{ "getsockopt", op_getsockopt, 30, 10 },
	{ "ioctl", op_ioctl, 30, 10 },
	{ "names", op_names, 10, 10 },
	{ "dup", op_dup, 10, 4 },
	{ "close", op_close, 14, 4 },
	{ "pass", op_pass, 8, 10 },
	{ "fork", op_fork, 1, 10 },
	{ "proc", op_proc, 4, 0 },
	{ "uring", op_uring, 40, 2 },
};

#define NR_OPS (sizeof(ops) / sizeof(ops[0]))

/* The next step of this thread; always as many numbers for each. */
static const struct op *next_step(struct dice *d)
{
	static const unsigned int lengths[] = { 1, 10, 100, 1000, 4096, 16384,
						40000, CHUNK };
	unsigned int total = 0, n, i;

	for (i = 0; i < NR_OPS; i++)
		total += ops[i].weight;
	n = roll(total);
	for (i = 0; n >= ops[i].weight; i++)
		n -= ops[i].weight;
	d->op = i;
	d->slot = slot_of(ops[i].listeners);
	d->slot2 = slot_of(2);
	d->arg = roll(1 << 16);
	d->arg2 = roll(1 << 16);
	d->len = lengths[roll(8)];
	return &ops[i];
}

static void seed_thread(struct thread *t)
{
	int i;

	t->rng = st_seed(seed * 1000 + t->role * 300 + t->number);
	for (i = 0; i < 20; i++)
		st_random(&t->rng);
}

static void *worker(void *arg)
{
	struct dice d;

	self = arg;
	self->tid = gettid();
	/* io_uring may still write to it when the thread has ended */
	self->buf = malloc(CHUNK);
	memset(self->buf, 'x', CHUNK);
	if (!uring_open(&self->uring))
		err(1, "io_uring");
	while (!stop) {
		const struct op *op = next_step(&d);

		op->run(&d);
		count(STEPS);
	}
	return NULL;
}

static void show_steps(const char *arg)
{
	struct thread t = { .role = WORKER };
	struct dice d;
	int steps;

	if (sscanf(arg, "%d:%d", &t.number, &steps) != 2)
		errx(2, "-o needs THREAD:STEPS");
	seed_thread(&t);
	self = &t;
	while (steps--) {
		const struct op *op = next_step(&d);

		printf("%s %u %u %u %u %u\n", op->name, d.slot, d.slot2,
		       d.arg, d.arg2, d.len);
	}
}

/* --- streams -------------------------------------------------------------- */

/* What begins a stream; the same machine reads it. */
struct head {
	uint64_t seed, length;
};

/* How the last stream of each writer that came to nothing did so. */
static struct {
	uint64_t seed, pos;
	int error;
} given_up[MAX_THREADS];

static bool write_all(int fd, const char *buf, size_t len)
{
	ssize_t n;

	for (; len; buf += n, len -= n) {
		n = CALL(send, fd, buf, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
	}
	return true;
}

static bool give_up(const struct head *head, uint64_t pos)
{
	given_up[self->number].error = errno;
	given_up[self->number].pos = pos;
	given_up[self->number].seed = head->seed;
	return false;
}

static bool read_all(int fd, char *buf, size_t len)
{
	ssize_t n;

	for (; len; buf += n, len -= n) {
		n = CALL(recv, fd, buf, len, 0);
		if (n <= 0)
			return false;
	}
	return true;
}

/* Send a stream and wait until the reader says that it has all. */
static bool write_stream(int fd)
{
	struct head head = { st_random(&self->rng), roll(1 << 20) + 1 };
	uint64_t pos = 0;
	size_t n;
	char ack;

	if (!write_all(fd, (char *)&head, sizeof(head)))
		return false;
	for (; pos < head.length; pos += n) {
		n = roll(CHUNK) + 1;
		if (n > head.length - pos)
			n = head.length - pos;
		st_fill(self->buf, n, pos, head.seed);
		if (!write_all(fd, self->buf, n))
			return give_up(&head, pos);
	}
	if (CALL(shutdown, fd, SHUT_WR))
		return give_up(&head, pos);
	if (CALL(recv, fd, &ack, 1, 0) == 1)
		return true;
	return give_up(&head, pos);
}

static void *writer(void *arg)
{
	static const enum st_kind kinds[] = { ST_SMC, ST_ULP, ST_IPPROTO };
	int family, fd;

	self = arg;
	self->tid = gettid();
	self->buf = malloc(CHUNK);
	family = family_of(self->number);
	while (!stop) {
		struct st_addr addr = address(family, roll(3) == 2 ? 2 : 0,
					      PAIR_PORT + self->number);

		fd = st_try_socket(kinds[roll(3)], family, SOCK_CLOEXEC);
		/* net.smc.tcp2smc was quicker than TCP_ULP */
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0)
			err(1, "a writer's socket");
		if (!CALL(connect, fd, st_sa(&addr), addr.len)) {
			if (write_stream(fd))
				count(STREAMS);
			else
				count(BROKEN);
		} else {
			usleep(20000);
		}
		CALL(close, fd);
	}
	/* the reader shall not wait for another one */
	CALL(shutdown, FIRST_FD + SLOTS + self->number, SHUT_RDWR);
	free(self->buf);
	return NULL;
}

/* Never returns if the data is wrong. */
static void wrong(const struct head *head, uint64_t pos, const char *what)
{
	char command[100];

	printf("# seed %lu: reader %d, stream %#lx of %lu bytes, at %lu: %s\n",
	       (unsigned long)seed, self->number, (unsigned long)head->seed,
	       (unsigned long)head->length, (unsigned long)pos, what);
	usleep(300000);
	printf("# the writer's last failure: stream %#lx, at %lu: %s\n",
	       (unsigned long)given_up[self->number].seed,
	       (unsigned long)given_up[self->number].pos,
	       strerror(given_up[self->number].error));
	fflush(stdout);
	snprintf(command, sizeof(command), "ss -tanei exclude time-wait '( sport = :%d or dport = :%d )'",
		 PAIR_PORT + self->number, PAIR_PORT + self->number);
	if (system(command))
		printf("# no ss\n");
	printf("not ok 1 - data arrives\n1..1\n");
	fflush(stdout);
	_exit(1);
}

static void read_stream(int fd)
{
	struct head head;
	uint64_t pos = 0;
	ssize_t n;

	if (!read_all(fd, (char *)&head, sizeof(head)))
		return;
	if (!head.length || head.length > 1 << 20)
		wrong(&head, 0, "no head of a stream");
	while ((n = CALL(recv, fd, self->buf, roll(CHUNK) + 1, 0)) > 0) {
		if (pos + n > head.length)
			wrong(&head, pos + n, "more bytes than were sent");
		if (st_verify(self->buf, n, pos, head.seed) >= 0)
			wrong(&head, pos, "other bytes than were sent");
		pos += n;
	}
	if (n < 0)
		return;
	/* a writer that gives up half-way gets an error first, and we too */
	if (pos < head.length)
		wrong(&head, pos, "ends in order, but too early");
	CALL(send, fd, "a", 1, MSG_NOSIGNAL);
}

static void *reader(void *arg)
{
	int listener, fd;

	self = arg;
	self->tid = gettid();
	self->buf = malloc(CHUNK);
	listener = FIRST_FD + SLOTS + self->number;
	for (;;) {
		/* waits as long as the writer has nothing: not a call to watch */
		fd = accept(listener, NULL, NULL);
		if (fd < 0 && errno == EINVAL)
			break;
		if (fd < 0)
			continue;
		read_stream(fd);
		CALL(close, fd);
	}
	free(self->buf);
	return NULL;
}

static void make_pair_listener(int number)
{
	struct st_addr addr = { 0 };
	int fd;

	addr.ss.ss_family = family_of(number);
	addr.len = family_of(number) == AF_INET6 ?
		   sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	((struct sockaddr_in *)&addr.ss)->sin_port = htons(PAIR_PORT + number);
	fd = st_listen(ST_SMC, &addr, 16);
	if (dup2(fd, FIRST_FD + SLOTS + number) < 0)
		err(1, "dup2");
	close(fd);
}

/* --- commands ------------------------------------------------------------- */

static char *commands[200];
static unsigned int nr_commands;

static void load_commands(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1000];

	if (!f)
		err(2, "%s", path);
	while (fgets(line, sizeof(line), f) && nr_commands < 200)
		if (*line != '\n')
			commands[nr_commands++] = strdup(line);
	fclose(f);
	if (!nr_commands)
		errx(2, "%s has no commands", path);
}

static void *command_thread(void *arg)
{
	self = arg;
	self->tid = gettid();
	/* what they start has to get its turn besides all the workers */
	setpriority(PRIO_PROCESS, self->tid, -20);
	while (!stop) {
		const char *command = commands[roll(nr_commands)];
		int status;

		begin(command, 0);
		status = system(command);
		atomic_fetch_add(&self->calls, 1);
		count(status ? COMMANDS_FAILED : COMMANDS_DONE);
		usleep(1000 * roll(400));
	}
	return NULL;
}

/* --- all of it ------------------------------------------------------------ */

static void start(enum role role, int number, void *(*fn)(void *))
{
	struct thread *t = &threads[nr_threads++];

	if (nr_threads > MAX_THREADS)
		errx(2, "too many threads");
	t->role = role;
	t->number = number;
	t->call = "nothing";
	seed_thread(t);
	errno = pthread_create(&t->thread, NULL, fn, t);
	if (errno)
		err(1, "pthread_create");
}

/* No thread may use a descriptor that libc or we need. */
static void prepare(void)
{
	struct rlimit limit = { 4096, 4096 };
	struct sigaction sa = { .sa_handler = on_signal };
	int fd;

	setrlimit(RLIMIT_NOFILE, &limit);
	sigaction(SIGUSR1, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGURG, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	shared_epoll = epoll_create1(EPOLL_CLOEXEC);
	some_file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	/* keeps the module loaded, whatever is done to the others */
	fd = st_socket(ST_SMC, AF_INET, SOCK_CLOEXEC);
	if (shared_epoll < 0 || some_file < 0 || fd < 0)
		err(1, "descriptors");
	/* the first and the last one patch the kernel, which QEMU gets wrong */
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &(int){ 1 }, sizeof(int));
}

static void finish(void)
{
	struct timespec late;
	int i;

	stop = true;
	for (i = 0; i < nr_threads; i++) {
		do {
			for (int j = 0; j < nr_threads; j++)
				watch(&threads[j]);
			clock_gettime(CLOCK_REALTIME, &late);
			late.tv_sec++;
		} while (pthread_timedjoin_np(threads[i].thread, NULL, &late));
		/* gone: nothing to watch or to signal any more */
		threads[i].calls &= ~1u;
		threads[i].role = READER;
	}
	for (i = 0; i < SLOTS; i++)
		close(fd_of(i));
}

int main(int argc, char **argv)
{
	int workers = 12, pairs = 3, opt, i;
	double seconds = 30, end;

	while ((opt = getopt(argc, argv, "S:t:n:p:b:c:o:")) != -1) {
		switch (opt) {
		case 'S': seed = strtoul(optarg, NULL, 0); break;
		case 't': seconds = atof(optarg); break;
		case 'n': workers = atoi(optarg); break;
		case 'p': pairs = atoi(optarg); break;
		case 'b': bound = atof(optarg); break;
		case 'c': load_commands(optarg); break;
		case 'o': show_steps(optarg); return 0;
		default: return 2;
		}
	}
	setlinebuf(stdout);
	printf("# seed %lu, %d workers, %d pairs, %.0f s\n",
	       (unsigned long)seed, workers, pairs, seconds);
	prepare();
	for (i = 0; i < pairs; i++)
		make_pair_listener(i);
	for (i = 0; i < pairs; i++) {
		start(READER, i, reader);
		start(WRITER, i, writer);
	}
	for (i = 0; i < workers; i++)
		start(WORKER, i, worker);
	if (nr_commands)
		start(COMMANDS, 0, command_thread);
	for (end = st_now() + seconds; st_now() < end; usleep(250000))
		for (i = 0; i < nr_threads; i++)
			watch(&threads[i]);
	finish();
	for (i = 0; i < NR_WHAT; i++)
		printf("# %s %lu\n", what_names[i], (unsigned long)done[i]);
	printf("ok 1 - no call hangs, no byte is wrong\n1..1\n");
	return 0;
}
