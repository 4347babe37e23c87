/* ledger_adjust.c: what an operator changes in an account without a trade: shares that come to it
 * (bonus shares, splits, rights), which stand in the ledger as bought today, at a price and without
 * fees; and money that is held back, pledged or reserved. */
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>
#include <math.h>

bool ledger_may_add_shares(const struct ledger *ledger, uint32_t account, uint32_t instrument,
                           int lots)
{
    if (!instrument_is_stock(&ledger->market->instruments[instrument]) || lots <= 0 ||
        lots > LEDGER_LOTS_MAX)
        return false;
    uint32_t place = ledger_find_row(ledger, account, instrument, '1', '2', '1');
    if (place == LEDGER_NONE)
        return true;
    const struct position_row *row = &ledger->rows[place];
    int held = row->position > row->open_volume ? row->position : row->open_volume;
    return (int64_t)held + row->long_frozen + lots <= LEDGER_LOTS_MAX;
}

void ledger_add_shares(struct ledger *ledger, uint32_t account, uint32_t instrument_place, int lots,
                       double price)
{
    assert(ledger_may_add_shares(ledger, account, instrument_place, lots));
    const struct instrument *instrument = &ledger->market->instruments[instrument_place];
    uint32_t place = ledger_make_row(ledger, account, instrument_place, '1', '2', '1');
    struct position_detail detail = {
        .sequence = ledger->sequence++,
        .open_date = ledger->trading_day,
        .trade_type = '0',
        .volume = lots,
        .open_price = price,
        .settlement_price = instrument->pre_settlement,
    };
    ledger_add_detail(ledger, place, &detail);
    struct position_row *row = &ledger->rows[place];
    row->position += lots;
    row->today_position += lots;
    row->today_open_sum += price * lots;
    row->open_volume += lots;
    row->open_amount += price * lots * instrument->volume_multiple;
}

bool ledger_may_set_money(enum account_money kind, double amount)
{
    bool sign = kind == MONEY_CREDIT ? amount <= 0 : amount >= 0;
    return sign && fabs(amount) <= 1e13 && money_round_cents(amount) == amount;
}

void ledger_set_money(struct ledger *ledger, uint32_t place, enum account_money kind, double amount)
{
    assert(ledger_may_set_money(kind, amount));
    struct account *account = &ledger->accounts[place];
    double *const values[MONEY_KINDS] = {[MONEY_CREDIT] = &account->credit,
                                         [MONEY_MORTGAGE] = &account->mortgage,
                                         [MONEY_RESERVE] = &account->reserve};
    *values[kind] = amount == 0 ? 0 : amount; /* no "-0" */
}
