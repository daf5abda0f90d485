/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What user space needs to use AF_SMC sockets. The numbers are those of
 * Linux.
 */
#ifndef _UAPI_LINUX_SMC_PROTO_H
#define _UAPI_LINUX_SMC_PROTO_H

/* protocols of the family AF_SMC */
#define SMCPROTO_SMC	0	/* SMC over IPv4 */
#define SMCPROTO_SMC6	1	/* SMC over IPv6 */

/* protocol of the families AF_INET and AF_INET6; a macro for module aliases */
#ifndef IPPROTO_SMC
#define IPPROTO_SMC	256
#endif

/* options of the level SOL_SMC */
#define SMC_LIMIT_HS	1	/* int: a busy listener prefers plain TCP */

#endif /* _UAPI_LINUX_SMC_PROTO_H */
