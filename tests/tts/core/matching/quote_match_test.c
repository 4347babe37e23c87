/* quote_match_test.c: matching against the replayed quote: rules that the worked cases do not
 * reach, then drawn ticks and orders against a model that keeps money prices and looks at every
 * order at every tick. */
#include "cmocka_all.h"
#include "tts/core/matching/quote_match.h"

enum { HANDLES = 120, OPERATIONS = 200000, RB = 2 };

struct fixture {
    struct book_pool pool;
    struct quote_match match;
    struct match_fills fills;
    struct quote quote;
    uint64_t sequence;
};

static void configure(struct fixture *fixture, enum quote_profile profile, bool limited)
{
    struct quote_rules rules = {profile, limited, 10, 1};
    quote_match_configure(&fixture->match, RB, &rules);
}

static int setup(void **state)
{
    struct fixture *fixture = memory_get_zeroed(1, sizeof *fixture);
    quote_match_init(&fixture->match, &fixture->pool);
    configure(fixture, QUOTE_PROFILE_QUEUE, true);
    fixture->quote = (struct quote){.has_volume = true, .open = ABSENT_PRICE};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    match_fills_finish(&fixture->fills);
    quote_match_finish(&fixture->match);
    book_pool_finish(&fixture->pool);
    free(fixture);
    return 0;
}

/* Sets one level a side; price 0: that side is empty. */
static void show(struct quote *quote, double bid, int bid_size, double ask, int ask_size,
                 double last, int volume)
{
    for (int i = 0; i < QUOTE_LEVELS; i++)
        quote->bid[i] = quote->ask[i] = (struct quote_level){ABSENT_PRICE, 0};
    quote->bid[0] = (struct quote_level){bid > 0 ? bid : ABSENT_PRICE, bid_size};
    quote->ask[0] = (struct quote_level){ask > 0 ? ask : ABSENT_PRICE, ask_size};
    quote->last = last;
    quote->volume = volume;
}

/* A tick as the desk handles it. The side of a waiting order is read before its fills may end it.
 */
static void tick(struct fixture *fixture, const struct quote *quote)
{
    match_fills_clear(&fixture->fills);
    quote_match_plan_tick(&fixture->match, RB, quote, &fixture->fills);
    quote_match_advance(&fixture->match, RB, quote);
    for (uint32_t i = 0; i < fixture->fills.count; i++) {
        const struct match_fill *fill = &fixture->fills.items[i];
        quote_match_fill(&fixture->match, RB, book_level_of(&fixture->pool, fill->resting)->side,
                         fill);
    }
}

static void tick_of(struct fixture *fixture, double bid, int bid_size, double ask, int ask_size,
                    double last, int volume)
{
    show(&fixture->quote, bid, bid_size, ask, ask_size, last, volume);
    tick(fixture, &fixture->quote);
}

static struct match_result arrive(struct fixture *fixture, uint32_t handle,
                                  struct match_order order)
{
    match_fills_clear(&fixture->fills);
    struct match_result result =
        quote_match_plan_order(&fixture->match, RB, &order, &fixture->fills);
    for (uint32_t i = 0; i < fixture->fills.count; i++)
        quote_match_fill(&fixture->match, RB, order.side, &fixture->fills.items[i]);
    if (result.outcome == MATCH_QUEUED)
        quote_match_insert(&fixture->match, RB, handle, order.side, result.price, result.left,
                           ++fixture->sequence);
    return result;
}

static struct match_result limit(struct fixture *fixture, uint32_t handle, enum match_side side,
                                 int64_t price, int32_t volume)
{
    return arrive(fixture, handle,
                  (struct match_order){
                      .side = side, .price = price, .volume = volume, .rest = MATCH_REST_QUEUE});
}

static void check_fill(const struct fixture *fixture, uint32_t n, uint32_t resting, int64_t price,
                       int32_t volume)
{
    assert_true(n < fixture->fills.count);
    assert_int_equal(fixture->fills.items[n].resting, resting);
    assert_int_equal(fixture->fills.items[n].price, price);
    assert_int_equal(fixture->fills.items[n].volume, volume);
}

static void check_only_fill(const struct fixture *fixture, uint32_t resting, int64_t price,
                            int32_t volume)
{
    assert_int_equal(fixture->fills.count, 1);
    check_fill(fixture, 0, resting, price, volume);
}

/* ---- arriving ---- */

static void without_a_quote_a_limit_order_waits_and_a_market_order_ends(void **state)
{
    struct fixture *fixture = *state;
    struct match_order market = {.side = MATCH_BUY, .market = true, .volume = 2};
    assert_int_equal(arrive(fixture, 0, market).outcome, MATCH_CANCELLED);
    assert_int_equal(limit(fixture, 1, MATCH_BUY, 3400, 2).outcome, MATCH_QUEUED);
    market.rest = MATCH_REST_AT_FILL;
    assert_int_equal(arrive(fixture, 2, market).outcome, MATCH_CANCELLED);
    market.rest = MATCH_REST_AT_LIMIT;
    market.has_rest_price = true;
    market.rest_price = 3740;
    struct match_result result = arrive(fixture, 3, market);
    assert_int_equal(result.outcome, MATCH_QUEUED);
    assert_int_equal(result.price, 3740);
    tick_of(fixture, 3399, 20, 3401, 5, 3400, 10); /* and takes the first ask at its own price */
    check_only_fill(fixture, 3, 3740, 2);
}

static void what_one_customer_took_is_not_there_for_the_next(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3399, 20, 3400, 5, 3399, 100);
    limit(fixture, 0, MATCH_BUY, 3400, 3);
    assert_int_equal(limit(fixture, 1, MATCH_BUY, 3400, 3).filled, 2);
    tick_of(fixture, 3399, 20, 3400, 5, 3399, 101); /* the market traded: the size counts anew */
    check_only_fill(fixture, 1, 3400, 1);
    struct match_order rest = {.side = MATCH_BUY, .price = 3400, .volume = 9};
    assert_int_equal(arrive(fixture, 2, rest).filled, 4);
}

static void waiting_orders_share_a_displayed_size_by_price_then_time(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3395, 20, 3405, 5, 3400, 100);
    limit(fixture, 4, MATCH_BUY, 3400, 2);
    limit(fixture, 3, MATCH_BUY, 3401, 2);
    limit(fixture, 2, MATCH_BUY, 3400, 2);
    tick_of(fixture, 3395, 20, 3400, 5, 3400, 100);
    assert_int_equal(fixture->fills.count, 3);
    check_fill(fixture, 0, 3, 3401, 2);
    check_fill(fixture, 1, 4, 3400, 2);
    check_fill(fixture, 2, 2, 3400, 1);
    assert_int_equal(quote_match_state(&fixture->match, RB)->level[MATCH_SELL][0].used, 5);
    tick_of(fixture, 3395, 20, 3400, 5, 3400, 100); /* the same quote has no more to give */
    assert_int_equal(fixture->fills.count, 0);
}

static void a_broken_quote_matches_nothing(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3399, 20, 3405, 5, 3400, 100);
    limit(fixture, 0, MATCH_BUY, 3400, 2);
    tick_of(fixture, 3398, 20, 3398, 5, 3390, 150);
    assert_int_equal(fixture->fills.count, 0);
    assert_int_equal(limit(fixture, 1, MATCH_BUY, 3410, 2).filled, 0);
    assert_int_equal(quote_match_ahead(&fixture->match, 1), QUOTE_AHEAD_UNKNOWN);
}

static void hostile_numbers_are_no_side(void **state)
{
    struct fixture *fixture = *state;
    const double prices[] = {0, -5, 1e300, ABSENT_PRICE, -1e300, (double)INFINITY, (double)NAN};
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        show(&fixture->quote, 3399, 20, 3400, 5, prices[i], 100);
        fixture->quote.bid[0].price = fixture->quote.ask[0].price = prices[i];
        fixture->quote.turnover = prices[i];
        fixture->quote.has_turnover = true;
        tick(fixture, &fixture->quote);
        const struct quote_state *now = quote_match_state(&fixture->match, RB);
        assert_int_equal(now->count[MATCH_BUY] + now->count[MATCH_SELL], 0);
        assert_false(now->has_last);
    }
    tick_of(fixture, 3399, -3, 3400, 0, 3399, -7);
    assert_int_equal(quote_match_state(&fixture->match, RB)->count[MATCH_BUY], 0);
    assert_int_equal(quote_match_state(&fixture->match, RB)->count[MATCH_SELL], 0);
    assert_false(quote_match_state(&fixture->match, RB)->has_volume);
}

static void levels_end_where_they_stop_getting_worse(void **state)
{
    struct fixture *fixture = *state;
    show(&fixture->quote, 3399, 1, 3400, 1, 3399, 100);
    fixture->quote.ask[1] = (struct quote_level){3401, 1};
    fixture->quote.ask[2] = (struct quote_level){3401, 1};
    fixture->quote.ask[3] = (struct quote_level){3402, 1};
    tick(fixture, &fixture->quote);
    assert_int_equal(limit(fixture, 0, MATCH_BUY, 3410, 4).filled, 2);
}

static void touch_can_be_limited_by_size(void **state)
{
    struct fixture *fixture = *state;
    configure(fixture, QUOTE_PROFILE_TOUCH, true);
    tick_of(fixture, 3399, 20, 3400, 5, 3399, 100);
    assert_int_equal(limit(fixture, 0, MATCH_BUY, 3400, 8).filled, 5);
    tick_of(fixture, 3399, 20, 3401, 5, 3398, 200); /* touch has no trade rule */
    assert_int_equal(fixture->fills.count, 0);
}

/* ---- the queue ---- */

static void a_price_between_the_sides_has_nobody_ahead(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3398, 20, 3402, 5, 3400, 100);
    limit(fixture, 0, MATCH_BUY, 3400, 5);
    limit(fixture, 1, MATCH_SELL, 3401, 5);
    assert_int_equal(quote_match_ahead(&fixture->match, 0), 0);
    tick_of(fixture, 3398, 20, 3402, 5, 3400, 107); /* between: half of 7 on either side */
    assert_int_equal(fixture->fills.count, 2);
    check_fill(fixture, 0, 0, 3400, 3);
    check_fill(fixture, 1, 1, 3401, 3);
}

static void a_price_behind_the_display_joins_when_it_is_shown(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3399, 20, 3401, 5, 3400, 100);
    limit(fixture, 0, MATCH_BUY, 3398, 5);
    assert_int_equal(quote_match_ahead(&fixture->match, 0), QUOTE_AHEAD_UNKNOWN);
    tick_of(fixture, 3398, 30, 3401, 5, 3399, 110);
    assert_int_equal(quote_match_ahead(&fixture->match, 0), 30);
    tick_of(fixture, 3398, 25, 3401, 5, 3398, 120);
    assert_int_equal(quote_match_ahead(&fixture->match, 0), 20);
    tick_of(fixture, 3398, 40, 3401, 5, 3398, 120);
    assert_int_equal(quote_match_ahead(&fixture->match, 0), 20);
    tick_of(fixture, 3398, 7, 3401, 5, 3398, 120);
    assert_int_equal(quote_match_ahead(&fixture->match, 0), 7);
}

static void on_a_board_everything_trades_at_the_only_side(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3740, 10, 0, 0, 3740, 100);
    limit(fixture, 0, MATCH_BUY, 3740, 2);
    assert_int_equal(fixture->fills.count, 0);
    tick_of(fixture, 3740, 10, 0, 0, 3740, 111);
    check_only_fill(fixture, 0, 3740, 1);
}

static void a_new_pass_has_no_new_lots(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3399, 4, 3400, 5, 3399, 100);
    limit(fixture, 0, MATCH_BUY, 3399, 3);
    struct match_order taker = {.side = MATCH_BUY, .price = 3400, .volume = 5};
    arrive(fixture, 1, taker);
    quote_match_new_pass(&fixture->match, RB);
    tick_of(fixture, 3399, 4, 3400, 5, 3398, 5000);
    assert_int_equal(fixture->fills.count, 0);
    assert_int_equal(arrive(fixture, 1, taker).filled, 5);
    tick_of(fixture, 3399, 4, 3400, 5, 3399, 5006);
    check_only_fill(fixture, 0, 3399, 2);
}

static void volume_that_falls_back_is_no_trade(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3399, 4, 3400, 5, 3399, 100);
    limit(fixture, 0, MATCH_BUY, 3399, 3);
    tick_of(fixture, 3399, 4, 3400, 5, 3390, 50);
    assert_int_equal(fixture->fills.count, 0);
}

/* ---- the auction ---- */

static void auction(struct fixture *fixture, enum quote_profile profile)
{
    configure(fixture, profile, profile != QUOTE_PROFILE_TOUCH);
    quote_match_set_auction(&fixture->match, RB, true);
    assert_int_equal(limit(fixture, 0, MATCH_BUY, 3410, 8).outcome, MATCH_QUEUED);
    limit(fixture, 1, MATCH_BUY, 3400, 3);
    limit(fixture, 2, MATCH_BUY, 3399, 3);
    limit(fixture, 3, MATCH_SELL, 3390, 2);
    tick_of(fixture, 3405, 9, 3395, 9, 3390, 0); /* indicative, no open price: nothing */
    assert_int_equal(fixture->fills.count, 0);
    tick_of(fixture, 3399, 9, 3402, 9, 3390, 0);
    assert_int_equal(fixture->fills.count, 0);
    fixture->quote.open = 3400;
    tick_of(fixture, 3400, 9, 3402, 9, 3400, 5);
}

static void the_open_price_fills_better_orders_up_to_its_lots(void **state)
{
    struct fixture *fixture = *state;
    auction(fixture, QUOTE_PROFILE_QUEUE);
    assert_int_equal(fixture->fills.count, 2);
    check_fill(fixture, 0, 0, 3400, 5);
    check_fill(fixture, 1, 3, 3400, 2);
    assert_int_equal(quote_match_ahead(&fixture->match, 1), 9);
    assert_int_equal(quote_match_ahead(&fixture->match, 0), 0);
    tick_of(fixture, 3400, 9, 3402, 9, 3400, 16); /* continuous from here on */
    assert_int_equal(fixture->fills.count, 2);
    check_fill(fixture, 0, 0, 3410, 3);
    check_fill(fixture, 1, 1, 3400, 2);
}

static void touch_fills_orders_at_the_open_price_too(void **state)
{
    struct fixture *fixture = *state;
    auction(fixture, QUOTE_PROFILE_TOUCH);
    assert_int_equal(fixture->fills.count, 3);
    check_fill(fixture, 1, 1, 3400, 3);
}

static void an_auction_without_an_open_price_ends_into_continuous_rules(void **state)
{
    struct fixture *fixture = *state;
    quote_match_set_auction(&fixture->match, RB, true);
    limit(fixture, 0, MATCH_BUY, 3410, 8);
    quote_match_set_auction(&fixture->match, RB, false);
    tick_of(fixture, 3400, 9, 3402, 3, 3400, 5);
    check_only_fill(fixture, 0, 3410, 3);
}

/* ---- recovery ---- */

static void state_and_places_go_through_a_snapshot(void **state)
{
    struct fixture *fixture = *state;
    tick_of(fixture, 3399, 20, 3400, 5, 3399, 100);
    limit(fixture, 0, MATCH_BUY, 3399, 3);
    tick_of(fixture, 3399, 30, 3400, 5, 3399, 112);
    struct match_order taker = {.side = MATCH_BUY, .price = 3400, .volume = 4};
    arrive(fixture, 1, taker);
    struct quote_state saved = *quote_match_state(&fixture->match, RB);
    int32_t ahead = quote_match_ahead(&fixture->match, 0);
    assert_int_equal(ahead, 8);
    quote_match_clear(&fixture->match, RB);
    tick_of(fixture, 1, 1, 2, 1, 1, 1);
    assert_true(quote_match_set_state(&fixture->match, RB, &saved));
    quote_match_insert(&fixture->match, RB, 0, MATCH_BUY, 3399, 3, 1);
    quote_match_set_ahead(&fixture->match, 0, ahead);
    assert_int_equal(arrive(fixture, 1, taker).filled, 1);
    tick_of(fixture, 3399, 30, 3400, 5, 3399, 122);
    check_only_fill(fixture, 0, 3399, 2);
    saved.count[0] = 6;
    assert_false(quote_match_set_state(&fixture->match, RB, &saved));
    saved.count[0] = 1;
    saved.level[0][0].used = saved.level[0][0].size + 1;
    assert_false(quote_match_set_state(&fixture->match, RB, &saved));
}

static void instruments_do_not_meet(void **state)
{
    struct fixture *fixture = *state;
    struct quote_rules rules = {QUOTE_PROFILE_TOUCH, false, 10, 1};
    quote_match_configure(&fixture->match, 9, &rules);
    assert_true(quote_match_has(&fixture->match, 9) && quote_match_has(&fixture->match, RB));
    assert_false(quote_match_has(&fixture->match, 3));
    assert_false(quote_match_has(&fixture->match, 1000000));
    limit(fixture, 0, MATCH_BUY, 3410, 1);
    show(&fixture->quote, 3399, 1, 3400, 1, 3400, 10);
    match_fills_clear(&fixture->fills);
    quote_match_plan_tick(&fixture->match, 9, &fixture->quote, &fixture->fills);
    assert_int_equal(fixture->fills.count, 0);
    quote_match_remove(&fixture->match, RB, 0);
    assert_false(book_rests(&fixture->pool, 0));
}

/* ---- against the model ---- */

struct model_order {
    bool lives;
    enum match_side side;
    double price;
    int32_t left;
    uint64_t sequence;
    int32_t ahead; /* -1 unknown */
};

struct model {
    struct model_order orders[HANDLES];
    struct quote previous;
    int used[2][QUOTE_LEVELS];
    bool has_previous, limited;
    enum quote_profile profile;
    uint64_t seed;
    struct match_fills fills;
};

static uint32_t draw(struct model *model, uint32_t below)
{
    return (uint32_t)(hash_number(++model->seed) % below);
}

/* Everything for sells is the mirror image: compare negated prices. */
static double sign_of(enum match_side side)
{
    return side == MATCH_BUY ? 1 : -1;
}

static const struct quote_level *levels_of(const struct quote *quote, enum match_side side)
{
    return side == MATCH_BUY ? quote->bid : quote->ask;
}

static int model_size(const struct quote *quote, enum match_side side, double price)
{
    for (int i = 0; i < QUOTE_LEVELS; i++)
        if (levels_of(quote, side)[i].volume > 0 && levels_of(quote, side)[i].price == price)
            return i;
    return -1;
}

static bool model_broken(const struct quote *quote)
{
    return quote->bid[0].volume > 0 && quote->ask[0].volume > 0 &&
           quote->bid[0].price >= quote->ask[0].price;
}

static int32_t model_ahead(const struct model *model, enum match_side side, double price)
{
    const struct quote_level *own = levels_of(&model->previous, side);
    if (model_broken(&model->previous))
        return -1;
    if (own[0].volume == 0 || sign_of(side) * price > sign_of(side) * own[0].price)
        return 0;
    int at = model_size(&model->previous, side, price);
    return at >= 0 ? own[at].volume : -1;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Takes from the opposite levels of `quote`; own_price: the waiting order's, or 0. */
static int32_t model_take(struct model *model, const struct quote *quote, enum match_side side,
                          double limit_price, int32_t wanted, uint32_t handle, bool waits)
{
    enum match_side opposite = match_opposite(side);
    const struct quote_level *levels = levels_of(quote, opposite);
    int32_t left = wanted;
    for (int i = 0; i < QUOTE_LEVELS && left > 0 && levels[i].volume > 0; i++) {
        if (sign_of(side) * levels[i].price > sign_of(side) * limit_price)
            break;
        int32_t lots =
            model->limited ? smaller(left, levels[i].volume - model->used[opposite][i]) : left;
        if (lots == 0)
            continue;
        model->used[opposite][i] += model->limited ? lots : 0;
        left -= lots;
        match_fills_add(
            &model->fills,
            (struct match_fill){.resting = handle,
                                .volume = lots,
                                .price = llround(waits ? limit_price : levels[i].price)});
    }
    return wanted - left;
}

static double model_share_of_bid(const struct quote *old, const struct quote *new, int32_t gained)
{
    double bid = old->bid[0].price, ask = old->ask[0].price;
    if (old->ask[0].volume == 0)
        return 1;
    if (old->bid[0].volume == 0)
        return 0;
    if (old->has_turnover && new->has_turnover &&new->turnover > old->turnover) {
        double average = (new->turnover - old->turnover) / gained / 10;
        return fmin(fmax((ask - average) / (ask - bid), 0), 1);
    }
    return new->last <= bid ? 1 : new->last >= ask ? 0 : 0.5;
}

/* T of the document for one waiting order's side. */
static int32_t model_traded(const struct model *model, const struct quote *new, int32_t gained,
                            enum match_side side)
{
    const struct quote *old = &model->previous;
    if (gained == 0 || model_broken(old) || levels_of(old, side)[0].volume == 0)
        return 0;
    double share = model_share_of_bid(old, new, gained);
    return (int32_t)floor(gained * (side == MATCH_BUY ? share : 1 - share) + 1e-9);
}

static void model_waiting(struct model *model, struct model_order *one, uint32_t handle,
                          const struct quote *new, int32_t gained)
{
    double sign = sign_of(one->side), price = one->price;
    one->left -= model_take(model, new, one->side, price, one->left, handle, true);
    int32_t traded = model_traded(model, new, gained, one->side), lots = 0;
    const struct quote_level *best = &levels_of(&model->previous, one->side)[0];
    if (model->profile == QUOTE_PROFILE_TOUCH)
        return;
    if (gained > 0 && sign * new->last < sign * price) {
        lots = smaller(one->left, gained);
    } else if (model->profile == QUOTE_PROFILE_QUEUE && traded > 0 && one->ahead >= 0 &&
               (price == best->price || (one->ahead == 0 && sign * price > sign * best->price))) {
        lots = smaller(one->left, traded > one->ahead ? traded - one->ahead : 0);
        one->ahead = traded > one->ahead ? 0 : one->ahead - traded;
    }
    if (lots > 0)
        match_fills_add(
            &model->fills,
            (struct match_fill){.resting = handle, .volume = lots, .price = llround(price)});
    one->left -= lots;
}

static void model_used(struct model *model, const struct quote *new)
{
    int used[2][QUOTE_LEVELS] = {{0}};
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < QUOTE_LEVELS; i++) {
            const struct quote_level *level = &levels_of(new, (enum match_side)side)[i];
            int old = model_size(&model->previous, (enum match_side)side, level->price);
            bool still =
                old >= 0 &&
                new->volume ==
                    model->previous.volume &&levels_of(&model->previous, (enum match_side)side)[old]
                        .volume == level->volume;
            used[side][i] = still && level->volume > 0 ? model->used[side][old] : 0;
        }
    }
    memcpy(model->used, used, sizeof used);
}

static uint32_t model_next(const struct model *model, enum match_side side, const bool *done)
{
    uint32_t next = MATCH_NONE;
    for (uint32_t i = 0; i < HANDLES; i++) {
        const struct model_order *one = &model->orders[i];
        if (!one->lives || one->side != side || done[i])
            continue;
        double by =
            next == MATCH_NONE ? 1 : sign_of(side) * (one->price - model->orders[next].price);
        if (by > 0 || (by == 0 && one->sequence < model->orders[next].sequence))
            next = i;
    }
    return next;
}

static void model_tick(struct model *model, const struct quote *new)
{
    int32_t gained = model->has_previous && new->volume > model->previous.volume
                         ? new->volume - model->previous.volume
                         : 0;
    model_used(model, new);
    for (int i = 0; i < 2 && !model_broken(new); i++) {
        enum match_side side = (enum match_side)i;
        bool done[HANDLES] = {false};
        for (uint32_t next; (next = model_next(model, side, done)) != MATCH_NONE;
             done[next] = true) {
            struct model_order *one = &model->orders[next];
            model_waiting(model, one, next, new, gained);
            int at = model_size(new, side, one->price);
            int size = at >= 0 ? levels_of(new, side)[at].volume : 0;
            if (at >= 0 && (one->ahead < 0 || one->ahead > size))
                one->ahead = size;
        }
    }
    for (uint32_t i = 0; i < HANDLES; i++)
        model->orders[i].lives = model->orders[i].lives && model->orders[i].left > 0;
    model->previous = *new;
    model->has_previous = true;
}

/* The next quote: mostly a small step from the one before. */
static void draw_quote(struct model *model, struct quote *quote)
{
    int bid = 100 + (int)draw(model, 5) - (int)draw(model, 5);
    int ask = bid + 1 + (int)draw(model, 3) - (draw(model, 50) == 0 ? 3 : 0);
    int lots = draw(model, 3) ? (int)draw(model, 30) : 0;
    if (draw(model, 4) != 0) {
        for (int i = 0; i < QUOTE_LEVELS; i++) {
            bool bids = draw(model, 40) != 0 && (i == 0 || quote->bid[i - 1].volume > 0);
            bool asks = draw(model, 40) != 0 && (i == 0 || quote->ask[i - 1].volume > 0);
            quote->bid[i] = (struct quote_level){bids ? bid - i : ABSENT_PRICE,
                                                 bids ? 1 + (int)draw(model, 20) : 0};
            quote->ask[i] = (struct quote_level){asks ? ask + i : ABSENT_PRICE,
                                                 asks ? 1 + (int)draw(model, 20) : 0};
        }
    }
    quote->last = bid - 1 + (int)draw(model, 4);
    quote->volume += lots;
    quote->has_turnover = draw(model, 5) != 0;
    quote->turnover += lots * 10 * (bid + draw(model, 5) / 4.0);
}

static void same_plan(const struct fixture *fixture, const struct model *model)
{
    assert_int_equal(fixture->fills.count, model->fills.count);
    for (uint32_t i = 0; i < model->fills.count; i++)
        check_fill(fixture, i, model->fills.items[i].resting, model->fills.items[i].price,
                   model->fills.items[i].volume);
}

static void same_orders(const struct fixture *fixture, const struct model *model)
{
    for (uint32_t i = 0; i < HANDLES; i++) {
        assert_int_equal(book_rests(&fixture->pool, i), model->orders[i].lives);
        if (!model->orders[i].lives)
            continue;
        assert_int_equal(book_left(&fixture->pool, i), model->orders[i].left);
        if (model->profile == QUOTE_PROFILE_QUEUE)
            assert_int_equal(quote_match_ahead(&fixture->match, i), model->orders[i].ahead);
    }
}

static void enter(struct fixture *fixture, struct model *model, uint32_t handle)
{
    enum match_side side = draw(model, 2) ? MATCH_SELL : MATCH_BUY;
    int64_t price = 100 + (int64_t)draw(model, 12) - (int64_t)draw(model, 12);
    int32_t volume = 1 + (int32_t)draw(model, 30);
    struct match_result result = limit(fixture, handle, side, price, volume);
    int32_t filled = 0;
    if (!model_broken(&model->previous))
        filled =
            model_take(model, &model->previous, side, (double)price, volume, MATCH_NONE, false);
    same_plan(fixture, model);
    assert_int_equal(result.filled, filled);
    assert_int_equal(result.left, volume - filled);
    model->orders[handle] =
        (struct model_order){filled < volume,   side,
                             (double)price,     volume - filled,
                             fixture->sequence, model_ahead(model, side, (double)price)};
}

static void run_model(struct fixture *fixture, enum quote_profile profile, bool limited)
{
    struct model *model = memory_get_zeroed(1, sizeof *model);
    struct quote quote = {.has_volume = true, .open = ABSENT_PRICE};
    uint64_t fills = 0;
    model->seed = 7;
    model->profile = profile;
    model->limited = limited;
    configure(fixture, profile, limited);
    for (int i = 0; i < OPERATIONS; i++) {
        uint32_t handle = draw(model, HANDLES);
        match_fills_clear(&model->fills);
        if (draw(model, 3) == 0 || i == 0) {
            draw_quote(model, &quote);
            tick(fixture, &quote);
            model_tick(model, &quote);
            same_plan(fixture, model);
            same_orders(fixture, model);
        } else if (model->orders[handle].lives) {
            quote_match_remove(&fixture->match, RB, handle);
            model->orders[handle].lives = false;
        } else {
            enter(fixture, model, handle);
        }
        fills += model->fills.count;
    }
    assert_true(fills > OPERATIONS / 10);
    match_fills_finish(&model->fills);
    free(model);
}

static void the_queue_profile_does_what_the_model_does(void **state)
{
    run_model(*state, QUOTE_PROFILE_QUEUE, true);
}

static void the_cross_profile_does_what_the_model_does(void **state)
{
    run_model(*state, QUOTE_PROFILE_CROSS, true);
}

static void the_touch_profile_does_what_the_model_does(void **state)
{
    run_model(*state, QUOTE_PROFILE_TOUCH, false);
}

/* ---- a twin out of a snapshot ---- */

/* What a desk keeps: the state's bytes, and of each waiting order price, lots, sequence and place;
 * inserted here in another order. */
static void restore(struct fixture *twin, const struct fixture *fixture)
{
    quote_match_clear(&twin->match, RB);
    assert_true(quote_match_set_state(&twin->match, RB, quote_match_state(&fixture->match, RB)));
    twin->sequence = fixture->sequence;
    for (uint32_t i = 0; i < HANDLES; i++) {
        uint32_t handle = i * 7 % HANDLES;
        if (!book_rests(&fixture->pool, handle))
            continue;
        const struct book_level *level = book_level_of(&fixture->pool, handle);
        quote_match_insert(&twin->match, RB, handle, level->side, level->price,
                           book_left(&fixture->pool, handle), fixture->pool.nodes[handle].sequence);
        quote_match_set_ahead(&twin->match, handle, quote_match_ahead(&fixture->match, handle));
    }
}

static void same_twin(const struct fixture *twin, const struct fixture *fixture)
{
    assert_memory_equal(quote_match_state(&twin->match, RB), quote_match_state(&fixture->match, RB),
                        sizeof(struct quote_state));
    assert_int_equal(twin->fills.count, fixture->fills.count);
    for (uint32_t i = 0; i < fixture->fills.count; i++)
        check_fill(twin, i, fixture->fills.items[i].resting, fixture->fills.items[i].price,
                   fixture->fills.items[i].volume);
    for (uint32_t i = 0; i < HANDLES; i++) {
        assert_int_equal(book_rests(&twin->pool, i), book_rests(&fixture->pool, i));
        if (book_rests(&fixture->pool, i))
            assert_int_equal(quote_match_ahead(&twin->match, i),
                             quote_match_ahead(&fixture->match, i));
    }
}

static void a_twin_out_of_a_snapshot_goes_on_alike(void **state)
{
    struct fixture *both[2] = {*state};
    void *made = NULL;
    setup(&made);
    both[1] = made;
    struct model *model = memory_get_zeroed(1, sizeof *model);
    struct quote quote = {.has_volume = true, .open = ABSENT_PRICE};
    for (int i = 0; i < OPERATIONS / 10; i++) {
        uint32_t handle = draw(model, HANDLES), what = draw(model, 3), lots = 1 + draw(model, 30);
        enum match_side side = draw(model, 2) ? MATCH_SELL : MATCH_BUY;
        int64_t price = 100 + (int64_t)draw(model, 12) - (int64_t)draw(model, 12);
        if (draw(model, 50) == 0)
            restore(both[1], both[0]);
        if (what == 0)
            draw_quote(model, &quote);
        for (int one = 0; one < 2; one++) {
            if (what == 0)
                tick(both[one], &quote);
            else if (book_rests(&both[one]->pool, handle))
                quote_match_remove(&both[one]->match, RB, handle);
            else
                limit(both[one], handle, side, price, (int32_t)lots);
        }
        same_twin(both[1], both[0]);
    }
    free(model);
    teardown(&made);
}

int main(void)
{
#define QUOTE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        QUOTE_TEST(without_a_quote_a_limit_order_waits_and_a_market_order_ends),
        QUOTE_TEST(what_one_customer_took_is_not_there_for_the_next),
        QUOTE_TEST(waiting_orders_share_a_displayed_size_by_price_then_time),
        QUOTE_TEST(a_broken_quote_matches_nothing),
        QUOTE_TEST(hostile_numbers_are_no_side),
        QUOTE_TEST(levels_end_where_they_stop_getting_worse),
        QUOTE_TEST(touch_can_be_limited_by_size),
        QUOTE_TEST(a_price_between_the_sides_has_nobody_ahead),
        QUOTE_TEST(a_price_behind_the_display_joins_when_it_is_shown),
        QUOTE_TEST(on_a_board_everything_trades_at_the_only_side),
        QUOTE_TEST(a_new_pass_has_no_new_lots),
        QUOTE_TEST(volume_that_falls_back_is_no_trade),
        QUOTE_TEST(the_open_price_fills_better_orders_up_to_its_lots),
        QUOTE_TEST(touch_fills_orders_at_the_open_price_too),
        QUOTE_TEST(an_auction_without_an_open_price_ends_into_continuous_rules),
        QUOTE_TEST(state_and_places_go_through_a_snapshot),
        QUOTE_TEST(instruments_do_not_meet),
        QUOTE_TEST(the_queue_profile_does_what_the_model_does),
        QUOTE_TEST(the_cross_profile_does_what_the_model_does),
        QUOTE_TEST(the_touch_profile_does_what_the_model_does),
        QUOTE_TEST(a_twin_out_of_a_snapshot_goes_on_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
