// SPDX-License-Identifier: GPL-2.0
/*
 * Enterprise IDs of this host.
 *
 * As long as the administrator has set none, the built-in one stands in, so
 * that hosts on one wire need no configuration. It never leads beyond that
 * wire: connections through a gateway are not offered. One table for all
 * network namespaces, as in Linux.
 *
 * wire-protocol.md 9.2
 */
#include <linux/ctype.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "eid.h"

#define BLANKS_8	"        "

static const u8 eid_builtin[SMC_EID_LEN + 1] =
	"SMC-R   " BLANKS_8 BLANKS_8 BLANKS_8;

static DEFINE_SPINLOCK(eid_lock);	/* guards what follows */
static u8 eid_table[SMC_EID_MAX][SMC_EID_LEN];
static u8 eid_nr;

static int eid_find(const u8 *eid)
{
	int i;

	lockdep_assert_held(&eid_lock);
	for (i = 0; i < eid_nr; i++) {
		if (!memcmp(eid_table[i], eid, SMC_EID_LEN))
			return i;
	}
	return -ENOENT;
}

/* capitals and digits, later also dots and dashes; 9.2 */
static bool eid_is_valid(const u8 *eid)
{
	int i, len = SMC_EID_LEN;

	while (len && eid[len - 1] == ' ')
		len--;
	for (i = 0; i < len; i++) {
		/* isupper() would let umlauts through */
		if ((eid[i] >= 'A' && eid[i] <= 'Z') || isdigit(eid[i]))
			continue;
		if (!i || (eid[i] != '.' && eid[i] != '-'))
			return false;
	}
	return len;
}

/**
 * smc_eid_add() - add an enterprise ID
 * @eid: SMC_EID_LEN bytes, blank padded
 *
 * The first one replaces the built-in one. Any context but interrupts.
 *
 * Return: 0, -EINVAL, -EEXIST, -ERANGE if the table is full.
 */
int smc_eid_add(const u8 *eid)
{
	int ret = 0;

	if (!eid_is_valid(eid))
		return -EINVAL;
	spin_lock(&eid_lock);
	if (eid_find(eid) >= 0)
		ret = -EEXIST;
	else if (eid_nr == SMC_EID_MAX)
		ret = -ERANGE;
	else
		memcpy(eid_table[eid_nr++], eid, SMC_EID_LEN);
	spin_unlock(&eid_lock);
	return ret;
}

/**
 * smc_eid_del() - remove an enterprise ID
 * @eid: SMC_EID_LEN bytes, blank padded
 *
 * Any context but interrupts.
 *
 * Return: 0, or -ENOENT, also for the built-in one.
 */
int smc_eid_del(const u8 *eid)
{
	int i;

	spin_lock(&eid_lock);
	i = eid_find(eid);
	if (i >= 0) {
		eid_nr--;
		memmove(eid_table[i], eid_table[i + 1],
			(eid_nr - i) * SMC_EID_LEN);
	}
	spin_unlock(&eid_lock);
	return i < 0 ? i : 0;
}

/**
 * smc_eid_flush() - back to the built-in one
 *
 * Any context but interrupts.
 */
void smc_eid_flush(void)
{
	spin_lock(&eid_lock);
	eid_nr = 0;
	spin_unlock(&eid_lock);
}

/**
 * smc_eid_list() - what is offered: the table, or else the built-in one
 * @eids: room for SMC_EID_MAX
 *
 * Any context but interrupts.
 *
 * Return: number of enterprise IDs, at least 1.
 */
u8 smc_eid_list(smc_eid_t *eids)
{
	u8 nr;

	spin_lock(&eid_lock);
	nr = eid_nr;
	memcpy(eids, eid_table, nr * SMC_EID_LEN);
	spin_unlock(&eid_lock);
	if (nr)
		return nr;
	memcpy(eids[0], eid_builtin, SMC_EID_LEN);
	return 1;
}

/**
 * smc_eid_match() - choose the first offered one that this host has too
 * @eids: offered
 * @nr: number of these
 * @match: where to put it
 *
 * Any context but interrupts.
 *
 * Return: false if there is none.
 */
bool smc_eid_match(const smc_eid_t *eids, u8 nr, u8 *match)
{
	u8 own[SMC_EID_MAX][SMC_EID_LEN];
	u8 own_nr = smc_eid_list(own);
	u8 i, j;

	for (i = 0; i < nr; i++) {
		for (j = 0; j < own_nr; j++) {
			if (memcmp(eids[i], own[j], SMC_EID_LEN))
				continue;
			memcpy(match, own[j], SMC_EID_LEN);
			return true;
		}
	}
	return false;
}
