/* query_records_test.c: queries of the day's other objects, whose structs the counter keeps: own
 * ones only, by creation, selected by their fields. */
#include "cmocka_all.h"
#include "query_fixture.h"
#include "tts/core/records.h"
#include <string.h>

static void put(struct fixture *fixture, enum record_kind kind, const char *investor,
                const void *body)
{
    struct record head = {
        .account = investor ? core_find_account(fixture->core, text_of(investor)) : NONE,
        .user = NONE,
        .instrument = NONE,
        .order = {NONE, NONE},
    };
    record_put(fixture->core, kind, record_count(fixture->core, kind), &head, body);
}

/* Two quotes of u1 and one of u2. */
static void put_quotes(struct fixture *fixture)
{
    QUERY_BODY(Quote, quote, InstrumentID, "rb2505C3400");
    PUT_TEXT(quote.ExchangeID, TEXT("SHFE"));
    PUT_TEXT(quote.BrokerID, TEXT("old"));
    PUT_TEXT(quote.QuoteSysID, TEXT("           7"));
    PUT_TEXT(quote.InsertTime, TEXT("09:30:00"));
    quote.BidVolume = 1;
    put(fixture, RECORD_quote, "u1", &quote);
    quote.BidVolume = 2;
    put(fixture, RECORD_quote, "u2", &quote);
    quote.BidVolume = 3;
    PUT_TEXT(quote.QuoteSysID, TEXT("           8"));
    PUT_TEXT(quote.InsertTime, TEXT("21:00:00"));
    put(fixture, RECORD_quote, "u1", &quote);
}

static void own_records_come_by_creation(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    put_quotes(&fixture);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryQuote, NULL), 2);
    assert_int_equal(QUERY_ROW(Quote, 0)->BidVolume, 1);
    assert_int_equal(QUERY_ROW(Quote, 1)->BidVolume, 3);
    assert_string_equal(QUERY_ROW(Quote, 0)->BrokerID, "9999");
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, CTP_TraderApi_ReqQryQuote, NULL), 1);
    fixture_end(&fixture);
}

static void their_fields_select(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    put_quotes(&fixture);
    QUERY_BODY(QryQuote, body, QuoteSysID, "8");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryQuote, &body), 1);
    assert_int_equal(QUERY_ROW(Quote, 0)->BidVolume, 3);
    PUT_TEXT(body.InsertTimeStart, TEXT("09:00:00"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryQuote, &body), 0);
    PUT_TEXT(body.QuoteSysID, TEXT(""));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryQuote, &body), 1);
    PUT_TEXT(body.InstrumentID, TEXT("rb2505"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryQuote, &body), 0);
    fixture_end(&fixture);
}

static void each_kind_answers_its_own_query(void **state)
{
    (void)state;
    static const struct {
        enum record_kind kind;
        enum ctp_method method;
    } rows[] = {
        {RECORD_parked_order, CTP_TraderApi_ReqQryParkedOrder},
        {RECORD_parked_action, CTP_TraderApi_ReqQryParkedOrderAction},
        {RECORD_exec_order, CTP_TraderApi_ReqQryExecOrder},
        {RECORD_self_close, CTP_TraderApi_ReqQryOptionSelfClose},
        {RECORD_quote, CTP_TraderApi_ReqQryQuote},
        {RECORD_for_quote, CTP_TraderApi_ReqQryForQuote},
        {RECORD_comb_action, CTP_TraderApi_ReqQryCombAction},
        {RECORD_offset_setting, CTP_TraderApi_ReqQryOffsetSetting},
        {RECORD_transfer, CTP_TraderApi_ReqQryTransferSerial},
        {RECORD_notice, CTP_TraderApi_ReqQryTradingNotice},
    };
    assert_int_equal(sizeof rows / sizeof rows[0], RECORD_KIND_COUNT);
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
    memset(&body, 0, sizeof body);
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++)
        for (int i = 0; i <= kind; i++)
            put(&fixture, (enum record_kind)kind, "u1", body.bytes);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(query_ask(&fixture, CONNECTION_ONE, rows[i].method, NULL),
                         (int)rows[i].kind + 1);
        assert_int_equal(query_ask(&fixture, CONNECTION_TWO, rows[i].method, NULL), 0);
    }
    fixture_end(&fixture);
}

static void a_notice_to_all_is_everybodys(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcTradingNoticeField notice = {.FieldContent = "margin call"};
    put(&fixture, RECORD_notice, "u1", &notice);
    put(&fixture, RECORD_notice, NULL, &notice);
    enum ctp_method method = CTP_TraderApi_ReqQryTradingNotice;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, NULL), 2);
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, method, NULL), 1);
    assert_string_equal(QUERY_ROW(TradingNotice, 0)->FieldContent, "margin call");
    fixture_end(&fixture);
}

static void transfers_are_selected_by_bank_and_currency(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcTransferSerialField transfer = {.BankID = "1", .CurrencyID = "CNY"};
    put(&fixture, RECORD_transfer, "u1", &transfer);
    enum ctp_method method = CTP_TraderApi_ReqQryTransferSerial;
    QUERY_BODY(QryTransferSerial, body, BankID, "1");
    PUT_TEXT(body.CurrencyID, TEXT("CNY"));
    PUT_TEXT(body.AccountID, TEXT("u1"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, &body), 1);
    PUT_TEXT(body.CurrencyID, TEXT("USD"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, &body), 0);
    PUT_TEXT(body.CurrencyID, TEXT(""));
    PUT_TEXT(body.BankID, TEXT("2"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, &body), 0);
    PUT_TEXT(body.AccountID, TEXT("u2"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, &body), 0);
    assert_int_equal(query_error(), 9);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_records_come_by_creation),
        cmocka_unit_test(their_fields_select),
        cmocka_unit_test(each_kind_answers_its_own_query),
        cmocka_unit_test(a_notice_to_all_is_everybodys),
        cmocka_unit_test(transfers_are_selected_by_bank_and_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
