/* options_fuzz.c: any bytes as the counter's configuration file. What is taken lies within the
 * ranges that options.h and options.def name; what is refused has a sentence. */
#include "tts/options.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void require(bool fact)
{
    if (!fact)
        abort();
}

/* A text of the options ends within its field. */
#define REQUIRE_TEXT(field) require(memchr(field, '\0', sizeof(field)) != NULL)

#define WITHIN_BOOL(value, low, high) ((value) == false || (value) == true)
#define WITHIN_INT(value, low, high) ((value) >= (low) && (value) <= (high))
#define WITHIN_NUMBER(value, low, high) ((value) >= (low) && (value) <= (high))
#define WITHIN_CHOICE(value, low, high) ((int)(value) >= 0 && (int)(value) < count_words(high))

static int count_words(const char *words)
{
    int count = 0;
    text rest = text_of(words);
    for (; rest.length; count++)
        text_cut(&rest, ' ');
    return count;
}

static void check_core(const struct core_options *core)
{
#define OPTION(type, name, tts, ctp, low, high) require(WITHIN_##type(core->name, low, high));
#include "tts/core/options.def"
#undef OPTION
    REQUIRE_TEXT(core->broker_id);
    REQUIRE_TEXT(core->notice);
    REQUIRE_TEXT(core->black_list);
    require(core->terminal_count >= 0 && core->terminal_count <= CORE_TERMINALS_MAX);
    for (int i = 0; i < core->terminal_count; i++) {
        REQUIRE_TEXT(core->terminals[i].app_id);
        REQUIRE_TEXT(core->terminals[i].auth_code);
        REQUIRE_TEXT(core->terminals[i].users);
        REQUIRE_TEXT(core->terminals[i].addresses);
    }
}

static void check_options(const struct options *options)
{
    REQUIRE_TEXT(options->database);
    REQUIRE_TEXT(options->share);
    REQUIRE_TEXT(options->host);
    REQUIRE_TEXT(options->book);
    REQUIRE_TEXT(options->certificate);
    REQUIRE_TEXT(options->private_key);
    require(options->ticks_count <= OPTIONS_TICKS_MAX);
    for (size_t i = 0; i < options->ticks_count; i++)
        REQUIRE_TEXT(options->ticks[i]);
    require(options->td_port >= 0 && options->td_port <= 65535);
    require(options->md_port >= 0 && options->md_port <= 65535);
    require(options->speed >= 0 && options->speed <= 1e6 && options->seed >= 0);
    require(options->rollover_second >= 0 && options->rollover_second < 86400);
    require(options->max_gap_s >= 0 && options->max_gap_s <= 86400);
    require(options->connections_max >= 1 && options->out_megabytes_max >= 1);
    check_core(&options->core);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct options options;
    static int file = -1;
    static char program[] = "tts", word[64];
    if (file < 0) {
        file = memfd_create("options", 0); /* a file of memory: no input touches a disk */
        require(file >= 0);
        snprintf(word, sizeof word, "--config=/proc/self/fd/%d", file);
    }
    require(ftruncate(file, 0) == 0 && pwrite(file, bytes, length, 0) == (ssize_t)length);
    struct error error = {.line = 0};
    bool usage = false;
    if (options_read(&options, 2, (char *[]){program, word}, &usage, &error))
        check_options(&options);
    else
        require(error.what[0] != '\0');
    require(!usage);
    return 0;
}
