/* main.c: `tts`: the counter as a server, and the commands for its operator. A command asks the
 * running server; where none runs it works on the database itself. */
#include "base/clock.h"
#include "tts/admin/commands.h"
#include "tts/admin/control.h"
#include "tts/database.h"
#include "tts/options.h"
#include "tts/secret/secret.h"
#include "tts/server.h"
#include <unistd.h>

#ifndef TTS_VERSION
#define TTS_VERSION "0"
#endif

static int fail(const struct error *error, int code)
{
    error_print("tts", error);
    return code;
}

static int help(void)
{
    struct buffer out = {.at = NULL};
    buffer_put_text(&out, TEXT("usage: tts [OPTION...]                the counter: trading and "
                               "market data until Ctrl-C\n"
                               "       tts [OPTION...] COMMAND ...    asks the running counter, or "
                               "works on its database\n"
                               "\ncommands:\n"));
    command_help(&out);
    buffer_put_text(&out, TEXT("  replay-journal\n      applies the whole journal again and "
                               "compares the state with the snapshot's\n"
                               "\noptions:\n"));
    options_help(&out);
    fwrite(out.at, 1, out.length, stdout);
    buffer_finish(&out);
    return 0;
}

/* ---- passwords are hashed here, so that no plain one travels ---- */

static bool read_password_line(char *password, size_t size)
{
    if (!fgets(password, (int)size, stdin))
        return false;
    password[strcspn(password, "\r\n")] = '\0';
    return true;
}

/* Replaces --password TEXT and --password-stdin by --hash STRING. False with `error`. */
static bool hash_password(text *words, size_t *count, char hash[SECRET_STRING_SIZE],
                          struct error *error)
{
    char password[SECRET_PASSWORD_BYTES_MAX + 2];
    for (size_t i = 0; i < *count; i++) {
        bool from_stdin = text_equal(words[i], TEXT("--password-stdin"));
        if (!from_stdin && !text_equal(words[i], TEXT("--password")))
            continue;
        if (!from_stdin && i + 1 == *count)
            return error_set(error, "--password needs a value");
        if (from_stdin && !read_password_line(password, sizeof password))
            return error_set(error, "--password-stdin: no line came from standard input");
        text plain = from_stdin ? text_of(password) : words[i + 1];
        if (!secret_make(hash, plain))
            return error_set(error, "the password is longer than %d bytes",
                             SECRET_PASSWORD_BYTES_MAX);
        if (from_stdin) {
            memmove(words + i + 2, words + i + 1, (*count - i - 1) * sizeof *words);
            (*count)++;
        }
        words[i] = TEXT("--hash");
        words[i + 1] = text_of(hash);
        return true;
    }
    return true;
}

/* ---- commands ---- */

static char *effect_room(void *user, size_t length)
{
    struct database *database = user;
    return journal_append_room(database->journal, length);
}

static void nothing_answer(void *user, uint32_t connection, enum ctp_method callback,
                           const void *body, const struct CThostFtdcRspInfoField *rsp_info,
                           int request_id, bool is_last)
{
    (void)user, (void)connection, (void)callback, (void)body, (void)rsp_info, (void)request_id,
        (void)is_last;
}

static void nothing_for(void *user, uint32_t connection)
{
    (void)user, (void)connection;
}

static void nothing_tick(void *user, uint32_t instrument,
                         const struct CThostFtdcDepthMarketDataField *tick)
{
    (void)user, (void)instrument, (void)tick;
}

static void nothing_for_quote(void *user, uint32_t instrument,
                              const struct CThostFtdcForQuoteRspField *body)
{
    (void)user, (void)instrument, (void)body;
}

static void print_log(void *user, const char *line)
{
    (void)user;
    fprintf(stderr, "tts: %s\n", line);
}

static void stored_statements(void *user, text account, int first_day, int last_day,
                              core_take_statement take, void *context)
{
    database_statements(user, account, first_day, last_day, take, context);
}

/* No client sees anything while a command works on the database. */
static struct core_sink offline_sink(struct database *database)
{
    return (struct core_sink){
        .user = database,
        .effect_room = effect_room,
        .answer = nothing_answer,
        .logged_in = nothing_for,
        .close = nothing_for,
        .tick = nothing_tick,
        .for_quote = nothing_for_quote,
        .log = print_log,
        .statements = stored_statements,
    };
}

static void set_wall_time(struct core *core)
{
    struct core_time now = {.wall_us = clock_now_us()};
    struct beijing_time beijing = clock_beijing(now.wall_us);
    now.replay_date = beijing.year * 10000 + beijing.month * 100 + beijing.day;
    now.replay_second = beijing.hour * 3600 + beijing.minute * 60 + beijing.second;
    core_set_time(core, &now);
}

/* A new counter begins with its first user; any other command on a database that is not there means
 * a mistyped --db. */
static bool makes_database(const text *words, size_t count)
{
    return count >= 2 && text_equal(words[0], TEXT("user")) && text_equal(words[1], TEXT("add"));
}

static int run_offline(const struct options *options, const text *words, size_t count,
                       struct buffer *out)
{
    struct database database;
    struct error error;
    struct core_sink sink = offline_sink(&database);
    struct command_host host = {.user = NULL};
    struct database_options how = {.path = options->database,
                                   .core = &options->core,
                                   .sink = &sink,
                                   .brief = true,
                                   .first_day_open = !text_equal(words[0], TEXT("settle")),
                                   .first_trading_day = server_wall_trading_day(options)};
    if (access(options->database, F_OK) != 0 && !makes_database(words, count)) {
        error_set(&error, "there is no such database");
        error_fix(&error, "start tts, or make it with `tts user add`");
        error_at(&error, options->database, 0, 0);
        return fail(&error, 1);
    }
    how.must_exist = !makes_database(words, count);
    if (!database_open(&database, &how, &error))
        return fail(&error, 1);
    set_wall_time(database.core);
    int code = command_run(database.core, &host, words, count, out);
    if (!journal_commit(database.journal, &error))
        code = fail(&error, 1);
    database_close(&database);
    return code;
}

static int run_command(const struct options *options)
{
    struct error error;
    text words[OPTIONS_WORDS_MAX + 1];
    char hash[SECRET_STRING_SIZE], path[256];
    size_t count = options->word_count;
    struct buffer out = {.at = NULL};
    int code = 1;
    bool running = false;
    memcpy(words, options->words, count * sizeof *words);
    if (!hash_password(words, &count, hash, &error))
        return fail(&error, 2);
    control_path(options->database, path, sizeof path);
    if (!control_ask(path, words, count, &code, &out, &running, &error))
        code = running ? fail(&error, 1) : run_offline(options, words, count, &out);
    fwrite(out.at ? out.at : "", 1, out.length, code ? stderr : stdout);
    buffer_finish(&out);
    return code;
}

/* ---- replay-journal ---- */

static bool open_for_replay(struct database *database, const struct options *options,
                            const struct core_sink *sink, bool whole, struct error *error)
{
    struct database_options how = {.path = options->database,
                                   .core = &options->core,
                                   .sink = sink,
                                   .must_exist = true,
                                   .read_only = true,
                                   .ignore_snapshot = whole};
    return database_open(database, &how, error);
}

/* Applies the journal from the newest snapshot, and where the whole journal is still there from its
 * beginning: both states must be the same. */
static int replay_journal(const struct options *options)
{
    struct database database, whole;
    struct error error;
    struct core_sink sink = offline_sink(&database), whole_sink = offline_sink(&whole);
    int64_t start = clock_monotonic_ns();
    if (!open_for_replay(&database, options, &sink, false, &error))
        return fail(&error, 1);
    uint64_t hash = core_hash(database.core), snapshot = database.snapshot;
    printf("snapshot after effect %llu, %llu effects applied behind it, %.3f s, state %016llx\n",
           (unsigned long long)snapshot, (unsigned long long)database.applied,
           (double)(clock_monotonic_ns() - start) / 1e9, (unsigned long long)hash);
    bool complete = journal_first(database.journal) == 1;
    database_close(&database);
    if (snapshot == 0 || !complete)
        return 0;
    if (!open_for_replay(&whole, options, &whole_sink, true, &error))
        return fail(&error, 1);
    uint64_t again = core_hash(whole.core);
    printf("from the beginning: %llu effects, state %016llx: %s\n",
           (unsigned long long)whole.applied, (unsigned long long)again,
           again == hash ? "the same" : "DIFFERENT");
    database_close(&whole);
    return again == hash ? 0 : 1;
}

int main(int argc, char **argv)
{
    static struct options options;
    struct error error;
    bool usage = false;
    if (!options_read(&options, argc, argv, &usage, &error))
        return fail(&error, usage ? 2 : 1);
    if (options.help)
        return help();
    if (options.version) {
        printf("tts %s\n", TTS_VERSION);
        return 0;
    }
    snprintf(options.core.version, sizeof options.core.version, "tts %s", TTS_VERSION);
    log_set_level(options.log_level);
    if (options.word_count == 0)
        return server_run(&options);
    if (text_equal(options.words[0], TEXT("replay-journal")))
        return replay_journal(&options);
    if (!command_exists(options.words, options.word_count)) {
        struct buffer out = {.at = NULL};
        command_unknown(options.words, options.word_count, &out);
        fwrite(out.at, 1, out.length, stderr);
        buffer_finish(&out);
        return 2;
    }
    return run_command(&options);
}
