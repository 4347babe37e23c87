/* statements.c: settlement statements in the simulation: a table on the disk that keeps what the
 * core gives out, and the proof that a statement which was durable is found again, the same bytes,
 * whatever crashed in between. */
#include "tts/core/day/statement.h"
#include "world.h"

/* ---- the table on the disk ---- */

static void put_row(struct world *world, const struct core_statement *statement)
{
    struct disk *disk = &world->disk;
    struct stored_statement row = {.trading_day = statement->trading_day,
                                   .settlement_id = statement->settlement_id,
                                   .offset = disk->statement_bytes.length,
                                   .length = statement->body.length};
    PUT_TEXT(row.account, statement->account);
    buffer_put_text(&disk->statement_bytes, statement->body);
    for (uint32_t i = 0; i < disk->statements.count; i++) {
        struct stored_statement *one = &disk->statements.at[i];
        if (strcmp(one->account, row.account) != 0 || one->trading_day != row.trading_day ||
            one->settlement_id != row.settlement_id)
            continue;
        *one = row; /* stored before a crash, but not forgotten by the core */
        return;
    }
    *LIST_ADD(&disk->statements) = row;
}

void statements_store(struct world *world)
{
    uint32_t count = core_statement_count(world->core), written = count;
    world_show(world, disk_count(&world->disk)); /* only what is durable is stored */
    bool breaks = chance(&world->random, 300);   /* off: the disk is full, or a crash comes */
    if (breaks)
        written = draw(&world->random, count + 1);
    for (uint32_t i = 0; i < written; i++) {
        struct core_statement one = core_statement(world->core, i);
        put_row(world, &one);
    }
    if (!breaks && count)
        core_statements_stored(world->core, count);
}

static bool is_newest(const struct disk *disk, const struct stored_statement *row, int first_day)
{
    for (uint32_t i = 0; i < disk->statements.count; i++) {
        const struct stored_statement *other = &disk->statements.at[i];
        if (strcmp(other->account, row->account) != 0)
            continue;
        if ((other->trading_day == row->trading_day && other->settlement_id > row->settlement_id) ||
            (first_day == 0 && other->trading_day > row->trading_day))
            return false;
    }
    return true;
}

void statements_read(void *user, text account, int first_day, int last_day,
                     core_take_statement take, void *context)
{
    const struct disk *disk = &((const struct world *)user)->disk;
    for (uint32_t i = 0; i < disk->statements.count; i++) { /* days come in their order */
        const struct stored_statement *row = &disk->statements.at[i];
        bool inside =
            first_day == 0 || (row->trading_day >= first_day && row->trading_day <= last_day);
        if (!inside || !text_equal(text_of(row->account), account) ||
            !is_newest(disk, row, first_day))
            continue;
        struct core_statement statement = {
            account, row->trading_day, row->settlement_id,
            (text){disk->statement_bytes.at + row->offset, row->length}};
        take(context, &statement);
    }
}

/* ---- the proof ---- */

static struct known_statement look(const struct world *world, uint32_t account, int day)
{
    struct buffer body = {.at = NULL};
    struct statement_name name;
    struct known_statement known = {.account = account, .sequence = disk_count(&world->disk)};
    ENSURE(world, statement_find(world->core, account, day, &body, &name),
           "account %u has no statement of %d", account, day);
    known.trading_day = name.trading_day;
    known.settlement_id = name.settlement_id;
    known.hash = hash_bytes(body.at, body.length);
    buffer_finish(&body);
    return known;
}

void statements_note(struct world *world)
{
    for (uint32_t i = 0; i < world->core->ledger.account_count; i++)
        *LIST_ADD(&world->known) = look(world, i, 0);
}

static bool is_superseded(const struct world *world, uint32_t place)
{
    const struct known_statement *known = &world->known.at[place];
    for (uint32_t i = place + 1; i < world->known.count; i++)
        if (world->known.at[i].account == known->account &&
            world->known.at[i].trading_day == known->trading_day)
            return true;
    return false;
}

void statements_check(struct world *world)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < world->known.count; i++) /* the rest was lost in a crash */
        if (world->known.at[i].sequence <= disk_count(&world->disk))
            world->known.at[kept++] = world->known.at[i];
    world->known.count = kept;
    for (uint32_t i = 0; i < world->known.count; i++) {
        const struct known_statement *known = &world->known.at[i];
        if (is_superseded(world, i))
            continue;
        struct known_statement now = look(world, known->account, known->trading_day);
        ENSURE(world, now.hash == known->hash && now.settlement_id == known->settlement_id,
               "account %u: the statement of %d, settlement %d, is another one than before",
               known->account, known->trading_day, known->settlement_id);
    }
}
