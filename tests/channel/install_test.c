/* install_test.c: the active pair put into a client's own folder, and taken back. */
#include "cmocka_all.h"
#include "sandbox.h"

#define TRADER "client/libthosttraderapi_se-1a2b.so"
#define MD "client/thostmduserapi_se.so"

static int client_make(void **state)
{
    if (sandbox_enter(state) != 0)
        return -1;
    sandbox_put("trader_669", TRADER);
    sandbox_put("md_669", MD);
    sandbox_put("=# a client", "client/client.py");
    sandbox_put_pair("acme", "6.7.2", "trader_672", "md_672");
    sandbox_put_pair("acme", "6.6.9", "trader_mute", "md_669");
    return ran("channels switch acme 6.6.9");
}

static void assert_same(const char *path, const char *standin)
{
    struct buffer here = file_bytes(sandbox_path("%s", path));
    struct buffer there = file_bytes(standin_path(standin));
    assert_true(text_equal(buffer_text(&here), buffer_text(&there)));
    buffer_finish(&here);
    buffer_finish(&there);
}

static void a_client_gets_the_pair_and_keeps_its_own(void **state)
{
    (void)state;
    assert_int_equal(ran("channels install %s", sandbox_path("client")), 0);
    assert_said("libthosttraderapi_se-1a2b.so is now acme 6.6.9\n");
    assert_said("thostmduserapi_se.so is now acme 6.6.9\n");
    assert_same(TRADER, "trader_mute");
    assert_same(TRADER ".openctp-original", "trader_669");
    assert_int_equal(ran("channels uninstall %s", sandbox_path("client")), 0);
    assert_said("is the client's own again");
    assert_same(TRADER, "trader_669");
    assert_same(MD, "md_669");
    assert_int_equal(ran("ls %s", sandbox_path("client")), 0);
    assert_not_said("openctp-");
    assert_int_equal(ran("channels uninstall %s", sandbox_path("client")), 1);
    assert_said("nothing of ours in this folder to take back");
}

static void installing_again_keeps_the_first_original(void **state)
{
    (void)state;
    assert_int_equal(ran("channels install %s", sandbox_path("client")), 0);
    assert_int_equal(ran("channels install %s", sandbox_path("client")), 0);
    assert_same(TRADER ".openctp-original", "trader_669");
}

static void another_version_is_refused_unless_told(void **state)
{
    (void)state;
    assert_int_equal(ran("channels switch acme 6.7.2"), 0);
    assert_int_equal(ran("channels install %s", sandbox_path("client")), 1);
    assert_said("the client's library says \"V6_6_9\" of itself, the active channel is acme 6.7.2; "
                "switch to the client's version first, or add --any-version\n");
    assert_same(TRADER, "trader_669");
    assert_int_equal(ran("channels install --any-version %s", sandbox_path("client")), 0);
    assert_same(TRADER, "trader_672");
    assert_same(MD, "md_672");
}

static void a_folder_without_libraries_is_refused(void **state)
{
    (void)state;
    assert_int_equal(ran("channels install %s", sandbox_path("data")), 1);
    assert_said("there is no CTP library in this folder");
    assert_int_equal(ran("channels install %s", sandbox_path("nowhere")), 1);
    assert_said("cannot be read: No such file");
}

static void when_one_file_cannot_be_replaced_none_is(void **state)
{
    (void)state;
    /* A folder where the second new file would be written makes that step fail, whoever runs the
     * test. */
    sandbox_put("=", MD ".openctp-new/in-the-way");
    assert_int_equal(ran("channels install %s", sandbox_path("client")), 1);
    assert_said("cannot be written");
    assert_not_said("is now");
    assert_int_equal(ran("ls %s", sandbox_path("client")), 0);
    assert_not_said("openctp-original");
    assert_same(TRADER, "trader_669");
    assert_same(MD, "md_669");
}

int main(void)
{
#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, client_make, sandbox_leave)
    const struct CMUnitTest tests[] = {
        WITH_CLIENT(a_client_gets_the_pair_and_keeps_its_own),
        WITH_CLIENT(installing_again_keeps_the_first_original),
        WITH_CLIENT(another_version_is_refused_unless_told),
        WITH_CLIENT(a_folder_without_libraries_is_refused),
        WITH_CLIENT(when_one_file_cannot_be_replaced_none_is),
    };
    return cmocka_run_group_tests_name("install", tests, NULL, NULL);
}
