/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The seam between the stream layer and what carries its bytes.
 *
 * A transport (SMC-R is the first) finds a way to a peer during the CLC
 * handshake and then places stream bytes in the peer's RMBE. It knows decoded
 * CLC messages and connections (conn.h), never sockets.
 *
 * Handshake: one struct smc_attempt per handshake, driven by its owner in
 * process context, one call at a time:
 *
 *	client: probe -> (Proposal, Accept) -> accept -> (Confirm) -> finish
 *	server: (Proposal) -> offer -> (Accept, Confirm) -> accept -> finish
 *
 * Each step returns 0 when done, -EINPROGRESS when it has to wait for
 * something (it is then called again, with the same arguments, after the
 * transport has called @wake at least once; wake-ups may be spurious), or
 * another negative errno with @diag set to the CLC diagnosis. No step waits
 * for the network. abort() may be called after any step, once; after a
 * successful finish() the attempt only needs abort() to drop what it still
 * holds for itself, the connection stays.
 *
 * Data: post() places bytes and state of an established connection.
 */
#ifndef _SMC_TRANSPORT_H
#define _SMC_TRANSPORT_H

#include <linux/in6.h>
#include <linux/types.h>

#include "cdc_wire.h"
#include "clc_wire.h"

struct net;
struct smc_conn;
struct smc_attempt;
struct smcr_attempt;
struct smc_transport_ops;

/**
 * struct smc_attempt - the transport's view of one handshake
 * @transport: what will carry the connection; NULL if there is none
 * @net: network namespace of the socket; the owner keeps it alive
 * @server: true if this end accepted the TCP connection
 * @gatewayed: TCP's route to the peer goes through a gateway
 * @local: own address of the TCP connection, IPv4 as mapped address
 * @remote: the peer's address, likewise
 * @ifindex: device of TCP's route, 0 if unknown
 * @snd_size: wanted size of the send ring, bytes
 * @rcv_size: wanted size of the RMBE, bytes
 * @snd_auto: nobody asked for @snd_size: more is welcome if there is plenty
 * @rcv_auto: likewise for @rcv_size
 * @wake: the transport has news: call the current step again. Any context,
 *	locks may be held; must only schedule.
 * @conn: the connection to be; its owner made it, the transport attaches
 *	to it in offer() (server) or accept() (client)
 * @diag: CLC diagnosis of the last error
 * @peer_id: own peer ID for Declines, zero if there is none yet; set by
 *	probe() and offer(), also when they fail
 * @deadline: jiffies at which the owner gives up the current finish() step;
 *	set by the transport in accept() for first contacts
 * @peer_out: the peer has declined, so that it will not write
 * @out_of_sync: it said that our link group is unknown to it
 * @first_contact: set by accept() (client) or offer() (server)
 * @version: SMC version in use, 1 or 2; set by accept() (client) or offer()
 *	(server)
 * @priv: the transport's own state, made by probe() or offer(), freed by
 *	abort()
 */
struct smc_attempt {
	const struct smc_transport_ops *transport;
	struct net *net;
	bool server;
	bool gatewayed;
	struct in6_addr local;
	struct in6_addr remote;
	int ifindex;
	u32 snd_size;
	u32 rcv_size;
	bool snd_auto;
	bool rcv_auto;
	void (*wake)(struct smc_attempt *at);
	struct smc_conn *conn;
	enum smc_clc_diag diag;
	u8 peer_id[SMC_PEER_ID_LEN];
	unsigned long deadline;
	bool peer_out;
	bool out_of_sync;
	bool first_contact;
	u8 version;
	struct smcr_attempt *priv;
};

/**
 * struct smc_tx_msg - one message of the stream to the peer
 * @pos: stream position of the first byte; it gives the offset in the send
 *	ring and in the peer's RMBE
 * @len: number of bytes, 0 for connection state only. They never wrap around
 *	the end of the peer's RMBE, but may wrap around the end of the ring.
 * @signal: the caller needs to learn of the completion soon
 * @cons: in: own consumer position to tell the peer. out: what was told, the
 *	compact form may round down.
 * @cdc: connection state to send; seq, token and cursors filled in. The
 *	transport may use a more compact form of the same meaning.
 */
struct smc_tx_msg {
	u64 pos;
	u32 len;
	bool signal;
	u64 cons;
	struct smc_cdc cdc;
};

/**
 * struct smc_transport_ops - what carries connections
 * @name: short name for people
 * @available: could a connection be carried at all? If not, TCP is not even
 *	asked to show the option. Any context.
 * @probe: client: find devices for @at and fill the Proposal. -ENODEV if
 *	there is none.
 * @offer: server: judge the Proposal, choose or make a link group, attach
 *	@at->conn to it, fill the Accept.
 * @accept: @msg is the peer's Accept (client) or Confirm (server). The client
 *	attaches @at->conn and fills @reply, the Confirm; @reply is NULL for
 *	servers.
 * @finish: everything after the Confirm; 0 once the connection may carry data
 * @abort: forget @at; detach its connection if it is not established. Sleeps.
 * @post: send one message. conn->lock held. 0; -EAGAIN if there is no room
 *	now, conn->ops->event(SMC_CONN_TX_ROOM) will follow; -ENOLINK if the
 *	connection is dead.
 * @detach: the peer will write no more: unpublish the connection and give its
 *	RMBE back. Any context, no locks held. Idempotent.
 * @park: all is said, but the peer has not closed for a long time and may
 *	still write: give back what that does not concern. detach() follows if
 *	the peer closes after all. Any context, no locks held.
 * @release: last reference is gone: give back what detach() left. Any context.
 */
struct smc_transport_ops {
	const char *name;
	bool (*available)(void);
	int (*probe)(struct smc_attempt *at, struct smc_clc_proposal *prop);
	int (*offer)(struct smc_attempt *at,
		     const struct smc_clc_proposal *prop,
		     struct smc_clc_accept *reply);
	int (*accept)(struct smc_attempt *at, const struct smc_clc_accept *msg,
		      struct smc_clc_accept *reply);
	int (*finish)(struct smc_attempt *at);
	void (*abort)(struct smc_attempt *at);
	int (*post)(struct smc_conn *conn, struct smc_tx_msg *msg);
	void (*detach)(struct smc_conn *conn);
	void (*park)(struct smc_conn *conn);
	void (*release)(struct smc_conn *conn);
};

void smc_transport_register(const struct smc_transport_ops *ops);
void smc_transport_unregister(const struct smc_transport_ops *ops);
const struct smc_transport_ops *smc_transport_get(void);
bool smc_transport_available(void);

#endif /* _SMC_TRANSPORT_H */
