/* check_pairs_test.c: the documented order of the checks, pair by pair: an order that breaks two of
 * them is told the earlier one, whichever two. Offences stand in a table in the order of the
 * checks: those of the counter (orders 5.1), then those of the exchange (5.3). A pair is tried on
 * each instrument on which both offences are refused alone, each with its own number; every two
 * neighbours must have been tried but for those that cannot meet. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/desk/desk_inside.h"
#include <math.h>
#include <string.h>

typedef struct CThostFtdcInputOrderField input_order;

/* One order on its way into trouble. */
struct trial {
    struct fixture fixture;
    const char *instrument;
    input_order input;
};

/* An order is refused by the counter with an ErrorID, or by the exchange with this and more. */
enum { AT_EXCHANGE = 100000 };

/* Orders of these numbers are X1, X3, X2, X4 .. X7, in the order in which the exchange looks. */
enum { X1 = 41, X3, X2, X4, X5, X6, X7 };

/* What an offence is about, or needs: two that need different things of it cannot meet. */
enum {
    OPENS = 1 << 0,    /* judged where lots are opened, */
    CLOSES = 1 << 1,   /* makes the order close */
    LIMIT = 1 << 2,    /* judged in limit orders, */
    MARKET = 1 << 3,   /* makes it a market order */
    NAMED = 1 << 4,    /* judged where the instrument is known, */
    NAMELESS = 1 << 5, /* makes it unknown */
    LISTED = 1 << 6,   /* judged where the exchange has the kind of instrument, */
    UNLISTED = 1 << 7, /* makes it one that the exchange does not have */
    EMPTY = 1 << 8,    /* judged without a position, */
    HOLDING = 1 << 9,  /* needs one */
    COUNTER = 1 << 10, /* the exchange's checks, made by the counter, */
    AFTER = 1 << 11,   /* and by the exchange */
};
static const unsigned opposites[][2] = {{OPENS, CLOSES},    {LIMIT, MARKET},  {NAMED, NAMELESS},
                                        {LISTED, UNLISTED}, {EMPTY, HOLDING}, {COUNTER, AFTER}};

static struct core *core_of(struct trial *trial)
{
    return trial->fixture.core;
}

static struct instrument *instrument_of(struct trial *trial)
{
    return core_instrument(core_of(trial), fixture_instrument(&trial->fixture, trial->instrument));
}

/* ---- before the offences: what they need ---- */

#define STEP(name) static void name(struct trial *trial)

STEP(one_order_this_second)
{
    input_order input = trial->input;
    PUT_TEXT(input.OrderRef, TEXT(""));
    input.VolumeTotalOriginal = 0;
    core_of(trial)->options.order_rate = 1;
    assert_true(fixture_insert(&trial->fixture, CONNECTION_ONE, &input) != 0);
}
STEP(one_lot_of_the_option)
{
    if (strcmp(trial->instrument, "SR505C6000") == 0)
        fixture_open(&trial->fixture, CONNECTION_ONE, trial->instrument, '0', 100, 1);
}
STEP(own_order_waits)
{
    if (strcmp(trial->instrument, "BTC") == 0)
        fixture_order(&trial->fixture, CONNECTION_AGAIN, "BTC", '1', '0', trial->input.LimitPrice,
                      1);
}

/* ---- offences ---- */

STEP(rate)
{
    core_of(trial)->options.order_rate = 1;
}
STEP(broker)
{
    core_of(trial)->options.broker_check = true;
    PUT_TEXT(trial->input.BrokerID, TEXT("8888"));
}
STEP(no_investor)
{
    core_of(trial)->options.investor_id_required = true;
    memset(trial->input.InvestorID, 0, sizeof trial->input.InvestorID);
}
STEP(foreign_investor)
{
    PUT_TEXT(trial->input.InvestorID, TEXT("u2"));
}
STEP(bad_text)
{
    PUT_TEXT(trial->input.OrderMemo, TEXT("\xc4"));
}
STEP(bad_reference)
{
    PUT_TEXT(trial->input.OrderRef, TEXT("x"));
}
STEP(bad_direction)
{
    trial->input.Direction = '2';
}
STEP(bad_condition)
{
    trial->input.ContingentCondition = 'G';
}
STEP(foreign_account)
{
    PUT_TEXT(trial->input.AccountID, TEXT("u2"));
}
STEP(dollars)
{
    PUT_TEXT(trial->input.CurrencyID, TEXT("USD"));
}
STEP(forced_close)
{
    trial->input.CombOffsetFlag[0] = '2';
}
STEP(force_reason)
{
    trial->input.ForceCloseReason = '1';
}
STEP(good_till_cancelled)
{
    trial->input.TimeCondition = '5';
}
STEP(auto_suspend)
{
    trial->input.IsAutoSuspend = 1;
}
STEP(no_volume)
{
    trial->input.VolumeTotalOriginal = 0;
}
STEP(high_minimum)
{
    trial->input.TimeCondition = '1';
    trial->input.VolumeCondition = '2';
    trial->input.MinVolume = 99999;
}
STEP(no_price)
{
    trial->input.LimitPrice = NAN;
}
STEP(no_stop_price)
{
    trial->input.ContingentCondition = '5';
    trial->input.StopPrice = ABSENT_PRICE;
}
STEP(no_exchange)
{
    core_of(trial)->options.exchange_id_required = true;
    trial->input.ExchangeID[0] = '\0';
}
STEP(wrong_exchange)
{
    PUT_TEXT(trial->input.ExchangeID, TEXT("CFFEX"));
}
STEP(unknown_exchange)
{
    PUT_TEXT(trial->input.ExchangeID, TEXT("NYMEX"));
}
STEP(unknown_instrument)
{
    PUT_TEXT(trial->input.InstrumentID, TEXT("zz9999"));
}
STEP(not_traded)
{
    instrument_of(trial)->is_trading = false;
}
STEP(expired)
{
    instrument_of(trial)->expire_date = FIXTURE_DAY - 1;
}
STEP(stale_reference)
{
    PUT_TEXT(trial->input.OrderRef, TEXT("0"));
}
STEP(stopped_investor)
{
    core_of(trial)->investors.at[0].active = false;
}
STEP(foreign_code)
{
    PUT_TEXT(trial->input.ClientID, TEXT("nobody"));
}
STEP(not_confirmed)
{
    core_of(trial)->options.settlement_confirm = true;
}
STEP(no_right)
{
    assert_int_equal(core_set_right(core_of(trial), TEXT("u1"), TEXT(""), RIGHT_NONE, false),
                     ADMIN_OK);
}
STEP(close_only)
{
    core_of(trial)->investors.at[0].close_only = true;
}
STEP(no_such_type)
{
    trial->input.OrderPriceType = '4';
}
STEP(no_such_volume_condition)
{
    trial->input.VolumeCondition = '2';
    trial->input.MinVolume = 1;
    trial->input.OrderPriceType = '3';
}
STEP(no_combinations_there)
{
    if (strcmp(trial->instrument, "rb2505") == 0)
        instrument_of(trial)->product_class = THOST_FTDC_PC_Combination;
}
STEP(combination_with_condition)
{
    trial->input.ContingentCondition = '5';
    trial->input.StopPrice = 1;
}
STEP(option_combination_waits)
{
    trial->input.TimeCondition = '3';
}
STEP(swap)
{
    trial->input.IsSwapOrder = 1;
}
STEP(option_for_hedging)
{
    trial->input.CombHedgeFlag[0] = '3';
}
STEP(second_option_for_hedging)
{
    trial->input.CombHedgeFlag[1] = '3';
}
STEP(no_conditions)
{
    core_of(trial)->options.condition_orders_max = 0;
    trial->input.ContingentCondition = '6';
    trial->input.StopPrice = 1e6;
}
STEP(too_many_conditions)
{
    core_of(trial)->options.condition_orders_max = 1;
    core_of(trial)->investors.at[0].condition_orders = 1;
    trial->input.ContingentCondition = '6';
    trial->input.StopPrice = 1e6;
}
STEP(touch_condition)
{
    trial->input.ContingentCondition = '2';
    trial->input.StopPrice = 1e6;
}
STEP(parked_condition)
{
    trial->input.ContingentCondition = '4';
    trial->input.StopPrice = 1e6;
}
STEP(wrong_phase)
{
    fixture_status(&trial->fixture, trial->instrument, THOST_FTDC_IS_NoTrading);
}
STEP(above_limit)
{
    struct instrument *instrument = instrument_of(trial);
    instrument->upper_limit = trial->input.LimitPrice / 2;
    instrument->lower_limit = trial->input.LimitPrice / 4;
}
STEP(off_tick)
{
    instrument_of(trial)->price_tick *= 7;
}
STEP(too_few)
{
    instrument_of(trial)->limit_order_volume_min = 100000;
    instrument_of(trial)->market_order_volume_min = 100000;
}
STEP(phase_at_counter)
{
    core_of(trial)->options.price_checks_at_counter = true;
    wrong_phase(trial);
}
STEP(limit_at_counter)
{
    core_of(trial)->options.price_checks_at_counter = true;
    above_limit(trial);
}
STEP(volume_at_counter)
{
    core_of(trial)->options.price_checks_at_counter = true;
    too_few(trial);
}
STEP(tick_at_counter)
{
    core_of(trial)->options.price_checks_at_counter = true;
    off_tick(trial);
}
STEP(position_limit)
{
    const char *of = strcmp(trial->instrument, "SP i2505&i2603") == 0 ? "i2505" : trial->instrument;
    assert_int_equal(core_set_position_limit(core_of(trial), TEXT("u1"), text_of(of), 0, false),
                     ADMIN_OK);
}
STEP(closes_nothing)
{
    trial->input.CombOffsetFlag[0] = '1';
}
STEP(closes_nothing_of_today)
{
    trial->input.CombOffsetFlag[0] = '3';
}
STEP(second_leg_closes_nothing)
{
    trial->input.CombOffsetFlag[1] = '1';
}
STEP(sells_too_many)
{
    trial->input.Direction = '1';
    trial->input.CombOffsetFlag[0] = '1';
    trial->input.VolumeTotalOriginal = 2;
}
STEP(fee_above_proceeds)
{
    struct commission_rate fees = {.close_by_volume = 1e9, .close_today_by_volume = 1e9};
    assert_int_equal(
        core_set_rate(core_of(trial), TEXT("u1"), text_of(trial->instrument), NULL, &fees),
        ADMIN_OK);
    core_of(trial)->options.option_close_needs_money = true;
    trial->input.Direction = '1';
    trial->input.CombOffsetFlag[0] = '1';
}
STEP(no_money)
{
    assert_int_equal(core_adjust_cash(core_of(trial), TEXT("u1"), -9999999), ADMIN_OK);
}
STEP(line_down)
{
    assert_int_equal(core_set_channel_state(core_of(trial), TEXT("sim"), CHANNEL_DOWN), ADMIN_OK);
}
STEP(line_fails)
{
    assert_int_equal(core_set_channel_state(core_of(trial), TEXT("sim"), CHANNEL_FAILING),
                     ADMIN_OK);
}
STEP(market_with_price)
{
    trial->input.OrderPriceType = '1';
}
STEP(all_or_nothing_for_the_day)
{
    trial->input.VolumeCondition = '3';
}
STEP(own_order_is_met)
{
    core_of(trial)->options.self_trade = SELF_TRADE_REJECT_NEW;
}

static const struct offence {
    int number, expected; /* `expected`: ErrorID, or AT_EXCHANGE and the exchange's reason */
    void (*offend)(struct trial *trial);
    void (*prepare)(struct trial *trial);
    unsigned about; /* of OPENS ... */
    const char *detail;
} offences[] = {
    {2, 116, rate, one_order_this_second, 0, NULL},
    {4, 2, broker, NULL, 0, NULL},
    {5, 146, no_investor, NULL, 0, NULL},
    {6, 9, foreign_investor, NULL, 0, NULL},
    {7, 15, bad_text, NULL, 0, "OrderMemo"},
    {8, 15, bad_reference, NULL, 0, "OrderRef"},
    {9, 15, bad_direction, NULL, 0, "Direction"},
    {9, 15, bad_condition, NULL, 0, "ContingentCondition"},
    {9, 15, foreign_account, NULL, 0, "AccountID"},
    {9, 15, dollars, NULL, 0, "CurrencyID"},
    {10, 15, forced_close, NULL, 0, "CombOffsetFlag"},
    {10, 15, force_reason, NULL, 0, "ForceCloseReason"},
    {11, 15, good_till_cancelled, NULL, 0, "TimeCondition"},
    {12, 15, auto_suspend, NULL, 0, "IsAutoSuspend"},
    {13, 15, no_volume, NULL, 0, "VolumeTotalOriginal"},
    {14, 15, high_minimum, NULL, 0, "MinVolume"},
    {15, 95, no_price, NULL, LIMIT, NULL},
    {15, 95, no_stop_price, NULL, 0, NULL},
    {16, 147, no_exchange, NULL, 0, NULL},
    {16, 150, wrong_exchange, NULL, NAMED, NULL},
    {16, 150, unknown_exchange, NULL, NAMED, NULL},
    {17, 16, unknown_instrument, NULL, NAMELESS, NULL},
    {18, 17, not_traded, NULL, 0, NULL},
    {18, 17, expired, NULL, 0, NULL},
    {19, 22, stale_reference, NULL, 0, NULL},
    {20, 19, stopped_investor, NULL, 0, NULL},
    {20, 20, foreign_code, NULL, 0, NULL},
    {21, 42, not_confirmed, NULL, 0, NULL},
    {22, 28, no_right, NULL, 0, NULL},
    {23, 29, close_only, NULL, OPENS, NULL},
    {24, 80, no_such_type, NULL, LISTED | MARKET, NULL},
    {24, 80, no_such_volume_condition, NULL, LISTED | MARKET, NULL},
    {25, 61, no_combinations_there, NULL, UNLISTED, NULL},
    {25, 6013, combination_with_condition, NULL, 0, NULL},
    {26, 88, option_combination_waits, NULL, 0, NULL},
    {27, 65, swap, NULL, 0, NULL},
    {28, 66, option_for_hedging, NULL, 0, NULL},
    {28, 66, second_option_for_hedging, NULL, 0, NULL},
    {29, 62, no_conditions, NULL, 0, NULL},
    {29, 53, too_many_conditions, NULL, 0, NULL},
    {30, 27, touch_condition, NULL, 0, NULL},
    {30, 27, parked_condition, NULL, 0, NULL},
    {31, 162, phase_at_counter, NULL, COUNTER, NULL},
    {31, 163, limit_at_counter, NULL, COUNTER | LIMIT, NULL},
    {31, 164, volume_at_counter, NULL, COUNTER, NULL},
    {31, 165, tick_at_counter, NULL, COUNTER | LIMIT, NULL},
    {32, 106, position_limit, NULL, OPENS, NULL},
    {33, 51, closes_nothing, NULL, CLOSES | EMPTY, "0"},
    {33, 30, closes_nothing, NULL, CLOSES | EMPTY, "0"},
    {33, 50, closes_nothing_of_today, NULL, CLOSES | EMPTY, "0"},
    {33, 30, second_leg_closes_nothing, NULL, 0, "0"},
    {33, 30, sells_too_many, NULL, CLOSES, NULL},
    {34, 156, fee_above_proceeds, one_lot_of_the_option, CLOSES | HOLDING, NULL},
    {35, 31, no_money, NULL, OPENS, NULL},
    {36, 21, line_down, NULL, 0, NULL},
    {36, 78, line_fails, NULL, 0, NULL},
    {X1, AT_EXCHANGE + EXCHANGE_WRONG_PHASE, wrong_phase, NULL, AFTER, NULL},
    {X3, AT_EXCHANGE + EXCHANGE_ABOVE_LIMIT, above_limit, NULL, AFTER | LIMIT, NULL},
    {X2, AT_EXCHANGE + EXCHANGE_OFF_TICK, off_tick, NULL, AFTER | LIMIT, NULL},
    {X4, AT_EXCHANGE + EXCHANGE_WRONG_VOLUME, too_few, NULL, AFTER, NULL},
    {X5, AT_EXCHANGE + EXCHANGE_MARKET_WITH_PRICE, market_with_price, NULL, MARKET, NULL},
    {X6, AT_EXCHANGE + EXCHANGE_WRONG_TYPE, all_or_nothing_for_the_day, NULL, LIMIT, NULL},
    {X7, AT_EXCHANGE + EXCHANGE_SELF_TRADE, own_order_is_met, own_order_waits, 0, NULL},
};
enum { OFFENCES = sizeof offences / sizeof offences[0] };

/* Neighbours that cannot meet: the investor that is missing and foreign; an option combination,
 * which may be swapped; conditions of two kinds; a sale that frees money; types of CZCE's market
 * orders and of limit orders. */
static const int strangers[][2] = {{5, 6}, {26, 27}, {29, 30}, {34, 35}, {X2, X5}, {X5, X6}};

static const struct stage {
    const char *instrument;
    double price;
    char time_condition;
} stages[] = {
    {"rb2505", 3400, '3'},    {"i2505", 800, '3'},        {"SR505", 6000, '3'},
    {"SR505C6000", 100, '3'}, {"SP i2505&i2603", 1, '3'}, {"STD SR505C6000&SR505P6000", 200, '1'},
    {"BTC", 3400, '3'},
};
enum { STAGES = sizeof stages / sizeof stages[0] };

/* ---- a trial ---- */

static void list_option_combination(struct fixture *fixture)
{
    day_list_like(fixture, "SR505P6000", "SR505C6000", 100);
    day_list_like(fixture, "STD SR505C6000&SR505P6000", "SR505C6000", 200);
    struct instrument pair =
        *core_instrument(fixture->core, fixture_instrument(fixture, "STD SR505C6000&SR505P6000"));
    pair.product_class = THOST_FTDC_PC_Combination;
    pair.options_type = '\0';
    core_put_instrument(fixture->core, &pair, false);
}

static void begin(struct trial *trial, const struct stage *stage)
{
    memset(trial, 0, sizeof *trial);
    fixture_begin(&trial->fixture, NULL);
    list_option_combination(&trial->fixture);
    trial->instrument = stage->instrument;
    trial->input = fixture_input(&trial->fixture, stage->instrument, '0', '0', stage->price, 1);
    PUT_TEXT(trial->input.InvestorID, TEXT("u1"));
    PUT_TEXT(trial->input.OrderRef, TEXT("50"));
    trial->input.TimeCondition = stage->time_condition;
}

/* Sends the order and forgets the counter: its state was changed by hand. */
static int outcome(struct trial *trial, char detail[81])
{
    int error_id = fixture_insert(&trial->fixture, CONNECTION_ONE, &trial->input);
    memcpy(detail, trial->fixture.answered_text, 81);
    if (error_id == 0 && fixture_newest(&trial->fixture)->state.refusal)
        error_id = AT_EXCHANGE + fixture_newest(&trial->fixture)->state.refusal;
    fixture_drop(&trial->fixture);
    return error_id;
}

static void prepare(struct trial *trial, const struct offence *offence)
{
    if (offence->prepare)
        offence->prepare(trial);
}

/* What one offence makes of a stage's good order. */
struct alone {
    bool works; /* it is refused with the offence's number */
    input_order before, after;
};

static void try_alone(const struct stage *stage, const struct offence *offence, struct alone *alone)
{
    static struct trial trial;
    char detail[81];
    begin(&trial, stage);
    prepare(&trial, offence);
    alone->before = trial.input;
    offence->offend(&trial);
    alone->after = trial.input;
    int told = outcome(&trial, detail);
    alone->works =
        told == offence->expected && (!offence->detail || strstr(detail, offence->detail));
}

/* Both write into the same field, and not the same. */
static bool write_over(const struct alone *a, const struct alone *b)
{
    const char *before = (const char *)&a->before;
    const char *one = (const char *)&a->after, *other = (const char *)&b->after;
    for (size_t i = 0; i < sizeof a->before; i++)
        if (one[i] != before[i] && other[i] != before[i] && one[i] != other[i])
            return true;
    return false;
}

static bool can_meet(const struct offence *a, const struct offence *b)
{
    for (size_t i = 0; i < sizeof opposites / sizeof opposites[0]; i++)
        for (int side = 0; side < 2; side++)
            if ((a->about & opposites[i][side]) && (b->about & opposites[i][1 - side]))
                return false;
    return true;
}

static void try_pair(const struct stage *stage, const struct offence *earlier,
                     const struct offence *later)
{
    static struct trial trial;
    char detail[81];
    begin(&trial, stage);
    prepare(&trial, later);
    prepare(&trial, earlier);
    later->offend(&trial);
    earlier->offend(&trial);
    int told = outcome(&trial, detail);
    if (told != earlier->expected || (earlier->detail && !strstr(detail, earlier->detail)))
        fail_msg("%s: an order that breaks %d (%d) and %d (%d) is told %d: %s", stage->instrument,
                 earlier->number, earlier->expected, later->number, later->expected, told, detail);
}

static bool are_strangers(int earlier, int later)
{
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        if (strangers[i][0] == earlier && strangers[i][1] == later)
            return true;
    return false;
}

static bool tried[X7 + 1][X7 + 1];

static void every_stage_has_a_good_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < STAGES; i++) {
        static struct trial trial;
        char detail[81];
        begin(&trial, &stages[i]);
        int told = outcome(&trial, detail);
        if (told)
            fail_msg("%s: a good order is told %d: %s", stages[i].instrument, told, detail);
    }
}

static void every_offence_is_refused_alone_on_some_stage(void **state)
{
    (void)state;
    for (size_t i = 0; i < OFFENCES; i++) {
        static struct alone alone;
        bool works = false;
        for (size_t stage = 0; stage < STAGES && !works; stage++) {
            try_alone(&stages[stage], &offences[i], &alone);
            works = alone.works;
        }
        if (!works)
            fail_msg("no stage has the offence of row %zu: %d (%d)", i, offences[i].number,
                     offences[i].expected);
    }
}

static void the_earlier_of_two_checks_answers(void **state)
{
    (void)state;
    static struct alone alone[OFFENCES];
    for (size_t stage = 0; stage < STAGES; stage++) {
        for (size_t i = 0; i < OFFENCES; i++)
            try_alone(&stages[stage], &offences[i], &alone[i]);
        for (size_t i = 0; i < OFFENCES; i++) {
            for (size_t j = i + 1; j < OFFENCES; j++) {
                if (!alone[i].works || !alone[j].works || write_over(&alone[i], &alone[j]) ||
                    !can_meet(&offences[i], &offences[j]))
                    continue;
                try_pair(&stages[stage], &offences[i], &offences[j]);
                tried[offences[i].number][offences[j].number] = true;
            }
        }
    }
}

/* Of the pairs above: no two neighbours were left out. */
static void all_neighbours_were_tried(void **state)
{
    (void)state;
    for (size_t i = 1; i < OFFENCES; i++) {
        int earlier = offences[i - 1].number, later = offences[i].number;
        if (earlier != later && tried[earlier][later] == are_strangers(earlier, later))
            fail_msg("%d and %d %s", earlier, later,
                     tried[earlier][later] ? "met" : "were never tried together");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_has_a_good_order),
        cmocka_unit_test(every_offence_is_refused_alone_on_some_stage),
        cmocka_unit_test(the_earlier_of_two_checks_answers),
        cmocka_unit_test(all_neighbours_were_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
