/* table_test.c: look-ups in the tables, ranges of rows, conversion between versions, what libraries
 * say of their version. */
#include "base/buffer.h"
#include "cmocka_all.h"
#include "ctp/canonical.h"
#include "ctp/ctp.h"
#include "ctp/library.h"
#include "ctp/when.h"

static void a_version_is_found_by_its_text(void **state)
{
    (void)state;
    enum ctp_version version;
    assert_true(ctp_version_find(TEXT("6.7.2"), &version));
    assert_int_equal(version, CTP_6_7_2);
    assert_false(ctp_version_find(TEXT("6.7.6"), &version));
    assert_false(ctp_version_find(TEXT(""), &version));
}

static void sizes_of_one_type_never_overlap(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int since, until;
    } types[] = {
#define T(name, base, bytes, when) {#name, WHEN(when)},
#include "ctp/types.def"
#undef T
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        for (size_t j = 0; j < i; j++)
            if (text_equal(text_of(types[i].name), text_of(types[j].name)))
                assert_true(types[j].until < types[i].since || types[i].until < types[j].since);
}

static void the_answer_of_a_request_is_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(ctp_method_answer(CTP_TraderApi_ReqOrderInsert),
                     CTP_TraderSpi_OnRspOrderInsert);
    assert_int_equal(ctp_method_answer(CTP_TraderApi_ReqUserLoginWithOTP),
                     CTP_TraderSpi_OnRspUserLogin);
    assert_int_equal(ctp_method_answer(CTP_MdApi_SubscribeMarketData),
                     CTP_MdSpi_OnRspSubMarketData);
    assert_int_equal(ctp_method_answer(CTP_MdApi_UnSubscribeForQuoteRsp),
                     CTP_MdSpi_OnRspUnSubForQuoteRsp);
    assert_int_equal(ctp_method_answer(CTP_TraderApi_Init), CTP_METHOD_NONE);
    for (int i = 0; i < CTP_METHOD_COUNT; i++)
        if (ctp_method_info((enum ctp_method)i)->shape == CTP_SHAPE_REQUEST)
            assert_true(ctp_method_answer((enum ctp_method)i) < CTP_METHOD_COUNT);
}

static void a_field_moves_between_versions_by_name(void **state)
{
    (void)state;
    const struct ctp_layout *old = ctp_layout_find(CTP_6_3_15, CTP_STRUCT_InputOrder);
    const struct ctp_layout *new = ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrder);
    struct CThostFtdcInputOrderField order = {.LimitPrice = 3400.2, .VolumeTotalOriginal = 7};
    text_copy(order.InstrumentID, sizeof order.InstrumentID, TEXT("rb2505"));
    text_copy(order.OrderRef, sizeof order.OrderRef, TEXT("12"));
    char bytes[CTP_STRUCT_SIZE_MAX];
    ctp_convert(new, &order, old, bytes);
    const struct ctp_field *id = ctp_field_find(old, TEXT("InstrumentID"));
    assert_int_equal(id->size, 31);
    assert_string_equal(bytes + id->offset, "rb2505");
    struct CThostFtdcInputOrderField back;
    ctp_convert(old, bytes, new, &back);
    assert_memory_equal(&back, &order, sizeof order);
}

static void a_text_too_long_for_an_older_version_is_cut_between_characters(void **state)
{
    (void)state;
    const struct ctp_layout *old = ctp_layout_find(CTP_6_3_15, CTP_STRUCT_SpecificInstrument);
    const struct ctp_layout *new = ctp_layout_find(CTP_NEWEST, CTP_STRUCT_SpecificInstrument);
    struct CThostFtdcSpecificInstrumentField from = {.InstrumentID = ""};
    for (int i = 0; i < 29; i++)
        from.InstrumentID[i] = 'a';
    memcpy(from.InstrumentID + 29, "\xb0\xa1\xb0\xa1", 4); /* two characters of two bytes each */
    char bytes[CTP_STRUCT_SIZE_MAX];
    ctp_convert(new, &from, old, bytes);
    const struct ctp_field *id = ctp_field_find(old, TEXT("InstrumentID"));
    assert_int_equal(text_of_field(bytes + id->offset, id->size).length, 29);
}

static void what_libraries_say_of_themselves_is_understood(void **state)
{
    (void)state;
    static const struct {
        const char *said, *version;
    } cases[] = {
        {"v6.3.6_20160606 10:26:14", "6.3.6"},
        {"v6.7.13_20260225 14:16:30.12079", "6.7.13"},
        {"openctp-tts v6.7.11", "6.7.11"},
        {"openctp-tts v6.6.1_P1", "6.6.1"},
        {"V6_6_9", "6.6.9"},
        {"V6_6_1_P1", "6.6.1"},
    };
    char name[16];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(ctp_library_said_version(text_of(cases[i].said), name, sizeof name));
        assert_string_equal(name, cases[i].version);
    }
    assert_false(ctp_library_said_version(TEXT("no version"), name, sizeof name));
    assert_false(ctp_library_said_version(TEXT("1.2"), name, sizeof name));
}

static void a_file_that_is_no_library_is_refused_with_a_reason(void **state)
{
    (void)state;
    char path[] = "/tmp/ctp_table_testXXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    struct ctp_library library;
    struct error error;
    assert_false(ctp_library_open(&library, path, CTP_TRADER, CTP_6_7_2, &error));
    assert_string_equal(error.file, path);
    assert_true(error.what[0] != '\0');
    remove(path);
    assert_false(ctp_library_open(&library, path, CTP_TRADER, CTP_6_7_2, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_is_found_by_its_text),
        cmocka_unit_test(sizes_of_one_type_never_overlap),
        cmocka_unit_test(the_answer_of_a_request_is_found_by_name),
        cmocka_unit_test(a_field_moves_between_versions_by_name),
        cmocka_unit_test(a_text_too_long_for_an_older_version_is_cut_between_characters),
        cmocka_unit_test(what_libraries_say_of_themselves_is_understood),
        cmocka_unit_test(a_file_that_is_no_library_is_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
