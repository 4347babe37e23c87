/* log_test.c: log lines, read back from a pipe. */
#include "base/log.h"
#include "cmocka_all.h"
#include <unistd.h>

static int ends[2];

static int open_pipe(void **state)
{
    (void)state;
    log_set_level(LOG_INFO);
    if (pipe(ends) != 0)
        return -1;
    log_set_descriptor(ends[1]);
    return 0;
}

static int close_pipe(void **state)
{
    (void)state;
    log_set_descriptor(STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static const char *lines(void)
{
    static char out[4096];
    ssize_t length = read(ends[0], out, sizeof out - 1);
    assert_true(length >= 0);
    out[length] = '\0';
    return out;
}

static void a_line_has_the_known_form(void **state)
{
    (void)state;
    log_line(LOG_INFO, "start %s app", "td");
    const char *line = lines();
    assert_int_equal(strlen(line), 23 + strlen(" - root - INFO - start td app\n"));
    assert_string_equal(line + 23, " - root - INFO - start td app\n");
    static const char form[] = "0000-00-00 00:00:00,000";
    for (size_t i = 0; i < 23; i++)
        assert_true(form[i] == '0' ? line[i] >= '0' && line[i] <= '9' : line[i] == form[i]);
}

static void lines_below_the_level_are_left_out(void **state)
{
    (void)state;
    log_set_level(LOG_WARN);
    assert_false(log_enabled(LOG_INFO));
    assert_true(log_enabled(LOG_WARN));
    log_line(LOG_INFO, "no");
    log_line(LOG_ERROR, "yes");
    assert_string_equal(lines() + 23, " - root - ERROR - yes\n");
}

static void outside_bytes_never_start_a_line(void **state)
{
    (void)state;
    log_line(LOG_WARN, "a\nb\r\x1b[31m");
    assert_string_equal(lines() + 23, " - root - WARNING - a b  [31m\n");
}

static void a_long_line_is_cut_and_still_a_line(void **state)
{
    (void)state;
    log_line(LOG_INFO, "%03000d", 1);
    const char *line = lines();
    size_t length = strlen(line);
    assert_in_range(length, 2000, 2048);
    assert_int_equal(line[length - 1], '\n');
}

static void level_names_are_read_in_any_case(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum log_level level;
    } names[] = {{"NOTSET", LOG_NOTSET},    {"debug", LOG_DEBUG},  {"Info", LOG_INFO},
                 {"WARN", LOG_WARN},        {"warning", LOG_WARN}, {"ERROR", LOG_ERROR},
                 {"critical", LOG_CRITICAL}};
    enum log_level level;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_true(log_level_find(text_of(names[i].name), &level));
        assert_int_equal(level, names[i].level);
    }
    assert_false(log_level_find(TEXT("LOUD"), &level));
    assert_false(log_level_find(TEXT(""), &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_has_the_known_form, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(lines_below_the_level_are_left_out, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(outside_bytes_never_start_a_line, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(a_long_line_is_cut_and_still_a_line, open_pipe, close_pipe),
        cmocka_unit_test(level_names_are_read_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
