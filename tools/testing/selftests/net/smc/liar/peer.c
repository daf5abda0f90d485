// SPDX-License-Identifier: GPL-2.0
/*
 * See peer.h. Memory of a group: own RMB, then receive, then send buffers.
 */
#include <poll.h>
#include <sys/time.h>

#include "../smctest.h"
#include "peer.h"

#define RX_OFF	(PEER_CONNS * PEER_RING)
#define TX_OFF	(RX_OFF + PEER_RX * PEER_RX_LEN)
#define MEM_LEN	(TX_OFF + PEER_TX * PEER_TX_LEN)
#define CLC_WAIT_S	15
#define VENDOR_IMM	2
#define LINK_NUM	1	/* the server says so, and both do */
#define EID		"SMC-R                           "

const char *peer_host, *peer_port;
bool peer_is_server;
u32 conn_diag;

static const u8 vendor_oui[] = { 0xfa, 'S', 'M' };
static const u8 vendor_fce[] = { 'S', 'M', 1, VENDOR_IMM };
static struct ibv_context *dev;
static union ibv_gid gid;
static int gid_index;
static int listen_fd;
static unsigned int generation;

/* -------- device -------- */

static bool find_gid(void)
{
	struct ibv_gid_entry entry;
	int i;

	for (i = 0; i < 16; i++) {
		if (ibv_query_gid_ex(dev, 1, i, &entry, 0) ||
		    entry.gid_type != IBV_GID_TYPE_ROCE_V2 ||
		    entry.gid.global.subnet_prefix ||
		    memcmp(entry.gid.raw + 10, "\xff\xff", 2))
			continue;
		gid = entry.gid;
		gid_index = i;
		return true;
	}
	return false;
}

void peer_init(void)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct st_addr addr;

	if (!list || !list[0])
		errx(1, "no RDMA device");
	dev = ibv_open_device(list[0]);
	if (!dev || !find_gid())
		errx(1, "no RoCE v2 GID for IPv4");
	srandom(getpid() ^ time(NULL));
	if (!peer_is_server)
		return;
	addr = st_resolve(NULL, peer_port, AF_INET);
	listen_fd = st_listen(ST_TCP, &addr, 64);
}

static void post_recv(struct group *g, u64 i)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)g->mem + RX_OFF + i * PEER_RX_LEN,
		.length = PEER_RX_LEN,
		.lkey = g->mr->lkey,
	};
	struct ibv_recv_wr wr = {
		.wr_id = i, .sg_list = &sge, .num_sge = 1,
	}, *bad;

	if (ibv_post_recv(g->qp, &wr, &bad))
		errx(1, "ibv_post_recv");
}

struct group *group_new(bool want_imm)
{
	struct group *g = calloc(1, sizeof(*g));
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.sq_sig_all = 1,
		.cap = {
			.max_send_wr = PEER_TX,
			.max_recv_wr = PEER_RX,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
	};
	int i;

	if (!g || posix_memalign((void **)&g->mem, 4096, MEM_LEN))
		err(1, "memory");
	memset(g->mem, 0, MEM_LEN);
	g->want_imm = want_imm;
	g->server = peer_is_server;
	g->psn = random() & 0xffffff;
	for (i = 0; i < SMC_PEER_ID_LEN; i++)
		g->peer_id[i] = random();
	g->pd = ibv_alloc_pd(dev);
	g->cq = ibv_create_cq(dev, PEER_TX + PEER_RX, NULL, NULL, 0);
	if (!g->pd || !g->cq)
		err(1, "verbs");
	g->mr = ibv_reg_mr(g->pd, g->mem, MEM_LEN,
			   IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE);
	attr.send_cq = g->cq;
	attr.recv_cq = g->cq;
	g->qp = ibv_create_qp(g->pd, &attr);
	if (!g->mr || !g->qp)
		err(1, "verbs");
	return g;
}

void group_free(struct group *g)
{
	int i;

	for (i = 0; i < PEER_CONNS; i++) {
		if (g->conn[i])
			conn_drop(g->conn[i]);
	}
	ibv_destroy_qp(g->qp);
	ibv_destroy_cq(g->cq);
	ibv_dereg_mr(g->mr);
	ibv_dealloc_pd(g->pd);
	free(g->mem);
	free(g);
}

bool group_dead(const struct group *g)
{
	return g->ended || g->status != IBV_WC_SUCCESS;
}

static void qp_connect(struct group *g)
{
	struct ibv_qp_attr init = {
		.qp_state = IBV_QPS_INIT,
		.port_num = 1,
		.qp_access_flags = IBV_ACCESS_LOCAL_WRITE |
				   IBV_ACCESS_REMOTE_WRITE,
	};
	struct ibv_qp_attr rtr = {
		.qp_state = IBV_QPS_RTR,
		.path_mtu = IBV_MTU_1024,
		.dest_qp_num = g->peer.qpn,
		.rq_psn = g->peer.psn,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = 5,
		.ah_attr = {
			.is_global = 1,
			.port_num = 1,
			.grh = { .sgid_index = gid_index, .hop_limit = 1 },
		},
	};
	struct ibv_qp_attr rts = {
		.qp_state = IBV_QPS_RTS,
		.timeout = 16,
		.retry_cnt = 7,
		.rnr_retry = 7,
		.sq_psn = g->psn,
		.max_rd_atomic = 1,
	};
	u64 i;

	memcpy(rtr.ah_attr.grh.dgid.raw, g->peer.gid, SMC_GID_LEN);
	if (g->peer.mtu < rtr.path_mtu)
		rtr.path_mtu = g->peer.mtu;
	if (ibv_modify_qp(g->qp, &init, IBV_QP_STATE | IBV_QP_PKEY_INDEX |
			  IBV_QP_PORT | IBV_QP_ACCESS_FLAGS))
		err(1, "QP to INIT");
	for (i = 0; i < PEER_RX; i++)
		post_recv(g, i);
	if (ibv_modify_qp(g->qp, &rtr, IBV_QP_STATE | IBV_QP_AV |
			  IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN |
			  IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER))
		err(1, "QP to RTR");
	if (ibv_modify_qp(g->qp, &rts, IBV_QP_STATE | IBV_QP_TIMEOUT |
			  IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
			  IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC))
		err(1, "QP to RTS");
}

/* -------- sending -------- */

bool post(struct group *g, enum ibv_wr_opcode op, const void *data, u32 len,
	  u64 raddr, u32 rkey, u32 imm)
{
	u8 *buf = g->mem + TX_OFF + g->posted % PEER_TX * PEER_TX_LEN;
	struct ibv_sge sge = {
		.addr = (uintptr_t)buf, .length = len, .lkey = g->mr->lkey,
	};
	struct ibv_send_wr wr = {
		.wr_id = ~0ull, .opcode = op, .sg_list = &sge,
		.num_sge = len ? 1 : 0, .send_flags = IBV_SEND_SOLICITED,
		.imm_data = htonl(imm),
	}, *bad;

	while (g->in_flight >= PEER_TX / 2 && !g->status)
		pump(g);
	if (g->status)
		return false;
	if (data)
		memcpy(buf, data, len);
	if (op == IBV_WR_ATOMIC_FETCH_AND_ADD) {
		wr.wr.atomic.remote_addr = raddr;
		wr.wr.atomic.rkey = rkey;
		wr.wr.atomic.compare_add = 1;
	} else {
		wr.wr.rdma.remote_addr = raddr;
		wr.wr.rdma.rkey = rkey;
	}
	if (ibv_post_send(g->qp, &wr, &bad))
		return false;
	g->posted++;
	g->in_flight++;
	return true;
}

/* Wait for all that was posted. IBV_WC_SUCCESS if all went well. */
enum ibv_wc_status settle(struct group *g)
{
	PUMP_UNTIL(g, !g->in_flight || g->status, 15000);
	if (g->in_flight && !g->status)
		return IBV_WC_RESP_TIMEOUT_ERR;
	return g->status;
}

bool send_msg(struct group *g, const void *msg, u32 len)
{
	return post(g, IBV_WR_SEND, msg, len, 0, 0, 0);
}

bool send_llc(struct group *g, u8 type, u8 flags)
{
	u8 msg[LLC_LEN] = { type, LLC_LEN, 0, flags };

	return send_msg(g, msg, LLC_LEN);
}

struct smc_cdc honest_cdc(struct conn *c)
{
	return (struct smc_cdc) {
		.seq = ++c->seq,
		.token = c->peer_token,
		.prod = smc_cursor_from_pos(c->prod, c->size),
		.cons = smc_cursor_from_pos(c->cons, PEER_RING),
	};
}

bool send_cdc(struct conn *c, const struct smc_cdc *cdc)
{
	u8 msg[SMC_CDC_LEN];

	smc_cdc_encode(cdc, msg, sizeof(msg));
	return send_msg(c->group, msg, sizeof(msg));
}

/* how things stand, honestly */
bool say(struct conn *c)
{
	struct smc_cdc cdc = honest_cdc(c);

	return send_cdc(c, &cdc);
}

bool rdma_write(struct conn *c, u32 off, const void *data, u32 len)
{
	return post(c->group, IBV_WR_RDMA_WRITE, data, len, c->addr + off,
		    c->rkey, 0);
}

/* -------- receiving -------- */

static void take_cdc(struct group *g, const u8 *buf, u32 len)
{
	enum smc_cdc_check why;
	struct smc_cdc cdc;
	struct conn *c;
	u64 pos;

	if (smc_cdc_decode(buf, len, &cdc, &why))
		return;
	c = g->conn[cdc.token % PEER_CONNS];
	if (!c || c->token != cdc.token)
		return;
	if (!smc_cursor_to_pos(cdc.prod, PEER_RING, c->got,
			       c->cons + PEER_RING, &pos))
		c->got = pos;
	if (!smc_cursor_to_pos(cdc.cons, c->size, c->acked, c->prod, &pos))
		c->acked = pos;
	c->done |= cdc.done_writing;
	c->closed |= cdc.closed;
	c->aborted |= cdc.aborted;
}

static void take_imm(struct group *g, u32 imm, u32 len)
{
	struct conn *c = g->conn[(imm >> 24) % PEER_CONNS];

	if (c)
		c->got += len;
}

static void take_llc(struct group *g, const u8 *buf, u32 len)
{
	u8 reply[LLC_LEN], type = buf[0] & 15;

	if (len < LLC_LEN)
		return;
	if (buf[3] & 0x80) {
		g->answers[type]++;
		g->confirmed |= type == 1;
		return;
	}
	if (type == 4 && (buf[3] & 0x40 || buf[4] == LINK_NUM))
		g->ended = true;
	if (g->silent >> type & 1 || (type != 1 && type != 6 && type != 7))
		return;
	memcpy(reply, buf, LLC_LEN);
	reply[3] |= 0x80;
	if (type == 1) {
		memcpy(reply + 10, gid.raw, SMC_GID_LEN);
		smc_put_be24(reply + 26, g->qp->qp_num);
		g->confirmed = true;
	}
	send_msg(g, reply, LLC_LEN);
}

static void take_recv(struct group *g, const struct ibv_wc *wc)
{
	const u8 *buf = g->mem + RX_OFF + wc->wr_id * PEER_RX_LEN;

	if (wc->opcode == IBV_WC_RECV_RDMA_WITH_IMM)
		take_imm(g, ntohl(wc->imm_data), wc->byte_len);
	else if (wc->byte_len && buf[0] == SMC_CDC_TYPE)
		take_cdc(g, buf, wc->byte_len);
	else if (wc->byte_len)
		take_llc(g, buf, wc->byte_len);
	post_recv(g, wc->wr_id);
}

/* Take what is there; rest a little if nothing is. */
void pump(struct group *g)
{
	struct ibv_wc wc;
	int n = 0;

	while (n < 64 && ibv_poll_cq(g->cq, 1, &wc) > 0) {
		n++;
		if (wc.wr_id == ~0ull)
			g->in_flight--;
		if (wc.status) {
			if (!g->status)
				g->status = wc.status;
		} else if (wc.wr_id != ~0ull) {
			take_recv(g, &wc);
		}
	}
	if (!n)
		usleep(300);
}

/* -------- CLC -------- */

static bool is_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

/* The victim may have something to ask by LLC meanwhile. */
static int recv_clc(struct group *g, int fd, u8 *buf)
{
	int len;

	PUMP_UNTIL(g, is_readable(fd), CLC_WAIT_S * 1000);
	if (recv(fd, buf, SMC_CLC_HDR_LEN, MSG_WAITALL) != SMC_CLC_HDR_LEN)
		return -1;
	len = smc_get_be16(buf + 5);
	if (len <= SMC_CLC_HDR_LEN || len > SMC_CLC_MAX_LEN)
		return -1;
	if (recv(fd, buf + SMC_CLC_HDR_LEN, len - SMC_CLC_HDR_LEN,
		 MSG_WAITALL) != len - SMC_CLC_HDR_LEN)
		return -1;
	return len;
}

static int recv_accept(struct conn *c, struct smc_clc_accept *acc)
{
	struct smc_clc_decline decl;
	enum smc_clc_check why;
	u8 buf[SMC_CLC_MAX_LEN];
	int len = recv_clc(c->group, c->fd, buf);

	if (len < 0)
		return -1;
	if (!smc_clc_decline_decode(buf, len, &decl, &why)) {
		conn_diag = decl.diag;
		return -1;
	}
	return smc_clc_accept_decode(buf, len, acc, &why) ? -1 : 0;
}

static int send_proposal(struct conn *c)
{
	struct smc_clc_proposal prop = {
		.version = SMC_CLC_V2,
		.v1_type = SMC_CLC_OFFER_N,
		.v2_type = SMC_CLC_OFFER_R,
		.has_subarea = true,
		.has_v2_ext = true,
		.release = SMC_RELEASE_2_1,
		.nr_eids = 1,
		.max_conns = 255,
		.max_links = 1,
	};
	u8 buf[SMC_CLC_MAX_LEN];
	int len;

	memcpy(prop.peer_id, c->group->peer_id, SMC_PEER_ID_LEN);
	memcpy(prop.eids[0], EID, SMC_EID_LEN);
	memcpy(prop.gid_v2, gid.raw, SMC_GID_LEN);
	if (c->group->want_imm) {
		memcpy(prop.vendor_oui, vendor_oui, sizeof(vendor_oui));
		prop.vendor_opts[0] = VENDOR_IMM;
	}
	len = smc_clc_proposal_encode(&prop, buf, sizeof(buf));
	return send(c->fd, buf, len, MSG_NOSIGNAL) == len ? 0 : -1;
}

/* Accept or Confirm */
static int send_reply(struct conn *c, bool first)
{
	struct group *g = c->group;
	struct smc_clc_accept msg = {
		.type = g->server ? SMC_CLC_ACCEPT : SMC_CLC_CONFIRM,
		.version = SMC_CLC_V2,
		.first_contact = first,
		.tech = SMC_CLC_TECH_R,
		.qpn = g->qp->qp_num,
		.psn = g->psn,
		.mtu = IBV_MTU_1024,
		.rkey = g->mr->rkey ^ g->key_lie,
		.vaddr = (uintptr_t)g->mem,
		.rmbe_idx = c->slot + 1,
		.token = c->token,
		.fce = {
			.direct = true,
			.os = SMC_CLC_OS_LINUX,
			.release = SMC_RELEASE_2_1,
			.max_conns = 255,
			.max_links = 1,
		},
		.nr_gids = !g->server && first,
	};
	u8 buf[SMC_CLC_MAX_LEN];
	int len;

	memcpy(msg.peer_id, g->peer_id, SMC_PEER_ID_LEN);
	memcpy(msg.gid, gid.raw, SMC_GID_LEN);
	memcpy(msg.gids[0], gid.raw, SMC_GID_LEN);
	memcpy(msg.eid, EID, SMC_EID_LEN);
	memset(msg.fce.hostname, ' ', SMC_HOSTNAME_LEN);
	if (g->want_imm)
		memcpy(msg.fce.vendor_opts, vendor_fce, sizeof(vendor_fce));
	len = smc_clc_accept_encode(&msg, buf, sizeof(buf));
	return send(c->fd, buf, len, MSG_NOSIGNAL) == len ? 0 : -1;
}

static void take_peer(struct conn *c, const struct smc_clc_accept *msg,
		      bool first)
{
	struct group *g = c->group;

	c->peer_token = msg->token;
	c->rkey = msg->rkey;
	c->rmb = msg->vaddr;
	c->size = smc_rmbe_size(msg->rmbe_size_c);
	c->addr = c->rmb + (u64)(msg->rmbe_idx - 1) * c->size;
	if (!first)
		return;
	g->peer = *msg;
	g->imm = g->want_imm && !memcmp(msg->fce.vendor_opts, vendor_fce,
					sizeof(vendor_fce));
	qp_connect(g);
}

static int handshake_client(struct conn *c)
{
	struct group *g = c->group;
	struct smc_clc_accept msg;

	if (send_proposal(c) || recv_accept(c, &msg))
		return -1;
	if (msg.first_contact && g->confirmed) {
		conn_diag = CONN_NEW_GROUP;
		return -1;
	}
	take_peer(c, &msg, msg.first_contact);
	if (g->undecided)
		return 0;
	if (send_reply(c, msg.first_contact))
		return -1;
	return PUMP_UNTIL(g, g->confirmed || group_dead(g) || g->silent & 2,
			  10000) && !group_dead(g) ? 0 : -1;
}

static int handshake_server(struct conn *c)
{
	bool first = !c->group->confirmed;
	struct group *g = c->group;
	struct smc_clc_accept msg;
	u8 buf[SMC_CLC_MAX_LEN], llc[LLC_LEN] = { 0x21, LLC_LEN, 0, 3 };

	if (recv_clc(g, c->fd, buf) < 0 || send_reply(c, first) ||
	    recv_accept(c, &msg))
		return -1;
	take_peer(c, &msg, first);
	if (!first)
		return 0;
	memcpy(llc + 10, gid.raw, SMC_GID_LEN);
	smc_put_be24(llc + 26, g->qp->qp_num);
	llc[29] = LINK_NUM;
	llc[34] = 1;
	llc[35] = 255;
	if (!(g->silent & 2))
		send_msg(g, llc, LLC_LEN);
	return PUMP_UNTIL(g, g->confirmed || group_dead(g) || g->silent & 2,
			  10000) && !group_dead(g) ? 0 : -1;
}

/* -------- connections -------- */

static int tcp_connect(void)
{
	struct st_addr addr = st_resolve(peer_host, peer_port, AF_INET);

	return st_connect(ST_TCP, &addr, 0, NULL);
}

static int tcp_accept(void)
{
	int fd;

	victim_connect(atoi(peer_port));
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		err(1, "accept");
	return fd;
}

/* both ends know the client's port, and no two connections have the same */
static u64 stream_seed(int fd, bool server)
{
	struct sockaddr_in sin = { 0 };
	socklen_t len = sizeof(sin);

	if (server)
		getpeername(fd, (struct sockaddr *)&sin, &len);
	else
		getsockname(fd, (struct sockaddr *)&sin, &len);
	return st_seed(ntohs(sin.sin_port));
}

/* NULL if the victim declines or leaves; conn_diag has its diagnosis. */
struct conn *conn_open(struct group *g)
{
	struct timeval tv = { .tv_sec = CLC_WAIT_S };
	struct conn *c = calloc(1, sizeof(*c));

	conn_diag = 0;
	while (c && c->slot < PEER_CONNS && g->conn[c->slot])
		c->slot++;
	if (!c || c->slot == PEER_CONNS)
		errx(1, "too many connections");
	c->group = g;
	c->token = ++generation << 8 | c->slot;
	c->fd = g->server ? tcp_accept() : tcp_connect();
	c->seed = stream_seed(c->fd, g->server);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	memset(g->mem + c->slot * PEER_RING, 0, PEER_RING);
	g->conn[c->slot] = c;
	if (g->server ? handshake_server(c) : handshake_client(c)) {
		conn_drop(c);
		return NULL;
	}
	return c;
}

/* A client that thinks it is through may yet get a Decline, or the end. */
bool conn_refused(struct conn *c)
{
	char byte;

	return recv(c->fd, &byte, 1, 0) >= 0 || errno != EAGAIN;
}

/* without a word, but to TCP */
void conn_drop(struct conn *c)
{
	c->group->conn[c->slot] = NULL;
	close(c->fd);
	free(c);
}

/* as an honest end does that has read everything */
void conn_close(struct conn *c)
{
	struct smc_cdc cdc = honest_cdc(c);

	if (!group_dead(c->group)) {
		cdc.closed = true;
		send_cdc(c, &cdc);
		PUMP_UNTIL(c->group, c->closed || c->aborted ||
			   group_dead(c->group), 10000);
	}
	conn_drop(c);
}

/* orderly, with all connections closed before */
void group_end(struct group *g)
{
	u8 msg[LLC_LEN] = { 0x24, LLC_LEN, 0, 0x60 };
	int i;

	for (i = 0; i < PEER_CONNS; i++) {
		if (g->conn[i])
			conn_close(g->conn[i]);
	}
	if (!group_dead(g)) {
		smc_put_be32(msg + 5, 0x30000);
		send_msg(g, msg, LLC_LEN);
		/* a server repeats it */
		if (g->server)
			settle(g);
		else
			PUMP_UNTIL(g, group_dead(g), 2000);
	}
	group_free(g);
}

/* -------- honest data -------- */

static bool write_stream(struct conn *c, u32 len)
{
	u32 off = c->prod & (c->size - 1);
	u32 first = len < c->size - off ? len : c->size - off;
	char buf[PEER_TX_LEN] = { 0 };

	st_fill(buf, len, c->prod, c->seed);
	if (!rdma_write(c, off, buf, first))
		return false;
	if (first < len && !rdma_write(c, 0, buf + first, len - first))
		return false;
	c->prod += len;
	return say(c);
}

static bool read_stream(struct conn *c)
{
	const u8 *ring = c->group->mem + c->slot * PEER_RING;
	u32 off, n;

	while (c->cons < c->got) {
		off = c->cons % PEER_RING;
		n = c->got - c->cons;
		if (n > PEER_RING - off)
			n = PEER_RING - off;
		if (st_verify((const char *)ring + off, n, c->cons,
			      c->seed) >= 0)
			return false;
		c->cons += n;
	}
	return true;
}

/* Send @len bytes, get them back. NULL, or what went wrong. */
const char *exchange(struct conn *c, u32 len)
{
	u64 want = c->got + len;

	if (!write_stream(c, len))
		return "cannot send";
	if (!PUMP_UNTIL(c->group, c->got >= want || c->aborted ||
			group_dead(c->group), 15000))
		return "no answer";
	if (c->aborted)
		return "aborted";
	if (c->got < want)
		return "link lost";
	if (!read_stream(c))
		return "wrong answer";
	return say(c) ? NULL : "cannot send";
}
