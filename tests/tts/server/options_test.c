/* options_test.c: what the counter is told: the command line, the YAML file, which of them wins,
 * the presets, and what is said of a wrong key, with its place. */
#include "cmocka_all.h"
#include "tts/options.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 32 };

struct outcome {
    bool fine, usage;
    struct options options;
    char line[1024]; /* the error */
    char bytes[1024];
};

/* Reads "tts" and the words of a line, which are separated by spaces. */
static struct outcome *read_line(const char *line)
{
    static struct outcome outcome;
    char *words[WORDS_MAX] = {(char[]){"tts"}};
    int count = 1;
    memset(&outcome, 0, sizeof outcome);
    text_copy(outcome.bytes, sizeof outcome.bytes, text_of(line));
    for (char *at = outcome.bytes; *at && count < WORDS_MAX;) {
        words[count++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    struct error error;
    outcome.fine = options_read(&outcome.options, count, words, &outcome.usage, &error);
    if (!outcome.fine)
        error_text(&error, outcome.line, sizeof outcome.line);
    return &outcome;
}

static const struct options *good(const char *line)
{
    struct outcome *outcome = read_line(line);
    if (!outcome->fine)
        fail_msg("`%s`: %s", line, outcome->line);
    return &outcome->options;
}

static void bad(const char *line, bool usage, const char *part)
{
    struct outcome *outcome = read_line(line);
    if (outcome->fine || outcome->usage != usage || !strstr(outcome->line, part))
        fail_msg("`%s`: fine %d, usage %d, wanted \"%s\":\n%s", line, outcome->fine, outcome->usage,
                 part, outcome->line);
}

/* A file of a test, as "--config PATH more". */
static const char *with_file(const char *yaml, const char *more)
{
    static char path[] = "/tmp/tts-options-XXXXXX", line[256];
    text_copy(path, sizeof path, TEXT("/tmp/tts-options-XXXXXX"));
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, yaml, strlen(yaml)), strlen(yaml));
    close(descriptor);
    snprintf(line, sizeof line, "--config %s %s", path, more);
    return line;
}

static void bad_file(const char *yaml, const char *part)
{
    char line[256], path[64];
    text_copy(line, sizeof line, text_of(with_file(yaml, "")));
    sscanf(line, "--config %63s", path);
    bad(line, false, part);
    unlink(path);
}

/* ---- the command line ---- */

static void without_words_all_is_as_documented(void **state)
{
    (void)state;
    const struct options *options = good("");
    assert_string_equal(options->database, "tts.db");
    assert_string_equal(options->host, "0.0.0.0");
    assert_int_equal(options->td_port, 20002);
    assert_int_equal(options->md_port, 20004);
    assert_true(options->frozen_expiry);
    assert_int_equal(options->trading_day, TRADING_DAY_PER_DAY);
    assert_false(options->core.broker_check);
    assert_int_equal(options->word_count, 0);
}

static void options_stand_before_the_command(void **state)
{
    (void)state;
    const struct options *options = good("--td 5 --db=x.db user add a --password b");
    assert_int_equal(options->td_port, 5);
    assert_string_equal(options->database, "x.db");
    assert_int_equal(options->word_count, 5);
    assert_true(text_equal(options->words[3], TEXT("--password")));
    assert_true(good("--exchange-calendar --check")->exchange_calendar);
    assert_true(good("--help")->help);
}

static void ticks_may_be_given_several_times(void **state)
{
    (void)state;
    const struct options *options = good("--ticks a.csv --ticks b.csv.gz");
    assert_int_equal(options->ticks_count, 2);
    assert_string_equal(options->ticks[1], "b.csv.gz");
}

static void set_reaches_each_key(void **state)
{
    (void)state;
    const struct options *options =
        good("--set match_profile=touch --set order_rate=7 --set withdraw_ratio=0.5 "
             "--set bank=no --set td=9 --message_rate 3");
    assert_int_equal(options->core.match_profile, QUOTE_TOUCH);
    assert_int_equal(options->core.order_rate, 7);
    assert_true(options->core.withdraw_ratio == 0.5);
    assert_false(options->core.bank);
    assert_int_equal(options->td_port, 9);
    assert_int_equal(options->core.message_rate, 3);
}

static void an_unknown_option_names_its_neighbour(void **state)
{
    (void)state;
    bad("--speeed 2", true, "unknown option --speeed; did you mean --speed?");
    bad("--confg x", true, "did you mean --config?");
    bad("--set mesage_rate=2", true, "did you mean --message_rate?");
    bad("--tick x", true, "did you mean --ticks?");
    bad("--something-else 1", true, "`tts --help` lists the options");
    bad("--td", true, "--td needs a value");
    bad("--set td", true, "--set td: wanted KEY=VALUE");
    bad("--speed=", true, "speed needs a value");
    bad("--set order_rate=", true, "order_rate needs a value");
    bad("--td 70000", true, "command line: td");
    bad("--td x", true, "command line: td");
    bad("--profile strict", true, "profile");
    bad("--play wall --trading-day per_loop", true, "which are no trading days");
    assert_int_equal(good("--play wall")->play, PLAY_WALL);
    bad("--check=yes", true, "--check takes no value");
    bad("--help=1", true, "--help takes no value");
}

/* ---- the file ---- */

static void a_key_with_nothing_behind_it_leaves_the_default(void **state)
{
    (void)state;
    const char *line = with_file("connections:\nspeed: ~\nfrozen-expiry:\nhost:\nlevels_shfe:\n"
                                 "notice: ''\n",
                                 "");
    char path[64];
    sscanf(line, "--config %63s", path);
    const struct options *options = good(line);
    unlink(path);
    assert_int_equal(options->connections_max, 4096);
    assert_true(options->speed == 1);
    assert_true(options->frozen_expiry);
    assert_string_equal(options->host, "0.0.0.0");
    assert_int_equal(options->core.levels_shfe, 5);
    assert_string_equal(options->core.notice, "");
    assert_string_equal(good("--notice=")->core.notice, "");
}

static void the_file_says_the_same_and_the_command_line_wins(void **state)
{
    (void)state;
    char line[256], path[64];
    text_copy(line, sizeof line,
              text_of(with_file("td: 11\nmd: 12\nprofile: ctp\norder_rate: 99\nticks:\n  - a.csv\n"
                                "  - b.csv\nterminals:\n  app_1: code1\nterminal-users:\n"
                                "  app_1: u1,u2\nterminal-addresses:\n  app_1: 10.0.0.1\n"
                                "log-level: WARN\n",
                                "--md 13")));
    sscanf(line, "--config %63s", path);
    const struct options *options = good(line);
    assert_int_equal(options->td_port, 11);
    assert_int_equal(options->md_port, 13);
    assert_int_equal(options->core.order_rate, 99);
    assert_int_equal(options->core.sessions_per_user, 6); /* of the profile */
    assert_int_equal(options->ticks_count, 2);
    assert_int_equal(options->core.terminal_count, 1);
    assert_string_equal(options->core.terminals[0].auth_code, "code1");
    assert_string_equal(options->core.terminals[0].users, "u1,u2");
    assert_string_equal(options->core.terminals[0].addresses, "10.0.0.1");
    assert_int_equal(options->log_level, LOG_WARN);
    unlink(path);
}

static void each_wrong_key_of_the_file_is_told_with_its_place(void **state)
{
    (void)state;
    bad_file("md: 5\ntd: many\n", ":2:5: td");
    bad_file("td: 70000\n", ":1:5: td");
    bad_file("speed: fast\n", ":1:8: speed");
    bad_file("profile: strict\n", ":1:10: profile");
    bad_file("trading-day: never\n", ":1:14: trading-day");
    bad_file("frozen-expiry: perhaps\n", ":1:16: frozen-expiry");
    bad_file("order_rate: -1\n", ":1:13: order_rate");
    bad_file("withdraw_ratio: 2\n", ":1:17: withdraw_ratio");
    bad_file("match_profile: guess\n", ":1:16: match_profile");
    bad_file("broker_check: 5\n", ":1:15: broker_check");
    bad_file("log-level: LOUD\n", ":1:12: log-level");
    bad_file("host: 1234567890123456789012345678901234567890123456789012345678901234567890\n",
             ":1:7: host is longer than 63 bytes");
    bad_file("terminals:\n  an_app_id_that_is_longer_than_thirty_two_bytes: x\n",
             ":2:3: terminals: the AppID is longer than 32 bytes");
    bad_file("terminals:\n  app: x\nterminal-users:\n  apps: u1\n",
             ":4:3: apps is no AppID of terminals");
    bad_file("terminals:\n  app: a_code_of_20_bytes__\n", "the AuthCode is longer than 16 bytes");
    bad_file("mesage_rate: 2\n", ":1:1: unknown key mesage_rate; did you mean message_rate?");
    bad_file("td: [1, 2]\n", ":1:5: td");
    bad_file("td: 1\ntd: 2\n", ":2:1");
    bad("--config /nonexistent/tts.yaml", false, "/nonexistent/tts.yaml");
}

/* ---- presets ---- */

static void a_profile_is_a_preset_and_single_keys_win(void **state)
{
    (void)state;
    const struct options *options = good("--profile ctp");
    assert_int_equal(options->core.message_rate, 6);
    assert_true(options->core.broker_check);
    assert_true(options->core.settlement_confirm);
    options = good("--message_rate 50 --profile ctp");
    assert_int_equal(options->core.message_rate, 50);
    assert_true(options->core.broker_check);
    assert_int_equal(good("--profile tts")->core.message_rate, 0);
}

static void the_help_names_every_option(void **state)
{
    (void)state;
    struct buffer out = {.at = NULL};
    options_help(&out);
    buffer_put_char(&out, '\0');
    assert_non_null(strstr(out.at, "--ticks FILE"));
    assert_non_null(strstr(out.at, "--td VALUE"));
    assert_non_null(strstr(out.at, "--trading-day VALUE"));
    assert_non_null(strstr(out.at, " match_profile"));
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_words_all_is_as_documented),
        cmocka_unit_test(options_stand_before_the_command),
        cmocka_unit_test(ticks_may_be_given_several_times),
        cmocka_unit_test(set_reaches_each_key),
        cmocka_unit_test(an_unknown_option_names_its_neighbour),
        cmocka_unit_test(a_key_with_nothing_behind_it_leaves_the_default),
        cmocka_unit_test(the_file_says_the_same_and_the_command_line_wins),
        cmocka_unit_test(each_wrong_key_of_the_file_is_told_with_its_place),
        cmocka_unit_test(a_profile_is_a_preset_and_single_keys_win),
        cmocka_unit_test(the_help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
