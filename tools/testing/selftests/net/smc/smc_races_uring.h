/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small io_uring for each worker of smc_races: requests go out one by one,
 * completions are taken when they happen to be there.
 */
#ifndef SMC_RACES_URING_H
#define SMC_RACES_URING_H

#include <linux/io_uring.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define URING_DEPTH 16

struct uring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	unsigned int pending;
};

static inline bool uring_open(struct uring *u)
{
	struct io_uring_params p = { 0 };
	char *map;

	u->fd = syscall(__NR_io_uring_setup, URING_DEPTH, &p);
	if (u->fd < 0)
		return false;
	map = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*u->cqes),
		   PROT_READ | PROT_WRITE, MAP_SHARED, u->fd,
		   IORING_OFF_SQ_RING);
	u->sqes = mmap(NULL, p.sq_entries * sizeof(*u->sqes),
		       PROT_READ | PROT_WRITE, MAP_SHARED, u->fd,
		       IORING_OFF_SQES);
	if (map == MAP_FAILED || u->sqes == MAP_FAILED)
		return false;
	u->sq_tail = (void *)(map + p.sq_off.tail);
	u->sq_mask = (void *)(map + p.sq_off.ring_mask);
	u->sq_array = (void *)(map + p.sq_off.array);
	u->cq_head = (void *)(map + p.cq_off.head);
	u->cq_tail = (void *)(map + p.cq_off.tail);
	u->cq_mask = (void *)(map + p.cq_off.ring_mask);
	u->cqes = (void *)(map + p.cq_off.cqes);
	return true;
}

/* Send a request off; true if the kernel took it. */
static inline bool uring_submit(struct uring *u, const struct io_uring_sqe *sqe)
{
	unsigned int index = *u->sq_tail & *u->sq_mask;

	u->sqes[index] = *sqe;
	u->sq_array[index] = index;
	__atomic_store_n(u->sq_tail, *u->sq_tail + 1, __ATOMIC_RELEASE);
	u->pending++;
	return syscall(__NR_io_uring_enter, u->fd, 1, 0,
		       IORING_ENTER_GETEVENTS, NULL, 0) == 1;
}

/* A completion, if there is one. */
static inline bool uring_reap(struct uring *u, struct io_uring_cqe *cqe)
{
	unsigned int head = *u->cq_head;

	if (head == __atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE))
		return false;
	*cqe = u->cqes[head & *u->cq_mask];
	__atomic_store_n(u->cq_head, head + 1, __ATOMIC_RELEASE);
	if (!(cqe->flags & IORING_CQE_F_MORE) && u->pending)
		u->pending--;
	return true;
}

#endif /* SMC_RACES_URING_H */
