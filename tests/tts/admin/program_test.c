/* program_test.c: the program `tts` as its operator meets it: commands with and without a running
 * server, exit codes and error lines, passwords from standard input, the control socket. */
#include "base/buffer.h"
#include "cmocka_all.h"
#include "real_tts.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct told {
    int code;
    char out[8192]; /* standard output and errors */
};

/* Runs a line of the shell in the counter's folder; `tts` there is the program with its database.
 */
static struct told shell(const struct real_tts *tts, const char *line)
{
    struct told told = {.code = -1};
    char command[2048];
    snprintf(command, sizeof command, "cd %s && { tts() { %s --db tts.db \"$@\"; }; %s; } 2>&1",
             tts->folder, TTS_PROGRAM, line);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t length = fread(told.out, 1, sizeof told.out - 1, pipe);
    told.out[length] = '\0';
    int status = pclose(pipe);
    told.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return told;
}

static void expect(const struct real_tts *tts, const char *line, int code, const char *part)
{
    struct told told = shell(tts, line);
    if (told.code != code || !strstr(told.out, part))
        fail_msg("`%s`: code %d, wanted %d and \"%s\":\n%s", line, told.code, code, part, told.out);
}

static void begin(struct real_tts *tts)
{
    assert_true(real_tts_begin(tts));
}

static void start(struct real_tts *tts)
{
    assert_true(real_tts_start(tts, NULL));
}

static bool is_there(const struct real_tts *tts, const char *name, struct stat *status)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", tts->folder, name);
    return stat(path, status) == 0;
}

/* ---- without a server ---- */

static void commands_work_on_a_database_that_no_server_holds(void **state)
{
    struct real_tts tts;
    (void)state;
    begin(&tts);
    expect(&tts, "printf 'secret\\n' | tts user add zhang --password-stdin --deposit 100", 0,
           "user and account zhang added, deposit 100.00");
    expect(&tts, "tts user list", 0, "zhang            active");
    expect(&tts, "tts account deposit zhang 50", 0, "zhang: balance 150.00");
    expect(&tts, "tts account withdraw zhang 1000", 1, "(WithdrawQuota)");
    expect(&tts, "tts user passwd zhang --password new", 0, "");
    expect(&tts, "tts settle", 1, "settlement needs the running server");
    expect(&tts, "tts figures", 0, "users         1");
    expect(&tts, "tts replay-journal", 0, "effects applied behind it");
    real_tts_finish(&tts);
}

static void only_user_add_makes_a_database(void **state)
{
    struct real_tts tts;
    struct stat status;
    (void)state;
    begin(&tts);
    expect(&tts, "tts user list", 1, "tts.db: there is no such database; start tts");
    expect(&tts, "tts replay-journal", 1, "tts.db");
    expect(&tts, "tts --check", 0, "there is no database tts.db yet");
    assert_false(is_there(&tts, "tts.db", &status));
    expect(&tts, "tts user add zhang --password x", 0, "zhang added");
    assert_true(is_there(&tts, "tts.db", &status));
    expect(&tts, "tts --check", 0, "1 users");
    real_tts_finish(&tts);
}

static void wrong_words_are_told_with_code_2(void **state)
{
    struct real_tts tts;
    (void)state;
    begin(&tts);
    expect(&tts, "tts usr list", 2, "tts: unknown command usr; `tts --help` lists them");
    expect(&tts, "tts --speeed 2 user list", 2, "unknown option --speeed; did you mean --speed?");
    expect(&tts, "tts --td", 2, "--td needs a value");
    expect(&tts, "tts user add zhang --password", 2, "--password needs a value");
    expect(&tts, "tts user add zhang --password-stdin </dev/null", 2, "no line came");
    expect(&tts, "tts --td 70000", 2, "td");
    expect(&tts, "tts --help", 0, "rights set ACCOUNT|all");
    expect(&tts, "tts --version", 0, "tts ");
    real_tts_finish(&tts);
}

/* ---- with a server ---- */

static void commands_ask_the_running_server_and_stay(void **state)
{
    struct real_tts tts;
    (void)state;
    begin(&tts);
    start(&tts);
    expect(&tts, "tts user add zhang --password x --deposit 100", 0, "zhang added");
    expect(&tts, "tts user add zhang --password x", 1, "tts: zhang is there already");
    expect(&tts, "tts fee set all rb --open-by-volume 2", 0, "");
    expect(&tts, "tts margin set zhang rb2105 --long-by-money 0.5", 0, "");
    expect(&tts, "tts fee list", 0, "--open-by-volume 2");
    expect(&tts, "tts rights set zhang m deny", 0, "");
    expect(&tts, "tts limit set zhang rb 5", 0, "");
    expect(&tts, "tts account adjust zhang 11", 0, "zhang: balance 111.00");
    expect(&tts, "tts explain account zhang", 0, "= Available");
    expect(&tts, "tts notice all hello", 0, "");
    expect(&tts, "tts figures", 0, "connections   0, logged in 0");
    expect(&tts, "tts settle", 0, "settled; the trading day is");
    expect(&tts, "tts settle again", 0, "SettlementID 1");
    expect(&tts, "tts statement zhang", 0, "客户号 Client ID：zhang");
    expect(&tts, "tts --check", 0, "1 users");
    assert_int_equal(real_tts_end(&tts, SIGTERM), 0);
    expect(&tts, "tts statement zhang", 0, "客户号 Client ID：zhang");
    expect(&tts, "tts settle again rb2105 4111", 0, "is settled again, SettlementID 2");
    expect(&tts, "tts replay-journal", 0, "the same");
    expect(&tts, "tts rights list", 0, "deny");
    expect(&tts, "tts limit list", 0, "zhang        rb                   5");
    expect(&tts, "tts margin list", 0, "--long-by-money 0.5");
    expect(&tts, "tts account list", 0, "111.00");
    expect(&tts, "grep -c 'operator: account adjust zhang: done' tts.log", 0, "1");
    real_tts_finish(&tts);
}

static void the_control_socket_is_the_owners_and_goes_with_the_server(void **state)
{
    struct real_tts tts;
    struct stat status;
    (void)state;
    begin(&tts);
    start(&tts);
    assert_true(is_there(&tts, "tts.db.sock", &status));
    assert_true(S_ISSOCK(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(real_tts_end(&tts, SIGTERM), 0);
    assert_false(is_there(&tts, "tts.db.sock", &status));
    real_tts_finish(&tts);
}

static void commands_at_the_same_time_are_all_done(void **state)
{
    struct real_tts tts;
    (void)state;
    begin(&tts);
    start(&tts);
    expect(&tts, "tts user add zhang --password x", 0, "zhang added");
    expect(&tts,
           "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do tts account deposit zhang 10 & done; wait; "
           "tts account list",
           0, "balance           120.00");
    real_tts_finish(&tts);
}

static void a_database_in_use_is_refused_by_name(void **state)
{
    struct real_tts tts;
    (void)state;
    begin(&tts);
    start(&tts);
    expect(&tts, "rm tts.db.sock; tts user list", 1, "in use");
    expect(&tts, "tts --td 0 --md 0", 1, "in use");
    real_tts_finish(&tts);
}

static void a_server_that_dies_during_a_command_is_told(void **state)
{
    struct real_tts tts;
    char line[256];
    (void)state;
    begin(&tts);
    start(&tts);
    snprintf(line, sizeof line,
             "kill -STOP %d; { sleep 1; kill -KILL %d; } & tts account list; code=$?; wait; "
             "exit $code",
             (int)tts.pid, (int)tts.pid);
    expect(&tts, line, 1, "the server went away without an answer");
    real_tts_end(&tts, SIGKILL);
    start(&tts); /* over the socket that was left behind */
    expect(&tts, "tts figures", 0, "trading day");
    real_tts_finish(&tts);
}

static void a_bad_socket_path_ends_the_start(void **state)
{
    struct real_tts tts;
    (void)state;
    begin(&tts);
    expect(&tts, "mkdir tts.db.sock; tts --host 127.0.0.1 --td 0 --md 0", 1,
           "the control socket cannot be made");
    real_tts_finish(&tts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_work_on_a_database_that_no_server_holds),
        cmocka_unit_test(only_user_add_makes_a_database),
        cmocka_unit_test(wrong_words_are_told_with_code_2),
        cmocka_unit_test(commands_ask_the_running_server_and_stay),
        cmocka_unit_test(the_control_socket_is_the_owners_and_goes_with_the_server),
        cmocka_unit_test(commands_at_the_same_time_are_all_done),
        cmocka_unit_test(a_database_in_use_is_refused_by_name),
        cmocka_unit_test(a_server_that_dies_during_a_command_is_told),
        cmocka_unit_test(a_bad_socket_path_ends_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
