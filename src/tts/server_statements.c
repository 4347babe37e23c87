/* server_statements.c: settlement statements on their way out of the core's state: when their
 * effects are durable, another thread stores them in the database, and then the core forgets them.
 * A crash in between finds them in the state again, and stores them again. */
#include "base/clock.h"
#include "base/log.h"
#include "tts/server_inside.h"

enum { RETRY_S = 60 }; /* after the disk has refused them */

struct statements {
    struct server *server;
    uv_work_t work;
    uint32_t count;  /* so many, the oldest, are on their way */
    uint64_t needed; /* sequence of the effects that made them */
    struct journal_statement *at;
    struct buffer bytes; /* of accounts and texts */
    bool waiting, running;
    bool failed;
    int64_t failed_at_ns;
    struct error error;
};

struct statements *statements_create(struct server *server)
{
    struct statements *statements = memory_get_zeroed(1, sizeof *statements);
    statements->server = server;
    statements->work.data = statements;
    return statements;
}

static void store(uv_work_t *work)
{
    struct statements *statements = work->data;
    statements->failed =
        !journal_statements_write(statements->server->database.journal, statements->at,
                                  statements->count, &statements->error);
}

static void let_go(struct statements *statements)
{
    free(statements->at);
    statements->at = NULL;
    buffer_finish(&statements->bytes);
}

static void stored(uv_work_t *work, int status)
{
    struct statements *statements = work->data;
    (void)status;
    statements->running = false;
    let_go(statements);
    if (statements->failed) {
        statements->failed_at_ns = clock_monotonic_ns();
        error_print("tts", &statements->error);
    } else {
        core_statements_stored(statements->server->database.core, statements->count);
    }
}

/* A copy: the core's own texts may move while they are stored. */
static void take_down(struct statements *statements)
{
    const struct core *core = statements->server->database.core;
    struct buffer *bytes = &statements->bytes;
    statements->at = memory_get_zeroed(statements->count, sizeof *statements->at);
    for (uint32_t i = 0; i < statements->count; i++) {
        struct core_statement one = core_statement(core, i);
        statements->at[i] = (struct journal_statement){{NULL, one.account.length},
                                                       one.trading_day,
                                                       one.settlement_id,
                                                       {NULL, one.body.length}};
        buffer_put_text(bytes, one.account);
        buffer_put_text(bytes, one.body);
    }
    const char *at = bytes->at;
    for (uint32_t i = 0; i < statements->count; i++) {
        statements->at[i].account.at = at;
        statements->at[i].body.at = at + statements->at[i].account.length;
        at = statements->at[i].body.at + statements->at[i].body.length;
    }
}

static bool may_begin(const struct statements *statements)
{
    int64_t since = clock_monotonic_ns() - statements->failed_at_ns;
    return !statements->failed || since > RETRY_S * INT64_C(1000000000);
}

void statements_turn(struct statements *statements)
{
    struct server *server = statements->server;
    if (statements->running || core_statement_count(server->database.core) == 0)
        return;
    if (!statements->waiting && may_begin(statements)) {
        statements->needed = journal_last(server->database.journal);
        statements->count = core_statement_count(server->database.core);
        statements->waiting = true;
    }
    if (!statements->waiting || journal_durable(server->database.journal) < statements->needed)
        return;
    statements->waiting = false;
    take_down(statements);
    statements->running = uv_queue_work(&server->loop, &statements->work, store, stored) == 0;
    if (!statements->running)
        let_go(statements);
}

void statements_destroy(struct statements *statements)
{
    if (!statements)
        return;
    let_go(statements);
    free(statements);
}
