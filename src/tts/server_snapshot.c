/* server_snapshot.c: snapshots beside the trading: the state is copied between two turns, its
 * effects become durable as all others do, and another thread brings the copy to the disk. */
#include "base/log.h"
#include "tts/server_inside.h"

struct snapshot {
    struct server *server;
    uv_work_t work;
    uint64_t newest; /* sequence of the last one that was begun */
    struct buffer state;
    bool waiting, running; /* for its effects; on the other thread */
    bool failed;
    struct error error;
};

struct snapshot *snapshot_create(struct server *server, uint64_t sequence)
{
    struct snapshot *snapshot = memory_get_zeroed(1, sizeof *snapshot);
    snapshot->server = server;
    snapshot->newest = sequence;
    snapshot->work.data = snapshot;
    return snapshot;
}

static void write_state(uv_work_t *work)
{
    struct snapshot *snapshot = work->data;
    snapshot->failed = !database_snapshot(snapshot->server->database.journal, snapshot->newest,
                                          buffer_text(&snapshot->state), &snapshot->error);
}

static void written(uv_work_t *work, int status)
{
    struct snapshot *snapshot = work->data;
    (void)status;
    snapshot->running = false;
    buffer_finish(&snapshot->state);
    if (snapshot->failed)
        error_print("tts", &snapshot->error);
}

static void take_down(struct snapshot *snapshot)
{
    snapshot->newest = journal_last(snapshot->server->database.journal);
    buffer_clear(&snapshot->state);
    core_save(snapshot->server->database.core, &snapshot->state);
}

void snapshot_turn(struct snapshot *snapshot)
{
    struct server *server = snapshot->server;
    struct journal *journal = server->database.journal;
    uint64_t since = journal_last(journal) - snapshot->newest;
    if (!snapshot->waiting && !snapshot->running &&
        since >= (uint64_t)server->options->snapshot_effects) {
        take_down(snapshot);
        snapshot->waiting = true;
    }
    if (snapshot->waiting && journal_durable(journal) >= snapshot->newest) {
        snapshot->waiting = false;
        snapshot->running =
            uv_queue_work(&server->loop, &snapshot->work, write_state, written) == 0;
    }
}

void snapshot_finish(struct snapshot *snapshot)
{
    struct journal *journal = snapshot->server->database.journal;
    struct error error;
    if (!journal_commit(journal, &error)) {
        error_print("tts", &error);
        return;
    }
    if (journal_last(journal) == snapshot->newest && !snapshot->waiting)
        return;
    take_down(snapshot);
    if (!database_snapshot(journal, snapshot->newest, buffer_text(&snapshot->state), &error))
        error_print("tts", &error);
}

void snapshot_destroy(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    buffer_finish(&snapshot->state);
    free(snapshot);
}
