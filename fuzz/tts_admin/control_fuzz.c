/* control_fuzz.c: lines to the control socket, as they come, against a core in memory. No line may
 * crash, and whatever the commands changed must come back from its effects and from a snapshot,
 * which the fixture's end proves. */
#include "core_fixture.h"
#include "tts/admin/commands.h"
#include "tts/admin/control.h"

enum { LINES_MAX = 200 };

static void put_figures(void *user, struct buffer *out)
{
    (void)user;
    buffer_put_text(out, TEXT("figures\n"));
}

static void run_line(struct fixture *fixture, text line)
{
    struct command_host host = {.figures = put_figures};
    struct buffer out = {.at = NULL};
    const text *words;
    size_t count = 0;
    struct control_request *request = control_request_read(line, &words, &count);
    if (!request)
        return;
    int code = command_run(fixture->core, &host, words, count, &out);
    if (code != COMMAND_OK && out.length == 0)
        abort(); /* what is not done must be told */
    control_request_free(request);
    buffer_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    text script = {(const char *)bytes, length};
    for (int i = 0; i < LINES_MAX && script.length; i++)
        run_line(&fixture, text_cut(&script, '\n'));
    fixture_end(&fixture);
    return 0;
}
