/* json_write_test.c: structs, texts and numbers as JSON. */
#include "base/hash.h"
#include "cmocka_all.h"
#include "codec/json_write.h"
#include "ctp/canonical.h"
#include "random_struct.h"
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>

static struct buffer out;

static int clear(void **state)
{
    (void)state;
    buffer_clear(&out);
    return 0;
}

static const struct json_plan *plan_of(enum ctp_version version, enum ctp_struct of, unsigned flags)
{
    return json_plan_find(ctp_layout_find(version, of), flags);
}

#define ASSERT_OUT(expected)                   \
    do {                                       \
        buffer_put_char(&out, '\0');           \
        assert_string_equal(out.at, expected); \
        buffer_clear(&out);                    \
    } while (0)

/* Drawn contents of every struct of one version: whoever changes this number changes what clients
 * see. */
static void the_json_of_every_struct_is_what_it_was(void **state)
{
    (void)state;
    struct random_source source = {.state = 9};
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(CTP_6_7_2, (enum ctp_struct)of);
        struct random_body body;
        if (!layout)
            continue;
        random_struct_fill(&source, layout, &body);
        json_write_struct(&out, json_plan_find(layout, JSON_ABSENT_PRICE_ZERO), &body);
    }
    assert_true(hash_text(buffer_text(&out)) == UINT64_C(0xb6c66a06107b13cd));
}

static void a_struct_is_its_fields_in_order(void **state)
{
    (void)state;
    struct CThostFtdcRspInfoField info = {.ErrorID = -3, .ErrorMsg = "a \"b\" \\ c"};
    json_write_struct(&out, plan_of(CTP_NEWEST, CTP_STRUCT_RspInfo, 0), &info);
    ASSERT_OUT("{\"ErrorID\":-3,\"ErrorMsg\":\"a \\\"b\\\" \\\\ c\"}");
}

static void every_kind_of_field_is_written(void **state)
{
    (void)state;
    struct CThostFtdcTradeField trade = {
        .BrokerID = "9999",
        .InvestorID = "1001",
        .InstrumentID = "rb2501",
        .Direction = THOST_FTDC_D_Buy,
        .Price = 3456.7,
        .Volume = 12,
        .TradeSource = '\0',
        .SequenceNo = -1,
    };
    json_write_struct(&out, plan_of(CTP_NEWEST, CTP_STRUCT_Trade, 0), &trade);
    ASSERT_OUT(
        "{\"BrokerID\":\"9999\",\"InvestorID\":\"1001\",\"OrderRef\":\"\",\"UserID\":\"\","
        "\"ExchangeID\":\"\",\"TradeID\":\"\",\"Direction\":\"0\",\"OrderSysID\":\"\","
        "\"ParticipantID\":\"\",\"ClientID\":\"\",\"TradingRole\":\"\",\"OffsetFlag\":\"\","
        "\"HedgeFlag\":\"\",\"Price\":3456.7,\"Volume\":12,\"TradeDate\":\"\",\"TradeTime\":\"\","
        "\"TradeType\":\"\",\"PriceSource\":\"\",\"TraderID\":\"\",\"OrderLocalID\":\"\","
        "\"ClearingPartID\":\"\",\"BusinessUnit\":\"\",\"SequenceNo\":-1,\"TradingDay\":\"\","
        "\"SettlementID\":0,\"BrokerOrderSeq\":0,\"TradeSource\":\"\",\"InvestUnitID\":\"\","
        "\"InstrumentID\":\"rb2501\",\"ExchangeInstID\":\"\"}");
}

static void reserved_fields_appear_only_when_asked_for(void **state)
{
    (void)state;
    struct CThostFtdcSpecificInstrumentField body = {.reserve1 = "old", .InstrumentID = "new"};
    json_write_struct(&out, plan_of(CTP_NEWEST, CTP_STRUCT_SpecificInstrument, 0), &body);
    ASSERT_OUT("{\"InstrumentID\":\"new\"}");
    json_write_struct(&out, plan_of(CTP_NEWEST, CTP_STRUCT_SpecificInstrument, JSON_WITH_RESERVED),
                      &body);
    ASSERT_OUT("{\"reserve1\":\"old\",\"InstrumentID\":\"new\"}");
}

/* The value of a key of the JSON object that stands in `out`. */
static double number_at(const char *key)
{
    json_error_t error;
    json_t *object = json_loadb(out.at, out.length, 0, &error);
    assert_non_null(object);
    json_t *value = json_object_get(object, key);
    assert_non_null(value);
    double number = json_is_null(value) ? NAN : json_number_value(value);
    json_decref(object);
    return number;
}

/* Every double of a tick is the largest double; which of them become 0 is the protocol's list. */
static void absent_prices_of_market_data_are_zero_and_nothing_else_is(void **state)
{
    (void)state;
    const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, CTP_STRUCT_DepthMarketData);
    struct CThostFtdcDepthMarketDataField tick = {.Volume = 1};
    double absent = DBL_MAX;
    for (int i = 0; i < layout->field_count; i++)
        if (layout->fields[i].base == CTP_DOUBLE)
            memcpy((char *)&tick + layout->fields[i].offset, &absent, sizeof absent);
    static const char *const untouched[] = {"PreDelta", "CurrDelta", "OpenInterest",
                                            "PreOpenInterest", "Turnover"};
    json_write_struct(&out, json_plan_find(layout, JSON_ABSENT_PRICE_ZERO), &tick);
    int zeros = 0;
    for (int i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        bool kept = false;
        if (field->base != CTP_DOUBLE)
            continue;
        for (size_t j = 0; j < sizeof untouched / sizeof untouched[0]; j++)
            kept |= text_equal(text_of(untouched[j]), text_of(field->name));
        assert_true(number_at(field->name) == (kept ? DBL_MAX : 0.0));
        zeros += !kept;
    }
    assert_int_equal(zeros, 23);
    buffer_clear(&out);
    json_write_struct(&out, json_plan_find(layout, 0), &tick);
    assert_true(number_at("LastPrice") == DBL_MAX);
    buffer_clear(&out);
}

static void doubles_that_are_no_numbers_are_null(void **state)
{
    (void)state;
    json_write_double(&out, NAN);
    json_write_double(&out, INFINITY);
    json_write_double(&out, -INFINITY);
    ASSERT_OUT("nullnullnull");
    struct CThostFtdcTradeField trade = {.Price = NAN};
    json_write_struct(&out, plan_of(CTP_NEWEST, CTP_STRUCT_Trade, 0), &trade);
    assert_true(isnan(number_at("Price")));
    buffer_clear(&out);
}

static void numbers_are_short(void **state)
{
    (void)state;
    json_write_int(&out, INT64_MIN);
    ASSERT_OUT("-9223372036854775808");
    json_write_int(&out, 0);
    ASSERT_OUT("0");
    json_write_double(&out, 567.0);
    ASSERT_OUT("567");
    json_write_double(&out, 0.1);
    ASSERT_OUT("0.1");
    json_write_double(&out, DBL_MAX);
    ASSERT_OUT("1.7976931348623157e+308");
}

static void texts_are_escaped(void **state)
{
    (void)state;
    json_write_text(&out, TEXT(""));
    ASSERT_OUT("\"\"");
    json_write_text(&out, TEXT("\"\\\n\r\t\b\f/\x01\x1f\x7f"));
    ASSERT_OUT("\"\\\"\\\\\\n\\r\\t\\b\\f/\\u0001\\u001f\x7f\"");
    json_write_text(&out, TEXT("a\0b"));
    ASSERT_OUT("\"a\\u0000b\"");
    json_write_text(&out, TEXT("sixteen bytes ok and a tail \"x"));
    ASSERT_OUT("\"sixteen bytes ok and a tail \\\"x\"");
    json_write_text(&out, TEXT("报单 é 😀"));
    ASSERT_OUT("\"报单 é 😀\"");
}

static void bytes_that_are_no_utf8_become_the_replacement_character(void **state)
{
    (void)state;
    static const text bad[] = {
        {"\x80", 1},             /* a continuation without a start */
        {"\xc0\xaf", 2},         /* overlong */
        {"\xe0\x80\xaf", 3},     /* overlong */
        {"\xed\xa0\x80", 3},     /* a surrogate */
        {"\xf0\x80\x80\xaf", 4}, /* overlong */
        {"\xf4\x90\x80\x80", 4}, /* beyond U+10FFFF */
        {"\xe6\x8a", 2},         /* cut */
        {"\xff", 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char expected[64] = "\"a";
        for (size_t j = 0; j < bad[i].length; j++)
            memcpy(expected + strlen(expected), "\xef\xbf\xbd", 4);
        memcpy(expected + strlen(expected), "b\"", 3);
        char with_ends[8] = "a";
        memcpy(with_ends + 1, bad[i].at, bad[i].length);
        with_ends[bad[i].length + 1] = 'b';
        json_write_text(&out, (text){with_ends, bad[i].length + 2});
        ASSERT_OUT(expected);
    }
}

static void gb18030_becomes_utf8(void **state)
{
    (void)state;
    json_write_gb18030(&out, TEXT("CTP:\xb2\xbb\xba\xcf\xb7\xa8\xb5\xc4\xb5\xc7\xc2\xbc"));
    ASSERT_OUT("\"CTP:不合法的登录\"");
    json_write_gb18030(&out, TEXT("\x82\x5c\x82\x7c")); /* second bytes that look like \ and | */
    ASSERT_OUT("\"俓倈\"");
    json_write_gb18030(&out, TEXT("x\xff\"\xb2"));
    ASSERT_OUT("\"x\xef\xbf\xbd\\\"\xef\xbf\xbd\"");
    json_write_gb18030(&out, TEXT("\x81\x01\x81\"\n"));
    ASSERT_OUT("\"\xef\xbf\xbd\\u0001\xef\xbf\xbd\\\"\\n\"");
}

static void a_long_chinese_text_is_not_cut(void **state)
{
    (void)state;
    char gb[2001], expected[3100] = "\"x";
    gb[0] = 'x';
    for (int i = 0; i < 1000; i++) {
        memcpy(gb + 1 + i * 2, "\xb2\xbb", 2);
        memcpy(expected + 2 + i * 3, "不", 4);
    }
    memcpy(expected + 3002, "\"", 2);
    json_write_gb18030(&out, (text){gb, sizeof gb});
    ASSERT_OUT(expected);
}

static void a_text_field_without_nul_ends_with_the_field(void **state)
{
    (void)state;
    struct CThostFtdcRspInfoField info = {.ErrorID = 0};
    memset(info.ErrorMsg, 'm', sizeof info.ErrorMsg);
    char expected[160] = "{\"ErrorID\":0,\"ErrorMsg\":\"";
    size_t at = strlen(expected);
    memset(expected + at, 'm', sizeof info.ErrorMsg);
    memcpy(expected + at + sizeof info.ErrorMsg, "\"}", 3);
    json_write_struct(&out, plan_of(CTP_NEWEST, CTP_STRUCT_RspInfo, 0), &info);
    ASSERT_OUT(expected);
}

static void a_char_that_is_no_ascii_is_valid_json(void **state)
{
    (void)state;
    struct CThostFtdcQryExchangeField body = {.ExchangeID = "\xb2"};
    struct CThostFtdcCombActionField action = {.Direction = '\xb2', .CombDirection = '"'};
    json_write_struct(&out, plan_of(CTP_NEWEST, CTP_STRUCT_QryExchange, 0), &body);
    ASSERT_OUT("{\"ExchangeID\":\"\xef\xbf\xbd\"}");
    json_write_struct(&out, plan_of(CTP_NEWEST, CTP_STRUCT_CombAction, 0), &action);
    buffer_put_char(&out, '\0');
    assert_non_null(strstr(out.at, "\"Direction\":\"\xef\xbf\xbd\""));
    assert_non_null(strstr(out.at, "\"CombDirection\":\"\\\"\""));
    buffer_clear(&out);
}

static void a_plan_is_made_once(void **state)
{
    (void)state;
    const struct ctp_layout *layout = ctp_layout_find(CTP_6_3_15, CTP_STRUCT_Order);
    assert_ptr_equal(json_plan_find(layout, 0), json_plan_find(layout, 0));
    assert_ptr_not_equal(json_plan_find(layout, 0), json_plan_find(layout, JSON_WITH_RESERVED));
}

static void *find_plans(void *plans)
{
    const struct json_plan **found = plans;
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(CTP_6_6_9, (enum ctp_struct)of);
        found[of] = layout ? json_plan_find(layout, 0) : NULL;
    }
    return NULL;
}

static void threads_share_their_plans(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    static const struct json_plan *plans[THREADS][CTP_STRUCT_COUNT];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_plans, plans[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 1; i < THREADS; i++)
        assert_memory_equal(plans[i], plans[0], sizeof plans[0]);
}

/* Arbitrary bytes in every field of every struct: always one JSON object that a strict parser
 * takes. */
static void any_bytes_give_valid_json(void **state)
{
    (void)state;
    struct random_source source = {.state = 5};
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, (enum ctp_struct)of);
        struct random_body body;
        if (!layout)
            continue;
        for (size_t i = 0; i < layout->size; i++)
            body.bytes[i] = (char)random_next(&source);
        json_write_struct(&out, json_plan_find(layout, JSON_WITH_RESERVED), &body);
        json_error_t error;
        json_t *object =
            json_loadb(out.at, out.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
        assert_non_null(object);
        assert_int_equal(json_object_size(object), layout->field_count);
        json_decref(object);
        buffer_clear(&out);
    }
}

static int finish(void **state)
{
    (void)state;
    buffer_finish(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_json_of_every_struct_is_what_it_was, clear),
        cmocka_unit_test_setup(a_struct_is_its_fields_in_order, clear),
        cmocka_unit_test_setup(every_kind_of_field_is_written, clear),
        cmocka_unit_test_setup(reserved_fields_appear_only_when_asked_for, clear),
        cmocka_unit_test_setup(absent_prices_of_market_data_are_zero_and_nothing_else_is, clear),
        cmocka_unit_test_setup(doubles_that_are_no_numbers_are_null, clear),
        cmocka_unit_test_setup(numbers_are_short, clear),
        cmocka_unit_test_setup(texts_are_escaped, clear),
        cmocka_unit_test_setup(bytes_that_are_no_utf8_become_the_replacement_character, clear),
        cmocka_unit_test_setup(gb18030_becomes_utf8, clear),
        cmocka_unit_test_setup(a_long_chinese_text_is_not_cut, clear),
        cmocka_unit_test_setup(a_text_field_without_nul_ends_with_the_field, clear),
        cmocka_unit_test_setup(a_char_that_is_no_ascii_is_valid_json, clear),
        cmocka_unit_test_setup(a_plan_is_made_once, clear),
        cmocka_unit_test_setup(threads_share_their_plans, clear),
        cmocka_unit_test_setup(any_bytes_give_valid_json, clear),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}
