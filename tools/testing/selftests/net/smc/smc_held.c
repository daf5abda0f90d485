// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that a program keeps locked while their handshakes want to go on.
 *
 *   smc_held COUNT SILENT-PORT PORT	all on 127.0.0.1
 *
 * COUNT connections are made to an SMC server that says nothing. Once they wait
 * for it, a thread each sets an option whose value lies in a page that is not
 * there: the kernel waits for the page, with the socket locked. When the time
 * of the handshakes is over, another connection is made to PORT. Prints how
 * many sockets were held and whether that one was made "at once" or "late".
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

int main(int argc, char **argv)
{
	int count = argc == 4 ? atoi(argv[1]) : 0, i, fd, uffd;
	struct st_addr addr;
	double start;

	if (count < 1)
		errx(1, "usage: smc_held COUNT SILENT-PORT PORT");
	uffd = page_out();
	int *fds = calloc(count, sizeof(*fds));

	for (i = 0; i < count; i++)
		fds[i] = begin(argv[2]);
	start = st_now();
	sleep(2);	/* all are connected, and have sent their Proposal */
	for (i = 0; i < count; i++)
		start_holder(fds[i]);
	while (st_now() - start < ACCEPT_TIMEOUT + 2)
		usleep(100000);
	printf("%d held, ", held - let_go);

	addr = st_resolve("127.0.0.1", argv[3], AF_INET);
	fd = st_socket(ST_SMC, AF_INET, SOCK_CLOEXEC);
	start = st_now();
	if (connect(fd, st_sa(&addr), addr.len) || send(fd, "x", 1, 0) != 1)
		err(1, "connect to %s", argv[3]);
	puts(st_now() - start < AT_ONCE ? "at once" : "late");

	page_in(uffd);
	while (let_go < held)
		usleep(10000);
	return 0;
}
