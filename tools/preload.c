// SPDX-License-Identifier: GPL-2.0
/*
 * libsmc-preload.so: TCP sockets become SMC sockets
 *
 * Preloaded by smc_run(8).  The one function replaced is socket(2): a stream
 * socket of AF_INET or AF_INET6 is created as an SMC socket, with the same
 * flags.  Everything else is passed through, and where SMC cannot be had the
 * program gets the TCP socket that it asked for.
 *
 * What is looked up once, the environment and the next socket(), is the same
 * whoever looks it up first.  So any thread may come first.
 *
 * Environment:
 *   SMC_DEBUG    anything but empty or 0: one line on stderr for each socket
 *   SMC_SNDBUF   send buffer size in bytes, K and M for KiB and MiB
 *   SMC_RCVBUF   receive buffer size, likewise
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AF_SMC
#define AF_SMC 43
#endif
#define SMCPROTO_SMC	0	/* over IPv4 */
#define SMCPROTO_SMC6	1	/* over IPv6 */
#ifndef IPPROTO_SMC
#define IPPROTO_SMC	256	/* an int, not one of enum in <netinet/in.h> */
#endif

typedef int socket_fn(int domain, int type, int protocol);

static int raw_socket(int domain, int type, int protocol)
{
	return syscall(SYS_socket, domain, type, protocol);
}

/* The socket() of the next library: libc's, or that of another preload. */
static socket_fn *next_socket(void)
{
	static _Atomic(socket_fn *) next;
	socket_fn *fn = atomic_load_explicit(&next, memory_order_relaxed);

	if (!fn) {
		*(void **)&fn = dlsym(RTLD_NEXT, "socket");
		if (!fn)
			fn = raw_socket;
		atomic_store_explicit(&next, fn, memory_order_relaxed);
	}
	return fn;
}

enum setting { SET_DEBUG, SET_SNDBUF, SET_RCVBUF, NR_SETTINGS };

static _Atomic(const char *) values[NR_SETTINGS];

/* Is there any setting? Reads the environment, the first time. */
static bool any_setting(void)
{
	static const char * const names[NR_SETTINGS] = {
		[SET_DEBUG] = "SMC_DEBUG",
		[SET_SNDBUF] = "SMC_SNDBUF",
		[SET_RCVBUF] = "SMC_RCVBUF",
	};
	static atomic_int known;	/* 1: there is none, 2: there is */
	int i, state = atomic_load_explicit(&known, memory_order_acquire);

	if (!state) {
		state = 1;
		for (i = 0; i < NR_SETTINGS; i++) {
			const char *val = getenv(names[i]);

			if (!val || !*val)
				continue;
			values[i] = val;
			state = 2;
		}
		atomic_store_explicit(&known, state, memory_order_release);
	}
	return state == 2;
}

/* NULL: not set, or empty; the program's own changes come too late */
static const char *setting(enum setting which)
{
	return any_setting() ? values[which] : NULL;
}

static bool debugging(void)
{
	const char *val = setting(SET_DEBUG);

	return val && strcmp(val, "0");
}

/* One write(2) a line, so that lines of several threads stay whole. */
__attribute__((format(printf, 1, 2)))
static void debug(const char *fmt, ...)
{
	char line[256];
	va_list args;
	int len, n;

	if (!debugging())
		return;
	len = snprintf(line, sizeof(line), "libsmc-preload[%d]: ", getpid());
	va_start(args, fmt);
	n = vsnprintf(line + len, sizeof(line) - len - 1, fmt, args);
	va_end(args);
	if (n < 0)
		return;
	len = strlen(line);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

static bool is_tcp(int domain, int type, int protocol)
{
	return (domain == AF_INET || domain == AF_INET6) &&
	       (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM &&
	       (protocol == 0 || protocol == IPPROTO_TCP);
}

/* The size in bytes that @text says; 0 if it says none. */
static int parse_size(const char *text)
{
	unsigned long long size;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	size = strtoull(text, &end, 10);
	if (size > INT_MAX)
		return 0;
	if (*end == 'k' || *end == 'K') {
		size <<= 10;
		end++;
	} else if (*end == 'm' || *end == 'M') {
		size <<= 20;
		end++;
	}
	return *end || size > INT_MAX ? 0 : size;
}

/* Beyond the sysctl limit only where the program's privileges allow it. */
static void set_buffer(int fd, enum setting which, int opt, int force_opt)
{
	const char *val = setting(which);
	int size;

	if (!val)
		return;
	size = parse_size(val);
	if (!size)
		debug("%s is no buffer size, ignored", val);
	else if (setsockopt(fd, SOL_SOCKET, force_opt, &size, sizeof(size)) &&
		 setsockopt(fd, SOL_SOCKET, opt, &size, sizeof(size)))
		debug("fd %d: buffer size %s refused: %m", fd, val);
}

/*
 * By IPPROTO_SMC, which costs no more than a TCP socket; older modules have
 * AF_SMC only, and are not asked for the other again.
 */
static int smc_socket(int domain, int type)
{
	static atomic_bool no_ipproto;
	int fd;

	if (!atomic_load_explicit(&no_ipproto, memory_order_relaxed)) {
		fd = next_socket()(domain, type, IPPROTO_SMC);
		if (fd >= 0 || (errno != EPROTONOSUPPORT && errno != EINVAL))
			return fd;
		atomic_store_explicit(&no_ipproto, true, memory_order_relaxed);
	}
	return next_socket()(AF_SMC, type, domain == AF_INET6 ? SMCPROTO_SMC6 :
								SMCPROTO_SMC);
}

/* what the environment asks for besides */
static void apply_settings(int fd, const char *ip)
{
	set_buffer(fd, SET_SNDBUF, SO_SNDBUF, SO_SNDBUFFORCE);
	set_buffer(fd, SET_RCVBUF, SO_RCVBUF, SO_RCVBUFFORCE);
	debug("%s stream socket: SMC, fd %d", ip, fd);
}

__attribute__((visibility("default")))
int socket(int domain, int type, int protocol)
{
	const char *ip = domain == AF_INET6 ? "IPv6" : "IPv4";
	int fd, saved = errno;

	if (!is_tcp(domain, type, protocol))
		return next_socket()(domain, type, protocol);

	fd = smc_socket(domain, type);
	if (fd < 0) {
		debug("%s stream socket: no SMC (%m), TCP instead", ip);
		errno = saved;
		return next_socket()(domain, type, protocol);
	}
	if (any_setting())
		apply_settings(fd, ip);
	errno = saved;
	return fd;
}
