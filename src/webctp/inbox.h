/* inbox.h: the lock-free queue from the threads of CTP libraries to the loop. Any number of threads
 * push; the loop takes all that is there at once. What one thread pushes comes out in its order. */
#ifndef WEBCTP_INBOX_H
#define WEBCTP_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>

/* The first member of whatever is queued. */
struct inbox_item {
    struct inbox_item *next;
};

/* Zeroed, an inbox is empty. */
struct inbox {
    _Atomic(struct inbox_item *) newest;
};

/* Any thread. True when the inbox was empty: then, and only then, the loop must be woken. */
bool inbox_push(struct inbox *inbox, struct inbox_item *item);

/* Loop thread. All items, oldest first, linked by `next`; NULL when there are none. */
struct inbox_item *inbox_take(struct inbox *inbox);

#endif
