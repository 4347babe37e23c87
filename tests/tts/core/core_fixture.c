/* core_fixture.c: see core_fixture.h. */
#include "core_fixture.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "tts/core/channel.h"
#include <string.h>

/* ---- what the core says ---- */

static void on_effect(void *user, const void *bytes, size_t length)
{
    struct fixture *fixture = user;
    buffer_put(&fixture->effects, bytes, length);
    fixture->effect_count++;
}

static void on_answer(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                      const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last)
{
    struct fixture *fixture = user;
    fixture->answers++;
    fixture->answered_by = callback;
    fixture->answered_connection = connection;
    fixture->answered_request_id = request_id;
    fixture->answered_last = is_last;
    fixture->answered_id = rsp_info ? rsp_info->ErrorID : 0;
    text_copy(fixture->answered_text, sizeof fixture->answered_text,
              rsp_info ? text_of_field(rsp_info->ErrorMsg, sizeof rsp_info->ErrorMsg) : TEXT(""));
    memset(&fixture->answer, 0, sizeof fixture->answer);
    enum ctp_struct of = ctp_method_info(callback)->of;
    if (body && of != CTP_STRUCT_NONE)
        memcpy(fixture->answer.any, body, ctp_layout_find(CTP_NEWEST, of)->size);
}

static void on_logged_in(void *user, uint32_t connection)
{
    (void)user;
    assert_true(connection < FIXTURE_CONNECTIONS);
}

static void on_close(void *user, uint32_t connection)
{
    (void)connection;
    ((struct fixture *)user)->closed++;
}

static void on_tick(void *user, uint32_t instrument,
                    const struct CThostFtdcDepthMarketDataField *tick)
{
    struct fixture *fixture = user;
    (void)instrument;
    fixture->ticks++;
    fixture->tick = *tick;
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

static struct core_sink sink_of(struct fixture *fixture)
{
    return (struct core_sink){.user = fixture,
                              .effect = on_effect,
                              .answer = on_answer,
                              .logged_in = on_logged_in,
                              .close = on_close,
                              .tick = on_tick,
                              .for_quote = on_for_quote,
                              .log = on_log};
}

/* ---- the market ---- */

struct listing {
    const char *product, *instrument;
    enum exchange exchange;
    char product_class;
    int multiple;
    double tick, pre;
    int limit_min, limit_max, market_min, market_max;
    char position_date_type;
    char options_type;
    double strike;
    bool book_mode;
};

static const struct listing listings[] = {
    {"rb", "rb2505", EXCHANGE_SHFE, '1', 10, 1, 3400, 1, 500, 1, 30, '1', 0, 0, false},
    {"sc", "sc2505", EXCHANGE_INE, '1', 1000, 0.1, 570, 1, 500, 1, 30, '1', 0, 0, false},
    {"i", "i2505", EXCHANGE_DCE, '1', 100, 0.5, 800, 1, 1000, 1, 1000, '2', 0, 0, false},
    {"SR", "SR505", EXCHANGE_CZCE, '1', 10, 1, 6000, 1, 1000, 1, 200, '2', 0, 0, false},
    {"IF", "IF2503", EXCHANGE_CFFEX, '1', 300, 0.2, 3900, 1, 20, 1, 10, '2', 0, 0, false},
    {"si", "si2505", EXCHANGE_GFEX, '1', 5, 5, 10000, 1, 1000, 1, 1000, '2', 0, 0, false},
    {"rb_o", "rb2505C3400", EXCHANGE_SHFE, '2', 10, 0.5, 80, 1, 100, 1, 30, '1', '1', 3400, false},
    {"i_o", "i2505-C-800", EXCHANGE_DCE, '2', 100, 0.1, 30, 1, 1000, 1, 1000, '2', '1', 800, false},
    {"SR_o", "SR505C6000", EXCHANGE_CZCE, '2', 10, 0.5, 100, 1, 100, 1, 100, '2', '1', 6000, false},
    {"SSE_A", "600000", EXCHANGE_SSE, 'E', 1, 0.01, 10, 100, 1000000, 100, 1000000, '2', 0, 0,
     false},
    {"INDEX", "000300", EXCHANGE_SSE, 'I', 1, 0.01, 3900, 1, 100, 1, 100, '2', 0, 0, false},
    {"BTC", "BTC", EXCHANGE_TTS, '1', 10, 1, 3400, 1, 1000, 1, 1000, '2', 0, 0, true},
    {"i", "i2603", EXCHANGE_DCE, '1', 100, 0.5, 799, 1, 1000, 1, 1000, '2', 0, 0, false},
    {"SP", "SP i2505&i2509", EXCHANGE_DCE, '3', 100, 0.5, 1, 1, 1000, 1, 1000, '2', 0, 0, false},
    {"SP", "SP i2505&i2603", EXCHANGE_DCE, '3', 100, 0.5, 1, 1, 1000, 1, 1000, '2', 0, 0, false},
    {"sctas", "sc2505TAS", EXCHANGE_INE, '7', 1000, 0.1, 0, 1, 500, 1, 0, '1', 0, 0, true},
};

static struct margin_rate margin_of(const struct listing *listing)
{
    double ratio = listing->product_class == 'E' ? 1 : 0.1;
    return (struct margin_rate){ratio, 0, ratio, 0};
}

enum { TAS_DISTANCE = 2 };

static void put_product(struct fixture *fixture, const struct listing *listing)
{
    struct product product;
    memset(&product, 0, sizeof product);
    PUT_TEXT(product.id, text_of(listing->product));
    PUT_TEXT(product.name, text_of(listing->product));
    PUT_TEXT(product.group_id, text_of(listing->product));
    product.exchange = listing->exchange;
    product.product_class = listing->product_class;
    product.volume_multiple = listing->multiple;
    product.price_tick = listing->tick;
    product.position_date_type = listing->position_date_type;
    product.price_limit_ratio = listing->product_class == '7' ? TAS_DISTANCE : 0.1;
    product.lot_step = listing->product_class == 'E' ? listing->limit_min : 1;
    product.margin = product.exchange_margin = margin_of(listing);
    core_put_product(fixture->core, &product);
}

static void put_instrument(struct fixture *fixture, const struct listing *listing)
{
    struct instrument instrument;
    memset(&instrument, 0, sizeof instrument);
    PUT_TEXT(instrument.id, text_of(listing->instrument));
    PUT_TEXT(instrument.name, text_of(listing->instrument));
    instrument.product = market_find_product(core_market(fixture->core), listing->exchange,
                                             text_of(listing->product));
    instrument.exchange = listing->exchange;
    instrument.product_class = listing->product_class;
    instrument.inst_life_phase = '1';
    instrument.is_trading = true;
    instrument.volume_multiple = listing->multiple;
    instrument.price_tick = listing->tick;
    instrument.limit_order_volume_min = listing->limit_min;
    instrument.limit_order_volume_max = listing->limit_max;
    instrument.market_order_volume_min = listing->market_min;
    instrument.market_order_volume_max = listing->market_max;
    instrument.position_date_type = listing->position_date_type;
    instrument.margin = instrument.exchange_margin = margin_of(listing);
    instrument.options_type = listing->options_type;
    instrument.strike_price = listing->options_type ? listing->strike : ABSENT_PRICE;
    instrument.underlying = INSTRUMENT_NONE;
    instrument.underlying_settlement = ABSENT_PRICE;
    instrument.pre_settlement = instrument.last = listing->pre;
    instrument.settlement = ABSENT_PRICE;
    instrument.upper_limit = listing->pre * 1.1;
    instrument.lower_limit = listing->pre * 0.9;
    if (listing->product_class == '7') {
        instrument.upper_limit = TAS_DISTANCE;
        instrument.lower_limit = -TAS_DISTANCE;
        text_copy(instrument.underlying_id, sizeof instrument.underlying_id,
                  (text){listing->instrument, strlen(listing->instrument) - strlen("TAS")});
    }
    core_put_instrument(fixture->core, &instrument, listing->book_mode);
}

static void add_people(struct fixture *fixture)
{
    static const char *const users[FIXTURE_CONNECTIONS] = {NULL, "u1", "u2", "u1"};
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++) {
        struct core_peer peer = {.connection = i, .version = CTP_NEWEST, .address = "127.0.0.1"};
        core_connect(fixture->core, &peer);
        if (i <= CONNECTION_TWO)
            assert_int_equal(core_add_user(fixture->core, text_of(users[i]), "hash", TEXT(""), 1e7),
                             ADMIN_OK);
        struct CThostFtdcReqUserLoginField login = {.UserID = ""};
        PUT_TEXT(login.UserID, text_of(users[i]));
        PUT_TEXT(login.BrokerID, TEXT("9999"));
        fixture_send(fixture, i, CTP_TraderApi_ReqUserLogin, &login);
        assert_int_equal(fixture->answered_id, 0);
    }
}

void fixture_begin(struct fixture *fixture, const struct core_options *options)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->options = options ? *options : core_options_of(PROFILE_TTS);
    struct core_sink sink = sink_of(fixture);
    fixture->core = core_create(&fixture->options, &sink, FIXTURE_DAY);
    fixture_set_clock(fixture, FIXTURE_DAY, 10 * 3600, 0);
    for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++) {
        put_product(fixture, &listings[i]);
        put_instrument(fixture, &listings[i]);
    }
    add_people(fixture);
}

void fixture_add_channel(struct fixture *fixture, const struct order_channel *channel)
{
    fixture->channel = channel;
    assert_int_equal(channel_add(fixture->core, channel), 1);
    assert_int_equal(core_set_channel(fixture->core, TEXT("u1"), text_of(channel->name)), ADMIN_OK);
}

/* ---- the proofs at the end ---- */

static void nothing_effect(void *user, const void *bytes, size_t length)
{
    (void)user;
    (void)bytes;
    (void)length;
    fail_msg("a replay emitted an effect");
}

static struct core *empty_core(const struct fixture *fixture, struct core_sink *sink)
{
    sink->effect = nothing_effect;
    struct core *core = core_create(&fixture->options, sink, FIXTURE_DAY);
    if (fixture->channel)
        channel_add(core, fixture->channel);
    return core;
}

static void prove_replay(struct fixture *fixture, uint64_t hash)
{
    struct core_sink sink = sink_of(fixture);
    struct core *core = empty_core(fixture, &sink);
    for (size_t at = 0; at < fixture->effects.length;) {
        struct effect_head head;
        memcpy(&head, fixture->effects.at + at, sizeof head);
        assert_true(core_apply(core, fixture->effects.at + at, head.length));
        at += head.length;
    }
    assert_true(core_hash(core) == hash);
    core_destroy(core);
}

static void prove_snapshot(struct fixture *fixture, uint64_t hash)
{
    struct core_sink sink = sink_of(fixture);
    struct core *core = empty_core(fixture, &sink);
    struct buffer bytes = {.at = NULL};
    core_save(fixture->core, &bytes);
    assert_true(core_load(core, buffer_text(&bytes)));
    assert_true(core_hash(core) == hash);
    buffer_finish(&bytes);
    core_destroy(core);
}

void fixture_end(struct fixture *fixture)
{
    uint64_t hash = core_hash(fixture->core);
    prove_replay(fixture, hash);
    prove_snapshot(fixture, hash);
    fixture_drop(fixture);
}

void fixture_drop(struct fixture *fixture)
{
    core_destroy(fixture->core);
    buffer_finish(&fixture->effects);
}

/* ---- inputs ---- */

uint32_t fixture_instrument(const struct fixture *fixture, const char *id)
{
    uint32_t place =
        market_find_instrument(core_market(fixture->core), EXCHANGE_COUNT, text_of(id));
    assert_true(place != INSTRUMENT_NONE);
    return place;
}

void fixture_set_clock(struct fixture *fixture, int date, int second_of_day, int millisecond)
{
    fixture->now = (struct core_time){
        .wall_us = clock_from_beijing(date, second_of_day) + millisecond * 1000,
        .replay_date = date,
        .replay_second = second_of_day,
        .replay_millisecond = millisecond,
    };
    core_set_time(fixture->core, &fixture->now);
}

int fixture_send(struct fixture *fixture, uint32_t connection, enum ctp_method method,
                 const void *body)
{
    int before = fixture->answers;
    struct core_request request = {
        .connection = connection,
        .method = method,
        .body = body,
        .request_id = ++fixture->request_id,
        .verdict = PASSWORD_RIGHT,
    };
    fixture->answered_id = 0;
    core_request(fixture->core, &request);
    return fixture->answers - before;
}

struct CThostFtdcInputOrderField fixture_input(struct fixture *fixture, const char *instrument,
                                               char direction, char offset, double price,
                                               int volume)
{
    struct CThostFtdcInputOrderField input;
    memset(&input, 0, sizeof input);
    const struct instrument *of =
        &core_market(fixture->core)->instruments[fixture_instrument(fixture, instrument)];
    PUT_TEXT(input.BrokerID, TEXT("9999"));
    PUT_TEXT(input.InstrumentID, text_of(instrument));
    PUT_TEXT(input.ExchangeID, text_of(exchange_id(of->exchange)));
    PUT_NUMBER(input.OrderRef, ++fixture->order_ref);
    input.Direction = direction;
    input.CombOffsetFlag[0] = offset;
    input.CombHedgeFlag[0] = THOST_FTDC_HF_Speculation;
    input.OrderPriceType = THOST_FTDC_OPT_LimitPrice;
    input.LimitPrice = price;
    input.VolumeTotalOriginal = volume;
    input.TimeCondition = THOST_FTDC_TC_GFD;
    input.VolumeCondition = THOST_FTDC_VC_AV;
    input.ContingentCondition = THOST_FTDC_CC_Immediately;
    input.ForceCloseReason = THOST_FTDC_FCC_NotForceClose;
    return input;
}

/* Who asks is named where the profile wants it. */
static void name_investor(struct fixture *fixture, uint32_t connection, char *field, size_t size)
{
    if (fixture->options.investor_id_required && field[0] == '\0')
        text_copy(field, size, connection == CONNECTION_TWO ? TEXT("u2") : TEXT("u1"));
}

int fixture_insert(struct fixture *fixture, uint32_t connection,
                   const struct CThostFtdcInputOrderField *input)
{
    struct CThostFtdcInputOrderField sent = *input;
    int answers = fixture_send(fixture, connection, CTP_TraderApi_ReqOrderInsert, &sent);
    assert_true(answers == (fixture->answered_id ? 1 : 0));
    if (answers)
        assert_int_equal(fixture->answered_by, CTP_TraderSpi_OnRspOrderInsert);
    return fixture->answered_id;
}

void fixture_order(struct fixture *fixture, uint32_t connection, const char *instrument,
                   char direction, char offset, double price, int volume)
{
    struct CThostFtdcInputOrderField input =
        fixture_input(fixture, instrument, direction, offset, price, volume);
    name_investor(fixture, connection, input.InvestorID, sizeof input.InvestorID);
    assert_int_equal(fixture_insert(fixture, connection, &input), 0);
}

int fixture_action(struct fixture *fixture, uint32_t connection,
                   const struct CThostFtdcInputOrderActionField *action)
{
    int answers = fixture_send(fixture, connection, CTP_TraderApi_ReqOrderAction, action);
    assert_true(answers == (fixture->answered_id ? 1 : 0));
    if (answers)
        assert_int_equal(fixture->answered_by, CTP_TraderSpi_OnRspOrderAction);
    return fixture->answered_id;
}

struct order *fixture_newest(struct fixture *fixture)
{
    assert_true(fixture->core->orders.count > 0);
    return &fixture->core->orders.at[fixture->core->orders.count - 1];
}

int fixture_cancel_newest(struct fixture *fixture, uint32_t connection)
{
    const struct order *order = fixture_newest(fixture);
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    PUT_TEXT(action.BrokerID, TEXT("9999"));
    name_investor(fixture, connection, action.InvestorID, sizeof action.InvestorID);
    PUT_TEXT(action.InstrumentID, text_of(core_instrument(fixture->core, order->instrument)->id));
    PUT_NUMBER(action.OrderRef, order->order_ref);
    action.FrontID = order->front_id;
    action.SessionID = order->session_id;
    action.ActionFlag = THOST_FTDC_AF_Delete;
    return fixture_action(fixture, connection, &action);
}

/* ---- flows ---- */

static struct CThostFtdcOrderField last_order;
static struct CThostFtdcTradeField last_trade;

static void tell(const struct core_message *message, char *word, size_t size)
{
    int error_id = message->rsp_info ? message->rsp_info->ErrorID : 0;
    switch (message->callback) {
    case CTP_TraderSpi_OnRtnOrder:
        memcpy(&last_order, message->body, sizeof last_order);
        snprintf(word, size, "%c", last_order.OrderStatus);
        return;
    case CTP_TraderSpi_OnRtnTrade:
        memcpy(&last_trade, message->body, sizeof last_trade);
        snprintf(word, size, "T");
        return;
    case CTP_TraderSpi_OnErrRtnOrderInsert:
        snprintf(word, size, "I%d", error_id);
        return;
    case CTP_TraderSpi_OnErrRtnOrderAction:
        snprintf(word, size, "A%d", error_id);
        return;
    case CTP_TraderSpi_OnRtnErrorConditionalOrder:
        snprintf(word, size, "C%d",
                 ((const struct CThostFtdcErrorConditionalOrderField *)message->body)->ErrorID);
        return;
    default:
        snprintf(word, size, "%s", ctp_method_info(message->callback)->name);
    }
}

const char *fixture_story(struct fixture *fixture, uint32_t connection)
{
    static char story[4096];
    size_t length = 0;
    story[0] = '\0';
    uint32_t count = core_private_count(fixture->core, connection);
    while (fixture->read[connection] < count) {
        struct core_message message;
        char word[64];
        core_private_message(fixture->core, connection, ++fixture->read[connection], &message);
        tell(&message, word, sizeof word);
        length += (size_t)snprintf(story + length, sizeof story - length, "%s%s", length ? " " : "",
                                   word);
        assert_true(length < sizeof story);
    }
    return story;
}

const struct CThostFtdcOrderField *fixture_last_order(void)
{
    return &last_order;
}

const struct CThostFtdcTradeField *fixture_last_trade(void)
{
    return &last_trade;
}

/* ---- the market moves ---- */

struct quote fixture_quote_of(const struct fixture *fixture, const char *instrument, double bid,
                              int bid_volume, double ask, int ask_volume, double last, int volume)
{
    uint32_t place = fixture_instrument(fixture, instrument);
    const struct instrument *of = &core_market(fixture->core)->instruments[place];
    struct quote quote;
    memset(&quote, 0, sizeof quote);
    quote.instrument = place;
    quote.trading_day = core_trading_day(fixture->core);
    quote.action_day = fixture->now.replay_date;
    quote.second_of_day = fixture->now.replay_second;
    quote.millisecond = fixture->now.replay_millisecond;
    quote.last = last;
    quote.pre_settlement = of->pre_settlement;
    quote.pre_close = of->pre_settlement;
    quote.open = quote.highest = quote.lowest = volume ? last : ABSENT_PRICE;
    quote.close = quote.settlement = ABSENT_PRICE;
    quote.volume = volume;
    quote.has_volume = quote.has_turnover = true;
    quote.turnover = volume * last * of->volume_multiple;
    quote.average = volume ? quote.turnover / volume : 0;
    quote.upper_limit = of->upper_limit;
    quote.lower_limit = of->lower_limit;
    for (int i = 0; i < QUOTE_LEVELS; i++)
        quote.bid[i].price = quote.ask[i].price = ABSENT_PRICE;
    if (bid_volume)
        quote.bid[0] = (struct quote_level){bid, bid_volume};
    if (ask_volume)
        quote.ask[0] = (struct quote_level){ask, ask_volume};
    return quote;
}

void fixture_quote(struct fixture *fixture, const char *instrument, double bid, int bid_volume,
                   double ask, int ask_volume, double last, int volume)
{
    struct quote quote =
        fixture_quote_of(fixture, instrument, bid, bid_volume, ask, ask_volume, last, volume);
    core_quote(fixture->core, &quote, false);
}

void fixture_open(struct fixture *fixture, uint32_t connection, const char *instrument,
                  char direction, double price, int volume)
{
    double tick =
        core_instrument(fixture->core, fixture_instrument(fixture, instrument))->price_tick;
    bool buy = direction == THOST_FTDC_D_Buy;
    fixture_quote(fixture, instrument, buy ? price - tick : price, volume * 2,
                  buy ? price : price + tick, volume * 2, price, 100000);
    fixture_order(fixture, connection, instrument, direction, THOST_FTDC_OF_Open, price, volume);
    assert_int_equal(fixture_newest(fixture)->state.status, THOST_FTDC_OST_AllTraded);
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++)
        fixture_story(fixture, i);
}

void fixture_status(struct fixture *fixture, const char *instrument, char status)
{
    uint32_t product =
        core_instrument(fixture->core, fixture_instrument(fixture, instrument))->product;
    core_status(fixture->core, product, status, THOST_FTDC_IER_Automatic, 1,
                fixture->now.replay_second);
}
