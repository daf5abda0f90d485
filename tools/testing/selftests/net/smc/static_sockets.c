// SPDX-License-Identifier: GPL-2.0
/*
 * static_sockets: a program that nobody can preload
 *
 * Statically linked, and socket() is the system call itself, as in Go.
 *
 *   static_sockets kinds          a word for each kind of socket: what it is
 *   static_sockets talk           a megabyte to itself over 127.0.0.1 and ::1
 *   static_sockets churn FILE     make and close sockets in four threads while
 *                                 there is the file; prints how many were SMC
 *                                 and how many TCP
 *   static_sockets serve PORT     send everybody back what comes
 *   static_sockets ask HOST PORT N
 *                                 N connections, four at a time, with numbers
 *                                 that must come back; counts those that did
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEGABYTE	1048576
#define THREADS		4

static int raw_socket(int domain, int type, int protocol)
{
	return syscall(SYS_socket, domain, type, protocol);
}

/* by its upper-layer protocol */
static const char *kind_of(int fd)
{
	socklen_t len = 16;
	char ulp[17] = "";

	if (getsockopt(fd, SOL_TCP, TCP_ULP, ulp, &len))
		return errno == EOPNOTSUPP || errno == ENOPROTOOPT ? "other" :
								     "error";
	if (!len || !*ulp)
		return "tcp";
	return strcmp(ulp, "smc") ? "error" : "smc";
}

static int kinds(void)
{
	static const struct {
		int domain, type, protocol;
	} ask[] = {
		{ AF_INET, SOCK_STREAM, 0 },
		{ AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		  IPPROTO_TCP },
		{ AF_INET6, SOCK_STREAM, 0 },
		{ AF_INET6, SOCK_STREAM, IPPROTO_TCP },
		{ AF_INET, SOCK_DGRAM, 0 },
		{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
		{ AF_INET, SOCK_RAW, IPPROTO_ICMP },
		{ AF_UNIX, SOCK_STREAM, 0 },
	};
	unsigned int i;
	int fd;

	for (i = 0; i < sizeof(ask) / sizeof(ask[0]); i++) {
		fd = raw_socket(ask[i].domain, ask[i].type, ask[i].protocol);
		printf("%s%s", i ? " " : "", fd < 0 ? "none" : kind_of(fd));
		if (fd >= 0)
			close(fd);
	}
	printf("\n");
	return 0;
}

static void child(int domain, struct sockaddr_storage *addr, socklen_t len)
{
	char buf[65536];
	int fd, n, left = MEGABYTE;

	fd = raw_socket(domain, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (void *)addr, len))
		err(1, "connect");
	memset(buf, 'x', sizeof(buf));
	for (; left; left -= n) {
		n = write(fd, buf, sizeof(buf));
		if (n <= 0)
			err(1, "write");
	}
	exit(0);
}

static void talk_over(int domain)
{
	struct sockaddr_storage addr = { .ss_family = domain };
	int fd, conn, n, status, got = 0;
	socklen_t len = sizeof(addr);
	char buf[65536];

	if (domain == AF_INET)
		((struct sockaddr_in *)&addr)->sin_addr.s_addr =
			htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&addr)->sin6_addr = in6addr_loopback;
	fd = raw_socket(domain, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (void *)&addr, len) || listen(fd, 1) ||
	    getsockname(fd, (void *)&addr, &len))
		err(1, "listen");
	if (!fork())
		child(domain, &addr, len);
	conn = accept(fd, NULL, NULL);
	if (conn < 0)
		err(1, "accept");
	while ((n = read(conn, buf, sizeof(buf))) > 0)
		got += n;
	if (n < 0 || got != MEGABYTE)
		err(1, "read %d bytes", got);
	close(conn);
	close(fd);
	if (wait(&status) < 0 || status)
		errx(1, "child: status %d", status);
}

static int talk(void)
{
	talk_over(AF_INET);
	talk_over(AF_INET6);
	printf("done\n");
	return 0;
}

static const char *churn_file;
static long made[2];	/* TCP, SMC */

static void *churn_thread(void *arg)
{
	long mine[2] = { 0 };
	const char *kind;
	int fd;

	while (!access(churn_file, F_OK)) {
		fd = raw_socket(mine[0] & 1 ? AF_INET : AF_INET6, SOCK_STREAM,
				0);
		if (fd < 0)
			err(1, "socket");
		kind = kind_of(fd);
		if (strcmp(kind, "tcp") && strcmp(kind, "smc"))
			errx(1, "a socket is %s", kind);
		mine[*kind == 's']++;
		close(fd);
	}
	__sync_fetch_and_add(&made[0], mine[0]);
	__sync_fetch_and_add(&made[1], mine[1]);
	return NULL;
}

static int churn(const char *file)
{
	pthread_t t[THREADS];
	int i;

	churn_file = file;
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, churn_thread, NULL))
			errx(1, "pthread_create");
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	printf("smc %ld tcp %ld\n", made[1], made[0]);
	return 0;
}

static void *echo(void *arg)
{
	int fd = (long)arg, n;
	char buf[65536];

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (send(fd, buf, n, MSG_NOSIGNAL) != n)
			break;
	close(fd);
	return NULL;
}

static int serve(const char *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_port = htons(atoi(port)) };
	int fd = raw_socket(AF_INET, SOCK_STREAM, 0);
	pthread_t t;
	long conn;
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (void *)&addr, sizeof(addr)) || listen(fd, 64))
		err(1, "listen");
	while ((conn = accept(fd, NULL, NULL)) >= 0) {
		if (pthread_create(&t, NULL, echo, (void *)conn))
			errx(1, "pthread_create");
		pthread_detach(t);
	}
	err(1, "accept");
}

static struct sockaddr_in ask_whom;
static int ask_left, ask_right, ask_errors;

/* what is at place i of the numbers that connection n sends */
static unsigned int number(int n, int i)
{
	return (n + 1) * 2654435761u + i * 40503u;
}

static int ask_once(int n)
{
	enum { COUNT = MEGABYTE / 16 };
	static __thread unsigned int sent[COUNT], got[COUNT];
	int fd = raw_socket(AF_INET, SOCK_STREAM, 0);
	unsigned int i, len = 0;
	int status = -1;
	ssize_t done;
	char c;

	if (fd < 0)
		return -1;
	if (connect(fd, (void *)&ask_whom, sizeof(ask_whom)))
		goto out;
	for (i = 0; i < COUNT; i++)
		sent[i] = number(n, i);
	/* what is on its way is less than the buffers hold */
	for (i = 0; i < sizeof(sent); i += 16384) {
		if (send(fd, (char *)sent + i, 16384, MSG_NOSIGNAL) != 16384)
			goto out;
		while (len < i + 16384) {
			done = read(fd, (char *)got + len, sizeof(got) - len);
			if (done <= 0)
				goto out;
			len += done;
		}
	}
	/* the end has to come, and nothing before it */
	if (!shutdown(fd, SHUT_WR) && !read(fd, &c, 1) &&
	    !memcmp(sent, got, sizeof(sent)))
		status = 0;
out:
	close(fd);
	return status;
}

static void *ask_thread(void *arg)
{
	int n;

	while ((n = __sync_sub_and_fetch(&ask_left, 1)) >= 0) {
		if (!ask_once(n)) {
			__sync_fetch_and_add(&ask_right, 1);
			continue;
		}
		warn("connection %d", n);
		__sync_fetch_and_add(&ask_errors, 1);
	}
	return NULL;
}

static int ask(char **argv)
{
	pthread_t t[THREADS];
	int i;

	ask_whom.sin_family = AF_INET;
	ask_whom.sin_port = htons(atoi(argv[1]));
	ask_left = atoi(argv[2]);
	if (inet_pton(AF_INET, argv[0], &ask_whom.sin_addr) != 1)
		errx(2, "%s is no IPv4 address", argv[0]);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, ask_thread, NULL))
			errx(1, "pthread_create");
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	printf("right: %d\nerrors: %d\n", ask_right, ask_errors);
	return !!ask_errors;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "kinds"))
		return kinds();
	if (argc == 2 && !strcmp(argv[1], "talk"))
		return talk();
	if (argc == 3 && !strcmp(argv[1], "churn"))
		return churn(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve(argv[2]);
	if (argc == 5 && !strcmp(argv[1], "ask"))
		return ask(argv + 2);
	fprintf(stderr, "usage: %s kinds | talk | churn FILE | serve PORT | ask HOST PORT N\n",
		argv[0]);
	return 2;
}
