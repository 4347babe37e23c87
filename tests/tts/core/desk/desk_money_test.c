/* desk_money_test.c: the checks of money that are off unless an option asks for them: a long option
 * that is worth less than the fee of its sale (orders 5.1, 34). And whom the broker's parameters
 * hold for. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include <string.h>

static const char OPTION[] = "rb2505C3400"; /* ten to the lot */

/* u1 has 40 yuan and one lot that costs 50 to sell. */
static void begin(struct fixture *fixture, bool needs_money)
{
    struct core_options options = core_options_of(PROFILE_TTS);
    struct commission_rate rates = {.close_by_volume = 50, .close_today_by_volume = 50};
    options.option_close_needs_money = needs_money;
    options.params.withdraw_ratio = 1;
    fixture_begin(fixture, &options);
    fixture_open(fixture, CONNECTION_ONE, OPTION, '0', 80, 1);
    assert_int_equal(core_set_rate(fixture->core, TEXT("u1"), text_of(OPTION), NULL, &rates),
                     ADMIN_OK);
    double available = ledger_funds(&fixture->core->ledger, 0).available;
    assert_int_equal(core_cash(fixture->core, TEXT("u1"), 40 - available), ADMIN_OK);
}

static int sell(struct fixture *fixture, double price)
{
    struct CThostFtdcInputOrderField sale = fixture_input(fixture, OPTION, '1', '3', price, 1);
    return fixture_insert(fixture, CONNECTION_ONE, &sale);
}

static void a_sale_that_does_not_pay_its_fee_is_156_where_asked_for(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, true);
    assert_int_equal(sell(&fixture, 0.5), 156); /* 40 + 5 - 50 */
    assert_int_equal(sell(&fixture, 1), 0);
    fixture_end(&fixture);
    begin(&fixture, false);
    assert_int_equal(sell(&fixture, 0.5), 0);
    fixture_end(&fixture);
}

static const struct trading_params *params_of(const struct fixture *fixture, text id)
{
    return &fixture->core->ledger.accounts[core_find_account(fixture->core, id)].params;
}

/* fixture_end proves that the journal and a snapshot know them too. */
static void parameters_hold_for_all_accounts_and_those_to_come(void **state)
{
    (void)state;
    struct fixture fixture;
    struct core_options options = core_options_of(PROFILE_TTS);
    struct trading_params params = core_params_of(&options), usual = trading_params_default();
    assert_memory_equal(&params, &usual, sizeof usual);
    fixture_begin(&fixture, NULL);
    size_t effects = fixture.effect_count;
    core_set_params(fixture.core, &params); /* as they are */
    assert_int_equal(fixture.effect_count, effects);
    fixture_open(&fixture, CONNECTION_ONE, "IF2503", '0', 3910, 1);
    day_settle(&fixture, 20250304, NULL);
    options.margin_price_type = MARGIN_AT_LAST;
    options.algorithm = PROFIT_NONE;
    options.avail_include_close_profit = false;
    options.option_royalty_price_type = ROYALTY_AT_PRE_SETTLEMENT;
    options.withdraw_ratio = 0.5;
    params = core_params_of(&options);
    core_set_params(fixture.core, &params);
    assert_int_equal(core_add_user(fixture.core, TEXT("late"), "x", TEXT(""), 100), ADMIN_OK);
    double prices[64];
    for (uint32_t i = 0; i < 64; i++)
        prices[i] = ABSENT_PRICE;
    prices[fixture_instrument(&fixture, "IF2503")] = 3950;
    assert_int_equal(core_settle_again(fixture.core, prices), SETTLE_AGAIN_DONE);
    assert_memory_equal(params_of(&fixture, TEXT("u1")), &params, sizeof params);
    assert_memory_equal(params_of(&fixture, TEXT("late")), &params, sizeof params);
    assert_true(ledger_funds(&fixture.core->ledger, core_find_account(fixture.core, TEXT("late")))
                    .withdraw_quota == 50);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_hold_for_all_accounts_and_those_to_come),
        cmocka_unit_test(a_sale_that_does_not_pay_its_fee_is_156_where_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
