/* active_test.c: the file that says which channel is active: read, damaged, written, undone. */
#include "channel/active.h"
#include "cmocka_all.h"
#include "sandbox.h"
#include <sys/stat.h>

#define PLACE "/home/user/active"

static void assert_refused(text content, const char *place, const char *part)
{
    struct active active;
    struct error error;
    char line[1024];
    assert_false(active_parse(content, PLACE, &active, &error));
    error_text(&error, line, sizeof line);
    if (!text_starts_with(text_of(line), text_of(place)) || !strstr(line, part) ||
        !strstr(line, "openctp-channels switch"))
        fail_msg("not \"%s ... %s\" with its cure: %s", place, part, line);
}

static void both_choices_are_read(void **state)
{
    (void)state;
    struct active active;
    struct error error;
    assert_true(active_parse(TEXT("# hello\n\n  active tts 6.7.13 \r\nbefore ctp   6.3.15"), PLACE,
                             &active, &error));
    assert_string_equal(active.now.name, "tts");
    assert_int_equal(active.now.version, CTP_6_7_13);
    assert_string_equal(active.before.name, "ctp");
    assert_int_equal(active.before.version, CTP_6_3_15);
}

static void a_damaged_line_is_named(void **state)
{
    (void)state;
    assert_refused(TEXT(""), PLACE ": ", "no line");
    assert_refused(TEXT("before tts 6.7.2\n"), PLACE ": ", "no line");
    assert_refused(TEXT("active tts 6.7.2\nafter ctp 6.7.2\n"), PLACE ":2: ", "neither");
    assert_refused(TEXT("active tts 6.7.2\nactive tts 6.7.2\n"), PLACE ":2: ", "twice");
    assert_refused(TEXT("active ../../etc 6.7.2\n"), PLACE ":1: ", "valid channel name");
    assert_refused(TEXT("active\n"), PLACE ":1: ", "valid channel name");
    assert_refused(TEXT("active tts\n"), PLACE ":1: ", "no version");
    assert_refused(TEXT("active tts 6.7.3\n"), PLACE ":1: ", "no version");
    assert_refused(TEXT("active tts 6.7.2 6.7.2\n"), PLACE ":1: ", "no version");
    assert_refused(TEXT("\0\0\0\0"), PLACE ":1: ", "neither");
    assert_refused(TEXT("active t\0s 6.7.2"), PLACE ":1: ", "valid channel name");
}

static void without_a_file_nothing_is_active(void **state)
{
    (void)state;
    struct active active;
    struct channel_pair pair;
    struct error error;
    assert_true(active_read(&active, &error));
    assert_string_equal(active.now.name, "");
    assert_false(channel_active(&pair, NULL, &error));
    assert_non_null(strstr(error.what, "no channel is active"));
    assert_non_null(strstr(error.fix, "openctp-channels switch tts"));
}

static void a_file_that_is_far_too_long_is_refused(void **state)
{
    (void)state;
    char content[8192];
    memset(content, '\n', sizeof content);
    content[0] = '=';
    content[sizeof content - 1] = '\0';
    struct active active;
    struct error error;
    sandbox_put(content, "data/openctp/active");
    assert_false(active_read(&active, &error));
    assert_non_null(strstr(error.what, "too long"));
    assert_string_equal(error.file, sandbox_path("data/openctp/active"));
}

static void a_folder_in_its_place_is_refused(void **state)
{
    (void)state;
    struct active active;
    struct error error;
    sandbox_put("=", "data/openctp/active/file");
    assert_false(active_read(&active, &error));
    assert_string_equal(error.file, sandbox_path("data/openctp/active"));
    struct active_choice to = {"tts", CTP_6_7_2};
    assert_false(active_switch(&to, &active, &error));
    assert_string_equal(error.file, sandbox_path("data/openctp/active"));
}

static void switch_to(const char *name, enum ctp_version version)
{
    struct active active;
    struct error error;
    struct active_choice to = {.version = version};
    text_copy(to.name, sizeof to.name, text_of(name));
    assert_true(active_switch(&to, &active, &error));
    assert_true(active_read(&active, &error));
    assert_string_equal(active.now.name, name);
    assert_int_equal(active.now.version, version);
}

static void a_switch_remembers_what_was(void **state)
{
    (void)state;
    struct active active;
    struct error error;
    switch_to("ctp", CTP_6_6_9);
    switch_to("tts", CTP_6_7_2);
    switch_to("tts", CTP_6_7_2); /* again: what was before is still the other one */
    assert_true(active_read(&active, &error));
    assert_string_equal(active.before.name, "ctp");
    assert_int_equal(active.before.version, CTP_6_6_9);
}

static void a_damaged_file_is_replaced_by_a_switch(void **state)
{
    (void)state;
    sandbox_put("=rubbish", "data/openctp/active");
    switch_to("tts", CTP_6_7_2);
}

static void undo_exchanges_the_two(void **state)
{
    (void)state;
    struct active active;
    struct error error;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    switch_to("acme", CTP_6_7_2);
    assert_false(active_undo(&active, &error));
    assert_non_null(strstr(error.what, "no switch to undo"));
    switch_to("other", CTP_6_6_9);
    assert_true(active_undo(&active, &error));
    assert_string_equal(active.now.name, "acme");
    assert_string_equal(active.before.name, "other");
    /* "other" has no files: going back to it is refused, and all stays as it is. */
    assert_false(active_undo(&active, &error));
    assert_non_null(strstr(error.what, "channel other has no libraries"));
    assert_true(active_read(&active, &error));
    assert_string_equal(active.now.name, "acme");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_choices_are_read),
        cmocka_unit_test(a_damaged_line_is_named),
        IN_SANDBOX(without_a_file_nothing_is_active),
        IN_SANDBOX(a_file_that_is_far_too_long_is_refused),
        IN_SANDBOX(a_folder_in_its_place_is_refused),
        IN_SANDBOX(a_switch_remembers_what_was),
        IN_SANDBOX(a_damaged_file_is_replaced_by_a_switch),
        IN_SANDBOX(undo_exchanges_the_two),
    };
    return cmocka_run_group_tests_name("active", tests, NULL, NULL);
}
