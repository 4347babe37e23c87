/* commands_test.c: each of the operator's commands on a core in memory: what it changes, what it
 * prints, its exit code, and the one line of an error. The fixture's end proves that what was
 * changed comes back from the effects and from a snapshot. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include "tts/admin/commands.h"
#include <string.h>

struct told {
    int code;
    char out[4096];
};

static bool settled;

static bool settle(void *user, struct error *error)
{
    (void)user;
    (void)error;
    settled = true;
    return true;
}

static void put_figures(void *user, struct buffer *out)
{
    (void)user;
    buffer_put_text(out, TEXT("connections 3\n"));
}

/* Runs one line; words are separated by spaces. */
static struct told run_on(struct fixture *fixture, const char *line,
                          const struct command_host *host)
{
    text words[COMMAND_WORDS_MAX], rest = text_of(line);
    size_t count = 0;
    struct buffer out = {.at = NULL};
    struct told told;
    while (rest.length)
        words[count++] = text_cut(&rest, ' ');
    told.code = command_run(fixture->core, host, words, count, &out);
    text_copy(told.out, sizeof told.out, buffer_text(&out));
    buffer_finish(&out);
    return told;
}

static struct told run(struct fixture *fixture, const char *line)
{
    return run_on(fixture, line, &(struct command_host){.user = NULL});
}

static void expect(struct fixture *fixture, const char *line, int code, const char *part)
{
    struct told told = run(fixture, line);
    if (told.code != code || !strstr(told.out, part))
        fail_msg("`%s`: code %d, wanted %d and \"%s\":\n%s", line, told.code, code, part, told.out);
}

static void expect_done(struct fixture *fixture, const char *line)
{
    expect(fixture, line, COMMAND_OK, "");
}

static double available(struct fixture *fixture, const char *account)
{
    return ledger_funds(&fixture->core->ledger, core_find_account(fixture->core, text_of(account)))
        .available;
}

static int order_of(struct fixture *fixture, const char *instrument, char direction, char offset,
                    double price, int volume)
{
    struct CThostFtdcInputOrderField input =
        fixture_input(fixture, instrument, direction, offset, price, volume);
    return fixture_insert(fixture, CONNECTION_ONE, &input);
}

/* ---- users ---- */

static void a_user_is_added_with_an_account_and_money(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect(&fixture, "user add zhang --hash $x --deposit 1000.5 --name 张三", COMMAND_OK,
           "user and account zhang added, deposit 1000.50");
    assert_true(available(&fixture, "zhang") == 1000.5);
    expect(&fixture, "user list", COMMAND_OK,
           "zhang            active    sessions 0   accounts zhang");
    assert_string_equal(core_user_hash(fixture.core, TEXT("zhang"), false), "$x");
    expect(&fixture, "user add zhang --hash $x", COMMAND_FAILED, "tts: zhang is there already");
    expect(&fixture, "user add li", COMMAND_FAILED, "--password TEXT or --password-stdin");
    expect(&fixture, "user add li --hash $x --deposit -1", COMMAND_FAILED, "no amount of money");
    expect(&fixture, "user add li --hash $x --deposit 1e99", COMMAND_FAILED, "no amount of money");
    expect(&fixture, "user add l;i --hash $x", COMMAND_FAILED, "1 to 12 letters");
    expect(&fixture, "user add", COMMAND_USAGE, "usage: tts [--db FILE] user add ID");
    expect(&fixture, "user add li --hash $x --depost 5", COMMAND_USAGE,
           "tts: user add has no option --depost");
    expect(&fixture, "user add li --hash", COMMAND_USAGE, "--hash needs a value");
    expect(&fixture, "user add li wang --hash $x", COMMAND_USAGE, "usage:");
    fixture_end(&fixture);
}

static void a_user_is_disabled_and_enabled_and_gets_passwords(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect_done(&fixture, "user disable u2");
    expect(&fixture, "user list", COMMAND_OK, "u2               disabled");
    expect_done(&fixture, "user enable u2");
    expect(&fixture, "user list", COMMAND_OK, "u2               active");
    expect_done(&fixture, "user passwd u2 --hash $new");
    expect_done(&fixture, "user passwd u2 --hash $fund --fund");
    assert_string_equal(core_user_hash(fixture.core, TEXT("u2"), false), "$new");
    assert_string_equal(core_user_hash(fixture.core, TEXT("u2"), true), "$fund");
    expect(&fixture, "user passwd nobody --hash $x", COMMAND_FAILED,
           "nobody is not known; `tts user list` shows the users");
    expect(&fixture, "user enable nobody", COMMAND_FAILED, "nobody is not known");
    fixture_end(&fixture);
}

static void a_user_may_be_granted_another_account(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect_done(&fixture, "user grant u1 u2");
    expect(&fixture, "user list", COMMAND_OK, "accounts u1 u2");
    expect(&fixture, "user grant u1 u2", COMMAND_FAILED, "u1 may already trade account u2");
    expect_done(&fixture, "user revoke u1 u2");
    expect(&fixture, "user revoke u1 u2", COMMAND_FAILED, "u1 may not trade account u2");
    expect(&fixture, "user grant nobody u2", COMMAND_FAILED, "nobody is not known");
    expect(&fixture, "user grant u1 nothing", COMMAND_FAILED, "there is no account nothing");
    expect(&fixture, "user grant u1", COMMAND_USAGE, "usage:");
    fixture_end(&fixture);
}

/* ---- accounts ---- */

static void money_goes_in_and_out_of_an_account(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect(&fixture, "account deposit u1 500", COMMAND_OK, "u1: balance 10000500.00");
    expect(&fixture, "user deposit u1 500", COMMAND_OK, "u1: balance 10001000.00");
    expect(&fixture, "account withdraw u1 1000", COMMAND_OK, "u1: balance 10000000.00");
    expect(&fixture, "account withdraw u1 9999999", COMMAND_FAILED, "(WithdrawQuota)");
    expect(&fixture, "account withdraw u1 0", COMMAND_FAILED, "no amount of money");
    expect(&fixture, "account deposit u1 nan", COMMAND_FAILED, "no amount of money");
    expect(&fixture, "account deposit nobody 5", COMMAND_FAILED, "there is no account nobody");
    expect(&fixture, "account adjust u1 -9999999", COMMAND_OK, "u1: balance 1.00");
    expect(&fixture, "account adjust u1 0", COMMAND_FAILED, "no amount of money");
    expect(&fixture, "account list", COMMAND_OK, "u1           balance             1.00");
    fixture_end(&fixture);
}

/* G31 of the worked cases, by the commands: a pledge raises the balance, what is held back lowers
 * Available only, what is reserved only WithdrawQuota. */
static void money_is_held_back_pledged_and_reserved(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect_done(&fixture, "account adjust u1 -9900000");
    expect(&fixture, "account mortgage u1 30000", COMMAND_OK,
           "balance 130000.00, available 130000");
    expect(&fixture, "account credit u1 -5000", COMMAND_OK, "balance 130000.00, available 125000");
    expect(&fixture, "account reserve u1 1000.5", COMMAND_OK,
           "balance 130000.00, available 125000");
    const char *const terms[] = {"+ Mortgage                           30000.00  pledged now",
                                 "+ Credit                             -5000.00  held back",
                                 "= Available                         125000.00",
                                 "  Reserve                             1000.50  not in",
                                 "  WithdrawQuota                      99199.60"};
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        expect(&fixture, "explain account u1", COMMAND_OK, terms[i]);
    expect(&fixture, "account withdraw u1 99199.61", COMMAND_FAILED, "(WithdrawQuota)");
    expect(&fixture, "account credit u1 5000", COMMAND_FAILED, "5000 is no Credit: 0 or below");
    expect(&fixture, "account mortgage u1 -1", COMMAND_FAILED, "-1 is no Mortgage: 0 and more");
    expect(&fixture, "account reserve u1 0.001", COMMAND_FAILED, "in whole cents");
    expect(&fixture, "account reserve u1 nan", COMMAND_FAILED, "nan is no Reserve");
    expect(&fixture, "account reserve nobody 1", COMMAND_FAILED, "there is no account nobody");
    expect(&fixture, "account credit u1", COMMAND_USAGE, "usage: tts");
    expect(&fixture, "account mortgage u1 0", COMMAND_OK, "balance 100000.00, available 95000.00");
    expect(&fixture, "account credit u1 -100001", COMMAND_OK, "available -1.00"); /* not bound */
    expect(&fixture, "account credit u1 0", COMMAND_OK, "balance 100000.00, available 100000.00");
    fixture_end(&fixture);
}

static void shares_come_to_an_account_without_a_trade(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "600000", 10, 1000, 10.01, 1000, 10, 100);
    double before = available(&fixture, "u1");
    expect_done(&fixture, "account adjust u1 600000 500 0");
    uint32_t place = fixture_instrument(&fixture, "600000");
    uint32_t row = ledger_find_row(&fixture.core->ledger, 0, place, '1', '2', '1');
    assert_int_not_equal(row, LEDGER_NONE);
    assert_int_equal(fixture.core->ledger.rows[row].position, 500);
    struct funds funds = ledger_funds(&fixture.core->ledger, 0);
    assert_true(available(&fixture, "u1") == before); /* worth is not cash */
    assert_true(funds.balance == before + 5000);      /* 500 at the last price, 10 */
    assert_int_equal(order_of(&fixture, "600000", '1', '1', 10, 100),
                     CTP_ERROR_OVER_CLOSEYESTERDAY_POSITION); /* sold from tomorrow on */
    uint32_t statements = fixture.core->statements.count;
    double prices[64];
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++)
        prices[i] = ABSENT_PRICE;
    assert_true(core_market(fixture.core)->instrument_count <= 64);
    core_settle(fixture.core, FIXTURE_DAY + 1, prices);
    const struct statement *statement = &fixture.core->statements.at[statements];
    buffer_put_char(&fixture.core->statement_bytes, '\0'); /* to read it as one text */
    assert_non_null(strstr(fixture.core->statement_bytes.at + statement->offset, "600000 +500 @0"));
    fixture.core->statement_bytes.length--;
    expect(&fixture, "account adjust u1 rb2505 5 0", COMMAND_FAILED, "rb2505: only shares");
    expect(&fixture, "account adjust u1 nothing 5 0", COMMAND_FAILED, "no instrument nothing");
    expect(&fixture, "account adjust u1 600000 -5 0", COMMAND_FAILED, "is no number of shares");
    expect(&fixture, "account adjust u1 600000 2000000000 0", COMMAND_FAILED, "only shares");
    expect(&fixture, "account adjust u1 600000 5", COMMAND_USAGE, "usage:");
    fixture_end(&fixture);
}

static void flags_stop_an_accounts_orders(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect_done(&fixture, "account flags u1 --close-only");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3400, 1), CTP_ERROR_CLOSE_ONLY);
    expect(&fixture, "account list", COMMAND_OK, "close-only");
    expect_done(&fixture, "account flags u1 --open --disable");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3400, 1),
                     CTP_ERROR_INVESTOR_NOT_ACTIVE);
    expect_done(&fixture, "account flags u1 --enable");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3400, 1), 0);
    expect(&fixture, "account flags u1 --enable --disable", COMMAND_USAGE, "usage:");
    expect(&fixture, "account flags u1", COMMAND_USAGE, "usage:");
    expect(&fixture, "account flags nobody --enable", COMMAND_FAILED, "no account nobody");
    fixture_end(&fixture);
}

/* ---- rates ---- */

static void rates_that_are_not_given_stay(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    uint32_t rb = fixture_instrument(&fixture, "rb2505");
    const struct ledger *ledger = &fixture.core->ledger;
    struct commission_rate before = *ledger_commission_rate(ledger, 0, rb);
    expect_done(&fixture, "fee set u1 rb --open-by-volume 3.5");
    struct commission_rate after = *ledger_commission_rate(ledger, 0, rb);
    assert_true(after.open_by_volume == 3.5);
    assert_true(after.open_by_money == before.open_by_money);
    assert_true(after.close_today_by_money == before.close_today_by_money);
    assert_true(ledger_commission_rate(ledger, 1, rb)->open_by_volume == before.open_by_volume);
    expect_done(&fixture, "fee set u1 rb --cancel-by-trade 1");
    assert_true(ledger_commission_rate(ledger, 0, rb)->open_by_volume == 3.5);
    expect(&fixture, "fee list", COMMAND_OK, "u1           rb ");
    expect(&fixture, "fee list", COMMAND_OK, " --open-by-volume 3.5 ");
    expect(&fixture, "margin list", COMMAND_OK, "");
    expect_done(&fixture, "margin set all rb2505 --long-by-money 0.5");
    assert_true(ledger_margin_rate(ledger, 1, rb)->long_by_money == 0.5);
    expect(&fixture, "margin list", COMMAND_OK,
           "all          rb2505               --long-by-money 0.5");
    fixture_end(&fixture);
}

static void a_wrong_rate_changes_nothing(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    uint32_t effects = fixture.effect_count;
    expect(&fixture, "fee set all rb --open-by-mony 1", COMMAND_USAGE,
           "fee set has no option --open-by-mony");
    expect(&fixture, "fee set all rb", COMMAND_USAGE, "usage:");
    expect(&fixture, "fee set all rb --open-by-money x", COMMAND_FAILED,
           "--open-by-money x is no rate");
    expect(&fixture, "fee set all nothing --open-by-money 1", COMMAND_FAILED,
           "no product or instrument nothing is known here");
    expect(&fixture, "fee set nobody rb --open-by-money 1", COMMAND_FAILED,
           "there is no account nobody");
    expect(&fixture, "margin set all rb --long-by-money -1", COMMAND_FAILED, "is no rate");
    assert_int_equal(fixture.effect_count, effects);
    fixture_end(&fixture);
}

/* ---- rights and limits ---- */

static void rights_are_by_account_and_product(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 2);
    expect_done(&fixture, "rights set u1 rb deny");
    assert_int_equal(order_of(&fixture, "rb2505", '1', '3', 3500, 1), CTP_ERROR_NO_TRADING_RIGHT);
    assert_int_equal(order_of(&fixture, "SR505", '0', '0', 6000, 1), 0);
    expect_done(&fixture, "rights set u1 rb close-only");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3400, 1), CTP_ERROR_CLOSE_ONLY);
    assert_int_equal(order_of(&fixture, "rb2505", '1', '3', 3500, 1), 0);
    expect(&fixture, "rights list", COMMAND_OK, "u1           rb                   close-only");
    expect_done(&fixture, "rights set u1 rb2505 allow"); /* the more specific one */
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3400, 1), 0);
    expect_done(&fixture, "rights set u1 rb2505 default");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3400, 1), CTP_ERROR_CLOSE_ONLY);
    expect(&fixture, "rights set u1 rb2505 default", COMMAND_FAILED, "u1 rb2505 has no such rule");
    fixture_end(&fixture);
}

/* Opens or closes the legs i2505 and i2603 of a combination. */
static int spread_of(struct fixture *fixture, const char *offsets)
{
    struct CThostFtdcInputOrderField input =
        fixture_input(fixture, "SP i2505&i2603", '0', '0', 20, 1);
    PUT_TEXT(input.CombOffsetFlag, text_of(offsets));
    PUT_TEXT(input.CombHedgeFlag, TEXT("11"));
    return fixture_insert(fixture, CONNECTION_ONE, &input);
}

static int tying_of(struct fixture *fixture)
{
    struct CThostFtdcInputCombActionField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("SP i2505&i2603"));
    input.Direction = THOST_FTDC_D_Buy;
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.CombDirection = THOST_FTDC_CMDR_Comb;
    input.Volume = 1;
    fixture_send(fixture, CONNECTION_ONE, CTP_TraderApi_ReqCombActionInsert, &input);
    return fixture->answered_id;
}

/* A combination is refused as its leg would be, by what the order does to that leg. */
static void rights_are_asked_for_each_leg_of_a_combination(void **state)
{
    enum { NO_LOTS = CTP_ERROR_OVER_CLOSE_POSITION };
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "i2505", '0', 800, 2);
    fixture_open(&fixture, CONNECTION_ONE, "i2603", '1', 750, 2);
    expect_done(&fixture, "rights set u1 i2603 deny");
    assert_int_equal(spread_of(&fixture, "00"), CTP_ERROR_NO_TRADING_RIGHT);
    assert_int_equal(spread_of(&fixture, "11"), CTP_ERROR_NO_TRADING_RIGHT);
    assert_int_equal(tying_of(&fixture), CTP_ERROR_NO_TRADING_RIGHT);
    assert_int_equal(order_of(&fixture, "i2505", '0', '0', 800, 1), 0); /* the other leg alone */
    expect_done(&fixture, "rights set u1 i2603 close-only");
    assert_int_equal(spread_of(&fixture, "00"), CTP_ERROR_CLOSE_ONLY);
    assert_int_equal(spread_of(&fixture, "0"), CTP_ERROR_CLOSE_ONLY); /* empty: as the first */
    assert_int_equal(spread_of(&fixture, "10"), CTP_ERROR_CLOSE_ONLY);
    assert_int_equal(spread_of(&fixture, "01"), NO_LOTS); /* passes: only i2505 is opened */
    assert_int_equal(tying_of(&fixture), 0);
    expect_done(&fixture, "rights set u1 i2505 deny"); /* 28 stands before 29, also for the other */
    assert_int_equal(spread_of(&fixture, "00"), CTP_ERROR_NO_TRADING_RIGHT);
    expect_done(&fixture, "rights set u1 i2505 default");
    expect_done(&fixture, "rights set u1 i2603 default");
    assert_int_equal(spread_of(&fixture, "00"), 0);
    expect_done(&fixture, "rights set u1 SP close-only"); /* the combination's own: any leg */
    assert_int_equal(spread_of(&fixture, "01"), CTP_ERROR_CLOSE_ONLY);
    fixture_end(&fixture);
}

static void rights_of_all_yield_to_the_accounts_own(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect_done(&fixture, "rights set all all deny");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3400, 1), CTP_ERROR_NO_TRADING_RIGHT);
    expect_done(&fixture, "rights set all SR allow");
    assert_int_equal(order_of(&fixture, "SR505", '0', '0', 6000, 1), 0);
    expect_done(&fixture, "rights set u1 all allow");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3400, 1), 0);
    expect(&fixture, "rights set u1 rb maybe", COMMAND_USAGE, "usage:");
    expect(&fixture, "rights set u1 nothing deny", COMMAND_FAILED, "no product or instrument");
    expect(&fixture, "rights set nobody rb deny", COMMAND_FAILED, "no account nobody");
    fixture_end(&fixture);
}

static int quote_of(struct fixture *fixture, const char *instrument)
{
    struct CThostFtdcInputQuoteField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.BrokerID, TEXT("9999"));
    PUT_TEXT(input.InstrumentID, text_of(instrument));
    input.AskPrice = 801;
    input.BidPrice = 799;
    input.AskVolume = input.BidVolume = 1;
    input.AskOffsetFlag = input.BidOffsetFlag = THOST_FTDC_OF_Open;
    input.AskHedgeFlag = input.BidHedgeFlag = THOST_FTDC_HF_Speculation;
    fixture->answered_id = 0;
    fixture_send(fixture, CONNECTION_ONE, CTP_TraderApi_ReqQuoteInsert, &input);
    return fixture->answered_id;
}

static void quotes_are_for_market_makers_where_the_counter_asks_for_it(void **state)
{
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    (void)state;
    assert_false(options.quote_right_required);
    assert_true(core_options_of(PROFILE_CTP).quote_right_required);
    options.quote_right_required = true;
    fixture_begin(&fixture, &options);
    assert_int_equal(quote_of(&fixture, "i2505"), CTP_ERROR_NO_TRADING_RIGHT);
    /* before it is asked whether the instrument can be quoted at all */
    assert_int_equal(quote_of(&fixture, "SP i2505&i2603"), CTP_ERROR_NO_TRADING_RIGHT);
    expect_done(&fixture, "maker set u1 all yes");
    assert_int_equal(quote_of(&fixture, "i2505"), 0);
    assert_int_equal(quote_of(&fixture, "SP i2505&i2603"), CTP_ERROR_INSTR_NOTSUPPORT_QUOTE);
    expect_done(&fixture, "maker set u1 i2505 no"); /* the more specific one */
    assert_int_equal(quote_of(&fixture, "i2505"), CTP_ERROR_NO_TRADING_RIGHT);
    expect(&fixture, "maker list", COMMAND_OK, "u1           i2505                no");
    expect_done(&fixture, "maker set u1 i2505 default");
    assert_int_equal(quote_of(&fixture, "i2505"), 0);
    /* the right to quote and the right to trade are two */
    expect_done(&fixture, "rights set u1 i deny");
    assert_int_equal(quote_of(&fixture, "i2505"), CTP_ERROR_NO_TRADING_RIGHT);
    expect(&fixture, "maker set u1 i2505 maybe", COMMAND_USAGE, "usage:");
    expect(&fixture, "maker set nobody i2505 yes", COMMAND_FAILED, "no account nobody");
    expect(&fixture, "maker set u1 i2505 default", COMMAND_FAILED, "has no such rule");
    fixture_end(&fixture);
}

static void a_position_limit_counts_lots_held_and_ordered(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect_done(&fixture, "limit set u1 rb 5");
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 2);
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 2), 0); /* waits */
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 2), CTP_ERROR_POSI_LIMIT);
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 1), 0);
    assert_int_equal(order_of(&fixture, "rb2505", '1', '0', 3600, 5), 0); /* the other direction */
    assert_int_equal(order_of(&fixture, "rb2505", '1', '3', 3600, 2), 0); /* closes */
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    expect(&fixture, "limit list", COMMAND_OK, "u1           rb                   5");
    expect_done(&fixture, "limit set u1 rb none");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 9), 0);
    expect(&fixture, "limit set u1 rb none", COMMAND_FAILED, "has no such rule");
    fixture_end(&fixture);
}

static void an_accounts_limit_replaces_that_of_all(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect_done(&fixture, "limit set all rb2505 1");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 2), CTP_ERROR_POSI_LIMIT);
    expect_done(&fixture, "limit set u1 rb2505 3");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 3), 0);
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 1), CTP_ERROR_POSI_LIMIT);
    expect(&fixture, "limit set u1 rb2505 -1", COMMAND_FAILED, "-1 is no number of lots");
    expect(&fixture, "limit set u1 rb2505 99999999999", COMMAND_FAILED, "is no number of lots");
    expect(&fixture, "limit set u1 nothing 1", COMMAND_FAILED, "no product or instrument");
    fixture_end(&fixture);
}

/* ---- channels ---- */

static void a_channel_that_is_down_takes_no_orders(void **state)
{
    struct fixture fixture;
    struct command_host host = {.figures = put_figures};
    struct CThostFtdcInputOrderField condition;
    (void)state;
    fixture_begin(&fixture, NULL);
    expect(&fixture, "channel list", COMMAND_OK, "sim          up       accounts 2");
    assert_int_equal(order_of(&fixture, "i2505", '0', '0', 750, 1), 0); /* for the batch */
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 1), 0);
    assert_int_equal(run_on(&fixture, "channel set sim down", &host).code, COMMAND_OK);
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 1),
                     CTP_ERROR_NO_VALID_TRADER_AVAILABLE);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE),
                     CTP_ERROR_NO_VALID_TRADER_AVAILABLE);
    assert_int_equal(run_on(&fixture, "channel set sim failing", &host).code, COMMAND_OK);
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 1),
                     CTP_ERROR_SEND_EXCHANGEORDER_FAILED);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE),
                     CTP_ERROR_SEND_EXCHANGEORDERACTION_FAILED);
    struct CThostFtdcInputBatchOrderActionField all = {.BrokerID = "9999", .InvestorID = "u1"};
    text_copy(all.ExchangeID, sizeof all.ExchangeID, TEXT("DCE"));
    fixture_send(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqBatchOrderAction, &all);
    assert_int_equal(fixture.answered_id, CTP_ERROR_SEND_EXCHANGEORDERACTION_FAILED);
    condition = fixture_input(&fixture, "rb2505", '0', '0', 3500, 1);
    condition.ContingentCondition = THOST_FTDC_CC_LastPriceGreaterThanStopPrice;
    condition.StopPrice = 3500;
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &condition), 0); /* the counter's */
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_int_equal(run_on(&fixture, "channel set sim up", &host).code, COMMAND_OK);
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 1), 0);
    assert_int_equal(run_on(&fixture, "channel set sim asleep", &host).code, COMMAND_USAGE);
    assert_int_equal(run_on(&fixture, "channel set sim held", &host).code, COMMAND_OK);
    expect(&fixture, "channel list", COMMAND_OK, "sim          held     accounts 2");
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 1), 0);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE),
                     CTP_ERROR_DUPLICATE_ORDER_ACTION_REF);
    assert_int_equal(run_on(&fixture, "channel set ctp up", &host).code, COMMAND_FAILED);
    expect(&fixture, "channel set sim up", COMMAND_FAILED, "is the running server's");
    fixture_end(&fixture);
}

static void an_account_changes_its_channel_without_live_orders(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    assert_int_equal(order_of(&fixture, "rb2505", '0', '0', 3300, 1), 0);
    expect(&fixture, "account channel u1 sim", COMMAND_FAILED, "u1 has live orders");
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    expect_done(&fixture, "account channel u1 sim");
    expect(&fixture, "account channel u1 ctp", COMMAND_FAILED, "there is no channel ctp");
    expect(&fixture, "account channel nobody sim", COMMAND_FAILED, "there is no account nobody");
    fixture_end(&fixture);
}

/* ---- the day ---- */

static void explain_adds_up_to_available(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 2);
    char line[64];
    snprintf(line, sizeof line, "= Available %33.2f", available(&fixture, "u1"));
    expect(&fixture, "explain account u1", COMMAND_OK, line);
    expect(&fixture, "explain account u1", COMMAND_OK,
           "rb2505               long  lots 2 (today 2)");
    expect(&fixture, "explain account u1", COMMAND_OK, "account u1, trading day 20250303");
    expect(&fixture, "explain account nobody", COMMAND_FAILED, "there is no account nobody");
    expect(&fixture, "explain", COMMAND_USAGE, "unknown command");
    fixture_end(&fixture);
}

static void notices_reach_an_account_or_all(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture, NULL);
    uint32_t before = core_private_count(fixture.core, CONNECTION_ONE);
    uint32_t public_before = core_public_count(fixture.core);
    expect_done(&fixture, "notice u1 追保");
    assert_int_equal(core_private_count(fixture.core, CONNECTION_ONE), before + 1);
    expect_done(&fixture, "notice all 休市");
    assert_int_equal(core_public_count(fixture.core), public_before + 1);
    expect(&fixture, "notice nobody x", COMMAND_FAILED, "there is no account nobody");
    expect(&fixture, "notice u1 \xff\xfe", COMMAND_FAILED, "not UTF-8");
    expect(&fixture, "notice u1", COMMAND_USAGE, "usage:");
    fixture_end(&fixture);
}

static struct ticks_change changed;

static bool change_ticks(void *user, const struct ticks_change *change, struct buffer *out,
                         struct error *error)
{
    (void)user;
    changed = *change;
    buffer_printf(out, "the ticks are\n");
    return change->kind != TICKS_AT || error_set(error, "not now");
}

static void the_replay_is_held_and_sent_on(void **state)
{
    struct fixture fixture;
    struct command_host host = {.ticks = change_ticks};
    (void)state;
    fixture_begin(&fixture, NULL);
    expect(&fixture, "ticks", COMMAND_FAILED, "running server");
    assert_non_null(strstr(run_on(&fixture, "ticks", &host).out, "the ticks are"));
    assert_int_equal(changed.kind, TICKS_LOOK);
    assert_int_equal(run_on(&fixture, "ticks pause", &host).code, COMMAND_OK);
    assert_int_equal(changed.kind, TICKS_PAUSE);
    assert_int_equal(run_on(&fixture, "ticks resume", &host).code, COMMAND_OK);
    assert_int_equal(changed.kind, TICKS_RESUME);
    assert_int_equal(run_on(&fixture, "ticks speed 2.5", &host).code, COMMAND_OK);
    assert_true(changed.kind == TICKS_SPEED && changed.speed == 2.5);
    assert_non_null(strstr(run_on(&fixture, "ticks at 13:30:05", &host).out, "not now"));
    assert_int_equal(changed.second_of_day, (13 * 60 + 30) * 60 + 5);
    static const char *const wrong[] = {
        "ticks stop",        "ticks pause now",  "ticks speed",
        "ticks speed -1",    "ticks speed fast", "ticks at 24:00:00",
        "ticks at 09:60:00", "ticks at 9:30",    "ticks at 09:30:00:00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(run_on(&fixture, wrong[i], &host).code, COMMAND_USAGE);
    fixture_end(&fixture);
}

static void settle_and_figures_need_a_server_or_do_without(void **state)
{
    struct fixture fixture;
    struct command_host host = {.settle = settle, .figures = put_figures};
    (void)state;
    fixture_begin(&fixture, NULL);
    expect(&fixture, "settle", COMMAND_FAILED, "settlement needs the running server");
    settled = false;
    assert_int_equal(run_on(&fixture, "settle", &host).code, COMMAND_OK);
    assert_true(settled);
    expect(&fixture, "figures", COMMAND_OK, "trading day   20250303");
    assert_non_null(strstr(run_on(&fixture, "figures", &host).out, "connections 3"));
    expect(&fixture, "usr list", COMMAND_USAGE, "unknown command usr;");
    expect(&fixture, "user lst", COMMAND_USAGE, "unknown command user lst;");
    expect(&fixture, "settle now", COMMAND_USAGE, "usage: tts [--db FILE] settle\n");
    expect(&fixture, "", COMMAND_USAGE, "unknown command");
    fixture_end(&fixture);
}

static void the_help_names_every_command(void **state)
{
    (void)state;
    struct buffer out = {.at = NULL};
    command_help(&out);
    buffer_put_char(&out, '\0');
    const char *const names[] = {"user add",   "user list",  "account adjust",  "fee list",
                                 "rights set", "limit list", "explain account", "settle"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(strstr(out.at, names[i]));
    text words[] = {TEXT("limit"), TEXT("set")};
    assert_true(command_exists(words, 2));
    assert_false(command_exists(words, 1));
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_added_with_an_account_and_money),
        cmocka_unit_test(a_user_is_disabled_and_enabled_and_gets_passwords),
        cmocka_unit_test(a_user_may_be_granted_another_account),
        cmocka_unit_test(money_goes_in_and_out_of_an_account),
        cmocka_unit_test(money_is_held_back_pledged_and_reserved),
        cmocka_unit_test(shares_come_to_an_account_without_a_trade),
        cmocka_unit_test(flags_stop_an_accounts_orders),
        cmocka_unit_test(rates_that_are_not_given_stay),
        cmocka_unit_test(a_wrong_rate_changes_nothing),
        cmocka_unit_test(rights_are_by_account_and_product),
        cmocka_unit_test(rights_are_asked_for_each_leg_of_a_combination),
        cmocka_unit_test(rights_of_all_yield_to_the_accounts_own),
        cmocka_unit_test(quotes_are_for_market_makers_where_the_counter_asks_for_it),
        cmocka_unit_test(a_position_limit_counts_lots_held_and_ordered),
        cmocka_unit_test(an_accounts_limit_replaces_that_of_all),
        cmocka_unit_test(a_channel_that_is_down_takes_no_orders),
        cmocka_unit_test(an_account_changes_its_channel_without_live_orders),
        cmocka_unit_test(explain_adds_up_to_available),
        cmocka_unit_test(notices_reach_an_account_or_all),
        cmocka_unit_test(the_replay_is_held_and_sent_on),
        cmocka_unit_test(settle_and_figures_need_a_server_or_do_without),
        cmocka_unit_test(the_help_names_every_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
