/* ledger_margin.c: margin of lots, the larger side, and how Available comes to be. Nothing here
 * changes the ledger, but for the groups that an account has met and the scratch of ledger_funds.
 */
#include "base/buffer.h"
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>
#include <math.h>

static const struct rate_override *find_override(const struct ledger *ledger, uint32_t account,
                                                 uint32_t instrument, bool margin)
{
    uint32_t product = ledger->market->instruments[instrument].product;
    const struct rate_override *best = NULL;
    int best_weight = -1;
    for (uint32_t i = 0; i < ledger->override_count; i++) {
        const struct rate_override *one = &ledger->overrides[i];
        if (!(margin ? one->has_margin : one->has_commission))
            continue;
        if (one->account != LEDGER_NONE && one->account != account)
            continue;
        if (one->of != (one->scope == RATE_OF_INSTRUMENT ? instrument : product))
            continue;
        int weight = (one->scope == RATE_OF_INSTRUMENT) * 2 + (one->account != LEDGER_NONE);
        if (weight > best_weight) {
            best = one;
            best_weight = weight;
        }
    }
    return best;
}

const struct margin_rate *ledger_margin_rate(const struct ledger *ledger, uint32_t account,
                                             uint32_t instrument)
{
    const struct rate_override *found =
        ledger->override_count ? find_override(ledger, account, instrument, true) : NULL;
    return found ? &found->margin : &ledger->market->instruments[instrument].margin;
}

const struct commission_rate *ledger_commission_rate(const struct ledger *ledger, uint32_t account,
                                                     uint32_t instrument)
{
    const struct rate_override *found =
        ledger->override_count ? find_override(ledger, account, instrument, false) : NULL;
    return found ? &found->commission : &ledger->market->instruments[instrument].commission;
}

void ledger_set_rate(struct ledger *ledger, const struct rate_override *override)
{
    for (uint32_t i = 0; i < ledger->override_count; i++) {
        struct rate_override *one = &ledger->overrides[i];
        if (one->account == override->account && one->scope == override->scope &&
            one->of == override->of) {
            if (override->has_margin)
                one->margin = override->margin;
            if (override->has_commission)
                one->commission = override->commission;
            one->has_margin |= override->has_margin;
            one->has_commission |= override->has_commission;
            return;
        }
    }
    if (ledger->override_count == ledger->override_capacity) {
        ledger->override_capacity = ledger->override_capacity ? ledger->override_capacity * 2 : 16;
        ledger->overrides =
            memory_resize(ledger->overrides, ledger->override_capacity * sizeof *ledger->overrides);
    }
    ledger->overrides[ledger->override_count++] = *override;
}

/* A group's key: exchange, product group, and on CFFEX the hedge flag, since there each trading
 * code has its own larger side. */
uint32_t ledger_group_of(struct ledger *ledger, uint32_t account_place, uint32_t instrument_place,
                         char hedge)
{
    const struct instrument *instrument = &ledger->market->instruments[instrument_place];
    if (!instrument->larger_side || instrument_is_option(instrument))
        return LEDGER_NONE;
    const struct product *product = &ledger->market->products[instrument->product];
    uint64_t key = hash_text(text_of(product->group_id[0] ? product->group_id : product->id));
    key =
        hash_number(key ^ (uint64_t)instrument->exchange << 8 ^
                    (instrument->exchange == EXCHANGE_CFFEX ? (uint64_t)(unsigned char)hedge : 0));
    struct account *account = &ledger->accounts[account_place];
    for (uint32_t i = 0; i < account->group_count; i++)
        if (account->groups[i] == key)
            return i;
    if (account->group_count == account->group_capacity) {
        account->group_capacity = account->group_capacity ? account->group_capacity * 2 : 8;
        account->groups =
            memory_resize(account->groups, account->group_capacity * sizeof *account->groups);
    }
    account->groups[account->group_count] = key;
    if (account->group_count >= ledger->scratch_capacity) {
        ledger->scratch_capacity = account->group_capacity;
        ledger->scratch =
            memory_resize(ledger->scratch, ledger->scratch_capacity * 4 * sizeof *ledger->scratch);
    }
    return account->group_count++;
}

double ledger_option_fixed(const struct ledger *ledger, uint32_t account, uint32_t place,
                           bool exchange)
{
    return ledger_option_fixed_at(ledger, account, place, exchange, 0);
}

double ledger_option_fixed_at(const struct ledger *ledger, uint32_t account, uint32_t place,
                              bool exchange, double underlying_price)
{
    const struct market *market = ledger->market;
    const struct instrument *option = &market->instruments[place];
    bool call = option->options_type == '1';
    double strike = option->strike_price;
    double price = strike; /* an underlying that nobody knows: the strike stands for it */
    struct margin_rate rate = {.long_by_money = 0};
    if (option->underlying != INSTRUMENT_NONE) {
        const struct instrument *underlying = &market->instruments[option->underlying];
        if (price_is_present(underlying->pre_settlement) && underlying->pre_settlement > 0)
            price = underlying->pre_settlement;
        rate = exchange ? underlying->exchange_margin
                        : *ledger_margin_rate(ledger, account, option->underlying);
    }
    if (price_is_present(underlying_price) && underlying_price > 0)
        price = underlying_price;
    double multiple = option->volume_multiple;
    double out_of_money = fmax(call ? strike - price : price - strike, 0.0) * multiple;
    double adjust = option->option_margin_adjust, guarantee = option->option_guarantee_ratio;
    switch (option->option_margin) {
    case OPTION_MARGIN_COMMODITY: {
        double future = call ? price * multiple * rate.short_by_money + rate.short_by_volume
                             : price * multiple * rate.long_by_money + rate.long_by_volume;
        return fmax(future - out_of_money / 2, future / 2);
    }
    case OPTION_MARGIN_INDEX:
        return fmax(price * multiple * adjust - out_of_money,
                    guarantee * (call ? price : strike) * multiple * adjust);
    case OPTION_MARGIN_ETF:
        return call ? fmax(0.12 * price * multiple - out_of_money, 0.07 * price * multiple)
                    : fmax(0.12 * price * multiple - out_of_money, 0.07 * strike * multiple);
    }
    return 0;
}

double ledger_option_margin(const struct ledger *ledger, uint32_t account, uint32_t place,
                            double premium, bool exchange)
{
    const struct instrument *option = &ledger->market->instruments[place];
    double whole =
        premium * option->volume_multiple + ledger_option_fixed(ledger, account, place, exchange);
    if (option->option_margin == OPTION_MARGIN_ETF && option->options_type == '2')
        whole = fmin(whole, option->strike_price * option->volume_multiple);
    return fmax(whole, option->option_margin_min);
}

/* The premium at which a seller's lot counts: history at the pre-settlement price, today's by
 * OptionRoyaltyPriceType. */
static double royalty_price(const struct trading_params *params, const struct instrument *option,
                            bool today, double open_price)
{
    if (!today || params->option_royalty_price_type == '1')
        return option->pre_settlement;
    if (params->option_royalty_price_type == '4')
        return open_price;
    return fmax(option->pre_settlement, option->last);
}

double ledger_today_price(const struct trading_params *params, const struct instrument *instrument,
                          double open_price)
{
    switch (instrument_is_stock(instrument) ? '4' : params->margin_price_type) {
    case '1':
        return instrument->pre_settlement;
    case '2':
        return instrument->last;
    case '3':
        return instrument->average > 0 ? instrument->average : instrument->last;
    default:
        return open_price;
    }
}

static double futures_margin(const struct trading_params *params,
                             const struct instrument *instrument, const struct position_row *row,
                             const struct margin_rate *rate)
{
    double multiple = instrument->volume_multiple;
    int history = row->position - row->today_position;
    double priced = history * instrument->pre_settlement;
    priced += params->margin_price_type == '4' || instrument_is_stock(instrument)
                  ? row->today_open_sum
                  : row->today_position * ledger_today_price(params, instrument, 0);
    bool is_long = row_is_long(row);
    return priced * multiple * (is_long ? rate->long_by_money : rate->short_by_money) +
           row->position * (is_long ? rate->long_by_volume : rate->short_by_volume);
}

static double short_option_margin(const struct ledger *ledger, const struct position_row *row,
                                  bool exchange)
{
    const struct trading_params *params = &ledger->accounts[row->account].params;
    const struct instrument *option = &ledger->market->instruments[row->instrument];
    if (params->option_royalty_price_type != '4') {
        int history = row->position - row->today_position;
        double sum = 0;
        if (history)
            sum += history * ledger_option_margin(ledger, row->account, row->instrument,
                                                  option->pre_settlement, exchange);
        if (row->today_position)
            sum += row->today_position *
                   ledger_option_margin(ledger, row->account, row->instrument,
                                        royalty_price(params, option, true, 0), exchange);
        return sum;
    }
    double sum = 0;
    for (uint32_t i = row->live; i != LEDGER_NONE; i = ledger->details[i].next) {
        const struct position_detail *detail = &ledger->details[i];
        bool today = detail->open_date == ledger->trading_day;
        if (detail->volume)
            sum += detail->volume *
                   ledger_option_margin(ledger, row->account, row->instrument,
                                        royalty_price(params, option, today, detail->open_price),
                                        exchange);
    }
    return sum;
}

double ledger_row_margin(const struct ledger *ledger, const struct position_row *row, bool exchange)
{
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    if (row->position == 0)
        return 0;
    if (instrument_is_option(instrument))
        return row_is_long(row) ? 0 : short_option_margin(ledger, row, exchange);
    const struct margin_rate *rate =
        exchange ? &instrument->exchange_margin
                 : ledger_margin_rate(ledger, row->account, row->instrument);
    return futures_margin(&ledger->accounts[row->account].params, instrument, row, rate);
}

static double row_margin(const struct ledger *ledger, const struct position_row *row, bool exchange)
{
    double margin = ledger_row_margin(ledger, row, exchange);
    return row->comb_position ? margin - ledger_pair_discount(ledger, row, exchange) : margin;
}

/* What a row is worth. `exchange`: its margin at the exchange's rates too, else 0. */
static inline __attribute__((always_inline)) struct row_figures
figures_of(const struct ledger *ledger, const struct position_row *row, bool exchange)
{
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    const struct margin_rate *rate = ledger_margin_rate(ledger, row->account, row->instrument);
    bool option = instrument_is_option(instrument);
    double multiple = instrument->volume_multiple;
    int history = row->position - row->today_position;
    struct row_figures figures = {
        .position_cost = multiple * (row->today_open_sum + history * instrument->pre_settlement),
        .open_cost = multiple * (row->today_open_sum + row->history_open_sum),
        .use_margin = row_margin(ledger, row, false),
        .exchange_margin = exchange ? row_margin(ledger, row, true) : 0,
        .settlement_price = option && row_is_long(row) ? row->shown_settlement : instrument->last,
    };
    if (!option) {
        int priced = row->position - row->tas_position;
        double cost = figures.position_cost - multiple * row->tas_open_sum;
        figures.position_profit = row_sign(row) * (instrument->last * priced * multiple - cost);
        figures.margin_by_money = row_is_long(row) ? rate->long_by_money : rate->short_by_money;
        figures.margin_by_volume = row_is_long(row) ? rate->long_by_volume : rate->short_by_volume;
    }
    return figures;
}

struct row_figures ledger_row_figures(const struct ledger *ledger, const struct position_row *row)
{
    return figures_of(ledger, row, true);
}

struct detail_figures ledger_detail_figures(const struct ledger *ledger,
                                            const struct position_detail *detail)
{
    const struct position_row *row = &ledger->rows[detail->row];
    const struct account *account = &ledger->accounts[row->account];
    const struct instrument *instrument = &ledger->market->instruments[row->instrument];
    const struct margin_rate *rate = ledger_margin_rate(ledger, row->account, row->instrument);
    double multiple = instrument->volume_multiple;
    bool today = detail->open_date == ledger->trading_day;
    struct detail_figures figures = {.margin = 0};
    if (instrument_is_option(instrument)) {
        if (row_is_long(row))
            return figures;
        double premium = royalty_price(&account->params, instrument, today, detail->open_price);
        figures.margin = detail->volume * ledger_option_margin(ledger, row->account,
                                                               row->instrument, premium, false);
        figures.exchange_margin =
            detail->volume *
            ledger_option_margin(ledger, row->account, row->instrument, premium, true);
        return figures;
    }
    double price = today ? ledger_today_price(&account->params, instrument, detail->open_price)
                         : instrument->pre_settlement;
    const struct margin_rate *exchange = &instrument->exchange_margin;
    bool is_long = row_is_long(row);
    figures.margin_by_money = is_long ? rate->long_by_money : rate->short_by_money;
    figures.margin_by_volume = is_long ? rate->long_by_volume : rate->short_by_volume;
    figures.margin =
        detail->volume * (price * multiple * figures.margin_by_money + figures.margin_by_volume);
    figures.exchange_margin =
        detail->volume *
        (price * multiple * (is_long ? exchange->long_by_money : exchange->short_by_money) +
         (is_long ? exchange->long_by_volume : exchange->short_by_volume));
    if (detail->at_settlement)
        return figures; /* no profit while the price is not known */
    double base = today ? detail->open_price : instrument->pre_settlement;
    figures.profit_by_date = row_sign(row) * (instrument->last - base) * detail->volume * multiple;
    figures.profit_by_trade =
        row_sign(row) * (instrument->last - detail->open_price) * detail->volume * multiple;
    return figures;
}

static double counted_profit(char algorithm, double profit)
{
    switch (algorithm) {
    case '2':
        return fmin(profit, 0);
    case '3':
        return fmax(profit, 0);
    case '4':
        return 0;
    default:
        return profit;
    }
}

/* Of two sums, which are numbers: fmax is a call. */
static double larger_of(double a, double b)
{
    return a > b ? a : b;
}

/* One arithmetic for both: what an account has, and what of it an order may use. */
static inline __attribute__((always_inline)) struct funds funds_of(const struct ledger *ledger,
                                                                   uint32_t place, bool exchange)
{
    const struct account *account = &ledger->accounts[place];
    struct funds funds = {.static_balance = account->pre_balance - account->pre_credit -
                                            account->pre_mortgage + account->mortgage -
                                            account->withdraw + account->deposit};
    double *sides =
        ledger->scratch; /* by group: long, short, and the same at the exchange's rates */
    if (account->group_count)
        memset(sides, 0, account->group_count * 4 * sizeof *sides);
    double stock_profit = 0, stock_closed = 0; /* of shares: floating, and of today's sales */
    double stock_sales = 0;                    /* their proceeds */
    for (uint32_t i = account->first_row; i != LEDGER_NONE; i = ledger->rows[i].next) {
        const struct position_row *row = &ledger->rows[i];
        struct row_figures figures = {.use_margin = 0};
        if (row->position) /* else it has no margin and no profit to come */
            figures = figures_of(ledger, row, exchange);
        funds.frozen_margin += row->frozen_margin;
        funds.frozen_cash += row->frozen_cash;
        funds.frozen_commission += row->frozen_commission;
        funds.commission += row->commission;
        funds.cash_in += row->cash_in;
        funds.close_profit += row->close_profit_by_date;
        funds.position_profit += figures.position_profit;
        if (instrument_is_stock(&ledger->market->instruments[row->instrument])) {
            stock_profit += figures.position_profit;
            stock_closed += row->close_profit_by_date;
            stock_sales += row->close_amount;
        }
        if (row->group == LEDGER_NONE) {
            funds.curr_margin += figures.use_margin;
            funds.exchange_margin += figures.exchange_margin;
        } else {
            sides[row->group * 4 + !row_is_long(row)] += figures.use_margin;
            if (exchange)
                sides[row->group * 4 + 2 + !row_is_long(row)] += figures.exchange_margin;
        }
    }
    for (uint32_t i = 0; i < account->group_count; i++) {
        funds.curr_margin += larger_of(sides[i * 4], sides[i * 4 + 1]);
        if (exchange)
            funds.exchange_margin += larger_of(sides[i * 4 + 2], sides[i * 4 + 3]);
    }
    funds.balance = funds.static_balance + funds.close_profit + funds.position_profit +
                    funds.cash_in - funds.commission + account->exercise_profit;
    double closed = funds.close_profit - stock_closed;
    if (account->params.avail_include_close_profit == '2')
        closed = fmin(closed, 0);
    double open = counted_profit(account->params.algorithm, funds.position_profit - stock_profit);
    funds.counted_close = closed + stock_closed;
    funds.counted_position = open;
    funds.available = funds.static_balance + funds.counted_close + open + funds.cash_in -
                      funds.commission - funds.curr_margin - funds.frozen_margin -
                      funds.frozen_cash - funds.frozen_commission + account->credit +
                      account->exercise_profit;
    funds.mortgageable =
        fmax(0, funds.available - fmax(closed, 0) - fmax(open, 0) - stock_sales - account->reserve);
    funds.withdraw_quota = account->params.withdraw_ratio * funds.mortgageable;
    return funds;
}

struct funds ledger_funds(const struct ledger *ledger, uint32_t place)
{
    return funds_of(ledger, place, true);
}

double ledger_available(const struct ledger *ledger, uint32_t place)
{
    return funds_of(ledger, place, false).available;
}
