// SPDX-License-Identifier: GPL-2.0
/*
 * GCOV for kernels that were built without: the kernel's own, from the source
 * of another one, as a module. scripts/coverage builds it beside smc.ko and
 * tells the compiler where kernel/gcov is.
 *
 * Such a kernel does not call the constructors of modules, by which the counters
 * are made known: they are called here, before a module's init function, if it
 * has gcov_ctors.c. The counts of a module that goes are kept.
 *
 * /sys/kernel/debug/gcov, as in Documentation/dev-tools/gcov.rst
 */
#define pr_fmt(fmt)	"gcov: " fmt
#define OBJTREE		"/"
#define SRCTREE		"/"
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/module.h>

/* each file has one; a module may have one only */
#undef device_initcall
#define device_initcall(fn)

#include "base.c"
#include "gcc_base.c"
#include "gcc_4_7.c"
#include "fs.c"

/* what kallsyms_lookup_name() would say, were it exported */
static void *find(const char *module, const char *function)
{
	char name[MODULE_NAME_LEN + KSYM_NAME_LEN + 1];
	struct kprobe kp = { .symbol_name = name };

	snprintf(name, sizeof(name), "%s:%s", module, function);
	if (register_kprobe(&kp))
		return NULL;
	unregister_kprobe(&kp);
	return kp.addr;
}

static int coming(struct notifier_block *nb, unsigned long event, void *data)
{
	struct module *mod = data;
	void (*ctors)(void);

	if (event != MODULE_STATE_COMING)
		return NOTIFY_OK;
	ctors = find(mod->name, "gcov_ctors");
	if (ctors)
		ctors();
	return NOTIFY_OK;
}

static struct notifier_block coming_nb = {
	.notifier_call = coming,
};

static int __init smc_gcov_init(void)
{
	int ret = gcov_fs_init();

	if (!ret)
		ret = gcov_init();
	return ret ? : register_module_notifier(&coming_nb);
}
module_init(smc_gcov_init);

MODULE_DESCRIPTION("GCOV for modules");
MODULE_LICENSE("GPL");
