/* refusals_test.c: the tables of errors: each row of the counter's is a CTP error with a text that
 * fits, is given somewhere in src/tts by its name, and is heard in a transcript; nothing is given
 * that has no row. What the exchange refuses is heard in transcripts too, with each of its numbers,
 * and so is what webctp says itself. */
#include "base/buffer.h"
#include "cmocka_all.h"
#include "ctp/gb18030.h"
#include "tts/core/reply.h"
#include "webctp/answer.h"
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

/* ---- what transcripts hear ---- */

/* What a client cannot bring about, and why. Unit tests do. */
static const struct {
    int id;
    const char *why;
} unheard[] = {
    {154, "the machine has no memory for a password's hash"},
};

static const char *why_unheard(int id)
{
    for (size_t i = 0; i < sizeof unheard / sizeof unheard[0]; i++)
        if (unheard[i].id == id)
            return unheard[i].why;
    return NULL;
}

/* The lines of all transcripts that say what must come, one behind the other. */
static const char *gather_heard(void)
{
    gather_all(SOURCE_FOLDER "/tests/transcripts", ".txt");
    struct buffer all = gathered;
    gathered = (struct buffer){.at = NULL};
    text rest = {all.at, all.length - 1};
    while (rest.length) {
        text line = text_cut(&rest, '\n');
        if (text_starts_with(line, TEXT("<"))) {
            buffer_put_text(&gathered, line);
            buffer_put_char(&gathered, '\n');
        }
    }
    buffer_put_char(&gathered, '\0');
    buffer_finish(&all);
    return gathered.at;
}

static bool is_heard(const char *heard, int id)
{
    char word[32];
    snprintf(word, sizeof word, "\"ErrorID\": %d", id);
    return has_word(heard, word);
}

static void each_row_is_heard_in_a_transcript(void **state)
{
    (void)state;
    const char *heard = gather_heard();
    for (size_t i = 0; i < ROWS; i++) {
        bool is = is_heard(heard, rows[i].id);
        if (is && why_unheard(rows[i].id))
            fail_msg("a transcript hears %d: strike it from the list above", rows[i].id);
        if (!is && !why_unheard(rows[i].id))
            fail_msg("no transcript hears %d (%s)", rows[i].id, name_of(rows[i].id));
    }
}

static void what_no_transcript_hears_is_tested_by_itself(void **state)
{
    (void)state;
    const char *tests = gather_all(SOURCE_FOLDER "/tests/tts/core", "_test.c");
    for (size_t i = 0; i < sizeof unheard / sizeof unheard[0]; i++) {
        char number[16];
        snprintf(number, sizeof number, ", %d);", unheard[i].id);
        if (!strstr(tests, number))
            fail_msg("no test expects %d: %s", unheard[i].id, unheard[i].why);
    }
}

/* The words of E7; `exchanges`: those with this number of their own, blanks between. */
static bool refusal_is_heard(const char *heard, int number, const char *exchanges,
                             const char *words)
{
    char message[256];
    text rest = text_of(exchanges);
    while (rest.length) {
        text exchange = text_cut(&rest, ' ');
        snprintf(message, sizeof message, "\"StatusMsg\": \"%d:已撤单报单被拒绝%.*s:%s\"", number,
                 TEXT_ARG(exchange), words);
        if (strstr(heard, message))
            return true;
    }
    return false;
}

static void each_refusal_of_the_exchange_is_heard_with_its_numbers(void **state)
{
    static const struct {
        const char *name;
        int number, at_dce, at_czce;
        const char *words;
    } refusals[] = {
#define EXCHANGE_REFUSAL(name, number, at_dce, at_czce, words) \
    {#name, number, at_dce, at_czce, words},
#include "tts/core/desk/exchange_refusals.def"
#undef EXCHANGE_REFUSAL
    };
    (void)state;
    const char *heard = gather_heard();
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        int number = refusals[i].number, at_dce = refusals[i].at_dce;
        int at_czce = refusals[i].at_czce;
        const char *words = refusals[i].words;
        /* A refused cancel has words, and 91 as its number. */
        bool is = text_equal(text_of(refusals[i].name), TEXT("QUOTE_LEG"))
                      ? strstr(heard, words) != NULL
                      : refusal_is_heard(heard, number, "SHFE INE CFFEX SSE DCE CZCE", words);
        if (number != at_dce)
            is = is && refusal_is_heard(heard, at_dce, "DCE GFEX", words);
        if (number != at_czce)
            is = is && refusal_is_heard(heard, at_czce, "CZCE", words);
        if (!is)
            fail_msg("no transcript hears %s, or not all its numbers", refusals[i].name);
    }
}

static void what_webctp_says_itself_is_heard(void **state)
{
    static const int said[] = {
        -1, -2, -3, ANSWER_BAD_REQUEST, ANSWER_NOT_LOGGED_IN, ANSWER_NOT_IMPLEMENTED};
    (void)state;
    const char *heard = gather_heard();
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        if (!is_heard(heard, said[i]))
            fail_msg("no transcript hears %d", said[i]);
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
        cmocka_unit_test(each_row_is_heard_in_a_transcript),
        cmocka_unit_test(what_no_transcript_hears_is_tested_by_itself),
        cmocka_unit_test(each_refusal_of_the_exchange_is_heard_with_its_numbers),
        cmocka_unit_test(what_webctp_says_itself_is_heard),
        cmocka_unit_test(a_long_detail_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
