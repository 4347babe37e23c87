/* workload.c: what happens next: requests of all kinds, quotes, statuses, operators' commands,
 * days, jumps of the clock, lost connections, the disk's progress and crashes; drawn by weight. */
#include "base/clock.h"
#include "tts/core/market/calendar.h"
#include "world.h"

static const char *const user_ids[] = {"u0", "u1", "u2", "u3", "u4"};
enum { USERS = sizeof user_ids / sizeof user_ids[0] };

/* A connection that may ask: mostly one that is logged in. */
uint32_t workload_client(struct world *world)
{
    uint32_t place = draw(&world->random, CLIENTS);
    for (uint32_t i = 0; i < CLIENTS && !world->clients[place].logged_in; i++)
        place = (place + 1) % CLIENTS;
    if (chance(&world->random, 20))
        place = draw(&world->random, CLIENTS);
    return place;
}

/* ---- orders ---- */

/* A line of the account's position that an order could close. */
static const struct position_row *closable_row(struct world *world, uint32_t account)
{
    const struct ledger *ledger = &world->core->ledger;
    uint32_t skip = draw(&world->random, 6);
    const struct position_row *found = NULL;
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next) {
        if (ledger->rows[i].position == 0)
            continue;
        found = &ledger->rows[i];
        if (skip-- == 0)
            break;
    }
    return found;
}

static void draw_close(struct world *world, uint32_t account,
                       struct CThostFtdcInputOrderField *input)
{
    const struct position_row *row = closable_row(world, account);
    if (!row)
        return;
    struct random *random = &world->random;
    const struct instrument *instrument = core_instrument(world->core, row->instrument);
    PUT_TEXT(input->InstrumentID, text_of(instrument->id));
    PUT_TEXT(input->ExchangeID, text_of(exchange_id(instrument->exchange)));
    input->Direction = row->direction == '2' ? '1' : '0';
    input->CombOffsetFlag[0] = row->position_date == '1' && chance(random, 600) ? '3' : '1';
    if (chance(random, 100))
        input->CombOffsetFlag[0] = '4';
    input->CombHedgeFlag[0] = row->hedge;
    int most = row->position < 20 ? row->position : 20;
    input->VolumeTotalOriginal = draw_between(random, 1, most + (chance(random, 50) ? 5 : 0));
    input->LimitPrice = market_price(world, row->instrument, false);
}

static void draw_type(struct world *world, struct CThostFtdcInputOrderField *input)
{
    struct random *random = &world->random;
    input->OrderPriceType = THOST_FTDC_OPT_LimitPrice;
    input->TimeCondition = THOST_FTDC_TC_GFD;
    input->VolumeCondition = THOST_FTDC_VC_AV;
    input->ContingentCondition = THOST_FTDC_CC_Immediately;
    input->ForceCloseReason = THOST_FTDC_FCC_NotForceClose;
    if (chance(random, 150)) { /* FAK, FOK */
        input->TimeCondition = THOST_FTDC_TC_IOC;
        input->VolumeCondition = "123"[draw(random, 3)];
        input->MinVolume = input->VolumeCondition == '2' ? draw_between(random, 0, 4) : 0;
    }
    if (chance(random, 120))
        input->OrderPriceType = "123456789ABCDEFG"[draw(random, 16)];
    if (chance(random, 60)) {
        input->ContingentCondition = "123456789ABCDEFH"[draw(random, 16)];
        input->StopPrice = input->LimitPrice;
    }
}

struct CThostFtdcInputOrderField workload_order(struct world *world, uint32_t client)
{
    struct random *random = &world->random;
    const struct user *user = &world->core->users.at[world->clients[client].user];
    struct CThostFtdcInputOrderField input;
    memset(&input, 0, sizeof input);
    uint32_t instrument = draw(random, world->core->market.instrument_count);
    const struct instrument *of = core_instrument(world->core, instrument);
    PUT_TEXT(input.BrokerID, TEXT("9999"));
    PUT_TEXT(input.InstrumentID, text_of(of->id));
    PUT_TEXT(input.ExchangeID, text_of(exchange_id(of->exchange)));
    PUT_NUMBER(input.OrderRef, ++world->clients[client].order_ref);
    input.RequestID = world->request_id + 1;
    input.Direction = (char)('0' + draw(random, 2));
    input.CombOffsetFlag[0] = '0';
    input.CombHedgeFlag[0] = chance(random, 950) ? '1' : "23"[draw(random, 2)];
    input.VolumeTotalOriginal = draw_between(random, 1, 12);
    if (of->product_class == 'E')
        input.VolumeTotalOriginal *= 100;
    input.LimitPrice = market_price(world, instrument, chance(random, 20));
    if (user->investors.count) {
        uint32_t account = user->investors.at[draw(random, user->investors.count)];
        PUT_TEXT(input.InvestorID, text_of(world->core->ledger.accounts[account].id));
        if (chance(random, 450))
            draw_close(world, account, &input);
    }
    draw_type(world, &input);
    return input;
}

/* One field of a good order is spoilt. */
static void spoil(struct world *world, uint32_t client, struct CThostFtdcInputOrderField *input)
{
    struct CThostFtdcInputOrderField nonsense;
    const struct ctp_layout *layout = core_layout(CTP_STRUCT_InputOrder);
    hostile_fill(world, client, layout, &nonsense, true);
    for (int i = draw_between(&world->random, 1, 2); i > 0; i--) {
        const struct ctp_field *field = &layout->fields[draw(&world->random, layout->field_count)];
        memcpy((char *)input + field->offset, (char *)&nonsense + field->offset, field->size);
    }
}

static void send_order(struct world *world)
{
    uint32_t client = workload_client(world);
    if (!world->clients[client].logged_in || world->clients[client].md)
        return;
    struct CThostFtdcInputOrderField input = workload_order(world, client);
    if (chance(&world->random, 60))
        spoil(world, client, &input);
    world_request(world, client, CTP_TraderApi_ReqOrderInsert, &input, PASSWORD_NOT_CHECKED, NULL);
}

static void send_cancel(struct world *world)
{
    struct random *random = &world->random;
    struct core *core = world->core;
    uint32_t client = workload_client(world);
    if (!world->clients[client].logged_in || world->clients[client].md || core->orders.count == 0)
        return;
    uint32_t place = draw(random, core->orders.count);
    for (int i = 0; i < 30 && !core->orders.at[place].live; i++)
        place = draw(random, core->orders.count);
    const struct order *order = &core->orders.at[place];
    const struct instrument *instrument = core_instrument(core, order->instrument);
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    PUT_TEXT(action.BrokerID, TEXT("9999"));
    PUT_TEXT(action.InvestorID, text_of(core->ledger.accounts[order->account].id));
    action.ActionFlag = chance(random, 970) ? THOST_FTDC_AF_Delete : THOST_FTDC_AF_Modify;
    if (chance(random, 500) && order->state.system_number) {
        PUT_TEXT(action.ExchangeID, text_of(exchange_id(instrument->exchange)));
        PUT_NUMBER(action.OrderSysID, order->state.system_number);
    } else {
        PUT_TEXT(action.InstrumentID, text_of(instrument->id));
        PUT_NUMBER(action.OrderRef, order->order_ref);
        action.FrontID = order->front_id;
        action.SessionID = order->session_id;
    }
    world_request(world, client, CTP_TraderApi_ReqOrderAction, &action, PASSWORD_NOT_CHECKED, NULL);
}

/* ---- every other request ---- */

static bool is_request(enum ctp_method method, enum ctp_class class)
{
    const struct ctp_method_info *info = ctp_method_info(method);
    return info->class == class && info->shape == CTP_SHAPE_REQUEST;
}

/* Queries are many and change nothing: commands come as often. */
static enum ctp_method draw_method(struct world *world, enum ctp_class class)
{
    bool command = chance(&world->random, 600);
    for (int i = 0;; i++) {
        enum ctp_method method = (enum ctp_method)draw(&world->random, CTP_METHOD_COUNT);
        if (!is_request(method, class) || method == CTP_TraderApi_ReqUserLogin)
            continue;
        bool query = strstr(ctp_method_info(method)->name, "Qry") != NULL;
        if (query != command || i > 2000)
            return method;
    }
}

static bool checks_password(enum ctp_method method)
{
    return method == CTP_TraderApi_ReqUserPasswordUpdate ||
           method == CTP_TraderApi_ReqTradingAccountPasswordUpdate ||
           method == CTP_TraderApi_ReqFromBankToFutureByFuture ||
           method == CTP_TraderApi_ReqFromFutureToBankByFuture;
}

static void send_any(struct world *world)
{
    struct random *random = &world->random;
    uint32_t client = workload_client(world);
    if (!world->clients[client].connected)
        return;
    enum ctp_method method =
        draw_method(world, world->clients[client].md ? CTP_MdApi : CTP_TraderApi);
    if (method == CTP_TraderApi_ReqUserLogout && chance(random, 800))
        return;
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
    hostile_fill(world, client, core_layout(ctp_method_info(method)->of), body.bytes,
                 chance(random, 200));
    enum password_verdict verdict = PASSWORD_NOT_CHECKED;
    if (checks_password(method))
        verdict = chance(random, 800) ? PASSWORD_RIGHT : PASSWORD_WRONG;
    bool hashed = method == CTP_TraderApi_ReqUserPasswordUpdate ||
                  method == CTP_TraderApi_ReqTradingAccountPasswordUpdate;
    world_request(world, client, method, chance(random, 20) ? NULL : body.bytes, verdict,
                  hashed ? "hash" : NULL);
}

/* ---- connections ---- */

/* Without it the strict profile takes no order. */
static void confirm(struct world *world, uint32_t place)
{
    struct client *client = &world->clients[place];
    if (!world->options.settlement_confirm || !client->logged_in || client->md)
        return;
    const struct user *user = &world->core->users.at[client->user];
    for (uint32_t i = 0; i < user->investors.count; i++) {
        struct CThostFtdcSettlementInfoConfirmField body;
        memset(&body, 0, sizeof body);
        PUT_TEXT(body.BrokerID, TEXT("9999"));
        PUT_TEXT(body.InvestorID, text_of(world->core->ledger.accounts[user->investors.at[i]].id));
        world_request(world, place, CTP_TraderApi_ReqSettlementInfoConfirm, &body,
                      PASSWORD_NOT_CHECKED, NULL);
    }
}

static void connect_client(struct world *world, uint32_t place)
{
    struct client *client = &world->clients[place];
    struct core_peer peer = {.connection = place, .version = CTP_NEWEST};
    snprintf(peer.address, sizeof peer.address, "127.0.0.%u", draw(&world->random, 20));
    bool md = chance(&world->random, 100);
    *client = (struct client){.connected = true, .md = md};
    peer.md = md;
    core_connect(world->core, &peer);
    world_login(world, place, user_ids[draw(&world->random, USERS)]);
    confirm(world, place);
}

static void change_connection(struct world *world)
{
    uint32_t place = draw(&world->random, CLIENTS);
    struct client *client = &world->clients[place];
    if (!client->connected) {
        connect_client(world, place);
    } else if (!client->logged_in) {
        world_login(world, place, user_ids[draw(&world->random, USERS)]);
        confirm(world, place);
    } else if (chance(&world->random, 400)) {
        core_disconnect(world->core, place);
        *client = (struct client){.md = client->md};
    }
}

/* ---- operators ---- */

static void command(struct world *world)
{
    struct random *random = &world->random;
    struct core *core = world->core;
    text user = text_of(user_ids[draw(random, USERS)]);
    text account = text_of(user_ids[draw(random, USERS)]);
    const struct market *market = core_market(core);
    text instrument = text_of(market->instruments[draw(random, market->instrument_count)].id);
    struct margin_rate margin = {draw_between(random, 5, 30) / 100.0, 0,
                                 draw_between(random, 5, 30) / 100.0, 0};
    struct commission_rate fee = {.open_by_volume = draw_between(random, 0, 5),
                                  .close_by_money = 1e-4};
    bool removed = chance(random, 400);
    switch (draw(random, 12)) {
    case 0:
        core_cash(core, account, draw_between(random, 1, 1000000) / 100.0);
        break;
    case 1:
        core_cash(core, account, -draw_between(random, 1, 100000000) / 100.0);
        break;
    case 2:
        core_set_user_active(core, user, chance(random, 900));
        break;
    case 3:
        core_grant(core, user, account, chance(random, 700));
        break;
    case 4:
        core_set_investor_flags(core, account, chance(random, 900), chance(random, 100));
        break;
    case 5:
        core_set_rate(core, chance(random, 500) ? account : TEXT(""), instrument, &margin, NULL);
        break;
    case 6:
        core_set_rate(core, chance(random, 500) ? account : TEXT(""), instrument, NULL, &fee);
        break;
    case 7:
        core_adjust_cash(core, account, draw_between(random, -10000, 10000) / 100.0);
        break;
    case 8:
        core_set_right(
            core, account, instrument,
            chance(random, 700) ? RIGHT_ALL : draw_between(random, RIGHT_ALL, RIGHT_NONE), removed);
        break;
    case 9:
        core_set_position_limit(core, chance(random, 500) ? account : TEXT(""), instrument,
                                draw_between(random, 0, 60), removed);
        break;
    case 10:
        core_add_shares(core, account, chance(random, 900) ? TEXT("600000") : instrument,
                        draw_between(random, 0, 500), draw_between(random, 0, 11));
        break;
    default:
        core_send_notice(core, chance(random, 500) ? account : TEXT(""), TEXT("notice"));
    }
}

/* The lines of the channels fail and come back; an account goes elsewhere when it may. */
static void change_line(struct world *world)
{
    struct random *random = &world->random;
    static const char *const channels[] = {"sim", "upstream"};
    text channel = text_of(channels[draw(random, 2)]);
    if (chance(random, 200))
        core_set_channel(world->core, text_of(user_ids[draw(random, USERS)]), channel);
    else
        core_set_channel_state(world->core, channel,
                               chance(random, 700) ? CHANNEL_UP
                                                   : (enum channel_state)draw(random, 4));
}

/* ---- time, days, disk ---- */

static int next_day(int day)
{
    struct calendar weekdays = {.everyday = false};
    return calendar_next(&weekdays, day);
}

static void pass_time(struct world *world)
{
    struct random *random = &world->random;
    int ms = draw_between(random, 0, 900);
    if (chance(random, 10))
        ms = draw_between(random, 0, 3600000);
    world->now.wall_us += (int64_t)ms * 1000;
    int total = world->now.replay_second * 1000 + world->now.replay_millisecond + ms;
    if (chance(random, 5)) { /* the clocks jump */
        world->now.wall_us += (int64_t)draw_between(random, -3600, 3600) * 1000000;
        total = draw_between(random, 0, 86399999);
    }
    total %= 86400000;
    world->now.replay_second = total / 1000;
    world->now.replay_millisecond = total % 1000;
    world_set_time(world);
}

static void settle(struct world *world)
{
    int next = next_day(core_trading_day(world->core));
    check_settlement(world, next);
    world->figures.days++;
    world->now.replay_date = next;
    world->now.replay_second = 9 * 3600;
    world->now.wall_us = clock_from_beijing(next, 9 * 3600);
    world_set_time(world);
    for (uint32_t i = 0; i < world->core->market.instrument_count; i++) {
        world->walks[i].volume = 0;
        world->walks[i].turnover = 0;
    }
}

/* The operator corrects yesterday's prices, as long as the day has no trades. */
static void settle_again(struct world *world)
{
    struct core *core = world->core;
    uint32_t count = core->market.instrument_count;
    double *prices = memory_get_zeroed(count, sizeof *prices);
    for (uint32_t i = 0; i < count; i++)
        prices[i] = chance(&world->random, 300) ? core_instrument(core, i)->pre_settlement +
                                                      core_instrument(core, i)->price_tick
                                                : ABSENT_PRICE;
    if (core_settle_again(core, prices) == SETTLE_AGAIN_DONE) {
        remember_yesterday(world);
        statements_note(world);
    }
    free(prices);
}

/* The disk takes some of the batches that wait for it. */
static void disk_works(struct world *world)
{
    struct disk *disk = &world->disk;
    uint32_t first = 0;
    while (first < disk->batches.count && disk->batches.at[first] <= disk->durable)
        first++;
    if (first == disk->batches.count)
        return;
    uint32_t waiting = disk->batches.count - first;
    world_show(world, disk->batches.at[first + draw(&world->random, waiting)]);
}

static void crash(struct world *world)
{
    check_state(world);
    disk_crash(world);
    if (chance(&world->random, 100)) /* it fails again at once */
        disk_crash(world);
    for (uint32_t i = 0; i < CLIENTS; i++)
        if (chance(&world->random, 800))
            connect_client(world, i);
}

/* ---- a step ---- */

static const struct {
    uint32_t weight; /* of a thousand */
    void (*happens)(struct world *world);
} happenings[] = {
    {322, send_order}, {110, send_cancel},  {190, market_tick},
    {60, send_any},    {130, special_send}, {50, change_connection},
    {25, command},     {25, market_status}, {38, upstream_step},
    {12, change_line}, {6, settle},         {6, disk_snapshot},
    {8, crash},        {8, settle_again},   {10, statements_store},
};

void workload_step(struct world *world)
{
    pass_time(world);
    uint32_t at = draw(&world->random, 1000);
    for (size_t i = 0; i < sizeof happenings / sizeof happenings[0]; i++) {
        if (at < happenings[i].weight) {
            happenings[i].happens(world);
            break;
        }
        at -= happenings[i].weight;
    }
    if (chance(&world->random, 200))
        core_tick_time(world->core);
    world_seal(world);
    if (chance(&world->random, 400))
        disk_works(world);
}

void workload_begin(struct world *world)
{
    for (uint32_t i = 0; i < USERS; i++)
        ENSURE(world,
               core_add_user(world->core, text_of(user_ids[i]), "hash", TEXT(""),
                             i == 0 ? 1e5 : 1e7) == ADMIN_OK,
               "user %s cannot be added", user_ids[i]);
    /* One account with two traders, one trader with two accounts. */
    core_grant(world->core, TEXT("u2"), TEXT("u1"), true);
    core_grant(world->core, TEXT("u3"), TEXT("u4"), true);
    if (chance(&world->random, 500)) {
        core_set_channel(world->core, TEXT("u3"), TEXT("upstream"));
        core_set_channel(world->core, TEXT("u4"), TEXT("upstream"));
    }
    for (uint32_t i = 0; i < CLIENTS; i++)
        connect_client(world, i);
}
