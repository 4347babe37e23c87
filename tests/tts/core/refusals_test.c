/* refusals_test.c: the counter's table of errors: each row is a CTP error with a text that fits, is
 * given somewhere in src/tts by its name, and is provoked by a test or transcript; and nothing is
 * given that has no row. */
#include "base/buffer.h"
#include "cmocka_all.h"
#include "ctp/gb18030.h"
#include "tts/core/reply.h"
#include <ctype.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES_MAX = 60, FILES_OPEN = 16 }; /* a detail of twenty bytes fits behind it */

static const struct {
    int id;
    const char *text;
} rows[] = {
#define REFUSAL(id, text) {id, text},
#include "tts/core/refusals.def"
#undef REFUSAL
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static const struct {
    int id;
    const char *name;
} errors[] = {
#define E(id, name, ...) {id, #name},
#include "ctp/errors.def"
#undef E
};
enum { ERRORS = sizeof errors / sizeof errors[0] };

static const char *name_of(int id)
{
    for (size_t i = 0; i < ERRORS; i++)
        if (errors[i].id == id)
            return errors[i].name;
    return NULL;
}

/* ---- the files ---- */

/* All of a kind, one behind the other; NUL at the end. */
static struct buffer gathered;
static const char *gathered_end; /* ".c", ".txt" */

static int gather(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)where;
    if (kind != FTW_F || !text_ends_with(text_of(path), text_of(gathered_end)))
        return 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char part[4096];
    for (size_t got; (got = fread(part, 1, sizeof part, file)) > 0;)
        buffer_put(&gathered, part, got);
    fclose(file);
    return 0;
}

static const char *gather_all(const char *folder, const char *end)
{
    buffer_clear(&gathered);
    gathered_end = end;
    assert_int_equal(nftw(folder, gather, FILES_OPEN, FTW_PHYS), 0);
    buffer_put_char(&gathered, '\0');
    return gathered.at;
}

/* Whether `word` stands in the bytes with no letter, digit or underline on either side. */
static bool has_word(const char *bytes, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = bytes; (at = strstr(at, word)); at += length) {
        unsigned char before = at == bytes ? ' ' : (unsigned char)at[-1];
        unsigned char behind = (unsigned char)at[length];
        if (!isalnum(before) && before != '_' && !isalnum(behind) && behind != '_')
            return true;
    }
    return false;
}

/* ---- the rows ---- */

static void rows_are_errors_in_order_with_short_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        char gb[400];
        size_t length = 0;
        assert_true(i == 0 || rows[i].id > rows[i - 1].id);
        assert_non_null(name_of(rows[i].id));
        assert_true(gb18030_from_utf8(text_of(rows[i].text), gb, sizeof gb, &length));
        if (length > TEXT_BYTES_MAX)
            fail_msg("the text of %d has %zu bytes", rows[i].id, length);
    }
}

static void each_row_is_given_and_each_error_given_is_a_row(void **state)
{
    (void)state;
    const char *sources = gather_all(SOURCE_FOLDER "/src/tts", ".c");
    char name[96];
    for (size_t i = 0; i < ERRORS; i++) {
        bool row = errors[i].id == 0;
        for (size_t k = 0; k < ROWS; k++)
            row |= rows[k].id == errors[i].id;
        snprintf(name, sizeof name, "CTP_ERROR_%s", errors[i].name);
        if (errors[i].id != 0 && has_word(sources, name) != row)
            fail_msg("%s (%d) is %s", name, errors[i].id,
                     row ? "in the table and never given" : "given and not in the table");
    }
}

static void each_row_is_provoked_by_a_test(void **state)
{
    (void)state;
    bool provoked[ROWS] = {false};
    char word[32];
    const char *transcripts = gather_all(SOURCE_FOLDER "/tests/transcripts", ".txt");
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(word, sizeof word, "\"ErrorID\": %d", rows[i].id);
        provoked[i] = has_word(transcripts, word);
    }
    const char *tests = gather_all(SOURCE_FOLDER "/tests", ".c");
    for (size_t i = 0; i < ROWS; i++) {
        char name[96];
        snprintf(word, sizeof word, "%d", rows[i].id);
        snprintf(name, sizeof name, "CTP_ERROR_%s", name_of(rows[i].id));
        if (!provoked[i] && !has_word(tests, word) && !has_word(tests, name))
            fail_msg("no test names %d (%s)", rows[i].id, name_of(rows[i].id));
    }
    buffer_finish(&gathered);
}

/* A detail of any length: the message is cut at a character and never empty. */
static void a_long_detail_is_cut_at_a_character(void **state)
{
    (void)state;
    char detail[400] = "";
    for (int length = 0; length < 390; length++) {
        struct refusal refusal =
            refusal_with(CTP_ERROR_EXCHANGE_RTNERROR, "%.*s%s", length % 4, "abc", detail);
        struct CThostFtdcRspInfoField told;
        refusal_fill(&refusal, &told);
        char utf8[400];
        text message = text_of_field(told.ErrorMsg, sizeof told.ErrorMsg);
        size_t back = gb18030_to_utf8(message, utf8, sizeof utf8 - 1);
        utf8[back] = '\0';
        assert_null(strstr(utf8, "\xEF\xBF\xBD"));
        if (length > 3)
            assert_true(message.length > 0);
        if (length % 3 == 2)
            snprintf(detail + length - 2, 4, "价");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_errors_in_order_with_short_texts),
        cmocka_unit_test(each_row_is_given_and_each_error_given_is_a_row),
        cmocka_unit_test(each_row_is_provoked_by_a_test),
        cmocka_unit_test(a_long_detail_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
