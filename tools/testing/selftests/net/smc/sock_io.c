// SPDX-License-Identifier: GPL-2.0
/* Sending and receiving on a connection: same as TCP's? */
#include "oracle.h"
#include <linux/sockios.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static void recv_nonblocking(void)
{
	int c, s;

	make_pair(&c, &s);
	note_recv(s, 5, MSG_DONTWAIT);
	fcntl(s, F_SETFL, O_NONBLOCK);
	note_recv(s, 5, 0);
	NOTE(send(c, "hi", 2, 0));
	wait_in(s);
	note_recv(s, 5, 0);
	note_recv(s, 5, 0);
}

static void recv_with_timeout(void)
{
	int c, s;
	double start;

	make_pair(&c, &s);
	set_timeout(s, SO_RCVTIMEO, 300);
	start = st_now();
	note_recv(s, 5, 0);
	note_time("timeout", start, 0.3);
	start = st_now();
	NOTE(send(c, "abc", 3, 0));
	note_recv(s, 5, MSG_WAITALL);
	note_time("timeout", start, 0.3);
}

static void recv_interrupted(void)
{
	int c, s;

	make_pair(&c, &s);
	on_signal(SIGUSR1, 0);
	LATER(kill(getppid(), SIGUSR1));
	note_recv(s, 5, 0);
	on_signal(SIGUSR1, SA_RESTART);
	LATER(kill(getppid(), SIGUSR1); usleep(100000); send(c, "x", 1, 0));
	note_recv(s, 5, 0);
	note("%d signals", signals_seen);
	NOTE(send(c, "abc", 3, 0));
	LATER(kill(getppid(), SIGUSR1); usleep(100000); send(c, "de", 2, 0));
	note_recv(s, 5, MSG_WAITALL);
}

static void send_interrupted(void)
{
	int c, s;
	long n;

	make_pair(&c, &s);
	fill(c);
	on_signal(SIGUSR1, 0);
	LATER(kill(getppid(), SIGUSR1));
	NOTE(send(c, "x", 1, 0));
	/* a write that got somewhere before the signal tells how far */
	LATER(kill(getppid(), SIGUSR1); usleep(200000));
	n = send(c, calloc(1, 64 << 20), 64 << 20, 0);
	note("interrupted again: %s", n < 0 ? strerrorname_np(errno) : "part");
}

static void send_with_timeout(void)
{
	int c, s;
	double start;

	make_pair(&c, &s);
	set_timeout(c, SO_SNDTIMEO, 300);
	fill(c);
	start = st_now();
	NOTE(send(c, "x", 1, 0));
	note_time("timeout", start, 0.3);
}

static void send_blocks_until_read(void)
{
	static char big[16 << 20];
	int c, s;

	make_pair(&c, &s);
	LATER(close(c); drain(s));
	close(s);
	NOTE(send(c, big, sizeof(big), 0));
}

static void send_nothing(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "", 0, 0));
	NOTE(write(c, "", 0));
	NOTE(recv(s, NULL, 0, MSG_DONTWAIT));
	NOTE(send(c, "a", 1, 0));
	wait_in(s);
	NOTE(recv(s, NULL, 0, MSG_DONTWAIT));
	NOTE(recv(s, NULL, 0, 0));
	note_recv(s, 5, 0);
}

static void bad_pointers(void)
{
	int c, s;
	char *bad = (char *)8;

	make_pair(&c, &s);
	NOTE(send(c, bad, 5, 0));
	NOTE(send(c, "tail", 4, 0));
	usleep(50000);
	NOTE(recv(s, bad, 3, 0));
	note_recv(s, 100, 0);
	NOTE(recv(s, bad, 3, MSG_DONTWAIT));
	note_recv(s, 100, MSG_DONTWAIT);
}

static void peek(void)
{
	int c, s;

	make_pair(&c, &s);
	note_recv(s, 5, MSG_PEEK | MSG_DONTWAIT);
	NOTE(send(c, "abcdef", 6, 0));
	note_recv(s, 3, MSG_PEEK);
	note_recv(s, 10, MSG_PEEK);
	note_recv(s, 2, 0);
	note_recv(s, 10, MSG_PEEK);
	NOTE(send(c, "ghi", 3, 0));
	note_recv(s, 7, MSG_PEEK | MSG_WAITALL);
	note_recv(s, 10, 0);
	shutdown(c, SHUT_WR);
	note_recv(s, 10, MSG_PEEK);
	note_recv(s, 10, MSG_PEEK | MSG_WAITALL);
}

static void waitall(void)
{
	int c, s;

	make_pair(&c, &s);
	LATER(send(c, "abc", 3, 0); usleep(100000); send(c, "def", 3, 0));
	note_recv(s, 6, MSG_WAITALL);
	send(c, "gh", 2, 0);
	wait_in(s);
	note_recv(s, 6, MSG_WAITALL | MSG_DONTWAIT);
	LATER(send(c, "ijk", 3, 0); shutdown(c, SHUT_WR));
	note_recv(s, 6, MSG_WAITALL);
	note_recv(s, 6, MSG_WAITALL);
}

static void trunc_discards(void)
{
	int c, s;
	char buf[8] = "unset";

	make_pair(&c, &s);
	NOTE(send(c, "abcdefgh", 8, 0));
	wait_in(s);
	NOTE(recv(s, buf, 3, MSG_TRUNC));
	note("buffer %s", buf);
	NOTE(recv(s, NULL, 2, MSG_TRUNC));
	NOTE(recv(s, buf, 8, MSG_TRUNC | MSG_PEEK | MSG_DONTWAIT));
	note_recv(s, 8, 0);
}

static void rcvlowat(void)
{
	int c, s, low = 5;
	socklen_t len = sizeof(low);

	make_pair(&c, &s);
	NOTE(setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)));
	NOTE(getsockopt(s, SOL_SOCKET, SO_RCVLOWAT, &low, &len));
	note("SO_RCVLOWAT %d", low);
	NOTE(send(c, "abc", 3, 0));
	a_moment();
	note_poll("3 of 5", s, 0);
	note_recv(s, 10, MSG_DONTWAIT);
	LATER(send(c, "de", 2, 0); usleep(100000); send(c, "fghi", 4, 0));
	note_recv(s, 10, 0);
	NOTE(send(c, "abcde", 5, 0));
	note_poll("5 of 5", s, POLLIN);
	note_recv(s, 10, 0);
	send(c, "x", 1, 0);
	shutdown(c, SHUT_WR);
	note_poll("end of stream", s, POLLIN | POLLRDHUP);
	low = 0;
	NOTE(setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)));
	low = -1;
	NOTE(setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)));
}

/* --- other calls ------------------------------------------------------------- */

static void scattered(void)
{
	char a[3] = "", b[10] = "";
	struct iovec out[] = { { "ab", 2 }, { NULL, 0 }, { "cdefg", 5 } };
	struct iovec in[] = { { a, 2 }, { b, 9 } };
	int c, s;

	make_pair(&c, &s);
	NOTE(writev(c, out, 3));
	wait_in(s);
	NOTE(readv(s, in, 2));
	note("'%s' '%s'", a, b);
}

static void messages(void)
{
	struct sockaddr_storage ss;
	char control[100], buf[100] = "";
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_name = &ss, .msg_namelen = sizeof(ss),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct msghdr plain = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct mmsghdr many[2] = { { .msg_hdr = plain }, { .msg_hdr = plain } };
	struct st_addr addr;
	int c, s;

	make_pair(&c, &s);
	addr = name_of(s);
	NOTE(sendto(c, "abc", 3, 0, st_sa(&addr), addr.len));
	wait_in(s);
	NOTE(recvmsg(s, &msg, 0));
	note("'%s' name %d control %d flags %x", buf, msg.msg_namelen,
	     (int)msg.msg_controllen, msg.msg_flags);
	addr.len = sizeof(addr.ss);
	NOTE(send(c, "defg", 4, 0));
	wait_in(s);
	NOTE(recvfrom(s, buf, 10, 0, st_sa(&addr), &addr.len));
	note("address of %d bytes", addr.len);
	iov.iov_len = 2;
	NOTE(sendmmsg(c, many, 2, 0));
	a_moment();
	NOTE(recvmmsg(s, many, 2, MSG_DONTWAIT, NULL));
	note_recv(s, 1, MSG_ERRQUEUE);
	note_recv(s, 1, MSG_ERRQUEUE | MSG_DONTWAIT);
}

static void corked(void)
{
	int c, s, on = 1, off = 0;

	make_pair(&c, &s);
	setsockopt(c, SOL_TCP, TCP_CORK, &on, sizeof(on));
	NOTE(send(c, "abc", 3, 0));
	NOTE(send(c, "def", 3, MSG_MORE));
	setsockopt(c, SOL_TCP, TCP_CORK, &off, sizeof(off));
	note_recv(s, 6, MSG_WAITALL);
	NOTE(send(c, "ghi", 3, MSG_MORE));
	NOTE(send(c, "jkl", 3, 0));
	note_recv(s, 6, MSG_WAITALL);
	NOTE(send(c, "mno", 3, MSG_MORE));
	shutdown(c, SHUT_WR);
	note_recv(s, 6, MSG_WAITALL);
}

static void file_to_socket(void)
{
	int c, s, fd = memfd_create("file", 0);
	off_t offset = 2;

	make_pair(&c, &s);
	NOTE(write(fd, "0123456789", 10));
	NOTE(sendfile(c, fd, &offset, 5));
	note("offset %ld", (long)offset);
	note_recv(s, 5, MSG_WAITALL);
	NOTE(sendfile(c, fd, &offset, 100));
	NOTE(sendfile(c, fd, &offset, 100));
	note_recv(s, 3, MSG_WAITALL);
	NOTE(sendfile(fd, c, NULL, 5));
}

static void spliced(void)
{
	int c, s, p[2];
	char buf[100] = "";

	make_pair(&c, &s);
	NOTE(pipe(p));
	NOTE(write(p[1], "through", 7));
	NOTE(splice(p[0], NULL, c, NULL, 100, 0));
	wait_in(s);
	NOTE(splice(s, NULL, p[1], NULL, 3, 0));
	NOTE(read(p[0], buf, 100));
	note("'%s'", buf);
	NOTE(splice(s, NULL, p[1], NULL, 100, SPLICE_F_MOVE));
	NOTE(read(p[0], buf, 100));
	note("'%s'", buf);
	fcntl(s, F_SETFL, O_NONBLOCK);
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
	fcntl(s, F_SETFL, 0);
	LATER(send(c, "later", 5, 0));
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
	shutdown(c, SHUT_WR);
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
	on_signal(SIGPIPE, 0);
	NOTE(splice(p[0], NULL, c, NULL, 100, 0));
	note("%d signals", signals_seen);
}

static void note_ioctl(const char *what, int fd, unsigned long request)
{
	int value = -1;

	if (ioctl(fd, request, &value))
		note("%s: %s", what, strerrorname_np(errno));
	else
		note("%s: %d", what, value);
}

static void queue_sizes(void)
{
	struct st_addr addr;
	int c, s, fd = make_socket(0), listener = make_listener(&addr);
	int left, tries = 0;

	note_ioctl("SIOCINQ unconnected", fd, SIOCINQ);
	note_ioctl("SIOCOUTQ unconnected", fd, SIOCOUTQ);
	note_ioctl("SIOCINQ listening", listener, SIOCINQ);
	note_ioctl("SIOCOUTQ listening", listener, SIOCOUTQ);
	note_ioctl("SIOCATMARK listening", listener, SIOCATMARK);
	make_pair(&c, &s);
	note_ioctl("SIOCINQ", s, SIOCINQ);
	NOTE(send(c, "abcdef", 6, 0));
	wait_in(s);
	note_ioctl("SIOCINQ", s, SIOCINQ);
	note_recv(s, 2, 0);
	note_ioctl("FIONREAD", s, FIONREAD);
	/* the peer answers in its own time */
	for (left = 1; left && tries < 200; tries++) {
		usleep(10000);
		ioctl(c, SIOCOUTQ, &left);
	}
	note_ioctl("SIOCOUTQ", c, SIOCOUTQ);
	note_ioctl("SIOCOUTQNSD", c, SIOCOUTQNSD);
	note_ioctl("TIOCGWINSZ", c, TIOCGWINSZ);
	shutdown(c, SHUT_WR);
	a_moment();
	note_ioctl("SIOCINQ at the end", s, SIOCINQ);
	note_recv(s, 10, 0);
	note_recv(s, 10, 0);
	note_ioctl("SIOCINQ past the end", s, SIOCINQ);
}

static void shared_by_processes(void)
{
	int c, s, copy, status;

	make_pair(&c, &s);
	if (!fork()) {
		close(s);
		send(c, "child ", 6, 0);
		_exit(0);
	}
	wait(&status);
	copy = dup(c);
	close(c);
	NOTE(send(copy, "parent", 6, 0));
	note_recv(s, 12, MSG_WAITALL);
	close(copy);
	note_recv(s, 1, 0);
}

static void passed_through_unix_socket(void)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int c, s, un[2], fd;

	make_pair(&c, &s);
	socketpair(AF_UNIX, SOCK_STREAM, 0, un);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &c, sizeof(int));
	NOTE(sendmsg(un[0], &msg, 0));
	close(c);
	NOTE(recvmsg(un[1], &msg, 0));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	NOTE(send(fd, "passed", 6, 0));
	note_recv(s, 10, 0);
}

static void *reading_thread(void *arg)
{
	return (void *)drain(*(int *)arg);
}

static void threads_both_ways(void)
{
	static char buf[1 << 20];
	pthread_t a, b;
	void *got;
	int c, s;

	make_pair(&c, &s);
	pthread_create(&a, NULL, reading_thread, &c);
	pthread_create(&b, NULL, reading_thread, &s);
	NOTE(send(c, buf, sizeof(buf), 0));
	NOTE(send(s, buf, sizeof(buf), 0));
	shutdown(c, SHUT_WR);
	shutdown(s, SHUT_WR);
	pthread_join(a, &got);
	note("client got %ld", (long)got);
	pthread_join(b, &got);
	note("server got %ld", (long)got);
}

/* Look again and again, then take: nothing is lost or repeated. */
static void peek_looped(void)
{
	char seen[32], got[32];
	int c, s, i, n, m, wrong = 0;
	long sum = 0;

	make_pair(&c, &s);
	LATER(for (i = 0; i < 100; i++) send(c, "0123456789", 10, 0);
	      shutdown(c, SHUT_WR));
	for (;;) {
		n = recv(s, seen, sizeof(seen), MSG_PEEK);
		if (n <= 0)
			break;
		m = recv(s, seen, n, MSG_PEEK);
		wrong += m != n;
		m = recv(s, got, n, 0);
		wrong += m != n || memcmp(seen, got, n);
		for (i = 0; i < m; i++)
			wrong += got[i] != '0' + (sum + i) % 10;
		sum += m;
	}
	note("%ld bytes, %d wrong", sum, wrong);
}

/* SO_PEEK_OFF: TCP has it since 6.9. */
static void peek_offset(void)
{
	int c, s, offset = 2;
	socklen_t len = sizeof(offset);

	make_pair(&c, &s);
	NOTE(setsockopt(s, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof(offset)));
	NOTE(send(c, "abcdefgh", 8, 0));
	wait_in(s);
	a_moment();
	note_recv(s, 3, MSG_PEEK);
	note_recv(s, 2, MSG_PEEK);
	NOTE(getsockopt(s, SOL_SOCKET, SO_PEEK_OFF, &offset, &len));
	note("offset %d", offset);
	note_recv(s, 4, 0);
	NOTE(getsockopt(s, SOL_SOCKET, SO_PEEK_OFF, &offset, &len));
	note("offset %d", offset);
	note_recv(s, 1, MSG_PEEK | MSG_DONTWAIT);
	note_recv(s, 10, MSG_PEEK | MSG_DONTWAIT);
	note_recv(s, 10, 0);
}

static void send_many(void)
{
	static char * const text[] = { "ab", "", "cde", "f" };
	struct iovec iov[4];
	struct mmsghdr many[4] = { 0 };
	int c, s, i;

	make_pair(&c, &s);
	for (i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ text[i], strlen(text[i]) };
		many[i].msg_hdr.msg_iov = &iov[i];
		many[i].msg_hdr.msg_iovlen = 1;
	}
	NOTE(sendmmsg(c, many, 4, 0));
	note("%d %d %d %d", many[0].msg_len, many[1].msg_len, many[2].msg_len,
	     many[3].msg_len);
	note_recv(s, 6, MSG_WAITALL);
	iov[2].iov_base = (char *)8;
	NOTE(sendmmsg(c, many, 4, 0));
	note_recv(s, 10, 0);
	NOTE(sendmmsg(c, many + 2, 1, 0));
	shutdown(c, SHUT_WR);
	NOTE(sendmmsg(c, many, 4, MSG_NOSIGNAL));
}

static void recv_many(void)
{
	struct timespec ts = { 0, 200000000 };
	char buf[4][4] = { 0 };
	struct iovec iov[4];
	struct mmsghdr many[4] = { 0 };
	int c, s, i;

	make_pair(&c, &s);
	for (i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ buf[i], 3 };
		many[i].msg_hdr.msg_iov = &iov[i];
		many[i].msg_hdr.msg_iovlen = 1;
	}
	NOTE(send(c, "abcdefg", 7, 0));
	wait_in(s);
	a_moment();
	NOTE(recvmmsg(s, many, 4, MSG_WAITFORONE, NULL));
	note("'%s' '%s' '%s'", buf[0], buf[1], buf[2]);
	NOTE(recvmmsg(s, many, 4, MSG_DONTWAIT, NULL));
	NOTE(send(c, "hij", 3, 0));
	LATER(send(c, "klm", 3, 0));
	NOTE(recvmmsg(s, many, 2, 0, &ts));
	shutdown(c, SHUT_WR);
	a_moment();
	NOTE(recvmmsg(s, many, 4, MSG_WAITFORONE, NULL));
}

static void message_errors(void)
{
	struct iovec iov[2] = { { "x", 1 }, { (char *)8, 5 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2000 };
	char control[64] = "";
	struct cmsghdr *cmsg = (void *)control;
	int c, s;

	make_pair(&c, &s);
	NOTE(sendmsg(c, &msg, 0));
	NOTE(recvmsg(s, &msg, MSG_DONTWAIT));
	msg.msg_iovlen = 2;
	NOTE(sendmsg(c, &msg, 0));
	a_moment();
	note_recv(s, 10, MSG_DONTWAIT);
	msg.msg_iovlen = 1;
	msg.msg_control = control;
	msg.msg_controllen = CMSG_LEN(4);
	cmsg->cmsg_len = CMSG_LEN(4);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = 77;
	NOTE(sendmsg(c, &msg, 0));
	NOTE(sendmsg(c, (void *)8, 0));
	NOTE(recvmsg(s, (void *)8, 0));
	NOTE(recv(s, control, -1, MSG_DONTWAIT) != -1 || errno != EINVAL);
}

static void odd_flags(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "a", 1, MSG_EOR));
	NOTE(send(c, "b", 1, MSG_CONFIRM));
	NOTE(send(c, "c", 1, MSG_DONTROUTE));
	NOTE(send(c, "d", 1, MSG_PROXY));
	NOTE(send(c, "e", 1, MSG_WAITALL));
	NOTE(send(c, "f", 1, 0x100000));
	note_recv(s, 6, MSG_WAITALL | MSG_CMSG_CLOEXEC);
	note_recv(s, 6, MSG_DONTWAIT | 0x100000);
}

static void many_vectors(void)
{
	static char out[1024], in[1024];
	struct iovec iov[1025];
	int c, s, i;

	make_pair(&c, &s);
	st_fill(out, sizeof(out), 0, 9);
	for (i = 0; i < 1025; i++)
		iov[i] = (struct iovec){ out + i % 1024, 1 };
	NOTE(writev(c, iov, 1024));
	NOTE(writev(c, iov, 1025));
	NOTE(writev(c, iov, 0));
	for (i = 0; i < 1024; i++)
		iov[i] = (struct iovec){ in + i, 1 };
	wait_in(s);
	a_moment();
	NOTE(readv(s, iov, 1024));
	note("content is %s", memcmp(in, out, 1024) ? "wrong" : "right");
}

/* A request and its answer, a few hundred times. */
static void ping_pong(void)
{
	char byte;
	int c, s, i, wrong = 0;

	make_pair(&c, &s);
	if (!fork()) {
		close(c);
		while (recv(s, &byte, 1, 0) == 1)
			send(s, &byte, 1, 0);
		_exit(0);
	}
	close(s);
	for (i = 0; i < 300; i++) {
		char out = i, in = ~i;

		wrong += send(c, &out, 1, 0) != 1;
		wrong += recv(c, &in, 1, 0) != 1 || in != out;
	}
	note("%d wrong", wrong);
}

static void many_small_writes(void)
{
	char in[1000], out[1000];
	int c, s, i;

	make_pair(&c, &s);
	st_fill(out, sizeof(out), 0, 7);
	for (i = 0; i < 1000; i++)
		send(c, out + i, 1, i % 3 ? 0 : MSG_MORE);
	shutdown(c, SHUT_WR);
	NOTE(recv(s, in, sizeof(in), MSG_WAITALL));
	note("content is %s", memcmp(in, out, 1000) ? "wrong" : "right");
}

static void filled_then_read(void)
{
	int c, s, again;
	long sum;

	make_pair(&c, &s);
	sum = fill(c);
	note("%s", sum > 0 ? "took some" : "took nothing");
	note_mask("full", poll_now(c, POLLOUT, 0));
	again = send(c, "x", 1, MSG_DONTWAIT);
	note("more: %s", again < 0 ? strerrorname_np(errno) : "taken");
	LATER(send(c, "y", 1, 0));
	close(c);
	note("all %s", drain(s) == sum + 1 ? "there" : "but some");
}

static const struct scenario scenarios[] = {
	SCENARIO(recv_nonblocking),
	SCENARIO(recv_with_timeout),
	SCENARIO(recv_interrupted),
	SCENARIO(send_interrupted),
	SCENARIO(send_with_timeout),
	SCENARIO(send_blocks_until_read),
	SCENARIO(send_nothing),
	SCENARIO(bad_pointers),
	SCENARIO(peek),
	SCENARIO(waitall),
	SCENARIO(trunc_discards),
	SCENARIO(rcvlowat),
	SCENARIO(scattered),
	SCENARIO(messages),
	SCENARIO(corked),
	SCENARIO(file_to_socket),
	SCENARIO(spliced),
	SCENARIO(queue_sizes),
	SCENARIO(shared_by_processes),
	SCENARIO(passed_through_unix_socket),
	SCENARIO(threads_both_ways),
	SCENARIO(many_small_writes),
	SCENARIO(filled_then_read),
	SCENARIO(peek_looped),
	SCENARIO(peek_offset),
	SCENARIO(send_many),
	SCENARIO(recv_many),
	SCENARIO(message_errors),
	SCENARIO(odd_flags),
	SCENARIO(many_vectors),
	SCENARIO(ping_pong),
};

ORACLE_MAIN(scenarios)
