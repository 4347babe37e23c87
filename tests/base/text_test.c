/* text_test.c: pieces of text. */
#include "base/text.h"
#include "cmocka_all.h"

static void assert_text(text t, const char *expected)
{
    if (!text_equal(t, text_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARG(t), expected);
}

static void texts_come_from_strings_and_fields(void **state)
{
    (void)state;
    const char field[4] = {'a', 'b', 'c', 'd'};
    assert_text(text_of(NULL), "");
    assert_text(text_of("abc"), "abc");
    assert_int_equal(TEXT("a\0b").length, 3);
    assert_int_equal(text_of_field(field, sizeof field).length, 4);
    assert_text(text_of_field("ab\0d", 4), "ab");
    assert_text(text_of_field(field, 0), "");
}

static void equality_looks_at_every_byte(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT(""), (text){NULL, 0}));
    assert_false(text_equal(TEXT("a"), TEXT("A")));
    assert_false(text_equal(TEXT("a"), TEXT("ab")));
    assert_true(text_equal(TEXT("a\0b"), TEXT("a\0b")));
    assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_true(text_equal_ignore_case(TEXT("aZ9"), TEXT("Az9")));
    assert_false(text_equal_ignore_case(TEXT("a["), TEXT("a{")));
    assert_false(text_equal_ignore_case(TEXT("a"), TEXT("")));
}

static void starts_and_ends_are_found(void **state)
{
    (void)state;
    assert_true(text_starts_with(TEXT("tcp://x"), TEXT("tcp://")));
    assert_true(text_starts_with(TEXT("x"), TEXT("")));
    assert_false(text_starts_with(TEXT("tc"), TEXT("tcp")));
    assert_true(text_ends_with(TEXT("a.so"), TEXT(".so")));
    assert_false(text_ends_with(TEXT("so"), TEXT(".so")));
    assert_false(text_ends_with(TEXT("a.sO"), TEXT(".so")));
}

static void order_is_that_of_bytes(void **state)
{
    (void)state;
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("a")) > 0);
    assert_true(text_compare(TEXT("a"), TEXT("ab")) < 0);
    assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
    assert_true(text_compare(TEXT("\xff"), TEXT("a")) > 0);
    assert_int_equal(text_compare(TEXT(""), (text){NULL, 0}), 0);
}

static void blanks_at_both_ends_go(void **state)
{
    (void)state;
    assert_text(text_trim(TEXT(" \t\r\n a b \n")), "a b");
    assert_text(text_trim(TEXT("  ")), "");
    assert_text(text_trim((text){NULL, 0}), "");
}

static void a_text_is_cut_at_separators(void **state)
{
    (void)state;
    text rest = TEXT("a,,b");
    assert_text(text_cut(&rest, ','), "a");
    assert_text(text_cut(&rest, ','), "");
    assert_text(text_cut(&rest, ','), "b");
    assert_int_equal(rest.length, 0);
    assert_text(text_cut(&rest, ','), "");
}

static void a_copy_fills_its_field_with_zeros(void **state)
{
    (void)state;
    char field[6];
    memset(field, 'x', sizeof field);
    assert_true(text_copy(field, sizeof field, TEXT("ab")));
    assert_memory_equal(field, "ab\0\0\0\0", 6);
    assert_true(text_copy(field, sizeof field, TEXT("abcde")));
    assert_false(text_copy(field, sizeof field, TEXT("abcdef")));
    assert_string_equal(field, "abcde");
    assert_true(text_copy(field, sizeof field, (text){NULL, 0}));
    assert_string_equal(field, "");
}

static void integers_are_whole_and_in_range(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      "1.0",
                                      " 1",
                                      "1 ",
                                      "0x1",
                                      "1e3",
                                      "--1",
                                      "9223372036854775808",
                                      "-9223372036854775809"};
    int64_t value = 5;
    assert_true(text_to_int(TEXT("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    assert_true(text_to_int(TEXT("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(text_to_int(TEXT("+007"), &value));
    assert_int_equal(value, 7);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_to_int(text_of(bad[i]), &value));
    assert_int_equal(value, 7);
}

static void distance_counts_edits(void **state)
{
    (void)state;
    assert_int_equal(text_distance(TEXT(""), TEXT("")), 0);
    assert_int_equal(text_distance(TEXT("abc"), TEXT("")), 3);
    assert_int_equal(text_distance(TEXT("Port"), TEXT("port")), 0);
    assert_int_equal(text_distance(TEXT("Prot"), TEXT("Port")), 2);
    assert_int_equal(text_distance(TEXT("kitten"), TEXT("sitting")), 3);
    assert_int_equal(text_distance(TEXT("abc"), TEXT("abcd")), 1);
    char many[100];
    memset(many, 'a', sizeof many);
    assert_int_equal(text_distance((text){many, 100}, (text){many, 50}), 0); /* 31 are looked at */
}

static void nearness_grows_with_length(void **state)
{
    (void)state;
    assert_true(text_is_near(TEXT("TdFrontAdress"), TEXT("TdFrontAddress")));
    assert_true(text_is_near(TEXT("Prot"), TEXT("Port")));
    assert_true(text_is_near(TEXT("Ho"), TEXT("Hop")));
    assert_false(text_is_near(TEXT("Foo"), TEXT("Bar")));
    assert_false(text_is_near(TEXT("BrokerID"), TEXT("InvestorID")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_from_strings_and_fields),
        cmocka_unit_test(equality_looks_at_every_byte),
        cmocka_unit_test(starts_and_ends_are_found),
        cmocka_unit_test(order_is_that_of_bytes),
        cmocka_unit_test(blanks_at_both_ends_go),
        cmocka_unit_test(a_text_is_cut_at_separators),
        cmocka_unit_test(a_copy_fills_its_field_with_zeros),
        cmocka_unit_test(integers_are_whole_and_in_range),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(nearness_grows_with_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
