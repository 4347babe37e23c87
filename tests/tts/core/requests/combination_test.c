/* combination_test.c: orders of two legs, lots tied and untied, what a pair pays, and the morning
 * after. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/records.h"
#include <math.h>
#include <string.h>

static const char SPREAD[] = "SP i2505&i2509";

/* i2509 as i2505 is, but for its price; the spread has limits of a spread. */
static void list_second_leg(struct fixture *fixture)
{
    day_list_like(fixture, "i2509", "i2505", 780);
    struct instrument spread;
    memcpy(&spread, core_instrument(fixture->core, fixture_instrument(fixture, SPREAD)),
           sizeof spread);
    spread.upper_limit = 100;
    spread.lower_limit = -100;
    core_put_instrument(fixture->core, &spread, false);
}

/* A spread whose second leg nobody listed. */
static void list_half_known_spread(struct fixture *fixture)
{
    struct instrument spread;
    memcpy(&spread, core_instrument(fixture->core, fixture_instrument(fixture, SPREAD)),
           sizeof spread);
    memset(spread.id, 0, sizeof spread.id);
    PUT_TEXT(spread.id, TEXT("SP i2505&i2601"));
    core_put_instrument(fixture->core, &spread, false);
}

/* Bid and ask of both legs: 799.5 800, and 780 780.5; so the spread is 19 to 20. */
static void begin(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    list_second_leg(fixture);
    fixture_quote(fixture, "i2505", 799.5, 10, 800, 10, 800, 100);
    fixture_quote(fixture, "i2509", 780, 10, 780.5, 10, 780, 100);
    fixture_story(fixture, CONNECTION_ONE);
}

static const char *story(struct fixture *fixture)
{
    return fixture_story(fixture, CONNECTION_ONE);
}

static const struct position_row *row_of(const struct fixture *fixture, const char *instrument,
                                         char direction)
{
    uint32_t row = ledger_find_row(&fixture->core->ledger, 0,
                                   fixture_instrument(fixture, instrument), '1', direction, '1');
    assert_true(row != LEDGER_NONE);
    return &fixture->core->ledger.rows[row];
}

static double margin(const struct fixture *fixture)
{
    return ledger_funds(&fixture->core->ledger, 0).curr_margin;
}

static void an_order_of_two_legs_waits_for_both_quotes(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_order(&fixture, CONNECTION_ONE, SPREAD, '0', '0', 19, 2);
    assert_string_equal(story(&fixture), "a 3");
    assert_int_equal(fixture_last_order()->OrderType, THOST_FTDC_ORDT_Combination);
    assert_true(ledger_funds(&fixture.core->ledger, 0).frozen_margin == 2 * 10 * (800 + 780));
    fixture_quote(&fixture, "i2509", 781, 10, 781.5, 10, 781, 110); /* 800 - 781 is 19 */
    assert_string_equal(story(&fixture), "0 T T");
    const struct CThostFtdcTradeField *second = fixture_last_trade();
    assert_string_equal(second->InstrumentID, "i2509");
    assert_int_equal(second->Direction, THOST_FTDC_D_Sell);
    assert_int_equal(second->TradeType, THOST_FTDC_TRDT_CombinationDerived);
    assert_true(second->Price == 781);
    assert_string_equal(second->OrderSysID, fixture_last_order()->OrderSysID);
    assert_int_equal(row_of(&fixture, "i2505", '2')->comb_position, 2);
    assert_int_equal(row_of(&fixture, "i2509", '3')->comb_position, 2);
    assert_true(ledger_funds(&fixture.core->ledger, 0).frozen_margin == 0);
    assert_true(margin(&fixture) == 16000); /* the larger leg's: 2 x 800 x 100 x 10 % */
    fixture_end(&fixture);
}

static void displayed_sizes_of_both_legs_limit_a_fill(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_quote(&fixture, "i2509", 780, 3, 780.5, 10, 780, 100);
    fixture_order(&fixture, CONNECTION_ONE, SPREAD, '0', '0', 20, 5);
    assert_string_equal(story(&fixture), "a 3 1 T T");
    fixture_quote(&fixture, "i2509", 780, 8, 780.5, 10, 780, 100);
    assert_string_equal(story(&fixture), "0 T T");
    assert_int_equal(row_of(&fixture, "i2509", '3')->position, 5);
    fixture_order(&fixture, CONNECTION_ONE, SPREAD, '1', '1', 19, 2); /* closes both legs */
    assert_string_equal(story(&fixture), "a 3 0 T T");
    assert_int_equal(row_of(&fixture, "i2505", '2')->position, 3);
    assert_int_equal(row_of(&fixture, "i2509", '3')->position, 3);
    assert_int_equal(row_of(&fixture, "i2509", '3')->comb_position, 3);
    fixture_order(&fixture, CONNECTION_ONE, SPREAD, '0', '0', 10, 1);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_string_equal(story(&fixture), "a 3 3 5");
    assert_true(ledger_funds(&fixture.core->ledger, 0).frozen_margin == 0);
    fixture_quote(&fixture, "i2505", 780, 8, 785, 10, 785, 100);
    assert_string_equal(story(&fixture), "");
    fixture_end(&fixture);
}

static void a_spread_needs_legs_lots_and_money(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    list_second_leg(&fixture);
    list_half_known_spread(&fixture);
    struct CThostFtdcInputOrderField input =
        fixture_input(&fixture, "SP i2505&i2601", '0', '0', 20, 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 61);
    input = fixture_input(&fixture, SPREAD, '0', '1', 20, 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 30);
    input = fixture_input(&fixture, SPREAD, '0', '0', 20, 1000); /* a leg takes 8,000,000 */
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 31);
    input = fixture_input(&fixture, SPREAD, '0', '0', 20, 1);
    input.CombOffsetFlag[1] = '9';
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 15);
    for (int leg = 0; leg < 2; leg++) {
        struct instrument *instrument =
            core_instrument(fixture.core, fixture_instrument(&fixture, leg ? "i2509" : "i2505"));
        instrument->is_trading = false;
        assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 17);
        instrument->is_trading = true;
    }
    assert_true(ledger_funds(&fixture.core->ledger, 0).available == 1e7);
    fixture_end(&fixture);
}

static void closing_a_leg_breaks_pairs_when_single_lots_are_gone(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_order(&fixture, CONNECTION_ONE, SPREAD, '0', '0', 20, 2);
    fixture_open(&fixture, CONNECTION_ONE, "i2505", '0', 800, 1);
    assert_true(margin(&fixture) == 24000);
    fixture_quote(&fixture, "i2505", 800, 10, 800.5, 10, 800, 100);
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '1', '1', 800, 1); /* the single one */
    assert_int_equal(row_of(&fixture, "i2505", '2')->comb_position, 2);
    assert_true(margin(&fixture) == 16000);
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '1', '1', 800, 1);
    assert_int_equal(row_of(&fixture, "i2505", '2')->comb_position, 1);
    assert_int_equal(row_of(&fixture, "i2509", '3')->comb_position, 1);
    assert_true(margin(&fixture) == 8000 + 7800);
    fixture_end(&fixture);
}

static void a_spread_is_quoted_by_its_legs(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    int ticks = fixture.ticks;
    fixture_quote(&fixture, "i2509", 781, 7, 782, 3, 781, 110);
    assert_int_equal(fixture.ticks, ticks + 2);
    assert_string_equal(fixture.tick.InstrumentID, SPREAD);
    assert_true(fixture.tick.BidPrice1 == 17.5 && fixture.tick.BidVolume1 == 3);
    assert_true(fixture.tick.AskPrice1 == 19 && fixture.tick.AskVolume1 == 7);
    assert_true(fixture.tick.LastPrice == ABSENT_PRICE);
    assert_int_equal(fixture.tick.Volume, 0);
    fixture_quote(&fixture, "i2509", 781, 7, 782, 0, 781, 110);
    assert_true(fixture.tick.BidPrice1 == ABSENT_PRICE && fixture.tick.BidVolume1 == 0);
    fixture_quote(&fixture, SPREAD, 18, 5, 18.5, 5, 18, 10); /* the feed knows better */
    ticks = fixture.ticks;
    fixture_quote(&fixture, "i2505", 799.5, 10, 800, 10, 800, 120);
    assert_int_equal(fixture.ticks, ticks + 1);
    assert_string_equal(fixture.tick.InstrumentID, "i2505");
    fixture_end(&fixture);
}

/* ---- actions ---- */

static int act(struct fixture *fixture, const char *instrument, char comb_direction, int volume)
{
    struct CThostFtdcInputCombActionField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, text_of(instrument));
    input.Direction = THOST_FTDC_D_Buy;
    input.CombDirection = comb_direction;
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.Volume = volume;
    int answers = fixture_send(fixture, CONNECTION_ONE, CTP_TraderApi_ReqCombActionInsert, &input);
    assert_int_equal(answers, fixture->answered_id ? 1 : 0);
    return fixture->answered_id;
}

static void open_legs(struct fixture *fixture)
{
    fixture_open(fixture, CONNECTION_ONE, "i2505", '0', 800, 3);
    fixture_open(fixture, CONNECTION_ONE, "i2509", '1', 780, 2);
}

static void lots_are_tied_and_untied_by_request(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    open_legs(&fixture);
    assert_true(margin(&fixture) == 24000 + 15600);
    assert_int_equal(act(&fixture, SPREAD, '0', 3), 74);
    assert_int_equal(act(&fixture, SPREAD, '1', 1), 30);
    assert_string_equal(story(&fixture), "OnErrRtnCombActionInsert OnErrRtnCombActionInsert");
    assert_int_equal(act(&fixture, SPREAD, '0', 2), 0);
    assert_string_equal(story(&fixture), "OnRtnCombAction OnRtnCombAction");
    struct CThostFtdcCombActionField told;
    DAY_NEWEST(&fixture, CONNECTION_ONE, OnRtnCombAction, &told);
    assert_int_equal(told.ActionStatus, THOST_FTDC_OAS_Accepted);
    assert_string_equal(told.ComTradeID, "           1");
    assert_true(margin(&fixture) == 24000);
    assert_int_equal(act(&fixture, SPREAD, '0', 1), 74);
    assert_int_equal(act(&fixture, SPREAD, '1', 1), 0);
    assert_true(margin(&fixture) == 24000 + 7800);
    assert_int_equal(act(&fixture, SPREAD, '1', 2), 30);
    fixture_end(&fixture);
}

static void a_tying_is_taken_back_after_half_a_minute(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    open_legs(&fixture);
    assert_int_equal(act(&fixture, SPREAD, '2', 2), 151);
    assert_int_equal(act(&fixture, SPREAD, '0', 2), 0);
    assert_int_equal(act(&fixture, SPREAD, '2', 1), 151);
    assert_int_equal(act(&fixture, SPREAD, '2', 2), 152);
    fixture_set_clock(&fixture, FIXTURE_DAY, 10 * 3600 + 30, 0);
    assert_int_equal(act(&fixture, SPREAD, '2', 2), 0);
    assert_int_equal(act(&fixture, SPREAD, '2', 2), 151);
    assert_int_equal(row_of(&fixture, "i2505", '2')->comb_position, 0);
    fixture_end(&fixture);
}

static void combination_requests_are_checked(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    open_legs(&fixture);
    assert_int_equal(act(&fixture, "rb2505", '0', 1), 61);
    assert_int_equal(act(&fixture, "i2505", '0', 1), 16);
    assert_int_equal(act(&fixture, SPREAD, '7', 1), 15);
    assert_int_equal(act(&fixture, SPREAD, '0', 0), 15);
    assert_int_equal(act(&fixture, SPREAD, '0', 2), 0);
    /* money that the pair freed is spent: 10,000 are left, untying takes 15,600 */
    double available = ledger_funds(&fixture.core->ledger, 0).available, lot = 57000;
    double more = lot - fmod(available, lot) + 10000;
    assert_int_equal(core_cash(fixture.core, TEXT("u1"), more), ADMIN_OK);
    fixture_open(&fixture, CONNECTION_ONE, "sc2505", '0', 570, (int)((available + more) / lot));
    assert_int_equal(act(&fixture, SPREAD, '1', 2), 153);
    assert_int_equal(act(&fixture, SPREAD, '1', 1), 0);
    fixture_end(&fixture);
}

static void pairs_live_over_the_settlement(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    open_legs(&fixture);
    assert_int_equal(act(&fixture, SPREAD, '0', 2), 0);
    day_settle(&fixture, 20250304,
               (const struct day_price[]){{"i2505", 810}, {"i2509", 790}, {NULL, 0}});
    assert_int_equal(row_of(&fixture, "i2505", '2')->comb_position, 2);
    assert_true(margin(&fixture) == 24300);
    struct CThostFtdcQryInvestorPositionCombineDetailField query;
    memset(&query, 0, sizeof query);
    assert_int_equal(fixture_send(&fixture, CONNECTION_ONE,
                                  CTP_TraderApi_ReqQryInvestorPositionCombineDetail, &query),
                     2);
    const struct CThostFtdcInvestorPositionCombineDetailField *leg =
        (const void *)fixture.answer.any;
    assert_string_equal(leg->InstrumentID, "i2509");
    assert_string_equal(leg->CombInstrumentID, SPREAD);
    assert_string_equal(leg->ComTradeID, "20250303000001");
    assert_int_equal(leg->LegID, 2);
    assert_int_equal(leg->TotalAmt, 2);
    assert_int_equal(leg->Direction, THOST_FTDC_D_Sell);
    assert_int_equal(fixture_send(&fixture, CONNECTION_TWO,
                                  CTP_TraderApi_ReqQryInvestorPositionCombineDetail, &query),
                     1);
    assert_true(fixture.answered_last);
    assert_string_equal(leg->InstrumentID, "");
    fixture_end(&fixture);
}

/* ---- straddles of options ---- */

static const char STRADDLE[] = "STD SR505C6000&SR505P6000";

/* A call at 100 to 100.5 and a put at 80 to 80.5; the straddle is 180 to 181. */
static void list_straddle(struct fixture *fixture)
{
    struct product product;
    memset(&product, 0, sizeof product);
    PUT_TEXT(product.id, TEXT("STD"));
    product.exchange = EXCHANGE_CZCE;
    product.product_class = THOST_FTDC_PC_Combination;
    product.volume_multiple = 10;
    product.price_tick = 0.5;
    product.position_date_type = '2';
    uint32_t place = core_put_product(fixture->core, &product);
    day_set_underlying(fixture, "SR505C6000", "SR505");
    day_list_like(fixture, "SR505P6000", "SR505C6000", 80);
    struct instrument leg =
        *core_instrument(fixture->core, fixture_instrument(fixture, "SR505P6000"));
    leg.options_type = THOST_FTDC_CP_PutOptions;
    core_put_instrument(fixture->core, &leg, false);
    day_list_like(fixture, STRADDLE, "SP i2505&i2603", 180);
    struct instrument both = *core_instrument(fixture->core, fixture_instrument(fixture, STRADDLE));
    both.exchange = EXCHANGE_CZCE;
    both.product = place;
    both.volume_multiple = 10;
    core_put_instrument(fixture->core, &both, false);
    fixture_quote(fixture, "SR505", 5999, 50, 6000, 50, 6000, 100);
    fixture_quote(fixture, "SR505C6000", 100, 10, 100.5, 10, 100, 100);
    fixture_quote(fixture, "SR505P6000", 80, 10, 80.5, 10, 80, 100);
}

static struct CThostFtdcInputOrderField straddle(struct fixture *fixture, char direction,
                                                 double price, int lots)
{
    struct CThostFtdcInputOrderField input =
        fixture_input(fixture, STRADDLE, direction, '0', price, lots);
    PUT_TEXT(input.ExchangeID, TEXT("CZCE"));
    input.TimeCondition = THOST_FTDC_TC_IOC;
    return input;
}

static void a_straddle_is_bought_and_sold_on_one_side(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    list_straddle(&fixture);
    struct CThostFtdcInputOrderField input = straddle(&fixture, '0', 180.5, 2);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    assert_string_equal(story(&fixture), "a 3 5");
    input = straddle(&fixture, '0', 181, 2);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    assert_string_equal(story(&fixture), "a 3 3 0 T T");
    assert_string_equal(fixture_last_trade()->InstrumentID, "SR505P6000");
    assert_int_equal(fixture_last_trade()->Direction, THOST_FTDC_D_Buy);
    assert_int_equal(row_of(&fixture, "SR505C6000", '2')->position, 2);
    assert_int_equal(row_of(&fixture, "SR505P6000", '2')->position, 2);
    assert_true(ledger_funds(&fixture.core->ledger, 0).cash_in == -2 * 10 * 181);
    fixture_end(&fixture);
}

/* The call: premium 1000 and 6000 of the future's margin; the put: 800 and 6000. Together the
 * larger one and the other's premium. */
static void a_sold_straddle_pays_the_larger_margin_and_the_other_premium(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    list_straddle(&fixture);
    struct CThostFtdcInputOrderField input = straddle(&fixture, '1', 180, 3);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    assert_string_equal(story(&fixture), "a 3 3 0 T T");
    assert_true(margin(&fixture) == 3 * (7000 + 800));
    assert_true(ledger_pair_margin(&fixture.core->ledger, &fixture.core->ledger.pairs[0], 1,
                                   false) == 3 * 800);
    assert_true(ledger_untie_margin(&fixture.core->ledger, &fixture.core->ledger.pairs[0]) ==
                3 * 6000);
    fixture_order(&fixture, CONNECTION_ONE, "SR505P6000", '0', '1', 80.5, 1);
    assert_true(margin(&fixture) == 2 * (7000 + 800) + 7000); /* a broken pair */
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_of_two_legs_waits_for_both_quotes),
        cmocka_unit_test(displayed_sizes_of_both_legs_limit_a_fill),
        cmocka_unit_test(a_spread_needs_legs_lots_and_money),
        cmocka_unit_test(closing_a_leg_breaks_pairs_when_single_lots_are_gone),
        cmocka_unit_test(a_spread_is_quoted_by_its_legs),
        cmocka_unit_test(lots_are_tied_and_untied_by_request),
        cmocka_unit_test(a_tying_is_taken_back_after_half_a_minute),
        cmocka_unit_test(combination_requests_are_checked),
        cmocka_unit_test(pairs_live_over_the_settlement),
        cmocka_unit_test(a_straddle_is_bought_and_sold_on_one_side),
        cmocka_unit_test(a_sold_straddle_pays_the_larger_margin_and_the_other_premium),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
