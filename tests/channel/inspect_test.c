/* inspect_test.c: libraries that are none, and libraries that misbehave when they are loaded. */
#include "channel/inspect.h"
#include "cmocka_all.h"
#include "sandbox.h"

static void assert_file_refused(const char *path, enum ctp_side side, const char *part)
{
    struct error error;
    assert_false(inspect_file(path, side, &error));
    assert_string_equal(error.file, path);
    if (!strstr(error.what, part))
        fail_msg("\"%s\" is not in \"%s\"", part, error.what);
}

static void a_library_of_its_side_passes(void **state)
{
    (void)state;
    struct error error;
    assert_true(inspect_file(standin_path("trader_672"), CTP_TRADER, &error));
    assert_true(inspect_file(standin_path("md_672"), CTP_MD, &error));
    assert_true(inspect_file(standin_path("trader_mode"), CTP_TRADER, &error));
}

static void a_file_that_is_no_library_of_its_side_is_refused(void **state)
{
    (void)state;
    sandbox_put("=hello", "text.so");
    sandbox_put("=", "folder/file");
    assert_file_refused(sandbox_path("text.so"), CTP_TRADER, "not a shared library");
    assert_file_refused(sandbox_path("folder"), CTP_TRADER, "is not a file");
    assert_file_refused(sandbox_path("nothing"), CTP_MD, "cannot be opened: No such file");
    assert_file_refused(standin_path("bare"), CTP_MD, "does not export _ZN15CThostFtdcMdApi");
    assert_file_refused(standin_path("md_672"), CTP_TRADER,
                        "is a market data library in the place of the trader library");
}

static void a_library_tells_its_version(void **state)
{
    (void)state;
    struct ctp_library said;
    struct error error;
    assert_true(inspect_load(&said, standin_path("md_669"), CTP_MD, CTP_6_6_9, &error));
    assert_string_equal(said.said, "V6_6_9");
    assert_int_equal(said.version, CTP_6_6_9);
    assert_false(said.creator_has_production_mode);
    assert_null(said.handle);
    assert_true(inspect_load(&said, standin_path("trader_mode"), CTP_TRADER, CTP_6_7_13, &error));
    assert_true(said.creator_has_production_mode);
}

static void its_words_cannot_steer_a_terminal(void **state)
{
    (void)state;
    struct ctp_library said;
    struct error error;
    assert_true(inspect_load(&said, standin_path("trader_rude"), CTP_TRADER, CTP_6_7_2, &error));
    assert_string_equal(said.said, "v6.7.2?[31m");
}

static void assert_load_refused(const char *name, const char *part)
{
    struct ctp_library said;
    struct error error;
    const char *path = standin_path(name);
    assert_false(inspect_load(&said, path, CTP_TRADER, CTP_6_7_2, &error));
    assert_string_equal(error.file, path);
    if (!strstr(error.what, part))
        fail_msg("\"%s\" is not in \"%s\"", part, error.what);
}

static void a_library_that_misbehaves_is_only_an_error(void **state)
{
    (void)state;
    assert_load_refused("trader_crashes", "crashes when it is loaded: Segmentation fault");
    assert_load_refused("trader_exits", "ends the program that loads it, with exit code 7");
    assert_load_refused("trader_hangs", "does not finish loading within");
    assert_load_refused("bare", "does not export");
}

static void the_pair_is_opened_in_this_process(void **state)
{
    (void)state;
    struct channel_pair pair = {.version = CTP_6_7_2};
    struct ctp_library library;
    struct error error;
    text_copy(pair.path[CTP_TRADER], CHANNEL_PATH_SIZE, text_of(standin_path("trader_672")));
    text_copy(pair.path[CTP_MD], CHANNEL_PATH_SIZE, text_of(standin_path("bare")));
    assert_true(channel_open(&library, &pair, CTP_TRADER, &error));
    assert_string_equal(library.said, "acme v6.7.2");
    assert_non_null(library.handle);
    ctp_library_close(&library);
    assert_false(channel_open(&library, &pair, CTP_MD, &error));
    assert_null(library.handle);
}

static void a_difference_is_told_in_one_sentence(void **state)
{
    (void)state;
    char sentence[256];
    struct ctp_library library = {.side = CTP_MD, .version = CTP_6_7_2, .said = "V6_6_9"};
    assert_true(channel_differs(&library, sentence, sizeof sentence));
    assert_string_equal(sentence, "the market data library says \"V6_6_9\" of itself, its folder "
                                  "says 6.7.2: the folder decides");
    library.version = CTP_6_6_9;
    assert_false(channel_differs(&library, sentence, sizeof sentence));
    assert_string_equal(sentence, "");
    text_copy(library.said, sizeof library.said, TEXT("nothing in particular"));
    assert_false(channel_differs(&library, sentence, sizeof sentence));
    library.creator_has_production_mode = true;
    assert_true(channel_differs(&library, sentence, sizeof sentence));
    assert_non_null(strstr(sentence, "creator that came with 6.7.11"));
    library.version = CTP_6_7_11;
    assert_false(channel_differs(&library, sentence, sizeof sentence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_of_its_side_passes),
        IN_SANDBOX(a_file_that_is_no_library_of_its_side_is_refused),
        cmocka_unit_test(a_library_tells_its_version),
        cmocka_unit_test(its_words_cannot_steer_a_terminal),
        cmocka_unit_test(a_library_that_misbehaves_is_only_an_error),
        cmocka_unit_test(the_pair_is_opened_in_this_process),
        cmocka_unit_test(a_difference_is_told_in_one_sentence),
    };
    return cmocka_run_group_tests_name("inspect", tests, NULL, NULL);
}
