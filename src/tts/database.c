/* database.c: see database.h. */
#include "tts/database.h"
#include "base/log.h"
#include "base/number.h"

enum { BRIEF_WAL_BYTES = 1 << 20 };

struct reading {
    struct core *core;
    struct buffer aligned; /* an effect is looked at as structs, which the journal's bytes need not
                              be placed for */
    uint64_t applied, broken;
};

static bool take_record(void *context, uint64_t sequence, const void *bytes, size_t length)
{
    struct reading *reading = context;
    buffer_clear(&reading->aligned);
    buffer_put(&reading->aligned, bytes, length);
    if (!core_apply(reading->core, reading->aligned.at, length)) {
        reading->broken = sequence;
        return false;
    }
    reading->applied++;
    return true;
}

static bool another_build(const struct database_options *options, struct error *error)
{
    error_fix(error, "start the tts that wrote it, or begin with a new database");
    return error_at(error, options->path, 0, 0);
}

/* A number that stands in the database by name; *kept as it is when there is none. */
static bool read_number_of(struct database *database, const char *name, int64_t *kept,
                           struct error *error)
{
    struct buffer value = {.at = NULL};
    bool fine = journal_meta_read(database->journal, text_of(name), &value, error);
    if (fine && value.length)
        text_to_int(buffer_text(&value), kept);
    buffer_finish(&value);
    return fine;
}

static bool write_number_of(struct database *database, const char *name, int64_t value,
                            struct error *error)
{
    char digits[NUMBER_TEXT_MAX];
    text written = {digits, number_write_int(value, digits)};
    return journal_meta_write(database->journal, text_of(name), written, error);
}

/* What the effects are read with stands in the database from its beginning: their format, and the
 * trading day that the first of them belong to. Users who were added before the first start belong
 * to the day with which that begins: that of the ticks, with `trading-day: recorded`. */
static bool read_beginning(struct database *database, const struct database_options *options,
                           int *day, struct error *error)
{
    int64_t format = 0, known = 0;
    if (!read_number_of(database, "effect_format", &format, error) ||
        !read_number_of(database, "first_trading_day", &known, error))
        return false;
    if ((known || format) && format != core_effect_format()) {
        error_set(error, "its effects are of another build of tts (format %d, this one's is %d)",
                  (int)format, core_effect_format());
        return another_build(options, error);
    }
    *day = known ? (int)known : options->first_trading_day;
    if (known || options->read_only)
        return true;
    return write_number_of(database, "effect_format", core_effect_format(), error) &&
           (options->first_day_open || write_number_of(database, "first_trading_day", *day, error));
}

static bool load_snapshot(struct database *database, const struct database_options *options,
                          struct error *error)
{
    struct buffer state = {.at = NULL};
    bool found = false;
    bool fine =
        journal_snapshot_read(database->journal, &found, &database->snapshot, &state, error);
    if (fine && found && !core_load(database->core, buffer_text(&state))) {
        error_set(error, "the snapshot was written by another build of tts");
        fine = another_build(options, error);
    }
    if (fine && !found)
        database->snapshot = 0;
    buffer_finish(&state);
    return fine;
}

static bool apply_rest(struct database *database, const struct database_options *options,
                       struct error *error)
{
    struct reading reading = {.core = database->core};
    bool read =
        journal_read(database->journal, database->snapshot + 1, take_record, &reading, error);
    buffer_finish(&reading.aligned);
    if (!read)
        return false;
    database->applied = reading.applied;
    if (!reading.broken)
        return true;
    error_set(error, "record %llu is no effect of this build of tts",
              (unsigned long long)reading.broken);
    return another_build(options, error);
}

bool database_open(struct database *database, const struct database_options *options,
                   struct error *error)
{
    *database = (struct database){.snapshot = 0};
    struct journal_options how = {.wal_bytes = options->brief ? BRIEF_WAL_BYTES : 0,
                                  .must_exist = options->must_exist,
                                  .read_only = options->read_only};
    int day = 0;
    database->journal = journal_open(options->path, &how, error);
    if (!database->journal)
        return false;
    bool fine = read_beginning(database, options, &day, error);
    if (fine) {
        database->core = core_create(options->core, options->sink, day);
        fine = options->ignore_snapshot || load_snapshot(database, options, error);
    }
    fine = fine && apply_rest(database, options, error);
    if (!fine)
        database_close(database);
    return fine;
}

bool database_snapshot(struct journal *journal, uint64_t sequence, text state, struct error *error)
{
    if (!journal_snapshot_write(journal, sequence, state.at, state.length, error) ||
        !journal_compact(journal, sequence, error))
        return false;
    log_line(LOG_INFO, "snapshot after effect %llu, %zu bytes", (unsigned long long)sequence,
             state.length);
    return true;
}

/* ---- statements ---- */

struct giving {
    core_take_statement take;
    void *context;
};

static void give(void *context, const struct journal_statement *statement)
{
    const struct giving *giving = context;
    struct core_statement one = {statement->account, statement->trading_day,
                                 statement->settlement_id, statement->body};
    giving->take(giving->context, &one);
}

void database_statements(struct database *database, text account, int first_day, int last_day,
                         core_take_statement take, void *context)
{
    struct giving giving = {take, context};
    struct error error;
    if (!journal_statements_read(database->journal, account, first_day, last_day, give, &giving,
                                 &error))
        error_print("tts", &error);
}

void database_close(struct database *database)
{
    core_destroy(database->core);
    journal_close(database->journal);
    *database = (struct database){.journal = NULL};
}
