/* control_fuzz.c: lines to the control socket against a core in memory in which both users hold and
 * wait: as JSON, or short, as words with bars between them. No line may crash, what is refused is
 * told, and whatever the commands changed must come back from its effects and from a snapshot. Of
 * that, which takes most of the time, one input in eight is asked, chosen by its bytes. A core that
 * no line has changed serves the next input too. */
#include "base/clock.h"
#include "base/hash.h"
#include "core_fixture.h"
#include "tts/admin/commands.h"
#include "tts/admin/control.h"

enum { LINES_MAX = 20, WORDS_MAX = 64, PROOF_EVERY = 8, DAYS_MAX = 1 };

static struct fixture fixture;
static uint32_t effects_before; /* 0: there is no fixture */

static void begin(void)
{
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400, 3);
    fixture_open(&fixture, CONNECTION_TWO, "i2505-C-800", THOST_FTDC_D_Sell, 30, 1);
    fixture_order(&fixture, CONNECTION_TWO, "i2505", THOST_FTDC_D_Buy, THOST_FTDC_OF_Open, 780, 2);
    effects_before = fixture.effect_count;
}

static bool has_changed(void)
{
    bool changed = fixture.effect_count != effects_before;
    for (int i = 0; i < CHANNELS_MAX; i++)
        changed = changed || fixture.core->channel_states[i] != CHANNEL_UP;
    return changed;
}

/* ---- the server's own doing ---- */

static void put_figures(void *user, struct buffer *out)
{
    (void)user;
    buffer_put_text(out, TEXT("figures\n"));
}

static bool settle(void *user, struct error *error)
{
    int day = clock_date_to_days(core_trading_day(fixture.core));
    (void)user;
    if (day >= clock_date_to_days(FIXTURE_DAY) + DAYS_MAX)
        return error_set(error, "there is no later day");
    core_settle(fixture.core, clock_days_to_date(day + 1), NULL);
    return true;
}

static bool change_ticks(void *user, const struct ticks_change *change, struct buffer *out,
                         struct error *error)
{
    (void)user;
    if (change->kind == TICKS_AT && change->second_of_day >= 86400)
        abort();
    if (change->kind == TICKS_SPEED && !(change->speed >= 0 && change->speed <= 1e6))
        abort();
    if (change->kind == TICKS_PAUSE)
        return error_set(error, "nothing is played");
    buffer_printf(out, "%d\n", (int)change->kind);
    return true;
}

static void run(const text *words, size_t count)
{
    struct command_host host = {.figures = put_figures, .settle = settle, .ticks = change_ticks};
    struct buffer out = {.at = NULL};
    int code = command_run(fixture.core, &host, words, count, &out);
    if (code != COMMAND_OK && out.length == 0)
        abort(); /* what is not done must be told */
    buffer_finish(&out);
}

static void run_json(text line)
{
    const text *words;
    size_t count = 0;
    struct control_request *request = control_request_read(line, &words, &count);
    if (request)
        run(words, count);
    control_request_free(request);
}

static void run_words(text line)
{
    text words[WORDS_MAX];
    size_t count = 0;
    while (count < WORDS_MAX && line.length)
        words[count++] = text_cut(&line, '|');
    if (count)
        run(words, count);
}

static void run_line(text line)
{
    if (line.length && line.at[0] == '{')
        run_json(line);
    else
        run_words(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (effects_before == 0)
        begin();
    text script = {(const char *)bytes, length};
    for (int i = 0; i < LINES_MAX && script.length; i++)
        run_line(text_cut(&script, '\n'));
    if (!has_changed())
        return 0;
    if (hash_bytes(bytes, length) % PROOF_EVERY == 0)
        fixture_end(&fixture);
    else
        fixture_drop(&fixture);
    effects_before = 0;
    return 0;
}
