/* desk_money_test.c: the checks of money that are off unless an option asks for them: a long option
 * that is worth less than the fee of its sale (orders 5.1, 34). */
#include "cmocka_all.h"
#include "core_fixture.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_that_does_not_pay_its_fee_is_156_where_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
