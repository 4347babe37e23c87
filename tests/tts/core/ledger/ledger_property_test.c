/* ledger_property_test.c: random days of orders, fills, ticks, cash, exercises and settlements;
 * after each step the sums of the ledger agree with what can be counted without it: lots with
 * details, freezes with live orders, the balance with every movement since the first day and what
 * is pledged now. A run is named by its seed. */
#include "cmocka_all.h"
#include "tts/core/ledger/ledger.h"
#include <math.h>
#include <string.h>

enum { SEEDS = 60, STEPS = 400, LIVE_MAX = 24, FIRST_DAY = 20250303, LAST_DAY = 20250327 };

static const double START = 5e6;

struct world {
    struct market market;
    struct ledger ledger;
    uint64_t random;
    struct ledger_order live[LIVE_MAX];
    uint32_t live_count;
    /* what is counted beside the ledger */
    double moved;         /* deposits less withdrawals of all days */
    double realised;      /* by trade: closed futures, expired cash options */
    double premium;       /* received less paid, of all days */
    double settled_fees;  /* rounded fees of days gone by */
    double fees, rounded; /* of today: as they were charged, and each in whole cents */
};

/* cmocka's own comparison rounds to float. */
static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.10g, wanted %.10g", got, want);
}

static uint32_t draw(struct world *world, uint32_t below)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return (uint32_t)(world->random >> 32) % below;
}

/* ---- what is traded ---- */

struct listing {
    const char *id, *product, *underlying;
    enum exchange exchange;
    int multiple;
    double pre, tick, strike;
    bool larger_side, close_today_first;
    int expires;
};

static const struct listing listings[] = {
    {"rb2505", "rb", "", EXCHANGE_SHFE, 10, 3400, 1, 0, true, false, 0},
    {"rb2510", "rb", "", EXCHANGE_SHFE, 10, 3380, 1, 0, true, false, 0},
    {"IF2503", "IF", "", EXCHANGE_CFFEX, 300, 3900, 0.2, 0, true, false, 0},
    {"i2505", "i", "", EXCHANGE_DCE, 100, 800, 0.5, 0, false, true, 0},
    {"SR505", "SR", "", EXCHANGE_CZCE, 10, 6000, 1, 0, false, false, 0},
    {"SR505C6000", "SRC", "SR505", EXCHANGE_CZCE, 10, 60, 0.5, 6000, false, false, 20250307},
    {"rb2505P3400", "rb_o", "rb2505", EXCHANGE_SHFE, 10, 50, 0.5, 3400, false, false, 20250311},
    {"IO2503-C-3900", "IO", "", EXCHANGE_CFFEX, 100, 90, 0.2, 3900, false, false, 20250321},
};
enum { LISTINGS = sizeof listings / sizeof listings[0] };

static bool is_option(const struct listing *listing)
{
    return listing->strike > 0;
}

static void list(struct world *world, const struct listing *listing)
{
    struct product product = {.volume_multiple = listing->multiple, .exchange = listing->exchange};
    text_copy(product.id, sizeof product.id, text_of(listing->product));
    text_copy(product.group_id, sizeof product.group_id, text_of(listing->product));
    bool split = listing->exchange == EXCHANGE_SHFE;
    struct instrument made = {
        .product = market_put_product(&world->market, &product),
        .exchange = listing->exchange,
        .product_class = is_option(listing) ? '2' : '1',
        .is_trading = true,
        .inst_life_phase = '1',
        .expire_date = listing->expires,
        .volume_multiple = listing->multiple,
        .price_tick = listing->tick,
        .position_date_type = split ? '1' : '2',
        .larger_side = listing->larger_side,
        .close_today_first = listing->close_today_first,
        .strike_price = is_option(listing) ? listing->strike : ABSENT_PRICE,
        .underlying_settlement = ABSENT_PRICE,
        .pre_settlement = listing->pre,
        .last = listing->pre,
        .settlement = listing->pre,
        .upper_limit = listing->pre * 1.1,
        .lower_limit = listing->pre * 0.9,
        .margin = {0.12, 10, 0.13, 0},
        .exchange_margin = {0.1, 0, 0.1, 0},
        .commission = {.open_by_money = 5.1234567e-5,
                       .close_by_volume = 1.0131,
                       .close_today_by_money = 2.3456789e-4,
                       .strike_by_volume = 0.5,
                       .order_by_volume = 0.0131,
                       .action_by_trade = 0.25},
        .option_margin_adjust = 0.12,
        .option_guarantee_ratio = 0.5,
    };
    if (is_option(listing)) {
        made.options_type = strchr(listing->id, 'P') ? '2' : '1';
        made.option_margin = *listing->underlying ? OPTION_MARGIN_COMMODITY : OPTION_MARGIN_INDEX;
        made.margin = made.exchange_margin = (struct margin_rate){.long_by_money = 0};
    }
    text_copy(made.id, sizeof made.id, text_of(listing->id));
    text_copy(made.underlying_id, sizeof made.underlying_id, text_of(listing->underlying));
    market_put_instrument(&world->market, &made);
}

static void world_begin(struct world *world, uint32_t seed)
{
    static const char price_types[] = "4123", algorithms[] = "1234", royalties[] = "514";
    *world = (struct world){.random = 88172645463325252U + seed * 2654435761U};
    for (size_t i = 0; i < LISTINGS; i++)
        list(world, &listings[i]);
    ledger_init(&world->ledger, &world->market, FIRST_DAY);
    struct trading_params params = trading_params_default();
    params.margin_price_type = price_types[draw(world, 4)];
    params.algorithm = algorithms[draw(world, 4)];
    params.avail_include_close_profit = draw(world, 2) ? '0' : '2';
    params.option_royalty_price_type = royalties[draw(world, 3)];
    ledger_add_account(&world->ledger, TEXT("one"), &params);
    world->ledger.accounts[0].pre_balance = START;
}

static void world_end(struct world *world)
{
    ledger_finish(&world->ledger);
    market_finish(&world->market);
}

/* ---- steps ---- */

/* The rates are such that no fee is half a cent beside whole ones: which way sums of several parts
 * fall then is a matter of bits. */
static void charge(struct world *world, double fee)
{
    world->fees += fee;
    world->rounded += round(fee * 100) / 100;
}

static double some_price(struct world *world, const struct instrument *instrument)
{
    double ticks = (double)draw(world, 41) - 20;
    return fmax(instrument->price_tick,
                instrument->pre_settlement + ticks * instrument->price_tick);
}

static void insert(struct world *world)
{
    uint32_t place = draw(world, LISTINGS);
    const struct instrument *instrument = &world->market.instruments[place];
    if (!instrument->is_trading || world->live_count == LIVE_MAX)
        return;
    struct ledger_order order = {.instrument = place,
                                 .direction = "01"[draw(world, 2)],
                                 .offset = "00134"[draw(world, 5)],
                                 .hedge = "1113"[draw(world, 4)],
                                 .has_price = draw(world, 8) > 0,
                                 .price = some_price(world, instrument)};
    int lots = 1 + (int)draw(world, 6);
    double shortage = 0;
    if (ledger_check(&world->ledger, &order, lots, &shortage) != 0)
        return;
    ledger_accept(&world->ledger, &order, lots);
    charge(world, lots * instrument->commission.order_by_volume);
    world->live[world->live_count++] = order;
}

static void forget(struct world *world, uint32_t at)
{
    if (world->live[at].frozen == 0)
        world->live[at] = world->live[--world->live_count];
}

/* The by-trade profit that today's closes of all rows have brought. */
static double closed_by_trade(const struct world *world)
{
    double sum = 0;
    for (uint32_t i = 0; i < world->ledger.row_count; i++)
        sum += world->ledger.rows[i].close_profit_by_trade;
    return sum;
}

static void fill(struct world *world)
{
    if (world->live_count == 0)
        return;
    uint32_t at = draw(world, world->live_count);
    struct ledger_order *order = &world->live[at];
    const struct instrument *instrument = &world->market.instruments[order->instrument];
    const struct commission_rate *rate = &instrument->commission;
    double before = closed_by_trade(world), price = some_price(world, instrument);
    int lots = 1 + (int)draw(world, (uint32_t)order->frozen);
    int held = world->ledger.rows[order->row].today_position;
    struct ledger_fill done = ledger_fill(&world->ledger, order, price, lots, 1);
    double paid = (order->direction == '0' ? -1.0 : 1.0) * price * lots *
                  instrument->volume_multiple * instrument_is_option(instrument);
    assert_near(done.cash, paid, 1e-6);
    int newest = held - world->ledger.rows[order->row].today_position; /* of today, closed */
    double turnover = price * instrument->volume_multiple;
    double fee = order->offset == '0' ? turnover * lots * rate->open_by_money
                                      : turnover * newest * rate->close_today_by_money +
                                            (lots - newest) * rate->close_by_volume;
    assert_near(done.commission, fee, 1e-6);
    charge(world, fee);
    world->premium += paid;
    world->realised += closed_by_trade(world) - before;
    forget(world, at);
}

static void cancel(struct world *world)
{
    if (world->live_count == 0)
        return;
    uint32_t at = draw(world, world->live_count);
    ledger_release(&world->ledger, &world->live[at], world->live[at].frozen, true);
    charge(world, world->market.instruments[world->live[at].instrument].commission.action_by_trade);
    forget(world, at);
}

static void tick(struct world *world)
{
    struct instrument *instrument = &world->market.instruments[draw(world, LISTINGS)];
    instrument->last = some_price(world, instrument);
}

static void move_cash(struct world *world)
{
    double amount = ((double)draw(world, 2001) - 1000) * 12.34;
    double quota = ledger_funds(&world->ledger, 0).withdraw_quota;
    bool moved = ledger_move_cash(&world->ledger, 0, amount);
    assert_int_equal(moved, amount >= 0 || -amount <= quota + 1e-6);
    if (moved)
        world->moved += amount;
}

static void set_money(struct world *world)
{
    enum account_money kind = (enum account_money)draw(world, MONEY_KINDS);
    double amount = draw(world, 3) ? draw(world, 100000000) / 100.0 : 0;
    if (kind == MONEY_CREDIT)
        amount = -amount;
    assert_true(ledger_may_set_money(kind, amount));
    ledger_set_money(&world->ledger, 0, kind, amount);
}

static void exercise(struct world *world)
{
    for (uint32_t i = 0; i < world->ledger.row_count; i++) {
        const struct position_row *row = &world->ledger.rows[i];
        const struct instrument *option = &world->market.instruments[row->instrument];
        if (!instrument_is_option(option) || option->option_margin != OPTION_MARGIN_COMMODITY ||
            row->direction != '2' || draw(world, 3))
            continue;
        int free_lots = ledger_closable(row), lots = 1 + (int)draw(world, 3);
        assert_int_equal(ledger_exercise(&world->ledger, i, lots), lots > free_lots ? 74 : 0);
    }
}

/* ---- what must hold ---- */

static double sign_of(const struct position_row *row)
{
    return row->direction == '2' ? 1.0 : -1.0;
}

static void rows_agree_with_details(const struct world *world)
{
    const struct ledger *ledger = &world->ledger;
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        const struct instrument *instrument = &world->market.instruments[row->instrument];
        int lots = 0, today = 0;
        double margin = 0, open_cost = 0, gap = 0;
        for (uint32_t j = row->first; j != LEDGER_NONE; j = ledger->details[j].next) {
            const struct position_detail *detail = &ledger->details[j];
            bool is_today = detail->open_date == ledger->trading_day;
            double lot_cost = detail->open_price * instrument->volume_multiple;
            assert_true(detail->volume >= 0);
            assert_int_equal(detail->row, i);
            lots += detail->volume;
            today += is_today ? detail->volume : 0;
            margin += ledger_detail_figures(ledger, detail).margin;
            open_cost += lot_cost * detail->volume;
            if (!is_today)
                gap += (lot_cost - instrument->pre_settlement * instrument->volume_multiple) *
                       detail->volume;
        }
        struct row_figures figures = ledger_row_figures(ledger, row);
        assert_int_equal(row->position, lots);
        assert_int_equal(row->today_position, today);
        assert_int_equal(row->position, row->yd_position + row->open_volume - row->close_volume);
        assert_true(ledger_closable(row) >= 0);
        assert_true(instrument->position_date_type == '2' || today == 0 ||
                    row->position_date == '1');
        assert_near(figures.use_margin, margin, 1e-4);
        assert_near(figures.open_cost, open_cost, 1e-4);
        assert_near(figures.open_cost - figures.position_cost, gap, 1e-4);
    }
}

static void freezes_agree_with_live_orders(const struct world *world)
{
    for (uint32_t i = 0; i < world->ledger.row_count; i++) {
        const struct position_row *row = &world->ledger.rows[i];
        int bought = 0, sold = 0;
        double need = 0;
        for (uint32_t j = 0; j < world->live_count; j++) {
            const struct ledger_order *order = &world->live[j];
            if (order->row != i)
                continue;
            bought += order->direction == '0' ? order->frozen : 0;
            sold += order->direction == '1' ? order->frozen : 0;
            need += (order->margin_per_lot + order->cash_per_lot + order->commission_per_lot) *
                    order->frozen;
        }
        assert_int_equal(row->long_frozen, bought);
        assert_int_equal(row->short_frozen, sold);
        assert_near(row->frozen_margin + row->frozen_cash + row->frozen_commission, need, 1e-4);
    }
}

/* The balance is the first day's money, every movement, every closed trade from its opening price,
 * and what open futures are worth more than they cost: days in between leave no trace but fees. */
static void money_agrees_with_movements(const struct world *world)
{
    const struct ledger *ledger = &world->ledger;
    double commission = 0, cash = 0, closed = 0, floating = 0, use_margin = 0, open = 0;
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        const struct instrument *instrument = &world->market.instruments[row->instrument];
        struct row_figures figures = ledger_row_figures(ledger, row);
        commission += row->commission;
        cash += row->cash_in;
        closed += row->close_profit_by_date;
        floating += figures.position_profit;
        use_margin += figures.use_margin;
        if (!instrument_is_option(instrument))
            open += sign_of(row) * (instrument->last * row->position * instrument->volume_multiple -
                                    figures.open_cost);
    }
    struct funds funds = ledger_funds(ledger, 0);
    assert_near(funds.commission, commission, 1e-4);
    assert_near(funds.commission, world->fees, 1e-4);
    assert_near(funds.cash_in, cash, 1e-4);
    assert_near(funds.close_profit, closed, 1e-4);
    assert_near(funds.position_profit, floating, 1e-4);
    assert_true(funds.curr_margin <= use_margin + 1e-4);
    assert_near(funds.balance,
                START + world->moved + world->premium + world->realised + open +
                    ledger->accounts[0].mortgage - world->settled_fees - funds.commission,
                1e-3);
    const struct account *account = &ledger->accounts[0];
    double available = funds.balance - closed + funds.counted_close - floating +
                       funds.counted_position - funds.curr_margin - funds.frozen_margin -
                       funds.frozen_cash - funds.frozen_commission + account->credit;
    assert_near(funds.available, available, 1e-4);
    double free_money = available - fmax(funds.counted_close, 0) - fmax(funds.counted_position, 0) -
                        account->reserve;
    assert_near(funds.withdraw_quota, account->params.withdraw_ratio * fmax(0, free_money), 1e-4);
}

static void all_agrees(const struct world *world)
{
    rows_agree_with_details(world);
    freezes_agree_with_live_orders(world);
    money_agrees_with_movements(world);
}

/* ---- days ---- */

static int next_day(int day)
{
    return day % 7 == 0 ? day + 3 : day + 1; /* 20250307, 14, 21 are Fridays: 7 divides none else */
}

static void settle(struct world *world)
{
    struct ledger *ledger = &world->ledger;
    while (world->live_count) {
        ledger_release(ledger, &world->live[0], world->live[0].frozen, false);
        forget(world, 0);
    }
    all_agrees(world);
    for (uint32_t i = 0; i < LISTINGS; i++) {
        struct instrument *instrument = &world->market.instruments[i];
        instrument->settlement = some_price(world, instrument);
        if (instrument->option_margin == OPTION_MARGIN_INDEX)
            instrument->underlying_settlement = instrument->strike_price + (double)draw(world, 80);
    }
    struct settlement_figures figures;
    ledger_settle(ledger, next_day(ledger->trading_day), NULL, &figures);
    assert_near(figures.commission, world->rounded + figures.exercise_fee, 1e-6);
    world->fees = world->rounded = 0;
    world->settled_fees += figures.commission;
    world->realised += figures.exercise_profit;
    struct funds funds = ledger_funds(ledger, 0);
    assert_near(funds.balance, figures.carried_forward, 1e-6);
    assert_near(funds.curr_margin, figures.margin, 1e-6);
    assert_near(funds.available, figures.available, 1e-6);
    const struct account *account = &ledger->accounts[0];
    assert_near(account->pre_balance, figures.carried_forward + account->credit, 1e-6);
    assert_true(account->pre_credit == account->credit);
    assert_true(account->pre_mortgage == account->mortgage);
    assert_near(figures.commission * 100, round(figures.commission * 100), 1e-6);
    assert_near(funds.position_profit, 0, 1e-6);
    for (uint32_t i = 0; i < ledger->row_count; i++)
        assert_true(ledger->rows[i].position > 0 && ledger->rows[i].today_position == 0);
}

static void one_step(struct world *world)
{
    static void (*const steps[])(struct world *) = {insert, insert, insert, insert,    fill,
                                                    fill,   fill,   tick,   move_cash, cancel,
                                                    tick,   insert, fill,   exercise,  set_money};
    if (draw(world, 30) == 0 && world->ledger.trading_day < LAST_DAY)
        settle(world);
    else
        steps[draw(world, sizeof steps / sizeof steps[0])](world);
}

static void sums_agree_after_each_step_of_many_days(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct world world;
        world_begin(&world, seed);
        for (int step = 0; step < STEPS; step++) {
            one_step(&world);
            all_agrees(&world);
        }
        world_end(&world);
    }
}

static void assert_same(const struct ledger *one, const struct ledger *other)
{
    assert_int_equal(one->row_count, other->row_count);
    assert_int_equal(one->detail_count, other->detail_count);
    assert_memory_equal(one->rows, other->rows, one->row_count * sizeof *one->rows);
    assert_memory_equal(one->details, other->details, one->detail_count * sizeof *one->details);
    struct funds first = ledger_funds(one, 0), second = ledger_funds(other, 0);
    assert_memory_equal(&first, &second, sizeof first);
}

static void the_same_steps_give_the_same_bits(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS / 4; seed++) {
        struct world one, other;
        world_begin(&one, seed);
        world_begin(&other, seed);
        for (int step = 0; step < STEPS; step++) {
            one_step(&one);
            one_step(&other);
            if (step % 50 == 0)
                ledger_index(&other.ledger); /* as after a snapshot */
            if (one.ledger.row_count && other.ledger.row_count)
                assert_same(&one.ledger, &other.ledger);
        }
        world_end(&one);
        world_end(&other);
    }
}

static void a_day_without_trades_changes_nothing_but_the_day(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS / 4; seed++) {
        struct world world;
        world_begin(&world, seed);
        for (int step = 0; step < STEPS / 4; step++)
            one_step(&world);
        settle(&world);
        while (world.ledger.trading_day <= 20250321)
            settle(&world); /* until no option can expire */
        struct funds before = ledger_funds(&world.ledger, 0);
        uint32_t rows = world.ledger.row_count, details = world.ledger.detail_count;
        for (uint32_t i = 0; i < LISTINGS; i++)
            world.market.instruments[i].settlement = world.market.instruments[i].last;
        struct settlement_figures figures;
        ledger_settle(&world.ledger, next_day(world.ledger.trading_day), NULL, &figures);
        struct funds after = ledger_funds(&world.ledger, 0);
        assert_near(before.balance, after.balance, 0);
        assert_near(before.available, after.available, 0);
        assert_near(before.curr_margin, after.curr_margin, 0);
        assert_near(figures.commission, 0, 0);
        assert_int_equal(rows, world.ledger.row_count);
        assert_int_equal(details, world.ledger.detail_count);
        world_end(&world);
    }
}

/* ---- shares ---- */

enum { SHARES = 2, SHARE_LOT = 100 };

static const double RATE = 3.1234567e-4, LEAST = 5, STAMP = 5e-4, TRANSFER = 1e-5;

/* Shares beside a ledger: money, and what each order has paid. */
struct purse {
    struct world world;
    double cash, proceeds; /* proceeds: of today's sales */
    double by_rate[LIVE_MAX], charged[LIVE_MAX];
};

static void purse_begin(struct purse *purse, uint32_t seed)
{
    static const char *const ids[SHARES] = {"600000", "600001"};
    struct world *world = &purse->world;
    *purse = (struct purse){.cash = START, .world.random = 362436069 + seed};
    struct product product = {.exchange = EXCHANGE_SSE,
                              .volume_multiple = 1,
                              .commission_min = LEAST,
                              .stamp_duty = STAMP,
                              .transfer_fee = TRANSFER};
    text_copy(product.id, sizeof product.id, TEXT("SSE_A"));
    for (int i = 0; i < SHARES; i++) {
        struct instrument made = {
            .product = market_put_product(&world->market, &product),
            .exchange = EXCHANGE_SSE,
            .product_class = 'E',
            .is_trading = true,
            .volume_multiple = 1,
            .price_tick = 0.01,
            .position_date_type = '2',
            .strike_price = ABSENT_PRICE,
            .underlying_settlement = ABSENT_PRICE,
            .pre_settlement = 10 + i,
            .last = 10 + i,
            .upper_limit = ABSENT_PRICE,
            .lower_limit = ABSENT_PRICE,
            .margin = {1, 0, 1, 0},
            .exchange_margin = {1, 0, 1, 0},
            .commission = {.open_by_money = RATE,
                           .close_by_money = RATE,
                           .close_today_by_money = RATE},
        };
        text_copy(made.id, sizeof made.id, text_of(ids[i]));
        market_put_instrument(&world->market, &made);
    }
    ledger_init(&world->ledger, &world->market, FIRST_DAY);
    struct trading_params params = trading_params_default();
    params.algorithm = "1234"[draw(world, 4)];
    params.avail_include_close_profit = draw(world, 2) ? '0' : '2';
    params.withdraw_ratio = 1;
    ledger_add_account(&world->ledger, TEXT("one"), &params);
    world->ledger.accounts[0].pre_balance = START;
}

static void share_order(struct purse *purse)
{
    struct world *world = &purse->world;
    uint32_t place = draw(world, SHARES);
    bool sells = draw(world, 2);
    struct ledger_order order = {
        .instrument = place,
        .direction = sells ? '1' : '0',
        .offset = sells ? '1' : '0',
        .hedge = '1',
        .has_price = true,
        .price = some_price(world, &world->market.instruments[place]),
    };
    int lots = (1 + (int)draw(world, 30)) * SHARE_LOT;
    double shortage = 0;
    if (world->live_count == LIVE_MAX || ledger_check(&world->ledger, &order, lots, &shortage) != 0)
        return;
    ledger_accept(&world->ledger, &order, lots);
    purse->by_rate[world->live_count] = purse->charged[world->live_count] = 0;
    world->live[world->live_count++] = order;
}

static void share_forget(struct purse *purse, uint32_t at)
{
    uint32_t last = purse->world.live_count - 1;
    if (purse->world.live[at].frozen)
        return;
    purse->by_rate[at] = purse->by_rate[last];
    purse->charged[at] = purse->charged[last];
    forget(&purse->world, at);
}

static void share_fill(struct purse *purse)
{
    struct world *world = &purse->world;
    if (world->live_count == 0)
        return;
    uint32_t at = draw(world, world->live_count);
    struct ledger_order *order = &world->live[at];
    bool buys = order->direction == '0';
    int lots = draw(world, 2) ? order->frozen : 1 + (int)draw(world, (uint32_t)order->frozen);
    double turnover = order->price * lots;
    struct ledger_fill done = ledger_fill(&world->ledger, order, order->price, lots, 1);
    purse->by_rate[at] += turnover * RATE;
    double fee = fmax(purse->by_rate[at], LEAST) - purse->charged[at];
    purse->charged[at] += fee;
    fee += turnover * TRANSFER + (buys ? 0 : turnover * STAMP);
    assert_near(done.commission, fee, 1e-6);
    world->fees += fee;
    purse->cash += buys ? -turnover : turnover;
    purse->proceeds += buys ? 0 : turnover;
    share_forget(purse, at);
}

static void share_cancel(struct purse *purse)
{
    struct world *world = &purse->world;
    if (world->live_count == 0)
        return;
    uint32_t at = draw(world, world->live_count);
    ledger_release(&world->ledger, &world->live[at], world->live[at].frozen, true);
    share_forget(purse, at);
}

/* What is there is money and shares, and nothing else: whatever the parameters say of profits. */
static void purse_agrees(const struct purse *purse)
{
    const struct ledger *ledger = &purse->world.ledger;
    double worth = 0, cash = purse->cash - purse->world.fees;
    for (uint32_t i = 0; i < ledger->row_count; i++)
        worth += ledger->rows[i].position *
                 purse->world.market.instruments[ledger->rows[i].instrument].last;
    struct funds funds = ledger_funds(ledger, 0);
    double available = cash - funds.frozen_margin - funds.frozen_commission;
    assert_near(funds.balance, cash + worth, 1e-4);
    assert_near(funds.available, available, 1e-4);
    assert_near(funds.withdraw_quota, fmax(0, available - purse->proceeds), 1e-4);
    rows_agree_with_details(&purse->world);
    freezes_agree_with_live_orders(&purse->world);
}

static void share_settle(struct purse *purse)
{
    struct world *world = &purse->world;
    while (world->live_count) {
        ledger_release(&world->ledger, &world->live[0], world->live[0].frozen, false);
        share_forget(purse, 0);
    }
    for (uint32_t i = 0; i < SHARES; i++)
        world->market.instruments[i].settlement = world->market.instruments[i].last;
    struct settlement_figures figures;
    ledger_settle(&world->ledger, next_day(world->ledger.trading_day), NULL, &figures);
    assert_near(figures.commission, world->fees, 0.005 * STEPS);
    purse->cash -= figures.commission;
    purse->proceeds = world->fees = 0;
    /* balances are in whole cents, prices and fees of shares too: nothing else is lost */
    purse_agrees(purse);
}

static void shares_are_worth_their_price_and_available_is_cash(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct purse purse;
        purse_begin(&purse, seed);
        for (int step = 0; step < STEPS; step++) {
            uint32_t kind = draw(&purse.world, 40);
            if (kind == 0)
                share_settle(&purse);
            else if (kind < 5)
                share_cancel(&purse);
            else if (kind < 20)
                share_order(&purse);
            else if (kind < 35)
                share_fill(&purse);
            else
                purse.world.market.instruments[kind % 2].last =
                    some_price(&purse.world, &purse.world.market.instruments[kind % 2]);
            purse_agrees(&purse);
        }
        world_end(&purse.world);
    }
}

/* Thousandths are the hard ones: half of a cent is none of a double's numbers, and what counts is
 * the decimal that people read. */
static void cents_round_half_up_as_their_digits_say(void **state)
{
    (void)state;
    struct world world = {.random = 88172645463325252};
    for (int i = 0; i < 200000; i++) {
        int64_t thousandths = draw(&world, i % 2 ? 1000000 : 1000000000);
        if (i % 4 == 0)
            thousandths = thousandths / 10 * 10 + 5;
        double cents = (double)((thousandths + 5) / 10);
        double value = (double)thousandths / 1000;
        assert_true(money_round_cents(value) == cents / 100);
        assert_true(money_round_cents(-value) == -(cents / 100));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cents_round_half_up_as_their_digits_say),
        cmocka_unit_test(shares_are_worth_their_price_and_available_is_cash),
        cmocka_unit_test(sums_agree_after_each_step_of_many_days),
        cmocka_unit_test(the_same_steps_give_the_same_bits),
        cmocka_unit_test(a_day_without_trades_changes_nothing_but_the_day),
    };
    return cmocka_run_group_tests_name("ledger properties", tests, NULL, NULL);
}
