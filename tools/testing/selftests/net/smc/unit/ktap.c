// SPDX-License-Identifier: GPL-2.0
/*
 * A small test frame: runs all registered tests and reports as KTAP.
 *
 * unit                 run all
 * unit --corpus DIR    write the golden messages to DIR/fuzz_*.corpus/
 */
#include <ctype.h>

#include "ktap.h"

struct golden_lists golden;

static struct test *tests;
static unsigned int nr_fails;
static u32 rnd_state;

void test_register(struct test *test)
{
	struct test **p = &tests;

	while (*p)
		p = &(*p)->next;
	*p = test;
}

bool test_failed(const char *file, int line)
{
	const char *base = strrchr(file, '/');

	if (nr_fails++ >= 20)
		return false;
	printf("# %s:%d: ", base ? base + 1 : file, line);
	return true;
}

void expect_bytes(const char *file, int line, const char *what, const u8 *got,
		  const u8 *want, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (got[i] == want[i])
			continue;
		if (test_failed(file, line))
			printf("%s: byte %zu is %02x, want %02x\n", what, i,
			       got[i], want[i]);
		return;
	}
}

static void bad_text(const char *text)
{
	printf("Bail out! bad bytes in the test itself: %s\n", text);
	exit(1);
}

size_t hex(const char *text, u8 *buf, size_t size)
{
	const char *p = text;
	unsigned long times;
	unsigned int byte;
	size_t len = 0;
	char *end;

	while (*p) {
		if (isspace((unsigned char)*p)) {
			p++;
			continue;
		}
		if (!isxdigit((unsigned char)p[0]) ||
		    !isxdigit((unsigned char)p[1]) ||
		    sscanf(p, "%2x", &byte) != 1)
			bad_text(text);
		p += 2;
		times = 1;
		if (*p == '*') {
			times = strtoul(p + 1, &end, 10);
			p = end;
		}
		if (times > size - len)
			bad_text(text);
		memset(buf + len, byte, times);
		len += times;
	}
	return len;
}

u8 *exact(const u8 *buf, size_t len)
{
	u8 *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, buf, len);
	return copy;
}

u32 rnd(void)
{
	rnd_state = rnd_state * 1664525 + 1013904223;
	return rnd_state >> 8;
}

void rnd_bytes(void *buf, size_t len)
{
	u8 *p = buf;

	while (len--)
		*p++ = rnd();
}

const char *golden_text(const struct golden *list, const char *name)
{
	for (; list->name[0]; list++)
		if (!strcmp(list->name, name))
			return list->text;
	bad_text(name);
	return NULL;
}

static struct golden *golden_section(const char *line)
{
	if (!strncmp(line, "[clc]", 5))
		return golden.clc;
	if (!strncmp(line, "[llc]", 5))
		return golden.llc;
	if (!strncmp(line, "[cdc]", 5))
		return golden.cdc;
	bad_text(line);
	return NULL;
}

static void golden_load(const char *path)
{
	struct golden *list = NULL, *g = NULL;
	char line[128], *text;
	FILE *f;

	f = fopen(path, "r");
	if (!f)
		bad_text(path);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || !line[0])
			continue;
		if (line[0] == '[') {
			list = golden_section(line);
			g = NULL;
			continue;
		}
		text = line;
		if (line[0] != ' ') {
			text = strchr(line, ':');
			g = g ? g + 1 : list;
			if (!text || !g || g - list >= MAX_GOLDEN - 1 ||
			    text - line >= (long)sizeof(g->name))
				bad_text(line);
			memcpy(g->name, line, text - line);
			text++;
		}
		if (!g || strlen(g->text) + strlen(text) >= sizeof(g->text))
			bad_text(line);
		strcat(g->text, text);
	}
	fclose(f);
}

static void write_corpus(const char *dir, const char *fuzzer,
			 const struct golden *list)
{
	u8 buf[MAX_MSG];
	char path[4096];
	size_t len;
	FILE *f;

	for (; list->name[0]; list++) {
		len = hex(list->text, buf, sizeof(buf));
		snprintf(path, sizeof(path), "%s/%s.corpus/%s", dir, fuzzer,
			 list->name);
		f = fopen(path, "w");
		if (!f || fwrite(buf, 1, len, f) != len || fclose(f)) {
			perror(path);
			exit(1);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned int nr = 0, nr_bad = 0;
	struct test *test;

	golden_load(GOLDEN_FILE);
	if (argc == 3 && !strcmp(argv[1], "--corpus")) {
		write_corpus(argv[2], "fuzz_clc", golden.clc);
		write_corpus(argv[2], "fuzz_llc", golden.llc);
		write_corpus(argv[2], "fuzz_cdc", golden.cdc);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (test = tests; test; test = test->next)
		nr++;
	printf("KTAP version 1\n1..%u\n", nr);
	nr = 0;
	for (test = tests; test; test = test->next) {
		nr_fails = 0;
		rnd_state = 1;
		test->run();
		if (nr_fails)
			nr_bad++;
		printf("%sok %u %s\n", nr_fails ? "not " : "", ++nr,
		       test->name);
	}
	printf("# %u passed, %u failed\n", nr - nr_bad, nr_bad);
	return nr_bad ? 1 : 0;
}
