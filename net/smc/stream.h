/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stream layer: the bytes of an SMC connection between the application and
 * the transport. Sending (tx.c), receiving (rx.c), ending (close.c).
 *
 * Functions with a sock want its lock held by the caller and may sleep;
 * functions with a conn alone want conn->lock and do not.
 */
#ifndef _SMC_STREAM_H
#define _SMC_STREAM_H

#include <linux/socket.h>
#include <linux/types.h>

struct smc_conn;
struct sock;

/* tx.c */
int smc_tx_sendmsg(struct sock *sk, struct smc_conn *conn, struct msghdr *msg,
		   size_t len);
void smc_tx_push(struct smc_conn *conn);
void smc_tx_room(struct smc_conn *conn);
void smc_tx_uncork(struct smc_conn *conn);
void smc_tx_cons_update(struct smc_conn *conn);
void smc_tx_wake(struct smc_conn *conn);
void smc_tx_timer(struct smc_conn *conn);
bool smc_tx_writable(const struct sock *sk, const struct smc_conn *conn);
bool smc_tx_want_space(struct sock *sk, struct smc_conn *conn);
u32 smc_tx_unsent(struct smc_conn *conn);
u32 smc_tx_unacked(struct sock *sk, struct smc_conn *conn);

/* rx.c */
int smc_rx_recvmsg(struct sock *sk, struct smc_conn *conn, struct msghdr *msg,
		   size_t len, int flags);
void smc_rx_stamp(struct smc_conn *conn);
void smc_rx_wake(struct smc_conn *conn);
void smc_rx_limit_lowat(struct sock *sk, const struct smc_conn *conn);
void smc_rx_new_lowat(struct sock *sk, struct smc_conn *conn);
void smc_rx_urgent(struct smc_conn *conn);
u32 smc_rx_readable(struct sock *sk, const struct smc_conn *conn);
bool smc_rx_at_mark(const struct smc_conn *conn);
bool smc_rx_urgent_valid(const struct smc_conn *conn);

/* close.c */
void smc_close_init(struct smc_conn *conn);
void smc_close_event(struct smc_conn *conn, unsigned int ev);
void smc_close_established(struct sock *sk, struct smc_conn *conn,
			   void (*data_ready)(struct sock *sk));
void smc_close_shutdown(struct sock *sk, struct smc_conn *conn, int how);
void smc_close_by_reset(struct sock *sk);
void smc_close_release(struct sock *sk, struct smc_conn *conn);
void smc_close_dissolve(struct sock *sk, struct smc_conn *conn);
void smc_close_wake(struct sock *sk);
void smc_close_tcp_lost(struct sock *sk, struct smc_conn *conn);
void smc_close_tcp_lies(struct sock *sk, struct smc_conn *conn);
void smc_close_tcp_forgotten(struct sock *sk, struct smc_conn *conn);

extern const struct smc_conn_ops smc_stream_ops;

#endif /* _SMC_STREAM_H */
