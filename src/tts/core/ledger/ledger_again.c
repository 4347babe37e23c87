/* ledger_again.c: a ledger copied before it settles, and brought back when the same day is settled
 * once more. What the new day has booked by then (accounts that were added, fees of orders) goes
 * over into the new result; there are no trades yet. */
#include "base/buffer.h"
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>

static void *copy_of(const void *from, uint32_t count, size_t size)
{
    void *to = memory_get_zeroed(count + 1, size);
    if (count)
        memcpy(to, from, count * size);
    return to;
}

#define COPY(member, count, capacity)                                       \
    (to->member = copy_of(from->member, from->count, sizeof *from->member), \
     to->count = from->count, to->capacity = from->count + 1)

void ledger_copy(const struct ledger *from, struct ledger *to)
{
    ledger_finish(to);
    *to = (struct ledger){.trading_day = from->trading_day,
                          .sequence = from->sequence,
                          .params = from->params,
                          .detail_free = from->detail_free};
    COPY(accounts, account_count, account_capacity);
    for (uint32_t i = 0; i < from->account_count; i++) {
        const struct account *account = &from->accounts[i];
        to->accounts[i].groups =
            copy_of(account->groups, account->group_count, sizeof *account->groups);
        to->accounts[i].group_capacity = account->group_count + 1;
    }
    COPY(rows, row_count, row_capacity);
    COPY(details, detail_count, detail_capacity);
    COPY(pairs, pair_count, pair_capacity);
    COPY(wishes, wish_count, wish_capacity);
}

void ledger_bring_back(struct ledger *ledger, const struct ledger *kept, struct ledger *today)
{
    *today = *ledger;
    *ledger = (struct ledger){.detail_free = LEDGER_NONE};
    ledger_copy(kept, ledger);
    ledger->market = today->market;
    ledger->overrides = today->overrides;
    ledger->override_count = today->override_count;
    ledger->override_capacity = today->override_capacity;
    today->overrides = NULL;
    today->override_count = today->override_capacity = 0;
    ledger_set_params(ledger, &today->params);
    ledger_index(ledger);
}

/* Fees of the new day's orders, none of which was filled. */
static void carry_fees(struct ledger *ledger, const struct ledger *today)
{
    for (uint32_t i = 0; i < today->row_count; i++) {
        const struct position_row *row = &today->rows[i];
        if (row->commission == 0)
            continue;
        uint32_t place = ledger_make_row(ledger, row->account, row->instrument, row->hedge,
                                         row->direction, row->position_date);
        ledger->rows[place].commission = row->commission;
    }
    for (uint32_t i = 0; i < today->account_count; i++)
        ledger->accounts[i].rounding = today->accounts[i].rounding;
}

void ledger_carry_on(struct ledger *ledger, struct ledger *today)
{
    assert(ledger->trading_day == today->trading_day);
    for (uint32_t i = ledger->account_count; i < today->account_count; i++)
        ledger_add_account(ledger, text_of(today->accounts[i].id), &today->accounts[i].params);
    for (uint32_t i = 0; i < today->account_count; i++) {
        ledger->accounts[i].credit = today->accounts[i].credit;
        ledger->accounts[i].mortgage = today->accounts[i].mortgage;
        ledger->accounts[i].reserve = today->accounts[i].reserve;
    }
    carry_fees(ledger, today);
    ledger_finish(today);
}
