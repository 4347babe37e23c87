/* vtable_test.c: calling through a vtable arrives at the same method with the same arguments, in
 * every slot of every version. Our Api object is called as a library's would be, and our Spi object
 * as a program's. */
#include "cmocka_all.h"
#include "ctp/vtable.h"

static struct ctp_call got_call;
static struct ctp_callback got_callback;
static char answer[] = "20241124";

static intptr_t remember_call(struct ctp_api_object *self, const struct ctp_call *call)
{
    (void)self;
    got_call = *call;
    return ctp_method_info(call->method)->shape == CTP_SHAPE_GET_TEXT ? (intptr_t)answer : 42;
}

static void remember_callback(void *user, const struct ctp_callback *callback)
{
    *(int *)user += 1;
    got_callback = *callback;
}

static bool returns_number(enum ctp_shape shape)
{
    return shape == CTP_SHAPE_JOIN || shape == CTP_SHAPE_LOCAL || shape == CTP_SHAPE_REQUEST ||
           shape == CTP_SHAPE_INSTRUMENTS;
}

static void call_slot(struct ctp_api_object *object, enum ctp_version version,
                      enum ctp_method method)
{
    char body[8], address[] = "tcp://127.0.0.1:1";
    char *instruments[] = {body};
    enum ctp_shape shape = ctp_method_info(method)->shape;
    struct ctp_call call = {.method = method,
                            .body = body,
                            .request_id = 7,
                            .instruments = instruments,
                            .count = 1,
                            .address = address,
                            .spi = body,
                            .topic = 2,
                            .sequence = 900};
    intptr_t result = ctp_api_call((struct ctp_api *)object, version, &call);
    assert_int_equal(got_call.method, method);
    assert_int_equal(result, shape == CTP_SHAPE_GET_TEXT ? (intptr_t)answer
                             : returns_number(shape)     ? 42
                                                         : 0);
    if (shape == CTP_SHAPE_REQUEST) {
        assert_ptr_equal(got_call.body, body);
        assert_int_equal(got_call.request_id, 7);
    } else if (shape == CTP_SHAPE_TOPIC_FROM) {
        assert_int_equal(got_call.topic, 2);
        assert_int_equal(got_call.sequence, 900);
    } else if (shape == CTP_SHAPE_INSTRUMENTS) {
        assert_ptr_equal(got_call.instruments, instruments);
        assert_int_equal(got_call.count, 1);
    }
}

static void every_api_method_arrives_in_every_version(void **state)
{
    (void)state;
    static const enum ctp_class classes[] = {CTP_TraderApi, CTP_MdApi};
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        for (int c = 0; c < 2; c++) {
            struct ctp_api_object object;
            ctp_api_object_init(&object, classes[c], (enum ctp_version)v, remember_call);
            for (int slot = 0; slot < ctp_method_count((enum ctp_version)v, classes[c]); slot++)
                call_slot(&object, (enum ctp_version)v,
                          ctp_method_at((enum ctp_version)v, classes[c], slot));
        }
    }
}

static void every_callback_arrives_in_every_version(void **state)
{
    (void)state;
    static const enum ctp_class classes[] = {CTP_TraderSpi, CTP_MdSpi};
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        for (int c = 0; c < 2; c++) {
            int calls = 0, count = ctp_method_count((enum ctp_version)v, classes[c]);
            struct ctp_spi spi;
            ctp_spi_init(&spi, classes[c], (enum ctp_version)v, remember_callback, &calls);
            for (int slot = 0; slot < count; slot++) {
                enum ctp_method method = ctp_method_at((enum ctp_version)v, classes[c], slot);
                int body = 0, info = 0;
                struct ctp_callback made = {.method = method,
                                            .body = &body,
                                            .rsp_info = &info,
                                            .request_id = -3,
                                            .is_last = true,
                                            .number = 4097};
                ctp_spi_call(&spi, (enum ctp_version)v, &made);
                assert_int_equal(got_callback.method, method);
                if (ctp_method_info(method)->shape == CTP_SHAPE_RESPONSE) {
                    assert_ptr_equal(got_callback.body, &body);
                    assert_ptr_equal(got_callback.rsp_info, &info);
                    assert_int_equal(got_callback.request_id, -3);
                    assert_true(got_callback.is_last);
                } else if (ctp_method_info(method)->shape == CTP_SHAPE_NUMBER) {
                    assert_int_equal(got_callback.number, 4097);
                }
            }
            assert_int_equal(calls, count);
        }
    }
}

static void nobody_is_called_where_there_is_no_spi_or_no_such_callback(void **state)
{
    (void)state;
    int calls = 0;
    struct ctp_spi spi;
    ctp_spi_init(&spi, CTP_TraderSpi, CTP_6_7_2, remember_callback, &calls);
    ctp_spi_call(NULL, CTP_6_7_2, &(struct ctp_callback){.method = CTP_TraderSpi_OnFrontConnected});
    ctp_spi_call(&spi, CTP_6_7_2,
                 &(struct ctp_callback){.method = CTP_TraderSpi_OnRtnPrivateSeqNo});
    assert_int_equal(calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_api_method_arrives_in_every_version),
        cmocka_unit_test(every_callback_arrives_in_every_version),
        cmocka_unit_test(nobody_is_called_where_there_is_no_spi_or_no_such_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
