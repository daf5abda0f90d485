/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the test programs share: sockets of each kind, addresses, time, a
 * pattern to fill streams with, and KTAP output.
 */
#ifndef SMCTEST_H
#define SMCTEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef AF_SMC
#define AF_SMC 43
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#ifndef IPPROTO_SMC
#define IPPROTO_SMC 256
#endif

/* The ways to a stream socket, by TCP or SMC. */
enum st_kind { ST_TCP, ST_SMC, ST_ULP, ST_IPPROTO };

static inline enum st_kind st_parse_kind(const char *name)
{
	if (!strcmp(name, "tcp"))
		return ST_TCP;
	if (!strcmp(name, "af_smc"))
		return ST_SMC;
	if (!strcmp(name, "ulp"))
		return ST_ULP;
	if (!strcmp(name, "ipproto"))
		return ST_IPPROTO;
	errx(2, "-A %s: one of tcp, af_smc, ulp, ipproto is needed", name);
}

/* A stream socket; @family is AF_INET or AF_INET6. -1 and errno on failure. */
static inline int st_try_socket(enum st_kind kind, int family, int flags)
{
	int fd, saved;

	if (kind == ST_SMC)
		return socket(AF_SMC, SOCK_STREAM | flags, family == AF_INET6);
	if (kind == ST_IPPROTO)
		return socket(family, SOCK_STREAM | flags, IPPROTO_SMC);
	fd = socket(family, SOCK_STREAM | flags, 0);
	if (fd >= 0 && kind == ST_ULP &&
	    setsockopt(fd, SOL_TCP, TCP_ULP, "smc", 3)) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static inline int st_socket(enum st_kind kind, int family, int flags)
{
	int fd = st_try_socket(kind, family, flags);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

struct st_addr {
	struct sockaddr_storage ss;
	socklen_t len;
};

static inline struct sockaddr *st_sa(struct st_addr *addr)
{
	return (struct sockaddr *)&addr->ss;
}

/* @host NULL: any address. */
static inline struct st_addr st_resolve(const char *host, const char *port,
					int family)
{
	struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = host ? 0 : AI_PASSIVE,
	};
	struct addrinfo *info;
	struct st_addr addr = { 0 };
	int rc = getaddrinfo(host, port, &hints, &info);

	if (rc)
		errx(2, "%s port %s: %s", host ?: "any", port, gai_strerror(rc));
	memcpy(&addr.ss, info->ai_addr, info->ai_addrlen);
	addr.len = info->ai_addrlen;
	freeaddrinfo(info);
	return addr;
}

static inline int st_listen(enum st_kind kind, struct st_addr *addr,
			    int backlog)
{
	int fd = st_socket(kind, addr->ss.ss_family, SOCK_CLOEXEC);
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		err(1, "SO_REUSEADDR");
	if (bind(fd, st_sa(addr), addr->len))
		err(1, "bind");
	if (listen(fd, backlog))
		err(1, "listen");
	return fd;
}

/*
 * Connect, again and again until somebody listens there; @prepare may set
 * options before.
 */
static inline int st_connect(enum st_kind kind, struct st_addr *addr, int flags,
			     void (*prepare)(int fd))
{
	struct timespec pause = { .tv_nsec = 20000000 };
	int fd, tries;

	for (tries = 0; ; tries++) {
		fd = st_socket(kind, addr->ss.ss_family, SOCK_CLOEXEC | flags);
		if (prepare)
			prepare(fd);
		if (!connect(fd, st_sa(addr), addr->len) ||
		    errno == EINPROGRESS)
			return fd;
		if (errno != ECONNREFUSED || tries > 500)
			err(1, "connect");
		close(fd);
		nanosleep(&pause, NULL);
	}
}

static inline double st_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* xorshift64: the same sequence for the same seed anywhere. */
static inline uint64_t st_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

static inline uint64_t st_seed(uint64_t seed)
{
	return seed * 0x9e3779b97f4a7c15ull + 0x1234567ull;
}

/*
 * The byte at each position of a stream follows from the position and the
 * seed alone, and each eight bytes differ from all others near them: a lost,
 * repeated or moved byte shows.
 */
static inline uint64_t st_word(uint64_t seed, uint64_t index)
{
	uint64_t x = (index + 1) * 0xbf58476d1ce4e5b9ull ^ seed;

	x ^= x >> 31;
	x *= 0x94d049bb133111ebull;
	return x ^ x >> 29;
}

static inline void st_fill(char *buf, size_t len, uint64_t pos, uint64_t seed)
{
	uint64_t word;
	size_t n;

	for (; len; buf += n, pos += n, len -= n) {
		word = st_word(seed, pos / 8);
		n = 8 - pos % 8;
		if (n > len)
			n = len;
		memcpy(buf, (char *)&word + pos % 8, n);
	}
}

/* Position of the first wrong byte, or -1. */
static inline int64_t st_verify(const char *buf, size_t len, uint64_t pos,
				uint64_t seed)
{
	uint64_t word;
	size_t n, i;

	for (; len; buf += n, pos += n, len -= n) {
		word = st_word(seed, pos / 8);
		n = 8 - pos % 8;
		if (n > len)
			n = len;
		if (!memcmp(buf, (char *)&word + pos % 8, n))
			continue;
		for (i = 0; buf[i] == ((char *)&word + pos % 8)[i]; i++)
			;
		return pos + i;
	}
	return -1;
}

#endif /* SMCTEST_H */
