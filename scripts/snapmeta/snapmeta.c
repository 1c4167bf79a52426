// SPDX-License-Identifier: GPL-2.0
/*
 * Pins single pages as a storage system's snapshot metadata do: allocated one by one in the kernel, kept until the module is unloaded.
 * The paper's own instrument (section 5.1, environment 2 (b)); failover-bench loads it for --pin-backend snapmeta.
 *
 *   insmod snapmeta.ko pages=102400
 *   rmmod snapmeta
 */
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

static unsigned long pages;
module_param(pages, ulong, 0444);
MODULE_PARM_DESC(pages, "How many single pages to pin, 1 or more");

/* The pages link themselves by their own list head: no table is needed that would ask for memory of another shape. */
static LIST_HEAD(pinned);

static void release(void)
{
	struct page *page, *next;
	unsigned long count = 0;

	list_for_each_entry_safe(page, next, &pinned, lru) {
		list_del(&page->lru);
		__free_page(page);
		if (++count % 4096 == 0)
			cond_resched();
	}
}

static int __init snapmeta_init(void)
{
	unsigned long count;

	if (pages == 0 || pages > totalram_pages())
		return -EINVAL;
	for (count = 0; count < pages; count++) {
		/* Reclaim is tried hard; where it fails the answer is an error and not the OOM killer. */
		struct page *page = alloc_page(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);

		if (!page) {
			release();
			return -ENOMEM;
		}
		list_add(&page->lru, &pinned);
		if (count % 4096 == 4095) {
			cond_resched();
			if (signal_pending(current)) {
				release();
				return -EINTR;
			}
		}
	}
	return 0;
}

static void __exit snapmeta_exit(void)
{
	release();
}

module_init(snapmeta_init);
module_exit(snapmeta_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Pins single kernel pages, as snapshot metadata do");
