/* server.c: the counter's loop. One turn: inputs are decided as they come, what they changed is
 * sealed for the disk, and what clients are to see goes out as soon as it is durable. The next turn
 * does not wait for the disk of this one. */
#include "tts/server.h"
#include "base/log.h"
#include "tts/admin/commands.h"
#include "tts/server_inside.h"
#include <signal.h>
#include <unistd.h>

/* ---- what the core tells ---- */

static char *effect_room(void *user, size_t length)
{
    struct server *server = user;
    return journal_append_room(server->database.journal, length);
}

static void take_answer(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                        const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last)
{
    struct server *server = user;
    front_answer(server->front, connection, callback, body, rsp_info, request_id, is_last);
}

static void take_login(void *user, uint32_t connection)
{
    struct server *server = user;
    front_logged_in(server->front, connection);
}

static void take_close(void *user, uint32_t connection)
{
    struct server *server = user;
    front_close(server->front, connection);
}

static void take_tick(void *user, uint32_t instrument,
                      const struct CThostFtdcDepthMarketDataField *tick)
{
    struct server *server = user;
    if (server->front)
        front_tick(server->front, instrument, tick);
}

static void take_for_quote(void *user, uint32_t instrument,
                           const struct CThostFtdcForQuoteRspField *body)
{
    struct server *server = user;
    if (server->front)
        front_for_quote(server->front, instrument, body);
}

static void take_statements(void *user, text account, int first_day, int last_day,
                            core_take_statement take, void *context)
{
    struct server *server = user;
    database_statements(&server->database, account, first_day, last_day, take, context);
}

static void take_log(void *user, const char *line)
{
    (void)user;
    log_line(LOG_INFO, "%s", line);
}

/* ---- the end ---- */

static void close_any(uv_handle_t *handle)
{
    if (handle->type != UV_UNKNOWN_HANDLE && !uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop(struct server *server, int code)
{
    if (server->stopping)
        return;
    server->stopping = true;
    server->code = code;
    close_any((uv_handle_t *)&server->feed_timer);
    close_any((uv_handle_t *)&server->day_timer);
    close_any((uv_handle_t *)&server->journal_poll);
    close_any((uv_handle_t *)&server->turn);
    close_any((uv_handle_t *)&server->again);
    close_any((uv_handle_t *)&server->interrupt);
    close_any((uv_handle_t *)&server->terminate);
    if (server->front)
        front_stop(server->front);
    if (server->control)
        control_stop(server->control);
}

static void interrupted(uv_signal_t *signal, int number)
{
    struct server *server = signal->data;
    log_line(LOG_INFO, "signal %d: closing", number);
    stop(server, 0);
}

/* ---- the turn ---- */

static void disk_failed(struct server *server)
{
    struct error error;
    if (!journal_failed(server->database.journal, &error))
        return;
    error_print("tts", &error);
    stop(server, 1);
}

static void show_durable(struct server *server)
{
    uint64_t durable = journal_durable(server->database.journal);
    front_durable(server->front, durable);
    control_durable(server->control, durable);
}

static void nothing(uv_idle_t *again)
{
    (void)again;
}

static void turn(uv_prepare_t *prepare)
{
    struct server *server = prepare->data;
    struct journal *journal = server->database.journal;
    bool changed = journal_last(journal) > server->sealed;
    if (changed) {
        market_note(server);
        server->sealed = journal_seal(journal);
    }
    control_seal(server->control, server->sealed);
    if (changed || front_has_held(server->front))
        front_seal(server->front, server->sealed);
    show_durable(server);
    statements_turn(server->statements);
    snapshot_turn(server->snapshot);
    if (front_has_held(server->front))
        uv_idle_start(&server->again, nothing);
    else
        uv_idle_stop(&server->again);
}

static void disk_progressed(uv_poll_t *poll, int status, int events)
{
    struct server *server = poll->data;
    (void)status, (void)events;
    journal_progress_clear(server->database.journal);
    disk_failed(server);
    if (!server->stopping)
        show_durable(server);
}

/* ---- commands ---- */

static void put_figures(void *user, struct buffer *out)
{
    struct server *server = user;
    struct front_figures figures = front_figures_of(server->front);
    buffer_printf(
        out,
        "connections   %u, logged in %u\nrequests      %llu\nframes sent   %llu, ticks %llu\n"
        "bytes sent    %llu\njournal       %llu effects, durable %llu\n",
        figures.connections, figures.logged_in, (unsigned long long)figures.requests,
        (unsigned long long)figures.frames_sent, (unsigned long long)figures.ticks_sent,
        (unsigned long long)figures.bytes_sent,
        (unsigned long long)journal_last(server->database.journal),
        (unsigned long long)journal_durable(server->database.journal));
}

static int take_command(void *user, const text *words, size_t count, struct buffer *out)
{
    struct server *server = user;
    struct command_host host = {.user = server,
                                .settle = market_settle,
                                .ticks = market_change_ticks,
                                .figures = put_figures};
    market_set_time(server);
    int code = command_run(server->database.core, &host, words, count, out);
    char line[256];
    size_t at = 0;
    for (size_t i = 0; i < count && i < 3; i++)
        at += (size_t)snprintf(line + at, sizeof line - at, " %.*s",
                               words[i].length > 60 ? 60 : (int)words[i].length, words[i].at);
    log_line(LOG_INFO, "operator:%s: %s", line, code == COMMAND_OK ? "done" : "not done");
    return code;
}

static void before_input(void *user)
{
    market_set_time(user);
}

/* ---- the beginning ---- */

static bool open_front(struct server *server, struct error *error)
{
    const struct options *options = server->options;
    struct front_options how = {
        .host = options->host,
        .td_port = options->td_port,
        .md_port = options->md_port,
        .certificate = options->certificate[0] ? options->certificate : NULL,
        .private_key = options->private_key,
        .connections_max = options->connections_max,
        .connect_rate = options->connect_rate,
        .out_bytes_max = (size_t)options->out_megabytes_max << 20,
        .query_rate = options->core.query_rate,
        .query_pending = options->core.query_in_flight,
        .message_rate = options->core.message_rate,
        .md_subscription_limit = options->core.md_subscription_limit,
        .auto_account = options->core.auto_account,
        .front_id = options->core.front_id,
    };
    struct front_hooks hooks = {.user = server, .before_input = before_input};
    server->front = front_create(&server->loop, &how, server->database.core, &hooks, error);
    return server->front != NULL;
}

static bool open_control(struct server *server, struct error *error)
{
    char path[256];
    control_path(server->options->database, path, sizeof path);
    server->control = control_create(&server->loop, path, take_command, server, error);
    return server->control != NULL;
}

static struct core_sink sink_of(struct server *server)
{
    return (struct core_sink){
        .user = server,
        .effect_room = effect_room,
        .answer = take_answer,
        .logged_in = take_login,
        .close = take_close,
        .tick = take_tick,
        .for_quote = take_for_quote,
        .log = take_log,
        .statements = take_statements,
    };
}

static bool open_database(struct server *server, struct error *error)
{
    struct core_sink sink = sink_of(server);
    struct database_options how = {
        .path = server->options->database, .core = &server->options->core, .sink = &sink};
    if (!market_first_day(server, &how.first_trading_day, error) ||
        !database_open(&server->database, &how, error))
        return false;
    core_reserve(server->database.core, (uint32_t)server->options->room_for_orders);
    server->sealed = journal_last(server->database.journal);
    server->snapshot = snapshot_create(server, server->database.snapshot);
    server->statements = statements_create(server);
    return true;
}

static void start_handles(struct server *server)
{
    uv_loop_t *loop = &server->loop;
    uv_timer_init(loop, &server->feed_timer);
    uv_timer_init(loop, &server->day_timer);
    uv_poll_init(loop, &server->journal_poll, journal_descriptor(server->database.journal));
    uv_prepare_init(loop, &server->turn);
    uv_idle_init(loop, &server->again);
    uv_signal_init(loop, &server->interrupt);
    uv_signal_init(loop, &server->terminate);
    server->feed_timer.data = server->day_timer.data = server->journal_poll.data = server;
    server->turn.data = server->interrupt.data = server->terminate.data = server;
    uv_timer_start(&server->feed_timer, market_play, 0, 0);
    uv_timer_start(&server->day_timer, market_check_day, 0, 1000);
    uv_poll_start(&server->journal_poll, UV_READABLE, disk_progressed);
    uv_prepare_start(&server->turn, turn);
    uv_signal_start(&server->interrupt, interrupted, SIGINT);
    uv_signal_start(&server->terminate, interrupted, SIGTERM);
}

static bool begin(struct server *server, struct error *error)
{
    signal(SIGPIPE, SIG_IGN);
    if (!front_certificate_check(server->options->certificate, server->options->private_key,
                                 error) ||
        !market_load(server, error) || !open_database(server, error) ||
        !market_begin(server, error))
        return false;
    struct trading_params params = core_params_of(&server->options->core);
    core_set_params(server->database.core, &params);
    if (!open_front(server, error) || !open_control(server, error))
        return false;
    core_set_channel_state(server->database.core, TEXT("sim"), CHANNEL_UP); /* held before? */
    start_handles(server);
    log_line(LOG_INFO, "trading day %d, %u users, %u instruments, %llu effects recovered",
             core_trading_day(server->database.core), core_user_count(server->database.core),
             core_market(server->database.core)->instrument_count,
             (unsigned long long)server->database.applied);
    log_line(LOG_INFO, "ready: trading at %s:%d, market data at %s:%d", server->options->host,
             front_td_port(server->front), server->options->host, front_md_port(server->front));
    return true;
}

static void end(struct server *server)
{
    if (server->snapshot && server->code == 0)
        snapshot_finish(server->snapshot);
    snapshot_destroy(server->snapshot);
    statements_destroy(server->statements);
    database_close(&server->database);
    market_end(server);
    front_destroy(server->front);
    control_destroy(server->control);
    uv_loop_close(&server->loop);
}

/* ---- --check ---- */

/* The database as it is, or none: nothing is written. */
static bool check_database(struct server *server, struct error *error)
{
    struct core_sink sink = sink_of(server);
    struct database_options how = {.path = server->options->database,
                                   .core = &server->options->core,
                                   .sink = &sink,
                                   .must_exist = true,
                                   .read_only = true};
    if (access(server->options->database, F_OK) != 0) {
        printf("tts: there is no database %s yet; the first start makes it\n",
               server->options->database);
        return true;
    }
    if (!database_open(&server->database, &how, error))
        return false;
    printf("tts: database %s: trading day %d, %u users\n", server->options->database,
           core_trading_day(server->database.core), core_user_count(server->database.core));
    database_close(&server->database);
    return true;
}

static int check(struct server *server)
{
    struct error error;
    int day;
    bool fine = front_certificate_check(server->options->certificate, server->options->private_key,
                                        &error) &&
                market_load(server, &error) && market_check(server, &day, &error) &&
                check_database(server, &error);
    if (fine)
        printf("tts: all is well: trading day %d\n", day);
    else
        error_print("tts", &error);
    market_end(server);
    uv_loop_close(&server->loop);
    return fine ? 0 : 1;
}

int server_run(const struct options *options)
{
    static struct server server;
    struct error error;
    memset(&server, 0, sizeof server);
    server.options = options;
    uv_loop_init(&server.loop);
    if (options->check)
        return check(&server);
    if (!begin(&server, &error)) {
        error_print("tts", &error);
        stop(&server, 1);
    }
    uv_run(&server.loop, UV_RUN_DEFAULT);
    int code = server.code;
    end(&server);
    return code;
}
