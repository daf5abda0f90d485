/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An SMC-Rv2 peer in user space: CLC over TCP, LLC and CDC over libibverbs. It
 * does what an honest peer does; whoever drives it may do anything else with
 * the same queue pair.
 */
#ifndef LIAR_PEER_H
#define LIAR_PEER_H

#include <infiniband/verbs.h>

#include "cdc_wire.h"
#include "clc_wire.h"

#define PEER_CONNS	16		/* connections of a group */
#define PEER_RING	16384		/* own RMBE of each */
#define PEER_RX		128		/* receive buffers */
#define PEER_RX_LEN	8192
#define PEER_TX		64		/* work requests in flight */
#define PEER_TX_LEN	16384
#define LLC_LEN		44

/**
 * struct group - link group, with its one link
 * @pd: protection domain
 * @cq: completion queue of both directions
 * @qp: queue pair
 * @mr: all memory: RMB, receive buffers, send buffers
 * @mem: that memory
 * @peer_id: own peer ID
 * @psn: own first PSN
 * @imm: both ends do writes with immediate data
 * @want_imm: say that this end does
 * @server: this end is the server
 * @silent: what is not answered, mask of BIT(LLC type)
 * @key_lie: bits of the own key that are wrong when it is told
 * @undecided: later contacts get no Confirm; client only
 * @peer: the peer's Accept or Confirm of the first contact
 * @eid: EID in use
 * @confirmed: Confirm Link is done
 * @ended: the peer has sent Delete Link
 * @answers: responses received, by LLC type
 * @in_flight: work requests posted
 * @posted: work requests ever posted
 * @status: status of the last completion that was an error
 * @conn: connections, by the low byte of their own token
 */
struct group {
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	struct ibv_mr *mr;
	u8 *mem;
	u8 peer_id[SMC_PEER_ID_LEN];
	u32 psn;
	bool imm;
	bool want_imm;
	bool server;
	u32 silent;
	u32 key_lie;
	bool undecided;
	struct smc_clc_accept peer;
	bool confirmed;
	bool ended;
	unsigned int answers[16];
	unsigned int in_flight;
	unsigned int posted;
	enum ibv_wc_status status;
	struct conn *conn[PEER_CONNS];
};

/**
 * struct conn - connection
 * @group: its group
 * @fd: TCP socket
 * @slot: index in the group
 * @token: own alert token
 * @peer_token: the peer's
 * @rkey: key of the peer's RMB
 * @rmb: address of the peer's RMB
 * @addr: address of the peer's RMBE
 * @size: its size
 * @prod: bytes written to it
 * @acked: bytes the peer has consumed
 * @cons: bytes consumed of the own ring
 * @got: bytes the peer has written there
 * @seq: sequence number sent last
 * @seed: of the pattern of the stream
 * @done: what the peer has said
 * @closed: ditto
 * @aborted: ditto
 */
struct conn {
	struct group *group;
	int fd;
	int slot;
	u32 token;
	u32 peer_token;
	u32 rkey;
	u64 rmb;
	u64 addr;
	u32 size;
	u64 prod;
	u64 acked;
	u64 cons;
	u64 got;
	u16 seq;
	u64 seed;
	bool done;
	bool closed;
	bool aborted;
};

/* who the victim is, and how to reach it */
extern const char *peer_host, *peer_port;
extern bool peer_is_server;

void peer_init(void);

struct group *group_new(bool want_imm);
void group_free(struct group *g);
void group_end(struct group *g);
bool group_dead(const struct group *g);

struct conn *conn_open(struct group *g);
void conn_close(struct conn *c);
void conn_drop(struct conn *c);
extern u32 conn_diag;	/* why conn_open() failed: the Decline, or 0 */
#define CONN_NEW_GROUP	1	/* or the victim wants no more of this group */
bool conn_refused(struct conn *c);

/* pump() until a condition holds, or for @ms milliseconds */
void pump(struct group *g);
#define PUMP_UNTIL(g, cond, ms) __extension__ ({			\
	double end_ = st_now() + (ms) / 1e3;				\
	while (!(cond) && st_now() < end_)				\
		pump(g);						\
	(cond); })

/* false: the queue pair has failed */
bool post(struct group *g, enum ibv_wr_opcode op, const void *data, u32 len,
	  u64 raddr, u32 rkey, u32 imm);
enum ibv_wc_status settle(struct group *g);
bool send_msg(struct group *g, const void *msg, u32 len);
bool send_llc(struct group *g, u8 type, u8 flags);
bool send_cdc(struct conn *c, const struct smc_cdc *cdc);
struct smc_cdc honest_cdc(struct conn *c);
bool say(struct conn *c);
bool rdma_write(struct conn *c, u32 off, const void *data, u32 len);
const char *exchange(struct conn *c, u32 len);

/* the victim's side, by its control connection */
long victim_stat(const char *name);
const char *victim_faults(void);
void victim_connect(int port);
void victim_init(void);

#endif /* LIAR_PEER_H */
