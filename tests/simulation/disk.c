/* disk.c: the simulated disk: effects in batches, a durable point, snapshots; and what a crash
 * leaves. Batches are whole: the journal writes them as transactions, so a torn tail is a batch
 * that is not there. */
#include "world.h"

uint64_t disk_count(const struct disk *disk)
{
    return disk->ends.count;
}

const char *disk_effect(const struct disk *disk, uint64_t sequence, size_t *length)
{
    size_t begin = sequence == 1 ? 0 : disk->ends.at[sequence - 2];
    *length = disk->ends.at[sequence - 1] - begin;
    return disk->effects.at + begin;
}

void disk_append(struct disk *disk, const void *bytes, size_t length)
{
    buffer_put(&disk->effects, bytes, length);
    *LIST_ADD(&disk->ends) = disk->effects.length;
}

void disk_seal(struct disk *disk)
{
    uint64_t last = disk->batches.count ? disk->batches.at[disk->batches.count - 1] : 0;
    if (disk_count(disk) > last)
        *LIST_ADD(&disk->batches) = disk_count(disk);
}

void disk_finish(struct disk *disk)
{
    buffer_finish(&disk->effects);
    free(disk->ends.at);
    free(disk->batches.at);
    free(disk->statements.at);
    buffer_finish(&disk->statement_bytes);
    for (int i = 0; i < disk->snapshot_count; i++)
        buffer_finish(&disk->snapshots[i].state);
}

/* The server takes snapshots when all effects are durable. */
void disk_snapshot(struct world *world)
{
    struct disk *disk = &world->disk;
    world_show(world, disk_count(disk));
    if (disk->snapshot_count == SNAPSHOTS_MAX) {
        buffer_finish(&disk->snapshots[0].state);
        memmove(disk->snapshots, disk->snapshots + 1,
                (SNAPSHOTS_MAX - 1) * sizeof disk->snapshots[0]);
        disk->snapshot_count--;
    }
    struct snapshot *snapshot = &disk->snapshots[disk->snapshot_count++];
    *snapshot = (struct snapshot){.sequence = disk_count(disk)};
    core_save(world->core, &snapshot->state);
}

/* A replica must not speak. */
static void effect_of_replica(void *user, const void *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    world_fail(user, "a core emits an effect while it recovers");
}

struct core *disk_recover(struct world *world, uint64_t until)
{
    const struct disk *disk = &world->disk;
    struct core_sink sink = world_sink(world);
    sink.effect = effect_of_replica;
    struct core *core = world_core(world, &sink);
    core_set_time(core, &world->now);
    uint64_t from = 0;
    int choice = draw_between(&world->random, -1, disk->snapshot_count - 1);
    if (choice >= 0 && disk->snapshots[choice].sequence <= until) {
        from = disk->snapshots[choice].sequence;
        ENSURE(world, core_load(core, buffer_text(&disk->snapshots[choice].state)),
               "the snapshot after effect %llu does not load", (unsigned long long)from);
    }
    for (uint64_t sequence = from + 1; sequence <= until; sequence++) {
        size_t length;
        const char *bytes = disk_effect(disk, sequence, &length);
        ENSURE(world, core_apply(core, bytes, length), "effect %llu is refused in recovery",
               (unsigned long long)sequence);
    }
    return core;
}

static void prove_snapshot(struct world *world)
{
    struct core_sink sink = world_sink(world);
    struct core *core = world_core(world, &sink);
    struct buffer first = {.at = NULL}, second = {.at = NULL};
    core_save(world->core, &first);
    ENSURE(world, core_load(core, buffer_text(&first)), "a snapshot of the state does not load");
    ENSURE(world, core_hash(core) == core_hash(world->core),
           "a core out of a snapshot has another hash");
    core_save(core, &second);
    ENSURE(world, first.length == second.length && memcmp(first.at, second.at, first.length) == 0,
           "a snapshot of a loaded snapshot has other bytes");
    buffer_finish(&first);
    buffer_finish(&second);
    core_destroy(core);
}

void disk_prove(struct world *world)
{
    struct core *replica = disk_recover(world, disk_count(&world->disk));
    ENSURE(world, core_hash(replica) == core_hash(world->core),
           "the journal's effects give another state than the run had");
    core_destroy(replica);
    prove_snapshot(world);
}

static void cut(struct disk *disk)
{
    disk->ends.count = (uint32_t)disk->durable;
    disk->effects.length = disk->durable ? disk->ends.at[disk->durable - 1] : 0;
    while (disk->batches.count && disk->batches.at[disk->batches.count - 1] > disk->durable)
        disk->batches.count--;
    while (disk->snapshot_count &&
           disk->snapshots[disk->snapshot_count - 1].sequence > disk->durable)
        buffer_finish(&disk->snapshots[--disk->snapshot_count].state);
}

void disk_crash(struct world *world)
{
    disk_prove(world);
    world->figures.crashes++;
    struct core *old = world->core;
    cut(&world->disk);
    world->core = disk_recover(world, world->disk.durable);
    world->core->sink = world_sink(world); /* from now on it may speak */
    world->held.count = 0;
    for (uint32_t i = 0; i < CLIENTS; i++)
        world->clients[i] = (struct client){.md = world->clients[i].md};
    world->cash_until = 0; /* counted anew, of what is left */
    check_same_flows(world, old);
    int before, after;
    if (core_trading_day(old) != core_trading_day(world->core) ||
        core_settled_day(old, &before) != core_settled_day(world->core, &after) || before != after)
        remember_yesterday(world); /* a settlement was lost, or a second one */
    core_destroy(old);
    check_shown(world);
    statements_check(world);
    market_quiet_quotes(world);
    core_set_channel_state(world->core, TEXT("sim"), CHANNEL_UP); /* as the server does */
    check_state(world);
}
