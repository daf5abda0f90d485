/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small test frame: tests register themselves and report as KTAP.
 */
#ifndef _SMC_UNIT_KTAP_H
#define _SMC_UNIT_KTAP_H

#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

/**
 * struct test - one test
 * @name: what the KTAP line says
 * @run: the test; it fails by EXPECT macros
 * @next: set by test_register()
 */
struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *test);
/* counts a failure and says where; false if too much was said already */
bool test_failed(const char *file, int line);

#define test_fail(...)							\
	do {								\
		if (test_failed(__FILE__, __LINE__)) {			\
			printf(__VA_ARGS__);				\
			printf("\n");					\
		}							\
	} while (0)

#define TEST(fn)							\
	static void fn(void);						\
	static struct test test_##fn = { .name = #fn, .run = fn };	\
	static void __attribute__((constructor)) register_##fn(void)	\
	{								\
		test_register(&test_##fn);				\
	}								\
	static void fn(void)

#define EXPECT(cond)							\
	do {								\
		if (!(cond))						\
			test_fail("%s", #cond);				\
	} while (0)

#define EXPECT_EQ(got, want)						\
	do {								\
		long long _got = (long long)(got);			\
		long long _want = (long long)(want);			\
									\
		if (_got != _want)					\
			test_fail("%s is %lld (0x%llx), want %lld (0x%llx)", \
				  #got, _got, _got, _want, _want);	\
	} while (0)

#define EXPECT_STR(got, want)						\
	do {								\
		const char *_got = (got);				\
									\
		if (strcmp(_got, want))					\
			test_fail("%s is \"%s\", want \"%s\"",		\
				  #got, _got, want);			\
	} while (0)

#define EXPECT_BYTES(got, want, len)					\
	expect_bytes(__FILE__, __LINE__, #got, got, want, len)

#define EXPECT_HEX(got, text)						\
	do {								\
		u8 _want[MAX_MSG];					\
									\
		EXPECT_BYTES(got, _want,				\
			     hex(text, _want, sizeof(_want)));		\
	} while (0)

void expect_bytes(const char *file, int line, const char *what, const u8 *got,
		  const u8 *want, size_t len);

/* bytes of a text: "e2d4 00*28 ff"; returns how many */
size_t hex(const char *text, u8 *buf, size_t size);

/* a copy on the heap of exactly this length, for ASan to guard; free() it */
u8 *exact(const u8 *buf, size_t len);

/* the same numbers each time */
u32 rnd(void);
void rnd_bytes(void *buf, size_t len);

#define MAX_MSG	8192

/**
 * struct golden - message known to be right
 * @name: where it is from
 * @text: its bytes, as hex() reads them
 */
struct golden {
	char name[40];
	char text[1600];
};

#define MAX_GOLDEN	64

/**
 * struct golden_lists - contents of golden.txt
 * @clc: CLC messages; each list ends with one without name
 * @llc: LLC messages
 * @cdc: CDC messages
 */
struct golden_lists {
	struct golden clc[MAX_GOLDEN];
	struct golden llc[MAX_GOLDEN];
	struct golden cdc[MAX_GOLDEN];
};

extern struct golden_lists golden;

/* the text of one of them; does not return if there is none */
const char *golden_text(const struct golden *list, const char *name);

#endif /* _SMC_UNIT_KTAP_H */
