/* settle_again_test.c: the second settlement: it gives what the first would have given at the
 * corrected prices, keeps what the new day has booked by itself, and ends with its first trade. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/day/settled_day.h"
#include "tts/core/day/statement.h"
#include <string.h>

enum { NEXT_DAY = 20250304 };

static enum settle_again again(struct fixture *fixture, const struct day_price *prices)
{
    uint32_t count = core_market(fixture->core)->instrument_count;
    double *given = memory_get_zeroed(count, sizeof *given);
    for (uint32_t i = 0; i < count; i++)
        given[i] = ABSENT_PRICE;
    for (; prices && prices->instrument; prices++)
        given[fixture_instrument(fixture, prices->instrument)] = prices->price;
    enum settle_again result = core_settle_again(fixture->core, given);
    free(given);
    return result;
}

static void log_in(struct fixture *fixture, uint32_t connection, const char *user)
{
    struct CThostFtdcReqUserLoginField login = {.UserID = ""};
    PUT_TEXT(login.UserID, text_of(user));
    PUT_TEXT(login.BrokerID, TEXT("9999"));
    fixture_send(fixture, connection, CTP_TraderApi_ReqUserLogin, &login);
    assert_int_equal(fixture->answered_id, 0);
}

static const struct day_price wrong[] = {{"rb2505", 3390},    {"i2505", 780},  {"i2603", 770},
                                         {"i2505-C-800", 25}, {"SR505", 6100}, {"IF2503", 3900},
                                         {"rb2505C3400", 40}, {"sc2505", 560}, {NULL, 0}};
static const struct day_price right[] = {
    {"rb2505", 3412},      {"i2505", 823.5}, {"i2603", 790},
    {"i2505-C-800", 36.5}, {"SR505", 6012},  {"IF2503", 3957.4},
    {"rb2505C3400", 55},   {"sc2505", 571},  {NULL, 0}};

static void exercise(struct fixture *fixture, const char *option, int lots)
{
    struct CThostFtdcInputExecOrderField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, text_of(option));
    input.Volume = lots;
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.ActionType = THOST_FTDC_ACTP_Exec;
    fixture_send(fixture, CONNECTION_ONE, CTP_TraderApi_ReqExecOrderInsert, &input);
    assert_int_equal(fixture->answered_id, 0);
}

static void combine(struct fixture *fixture)
{
    struct CThostFtdcInputCombActionField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("SP i2505&i2603"));
    input.Direction = THOST_FTDC_D_Buy;
    input.CombDirection = THOST_FTDC_CMDR_Comb;
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.Volume = 1;
    fixture_send(fixture, CONNECTION_TWO, CTP_TraderApi_ReqCombActionInsert, &input);
    assert_int_equal(fixture->answered_id, 0);
}

/* A day with lots of two days, closes, options of which some are exercised and some expire, tied
 * legs, money and a dying order. */
static void play_day(struct fixture *fixture, const struct day_price *prices)
{
    static const struct day_price former[] = {{"rb2505", 3401}, {NULL, 0}};
    fixture_begin(fixture, NULL);
    day_set_underlying(fixture, "i2505-C-800", "i2505");
    day_set_underlying(fixture, "rb2505C3400", "rb2505");
    fixture_open(fixture, CONNECTION_ONE, "rb2505", '0', 3400, 5);
    fixture_open(fixture, CONNECTION_TWO, "i2505", '0', 800, 3);
    fixture_open(fixture, CONNECTION_TWO, "i2603", '1', 780, 2);
    day_settle(fixture, NEXT_DAY, former);
    fixture_open(fixture, CONNECTION_ONE, "rb2505", '1', 3420, 2);
    fixture_order(fixture, CONNECTION_ONE, "rb2505", '1', '1', 3410, 1);
    fixture_quote(fixture, "rb2505", 3410, 5, 3411, 5, 3410, 900);
    fixture_open(fixture, CONNECTION_TWO, "IF2503", '1', 3910, 1);
    fixture_open(fixture, CONNECTION_ONE, "SR505", '0', 6000, 4);
    fixture_open(fixture, CONNECTION_ONE, "i2505-C-800", '0', 30, 3);
    fixture_open(fixture, CONNECTION_TWO, "rb2505C3400", '1', 45, 2);
    day_change_instrument(fixture, "rb2505C3400", day_set_expire_date, NEXT_DAY);
    exercise(fixture, "i2505-C-800", 2);
    combine(fixture);
    assert_int_equal(core_cash(fixture->core, TEXT("u1"), -1234.5), ADMIN_OK);
    fixture_order(fixture, CONNECTION_TWO, "i2505", '0', '0', 790, 1);
    day_settle(fixture, NEXT_DAY + 1, prices);
    /* a replay moves the dates of what it plays */
    day_change_instrument(fixture, "rb2505C3400", day_set_expire_date, NEXT_DAY + 1);
    assert_int_equal(fixture->core->trades.count, 0);
}

static void assert_same_statements(const struct fixture *one, const struct fixture *other)
{
    for (uint32_t account = 0; account < one->core->ledger.account_count; account++) {
        struct buffer a = {.at = NULL}, b = {.at = NULL};
        struct statement_name name;
        assert_true(statement_find(one->core, account, 0, &a, &name));
        assert_int_equal(name.settlement_id, 2);
        assert_true(statement_find(other->core, account, 0, &b, &name));
        assert_int_equal(name.settlement_id, 1);
        assert_int_equal(a.length, b.length);
        assert_memory_equal(a.at, b.at, a.length);
        buffer_finish(&a);
        buffer_finish(&b);
    }
}

static void assert_same_books(const struct fixture *one, const struct fixture *other)
{
    const struct ledger *a = &one->core->ledger, *b = &other->core->ledger;
    assert_int_equal(a->account_count, b->account_count);
    assert_int_equal(a->row_count, b->row_count);
    assert_int_equal(a->detail_count, b->detail_count);
    assert_int_equal(a->pair_count, b->pair_count);
    assert_true(a->row_count >= 8 && a->pair_count == 1);
    assert_memory_equal(a->rows, b->rows, a->row_count * sizeof *a->rows);
    assert_memory_equal(a->details, b->details, a->detail_count * sizeof *a->details);
    assert_memory_equal(a->pairs, b->pairs, a->pair_count * sizeof *a->pairs);
    for (uint32_t i = 0; i < a->account_count; i++) {
        struct funds of_a = ledger_funds(a, i), of_b = ledger_funds(b, i);
        assert_memory_equal(&of_a, &of_b, sizeof of_a);
        assert_true(a->accounts[i].pre_margin == b->accounts[i].pre_margin);
        assert_true(a->accounts[i].pre_balance == b->accounts[i].pre_balance);
    }
    for (uint32_t i = 0; i < core_market(one->core)->instrument_count; i++) {
        const struct instrument *x = core_instrument(one->core, i),
                                *y = core_instrument(other->core, i);
        assert_true(x->pre_settlement == y->pre_settlement && x->last == y->last);
        assert_true(x->upper_limit == y->upper_limit && x->lower_limit == y->lower_limit);
        assert_true(x->expire_date == y->expire_date && x->is_trading == y->is_trading);
    }
}

static void it_gives_what_the_first_would_have_given_at_its_prices(void **state)
{
    (void)state;
    struct fixture corrected, at_once;
    play_day(&at_once, right);
    play_day(&corrected, wrong);
    double before = corrected.core->ledger.accounts[0].pre_balance;
    assert_int_equal(again(&corrected, right), SETTLE_AGAIN_DONE);
    assert_true(corrected.core->ledger.accounts[0].pre_balance != before);
    assert_same_books(&corrected, &at_once);
    assert_same_statements(&corrected, &at_once);
    /* and back, to the cent */
    assert_int_equal(again(&corrected, wrong), SETTLE_AGAIN_DONE);
    assert_true(corrected.core->ledger.accounts[0].pre_balance == before);
    fixture_end(&corrected);
    fixture_end(&at_once);
}

static void what_the_new_day_has_stays(void **state)
{
    (void)state;
    struct fixture fixture;
    struct commission_rate fees = {.order_by_trade = 1};
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 1);
    day_settle(&fixture, NEXT_DAY, (const struct day_price[]){{"rb2505", 3390}, {NULL, 0}});
    struct core *core = fixture.core;
    assert_int_equal(core_set_rate(core, TEXT(""), TEXT("SR505"), NULL, &fees), ADMIN_OK);
    assert_int_equal(core_add_user(core, TEXT("u3"), "hash", TEXT(""), 777), ADMIN_OK);
    assert_int_equal(core_cash(core, TEXT("u1"), 50), ADMIN_OK);
    assert_int_equal(core_adjust_cash(core, TEXT("u1"), -20), ADMIN_OK);
    assert_int_equal(core_add_shares(core, TEXT("u3"), TEXT("600000"), 300, 8), ADMIN_OK);
    assert_int_equal(core_set_money(core, TEXT("u1"), MONEY_CREDIT, -7), ADMIN_OK);
    assert_int_equal(core_set_money(core, TEXT("u3"), MONEY_MORTGAGE, 40), ADMIN_OK);
    assert_int_equal(core_set_money(core, TEXT("u3"), MONEY_RESERVE, 3), ADMIN_OK);
    fixture_order(&fixture, CONNECTION_ONE, "SR505", '0', '0', 5900, 1);
    struct CThostFtdcSettlementInfoConfirmField confirm;
    memset(&confirm, 0, sizeof confirm);
    fixture_send(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqSettlementInfoConfirm, &confirm);
    assert_int_equal(core->investors.at[0].confirm_day, NEXT_DAY);
    int closed = fixture.closed;
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(again(&fixture, (const struct day_price[]){{"rb2505", 3395}, {NULL, 0}}),
                     SETTLE_AGAIN_DONE);
    assert_int_equal(core_trading_day(core), NEXT_DAY);
    assert_int_equal(fixture.closed, closed + 3);
    assert_int_equal(core->investors.at[0].confirm_day, 0);
    assert_true(core->ledger.accounts[0].pre_balance == 1e7 - 50);
    assert_true(core->ledger.accounts[2].pre_balance == 0);
    struct funds one = ledger_funds(&core->ledger, 0), three = ledger_funds(&core->ledger, 2);
    assert_true(one.balance == 1e7 - 50 + 50 - 20 - 1 && one.commission == 1);
    assert_true(one.frozen_margin == 0);
    assert_true(core->ledger.accounts[0].deposit == 50 && core->ledger.accounts[0].withdraw == 20);
    assert_true(core->ledger.accounts[2].deposit == 777);
    assert_true(three.balance == 777 + 300 * (10 - 8) + 40);
    assert_true(core->ledger.accounts[0].credit == -7 && core->ledger.accounts[0].pre_credit == 0);
    assert_true(core->ledger.accounts[2].mortgage == 40 && core->ledger.accounts[2].reserve == 3);
    assert_int_equal(core->orders.count, 1);
    log_in(&fixture, CONNECTION_ONE, "u1");
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "5");
    /* and stands in the new day's statement */
    log_in(&fixture, CONNECTION_TWO, "u2");
    log_in(&fixture, CONNECTION_AGAIN, "u1");
    day_settle(&fixture, NEXT_DAY + 1, NULL);
    assert_statement_has(day_statement(&fixture), "|出入金      |             50.00|");
    assert_true(core->ledger.accounts[0].pre_balance == 1e7 - 50 + 50 - 20 - 1 - 7);
    fixture_end(&fixture);
}

static void a_corrected_price_holds_against_the_ticks(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 1);
    day_settle(&fixture, NEXT_DAY, (const struct day_price[]){{"rb2505", 3390}, {NULL, 0}});
    const struct instrument *rb =
        core_instrument(fixture.core, fixture_instrument(&fixture, "rb2505"));
    assert_int_equal(again(&fixture, (const struct day_price[]){{"rb2505", 3500}, {NULL, 0}}),
                     SETTLE_AGAIN_DONE);
    assert_true(rb->upper_limit == 3850 && rb->last == 3500);
    struct quote quote = fixture_quote_of(&fixture, "rb2505", 3399, 5, 3401, 5, 3400, 10);
    quote.pre_settlement = 3390;
    core_quote(fixture.core, &quote, false);
    assert_true(rb->pre_settlement == 3500);
    assert_true(fixture.tick.PreSettlementPrice == 3500);
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == 1e7);
    log_in(&fixture, CONNECTION_ONE, "u1");
    log_in(&fixture, CONNECTION_TWO, "u2");
    log_in(&fixture, CONNECTION_AGAIN, "u1");
    day_settle(&fixture, NEXT_DAY + 1, NULL);
    quote.pre_settlement = 3395; /* a day later they are heard again */
    core_quote(fixture.core, &quote, false);
    assert_true(rb->pre_settlement == 3395);
    fixture_end(&fixture);
}

static void what_the_exchange_has_announced_since_is_taken(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 1);
    day_settle(&fixture, NEXT_DAY, (const struct day_price[]){{"rb2505", 3390}, {NULL, 0}});
    assert_int_equal(again(&fixture, NULL), SETTLE_AGAIN_SAME);
    uint32_t effects = fixture.effect_count;
    assert_int_equal(again(&fixture, NULL), SETTLE_AGAIN_SAME);
    assert_int_equal(fixture.effect_count, effects);
    struct quote quote = fixture_quote_of(&fixture, "rb2505", 3399, 5, 3401, 5, 3400, 10);
    quote.pre_settlement = 3393;
    core_quote(fixture.core, &quote, false);
    assert_int_equal(again(&fixture, NULL), SETTLE_AGAIN_DONE);
    assert_true(fixture.core->ledger.accounts[0].pre_balance == 1e7 - 70);
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == 1e7); /* last 3400 */
    assert_int_equal(again(&fixture, NULL), SETTLE_AGAIN_SAME);
    fixture_end(&fixture);
}

/* A spread has a price of its own, or that of its legs once these are corrected. */
static void a_spread_follows_its_legs_when_they_are_corrected(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    uint32_t place = fixture_instrument(&fixture, "SP i2505&i2603");
    day_settle(&fixture, NEXT_DAY,
               (const struct day_price[]){
                   {"i2505", 800}, {"i2603", 790}, {"SP i2505&i2603", 11.5}, {NULL, 0}});
    assert_true(core_instrument(fixture.core, place)->pre_settlement == 11.5);
    assert_int_equal(again(&fixture, NULL), SETTLE_AGAIN_SAME);
    assert_int_equal(again(&fixture, (const struct day_price[]){{"rb2505", 3395}, {NULL, 0}}),
                     SETTLE_AGAIN_DONE);
    assert_true(core_instrument(fixture.core, place)->pre_settlement == 11.5);
    assert_int_equal(again(&fixture, (const struct day_price[]){{"i2603", 793}, {NULL, 0}}),
                     SETTLE_AGAIN_DONE);
    assert_true(core_instrument(fixture.core, place)->pre_settlement == 7);
    /* what was listed since has no settlement to correct */
    day_list_like(&fixture, "rb2601", "rb2505", 3300);
    assert_int_equal(again(&fixture, (const struct day_price[]){{"rb2601", 3310}, {NULL, 0}}),
                     SETTLE_AGAIN_SAME);
    fixture_end(&fixture);
}

static void a_ruined_account_is_reset_by_the_corrected_balance(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    options.reset_below = 5e6;
    fixture_begin(&fixture, &options);
    fixture_open(&fixture, CONNECTION_ONE, "sc2505", '0', 570, 100);
    day_settle(&fixture, NEXT_DAY, (const struct day_price[]){{"sc2505", 513}, {NULL, 0}});
    assert_true(fixture.core->ledger.accounts[0].deposit == 5.7e6);
    assert_int_equal(core_add_user(fixture.core, TEXT("u3"), "hash", TEXT(""), 100), ADMIN_OK);
    assert_int_equal(again(&fixture, (const struct day_price[]){{"sc2505", 560}, {NULL, 0}}),
                     SETTLE_AGAIN_DONE);
    assert_true(fixture.core->ledger.accounts[0].deposit == 0);
    assert_true(fixture.core->ledger.accounts[0].pre_balance == 9e6);
    assert_true(fixture.core->ledger.accounts[2].deposit == 100);
    assert_int_equal(again(&fixture, (const struct day_price[]){{"sc2505", 514}, {NULL, 0}}),
                     SETTLE_AGAIN_DONE);
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == 1e7);
    assert_true(fixture.core->ledger.accounts[2].deposit == 100);
    fixture_end(&fixture);
}

static void it_is_refused_once_the_day_has_gone_on(void **state)
{
    (void)state;
    static const struct day_price price[] = {{"rb2505", 3395}, {NULL, 0}};
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(again(&fixture, price), SETTLE_AGAIN_NOTHING);
    fixture_open(&fixture, CONNECTION_ONE, "i2505-C-800", '0', 30, 2);
    fixture_open(&fixture, CONNECTION_TWO, "i2505", '0', 800, 1);
    fixture_open(&fixture, CONNECTION_TWO, "i2603", '1', 799, 1);
    assert_int_equal(again(&fixture, price), SETTLE_AGAIN_TRADED);
    day_settle(&fixture, NEXT_DAY, NULL);
    exercise(&fixture, "i2505-C-800", 1);
    assert_int_equal(again(&fixture, price), SETTLE_AGAIN_EXERCISES);
    day_settle(&fixture, NEXT_DAY + 1, NULL);
    combine(&fixture);
    assert_int_equal(again(&fixture, price), SETTLE_AGAIN_COMBINES);
    day_settle(&fixture, NEXT_DAY + 2, NULL);
    assert_int_equal(fixture.core->settled_day->trading_day, NEXT_DAY + 1);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 1);
    assert_int_equal(again(&fixture, price), SETTLE_AGAIN_TRADED);
    assert_int_equal(fixture.core->settled_day->instruments.count, 0); /* and nothing is kept */
    fixture_end(&fixture);
}

/* ---- a crash in the middle ---- */

static void no_effect(void *user, const void *bytes, size_t length)
{
    (void)user;
    (void)bytes;
    (void)length;
}

static void a_crash_between_its_steps_changes_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    play_day(&fixture, wrong);
    fixture_order(&fixture, CONNECTION_TWO, "i2505", '0', '0', 705, 1);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    size_t begun = fixture.effects.length;
    assert_int_equal(again(&fixture, right), SETTLE_AGAIN_DONE);
    uint64_t whole = core_hash(fixture.core);
    size_t end = fixture.effects.length;
    int cuts = 0;
    for (size_t until = begun; until <= end; cuts++) {
        struct core_sink sink = fixture.core->sink;
        sink.effect = no_effect;
        struct core *core = core_create(&fixture.options, &sink, FIXTURE_DAY);
        struct core *real = fixture.core;
        struct effect_head head = {.length = 1};
        for (size_t at = 0; at < until; at += head.length) {
            memcpy(&head, fixture.effects.at + at, sizeof head);
            assert_true(core_apply(core, fixture.effects.at + at, head.length));
        }
        core_set_time(core, &fixture.now);
        fixture.core = core;
        assert_int_equal(again(&fixture, right),
                         until == end ? SETTLE_AGAIN_SAME : SETTLE_AGAIN_DONE);
        assert_true(core_hash(core) == whole);
        fixture.core = real;
        core_destroy(core);
        head.length = 1;
        if (until < end)
            memcpy(&head, fixture.effects.at + until, sizeof head);
        until += head.length;
    }
    assert_int_equal(cuts, 4); /* before, after each cancel, after the day */
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_gives_what_the_first_would_have_given_at_its_prices),
        cmocka_unit_test(what_the_new_day_has_stays),
        cmocka_unit_test(a_corrected_price_holds_against_the_ticks),
        cmocka_unit_test(what_the_exchange_has_announced_since_is_taken),
        cmocka_unit_test(a_spread_follows_its_legs_when_they_are_corrected),
        cmocka_unit_test(a_ruined_account_is_reset_by_the_corrected_balance),
        cmocka_unit_test(it_is_refused_once_the_day_has_gone_on),
        cmocka_unit_test(a_crash_between_its_steps_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
