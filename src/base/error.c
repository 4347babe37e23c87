/* error.c: see error.h. */
#include "base/error.h"
#include <stdarg.h>

bool error_set(struct error *error, const char *what, ...)
{
    if (!error)
        return false;
    *error = (struct error){.line = 0};
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(error->what, sizeof error->what, what, arguments);
    va_end(arguments);
    return false;
}

bool error_at(struct error *error, const char *file, int line, int column)
{
    if (!error)
        return false;
    text_copy(error->file, sizeof error->file, text_of(file));
    error->line = line;
    error->column = column;
    return false;
}

bool error_fix(struct error *error, const char *fix, ...)
{
    if (!error)
        return false;
    va_list arguments;
    va_start(arguments, fix);
    vsnprintf(error->fix, sizeof error->fix, fix, arguments);
    va_end(arguments);
    return false;
}

const char *error_text(const struct error *error, char *out, size_t size)
{
    char place[320] = "";
    if (error->file[0] && error->line && error->column)
        snprintf(place, sizeof place, "%s:%d:%d: ", error->file, error->line, error->column);
    else if (error->file[0] && error->line)
        snprintf(place, sizeof place, "%s:%d: ", error->file, error->line);
    else if (error->file[0])
        snprintf(place, sizeof place, "%s: ", error->file);
    snprintf(out, size, "%s%s%s%s", place, error->what, error->fix[0] ? "; " : "", error->fix);
    return out;
}

void error_print(const char *program, const struct error *error)
{
    char line[1024];
    fprintf(stderr, "%s: %s\n", program, error_text(error, line, sizeof line));
}
