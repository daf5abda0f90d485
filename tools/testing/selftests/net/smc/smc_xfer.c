// SPDX-License-Identifier: GPL-2.0
/*
 * Streams in both directions at once, every byte checked.
 *
 *   smc_xfer [-6] [-A KIND] [-p PORT] [-k BYTES] -s
 *   smc_xfer [-6] [-A KIND] [-p PORT] [options] HOST
 *
 *   -b BYTES   from client to server (1M)      -B BYTES   back (as -b)
 *   -m BYTES   largest piece (64K): sizes are random, small ones most often
 *   -S SEED    of sizes and content (1)
 *   -w STYLE   of writing: plain more nonblock iov sendfile splice urgent
 *   -r STYLE   of reading: plain nonblock epoll iov peek waitall splice
 *   -z         readers pause now and then, so that buffers fill up
 *   -k BYTES   SO_SNDBUF and SO_RCVBUF of this end
 *   -n COUNT   one connection after another (1)
 *   -j JOBS    as many at a time (1)
 *
 * The client tells the server all this in a first message, so one server does
 * for all clients.  It half-closes after its last byte; the server ends with
 * its verdict on what came.  One line of result; status 1 if a byte was wrong.
 */
#include "smctest.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define MAX_PIECE	(4 << 20)
#define FAILED		(-1)

static const char *const write_styles[] = {
	"plain", "more", "nonblock", "iov", "sendfile", "splice", "urgent", NULL
};

static const char *const read_styles[] = {
	"plain", "nonblock", "epoll", "iov", "peek", "waitall", "splice", NULL
};

enum write_style {
	W_PLAIN, W_MORE, W_NONBLOCK, W_IOV, W_SENDFILE, W_SPLICE, W_URGENT
};

enum read_style {
	R_PLAIN, R_NONBLOCK, R_EPOLL, R_IOV, R_PEEK, R_WAITALL, R_SPLICE
};

/* The first message of a client. */
struct plan {
	uint64_t magic, seed, to_server, to_client;
	uint32_t piece, write_style, read_style, pauses;
};

#define PLAN_MAGIC 0x534d435f58464552ull

/* One direction at one end. */
struct half {
	int fd;
	const struct plan *plan;
	uint64_t bytes, seed, sizes;
	const char *who;
	char *buf;
	int pipe[2], epoll, memfd;
	bool failed;
};

static enum st_kind kind = ST_TCP;
static int buffer_size;

__attribute__((format(printf, 2, 3)))
static int complain(struct half *half, const char *fmt, ...)
{
	int saved = errno;
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "smc_xfer: %s: %s (%s)\n", half->who, text,
		strerror(saved));
	half->failed = true;
	return FAILED;
}

/* Sizes with all magnitudes alike, so 1 to 7 bytes as often as 8K to 64K. */
static size_t next_size(struct half *half)
{
	uint64_t random = st_random(&half->sizes);
	size_t limit = half->plan->piece;
	unsigned int bits = 1 + (random >> 32) % (64 - __builtin_clzll(limit));
	size_t size = 1 + (random & ((1ull << bits) - 1));

	return size < limit ? size : limit;
}

static int wait_for(int fd, short events)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	return poll(&pollfd, 1, 30000) == 1 ? 0 : FAILED;
}

static void open_half(struct half *half)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET };

	half->buf = malloc(MAX_PIECE * 2);
	half->epoll = epoll_create1(EPOLL_CLOEXEC);
	half->memfd = memfd_create("xfer", MFD_CLOEXEC);
	if (!half->buf || half->epoll < 0 || half->memfd < 0 ||
	    pipe2(half->pipe, O_CLOEXEC) ||
	    epoll_ctl(half->epoll, EPOLL_CTL_ADD, half->fd, &event))
		err(1, "setup");
}

static void close_half(struct half *half)
{
	free(half->buf);
	close(half->epoll);
	close(half->memfd);
	close(half->pipe[0]);
	close(half->pipe[1]);
}

/* --- writing ----------------------------------------------------------- */

static ssize_t write_nonblock(struct half *half, size_t len)
{
	ssize_t n;

	while ((n = send(half->fd, half->buf, len, MSG_DONTWAIT)) < 0) {
		if (errno != EAGAIN)
			return n;
		if (wait_for(half->fd, POLLOUT))
			return complain(half, "never writable again");
	}
	return n;
}

static ssize_t write_iov(struct half *half, size_t len)
{
	size_t a = len / 3, b = len / 2;
	struct iovec iov[] = {
		{ half->buf, a },
		{ half->buf + a, b - a },
		{ NULL, 0 },
		{ half->buf + b, len - b },
	};

	return writev(half->fd, iov, 4);
}

/* The file holds the same bytes until they have all been sent and read, which
 * nobody can know here; so each piece is in a place of its own.
 */
static ssize_t write_sendfile(struct half *half, size_t len, uint64_t pos)
{
	off_t offset = pos;

	if (pwrite(half->memfd, half->buf, len, pos) != (ssize_t)len)
		return complain(half, "pwrite");
	return sendfile(half->fd, half->memfd, &offset, len);
}

static ssize_t write_splice(struct half *half, size_t len)
{
	ssize_t n, done = 0;

	if (len > 32768)
		len = 32768;
	n = write(half->pipe[1], half->buf, len);
	while (done < n) {
		len = splice(half->pipe[0], NULL, half->fd, NULL, n - done, 0);
		if ((ssize_t)len <= 0)
			return complain(half, "splice to socket");
		done += len;
	}
	return n;
}

static ssize_t write_piece(struct half *half, size_t len, uint64_t pos)
{
	switch (half->plan->write_style) {
	case W_MORE:
		return send(half->fd, half->buf, len,
			    pos + len < half->bytes ? MSG_MORE : 0);
	case W_NONBLOCK:
		return write_nonblock(half, len);
	case W_IOV:
		return write_iov(half, len);
	case W_SENDFILE:
		return write_sendfile(half, len, pos);
	case W_SPLICE:
		return write_splice(half, len);
	case W_URGENT:
		return send(half->fd, half->buf, len,
			    half->sizes % 8 ? 0 : MSG_OOB);
	default:
		return send(half->fd, half->buf, len, 0);
	}
}

static void *writer(void *arg)
{
	struct half *half = arg;
	uint64_t pos = 0;
	ssize_t n;
	size_t len;

	while (pos < half->bytes) {
		len = next_size(half);
		if (len > half->bytes - pos)
			len = half->bytes - pos;
		st_fill(half->buf, len, pos, half->seed);
		n = write_piece(half, len, pos);
		if (n <= 0) {
			complain(half, "writing at %llu of %llu gives %zd",
				 (unsigned long long)pos,
				 (unsigned long long)half->bytes, n);
			break;
		}
		pos += n;
	}
	return NULL;
}

/* --- reading ----------------------------------------------------------- */

static ssize_t read_nonblock(struct half *half, size_t len)
{
	ssize_t n;

	while ((n = recv(half->fd, half->buf, len, MSG_DONTWAIT)) < 0) {
		if (errno != EAGAIN)
			return n;
		if (wait_for(half->fd, POLLIN))
			return complain(half, "never readable again");
	}
	return n;
}

/* Edge-triggered: waits only after EAGAIN, so a lost edge hangs. */
static ssize_t read_epoll(struct half *half, size_t len)
{
	struct epoll_event event;
	ssize_t n;

	while ((n = recv(half->fd, half->buf, len, MSG_DONTWAIT)) < 0) {
		if (errno != EAGAIN)
			return n;
		if (epoll_wait(half->epoll, &event, 1, 30000) != 1)
			return complain(half, "epoll lost an edge");
	}
	return n;
}

static ssize_t read_iov(struct half *half, size_t len)
{
	struct iovec iov[] = {
		{ half->buf, len / 2 },
		{ half->buf + len / 2, len - len / 2 },
	};

	return readv(half->fd, iov, 2);
}

static ssize_t read_peek(struct half *half, size_t len)
{
	char *second = half->buf + MAX_PIECE;
	ssize_t peeked, n;

	peeked = recv(half->fd, half->buf, len, MSG_PEEK);
	if (peeked <= 0)
		return peeked;
	n = recv(half->fd, second, peeked, 0);
	if (n != peeked || memcmp(half->buf, second, n))
		return complain(half, "peeked %zd, then read %zd, or others",
				peeked, n);
	return n;
}

static ssize_t read_splice(struct half *half, size_t len)
{
	ssize_t n, done = 0, got;

	n = splice(half->fd, NULL, half->pipe[1], NULL, len, 0);
	while (done < n) {
		got = read(half->pipe[0], half->buf + done, n - done);
		if (got <= 0)
			return complain(half, "pipe lost %zd bytes", n - done);
		done += got;
	}
	return n;
}

/* Up to @left bytes are still to come. */
static ssize_t read_piece(struct half *half, size_t len, uint64_t left)
{
	ssize_t n;

	switch (half->plan->read_style) {
	case R_NONBLOCK:
		return read_nonblock(half, len);
	case R_EPOLL:
		return read_epoll(half, len);
	case R_IOV:
		return read_iov(half, len);
	case R_PEEK:
		return read_peek(half, len);
	case R_WAITALL:
		n = recv(half->fd, half->buf, len, MSG_WAITALL);
		if (n > 0 && (size_t)n < (len < left ? len : left))
			return complain(half, "MSG_WAITALL gave %zd of %zu", n,
					len);
		return n;
	case R_SPLICE:
		return read_splice(half, len);
	default:
		return recv(half->fd, half->buf, len, 0);
	}
}

/* Read and check half->bytes bytes. */
static void *reader(void *arg)
{
	struct half *half = arg;
	uint64_t pos = 0;
	int64_t wrong;
	ssize_t n;
	size_t len;

	while (pos < half->bytes) {
		len = next_size(half);
		if (len > half->bytes - pos)
			len = half->bytes - pos;
		if (half->plan->pauses && half->sizes % 64 == 0)
			usleep(2000);
		n = read_piece(half, len, half->bytes - pos);
		if (n <= 0) {
			complain(half, "reading at %llu of %llu gives %zd",
				 (unsigned long long)pos,
				 (unsigned long long)half->bytes, n);
			break;
		}
		wrong = st_verify(half->buf, n, pos, half->seed);
		if (wrong >= 0) {
			complain(half, "byte %lld is wrong (read %zd at %llu)",
				 (long long)wrong, n, (unsigned long long)pos);
			break;
		}
		pos += n;
	}
	return NULL;
}

/* --- both ends --------------------------------------------------------- */

/* Before it is connected, so that connections are made that way. */
static void prepare(int fd)
{
	int size = buffer_size, one = 1;

	if (size && (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, 4) ||
		     setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, 4)))
		err(1, "buffer sizes");
	/* so that urgent bytes stay where they are in the stream */
	if (setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one)))
		err(1, "SO_OOBINLINE");
}

/* Run both directions to their ends; half-close after the last byte. */
static bool exchange(int fd, const struct plan *plan, bool server)
{
	struct half out = {
		.fd = fd, .plan = plan,
		.who = server ? "server, out" : "client, out",
		.bytes = server ? plan->to_client : plan->to_server,
		.seed = st_seed(plan->seed * 2 + server),
		.sizes = st_seed(plan->seed * 4 + server),
	};
	struct half in = {
		.fd = fd, .plan = plan,
		.who = server ? "server, in" : "client, in",
		.bytes = server ? plan->to_server : plan->to_client,
		.seed = st_seed(plan->seed * 2 + !server),
		.sizes = st_seed(plan->seed * 4 + 2 + server),
	};
	pthread_t thread;

	open_half(&out);
	open_half(&in);
	if (pthread_create(&thread, NULL, writer, &out))
		err(1, "pthread_create");
	reader(&in);
	if (in.failed)
		shutdown(fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	close_half(&out);
	close_half(&in);
	return !in.failed && !out.failed;
}

static bool serve_one(int fd)
{
	struct plan plan;
	char verdict, byte;

	if (recv(fd, &plan, sizeof(plan), MSG_WAITALL) != sizeof(plan) ||
	    plan.magic != PLAN_MAGIC || plan.piece > MAX_PIECE) {
		warn("server: no plan");
		return false;
	}
	verdict = exchange(fd, &plan, true) ? 'k' : 'x';
	/* The client's end of stream must come now, and after it nothing. */
	if (recv(fd, &byte, 1, 0) != 0) {
		warn("server: no end of stream");
		verdict = 'x';
	}
	send(fd, &verdict, 1, 0);
	/* When a process ends, Linux's own SMC drops what is still unsent */
	shutdown(fd, SHUT_WR);
	return verdict == 'k';
}

static void serve(struct st_addr *addr)
{
	int listener = st_listen(kind, addr, 1024), fd;

	prepare(listener);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			warn("accept");
			continue;
		}
		if (!fork()) {
			close(listener);
			_exit(!serve_one(fd));
		}
		close(fd);
	}
}

static bool run_one(struct st_addr *addr, const struct plan *plan)
{
	int fd = st_connect(kind, addr, 0, prepare);
	char verdict[2];
	bool good;

	if (send(fd, plan, sizeof(*plan), 0) != sizeof(*plan))
		err(1, "send");
	good = exchange(fd, plan, false);
	shutdown(fd, SHUT_WR);
	/* one byte, then the end */
	if (recv(fd, verdict, 2, MSG_WAITALL) != 1 || verdict[0] != 'k') {
		warn("client: no good verdict from the server");
		good = false;
	}
	close(fd);
	return good;
}

static bool run_many(struct st_addr *addr, struct plan *plan, int count,
		     int jobs)
{
	int i, n, status;
	bool good = true;

	for (i = 0; i < jobs; i++) {
		if (fork())
			continue;
		plan->seed += 1000 * i;
		for (n = 0; n < count && good; n++, plan->seed++)
			good = run_one(addr, plan);
		_exit(!good);
	}
	while (wait(&status) > 0)
		good = good && !status;
	return good;
}

static uint64_t parse_size(const char *text)
{
	char *end;
	uint64_t size = strtoull(text, &end, 0);

	if (*end == 'K' || *end == 'k')
		size <<= 10;
	if (*end == 'M' || *end == 'm')
		size <<= 20;
	return size;
}

static int parse_style(const char *name, const char *const *styles)
{
	int i;

	for (i = 0; styles[i]; i++)
		if (!strcmp(name, styles[i]))
			return i;
	errx(2, "no style %s", name);
}

int main(int argc, char **argv)
{
	struct plan plan = {
		.magic = PLAN_MAGIC, .seed = 1, .piece = 65536,
		.to_server = 1 << 20, .to_client = UINT64_MAX,
	};
	int opt, family = AF_INET, count = 1, jobs = 1;
	const char *port = "5902";
	bool server = false, good;
	struct st_addr addr;
	double start;

	while ((opt = getopt(argc, argv, "6A:p:sb:B:m:S:w:r:zk:n:j:")) > 0)
		switch (opt) {
		case '6': family = AF_INET6; break;
		case 'A': kind = st_parse_kind(optarg); break;
		case 'p': port = optarg; break;
		case 's': server = true; break;
		case 'b': plan.to_server = parse_size(optarg); break;
		case 'B': plan.to_client = parse_size(optarg); break;
		case 'm': plan.piece = parse_size(optarg); break;
		case 'S': plan.seed = strtoull(optarg, NULL, 0); break;
		case 'w': plan.write_style = parse_style(optarg, write_styles);
			break;
		case 'r': plan.read_style = parse_style(optarg, read_styles);
			break;
		case 'z': plan.pauses = 1; break;
		case 'k': buffer_size = parse_size(optarg); break;
		case 'n': count = atoi(optarg); break;
		case 'j': jobs = atoi(optarg); break;
		default: return 2;
		}
	if (plan.to_client == UINT64_MAX)
		plan.to_client = plan.to_server;
	if (!plan.piece || plan.piece > MAX_PIECE)
		errx(2, "-m: 1 to 4M");
	signal(SIGPIPE, SIG_IGN);
	addr = st_resolve(server ? NULL : argv[optind], port, family);
	if (server)
		serve(&addr);

	start = st_now();
	good = run_many(&addr, &plan, count, jobs);
	printf("%s: %d x %d connections, %llu bytes there, %llu back, write %s, read %s, seed %llu, %.1f s\n",
	       good ? "ok" : "FAILED", jobs, count,
	       (unsigned long long)plan.to_server,
	       (unsigned long long)plan.to_client,
	       write_styles[plan.write_style], read_styles[plan.read_style],
	       (unsigned long long)plan.seed, st_now() - start);
	return !good;
}
