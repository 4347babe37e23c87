/* tidy.c: see tidy.h. What all rules need, and the rules on single lines. */
#include "tidy.h"
#include <stdarg.h>

static const struct {
    const char *rule, *path;
} exceptions[] = {
#define E(rule, path, why) {#rule, path},
#include "exceptions.def"
#undef E
};

void tidy_find(struct findings *findings, const struct source *source, const char *rule, int line,
               int column, const char *what, ...)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
        if (strcmp(exceptions[i].rule, rule) == 0 &&
            text_equal(source->path, text_of(exceptions[i].path)))
            return;
    buffer_printf(&findings->lines, "%.*s:%d:", TEXT_ARG(source->path), line);
    if (column)
        buffer_printf(&findings->lines, "%d:", column);
    char sentence[256];
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(sentence, sizeof sentence, what, arguments);
    va_end(arguments);
    buffer_printf(&findings->lines, " %s\n", sentence);
    findings->count++;
}

bool source_is_under(const struct source *source, const char *folder)
{
    return text_starts_with(source->path, text_of(folder));
}

bool source_ends_with(const struct source *source, const char *end)
{
    return text_ends_with(source->path, text_of(end));
}

bool source_is_c(const struct source *source)
{
    return source_ends_with(source, ".c") || source_ends_with(source, ".h");
}

/* How wide a line is shown: Chinese characters take two columns. */
static int width_of(text line)
{
    int width = 0;
    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)line.at[i];
        if ((byte & 0xc0) == 0x80)
            continue; /* inside a character */
        width += byte >= 0xe3 && byte <= 0xf4 ? 2 : 1;
    }
    return width;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The place of `word` in a line, as a whole word or, with `prefix`, as the begin of one; -1 when it
 * is not there. */
static int word_find(text line, text word, bool prefix)
{
    for (size_t i = 0; i + word.length <= line.length; i++) {
        if (memcmp(line.at + i, word.at, word.length) != 0 || (i && is_word_byte(line.at[i - 1])))
            continue;
        size_t end = i + word.length;
        if (prefix || end == line.length || !is_word_byte(line.at[end]))
            return (int)i;
    }
    return -1;
}

/* Marks of unfinished work. They are written apart, so that this file has none. */
static void check_marks(const struct source *source, int number, text line,
                        struct findings *findings)
{
    static const char *const marks[] = {"TO"
                                        "DO",
                                        "FIX"
                                        "ME",
                                        "X"
                                        "XX"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        int at = word_find(line, text_of(marks[i]), false);
        if (at >= 0)
            tidy_find(findings, source, "mark", number, at + 1, "%s is left over", marks[i]);
    }
}

/* libwebsockets stays behind one file, so that it can be replaced and nobody must know its
 * callback. */
static void check_websockets(const struct source *source, int number, text line,
                             struct findings *findings)
{
    if (!source_is_under(source, "src/") || source_is_under(source, "src/webctp/listener.c"))
        return;
    int at = word_find(line, TEXT("lws_"), true);
    if (at >= 0)
        tidy_find(findings, source, "websockets", number, at + 1,
                  "a name of libwebsockets outside src/webctp/listener.c");
}

static void check_line(const struct source *source, int number, text line,
                       struct findings *findings)
{
    bool c = source_is_c(source);
    check_marks(source, number, line, findings);
    if (c && width_of(line) > TIDY_COLUMNS_MAX)
        tidy_find(findings, source, "width", number, TIDY_COLUMNS_MAX + 1,
                  "the line is %d columns wide, at most %d are allowed", width_of(line),
                  TIDY_COLUMNS_MAX);
    const char *tab = line.length ? memchr(line.at, '\t', line.length) : NULL;
    if (tab)
        tidy_find(findings, source, "tab", number, (int)(tab - line.at) + 1,
                  "a tab; four spaces are used here");
    bool markdown =
        source_ends_with(source, ".md"); /* where two blanks at the end mean a new line */
    if (!markdown && line.length && line.at[line.length - 1] == ' ')
        tidy_find(findings, source, "blank", number, (int)line.length, "a blank at the end");
    if (c)
        check_websockets(source, number, line, findings);
}

void tidy_check_lines(const struct source *source, struct findings *findings)
{
    text rest = source->content;
    for (int number = 1; rest.length; number++)
        check_line(source, number, text_cut(&rest, '\n'), findings);
}

void tidy_check(const struct source *source, struct findings *findings)
{
    tidy_check_lines(source, findings);
    tidy_check_includes(source, findings);
    tidy_check_shape(source, findings);
}
