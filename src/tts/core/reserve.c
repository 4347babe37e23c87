/* reserve.c: room for a day's orders before they come. What grows with orders is made large enough
 * and its memory is touched, so that no order of the day waits for memory to be found, moved or
 * cleared. Changes no state. */
#include "base/buffer.h"
#include "tts/core/desk/desk_inside.h"

/* What an order brings beside itself, about: its acceptance, its queueing and its end in the flows,
 * and the bytes of its request. */
enum { MESSAGES_OF_ORDER = 5, REQUEST_BYTES = 96 };

/* One write makes the page the process's own; behind `used` nothing is lost by it. */
static void touch(char *at, size_t used, size_t size)
{
    enum { PAGE = 4096 };
    for (size_t i = (used + PAGE - 1) / PAGE * PAGE; i < size; i += PAGE)
        *(volatile char *)(at + i) = 0;
}

static void *list_reserve(void *at, uint32_t count, uint32_t *capacity, uint32_t wanted,
                          size_t size)
{
    if (*capacity < wanted) {
        *capacity = wanted;
        at = memory_resize(at, wanted * size);
    }
    touch(at, count * size, *capacity * size);
    return at;
}

#define LIST_RESERVE(list, wanted) \
    ((list)->at =                  \
         list_reserve((list)->at, (list)->count, &(list)->capacity, wanted, sizeof *(list)->at))

/* A trade each: lots that it opens, or a note of those that it closes. */
static void reserve_ledger(struct ledger *ledger, uint32_t trades)
{
    ledger->details = list_reserve(ledger->details, ledger->detail_count, &ledger->detail_capacity,
                                   trades, sizeof *ledger->details);
    ledger->closings = list_reserve(ledger->closings, ledger->closing_count,
                                    &ledger->closing_capacity, trades, sizeof *ledger->closings);
}

/* Nobody knows whose the orders will be. */
static void reserve_flows(struct core *core, uint32_t messages)
{
    for (uint32_t i = 0; i < core->users.count; i++)
        LIST_RESERVE(&core->users.at[i].flow, messages / core->users.count);
}

void core_reserve(struct core *core, uint32_t orders)
{
    if (orders == 0)
        return;
    reserve_ledger(&core->ledger, orders);
    reserve_flows(core, MESSAGES_OF_ORDER * orders);
    LIST_RESERVE(&core->orders, orders);
    LIST_RESERVE(&core->trades, orders);
    LIST_RESERVE(&core->blobs, orders);
    LIST_RESERVE(&core->messages, MESSAGES_OF_ORDER * orders);
    index_reserve(&core->order_by_ref, orders);
    index_reserve(&core->order_by_system, orders);
    buffer_reserve(&core->bytes, (size_t)orders * REQUEST_BYTES);
    touch(core->bytes.at, core->bytes.length, core->bytes.capacity);
    book_pool_reserve(&core->matching->pool, orders, 0);
}
