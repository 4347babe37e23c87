/* upstream.c: a second channel beside the simulated exchange: another counter, played at random.
 * What it is asked it answers at once, later, twice or with nonsense. It keeps nothing: what waits
 * for it stands in the core, also after a crash. */
#include "world.h"

static struct channel_stamp stamp_of(struct world *world, uint32_t order)
{
    return (struct channel_stamp){.system_number = 900000 + order,
                                  .sequence_no = draw(&world->random, 1000),
                                  .insert_date = world->now.replay_date,
                                  .insert_second = world->now.replay_second,
                                  .second = world->now.replay_second};
}

static double price_of(struct world *world, const struct order *order, uint32_t leg)
{
    const struct instrument *of = core_instrument(world->core, order->leg[leg].instrument);
    double price = market_price(world, order->leg[leg].instrument, false);
    return price > 0 || of->product_class == '3' ? price : of->price_tick;
}

static bool tell_trade(struct world *world, uint32_t place, uint32_t leg, int lots)
{
    const struct order *order = &world->core->orders.at[place];
    struct channel_stamp stamp = stamp_of(world, place);
    struct channel_trade trade = {.leg = leg,
                                  .number = 1 + draw(&world->random, 1000000),
                                  .price = price_of(world, order, leg),
                                  .volume = lots,
                                  .date = world->now.replay_date,
                                  .second = world->now.replay_second,
                                  .sequence_no = stamp.sequence_no};
    bool told = channel_order_traded(world->core, place, &stamp, &trade);
    world->outside[world->core->orders.at[place].leg[leg].instrument] |= told;
    return told;
}

static void tell_refusal(struct world *world, uint32_t place)
{
    bool told =
        channel_order_refused(world->core, place, TEXT("36:上手拒绝"), world->now.replay_second);
    ENSURE(world, told, "a refusal of order %u from upstream is not believed", place);
}

static void tell_cancel(struct world *world, uint32_t place)
{
    struct channel_stamp stamp = stamp_of(world, place);
    ENSURE(world, channel_order_cancelled(world->core, place, &stamp),
           "the end of order %u from upstream is not believed", place);
}

/* A leg of a quote at CZCE is named by the quote, and nobody is believed before that has a number.
 */
static bool is_named(const struct core *core, const struct order *order)
{
    if (order->quote == NONE ||
        core->market.instruments[order->instrument].exchange != EXCHANGE_CZCE)
        return true;
    const struct CThostFtdcQuoteField *quote = record_body(core, RECORD_quote, order->quote);
    return quote->QuoteSysID[0] != '\0';
}

/* The next thing in a living order's life. */
static void advance_order(struct world *world, uint32_t place)
{
    struct random *random = &world->random;
    const struct order *order = &world->core->orders.at[place];
    bool known = order->state.system_number != 0;
    bool named = is_named(world->core, order);
    struct channel_stamp stamp = stamp_of(world, place);
    if (!known && chance(random, 600))
        ENSURE(world, channel_order_queued(world->core, place, &stamp) == named,
               "order %u is queued upstream and that is not believed", place);
    else if (!known && chance(random, 300))
        tell_refusal(world, place);
    else if (chance(random, 700))
        ENSURE(world,
               tell_trade(world, place, 0, draw_between(random, 1, order->state.total)) == named,
               "a trade of order %u from upstream is not believed", place);
    else
        tell_cancel(world, place);
}

/* The second legs' fills come in messages of their own. */
static void advance_legs(struct world *world)
{
    struct core *core = world->core;
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        int wanted = order->live ? order->state.total : 0;
        if (order->channel == CHANNEL_SIM || order->leg_count == 1 || order->condition_number ||
            order->leg[1].frozen <= wanted || chance(&world->random, 300))
            continue;
        ENSURE(world, tell_trade(world, i, 1, order->leg[1].frozen - wanted),
               "the second leg of order %u is not believed", i);
    }
}

/* ---- what it is asked ---- */

static void on_submit(void *user, struct core *core, uint32_t order)
{
    struct world *world = user;
    (void)core;
    world->outside_asked++;
    if (chance(&world->random, 300))
        advance_order(world, order);
}

static void answer_cancel(struct world *world, uint32_t order,
                          const struct CThostFtdcInputOrderActionField *input)
{
    if (chance(&world->random, 700)) {
        tell_cancel(world, order);
        return;
    }
    ENSURE(world, channel_cancel_refused(world->core, order, input, TEXT("休市")),
           "the refusal of a cancel of order %u is not believed", order);
    ENSURE(world, !world->core->orders.at[order].cancel_pending,
           "order %u still waits for the answer to a cancel", order);
}

static void on_cancel(void *user, struct core *core, uint32_t order, uint32_t by,
                      const struct CThostFtdcInputOrderActionField *input)
{
    struct world *world = user;
    ENSURE(world, core->orders.at[order].live && core->orders.at[order].cancel_pending,
           "upstream is asked to cancel order %u, which is not on its way", order);
    ENSURE(world, by < core->users.count, "nobody cancels order %u", order);
    world->outside_asked++;
    if (chance(&world->random, 400))
        answer_cancel(world, order, input);
}

static void on_expire(void *user, struct core *core, uint32_t order)
{
    struct world *world = user;
    (void)core;
    tell_cancel(world, order);
}

static bool tell_request(struct world *world, enum record_kind kind, uint32_t record,
                         enum request_event event)
{
    struct request_return told = {
        .event = event,
        .number = 1 + draw(&world->random, 100000),
        .by = chance(&world->random, 500) ? NONE : draw(&world->random, world->core->users.count),
        .words = TEXT("上手拒绝")};
    return channel_request_told(world->core, kind, record, &told);
}

static void on_ask(void *user, struct core *core, enum record_kind kind, uint32_t record)
{
    struct world *world = user;
    (void)core;
    world->outside_asked++;
    if (chance(&world->random, 500))
        ENSURE(world,
               tell_request(world, kind, record,
                            chance(&world->random, 800) ? REQUEST_TAKEN : REQUEST_REFUSED),
               "the first answer to record %u of kind %d is not believed", record, (int)kind);
}

static void on_withdraw(void *user, struct core *core, enum record_kind kind, uint32_t record,
                        uint32_t by, const void *input)
{
    struct world *world = user;
    ENSURE(world, record_head(core, kind, record)->live, "record %u of kind %d is withdrawn dead",
           record, (int)kind);
    ENSURE(world, (by == NONE) == (input == NULL), "a withdrawal of nobody has a body");
    world->outside_asked++;
    if (chance(&world->random, 500))
        ENSURE(world, tell_request(world, kind, record, REQUEST_WITHDRAWN),
               "the withdrawal of record %u of kind %d is not believed", record, (int)kind);
    else if (input && chance(&world->random, 500))
        ENSURE(world, channel_withdrawal_refused(core, kind, record, input, TEXT("休市")),
               "record %u of kind %d knows no refusal of a withdrawal", record, (int)kind);
}

static void on_conclude(void *user, struct core *core, uint32_t exercise)
{
    struct world *world = user;
    (void)core;
    if (!chance(&world->random, 200) ||
        !tell_request(world, RECORD_exec_order, exercise, REQUEST_REFUSED))
        ENSURE(world,
               tell_request(world, RECORD_exec_order, exercise,
                            chance(&world->random, 700) ? REQUEST_DONE : REQUEST_WITHDRAWN),
               "the end of exercise %u is not believed", exercise);
}

void upstream_init(struct world *world)
{
    world->upstream = (struct order_channel){
        .name = "upstream",
        .user = world,
        .submit = on_submit,
        .cancel = on_cancel,
        .expire = on_expire,
        .ask = on_ask,
        .withdraw = on_withdraw,
        .conclude = on_conclude,
    };
}

/* ---- what it tells by itself ---- */

static uint32_t draw_order(struct world *world)
{
    const struct core *core = world->core;
    for (int i = 0; i < 40 && core->orders.count; i++) {
        uint32_t place = draw(&world->random, core->orders.count);
        const struct order *order = &core->orders.at[place];
        if (order->live && order->channel != CHANNEL_SIM && !order->condition_number)
            return place;
    }
    return NONE;
}

static void advance_some_order(struct world *world)
{
    uint32_t place = draw_order(world);
    struct CThostFtdcInputOrderActionField input;
    if (place == NONE)
        return;
    memset(&input, 0, sizeof input);
    if (world->core->orders.at[place].cancel_pending && chance(&world->random, 600))
        answer_cancel(world, place, &input);
    else
        advance_order(world, place);
}

static bool is_outside(const struct world *world, uint32_t account)
{
    return world->core->investors.at[account].channel != CHANNEL_SIM;
}

static void advance_some_request(struct world *world)
{
    static const enum record_kind kinds[] = {RECORD_quote,       RECORD_exec_order,
                                             RECORD_self_close,  RECORD_for_quote,
                                             RECORD_comb_action, RECORD_offset_setting};
    struct random *random = &world->random;
    enum record_kind kind = kinds[draw(random, sizeof kinds / sizeof kinds[0])];
    uint32_t count = record_count(world->core, kind);
    if (count == 0)
        return;
    uint32_t record = draw(random, count);
    if (!is_outside(world, record_head(world->core, kind, record)->account))
        return;
    /* Most of it cannot be: it is not believed then, and changes nothing. */
    tell_request(world, kind, record, (enum request_event)draw(random, 4));
    if (kind == RECORD_quote && chance(random, 300))
        channel_quote_named(world->core, record);
}

/* A trade that could be one: of an order that may be another's, may be dead, has fewer lots. */
static void tell_wrong_trade(struct world *world)
{
    struct random *random = &world->random;
    const struct core *core = world->core;
    if (core->orders.count == 0)
        return;
    uint32_t place = draw(random, core->orders.count), leg = draw(random, 2);
    const struct order *order = &core->orders.at[place];
    tell_trade(world, place, leg < order->leg_count ? leg : 0,
               chance(random, 500) ? order->state.total + 1 : order->volume);
}

/* Facts of orders that are none of its own, or dead, or with values out of all range. */
static void tell_nonsense(struct world *world)
{
    static const int numbers[] = {0, -1, 1, 20250303, 86400, INT32_MAX, INT32_MIN, 3600};
    static const double prices[] = {0, -1, 1e300, -1e300, ABSENT_PRICE, 3400};
#define ANY numbers[draw(random, sizeof numbers / sizeof numbers[0])]
    struct random *random = &world->random;
    struct core *core = world->core;
    uint32_t order = draw(random, core->orders.count + 2);
    struct channel_stamp stamp = {ANY, (uint32_t)ANY, ANY, ANY, ANY};
    struct channel_trade trade = {(uint32_t)ANY, ANY, prices[draw(random, 6)], ANY, ANY, ANY, 0};
    if (order < core->orders.count && core->orders.at[order].channel != CHANNEL_SIM)
        for (int leg = 0; leg < 2; leg++)
            world->outside[core->orders.at[order].leg[leg].instrument] = true;
    switch (draw(random, 4)) {
    case 0:
        channel_order_traded(core, order, &stamp, &trade);
        break;
    case 1:
        channel_order_queued(core, order, &stamp);
        break;
    case 2:
        channel_order_cancelled(core, order, &stamp);
        break;
    default:
        channel_order_refused(core, order, chance(random, 500) ? TEXT("\xfe") : TEXT(""), ANY);
    }
#undef ANY
}

void upstream_step(struct world *world)
{
    if (chance(&world->random, 60))
        tell_nonsense(world);
    else if (chance(&world->random, 60))
        tell_wrong_trade(world);
    else if (chance(&world->random, 650))
        advance_some_order(world);
    else
        advance_some_request(world);
    if (chance(&world->random, 400))
        advance_legs(world);
}
