/* ledger_tas.c: trades at the day's settlement price (TAS): booked at an estimate in the day,
 * priced when the settlement price is known; see ledger.h. Lots that such a trade opened are lots
 * of the future like all others from the settlement on. */
#include "base/buffer.h"
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>

double ledger_estimate(const struct instrument *instrument, double distance)
{
    double base =
        price_is_present(instrument->last) ? instrument->last : instrument->pre_settlement;
    return price_is_present(base) ? base + distance : distance;
}

/* The settlement price and the distance, but not beyond the day's limits. */
static double settled_price(const struct instrument *instrument, double distance)
{
    double price = instrument->settlement + distance;
    if (price_is_present(instrument->upper_limit) && price > instrument->upper_limit)
        return instrument->upper_limit;
    if (price_is_present(instrument->lower_limit) && price < instrument->lower_limit)
        return instrument->lower_limit;
    return price;
}

/* Books what a fee is too little or too much. */
static void correct_fee(struct ledger *ledger, struct position_row *row, double before,
                        double after)
{
    row->commission += after - before;
    ledger->accounts[row->account].rounding +=
        (money_round_cents(after) - after) - (money_round_cents(before) - before);
}

static void price_opening(struct ledger *ledger, const struct ledger_order *order,
                          struct ledger_trade *trade, double price)
{
    struct position_row *row = &ledger->rows[order->row];
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    uint32_t place = row->first;
    while (!ledger->details[place].at_settlement ||
           ledger->details[place].trade_number != trade->number)
        place = ledger->details[place].next;
    struct position_detail *detail = &ledger->details[place];
    double moved = price - detail->open_price;
    row->tas_position -= detail->volume;
    row->tas_open_sum =
        row->tas_position ? row->tas_open_sum - detail->open_price * detail->volume : 0;
    row->today_open_sum += moved * detail->volume;
    row->open_amount += moved * trade->lots * instrument->volume_multiple;
    detail->open_price = price;
    detail->at_settlement = false;
    const struct commission_rate *rate =
        ledger_commission_rate(ledger, row->account, row->instrument);
    trade->commission =
        fee_of(instrument, price, trade->lots, rate->open_by_money, rate->open_by_volume);
}

/* The lots of one detail that a trade closed: their profits as if the prices had been known. Gives
 * the fee. */
static double price_closing(struct ledger *ledger, struct ledger_closing *closing, double price)
{
    struct position_detail *detail = &ledger->details[closing->detail];
    struct position_row *row = &ledger->rows[detail->row];
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    const struct commission_rate *rate =
        ledger_commission_rate(ledger, row->account, row->instrument);
    bool today = closing->open_date == ledger->trading_day;
    double multiple = instrument->volume_multiple;
    double base = today ? detail->open_price : instrument->pre_settlement;
    double by_date = row_sign(row) * (price - base) * closing->lots * multiple;
    double by_trade_before =
        row_sign(row) * (closing->price - closing->open_price) * closing->lots * multiple;
    double by_trade = row_sign(row) * (price - detail->open_price) * closing->lots * multiple;
    double amount = (price - closing->price) * closing->lots * multiple;
    detail->close_amount += amount;
    detail->close_profit_by_date += by_date - closing->profit;
    detail->close_profit_by_trade += by_trade - by_trade_before;
    row->close_amount += amount;
    row->close_profit_by_date += by_date - closing->profit;
    row->close_profit_by_trade += by_trade - by_trade_before;
    closing->price = price;
    closing->open_price = detail->open_price;
    closing->profit = by_date;
    return today ? fee_of(instrument, price, closing->lots, rate->close_today_by_money,
                          rate->close_today_by_volume)
                 : fee_of(instrument, price, closing->lots, rate->close_by_money,
                          rate->close_by_volume);
}

void ledger_take_closings(struct ledger *ledger, const struct ledger_closing *closings,
                          uint32_t count)
{
    if (count > ledger->closing_capacity) {
        ledger->closing_capacity = count;
        ledger->closings = memory_resize(ledger->closings, count * sizeof *closings);
    }
    if (count)
        memcpy(ledger->closings, closings, count * sizeof *closings);
    ledger->closing_count = count;
}

void ledger_price_trade(struct ledger *ledger, const struct ledger_order *order,
                        struct ledger_trade *trade, uint32_t *closing)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    double booked = trade->commission, price = trade->price;
    bool known = price_is_present(instrument->settlement);
    if (order->at_settlement)
        price = known ? settled_price(instrument, trade->distance)
                      : ledger_estimate(instrument, trade->distance);
    if (order->offset == '0' && order->at_settlement) {
        price_opening(ledger, order, trade, price);
    } else if (order->offset != '0') {
        double commission = 0, profit = 0;
        for (int left = trade->lots; left > 0; (*closing)++) {
            struct ledger_closing *lots = &ledger->closings[*closing];
            assert(lots->trade_number == trade->number && lots->account == order->account);
            left -= lots->lots;
            /* options: premium and fee are what they were */
            if (instrument_is_option(instrument))
                continue;
            commission += price_closing(ledger, lots, price);
            profit += lots->profit;
        }
        if (!instrument_is_option(instrument))
            trade->close_profit = profit;
        if (order->at_settlement)
            trade->commission = commission;
    }
    trade->price = price;
    if (order->at_settlement)
        correct_fee(ledger, &ledger->rows[order->row], booked, trade->commission);
}
