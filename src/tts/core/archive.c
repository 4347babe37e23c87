/* archive.c: the whole lasting state as bytes and back. One description serves both ways: a
 * function says "this memory, this list, this buffer" and the archive either writes it or reads it.
 * What is soft is left out, or set to its first value after reading. The bytes are this program
 * version's memory: FORMAT and the sizes of the structs stand in front, and bytes of another build
 * are refused. */
#include "tts/core/day/settled_day.h"
#include "tts/core/desk/desk.h"
#include "tts/core/records.h"
#include <assert.h>

enum { ARCHIVE_MAGIC = 0x53535454 };

struct archive {
    struct buffer *out; /* writing; NULL: reading */
    text in;
    bool broken;
};

static void plain(struct archive *archive, void *at, size_t size)
{
    if (archive->out) {
        buffer_put(archive->out, at, size);
        return;
    }
    if (archive->broken || archive->in.length < size) {
        archive->broken = true;
        return;
    }
    if (size)
        memcpy(at, archive->in.at, size);
    archive->in.at += size;
    archive->in.length -= size;
}

#define PLAIN(archive, thing) plain(archive, &(thing), sizeof(thing))

/* A count, and as many elements of `size` bytes; reading gets new memory. */
static void array(struct archive *archive, void **at, uint32_t *count, uint32_t *capacity,
                  size_t size)
{
    uint32_t length = *count;
    PLAIN(archive, length);
    if (!archive->out) {
        if (archive->broken || archive->in.length / size < length) {
            archive->broken = true;
            return;
        }
        free(*at);
        *at = memory_get_zeroed(length + 1, size);
        *count = length;
        *capacity = length + 1;
    }
    plain(archive, *at, length * size);
}

#define ARRAY(archive, at, count, capacity) \
    array(archive, (void **)&(at), &(count), &(capacity), sizeof *(at))
#define LIST_OF(archive, list) ARRAY(archive, (list).at, (list).count, (list).capacity)

static void bytes(struct archive *archive, struct buffer *buffer)
{
    uint64_t length = buffer->length;
    PLAIN(archive, length);
    if (archive->out) {
        buffer_put(archive->out, buffer->at, buffer->length);
        return;
    }
    if (archive->broken || archive->in.length < length) {
        archive->broken = true;
        return;
    }
    buffer_clear(buffer);
    buffer_put(buffer, archive->in.at, length);
    archive->in.at += length;
    archive->in.length -= length;
}

static void header(struct archive *archive)
{
    const uint32_t expected[] = {
        ARCHIVE_MAGIC,
        EFFECT_FORMAT,
        sizeof(struct order),
        sizeof(struct trade),
        sizeof(struct instrument),
        sizeof(struct product),
        sizeof(struct user),
        sizeof(struct investor),
        sizeof(struct account),
        sizeof(struct position_row),
        sizeof(struct position_detail),
        sizeof(struct flow_message),
        sizeof(struct account_rule),
        sizeof(struct cash_movement),
        sizeof(struct settled_instrument),
        sizeof(struct settled_figures),
        sizeof(struct settled_trade),
        sizeof(struct ledger_closing),
    };
    uint32_t seen[sizeof expected / sizeof expected[0]];
    memcpy(seen, expected, sizeof seen);
    PLAIN(archive, seen);
    if (memcmp(seen, expected, sizeof seen) != 0)
        archive->broken = true;
}

static void the_market(struct archive *archive, struct core *core)
{
    struct market *market = &core->market;
    ARRAY(archive, market->products, market->product_count, market->product_capacity);
    ARRAY(archive, market->instruments, market->instrument_count, market->instrument_capacity);
    LIST_OF(archive, core->statuses);
    for (uint32_t i = 0; i < market->instrument_count && !archive->broken; i++) {
        if (!archive->out)
            LIST_ADD(&core->instruments);
        PLAIN(archive, core->instruments.at[i].book_mode);
    }
}

/* Elements that own memory: each is written with its own pointers and capacities as zero, its lists
 * follow. */
static uint32_t element_count(struct archive *archive, uint32_t count)
{
    PLAIN(archive, count);
    return archive->broken ? 0 : count;
}

static void the_accounts(struct archive *archive, struct ledger *ledger)
{
    uint32_t count = element_count(archive, ledger->account_count);
    for (uint32_t i = 0; i < count && !archive->broken; i++) {
        if (!archive->out)
            ledger_add_account(ledger, TEXT(""), &(struct trading_params){.withdraw_ratio = 0});
        struct account *account = &ledger->accounts[i];
        struct account bare = *account;
        bare.groups = NULL;
        bare.group_capacity = 0;
        PLAIN(archive, bare);
        if (!archive->out) {
            *account = bare;
            account->group_count = 0;
        }
        ARRAY(archive, account->groups, account->group_count, account->group_capacity);
    }
}

static void a_user(struct archive *archive, struct user *user)
{
    struct user bare = *user;
    memset(&bare.investors, 0, sizeof bare.investors);
    memset(&bare.flow, 0, sizeof bare.flow);
    bare.sessions = 0;
    PLAIN(archive, bare);
    if (!archive->out)
        *user = bare;
    LIST_OF(archive, user->investors);
    LIST_OF(archive, user->flow);
}

static void an_investor(struct archive *archive, struct investor *investor)
{
    struct investor bare = *investor;
    memset(&bare.users, 0, sizeof bare.users);
    PLAIN(archive, bare);
    if (!archive->out)
        *investor = bare;
    LIST_OF(archive, investor->users);
}

static void the_ledger(struct archive *archive, struct ledger *ledger)
{
    PLAIN(archive, ledger->trading_day);
    PLAIN(archive, ledger->sequence);
    PLAIN(archive, ledger->params);
    the_accounts(archive, ledger);
    ARRAY(archive, ledger->rows, ledger->row_count, ledger->row_capacity);
    ARRAY(archive, ledger->details, ledger->detail_count, ledger->detail_capacity);
    PLAIN(archive, ledger->detail_free);
    ARRAY(archive, ledger->overrides, ledger->override_count, ledger->override_capacity);
    ARRAY(archive, ledger->pairs, ledger->pair_count, ledger->pair_capacity);
    ARRAY(archive, ledger->closings, ledger->closing_count, ledger->closing_capacity);
    ARRAY(archive, ledger->wishes, ledger->wish_count, ledger->wish_capacity);
}

static void the_people(struct archive *archive, struct core *core)
{
    uint32_t users = element_count(archive, core->users.count);
    for (uint32_t i = 0; i < users && !archive->broken; i++)
        a_user(archive, archive->out ? &core->users.at[i] : LIST_ADD(&core->users));
    uint32_t investors = element_count(archive, core->investors.count);
    for (uint32_t i = 0; i < investors && !archive->broken; i++)
        an_investor(archive, archive->out ? &core->investors.at[i] : LIST_ADD(&core->investors));
    LIST_OF(archive, core->rules);
    LIST_OF(archive, core->sessions);
    PLAIN(archive, core->last_session_id);
}

static void the_day(struct archive *archive, struct core *core)
{
    PLAIN(archive, core->trading_day);
    LIST_OF(archive, core->orders);
    LIST_OF(archive, core->trades);
    PLAIN(archive, core->broker_order_seq);
    PLAIN(archive, core->numbers);
    LIST_OF(archive, core->blobs);
    bytes(archive, &core->bytes);
    LIST_OF(archive, core->messages);
    LIST_OF(archive, core->public_flow);
    LIST_OF(archive, core->cash);
    bytes(archive, &core->feed_position);
    LIST_OF(archive, core->statements);
    bytes(archive, &core->statement_bytes);
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        LIST_OF(archive, core->records->of[kind].heads);
        bytes(archive, &core->records->of[kind].bodies);
        PLAIN(archive, core->records->of[kind].number);
    }
}

/* What a settlement began with, as long as it may be done again. */
static void the_settled_day(struct archive *archive, struct settled_day *day)
{
    PLAIN(archive, day->trading_day);
    PLAIN(archive, day->settlement_id);
    LIST_OF(archive, day->instruments);
    LIST_OF(archive, day->late_trades);
    LIST_OF(archive, day->late_closings);
    the_ledger(archive, &day->ledger);
    uint32_t count = element_count(archive, day->accounts.count);
    for (uint32_t i = 0; i < count && !archive->broken; i++) {
        struct settled_account *account =
            archive->out ? &day->accounts.at[i] : LIST_ADD(&day->accounts);
        PLAIN(archive, account->figures);
        bytes(archive, &account->cash);
        bytes(archive, &account->trades);
        bytes(archive, &account->closings);
    }
}

/* The days of the core's own books: prices and figures that came of trades. */
static void the_books(struct archive *archive, struct core *core)
{
    struct buffer books = {.at = NULL};
    if (archive->out)
        matching_save(core, &books);
    bytes(archive, &books);
    if (!archive->out && !archive->broken && !matching_load(core, buffer_text(&books)))
        archive->broken = true;
    buffer_finish(&books);
}

static void everything(struct archive *archive, struct core *core)
{
    header(archive);
    the_market(archive, core);
    the_ledger(archive, &core->ledger);
    the_people(archive, core);
    the_day(archive, core);
    the_settled_day(archive, core->settled_day);
    the_books(archive, core);
}

void core_save(struct core *core, struct buffer *out)
{
    struct archive archive = {.out = out};
    everything(&archive, core);
}

/* ---- what follows from the state: indexes and the matchers' orders ---- */

static void index_people(struct core *core)
{
    for (uint32_t i = 0; i < core->users.count; i++)
        index_add(&core->user_index, hash_text(text_of(core->users.at[i].id)), i);
    for (uint32_t i = 0; i < core->ledger.account_count; i++)
        index_add(&core->account_index, hash_text(text_of(core->ledger.accounts[i].id)), i);
}

static void index_orders(struct core *core)
{
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        enum exchange exchange = core->market.instruments[order->instrument].exchange;
        index_add(&core->order_by_ref, order_ref_key(order->session_id, order->order_ref), i);
        if (order->condition_number)
            index_add(&core->order_by_system,
                      order_system_key(exchange, true, order->condition_number), i);
        else if (order->state.system_number)
            index_add(&core->order_by_system,
                      order_system_key(exchange, false, order->state.system_number), i);
    }
}

bool core_load(struct core *core, text snapshot)
{
    struct archive archive = {.in = snapshot};
    assert(core->orders.count == 0 && core->users.count == 0);
    everything(&archive, core);
    if (archive.broken || archive.in.length != 0)
        return false;
    for (uint32_t i = 0; i < core->investors.count; i++)
        if (core->investors.at[i].channel >= core->channel_count)
            return false; /* a channel that this program does not have */
    market_index(&core->market);
    ledger_index(&core->ledger);
    index_people(core);
    index_orders(core);
    matching_rebuild(core);
    return true;
}

/* Prices are market data and soft: two cores may differ in them and in nothing else. */
static void hide_prices(struct core *core, struct buffer *kept)
{
    for (uint32_t i = 0; i < core->market.instrument_count; i++) {
        struct instrument *instrument = core_instrument(core, i);
        double prices[] = {instrument->last, instrument->average};
        buffer_put(kept, prices, sizeof prices);
        instrument->last = instrument->average = 0;
    }
}

static void show_prices(struct core *core, const struct buffer *kept)
{
    for (uint32_t i = 0; i < core->market.instrument_count; i++) {
        double prices[2];
        memcpy(prices, kept->at + i * sizeof prices, sizeof prices);
        core_instrument(core, i)->last = prices[0];
        core_instrument(core, i)->average = prices[1];
    }
}

uint64_t core_hash(struct core *core)
{
    struct buffer all = {.at = NULL}, prices = {.at = NULL};
    hide_prices(core, &prices);
    core_save(core, &all);
    show_prices(core, &prices);
    uint64_t hash = hash_bytes(all.at, all.length);
    buffer_finish(&all);
    buffer_finish(&prices);
    return hash;
}
