// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of transports: at present room for one.
 *
 * Registered once at module load, before any socket can exist, and gone after
 * the last: readers need no lock.
 */
#include <linux/bug.h>
#include <linux/compiler.h>

#include "transport.h"

static const struct smc_transport_ops *transport;

/**
 * smc_transport_register() - offer a transport to handshakes
 * @ops: its operations, static
 */
void smc_transport_register(const struct smc_transport_ops *ops)
{
	WARN_ON_ONCE(transport);
	WRITE_ONCE(transport, ops);
}

/**
 * smc_transport_unregister() - withdraw a transport
 * @ops: as registered
 */
void smc_transport_unregister(const struct smc_transport_ops *ops)
{
	WARN_ON_ONCE(transport != ops);
	WRITE_ONCE(transport, NULL);
}

/**
 * smc_transport_get() - the transport for a new handshake
 *
 * Return: operations, or NULL if there is none.
 */
const struct smc_transport_ops *smc_transport_get(void)
{
	return READ_ONCE(transport);
}

/**
 * smc_transport_available() - could a connection be carried at all?
 *
 * Any context.
 *
 * Return: false if every handshake would end in plain TCP.
 */
bool smc_transport_available(void)
{
	const struct smc_transport_ops *ops = READ_ONCE(transport);

	return ops && ops->available();
}
