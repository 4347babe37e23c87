/* channels_test.c: openctp-channels as a user runs it: each command, what it prints, and its exit
 * code. */
#define _GNU_SOURCE /* memfd_create */
#include "channel/active.h"
#include "cmocka_all.h"
#include "sandbox.h"
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

static void help_and_version_are_told(void **state)
{
    (void)state;
    assert_int_equal(ran("channels --help"), 0);
    assert_said("usage: openctp-channels COMMAND");
    assert_int_equal(ran("channels switch --help"), 0);
    assert_said("NAME [VERSION]");
    assert_int_equal(ran("channels --version"), 0);
    assert_said("openctp-channels ");
}

static void wrong_usage_ends_with_2(void **state)
{
    (void)state;
    assert_int_equal(ran("channels "), 2);
    assert_said("no command is given");
    assert_int_equal(ran("channels swich tts"), 2);
    assert_said("unknown command swich; did you mean switch\n");
    assert_int_equal(ran("channels --colour"), 2);
    assert_int_equal(ran("channels switch"), 2);
    assert_said("usage: openctp-channels switch NAME [VERSION]");
    assert_int_equal(ran("channels switch a b c"), 2);
    assert_int_equal(ran("channels show everything"), 2);
    assert_int_equal(ran("channels check --all"), 2);
    assert_int_equal(ran("channels install"), 2);
    assert_int_equal(ran("channels install --any-version"), 2);
    assert_int_equal(ran("channels install a b"), 2);
}

static void a_switch_says_what_is_active_now(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put_pair("acme", "6.6.9", "trader_669", "md_669");
    assert_int_equal(ran("channels switch acme"), 0);
    assert_said("active now: acme 6.7.2\n");
    assert_said(sandbox_path("data/openctp/channels/acme/6.7.2/libthosttraderapi_se.so"));
    assert_not_said("before:");
    assert_int_equal(ran("channels switch acme 6.6.9"), 0);
    assert_said("active now: acme 6.6.9\n");
    assert_said("before: acme 6.7.2 (openctp-channels undo goes back)");
    assert_int_equal(ran("channels undo"), 0);
    assert_said("active now: acme 6.7.2\n");
    assert_int_equal(ran("channels show"), 0);
    assert_said("active: acme 6.7.2\n");
    assert_said("* acme     6.7.2 ");
    assert_said("  acme     6.6.9 ");
    assert_said("looked in:\n");
}

static void a_switch_without_files_says_where_to_put_them(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    assert_int_equal(ran("channels switch acme"), 0);
    assert_int_equal(ran("channels switch ctp"), 1);
    assert_said("looked for thosttraderapi_se.so and thostmduserapi_se.so");
    assert_said(sandbox_path("data/openctp/channels/ctp/6.7.2/"));
    assert_said("nothing was changed, acme 6.7.2 is still active");
    assert_int_equal(ran("channels switch acne"), 1);
    assert_said("did you mean acme?");
    assert_int_equal(ran("channels switch acme 6.7.3"), 1);
    assert_said("known are 6.3.15 ");
    sandbox_put_pair("ctp", "6.7.2", "trader_672", "md_672");
    assert_int_equal(ran("channels switch ctp"), 0);
    assert_said("active now: ctp 6.7.2\n");
}

static void a_switch_to_what_is_no_library_is_refused(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "=<html>404 Not Found</html>");
    assert_int_equal(ran("channels switch acme"), 1);
    assert_said("libthostmduserapi_se.so: is not a shared library");
    assert_int_equal(ran("channels show"), 0);
    assert_said("active: none; choose one with: openctp-channels switch tts");
}

static void check_tells_what_the_libraries_say(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    assert_int_equal(ran("channels check"), 1);
    assert_said("no channel is active yet");
    assert_int_equal(ran("channels switch acme"), 0);
    assert_int_equal(ran("channels check"), 0);
    assert_said("trader       libthosttraderapi_se.so says \"acme v6.7.2\"\n");
    assert_said("market data  libthostmduserapi_se.so says \"acme v6.7.2\"\n");
    assert_said("layout       6.7.2, because the folder states it and both libraries say so too\n");
    sandbox_put_pair("mute", "6.7.2", "trader_mute", "md_672");
    assert_int_equal(ran("channels check mute 6.7.2"), 0);
    assert_said("libthosttraderapi_se.so does not say its version");
    assert_said("the libraries do not contradict it");
}

static void check_tells_a_difference(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_669", "md_672");
    assert_int_equal(ran("channels check acme 6.7.2"), 0);
    assert_said("layout       6.7.2, because the folder states it\n");
    assert_said("differs      the trader library says \"V6_6_9\" of itself, its folder says 6.7.2: "
                "the folder decides\n");
    assert_said("move the pair to the folder of the version that it is");
}

static void check_goes_through_all_versions_of_a_channel(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put_pair("acme", "6.6.9", "trader_669", "md_669");
    assert_int_equal(ran("channels check acme"), 0);
    assert_said("acme 6.6.9  ");
    assert_said("acme 6.7.2  ");
    sandbox_put_pair("acme", "6.7.3", "trader_672", "md_672");
    assert_int_equal(ran("channels check acme"), 1);
    assert_said("acme/6.7.3: 6.7.3 is not a version of the CTP API that this program knows; "
                "known are 6.3.15");
    assert_said("acme 6.7.2  "); /* the others are checked all the same */
    assert_int_equal(ran("channels check nobody"), 1);
    assert_said("channel nobody has no libraries");
}

static void check_survives_a_library_that_crashes(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_crashes", "md_672");
    assert_int_equal(ran("channels check acme"), 1);
    assert_said("libthosttraderapi_se.so: crashes when it is loaded: Segmentation fault\n");
    assert_said("market data  libthostmduserapi_se.so says");
    assert_not_said("layout");
}

static void show_tells_what_cannot_be_used(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put("md_672", "data/openctp/channels/acme/6.6.9/thostmduserapi_se.so");
    sandbox_put("trader_672", "data/openctp/channels/acme/6.6.7/thosttraderapi_se.so");
    sandbox_put("=", "data/openctp/channels/acme/6.6.1/notes");
    sandbox_put_pair("acme", "7.0.0", "trader_672", "md_672");
    assert_int_equal(ran("channels show"), 0);
    assert_said("6.6.9  (not usable: the trader library is missing)\n");
    assert_said("6.6.7  (not usable: the market data library is missing)\n");
    assert_said("6.6.1  (not usable: has no CTP library)\n");
    assert_said("7.0.0  (not usable: a version that this program does not know)\n");
}

static void a_damaged_choice_is_told_and_cured_by_a_switch(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put("=\x7f\x45\x4c\x46 rubbish\n", "data/openctp/active");
    assert_int_equal(ran("channels show"), 1);
    assert_said("/active:1: this line begins with neither active nor before; "
                "openctp-channels switch NAME writes the file anew\n");
    assert_said("  acme     6.7.2 ");
    assert_int_equal(ran("channels undo"), 1);
    assert_int_equal(ran("channels switch acme"), 0);
    assert_int_equal(ran("channels show"), 0);
}

static void a_program_finds_the_channels_it_was_installed_with(void **state)
{
    (void)state;
    static const char *const libraries[] = {"lib", "lib/x86_64-linux-gnu"};
    for (size_t i = 0; i < 2; i++) {
        sandbox_put("trader_672", "prefix%zu/%s/openctp/channels/acme/6.7.2/thosttraderapi_se.so",
                    i, libraries[i]);
        sandbox_put("md_672", "prefix%zu/%s/openctp/channels/acme/6.7.2/thostmduserapi_se.so", i,
                    libraries[i]);
        assert_int_equal(ran("mkdir -p %s", sandbox_path("prefix%zu/bin", i)), 0);
        const char *program = sandbox_path("prefix%zu/bin/openctp-channels", i);
        sandbox_copy_program(program);
        assert_int_equal(ran("cd / && %s switch acme", program), 0);
        assert_said(sandbox_path("prefix%zu/%s/openctp/channels/acme/6.7.2/thosttraderapi_se.so", i,
                                 libraries[i]));
    }
}

/* As /openctp-channels in a container would be: a file in memory, which the system calls
 * "/memfd:NAME (deleted)". */
static void a_program_in_the_root_folder_looks_in_lib(void **state)
{
    (void)state;
    int memory = memfd_create("openctp-channels", MFD_CLOEXEC);
    char program[64];
    assert_true(memory >= 0);
    snprintf(program, sizeof program, "/proc/%d/fd/%d", (int)getpid(), memory);
    sandbox_copy_program(program);
    assert_int_equal(ran("%s show", program), 0);
    assert_said("looked in:\n  /lib/openctp/channels (not there)\n  ");
    close(memory);
}

/* Eight writers, each switching to and fro; a reader that at no moment sees anything but one of the
 * two. */
static void switches_at_the_same_time_never_leave_half_a_choice(void **state)
{
    (void)state;
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put_pair("acme", "6.6.9", "trader_669", "md_669");
    assert_int_equal(ran("channels switch acme"), 0);
    FILE *writers = sandbox_start("for w in 1 2 3 4 5 6 7 8; do (for i in 1 2 3 4 5; do"
                                  " \"$P\" switch acme 6.6.9 >/dev/null || echo failed;"
                                  " \"$P\" undo >/dev/null || echo failed; done) & done; wait");
    struct pollfd said = {.fd = fileno(writers), .events = POLLIN};
    char line[64];
    while (poll(&said, 1, 0) == 0) { /* until they say something or have ended */
        struct active active;
        struct error error;
        assert_true(active_read(&active, &error));
        assert_string_equal(active.now.name, "acme");
        assert_true(active.now.version == CTP_6_7_2 || active.now.version == CTP_6_6_9);
    }
    assert_null(fgets(line, sizeof line, writers)); /* no writer had anything to say */
    assert_int_equal(pclose(writers), 0);
    assert_int_equal(ran("channels show"), 0);
    assert_int_equal(ran("ls %s", sandbox_path("data/openctp")), 0);
    assert_not_said("active.new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SANDBOX(help_and_version_are_told),
        IN_SANDBOX(wrong_usage_ends_with_2),
        IN_SANDBOX(a_switch_says_what_is_active_now),
        IN_SANDBOX(a_switch_without_files_says_where_to_put_them),
        IN_SANDBOX(a_switch_to_what_is_no_library_is_refused),
        IN_SANDBOX(check_tells_what_the_libraries_say),
        IN_SANDBOX(check_tells_a_difference),
        IN_SANDBOX(check_goes_through_all_versions_of_a_channel),
        IN_SANDBOX(check_survives_a_library_that_crashes),
        IN_SANDBOX(show_tells_what_cannot_be_used),
        IN_SANDBOX(a_damaged_choice_is_told_and_cured_by_a_switch),
        IN_SANDBOX(a_program_finds_the_channels_it_was_installed_with),
        IN_SANDBOX(a_program_in_the_root_folder_looks_in_lib),
        IN_SANDBOX(switches_at_the_same_time_never_leave_half_a_choice),
    };
    return cmocka_run_group_tests_name("channels", tests, NULL, NULL);
}
