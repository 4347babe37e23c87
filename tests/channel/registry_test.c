/* registry_test.c: which channels are found, in which order, and what is said when one is not. */
#include "channel/channel.h"
#include "cmocka_all.h"
#include "sandbox.h"

#define LIB(side) "libthost" side "api_se.so"

static void both_styles_of_file_name_are_found(void **state)
{
    (void)state;
    struct channel_pair pair;
    struct error error;
    sandbox_put("=", "data/openctp/channels/acme/6.6.9/thosttraderapi_se.so");
    sandbox_put("=", "data/openctp/channels/acme/6.6.9/thostmduserapi_se.so");
    assert_true(channel_find(&pair, TEXT("acme"), CTP_6_6_9, &error));
    assert_string_equal(pair.name, "acme");
    assert_int_equal(pair.version, CTP_6_6_9);
    assert_string_equal(pair.folder, sandbox_path("data/openctp/channels/acme/6.6.9"));
    assert_string_equal(pair.path[CTP_MD],
                        sandbox_path("data/openctp/channels/acme/6.6.9/thostmduserapi_se.so"));
    sandbox_put("=", "data/openctp/channels/acme/6.6.9/" LIB("trader"));
    assert_true(channel_find(&pair, TEXT("acme"), CTP_6_6_9, &error));
    assert_string_equal(pair.path[CTP_TRADER],
                        sandbox_path("data/openctp/channels/acme/6.6.9/" LIB("trader")));
}

static void an_error_names_both_files_and_their_place(void **state)
{
    (void)state;
    struct channel_pair pair;
    struct error error;
    assert_false(channel_find(&pair, TEXT("ctp"), CTP_6_7_2, &error));
    assert_non_null(strstr(error.what, "channel ctp has no libraries of version 6.7.2"));
    assert_non_null(strstr(error.what, "thosttraderapi_se.so and thostmduserapi_se.so"));
    assert_null(strstr(error.what, "did you mean"));
    assert_non_null(strstr(error.fix, sandbox_path("data/openctp/channels/ctp/6.7.2/")));
}

static void a_mistyped_name_is_recognised(void **state)
{
    (void)state;
    struct channel_pair pair;
    struct error error;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    assert_false(channel_find(&pair, TEXT("acne"), CTP_6_7_2, &error));
    assert_non_null(strstr(error.what, "did you mean acme?"));
    assert_false(channel_find(&pair, TEXT("zebra"), CTP_6_7_2, &error));
    assert_null(strstr(error.what, "did you mean"));
}

static void versions_that_are_there_are_named(void **state)
{
    (void)state;
    struct channel_pair pair;
    struct error error;
    sandbox_put_pair("acme", "6.7.13", "trader_672", "md_672");
    sandbox_put_pair("acme", "6.6.9", "trader_672", "md_672");
    assert_false(channel_find(&pair, TEXT("acme"), CTP_6_7_2, &error));
    assert_non_null(strstr(error.what, "(it has 6.6.9 6.7.13)"));
}

static void the_missing_one_of_two_files_is_named(void **state)
{
    (void)state;
    struct channel_pair pair;
    struct error error;
    sandbox_put("=", "data/openctp/channels/acme/6.7.2/" LIB("trader"));
    assert_false(channel_find(&pair, TEXT("acme"), CTP_6_7_2, &error));
    assert_string_equal(error.what, "the market data library is missing");
    assert_string_equal(error.file, sandbox_path("data/openctp/channels/acme/6.7.2"));
    assert_non_null(strstr(error.fix, LIB("mduser")));
}

static void a_name_that_is_a_path_is_refused(void **state)
{
    (void)state;
    struct channel_pair pair;
    struct error error;
    const text bad[] = {TEXT(""),
                        TEXT("../acme"),
                        TEXT("a/b"),
                        TEXT(".hidden"),
                        TEXT("-x"),
                        TEXT("a\0b"),
                        TEXT("012345678901234567890123456789012345678901234567")};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(channel_find(&pair, bad[i], CTP_6_7_2, &error));
        assert_non_null(strstr(error.what, "not the name of a channel"));
    }
    assert_true(channel_name_valid(TEXT("CTP-mini_2.0")));
}

static void a_version_that_the_table_lacks_names_those_it_has(void **state)
{
    (void)state;
    enum ctp_version version;
    struct error error;
    assert_true(channel_version_read(TEXT("6.3.15"), &version, &error));
    assert_int_equal(version, CTP_6_3_15);
    assert_false(channel_version_read(TEXT("6.7.3"), &version, &error));
    assert_non_null(strstr(error.what, "6.7.3"));
    for (int i = 0; i < CTP_VERSION_COUNT; i++)
        assert_non_null(strstr(error.fix, ctp_version_name((enum ctp_version)i)));
}

static void roots_are_asked_in_order(void **state)
{
    (void)state;
    char asked[256];
    struct channel_pair pair;
    struct channel_roots roots;
    struct error error;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put("=", "first/acme/6.7.2/" LIB("trader")); /* only one file: not enough */
    sandbox_put("=", "second/acme/6.7.2/" LIB("trader"));
    sandbox_put("=", "second/acme/6.7.2/" LIB("mduser"));
    snprintf(asked, sizeof asked, "%s::%s:%s", sandbox_path("first"), sandbox_path("second"),
             sandbox_path("first"));
    setenv("OPENCTP_CHANNELS_PATH", asked, 1);
    assert_true(channel_find(&pair, TEXT("acme"), CTP_6_7_2, &error));
    assert_string_equal(pair.folder, sandbox_path("second/acme/6.7.2"));
    channel_roots_find(&roots);
    assert_int_equal(roots.count, 4); /* first, second, the program's own, the user's */
    assert_string_equal(roots.path[0], sandbox_path("first"));
    assert_string_equal(roots.path[1], sandbox_path("second"));
    assert_string_equal(roots.path[3], sandbox_path("data/openctp/channels"));
}

static const struct channel_entry *entry_find(const struct channel_list *list, const char *part)
{
    for (size_t i = 0; i < list->count; i++)
        if (strstr(list->entries[i].pair.folder, part))
            return &list->entries[i];
    fail_msg("no entry of %s", part);
    return NULL;
}

static void the_list_has_all_and_says_what_is_usable(void **state)
{
    (void)state;
    struct channel_list list;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put_pair("acme", "6.9.9", "trader_672", "md_672");
    sandbox_put("=", "data/openctp/channels/acme/6.6.9/" LIB("trader"));
    sandbox_put("=", "data/openctp/channels/acme/6.6.7"); /* a file, not a folder */
    sandbox_put("=", "data/openctp/channels/acme/notes/readme");
    sandbox_put("=", "env/acme/6.7.2/" LIB("trader"));
    sandbox_put("=", "env/acme/6.7.2/" LIB("mduser"));
    setenv("OPENCTP_CHANNELS_PATH", sandbox_path("env"), 1);
    channel_list_read(&list);
    size_t ours = 0;
    for (size_t i = 0; i < list.count; i++)
        ours += strcmp(list.entries[i].pair.name, "acme") == 0;
    assert_int_equal(ours, 4);
    const struct channel_entry *hidden = entry_find(&list, "data/openctp/channels/acme/6.7.2");
    assert_true(channel_entry_complete(hidden) && hidden->hidden);
    assert_false(entry_find(&list, "env/acme/6.7.2")->hidden);
    assert_false(entry_find(&list, "acme/6.9.9")->known);
    assert_false(channel_entry_complete(entry_find(&list, "acme/6.9.9")));
    assert_false(channel_entry_complete(entry_find(&list, "acme/6.6.9")));
    channel_list_finish(&list);
}

static void the_active_one_is_found_in_its_version_or_another(void **state)
{
    (void)state;
    struct channel_pair pair;
    struct error error;
    enum ctp_version other = CTP_6_6_9;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put_pair("acme", "6.6.9", "trader_669", "md_669");
    sandbox_put("=active acme 6.7.2\n", "data/openctp/active");
    assert_true(channel_active(&pair, NULL, &error));
    assert_int_equal(pair.version, CTP_6_7_2);
    assert_true(channel_active(&pair, &other, &error));
    assert_int_equal(pair.version, CTP_6_6_9);
    other = CTP_6_3_15;
    assert_false(channel_active(&pair, &other, &error));
}

static void without_a_home_the_user_has_no_channels(void **state)
{
    (void)state;
    char home[256], path[CHANNEL_PATH_SIZE];
    struct error error;
    snprintf(home, sizeof home, "%s", getenv("HOME") ? getenv("HOME") : "/");
    setenv("XDG_DATA_HOME", "relative", 1);
    setenv("HOME", "/home/someone", 1);
    assert_true(channel_data_folder(path, sizeof path, &error));
    assert_string_equal(path, "/home/someone/.local/share/openctp");
    unsetenv("HOME");
    assert_false(channel_data_folder(path, sizeof path, &error));
    assert_non_null(strstr(error.fix, "XDG_DATA_HOME"));
    setenv("HOME", home, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SANDBOX(both_styles_of_file_name_are_found),
        IN_SANDBOX(an_error_names_both_files_and_their_place),
        IN_SANDBOX(a_mistyped_name_is_recognised),
        IN_SANDBOX(versions_that_are_there_are_named),
        IN_SANDBOX(the_missing_one_of_two_files_is_named),
        IN_SANDBOX(a_name_that_is_a_path_is_refused),
        IN_SANDBOX(a_version_that_the_table_lacks_names_those_it_has),
        IN_SANDBOX(roots_are_asked_in_order),
        IN_SANDBOX(the_list_has_all_and_says_what_is_usable),
        IN_SANDBOX(the_active_one_is_found_in_its_version_or_another),
        IN_SANDBOX(without_a_home_the_user_has_no_channels),
    };
    return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
