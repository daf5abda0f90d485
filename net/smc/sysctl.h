/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Knobs of a network namespace: /proc/sys/net/smc/.
 */
#ifndef _SMC_SYSCTL_H
#define _SMC_SYSCTL_H

#include <linux/types.h>

struct net;

#define SMC_SYSCTL_MEM_DEFAULT	(128 * 1024)	/* of wmem and rmem */

/**
 * struct smc_sysctl - knobs of one network namespace
 * @autocorking_size: less than this waits for a completion that is on its
 *	way, 0 = nothing does; for new connections
 * @buf_type: kind of memory for buffers: only 0, physically contiguous
 * @testlink_time: seconds of silence after which a link is tested, 0 = never;
 *	for new link groups
 * @wmem: bytes of a send ring if SO_SNDBUF does not say otherwise; the default
 *	is only a hint
 * @rmem: bytes of an RMBE if SO_RCVBUF does not say otherwise; likewise
 * @max_links: links of a link group
 * @max_conns: connections of a link group, to be negotiated; for new groups
 * @limit_hs: default of the socket option SMC_LIMIT_HS
 *
 * They change at any time: read them with READ_ONCE().
 */
struct smc_sysctl {
	unsigned int autocorking_size;
	int buf_type;
	int testlink_time;
	int wmem;
	int rmem;
	int max_links;
	int max_conns;
	int limit_hs;
};

struct smc_sysctl *smc_sysctl(struct net *net);

int smc_sysctl_init(void);
void smc_sysctl_fini(void);

#endif /* _SMC_SYSCTL_H */
