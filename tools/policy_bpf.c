// SPDX-License-Identifier: GPL-2.0
/*
 * smc_policy by a BPF program at socket(2)
 *
 * The program and its rules, those of all network namespaces in one map, stay
 * in the kernel as long as they are pinned in /sys/fs/bpf/smc_policy. With the
 * last rule they go.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "smc_policy.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE	71
#endif

#define FS	"/sys/fs/bpf"
#define PINS	FS "/smc_policy"

static const char map_pin[] = PINS "/rules";
static const char link_pin[] = PINS "/link";

/* smc_policy.bpf.c, compiled */
__asm__(".section .rodata\n"
	".balign 8\n"
	"bpf_object_start: .incbin \"" BPF_OBJECT "\"\n"
	"bpf_object_end:\n"
	".previous\n");
extern const char bpf_object_start[], bpf_object_end[];

static int print(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return debugging && level <= LIBBPF_INFO ? vfprintf(stderr, fmt, args) :
						   0;
}

static bool in_use(void)
{
	return !access(map_pin, F_OK) || errno == EACCES;
}

/*
 * The program looks at the kernel's switch for SMC. Where sysctl
 * kernel.kptr_restrict hides its address, libbpf takes 0 for it, and no socket
 * would ever be an SMC socket.
 */
static bool switch_is_visible(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	unsigned long long address;
	bool visible = false;
	char name[256];

	if (!symbols)
		return false;
	while (fscanf(symbols, "%llx %*c %255s%*[^\n]", &address, name) == 2)
		if (!strcmp(name, "tcp_have_smc")) {
			visible = address;
			break;
		}
	fclose(symbols);
	return visible;
}

static bool available(void)
{
	libbpf_set_print(print);
	if (!access(map_pin, F_OK))
		return true;
	return libbpf_find_vmlinux_btf_id("update_socket_protocol",
					  BPF_MODIFY_RETURN) > 0 &&
	       switch_is_visible();
}

/* Not the root of a container, for example. */
static bool permitted(void)
{
	__u32 id;

	return !bpf_prog_get_next_id(0, &id) || errno != EPERM;
}

static int lock(void)
{
	struct statfs fs;
	int fd;

	if (!statfs(FS, &fs) && fs.f_type != BPF_FS_MAGIC &&
	    mount("bpf", FS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=700"))
		return fail(FS);
	fd = open(FS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX))
		return fail(FS);
	return fd;
}

static int own_netns(__u64 *cookie)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*cookie);
	int ret;

	if (fd < 0)
		return fail("socket");
	ret = getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &len);
	close(fd);
	return ret ? fail("SO_NETNS_COOKIE") : 0;
}

static int read_map(struct rule_set *set)
{
	struct smc_policy_rule rule, *last = NULL;
	int map, ret = 0;
	__u64 netns;

	set->count = 0;
	map = bpf_obj_get(map_pin);
	if (map < 0)
		return errno == ENOENT ? 0 : fail(map_pin);
	if (own_netns(&netns))
		ret = -1;
	while (!ret && !bpf_map_get_next_key(map, last, &rule)) {
		last = &rule;
		if (rule.netns == netns)
			add_to_set(set, &rule);
	}
	close(map);
	return ret;
}

/* Load and pin. Returns the map. */
static int load(void)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "smc_policy");
	struct bpf_object *obj;
	struct bpf_link *link;
	int map = -1;

	obj = bpf_object__open_mem(bpf_object_start,
				   bpf_object_end - bpf_object_start, &opts);
	if (!obj)
		return fail("BPF object");
	if (bpf_object__load(obj)) {
		fail("loading the BPF program");
		goto out;
	}
	if (mkdir(PINS, 0700) && errno != EEXIST) {
		fail(PINS);
		goto out;
	}
	link = bpf_program__attach(bpf_object__next_program(obj, NULL));
	if (!link) {
		fail("attaching the BPF program");
		goto out;
	}
	map = bpf_map__fd(bpf_object__next_map(obj, NULL));
	if (bpf_link__pin(link, link_pin) || bpf_obj_pin(map, map_pin)) {
		fail(PINS);
		unlink(link_pin);
		map = -1;
	} else {
		map = fcntl(map, F_DUPFD_CLOEXEC, 0);
	}
	bpf_link__destroy(link);
out:
	bpf_object__close(obj);
	return map;
}

static void unload_if_empty(int map)
{
	struct smc_policy_rule rule;

	if (!bpf_map_get_next_key(map, NULL, &rule))
		return;
	unlink(link_pin);
	unlink(map_pin);
	rmdir(PINS);
}

static int add(int map, struct smc_policy_rule rule, __u64 netns)
{
	__u32 value = 1;

	rule.netns = netns;
	return bpf_map_update_elem(map, &rule, &value, BPF_ANY);
}

static int write_map(const struct rule_set *old, const struct rule_set *set)
{
	int i, map, ret = 0;
	__u64 netns;

	if (own_netns(&netns))
		return -1;
	map = bpf_obj_get(map_pin);
	if (map < 0 && errno == ENOENT) {
		if (!set->count)
			return 0;
		map = load();
		if (map < 0)
			return -1;
	}
	if (map < 0)
		return fail(map_pin);
	for (i = 0; i < set->count && !ret; i++)
		ret = add(map, set->rules[i], netns);
	for (i = 0; i < old->count && !ret; i++)
		if (!in_set(set, &old->rules[i]))
			ret = bpf_map_delete_elem(map, &old->rules[i]);
	if (ret)
		fail(map_pin);
	unload_if_empty(map);
	close(map);
	return ret;
}

const struct mechanism bpf_mechanism = {
	.name = "BPF",
	.available = available,
	.in_use = in_use,
	.permitted = permitted,
	.lock = lock,
	.read = read_map,
	.write = write_map,
};
