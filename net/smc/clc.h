/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CLC messages on the TCP connection: bytes in, bytes out.
 */
#ifndef _SMC_CLC_H
#define _SMC_CLC_H

#include "clc_wire.h"

struct sock;

/**
 * struct smc_clc_rx - one message being received
 * @hdr: its header, valid once SMC_CLC_HDR_LEN bytes are there
 * @got: bytes taken from the stream so far
 * @len: bytes kept in @buf
 * @buf: the message; what does not fit is dropped
 */
struct smc_clc_rx {
	struct smc_clc_hdr hdr;
	u32 got;
	u32 len;
	u8 buf[SMC_CLC_MAX_LEN];
};

/**
 * smc_clc_rx_init() - be ready for the next message
 * @rx: receiver
 */
static inline void smc_clc_rx_init(struct smc_clc_rx *rx)
{
	rx->got = 0;
	rx->len = 0;
}

/**
 * smc_clc_rx_kept() - bytes of the message to give to the decoder
 * @rx: receiver that has a complete message
 *
 * Return: number of bytes.
 */
static inline size_t smc_clc_rx_kept(const struct smc_clc_rx *rx)
{
	return rx->len;
}

int smc_clc_init(void);
void smc_clc_fini(void);
int smc_clc_recv(struct sock *sk, struct smc_clc_rx *rx);
int smc_clc_send(struct sock *sk, const u8 *buf, size_t len);
int smc_clc_send_decline(struct sock *sk, const u8 *peer_id, u8 version,
			 u32 diag);
int smc_clc_peek(struct sock *sk, u8 *buf, size_t len);
void smc_clc_skip(struct sock *sk, size_t len);

#endif /* _SMC_CLC_H */
