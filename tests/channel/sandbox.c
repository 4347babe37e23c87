/* sandbox.c: see sandbox.h. */
#include "sandbox.h"
#include "cmocka_all.h"
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATHS = 4, PATH_SIZE = 1024 };

static char folder[64];
static char paths[PATHS][PATH_SIZE];
static unsigned next_path;
struct buffer ran_said;

static char *path_slot(void)
{
    return paths[next_path++ % PATHS];
}

int sandbox_enter(void **state)
{
    (void)state;
    text_copy(folder, sizeof folder, TEXT("/tmp/openctp-channel-XXXXXX"));
    if (!mkdtemp(folder))
        return -1;
    setenv("XDG_DATA_HOME", sandbox_path("data"), 1);
    unsetenv("OPENCTP_CHANNELS_PATH");
    return 0;
}

int sandbox_leave(void **state)
{
    (void)state;
    ran("rm -rf -- %s", folder);
    buffer_finish(&ran_said);
    return 0;
}

const char *sandbox_path(const char *format, ...)
{
    char *path = path_slot();
    int length = snprintf(path, PATH_SIZE, "%s/", folder);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path + length, PATH_SIZE - (size_t)length, format, arguments);
    va_end(arguments);
    return path;
}

const char *standin_path(const char *name)
{
    char *path = path_slot();
    snprintf(path, PATH_SIZE, "%s/%s.so", STANDINS, name);
    return path;
}

struct buffer file_bytes(const char *path)
{
    struct buffer bytes = {.length = 0};
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    size_t got;
    while ((got = fread(buffer_reserve(&bytes, 65536), 1, 65536, file)) > 0)
        bytes.length += got;
    fclose(file);
    return bytes;
}

static void file_put(const char *path, text bytes)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.length, file), bytes.length);
    assert_int_equal(fclose(file), 0);
}

void sandbox_put(const char *what, const char *format, ...)
{
    char path[PATH_SIZE];
    int length = snprintf(path, sizeof path, "%s/", folder);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path + length, sizeof path - (size_t)length, format, arguments);
    va_end(arguments);
    if (what[0] == '=') {
        file_put(path, text_of(what + 1));
        return;
    }
    struct buffer bytes = file_bytes(standin_path(what));
    file_put(path, buffer_text(&bytes));
    buffer_finish(&bytes);
}

void sandbox_put_pair(const char *name, const char *version, const char *trader, const char *md)
{
    sandbox_put(trader, "data/openctp/channels/%s/%s/libthosttraderapi_se.so", name, version);
    sandbox_put(md, "data/openctp/channels/%s/%s/libthostmduserapi_se.so", name, version);
}

int ran(const char *format, ...)
{
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    struct buffer whole = {.length = 0};
    text rest = text_of(command);
    if (text_starts_with(rest, TEXT("channels "))) {
        buffer_printf(&whole, "%s ", PROGRAM);
        text_cut(&rest, ' ');
    }
    buffer_printf(&whole, "%.*s 2>&1", TEXT_ARG(rest));
    buffer_put_char(&whole, '\0');
    FILE *out = popen(whole.at, "r");
    buffer_finish(&whole);
    assert_non_null(out);
    buffer_clear(&ran_said);
    size_t got;
    while ((got = fread(buffer_reserve(&ran_said, 4096), 1, 4095, out)) > 0)
        ran_said.length += got;
    ran_said.at[ran_said.length] = '\0';
    int status = pclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

FILE *sandbox_start(const char *command)
{
    setenv("P", PROGRAM, 1);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    return out;
}

void sandbox_copy_program(const char *to)
{
    assert_int_equal(ran("cp -- %s %s", PROGRAM, to), 0);
}

void assert_said(const char *part)
{
    if (!strstr(ran_said.at, part))
        fail_msg("\"%s\" is not in what was printed:\n%s", part, ran_said.at);
}

void assert_not_said(const char *part)
{
    if (strstr(ran_said.at, part))
        fail_msg("\"%s\" is in what was printed:\n%s", part, ran_said.at);
}
