// SPDX-License-Identifier: GPL-2.0
/* One socket in many hands: processes, descriptors, threads. As TCP's? */
#include "oracle.h"
#include <pthread.h>
#include <sys/syscall.h>

static void dup_keeps_it_open(void)
{
	int c, s, copy;

	make_pair(&c, &s);
	copy = dup(c);
	NOTE(close(c));
	note_recv(s, 1, MSG_DONTWAIT);
	NOTE(send(copy, "copy", 4, 0));
	note_recv(s, 10, 0);
	NOTE(close(copy));
	note_recv(s, 10, 0);
}

static void dup_over(void)
{
	int a, b, c, d;

	make_pair(&a, &b);
	make_pair(&c, &d);
	NOTE(dup2(a, c) >= 0);
	note_recv(d, 1, 0);
	NOTE(send(c, "other", 5, 0));
	note_recv(b, 10, 0);
}

static void dup_shares_flags(void)
{
	int c, s, copy;

	make_pair(&c, &s);
	copy = fcntl(s, F_DUPFD_CLOEXEC, 100);
	fcntl(copy, F_SETFL, O_NONBLOCK);
	note_recv(s, 1, 0);
	note("flags %x %x", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
	note("flags %x %x", fcntl(copy, F_GETFL), fcntl(copy, F_GETFD));
}

static void shutdown_is_for_all(void)
{
	int c, s, copy;

	make_pair(&c, &s);
	copy = dup(c);
	NOTE(shutdown(copy, SHUT_WR));
	NOTE(send(c, "x", 1, MSG_NOSIGNAL));
	note_recv(s, 1, 0);
}

/* A server that forks for each client, as inetd does. */
static void forking_server(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd, i, status;
	char buf[20];
	ssize_t n;

	if (!fork()) {
		for (i = 0; i < 3; i++) {
			fd = accept(listener, NULL, NULL);
			if (!fork()) {
				close(listener);
				while ((n = read(fd, buf, sizeof(buf))) > 0)
					if (write(fd, buf, n) != n)
						break;
				_exit(0);
			}
			close(fd);
		}
		_exit(0);
	}
	for (i = 0; i < 3; i++) {
		fd = make_client(&addr);
		NOTE(send(fd, "echo", 4, 0));
		note_recv(fd, 10, 0);
		shutdown(fd, SHUT_WR);
		note_recv(fd, 10, 0);
	}
	wait(&status);
	note("status %d", status);
}

/* Several processes in accept() of one listener, as Apache does. */
static void preforked_server(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd, i, sum = 0;
	char byte;

	for (i = 0; i < 3; i++)
		if (!fork()) {
			fd = accept(listener, NULL, NULL);
			send(fd, &"abc"[i], 1, 0);
			_exit(0);
		}
	for (i = 0; i < 3; i++) {
		fd = make_client(&addr);
		NOTE(recv(fd, &byte, 1, 0));
		sum += byte;
	}
	note("each has answered %s", sum == 'a' + 'b' + 'c' ? "once" : "?");
}

static void connected_by_child(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0), status;

	if (!fork())
		_exit(connect(fd, st_sa(&addr), addr.len) ? errno : 0);
	wait(&status);
	note("status %d", status);
	NOTE(send(fd, "by parent", 9, 0));
	note_recv(accept(listener, NULL, NULL), 20, 0);
}

static void execed(void)
{
	int c, s, status;

	make_pair(&c, &s);
	NOTE(send(s, "through cat\n", 12, 0));
	NOTE(shutdown(s, SHUT_WR));
	if (!fork()) {
		dup2(c, 0);
		dup2(c, 1);
		execl("/bin/cat", "cat", NULL);
		_exit(1);
	}
	close(c);
	note_recv(s, 12, MSG_WAITALL);
	note_recv(s, 12, 0);
	wait(&status);
	note("status %d", status);
}

static void close_on_exec(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(SOCK_CLOEXEC);
	int server, status;

	NOTE(connect(fd, st_sa(&addr), addr.len));
	server = accept(listener, NULL, NULL);
	if (!fork()) {
		close(server);
		execl("/bin/sleep", "sleep", "0.4", NULL);
		_exit(1);
	}
	a_moment();
	NOTE(close(fd));
	note_recv(server, 1, 0);
	wait(&status);
	note("status %d", status);
}

/* --- passing ------------------------------------------------------------------- */

static void pass(int un, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	NOTE(sendmsg(un, &msg, 0));
}

static int take(int un)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(un, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

static void passed_connection(void)
{
	int c, s, un[2], status;

	make_pair(&c, &s);
	socketpair(AF_UNIX, SOCK_STREAM, 0, un);
	if (!fork()) {
		close(c);
		close(s);
		send(take(un[1]), "from afar", 9, 0);
		_exit(0);
	}
	pass(un[0], c);
	close(c);
	note_recv(s, 20, MSG_WAITALL);
	wait(&status);
}

static void passed_listener(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), un[2], fd;

	socketpair(AF_UNIX, SOCK_STREAM, 0, un);
	pass(un[0], listener);
	close(listener);
	fd = make_socket(SOCK_NONBLOCK);
	connect(fd, st_sa(&addr), addr.len);
	listener = take(un[1]);
	NOTE_OK(accept(listener, NULL, NULL));
	note_poll("client", fd, POLLOUT);
}

/* Nobody takes what was passed: it closes with the last reference. */
static void passed_and_forgotten(void)
{
	int c, s, un[2];

	make_pair(&c, &s);
	socketpair(AF_UNIX, SOCK_STREAM, 0, un);
	pass(un[0], c);
	close(c);
	note_recv(s, 1, MSG_DONTWAIT);
	close(un[0]);
	close(un[1]);
	note_recv(s, 1, 0);
}

static void fetched_by_pidfd(void)
{
	int c, s, pidfd, fd;

	make_pair(&c, &s);
	pidfd = syscall(__NR_pidfd_open, getpid(), 0);
	fd = syscall(__NR_pidfd_getfd, pidfd, c, 0);
	NOTE_OK(fd);
	NOTE(send(fd, "fetched", 7, 0));
	note_recv(s, 10, 0);
}

static void opened_by_proc(void)
{
	char path[40];
	int c, s;

	make_pair(&c, &s);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", c);
	NOTE(open(path, O_RDWR));
}

/* --- threads -------------------------------------------------------------------- */

static void *reader(void *arg)
{
	char byte;
	long sum = 0;

	while (recv(*(int *)arg, &byte, 1, 0) > 0)
		sum++;
	return (void *)sum;
}

static void many_readers(void)
{
	pthread_t threads[4];
	int c, s, i;
	long sum = 0;
	void *got;

	make_pair(&c, &s);
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, reader, &s);
	for (i = 0; i < 200; i++)
		send(c, "xyz", 3, 0);
	shutdown(c, SHUT_WR);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &got);
		sum += (long)got;
	}
	note("%ld bytes", sum);
}

static void *writer(void *arg)
{
	char block[1000];
	int i;

	memset(block, 'w', sizeof(block));
	for (i = 0; i < 50; i++)
		if (send(*(int *)arg, block, sizeof(block), 0) !=
		    sizeof(block))
			return NULL;
	return arg;
}

static void many_writers(void)
{
	pthread_t threads[4];
	int c, s, i, wrong = 0;
	void *good;

	make_pair(&c, &s);
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, writer, &c);
	LATER(close(s); usleep(100000));
	for (i = 0; i < 200; i++) {
		char block[1000];

		if (recv(s, block, 1000, MSG_WAITALL) != 1000)
			wrong++;
	}
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &good);
		wrong += !good;
	}
	note("%d wrong", wrong);
}

/* All blocked readers and the writer hear of a shutdown(). */
static void shutdown_wakes_all(void)
{
	pthread_t threads[3];
	int c, s, i;
	void *got;

	make_pair(&c, &s);
	fill(c);
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, reader, &c);
	on_signal(SIGPIPE, 0);
	pthread_create(&threads[2], NULL, writer, &c);
	usleep(200000);
	NOTE(shutdown(c, SHUT_RDWR));
	for (i = 0; i < 3; i++) {
		pthread_join(threads[i], &got);
		note("thread %d: %s", i, got ? "got some" : "none");
	}
}

static void *polling_thread(void *arg)
{
	return (void *)(long)poll_now(*(int *)arg, ALL_EVENTS & ~POLLOUT,
				      5000);
}

static void shutdown_wakes_poll(void)
{
	pthread_t thread;
	void *mask;
	int c, s;

	make_pair(&c, &s);
	pthread_create(&thread, NULL, polling_thread, &c);
	usleep(200000);
	NOTE(shutdown(c, SHUT_RDWR));
	pthread_join(thread, &mask);
	note_mask("poll", (long)mask);
}

static void *accepting_thread(void *arg)
{
	int fd = accept(*(int *)arg, NULL, NULL);

	return (void *)(long)(fd < 0 ? errno : 0);
}

static void shutdown_wakes_accept(void)
{
	pthread_t threads[2];
	struct st_addr addr;
	int listener = make_listener(&addr), i;
	void *error;

	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, accepting_thread, &listener);
	usleep(200000);
	NOTE(shutdown(listener, SHUT_RDWR));
	for (i = 0; i < 2; i++) {
		pthread_join(threads[i], &error);
		note("accept: %s", strerrorname_np((long)error));
	}
}

static void *connecting_thread(void *arg)
{
	struct st_addr *addr = arg;
	int fd = st_socket(env.kind, env.family, 0);

	return (void *)(long)connect(fd, st_sa(addr), addr->len);
}

struct shared_connect {
	struct st_addr addr;
	int fd;
};

static void *shared_connecting_thread(void *arg)
{
	struct shared_connect *s = arg;

	/* who comes too late is told so */
	return (void *)(long)(connect(s->fd, st_sa(&s->addr), s->addr.len) &&
			      errno != EISCONN);
}

/* blocking: both wait for the same end */
static void one_connects_twice_at_once(void)
{
	struct shared_connect s;
	int listener = make_listener(&s.addr), i, round, wrong = 0;
	pthread_t threads[2];
	void *bad;

	for (round = 0; round < 8; round++) {
		s.fd = make_socket(0);
		for (i = 0; i < 2; i++)
			pthread_create(&threads[i], NULL,
				       shared_connecting_thread, &s);
		wrong += accept(listener, NULL, NULL) < 0;
		for (i = 0; i < 2; i++) {
			pthread_join(threads[i], &bad);
			wrong += !!bad;
		}
		wrong += send(s.fd, "x", 1, MSG_NOSIGNAL) != 1;
	}
	note("%d wrong", wrong);
}

static void many_connect_at_once(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), i, wrong = 0;
	pthread_t threads[8];
	void *bad;

	for (i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, connecting_thread, &addr);
	for (i = 0; i < 8; i++)
		wrong += accept(listener, NULL, NULL) < 0;
	for (i = 0; i < 8; i++) {
		pthread_join(threads[i], &bad);
		wrong += !!bad;
	}
	note("%d wrong", wrong);
}

/* Reading, writing and closing the same connection, again and again. */
static void read_write_close_races(void)
{
	pthread_t threads[2];
	int c, s, i;
	void *got;

	on_signal(SIGPIPE, 0);
	for (i = 0; i < 10; i++) {
		make_pair(&c, &s);
		pthread_create(&threads[0], NULL, reader, &s);
		pthread_create(&threads[1], NULL, writer, &c);
		if (i % 2)
			usleep(i * 500);
		shutdown(c, SHUT_RDWR);
		shutdown(s, SHUT_RDWR);
		pthread_join(threads[0], &got);
		pthread_join(threads[1], &got);
		close(c);
		close(s);
	}
	note("over");
}

static const struct scenario scenarios[] = {
	SCENARIO(dup_keeps_it_open),
	SCENARIO(dup_over),
	SCENARIO(dup_shares_flags),
	SCENARIO(shutdown_is_for_all),
	SCENARIO(forking_server),
	SCENARIO(preforked_server),
	SCENARIO(connected_by_child),
	SCENARIO(execed),
	SCENARIO(close_on_exec),
	SCENARIO(passed_connection),
	SCENARIO(passed_listener),
	SCENARIO(passed_and_forgotten),
	SCENARIO(fetched_by_pidfd),
	SCENARIO(opened_by_proc),
	SCENARIO(many_readers),
	SCENARIO(many_writers),
	SCENARIO(shutdown_wakes_all),
	SCENARIO(shutdown_wakes_poll),
	SCENARIO(shutdown_wakes_accept),
	SCENARIO(many_connect_at_once),
	SCENARIO(one_connects_twice_at_once),
	SCENARIO(read_write_close_races),
};

ORACLE_MAIN(scenarios)
