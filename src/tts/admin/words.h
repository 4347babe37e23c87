/* words.h: what the files of the operator's commands share: a command's words, taken apart, and the
 * answers that all commands give in the same way. */
#ifndef TTS_ADMIN_WORDS_H
#define TTS_ADMIN_WORDS_H

#include "tts/admin/commands.h"
#include "tts/core/reply.h"

struct words {
    struct core *core;
    const struct command_host *host;
    text at[COMMAND_WORDS_MAX]; /* arguments that are no options */
    size_t count;
    struct {
        text name, value; /* "--deposit", "500"; the value of a flag is empty */
    } options[COMMAND_WORDS_MAX];
    size_t option_count;
    struct buffer *out;
};

typedef int (*command_function)(struct words *words);

/* A row of the table of commands. `options` names what may be given, separated by spaces: "--name="
 * takes a value, "--fund" none. */
struct command {
    const char *words, *arguments, *what, *options;
    size_t arguments_min, arguments_max;
    command_function run;
};

/* Puts one error line and gives COMMAND_FAILED. */
int command_failed(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether `--name` was given; *value is what stands behind it. */
bool command_option(const struct words *words, const char *name, text *value);

/* A finite amount of money or rate, at most 1e15 away from 0. */
bool command_amount(text t, double *amount);

/* "all" as the empty text, which means every account. */
text command_all_or(text account);

/* The account's place, NONE with an error line. */
uint32_t command_account(struct words *words, text id);

/* What became of an input to the core, as a line when it was refused; `what` names it. */
int command_told(struct words *words, enum admin_result result, text what);

/* The same for what was said of an account (may be "all") and a product or an instrument. */
int command_told_of(struct words *words, enum admin_result result, text account, text of);

/* The rows of each file; `count` is how many. */
extern const struct command commands_of_people[], commands_of_rates[];
extern const size_t commands_of_people_count, commands_of_rates_count;

#endif
