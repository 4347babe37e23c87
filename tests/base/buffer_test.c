/* buffer_test.c: growable bytes. */
#include "base/buffer.h"
#include "cmocka_all.h"

static void an_empty_buffer_is_an_empty_text(void **state)
{
    (void)state;
    struct buffer buffer = {.at = NULL};
    assert_non_null(buffer_text(&buffer).at);
    assert_int_equal(buffer_text(&buffer).length, 0);
    buffer_put(&buffer, NULL, 0);
    assert_null(buffer.at);
    buffer_drop(&buffer, 10);
    buffer_finish(&buffer);
}

static void bytes_stay_in_order_while_it_grows(void **state)
{
    (void)state;
    struct buffer buffer = {.at = NULL};
    for (int i = 0; i < 10000; i++)
        buffer_put_char(&buffer, (char)i);
    buffer_put_text(&buffer, TEXT("abc"));
    buffer_put(&buffer, "d\0e", 3);
    assert_int_equal(buffer.length, 10006);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(buffer.at[i], (char)i);
    assert_memory_equal(buffer.at + 10000, "abcd\0e", 6);
    buffer_finish(&buffer);
    assert_int_equal(buffer.capacity, 0);
}

static void reserved_room_does_not_count(void **state)
{
    (void)state;
    struct buffer buffer = {.at = NULL};
    buffer_put_text(&buffer, TEXT("ab"));
    char *room = buffer_reserve(&buffer, 1000);
    assert_ptr_equal(room, buffer.at + 2);
    assert_int_equal(buffer.length, 2);
    assert_in_range(buffer.capacity, 1002, 4096);
    buffer_finish(&buffer);
}

static void printed_text_is_added_without_its_nul(void **state)
{
    (void)state;
    struct buffer buffer = {.at = NULL};
    buffer_printf(&buffer, "%s=%d", "x", -5);
    buffer_printf(&buffer, "%s", "");
    buffer_printf(&buffer, "%0500d", 1);
    assert_int_equal(buffer.length, 504);
    assert_memory_equal(buffer.at, "x=-50", 5);
    assert_int_equal(buffer.at[503], '1');
    buffer_finish(&buffer);
}

static void the_front_can_be_dropped(void **state)
{
    (void)state;
    struct buffer buffer = {.at = NULL};
    buffer_put_text(&buffer, TEXT("abcdef"));
    buffer_drop(&buffer, 2);
    assert_true(text_equal(buffer_text(&buffer), TEXT("cdef")));
    buffer_drop(&buffer, 0);
    assert_int_equal(buffer.length, 4);
    size_t capacity = buffer.capacity;
    buffer_drop(&buffer, 5);
    assert_int_equal(buffer.length, 0);
    buffer_put_text(&buffer, TEXT("x"));
    buffer_clear(&buffer);
    assert_int_equal(buffer.length, 0);
    assert_int_equal(buffer.capacity, capacity);
    buffer_finish(&buffer);
}

static void a_copied_text_ends_with_nul(void **state)
{
    (void)state;
    char *copy = memory_copy_text((text){"abcd", 2});
    char *empty = memory_copy_text((text){NULL, 0});
    assert_string_equal(copy, "ab");
    assert_string_equal(empty, "");
    free(copy);
    free(empty);
}

static void memory_of_no_bytes_is_memory(void **state)
{
    (void)state;
    void *none = memory_get(0);
    char *zeros = memory_get_zeroed(4, 4);
    assert_non_null(none);
    for (int i = 0; i < 16; i++)
        assert_int_equal(zeros[i], 0);
    none = memory_resize(none, 0);
    assert_non_null(none);
    free(none);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
        cmocka_unit_test(bytes_stay_in_order_while_it_grows),
        cmocka_unit_test(reserved_room_does_not_count),
        cmocka_unit_test(printed_text_is_added_without_its_nul),
        cmocka_unit_test(the_front_can_be_dropped),
        cmocka_unit_test(a_copied_text_ends_with_nul),
        cmocka_unit_test(memory_of_no_bytes_is_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
