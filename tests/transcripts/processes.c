/* processes.c: see processes.h. */
#include "processes.h"
#include "base/clock.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_MS = 30000, END_MS = 30000, WORDS_MAX = 64 };

struct words {
    char bytes[4096];
    char *at[WORDS_MAX];
    int count;
};

static void add_word(struct words *words, size_t *used, text word)
{
    if (words->count == WORDS_MAX - 1 || *used + word.length + 1 > sizeof words->bytes)
        abort();
    words->at[words->count++] = words->bytes + *used;
    memcpy(words->bytes + *used, word.at, word.length);
    *used += word.length;
    words->bytes[(*used)++] = '\0';
    words->at[words->count] = NULL;
}

static void add_words(struct words *words, size_t *used, text line)
{
    while (line.length) {
        text word = text_cut(&line, ' ');
        if (word.length)
            add_word(words, used, word);
    }
}

static void read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "r");
    size_t got = 1;
    while (file && got) {
        got = fread(buffer_reserve(out, 65536), 1, 65536, file);
        out->length += got;
    }
    if (file)
        fclose(file);
}

static void path_of(const struct processes *processes, const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", processes->folder, name);
}

/* In a child with its output in a file of the folder. */
static pid_t start(const struct processes *processes, const char *program, struct words *words,
                   const char *log)
{
    char path[256], program_path[1024];
    snprintf(program_path, sizeof program_path, "%s/%s", PROGRAMS, program);
    path_of(processes, log, path);
    pid_t id = fork();
    if (id != 0)
        return id;
    int output = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (output < 0 || chdir(processes->folder) != 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        _exit(127);
    path_of(processes, "data", path);
    setenv("XDG_DATA_HOME", path, 1);
    unsetenv("OPENCTP_CHANNELS_PATH");
    execv(program_path, words->at);
    _exit(127);
}

/* Exit code, -1 when a signal ended it or it had to be killed. */
static int wait_for(pid_t id)
{
    int status = 0;
    for (int waited = 0; waited < END_MS; waited += 5) {
        if (waitpid(id, &status, WNOHANG) == id)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        usleep(5000);
    }
    kill(id, SIGKILL);
    waitpid(id, &status, 0);
    return -1;
}

/* The number behind `before` in the last line that has `marker`; 0 while there is none. */
static int number_behind(const struct processes *processes, const char *log, const char *marker,
                         const char *before)
{
    struct buffer content = {.at = NULL};
    char path[256];
    path_of(processes, log, path);
    read_file(path, &content);
    buffer_put_char(&content, '\0');
    const char *line = NULL;
    for (const char *at = content.at; (at = strstr(at, marker)); at++)
        line = at;
    const char *at = line ? strstr(line, before) : NULL;
    int number = at ? (int)strtol(at + strlen(before), NULL, 10) : 0;
    buffer_finish(&content);
    return number;
}

static int wait_for_number(const struct processes *processes, pid_t id, const char *log,
                           const char *marker, const char *before)
{
    for (int waited = 0; waited < READY_MS; waited += 10) {
        int number = number_behind(processes, log, marker, before);
        if (number)
            return number;
        if (waitpid(id, NULL, WNOHANG) == id)
            return 0;
        usleep(10000);
    }
    return 0;
}

bool processes_begin(struct processes *processes)
{
    *processes = (struct processes){.tts = 0};
    text_copy(processes->ticks, sizeof processes->ticks, TEXT(TICKS));
    text_copy(processes->folder, sizeof processes->folder, TEXT("/tmp/transcript-XXXXXX"));
    if (!mkdtemp(processes->folder))
        return false;
    struct words words = {.count = 0};
    size_t used = 0;
    add_words(&words, &used, TEXT("openctp-channels switch tts"));
    return wait_for(start(processes, "openctp-channels", &words, "channels.log")) == 0;
}

bool processes_start_tts(struct processes *processes, text options)
{
    struct words words = {.count = 0};
    size_t used = 0;
    char line[512];
    snprintf(line, sizeof line, "tts --db tts.db --host 127.0.0.1 --td %d --md %d",
             processes->td_port, processes->md_port);
    add_words(&words, &used, text_of(line));
    add_words(&words, &used, TEXT("--ticks"));
    add_word(&words, &used, text_of(processes->ticks));
    add_words(&words, &used, options);
    char path[256];
    path_of(processes, "tts.log", path);
    unlink(path);
    processes->tts = start(processes, "tts", &words, "tts.log");
    processes->td_port =
        wait_for_number(processes, processes->tts, "tts.log", "ready:", "trading at 127.0.0.1:");
    processes->md_port = wait_for_number(processes, processes->tts, "tts.log",
                                         "ready:", "market data at 127.0.0.1:");
    return processes->td_port && processes->md_port;
}

bool processes_end_tts(struct processes *processes, int signal_number)
{
    kill(processes->tts, signal_number);
    kill(processes->tts, SIGCONT); /* it may be held */
    int code = wait_for(processes->tts);
    processes->tts = 0;
    return signal_number == SIGKILL || code == 0;
}

bool processes_hold_tts(struct processes *processes, bool hold)
{
    int status;
    if (processes->tts <= 0 || kill(processes->tts, hold ? SIGSTOP : SIGCONT) != 0)
        return false;
    return !hold ||
           (waitpid(processes->tts, &status, WUNTRACED) == processes->tts && WIFSTOPPED(status));
}

/* Whether one of the settings, `KEY=VALUE` with blanks between, is of this key. */
static bool is_set(text settings, const char *name)
{
    while (settings.length) {
        text value = text_cut(&settings, ' ');
        if (text_equal(text_cut(&value, '='), text_of(name)))
            return true;
    }
    return false;
}

static void write_config(struct processes *processes, text settings)
{
    static const char *const empty[] = {"BrokerID", "AuthCode", "AppID"};
    char path[256];
    path_of(processes, "config.yaml", path);
    FILE *file = fopen(path, "w");
    if (!file)
        abort();
    fprintf(file,
            "TdFrontAddress: tcp://127.0.0.1:%d\nMdFrontAddress: tcp://127.0.0.1:%d\n"
            "Host: 127.0.0.1\nPort: 0\nLogLevel: DEBUG\n",
            processes->td_port, processes->md_port);
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
        if (!is_set(settings, empty[i]))
            fprintf(file, "%s: \"\"\n", empty[i]);
    while (settings.length) {
        text value = text_cut(&settings, ' ');
        text key = text_cut(&value, '=');
        if (key.length)
            fprintf(file, "%.*s: %.*s\n", TEXT_ARG(key), TEXT_ARG(value));
    }
    fclose(file);
}

bool processes_start_webctp(struct processes *processes, text settings)
{
    struct words words = {.count = 0};
    size_t used = 0;
    write_config(processes, settings);
    add_words(&words, &used, TEXT("webctp --config=config.yaml --app_type=dev"));
    char path[256];
    path_of(processes, "webctp.log", path);
    unlink(path);
    processes->webctp = start(processes, "webctp", &words, "webctp.log");
    processes->port =
        wait_for_number(processes, processes->webctp, "webctp.log", "listening on", " port ");
    return processes->port != 0;
}

bool processes_end_webctp(struct processes *processes)
{
    kill(processes->webctp, SIGTERM);
    int code = wait_for(processes->webctp);
    processes->webctp = 0;
    return code == 0;
}

int processes_command(struct processes *processes, text line, struct buffer *printed)
{
    struct words words = {.count = 0};
    size_t used = 0;
    char path[256];
    path_of(processes, "command.log", path);
    unlink(path);
    text rest = line;
    text program = text_cut(&rest, ' ');
    add_word(&words, &used, program);
    if (text_equal(program, TEXT("tts")))
        add_words(&words, &used, TEXT("--db tts.db"));
    add_words(&words, &used, rest);
    int code = wait_for(start(processes, words.at[0], &words, "command.log"));
    read_file(path, printed);
    return code;
}

void processes_show_logs(const struct processes *processes)
{
    static const char *const logs[] = {"channels.log", "tts.log", "webctp.log", "command.log"};
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        struct buffer content = {.at = NULL};
        char path[256];
        path_of(processes, logs[i], path);
        read_file(path, &content);
        size_t from = content.length > 4000 ? content.length - 4000 : 0;
        fprintf(stderr, "---- %s\n%.*s", logs[i], (int)(content.length - from),
                content.at ? content.at + from : "");
        buffer_finish(&content);
    }
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

void processes_finish(struct processes *processes)
{
    if (processes->webctp)
        processes_end_webctp(processes);
    if (processes->tts)
        processes_end_tts(processes, SIGTERM);
    nftw(processes->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
