/* ledger_assign_test.c: options that are traded between customers: what buyers exercise, sellers
 * fulfil, and nothing comes from outside. */
#include "cmocka_all.h"
#include "tts/core/ledger/ledger.h"
#include <math.h>
#include <string.h>

enum { FUTURE, CALL, INDEX_PUT, INSTRUMENTS, DAY = 20250303, NEXT_DAY = 20250304, ACCOUNTS = 5 };

struct market_day {
    struct market market;
    struct ledger ledger;
    bool between_customers[INSTRUMENTS];
    uint32_t trades;
};

static void list(struct market_day *day, const char *id, char options_type, double strike,
                 enum option_margin_kind kind)
{
    struct product product = {.volume_multiple = 10, .exchange = EXCHANGE_DCE};
    text_copy(product.id, sizeof product.id, text_of(id));
    struct instrument made = {
        .product = market_put_product(&day->market, &product),
        .exchange = EXCHANGE_DCE,
        .product_class = options_type ? '2' : '1',
        .options_type = options_type,
        .is_trading = true,
        .volume_multiple = 10,
        .price_tick = 1,
        .position_date_type = '2',
        .strike_price = options_type ? strike : ABSENT_PRICE,
        .underlying = options_type && kind == OPTION_MARGIN_COMMODITY ? FUTURE : INSTRUMENT_NONE,
        .underlying_settlement = kind == OPTION_MARGIN_INDEX ? 2900 : ABSENT_PRICE,
        .option_margin = kind,
        .pre_settlement = options_type ? 60 : 3000,
        .last = options_type ? 60 : 3000,
        .settlement = options_type ? 60 : 3050,
        .upper_limit = ABSENT_PRICE,
        .lower_limit = ABSENT_PRICE,
    };
    made.margin.long_by_money = made.margin.short_by_money = options_type ? 0 : 0.1;
    text_copy(made.id, sizeof made.id, text_of(id));
    uint32_t place = market_put_instrument(&day->market, &made);
    day->market.instruments[place].underlying = made.underlying;
}

static void begin(struct market_day *day)
{
    static const char *const ids[ACCOUNTS] = {"1001", "1002", "1003", "1004", "1005"};
    *day = (struct market_day){.between_customers = {[CALL] = true, [INDEX_PUT] = true}};
    list(day, "m2505", '\0', 0, OPTION_MARGIN_COMMODITY);
    list(day, "m2505-C-3000", '1', 3000, OPTION_MARGIN_COMMODITY);
    list(day, "IO-P-3000", '2', 3000, OPTION_MARGIN_INDEX);
    ledger_init(&day->ledger, &day->market, DAY);
    struct trading_params params = trading_params_default();
    for (int i = 0; i < ACCOUNTS; i++) {
        ledger_add_account(&day->ledger, text_of(ids[i]), &params);
        day->ledger.accounts[i].pre_balance = 1e7;
    }
}

static void end(struct market_day *day)
{
    ledger_finish(&day->ledger);
    market_finish(&day->market);
}

static void open_lots(struct market_day *day, uint32_t account, uint32_t instrument, char direction,
                      char hedge, int lots)
{
    double shortage;
    struct ledger_order order = {.account = account,
                                 .instrument = instrument,
                                 .direction = direction,
                                 .offset = '0',
                                 .hedge = hedge,
                                 .has_price = true,
                                 .price = 60};
    assert_int_equal(ledger_check(&day->ledger, &order, lots, &shortage), 0);
    ledger_accept(&day->ledger, &order, lots);
    ledger_fill(&day->ledger, &order, 60, lots, ++day->trades);
}

static void buy(struct market_day *day, uint32_t account, uint32_t instrument, int lots)
{
    open_lots(day, account, instrument, '0', '1', lots);
}

static void sell(struct market_day *day, uint32_t account, uint32_t instrument, int lots)
{
    open_lots(day, account, instrument, '1', '1', lots);
}

static int lots_of(const struct market_day *day, uint32_t account, uint32_t instrument,
                   char direction, char hedge)
{
    uint32_t row = ledger_find_row(&day->ledger, account, instrument, hedge, direction, '1');
    return row == LEDGER_NONE ? 0 : day->ledger.rows[row].position;
}

static void exercise(struct market_day *day, uint32_t account, uint32_t instrument, int lots)
{
    uint32_t row = ledger_find_row(&day->ledger, account, instrument, '1', '2', '1');
    assert_int_equal(ledger_exercise(&day->ledger, row, lots), 0);
}

static void settle(struct market_day *day)
{
    ledger_settle(&day->ledger, NEXT_DAY, day->between_customers, NULL);
}

/* Of 7 exercised lots shorts of 5, 3 and 2 fulfil 3.5, 2.1 and 1.4: the whole ones first, the last
 * one by the largest fraction. */
static void sellers_fulfil_pro_rata_and_the_largest_fraction_takes_the_rest(void **state)
{
    (void)state;
    struct market_day day;
    begin(&day);
    buy(&day, 0, CALL, 10);
    sell(&day, 1, CALL, 5);
    sell(&day, 2, CALL, 3);
    sell(&day, 3, CALL, 2);
    exercise(&day, 0, CALL, 7);
    settle(&day);
    assert_int_equal(lots_of(&day, 0, FUTURE, '2', '1'), 7);
    assert_int_equal(lots_of(&day, 1, FUTURE, '3', '1'), 4);
    assert_int_equal(lots_of(&day, 2, FUTURE, '3', '1'), 2);
    assert_int_equal(lots_of(&day, 3, FUTURE, '3', '1'), 1);
    assert_int_equal(lots_of(&day, 0, CALL, '2', '1'), 3);
    assert_int_equal(lots_of(&day, 1, CALL, '3', '1'), 1);
    assert_int_equal(lots_of(&day, 2, CALL, '3', '1'), 1);
    assert_int_equal(lots_of(&day, 3, CALL, '3', '1'), 1);
    end(&day);
}

static void of_equal_fractions_the_smaller_account_id_fulfils(void **state)
{
    (void)state;
    struct market_day day;
    begin(&day);
    buy(&day, 0, CALL, 3);
    sell(&day, 3, CALL, 1); /* opened first, but 1002 stands before 1004 */
    sell(&day, 1, CALL, 1);
    sell(&day, 2, CALL, 1);
    exercise(&day, 0, CALL, 1);
    settle(&day);
    assert_int_equal(lots_of(&day, 1, FUTURE, '3', '1'), 1);
    assert_int_equal(lots_of(&day, 2, FUTURE, '3', '1'), 0);
    assert_int_equal(lots_of(&day, 3, FUTURE, '3', '1'), 0);
    end(&day);
}

static void the_oldest_lots_of_an_account_fulfil_first(void **state)
{
    (void)state;
    struct market_day day;
    begin(&day);
    buy(&day, 0, CALL, 4);
    open_lots(&day, 1, CALL, '1', '3', 2);
    open_lots(&day, 1, CALL, '1', '1', 2);
    exercise(&day, 0, CALL, 3);
    settle(&day);
    assert_int_equal(lots_of(&day, 1, FUTURE, '3', '3'), 2);
    assert_int_equal(lots_of(&day, 1, FUTURE, '3', '1'), 1);
    end(&day);
}

static void the_house_fulfils_what_no_customer_is_short(void **state)
{
    (void)state;
    struct market_day day;
    begin(&day);
    buy(&day, 0, CALL, 4);
    sell(&day, 1, CALL, 1);
    exercise(&day, 0, CALL, 4);
    settle(&day);
    assert_int_equal(lots_of(&day, 0, FUTURE, '2', '1'), 4);
    assert_int_equal(lots_of(&day, 1, FUTURE, '3', '1'), 1);
    end(&day);
}

static void against_the_quote_nobody_is_assigned_before_expiry(void **state)
{
    (void)state;
    struct market_day day;
    begin(&day);
    day.between_customers[CALL] = false;
    buy(&day, 0, CALL, 2);
    sell(&day, 1, CALL, 2);
    exercise(&day, 0, CALL, 2);
    settle(&day);
    assert_int_equal(lots_of(&day, 0, FUTURE, '2', '1'), 2);
    assert_int_equal(lots_of(&day, 1, CALL, '3', '1'), 2);
    end(&day);
}

/* Of 4 lots in the money one is abandoned: three are fulfilled, one lapses on both sides. */
static void at_expiry_sellers_fulfil_what_buyers_have_not_abandoned(void **state)
{
    (void)state;
    struct market_day day;
    begin(&day);
    day.market.instruments[CALL].expire_date = DAY;
    buy(&day, 0, CALL, 3);
    buy(&day, 1, CALL, 1);
    sell(&day, 2, CALL, 4);
    ledger_freeze_exercise(&day.ledger, ledger_find_row(&day.ledger, 1, CALL, '1', '2', '1'), 0, 1);
    settle(&day);
    assert_int_equal(lots_of(&day, 0, FUTURE, '2', '1'), 3);
    assert_int_equal(lots_of(&day, 1, FUTURE, '2', '1'), 0);
    assert_int_equal(lots_of(&day, 2, FUTURE, '3', '1'), 3);
    assert_int_equal(lots_of(&day, 2, CALL, '3', '1'), 0);
    end(&day);
}

static void index_options_move_cash_from_sellers_to_buyers(void **state)
{
    (void)state;
    struct market_day day;
    begin(&day);
    day.market.instruments[INDEX_PUT].expire_date = DAY;
    buy(&day, 0, INDEX_PUT, 3);
    sell(&day, 1, INDEX_PUT, 2);
    sell(&day, 2, INDEX_PUT, 1);
    settle(&day); /* strike 3000, index 2900, 10 a lot; premium 60 */
    assert_true(day.ledger.accounts[0].pre_balance == 1e7 + 3 * 1000 - 3 * 600);
    assert_true(day.ledger.accounts[1].pre_balance == 1e7 - 2 * 1000 + 2 * 600);
    assert_true(day.ledger.accounts[2].pre_balance == 1e7 - 1 * 1000 + 1 * 600);
    end(&day);
}

static uint32_t draw(uint64_t *random, uint32_t below)
{
    *random = *random * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*random >> 33) % below;
}

/* Whatever is traded and exercised: as many futures are long as are short, no lot of an option is
 * lost, and no money comes or goes. */
static void the_sums_of_all_customers_agree(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct market_day day;
        uint64_t random = seed;
        begin(&day);
        if (draw(&random, 3) == 0)
            day.market.instruments[CALL].expire_date = DAY;
        for (int deals = 0; deals < 30; deals++) {
            int lots = 1 + (int)draw(&random, 9);
            buy(&day, draw(&random, ACCOUNTS), CALL, lots);
            sell(&day, draw(&random, ACCOUNTS), CALL, lots);
        }
        for (uint32_t i = 0; i < ACCOUNTS; i++) {
            int own = lots_of(&day, i, CALL, '2', '1');
            if (own > 0)
                exercise(&day, i, CALL, (int)draw(&random, (uint32_t)own + 1));
        }
        settle(&day);
        int futures = 0, options = 0;
        double money = 0;
        for (uint32_t i = 0; i < ACCOUNTS; i++) {
            futures += lots_of(&day, i, FUTURE, '2', '1') - lots_of(&day, i, FUTURE, '3', '1');
            options += lots_of(&day, i, CALL, '2', '1') - lots_of(&day, i, CALL, '3', '1');
            money += day.ledger.accounts[i].pre_balance - 1e7;
        }
        assert_int_equal(futures, 0);
        assert_int_equal(options, 0);
        assert_true(fabs(money) < 1e-6);
        end(&day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sellers_fulfil_pro_rata_and_the_largest_fraction_takes_the_rest),
        cmocka_unit_test(of_equal_fractions_the_smaller_account_id_fulfils),
        cmocka_unit_test(the_oldest_lots_of_an_account_fulfil_first),
        cmocka_unit_test(the_house_fulfils_what_no_customer_is_short),
        cmocka_unit_test(against_the_quote_nobody_is_assigned_before_expiry),
        cmocka_unit_test(at_expiry_sellers_fulfil_what_buyers_have_not_abandoned),
        cmocka_unit_test(index_options_move_cash_from_sellers_to_buyers),
        cmocka_unit_test(the_sums_of_all_customers_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
