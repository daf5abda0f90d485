/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events, system "smc". Objects are named by ids that are also in the
 * listings: alert tokens, link group ids, link numbers, netns cookies. No
 * kernel address is ever shown.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM smc

#if !defined(_SMC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SMC_TRACE_H

#include <linux/in6.h>
#include <linux/tracepoint.h>
#include <net/net_namespace.h>

#include "cdc_wire.h"
#include "clc_wire.h"
#include "conn.h"
#include "conn_state.h"
#include "link_state.h"
#include "llc_wire.h"

/* direction of a message */
#define SMC_TRACE_RX	false
#define SMC_TRACE_TX	true

#define smc_show_clc_type(v) __print_symbolic(v,			\
	{ SMC_CLC_PROPOSAL,	"PROPOSAL" },				\
	{ SMC_CLC_ACCEPT,	"ACCEPT" },				\
	{ SMC_CLC_CONFIRM,	"CONFIRM" },				\
	{ SMC_CLC_DECLINE,	"DECLINE" })

#define smc_show_llc_type(v) __print_symbolic(v,			\
	{ SMC_LLC_CONFIRM_LINK,		"CONFIRM_LINK" },		\
	{ SMC_LLC_ADD_LINK,		"ADD_LINK" },			\
	{ SMC_LLC_ADD_LINK_CONT,	"ADD_LINK_CONT" },		\
	{ SMC_LLC_DELETE_LINK,		"DELETE_LINK" },		\
	{ SMC_LLC_REQ_ADD_LINK,		"REQ_ADD_LINK" },		\
	{ SMC_LLC_CONFIRM_RKEY,		"CONFIRM_RKEY" },		\
	{ SMC_LLC_TEST_LINK,		"TEST_LINK" },			\
	{ SMC_LLC_CONFIRM_RKEY_CONT,	"CONFIRM_RKEY_CONT" },		\
	{ SMC_LLC_DELETE_RKEY,		"DELETE_RKEY" })

#define smc_show_link_state(v) __print_symbolic(v,			\
	{ SMC_LINK_UNUSED,	"UNUSED" },				\
	{ SMC_LINK_INACTIVE,	"INACTIVE" },				\
	{ SMC_LINK_ACTIVATING,	"ACTIVATING" },				\
	{ SMC_LINK_READY,	"READY" },				\
	{ SMC_LINK_ACTIVE,	"ACTIVE" },				\
	{ SMC_LINK_DRAINING,	"DRAINING" })

#define smc_show_link_event(v) __print_symbolic(v,			\
	{ SMC_LINK_EV_CREATED,		"CREATED" },			\
	{ SMC_LINK_EV_RTR,		"RTR" },			\
	{ SMC_LINK_EV_RTS,		"RTS" },			\
	{ SMC_LINK_EV_CONFIRMED,	"CONFIRMED" },			\
	{ SMC_LINK_EV_FAILED,		"FAILED" },			\
	{ SMC_LINK_EV_DELETED,		"DELETED" },			\
	{ SMC_LINK_EV_DRAINED,		"DRAINED" })

#define smc_show_conn_state(v) __print_symbolic(v,			\
	{ SMC_CONN_ACTIVE,		"ACTIVE" },			\
	{ SMC_CONN_INIT,		"INIT" },			\
	{ SMC_CONN_CLOSED,		"CLOSED" },			\
	{ SMC_CONN_LISTEN,		"LISTEN" },			\
	{ SMC_CONN_PEER_CLOSE_WAIT1,	"PEER_CLOSE_WAIT1" },		\
	{ SMC_CONN_PEER_CLOSE_WAIT2,	"PEER_CLOSE_WAIT2" },		\
	{ SMC_CONN_APP_CLOSE_WAIT1,	"APP_CLOSE_WAIT1" },		\
	{ SMC_CONN_APP_CLOSE_WAIT2,	"APP_CLOSE_WAIT2" },		\
	{ SMC_CONN_APP_FIN_CLOSE_WAIT,	"APP_FIN_CLOSE_WAIT" },		\
	{ SMC_CONN_PEER_FIN_CLOSE_WAIT,	"PEER_FIN_CLOSE_WAIT" },	\
	{ SMC_CONN_PEER_ABORT_WAIT,	"PEER_ABORT_WAIT" },		\
	{ SMC_CONN_PROCESS_ABORT,	"PROCESS_ABORT" },		\
	{ SMC_CONN_PEER_CLOSE_WAIT1_CLOSED, "PEER_CLOSE_WAIT1_CLOSED" }, \
	{ SMC_CONN_PEER_CLOSE_WAIT2_CLOSED, "PEER_CLOSE_WAIT2_CLOSED" }, \
	{ SMC_CONN_APP_CLOSE_WAIT1_GONE, "APP_CLOSE_WAIT1_GONE" },	\
	{ SMC_CONN_APP_CLOSE_WAIT2_GONE, "APP_CLOSE_WAIT2_GONE" },	\
	{ SMC_CONN_PEER_ABORT_WAIT_CLOSED, "PEER_ABORT_WAIT_CLOSED" },	\
	{ SMC_CONN_PROCESS_ABORT_DEAD,	"PROCESS_ABORT_DEAD" })

#define smc_show_conn_event(v) __print_symbolic(v,			\
	{ SMC_CONN_EV_LISTEN,		"LISTEN" },			\
	{ SMC_CONN_EV_ESTABLISHED,	"ESTABLISHED" },		\
	{ SMC_CONN_EV_APP_SHUT_WR,	"APP_SHUT_WR" },		\
	{ SMC_CONN_EV_APP_CLOSE,	"APP_CLOSE" },			\
	{ SMC_CONN_EV_APP_ABORT,	"APP_ABORT" },			\
	{ SMC_CONN_EV_PEER_DONE_WRITING, "PEER_DONE_WRITING" },		\
	{ SMC_CONN_EV_PEER_CLOSED,	"PEER_CLOSED" },		\
	{ SMC_CONN_EV_PEER_ABORT,	"PEER_ABORT" },			\
	{ SMC_CONN_EV_KILL,		"KILL" },			\
	{ SMC_CONN_EV_LINK_LOST,	"LINK_LOST" },			\
	{ SMC_CONN_EV_LINGER_EXPIRED,	"LINGER_EXPIRED" })

/* enum smc_lgr_state */
#define smc_show_lgr_state(v) __print_symbolic(v,			\
	{ 0, "NEW" }, { 1, "SETUP" }, { 2, "ACTIVE" },			\
	{ 3, "DEAD" }, { 4, "DRAINED" }, { 5, "GONE" })

/* a connection ends in plain TCP; @reason is a CLC diagnosis */
TRACE_EVENT(smc_fallback,
	TP_PROTO(const struct net *net, bool server, u32 reason,
		 const struct in6_addr *local, const struct in6_addr *remote),
	TP_ARGS(net, server, reason, local, remote),
	TP_STRUCT__entry(
		__field(u64, net)
		__field(bool, server)
		__field(u32, reason)
		__array(u8, local, 16)
		__array(u8, remote, 16)
	),
	TP_fast_assign(
		__entry->net = net->net_cookie;
		__entry->server = server;
		__entry->reason = reason;
		memcpy(__entry->local, local, 16);
		memcpy(__entry->remote, remote, 16);
	),
	TP_printk("net=%llu %s reason=0x%08x local=%pI6c remote=%pI6c",
		  __entry->net, __entry->server ? "server" : "client",
		  __entry->reason, __entry->local, __entry->remote)
);

/* one step of the closing state machine */
TRACE_EVENT(smc_conn_state,
	TP_PROTO(u32 token, u8 old, u8 event, u8 next),
	TP_ARGS(token, old, event, next),
	TP_STRUCT__entry(
		__field(u32, token)
		__field(u8, old)
		__field(u8, event)
		__field(u8, next)
	),
	TP_fast_assign(
		__entry->token = token;
		__entry->old = old;
		__entry->event = event;
		__entry->next = next;
	),
	TP_printk("token=0x%08x %s -%s-> %s", __entry->token,
		  smc_show_conn_state(__entry->old),
		  smc_show_conn_event(__entry->event),
		  smc_show_conn_state(__entry->next))
);

/* a CLC message; @diag is that of a Decline, else 0 */
TRACE_EVENT(smc_clc,
	TP_PROTO(bool out, u8 type, u32 len, u32 diag),
	TP_ARGS(out, type, len, diag),
	TP_STRUCT__entry(
		__field(bool, out)
		__field(u8, type)
		__field(u32, len)
		__field(u32, diag)
	),
	TP_fast_assign(
		__entry->out = out;
		__entry->type = type;
		__entry->len = len;
		__entry->diag = diag;
	),
	TP_printk("%s %s len=%u diag=0x%08x", __entry->out ? "tx" : "rx",
		  smc_show_clc_type(__entry->type), __entry->len,
		  __entry->diag)
);

/* an LLC message as it is on the wire; @ret is that of its posting */
TRACE_EVENT(smc_llc,
	TP_PROTO(bool out, u32 lgr, const u8 *buf, int ret),
	TP_ARGS(out, lgr, buf, ret),
	TP_STRUCT__entry(
		__field(bool, out)
		__field(u32, lgr)
		__field(u8, type)
		__field(u8, flags)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->out = out;
		__entry->lgr = lgr;
		__entry->type = buf[0];
		__entry->flags = buf[3];
		__entry->ret = ret;
	),
	TP_printk("%s lgr=%u %s v%u flags=0x%02x ret=%d",
		  __entry->out ? "tx" : "rx", __entry->lgr,
		  smc_show_llc_type(__entry->type & 0xf),
		  __entry->type >> 4, __entry->flags, __entry->ret)
);

DECLARE_EVENT_CLASS(smc_cdc,
	TP_PROTO(const struct smc_conn *conn, const struct smc_cdc *cdc),
	TP_ARGS(conn, cdc),
	TP_STRUCT__entry(
		__field(u32, token)
		__field(u16, seq)
		__field(u16, prod_wrap)
		__field(u32, prod)
		__field(u16, cons_wrap)
		__field(u32, cons)
		__field(u8, flags)
	),
	TP_fast_assign(
		__entry->token = conn->token;
		__entry->seq = cdc->seq;
		__entry->prod_wrap = cdc->prod.wrap;
		__entry->prod = cdc->prod.count;
		__entry->cons_wrap = cdc->cons.wrap;
		__entry->cons = cdc->cons.count;
		__entry->flags = cdc->writer_blocked << 7 |
				 cdc->urgent_pending << 6 |
				 cdc->urgent_present << 5 |
				 cdc->cons_update_req << 4 |
				 cdc->failover << 3 |
				 cdc->done_writing << 2 |
				 cdc->closed << 1 | cdc->aborted;
	),
	TP_printk("token=0x%08x seq=%u prod=%u:%u cons=%u:%u flags=%s",
		  __entry->token, __entry->seq,
		  __entry->prod_wrap, __entry->prod,
		  __entry->cons_wrap, __entry->cons,
		  __print_flags(__entry->flags, "|",
				{ 0x80, "BLOCKED" }, { 0x40, "URG_PENDING" },
				{ 0x20, "URG" }, { 0x10, "UPDATE" },
				{ 0x08, "FAILOVER" }, { 0x04, "DONE" },
				{ 0x02, "CLOSED" }, { 0x01, "ABORTED" }))
);

DEFINE_EVENT(smc_cdc, smc_cdc_rx,
	TP_PROTO(const struct smc_conn *conn, const struct smc_cdc *cdc),
	TP_ARGS(conn, cdc));

DEFINE_EVENT(smc_cdc, smc_cdc_tx,
	TP_PROTO(const struct smc_conn *conn, const struct smc_cdc *cdc),
	TP_ARGS(conn, cdc));

/* bytes and state given to the send queue; @imm: as one write */
TRACE_EVENT(smc_post,
	TP_PROTO(u32 token, u64 pos, u32 len, bool imm, int ret),
	TP_ARGS(token, pos, len, imm, ret),
	TP_STRUCT__entry(
		__field(u32, token)
		__field(u64, pos)
		__field(u32, len)
		__field(bool, imm)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->token = token;
		__entry->pos = pos;
		__entry->len = len;
		__entry->imm = imm;
		__entry->ret = ret;
	),
	TP_printk("token=0x%08x pos=%llu len=%u %s ret=%d", __entry->token,
		  __entry->pos, __entry->len,
		  __entry->imm ? "imm" : "cdc", __entry->ret)
);

/* one step of a link's state machine */
TRACE_EVENT(smc_link_state,
	TP_PROTO(u32 lgr, u8 num, u8 old, u8 event, u8 next),
	TP_ARGS(lgr, num, old, event, next),
	TP_STRUCT__entry(
		__field(u32, lgr)
		__field(u8, num)
		__field(u8, old)
		__field(u8, event)
		__field(u8, next)
	),
	TP_fast_assign(
		__entry->lgr = lgr;
		__entry->num = num;
		__entry->old = old;
		__entry->event = event;
		__entry->next = next;
	),
	TP_printk("lgr=%u link=%u %s -%s-> %s", __entry->lgr, __entry->num,
		  smc_show_link_state(__entry->old),
		  smc_show_link_event(__entry->event),
		  smc_show_link_state(__entry->next))
);

/* life of a link group; see enum smc_lgr_state */
TRACE_EVENT(smc_lgr_state,
	TP_PROTO(u32 lgr, bool server, u8 old, u8 next, u32 reason),
	TP_ARGS(lgr, server, old, next, reason),
	TP_STRUCT__entry(
		__field(u32, lgr)
		__field(bool, server)
		__field(u8, old)
		__field(u8, next)
		__field(u32, reason)
	),
	TP_fast_assign(
		__entry->lgr = lgr;
		__entry->server = server;
		__entry->old = old;
		__entry->next = next;
		__entry->reason = reason;
	),
	TP_printk("lgr=%u %s %s -> %s reason=0x%08x", __entry->lgr,
		  __entry->server ? "server" : "client",
		  smc_show_lgr_state(__entry->old),
		  smc_show_lgr_state(__entry->next), __entry->reason)
);

/* an error completion; flushes after the first one are not shown */
TRACE_EVENT(smc_wr_error,
	TP_PROTO(u32 qpn, bool send, u32 status, u32 vendor_err),
	TP_ARGS(qpn, send, status, vendor_err),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(bool, send)
		__field(u32, status)
		__field(u32, vendor_err)
	),
	TP_fast_assign(
		__entry->qpn = qpn;
		__entry->send = send;
		__entry->status = status;
		__entry->vendor_err = vendor_err;
	),
	TP_printk("qpn=%u %s status=%u vendor_err=0x%x", __entry->qpn,
		  __entry->send ? "send" : "recv", __entry->status,
		  __entry->vendor_err)
);

/* the transport refused a handshake */
TRACE_EVENT(smc_refuse,
	TP_PROTO(bool server, u32 diag, int err),
	TP_ARGS(server, diag, err),
	TP_STRUCT__entry(
		__field(bool, server)
		__field(u32, diag)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->server = server;
		__entry->diag = diag;
		__entry->err = err;
	),
	TP_printk("%s diag=0x%08x err=%d",
		  __entry->server ? "server" : "client", __entry->diag,
		  __entry->err)
);

#endif /* _SMC_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

#include <trace/define_trace.h>
