// SPDX-License-Identifier: GPL-2.0
/*
 * Calls the constructors of the module that it is linked into; smc_gcov.c. The
 * linker puts what the compiler has made between these two, by their names.
 */
#include <linux/compiler.h>

static void (*const first[0])(void) __used __section(".init_array.00000");
static void (*const last[0])(void) __used __section(".init_array.99999");

void gcov_ctors(void);
void gcov_ctors(void)
{
	void (*const *fn)(void) = first;

	/* two arrays, as far as the compiler knows */
	OPTIMIZER_HIDE_VAR(fn);
	for (; fn < last; fn++)
		(*fn)();
}
