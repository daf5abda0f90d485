/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the liar can do. A lie gets a group with two connections: @a, which it
 * lies on, and @b, which is honest. It returns NULL, or what went wrong.
 */
#ifndef LIAR_LIES_H
#define LIAR_LIES_H

#include "peer.h"

#define A_LIVES		1	/* @a carries data afterwards */
#define B_LIVES		2	/* so does @b, and the group lives */
#define BOTH_LIVE	(A_LIVES | B_LIVES)
#define IMM		4	/* needs a group with immediate data */
#define ALONE		8	/* makes its groups itself: @a, @b are NULL */
#define RARE		16	/* takes long: not in each round */
#define CLIENT_LIES	32	/* cannot be told by a server */

struct lie {
	const char *name;
	const char *(*tell)(struct conn *a, struct conn *b);
	unsigned int flags;
	const char *stat;	/* counter of the victim that rises */
};

extern const struct lie llc_lies[], cdc_lies[], rdma_lies[], group_lies[];

#endif /* LIAR_LIES_H */
