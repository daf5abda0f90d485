// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that a program keeps locked while the module wants to go on.
 *
 *   smc_held WHAT COUNT SILENT-PORT PORT	all on 127.0.0.1
 *
 * A thread each sets an option of COUNT sockets whose value lies in a page that
 * is not there: the kernel waits for the page, with the socket locked. WHAT:
 *
 *   clients	of SILENT-PORT, whose server says nothing: their time is over
 *   listeners	somebody comes to each
 *
 * Meanwhile another connection is made to PORT. Prints how many sockets were
 * held and whether that one was made "at once" or "late".
 */
#include "smctest.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define ACCEPT_TIMEOUT	10	/* of a client, in seconds */
#define AT_ONCE		3

static struct sock_fprog filter = { .len = 1 };
static atomic_int held, let_go;

/* a page that comes when page_in() says so */
static int page_out(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	void *page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	reg.range.start = (unsigned long)page;
	reg.range.len = getpagesize();
	if (fd < 0 || page == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &reg))
		err(1, "userfaultfd");
	filter.filter = page;
	return fd;
}

static void page_in(int uffd)
{
	struct uffdio_zeropage zero = {
		.range.start = (unsigned long)filter.filter,
		.range.len = getpagesize(),
	};

	if (ioctl(uffd, UFFDIO_ZEROPAGE, &zero))
		err(1, "UFFDIO_ZEROPAGE");
}

static void *hold(void *arg)
{
	int fd = (long)arg;

	held++;
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
	let_go++;
	return NULL;
}

static int begin(const char *port)
{
	struct st_addr addr = st_resolve("127.0.0.1", port, AF_INET);
	int fd = st_socket(ST_SMC, AF_INET, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (!connect(fd, st_sa(&addr), addr.len) || errno != EINPROGRESS)
		err(1, "connect to %s", port);
	return fd;
}

static void start_holder(long fd)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	errno = pthread_create(&thread, &attr, hold, (void *)fd);
	if (errno)
		err(1, "pthread_create");
	pthread_detach(thread);
}

static void hold_all(const int *fds, int count)
{
	int i;

	for (i = 0; i < count; i++)
		start_holder(fds[i]);
	sleep(1);
}

/* clients whose server says nothing, when their time is over */
static void hold_clients(int *fds, int count, const char *port)
{
	double start = st_now();
	int i;

	for (i = 0; i < count; i++)
		fds[i] = begin(port);
	sleep(2);	/* all are connected, and have sent their Proposal */
	hold_all(fds, count);
	while (st_now() - start < ACCEPT_TIMEOUT + 2)
		usleep(100000);
}

static int listen_anywhere(struct st_addr *addr)
{
	int fd;

	*addr = st_resolve("127.0.0.1", "0", AF_INET);
	fd = st_listen(ST_SMC, addr, 16);
	if (getsockname(fd, (void *)&addr->ss, &addr->len))
		err(1, "getsockname");
	return fd;
}

/* listeners to each of which a client comes */
static void hold_listeners(int *fds, int count)
{
	struct st_addr *addrs = calloc(count, sizeof(*addrs));
	char port[8];
	int i;

	for (i = 0; i < count; i++)
		fds[i] = listen_anywhere(&addrs[i]);
	hold_all(fds, count);
	for (i = 0; i < count; i++) {
		snprintf(port, sizeof(port), "%d", ntohs(
			 ((struct sockaddr_in *)&addrs[i].ss)->sin_port));
		begin(port);
	}
	sleep(1);
}

/* the silent server has the same address */
static void forget_peers(void)
{
	int fd = open("/proc/net/smc_peers", O_WRONLY);

	if (fd < 0 || write(fd, "flush", 5) != 5)
		err(1, "smc_peers");
	close(fd);
}

static void one_more(const char *port)
{
	struct st_addr addr = st_resolve("127.0.0.1", port, AF_INET);
	int fd = st_socket(ST_SMC, AF_INET, SOCK_CLOEXEC);

	if (connect(fd, st_sa(&addr), addr.len) || send(fd, "x", 1, 0) != 1)
		err(1, "connect to %s", port);
}

int main(int argc, char **argv)
{
	int count = argc == 5 ? atoi(argv[2]) : 0, uffd, *fds;
	const char *what = argv[1];
	double start;

	if (count < 1)
		errx(1, "usage: smc_held WHAT COUNT SILENT-PORT PORT");
	forget_peers();
	uffd = page_out();
	fds = calloc(count, sizeof(*fds));
	if (!strcmp(what, "listeners"))
		hold_listeners(fds, count);
	else
		hold_clients(fds, count, argv[3]);
	printf("%d held, ", held - let_go);
	forget_peers();
	start = st_now();
	one_more(argv[4]);
	puts(st_now() - start < AT_ONCE ? "at once" : "late");

	page_in(uffd);
	while (let_go < held)
		usleep(10000);
	return 0;
}
