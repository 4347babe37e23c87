/* inbox.c: see inbox.h. A stack that is taken whole and turned round: pushing is one
 * compare-and-swap, and since nothing is ever popped singly there is no ABA problem. */
#include "webctp/inbox.h"
#include <stddef.h>

bool inbox_push(struct inbox *inbox, struct inbox_item *item)
{
    struct inbox_item *newest = atomic_load_explicit(&inbox->newest, memory_order_relaxed);
    do
        item->next = newest;
    while (!atomic_compare_exchange_weak_explicit(&inbox->newest, &newest, item,
                                                  memory_order_release, memory_order_relaxed));
    return newest == NULL;
}

struct inbox_item *inbox_take(struct inbox *inbox)
{
    struct inbox_item *item = atomic_exchange_explicit(&inbox->newest, NULL, memory_order_acquire);
    struct inbox_item *oldest = NULL;
    while (item) {
        struct inbox_item *next = item->next;
        item->next = oldest;
        oldest = item;
        item = next;
    }
    return oldest;
}
