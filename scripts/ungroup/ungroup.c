// SPDX-License-Identifier: GPL-2.0
/*
 * Has the page allocator no longer group pages by mobility, as before Linux 2.6.24: for guests of scripts/lab --as-2005, right after boot.
 *
 * Page blocks keep the types that they were given meanwhile, so only a boot brings back what was: the module cannot be unloaded. A zone that comes
 * online has the kernel decide anew, and group again (build_all_zonelists): failover-bench refuses to divide memory then.
 *
 *   insmod ungroup.ko
 *   cat /sys/module/ungroup/parameters/disabled    the kernel's own variable, as it is now
 */
#include <linux/kprobes.h>
#include <linux/module.h>

/* mm/page_alloc.c; not exported to modules. */
static int *group_disabled;

static int disabled_get(char *buffer, const struct kernel_param *kp)
{
	/* The file is there before the module has begun. */
	if (!group_disabled)
		return -ENODEV;
	return sysfs_emit(buffer, "%d\n", READ_ONCE(*group_disabled));
}

static const struct kernel_param_ops disabled_ops = { .get = disabled_get };
module_param_cb(disabled, &disabled_ops, NULL, 0444);
MODULE_PARM_DESC(disabled, "page_group_by_mobility_disabled of this kernel");

/* kallsyms_lookup_name has not been exported since Linux 5.7; a probe on it tells where it is. */
static unsigned long address_of(const char *name)
{
	unsigned long (*lookup)(const char *name);
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };

	if (register_kprobe(&probe) < 0)
		return 0;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return lookup(name);
}

static int __init ungroup_init(void)
{
	group_disabled = (int *)address_of("page_group_by_mobility_disabled");
	if (!group_disabled)
		return -ENOENT;
	WRITE_ONCE(*group_disabled, 1);
	return 0;
}

module_init(ungroup_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Switches the page allocator's grouping by mobility off");
