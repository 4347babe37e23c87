/* ledger_settle.c: the end of a trading day; see ledger.h. Order of the steps: options that are
 * exercised or expire, fees rounded, balance carried forward, lots rolled into the new day. */
#include "base/buffer.h"
#include "ctp/canonical.h"
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>
#include <math.h>

enum { OVER_EXECUTE = CTP_ERROR_OVER_EXECUTE_POSITION };

int ledger_exercise(struct ledger *ledger, uint32_t place, int lots)
{
    struct position_row *row = &ledger->rows[place];
    assert(row_is_long(row));
    if (lots > ledger_closable(row))
        return OVER_EXECUTE;
    row->strike_frozen += lots;
    return 0;
}

void ledger_freeze_exercise(struct ledger *ledger, uint32_t row, int exercised, int abandoned)
{
    ledger->rows[row].strike_frozen += exercised;
    ledger->rows[row].abandon_frozen += abandoned;
}

void ledger_wish(struct ledger *ledger, const struct ledger_wish *wish)
{
    if (ledger->wish_count == ledger->wish_capacity) {
        ledger->wish_capacity = ledger->wish_capacity ? ledger->wish_capacity * 2 : 16;
        ledger->wishes =
            memory_resize(ledger->wishes, ledger->wish_capacity * sizeof *ledger->wishes);
    }
    ledger->wishes[ledger->wish_count++] = *wish;
}

static bool expires(const struct ledger *ledger, const struct instrument *instrument)
{
    return instrument->expire_date && instrument->expire_date <= ledger->trading_day;
}

/* The price that decides whether an option is in the money. */
static double underlying_price(const struct ledger *ledger, const struct instrument *option)
{
    if (price_is_present(option->underlying_settlement))
        return option->underlying_settlement;
    if (option->underlying != INSTRUMENT_NONE)
        return ledger->market->instruments[option->underlying].settlement;
    return option->strike_price; /* nothing known: at the money, nobody exercises */
}

static double money_inside(const struct instrument *option, double price)
{
    double inside =
        option->options_type == '1' ? price - option->strike_price : option->strike_price - price;
    return fmax(inside, 0);
}

/* Takes lots off the row, oldest first; no premium, no profit. */
static void remove_lots(struct ledger *ledger, struct position_row *row, int lots)
{
    int left = lots;
    for (uint32_t i = row->live; left && i != LEDGER_NONE; i = ledger->details[i].next) {
        struct position_detail *detail = &ledger->details[i];
        int taken = left < detail->volume ? left : detail->volume;
        detail->volume -= taken;
        left -= taken;
        row->position -= taken;
        if (detail->open_date == ledger->trading_day) {
            row->today_position -= taken;
            row->today_open_sum -= detail->open_price * taken;
        } else {
            row->history_open_sum -= detail->open_price * taken;
        }
    }
    assert(left == 0);
}

/* A long call or a short put becomes a long future at the strike, the others a short one. */
static void deliver_future(struct ledger *ledger, const struct position_row *option_row, int lots)
{
    const struct instrument *option = &ledger->market->instruments[option_row->instrument];
    bool is_long = row_is_long(option_row) == (option->options_type == '1');
    uint32_t place = ledger_make_row(ledger, option_row->account, option->underlying,
                                     option_row->hedge, is_long ? '2' : '3', '1');
    struct position_detail detail = {
        .sequence = ledger->sequence++,
        .open_date = ledger->trading_day,
        .trade_type = '1',
        .volume = lots,
        .open_price = option->strike_price,
    };
    ledger_add_detail(ledger, place, &detail);
    struct position_row *row = &ledger->rows[place];
    row->position += lots;
    row->today_position += lots;
    row->today_open_sum += option->strike_price * lots;
    row->open_volume += lots;
    row->open_amount += option->strike_price * lots * option->volume_multiple;
}

static void note_exercise(struct ledger *ledger, const struct ledger_exercise *done)
{
    if (ledger->exercise_count == ledger->exercise_capacity) {
        ledger->exercise_capacity = ledger->exercise_capacity ? ledger->exercise_capacity * 2 : 64;
        ledger->exercises =
            memory_resize(ledger->exercises, ledger->exercise_capacity * sizeof *ledger->exercises);
    }
    ledger->exercises[ledger->exercise_count++] = *done;
}

static void exercise_lots(struct ledger *ledger, uint32_t place, int lots)
{
    struct position_row option_row = ledger->rows[place]; /* rows may move when one is born */
    const struct instrument *option = &ledger->market->instruments[option_row.instrument];
    struct account *account = &ledger->accounts[option_row.account];
    struct ledger_exercise done = {
        .account = option_row.account,
        .instrument = option_row.instrument,
        .lots = lots,
        .hedge = option_row.hedge,
        .assigned = !row_is_long(&option_row),
        .underlying_price = underlying_price(ledger, option),
    };
    if (row_is_long(&option_row)) {
        const struct commission_rate *rate =
            ledger_commission_rate(ledger, option_row.account, option_row.instrument);
        double fee = option->strike_price * option->volume_multiple * lots * rate->strike_by_money +
                     lots * rate->strike_by_volume;
        ledger->rows[place].commission += fee;
        account->rounding += money_round_cents(fee) - fee;
        done.fee = money_round_cents(fee);
        account->exercise_fee += done.fee;
    }
    if (option->option_margin == OPTION_MARGIN_COMMODITY && option->underlying != INSTRUMENT_NONE)
        deliver_future(ledger, &option_row, lots);
    else
        done.profit = row_sign(&option_row) * money_inside(option, done.underlying_price) * lots *
                      option->volume_multiple;
    account->exercise_profit += done.profit;
    remove_lots(ledger, &ledger->rows[place], lots);
    note_exercise(ledger, &done);
}

static bool exercises_itself(const struct ledger *ledger, const struct position_row *row)
{
    for (uint32_t i = 0; i < ledger->wish_count; i++) {
        const struct ledger_wish *wish = &ledger->wishes[i];
        if (wish->kind == WISH_NO_EXERCISE && wish->account == row->account &&
            wish->instrument == row->instrument && wish->hedge == row->hedge && row_is_long(row))
            return false;
    }
    return true;
}

int ledger_exercised(const struct ledger *ledger, const struct position_row *row)
{
    const struct instrument *option = &ledger->market->instruments[row->instrument];
    if (expires(ledger, option) && exercises_itself(ledger, row) &&
        money_inside(option, underlying_price(ledger, option)) > 0)
        return row->position - row->abandon_frozen;
    return row->strike_frozen;
}

/* Short lots that are in the money when they expire fulfil, all of them, where the house is the
 * counterparty; between customers those that are assigned. */
static void settle_options(struct ledger *ledger, const bool *between_customers)
{
    uint32_t count = ledger->row_count; /* futures born here are no options */
    if (between_customers)
        ledger_assign(ledger, between_customers);
    for (uint32_t i = 0; i < count; i++) {
        struct position_row *row = &ledger->rows[i];
        const struct instrument *option = &ledger->market->instruments[row->instrument];
        if (!instrument_is_option(option))
            continue;
        bool assigned =
            between_customers && between_customers[row->instrument] && !row_is_long(row);
        int lots = assigned ? row->strike_frozen : ledger_exercised(ledger, row);
        row->strike_frozen = 0;
        row->abandon_frozen = 0;
        if (lots > 0)
            exercise_lots(ledger, i, lots);
        row = &ledger->rows[i];
        if (expires(ledger, option) && row->position > 0)
            remove_lots(ledger, row, row->position);
    }
}

/* ---- what accounts asked for ---- */

/* Lots of a row that no exercise or abandon holds. */
static int free_lots(const struct ledger *ledger, uint32_t row)
{
    if (row == LEDGER_NONE)
        return 0;
    return ledger->rows[row].position - ledger->rows[row].strike_frozen -
           ledger->rows[row].abandon_frozen;
}

/* Lots of both rows of one side, history and today's. */
static int side_lots(const struct ledger *ledger, const struct ledger_wish *wish,
                     uint32_t instrument, char direction, uint32_t rows[2])
{
    int lots = 0;
    for (int i = 0; i < 2; i++) {
        rows[i] = ledger_find_row(ledger, wish->account, instrument, wish->hedge, direction,
                                  i == 0 ? '2' : '1');
        lots += free_lots(ledger, rows[i]);
    }
    return lots;
}

static void close_side(struct ledger *ledger, const uint32_t rows[2], double price, int lots)
{
    struct closing_trade trade = {.price = price};
    struct ledger_fill unbooked = {.commission = 0};
    for (int i = 0; i < 2 && lots > 0; i++) {
        int own = free_lots(ledger, rows[i]);
        int taken = own < lots ? own : lots;
        if (taken > 0)
            ledger_close_lots(ledger, rows[i], &trade, taken, &unbooked);
        lots -= taken;
    }
}

/* Long and short lots of one instrument close one another at the settlement price: no fee, no
 * premium; the profit of futures is the one that marking to market gives them too. */
static void set_off(struct ledger *ledger, const struct ledger_wish *wish, uint32_t instrument,
                    int most)
{
    uint32_t longs[2], shorts[2];
    int bought = side_lots(ledger, wish, instrument, '2', longs);
    int sold = side_lots(ledger, wish, instrument, '3', shorts);
    int lots = bought < sold ? bought : sold;
    if (lots > most)
        lots = most;
    double price = ledger->market->instruments[instrument].settlement;
    close_side(ledger, longs, price, lots);
    close_side(ledger, shorts, price, lots);
}

/* Lots that today's exercises brought into a row. */
static int born_lots(const struct ledger *ledger, const struct ledger_wish *wish,
                     uint32_t instrument, char direction)
{
    uint32_t place =
        ledger_find_row(ledger, wish->account, instrument, wish->hedge, direction, '1');
    int lots = 0;
    for (uint32_t i = place == LEDGER_NONE ? LEDGER_NONE : ledger->rows[place].first;
         i != LEDGER_NONE; i = ledger->details[i].next)
        if (ledger->details[i].trade_type == '1' &&
            ledger->details[i].open_date == ledger->trading_day)
            lots += ledger->details[i].volume;
    return lots;
}

static void set_off_futures(struct ledger *ledger, const struct ledger_wish *wish)
{
    const struct instrument *option = &ledger->market->instruments[wish->instrument];
    if (option->underlying == INSTRUMENT_NONE)
        return;
    bool buyer = wish->kind == WISH_SET_OFF_EXERCISE;
    char direction = buyer == (option->options_type == '1') ? '2' : '3';
    int born = born_lots(ledger, wish, option->underlying, direction);
    set_off(ledger, wish, option->underlying, born < wish->lots ? born : wish->lots);
}

static void self_close_options(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->wish_count; i++)
        if (ledger->wishes[i].kind == WISH_SELF_CLOSE)
            set_off(ledger, &ledger->wishes[i], ledger->wishes[i].instrument,
                    ledger->wishes[i].lots);
}

static void set_off_born(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->wish_count; i++)
        if (ledger->wishes[i].kind == WISH_SET_OFF_EXERCISE ||
            ledger->wishes[i].kind == WISH_SET_OFF_ASSIGNED)
            set_off_futures(ledger, &ledger->wishes[i]);
    ledger->wish_count = 0;
}

static void close_day(struct ledger *ledger, uint32_t place, struct settlement_figures *figures)
{
    struct account *account = &ledger->accounts[place];
    struct funds funds = ledger_funds(ledger, place);
    double commission = money_round_cents(funds.commission + account->rounding);
    double balance = money_round_cents(funds.balance + funds.commission - commission);
    *figures = (struct settlement_figures){
        .brought_forward = account->pre_balance,
        .cash_brought_forward = account->pre_balance - account->pre_credit - account->pre_mortgage,
        .cash_moved = account->deposit - account->withdraw,
        .close_profit = funds.close_profit,
        .position_profit = funds.position_profit,
        .exercise_profit = account->exercise_profit,
        .commission = commission,
        .premium = funds.cash_in,
        .exercise_fee = account->exercise_fee,
        .carried_forward = balance,
    };
    account->pre_balance = balance + account->credit;
    account->pre_mortgage = account->mortgage;
    account->pre_credit = account->credit;
    account->deposit = account->withdraw = 0;
    account->rounding = account->exercise_profit = account->exercise_fee = 0;
    account->first_row = LEDGER_NONE;
}

static void roll_prices(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->market->instrument_count; i++) {
        struct instrument *instrument = &ledger->market->instruments[i];
        if (expires(ledger, instrument)) {
            instrument->inst_life_phase = '3';
            instrument->is_trading = false;
        }
        instrument->pre_settlement = instrument->last = instrument->settlement;
        instrument->average = 0;
    }
}

/* Carries the open lots of rows with that PositionDate into the new day's rows. */
static void roll_rows(struct ledger *ledger, const struct ledger *old, char position_date)
{
    for (uint32_t i = 0; i < old->row_count; i++) {
        const struct position_row *from = &old->rows[i];
        const struct instrument *instrument = &ledger->market->instruments[from->instrument];
        if (from->position_date != position_date || from->position == 0 || expires(old, instrument))
            continue;
        uint32_t place =
            ledger_make_row(ledger, from->account, from->instrument, from->hedge, from->direction,
                            instrument->position_date_type == '1' ? '2' : '1');
        for (uint32_t j = from->first; j != LEDGER_NONE; j = old->details[j].next) {
            struct position_detail detail = old->details[j];
            if (detail.volume == 0)
                continue;
            detail.close_volume = 0;
            detail.close_amount = detail.close_profit_by_date = detail.close_profit_by_trade = 0;
            detail.settlement_price = instrument->pre_settlement;
            ledger_add_detail(ledger, place, &detail);
            struct position_row *row = &ledger->rows[place];
            row->position += detail.volume;
            row->yd_position += detail.volume;
            row->history_open_sum += detail.open_price * detail.volume;
        }
    }
}

void ledger_settle(struct ledger *ledger, int next_trading_day, const bool *between_customers,
                   struct settlement_figures *figures)
{
    struct settlement_figures *all =
        memory_get_zeroed(ledger->account_count, sizeof(struct settlement_figures));
    self_close_options(ledger);
    settle_options(ledger, between_customers);
    set_off_born(ledger);
    for (uint32_t i = 0; i < ledger->market->instrument_count; i++)
        ledger->market->instruments[i].last = ledger->market->instruments[i].settlement;
    for (uint32_t i = 0; i < ledger->account_count; i++)
        close_day(ledger, i, &all[i]);

    struct ledger old = *ledger;
    ledger->rows = NULL;
    ledger->details = NULL;
    ledger->row_index = (struct index){.slots = NULL};
    ledger->row_count = ledger->row_capacity = 0;
    ledger->detail_count = ledger->detail_capacity = 0;
    ledger->detail_free = LEDGER_NONE;
    roll_prices(&old);
    ledger->trading_day = next_trading_day;
    roll_rows(ledger, &old, '2'); /* history before today's, so that a row stays oldest first */
    roll_rows(ledger, &old, '1');
    ledger_roll_pairs(ledger, old.trading_day);
    free(old.rows);
    free(old.details);
    index_finish(&old.row_index);

    for (uint32_t i = 0; i < ledger->account_count; i++) {
        struct funds funds = ledger_funds(ledger, i);
        ledger->accounts[i].pre_margin = funds.curr_margin;
        all[i].margin = funds.curr_margin;
        all[i].available = funds.available;
    }
    if (figures)
        memcpy(figures, all, ledger->account_count * sizeof *all);
    free(all);
}
