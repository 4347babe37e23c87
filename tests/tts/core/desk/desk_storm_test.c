/* desk_storm_test.c: thousands of random requests, quotes, statuses and days, some of them damaged
 * on purpose; after each step what must always hold holds. A run is named by its seed. At the end,
 * as for every fixture, a replay and a snapshot hash alike; here also a snapshot taken in the
 * middle plus the effects after it. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include <limits.h>
#include <string.h>

enum { STEPS = 1500, SEEDS = 12 };

struct storm {
    struct fixture fixture;
    uint64_t random;
    struct buffer snapshot; /* of the middle */
    size_t snapshot_at;     /* effects before it, bytes */
};

static uint32_t draw(struct storm *storm, uint32_t below)
{
    storm->random ^= storm->random << 13;
    storm->random ^= storm->random >> 7;
    storm->random ^= storm->random << 17;
    return (uint32_t)(storm->random >> 32) % below;
}

static const char *const instruments[] = {"rb2505",         "sc2505",      "i2505",      "SR505",
                                          "IF2503",         "si2505",      "600000",     "BTC",
                                          "rb2505C3400",    "i2505-C-800", "SR505C6000", "BTC",
                                          "SP i2505&i2603", "i2603",       "sc2505TAS"};
enum { INSTRUMENTS = sizeof instruments / sizeof instruments[0] };

static const struct instrument *listed(struct storm *storm, const char *id)
{
    return core_instrument(storm->fixture.core, fixture_instrument(&storm->fixture, id));
}

/* A price some ticks around the last one; now and then absurd. */
static double some_price(struct storm *storm, const struct instrument *instrument)
{
    static const double absurd[] = {0, -1e200, 1e200, 0.123456789, 1e-300};
    if (draw(storm, 50) == 0)
        return absurd[draw(storm, 5)];
    int ticks = (int)draw(storm, 13) - 6;
    return instrument->pre_settlement + ticks * instrument->price_tick;
}

static char one_of(struct storm *storm, const char *values)
{
    return values[draw(storm, (uint32_t)strlen(values))];
}

static void damage(struct storm *storm, void *body, size_t size)
{
    if (draw(storm, 20) == 0)
        for (uint32_t i = draw(storm, 8); i-- > 0;)
            ((char *)body)[draw(storm, (uint32_t)size)] = (char)draw(storm, 256);
}

static uint32_t some_connection(struct storm *storm)
{
    return 1 + draw(storm, FIXTURE_CONNECTIONS - 1);
}

static void insert(struct storm *storm)
{
    const char *id = instruments[draw(storm, INSTRUMENTS)];
    const struct instrument *instrument = listed(storm, id);
    struct CThostFtdcInputOrderField input =
        fixture_input(&storm->fixture, id, one_of(storm, "01"), one_of(storm, "00134"),
                      some_price(storm, instrument), 1 + (int)draw(storm, 9));
    if (instrument->product_class == 'E')
        input.VolumeTotalOriginal *= 100;
    if (draw(storm, 40) == 0)
        input.VolumeTotalOriginal = INT_MAX - (int)draw(storm, 2) * 1500000000;
    input.OrderPriceType = one_of(storm, "222222213G");
    input.TimeCondition = one_of(storm, "333331");
    input.VolumeCondition = one_of(storm, "11111123");
    input.MinVolume = (int)draw(storm, 3);
    input.ContingentCondition = one_of(storm, "1111111123456789ABCDEFH");
    input.StopPrice = some_price(storm, instrument);
    if (instrument->exchange == EXCHANGE_CZCE && input.OrderPriceType == '1')
        input.LimitPrice = 0;
    input.OrderRef[0] = '\0';
    damage(storm, &input, sizeof input);
    fixture_send(&storm->fixture, some_connection(storm), CTP_TraderApi_ReqOrderInsert, &input);
}

static void cancel(struct storm *storm)
{
    const struct core *core = storm->fixture.core;
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    if (core->orders.count) {
        uint32_t back = draw(storm, core->orders.count < 40 ? core->orders.count : 40);
        const struct order *order = &core->orders.at[core->orders.count - 1 - back];
        PUT_NUMBER(action.OrderRef, order->order_ref);
        PUT_TEXT(action.InvestorID, text_of(core->ledger.accounts[order->account].id));
        action.FrontID = order->front_id;
        action.SessionID = order->session_id;
    }
    damage(storm, &action, sizeof action);
    fixture_send(&storm->fixture, some_connection(storm), CTP_TraderApi_ReqOrderAction, &action);
}

static void quote(struct storm *storm)
{
    const char *id = instruments[draw(storm, INSTRUMENTS)];
    const struct instrument *instrument = listed(storm, id);
    const struct quote *newest =
        core_newest_quote(storm->fixture.core, fixture_instrument(&storm->fixture, id));
    double bid = instrument->pre_settlement + ((int)draw(storm, 13) - 6) * instrument->price_tick;
    int volume = newest ? newest->volume + (int)draw(storm, 30) : 100;
    struct quote quote =
        fixture_quote_of(&storm->fixture, id, bid, (int)draw(storm, 20),
                         bid + instrument->price_tick, (int)draw(storm, 20), bid, volume);
    core_quote(storm->fixture.core, &quote, false);
}

static void pass_time(struct storm *storm)
{
    int second = storm->fixture.now.replay_second + (int)draw(storm, 2);
    fixture_set_clock(&storm->fixture, storm->fixture.now.replay_date, second % 86400,
                      (int)draw(storm, 2) * 500);
    core_tick_time(storm->fixture.core);
}

static void status(struct storm *storm)
{
    fixture_status(&storm->fixture, instruments[draw(storm, INSTRUMENTS)],
                   one_of(storm, "222222223350126"));
}

static void next_day(struct storm *storm)
{
    core_settle(storm->fixture.core, core_trading_day(storm->fixture.core) + 1, NULL);
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++) {
        struct CThostFtdcReqUserLoginField login = {.BrokerID = "9999"};
        PUT_TEXT(login.UserID, i == CONNECTION_TWO ? TEXT("u2") : TEXT("u1"));
        fixture_send(&storm->fixture, i, CTP_TraderApi_ReqUserLogin, &login);
        storm->fixture.read[i] = 0;
    }
}

/* ---- what must always hold ---- */

static void check_orders(const struct core *core)
{
    uint32_t live[2] = {0, 0}, conditions[2] = {0, 0};
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        assert_int_equal(order->state.traded + order->state.total, order->volume);
        assert_true(order->live == (strchr("a13b", order->state.status) != NULL));
        for (uint32_t leg = 0; leg < order->leg_count; leg++) {
            bool freezes = order->live && !order->condition_number;
            assert_int_equal(order->leg[leg].frozen, freezes ? order->state.total : 0);
        }
        assert_true(order->live || !order->at_exchange);
        live[order->account] += order->live;
        conditions[order->account] += order->live && order->condition_number;
    }
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(core->investors.at[i].live_orders, live[i]);
        assert_int_equal(core->investors.at[i].condition_orders, conditions[i]);
    }
}

static void check_rows(const struct core *core)
{
    for (uint32_t i = 0; i < core->ledger.row_count; i++) {
        const struct position_row *row = &core->ledger.rows[i];
        assert_true(ledger_closable(row) >= 0);
        assert_true(row->long_frozen >= 0 && row->short_frozen >= 0 && row->position >= 0);
        if (row->long_frozen == 0 && row->short_frozen == 0)
            assert_true(row->frozen_margin == 0 && row->frozen_cash == 0 &&
                        row->frozen_commission == 0);
    }
}

/* Customers of a book hold as many long as short lots. */
static void check_book(struct storm *storm)
{
    const struct core *core = storm->fixture.core;
    uint32_t book = fixture_instrument(&storm->fixture, "BTC");
    int sum = 0;
    for (uint32_t i = 0; i < core->ledger.row_count; i++) {
        const struct position_row *row = &core->ledger.rows[i];
        if (row->instrument == book)
            sum += row->direction == THOST_FTDC_PD_Long ? row->position : -row->position;
    }
    assert_int_equal(sum, 0);
}

static void step(struct storm *storm)
{
    uint32_t kind = draw(storm, 1000);
    if (kind < 500)
        insert(storm);
    else if (kind < 650)
        cancel(storm);
    else if (kind < 900)
        quote(storm);
    else if (kind < 970)
        pass_time(storm);
    else if (kind < 998)
        status(storm);
    else
        next_day(storm);
}

/* The middle's snapshot and the effects after it end where everything ends. */
static void prove_middle(struct storm *storm)
{
    struct core_sink sink = storm->fixture.core->sink;
    struct core *core = core_create(&storm->fixture.options, &sink, FIXTURE_DAY);
    assert_true(core_load(core, buffer_text(&storm->snapshot)));
    struct buffer *effects = &storm->fixture.effects;
    for (size_t at = storm->snapshot_at; at < effects->length;) {
        struct effect_head head;
        memcpy(&head, effects->at + at, sizeof head);
        assert_true(core_apply(core, effects->at + at, head.length));
        at += head.length;
    }
    assert_true(core_hash(core) == core_hash(storm->fixture.core));
    core_destroy(core);
}

static void run(uint64_t seed, const struct core_options *options)
{
    struct storm storm = {.random = seed * 0x9e3779b97f4a7c15u + 1};
    fixture_begin(&storm.fixture, options);
    for (int i = 0; i < STEPS; i++) {
        if (i == STEPS / 2) {
            core_save(storm.fixture.core, &storm.snapshot);
            storm.snapshot_at = storm.fixture.effects.length;
        }
        step(&storm);
        check_orders(storm.fixture.core);
        check_rows(storm.fixture.core);
        check_book(&storm);
    }
    prove_middle(&storm);
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++)
        while (storm.fixture.read[i] < core_private_count(storm.fixture.core, i)) {
            struct core_message message;
            core_private_message(storm.fixture.core, i, ++storm.fixture.read[i], &message);
        }
    buffer_finish(&storm.snapshot);
    fixture_end(&storm.fixture);
}

static void what_must_hold_holds_after_every_step(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        options.match_profile = (enum fill_profile)(seed % 3);
        options.self_trade = (enum self_trade)(seed / 3 % 3);
        options.duplicate_returns = seed % 4 != 0;
        options.price_checks_at_counter = seed % 5 == 0;
        run(seed, &options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_must_hold_holds_after_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
