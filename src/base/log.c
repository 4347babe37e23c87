/* log.c: see log.h. */
#include "base/log.h"
#include "base/clock.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int level_now = LOG_INFO;
static atomic_int descriptor_now = STDOUT_FILENO;

static const char *const level_names[] = {"NOTSET",  "DEBUG", "INFO",
                                          "WARNING", "ERROR", "CRITICAL"};

void log_set_level(enum log_level level)
{
    atomic_store(&level_now, (int)level);
}

void log_set_descriptor(int descriptor)
{
    atomic_store(&descriptor_now, descriptor);
}

bool log_level_find(text name, enum log_level *level)
{
    if (text_equal_ignore_case(name, TEXT("WARN"))) {
        *level = LOG_WARN;
        return true;
    }
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (text_equal_ignore_case(name, text_of(level_names[i]))) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_enabled(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&level_now, memory_order_relaxed);
}

void log_line(enum log_level level, const char *format, ...)
{
    if (!log_enabled(level))
        return;
    char line[2048];
    struct beijing_time now = clock_beijing(clock_now_us());
    int head = snprintf(line, sizeof line, "%04d-%02d-%02d %02d:%02d:%02d,%03d - root - %s - ",
                        now.year, now.month, now.day, now.hour, now.minute, now.second,
                        now.microsecond / 1000, level_names[level]);
    va_list arguments;
    va_start(arguments, format);
    int body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, arguments);
    va_end(arguments);
    size_t length = (size_t)head + (body > 0 ? (size_t)body : 0);
    if (length > sizeof line - 2)
        length = sizeof line - 2;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = ' '; /* outside bytes never start a line of their own */
    line[length++] = '\n';
    ssize_t written =
        write(atomic_load_explicit(&descriptor_now, memory_order_relaxed), line, length);
    (void)written; /* a log that nobody reads must not stop the program */
}
