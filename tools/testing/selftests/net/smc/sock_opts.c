// SPDX-License-Identifier: GPL-2.0
/* Options, flags and calls that sockets refuse: same as TCP's? */
#include "oracle.h"
#include <asm/socket.h>
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
	/* numbers of TCP's options, at other levels */
	SET(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	SET(fd, SOL_IP, IP_TOS, 8);
	GET(fd, SOL_TCP, TCP_DEFER_ACCEPT);
	GET(fd, SOL_TCP, TCP_NODELAY);
}

/* What is refused must not be acted upon: the cork stays. */
static void refused_on_corked(void)
{
	int c, s, value = 1;

	make_pair(&c, &s);
	SET(c, SOL_TCP, TCP_CORK, 1);
	NOTE(send(c, "abc", 3, 0));
	NOTE(setsockopt(c, SOL_TCP, TCP_NODELAY, &value, 2));
	note_mask("nothing yet", poll_now(s, POLLIN, 50));
	SET(c, SOL_TCP, TCP_CORK, 0);
	wait_in(s);
	note_recv(s, 5, 0);
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

#ifdef __x86_64__
#define NR_IOCTL32 54

/* as a program of 32 bits asks */
static long ioctl32(int fd, unsigned int cmd, void *arg)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (NR_IOCTL32), "b" (fd), "c" (cmd), "d" (arg)
		     : "memory", "r8", "r9", "r10", "r11");
	errno = ret < 0 ? -ret : 0;
	return ret < 0 ? -1 : ret;
}

static void ioctls_of_32_bits(void)
{
	int *arg = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int c, s;

	if (access("/proc/sys/abi/vsyscall32", F_OK)) {
		note("this kernel has no such calls");
		return;
	}
	make_pair(&c, &s);
	NOTE(send(c, "abc", 3, 0));
	note_poll("poll", s, POLLIN);
	NOTE(ioctl32(s, SIOCINQ, arg));
	note("%d bytes to read", *arg);
	NOTE(ioctl32(s, SIOCATMARK, arg));
	note("at mark %d", *arg);
	NOTE(ioctl32(c, SIOCOUTQNSD, arg));
	note("%d bytes unsent", *arg);
	memcpy(arg, "lo", sizeof("lo"));
	NOTE(ioctl32(s, SIOCGIFINDEX, arg));
	note("index %d", arg[IFNAMSIZ / sizeof(*arg)]);
	NOTE(ioctl32(s, SIOCINQ, NULL));
	NOTE(ioctl32(s, 0x12345678, arg));
}
#endif

static void other_ioctls(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = make_socket(0);

	NOTE(ioctl(fd, SIOCGIFINDEX, &ifr) >= 0);
	NOTE(ioctl(fd, SIOCGIFFLAGS, &ifr));
	NOTE(ioctl(fd, 0x12345678, &ifr));
	NOTE(ioctl(fd, SIOCINQ, NULL));
}

static void congestion_lengths(void)
{
	static const int lengths[] = { 0, 1, 3, 5, 16, 100 };
	char text[100];
	socklen_t len;
	unsigned int i;
	int fd = make_socket(0);

	NOTE(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "", 0));
	NOTE(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "r", 1));
	NOTE(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno\0xyz", 8));
	NOTE(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno\0............", 17));
	NOTE(setsockopt(fd, SOL_TCP, TCP_CONGESTION, "renoreno", 4));
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		memset(text, 0, sizeof(text));
		len = lengths[i];
		NOTE(getsockopt(fd, SOL_TCP, TCP_CONGESTION, text, &len));
		note("'%s', %d bytes", text, len);
	}
}

/* Options of one byte, and buffers of odd sizes. */
static void odd_lengths(void)
{
	struct tcp_info info;
	struct linger linger = { 1, 3 };
	unsigned char byte = 0x10, bytes[8];
	socklen_t len;
	unsigned int i;
	int c, s;

	make_pair(&c, &s);
	NOTE(setsockopt(c, SOL_IP, IP_TOS, &byte, 1));
	NOTE(setsockopt(c, SOL_IP, IP_TTL, &byte, 1));
	NOTE(setsockopt(c, SOL_IP, IP_TOS, &byte, 0));
	GET(c, SOL_IP, IP_TOS);
	for (i = 0; i < 8; i++) {
		memset(bytes, 0, sizeof(bytes));
		len = i;
		NOTE(getsockopt(c, SOL_IP, IP_TOS, bytes, &len));
		note("%d bytes: %x %x", len, bytes[0], bytes[1]);
		len = i;
		NOTE(getsockopt(c, SOL_SOCKET, SO_KEEPALIVE, bytes, &len));
		note("%d bytes", len);
		len = i;
		NOTE(getsockopt(c, SOL_TCP, TCP_NODELAY, bytes, &len));
		note("%d bytes", len);
		NOTE(setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, i));
	}
	len = 10;
	NOTE(getsockopt(c, SOL_TCP, TCP_INFO, &info, &len));
	note("%d bytes", len);
	len = 0;
	NOTE(getsockopt(c, SOL_TCP, TCP_INFO, &info, &len));
	note("%d bytes", len);
}

static void out_of_range(void)
{
	int c, s;

	make_pair(&c, &s);
	SET(c, SOL_TCP, TCP_KEEPIDLE, 0);
	SET(c, SOL_TCP, TCP_KEEPIDLE, 40000);
	SET(c, SOL_TCP, TCP_KEEPINTVL, 0);
	SET(c, SOL_TCP, TCP_KEEPCNT, 128);
	SET(c, SOL_TCP, TCP_USER_TIMEOUT, -1);
	SET(c, SOL_TCP, TCP_SYNCNT, 300);
	SET(make_socket(0), SOL_TCP, TCP_MAXSEG, 1);
	SET(c, SOL_IP, IP_TTL, 0);
	SET(c, SOL_SOCKET, SO_PRIORITY, -1);
	SET(c, SOL_SOCKET, SO_BUSY_POLL, -1);
	SET(c, SOL_SOCKET, SO_TYPE, 1);
	SET(c, SOL_SOCKET, SO_DOMAIN, 1);
}

static void bound_to_device(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0), server;
	char name[16] = "";
	socklen_t len = sizeof(name);

	NOTE(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "none such", 9));
	NOTE(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	NOTE(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len));
	note("'%s', %d bytes", name, len);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	server = accept(listener, NULL, NULL);
	NOTE(send(fd, "by lo", 5, 0));
	note_recv(server, 10, 0);
	NOTE(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	NOTE(setsockopt(listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	NOTE_OK(make_client(&addr));
}

static void marked_connection(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0), server;

	SET(fd, SOL_SOCKET, SO_MARK, 77);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	server = accept(listener, NULL, NULL);
	GET(server, SOL_SOCKET, SO_MARK);
	NOTE(send(fd, "marked", 6, 0));
	note_recv(server, 10, 0);
}

static void path_mtu(void)
{
	int c, s;

	make_pair(&c, &s);
	if (env.family == AF_INET6) {
		SET(c, SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
		SET(c, SOL_IPV6, IPV6_MTU_DISCOVER, 77);
		SET(c, SOL_IPV6, IPV6_DONTFRAG, 1);
	} else {
		SET(c, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
		SET(c, SOL_IP, IP_MTU_DISCOVER, 77);
		GET(c, SOL_IP, IP_MTU);
	}
	NOTE(send(c, "x", 1, 0));
	note_recv(s, 1, 0);
}

static void v6_only(void)
{
	struct st_addr any = st_resolve("::", "0", AF_INET6);
	struct st_addr four = st_resolve("127.0.0.1", "0", AF_INET);
	int one = 1, listener, fd;

	env.family = AF_INET6;
	listener = st_socket(env.listener, AF_INET6, 0);
	NOTE(setsockopt(listener, SOL_IPV6, IPV6_V6ONLY, &one, sizeof(one)));
	NOTE(bind(listener, st_sa(&any), any.len));
	NOTE(listen(listener, 5));
	any = name_of(listener);
	((struct sockaddr_in *)&four.ss)->sin_port =
		((struct sockaddr_in6 *)&any.ss)->sin6_port;
	env.family = AF_INET;
	fd = make_socket(0);
	NOTE(connect(fd, st_sa(&four), four.len));
	env.family = AF_INET6;
	any = st_resolve("::1", "0", AF_INET6);
	((struct sockaddr_in6 *)&any.ss)->sin6_port =
		((struct sockaddr_in *)&four.ss)->sin_port;
	NOTE_OK(make_client(&any));
	NOTE_OK(accept(listener, NULL, NULL));
}

/* Ancillary data that comes with bytes: type and size of each piece. */
static void note_ancillary(int fd, size_t len)
{
	char control[400], buf[100];
	struct iovec iov = { buf, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int value;

	NOTE(recvmsg(fd, &msg, 0));
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		note("level %d type %d, %ld bytes", cmsg->cmsg_level,
		     cmsg->cmsg_type, (long)(cmsg->cmsg_len - CMSG_LEN(0)));
		if (cmsg->cmsg_level == SOL_SOCKET)
			note("it is %s", labs(*(long *)CMSG_DATA(cmsg) -
					      time(NULL)) < 20 ?
			     "now" : "another time");
		if (cmsg->cmsg_level == SOL_TCP) {
			memcpy(&value, CMSG_DATA(cmsg), sizeof(value));
			note("value %d", value);
		}
	}
}

static void timestamps(void)
{
	static const int options[] = {
		SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMP_NEW,
		SO_TIMESTAMPNS_NEW,
	};
	int c, s, one = 1, off = 0;
	unsigned int i;

	make_pair(&c, &s);
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		NOTE(setsockopt(s, SOL_SOCKET, options[i], &one, 4));
		a_moment();
		NOTE(send(c, "abcd", 4, 0));
		note_ancillary(s, 2);
		note_ancillary(s, 5);
		NOTE(setsockopt(s, SOL_SOCKET, options[i], &off, 4));
		NOTE(send(c, "abcd", 4, 0));
		note_ancillary(s, 5);
	}
	shutdown(c, SHUT_WR);
	note_ancillary(s, 5);
}

static void timestamping(void)
{
	int c, s, what = 1 << 3 | 1 << 4;	/* RX_SOFTWARE, SOFTWARE */

	make_pair(&c, &s);
	NOTE(setsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &what, 4));
	a_moment();
	NOTE(send(c, "abcd", 4, 0));
	note_ancillary(s, 5);
	NOTE(setsockopt(s, SOL_SOCKET, SO_TIMESTAMPING_NEW, &what, 4));
	NOTE(send(c, "abcd", 4, 0));
	note_ancillary(s, 5);
}

/*
 * What is sent comes back with the time when it was, in the error queue. Before
 * anything is sent there is nothing, whatever a handshake takes.
 */
static void timestamping_of_handshake(void)
{
	int what = 1 << 1 | 1 << 4 | 1 << 8 | 1 << 9;	/* SOFTWARE, TX_... */
	struct st_addr addr;
	int listener = make_listener(&addr), client = make_socket(0), server;

	NOTE(setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPING, &what, 4));
	NOTE(setsockopt(client, SOL_SOCKET, SO_TIMESTAMPING, &what, 4));
	NOTE_OK(connect(client, st_sa(&addr), addr.len));
	server = NOTE_OK(accept(listener, NULL, NULL));
	a_moment();
	note_recv(client, 500, MSG_ERRQUEUE | MSG_DONTWAIT);
	note_recv(server, 500, MSG_ERRQUEUE | MSG_DONTWAIT);
	note_poll("client", client, POLLERR);
	note_poll("server", server, POLLERR);
}

static void bytes_left(void)
{
	int c, s, one = 1;

	make_pair(&c, &s);
	SET(s, SOL_TCP, TCP_INQ, one);
	SET(s, SOL_TCP, TCP_INQ, 2);
	NOTE(send(c, "abcdef", 6, 0));
	a_moment();
	note_ancillary(s, 2);
	note_ancillary(s, 4);
	shutdown(c, SHUT_WR);
	a_moment();
	note_ancillary(s, 4);
}

static void busy_polling(void)
{
	int c, s, usecs = 1000;

	make_pair(&c, &s);
	NOTE(setsockopt(s, SOL_SOCKET, SO_BUSY_POLL, &usecs, 4));
	LATER(send(c, "busy", 4, 0));
	note_recv(s, 10, 0);
	note_recv(s, 10, MSG_DONTWAIT);
	NOTE(poll_now(s, POLLIN, 10));
}

static void processors(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE(send(c, "x", 1, 0));
	note_recv(s, 1, 0);
	SET(s, SOL_SOCKET, SO_INCOMING_CPU, 0);
	SET(make_socket(0), SOL_SOCKET, SO_INCOMING_CPU, 0);
	GET(s, SOL_SOCKET, SO_INCOMING_NAPI_ID);
}

static void rare_options(void)
{
	struct st_addr addr = { .len = sizeof(addr.ss) };
	unsigned long cookies[2] = { 0, 0 };
	socklen_t len = 8;
	int c, s;

	make_pair(&c, &s);
	NOTE(getsockopt(c, SOL_SOCKET, SO_COOKIE, &cookies[0], &len));
	NOTE(getsockopt(s, SOL_SOCKET, SO_COOKIE, &cookies[1], &len));
	note("cookies %s", cookies[0] && cookies[0] != cookies[1] ? "differ" :
								  "are equal");
	NOTE(getsockopt(c, SOL_SOCKET, SO_PEERNAME, st_sa(&addr), &addr.len));
	note("%d bytes", addr.len);
	SET(c, SOL_SOCKET, SO_PEEK_OFF, -1);
	SET(c, SOL_SOCKET, SO_NOFCS, 1);
	SET(c, SOL_SOCKET, SO_PASSCRED, 1);
	SET(c, SOL_SOCKET, SO_MAX_PACING_RATE, 1000000);
	SET(c, SOL_SOCKET, SO_BROADCAST, 1);
	SET(c, SOL_SOCKET, SO_DONTROUTE, 1);
	SET(c, SOL_SOCKET, SO_SNDLOWAT, 1);
	SET(c, SOL_SOCKET, SO_ZEROCOPY, 1);
	SET(c, SOL_SOCKET, SO_SNDBUFFORCE, 100000);
	SET(c, SOL_SOCKET, SO_RCVBUFFORCE, 100000);
	SET(c, SOL_TCP, TCP_WINDOW_CLAMP, 20000);
	SET(c, SOL_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1);
	SET(c, SOL_TCP, TCP_SAVE_SYN, 1);
	SET(c, SOL_TCP, TCP_TX_DELAY, 0);
	SET(c, SOL_IP, IP_RECVERR, 1);
	SET(c, SOL_IP, IP_FREEBIND, 1);
	SET(c, SOL_IP, IP_MULTICAST_TTL, 3);
	NOTE(send(c, "x", 1, 0));
	note_recv(s, 1, 0);
}

/* Small buffers slow down, nothing else. */
static void small_buffers(void)
{
	static char buf[100000];
	int c, s, size = 1;

	make_pair(&c, &s);
	SET(c, SOL_SOCKET, SO_SNDBUF, size);
	SET(s, SOL_SOCKET, SO_RCVBUF, size);
	if (!fork()) {
		close(s);
		send(c, buf, sizeof(buf), 0);
		_exit(0);
	}
	close(c);
	note("%ld bytes", drain(s));
}

/* Options that would change what the socket is. */
static void transforming(void)
{
	int c, s, four = AF_INET;

	make_pair(&c, &s);
	if (env.family == AF_INET6)
		NOTE(setsockopt(c, SOL_IPV6, IPV6_ADDRFORM, &four, 4) < 0);
	NOTE(setsockopt(c, SOL_TCP, TCP_ULP, "none such", 9) < 0);
	NOTE(send(c, "as before", 9, 0));
	note_recv(s, 10, 0);
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
	SCENARIO(refused_on_corked),
	SCENARIO(tcp_info),
	SCENARIO(timeouts_read_back),
	SCENARIO(linger_reads_back),
	SCENARIO(nonblocking_by_ioctl),
#ifdef __x86_64__
	SCENARIO(ioctls_of_32_bits),
#endif
	SCENARIO(other_ioctls),
	SCENARIO(congestion_lengths),
	SCENARIO(odd_lengths),
	SCENARIO(out_of_range),
	SCENARIO(bound_to_device),
	SCENARIO(marked_connection),
	SCENARIO(path_mtu),
	SCENARIO(v6_only),
	SCENARIO(timestamps),
	SCENARIO(timestamping),
	SCENARIO(timestamping_of_handshake),
	SCENARIO(bytes_left),
	SCENARIO(busy_polling),
	SCENARIO(processors),
	SCENARIO(rare_options),
	SCENARIO(small_buffers),
	SCENARIO(transforming),
	SCENARIO(no_pair),
	SCENARIO(no_mapping),
	SCENARIO(no_positions),
	SCENARIO(options_after_close_of_peer),
	SCENARIO(mapped_addresses),
};

ORACLE_MAIN(scenarios)
