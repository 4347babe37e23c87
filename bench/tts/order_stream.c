/* order_stream.c: see order_stream.h. */
#include "order_stream.h"
#include "base/clock.h"
#include "base/hash.h"
#include "tts/core/reply.h"
#include "tts/core/state.h"
#include <stdio.h>
#include <time.h>

/* ---- the bare book ---- */

struct bare {
    struct book_pool pool;
    struct book book;
    struct match_fills fills;
};

static void bare_begin(struct bare *bare)
{
    memset(bare, 0, sizeof *bare);
    book_init(&bare->book, &bare->pool);
    book_pool_reserve(&bare->pool, STREAM_HANDLES, STREAM_RESTING);
}

static void bare_end(struct bare *bare)
{
    match_fills_finish(&bare->fills);
    book_finish(&bare->book);
    book_pool_finish(&bare->pool);
}

static int lots_of(const struct stream_message *message)
{
    return message->kind == STREAM_CROSS ? STREAM_CROSSING_LOTS : STREAM_LOTS;
}

static uint64_t bare_play(struct bare *bare, const struct stream_message *message,
                          uint64_t sequence, uint64_t fills)
{
    static const struct book_rules rules = {.previous_price = STREAM_MIDDLE};
    struct match_order order = {
        .side = message->side, .volume = lots_of(message), .price = message->price};
    order.rest = message->kind == STREAM_CROSS ? MATCH_REST_CANCEL : MATCH_REST_QUEUE;
    if (message->kind == STREAM_REPLACE)
        book_remove(&bare->book, message->handle);
    match_fills_clear(&bare->fills);
    struct match_result result = book_plan(&bare->book, &order, &rules, &bare->fills);
    for (uint32_t i = 0; i < bare->fills.count; i++) {
        const struct match_fill *fill = &bare->fills.items[i];
        fills = (fills ^ fill->resting ^ (uint64_t)fill->volume << 32) * 0x100000001b3u;
        book_reduce(&bare->book, fill->resting, fill->volume);
    }
    if (result.outcome == MATCH_QUEUED)
        book_insert(&bare->book, message->handle, order.side, result.price, result.left, sequence,
                    0);
    return fills;
}

int64_t stream_play_book(const struct stream_message *messages, uint32_t count, uint64_t *fills)
{
    struct bare bare;
    int64_t begin = 0;
    bare_begin(&bare);
    *fills = 0;
    for (uint32_t i = 0; i < STREAM_RESTING + count; i++) {
        if (i == STREAM_RESTING)
            begin = bench_cpu_ns();
        *fills = bare_play(&bare, &messages[i], i, *fills);
    }
    int64_t took = bench_cpu_ns() - begin;
    bare_end(&bare);
    return took;
}

/* ---- the stream ---- */

static uint32_t draw(uint32_t below)
{
    static uint64_t seed = 20250303;
    return (uint32_t)(hash_number(++seed) % below);
}

/* Most orders stand near the middle, some far away: the product of two draws. */
static int64_t resting_price(enum match_side side)
{
    int64_t away = 1 + (int64_t)draw(16) * draw(16) / 2;
    return side == MATCH_BUY ? STREAM_MIDDLE - away : STREAM_MIDDLE + away;
}

static uint32_t draw_handle(const struct bare *bare, bool living)
{
    uint32_t handle;
    do
        handle = draw(STREAM_HANDLES);
    while (book_rests(&bare->pool, handle) != living);
    return handle;
}

static struct stream_message draw_message(const struct bare *bare, uint32_t i)
{
    static const enum stream_kind pattern[10] = {
        STREAM_NEW,     STREAM_REPLACE, STREAM_REPLACE, STREAM_NEW,     STREAM_REPLACE,
        STREAM_REPLACE, STREAM_CROSS,   STREAM_REPLACE, STREAM_REPLACE, STREAM_NEW};
    enum match_side entered = i / 10 % 2 ? MATCH_BUY : MATCH_SELL; /* and eaten by the crossing */
    struct stream_message message = {.kind = i < STREAM_RESTING ? STREAM_NEW : pattern[i % 10],
                                     .side = entered};
    if (message.kind == STREAM_CROSS) {
        message.side = match_opposite(entered);
        message.price = message.side == MATCH_BUY ? STREAM_MIDDLE + 200 : STREAM_MIDDLE - 200;
        return message;
    }
    message.handle = draw_handle(bare, message.kind == STREAM_REPLACE);
    if (message.kind == STREAM_REPLACE)
        message.side = book_level_of(&bare->pool, message.handle)->side;
    message.price = resting_price(message.side);
    return message;
}

struct stream_message *stream_draw(uint32_t count)
{
    struct stream_message *messages = memory_get_zeroed(STREAM_RESTING + count, sizeof *messages);
    struct bare bare;
    bare_begin(&bare);
    for (uint32_t i = 0; i < STREAM_RESTING + count; i++) {
        messages[i] = draw_message(&bare, i);
        bare_play(&bare, &messages[i], i, 0);
    }
    bare_end(&bare);
    return messages;
}

/* ---- the core ---- */

enum { FIRST_DAY = 20250303 };

/* By connection. */
static const char *const users[] = {"", "u1", "u2"};

static char *effect_room(void *user, size_t length)
{
    struct stream_core *stream = user;
    stream->effects++;
    stream->effect_bytes += length;
    if (stream->effect_room)
        return stream->effect_room(stream->user, length);
    buffer_clear(&stream->dropped);
    return buffer_reserve(&stream->dropped, length);
}

static void on_answer(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                      const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last)
{
    struct stream_core *stream = user;
    (void)request_id;
    (void)is_last;
    if (callback == CTP_TraderSpi_OnRspUserLogin)
        stream->session_id[connection] =
            ((const struct CThostFtdcRspUserLoginField *)body)->SessionID;
    stream->refused += rsp_info && rsp_info->ErrorID;
}

static void on_connection(void *user, uint32_t connection)
{
    (void)user;
    (void)connection;
}

static void on_tick(void *user, uint32_t instrument,
                    const struct CThostFtdcDepthMarketDataField *tick)
{
    (void)user;
    (void)instrument;
    (void)tick;
}

static void on_for_quote(void *user, uint32_t instrument,
                         const struct CThostFtdcForQuoteRspField *body)
{
    (void)user;
    (void)instrument;
    (void)body;
}

static void on_log(void *user, const char *line)
{
    (void)user;
    (void)line;
}

static void send(struct stream_core *stream, uint32_t connection, enum ctp_method method,
                 const void *body)
{
    struct core_request request = {.connection = connection,
                                   .method = method,
                                   .body = body,
                                   .request_id = ++stream->request_id,
                                   .verdict = PASSWORD_RIGHT};
    core_request(stream->core, &request);
    stream->requests++;
}

static void put_market(struct core *core)
{
    struct product product;
    memset(&product, 0, sizeof product);
    PUT_TEXT(product.id, TEXT("rb"));
    product.exchange = EXCHANGE_SHFE;
    product.product_class = '1';
    product.volume_multiple = 10;
    product.price_tick = 1;
    product.larger_side = true;
    struct instrument instrument;
    memset(&instrument, 0, sizeof instrument);
    PUT_TEXT(instrument.id, TEXT("rb2505"));
    instrument.product = core_put_product(core, &product);
    instrument.exchange = EXCHANGE_SHFE;
    instrument.product_class = '1';
    instrument.inst_life_phase = '1';
    instrument.is_trading = true;
    instrument.volume_multiple = 10;
    instrument.price_tick = 1;
    instrument.limit_order_volume_min = 1;
    instrument.limit_order_volume_max = 500;
    instrument.position_date_type = '1';
    instrument.larger_side = true;
    instrument.margin = instrument.exchange_margin = (struct margin_rate){0.1, 0, 0.1, 0};
    instrument.commission.open_by_money = 1e-4;
    instrument.underlying = INSTRUMENT_NONE;
    instrument.strike_price = ABSENT_PRICE;
    instrument.pre_settlement = instrument.last = STREAM_MIDDLE;
    instrument.upper_limit = STREAM_MIDDLE + 1000;
    instrument.lower_limit = STREAM_MIDDLE - 1000;
    core_put_instrument(core, &instrument, true);
}

static struct core_sink sink_of(struct stream_core *stream)
{
    return (struct core_sink){.user = stream,
                              .effect_room = effect_room,
                              .answer = on_answer,
                              .logged_in = on_connection,
                              .close = on_connection,
                              .tick = on_tick,
                              .for_quote = on_for_quote,
                              .log = on_log};
}

struct core *stream_core_empty(struct stream_core *stream)
{
    struct core_options options = core_options_of(PROFILE_TTS);
    struct core_sink sink = sink_of(stream);
    return core_create(&options, &sink, FIRST_DAY);
}

void stream_core_login(struct stream_core *stream)
{
    for (uint32_t i = 1; i <= 2; i++) {
        struct core_peer peer = {.connection = i, .version = CTP_NEWEST};
        struct CThostFtdcReqUserLoginField login = {.BrokerID = "9999"};
        PUT_TEXT(login.UserID, text_of(users[i]));
        core_connect(stream->core, &peer);
        send(stream, i, CTP_TraderApi_ReqUserLogin, &login);
    }
}

/* The client fills its structs once and then changes what differs. */
static void fill_requests(struct stream_core *stream, uint32_t connection)
{
    struct CThostFtdcInputOrderField *input = &stream->input[connection];
    PUT_TEXT(input->BrokerID, TEXT("9999"));
    PUT_TEXT(input->InvestorID, text_of(users[connection]));
    PUT_TEXT(input->InstrumentID, TEXT("rb2505"));
    PUT_TEXT(input->ExchangeID, TEXT("SHFE"));
    input->CombHedgeFlag[0] = '1';
    input->OrderPriceType = '2';
    input->VolumeCondition = '1';
    input->ContingentCondition = '1';
    input->ForceCloseReason = '0';
    struct CThostFtdcInputOrderActionField *action = &stream->action[connection];
    PUT_TEXT(action->InvestorID, text_of(users[connection]));
    PUT_TEXT(action->InstrumentID, TEXT("rb2505"));
    action->FrontID = 1;
    action->ActionFlag = '0';
}

void stream_core_begin(struct stream_core *stream, char *(*room)(void *user, size_t length),
                       void *user)
{
    memset(stream, 0, sizeof *stream);
    stream->effect_room = room;
    stream->user = user;
    stream->core = stream_core_empty(stream);
    struct core_time now = {clock_from_beijing(FIRST_DAY, 36000), FIRST_DAY, 36000, 0};
    core_set_time(stream->core, &now);
    put_market(stream->core);
    for (uint32_t i = 1; i <= 2; i++)
        if (core_add_user(stream->core, text_of(users[i]), "hash", TEXT(""), 1e14) != ADMIN_OK)
            abort();
    for (uint32_t i = 1; i <= 2; i++)
        fill_requests(stream, i);
    stream_core_login(stream);
}

void stream_core_end(struct stream_core *stream)
{
    core_destroy(stream->core);
    buffer_finish(&stream->dropped);
    stream->core = NULL;
}

/* The client's own work is none of the core's: no printf. */
static void put_ref(char *field, size_t size, int64_t number)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    memcpy(field, digits + at, sizeof digits - at < size ? sizeof digits - at : size);
}

static void cancel(struct stream_core *stream, uint32_t handle)
{
    uint32_t connection = stream->living[handle].connection;
    struct CThostFtdcInputOrderActionField *action = &stream->action[connection];
    put_ref(action->OrderRef, sizeof action->OrderRef, stream->living[handle].order_ref);
    action->SessionID = stream->session_id[connection];
    send(stream, connection, CTP_TraderApi_ReqOrderAction, action);
}

/* CombOffsetFlag: today's or history lots of the other side where there are enough. */
static char offset_of(const struct stream_core *stream, uint32_t connection, bool buys, int lots)
{
    static const char dates[] = {'1', '2'}, offsets[] = {'3', '1'};
    const struct ledger *ledger = &stream->core->ledger;
    for (int i = 0; stream->closes && i < 2; i++) {
        uint32_t row = ledger_find_row(ledger, connection - 1, 0, '1', buys ? '3' : '2', dates[i]);
        if (row != LEDGER_NONE && ledger_closable(&ledger->rows[row]) >= lots)
            return offsets[i];
    }
    return '0';
}

void stream_core_play(struct stream_core *stream, const struct stream_message *message)
{
    for (uint32_t part = 0; !stream_core_play_part(stream, message, part); part++)
        continue;
}

bool stream_core_play_part(struct stream_core *stream, const struct stream_message *message,
                           uint32_t part)
{
    if (message->kind == STREAM_REPLACE && part == 0) {
        cancel(stream, message->handle);
        return false;
    }
    /* Buyers and sellers take turns, so that both have positions on both sides. */
    uint32_t connection = 1 + (uint32_t)(++stream->order_ref & 1);
    struct CThostFtdcInputOrderField *input = &stream->input[connection];
    put_ref(input->OrderRef, sizeof input->OrderRef, stream->order_ref);
    input->Direction = message->side == MATCH_BUY ? '0' : '1';
    input->CombOffsetFlag[0] =
        offset_of(stream, connection, message->side == MATCH_BUY, lots_of(message));
    input->LimitPrice = (double)message->price;
    input->VolumeTotalOriginal = lots_of(message);
    input->TimeCondition = message->kind == STREAM_CROSS ? '1' : '3';
    if (message->kind != STREAM_CROSS) {
        stream->living[message->handle].order_ref = stream->order_ref;
        stream->living[message->handle].connection = connection;
    }
    send(stream, connection, CTP_TraderApi_ReqOrderInsert, input);
    return true;
}

/* ---- measuring ---- */

int64_t bench_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void bench_line(const char *name, double ours, double baseline, bool higher, const char *unit,
                const char *note)
{
    printf("{\"name\":\"%s\",\"ours\":%.6g,\"baseline\":%.6g,\"ratio\":%.3f,\"better\":\"%s\","
           "\"unit\":\"%s\",\"note\":\"%s\"}\n",
           name, ours, baseline, ours / baseline, higher ? "higher" : "lower", unit, note);
    fflush(stdout);
}
