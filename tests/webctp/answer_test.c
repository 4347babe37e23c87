/* answer_test.c: every callback of every version becomes a message by the naming rule, and every
 * request has an answer's name. */
#include "cmocka_all.h"
#include "codec/json_read.h"
#include "webctp/answer.h"

static json_t *message_of(enum ctp_version version, const struct ctp_callback *callback)
{
    struct buffer out = {.at = NULL};
    char detail[320];
    answer_write_callback(&out, version, callback);
    json_t *message = json_read_text(buffer_text(&out), detail, sizeof detail);
    if (!message)
        fail_msg("%s: %s", ctp_method_info(callback->method)->name, detail);
    buffer_finish(&out);
    return message;
}

static void check_callback(enum ctp_version version, enum ctp_method method)
{
    const struct ctp_method_info *info = ctp_method_info(method);
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    bool has_struct = info->of != CTP_STRUCT_NONE;
    struct ctp_callback callback = {.method = method,
                                    .body = has_struct ? body : NULL,
                                    .request_id = 5,
                                    .is_last = true,
                                    .number = 4097};
    json_t *message = message_of(version, &callback);
    assert_string_equal(json_string_value(json_object_get(message, "MsgType")), info->name + 2);
    assert_true((json_object_get(message, "RspInfo") == NULL) ==
                (method == CTP_MdSpi_OnRtnDepthMarketData));
    bool answers = info->shape == CTP_SHAPE_RESPONSE || info->shape == CTP_SHAPE_ERROR;
    assert_true((json_object_get(message, "RequestID") != NULL) == answers);
    assert_true((json_object_get(message, "IsLast") != NULL) == answers);
    if (has_struct)
        assert_true(json_is_object(json_object_get(message, ctp_struct_name(info->of))));
    json_decref(message);
}

static void every_callback_of_every_version_has_its_message(void **state)
{
    (void)state;
    static const enum ctp_class classes[] = {CTP_TraderSpi, CTP_MdSpi};
    for (int v = 0; v < CTP_VERSION_COUNT; v++)
        for (int c = 0; c < 2; c++)
            for (int slot = 0; slot < ctp_method_count((enum ctp_version)v, classes[c]); slot++)
                check_callback((enum ctp_version)v,
                               ctp_method_at((enum ctp_version)v, classes[c], slot));
}

static void an_answer_without_request_id_or_end_lacks_the_keys(void **state)
{
    (void)state;
    json_t *message =
        message_of(CTP_6_7_2, &(struct ctp_callback){.method = CTP_TraderSpi_OnRspQryOrder});
    assert_null(json_object_get(message, "RequestID"));
    assert_null(json_object_get(message, "IsLast"));
    assert_true(json_is_null(json_object_get(message, "Order")));
    json_decref(message);
}

static void empty_results_are_objects_for_nine_structs_and_null_for_others(void **state)
{
    (void)state;
    bool seen[CTP_STRUCT_COUNT] = {false};
    unsigned objects = 0;
    for (int slot = 0; slot < ctp_method_count(CTP_6_7_2, CTP_TraderSpi); slot++) {
        enum ctp_method method = ctp_method_at(CTP_6_7_2, CTP_TraderSpi, slot);
        const struct ctp_method_info *info = ctp_method_info(method);
        if (info->shape != CTP_SHAPE_RESPONSE)
            continue;
        json_t *message = message_of(CTP_6_7_2, &(struct ctp_callback){.method = method});
        json_t *body = json_object_get(message, ctp_struct_name(info->of));
        assert_true(json_is_null(body) || (json_is_object(body) && json_object_size(body) == 0));
        objects += json_is_object(body) && !seen[info->of];
        seen[info->of] = true;
        json_decref(message);
    }
    assert_int_equal(objects, 9);
}

static void every_request_has_an_answers_name(void **state)
{
    (void)state;
    char name[96];
    assert_true(
        text_equal(answer_name(CTP_TraderApi_ReqQryOrder, name, sizeof name), TEXT("RspQryOrder")));
    assert_true(text_equal(answer_name(CTP_MdApi_SubscribeMarketData, name, sizeof name),
                           TEXT("RspSubMarketData")));
    assert_true(text_equal(answer_name(CTP_MdApi_UnSubscribeForQuoteRsp, name, sizeof name),
                           TEXT("RspUnSubForQuoteRsp")));
    assert_true(text_equal(answer_name(CTP_TraderApi_ReqUserLoginWithOTP, name, sizeof name),
                           TEXT("RspUserLogin")));
    assert_true(text_equal(answer_name(CTP_TraderApi_SubmitUserSystemInfo, name, sizeof name),
                           TEXT("SubmitUserSystemInfo")));
}

static void error_answers_say_what_the_protocol_says(void **state)
{
    (void)state;
    struct buffer out = {.at = NULL};
    answer_write_error(&out, TEXT("x\"y"), ANSWER_BAD_REQUEST, 0, TEXT("why \"so\""));
    buffer_put_char(&out, '\0');
    assert_string_equal(
        out.at, "{\"MsgType\":\"x\\\"y\",\"RspInfo\":{\"ErrorID\":-400,\"ErrorMsg\":\"参数有误\"},"
                "\"Detail\":\"why \\\"so\\\"\"}");
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_callback_of_every_version_has_its_message),
        cmocka_unit_test(an_answer_without_request_id_or_end_lacks_the_keys),
        cmocka_unit_test(empty_results_are_objects_for_nine_structs_and_null_for_others),
        cmocka_unit_test(every_request_has_an_answers_name),
        cmocka_unit_test(error_answers_say_what_the_protocol_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
