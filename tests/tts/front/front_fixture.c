/* front_fixture.c: see front_fixture.h. */
#include "front_fixture.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

/* ---- what the core tells ---- */

static void on_effect(void *user, const void *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    ((struct front_fixture *)user)->effects++;
}

static void on_answer(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                      const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last)
{
    front_answer(((struct front_fixture *)user)->front, connection, callback, body, rsp_info,
                 request_id, is_last);
}

static void on_login(void *user, uint32_t connection)
{
    front_logged_in(((struct front_fixture *)user)->front, connection);
}

static void on_close(void *user, uint32_t connection)
{
    front_close(((struct front_fixture *)user)->front, connection);
}

static void on_tick(void *user, uint32_t instrument,
                    const struct CThostFtdcDepthMarketDataField *tick)
{
    front_tick(((struct front_fixture *)user)->front, instrument, tick);
}

static void on_for_quote(void *user, uint32_t instrument,
                         const struct CThostFtdcForQuoteRspField *body)
{
    front_for_quote(((struct front_fixture *)user)->front, instrument, body);
}

static void on_log(void *user, const char *line)
{
    (void)user;
    (void)line;
}

static void set_time(void *user)
{
    struct front_fixture *fixture = user;
    struct core_time now = {
        .wall_us = clock_now_us(), .replay_date = FRONT_FIXTURE_DAY, .replay_second = 10 * 3600};
    core_set_time(fixture->core, &now);
}

/* ---- the loop, as server.c turns it ---- */

static void nothing(uv_idle_t *again)
{
    (void)again;
}

static void turn(uv_prepare_t *prepare)
{
    struct front_fixture *fixture = prepare->data;
    if (fixture->effects > fixture->sealed || front_has_held(fixture->front)) {
        fixture->sealed = fixture->effects;
        front_seal(fixture->front, fixture->sealed);
    }
    if (!atomic_load(&fixture->held_back))
        front_durable(fixture->front, fixture->sealed);
    if (front_has_held(fixture->front))
        uv_idle_start(&fixture->again, nothing);
    else
        uv_idle_stop(&fixture->again);
}

static void woken(uv_async_t *wake)
{
    struct front_fixture *fixture = wake->data;
    uv_mutex_lock(&fixture->mutex);
    void (*task)(struct front_fixture *, void *) = fixture->task;
    fixture->task = NULL;
    uv_mutex_unlock(&fixture->mutex);
    if (task) {
        set_time(fixture);
        task(fixture, fixture->argument);
        uv_sem_post(&fixture->done);
    }
    if (!atomic_load(&fixture->stopping))
        return;
    front_stop(fixture->front);
    uv_close((uv_handle_t *)&fixture->wake, NULL);
    uv_close((uv_handle_t *)&fixture->turn, NULL);
    uv_close((uv_handle_t *)&fixture->again, NULL);
}

static void run_loop(void *argument)
{
    uv_run(&((struct front_fixture *)argument)->loop, UV_RUN_DEFAULT);
}

void front_fixture_do(struct front_fixture *fixture,
                      void (*task)(struct front_fixture *fixture, void *argument), void *argument)
{
    uv_mutex_lock(&fixture->mutex);
    fixture->task = task;
    fixture->argument = argument;
    uv_mutex_unlock(&fixture->mutex);
    uv_async_send(&fixture->wake);
    uv_sem_wait(&fixture->done);
}

/* ---- the market ---- */

static void list(struct front_fixture *fixture, void *argument)
{
    struct product product;
    struct instrument instrument;
    memset(&product, 0, sizeof product);
    memset(&instrument, 0, sizeof instrument);
    text_copy(product.id, sizeof product.id, TEXT("rb"));
    text_copy(product.group_id, sizeof product.group_id, TEXT("rb"));
    product.exchange = EXCHANGE_SHFE;
    product.product_class = '1';
    product.volume_multiple = 10;
    product.price_tick = 1;
    product.position_date_type = '1';
    product.price_limit_ratio = 0.1;
    product.margin = product.exchange_margin = (struct margin_rate){0.1, 0, 0.1, 0};
    text_copy(instrument.id, sizeof instrument.id, text_of(argument));
    instrument.product = core_put_product(fixture->core, &product);
    instrument.exchange = EXCHANGE_SHFE;
    instrument.product_class = '1';
    instrument.inst_life_phase = '1';
    instrument.is_trading = true;
    instrument.volume_multiple = 10;
    instrument.price_tick = 1;
    instrument.limit_order_volume_min = instrument.market_order_volume_min = 1;
    instrument.limit_order_volume_max = instrument.market_order_volume_max = 500;
    instrument.position_date_type = '1';
    instrument.margin = instrument.exchange_margin = product.margin;
    instrument.strike_price = ABSENT_PRICE;
    instrument.underlying = INSTRUMENT_NONE;
    instrument.underlying_settlement = instrument.settlement = ABSENT_PRICE;
    instrument.pre_settlement = instrument.last = 3400;
    instrument.upper_limit = 3740;
    instrument.lower_limit = 3060;
    core_put_instrument(fixture->core, &instrument, false);
}

void front_fixture_list(struct front_fixture *fixture, const char *instrument)
{
    char id[WIRE_INSTRUMENT_ID_MAX + 1];
    text_copy(id, sizeof id, text_of(instrument));
    front_fixture_do(fixture, list, id);
}

struct quote_task {
    const char *instrument;
    int first, last;
};

static void give_quotes(struct front_fixture *fixture, void *argument)
{
    const struct quote_task *task = argument;
    struct quote quote;
    memset(&quote, 0, sizeof quote);
    quote.instrument = market_find_instrument(core_market(fixture->core), EXCHANGE_SHFE,
                                              text_of(task->instrument));
    quote.trading_day = quote.action_day = FRONT_FIXTURE_DAY;
    quote.second_of_day = 10 * 3600;
    quote.last = quote.pre_settlement = quote.pre_close = quote.open = quote.highest =
        quote.lowest = 3400;
    quote.close = quote.settlement = ABSENT_PRICE;
    quote.has_volume = quote.has_turnover = true;
    quote.average = 34000;
    quote.upper_limit = 3740;
    quote.lower_limit = 3060;
    for (int i = 0; i < QUOTE_LEVELS; i++)
        quote.bid[i].price = quote.ask[i].price = ABSENT_PRICE;
    quote.bid[0] = (struct quote_level){3399, 10};
    quote.ask[0] = (struct quote_level){3400, 10};
    for (quote.volume = task->first; quote.volume <= task->last; quote.volume++) {
        quote.turnover = quote.volume * 3400.0 * 10;
        core_quote(fixture->core, &quote, false);
    }
}

void front_fixture_quote(struct front_fixture *fixture, const char *instrument, int volume)
{
    front_fixture_quotes(fixture, instrument, volume, volume);
}

void front_fixture_quotes(struct front_fixture *fixture, const char *instrument, int first,
                          int last)
{
    struct quote_task task = {instrument, first, last};
    front_fixture_do(fixture, give_quotes, &task);
}

/* ---- life ---- */

void front_fixture_prepare(struct front_fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->core_options = core_options_of(PROFILE_TTS);
    fixture->core_options.auto_account = true;
    fixture->core_options.auto_account_deposit = 1e11;
    fixture->options = (struct front_options){.host = "127.0.0.1",
                                              .connections_max = 100,
                                              .out_bytes_max = 64 << 20,
                                              .auto_account = true,
                                              .front_id = 1};
}

void front_fixture_open(struct front_fixture *fixture)
{
    struct core_sink sink = {.user = fixture,
                             .effect = on_effect,
                             .answer = on_answer,
                             .logged_in = on_login,
                             .close = on_close,
                             .tick = on_tick,
                             .for_quote = on_for_quote,
                             .log = on_log};
    struct front_hooks hooks = {.user = fixture, .before_input = set_time};
    struct error error;
    uv_loop_init(&fixture->loop);
    uv_mutex_init(&fixture->mutex);
    uv_sem_init(&fixture->done, 0);
    uv_async_init(&fixture->loop, &fixture->wake, woken);
    uv_prepare_init(&fixture->loop, &fixture->turn);
    uv_idle_init(&fixture->loop, &fixture->again);
    fixture->wake.data = fixture->turn.data = fixture;
    fixture->core = core_create(&fixture->core_options, &sink, FRONT_FIXTURE_DAY);
    set_time(fixture);
    fixture->front = front_create(&fixture->loop, &fixture->options, fixture->core, &hooks, &error);
    assert_non_null(fixture->front);
    fixture->td_port = front_td_port(fixture->front);
    fixture->md_port = front_md_port(fixture->front);
    uv_prepare_start(&fixture->turn, turn);
    list(fixture, (char[]){"rb2505"});
}

void front_fixture_start(struct front_fixture *fixture)
{
    front_fixture_open(fixture);
    assert_int_equal(uv_thread_create(&fixture->thread, run_loop, fixture), 0);
}

void front_fixture_run(struct front_fixture *fixture)
{
    uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

void front_fixture_tick(struct front_fixture *fixture, const char *instrument, int volume)
{
    struct quote_task task = {instrument, volume, volume};
    set_time(fixture);
    give_quotes(fixture, &task);
}

void front_fixture_hold_back(struct front_fixture *fixture, bool held_back)
{
    atomic_store(&fixture->held_back, held_back);
    uv_async_send(&fixture->wake);
}

static void take_figures(struct front_fixture *fixture, void *argument)
{
    *(struct front_figures *)argument = front_figures_of(fixture->front);
}

struct front_figures front_fixture_figures(struct front_fixture *fixture)
{
    struct front_figures figures;
    front_fixture_do(fixture, take_figures, &figures);
    return figures;
}

static void forget(struct front_fixture *fixture)
{
    core_destroy(fixture->core);
    front_destroy(fixture->front);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    uv_mutex_destroy(&fixture->mutex);
    uv_sem_destroy(&fixture->done);
}

void front_fixture_finish(struct front_fixture *fixture)
{
    atomic_store(&fixture->stopping, true);
    uv_async_send(&fixture->wake);
    uv_thread_join(&fixture->thread);
    forget(fixture);
}

void front_fixture_close(struct front_fixture *fixture)
{
    atomic_store(&fixture->stopping, true);
    uv_async_send(&fixture->wake);
    run_loop(fixture);
    forget(fixture);
}

/* ---- clients ---- */

void client_connect(struct wire_client *client, int port)
{
    assert_true(wire_client_connect(client, port, false));
}

void client_hello(struct wire_client *client, bool md, void (*change)(struct wire_hello *hello))
{
    struct wire_hello hello = wire_client_hello(md);
    if (change)
        change(&hello);
    client->md = md;
    wire_hello_write(&client->out, &hello);
}

void client_login(struct front_fixture *fixture, struct wire_client *client, bool md,
                  const char *user, const struct wire_topics *topics)
{
    struct wire_topics all = {.private_topic = WIRE_RESTART, .public_topic = WIRE_RESTART};
    struct wire_frame frame;
    char body[CTP_STRUCT_SIZE_MAX] __attribute__((aligned(8)));
    int error_id = -1;
    assert_true(wire_client_open(client, md ? fixture->md_port : fixture->td_port, md));
    wire_client_login(client, user, "secret", topics ? topics : &all);
    client_expect(client, WIRE_ANSWER, &frame);
    wire_client_read(client, &frame, &error_id, body);
    assert_int_equal(error_id, 0);
}

bool client_is_closed(struct wire_client *client, int ms)
{
    for (int64_t end = clock_monotonic_ns() + ms * INT64_C(1000000); clock_monotonic_ns() < end;) {
        struct pollfd wait = {.fd = client->socket, .events = POLLIN};
        wire_client_send(client);
        if (poll(&wait, 1, 20) > 0 && !wire_client_receive(client))
            return true;
        client->in_used = client->in.length;
    }
    return false;
}

void client_expect(struct wire_client *client, enum wire_kind kind, struct wire_frame *frame)
{
    do {
        if (!wire_client_wait(client, frame, PATIENCE_MS))
            fail_msg("no frame of kind %d came", kind);
    } while (frame->kind != kind);
}

bool client_is_quiet(struct wire_client *client, int ms)
{
    struct wire_frame frame;
    while (wire_client_wait(client, &frame, ms))
        if (frame.kind != WIRE_HEARTBEAT)
            return false;
    return true;
}

void client_order(struct wire_client *client, int order_ref)
{
    struct CThostFtdcInputOrderField order;
    memset(&order, 0, sizeof order);
    text_copy(order.ExchangeID, sizeof order.ExchangeID, TEXT("SHFE"));
    text_copy(order.InstrumentID, sizeof order.InstrumentID, TEXT("rb2505"));
    snprintf(order.OrderRef, sizeof order.OrderRef, "%d", order_ref);
    order.Direction = '0';
    order.CombOffsetFlag[0] = '0';
    order.CombHedgeFlag[0] = '1';
    order.OrderPriceType = '2';
    order.TimeCondition = '3';
    order.VolumeCondition = '1';
    order.ContingentCondition = '1';
    order.ForceCloseReason = '0';
    order.LimitPrice = 3100;
    order.VolumeTotalOriginal = order.MinVolume = 1;
    wire_client_request(client, CTP_TraderApi_ReqOrderInsert, &order, order_ref);
}

void client_subscribe(struct wire_client *client, enum ctp_method method, char *const instruments[],
                      int count)
{
    wire_instruments_write(&client->out, (unsigned)ctp_method_slot(CTP_NEWEST, method), instruments,
                           count);
}
