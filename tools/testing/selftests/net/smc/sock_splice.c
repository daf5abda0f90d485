// SPDX-License-Identifier: GPL-2.0
/* Bytes that need no copy by the application: same as TCP's? */
#include "oracle.h"
#include <linux/errqueue.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define BIG 1048576

#ifndef SO_EE_CODE_ZEROCOPY_COPIED
#define SO_EE_CODE_ZEROCOPY_COPIED 1
#endif

/* A file of @size bytes with the pattern of @seed. */
static int pattern_file(size_t size, uint64_t seed)
{
	char *buf = malloc(size);
	int fd = memfd_create("pattern", 0);

	st_fill(buf, size, 0, seed);
	if (write(fd, buf, size) != (ssize_t)size)
		err(1, "write");
	lseek(fd, 0, SEEK_SET);
	free(buf);
	return fd;
}

/* Read to the end of the stream; is it the pattern of @seed? */
static void note_pattern(int fd, uint64_t seed)
{
	static char buf[65536];
	uint64_t pos = 0;
	int64_t wrong = -1;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0 && wrong < 0) {
		wrong = st_verify(buf, n, pos, seed);
		pos += n;
	}
	note("%lu bytes, %s", (unsigned long)pos,
	     wrong < 0 ? "right" : "wrong");
}

static void sendfile_large(void)
{
	int c, s, fd = pattern_file(BIG, 1);
	off_t offset = 0;
	ssize_t n;

	make_pair(&c, &s);
	if (!fork()) {
		close(s);
		while ((n = sendfile(c, fd, &offset, BIG)) > 0)
			;
		_exit(0);
	}
	close(c);
	note_pattern(s, 1);
}

static void sendfile_nonblocking(void)
{
	int c, s, fd = pattern_file(8 * BIG, 1);
	off_t offset = 0;

	make_pair(&c, &s);
	fcntl(c, F_SETFL, O_NONBLOCK);
	fill(c);
	NOTE(sendfile(c, fd, &offset, BIG));
	note("offset %ld", (long)offset);
}

static void sendfile_with_more(void)
{
	int c, s, fd = memfd_create("file", 0), on = 1, off = 0;

	make_pair(&c, &s);
	NOTE(write(fd, " body", 5));
	lseek(fd, 0, SEEK_SET);
	setsockopt(c, SOL_TCP, TCP_CORK, &on, sizeof(on));
	NOTE(send(c, "head", 4, MSG_MORE));
	NOTE(sendfile(c, fd, NULL, 5));
	setsockopt(c, SOL_TCP, TCP_CORK, &off, sizeof(off));
	note_recv(s, 9, MSG_WAITALL);
}

static void sendfile_after_shutdown(void)
{
	int c, s, fd = pattern_file(1000, 1);

	make_pair(&c, &s);
	on_signal(SIGPIPE, 0);
	shutdown(c, SHUT_WR);
	NOTE(sendfile(c, fd, NULL, 10));
	note("%d signals", signals_seen);
}

static void splice_through(void)
{
	int c, s, p[2], fd = pattern_file(BIG, 2), out;
	long n, sum = 0;

	make_pair(&c, &s);
	NOTE(pipe(p));
	if (!fork()) {
		close(s);
		while ((n = splice(fd, NULL, p[1], NULL, 30000, 0)) > 0)
			while (n > 0)
				n -= splice(p[0], NULL, c, NULL, n,
					    SPLICE_F_MORE);
		_exit(0);
	}
	close(c);
	out = memfd_create("out", 0);
	NOTE(pipe(p));
	while ((n = splice(s, NULL, p[1], NULL, 40000, SPLICE_F_MOVE)) > 0)
		for (sum += n; n > 0; )
			n -= splice(p[0], NULL, out, NULL, n, 0);
	note("spliced %ld", sum);
	lseek(out, 0, SEEK_SET);
	note_pattern(out, 2);
}

static void splice_socket_to_socket(void)
{
	int a, b, c, d, p[2];

	make_pair(&a, &b);
	make_pair(&c, &d);
	NOTE(pipe(p));
	NOTE(send(a, "relayed", 7, 0));
	wait_in(b);
	NOTE(splice(b, NULL, p[1], NULL, 100, 0));
	NOTE(splice(p[0], NULL, c, NULL, 100, 0));
	note_recv(d, 20, 0);
	NOTE(splice(b, NULL, c, NULL, 100, 0));
}

static void splice_flags(void)
{
	int c, s, p[2];

	make_pair(&c, &s);
	NOTE(pipe(p));
	set_timeout(s, SO_RCVTIMEO, 200);
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
	fcntl(s, F_SETFL, O_NONBLOCK);
	NOTE(splice(s, NULL, p[1], NULL, 100, SPLICE_F_NONBLOCK));
	NOTE(send(c, "abc", 3, 0));
	wait_in(s);
	NOTE(splice(s, NULL, p[1], NULL, 0, 0));
	NOTE(splice(s, NULL, p[1], NULL, 2, SPLICE_F_NONBLOCK));
	NOTE(splice(s, NULL, p[1], NULL, 100, SPLICE_F_MORE));
	NOTE(splice(s, &(loff_t){ 0 }, p[1], NULL, 100, 0));
	NOTE(splice(s, NULL, c, NULL, 100, 0));
	NOTE(splice(s, NULL, p[1], NULL, 100, 0xff00));
}

static void splice_nonblocking_writer(void)
{
	int c, s, p[2];

	make_pair(&c, &s);
	NOTE(pipe(p));
	NOTE(write(p[1], "held", 4));
	fcntl(c, F_SETFL, O_NONBLOCK);
	fill(c);
	NOTE(splice(p[0], NULL, c, NULL, 4, SPLICE_F_NONBLOCK));
	LATER(close(c); drain(s));
	fcntl(c, F_SETFL, 0);
	NOTE(splice(p[0], NULL, c, NULL, 4, 0));
}

static void splice_full_pipe(void)
{
	int c, s, p[2];
	static char page[4096];
	long n, sum = 0;

	make_pair(&c, &s);
	NOTE(pipe(p));
	NOTE(fcntl(p[1], F_SETPIPE_SZ, 4096));
	NOTE(write(p[1], page, 4096));
	NOTE(send(c, "abc", 3, 0));
	wait_in(s);
	NOTE(splice(s, NULL, p[1], NULL, 100, SPLICE_F_NONBLOCK));
	n = read(p[0], page, sizeof(page));
	sum += n;
	NOTE(splice(s, NULL, p[1], NULL, 100, SPLICE_F_NONBLOCK));
	note_recv(s, 10, MSG_DONTWAIT);
}

static void splice_ends(void)
{
	struct linger linger = { 1, 0 };
	int c, s, p[2];

	make_pair(&c, &s);
	NOTE(pipe(p));
	NOTE(send(c, "rest", 4, 0));
	close(c);
	a_moment();
	NOTE(splice(s, NULL, p[1], NULL, 2, 0));
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
	make_pair(&c, &s);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(c);
	a_moment();
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
}

static void splice_stops_at_urgent(void)
{
	int c, s, p[2];
	char buf[20] = "";

	make_pair(&c, &s);
	NOTE(pipe(p));
	NOTE(send(c, "abX", 3, MSG_OOB));
	NOTE(send(c, "cd", 2, 0));
	note_poll("poll", s, POLLPRI | POLLIN);
	a_moment();
	NOTE(splice(s, NULL, p[1], NULL, 2, 0));
	note_recv(s, 10, MSG_DONTWAIT);
	NOTE(read(p[0], buf, sizeof(buf)));
	note("'%s'", buf);
}

static void splice_unconnected(void)
{
	int fd = make_socket(0), p[2];
	struct st_addr addr;

	NOTE(pipe(p));
	NOTE(splice(fd, NULL, p[1], NULL, 10, 0));
	NOTE(write(p[1], "x", 1));
	on_signal(SIGPIPE, 0);
	NOTE(splice(p[0], NULL, fd, NULL, 1, 0));
	NOTE(splice(make_listener(&addr), NULL, p[1], NULL, 10, 0));
}

static void teed(void)
{
	int a, b, c, d, p[2], q[2];

	make_pair(&a, &b);
	make_pair(&c, &d);
	NOTE(pipe(p));
	NOTE(pipe(q));
	NOTE(send(a, "twice", 5, 0));
	wait_in(b);
	NOTE(splice(b, NULL, p[1], NULL, 100, 0));
	NOTE(tee(p[0], q[1], 100, 0));
	NOTE(splice(p[0], NULL, c, NULL, 100, 0));
	close(b);
	close(a);
	NOTE(splice(q[0], NULL, c, NULL, 100, 0));
	note_recv(d, 10, MSG_WAITALL);
}

static void tee_socket(void)
{
	int c, s, p[2];

	make_pair(&c, &s);
	NOTE(pipe(p));
	NOTE(send(c, "x", 1, 0));
	NOTE(tee(s, p[1], 10, 0));
}

/* Pages of the application on their way through a pipe. */
static void vmspliced(void)
{
	static char page[8192] __attribute__((aligned(4096)));
	struct iovec iov = { page, sizeof(page) };
	int c, s, p[2];

	make_pair(&c, &s);
	NOTE(pipe(p));
	st_fill(page, sizeof(page), 0, 3);
	NOTE(vmsplice(p[1], &iov, 1, SPLICE_F_GIFT));
	NOTE(splice(p[0], NULL, c, NULL, sizeof(page), SPLICE_F_MOVE));
	shutdown(c, SHUT_WR);
	note_pattern(s, 3);
}

static void vmsplice_out(void)
{
	char buf[20] = "";
	struct iovec iov = { buf, 5 };
	int c, s, p[2];

	make_pair(&c, &s);
	NOTE(pipe(p));
	NOTE(send(c, "to memory", 9, 0));
	wait_in(s);
	NOTE(splice(s, NULL, p[1], NULL, 100, 0));
	NOTE(vmsplice(p[0], &iov, 1, 0));
	note("'%s'", buf);
	NOTE(read(p[0], buf, sizeof(buf)));
}

/* --- MSG_ZEROCOPY ------------------------------------------------------------- */

/* The next notification. */
static void note_notification(int fd)
{
	char control[200];
	struct msghdr msg = {
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct sock_extended_err *report;
	struct cmsghdr *cmsg;

	if (!(poll_now(fd, 0, 2000) & POLLERR))
		note("no POLLERR");
	if (NOTE(recvmsg(fd, &msg, MSG_ERRQUEUE)) < 0)
		return;
	note("flags %x", msg.msg_flags);
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg)
		return;
	report = (void *)CMSG_DATA(cmsg);
	note("level %d type %d errno %d origin %d code %d, %u to %u",
	     cmsg->cmsg_level, cmsg->cmsg_type, report->ee_errno,
	     report->ee_origin, report->ee_code, report->ee_info,
	     report->ee_data);
}

static void zerocopy(void)
{
	static char buf[100000];
	int c, s, one = 1;

	make_pair(&c, &s);
	NOTE(send(c, "ignored", 7, MSG_ZEROCOPY));
	note_recv(s, 10, 0);
	note_poll("none", c, 0);
	NOTE(setsockopt(c, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
	NOTE(send(c, "zero", 4, MSG_ZEROCOPY));
	note_recv(s, 10, 0);
	note_notification(c);
	note_poll("taken", c, 0);
	note_notification(c);
	st_fill(buf, sizeof(buf), 0, 4);
	NOTE(send(c, buf, sizeof(buf), MSG_ZEROCOPY));
	shutdown(c, SHUT_WR);
	note_pattern(s, 4);
	note_notification(c);
}

static void zerocopy_many(void)
{
	int c, s, one = 1, i;

	make_pair(&c, &s);
	setsockopt(c, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one));
	for (i = 0; i < 5; i++)
		NOTE(send(c, "abc", 3, MSG_ZEROCOPY));
	note_recv(s, 15, MSG_WAITALL);
	a_moment();
	note_notification(c);
	note_poll("all taken", c, 0);
}

static void zerocopy_nothing(void)
{
	int c, s, one = 1;

	make_pair(&c, &s);
	setsockopt(c, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one));
	NOTE(send(c, "", 0, MSG_ZEROCOPY));
	note_poll("none", c, 0);
	fcntl(c, F_SETFL, O_NONBLOCK);
	fill(c);
	NOTE(send(c, "x", 1, MSG_ZEROCOPY));
	shutdown(c, SHUT_WR);
	NOTE(send(c, "x", 1, MSG_ZEROCOPY | MSG_NOSIGNAL));
	note_poll("none", c, 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(sendfile_large),
	SCENARIO(sendfile_nonblocking),
	SCENARIO(sendfile_with_more),
	SCENARIO(sendfile_after_shutdown),
	SCENARIO(splice_through),
	SCENARIO(splice_socket_to_socket),
	SCENARIO(splice_flags),
	SCENARIO(splice_nonblocking_writer),
	SCENARIO(splice_full_pipe),
	SCENARIO(splice_ends),
	SCENARIO(splice_stops_at_urgent),
	SCENARIO(splice_unconnected),
	SCENARIO(teed),
	SCENARIO(tee_socket),
	SCENARIO(vmspliced),
	SCENARIO(vmsplice_out),
	SCENARIO(zerocopy),
	SCENARIO(zerocopy_many),
	SCENARIO(zerocopy_nothing),
};

ORACLE_MAIN(scenarios)
