/* gb18030_test.c: text at the edge, good and bad. */
#include "cmocka_all.h"
#include "ctp/gb18030.h"

static void chinese_text_goes_both_ways(void **state)
{
    (void)state;
    text utf8 = TEXT("全部成交报单已提交 ok");
    char gb[64], back[64];
    size_t length;
    assert_true(gb18030_from_utf8(utf8, gb, sizeof gb, &length));
    assert_int_equal(length, 21);
    size_t read = gb18030_to_utf8((text){gb, length}, back, sizeof back);
    assert_true(text_equal((text){back, read}, utf8));
}

static size_t put_utf8(unsigned code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 63));
        out[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 63));
    out[2] = (char)(0x80 | (code >> 6 & 63));
    out[3] = (char)(0x80 | (code & 63));
    return 4;
}

static void every_character_comes_back(void **state)
{
    (void)state;
    for (unsigned code = 1; code < 0x30000; code++) {
        if ((code >= 0xd800 && code < 0xe000) || (code >= 0xe000 && code < 0xf900))
            continue; /* surrogates are no characters; private use differs between editions */
        char utf8[4], gb[4], back[8];
        size_t length = put_utf8(code, utf8), gb_length;
        if (!gb18030_from_utf8((text){utf8, length}, gb, sizeof gb, &gb_length))
            continue; /* not in the C library's edition */
        size_t read = gb18030_to_utf8((text){gb, gb_length}, back, sizeof back);
        assert_true(text_equal((text){back, read}, (text){utf8, length}));
    }
}

static void bad_bytes_become_the_replacement_character(void **state)
{
    (void)state;
    char out[64];
    size_t length = gb18030_to_utf8(TEXT("a\xff"
                                         "b\xb0"),
                                    out, sizeof out);
    assert_true(text_equal((text){out, length}, TEXT("a\xef\xbf\xbd"
                                                     "b\xef\xbf\xbd")));
}

/* Two-byte characters are kept after their first conversion; so this test runs before all others.
 */
static void every_pair_of_bytes_is_the_same_the_second_time(void **state)
{
    (void)state;
    for (unsigned pair = 0x8000; pair <= 0xffff; pair++) {
        char gb[2] = {(char)(pair >> 8), (char)pair}, first[8], second[8];
        size_t first_length = gb18030_to_utf8((text){gb, 2}, first, sizeof first);
        size_t second_length = gb18030_to_utf8((text){gb, 2}, second, sizeof second);
        assert_in_range(first_length, 2, 6);
        assert_true(text_equal((text){first, first_length}, (text){second, second_length}));
    }
}

static void what_does_not_fit_is_cut_between_characters(void **state)
{
    (void)state;
    char out[4];
    assert_int_equal(gb18030_to_utf8(TEXT("\xb0\xa1\xb0\xa1"), out, sizeof out), 3);
    assert_int_equal(gb18030_cut(TEXT("a\xb0\xa1\xb0\xa1"), 4), 3);
    assert_int_equal(gb18030_cut(TEXT("abc"), 10), 3);
}

static void text_that_is_not_utf8_is_refused(void **state)
{
    (void)state;
    char out[16];
    size_t length = 7;
    assert_false(gb18030_from_utf8(TEXT("\xc0\x80"), out, sizeof out, &length));
    assert_int_equal(length, 0);
    assert_false(gb18030_from_utf8(TEXT("中文"), out, 3, &length));
    assert_int_equal(length, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_bytes_is_the_same_the_second_time),
        cmocka_unit_test(chinese_text_goes_both_ways),
        cmocka_unit_test(every_character_comes_back),
        cmocka_unit_test(bad_bytes_become_the_replacement_character),
        cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
        cmocka_unit_test(text_that_is_not_utf8_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
