/* inspect.c: see inspect.h. */
#include "channel/inspect.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "channel/elf.h"
#include "channel/path.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIBRARY_BYTES_MAX = 256 << 20, LOAD_SECONDS_MAX = 10 };

const char *inspect_side_name(enum ctp_side side)
{
    return side == CTP_TRADER ? "trader" : "market data";
}

/* What cannot be printed becomes '?': the words of a foreign library must not steer anybody's
 * terminal. */
static void clean(char *words)
{
    for (char *c = words; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

/* ---- the file ---- */

static bool say_system(struct error *error, const char *what)
{
    return error_set(error, "%s: %s", what, strerror(errno));
}

static bool descriptor_read(int file, struct buffer *bytes, struct error *error)
{
    struct stat facts;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode))
        return error_set(error, "is not a file");
    if (facts.st_size > LIBRARY_BYTES_MAX)
        return error_set(error, "is too large to be a CTP library");
    for (size_t left = (size_t)facts.st_size; left;) {
        ssize_t got = read(file, buffer_reserve(bytes, left), left);
        if (got < 0)
            return say_system(error, "cannot be read");
        if (got == 0)
            break;
        bytes->length += (size_t)got;
        left -= (size_t)got;
    }
    return true;
}

static bool file_read(const char *path, struct buffer *bytes, struct error *error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return say_system(error, "cannot be opened");
    bool done = descriptor_read(file, bytes, error);
    close(file);
    return done;
}

static bool has_creator(const struct elf_library *library, enum ctp_side side)
{
    return elf_exports(library, text_of(ctp_library_symbol(side, CTP_CREATE))) ||
           elf_exports(library, text_of(ctp_library_symbol(side, CTP_CREATE_WITH_MODE)));
}

static bool bytes_inspect(text bytes, enum ctp_side side, struct error *error)
{
    struct elf_library library;
    char problem[128];
    if (!elf_read(bytes, &library, problem, sizeof problem)) {
        error_set(error, "%s", problem);
        return error_fix(error, "put the CTP %s library for 64-bit Linux here",
                         inspect_side_name(side));
    }
    if (has_creator(&library, side))
        return true;
    enum ctp_side other = side == CTP_TRADER ? CTP_MD : CTP_TRADER;
    if (has_creator(&library, other))
        error_set(error, "is a %s library in the place of the %s library", inspect_side_name(other),
                  inspect_side_name(side));
    else
        error_set(error, "is not a CTP %s library: it does not export %s", inspect_side_name(side),
                  ctp_library_symbol(side, CTP_CREATE));
    return error_fix(error, "put the CTP %s library for 64-bit Linux here",
                     inspect_side_name(side));
}

bool inspect_file(const char *path, enum ctp_side side, struct error *error)
{
    struct buffer bytes = {.length = 0};
    bool done = file_read(path, &bytes, error) && bytes_inspect(buffer_text(&bytes), side, error);
    buffer_finish(&bytes);
    return done || error_at(error, path, 0, 0);
}

bool channel_open(struct ctp_library *library, const struct channel_pair *pair, enum ctp_side side,
                  struct error *error)
{
    *library = (struct ctp_library){.side = side, .version = pair->version};
    if (!inspect_file(pair->path[side], side, error) ||
        !ctp_library_open(library, pair->path[side], side, pair->version, error))
        return false;
    clean(library->said);
    return true;
}

bool channel_differs(const struct ctp_library *library, char *sentence, size_t size)
{
    char said[32];
    const char *stated = ctp_version_name(library->version);
    sentence[0] = '\0';
    bool by_creator = library->creator_has_production_mode && library->version < CTP_6_7_11;
    if (ctp_library_said_version(text_of(library->said), said, sizeof said) &&
        strcmp(said, stated) != 0)
        snprintf(sentence, size,
                 "the %s library says \"%s\" of itself, its folder says %s: the folder decides",
                 inspect_side_name(library->side), library->said, stated);
    else if (by_creator)
        snprintf(sentence, size,
                 "the %s library has the creator that came with 6.7.11, its folder says %s: the "
                 "folder decides",
                 inspect_side_name(library->side), stated);
    return sentence[0] != '\0';
}

/* ---- in a process of its own ---- */

/* What comes back through the pipe. The process that wrote it ran foreign code, so none of it is
 * trusted. */
struct report {
    char done, has_mode;
    char said[sizeof((struct ctp_library *)NULL)->said];
    char what[sizeof((struct error *)NULL)->what];
    char fix[sizeof((struct error *)NULL)->fix];
};

/* A crash must come out as its signal, without a core file and without words of a handler. */
static void child_quieten(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGPIPE, SIGTERM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
    int nowhere = open("/dev/null", O_RDWR);
    for (int descriptor = 0; nowhere >= 0 && descriptor < 3; descriptor++)
        dup2(nowhere, descriptor);
}

static _Noreturn void child_run(int out, const char *path, enum ctp_side side,
                                enum ctp_version version)
{
    struct report report = {.done = 0};
    struct error error = {.line = 0};
    struct ctp_library library;
    child_quieten();
    report.done = ctp_library_open(&library, path, side, version, &error);
    report.has_mode = report.done && library.creator_has_production_mode;
    text_copy(report.said, sizeof report.said, text_of(report.done ? library.said : ""));
    text_copy(report.what, sizeof report.what, text_of(error.what));
    text_copy(report.fix, sizeof report.fix, text_of(error.fix));
    ssize_t written =
        write(out, &report, sizeof report); /* less than PIPE_BUF: whole or not at all */
    _exit(written == sizeof report ? 0 : 1);
}

/* Reads a report until its end, the end of the pipe, or the deadline; the bytes it got. */
static size_t report_read(int in, struct report *report, bool *in_time)
{
    int64_t deadline = clock_monotonic_ns() + LOAD_SECONDS_MAX * INT64_C(1000000000);
    size_t length = 0;
    while (length < sizeof *report && (*in_time = clock_monotonic_ns() < deadline)) {
        struct pollfd wait = {.fd = in, .events = POLLIN};
        if (poll(&wait, 1, 200) <= 0)
            continue;
        ssize_t got = read(in, (char *)report + length, sizeof *report - length);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        length += got > 0 ? (size_t)got : 0;
    }
    return length;
}

/* Waits a little for a process that is ending, kills it if it is not. Its wait status; -1 when it
 * had to be killed. */
static int child_end(pid_t child, bool is_ending)
{
    int status = 0;
    for (int i = 0; is_ending && i < 100; i++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return status;
        usleep(20000);
    }
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return -1;
}

static bool say_no_report(struct error *error, int status)
{
    if (status == -1)
        return error_set(error, "does not finish loading within %d seconds", LOAD_SECONDS_MAX);
    if (WIFSIGNALED(status))
        return error_set(error, "crashes when it is loaded: %s", strsignal(WTERMSIG(status)));
    return error_set(error, "ends the program that loads it, with exit code %d",
                     WEXITSTATUS(status));
}

/* Runs the child and takes its report. False when it gave none. */
static bool report_get(struct report *report, const char *path, enum ctp_side side,
                       enum ctp_version version, struct error *error)
{
    int ends[2];
    if (pipe(ends) != 0)
        return say_system(error, "cannot make a pipe");
    pid_t child = fork();
    if (child == 0)
        child_run(ends[1], path, side, version);
    close(ends[1]);
    bool in_time = true;
    size_t length = child > 0 ? report_read(ends[0], report, &in_time) : 0;
    close(ends[0]);
    if (child < 0)
        return say_system(error, "cannot start a process");
    bool whole = length == sizeof *report;
    int status = child_end(child, in_time && !whole);
    return whole || say_no_report(error, status);
}

bool inspect_load(struct ctp_library *said, const char *path, enum ctp_side side,
                  enum ctp_version version, struct error *error)
{
    struct report report = {.done = 0};
    *said = (struct ctp_library){.side = side, .version = version};
    if (!report_get(&report, path, side, version, error))
        return error_at(error, path, 0, 0);
    if (report.done == 1) {
        said->creator_has_production_mode = report.has_mode == 1;
        text_copy(said->said, sizeof said->said, text_of_field(report.said, sizeof report.said));
        clean(said->said);
        return true;
    }
    report.what[sizeof report.what - 1] = report.fix[sizeof report.fix - 1] = '\0';
    clean(report.what);
    clean(report.fix);
    error_set(error, "%s", report.what);
    error_fix(error, "%s", report.fix);
    return error_at(error, path, 0, 0);
}
