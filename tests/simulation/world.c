/* world.c: see world.h: the clients as the core sees them, what is shown to them and when, and the
 * end of a step. */
#include "world.h"
#include "base/clock.h"
#include <stdarg.h>
#include <stdio.h>

void world_fail(const struct world *world, const char *format, ...)
{
    char what[512];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    fprintf(stderr, "seed %llu, step %u: %s\n", (unsigned long long)world->seed, world->step, what);
    abort(); /* sim_main.c prints the command */
}

static void pull_flows(struct world *world, uint32_t place);

/* ---- what the core says ---- */

static void on_effect(void *user, const void *bytes, size_t length)
{
    struct world *world = user;
    struct effect_head head;
    memcpy(&head, bytes, sizeof head);
    disk_append(&world->disk, bytes, length);
    world->figures.effects[head.kind]++;
    const void *effect = (const char *)bytes + sizeof head;
    const struct effect_record *record = effect;
    check_goes_out(world, &head, effect);
    if (head.kind == EFFECT_record)
        world->figures.records[record->kind]++;
}

static void on_answer(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                      const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last)
{
    struct world *world = user;
    (void)body;
    ENSURE(world, connection == world->asking, "an answer to connection %u, which did not ask",
           connection);
    ENSURE(world, request_id == world->request_id, "an answer with RequestID %d instead of %d",
           request_id, world->request_id);
    ENSURE(world, !world->answered_last, "%s after an answer with bIsLast",
           ctp_method_info(callback)->name);
    world->answers++;
    world->answered_last = is_last;
    world->figures.refused += rsp_info && rsp_info->ErrorID;
}

static void on_logged_in(void *user, uint32_t connection)
{
    struct world *world = user;
    struct client *client = &world->clients[connection];
    client->logged_in = true;
    if (client->md)
        return;
    const struct connection *of = core_connection(world->core, connection);
    client->user = of->user;
    client->order_ref = 0;
    /* RESTART, RESUME from anywhere, QUICK. */
    uint32_t count = core_private_count(world->core, connection);
    client->private_next = 1 + draw(&world->random, count + 1);
    if (chance(&world->random, 300))
        client->private_next = 1;
    client->public_next = 1 + draw(&world->random, core_public_count(world->core) + 1);
}

/* As the front does: at the end of a day the flow is gone before the turn ends. */
static void on_close(void *user, uint32_t connection)
{
    struct world *world = user;
    struct client *client = &world->clients[connection];
    if (client->logged_in && !client->md)
        pull_flows(world, connection);
    client->to_close = true;
}

static void on_tick(void *user, uint32_t instrument,
                    const struct CThostFtdcDepthMarketDataField *tick)
{
    struct world *world = user;
    const struct instrument *of = core_instrument(world->core, instrument);
    ENSURE(world, text_equal(FIELD_TEXT(tick->InstrumentID), text_of(of->id)),
           "a tick of %s says %s", of->id, tick->InstrumentID);
    world->figures.ticks++;
}

static void on_for_quote(void *user, uint32_t instrument,
                         const struct CThostFtdcForQuoteRspField *body)
{
    struct world *world = user;
    (void)instrument;
    (void)body;
    world->makers_told++;
}

static void on_log(void *user, const char *line)
{
    (void)user;
    (void)line;
}

struct core_sink world_sink(struct world *world)
{
    return (struct core_sink){.user = world,
                              .effect = on_effect,
                              .answer = on_answer,
                              .logged_in = on_logged_in,
                              .close = on_close,
                              .tick = on_tick,
                              .for_quote = on_for_quote,
                              .log = on_log,
                              .statements = statements_read};
}

/* ---- requests ---- */

/* All that a request may leave: an answer, a message in somebody's flow, (of a request for quotes)
 * news for the makers, or a request to another counter; and nothing yet while a line is held. */
static uint64_t told(const struct world *world)
{
    return (uint64_t)world->answers + world->core->messages.count + world->makers_told +
           world->outside_asked;
}

void world_request(struct world *world, uint32_t client, enum ctp_method method, const void *body,
                   enum password_verdict verdict, const char *new_hash)
{
    world->asking = client;
    world->answers = 0;
    world->answered_last = false;
    struct core_request request = {.connection = client,
                                   .method = method,
                                   .body = body,
                                   .request_id = ++world->request_id,
                                   .verdict = verdict,
                                   .new_hash = new_hash};
    uint64_t before = told(world);
    core_request(world->core, &request);
    ENSURE(world, told(world) > before || world->core->channel_states[CHANNEL_SIM] == CHANNEL_HELD,
           "%s was not answered", ctp_method_info(method)->name);
    ENSURE(world, world->answers == 0 || world->answered_last,
           "the last answer to %s has no bIsLast", ctp_method_info(method)->name);
    world->asking = NONE;
    world->figures.requests++;
}

static void change_password(struct world *world, uint32_t client, const char *user_id)
{
    struct CThostFtdcUserPasswordUpdateField change;
    memset(&change, 0, sizeof change);
    PUT_TEXT(change.BrokerID, TEXT("9999"));
    PUT_TEXT(change.UserID, text_of(user_id));
    PUT_TEXT(change.OldPassword, TEXT("simulated1"));
    PUT_TEXT(change.NewPassword, TEXT("simulated2"));
    world_request(world, client, CTP_TraderApi_ReqUserPasswordUpdate, &change, PASSWORD_RIGHT,
                  "hash");
}

void world_login(struct world *world, uint32_t client, const char *user_id)
{
    struct CThostFtdcReqUserLoginField login;
    struct CThostFtdcReqAuthenticateField authenticate;
    memset(&login, 0, sizeof login);
    memset(&authenticate, 0, sizeof authenticate);
    PUT_TEXT(login.BrokerID, TEXT("9999"));
    PUT_TEXT(login.UserID, text_of(user_id));
    PUT_TEXT(login.Password, TEXT("simulated1"));
    PUT_TEXT(authenticate.BrokerID, TEXT("9999"));
    PUT_TEXT(authenticate.UserID, text_of(user_id));
    if (world->options.authenticate)
        world_request(world, client, CTP_TraderApi_ReqAuthenticate, &authenticate,
                      PASSWORD_NOT_CHECKED, NULL);
    enum ctp_method method =
        world->clients[client].md ? CTP_MdApi_ReqUserLogin : CTP_TraderApi_ReqUserLogin;
    world_request(world, client, method, &login,
                  chance(&world->random, 30) ? PASSWORD_WRONG : PASSWORD_RIGHT,
                  world->options.auto_account ? "hash" : NULL);
    if (world->clients[client].logged_in || world->clients[client].md)
        return;
    change_password(world, client, user_id); /* it may be the first login, or out of date */
    world_request(world, client, method, &login, PASSWORD_RIGHT, NULL);
}

/* ---- flows ---- */

uint64_t message_hash(const struct core_message *message)
{
    const struct ctp_layout *layout = core_layout(ctp_method_info(message->callback)->of);
    uint64_t hash = hash_bytes(message->body, layout->size);
    if (message->rsp_info)
        hash ^= hash_number(hash_bytes(message->rsp_info, sizeof *message->rsp_info));
    return hash ^ hash_number((uint64_t)message->callback);
}

void view_private(struct core *core, uint32_t user, uint32_t number, struct core_message *message)
{
    struct core_peer peer = {.connection = VIEWER, .version = CTP_NEWEST};
    core_connect(core, &peer);
    struct connection *viewer = core_connection(core, VIEWER);
    viewer->user = user;
    PUT_TEXT(viewer->broker_id, TEXT("9999"));
    core_private_message(core, VIEWER, number, message);
    core_connection(core, VIEWER)->user = NONE;
}

static void hold(struct world *world, uint32_t client, uint32_t user, uint32_t number,
                 const struct core_message *message)
{
    struct held *held = LIST_ADD(&world->held);
    held->needs = disk_count(&world->disk);
    held->user = user;
    held->client = client;
    held->number = number;
    held->day = core_trading_day(world->core);
    held->hash = message_hash(message);
    held->callback = message->callback;
    if (message->callback == CTP_TraderSpi_OnRtnOrder)
        memcpy(&held->order, message->body, sizeof held->order);
    else if (message->callback == CTP_TraderSpi_OnRtnTrade)
        memcpy(&held->trade, message->body, sizeof held->trade);
    world->figures.messages++;
    world->figures.told += held->hash;
}

static void pull_flows(struct world *world, uint32_t place)
{
    struct client *client = &world->clients[place];
    struct core_message message;
    uint32_t count = core_private_count(world->core, place);
    while (client->private_next <= count) {
        core_private_message(world->core, place, client->private_next, &message);
        hold(world, place, client->user, client->private_next++, &message);
    }
    count = core_public_count(world->core);
    while (client->public_next <= count) {
        core_public_message(world->core, client->public_next, &message);
        hold(world, place, NONE, client->public_next++, &message);
    }
}

/* ---- showing ---- */

static void note_order(struct world *world, const struct CThostFtdcOrderField *order)
{
    struct shown *shown = &world->shown;
    int64_t ref = 0, number = 0;
    read_number(FIELD_TEXT(order->OrderRef), &ref);
    read_number(FIELD_TEXT(order->OrderSysID), &number);
    struct shown_order *entry = NULL;
    for (uint32_t i = shown->orders.count; i-- > 0 && !entry;)
        if (shown->orders.at[i].session_id == order->SessionID &&
            shown->orders.at[i].order_ref == ref &&
            text_equal(FIELD_TEXT(shown->orders.at[i].investor), FIELD_TEXT(order->InvestorID)))
            entry = &shown->orders.at[i];
    if (!entry)
        entry = LIST_ADD(&shown->orders);
    else if (entry->traded > order->VolumeTraded)
        return; /* a flow read again from an older message */
    PUT_TEXT(entry->investor, FIELD_TEXT(order->InvestorID));
    PUT_TEXT(entry->exchange, FIELD_TEXT(order->ExchangeID));
    entry->session_id = order->SessionID;
    entry->order_ref = ref;
    if (number)
        entry->system_number = number;
    entry->status = order->OrderStatus;
    entry->traded = order->VolumeTraded;
}

static void note_trade(struct world *world, const struct CThostFtdcTradeField *trade)
{
    struct shown_trade *entry = LIST_ADD(&world->shown.trades);
    PUT_TEXT(entry->exchange, FIELD_TEXT(trade->ExchangeID));
    PUT_TEXT(entry->investor, FIELD_TEXT(trade->InvestorID));
    entry->direction = trade->Direction;
    entry->offset = trade->OffsetFlag;
    read_number(FIELD_TEXT(trade->TradeID), &entry->number);
    entry->volume = trade->Volume;
    entry->price = trade->Price;
}

static void new_day(struct shown *shown, int day)
{
    shown->day = day;
    shown->orders.count = shown->trades.count = 0;
    for (uint32_t i = 0; i < USERS_MAX; i++)
        shown->private_flow[i].hashes.count = 0;
    shown->public_flow.hashes.count = 0;
}

/* A reader takes message `number`: known ones must be the same again. A reader that joined in the
 * middle (QUICK) leaves older messages unknown: 0. */
static void read_message(struct world *world, const struct held *held)
{
    struct shown *shown = &world->shown;
    if (held->day != shown->day)
        new_day(shown, held->day);
    ENSURE(world, held->user == NONE || held->user < USERS_MAX, "user %u has a flow", held->user);
    struct reader *reader =
        held->user == NONE ? &shown->public_flow : &shown->private_flow[held->user];
    while (reader->hashes.count < held->number)
        LIST_ADD(&reader->hashes);
    uint64_t *known = &reader->hashes.at[held->number - 1];
    ENSURE(world, *known == 0 || *known == held->hash,
           "message %u (%s) of the flow of user %d differs from the one shown before", held->number,
           ctp_method_info(held->callback)->name, (int)held->user);
    bool first = *known == 0;
    *known = held->hash;
    if (!first)
        return;
    if (held->callback == CTP_TraderSpi_OnRtnOrder)
        note_order(world, &held->order);
    else if (held->callback == CTP_TraderSpi_OnRtnTrade)
        note_trade(world, &held->trade);
}

void world_show(struct world *world, uint64_t durable)
{
    if (durable > world->disk.durable)
        world->disk.durable = durable;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < world->held.count; i++) {
        const struct held *held = &world->held.at[i];
        if (held->needs <= world->disk.durable)
            read_message(world, held);
        else
            world->held.at[kept++] = *held;
    }
    world->held.count = kept;
}

/* ---- the step's end ---- */

static void close_client(struct world *world, uint32_t place)
{
    struct client *client = &world->clients[place];
    core_disconnect(world->core, place);
    *client = (struct client){.md = client->md};
}

void world_seal(struct world *world)
{
    for (uint32_t i = 0; i < CLIENTS; i++) {
        struct client *client = &world->clients[i];
        if (client->to_close)
            close_client(world, i);
        else if (client->logged_in && !client->md)
            pull_flows(world, i);
    }
    disk_seal(&world->disk);
}

void world_set_time(struct world *world)
{
    core_set_time(world->core, &world->now);
}

/* ---- life ---- */

static void draw_options(struct world *world)
{
    struct random *random = &world->random;
    struct core_options *options = &world->options;
    *options = core_options_of(chance(random, 300) ? PROFILE_CTP : PROFILE_TTS);
    PUT_TEXT(options->broker_id, TEXT("9999"));
    options->match_profile = (enum fill_profile)draw(random, 3);
    options->self_trade = (enum self_trade)draw(random, 3);
    options->book_price = (enum trade_price)draw(random, 2);
    options->limit_by_displayed_size = (enum displayed_sizes)draw(random, 3);
    options->price_checks_at_counter = chance(random, 300);
    options->duplicate_returns = chance(random, 700);
    options->always_open = chance(random, 200);
    options->first_login_change = chance(random, 200);
    options->auto_account = chance(random, 100);
    options->exchange_stamps_real = chance(random, 500);
    options->cancel_in_break = chance(random, 500);
    if (chance(random, 700))
        options->query_rate = options->order_rate = options->action_rate = 0;
    if (chance(random, 300))
        options->condition_orders_max = 3;
    options->parked_orders_max = chance(random, 300) ? 3 : 100;
    options->parked_orders_of_all_max = chance(random, 100) ? 5 : 0;
    options->for_quote_interval_s = chance(random, 500) ? 1 : 60;
    options->for_quote_spread_ticks = draw_between(random, 0, 3);
    options->params.margin_price_type = (char)('1' + draw(random, 4));
    options->params.algorithm = (char)('1' + draw(random, 4));
    options->params.option_royalty_price_type = "145"[draw(random, 3)];
    options->params.avail_include_close_profit = "02"[draw(random, 2)];
    options->reset_below = chance(random, 100) ? 1e5 : 0;
}

struct core *world_core(struct world *world, const struct core_sink *sink)
{
    struct core *core = core_create(&world->options, sink, FIRST_DAY);
    channel_add(core, &world->upstream);
    return core;
}

struct world *world_create(uint64_t seed)
{
    struct world *world = memory_get_zeroed(1, sizeof *world);
    world->seed = world->random.seed = seed;
    world->asking = NONE;
    world->shown.day = FIRST_DAY;
    draw_options(world);
    struct core_sink sink = world_sink(world);
    upstream_init(world);
    world->core = world_core(world, &sink);
    world->now = (struct core_time){.wall_us = clock_from_beijing(FIRST_DAY, 9 * 3600),
                                    .replay_date = FIRST_DAY,
                                    .replay_second = 9 * 3600};
    world_set_time(world);
    market_list(world);
    workload_begin(world);
    world_seal(world);
    world_show(world, disk_count(&world->disk)); /* the server begins with a market */
    return world;
}

void world_destroy(struct world *world)
{
    core_destroy(world->core);
    disk_finish(&world->disk);
    for (uint32_t i = 0; i < USERS_MAX; i++)
        free(world->shown.private_flow[i].hashes.at);
    free(world->shown.public_flow.hashes.at);
    free(world->shown.orders.at);
    free(world->shown.trades.at);
    free(world->held.at);
    free(world->yesterday.at);
    free(world->known.at);
    free(world->walks);
    free(world);
}
