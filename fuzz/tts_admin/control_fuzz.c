/* control_fuzz.c: lines to the control socket, as they come, against a core in memory in which both
 * users hold and wait. No line may crash, what is refused is told, and whatever the commands
 * changed must come back from its effects and from a snapshot, which the fixture's end proves. A
 * core that no line has changed serves the next input too: most lines are no command. */
#include "base/clock.h"
#include "core_fixture.h"
#include "tts/admin/commands.h"
#include "tts/admin/control.h"

enum { LINES_MAX = 20, DAYS_MAX = 2 };

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

static void run_line(text line)
{
    struct command_host host = {.figures = put_figures, .settle = settle, .ticks = change_ticks};
    struct buffer out = {.at = NULL};
    const text *words;
    size_t count = 0;
    struct control_request *request = control_request_read(line, &words, &count);
    if (!request)
        return;
    int code = command_run(fixture.core, &host, words, count, &out);
    if (code != COMMAND_OK && out.length == 0)
        abort(); /* what is not done must be told */
    control_request_free(request);
    buffer_finish(&out);
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
    fixture_end(&fixture);
    effects_before = 0;
    return 0;
}
