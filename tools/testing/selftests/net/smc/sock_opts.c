// SPDX-License-Identifier: GPL-2.0
/* Options, flags and calls that sockets refuse: same as TCP's? */
#include "oracle.h"
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

static void note_option(const char *name, int fd, int level, int opt)
{
	int value = -12345;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, opt, &value, &len))
		note("%s: %s", name, strerrorname_np(errno));
	else
		note("%s: %d, %d bytes", name, value, len);
}

/* Set and read back. */
static void set_option(const char *name, int fd, int level, int opt, int value)
{
	note_result(name, setsockopt(fd, level, opt, &value, sizeof(value)));
	note_option(name, fd, level, opt);
}

#define GET(fd, level, opt) note_option(#opt, fd, level, opt)
#define SET(fd, level, opt, value) set_option(#opt, fd, level, opt, value)

static void socket_flags(void)
{
	int fd = make_socket(SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct stat st;

	note("flags %x %x", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	fd = make_socket(0);
	note("flags %x %x", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	fstat(fd, &st);
	note("mode %o size %ld", st.st_mode, (long)st.st_size);
	NOTE(lseek(fd, 0, SEEK_SET));
}

static void identity(void)
{
	int c, s;

	make_pair(&c, &s);
	GET(c, SOL_SOCKET, SO_TYPE);
	GET(c, SOL_SOCKET, SO_DOMAIN);
	GET(c, SOL_SOCKET, SO_PROTOCOL);
	GET(c, SOL_SOCKET, SO_ACCEPTCONN);
	GET(s, SOL_SOCKET, SO_TYPE);
	GET(s, SOL_SOCKET, SO_DOMAIN);
	GET(s, SOL_SOCKET, SO_PROTOCOL);
}

static void socket_options(int fd)
{
	SET(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	SET(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	SET(fd, SOL_SOCKET, SO_SNDBUF, 30000);
	SET(fd, SOL_SOCKET, SO_RCVBUF, 30000);
	SET(fd, SOL_SOCKET, SO_PRIORITY, 3);
	SET(fd, SOL_SOCKET, SO_MARK, 5);
	SET(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	SET(fd, SOL_SOCKET, SO_RCVLOWAT, 3);
	SET(fd, SOL_SOCKET, SO_BUSY_POLL, 10);
	SET(fd, SOL_SOCKET, SO_TIMESTAMP, 1);
	GET(fd, SOL_SOCKET, SO_ERROR);
	GET(fd, SOL_SOCKET, 9999);
}

static void options_of_sockets(void)
{
	int c, s;

	socket_options(make_socket(0));
	make_pair(&c, &s);
	socket_options(c);
	socket_options(s);
}

static void options_of_tcp(void)
{
	int c, s;

	make_pair(&c, &s);
	SET(c, SOL_TCP, TCP_NODELAY, 1);
	SET(c, SOL_TCP, TCP_CORK, 1);
	SET(c, SOL_TCP, TCP_CORK, 0);
	SET(c, SOL_TCP, TCP_KEEPIDLE, 77);
	SET(c, SOL_TCP, TCP_KEEPINTVL, 7);
	SET(c, SOL_TCP, TCP_KEEPCNT, 5);
	SET(c, SOL_TCP, TCP_USER_TIMEOUT, 5000);
	SET(c, SOL_TCP, TCP_QUICKACK, 1);
	SET(c, SOL_TCP, TCP_LINGER2, 5);
	SET(c, SOL_TCP, TCP_SYNCNT, 3);
	SET(c, SOL_TCP, TCP_NOTSENT_LOWAT, 5);
	SET(make_socket(0), SOL_TCP, TCP_MAXSEG, 700);
	SET(make_socket(0), SOL_TCP, TCP_DEFER_ACCEPT, 3);
	SET(make_socket(0), SOL_TCP, TCP_NODELAY, 1);
	SET(c, SOL_TCP, 9999, 1);
}

static void options_of_ip(void)
{
	int c, s;

	make_pair(&c, &s);
	if (env.family == AF_INET6) {
		SET(c, SOL_IPV6, IPV6_UNICAST_HOPS, 9);
		SET(c, SOL_IPV6, IPV6_TCLASS, 0x10);
		SET(make_socket(0), SOL_IPV6, IPV6_V6ONLY, 1);
		GET(c, SOL_IPV6, IPV6_MTU);
	}
	SET(c, SOL_IP, IP_TTL, 9);
	SET(c, SOL_IP, IP_TOS, 0x10);
	SET(make_socket(0), SOL_IP, IP_TRANSPARENT, 1);
	SET(make_socket(0), SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	GET(c, SOL_IP, 9999);
	SET(c, 9999, 1, 1);
}

static void option_errors(void)
{
	int fd = make_socket(0), value = 1;
	char text[40] = "";
	socklen_t len;

	NOTE(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, 2));
	NOTE(setsockopt(fd, SOL_TCP, TCP_NODELAY, &value, 2));
	NOTE(setsockopt(fd, SOL_TCP, TCP_NODELAY, NULL, 4));
	NOTE(setsockopt(fd, SOL_TCP, TCP_NODELAY, &value, -1));
	len = 1;
	NOTE(getsockopt(fd, SOL_TCP, TCP_NODELAY, &value, &len));
	len = -1;
	NOTE(getsockopt(fd, SOL_TCP, TCP_NODELAY, &value, &len));
	NOTE(getsockopt(fd, SOL_TCP, TCP_NODELAY, &value, NULL));
	GET(fd, SOL_TCP, TCP_NODELAY);
	NOTE(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno", 4));
	len = sizeof(text);
	NOTE(getsockopt(fd, SOL_TCP, TCP_CONGESTION, text, &len));
	note("'%s'", text);
	NOTE(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "none such", 9));
}

static void tcp_info(void)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);
	int c, s, fd = make_socket(0);
	struct st_addr addr;

	NOTE(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len) < 0);
	note("state %d", info.tcpi_state);
	fd = make_listener(&addr);
	NOTE(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len) < 0);
	note("state %d", info.tcpi_state);
	make_pair(&c, &s);
	NOTE(getsockopt(c, SOL_TCP, TCP_INFO, &info, &len) < 0);
	note("state %d", info.tcpi_state);
}

static void timeouts_read_back(void)
{
	struct timeval tv = { 2, 500000 }, back = { 0, 0 }, bad = { 0, 1000001 };
	socklen_t len = sizeof(back);
	int fd = make_socket(0);

	NOTE(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	NOTE(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &back, &len));
	note("%ld.%06ld", (long)back.tv_sec, (long)back.tv_usec);
	NOTE(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bad, sizeof(bad)));
	NOTE(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, 4));
}

static void linger_reads_back(void)
{
	struct linger linger = { 1, 7 }, back = { 0, 0 };
	socklen_t len = sizeof(back);
	int fd = make_socket(0);

	NOTE(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	NOTE(getsockopt(fd, SOL_SOCKET, SO_LINGER, &back, &len));
	note("%d %d", back.l_onoff, back.l_linger);
}

static void nonblocking_by_ioctl(void)
{
	int c, s, on = 1, off = 0;

	make_pair(&c, &s);
	NOTE(ioctl(s, FIONBIO, &on));
	note("flags %x", fcntl(s, F_GETFL));
	note_recv(s, 1, 0);
	NOTE(ioctl(s, FIONBIO, &off));
	note("flags %x", fcntl(s, F_GETFL));
	set_timeout(s, SO_RCVTIMEO, 100);
	note_recv(s, 1, 0);
}

static void other_ioctls(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = make_socket(0);

	NOTE(ioctl(fd, SIOCGIFINDEX, &ifr) >= 0);
	NOTE(ioctl(fd, SIOCGIFFLAGS, &ifr));
	NOTE(ioctl(fd, 0x12345678, &ifr));
	NOTE(ioctl(fd, SIOCINQ, NULL));
}

static void no_pair(void)
{
	int pair[2];
	int family = env.kind == ST_SMC ? AF_SMC : env.family;

	NOTE(socketpair(family, SOCK_STREAM, 0, pair));
}

static void no_mapping(void)
{
	int c, s;

	make_pair(&c, &s);
	note("mmap: %s", mmap(NULL, 4096, PROT_READ, MAP_SHARED,
			      make_socket(0), 0) == MAP_FAILED ?
	     strerrorname_np(errno) : "mapped");
}

static void no_positions(void)
{
	int c, s;
	char buf[4];

	make_pair(&c, &s);
	NOTE(pread(c, buf, 4, 0));
	NOTE(pwrite(c, "x", 1, 5));
	NOTE(fsync(c));
	NOTE(ftruncate(c, 0));
}

static void options_after_close_of_peer(void)
{
	int c, s;

	make_pair(&c, &s);
	close(s);
	a_moment();
	SET(c, SOL_TCP, TCP_NODELAY, 1);
	SET(c, SOL_SOCKET, SO_KEEPALIVE, 1);
	GET(c, SOL_SOCKET, SO_ERROR);
}

/* A v4 client of a v6 listener, and a v4 address on a v6 socket. */
static void mapped_addresses(void)
{
	struct st_addr any = st_resolve("::", "0", AF_INET6);
	struct st_addr four = st_resolve("127.0.0.1", "0", AF_INET), peer;
	int listener = st_listen(env.listener, &any, 5), client, server;

	env.family = AF_INET;
	any = name_of(listener);
	((struct sockaddr_in *)&four.ss)->sin_port =
		((struct sockaddr_in6 *)&any.ss)->sin6_port;
	client = make_client(&four);
	peer.len = sizeof(peer.ss);
	server = NOTE_OK(accept(listener, st_sa(&peer), &peer.len));
	note("family %d, mapped %d", peer.ss.ss_family, IN6_IS_ADDR_V4MAPPED(
		&((struct sockaddr_in6 *)&peer.ss)->sin6_addr));
	NOTE(send(client, "4 to 6", 6, 0));
	note_recv(server, 10, 0);
	env.family = AF_INET6;
	any = st_resolve("::ffff:127.0.0.1", "0", AF_INET6);
	((struct sockaddr_in6 *)&any.ss)->sin6_port =
		((struct sockaddr_in *)&four.ss)->sin_port;
	client = make_client(&any);
	server = NOTE_OK(accept(listener, NULL, NULL));
	NOTE(send(client, "mapped", 6, 0));
	note_recv(server, 10, 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(socket_flags),
	SCENARIO(identity),
	SCENARIO(options_of_sockets),
	SCENARIO(options_of_tcp),
	SCENARIO(options_of_ip),
	SCENARIO(option_errors),
	SCENARIO(tcp_info),
	SCENARIO(timeouts_read_back),
	SCENARIO(linger_reads_back),
	SCENARIO(nonblocking_by_ioctl),
	SCENARIO(other_ioctls),
	SCENARIO(no_pair),
	SCENARIO(no_mapping),
	SCENARIO(no_positions),
	SCENARIO(options_after_close_of_peer),
	SCENARIO(mapped_addresses),
};

ORACLE_MAIN(scenarios)
