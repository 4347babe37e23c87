/* commands.h: the operator's commands on a counter: `user add`, `account deposit`, `explain
 * account`, ... The same functions run inside a server (through the control socket) and on a
 * database that no server holds. They get words, not a terminal: passwords have been hashed before.
 */
#ifndef TTS_ADMIN_COMMANDS_H
#define TTS_ADMIN_COMMANDS_H

#include "base/buffer.h"
#include "tts/core/core.h"

enum { COMMAND_WORDS_MAX = 32, COMMAND_OK = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2 };

/* What an operator may do to the replay of the ticks. */
struct ticks_change {
    enum { TICKS_LOOK, TICKS_PAUSE, TICKS_RESUME, TICKS_SPEED, TICKS_AT } kind;
    double speed;      /* TICKS_SPEED: 1 is as recorded, 0 as fast as it goes */
    int second_of_day; /* TICKS_AT: the next time that the replay is there */
};

/* What a command may do beyond the core: the server's own doing. NULL members: not possible here.
 */
struct command_host {
    void *user;
    /* Settles the trading day now. */
    bool (*settle)(void *user, struct error *error);
    /* Changes the replay, then says where it stands, as a line. False: why not is in `error`. */
    bool (*ticks)(void *user, const struct ticks_change *change, struct buffer *out,
                  struct error *error);
    /* Figures of the running server, as lines. */
    void (*figures)(void *user, struct buffer *out);
};

/* Runs words[0..count). Appends what is to be printed (also the one error line) to `out`; returns
 * the exit code. */
int command_run(struct core *core, const struct command_host *host, const text *words, size_t count,
                struct buffer *out);

/* The help text: a line a command. */
void command_help(struct buffer *out);

/* Whether such a command exists, for telling an unknown word before anything is opened. */
bool command_exists(const text *words, size_t count);

/* Puts a line that says so and names the word that is wrong. */
void command_unknown(const text *words, size_t count, struct buffer *out);

/* How Available came to be, term by term. */
void explain_account(struct core *core, uint32_t account, struct buffer *out);

#endif
