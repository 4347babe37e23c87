/* order_stream.c: see order_stream.h. */
#include "order_stream.h"
#include "base/clock.h"
#include "tts/core/reply.h"
#include "tts/core/state.h"

/* ---- the core ---- */

enum { FIRST_DAY = 20250303 };

/* By connection. */
static const char *const users[] = {"", "u1", "u2"};

static void on_effect(void *user, const void *bytes, size_t length)
{
    struct stream_core *stream = user;
    stream->effects++;
    stream->effect_bytes += length;
    if (stream->effect)
        stream->effect(stream->user, bytes, length);
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
    return (struct core_sink){stream,        on_effect, on_answer,    on_connection,
                              on_connection, on_tick,   on_for_quote, on_log};
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

void stream_core_begin(struct stream_core *stream,
                       void (*effect)(void *user, const void *bytes, size_t length), void *user)
{
    memset(stream, 0, sizeof *stream);
    stream->effect = effect;
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
    if (message->kind == STREAM_REPLACE)
        cancel(stream, message->handle);
    /* Buyers and sellers take turns, so that both have positions on both sides. */
    uint32_t connection = 1 + (uint32_t)(++stream->order_ref & 1);
    struct CThostFtdcInputOrderField *input = &stream->input[connection];
    put_ref(input->OrderRef, sizeof input->OrderRef, stream->order_ref);
    input->Direction = message->side == MATCH_BUY ? '0' : '1';
    input->CombOffsetFlag[0] =
        offset_of(stream, connection, message->side == MATCH_BUY, stream_lots(message));
    input->LimitPrice = (double)message->price;
    input->VolumeTotalOriginal = stream_lots(message);
    input->TimeCondition = message->kind == STREAM_CROSS ? '1' : '3';
    if (message->kind != STREAM_CROSS) {
        stream->living[message->handle].order_ref = stream->order_ref;
        stream->living[message->handle].connection = connection;
    }
    send(stream, connection, CTP_TraderApi_ReqOrderInsert, input);
}
