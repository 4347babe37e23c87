/* error_test.c: errors as people read them. */
#include "base/error.h"
#include "cmocka_all.h"

static void assert_shown(const struct error *error, const char *expected)
{
    char out[1024];
    assert_string_equal(error_text(error, out, sizeof out), expected);
}

static void an_error_is_place_what_and_fix(void **state)
{
    (void)state;
    struct error error;
    assert_false(error_set(&error, "%s is %d", "Port", 0));
    assert_shown(&error, "Port is 0");
    assert_false(error_at(&error, "c.yaml", 3, 7));
    assert_shown(&error, "c.yaml:3:7: Port is 0");
    assert_false(error_fix(&error, "write %d", 8080));
    assert_shown(&error, "c.yaml:3:7: Port is 0; write 8080");
    error_at(&error, "c.yaml", 3, 0);
    assert_shown(&error, "c.yaml:3: Port is 0; write 8080");
    error_at(&error, "c.yaml", 0, 0);
    assert_shown(&error, "c.yaml: Port is 0; write 8080");
    error_set(&error, "again");
    assert_shown(&error, "again");
}

static void nobody_needs_to_take_an_error(void **state)
{
    (void)state;
    assert_false(error_set(NULL, "x"));
    assert_false(error_at(NULL, "x", 1, 1));
    assert_false(error_fix(NULL, "x"));
}

static void long_errors_are_cut(void **state)
{
    (void)state;
    struct error error;
    char small[10];
    error_set(&error, "%0999d", 1);
    error_at(&error, "/a/file", 1, 1);
    error_fix(&error, "%0999d", 1);
    assert_int_equal(strlen(error.what), sizeof error.what - 1);
    assert_int_equal(strlen(error.fix), sizeof error.fix - 1);
    assert_string_equal(error_text(&error, small, sizeof small), "/a/file:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_place_what_and_fix),
        cmocka_unit_test(nobody_needs_to_take_an_error),
        cmocka_unit_test(long_errors_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
