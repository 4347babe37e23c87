/* tidy_test.c: each rule of tidy.h is shown a text that keeps it and one that breaks it. */
#include "cmocka_all.h"
#include "tidy.h"

static struct buffer said;

/* Checks `content` as the file `path`; the number of findings, whose lines are in `said`. */
static size_t check(const char *path, const char *content)
{
    struct findings findings = {.count = 0};
    struct source source = {text_of(path), text_of(content), false};
    tidy_check(&source, &findings);
    buffer_clear(&said);
    buffer_put_text(&said, buffer_text(&findings.lines));
    buffer_put_char(&said, '\0');
    buffer_finish(&findings.lines);
    return findings.count;
}

static void assert_clean(const char *path, const char *content)
{
    if (check(path, content) != 0)
        fail_msg("%s should be clean: %s", path, said.at);
}

static void assert_found(const char *path, const char *content, const char *line)
{
    if (check(path, content) != 1 || !strstr(said.at, line))
        fail_msg("not one finding \"%s\" but: %s", line, said.at);
}

static int finish(void **state)
{
    (void)state;
    buffer_finish(&said);
    return 0;
}

static void a_layer_includes_only_what_it_may(void **state)
{
    (void)state;
    assert_clean("src/channel/a.c",
                 "/* a.c: x */\n#include \"ctp/ctp.h\"\n#include \"base/text.h\"\n");
    assert_clean("src/webctp/a.c",
                 "/* a.c: x */\n#include \"webctp/frame.h\"\n#include <poll.h>\n");
    assert_found("src/ctp/a.c", "/* a.c: x */\n\n#include \"codec/wire.h\"\n",
                 "src/ctp/a.c:3: ctp may not include \"codec/wire.h\"; it may include: base\n");
    assert_found("src/webctp/a.c", "/* a.c: x */\n#include \"tts/core/core.h\"\n",
                 "webctp may not");
    assert_found("src/ttsapi/a.c", "/* a.c: x */\n#include \"webctp/frame.h\"\n", "ttsapi may not");
    assert_found("src/tts/a.c", "/* a.c: x */\n#  include \"ttsapi/api.h\"\n", "tts may not");
    assert_found("src/base/a.def", "/* a.def: x */\n#include \"ctp/ctp.h\"\n",
                 "it may include: nothing");
    assert_found("src/base/a.c", "/* a.c: x */\n#include \"text.h\"\n", "without its layer");
    assert_found("src/new/a.c", "/* a.c: x */\n#include \"base/text.h\"\n", "src/new is no layer");
    assert_found("tests/a.c", "/* a.c: x */\n#include \"../src/base/text.h\"\n",
                 "\"..\" in the include");
}

static void the_core_has_no_clock_thread_or_socket(void **state)
{
    (void)state;
    assert_clean("src/tts/core/a.c", "/* a.c: x */\n#include <math.h>\n#include <stdint.h>\n");
    assert_clean("src/tts/front/a.c", "/* a.c: x */\n#include <time.h>\n#include <uv.h>\n");
    assert_found("src/tts/core/a.c", "/* a.c: x */\n#include <time.h>\n",
                 "may not include <time.h>");
    assert_found("src/tts/core/a.h",
                 "/* a.h: x */\n#ifndef TTS_CORE_A_H\n#define TTS_CORE_A_H\n#include "
                 "<sys/socket.h>\n#endif\n",
                 "a.h:4: the core may not include <sys/socket.h>");
}

static void libwebsockets_stays_in_its_file(void **state)
{
    (void)state;
    const char *content = "/* a.c: x */\nint a = lws_write(b);\n";
    assert_found("src/webctp/a.c", content, "src/webctp/a.c:2:9: a name of libwebsockets");
    assert_found("src/webctp/a.c", "/* a.c: x */\n#include <libwebsockets.h>\n", "listener.c");
    assert_clean("src/webctp/a.c", "/* a.c: x */\nint flaws_found;\n");
    assert_clean("src/webctp/listener.c",
                 "/* listener.c: x */\n#include <libwebsockets.h>\nint a = lws_write(b);\n");
}

static void the_own_header_comes_first(void **state)
{
    (void)state;
    struct findings findings = {.count = 0};
    struct source source = {TEXT("src/base/a.c"),
                            TEXT("#include \"base/a.h\"\n#include <math.h>\n"), true};
    tidy_check_includes(&source, &findings);
    assert_int_equal(findings.count, 0);
    source.content = TEXT("#include <math.h>\n#include \"base/a.h\"\n");
    tidy_check_includes(&source, &findings);
    assert_int_equal(findings.count, 1);
    buffer_finish(&findings.lines);
}

static void lines_have_no_tab_blank_or_mark(void **state)
{
    (void)state;
    assert_found("src/base/a.c", "/* a.c: x */\nint\ta;\n", "a.c:2:4: a tab");
    assert_found("src/base/a.c", "/* a.c: x */\nint a; \n", "a.c:2:7: a blank at the end");
    assert_found("src/base/a.c",
                 "/* a.c: TO"
                 "DO */\n",
                 "a.c:1:9: TO"
                 "DO is left over");
    assert_found("docs/a.md",
                 "# A\n\nFIX"
                 "ME: all\n",
                 "docs/a.md:3:1: FIX"
                 "ME is left over");
    assert_found("tests/a.c",
                 "/* a.c: X"
                 "XX */\n",
                 "left over");
    assert_clean("tests/a.c", "/* a.c: x */\nchar *a = \"/tmp/a-XXXXXX\";\n");
    assert_clean("docs/a.md", "a line  \nand another\n");
    assert_found("tests/a.c", "/* a.c: x */\nint a;", "last line has no end");
}

static void lines_are_at_most_100_columns_wide(void **state)
{
    (void)state;
    char line[256];
    snprintf(line, sizeof line, "/* a.c: x */\n%0*d\n", 100, 0);
    assert_clean("src/base/a.c", line);
    snprintf(line, sizeof line, "/* a.c: x */\n%0*d\n", 101, 0);
    assert_found("src/base/a.c", line, "a.c:2:101: the line is 101 columns wide");
    assert_clean("docs/a.md", line);
    snprintf(line, sizeof line, "/* a.c: x */\n%0*d\u6210\u4ea4\n", 96, 0); /* two columns each */
    assert_clean("src/base/a.c", line);
    snprintf(line, sizeof line, "/* a.c: x */\n%0*d\u6210\u4ea4\n", 97, 0);
    assert_found("src/base/a.c", line, "101 columns");
}

static void a_file_begins_with_its_name(void **state)
{
    (void)state;
    assert_found("src/base/a.c", "int a;\n", "does not begin with \"/* a.c: \"");
    assert_found("src/base/a.c", "/* b.c: x */\n", "does not begin with \"/* a.c: \"");
    assert_found("src/base/a.def", "A(1)\n", "a.def:1: the file does not begin");
    assert_clean("script/a", "#!/bin/sh\n# Does this.\n");
    assert_found("script/a", "#!/bin/sh\nset -eu\n", "no comment below #!");
}

static void a_header_has_its_guard(void **state)
{
    (void)state;
    assert_clean("src/tts/core/a-b.h",
                 "/* a-b.h: x */\n#ifndef TTS_CORE_A_B_H\n#define TTS_CORE_A_B_H\n#endif\n");
    assert_clean("tests/a.h", "/* a.h: x */\n#ifndef TESTS_A_H\n#define TESTS_A_H\n#endif\n");
    assert_clean("tests/tidy/a.h", "/* a.h: x */\n#ifndef TESTS_A_H\n#define TESTS_A_H\n#endif\n");
    assert_found("src/base/a.h", "/* a.h: x */\n#pragma once\n", "no include guard");
    assert_found("src/base/a.h", "/* a.h: x */\n#ifndef A_H\n#define A_H\n#endif\n",
                 "no include guard");
    assert_found("tests/a.h", "/* a.h: x */\n#ifndef TESTS_B_H\n#define TESTS_B_H\n#endif\n",
                 "guard");
    assert_found("tests/a.h", "/* a.h: x */\n#ifndef A_H\n#define B_H\n#endif\n", "guard");
}

/* A function of that many lines in the file. */
static const char *function_of(const char *path, int lines)
{
    static char content[8192];
    const char *name = strrchr(path, '/') + 1;
    int length = snprintf(content, sizeof content, "/* %s: x */\nvoid f(void)\n{\n", name);
    for (int i = 0; i < lines; i++)
        length += snprintf(content + length, sizeof content - (size_t)length, "    g();\n");
    snprintf(content + length, sizeof content - (size_t)length, "}\n");
    return content;
}

static void a_function_fits_one_screen(void **state)
{
    (void)state;
    assert_clean("src/base/a.c", function_of("src/base/a.c", 70));
    assert_found("src/base/a.c", function_of("src/base/a.c", 71),
                 "a.c:3: the function has 71 lines, at most 70 are allowed");
}

static void an_exception_holds_for_its_file_only(void **state)
{
    (void)state;
    /* src/example is no layer, but includes nothing either. */
    assert_clean("src/example/exception.c", function_of("src/example/exception.c", 71));
    assert_found("src/example/other.c", function_of("src/example/other.c", 71), "71 lines");
}

static void a_file_is_not_endless(void **state)
{
    (void)state;
    struct buffer content = {.length = 0};
    buffer_printf(&content, "/* a.c: x */\n");
    for (int i = 1; i < 800; i++)
        buffer_printf(&content, "int a%d;\n", i);
    buffer_put_char(&content, '\0');
    assert_clean("src/base/a.c", content.at);
    content.length--;
    buffer_printf(&content, "int a;\n%c", '\0');
    assert_found("src/base/a.c", content.at, "the file has 801 lines");
    buffer_finish(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_includes_only_what_it_may),
        cmocka_unit_test(the_core_has_no_clock_thread_or_socket),
        cmocka_unit_test(libwebsockets_stays_in_its_file),
        cmocka_unit_test(the_own_header_comes_first),
        cmocka_unit_test(lines_have_no_tab_blank_or_mark),
        cmocka_unit_test(lines_are_at_most_100_columns_wide),
        cmocka_unit_test(a_file_begins_with_its_name),
        cmocka_unit_test(a_header_has_its_guard),
        cmocka_unit_test(a_function_fits_one_screen),
        cmocka_unit_test(an_exception_holds_for_its_file_only),
        cmocka_unit_test(a_file_is_not_endless),
    };
    return cmocka_run_group_tests_name("tidy", tests, NULL, finish);
}
