/* runner.c: plays conversation files against a real tts and a real webctp. Lines of a file:
 *
 * - `# ...`: a remark.
 * - `ticks FILE`: the recorded ticks of the tts that starts next.
 * - `tts OPTIONS`: starts tts, anew if it runs. Without such a line it starts with the defaults.
 * - `tts restart`, `tts kill`: ends it with SIGTERM, SIGKILL, and starts it again as it was.
 * - `tts stop`: ends it with SIGTERM.
 * - `tts hold`, `tts go on`: it does nothing in between, as if the machine had no time for it.
 * - `webctp KEY=VALUE ...`: starts webctp with these further settings, anew if it runs.
 * - `client NAME td`, `client NAME md`: opens a connection and speaks on it.
 * - `bare NAME td`, `bare NAME md`: the same past webctp and the library, to tts itself (bare.h).
 *   `bare NAME td at md` knocks at the other port, `bare NAME td of 1.2.3` names another version.
 * - `client NAME`: speaks on one that is open. The first line that speaks opens `A td`.
 * - `let NAME TEXT`: from here on $NAME stands for the text; $here is the conversation's folder.
 * - `cut NAME N TEXT`: the same for the first N characters of TEXT.
 * - `> MESSAGE`: sends. Where a $NAME was put in, the later of two equal keys counts.
 * - `< PATTERN`: the next message must match (pattern.h).
 * - `<~ PATTERN`: a message that matches must come; others before it are passed over.
 * - `<- MS`: nothing comes for so many milliseconds.
 * - `close CODE`: the connection is closed by the other side with this code; 0 of a bare one.
 * - `$ tts WORDS`: a command, which must exit 0; `$! ` one that must fail.
 * - `| TEXT`: the output of the last command has that text.
 * - `|- TEXT`: it does not.
 * - `wait MS`: goes on after so many milliseconds.
 *
 * User 4645 (password secret, 1,000,000) and 4646 are there from the beginning. A file that fails
 * shows its line, what came, and the programs' logs. `transcript --print FILE ...` shows every
 * line and every message, and goes on after a line that fails: for writing a conversation. */
#include "bare.h"
#include "base/clock.h"
#include "pattern.h"
#include "processes.h"
#include "websocket_client.h"
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

enum { CLIENTS_MAX = 16, ANSWER_MS = 10000, PRINT_MS = 1000 };

struct client {
    char name[32];
    struct websocket socket;
    struct bare bare;
    bool open, is_bare;
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
    bool print;
};

static bool fail(struct player *player, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct player *player, const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
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
    if (player->processes.tts && !processes_end_tts(&player->processes, SIGTERM))
        return fail(player, "tts did not end with exit code 0");
    text_copy(player->tts_options, sizeof player->tts_options, options);
    player->tts_started = processes_start_tts(&player->processes, options);
    return player->tts_started || fail(player, "tts did not start");
}

static bool line_tts(struct player *player, text rest)
{
    int signal_number = text_equal(rest, TEXT("kill")) ? SIGKILL : SIGTERM;
    bool again = text_equal(rest, TEXT("kill")) || text_equal(rest, TEXT("restart"));
    bool hold = text_equal(rest, TEXT("hold"));
    if (hold || text_equal(rest, TEXT("go on")))
        return processes_hold_tts(&player->processes, hold) || fail(player, "tts does not run");
    if (!again && !text_equal(rest, TEXT("stop")))
        return start_tts(player, rest);
    if (!processes_end_tts(&player->processes, signal_number))
        return fail(player, "tts did not end with exit code 0");
    char options[sizeof player->tts_options];
    text_copy(options, sizeof options, text_of(player->tts_options));
    return !again || start_tts(player, text_of(options));
}

static bool line_webctp(struct player *player, text rest)
{
    if (!player->tts_started && !start_tts(player, TEXT("")))
        return false;
    if (player->processes.webctp && !processes_end_webctp(&player->processes))
        return fail(player, "webctp did not end with exit code 0");
    player->webctp_started = processes_start_webctp(&player->processes, rest);
    return player->webctp_started || fail(player, "webctp did not start");
}

static bool command(struct player *player, text rest, bool must_fail)
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

static bool line_command(struct player *player, text rest)
{
    return command(player, rest, false);
}

static bool line_bad_command(struct player *player, text rest)
{
    return command(player, rest, true);
}

static bool output(struct player *player, text rest, bool has)
{
    buffer_put_char(&player->printed, '\0');
    player->printed.length--;
    char words[1024];
    text_copy(words, sizeof words, rest);
    if ((strstr(player->printed.at, words) != NULL) == has)
        return true;
    return fail(player, "the output has %s\"%s\": %s", has ? "no " : "", words, player->printed.at);
}

static bool line_output(struct player *player, text rest)
{
    return output(player, rest, true);
}

static bool line_no_output(struct player *player, text rest)
{
    return output(player, rest, false);
}

/* ---- connections ---- */

static bool choose_client(struct player *player, text name)
{
    for (int i = 0; i < player->client_count; i++) {
        if (text_equal(text_of(player->clients[i].name), name)) {
            player->current = i;
            return true;
        }
    }
    return false;
}

static struct client *add_client(struct player *player, text name)
{
    if (player->client_count == CLIENTS_MAX) {
        fail(player, "more than %d clients", CLIENTS_MAX);
        return NULL;
    }
    struct client *client = &player->clients[player->client_count];
    text_copy(client->name, sizeof client->name, name);
    return client;
}

static bool line_client(struct player *player, text rest)
{
    text path = rest;
    text name = text_cut(&path, ' ');
    if (choose_client(player, name))
        return true;
    if (!player->webctp_started && !line_webctp(player, TEXT("")))
        return false;
    struct client *client = add_client(player, name);
    if (!client)
        return false;
    char where[16];
    snprintf(where, sizeof where, "/%.*s/", TEXT_ARG(path));
    player->current = player->client_count++;
    client->open =
        websocket_open(&client->socket, "127.0.0.1", player->processes.port, where, "", false);
    return client->open || fail(player, "no connection to %s", where);
}

static bool line_bare(struct player *player, text rest)
{
    text name = text_cut(&rest, ' '), class = text_cut(&rest, ' '), port = class;
    text word = text_cut(&rest, ' ');
    if (text_equal(word, TEXT("at")))
        port = rest;
    if (!player->tts_started && !start_tts(player, TEXT("")))
        return false;
    struct client *client = add_client(player, name);
    if (!client)
        return false;
    bool md = text_equal(port, TEXT("md"));
    player->current = player->client_count++;
    client->is_bare = true;
    client->open =
        bare_open(&client->bare, md ? player->processes.md_port : player->processes.td_port,
                  text_equal(class, TEXT("md")), text_equal(word, TEXT("of")) ? rest : TEXT(""));
    return client->open || fail(player, "no connection to tts");
}

static struct client *current(struct player *player)
{
    if (player->client_count == 0 && !line_client(player, TEXT("A td")))
        return NULL;
    return &player->clients[player->current];
}

/* The message with each key once; NULL when it is not JSON, which a conversation may want. */
static char *merge_keys(const struct buffer *message)
{
    json_t *parsed = json_loads(message->at, 0, NULL);
    char *merged = parsed ? json_dumps(parsed, JSON_COMPACT) : NULL;
    json_decref(parsed);
    return merged;
}

static bool line_send(struct player *player, text rest)
{
    struct client *client = current(player);
    if (!client)
        return false;
    struct buffer message = {.at = NULL};
    bool filled = pattern_fill(rest, player->caught, &message);
    buffer_put_char(&message, '\0');
    char *merged = filled ? merge_keys(&message) : NULL;
    const char *bytes = merged ? merged : message.at;
    if (player->print)
        printf("%s: > %s\n", client->name, bytes);
    struct buffer why = {.at = NULL};
    bool sent = client->is_bare ? bare_send(&client->bare, bytes, &why)
                                : websocket_send(&client->socket, bytes);
    if (!sent)
        fail(player, "the connection is gone, or this is no message: %.*s",
             TEXT_ARG(buffer_text(&why)));
    free(merged);
    buffer_finish(&message);
    buffer_finish(&why);
    return sent;
}

static const char *what_came(enum websocket_got got)
{
    return got == WEBSOCKET_CLOSED ? "the connection was closed"
           : got == WEBSOCKET_CUT  ? "the connection broke"
                                   : "nothing came";
}

static enum websocket_got receive_bare(struct client *client, int ms)
{
    switch (bare_receive(&client->bare, ms)) {
    case BARE_MESSAGE:
        return WEBSOCKET_MESSAGE;
    case BARE_CLOSED:
        return WEBSOCKET_CLOSED;
    default:
        return WEBSOCKET_NOTHING;
    }
}

/* What `receive` got. */
static text message_of(const struct client *client)
{
    return buffer_text(client->is_bare ? &client->bare.message : &client->socket.message);
}

static enum websocket_got receive(struct player *player, struct client *client, int ms)
{
    enum websocket_got got =
        client->is_bare ? receive_bare(client, ms) : websocket_receive(&client->socket, ms);
    if (player->print && got == WEBSOCKET_MESSAGE)
        printf("%s: < %.*s\n", client->name, TEXT_ARG(message_of(client)));
    return got;
}

static json_t *read_pattern(struct player *player, text rest)
{
    json_error_t error;
    json_t *pattern = json_loadb(rest.at, rest.length, 0, &error);
    if (!pattern)
        fail(player, "this pattern is not JSON: %s", error.text);
    return pattern;
}

static bool expect(struct player *player, text rest, bool pass_over)
{
    struct client *client = current(player);
    json_t *pattern = client ? read_pattern(player, rest) : NULL;
    int answer_ms = player->print && player->failed ? PRINT_MS : ANSWER_MS;
    int64_t until = clock_monotonic_ns() + (int64_t)answer_ms * 1000000;
    char why[2048] = "no message";
    bool matched = false;
    while (pattern && !matched) {
        enum websocket_got got = receive(player, client, answer_ms);
        if (got != WEBSOCKET_MESSAGE || clock_monotonic_ns() > until) {
            fail(player, "%s; before that: %s", what_came(got), why);
            break;
        }
        json_error_t error;
        json_t *message = json_loadb(message_of(client).at, message_of(client).length, 0, &error);
        if (!message)
            snprintf(why, sizeof why, "a message that is not JSON: %s", error.text);
        else
            matched = pattern_matches(pattern, message, player->caught, why, sizeof why);
        json_decref(message);
        if (!matched && !pass_over) {
            fail(player, "%s\n  in %.*s", why, TEXT_ARG(message_of(client)));
            break;
        }
    }
    json_decref(pattern);
    return matched;
}

static bool line_next(struct player *player, text rest)
{
    return expect(player, rest, false);
}

static bool line_some(struct player *player, text rest)
{
    return expect(player, rest, true);
}

static bool line_nothing(struct player *player, text rest)
{
    struct client *client = current(player);
    int64_t ms = 0;
    if (!client || !text_to_int(rest, &ms))
        return fail(player, "<- wants milliseconds");
    enum websocket_got got = receive(player, client, (int)ms);
    return got == WEBSOCKET_NOTHING ||
           fail(player, "something came: %.*s", TEXT_ARG(message_of(client)));
}

static bool line_close(struct player *player, text rest)
{
    struct client *client = current(player);
    int64_t code = 0;
    if (!client || !text_to_int(rest, &code))
        return fail(player, "close wants a code");
    enum websocket_got got = receive(player, client, ANSWER_MS);
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

static bool line_let(struct player *player, text rest)
{
    text value = rest;
    char name[64];
    text_copy(name, sizeof name, text_cut(&value, ' '));
    struct buffer filled = {.at = NULL};
    pattern_fill(value, player->caught, &filled);
    json_object_set_new(player->caught, name, json_stringn(filled.at, filled.length));
    buffer_finish(&filled);
    return true;
}

static bool line_cut(struct player *player, text rest)
{
    text value = rest;
    char name[64];
    int64_t length = 0;
    text_copy(name, sizeof name, text_cut(&value, ' '));
    if (!text_to_int(text_cut(&value, ' '), &length) || length < 0 || (size_t)length > value.length)
        return fail(player, "cut wants a name, a length and a text as long");
    json_object_set_new(player->caught, name, json_stringn(value.at, (size_t)length));
    return true;
}

static bool line_ticks(struct player *player, text rest)
{
    text_copy(player->processes.ticks, sizeof player->processes.ticks, rest);
    return access(player->processes.ticks, R_OK) == 0 ||
           fail(player, "%s cannot be read", player->processes.ticks);
}

static const struct {
    const char *word;
    bool (*play)(struct player *player, text rest);
    bool filled; /* each $NAME is put in before */
} words[] = {
    {">", line_send, false},        {"<", line_next, false},       {"<~", line_some, false},
    {"<-", line_nothing, false},    {"client", line_client, true}, {"tts", line_tts, true},
    {"webctp", line_webctp, true},  {"ticks", line_ticks, true},   {"$", line_command, true},
    {"$!", line_bad_command, true}, {"|", line_output, true},      {"close", line_close, false},
    {"wait", line_wait, false},     {"let", line_let, false},      {"|-", line_no_output, true},
    {"cut", line_cut, true},        {"bare", line_bare, true},
};

static bool play_word(struct player *player, size_t word, text rest)
{
    struct buffer filled = {.at = NULL};
    if (words[word].filled)
        pattern_fill(rest, player->caught, &filled);
    bool fine = words[word].play(player, words[word].filled ? buffer_text(&filled) : rest);
    buffer_finish(&filled);
    return fine;
}

static bool play_line(struct player *player, text line)
{
    line = text_trim(line);
    text rest = line;
    text word = text_cut(&rest, ' ');
    if (line.length == 0 || line.at[0] == '#')
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal(word, text_of(words[i].word)))
            return play_word(player, i, rest);
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
        if (player->print)
            printf("%4d  %s", player->line, line);
        fine = play_line(player, text_of(line)) || player->print;
    }
    if (file)
        fclose(file);
    return fine && !player->failed;
}

static bool play(const char *path, bool print)
{
    static struct player player;
    memset(&player, 0, sizeof player);
    player.file = path;
    player.print = print;
    player.caught = json_object();
    char folder[PATH_MAX];
    if (realpath(path, folder)) {
        *strrchr(folder, '/') = '\0';
        json_object_set_new(player.caught, "here", json_string(folder));
    }
    bool fine = processes_begin(&player.processes) && play_file(&player);
    if (fine && player.webctp_started && !processes_end_webctp(&player.processes))
        fine = fail(&player, "webctp did not end with exit code 0");
    if (fine && player.processes.tts && !processes_end_tts(&player.processes, SIGTERM))
        fine = fail(&player, "tts did not end with exit code 0");
    if (!fine)
        processes_show_logs(&player.processes);
    for (int i = 0; i < player.client_count; i++) {
        if (player.clients[i].is_bare)
            bare_finish(&player.clients[i].bare);
        else
            websocket_finish(&player.clients[i].socket);
    }
    processes_finish(&player.processes);
    json_decref(player.caught);
    buffer_finish(&player.printed);
    return fine;
}

int main(int argc, char **argv)
{
    bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
    int failed = 0, first = print ? 2 : 1;
    for (int i = first; i < argc; i++) {
        bool fine = play(argv[i], print);
        printf("%s %s\n", fine ? "ok  " : "FAIL", argv[i]);
        failed += !fine;
    }
    return failed || argc <= first;
}
