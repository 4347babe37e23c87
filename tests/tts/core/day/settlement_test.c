/* settlement_test.c: the end of a trading day: prices, what dies and what lives on, limits and
 * phases of the new day. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/day/statement.h"
#include <math.h>
#include <string.h>

static double pre_of(const struct fixture *fixture, const char *instrument)
{
    return core_market(fixture->core)
        ->instruments[fixture_instrument(fixture, instrument)]
        .pre_settlement;
}

static void at(struct fixture *fixture, int hour, int minute)
{
    fixture_set_clock(fixture, FIXTURE_DAY, hour * 3600 + minute * 60, 0);
}

/* A quote that says how much was traded so far, for how much money a lot. */
static void traded(struct fixture *fixture, const char *instrument, double last, int volume,
                   double turnover)
{
    struct quote quote =
        fixture_quote_of(fixture, instrument, last - 1, 5, last + 1, 5, last, volume);
    int multiple =
        core_instrument(fixture->core, fixture_instrument(fixture, instrument))->volume_multiple;
    quote.turnover = turnover * multiple;
    quote.average = turnover * multiple / volume;
    core_quote(fixture->core, &quote, false);
}

static void cffex_settles_at_the_average_of_the_last_hour(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    at(&fixture, 9, 31);
    traded(&fixture, "IF2503", 3900, 100, 390000);
    traded(&fixture, "rb2505", 3400, 100, 340000);
    at(&fixture, 14, 0);
    traded(&fixture, "IF2503", 3910, 150, 390000 + 50 * 3910);
    at(&fixture, 14, 30);
    traded(&fixture, "IF2503", 3950, 160, 390000 + 50 * 3910 + 10 * 3950);
    at(&fixture, 14, 59);
    traded(&fixture, "IF2503", 3961, 180, 390000 + 50 * 3910 + 10 * 3950 + 20 * 3961);
    traded(&fixture, "rb2505", 3411, 200, 340000 + 100 * 3411);
    day_settle(&fixture, 20250304, NULL);
    assert_true(pre_of(&fixture, "IF2503") == 3957.4); /* 3957.333, nearest 0.2 */
    assert_true(pre_of(&fixture, "rb2505") == 3406);   /* 3405.5 */
    assert_true(pre_of(&fixture, "i2505") == 800);     /* nothing traded */
    fixture_end(&fixture);
}

static void an_hour_without_trades_is_widened(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    at(&fixture, 9, 31);
    traded(&fixture, "IF2503", 3900, 100, 390000);
    at(&fixture, 13, 40);
    traded(&fixture, "IF2503", 3920, 110, 390000 + 39200);
    at(&fixture, 15, 0);
    traded(&fixture, "IF2503", 3920, 110, 390000 + 39200);
    day_settle(&fixture, 20250304, NULL);
    assert_true(pre_of(&fixture, "IF2503") == 3920);
    fixture_end(&fixture);
}

static void a_replay_that_starts_anew_opens_the_window_anew(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    at(&fixture, 14, 50);
    traded(&fixture, "IF2503", 3900, 100, 390000);
    at(&fixture, 9, 30);
    traded(&fixture, "IF2503", 3900, 100, 390000);
    at(&fixture, 9, 40);
    traded(&fixture, "IF2503", 3930, 110, 390000 + 39300);
    day_settle(&fixture, 20250304, NULL);
    assert_true(pre_of(&fixture, "IF2503") == 3930);
    fixture_end(&fixture);
}

static void the_feeds_own_price_and_the_callers_go_before_the_rules(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct quote quote = fixture_quote_of(&fixture, "rb2505", 3399, 5, 3400, 5, 3400, 10);
    quote.settlement = 3388;
    core_quote(fixture.core, &quote, false);
    quote = fixture_quote_of(&fixture, "i2505", 799, 5, 800, 5, 800, 10);
    quote.settlement = 801;
    core_quote(fixture.core, &quote, false);
    quote = fixture_quote_of(&fixture, "i2505-C-800", 29, 5, 31.2, 5, 35, 10);
    core_quote(fixture.core, &quote, false);
    day_settle(&fixture, 20250304, (const struct day_price[]){{"i2505", 802.5}, {NULL, 0}});
    assert_true(pre_of(&fixture, "rb2505") == 3388);
    assert_true(pre_of(&fixture, "i2505") == 802.5);
    assert_true(pre_of(&fixture, "i2505-C-800") == 30.1); /* the middle */
    const struct instrument *rb =
        core_instrument(fixture.core, fixture_instrument(&fixture, "rb2505"));
    assert_true(rb->upper_limit == 3726 && rb->lower_limit == 3050); /* 3726.8, 3049.2 */
    fixture_end(&fixture);
}

static void what_belongs_to_the_day_goes_with_it(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    options.settlement_confirm = true;
    fixture_begin(&fixture, &options);
    struct CThostFtdcSettlementInfoConfirmField confirm;
    memset(&confirm, 0, sizeof confirm);
    fixture_send(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqSettlementInfoConfirm, &confirm);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3390, 2);
    struct CThostFtdcInputOrderField input = fixture_input(&fixture, "rb2505", '0', '0', 3390, 2);
    input.ContingentCondition = THOST_FTDC_CC_LastPriceGreaterThanStopPrice;
    input.StopPrice = 3500;
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    int closed = fixture.closed, told = 0;
    for (uint32_t i = 0; i < fixture.core->messages.count; i++)
        told += fixture.core->messages.at[i].kind == FLOW_ORDER;
    assert_int_equal(told, 3); /* a 3, b */
    day_settle(&fixture, 20250304, NULL);
    assert_int_equal(fixture.closed, closed + 3);
    assert_int_equal(fixture.core->orders.count, 0);
    assert_true(ledger_funds(&fixture.core->ledger, 0).available == 1e7);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    assert_int_equal(fixture.core->investors.at[0].live_orders, 0);
    assert_int_equal(fixture.core->investors.at[0].condition_orders, 0);
    input = fixture_input(&fixture, "rb2505", '0', '0', 3390, 2);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 42);
    fixture_end(&fixture);
}

static void a_settlement_asked_for_twice_is_one(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 1);
    day_settle(&fixture, 20250304, NULL);
    uint64_t hash = core_hash(fixture.core);
    uint32_t effects = fixture.effect_count;
    core_settle(fixture.core, 20250304, NULL);
    assert_true(core_hash(fixture.core) == hash);
    assert_int_equal(fixture.effect_count, effects);
    fixture_end(&fixture);
}

/* ---- a crash in the middle ---- */

static void no_effect(void *user, const void *bytes, size_t length)
{
    (void)user;
    (void)bytes;
    (void)length;
}

/* Every instrument settles a tick above yesterday's price: no quote is asked for. */
static double *prices_of_all(const struct core *core)
{
    const struct market *market = core_market(core);
    double *prices = memory_get_zeroed(market->instrument_count, sizeof *prices);
    for (uint32_t i = 0; i < market->instrument_count; i++)
        prices[i] = market->instruments[i].pre_settlement + market->instruments[i].price_tick;
    return prices;
}

/* Applies the effects that stand in front of `until` and settles; the hash of what comes of it. */
static uint64_t hash_after_crash(const struct fixture *fixture, size_t until,
                                 const struct core_time *now)
{
    struct core_sink sink = fixture->core->sink;
    sink.effect = no_effect;
    struct core *core = core_create(&fixture->options, &sink, FIXTURE_DAY);
    for (size_t at = 0; at < until;) {
        struct effect_head head;
        memcpy(&head, fixture->effects.at + at, sizeof head);
        assert_true(core_apply(core, fixture->effects.at + at, head.length));
        at += head.length;
    }
    core_set_time(core, now);
    double *prices = prices_of_all(core);
    core_settle(core, 20250304, prices);
    free(prices);
    uint64_t hash = core_hash(core);
    core_destroy(core);
    return hash;
}

static void a_crash_between_its_steps_changes_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    day_set_underlying(&fixture, "i2505-C-800", "i2505");
    fixture_open(&fixture, CONNECTION_ONE, "i2505-C-800", '0', 30, 3);
    fixture_open(&fixture, CONNECTION_TWO, "rb2505", '1', 3400, 2);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3390, 2);
    fixture_order(&fixture, CONNECTION_TWO, "i2505", '0', '0', 790, 1);
    struct CThostFtdcInputExecOrderField exercise;
    memset(&exercise, 0, sizeof exercise);
    PUT_TEXT(exercise.InstrumentID, TEXT("i2505-C-800"));
    exercise.Volume = 2;
    exercise.HedgeFlag = THOST_FTDC_HF_Speculation;
    exercise.ActionType = THOST_FTDC_ACTP_Exec;
    fixture_send(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqExecOrderInsert, &exercise);
    assert_int_equal(fixture.answered_id, 0);
    size_t begun = fixture.effects.length;
    struct core_time now = fixture.now;
    double *prices = prices_of_all(fixture.core);
    core_settle(fixture.core, 20250304, prices);
    free(prices);
    uint64_t whole = core_hash(fixture.core);
    int cuts = 0;
    for (size_t at = begun; at <= fixture.effects.length; cuts++) {
        assert_true(hash_after_crash(&fixture, at, &now) == whole);
        struct effect_head head = {.length = 1};
        if (at < fixture.effects.length)
            memcpy(&head, fixture.effects.at + at, sizeof head);
        at += head.length;
    }
    assert_true(cuts >= 5); /* two cancels, the exercise's result and its message, the day */
    fixture_end(&fixture);
}

static void a_day_without_trades_changes_only_the_day(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 3);
    day_settle(&fixture, 20250304, (const struct day_price[]){{"rb2505", 3410}, {NULL, 0}});
    struct funds before = ledger_funds(&fixture.core->ledger, 0);
    day_settle(&fixture, 20250305, NULL);
    struct funds after = ledger_funds(&fixture.core->ledger, 0);
    assert_memory_equal(&before, &after, sizeof before);
    assert_true(after.balance == 1e7 + 300);
    fixture_end(&fixture);
}

static void an_expired_future_leaves_and_is_not_traded_any_more(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "IF2503", '1', 3910, 1);
    day_change_instrument(&fixture, "IF2503", day_set_expire_date, FIXTURE_DAY);
    day_settle(&fixture, 20250304, (const struct day_price[]){{"IF2503", 3903.4}, {NULL, 0}});
    assert_int_equal(fixture.core->ledger.row_count, 0);
    double balance = ledger_funds(&fixture.core->ledger, 0).balance;
    assert_true(balance > 1e7 + 1979.99 && balance < 1e7 + 1980.01);
    struct CThostFtdcInputOrderField input = fixture_input(&fixture, "IF2503", '0', '0', 3900, 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 17);
    assert_int_equal(
        core_instrument(fixture.core, fixture_instrument(&fixture, "IF2503"))->inst_life_phase,
        THOST_FTDC_IP_Expired);
    fixture_end(&fixture);
}

/* A CFFEX instrument of IO, by its id. */
static uint32_t list_of_io(struct fixture *fixture, const char *id, double pre)
{
    const struct market *market = core_market(fixture->core);
    struct product product;
    struct instrument made;
    memcpy(&product,
           &market->products[market->instruments[fixture_instrument(fixture, "IF2503")].product],
           sizeof product);
    text_copy(product.id, sizeof product.id, TEXT("IO"));
    text_copy(product.underlying, sizeof product.underlying, TEXT("IF"));
    product.product_class = '6';
    product.volume_multiple = 100;
    product.price_limit_ratio = 0.1;
    product.option_margin = OPTION_MARGIN_INDEX;
    product.option_margin_adjust = 0.12;
    product.option_guarantee_ratio = 0.5;
    core_put_product(fixture->core, &product);
    assert_true(market_derive_instrument(market, EXCHANGE_CFFEX, text_of(id), FIXTURE_DAY, &made));
    made.pre_settlement = made.last = pre;
    made.expire_date = FIXTURE_DAY;
    return core_put_instrument(fixture->core, &made, false);
}

/* Two calls at 3800 and two puts are held to the end; what the calls bring, less what was paid. */
static double calls_bring(struct fixture *fixture, const struct day_price *prices)
{
    fixture_open(fixture, CONNECTION_ONE, "IO2503-C-3800", '0', 100, 2);
    fixture_open(fixture, CONNECTION_ONE, "IO2503-P-3800", '0', 20, 2);
    struct funds before = ledger_funds(&fixture->core->ledger, 0);
    day_settle(fixture, 20250304, prices);
    assert_int_equal(fixture->core->ledger.row_count, 0);
    return ledger_funds(&fixture->core->ledger, 0).balance - before.balance;
}

static void index_options_are_paid_by_the_months_future_where_no_index_is_quoted(void **state)
{
    (void)state;
    static const struct day_price prices[] = {{"IF2503", 3903.4}, {NULL, 0}};
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    uint32_t call = list_of_io(&fixture, "IO2503-C-3800", 100);
    list_of_io(&fixture, "IO2503-P-3800", 20);
    assert_true(ledger_option_fixed(&fixture.core->ledger, 0, call, false) == 46800);
    assert_true(fabs(calls_bring(&fixture, prices) - 20680) < 1e-6);
    fixture_end(&fixture);
}

static void a_quoted_index_pays_its_options_and_is_not_traded(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    uint32_t call = list_of_io(&fixture, "IO2503-C-3800", 100);
    list_of_io(&fixture, "IO2503-P-3800", 20);
    list_of_io(&fixture, "IO2503", 3890);
    assert_true(fabs(ledger_option_fixed(&fixture.core->ledger, 0, call, false) - 46680) < 1e-6);
    fixture_quote(&fixture, "IO2503", 0, 0, 0, 0, 3950.37, 0);
    struct CThostFtdcInputOrderField order = fixture_input(&fixture, "IO2503", '0', '0', 3950, 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &order), 17);
    assert_true(fabs(calls_bring(&fixture, NULL) - 2 * 100 * 150.37) < 1e-6);
    fixture_end(&fixture);
}

static void a_ruined_account_starts_anew(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    options.reset_below = 5e6;
    fixture_begin(&fixture, &options);
    fixture_open(&fixture, CONNECTION_ONE, "sc2505", '0', 570, 100);
    day_settle(&fixture, 20250304, (const struct day_price[]){{"sc2505", 513}, {NULL, 0}});
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == 1e7);
    assert_true(ledger_funds(&fixture.core->ledger, 1).balance == 1e7);
    assert_true(fixture.core->ledger.accounts[0].deposit == 5.7e6);
    assert_true(fixture.core->ledger.accounts[1].deposit == 0);
    day_settle(&fixture, 20250305, NULL);
    assert_statement_has(day_statement(&fixture), "|入金        |        5700000.00|");
    fixture_end(&fixture);
}

static bool has(const struct buffer *statement, const char *words)
{
    struct buffer copy = {.at = NULL};
    buffer_put(&copy, statement->at, statement->length);
    buffer_put_char(&copy, '\0');
    bool found = strstr(copy.at, words) != NULL;
    buffer_finish(&copy);
    return found;
}

static void statements_are_found_by_day_and_month(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    day_settle(&fixture, 20250304, NULL);
    day_settle(&fixture, 20250401, NULL);
    day_settle(&fixture, 20250402, NULL);
    struct buffer day = {.at = NULL}, last = {.at = NULL}, month = {.at = NULL};
    struct statement_name name;
    assert_true(statement_find(fixture.core, 0, 20250304, &day, &name));
    assert_true(statement_find(fixture.core, 0, 0, &last, &name));
    assert_true(statement_find(fixture.core, 0, 202503, &month, &name));
    assert_false(statement_find(fixture.core, 0, 20250305, &day, &name));
    assert_true(has(&day, "20250304") && !has(&day, "20250303") && !has(&day, "20250401"));
    assert_true(has(&last, "20250401") && !has(&last, "20250304"));
    assert_true(has(&month, "20250303") && has(&month, "20250304") && !has(&month, "20250401"));
    buffer_finish(&day);
    buffer_finish(&last);
    buffer_finish(&month);
    fixture_end(&fixture);
}

/* ---- statements that the server has stored ---- */

struct shelf {
    char texts[8][8];
    int days[8], ids[8], count;
    int asked_first, asked_last;
};

static void give_shelf(void *user, text account, int first_day, int last_day,
                       core_take_statement take, void *context)
{
    struct shelf *shelf = user;
    assert_true(text_equal(account, TEXT("u1")));
    shelf->asked_first = first_day;
    shelf->asked_last = last_day;
    for (int i = first_day ? 0 : shelf->count - 1; i < shelf->count; i++) {
        if (i < 0 || (first_day && (shelf->days[i] < first_day || shelf->days[i] > last_day)))
            continue;
        struct core_statement one = {account, shelf->days[i], shelf->ids[i],
                                     text_of(shelf->texts[i])};
        take(context, &one);
    }
}

static void expect_statement(const struct core *core, int day, int shown, int id, const char *words)
{
    struct buffer body = {.at = NULL};
    struct statement_name name;
    assert_true(statement_find(core, 0, day, &body, &name));
    assert_int_equal(name.trading_day, shown);
    assert_int_equal(name.settlement_id, id);
    assert_true(has(&body, words));
    buffer_finish(&body);
}

static void stored_statements_leave_the_state_and_are_still_found(void **state)
{
    (void)state;
    struct fixture fixture;
    struct shelf shelf = {{"one", "two"}, {20250303, 20250304}, {1, 2}, 2, 0, 0};
    struct buffer none = {.at = NULL};
    struct statement_name name;
    fixture_begin(&fixture, NULL);
    struct core *core = fixture.core;
    day_settle(&fixture, 20250304, NULL);
    assert_int_equal(core_statement_count(core), 2);
    assert_int_equal(core_statement(core, 1).trading_day, 20250303);
    assert_true(text_equal(core_statement(core, 1).account, TEXT("u2")));
    day_settle(&fixture, 20250305, NULL);
    core_statements_stored(core, 2); /* the first day's; the second day's are not stored yet */
    assert_int_equal(core_statement_count(core), 2);
    assert_false(statement_find(core, 0, 20250303, &none, &name));
    expect_statement(core, 20250304, 20250304, 1, "20250304");
    core_statements_stored(core, 2);
    assert_int_equal(core_statement_count(core), 0);
    assert_int_equal(core->statement_bytes.length, 0);
    void *user = core->sink.user;
    core->sink.user = &shelf;
    core->sink.statements = give_shelf;
    expect_statement(core, 0, 20250304, 2, "two");
    assert_int_equal(shelf.asked_first, 0);
    expect_statement(core, 20250303, 20250303, 1, "one");
    expect_statement(core, 202503, 202503, 1, "onetwo");
    assert_int_equal(shelf.asked_last, 20250331);
    assert_false(statement_find(core, 0, 202504, &none, &name));
    /* what the state has goes before what is stored of the same day */
    core->sink.user = user;
    day_settle(&fixture, 20250306, NULL);
    core->sink.user = &shelf;
    shelf.days[1] = 20250305;
    expect_statement(core, 20250305, 20250305, 1, "20250305");
    core->sink.user = user;
    core->sink.statements = NULL;
    fixture_end(&fixture);
}

static void the_newest_statement_is_the_newest_days_wherever_it_is(void **state)
{
    (void)state;
    struct fixture fixture;
    struct shelf shelf = {{"stored"}, {20250305}, {2}, 1, 0, 0};
    fixture_begin(&fixture, NULL);
    struct core *core = fixture.core;
    day_settle(&fixture, 20250304, NULL); /* both stay in the state: it was cut off while storing */
    day_settle(&fixture, 20250305, NULL);
    void *user = core->sink.user;
    core->sink.user = &shelf;
    core->sink.statements = give_shelf;
    expect_statement(core, 0, 20250305, 2, "stored");
    shelf.days[0] = 20250304;
    expect_statement(core, 0, 20250304, 1, "20250304");
    core->sink.user = user;
    core->sink.statements = NULL;
    fixture_end(&fixture);
}

static size_t saved_size(struct core *core)
{
    struct buffer state = {.at = NULL};
    core_save(core, &state);
    size_t size = state.length;
    buffer_finish(&state);
    return size;
}

static void the_state_does_not_grow_with_the_days(void **state)
{
    (void)state;
    struct fixture fixture;
    size_t first = 0;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 3);
    for (int day = 20250304; day < 20250328; day++) {
        day_settle(&fixture, day, NULL);
        core_statements_stored(fixture.core, core_statement_count(fixture.core));
        if (day == 20250305)
            first = saved_size(fixture.core);
    }
    assert_int_equal(saved_size(fixture.core), first);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cffex_settles_at_the_average_of_the_last_hour),
        cmocka_unit_test(an_hour_without_trades_is_widened),
        cmocka_unit_test(a_replay_that_starts_anew_opens_the_window_anew),
        cmocka_unit_test(the_feeds_own_price_and_the_callers_go_before_the_rules),
        cmocka_unit_test(what_belongs_to_the_day_goes_with_it),
        cmocka_unit_test(a_settlement_asked_for_twice_is_one),
        cmocka_unit_test(a_crash_between_its_steps_changes_nothing),
        cmocka_unit_test(a_day_without_trades_changes_only_the_day),
        cmocka_unit_test(an_expired_future_leaves_and_is_not_traded_any_more),
        cmocka_unit_test(index_options_are_paid_by_the_months_future_where_no_index_is_quoted),
        cmocka_unit_test(a_quoted_index_pays_its_options_and_is_not_traded),
        cmocka_unit_test(a_ruined_account_starts_anew),
        cmocka_unit_test(statements_are_found_by_day_and_month),
        cmocka_unit_test(stored_statements_leave_the_state_and_are_still_found),
        cmocka_unit_test(the_newest_statement_is_the_newest_days_wherever_it_is),
        cmocka_unit_test(the_state_does_not_grow_with_the_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
