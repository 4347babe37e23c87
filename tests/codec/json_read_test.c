/* json_read_test.c: requests in JSON, right ones and every way of being wrong. */
#include "cmocka_all.h"
#include "codec/json_read.h"
#include "codec/json_write.h"
#include "ctp/canonical.h"
#include "ctp/gb18030.h"
#include "random_struct.h"

static struct json_read_result result;
static struct random_body body;

static bool read_as(const char *json, enum ctp_struct of, bool strict)
{
    char detail[320] = "";
    json_t *value = json_read_text(text_of(json), detail, sizeof detail);
    if (!value)
        fail_msg("%s: %s", json, detail);
    bool fine = json_read_struct(value, ctp_layout_find(CTP_NEWEST, of), &body, strict, &result);
    json_decref(value);
    return fine;
}

static void assert_refused(const char *json, const char *detail)
{
    assert_false(read_as(json, CTP_STRUCT_InputOrder, false));
    assert_string_equal(result.detail, detail);
}

static void assert_not_json(text json, const char *expected)
{
    char detail[320] = "";
    assert_null(json_read_text(json, detail, sizeof detail));
    assert_string_equal(detail, expected);
}

static void an_order_is_read(void **state)
{
    (void)state;
    assert_true(
        read_as("{\"BrokerID\": \"9999\", \"InstrumentID\": \"rb2501\", \"Direction\": \"0\","
                "\"LimitPrice\": 3500.5, \"StopPrice\": 7, \"VolumeTotalOriginal\": -2147483648}",
                CTP_STRUCT_InputOrder, true));
    const struct CThostFtdcInputOrderField *order = (const void *)&body;
    assert_string_equal(order->BrokerID, "9999");
    assert_string_equal(order->InstrumentID, "rb2501");
    assert_int_equal(order->Direction, '0');
    assert_true(order->LimitPrice == 3500.5 && order->StopPrice == 7.0);
    assert_int_equal(order->VolumeTotalOriginal, INT32_MIN);
    assert_int_equal(order->IsSwapOrder, 0);
    assert_string_equal(result.detail, "");
    assert_string_equal(result.unknown, "");
}

static void chinese_text_arrives_as_gb18030(void **state)
{
    (void)state;
    assert_true(read_as("{\"ErrorMsg\": \"\\u4e0d合法\"}", CTP_STRUCT_RspInfo, true));
    const struct CThostFtdcRspInfoField *info = (const void *)&body;
    assert_string_equal(info->ErrorMsg, "\xb2\xbb\xba\xcf\xb7\xa8");
}

static void an_empty_object_is_a_struct_of_zeros(void **state)
{
    (void)state;
    memset(&body, 0x55, sizeof body);
    assert_true(read_as("{}", CTP_STRUCT_InputOrder, true));
    for (size_t i = 0; i < sizeof(struct CThostFtdcInputOrderField); i++)
        assert_int_equal(body.bytes[i], 0);
    assert_true(read_as("{\"Direction\": \"\"}", CTP_STRUCT_InputOrder, true));
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    assert_refused("[]", "InputOrder is a list; it should be an object");
    assert_refused("null", "InputOrder is null; it should be an object");
    assert_false(json_read_struct(NULL, ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrder), &body,
                                  false, &result));
    assert_string_equal(result.detail, "InputOrder is missing; it should be an object");
}

static void a_wrong_type_is_named(void **state)
{
    (void)state;
    assert_refused("{\"InstrumentID\": 2501}",
                   "InputOrder.InstrumentID is an integer; it should be text");
    assert_refused("{\"InstrumentID\": null}",
                   "InputOrder.InstrumentID is null; it should be text");
    assert_refused("{\"InstrumentID\": {}}",
                   "InputOrder.InstrumentID is an object; it should be text");
    assert_refused("{\"Direction\": 0}",
                   "InputOrder.Direction is an integer; it should be text of one "
                   "character, or \"\"");
    assert_refused("{\"LimitPrice\": \"1.5\"}",
                   "InputOrder.LimitPrice is text; it should be a number, without quotes");
    assert_refused("{\"LimitPrice\": true}",
                   "InputOrder.LimitPrice is a truth value; it should be a number, without quotes");
}

static void an_int_is_an_int(void **state)
{
    (void)state;
    static const char wanted[] = "it should be an integer, without quotes, point or exponent";
    static const struct {
        const char *json, *is;
    } cases[] = {
        {"{\"RequestID\": 2.0}", "a number with a point or an exponent"},
        {"{\"RequestID\": 1e3}", "a number with a point or an exponent"},
        {"{\"RequestID\": \"21\"}", "text"},
        {"{\"RequestID\": [1]}", "a list"},
        {"{\"RequestID\": false}", "a truth value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char detail[200];
        snprintf(detail, sizeof detail, "InputOrder.RequestID is %s; %s", cases[i].is, wanted);
        assert_refused(cases[i].json, detail);
    }
    assert_refused("{\"RequestID\": 2147483648}",
                   "InputOrder.RequestID is an integer out of range; it "
                   "should be between -2147483648 and 2147483647");
    assert_refused(
        "{\"RequestID\": -9223372036854775808}",
        "InputOrder.RequestID is an integer out of range; it should be between -2147483648 "
        "and 2147483647");
}

static void a_short_has_its_own_range(void **state)
{
    (void)state;
    const struct ctp_field *found = NULL;
    const struct ctp_layout *layout = NULL;
    for (int of = 0; of < CTP_STRUCT_COUNT && !found; of++) {
        layout = ctp_layout_find(CTP_NEWEST, (enum ctp_struct)of);
        for (int i = 0; layout && i < layout->field_count && !found; i++)
            if (layout->fields[i].base == CTP_SHORT)
                found = &layout->fields[i];
    }
    assert_non_null(found);
    char json[100];
    snprintf(json, sizeof json, "{\"%s\": 32768}", found->name);
    assert_false(read_as(json, layout->of, true));
    assert_non_null(strstr(result.detail, "out of range; it should be between -32768 and 32767"));
    snprintf(json, sizeof json, "{\"%s\": -32768}", found->name);
    assert_true(read_as(json, layout->of, true));
}

static void a_text_one_byte_too_long_is_named(void **state)
{
    (void)state;
    assert_true(read_as("{\"BrokerID\": \"0123456789\"}", CTP_STRUCT_InputOrder, true));
    assert_refused("{\"BrokerID\": \"0123456789x\"}",
                   "InputOrder.BrokerID is text of 11 bytes (counted in GB18030); it should be at "
                   "most 10");
    assert_true(read_as("{\"BrokerID\": \"一二三四五\"}", CTP_STRUCT_InputOrder, true));
    assert_refused("{\"BrokerID\": \"一二三四五六\"}",
                   "InputOrder.BrokerID is text of 12 bytes (counted in GB18030); it should be at "
                   "most 10");
    assert_refused(
        "{\"Direction\": \"01\"}",
        "InputOrder.Direction is text of 2 bytes (counted in GB18030); it should be text of "
        "one character, or \"\"");
    assert_refused(
        "{\"Direction\": \"买\"}",
        "InputOrder.Direction is text of 2 bytes (counted in GB18030); it should be text of "
        "one character, or \"\"");
}

static void control_characters_are_refused(void **state)
{
    (void)state;
    assert_refused(
        "{\"UserID\": \"a\\nb\"}",
        "InputOrder.UserID is text with a control character; it should be text without one");
    assert_refused("{\"Direction\": \"\\u007f\"}", "InputOrder.Direction is text with a control "
                                                   "character; it should be text without one");
}

/* The first character of the private use area that this C library's GB18030 lacks; 0 when it has
 * all. */
static unsigned lacking_character(char *utf8)
{
    for (unsigned code = 0xe000; code < 0xf900; code++) {
        char gb[4];
        size_t length;
        utf8[0] = (char)(0xe0 | code >> 12);
        utf8[1] = (char)(0x80 | (code >> 6 & 63));
        utf8[2] = (char)(0x80 | (code & 63));
        if (!gb18030_from_utf8((text){utf8, 3}, gb, sizeof gb, &length))
            return code;
    }
    return 0;
}

static void a_character_that_gb18030_lacks_is_refused(void **state)
{
    (void)state;
    char utf8[4] = "", json[64];
    if (!lacking_character(utf8))
        skip();
    snprintf(json, sizeof json, "{\"UserID\": \"%s\"}", utf8);
    assert_refused(json,
                   "InputOrder.UserID is text with a character that GB18030 lacks; it should be "
                   "text without it");
}

static void an_unknown_field_is_told_with_the_likely_one(void **state)
{
    (void)state;
    assert_true(read_as("{\"Foo\": 1, \"LimitPrise\": 5}", CTP_STRUCT_InputOrder, false));
    assert_string_equal(result.unknown, "Foo");
    assert_string_equal(result.likely, "");
    assert_true(read_as("{\"LimitPrise\": 5, \"Foo\": 1}", CTP_STRUCT_InputOrder, false));
    assert_string_equal(result.unknown, "LimitPrise");
    assert_string_equal(result.likely, "LimitPrice");
    assert_false(read_as("{\"BrokerID\": \"\", \"limitPrice\": 5}", CTP_STRUCT_InputOrder, true));
    assert_string_equal(result.detail,
                        "InputOrder has no field limitPrice; did you mean LimitPrice?");
    assert_false(read_as("{\"Zzzzzzzz\": 5}", CTP_STRUCT_InputOrder, true));
    assert_string_equal(result.detail, "InputOrder has no field Zzzzzzzz");
}

static void a_wild_unknown_key_is_made_printable(void **state)
{
    (void)state;
    char json[300] = "{\"a\\n\\u001b[31m", *at = json + strlen(json);
    for (int i = 0; i < 60; i++, at += 3)
        memcpy(at, "报", 4);
    memcpy(at, "\": 1}", 6);
    assert_true(read_as(json, CTP_STRUCT_InputOrder, false));
    assert_int_equal(strncmp(result.unknown, "a??[31m报报", 13), 0);
    assert_int_equal(strlen(result.unknown), 7 + 18 * 3);
}

static void a_value_is_never_quoted(void **state)
{
    (void)state;
    assert_false(
        read_as("{\"UserID\": \"secret-that-is-far-too-long\"}", CTP_STRUCT_InputOrder, true));
    assert_null(strstr(result.detail, "secret"));
    assert_not_json(TEXT("{\"Password\": \"secret\" \"x\"}"), "line 1, column 25: '}' expected");
    assert_not_json(TEXT("{\"Password\": \"sec\\qret\"}"), "line 1, column 19: invalid escape");
    assert_not_json(TEXT("{\"Password\": secret}"), "line 1, column 19: invalid token");
}

static void what_is_no_json_is_told_with_its_place(void **state)
{
    (void)state;
    assert_not_json(TEXT(""), "the message is empty");
    assert_not_json(TEXT(" \n"), "the message is empty");
    assert_not_json((text){NULL, 0}, "the message is empty");
    assert_not_json(TEXT("{\n  \"a\": 1,\n}"), "line 3, column 1: string or '}' expected");
    assert_not_json(TEXT("{} x"), "line 1, column 4: end of file expected");
    assert_not_json(TEXT("{\"a\": \"\\ud800\"}"), "line 1, column 14: half of a surrogate pair");
    assert_not_json(TEXT("{\"a\": \"\\ud800\\u0041\"}"),
                    "line 1, column 20: half of a surrogate pair");
    assert_not_json(TEXT("{\"a\": \"\\u0000\"}"), "line 1, column 14: a text with a NUL character");
    assert_not_json(TEXT("{\"a\": NaN}"), "line 1, column 9: invalid token");
    assert_not_json(TEXT("{\"a\": 1e999}"), "line 1, column 11: real number overflow");
    assert_not_json(TEXT("\"\xed\xa0\x80\""), "line 1, column 1: unable to decode byte 0xed");
}

static void long_numbers_are_survived(void **state)
{
    (void)state;
    char json[5100] = "{\"LimitPrice\": ", *at = json + strlen(json), detail[320];
    memset(at, '7', 5000);
    memcpy(at + 5000, "}", 2);
    assert_null(json_read_text(text_of(json), detail, sizeof detail));
    assert_string_equal(detail, "line 1, column 5015: too big integer");
    at[1] = '.';
    assert_true(read_as(json, CTP_STRUCT_InputOrder, true));
    const struct CThostFtdcInputOrderField *order = (const void *)&body;
    assert_true(order->LimitPrice == 7.777777777777777777777);
}

static void deep_nesting_is_refused_with_its_place(void **state)
{
    (void)state;
    char json[4100], detail[320];
    memset(json, '[', 2000);
    memset(json + 2000, ']', 2000);
    assert_null(json_read_text((text){json, 4000}, detail, sizeof detail));
    assert_string_equal(detail,
                        "line 1, column 65: lists and objects stand too deep in one another");
    memset(json, '[', 64);
    memset(json + 64, ']', 64);
    json_t *value = json_read_text((text){json, 128}, detail, sizeof detail);
    assert_non_null(value);
    json_decref(value);
    char quoted[200] = "\"\\\"";
    memset(quoted + 3, '[', 100);
    memcpy(quoted + 103, "\"", 2);
    value = json_read_text(text_of(quoted), detail, sizeof detail);
    assert_non_null(value);
    json_decref(value);
}

static void of_a_key_twice_the_last_one_counts(void **state)
{
    (void)state;
    assert_true(read_as("{\"RequestID\": 1, \"RequestID\": 2}", CTP_STRUCT_InputOrder, true));
    const struct CThostFtdcInputOrderField *order = (const void *)&body;
    assert_int_equal(order->RequestID, 2);
}

static void every_struct_of_every_version_comes_back(void **state)
{
    (void)state;
    struct random_source source = {.state = 4};
    struct buffer out = {.at = NULL};
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
            const struct ctp_layout *layout =
                ctp_layout_find((enum ctp_version)version, (enum ctp_struct)of);
            if (!layout)
                continue;
            struct random_body sent, back;
            char detail[320];
            random_struct_fill(&source, layout, &sent);
            buffer_clear(&out);
            json_write_struct(&out, json_plan_find(layout, JSON_WITH_RESERVED), &sent);
            json_t *value = json_read_text(buffer_text(&out), detail, sizeof detail);
            assert_non_null(value);
            assert_true(json_read_struct(value, layout, &back, true, &result));
            assert_memory_equal(&back, &sent, layout->size);
            json_decref(value);
        }
    }
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_read),
        cmocka_unit_test(chinese_text_arrives_as_gb18030),
        cmocka_unit_test(an_empty_object_is_a_struct_of_zeros),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(a_wrong_type_is_named),
        cmocka_unit_test(an_int_is_an_int),
        cmocka_unit_test(a_short_has_its_own_range),
        cmocka_unit_test(a_text_one_byte_too_long_is_named),
        cmocka_unit_test(control_characters_are_refused),
        cmocka_unit_test(a_character_that_gb18030_lacks_is_refused),
        cmocka_unit_test(an_unknown_field_is_told_with_the_likely_one),
        cmocka_unit_test(a_wild_unknown_key_is_made_printable),
        cmocka_unit_test(a_value_is_never_quoted),
        cmocka_unit_test(what_is_no_json_is_told_with_its_place),
        cmocka_unit_test(long_numbers_are_survived),
        cmocka_unit_test(deep_nesting_is_refused_with_its_place),
        cmocka_unit_test(of_a_key_twice_the_last_one_counts),
        cmocka_unit_test(every_struct_of_every_version_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
