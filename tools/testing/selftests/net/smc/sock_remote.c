// SPDX-License-Identifier: GPL-2.0
/*
 * The same between two hosts: as the other sock_* programs, but the second end
 * of each connection belongs to an agent on another host, which does as it is
 * told over a TCP connection of its own.
 *
 *   sock_remote agent PORT			on one host
 *   AGENT=HOST:PORT sock_remote [OPTIONS]	on the other
 */
#include "oracle.h"
#include <sys/epoll.h>
#include <sys/sendfile.h>

#define LINE 200

/* --- the agent ---------------------------------------------------------------- */

/* Of the session. */
static struct {
	FILE *in, *out;
	enum st_kind kind;
	int family;
	int listener, fd;
} agent = { .listener = -1, .fd = -1 };

/* Every command has one line as its answer. */
static void reply(const char *what, long value)
{
	if (value < 0)
		fprintf(agent.out, "%s: %s\n", what, strerrorname_np(errno));
	else
		fprintf(agent.out, "%s: %ld\n", what, value);
	fflush(agent.out);
}

static void agent_listen(const char *word)
{
	struct st_addr addr = st_resolve(NULL, "0", agent.family);
	char port[20];

	(void)word;
	agent.listener = st_listen(agent.kind, &addr, 5);
	addr.len = sizeof(addr.ss);
	getsockname(agent.listener, st_sa(&addr), &addr.len);
	getnameinfo(st_sa(&addr), addr.len, NULL, 0, port, sizeof(port),
		    NI_NUMERICSERV);
	reply("port", atoi(port));
}

static void agent_accept(const char *word)
{
	(void)word;
	agent.fd = accept(agent.listener, NULL, NULL);
	reply("accept", agent.fd < 0 ? -1 : 0);
}

/* HOST/PORT */
static void agent_connect(const char *word)
{
	char host[LINE], *port;
	struct st_addr addr;

	snprintf(host, sizeof(host), "%s", word);
	port = strchr(host, '/');
	*port++ = 0;
	addr = st_resolve(host, port, agent.family);
	agent.fd = st_socket(agent.kind, agent.family, 0);
	reply("connect", connect(agent.fd, st_sa(&addr), addr.len));
}

static void agent_send(const char *word)
{
	reply("send", send(agent.fd, word, strlen(word), MSG_NOSIGNAL));
}

static void agent_urgent(const char *word)
{
	reply("send", send(agent.fd, word, strlen(word), MSG_OOB));
}

static void agent_recv(const char *word)
{
	char buf[LINE] = "", what[LINE + 20];
	long n = recv(agent.fd, buf, atoi(word), MSG_WAITALL);

	snprintf(what, sizeof(what), "recv '%s'", buf);
	reply(what, n);
}

static void agent_write(const char *word)
{
	static char buf[65536];
	long all = atol(word), pos, n;

	for (pos = 0; pos < all; pos += n) {
		n = all - pos;
		if (n > (long)sizeof(buf))
			n = sizeof(buf);
		st_fill(buf, n, pos, 11);
		n = send(agent.fd, buf, n, MSG_NOSIGNAL);
		if (n < 0)
			break;
	}
	reply("write", pos < all ? -1 : pos);
}

static long read_pattern(int fd, uint64_t seed)
{
	static char buf[65536];
	long pos = 0, n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		if (st_verify(buf, n, pos, seed) >= 0) {
			errno = EBADMSG;
			return -1;
		}
		pos += n;
	}
	return n < 0 ? n : pos;
}

static void agent_drain(const char *word)
{
	(void)word;
	reply("drain", read_pattern(agent.fd, 11));
}

static void agent_echo(const char *word)
{
	char buf[1000];
	long n;

	(void)word;
	while ((n = recv(agent.fd, buf, sizeof(buf), 0)) > 0)
		if (send(agent.fd, buf, n, MSG_NOSIGNAL) != n)
			break;
	reply("echo", n);
}

static void agent_shutdown(const char *word)
{
	reply("shutdown", shutdown(agent.fd, atoi(word)));
}

static void agent_close(const char *word)
{
	(void)word;
	reply("close", close(agent.fd));
}

static void agent_reset(const char *word)
{
	struct linger linger = { 1, 0 };

	(void)word;
	setsockopt(agent.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	reply("close", close(agent.fd));
}

/* Ends without a word, as after SIGKILL. */
static void agent_die(const char *word)
{
	(void)word;
	reply("die", 0);
	kill(getpid(), SIGKILL);
}

static void agent_pause(const char *word)
{
	usleep(atoi(word) * 1000);
}

static const struct {
	const char *name;
	void (*run)(const char *word);
} commands[] = {
	{ "listen", agent_listen }, { "accept", agent_accept },
	{ "connect", agent_connect }, { "send", agent_send },
	{ "urgent", agent_urgent }, { "recv", agent_recv },
	{ "write", agent_write }, { "drain", agent_drain },
	{ "echo", agent_echo }, { "shutdown", agent_shutdown },
	{ "close", agent_close }, { "reset", agent_reset },
	{ "die", agent_die }, { "pause", agent_pause },
};

/* One scenario; its first line is the kind of socket and the family. */
static void agent_session(int fd)
{
	char line[LINE], name[20], word[LINE];
	int kind, family;
	unsigned int i;

	alarm(2 * scenario_seconds());
	agent.in = fdopen(fd, "r");
	agent.out = fdopen(dup(fd), "w");
	if (fscanf(agent.in, "%d %d\n", &kind, &family) != 2)
		_exit(1);
	agent.kind = kind;
	agent.family = family;
	while (fgets(line, sizeof(line), agent.in)) {
		*word = 0;
		if (sscanf(line, "%19s %199s", name, word) < 1)
			continue;
		for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
			if (!strcmp(name, commands[i].name))
				commands[i].run(word);
	}
	_exit(0);
}

static int agent_main(const char *port)
{
	struct st_addr addr = st_resolve(NULL, port, AF_INET6);
	int listener = st_listen(ST_TCP, &addr, 16), fd;

	signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (!fork()) {
			close(listener);
			agent_session(fd);
		}
		close(fd);
	}
	return 1;
}

/* --- how scenarios talk to it ------------------------------------------------- */

static FILE *to_agent, *from_agent;
static struct st_addr agent_host;

__attribute__((format(printf, 1, 2)))
static void order(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(to_agent, fmt, args);
	va_end(args);
	fputc('\n', to_agent);
	fflush(to_agent);
}

/* Wait for the next answer; "port: 5" has the value 5. */
static long take_answer(bool noted)
{
	char line[LINE + 100] = "no answer";
	char *colon;

	if (!fgets(line, sizeof(line), from_agent))
		note("the agent is gone");
	line[strcspn(line, "\n")] = 0;
	if (noted)
		note("peer: %s", line);
	colon = strrchr(line, ':');
	return colon ? atol(colon + 1) : -1;
}

#define PEER(...) do { order(__VA_ARGS__); take_answer(true); } while (0)

static void call_agent(void)
{
	const char *where = getenv("AGENT");
	char host[LINE], *port;
	int fd;

	if (!where || !strrchr(where, ':') || strlen(where) >= LINE)
		errx(2, "AGENT=HOST:PORT is needed");
	snprintf(host, sizeof(host), "%s", where);
	port = strrchr(host, ':');
	*port++ = 0;
	agent_host = st_resolve(host, port, env.family);
	fd = st_socket(ST_TCP, env.family, 0);
	if (connect(fd, st_sa(&agent_host), agent_host.len))
		err(1, "agent");
	to_agent = fdopen(fd, "w");
	from_agent = fdopen(dup(fd), "r");
	order("%d %d", env.listener, env.family);
}

static void set_port(struct st_addr *addr, int port)
{
	if (addr->ss.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&addr->ss)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&addr->ss)->sin_port = htons(port);
}

/* Where the agent listens for this scenario. */
static struct st_addr peer_listens(void)
{
	struct st_addr addr;

	call_agent();
	order("listen");
	addr = agent_host;
	set_port(&addr, take_answer(false));
	return addr;
}

static int connect_to_peer(void)
{
	struct st_addr addr = peer_listens();
	int fd = make_client(&addr);

	PEER("accept");
	return fd;
}

static int accept_from_peer(void)
{
	struct st_addr own = st_resolve(NULL, "0", env.family);
	struct st_addr here = { .len = sizeof(here.ss) };
	char host[100], port[20];
	int listener, fd;

	call_agent();
	listener = st_listen(env.kind, &own, 5);
	own = name_of(listener);
	getnameinfo(st_sa(&own), own.len, NULL, 0, port, sizeof(port),
		    NI_NUMERICSERV);
	getsockname(fileno(to_agent), st_sa(&here), &here.len);
	getnameinfo(st_sa(&here), here.len, host, sizeof(host), NULL, 0,
		    NI_NUMERICHOST);
	order("connect %s/%s", host, port);
	fd = accept(listener, NULL, NULL);
	take_answer(true);
	close(listener);
	return fd;
}

/* --- scenarios ------------------------------------------------------------------ */

static void talk(int fd)
{
	NOTE(send(fd, "hello", 5, 0));
	PEER("recv 5");
	PEER("send world");
	note_recv(fd, 5, MSG_WAITALL);
	NOTE(shutdown(fd, SHUT_WR));
	PEER("recv 5");
	PEER("send last");
	note_recv(fd, 4, MSG_WAITALL);
	PEER("close");
	note_recv(fd, 5, 0);
	note_error("at the end", fd);
}

static void client_talks(void)
{
	talk(connect_to_peer());
}

static void server_talks(void)
{
	talk(accept_from_peer());
}

static void names_across(void)
{
	struct st_addr peer = { .len = sizeof(peer.ss) }, addr;
	int fd;

	addr = peer_listens();
	fd = make_client(&addr);
	NOTE(getpeername(fd, st_sa(&peer), &peer.len));
	note("%d bytes, %s", peer.len, memcmp(&peer.ss, &addr.ss, addr.len) ?
	     "another" : "the one connected to");
}

static void connect_refused_across(void)
{
	struct st_addr addr;
	int fd = make_socket(0);

	call_agent();
	addr = agent_host;
	set_port(&addr, 9);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	fd = make_socket(SOCK_NONBLOCK);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	note_poll("poll", fd, POLLERR | POLLHUP);
	note_error("then", fd);
}

static void connect_nonblocking_across(void)
{
	struct st_addr addr = peer_listens();
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int fd = make_socket(SOCK_NONBLOCK), ep = epoll_create1(0);

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	PEER("accept");
	note_poll("connected", fd, POLLOUT);
	note_error("connected", fd);
	PEER("send x");
	note_poll("data", fd, POLLIN);
	NOTE(epoll_wait(ep, &event, 1, 5000));
	note_mask("edge", event.events);
	note_recv(fd, 1, 0);
}

static void peer_ends(const char *how, bool client)
{
	int fd = client ? connect_to_peer() : accept_from_peer();

	PEER("send rest");
	wait_in(fd);
	PEER("%s", how);
	note_poll("poll", fd, POLLIN | POLLRDHUP);
	a_moment();
	note_recv(fd, 2, 0);
	note_recv(fd, 5, 0);
	note_recv(fd, 5, 0);
	note_poll("poll", fd, 0);
	note_error("error", fd);
}

static void peer_shuts_down(void)
{
	peer_ends("shutdown 1", true);
}

static void peer_closes(void)
{
	peer_ends("close", true);
}

static void peer_closes_on_server(void)
{
	peer_ends("close", false);
}

static void peer_dies(void)
{
	peer_ends("die", true);
}

static void peer_resets(void)
{
	int fd = connect_to_peer();

	PEER("reset");
	note_poll("poll", fd, POLLHUP | POLLERR);
	note_recv(fd, 5, 0);
	note_recv(fd, 5, 0);
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
}

/* However long TCP's own reset takes, which is under way as well. */
static void error_is_told_once_across(void)
{
	int fd = connect_to_peer();

	PEER("reset");
	note_poll("poll", fd, POLLHUP | POLLERR);
	note_error("error", fd);
	usleep(800000);
	note_poll("later", fd, 0);
	note_error("later", fd);
	note_recv(fd, 5, 0);
	NOTE(send(fd, "x", 1, MSG_NOSIGNAL));
}

static void peer_leaves_data_unread(void)
{
	int fd = accept_from_peer();

	NOTE(send(fd, "never read", 10, 0));
	a_moment();
	PEER("close");
	note_poll("poll", fd, POLLHUP | POLLERR);
	note_error("error", fd);
}

static void own_reset(void)
{
	struct linger linger = { 1, 0 };
	int fd = connect_to_peer();

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	NOTE(close(fd));
	PEER("recv 1");
	PEER("recv 1");
}

static void own_end_with_unread_data(void)
{
	int fd = connect_to_peer();

	PEER("send unread");
	wait_in(fd);
	NOTE(close(fd));
	PEER("recv 1");
}

static void waits_for_peer(void)
{
	int fd = connect_to_peer();

	order("pause 200");
	order("send late");
	note_mask("poll", poll_now(fd, POLLIN, 5000));
	note_recv(fd, 10, 0);
	take_answer(true);
	order("pause 200");
	order("send later");
	note_recv(fd, 5, MSG_WAITALL);
	take_answer(true);
	order("pause 200");
	order("shutdown 1");
	note_recv(fd, 5, 0);
	take_answer(true);
}

static void bulk_out(void)
{
	static char buf[2 << 20];
	int fd = connect_to_peer();

	st_fill(buf, sizeof(buf), 0, 11);
	order("drain");
	NOTE(send(fd, buf, sizeof(buf), 0));
	NOTE(shutdown(fd, SHUT_WR));
	take_answer(true);
}

static void bulk_in(void)
{
	int fd = accept_from_peer();

	order("write 2000000");
	order("close");
	note("%ld bytes", read_pattern(fd, 11));
	take_answer(true);
	take_answer(true);
}

/* A writer that does not block, and a reader that takes its time. */
static void full_then_drained(void)
{
	int fd = connect_to_peer();

	note("%s", fill(fd) > 0 ? "took some" : "took nothing");
	note_mask("full", poll_now(fd, POLLOUT, 0));
	order("pause 200");
	order("echo");
	note_mask("room", poll_now(fd, POLLOUT, 5000));
}

static void urgent_in(void)
{
	int fd = connect_to_peer();

	PEER("send abc");
	PEER("urgent X");
	note_poll("poll", fd, POLLIN | POLLPRI);
	a_moment();
	note_recv(fd, 1, MSG_OOB);
	note_recv(fd, 10, 0);
	PEER("send def");
	note_recv(fd, 10, 0);
}

static void urgent_out(void)
{
	int fd = accept_from_peer();

	NOTE(send(fd, "abX", 3, MSG_OOB));
	NOTE(send(fd, "cd", 2, 0));
	PEER("recv 2");
	PEER("recv 2");
}

static void sendfile_across(void)
{
	static char buf[300000];
	int fd = connect_to_peer(), file = memfd_create("file", 0);
	off_t offset = 0;

	st_fill(buf, sizeof(buf), 0, 11);
	if (write(file, buf, sizeof(buf)) != sizeof(buf))
		note("no file");
	order("drain");
	while (sendfile(fd, file, &offset, sizeof(buf)) > 0)
		;
	note("sent %ld", (long)offset);
	NOTE(shutdown(fd, SHUT_WR));
	take_answer(true);
}

static void ping_pong_across(void)
{
	char byte;
	int fd = connect_to_peer(), i, wrong = 0;

	order("echo");
	for (i = 0; i < 100; i++) {
		wrong += send(fd, &"xyz"[i % 3], 1, 0) != 1;
		wrong += recv(fd, &byte, 1, 0) != 1 || byte != "xyz"[i % 3];
	}
	note("%d wrong", wrong);
	NOTE(shutdown(fd, SHUT_WR));
	take_answer(true);
}

static const struct scenario scenarios[] = {
	SCENARIO(client_talks),
	SCENARIO(server_talks),
	SCENARIO(names_across),
	SCENARIO(connect_refused_across),
	SCENARIO(connect_nonblocking_across),
	SCENARIO(peer_shuts_down),
	SCENARIO(peer_closes),
	SCENARIO(peer_closes_on_server),
	SCENARIO(peer_dies),
	SCENARIO(peer_resets),
	SCENARIO(error_is_told_once_across),
	SCENARIO(peer_leaves_data_unread),
	SCENARIO(own_reset),
	SCENARIO(own_end_with_unread_data),
	SCENARIO(waits_for_peer),
	SCENARIO(bulk_out),
	SCENARIO(bulk_in),
	SCENARIO(full_then_drained),
	SCENARIO(urgent_in),
	SCENARIO(urgent_out),
	SCENARIO(sendfile_across),
	SCENARIO(ping_pong_across),
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "agent"))
		return agent_main(argv[2]);
	return oracle_main(argc, argv, scenarios,
			   sizeof(scenarios) / sizeof(scenarios[0]));
}
