/* gateway_process.c: see gateway_process.h. */
#include "gateway_process.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "ctp/ctp.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 20000, ANSWER_MS = 10000, STOP_MS = 20000, PATH_SIZE = 512 };

void make_folder(char folder[64])
{
    snprintf(folder, 64, "/tmp/webctp-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void remove_folder(const char *folder)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void write_file(const char *folder, const char *name, const char *content)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

/* The stand-in plays every version: STAND_IN_VERSION tells it which. */
static void make_channel(const char *folder)
{
    static const char *const files[][2] = {{STAND_IN_TRADER_FILE, "libthosttraderapi_se.so"},
                                           {STAND_IN_MD_FILE, "libthostmduserapi_se.so"}};
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/channels", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/channels/stand-in", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        const char *name = ctp_version_name((enum ctp_version)version);
        snprintf(path, sizeof path, "%s/channels/stand-in/%s", folder, name);
        assert_int_equal(mkdir(path, 0700), 0);
        for (int i = 0; i < 2; i++) {
            snprintf(path, sizeof path, "%s/channels/stand-in/%s/%s", folder, name, files[i][1]);
            assert_int_equal(symlink(files[i][0], path), 0);
        }
    }
}

static text key_of_line(text line)
{
    return text_cut(&line, ':');
}

static bool has_key(text yaml, text key)
{
    while (yaml.length)
        if (text_equal(key_of_line(text_cut(&yaml, '\n')), key))
            return true;
    return false;
}

/* The test's own lines, without those whose key `yaml` has, then `yaml`. */
static void write_config(const char *folder, const char *yaml)
{
    struct buffer own = {.at = NULL}, all = {.at = NULL};
    buffer_printf(
        &own,
        "TdFrontAddress: tcp://127.0.0.1:20002\nMdFrontAddress: tcp://127.0.0.1:20004\n"
        "BrokerID: 9999\nAuthCode: 0000000000000000\nAppID: client_1\nHost: 127.0.0.1\nPort: 0\n"
        "LogLevel: DEBUG\nChannel: stand-in\nConFilePath: %s/flows/deep\n",
        folder);
    text rest = buffer_text(&own);
    while (rest.length) {
        text line = text_cut(&rest, '\n');
        if (!has_key(text_of(yaml), key_of_line(line)))
            buffer_printf(&all, "%.*s\n", TEXT_ARG(line));
    }
    buffer_printf(&all, "%s\n", yaml);
    buffer_put_char(&all, '\0');
    write_file(folder, "config.yaml", all.at);
    buffer_finish(&own);
    buffer_finish(&all);
}

/* In the child: its environment, its output, the program. */
static void become_gateway(const char *folder, char *const arguments[])
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/log", folder);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0 || chdir(folder) != 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(127);
    snprintf(path, sizeof path, "%s/channels", folder);
    setenv("OPENCTP_CHANNELS_PATH", path, 1);
    snprintf(path, sizeof path, "%s/data", folder);
    setenv("XDG_DATA_HOME", path, 1);
    snprintf(path, sizeof path, "%s/stand-in.log", folder);
    setenv("STAND_IN_LOG", path, 1);
    execv(WEBCTP_FILE, arguments);
    _exit(127);
}

static pid_t start(const char *folder, char *const arguments[])
{
    pid_t id = fork();
    assert_true(id >= 0);
    if (id == 0)
        become_gateway(folder, arguments);
    return id;
}

static void read_file(const char *folder, const char *name, struct buffer *content)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    while (file) {
        char *at = buffer_reserve(content, 65536);
        size_t got = fread(at, 1, 65536, file);
        content->length += got;
        if (got == 0)
            break;
    }
    if (file)
        fclose(file);
    buffer_put_char(content, '\0');
    content->length--;
}

unsigned gateway_process_count(const struct gateway_process *process, const char *file,
                               const char *what)
{
    struct buffer content = {.at = NULL};
    unsigned count = 0;
    read_file(process->folder, file, &content);
    for (const char *at = content.at; (at = strstr(at, what)); at++)
        count++;
    buffer_finish(&content);
    return count;
}

bool gateway_process_has(const struct gateway_process *process, const char *file, const char *what,
                         int timeout_ms)
{
    int64_t until = clock_monotonic_ns() + (int64_t)timeout_ms * 1000000;
    for (;;) {
        if (gateway_process_count(process, file, what))
            return true;
        if (clock_monotonic_ns() > until)
            return false;
        usleep(10000);
    }
}

static void read_port(struct gateway_process *process)
{
    struct buffer log = {.at = NULL};
    bool up = gateway_process_has(process, "log", "listening on ", START_MS);
    read_file(process->folder, "log", &log);
    if (!up)
        fail_msg("webctp did not start: %s", log.at);
    const char *at = strstr(log.at, "listening on ");
    at = strstr(at, " port ") + 6;
    process->port = (int)strtol(at, NULL, 10);
    buffer_finish(&log);
}

void gateway_process_start(struct gateway_process *process, const char *app_type, const char *yaml)
{
    char type[32];
    make_folder(process->folder);
    make_channel(process->folder);
    write_config(process->folder, yaml);
    snprintf(type, sizeof type, "--app_type=%s", app_type);
    char *arguments[] = {(char[]){"webctp"}, (char[]){"--config=config.yaml"}, type, NULL};
    process->id = start(process->folder, arguments);
    read_port(process);
}

static int wait_for(pid_t id)
{
    int status = 0;
    for (int waited = 0; waited < STOP_MS; waited += 10) {
        if (waitpid(id, &status, WNOHANG) == id)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        usleep(10000);
    }
    kill(id, SIGKILL);
    waitpid(id, &status, 0);
    return -1;
}

int gateway_process_run(const char *folder, char *const arguments[], struct buffer *printed)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/log", folder);
    unlink(path);
    int code = wait_for(start(folder, arguments));
    read_file(folder, "log", printed);
    return code;
}

int gateway_process_stop(struct gateway_process *process, int signal_number)
{
    kill(process->id, signal_number);
    int code = wait_for(process->id);
    process->id = 0;
    return code;
}

void gateway_process_finish(struct gateway_process *process)
{
    if (process->id) {
        int code = gateway_process_stop(process, SIGTERM);
        if (code != 0) {
            struct buffer log = {.at = NULL};
            read_file(process->folder, "log", &log);
            fail_msg("webctp ended with %d: %s", code, log.at);
        }
    }
    remove_folder(process->folder);
}

void gateway_process_connect(const struct gateway_process *process, struct websocket *socket,
                             const char *path)
{
    assert_true(websocket_open(socket, "127.0.0.1", process->port, path, "", false));
}

static const char *next_message(struct websocket *socket, const char *sent)
{
    if (sent)
        assert_true(websocket_send(socket, sent));
    enum websocket_got got = websocket_receive(socket, ANSWER_MS);
    if (got != WEBSOCKET_MESSAGE)
        fail_msg("no message (%d) after %s", (int)got, sent ? sent : "the one before");
    return socket->message.at;
}

void expect_exactly(struct websocket *socket, const char *message, const char *answer)
{
    assert_string_equal(next_message(socket, message), answer);
}

const char *expect(struct websocket *socket, const char *message, const char *part)
{
    const char *answer = next_message(socket, message);
    if (!strstr(answer, part))
        fail_msg("%s is not in %s", part, answer);
    return answer;
}

void expect_silence(struct websocket *socket, int ms)
{
    if (websocket_receive(socket, ms) != WEBSOCKET_NOTHING)
        fail_msg("something came: %s", socket->message.at ? socket->message.at : "an end");
}

void expect_login(struct websocket *socket)
{
    expect(socket,
           "{\"MsgType\": \"ReqUserLogin\", \"ReqUserLogin\": {\"UserID\": \"4645\", \"Password\": "
           "\"good\"}, "
           "\"RequestID\": 0}",
           "\"SystemName\":\"Stand-in\"");
}
