/* ledger_trade.c: what orders freeze, and what fills do to rows and details; see ledger.h. */
#include "base/buffer.h"
#include "ctp/canonical.h"
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>
#include <math.h>

/* CTP's ErrorIDs of the four refusals that are the ledger's. */
enum {
    OVER_CLOSE = CTP_ERROR_OVER_CLOSE_POSITION,
    INSUFFICIENT_MONEY = CTP_ERROR_INSUFFICIENT_MONEY,
    OVER_CLOSE_TODAY = CTP_ERROR_OVER_CLOSETODAY_POSITION,
    OVER_CLOSE_YESTERDAY = CTP_ERROR_OVER_CLOSEYESTERDAY_POSITION,
};

static const double MONEY_TOLERANCE = 1e-6;

int ledger_closable(const struct position_row *row)
{
    int frozen = row_is_long(row) ? row->short_frozen + row->strike_frozen + row->abandon_frozen
                                  : row->long_frozen;
    return row->position - frozen;
}

int ledger_sellable(const struct ledger *ledger, const struct position_row *row)
{
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    bool waits = instrument_is_stock(instrument) &&
                 !ledger->market->products[instrument->product].same_day_sale;
    int lots = ledger_closable(row) - (waits ? row->today_position : 0);
    return lots > 0 ? lots : 0;
}

static bool is_split(const struct instrument *instrument)
{
    return instrument->position_date_type == '1';
}

static bool is_open(const struct ledger_order *order)
{
    return order->offset == '0';
}

static bool is_buy(const struct ledger_order *order)
{
    return order->direction == '0';
}

/* A buy opens long lots or closes short ones. */
static char row_direction(const struct ledger_order *order)
{
    return is_buy(order) == is_open(order) ? '2' : '3';
}

static char row_date(const struct instrument *instrument, const struct ledger_order *order)
{
    bool history = is_split(instrument) && (order->offset == '1' || order->offset == '4');
    return history ? '2' : '1';
}

/* The row of the order's lots, LEDGER_NONE when it does not exist yet. The one that was found
 * before is mostly still the one. */
static uint32_t find_row(const struct ledger *ledger, const struct ledger_order *order)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    char direction = row_direction(order), date = row_date(instrument, order);
    if (order->row < ledger->row_count) {
        const struct position_row *row = &ledger->rows[order->row];
        if (row->account == order->account && row->instrument == order->instrument &&
            row->hedge == order->hedge && row->direction == direction && row->position_date == date)
            return order->row;
    }
    return ledger_find_row(ledger, order->account, order->instrument, order->hedge, direction,
                           date);
}

/* The price that an order without one counts with: the upper limit for both sides, without limits
 * the last price. */
static double order_price(const struct instrument *instrument, const struct ledger_order *order)
{
    if (order->has_price)
        return order->price;
    bool limited = price_is_present(instrument->upper_limit) && instrument->upper_limit > 0;
    return limited ? instrument->upper_limit : instrument->last;
}

static double opening_margin(const struct ledger *ledger, const struct ledger_order *order,
                             double price)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    const struct trading_params *params = &ledger->accounts[order->account].params;
    if (instrument_is_option(instrument)) {
        if (is_buy(order))
            return 0;
        double premium = fmax(instrument->pre_settlement, instrument->last);
        if (params->option_royalty_price_type == '1')
            premium = instrument->pre_settlement;
        else if (params->option_royalty_price_type == '4')
            premium = price;
        return ledger_option_margin(ledger, order->account, order->instrument, premium, false);
    }
    const struct margin_rate *rate = ledger_margin_rate(ledger, order->account, order->instrument);
    double base = ledger_today_price(params, instrument, price);
    return base * instrument->volume_multiple *
               (is_buy(order) ? rate->long_by_money : rate->short_by_money) +
           (is_buy(order) ? rate->long_by_volume : rate->short_by_volume);
}

static void compute_freeze(const struct ledger *ledger, struct ledger_order *order)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    const struct commission_rate *rate =
        ledger_commission_rate(ledger, order->account, order->instrument);
    double price = order_price(instrument, order);
    order->margin_per_lot = 0;
    order->cash_per_lot = 0;
    if (instrument_is_option(instrument) && is_buy(order))
        order->cash_per_lot = price * instrument->volume_multiple;
    if (is_open(order)) {
        order->margin_per_lot = opening_margin(ledger, order, price);
        order->commission_per_lot =
            fee_of(instrument, price, 1, rate->open_by_money, rate->open_by_volume);
    } else if (is_split(instrument) && order->offset == '3') {
        order->commission_per_lot =
            fee_of(instrument, price, 1, rate->close_today_by_money, rate->close_today_by_volume);
    } else {
        order->commission_per_lot =
            fee_of(instrument, price, 1, rate->close_by_money, rate->close_by_volume);
    }
}

/* Duties on a turnover of shares: the transfer fee on both sides, stamp duty on sales. */
static double share_duties(const struct product *product, const struct ledger_order *order,
                           double turnover)
{
    return turnover * product->transfer_fee + (is_buy(order) ? 0 : turnover * product->stamp_duty);
}

/* An order of shares freezes at least the least fee of an order, and the duties. */
static void compute_share_freeze(const struct ledger *ledger, struct ledger_order *order, int lots)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    const struct product *product = &ledger->market->products[instrument->product];
    double turnover = order_price(instrument, order) * lots * instrument->volume_multiple;
    double whole = fmax(order->commission_per_lot * lots, product->commission_min) +
                   share_duties(product, order, turnover);
    order->commission_per_lot = lots > 0 ? whole / lots : 0;
}

/* A fill of shares: the order's fee is at least the least one, and what earlier fills have paid of
 * it is not paid again; duties are paid by each fill. */
static double share_fee(const struct ledger *ledger, struct ledger_order *order, double by_rate,
                        double turnover)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    const struct product *product = &ledger->market->products[instrument->product];
    order->fee_by_rate += by_rate;
    double due = fmax(order->fee_by_rate, product->commission_min) - order->fee_charged;
    order->fee_charged += due;
    return due + share_duties(product, order, turnover);
}

static int close_error(const struct instrument *instrument, const struct ledger_order *order)
{
    if (!is_split(instrument))
        return OVER_CLOSE;
    return order->offset == '3' ? OVER_CLOSE_TODAY : OVER_CLOSE_YESTERDAY;
}

int ledger_check(const struct ledger *ledger, struct ledger_order *order, int lots,
                 double *shortage)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    order->row = find_row(ledger, order);
    order->frozen = 0;
    compute_freeze(ledger, order);
    if (instrument_is_stock(instrument))
        compute_share_freeze(ledger, order, lots);
    double extra = 0;
    if (!is_open(order)) {
        int closable = order->row == LEDGER_NONE ? 0 : ledger_closable(&ledger->rows[order->row]);
        if (lots > closable) {
            *shortage = closable;
            return close_error(instrument, order);
        }
        if (!instrument_is_option(instrument) || !is_buy(order))
            return 0; /* closing futures or selling options never fails for money */
        extra = ledger_row_figures(ledger, &ledger->rows[order->row]).use_margin;
    }
    double need = order->margin_per_lot * lots + order->cash_per_lot * lots +
                  order->commission_per_lot * lots;
    double free_money = ledger_available(ledger, order->account) + extra;
    if (need <= free_money + MONEY_TOLERANCE)
        return 0;
    *shortage = need - free_money;
    return INSUFFICIENT_MONEY;
}

bool ledger_has_room(const struct ledger *ledger, struct ledger_order *order, int lots)
{
    if (!is_open(order))
        return true; /* as many as there are */
    order->row = find_row(ledger, order);
    if (order->row == LEDGER_NONE)
        return lots <= LEDGER_LOTS_MAX;
    const struct position_row *row = &ledger->rows[order->row];
    int held = row->position > row->open_volume ? row->position : row->open_volume;
    int64_t coming = (int64_t)lots + (is_buy(order) ? row->long_frozen : row->short_frozen);
    return held + coming <= LEDGER_LOTS_MAX;
}

double ledger_need(const struct ledger_order *order, int lots)
{
    if (!is_open(order) && order->cash_per_lot == 0)
        return 0;
    return (order->margin_per_lot + order->cash_per_lot + order->commission_per_lot) * lots;
}

/* Frozen sums become exactly 0 with the last frozen lot. */
static void freeze(struct ledger *ledger, struct ledger_order *order, int lots)
{
    struct position_row *row = &ledger->rows[order->row];
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    double amount =
        is_open(order) && order->has_price ? order->price * lots * instrument->volume_multiple : 0;
    if (is_buy(order)) {
        row->long_frozen += lots;
        row->long_frozen_amount += amount;
    } else {
        row->short_frozen += lots;
        row->short_frozen_amount += amount;
    }
    row->frozen_margin += order->margin_per_lot * lots;
    row->frozen_cash += order->cash_per_lot * lots;
    row->frozen_commission += order->commission_per_lot * lots;
    order->frozen += lots;
    assert(order->frozen >= 0 && row->long_frozen >= 0 && row->short_frozen >= 0);
    if (row->long_frozen == 0)
        row->long_frozen_amount = 0;
    if (row->short_frozen == 0)
        row->short_frozen_amount = 0;
    if (row->long_frozen == 0 && row->short_frozen == 0)
        row->frozen_margin = row->frozen_cash = row->frozen_commission = 0;
}

static void charge(struct ledger *ledger, struct position_row *row, double amount)
{
    row->commission += amount;
    ledger->accounts[row->account].rounding += money_round_cents(amount) - amount;
}

void ledger_accept(struct ledger *ledger, struct ledger_order *order, int lots)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    order->row = find_row(ledger, order);
    if (order->row == LEDGER_NONE)
        order->row = ledger_make_row(ledger, order->account, order->instrument, order->hedge,
                                     row_direction(order), row_date(instrument, order));
    freeze(ledger, order, lots);
    const struct commission_rate *rate =
        ledger_commission_rate(ledger, order->account, order->instrument);
    double message = rate->order_by_trade + rate->order_by_volume * lots;
    if (message != 0)
        charge(ledger, &ledger->rows[order->row], message);
}

void ledger_release(struct ledger *ledger, struct ledger_order *order, int lots, bool by_client)
{
    freeze(ledger, order, -lots);
    if (!by_client)
        return;
    const struct commission_rate *rate =
        ledger_commission_rate(ledger, order->account, order->instrument);
    double message = rate->action_by_trade + rate->action_by_volume * lots;
    if (message != 0)
        charge(ledger, &ledger->rows[order->row], message);
}

static double open_lots(struct ledger *ledger, struct ledger_order *order, double price, int lots,
                        uint32_t trade_number)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    const struct commission_rate *rate =
        ledger_commission_rate(ledger, order->account, order->instrument);
    struct position_detail detail = {
        .trade_number = trade_number,
        .sequence = ledger->sequence++,
        .open_date = ledger->trading_day,
        .trade_type = order->trade_type ? order->trade_type : '0',
        .at_settlement = order->at_settlement,
        .volume = lots,
        .open_price = price,
        .settlement_price = instrument->pre_settlement,
    };
    ledger_add_detail(ledger, order->row, &detail);
    struct position_row *row = &ledger->rows[order->row];
    row->position += lots;
    row->today_position += lots;
    row->today_open_sum += price * lots;
    if (order->at_settlement) {
        row->tas_position += lots;
        row->tas_open_sum += price * lots;
    }
    row->open_volume += lots;
    row->open_amount += price * lots * instrument->volume_multiple;
    return fee_of(instrument, price, lots, rate->open_by_money, rate->open_by_volume);
}

/* Notes for the statement which lots a closing trade used up. */
static void note_closing(struct ledger *ledger, const struct position_detail *detail,
                         const struct closing_trade *trade, int lots, double profit)
{
    const struct position_row *row = &ledger->rows[detail->row];
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    if (ledger->closing_count == ledger->closing_capacity) {
        ledger->closing_capacity = ledger->closing_capacity ? ledger->closing_capacity * 2 : 256;
        ledger->closings =
            memory_resize(ledger->closings, ledger->closing_capacity * sizeof *ledger->closings);
    }
    bool paid = trade->with_premium && instrument_is_option(instrument);
    ledger->closings[ledger->closing_count++] = (struct ledger_closing){
        .account = row->account,
        .instrument = row->instrument,
        .trade_number = trade->number,
        .open_date = detail->open_date,
        .lots = lots,
        .direction = row_is_long(row) ? '1' : '0',
        .hedge = row->hedge,
        .detail = (uint32_t)(detail - ledger->details),
        .open_price = detail->open_price,
        .price = trade->price,
        .profit = profit,
        .cash = paid ? row_sign(row) * trade->price * lots * instrument->volume_multiple : 0,
    };
}

void ledger_forget_closings(struct ledger *ledger)
{
    ledger->closing_count = ledger->exercise_count = 0;
}

/* Takes up to `lots` from one detail and gives how many it took; adds the fee and profit of them to
 * `fill`. */
static int close_detail(struct ledger *ledger, struct position_detail *detail,
                        const struct closing_trade *trade, int lots, struct ledger_fill *fill)
{
    double price = trade->price, profit = 0;
    struct position_row *row = &ledger->rows[detail->row];
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    const struct commission_rate *rate =
        ledger_commission_rate(ledger, row->account, row->instrument);
    bool today = detail->open_date == ledger->trading_day;
    int taken = lots < detail->volume ? lots : detail->volume;
    double multiple = instrument->volume_multiple;
    detail->volume -= taken;
    detail->close_volume += taken;
    detail->close_amount += price * taken * multiple;
    detail->settlement_price = instrument->last;
    if (!instrument_is_option(instrument)) {
        double base = today ? detail->open_price : instrument->pre_settlement;
        double by_date = row_sign(row) * (price - base) * taken * multiple;
        double by_trade = row_sign(row) * (price - detail->open_price) * taken * multiple;
        detail->close_profit_by_date += by_date;
        detail->close_profit_by_trade += by_trade;
        row->close_profit_by_date += by_date;
        row->close_profit_by_trade += by_trade;
        fill->close_profit += by_date;
        profit = by_date;
    }
    note_closing(ledger, detail, trade, taken, profit);
    row->position -= taken;
    if (detail->at_settlement) {
        row->tas_position -= taken;
        row->tas_open_sum = row->tas_position ? row->tas_open_sum - detail->open_price * taken : 0;
    }
    if (today) {
        row->today_position -= taken;
        row->today_open_sum -= detail->open_price * taken;
        fill->commission += fee_of(instrument, price, taken, rate->close_today_by_money,
                                   rate->close_today_by_volume);
    } else {
        row->history_open_sum -= detail->open_price * taken;
        fill->commission +=
            fee_of(instrument, price, taken, rate->close_by_money, rate->close_by_volume);
    }
    return taken;
}

void ledger_close_lots(struct ledger *ledger, uint32_t row_place, const struct closing_trade *trade,
                       int lots, struct ledger_fill *fill)
{
    struct position_row *row = &ledger->rows[row_place];
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    int left = lots;
    if (instrument->close_today_first && !is_split(instrument)) {
        for (uint32_t i = row->live; left && i != LEDGER_NONE; i = ledger->details[i].next) {
            struct position_detail *detail = &ledger->details[i];
            if (detail->volume && detail->open_date == ledger->trading_day)
                left -= close_detail(ledger, detail, trade, left, fill);
        }
    }
    for (uint32_t i = row->live; left && i != LEDGER_NONE; i = ledger->details[i].next)
        if (ledger->details[i].volume)
            left -= close_detail(ledger, &ledger->details[i], trade, left, fill);
    assert(left == 0);
    while (row->live != LEDGER_NONE && ledger->details[row->live].volume == 0)
        row->live = ledger->details[row->live].next;
    if (row->comb_position > row->position)
        ledger_break_pairs(ledger, row_place);
    row->close_volume += lots;
    row->close_amount += trade->price * lots * instrument->volume_multiple;
    if (row->today_position == 0)
        row->today_open_sum = 0;
    if (row->position == row->today_position)
        row->history_open_sum = 0;
}

struct ledger_fill ledger_fill(struct ledger *ledger, struct ledger_order *order, double price,
                               int lots, uint32_t trade_number)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    struct ledger_fill fill = {.commission = 0};
    if (order->at_settlement)
        price = ledger_estimate(instrument, price);
    struct closing_trade trade = {.price = price, .number = trade_number, .with_premium = true};
    freeze(ledger, order, -lots);
    if (is_open(order))
        fill.commission = open_lots(ledger, order, price, lots, trade_number);
    else
        ledger_close_lots(ledger, order->row, &trade, lots, &fill);
    if (instrument_is_stock(instrument))
        fill.commission =
            share_fee(ledger, order, fill.commission, price * lots * instrument->volume_multiple);
    struct position_row *row = &ledger->rows[order->row];
    charge(ledger, row, fill.commission);
    if (instrument_is_option(instrument)) {
        fill.cash = (is_buy(order) ? -1.0 : 1.0) * price * lots * instrument->volume_multiple;
        row->cash_in += fill.cash;
        row->shown_settlement = instrument->last;
    }
    return fill;
}

/* What a lot costs to open, without the fee, at the pre-settlement price, whatever the last one. */
static double margin_at_pre(const struct ledger *ledger, const struct ledger_order *order)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    double pre = instrument->pre_settlement;
    if (instrument_is_option(instrument))
        return is_buy(order)
                   ? pre * instrument->volume_multiple
                   : ledger_option_margin(ledger, order->account, order->instrument, pre, false);
    const struct margin_rate *rate = ledger_margin_rate(ledger, order->account, order->instrument);
    return pre * instrument->volume_multiple *
               (is_buy(order) ? rate->long_by_money : rate->short_by_money) +
           (is_buy(order) ? rate->long_by_volume : rate->short_by_volume);
}

int ledger_max_volume(const struct ledger *ledger, struct ledger_order *order)
{
    const struct instrument *instrument = &ledger->market->instruments[order->instrument];
    int most = instrument->limit_order_volume_max;
    int lots;
    if (instrument_is_stock(instrument)) /* whatever the flag says */
        order->offset = is_buy(order) ? '0' : '1';
    if (is_open(order)) {
        double margin = margin_at_pre(ledger, order);
        double available = ledger_available(ledger, order->account);
        double fit = margin > 0 ? floor(available / margin + 1e-9) : most;
        lots = fit > 0 ? (int)fmin(fit, 1e9) : 0;
    } else {
        uint32_t row = ledger_find_row(ledger, order->account, order->instrument, order->hedge,
                                       row_direction(order), row_date(instrument, order));
        lots = row == LEDGER_NONE ? 0 : ledger_sellable(ledger, &ledger->rows[row]);
    }
    return most > 0 && lots > most ? most : lots;
}
