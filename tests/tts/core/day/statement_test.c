/* statement_test.c: the text of a settlement statement: a real one of SHFE, figure by figure, and
 * the sections that it does not have. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include <string.h>

/* ---- the real statement's two products ---- */

struct real_product {
    const char *product, *instrument;
    int multiple;
    double tick, pre, margin, open_by_money, open_by_volume;
};

static const struct real_product ag = {"ag", "ag2306", 15, 1, 4941, 0.19, 1e-5, 0};
static const struct real_product au = {"au", "au2308", 1000, 0.02, 412.98, 0.14, 0, 2};

static void list(struct fixture *fixture, const struct real_product *real)
{
    struct product product;
    memset(&product, 0, sizeof product);
    PUT_TEXT(product.id, text_of(real->product));
    PUT_TEXT(product.group_id, text_of(real->product));
    product.exchange = EXCHANGE_SHFE;
    product.product_class = '1';
    product.volume_multiple = real->multiple;
    product.price_tick = real->tick;
    product.position_date_type = '1';
    product.larger_side = true;
    product.price_limit_ratio = 0.1;
    struct instrument instrument;
    memset(&instrument, 0, sizeof instrument);
    PUT_TEXT(instrument.id, text_of(real->instrument));
    PUT_TEXT(instrument.name, text_of(real->instrument));
    instrument.product = core_put_product(fixture->core, &product);
    instrument.exchange = EXCHANGE_SHFE;
    instrument.product_class = '1';
    instrument.inst_life_phase = '1';
    instrument.is_trading = true;
    instrument.volume_multiple = real->multiple;
    instrument.price_tick = real->tick;
    instrument.limit_order_volume_min = 1;
    instrument.limit_order_volume_max = 500;
    instrument.position_date_type = '1';
    instrument.larger_side = true;
    instrument.margin = instrument.exchange_margin =
        (struct margin_rate){real->margin, 0, real->margin, 0};
    instrument.commission.open_by_money = instrument.commission.close_by_money =
        real->open_by_money;
    instrument.commission.open_by_volume = instrument.commission.close_by_volume =
        real->open_by_volume;
    instrument.strike_price = instrument.underlying_settlement = ABSENT_PRICE;
    instrument.underlying = INSTRUMENT_NONE;
    instrument.pre_settlement = instrument.last = real->pre;
    instrument.settlement = ABSENT_PRICE;
    instrument.upper_limit = real->pre * 1.1;
    instrument.lower_limit = real->pre * 0.9;
    core_put_instrument(fixture->core, &instrument, false);
}

static void deal(struct fixture *fixture, const char *instrument, char direction, char offset,
                 double price, int volume)
{
    bool buy = direction == THOST_FTDC_D_Buy;
    fixture_quote(fixture, instrument, buy ? price - 1 : price, 100, buy ? price : price + 1, 100,
                  price, 1000);
    fixture_order(fixture, CONNECTION_ONE, instrument, direction, offset, price, volume);
    assert_int_equal(fixture_newest(fixture)->state.status, THOST_FTDC_OST_AllTraded);
}

static void the_statement_of_a_real_day_has_its_figures(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    day_settle(&fixture, 20250304, NULL);
    list(&fixture, &ag);
    list(&fixture, &au);
    deal(&fixture, "ag2306", '0', '0', 4942, 4);
    deal(&fixture, "ag2306", '1', '3', 4946, 4);
    deal(&fixture, "ag2306", '1', '0', 4927, 2);
    deal(&fixture, "au2308", '1', '0', 413.1, 2);
    deal(&fixture, "ag2306", '0', '0', 4927, 4);
    day_settle(&fixture, 20250305,
               (const struct day_price[]){{"ag2306", 4928}, {"au2308", 413.8}, {NULL, 0}});

    const char *statement = day_statement(&fixture);
    const char *const lines[] = {
        "交易结算单(盯市) Settlement Statement(MTM)\r\n",
        "日期 Date：20250304\r\n",
        "期初结存 Balance b/f：                  10000000.00    ",
        "出 入 金 Deposit/Withdrawal：                  0.00    "
        "期末结存 Balance c/f：                       9998858.59\r\n",
        "平仓盈亏 Realized P/L：                      240.00    ",
        "持仓盯市盈亏 MTM P/L：                     -1370.00    "
        "客户权益 Client Equity：                     9998858.59\r\n",
        "手 续 费 Commission：                         11.41    "
        "保证金占用 Margin Occupied：                  172043.20\r\n",
        "质押变化金额 Chg in Pledge Amt：               0.00    "
        "可用资金 Fund Avail.：                       9826815.39\r\n",
        "风 险 度 Risk Degree：                             1.72%\r\n",
        "|ag2306              |买   |投机 |    4942.000|       4|         296520.00|开  |        "
        "2.97|          0.00|            0.00|",
        "|ag2306              |卖   |投机 |    4946.000|       4|         296760.00|平今|        "
        "0.00|        240.00|            0.00|",
        "|ag2306              |卖   |投机 |    4927.000|       2|         147810.00|开  |        "
        "1.48|          0.00|",
        "共 5条  手数：16  成交额：1862910.00  手续费：11.41  平仓盈亏：240.00",
        "|ag2306              |20250304 |投机 |卖   |       4|    4942.000|    4941.000|    "
        "4946.000|        240.00|            0.00|",
        "共 1条  手数：4  平仓盈亏：240.00  权利金收支：0.00\r\n",
        "|ag2306              |20250304 |投机 |买   |       4|    4927.000|    4941.000|    "
        "4928.000|           60.00|           60.00|        56179.20|",
        "|ag2306              |20250304 |投机 |卖   |       2|    4927.000|    4941.000|    "
        "4928.000|          -30.00|          -30.00|        28089.60|",
        "|au2308              |20250304 |投机 |卖   |       2|     413.100|     412.980|     "
        "413.800|        -1400.00|        -1400.00|       115864.00|",
        "|ag2306              |         4|      4927.000|         2|      4927.000|    "
        "4941.000|    4928.000|           30.00|        56179.20|投机 |",
        "|au2308              |         0|         0.000|         2|       413.100|     "
        "412.980|     413.800|        -1400.00|       115864.00|投机 |",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_statement_has(statement, lines[i]);
    assert_null(strstr(statement, "出入金明细"));
    fixture_end(&fixture);
}

/* ---- other sections ---- */

static void money_that_moved_is_listed(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(core_cash(fixture.core, TEXT("u1"), -2500.5), ADMIN_OK);
    day_settle(&fixture, 20250304, NULL);
    const char *statement = day_statement(&fixture);
    assert_statement_has(statement, "出入金明细 Deposit/Withdrawal");
    assert_statement_has(statement,
                         "|20250303  |出入金      |       10000000.00|              0.00|");
    assert_statement_has(statement,
                         "|20250303  |出入金      |              0.00|           2500.50|");
    assert_statement_has(statement, "出 入 金 Deposit/Withdrawal：            9997499.50    ");
    fixture_end(&fixture);
}

/* The statement carries cash from day to day and counts the pledge beside it. */
static void what_is_pledged_and_held_back_stands_beside_the_cash(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct core *core = fixture.core;
    day_settle(&fixture, 20250304, NULL);
    assert_int_equal(core_set_money(core, TEXT("u1"), MONEY_MORTGAGE, 30000), ADMIN_OK);
    assert_int_equal(core_set_money(core, TEXT("u1"), MONEY_CREDIT, -5000), ADMIN_OK);
    assert_int_equal(core_set_money(core, TEXT("u1"), MONEY_RESERVE, 12.5), ADMIN_OK);
    static const char *const changes[] = {"30000.00", "0.00"};
    for (int i = 0; i < 2; i++) {
        char change[128];
        day_settle(&fixture, 20250305 + i, NULL);
        const struct account *account = &core->ledger.accounts[0];
        assert_true(account->pre_balance == 1e7 + 30000 - 5000);
        assert_true(account->pre_mortgage == 30000 && account->pre_credit == -5000);
        assert_true(ledger_funds(&core->ledger, 0).balance == 1e7 + 30000);
        assert_true(ledger_funds(&core->ledger, 0).available == 1e7 + 25000);
        const char *statement = day_statement(&fixture);
        snprintf(change, sizeof change, "Chg in Pledge Amt：%19s    可用资金 Fund Avail.：",
                 changes[i]);
        assert_statement_has(statement, change);
        assert_statement_has(statement, "Balance b/f：                  10000000.00    "
                                        "基础保证金 Initial Margin：                       12.50");
        assert_statement_has(statement, "Balance c/f：                      10000000.00");
        assert_statement_has(statement, "Pledge Amount：                       30000.00");
        assert_statement_has(statement, "Client Equity：                    10030000.00");
        assert_statement_has(statement, "Fund Avail.：                      10025000.00");
    }
    assert_int_equal(core_set_money(core, TEXT("u1"), MONEY_MORTGAGE, 0), ADMIN_OK);
    day_settle(&fixture, 20250307, NULL);
    assert_statement_has(day_statement(&fixture), "Chg in Pledge Amt：          -30000.00");
    assert_true(ledger_funds(&core->ledger, 0).balance == 1e7);
    fixture_end(&fixture);
}

static void a_close_over_two_lots_gives_two_lines(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    deal(&fixture, "i2505", '0', '0', 790, 3);
    day_settle(&fixture, 20250304, (const struct day_price[]){{"i2505", 795}, {NULL, 0}});
    deal(&fixture, "i2505", '0', '0', 800, 2);
    deal(&fixture, "i2505", '1', '1', 810, 4);
    day_settle(&fixture, 20250305, (const struct day_price[]){{"i2505", 805}, {NULL, 0}});
    const char *statement = day_statement(&fixture);
    assert_statement_has(statement, "|i2505               |20250303 |投机 |卖   |       3|     "
                                    "790.000|     795.000|     810.000|       4500.00|");
    assert_statement_has(statement, "|i2505               |20250304 |投机 |卖   |       1|     "
                                    "800.000|     795.000|     810.000|       1000.00|");
    assert_statement_has(statement, "共 2条  手数：4  平仓盈亏：5500.00");
    fixture_end(&fixture);
}

static void premiums_and_market_values_of_options_stand_apart(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    deal(&fixture, "i2505-C-800", '0', '0', 30, 4);
    deal(&fixture, "i2505-C-800", '1', '1', 31, 1);
    day_settle(&fixture, 20250304, (const struct day_price[]){{"i2505-C-800", 32}, {NULL, 0}});
    const char *statement = day_statement(&fixture);
    assert_statement_has(statement, "权利金收入 Premium received：               3100.00    ");
    assert_statement_has(statement, "权利金支出 Premium paid：                  12000.00    ");
    assert_statement_has(statement, "多头期权市值 Market value(long)：               9600.00\r\n");
    assert_statement_has(statement, "        3100.00|"); /* premium of the closing, 平仓明细 */
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_statement_of_a_real_day_has_its_figures),
        cmocka_unit_test(money_that_moved_is_listed),
        cmocka_unit_test(what_is_pledged_and_held_back_stands_beside_the_cash),
        cmocka_unit_test(a_close_over_two_lots_gives_two_lines),
        cmocka_unit_test(premiums_and_market_values_of_options_stand_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
