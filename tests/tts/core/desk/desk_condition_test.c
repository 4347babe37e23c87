/* desk_condition_test.c: condition orders of the counter (orders 6.1) and touch orders of DCE and
 * GFEX: when they fire, what they become, what is told, and what happens to those that never fire.
 */
#include "cmocka_all.h"
#include "core_fixture.h"
#include <string.h>

typedef struct CThostFtdcInputOrderField input_order;

static input_order condition(struct fixture *fixture, const char *instrument, char direction,
                             char offset, double price, char contingent, double stop)
{
    input_order input = fixture_input(fixture, instrument, direction, offset, price, 1);
    input.ContingentCondition = contingent;
    input.StopPrice = stop;
    return input;
}

static void send(struct fixture *fixture, const input_order *input)
{
    assert_int_equal(fixture_insert(fixture, CONNECTION_ONE, input), 0);
}

static void a_condition_order_waits_then_becomes_a_new_order(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    input_order input = condition(&fixture, "rb2505", '0', '0', 3420, '6', 3410);
    input.RequestID = 88;
    send(&fixture, &input);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b");
    const struct CThostFtdcOrderField *order = fixture_last_order();
    assert_string_equal(order->OrderSysID, "TJBD_1");
    assert_string_equal(order->OrderLocalID, "");
    assert_int_equal(order->OrderSubmitStatus, '0');
    assert_int_equal(order->OrderType, '0');
    assert_true(ledger_funds(&fixture.core->ledger, 0).frozen_margin == 0);
    fixture_quote(&fixture, "rb2505", 3408, 10, 3409, 10, 3409, 110);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_quote(&fixture, "rb2505", 3409, 10, 3410, 10, 3410, 120);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "c a a 0 T");
    order = fixture_last_order();
    assert_string_equal(order->RelativeOrderSysID, "TJBD_1");
    assert_string_equal(order->OrderSysID, "           1");
    assert_int_equal(order->ContingentCondition, '1');
    assert_int_equal(order->OrderType, '4');
    assert_int_equal(order->RequestID, 88);
    assert_int_equal(fixture_newest(&fixture)->order_ref, fixture.order_ref + 1);
    assert_int_equal(fixture_newest(&fixture)->session_id, fixture.core->orders.at[0].session_id);
    assert_int_equal(fixture.core->investors.at[0].condition_orders, 0);
    fixture_quote(&fixture, "rb2505", 3410, 10, 3411, 10, 3411, 130); /* once only */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_end(&fixture);
}

/* Each condition with a stop price of 3400 against quotes below, at and above it. */
static void each_condition_compares_its_price_in_its_way(void **state)
{
    (void)state;
    const struct {
        char contingent;
        bool below, at, above;
    } rows[] = {
        {'5', false, false, true}, {'6', false, true, true},  {'7', true, false, false},
        {'8', true, true, false},  {'9', false, false, true}, {'A', false, true, true},
        {'B', true, false, false}, {'C', true, true, false},  {'D', false, false, true},
        {'E', false, true, true},  {'F', true, false, false}, {'H', true, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int step = -1; step <= 1; step++) {
            struct fixture fixture;
            fixture_begin(&fixture, NULL);
            input_order input =
                condition(&fixture, "rb2505", '0', '0', 3300, rows[i].contingent, 3400);
            send(&fixture, &input);
            double price = 3400 + step;
            bool ask = rows[i].contingent >= '9' && rows[i].contingent <= 'C';
            bool bid = rows[i].contingent >= 'D';
            double other = 3400 - 20; /* the prices that are not looked at; never crossed */
            fixture_quote(&fixture, "rb2505", bid ? price : other, 1, ask ? price : price + 30, 1,
                          ask || bid ? other : price, 10);
            bool fires = step < 0 ? rows[i].below : step == 0 ? rows[i].at : rows[i].above;
            assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), fires ? "b c a 3" : "b");
            fixture_end(&fixture);
        }
    }
}

static void absent_prices_never_fire(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    static const char contingents[] = "78BCFH";
    for (const char *at = contingents; *at; at++) {
        input_order input = condition(&fixture, "rb2505", '0', '0', 3300, *at, 3400);
        send(&fixture, &input);
    }
    fixture_quote(&fixture, "rb2505", 0, 0, 0, 0, 0, 0);
    struct quote quote = fixture_quote_of(&fixture, "rb2505", 0, 0, 0, 0, ABSENT_PRICE, 0);
    core_quote(fixture.core, &quote, false);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b b b b b b");
    fixture_end(&fixture);
}

static void a_condition_that_holds_already_fires_at_once(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    input_order input = condition(&fixture, "rb2505", '0', '0', 3300, '6', 3400);
    send(&fixture, &input);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b c a 3");
    fixture_end(&fixture);
}

static void a_stop_price_need_not_be_on_the_tick(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "rb2505", '0', '0', 3300, '5', 3400.5);
    send(&fixture, &input);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b");
    fixture_quote(&fixture, "rb2505", 3400, 10, 3401, 10, 3401, 110);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "c a 3");
    fixture_end(&fixture);
}

static void a_successor_that_the_counter_refuses_is_told_in_its_own_way(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "rb2505", '1', '3', 3390, '8', 3400); /* no position */
    send(&fixture, &input);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b c C50");
    assert_string_equal(fixture_story(&fixture, CONNECTION_AGAIN), "b c C50");
    struct core_message message;
    core_private_message(fixture.core, CONNECTION_ONE,
                         core_private_count(fixture.core, CONNECTION_ONE), &message);
    const struct CThostFtdcErrorConditionalOrderField *body = message.body;
    assert_string_equal(body->OrderSysID, "TJBD_1");
    assert_int_equal(body->OrderStatus, '5');
    assert_int_equal(body->OrderSubmitStatus, '4');
    assert_true(body->ErrorMsg[0] != '\0');
    assert_int_equal(fixture.core->orders.count, 1);
    fixture_end(&fixture);
}

static void a_successor_that_the_exchange_refuses_is_a_refused_order(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "rb2505", '0', '0', 3800, '6', 3400);
    send(&fixture, &input);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b c a 5");
    fixture_end(&fixture);
}

static void several_fire_in_their_order_and_see_what_the_earlier_left(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 1);
    for (int i = 0; i < 3; i++) {
        input_order input = condition(&fixture, "rb2505", '1', '3', 3380, '8', 3390);
        send(&fixture, &input);
    }
    fixture_quote(&fixture, "rb2505", 3390, 10, 3391, 10, 3390, 200);
    /* one lot: the first closes it, the others find nothing to close */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b b b c a a 0 T c C50 c C50");
    fixture_end(&fixture);
}

static void a_condition_order_is_cancelled_by_either_key(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_status(&fixture, "rb2505", '1'); /* the counter keeps it, so a break does not matter */
    input_order input = condition(&fixture, "rb2505", '0', '0', 3400, '5', 3500);
    send(&fixture, &input);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b b 5");
    assert_string_equal(fixture_last_order()->CancelTime, "10:00:00");
    input = condition(&fixture, "rb2505", '0', '0', 3400, '5', 3500);
    send(&fixture, &input);
    struct CThostFtdcInputOrderActionField action = {.ActionFlag = THOST_FTDC_AF_Delete};
    PUT_TEXT(action.ExchangeID, TEXT("SHFE"));
    PUT_TEXT(action.OrderSysID, TEXT("TJBD_2"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 0);
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 26);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b b 5 A26");
    fixture_status(&fixture, "rb2505", '2');
    fixture_quote(&fixture, "rb2505", 3509, 10, 3510, 10, 3510, 100);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_end(&fixture);
}

static void a_touched_condition_order_cannot_be_cancelled(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "rb2505", '0', '0', 3300, '6', 3400);
    send(&fixture, &input);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    struct CThostFtdcInputOrderActionField action = {.ActionFlag = THOST_FTDC_AF_Delete};
    PUT_TEXT(action.ExchangeID, TEXT("SHFE"));
    PUT_TEXT(action.OrderSysID, TEXT("TJBD_1"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 26);
    fixture_end(&fixture);
}

static void what_was_never_touched_ends_with_the_day(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "rb2505", '0', '0', 3400, '5', 3500);
    send(&fixture, &input);
    desk_cancel_all(fixture.core);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b 5");
    core_settle(fixture.core, 20250304, NULL);
    assert_int_equal(fixture.core->orders.count, 0);
    fixture_quote(&fixture, "rb2505", 3509, 10, 3510, 10, 3510, 100);
    assert_int_equal(fixture.core->orders.count, 0);
    fixture_end(&fixture);
}

/* The counter takes it although the exchange is closed; it fires when the product is open again. */
static void a_condition_order_outlasts_the_close(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Closed);
    input_order input = condition(&fixture, "rb2505", '0', '0', 3420, '6', 3400);
    send(&fixture, &input);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b");
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 110);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "c a a 0 T");
    fixture_end(&fixture);
}

static void conditions_on_a_book_fire_with_its_ticks(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "BTC", '0', '0', 3405, '9', 3401);
    send(&fixture, &input);
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '1', '0', 3402, 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b c a a 0 T");
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "a 3 3 0 T");
    fixture_end(&fixture);
}

static void a_snapshot_keeps_conditions_and_held_orders(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "rb2505", '0', '0', 3300, '6', 3400);
    send(&fixture, &input);
    input = condition(&fixture, "i2505", '0', '0', 810, '2', 805);
    send(&fixture, &input);
    fixture_story(&fixture, CONNECTION_ONE);
    struct buffer bytes = {.at = NULL};
    core_save(fixture.core, &bytes);
    struct core_sink sink = fixture.core->sink;
    struct core *core = core_create(&fixture.options, &sink, FIXTURE_DAY);
    assert_true(core_load(core, buffer_text(&bytes)));
    buffer_finish(&bytes);
    core_set_time(core, &fixture.now);
    struct quote quote = fixture_quote_of(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    core_quote(core, &quote, false);
    assert_int_equal(core->orders.count, 3);
    assert_int_equal(core->orders.at[0].state.status, 'c');
    quote = fixture_quote_of(&fixture, "i2505", 805, 10, 805.5, 10, 805.5, 100);
    core_quote(core, &quote, false);
    assert_int_equal(core->orders.at[1].state.status, '0');
    core_destroy(core);
    buffer_clear(&fixture.effects); /* the other core wrote there too */
    core_destroy(fixture.core);
    buffer_finish(&fixture.effects);
}

/* ---- the exchange's touch orders ---- */

static void a_touch_order_is_frozen_held_and_then_matched(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "i2505", 799.5, 10, 800, 10, 800, 100);
    input_order input = condition(&fixture, "i2505", '0', '0', 810, '2', 805);
    send(&fixture, &input);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    assert_true(ledger_funds(&fixture.core->ledger, 0).frozen_margin > 0);
    fixture_quote(&fixture, "i2505", 804, 10, 804.5, 10, 804.5,
                  110); /* would fill if it were in the book */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_quote(&fixture, "i2505", 804.5, 10, 805, 10, 805, 120);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "0 T");
    assert_true(fixture_last_trade()->Price == 805);
    fixture_end(&fixture);
}

/* Stop loss: buy when last >= stop, sell when last <= stop; TouchProfit: the other way round. */
static void touch_and_touch_profit_look_in_opposite_directions(void **state)
{
    (void)state;
    const struct {
        char direction, contingent;
        bool below, above;
    } rows[] = {{'0', '2', false, true},
                {'1', '2', true, false},
                {'0', '3', true, false},
                {'1', '3', false, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int above = 0; above < 2; above++) {
            struct fixture fixture;
            fixture_begin(&fixture, NULL);
            bool buy = rows[i].direction == '0';
            input_order input = condition(&fixture, "si2505", rows[i].direction, '0',
                                          buy ? 9500 : 10500, rows[i].contingent, 10000);
            send(&fixture, &input);
            double last = above ? 10005 : 9995;
            fixture_quote(&fixture, "si2505", last, 10, last + 5, 10, last, 100);
            bool touched = above ? rows[i].above : rows[i].below;
            assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), touched ? "a 3 3" : "a 3");
            assert_int_equal(fixture_last_order()->NotifySequence, touched ? 2 : 1);
            fixture_end(&fixture);
        }
    }
}

static void a_touched_market_order_rests_at_the_limit(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "i2505", '0', '0', 0, '2', 805);
    input.OrderPriceType = '1';
    input.VolumeTotalOriginal = 5;
    send(&fixture, &input);
    fixture_quote(&fixture, "i2505", 804.5, 10, 805, 3, 805, 100);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 1 T");
    assert_true(fixture_last_order()->LimitPrice == 880);
    fixture_quote(&fixture, "i2505", 804.5, 10, 806, 9, 806, 110);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "0 T");
    fixture_end(&fixture);
}

static void a_held_order_can_be_cancelled(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = condition(&fixture, "i2505", '0', '0', 810, '2', 805);
    send(&fixture, &input);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 3 5");
    fixture_quote(&fixture, "i2505", 805, 10, 805.5, 10, 805.5, 100);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    assert_true(ledger_funds(&fixture.core->ledger, 0).frozen_margin == 0);
    fixture_end(&fixture);
}

/* A condition of the counter goes with every type that the exchange takes without one. */
static void a_condition_takes_the_types_that_its_exchange_takes(void **state)
{
    (void)state;
    const struct {
        const char *instrument, *type; /* OrderPriceType, TimeCondition, VolumeCondition */
        int expected;
    } rows[] = {
        {"rb2505", "231", 0},          {"rb2505", "213", 0},       {"rb2505", "131", 80},
        {"i2505", "131", 0},           {"i2505", "213", 0},        {"i2505", "331", 80},
        {"i2505-C-800", "231", 0},     {"i2505-C-800", "131", 80}, {"SR505", "111", 0},
        {"SR505", "113", 80},          {"SR505C6000", "113", 0},   {"IF2503", "G11", 0},
        {"IF2503", "331", 0},          {"IF2503", "131", 80},      {"SP i2505&i2603", "231", 6013},
        {"SP i2505&i2603", "131", 80}, {"600000", "231", 0},
    };
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    for (const char *contingent = "56789ABCDEFH"; *contingent; contingent++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            input_order input =
                condition(&fixture, rows[i].instrument, '0', '0', 10, *contingent, 12345);
            input.OrderPriceType = rows[i].type[0];
            input.TimeCondition = rows[i].type[1];
            input.VolumeCondition = rows[i].type[2];
            int error_id = fixture_insert(&fixture, CONNECTION_ONE, &input);
            if (error_id != rows[i].expected)
                fail_msg("%s %s with condition %c: %d", rows[i].instrument, rows[i].type,
                         *contingent, error_id);
            fixture.order_ref -= error_id ? 1 : 0;
        }
    }
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_condition_order_waits_then_becomes_a_new_order),
        cmocka_unit_test(each_condition_compares_its_price_in_its_way),
        cmocka_unit_test(a_condition_takes_the_types_that_its_exchange_takes),
        cmocka_unit_test(absent_prices_never_fire),
        cmocka_unit_test(a_condition_that_holds_already_fires_at_once),
        cmocka_unit_test(a_stop_price_need_not_be_on_the_tick),
        cmocka_unit_test(a_successor_that_the_counter_refuses_is_told_in_its_own_way),
        cmocka_unit_test(a_successor_that_the_exchange_refuses_is_a_refused_order),
        cmocka_unit_test(several_fire_in_their_order_and_see_what_the_earlier_left),
        cmocka_unit_test(a_condition_order_is_cancelled_by_either_key),
        cmocka_unit_test(a_touched_condition_order_cannot_be_cancelled),
        cmocka_unit_test(what_was_never_touched_ends_with_the_day),
        cmocka_unit_test(a_condition_order_outlasts_the_close),
        cmocka_unit_test(conditions_on_a_book_fire_with_its_ticks),
        cmocka_unit_test(a_snapshot_keeps_conditions_and_held_orders),
        cmocka_unit_test(a_touch_order_is_frozen_held_and_then_matched),
        cmocka_unit_test(touch_and_touch_profit_look_in_opposite_directions),
        cmocka_unit_test(a_touched_market_order_rests_at_the_limit),
        cmocka_unit_test(a_held_order_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
