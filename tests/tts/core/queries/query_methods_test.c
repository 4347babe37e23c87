/* query_methods_test.c: all queries of all versions as one table: each is answered once whatever
 * its body, and the refusals that all of them share. */
#include "cmocka_all.h"
#include "query_fixture.h"
#include "tts/core/handlers.h"
#include <string.h>

static bool is_request(enum ctp_method method)
{
    return ctp_method_info(method)->shape == CTP_SHAPE_REQUEST;
}

/* ReqQry... and ReqQuery... of the trading side that are answered with rows. */
static bool is_query(enum ctp_method method)
{
    text name = text_of(ctp_method_info(method)->name);
    return is_request(method) && ctp_method_info(method)->class == CTP_TraderApi &&
           (text_starts_with(name, TEXT("ReqQry")) ||
            method == CTP_TraderApi_ReqQueryMaxOrderVolume);
}

static bool has_field(enum ctp_method method, const char *name)
{
    return ctp_field_find(core_layout(ctp_method_info(method)->of), text_of(name)) != NULL;
}

static void put_field(enum ctp_method method, void *body, const char *name, text value)
{
    const struct ctp_field *field =
        ctp_field_find(core_layout(ctp_method_info(method)->of), text_of(name));
    text_copy((char *)body + field->offset, field->size, value);
}

static void no_query_answers_without_a_login(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    core_connection(fixture.core, CONNECTION_TWO)->logged_in = false;
    for (int method = 0; method < CTP_METHOD_COUNT; method++) {
        if (!is_query((enum ctp_method)method))
            continue;
        assert_int_equal(query_ask(&fixture, CONNECTION_TWO, (enum ctp_method)method, NULL), 0);
        assert_int_equal(query_error(), 6);
        assert_true(query_was_front_error());
    }
    fixture_end(&fixture);
}

static void a_stranger_is_refused_by_every_query_that_names_one(void **state)
{
    (void)state;
    static const char *const names[] = {"InvestorID", "AccountID", "UserID"};
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    int refused = 0;
    for (int i = 0; i < CTP_METHOD_COUNT; i++) {
        enum ctp_method method = (enum ctp_method)i;
        for (size_t k = 0; is_query(method) && k < sizeof names / sizeof names[0]; k++) {
            union {
                char bytes[CTP_STRUCT_SIZE_MAX];
                double aligned;
            } body;
            memset(&body, 0, sizeof body);
            if (!has_field(method, names[k]))
                continue;
            put_field(method, body.bytes, names[k], TEXT("u2"));
            assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, body.bytes), 0);
            assert_int_equal(query_error(), 9);
            assert_false(query_was_front_error());
            refused++;
        }
    }
    assert_true(refused > 40);
    fixture_end(&fixture);
}

static void another_broker_is_refused_where_brokers_are_checked(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.broker_check = true;
    PUT_TEXT(options.broker_id, TEXT("9999"));
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    for (int i = 0; i < CTP_METHOD_COUNT; i++) {
        enum ctp_method method = (enum ctp_method)i;
        union {
            char bytes[CTP_STRUCT_SIZE_MAX];
            double aligned;
        } body;
        memset(&body, 0, sizeof body);
        if (!is_query(method) || !has_field(method, "BrokerID"))
            continue;
        put_field(method, body.bytes, "BrokerID", TEXT("1000"));
        query_ask(&fixture, CONNECTION_ONE, method, body.bytes);
        assert_int_equal(query_error(), 2);
        put_field(method, body.bytes, "BrokerID", TEXT("9999"));
        query_ask(&fixture, CONNECTION_ONE, method, body.bytes);
        assert_int_not_equal(query_error(), 2);
    }
    fixture_end(&fixture);
}

/* query_ask checks that there is one last answer and that nothing changed. */
static void any_bytes_get_one_answer(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400, 1);
    uint64_t random = 42;
    for (int round = 0; round < 50; round++)
        for (int i = 0; i < CTP_METHOD_COUNT; i++) {
            union {
                unsigned char bytes[CTP_STRUCT_SIZE_MAX];
                uint64_t words[CTP_STRUCT_SIZE_MAX / 8];
            } body;
            if (!is_query((enum ctp_method)i))
                continue;
            for (size_t k = 0; k < sizeof body.words / sizeof body.words[0]; k++)
                body.words[k] = round == 0 ? UINT64_MAX : (random = hash_number(random + k));
            query_ask(&fixture, CONNECTION_ONE, (enum ctp_method)i, body.bytes);
        }
    fixture_end(&fixture);
}

static void what_this_counter_has_none_of_is_empty(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400, 1);
    int count = 0;
    for (int i = 0; i < CTP_METHOD_COUNT; i++)
        if (is_query((enum ctp_method)i) &&
            method_treatment_of((enum ctp_method)i)->handler == query_nothing) {
            assert_int_equal(query_ask(&fixture, CONNECTION_ONE, (enum ctp_method)i, NULL), 0);
            assert_int_equal(query_error(), 0);
            count++;
        }
    assert_true(count > 30);
    fixture_end(&fixture);
}

static void refusals_have_their_own_numbers(void **state)
{
    (void)state;
    static const struct {
        enum ctp_method method;
        int error_id;
    } rows[] = {
        {CTP_TraderApi_ReqGenUserCaptcha, 27},
        {CTP_TraderApi_ReqGenUserText, 27},
        {CTP_TraderApi_ReqUserLoginWithCaptcha, 27},
        {CTP_TraderApi_ReqUserLoginWithText, 27},
        {CTP_TraderApi_ReqUserLoginWithOTP, 59},
        {CTP_TraderApi_ReqGenSMSCode, 6015},
        {CTP_TraderApi_ReqSpdApply, 27},
        {CTP_TraderApi_ReqSpdApplyAction, 27},
        {CTP_TraderApi_ReqHedgeCfm, 27},
        {CTP_TraderApi_ReqHedgeCfmAction, 27},
        {CTP_TraderApi_ReqQueryCFMMCTradingAccountToken, 155},
    };
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        query_ask(&fixture, CONNECTION_ONE, rows[i].method, NULL);
        assert_int_equal(query_error(), rows[i].error_id);
        assert_false(query_was_front_error());
    }
    /* a refused login has a body, which clients look into */
    struct CThostFtdcReqUserLoginWithOTPField login = {.BrokerID = "9999", .UserID = "u1"};
    enum ctp_method method = CTP_TraderApi_ReqUserLoginWithOTP;
    assert_int_equal(fixture_send(&fixture, CONNECTION_ONE, method, &login), 1);
    struct CThostFtdcRspUserLoginField told;
    memcpy(&told, fixture.answer.any, sizeof told);
    assert_string_equal(told.BrokerID, "9999");
    assert_string_equal(told.UserID, "u1");
    assert_string_equal(told.TradingDay, "");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqUserAuthMethod, NULL), 1);
    assert_int_equal(QUERY_ROW(RspUserAuthMethod, 0)->UsableAuthMethod, 0);
    assert_int_equal(query_error(), 0);
    fixture_end(&fixture);
}

static void more_queries_than_the_rate_are_to_be_tried_again(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.query_rate = 2;
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    enum ctp_method method = CTP_TraderApi_ReqQryExchange;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, NULL), 8);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, NULL), 8);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, NULL), 0);
    assert_int_equal(query_error(), 90);
    assert_true(query_was_front_error());
    fixture_set_clock(&fixture, FIXTURE_DAY, 10 * 3600 + 1, 0);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, method, NULL), 8);
    fixture_end(&fixture);
}

static void the_market_data_side_has_an_empty_list_of_multicasts(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct connection *connection = core_connection(fixture.core, CONNECTION_TWO);
    struct connection before = *connection;
    connection->md = true;
    connection->user = connection->session = NONE; /* anybody may look */
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, CTP_MdApi_ReqQryMulticastInstrument, NULL),
                     0);
    assert_int_equal(query_error(), 0);
    *connection = before;
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_query_answers_without_a_login),
        cmocka_unit_test(a_stranger_is_refused_by_every_query_that_names_one),
        cmocka_unit_test(another_broker_is_refused_where_brokers_are_checked),
        cmocka_unit_test(any_bytes_get_one_answer),
        cmocka_unit_test(what_this_counter_has_none_of_is_empty),
        cmocka_unit_test(refusals_have_their_own_numbers),
        cmocka_unit_test(more_queries_than_the_rate_are_to_be_tried_again),
        cmocka_unit_test(the_market_data_side_has_an_empty_list_of_multicasts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
