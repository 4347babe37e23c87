/* shape.c: the shape of a file: its opening comment, a header's guard, the length of functions and
 * files. */
#include "tidy.h"

static text file_name(text path)
{
    for (size_t i = path.length; i > 0; i--)
        if (path.at[i - 1] == '/')
            return (text){path.at + i, path.length - i};
    return path;
}

/* A file begins by saying its name and what it is. */
static void check_opening(const struct source *source, struct findings *findings)
{
    text name = file_name(source->path), rest = source->content;
    if (source_is_under(source, "script/")) {
        text_cut(&rest, '\n'); /* #! */
        if (!text_starts_with(rest, TEXT("# ")))
            tidy_find(findings, source, "opening", 2, 0,
                      "no comment below #! says what this is for");
        return;
    }
    if (!source_is_c(source) && !source_ends_with(source, ".def"))
        return;
    char opening[128];
    snprintf(opening, sizeof opening, "/* %.*s: ", TEXT_ARG(name));
    if (!text_starts_with(rest, text_of(opening)))
        tidy_find(findings, source, "opening", 1, 0, "the file does not begin with \"%s\"",
                  opening);
}

/* The guard of src/ctp/ctp.h is CTP_CTP_H; elsewhere than in src it ends so: TESTS_SUPPORT_X_H or
 * TESTS_X_H for x.h. */
static void guard_name(text path, char *name, size_t size)
{
    text_copy(name, size, path);
    for (char *c = name; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        else if (*c == '/' || *c == '.' || *c == '-')
            *c = '_';
    }
}

static bool guard_fits(const struct source *source, text guard)
{
    char name[128];
    text path = source->path;
    bool exact = text_starts_with(path, TEXT("src/"));
    guard_name(exact ? (text){path.at + 4, path.length - 4} : file_name(path), name, sizeof name);
    return exact ? text_equal(guard, text_of(name)) : text_ends_with(guard, text_of(name));
}

static void check_guard(const struct source *source, struct findings *findings)
{
    text rest = source->content, line = TEXT("");
    while (rest.length && !text_starts_with(line, TEXT("#ifndef ")))
        line = text_cut(&rest, '\n');
    text guard = line, define = text_cut(&rest, '\n');
    text_cut(&guard, ' ');
    if (!text_starts_with(define, TEXT("#define ")) ||
        !text_equal((text){define.at + 8, define.length - 8}, guard) || !guard_fits(source, guard))
        tidy_find(findings, source, "guard", 1, 0, "no include guard that is named as the file");
}

/* A function is what stands between '{' and '}' in the first column. */
static void check_functions(const struct source *source, struct findings *findings)
{
    text rest = source->content;
    int begin = 0;
    for (int number = 1; rest.length; number++) {
        text line = text_cut(&rest, '\n');
        if (text_equal(line, TEXT("{")))
            begin = number;
        if (!text_starts_with(line, TEXT("}")) || !begin)
            continue;
        int lines = number - begin - 1;
        if (lines > TIDY_FUNCTION_LINES_MAX)
            tidy_find(findings, source, "function", begin, 0,
                      "the function has %d lines, at most %d are allowed", lines,
                      TIDY_FUNCTION_LINES_MAX);
        begin = 0;
    }
}

static void check_length(const struct source *source, struct findings *findings)
{
    int lines = 0;
    for (size_t i = 0; i < source->content.length; i++)
        lines += source->content.at[i] == '\n';
    if (lines > TIDY_FILE_LINES_MAX)
        tidy_find(findings, source, "file", lines, 0,
                  "the file has %d lines, at most %d are allowed", lines, TIDY_FILE_LINES_MAX);
}

void tidy_check_shape(const struct source *source, struct findings *findings)
{
    check_opening(source, findings);
    if (source->content.length && !text_ends_with(source->content, TEXT("\n")))
        tidy_find(findings, source, "end", 1, 0, "the last line has no end");
    if (source_ends_with(source, ".h"))
        check_guard(source, findings);
    if (source_is_c(source))
        check_functions(source, findings);
    if (source_ends_with(source, ".c"))
        check_length(source, findings);
}
