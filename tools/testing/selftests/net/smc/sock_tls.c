// SPDX-License-Identifier: GPL-2.0
/*
 * TLS in the kernel is an ULP of TCP, as SMC is, and a socket has one only.
 * So an SMC socket refuses it, before and after fallback; programs then
 * encrypt by themselves. See Documentation/differences.rst.
 */
#include "oracle.h"
#include <linux/tls.h>

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

/* Give @fd a key for each direction, as OpenSSL does. */
static bool start_tls(int fd)
{
	struct tls12_crypto_info_aes_gcm_128 info = {
		.info.version = TLS_1_2_VERSION,
		.info.cipher_type = TLS_CIPHER_AES_GCM_128,
	};

	if (setsockopt(fd, SOL_TCP, TCP_ULP, "tls", 3))
		return false;
	if (setsockopt(fd, SOL_TLS, TLS_TX, &info, sizeof(info)) ||
	    setsockopt(fd, SOL_TLS, TLS_RX, &info, sizeof(info)))
		note("no keys: %s", strerrorname_np(errno));
	return true;
}

static void tls_refused(void)
{
	int c, s;

	make_pair(&c, &s);
	NOTE_DIFFERENCE(setsockopt(c, SOL_TCP, TCP_ULP, "tls", 3), 0, EEXIST);
	NOTE(send(c, "plain", 5, 0));
	note_recv(s, 10, 0);
	NOTE(send(s, "plain, too", 10, 0));
	note_recv(c, 20, 0);
}

static void tls_refused_unconnected(void)
{
	struct st_addr addr;
	int listener = make_listener(&addr), fd = make_socket(0);

	NOTE_DIFFERENCE(setsockopt(fd, SOL_TCP, TCP_ULP, "tls", 3), ENOTCONN,
			EEXIST);
	NOTE(connect(fd, st_sa(&addr), addr.len));
	NOTE_OK(accept(listener, NULL, NULL));
	NOTE(send(fd, "x", 1, 0));
}

/* A program that would like it and can do without: its data arrives. */
static void tls_optional(void)
{
	int c, s;

	make_pair(&c, &s);
	if (start_tls(c) && !start_tls(s))
		note("only one end has it");
	NOTE(send(c, "secret", 6, 0));
	note_recv(s, 10, 0);
	NOTE(send(s, "kept", 4, 0));
	note_recv(c, 10, 0);
	NOTE(close(c));
	note_recv(s, 10, 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(tls_refused),
	SCENARIO(tls_refused_unconnected),
	SCENARIO(tls_optional),
};

ORACLE_MAIN(scenarios)
