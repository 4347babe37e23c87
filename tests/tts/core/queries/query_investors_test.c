/* query_investors_test.c: investors, codes, sessions, the broker's rules, statements, the bank. */
#include "cmocka_all.h"
#include "ctp/gb18030.h"
#include "query_fixture.h"
#include "tts/core/day/statement.h"
#include <string.h>

#define CODE CTP_TraderApi_ReqQryTradingCode
#define STATEMENT CTP_TraderApi_ReqQrySettlementInfo
#define CONFIRMED CTP_TraderApi_ReqQrySettlementInfoConfirm

static int ask(struct fixture *fixture, enum ctp_method method)
{
    return query_ask(fixture, CONNECTION_ONE, method, NULL);
}

static void an_investor_is_told_with_name_and_activity(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(core_add_user(fixture.core, TEXT("u3"), "hash", TEXT("张三"), 0), ADMIN_OK);
    assert_int_equal(core_grant(fixture.core, TEXT("u1"), TEXT("u3"), true), ADMIN_OK);
    assert_int_equal(core_set_investor_flags(fixture.core, TEXT("u3"), false, false), ADMIN_OK);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryInvestor), 2);
    assert_string_equal(QUERY_ROW(Investor, 0)->InvestorID, "u1");
    assert_int_equal(QUERY_ROW(Investor, 0)->IsActive, 1);
    assert_string_equal(QUERY_ROW(Investor, 1)->InvestorID, "u3");
    assert_int_equal(QUERY_ROW(Investor, 1)->IsActive, 0);
    assert_string_equal(QUERY_ROW(Investor, 1)->InvestorName, "\xd5\xc5\xc8\xfd");
    QUERY_BODY(QryInvestor, body, InvestorID, "u3");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryInvestor, &body), 1);
    fixture_end(&fixture);
}

static void a_trading_code_for_each_exchange_and_three_at_cffex(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(ask(&fixture, CODE), 8 + 2);
    assert_string_equal(QUERY_ROW(TradingCode, 0)->ExchangeID, "CFFEX");
    assert_int_equal(QUERY_ROW(TradingCode, 0)->ClientIDType, THOST_FTDC_CIDT_Speculation);
    assert_int_equal(QUERY_ROW(TradingCode, 0)->BizType, THOST_FTDC_BZTP_Future);
    assert_int_equal(QUERY_ROW(TradingCode, 0)->IsActive, 1);
    char code[11];
    QUERY_BODY(QryTradingCode, body, ExchangeID, "SHFE");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CODE, &body), 1);
    PUT_TEXT(code, FIELD_TEXT(QUERY_ROW(TradingCode, 0)->ClientID));
    PUT_TEXT(body.ExchangeID, TEXT(""));
    PUT_TEXT(body.ClientID, FIELD_TEXT(code));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CODE, &body), 1);
    PUT_TEXT(body.ClientID, TEXT(""));
    body.ClientIDType = THOST_FTDC_CIDT_Hedge;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CODE, &body), 1);
    assert_string_equal(QUERY_ROW(TradingCode, 0)->ExchangeID, "CFFEX");
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400, 1);
    ask(&fixture, CTP_TraderApi_ReqQryOrder); /* orders carry the same code */
    assert_string_equal(QUERY_ROW(Order, 0)->ClientID, code);
    fixture_end(&fixture);
}

static void a_user_sees_the_own_sessions(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryUserSession), 2);
    assert_int_equal(QUERY_ROW(UserSession, 0)->SessionID, 1);
    assert_string_equal(QUERY_ROW(UserSession, 0)->LoginDate, "20250303");
    assert_string_equal(QUERY_ROW(UserSession, 0)->LoginTime, "10:00:00");
    assert_int_equal(QUERY_ROW(UserSession, 1)->SessionID, 3);
    assert_string_equal(QUERY_ROW(UserSession, 1)->UserID, "u1");
    assert_string_equal(QUERY_ROW(UserSession, 1)->IPAddress, "127.0.0.1");
    assert_string_equal(QUERY_ROW(UserSession, 1)->LoginDate, "20250303");
    assert_string_equal(QUERY_ROW(UserSession, 1)->LoginTime, "10:00:00");
    struct CThostFtdcQryUserSessionField body;
    memset(&body, 0, sizeof body);
    body.SessionID = 3;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryUserSession, &body),
                     1);
    PUT_TEXT(body.UserID, TEXT("u2"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryUserSession, &body),
                     0);
    assert_int_equal(query_error(), 9);
    fixture_end(&fixture);
}

static void the_brokers_rules_are_told(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    PUT_TEXT(options.notice, TEXT("今晚没有夜盘"));
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryBrokerTradingParams), 1);
    const struct CThostFtdcBrokerTradingParamsField *params = QUERY_ROW(BrokerTradingParams, 0);
    assert_int_equal(params->MarginPriceType, THOST_FTDC_MPT_OpenPrice);
    assert_int_equal(params->Algorithm, THOST_FTDC_AG_All);
    assert_int_equal(params->AvailIncludeCloseProfit, THOST_FTDC_ICP_Include);
    assert_int_equal(params->OptionRoyaltyPriceType, THOST_FTDC_ORPT_MaxPreSettlementPrice);
    assert_string_equal(params->AccountID, "u1");
    assert_string_equal(params->CurrencyID, "CNY");
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryBrokerTradingAlgos), 8);
    QUERY_BODY(QryBrokerTradingAlgos, body, InstrumentID, "SR505");
    assert_int_equal(
        query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryBrokerTradingAlgos, &body), 1);
    assert_int_equal(QUERY_ROW(BrokerTradingAlgos, 0)->HandlePositionAlgoID, THOST_FTDC_HPA_CZCE);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryNotice), 1);
    assert_memory_equal(QUERY_ROW(Notice, 0)->Content, "\xbd\xf1\xcd\xed", 4);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryTraderOffer), 8);
    assert_string_equal(QUERY_ROW(TraderOffer, 0)->TraderID, "9999tts");
    assert_int_equal(QUERY_ROW(TraderOffer, 0)->TraderConnectStatus, THOST_FTDC_TCS_Connected);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryInvestorPortfSetting), 8);
    assert_int_equal(QUERY_ROW(InvestorPortfSetting, 0)->UsePortf, 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryCFMMCTradingAccountKey), 1);
    assert_string_equal(QUERY_ROW(CFMMCTradingAccountKey, 0)->CurrentKey, "");
    fixture_end(&fixture);

    fixture_begin(&fixture, NULL);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryNotice), 0);
    fixture_end(&fixture);
}

static void messages_are_counted_by_instrument(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct commission_rate rate = {
        .order_by_trade = 1, .order_by_volume = 0.01, .action_by_trade = 1};
    assert_int_equal(core_set_rate(fixture.core, TEXT("u1"), TEXT("rb"), NULL, &rate), ADMIN_OK);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryInvestorInfoCommRec), 0);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, THOST_FTDC_OF_Open, 3300,
                  2);
    fixture_cancel_newest(&fixture, CONNECTION_ONE);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, THOST_FTDC_OF_Open, 3300,
                  1);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryInvestorInfoCommRec), 1);
    const struct CThostFtdcInvestorInfoCommRecField *row = QUERY_ROW(InvestorInfoCommRec, 0);
    assert_string_equal(row->InstrumentID, "rb2505");
    assert_int_equal(row->OrderCount, 2);
    assert_int_equal(row->OrderActionCount, 1);
    double fee = row->InfoComm;
    ASSERT_NUMBER(fee, 1.02 + 1 + 1.01);
    ask(&fixture, CTP_TraderApi_ReqQryTradingAccount); /* they are in the account's commission */
    ASSERT_NUMBER(QUERY_ROW(TradingAccount, 0)->Commission, fee);
    fixture_end(&fixture);
}

/* ---- statements ---- */

/* Settles a day whose statement holds Chinese words on every line. */
static void begin_settled(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    for (int i = 0; i < 12; i++)
        fixture_open(fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400 + i, 1);
    core_settle(fixture->core, 20250304, NULL);
    fixture_set_clock(fixture, 20250304, 10 * 3600, 0);
    struct CThostFtdcReqUserLoginField login = {.UserID = "u1", .BrokerID = "9999"};
    fixture_send(fixture, CONNECTION_ONE, CTP_TraderApi_ReqUserLogin, &login);
}

static void joined_pieces_are_the_statement(void **state)
{
    (void)state;
    struct fixture fixture;
    begin_settled(&fixture);
    int pieces = ask(&fixture, STATEMENT);
    assert_true(pieces > 2);
    struct statement_name name;
    struct buffer joined = {.at = NULL}, kept = {.at = NULL};
    for (int i = 0; i < pieces; i++) {
        const struct CThostFtdcSettlementInfoField *row = QUERY_ROW(SettlementInfo, i);
        text piece = FIELD_TEXT(row->Content);
        assert_int_equal(row->SequenceNo, i + 1);
        assert_int_equal(row->SettlementID, 1);
        assert_string_equal(row->TradingDay, "20250303");
        assert_string_equal(row->AccountID, "u1");
        assert_true(piece.length <= 500);
        assert_int_equal(gb18030_cut(piece, piece.length), piece.length); /* no half character */
        buffer_put(&joined, piece.at, piece.length);
    }
    assert_true(statement_find(fixture.core, core_find_account(fixture.core, TEXT("u1")), 20250303,
                               &kept, &name));
    assert_int_equal(joined.length, kept.length);
    assert_memory_equal(joined.at, kept.at, kept.length);
    buffer_finish(&joined);
    buffer_finish(&kept);
    core_destroy(fixture.core); /* the fixture's proofs are for its first day */
    buffer_finish(&fixture.effects);
}

static void a_day_without_statement_is_empty(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(ask(&fixture, STATEMENT), 0);
    assert_int_equal(query_error(), 0);
    fixture_end(&fixture);
    begin_settled(&fixture);
    QUERY_BODY(QrySettlementInfo, body, TradingDay, "20250303");
    int pieces = query_ask(&fixture, CONNECTION_ONE, STATEMENT, &body);
    assert_true(pieces > 2);
    PUT_TEXT(body.TradingDay, TEXT("202503"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, STATEMENT, &body), pieces);
    assert_string_equal(QUERY_ROW(SettlementInfo, 0)->TradingDay, "202503");
    static const char *const none[] = {"20250304", "202504", "soon", "-1"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        PUT_TEXT(body.TradingDay, text_of(none[i]));
        assert_int_equal(query_ask(&fixture, CONNECTION_ONE, STATEMENT, &body), 0);
    }
    core_destroy(fixture.core);
    buffer_finish(&fixture.effects);
}

static void a_confirmation_is_told_on_its_day(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(ask(&fixture, CONFIRMED), 0);
    fixture_send(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqSettlementInfoConfirm, NULL);
    QUERY_BODY(QrySettlementInfoConfirm, body, CurrencyID, "CNY");
    PUT_TEXT(body.AccountID, TEXT("u1"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CONFIRMED, &body), 1);
    assert_string_equal(QUERY_ROW(SettlementInfoConfirm, 0)->ConfirmDate, "20250303");
    assert_string_equal(QUERY_ROW(SettlementInfoConfirm, 0)->ConfirmTime, "10:00:00");
    assert_string_equal(QUERY_ROW(SettlementInfoConfirm, 0)->AccountID, "");
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, CONFIRMED, NULL), 0);
    fixture_end(&fixture);
}

static void the_bank_is_there_or_off(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryTransferBank), 1);
    assert_string_equal(QUERY_ROW(TransferBank, 0)->BankID, "1");
    assert_int_equal(QUERY_ROW(TransferBank, 0)->IsActive, 1);
    QUERY_BODY(QryTransferBank, body, BankID, "2");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryTransferBank, &body),
                     0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryContractBank), 1);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryAccountregister), 1);
    assert_string_equal(QUERY_ROW(Accountregister, 0)->AccountID, "u1");
    assert_int_equal(QUERY_ROW(Accountregister, 0)->OpenOrDestroy, THOST_FTDC_OOD_Open);
    fixture_end(&fixture);

    struct core_options options = core_options_of(PROFILE_TTS);
    options.bank = false;
    fixture_begin(&fixture, &options);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryTransferBank), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryContractBank), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQryAccountregister), 0);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_investor_is_told_with_name_and_activity),
        cmocka_unit_test(a_trading_code_for_each_exchange_and_three_at_cffex),
        cmocka_unit_test(a_user_sees_the_own_sessions),
        cmocka_unit_test(the_brokers_rules_are_told),
        cmocka_unit_test(messages_are_counted_by_instrument),
        cmocka_unit_test(joined_pieces_are_the_statement),
        cmocka_unit_test(a_day_without_statement_is_empty),
        cmocka_unit_test(a_confirmation_is_told_on_its_day),
        cmocka_unit_test(the_bank_is_there_or_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
