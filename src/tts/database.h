/* database.h: a counter out of its database: the journal opened, the newest snapshot loaded, the
 * effects behind it applied. Shared by the server and by the commands that work on a database which
 * no server holds. */
#ifndef TTS_DATABASE_H
#define TTS_DATABASE_H

#include "tts/core/core.h"
#include "tts/journal/journal.h"

struct database {
    struct journal *journal;
    struct core *core;
    uint64_t snapshot; /* sequence of the snapshot that was loaded; 0 none */
    uint64_t applied;  /* effects applied behind it */
};

struct database_options {
    const char *path;
    const struct core_options *core;
    const struct core_sink *sink;
    int first_trading_day; /* of a new database */
    bool must_exist, read_only;
    bool first_day_open; /* a new database gets its first day when it is opened without this */
    bool brief;           /* a short command: no room is made for a day of records */
    bool ignore_snapshot; /* applies the whole journal: replay-journal */
};

/* Opens and recovers. False with `error`: in use, damaged, of another format; nothing stays open.
 */
bool database_open(struct database *database, const struct database_options *options,
                   struct error *error) __attribute__((warn_unused_result));

/* Writes a snapshot (of core_save) of the state after record `sequence`, then removes the records
 * that no snapshot needs. Blocks for as long as the disk takes; any thread. */
bool database_snapshot(struct journal *journal, uint64_t sequence, text state, struct error *error);

/* What core_sink's `statements` is to do, with what is stored in the database. */
void database_statements(struct database *database, text account, int first_day, int last_day,
                         core_take_statement take, void *context);

void database_close(struct database *database);

#endif
