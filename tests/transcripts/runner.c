/* runner.c: plays a conversation file against a real tts and a real webctp. Lines of a file:
 *
 *   # ...                       a remark
 *   tts OPTIONS                 starts tts; without such a line it is started with the defaults, as
 * is webctp tts restart | kill | stop   ends it with SIGTERM and starts it again | kill -9 and
 * starts it again | SIGTERM only webctp KEY=VALUE ...        starts webctp with these further
 * settings client NAME td|md           opens a connection and speaks on it; `client NAME` speaks on
 * one that is open $ tts WORDS                 a command, which must exit 0; `$! ` one that must
 * fail; then `| TEXT`: its output has that text > JSON                      sends < JSON the next
 * message must match (pattern.h)
 *   <~ JSON                     a message that matches must come; others before it are passed over
 *   <- MS                       nothing comes for so many milliseconds
 *   close CODE                  the connection is closed by the other side with this code
 *   wait MS
 *
 * User 4645 (password secret, 1,000,000) and 4646 are there from the beginning, the first
 * connection is `A td`. */
#include "base/clock.h"
#include "pattern.h"
#include "processes.h"
#include "websocket_client.h"
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

enum { CLIENTS_MAX = 16, ANSWER_MS = 10000 };

struct client {
    char name[32];
    struct websocket socket;
    bool open;
};

struct player {
    const char *file;
    int line;
    struct processes processes;
    struct client clients[CLIENTS_MAX];
    int client_count, current;
    json_t *caught;
    struct buffer printed;
    char tts_options[512];
    bool tts_started, webctp_started, users_made, failed;
};

static bool fail(struct player *player, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct player *player, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", player->file, player->line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    player->failed = true;
    return false;
}

/* ---- programs ---- */

static bool make_users(struct player *player)
{
    player->users_made = true;
    buffer_clear(&player->printed);
    return processes_command(&player->processes,
                             TEXT("tts user add 4645 --password secret --deposit 1000000"),
                             &player->printed) == 0 &&
           processes_command(&player->processes,
                             TEXT("tts user add 4646 --password secret --deposit 1000000"),
                             &player->printed) == 0;
}

static bool start_tts(struct player *player, text options)
{
    if (!player->users_made && !make_users(player))
        return fail(player, "the users could not be made");
    text_copy(player->tts_options, sizeof player->tts_options, options);
    player->tts_started = processes_start_tts(&player->processes, options);
    return player->tts_started || fail(player, "tts did not start");
}

static bool line_tts(struct player *player, text rest)
{
    int signal_number = text_equal(rest, TEXT("kill")) ? SIGKILL : SIGTERM;
    bool again = text_equal(rest, TEXT("kill")) || text_equal(rest, TEXT("restart"));
    if (!again && !text_equal(rest, TEXT("stop")))
        return start_tts(player, rest);
    if (!processes_end_tts(&player->processes, signal_number))
        return fail(player, "tts did not end with exit code 0");
    return !again || start_tts(player, text_of(player->tts_options));
}

static bool line_webctp(struct player *player, text rest)
{
    if (!player->tts_started && !start_tts(player, TEXT("")))
        return false;
    player->webctp_started = processes_start_webctp(&player->processes, rest);
    return player->webctp_started || fail(player, "webctp did not start");
}

static bool line_command(struct player *player, text rest, bool must_fail)
{
    if (!player->users_made && !make_users(player))
        return fail(player, "the users could not be made");
    buffer_clear(&player->printed);
    int code = processes_command(&player->processes, rest, &player->printed);
    if ((code != 0) == must_fail)
        return true;
    return fail(player, "exit code %d: %.*s", code, (int)player->printed.length,
                player->printed.at ? player->printed.at : "");
}

static bool line_output(struct player *player, text rest)
{
    buffer_put_char(&player->printed, '\0');
    player->printed.length--;
    char wanted[1024];
    text_copy(wanted, sizeof wanted, rest);
    if (strstr(player->printed.at, wanted))
        return true;
    return fail(player, "the output has no \"%s\": %s", wanted, player->printed.at);
}

/* ---- connections ---- */

static bool line_client(struct player *player, text rest)
{
    text path = rest;
    text name = text_cut(&path, ' ');
    for (int i = 0; i < player->client_count; i++) {
        if (text_equal(text_of(player->clients[i].name), name)) {
            player->current = i;
            return true;
        }
    }
    if (!player->webctp_started && !line_webctp(player, TEXT("")))
        return false;
    if (player->client_count == CLIENTS_MAX)
        return fail(player, "more than %d clients", CLIENTS_MAX);
    struct client *client = &player->clients[player->client_count];
    text_copy(client->name, sizeof client->name, name);
    char where[16];
    snprintf(where, sizeof where, "/%.*s/", TEXT_ARG(path));
    player->current = player->client_count++;
    client->open =
        websocket_open(&client->socket, "127.0.0.1", player->processes.port, where, "", false);
    return client->open || fail(player, "no connection to %s", where);
}

static struct client *current(struct player *player)
{
    if (player->client_count == 0 && !line_client(player, TEXT("A td")))
        return NULL;
    return &player->clients[player->current];
}

static bool line_send(struct player *player, text rest)
{
    struct client *client = current(player);
    if (!client)
        return false;
    struct buffer message = {.at = NULL};
    pattern_fill(rest, player->caught, &message);
    buffer_put_char(&message, '\0');
    bool sent = websocket_send(&client->socket, message.at);
    buffer_finish(&message);
    return sent || fail(player, "the connection is gone");
}

static const char *what_came(enum websocket_got got)
{
    return got == WEBSOCKET_CLOSED ? "the connection was closed"
           : got == WEBSOCKET_CUT  ? "the connection broke"
                                   : "nothing came";
}

/* The pattern of a line, with what was caught before put in. */
static json_t *read_pattern(struct player *player, text rest)
{
    json_error_t error;
    json_t *pattern = json_loadb(rest.at, rest.length, 0, &error);
    if (!pattern)
        fail(player, "this pattern is not JSON: %s", error.text);
    return pattern;
}

static bool line_expect(struct player *player, text rest, bool pass_over)
{
    struct client *client = current(player);
    json_t *pattern = client ? read_pattern(player, rest) : NULL;
    int64_t until = clock_monotonic_ns() + (int64_t)ANSWER_MS * 1000000;
    char why[2048] = "no message";
    bool matched = false;
    while (pattern && !matched) {
        enum websocket_got got = websocket_receive(&client->socket, ANSWER_MS);
        if (got != WEBSOCKET_MESSAGE || clock_monotonic_ns() > until) {
            fail(player, "%s; before that: %s", what_came(got), why);
            break;
        }
        json_error_t error;
        json_t *message =
            json_loadb(client->socket.message.at, client->socket.message.length, 0, &error);
        if (!message)
            snprintf(why, sizeof why, "a message that is not JSON: %s", error.text);
        else
            matched = pattern_matches(pattern, message, player->caught, why, sizeof why);
        json_decref(message);
        if (!matched && !pass_over) {
            fail(player, "%s\n  in %.*s", why, (int)client->socket.message.length,
                 client->socket.message.at);
            break;
        }
    }
    json_decref(pattern);
    return matched;
}

static bool line_nothing(struct player *player, text rest)
{
    struct client *client = current(player);
    int64_t ms = 0;
    if (!client || !text_to_int(rest, &ms))
        return fail(player, "<- wants milliseconds");
    enum websocket_got got = websocket_receive(&client->socket, (int)ms);
    return got == WEBSOCKET_NOTHING ||
           fail(player, "something came: %.*s", (int)client->socket.message.length,
                client->socket.message.at);
}

static bool line_close(struct player *player, text rest)
{
    struct client *client = current(player);
    int64_t code = 0;
    if (!client || !text_to_int(rest, &code))
        return fail(player, "close wants a code");
    enum websocket_got got = websocket_receive(&client->socket, ANSWER_MS);
    if (got == WEBSOCKET_CLOSED && client->socket.close_code == code)
        return true;
    return fail(player, "%s, code %d", what_came(got), client->socket.close_code);
}

/* ---- lines ---- */

static bool line_wait(struct player *player, text rest)
{
    int64_t ms = 0;
    if (!text_to_int(rest, &ms))
        return fail(player, "wait wants milliseconds");
    usleep((useconds_t)ms * 1000);
    return true;
}

static bool play_line(struct player *player, text line)
{
    line = text_trim(line);
    text rest = line;
    text word = text_cut(&rest, ' ');
    if (line.length == 0 || line.at[0] == '#')
        return true;
    if (text_equal(word, TEXT(">")))
        return line_send(player, rest);
    if (text_equal(word, TEXT("<")) || text_equal(word, TEXT("<~")))
        return line_expect(player, rest, word.length == 2);
    if (text_equal(word, TEXT("<-")))
        return line_nothing(player, rest);
    if (text_equal(word, TEXT("client")))
        return line_client(player, rest);
    if (text_equal(word, TEXT("tts")))
        return line_tts(player, rest);
    if (text_equal(word, TEXT("webctp")))
        return line_webctp(player, rest);
    if (text_equal(word, TEXT("$")) || text_equal(word, TEXT("$!")))
        return line_command(player, rest, word.length == 2);
    if (text_equal(word, TEXT("|")))
        return line_output(player, rest);
    if (text_equal(word, TEXT("close")))
        return line_close(player, rest);
    if (text_equal(word, TEXT("wait")))
        return line_wait(player, rest);
    return fail(player, "unknown word %.*s", TEXT_ARG(word));
}

static bool play_file(struct player *player)
{
    FILE *file = fopen(player->file, "r");
    char line[65536];
    bool fine = file != NULL;
    if (!fine)
        fprintf(stderr, "%s: cannot be read\n", player->file);
    while (fine && fgets(line, sizeof line, file)) {
        player->line++;
        fine = play_line(player, text_of(line));
    }
    if (file)
        fclose(file);
    return fine;
}

static bool play(const char *path)
{
    static struct player player;
    memset(&player, 0, sizeof player);
    player.file = path;
    player.caught = json_object();
    bool fine = processes_begin(&player.processes) && play_file(&player);
    if (fine && player.webctp_started && !processes_end_webctp(&player.processes))
        fine = fail(&player, "webctp did not end with exit code 0");
    if (!fine)
        processes_show_logs(&player.processes);
    for (int i = 0; i < player.client_count; i++)
        websocket_finish(&player.clients[i].socket);
    processes_finish(&player.processes);
    json_decref(player.caught);
    buffer_finish(&player.printed);
    return fine;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        bool fine = play(argv[i]);
        printf("%s %s\n", fine ? "ok  " : "FAIL", argv[i]);
        failed += !fine;
    }
    return failed || argc < 2;
}
