// SPDX-License-Identifier: GPL-2.0
/* The same through io_uring, by the raw system calls: same as TCP's? */
#include "oracle.h"
#include <linux/io_uring.h>
#include <sys/syscall.h>

#define DEPTH 16
#define ANSWER_SECONDS 5

/* A ring of the scenario that runs. */
static struct {
	int fd;
	unsigned int *sq_head, *sq_tail, *sq_mask, *sq_array;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	unsigned int unsubmitted;
} ring;

static void ring_open(void)
{
	struct io_uring_params p = { 0 };
	size_t size;
	char *map;

	ring.fd = syscall(__NR_io_uring_setup, DEPTH, &p);
	if (ring.fd < 0)
		err(1, "io_uring_setup");
	size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd,
		   IORING_OFF_SQ_RING);
	ring.sqes = mmap(NULL, p.sq_entries * sizeof(*ring.sqes),
			 PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd,
			 IORING_OFF_SQES);
	if (map == MAP_FAILED || ring.sqes == MAP_FAILED)
		err(1, "mmap of the ring");
	ring.sq_head = (void *)(map + p.sq_off.head);
	ring.sq_tail = (void *)(map + p.sq_off.tail);
	ring.sq_mask = (void *)(map + p.sq_off.ring_mask);
	ring.sq_array = (void *)(map + p.sq_off.array);
	ring.cq_head = (void *)(map + p.cq_off.head);
	ring.cq_tail = (void *)(map + p.cq_off.tail);
	ring.cq_mask = (void *)(map + p.cq_off.ring_mask);
	ring.cqes = (void *)(map + p.cq_off.cqes);
}

/* The next request; it goes out with submit(). @tag comes back with it. */
static struct io_uring_sqe *request(int op, int fd, const void *addr,
				    unsigned int len, char tag)
{
	unsigned int index = *ring.sq_tail & *ring.sq_mask;
	struct io_uring_sqe *sqe = &ring.sqes[index];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	sqe->addr = (unsigned long)addr;
	sqe->len = len;
	sqe->user_data = tag;
	ring.sq_array[index] = index;
	__atomic_store_n(ring.sq_tail, *ring.sq_tail + 1, __ATOMIC_RELEASE);
	ring.unsubmitted++;
	return sqe;
}

static void submit(void)
{
	if (syscall(__NR_io_uring_enter, ring.fd, ring.unsubmitted, 0, 0, NULL,
		    0) != (long)ring.unsubmitted)
		note("io_uring_enter: %s", strerrorname_np(errno));
	ring.unsubmitted = 0;
}

/* The next completion; false and a note if none comes. */
static bool answer(struct io_uring_cqe *cqe, int seconds)
{
	struct __kernel_timespec ts = { .tv_sec = seconds };
	struct io_uring_getevents_arg arg = { .ts = (unsigned long)&ts };
	unsigned int head = *ring.cq_head;

	if (head == __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE))
		syscall(__NR_io_uring_enter, ring.fd, 0, 1,
			IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg,
			sizeof(arg));
	if (head == __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE))
		return false;
	*cqe = ring.cqes[head & *ring.cq_mask];
	__atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
	return true;
}

/* Wait for a completion and notice it. @is_fd: its result is a descriptor. */
static int note_answer(bool is_fd)
{
	struct io_uring_cqe cqe;
	const char *text;

	if (!answer(&cqe, ANSWER_SECONDS)) {
		note("no answer");
		return -1;
	}
	text = cqe.res < 0 ? strerrorname_np(-cqe.res) : is_fd ? "well" : NULL;
	if (text)
		note("%c: %s%s%s", (char)cqe.user_data, text,
		     cqe.flags & IORING_CQE_F_MORE ? ", more" : "",
		     cqe.flags & IORING_CQE_F_NOTIF ? ", notification" : "");
	else
		note("%c: %d%s%s", (char)cqe.user_data, cqe.res,
		     cqe.flags & IORING_CQE_F_MORE ? ", more" : "",
		     cqe.flags & IORING_CQE_F_SOCK_NONEMPTY ? ", not empty" :
							      "");
	return cqe.res;
}

/* Two completions that may come in either order: by their tags. */
static void note_two_answers(void)
{
	struct io_uring_cqe cqes[2] = { 0 };
	int i, first;

	for (i = 0; i < 2; i++)
		if (!answer(&cqes[i], ANSWER_SECONDS))
			note("no answer");
	first = cqes[0].user_data > cqes[1].user_data;
	for (i = 0; i < 2; i++)
		note("%c: %d", (char)cqes[first ^ i].user_data,
		     cqes[first ^ i].res);
}

/* Nothing is to have happened. */
static void note_silence(void)
{
	struct io_uring_cqe cqe;

	a_moment();
	if (answer(&cqe, 0))
		note("%c: already %d", (char)cqe.user_data, cqe.res);
	else
		note("silence");
}

static void uring_pair(int *c, int *s)
{
	ring_open();
	make_pair(c, s);
}

/* --- one request each ----------------------------------------------------- */

static void uring_send_recv(void)
{
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_SEND, c, "hello", 5, 's');
	submit();
	note_answer(false);
	wait_in(s);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r');
	submit();
	note_answer(false);
	note("'%s'", buf);
}

static void uring_recv_waits(void)
{
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r');
	submit();
	note_silence();
	NOTE(send(c, "late", 4, 0));
	note_answer(false);
	note("'%s'", buf);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r');
	submit();
	note_silence();
	NOTE(shutdown(c, SHUT_WR));
	note_answer(false);
}

static void uring_recv_dontwait(void)
{
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r')->msg_flags =
		MSG_DONTWAIT;
	submit();
	note_answer(false);
	fcntl(s, F_SETFL, O_NONBLOCK);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r');
	submit();
	note_answer(false);
}

static void uring_recv_waitall(void)
{
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_RECV, s, buf, 6, 'r')->msg_flags = MSG_WAITALL;
	submit();
	NOTE(send(c, "abc", 3, 0));
	note_silence();
	NOTE(send(c, "defg", 4, 0));
	note_answer(false);
	note("'%s'", buf);
}

static void uring_recv_poll_first(void)
{
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	NOTE(send(c, "there", 5, 0));
	wait_in(s);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r')->ioprio =
		IORING_RECVSEND_POLL_FIRST;
	submit();
	note_answer(false);
	note("'%s'", buf);
}

/* The flag "not empty" says whether another recv is worth it. */
static void uring_recv_part(void)
{
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	NOTE(send(c, "abcdef", 6, 0));
	a_moment();
	request(IORING_OP_RECV, s, buf, 4, 'r');
	submit();
	note_answer(false);
	request(IORING_OP_RECV, s, buf, 4, 'r');
	submit();
	note_answer(false);
}

static void uring_recv_reset(void)
{
	struct linger linger = { 1, 0 };
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r');
	submit();
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(c);
	note_answer(false);
	request(IORING_OP_SEND, s, "x", 1, 's')->msg_flags = MSG_NOSIGNAL;
	submit();
	note_answer(false);
}

static void uring_send_waits(void)
{
	int c, s;

	uring_pair(&c, &s);
	fill(c);
	request(IORING_OP_SEND, c, "x", 1, 's');
	submit();
	note_silence();
	LATER(close(c); drain(s));
	note_answer(false);
}

static void uring_send_all(void)
{
	static char big[4 << 20];
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_SEND, c, big, sizeof(big), 's')->msg_flags =
		MSG_WAITALL;
	submit();
	LATER(close(c); drain(s));
	note_answer(false);
}

static void uring_messages(void)
{
	char a[4] = "", b[10] = "";
	struct iovec out[] = { { "ab", 2 }, { "cdefg", 5 } };
	struct iovec in[] = { { a, 3 }, { b, 9 } };
	struct msghdr send_msg = { .msg_iov = out, .msg_iovlen = 2 };
	struct msghdr recv_msg = { .msg_iov = in, .msg_iovlen = 2 };
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_SENDMSG, c, &send_msg, 1, 's');
	submit();
	note_answer(false);
	wait_in(s);
	request(IORING_OP_RECVMSG, s, &recv_msg, 1, 'r');
	submit();
	note_answer(false);
	note("'%s' '%s'", a, b);
}

static void uring_read_write(void)
{
	static char buf[4096];
	struct iovec iov = { buf, sizeof(buf) };
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_WRITE, c, "plain", 5, 'w')->off = -1;
	submit();
	note_answer(false);
	wait_in(s);
	request(IORING_OP_READ, s, buf, 100, 'r')->off = -1;
	submit();
	note_answer(false);
	note("'%s'", buf);
	NOTE(syscall(__NR_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS,
		     &iov, 1));
	memcpy(buf, "registered", 10);
	request(IORING_OP_WRITE_FIXED, c, buf, 10, 'W')->off = -1;
	submit();
	note_answer(false);
	wait_in(s);
	request(IORING_OP_READ_FIXED, s, buf + 100, 100, 'R')->off = -1;
	submit();
	note_answer(false);
	note("'%s'", buf + 100);
}

/* --- connections ------------------------------------------------------------ */

static void uring_accept(void)
{
	struct st_addr addr, peer = { .len = sizeof(peer.ss) };
	int listener = make_listener(&addr), client, server;

	ring_open();
	request(IORING_OP_ACCEPT, listener, st_sa(&peer), 0, 'a')->addr2 =
		(unsigned long)&peer.len;
	submit();
	note_silence();
	client = make_client(&addr);
	server = note_answer(true);
	note("address of %d bytes", peer.len);
	NOTE(send(client, "x", 1, 0));
	note_recv(server, 10, 0);
	request(IORING_OP_ACCEPT, listener, NULL, 0, 'a')->accept_flags =
		SOCK_NONBLOCK;
	submit();
	make_client(&addr);
	server = note_answer(true);
	note("flags %x", fcntl(server, F_GETFL));
}

static void uring_accept_multishot(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), i, client, server;

	ring_open();
	request(IORING_OP_ACCEPT, listener, NULL, 0, 'a')->ioprio =
		IORING_ACCEPT_MULTISHOT;
	submit();
	for (i = 0; i < 3; i++) {
		client = make_client(&addr);
		server = note_answer(true);
		NOTE(send(client, &"xyz"[i], 1, 0));
		note_recv(server, 10, 0);
	}
	NOTE(shutdown(listener, SHUT_RD));
	note_answer(true);
}

static void uring_connect(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0), server;

	ring_open();
	request(IORING_OP_CONNECT, fd, st_sa(&addr), 0, 'c')->off = addr.len;
	submit();
	note_answer(false);
	server = accept(listener, NULL, NULL);
	NOTE(send(fd, "connected", 9, 0));
	note_recv(server, 20, 0);
	request(IORING_OP_CONNECT, fd, st_sa(&addr), 0, 'c')->off = addr.len;
	submit();
	note_answer(false);
}

static void uring_connect_refused(void)
{
	struct st_addr addr;
	int fd = make_socket(0);

	close(make_listener(&addr));
	ring_open();
	request(IORING_OP_CONNECT, fd, st_sa(&addr), 0, 'c')->off = addr.len;
	submit();
	note_answer(false);
	note_error("after", fd);
}

/* connect, send, recv and close in one go */
static void uring_linked(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0), server;
	struct io_uring_sqe *sqe;
	char buf[20] = "";

	ring_open();
	sqe = request(IORING_OP_CONNECT, fd, st_sa(&addr), 0, 'c');
	sqe->off = addr.len;
	sqe->flags = IOSQE_IO_LINK;
	request(IORING_OP_SEND, fd, "ask", 3, 's')->flags = IOSQE_IO_LINK;
	request(IORING_OP_RECV, fd, buf, sizeof(buf), 'r')->flags =
		IOSQE_IO_LINK;
	request(IORING_OP_SHUTDOWN, fd, NULL, SHUT_RDWR, 'h')->flags =
		IOSQE_IO_LINK;
	request(IORING_OP_CLOSE, fd, NULL, 0, 'x');
	submit();
	server = accept(listener, NULL, NULL);
	note_recv(server, 20, 0);
	NOTE(send(server, "answer", 6, 0));
	note_answer(false);
	note_answer(false);
	note_answer(false);
	note_answer(false);
	note_answer(false);
	note("'%s'", buf);
	note_recv(server, 20, 0);
}

static void uring_recv_times_out(void)
{
	struct __kernel_timespec ts = { .tv_nsec = 200000000 };
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r')->flags =
		IOSQE_IO_LINK;
	request(IORING_OP_LINK_TIMEOUT, -1, &ts, 1, 't');
	submit();
	note_two_answers();
	NOTE(send(c, "kept", 4, 0));
	note_recv(s, 20, 0);
}

static void uring_recv_cancelled(void)
{
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r');
	submit();
	a_moment();
	request(IORING_OP_ASYNC_CANCEL, -1, (void *)'r', 0, 'n');
	submit();
	note_two_answers();
	NOTE(send(c, "kept", 4, 0));
	note_recv(s, 20, 0);
}

/* --- more than one answer ---------------------------------------------------- */

static void uring_poll(void)
{
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_POLL_ADD, s, NULL, 0, 'p')->poll32_events =
		POLLIN | POLLRDHUP;
	submit();
	note_silence();
	NOTE(send(c, "x", 1, 0));
	note_mask("poll", note_answer(false));
	request(IORING_OP_POLL_ADD, c, NULL, 0, 'p')->poll32_events = POLLOUT;
	submit();
	note_mask("poll", note_answer(false));
}

static void uring_poll_multishot(void)
{
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_POLL_ADD, s, NULL, IORING_POLL_ADD_MULTI, 'p')
		->poll32_events = POLLIN | POLLRDHUP;
	submit();
	NOTE(send(c, "x", 1, 0));
	note_mask("data", note_answer(false) & (POLLIN | POLLRDHUP));
	note_recv(s, 1, 0);
	note_silence();
	NOTE(send(c, "y", 1, 0));
	note_mask("data", note_answer(false) & (POLLIN | POLLRDHUP));
	note_recv(s, 1, 0);
}

#define BUFFERS 4
#define BUFFER_SIZE 64

/* Buffers the kernel chooses from: group 1. */
static char *provide_buffers(void)
{
	static char memory[BUFFERS][BUFFER_SIZE];
	int i;

	for (i = 0; i < BUFFERS; i++) {
		struct io_uring_sqe *sqe = request(IORING_OP_PROVIDE_BUFFERS,
						   1, memory[i], BUFFER_SIZE,
						   'b');

		sqe->off = i;
		sqe->buf_group = 1;
	}
	submit();
	for (i = 0; i < BUFFERS; i++)
		note_answer(false);
	return memory[0];
}

static void uring_recv_multishot(void)
{
	struct io_uring_sqe *sqe;
	struct io_uring_cqe cqe;
	char *memory;
	int c, s, i;

	uring_pair(&c, &s);
	memory = provide_buffers();
	sqe = request(IORING_OP_RECV, s, NULL, 0, 'm');
	sqe->ioprio = IORING_RECV_MULTISHOT;
	sqe->flags = IOSQE_BUFFER_SELECT;
	sqe->buf_group = 1;
	submit();
	for (i = 0; i < 4; i++) {
		if (i < 3)
			NOTE(send(c, &"abcdef"[i * 2], 2, 0));
		else
			NOTE(shutdown(c, SHUT_WR));
		if (!answer(&cqe, ANSWER_SECONDS)) {
			note("no answer");
			return;
		}
		note("%d%s", cqe.res,
		     cqe.flags & IORING_CQE_F_MORE ? ", more" : "");
		if (cqe.res > 0)
			note("'%.*s'", cqe.res,
			     memory + BUFFER_SIZE *
			     (cqe.flags >> IORING_CQE_BUFFER_SHIFT));
	}
}

static void uring_splice(void)
{
	struct io_uring_sqe *sqe;
	char buf[20] = "";
	int c, s, p[2];

	uring_pair(&c, &s);
	NOTE(pipe(p));
	NOTE(write(p[1], "through", 7));
	sqe = request(IORING_OP_SPLICE, c, NULL, 7, 'o');
	sqe->splice_fd_in = p[0];
	sqe->splice_off_in = -1;
	sqe->off = -1;
	submit();
	note_answer(false);
	wait_in(s);
	sqe = request(IORING_OP_SPLICE, p[1], NULL, 7, 'i');
	sqe->splice_fd_in = s;
	sqe->splice_off_in = -1;
	sqe->off = -1;
	submit();
	note_answer(false);
	NOTE(read(p[0], buf, sizeof(buf)));
	note("'%s'", buf);
}

static void uring_send_zerocopy(void)
{
	static char big[100000];
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_SEND_ZC, c, "zero", 4, 'z');
	submit();
	note_recv(s, 10, 0);
	note_answer(false);
	note_answer(false);
	st_fill(big, sizeof(big), 0, 5);
	request(IORING_OP_SEND_ZC, c, big, sizeof(big), 'z')->msg_flags =
		MSG_WAITALL;
	submit();
	LATER(close(c); drain(s));
	note_answer(false);
	note_answer(false);
}

static void uring_close_while_receiving(void)
{
	char buf[20] = "";
	int c, s;

	uring_pair(&c, &s);
	request(IORING_OP_RECV, s, buf, sizeof(buf), 'r');
	submit();
	a_moment();
	NOTE(shutdown(s, SHUT_RD));
	note_answer(false);
	request(IORING_OP_CLOSE, s, NULL, 0, 'x');
	submit();
	note_answer(false);
	note_recv(c, 1, 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(uring_send_recv),
	SCENARIO(uring_recv_waits),
	SCENARIO(uring_recv_dontwait),
	SCENARIO(uring_recv_waitall),
	SCENARIO(uring_recv_poll_first),
	SCENARIO(uring_recv_part),
	SCENARIO(uring_recv_reset),
	SCENARIO(uring_send_waits),
	SCENARIO(uring_send_all),
	SCENARIO(uring_messages),
	SCENARIO(uring_read_write),
	SCENARIO(uring_accept),
	SCENARIO(uring_accept_multishot),
	SCENARIO(uring_connect),
	SCENARIO(uring_connect_refused),
	SCENARIO(uring_linked),
	SCENARIO(uring_recv_times_out),
	SCENARIO(uring_recv_cancelled),
	SCENARIO(uring_poll),
	SCENARIO(uring_poll_multishot),
	SCENARIO(uring_recv_multishot),
	SCENARIO(uring_splice),
	SCENARIO(uring_send_zerocopy),
	SCENARIO(uring_close_while_receiving),
};

ORACLE_MAIN(scenarios)
