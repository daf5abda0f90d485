/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SMC option in SYN and SYN/ACK of ordinary TCP sockets: what a program
 * needs that speaks CLC on its own. A BPF program of type sockops writes it; it
 * is attached to a cgroup made for the calling process, so that no other socket
 * of the machine is concerned.
 */
#ifndef SYNOPT_H
#define SYNOPT_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYNOPT_ROOT	"/run/synopt"
#define SYNOPT_LEN	6	/* kind 254, length, "SMCR" in EBCDIC */
#define SYNOPT_TCP_SYN	0x02

#define BPF_INSN(code_, dst, src, off_, imm_) ((struct bpf_insn) {	\
	.code = (code_), .dst_reg = (dst), .src_reg = (src),		\
	.off = (off_), .imm = (int32_t)(imm_) })
#define BPF_LOAD(dst, src, off)	BPF_INSN(BPF_LDX | BPF_W | BPF_MEM, dst, src, \
					 off, 0)
#define BPF_SET(dst, imm)	BPF_INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, \
					 0, imm)
#define BPF_COPY(dst, src)	BPF_INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, \
					 src, 0, 0)
#define BPF_IF_EQ(reg, imm, to)	BPF_INSN(BPF_JMP | BPF_JEQ | BPF_K, reg, 0, \
					 to, imm)
#define BPF_IF_BIT(reg, imm, to) BPF_INSN(BPF_JMP | BPF_JSET | BPF_K, reg, 0, \
					  to, imm)
#define BPF_CALL_TO(func)	BPF_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, \
					 BPF_FUNC_##func)
#define BPF_LEAVE()		BPF_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define BPF_CTX(dst, field)	BPF_LOAD(dst, 6, \
					 offsetof(struct bpf_sock_ops, field))

static inline int synopt_bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/*
 * Sockets that connect or listen ask to be called for options; then each SYN
 * and SYN/ACK gets one. Registers: 6 context, 7 operation.
 */
static inline int synopt_load(void)
{
	static char log[16384];
	const struct bpf_insn prog[] = {
		BPF_COPY(6, 1),
		BPF_CTX(7, op),
		BPF_IF_EQ(7, BPF_SOCK_OPS_TCP_CONNECT_CB, 5),
		BPF_IF_EQ(7, BPF_SOCK_OPS_TCP_LISTEN_CB, 4),
		BPF_IF_EQ(7, BPF_SOCK_OPS_HDR_OPT_LEN_CB, 8),
		BPF_IF_EQ(7, BPF_SOCK_OPS_WRITE_HDR_OPT_CB, 17),
		BPF_SET(0, 1),
		BPF_LEAVE(),
		/* ask */
		BPF_COPY(1, 6),
		BPF_SET(2, BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG),
		BPF_CALL_TO(sock_ops_cb_flags_set),
		BPF_SET(0, 1),
		BPF_LEAVE(),
		/* how long? */
		BPF_CTX(8, skb_tcp_flags),
		BPF_IF_BIT(8, SYNOPT_TCP_SYN, 2),
		BPF_SET(0, 1),
		BPF_LEAVE(),
		BPF_COPY(1, 6),
		BPF_SET(2, 8),
		BPF_SET(3, 0),
		BPF_CALL_TO(reserve_hdr_opt),
		BPF_SET(0, 1),
		BPF_LEAVE(),
		/* write: the bytes fe 06 e2 d4, then c3 d9 */
		BPF_CTX(8, skb_tcp_flags),
		BPF_IF_BIT(8, SYNOPT_TCP_SYN, 2),
		BPF_SET(0, 1),
		BPF_LEAVE(),
		BPF_SET(9, 0xd4e206fe),
		BPF_INSN(BPF_STX | BPF_MEM | BPF_W, 10, 9, -8, 0),
		BPF_SET(9, 0xd9c3),
		BPF_INSN(BPF_STX | BPF_MEM | BPF_W, 10, 9, -4, 0),
		BPF_COPY(1, 6),
		BPF_COPY(2, 10),
		BPF_INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -8),
		BPF_SET(3, SYNOPT_LEN),
		BPF_SET(4, 0),
		BPF_CALL_TO(store_hdr_opt),
		BPF_SET(0, 1),
		BPF_LEAVE(),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCK_OPS,
		.insns = (uintptr_t)prog,
		.insn_cnt = sizeof(prog) / sizeof(prog[0]),
		.license = (uintptr_t)"GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int fd = synopt_bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		err(1, "BPF program: %s", log);
	return fd;
}

/* All sockets of this process that connect or listen from now on. */
static inline void synopt_start(void)
{
	union bpf_attr attr = {
		.attach_type = BPF_CGROUP_SOCK_OPS,
	};
	char path[64], pid[16];
	int fd, cgroup;

	mkdir(SYNOPT_ROOT, 0755);
	if (mount("none", SYNOPT_ROOT, "cgroup2", 0, NULL) && errno != EBUSY)
		err(1, "cgroup2");
	snprintf(path, sizeof(path), "%s/%d", SYNOPT_ROOT, getpid());
	if (mkdir(path, 0755) && errno != EEXIST)
		err(1, "%s", path);
	cgroup = open(path, O_RDONLY | O_DIRECTORY);
	if (cgroup < 0)
		err(1, "%s", path);
	attr.target_fd = cgroup;
	attr.attach_bpf_fd = synopt_load();
	if (synopt_bpf(BPF_PROG_ATTACH, &attr))
		err(1, "BPF attach");

	fd = openat(cgroup, "cgroup.procs", O_WRONLY);
	snprintf(pid, sizeof(pid), "%d", getpid());
	if (fd < 0 || write(fd, pid, strlen(pid)) < 0)
		err(1, "cgroup.procs");
	close(fd);
}

#endif /* SYNOPT_H */
