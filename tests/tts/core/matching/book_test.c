/* book_test.c: the price-time book: single rules by hand, then 200,000 drawn orders against a model
 * that scans all orders for every match. */
#include "cmocka_all.h"
#include "tts/core/matching/book.h"

enum { HANDLES = 400, OWNERS = 4, OPERATIONS = 200000, MIDDLE = 1000 };

struct fixture {
    struct book_pool pool;
    struct book book;
    struct match_fills fills;
    struct book_rules rules;
    uint64_t sequence;
};

static int setup(void **state)
{
    struct fixture *fixture = memory_get_zeroed(1, sizeof *fixture);
    book_init(&fixture->book, &fixture->pool);
    fixture->rules.previous_price = 100;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    match_fills_finish(&fixture->fills);
    book_finish(&fixture->book);
    book_pool_finish(&fixture->pool);
    free(fixture);
    return 0;
}

static void rest(struct fixture *fixture, uint32_t handle, enum match_side side, int64_t price,
                 int32_t volume)
{
    book_insert(&fixture->book, handle, side, price, volume, ++fixture->sequence, handle);
}

static struct match_order limit_order(enum match_side side, int64_t price, int32_t volume)
{
    return (struct match_order){.side = side,
                                .price = price,
                                .volume = volume,
                                .rest = MATCH_REST_QUEUE,
                                .owner = UINT32_MAX};
}

static struct match_order market_order(enum match_side side, int32_t volume, int levels,
                                       enum match_rest rest)
{
    return (struct match_order){.side = side,
                                .market = true,
                                .volume = volume,
                                .levels = levels,
                                .rest = rest,
                                .owner = UINT32_MAX};
}

static struct match_result plan(struct fixture *fixture, struct match_order order)
{
    match_fills_clear(&fixture->fills);
    return book_plan(&fixture->book, &order, &fixture->rules, &fixture->fills);
}

static void check_fill(const struct fixture *fixture, uint32_t n, uint32_t resting, int64_t price,
                       int32_t volume)
{
    assert_true(n < fixture->fills.count);
    assert_int_equal(fixture->fills.items[n].resting, resting);
    assert_int_equal(fixture->fills.items[n].price, price);
    assert_int_equal(fixture->fills.items[n].volume, volume);
}

static void check_result(struct match_result result, enum match_outcome outcome, int32_t filled,
                         int32_t left, int64_t price)
{
    assert_int_equal(result.outcome, outcome);
    assert_int_equal(result.filled, filled);
    assert_int_equal(result.left, left);
    assert_int_equal(result.price, price);
}

/* ---- structure ---- */

static void the_older_order_of_a_price_goes_first(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 7, MATCH_SELL, 101, 2);
    rest(fixture, 3, MATCH_SELL, 101, 2);
    rest(fixture, 5, MATCH_SELL, 100, 2);
    struct match_result result = plan(fixture, limit_order(MATCH_BUY, 101, 5));
    check_result(result, MATCH_FILLED, 5, 0, 0);
    assert_int_equal(fixture->fills.count, 3);
    check_fill(fixture, 0, 5, 100, 2);
    check_fill(fixture, 1, 7, 101, 2);
    check_fill(fixture, 2, 3, 101, 1);
}

static void the_sequence_and_not_the_call_order_gives_time_priority(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t sequences[] = {50, 10, 40, 20, 30};
    for (uint32_t i = 0; i < 5; i++)
        book_insert(&fixture->book, i, MATCH_BUY, 100, 1, sequences[i], 0);
    plan(fixture, limit_order(MATCH_SELL, 100, 5));
    const uint32_t order[] = {1, 3, 4, 2, 0};
    for (uint32_t i = 0; i < 5; i++)
        check_fill(fixture, i, order[i], 100, 1);
}

static void a_cancel_out_of_the_middle_keeps_the_others(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 4; i++)
        rest(fixture, i, MATCH_BUY, 100, 3);
    book_remove(&fixture->book, 1);
    book_remove(&fixture->book, 0);
    book_remove(&fixture->book, 3);
    assert_int_equal(book_level_at(&fixture->book, MATCH_BUY, 0)->volume, 3);
    assert_int_equal(book_level_at(&fixture->book, MATCH_BUY, 0)->first, 2);
    assert_int_equal(book_level_at(&fixture->book, MATCH_BUY, 0)->last, 2);
    assert_false(book_rests(&fixture->pool, 1));
    assert_true(book_rests(&fixture->pool, 2));
    assert_false(book_rests(&fixture->pool, 4000000));
}

static void a_reduced_order_keeps_its_place(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_SELL, 100, 5);
    rest(fixture, 1, MATCH_SELL, 100, 5);
    book_reduce(&fixture->book, 0, 4);
    plan(fixture, limit_order(MATCH_BUY, 100, 2));
    check_fill(fixture, 0, 0, 100, 1);
    check_fill(fixture, 1, 1, 100, 1);
    book_reduce(&fixture->book, 0, 1);
    assert_false(book_rests(&fixture->pool, 0));
    assert_int_equal(book_level_at(&fixture->book, MATCH_SELL, 0)->volume, 5);
}

static void prices_at_the_ends_of_the_range_are_kept_apart(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_BUY, -MATCH_PRICE_MAX, 1);
    rest(fixture, 1, MATCH_BUY, MATCH_PRICE_MAX, 1);
    rest(fixture, 2, MATCH_BUY, 0, 1);
    rest(fixture, 3, MATCH_BUY, -1, 1);
    const int64_t want[] = {MATCH_PRICE_MAX, 0, -1, -MATCH_PRICE_MAX};
    for (uint32_t n = 0; n < 4; n++)
        assert_int_equal(book_level_at(&fixture->book, MATCH_BUY, n)->price, want[n]);
    assert_null(book_level_at(&fixture->book, MATCH_BUY, 4));
    assert_null(book_level_at(&fixture->book, MATCH_SELL, 0));
    assert_non_null(book_level_find(&fixture->book, MATCH_BUY, -1));
    assert_null(book_level_find(&fixture->book, MATCH_BUY, 1));
    assert_null(book_level_find(&fixture->book, MATCH_SELL, -1));
}

static void a_cleared_book_is_empty_and_its_handles_are_free(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 50; i++)
        rest(fixture, i, i % 2 ? MATCH_BUY : MATCH_SELL, 100 + i % 7, 1);
    book_clear(&fixture->book);
    for (uint32_t i = 0; i < 50; i++)
        assert_false(book_rests(&fixture->pool, i));
    assert_null(book_level_at(&fixture->book, MATCH_BUY, 0));
    rest(fixture, 9, MATCH_BUY, 5, 1);
    assert_int_equal(book_level_at(&fixture->book, MATCH_BUY, 0)->first, 9);
}

static void two_books_share_one_pool(void **state)
{
    struct fixture *fixture = *state;
    struct book other;
    book_init(&other, &fixture->pool);
    rest(fixture, 0, MATCH_BUY, 100, 1);
    book_insert(&other, 1, MATCH_BUY, 100, 2, 1, 0);
    assert_int_equal(book_level_at(&fixture->book, MATCH_BUY, 0)->volume, 1);
    assert_int_equal(book_level_at(&other, MATCH_BUY, 0)->volume, 2);
    book_finish(&other);
    assert_false(book_rests(&fixture->pool, 1));
    assert_true(book_rests(&fixture->pool, 0));
}

/* ---- conditions ---- */

static void all_or_nothing_takes_nothing_from_a_book_that_is_short(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_SELL, 100, 5);
    struct match_order order = limit_order(MATCH_BUY, 100, 6);
    order.condition = MATCH_VOLUME_ALL;
    order.rest = MATCH_REST_CANCEL;
    check_result(plan(fixture, order), MATCH_CANCELLED, 0, 6, 0);
    assert_int_equal(fixture->fills.count, 0);
    order.volume = 5;
    check_result(plan(fixture, order), MATCH_FILLED, 5, 0, 0);
}

static void a_minimum_lets_a_part_through_and_cancels_the_rest(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_SELL, 100, 5);
    struct match_order order = limit_order(MATCH_BUY, 100, 8);
    order.condition = MATCH_VOLUME_MIN;
    order.rest = MATCH_REST_CANCEL;
    order.min_volume = 6;
    check_result(plan(fixture, order), MATCH_CANCELLED, 0, 8, 0);
    order.min_volume = 5;
    check_result(plan(fixture, order), MATCH_CANCELLED, 5, 3, 0);
    assert_int_equal(fixture->fills.count, 1);
}

static void a_market_order_in_an_empty_book_is_cancelled(void **state)
{
    struct fixture *fixture = *state;
    check_result(plan(fixture, market_order(MATCH_BUY, 3, 0, MATCH_REST_CANCEL)), MATCH_CANCELLED,
                 0, 3, 0);
}

static void a_dce_market_order_becomes_a_limit_order_at_the_days_limit(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_SELL, 100, 2);
    struct match_order order = market_order(MATCH_BUY, 5, 0, MATCH_REST_AT_LIMIT);
    order.rest_price = 110;
    order.has_rest_price = true;
    check_result(plan(fixture, order), MATCH_QUEUED, 2, 3, 110);
    book_remove(&fixture->book, 0);
    check_result(plan(fixture, order), MATCH_QUEUED, 0, 5, 110);
}

static void a_best_price_order_waits_at_its_own_last_fill(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_SELL, 100, 2);
    rest(fixture, 1, MATCH_SELL, 101, 2);
    struct match_order order = market_order(MATCH_BUY, 5, 1, MATCH_REST_AT_FILL);
    order.rest_price = 99;
    order.has_rest_price = true;
    check_result(plan(fixture, order), MATCH_QUEUED, 2, 3, 100);
    order.levels = 5;
    check_result(plan(fixture, order), MATCH_QUEUED, 4, 1, 101);
}

static void a_best_price_order_without_a_counterpart_waits_at_the_last_price(void **state)
{
    struct fixture *fixture = *state;
    struct match_order order = market_order(MATCH_SELL, 5, 1, MATCH_REST_AT_FILL);
    check_result(plan(fixture, order), MATCH_CANCELLED, 0, 5, 0);
    order.rest_price = 99;
    order.has_rest_price = true;
    check_result(plan(fixture, order), MATCH_QUEUED, 0, 5, 99);
}

static void a_five_level_order_leaves_the_sixth_level(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 7; i++)
        rest(fixture, i, MATCH_BUY, 100 - (int64_t)i, 1);
    check_result(plan(fixture, market_order(MATCH_SELL, 9, 5, MATCH_REST_CANCEL)), MATCH_CANCELLED,
                 5, 4, 0);
    check_fill(fixture, 4, 4, 96, 1);
}

/* ---- prices ---- */

static void the_trade_price_is_the_middle_of_buy_sell_and_previous(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_SELL, 101, 9);
    const int64_t previous[] = {100, 103, 107}, want[] = {101, 103, 105};
    const char source[] = {'2', '0', '1'};
    for (int i = 0; i < 3; i++) {
        fixture->rules.previous_price = previous[i];
        plan(fixture, limit_order(MATCH_BUY, 105, 1));
        check_fill(fixture, 0, 0, want[i], 1);
        assert_int_equal(fixture->fills.items[0].source, source[i]);
    }
}

static void each_fill_is_the_previous_price_of_the_next(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_BUY, 105, 1);
    rest(fixture, 1, MATCH_BUY, 104, 1);
    rest(fixture, 2, MATCH_BUY, 102, 1);
    fixture->rules.previous_price = 103;
    plan(fixture, limit_order(MATCH_SELL, 101, 3));
    check_fill(fixture, 0, 0, 103, 1);
    check_fill(fixture, 1, 1, 103, 1);
    check_fill(fixture, 2, 2, 102, 1);
}

static void the_resting_price_can_be_the_rule(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 0, MATCH_BUY, 105, 1);
    fixture->rules.price = BOOK_PRICE_RESTING;
    fixture->rules.previous_price = 103;
    plan(fixture, limit_order(MATCH_SELL, 101, 1));
    check_fill(fixture, 0, 0, 105, 1);
    assert_int_equal(fixture->fills.items[0].source, '1');
}

static void ticks_become_the_shortest_double(void **state)
{
    (void)state;
    assert_true(match_price(19501, 0.2) == 3900.2);
    assert_true(match_price(27863, 0.02) == 557.26);
    assert_true(match_price(1234, 0.001) == 1.234);
    assert_true(match_price(681, 5) == 3405);
    assert_true(match_price(7, 2.5) == 17.5);
    assert_true(match_price(-3, 0.5) == -1.5);
}

/* ---- self trades ---- */

static void a_self_trade_is_allowed_unless_told_otherwise(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, 8, MATCH_SELL, 100, 2);
    struct match_order order = limit_order(MATCH_BUY, 100, 2);
    order.owner = 8;
    check_result(plan(fixture, order), MATCH_FILLED, 2, 0, 0);
}

static void a_self_trade_can_refuse_the_new_order(void **state)
{
    struct fixture *fixture = *state;
    fixture->rules.self_trade = MATCH_SELF_REJECT_NEW;
    rest(fixture, 1, MATCH_SELL, 99, 1);
    rest(fixture, 8, MATCH_SELL, 100, 2);
    struct match_order order = limit_order(MATCH_BUY, 100, 2);
    order.owner = 8;
    check_result(plan(fixture, order), MATCH_SELF_REFUSED, 0, 2, 0);
    assert_int_equal(fixture->fills.count, 0);
    order.volume = 1; /* does not come as far as its own */
    check_result(plan(fixture, order), MATCH_FILLED, 1, 0, 0);
}

static void a_self_trade_can_cancel_the_old_order(void **state)
{
    struct fixture *fixture = *state;
    fixture->rules.self_trade = MATCH_SELF_CANCEL_OLD;
    rest(fixture, 8, MATCH_SELL, 100, 2);
    rest(fixture, 1, MATCH_SELL, 100, 2);
    struct match_order order = limit_order(MATCH_BUY, 100, 3);
    order.owner = 8;
    check_result(plan(fixture, order), MATCH_QUEUED, 2, 1, 100);
    assert_int_equal(fixture->fills.count, 2);
    check_fill(fixture, 0, 8, 100, 0);
    check_fill(fixture, 1, 1, 100, 2);
    order.condition =
        MATCH_VOLUME_ALL; /* nothing happens at all: its own is not cancelled either */
    check_result(plan(fixture, order), MATCH_CANCELLED, 0, 3, 0);
    assert_int_equal(fixture->fills.count, 0);
}

static void a_rest_that_would_cross_an_untouched_level_is_cancelled(void **state)
{
    struct fixture *fixture = *state;
    fixture->rules.self_trade = MATCH_SELF_CANCEL_OLD;
    rest(fixture, 8, MATCH_SELL, 100, 2);
    rest(fixture, 1, MATCH_SELL, 101, 2);
    struct match_order order = market_order(MATCH_BUY, 3, 1, MATCH_REST_AT_FILL);
    order.owner = 8;
    order.rest_price = 101;
    order.has_rest_price = true;
    check_result(plan(fixture, order), MATCH_CANCELLED, 0, 3, 0);
    check_fill(fixture, 0, 8, 100, 0);
}

/* ---- market data ---- */

static void the_tape_counts_each_match_once(void **state)
{
    struct fixture *fixture = *state;
    struct book_tape tape = book_tape_start(1000);
    struct quote quote = {0};
    book_quote(&fixture->book, &tape, 1, 10, false, &quote);
    assert_true(quote.last == ABSENT_PRICE && quote.open == ABSENT_PRICE && quote.average == 0);
    book_tape_trade(&tape, 100, 3, 10, true, true);
    book_tape_trade(&tape, 98, 1, 10, true, false);
    book_tape_trade(&tape, 101, 2, 10, false, false);
    rest(fixture, 0, MATCH_BUY, 97, 4);
    book_quote(&fixture->book, &tape, 1, 10, true, &quote);
    assert_int_equal(quote.volume, 6);
    assert_true(quote.turnover == 6000 && quote.average == 100 && quote.open_interest == 1001);
    assert_true(quote.open == 100 && quote.highest == 101 && quote.lowest == 98 &&
                quote.last == 101);
    assert_true(quote.bid[0].price == 97 && quote.bid[0].volume == 4);
    assert_true(quote.bid[1].price == ABSENT_PRICE && quote.ask[0].price == ABSENT_PRICE);
    assert_int_equal(quote.ask[0].volume, 0);
}

/* ---- against the model ---- */

struct model_order {
    bool lives;
    enum match_side side;
    int64_t price;
    int32_t volume;
    uint64_t sequence;
    uint32_t owner;
};

struct model {
    struct model_order orders[HANDLES];
    uint64_t seed;
};

static uint32_t draw(struct model *model, uint32_t below)
{
    return (uint32_t)(hash_number(++model->seed) % below);
}

static bool better(enum match_side side, int64_t a, int64_t b)
{
    return side == MATCH_BUY ? a > b : a < b;
}

/* The first order of a side by price, then time; `skip` tells which do not count. */
static uint32_t model_first(const struct model *model, enum match_side side, const bool *skip)
{
    uint32_t first = MATCH_NONE;
    for (uint32_t i = 0; i < HANDLES; i++) {
        const struct model_order *one = &model->orders[i];
        if (!one->lives || one->side != side || skip[i])
            continue;
        const struct model_order *best = first == MATCH_NONE ? NULL : &model->orders[first];
        if (!best || better(side, one->price, best->price) ||
            (one->price == best->price && one->sequence < best->sequence))
            first = i;
    }
    return first;
}

static int64_t model_price(const struct match_order *order, int64_t resting,
                           const struct book_rules *rules, int64_t previous)
{
    if (order->market || rules->price == BOOK_PRICE_RESTING)
        return resting;
    int64_t buy = order->side == MATCH_BUY ? order->price : resting;
    int64_t sell = order->side == MATCH_BUY ? resting : order->price;
    return previous < sell ? sell : previous > buy ? buy : previous;
}

/* Lists what must happen and returns the lots filled; -1 for a refused self trade. Changes nothing.
 */
static int32_t model_plan(const struct model *model, const struct match_order *order,
                          const struct book_rules *rules, struct match_fills *fills)
{
    bool met[HANDLES] = {false};
    int64_t level = 0, previous = rules->previous_price;
    int levels = 0;
    int32_t filled = 0;
    while (filled < order->volume) {
        uint32_t first = model_first(model, match_opposite(order->side), met);
        if (first == MATCH_NONE)
            break;
        const struct model_order *one = &model->orders[first];
        if (!order->market && better(order->side, one->price, order->price))
            break;
        if (levels == 0 || one->price != level)
            levels++;
        level = one->price;
        if (order->levels && levels > order->levels)
            break;
        met[first] = true;
        bool own = one->owner == order->owner && rules->self_trade != MATCH_SELF_ALLOW;
        if (own && rules->self_trade == MATCH_SELF_REJECT_NEW)
            return -1;
        int32_t left = order->volume - filled;
        int32_t lots = own ? 0 : one->volume < left ? one->volume : left;
        if (!own)
            previous = model_price(order, one->price, rules, previous);
        match_fills_add(fills, (struct match_fill){.resting = first,
                                                   .volume = lots,
                                                   .price = own ? one->price : previous});
        filled += lots;
    }
    bool enough = order->condition == MATCH_VOLUME_ANY ||
                  (order->condition == MATCH_VOLUME_ALL && filled == order->volume) ||
                  (order->condition == MATCH_VOLUME_MIN && filled >= order->min_volume);
    if (!enough)
        match_fills_clear(fills);
    return enough ? filled : 0;
}

static struct match_order draw_order(struct model *model)
{
    struct match_order order = {
        .side = draw(model, 2) ? MATCH_SELL : MATCH_BUY,
        .volume = 1 + (int32_t)draw(model, 20),
        .owner = draw(model, OWNERS),
        .rest = MATCH_REST_QUEUE,
    };
    int64_t away = (int64_t)draw(model, 30) - (draw(model, 4) == 0 ? 20 : 3);
    order.price = order.side == MATCH_BUY ? MIDDLE - away : MIDDLE + away;
    order.min_volume = 1 + (int32_t)draw(model, (uint32_t)order.volume);
    switch (draw(model, 10)) {
    case 0:
        order.market = true;
        order.levels = draw(model, 2) ? 1 : 5;
        order.rest = draw(model, 2) ? MATCH_REST_AT_FILL : MATCH_REST_CANCEL;
        break;
    case 1:
        order.market = true;
        order.rest = draw(model, 2) ? MATCH_REST_AT_LIMIT : MATCH_REST_CANCEL;
        order.rest_price = order.side == MATCH_BUY ? MIDDLE + 50 : MIDDLE - 50;
        order.has_rest_price = true;
        break;
    case 2:
    case 3:
        order.rest = MATCH_REST_CANCEL;
        order.condition = (enum match_volume)draw(model, 3);
        break;
    default:
        break;
    }
    return order;
}

static void same_side(const struct fixture *fixture, const struct model *model,
                      enum match_side side)
{
    bool seen[HANDLES] = {false};
    uint32_t n = 0, first;
    while ((first = model_first(model, side, seen)) != MATCH_NONE) {
        const struct book_level *level = book_level_at(&fixture->book, side, n++);
        assert_non_null(level);
        int64_t sum = 0;
        for (uint32_t h = level->first; h != MATCH_NONE; h = fixture->pool.nodes[h].next) {
            assert_int_equal(h, model_first(model, side, seen));
            assert_int_equal(level->price, model->orders[h].price);
            assert_int_equal(book_left(&fixture->pool, h), model->orders[h].volume);
            seen[h] = true;
            sum += model->orders[h].volume;
        }
        assert_int_equal(sum, level->volume);
    }
    assert_null(book_level_at(&fixture->book, side, n));
}

static void never_crossed(const struct fixture *fixture)
{
    const struct book_level *bid = book_level_at(&fixture->book, MATCH_BUY, 0);
    const struct book_level *ask = book_level_at(&fixture->book, MATCH_SELL, 0);
    assert_true(!bid || !ask || bid->price < ask->price);
}

static void apply_fills(struct fixture *fixture, struct model *model)
{
    for (uint32_t i = 0; i < fixture->fills.count; i++) {
        const struct match_fill *fill = &fixture->fills.items[i];
        struct model_order *one = &model->orders[fill->resting];
        if (fill->volume == 0) {
            book_remove(&fixture->book, fill->resting);
            one->lives = false;
            continue;
        }
        book_reduce(&fixture->book, fill->resting, fill->volume);
        one->volume -= fill->volume;
        one->lives = one->volume > 0;
        fixture->rules.previous_price = fill->price;
    }
}

static void enter(struct fixture *fixture, struct model *model, uint32_t handle,
                  struct match_fills *want)
{
    struct match_order order = draw_order(model);
    uint32_t self = draw(model, 8);
    fixture->rules.self_trade = self < 3 ? (enum match_self)self : MATCH_SELF_ALLOW;
    fixture->rules.price = draw(model, 8) ? BOOK_PRICE_MIDDLE : BOOK_PRICE_RESTING;
    struct match_result result = plan(fixture, order);
    match_fills_clear(want);
    int32_t filled = model_plan(model, &order, &fixture->rules, want);
    assert_int_equal(result.outcome == MATCH_SELF_REFUSED, filled < 0);
    if (filled < 0)
        return;
    assert_int_equal(result.filled, filled);
    assert_int_equal(result.left + result.filled, order.volume);
    assert_int_equal(fixture->fills.count, want->count);
    int32_t sum = 0;
    for (uint32_t i = 0; i < want->count; i++) {
        check_fill(fixture, i, want->items[i].resting, want->items[i].price, want->items[i].volume);
        sum += want->items[i].volume;
    }
    assert_int_equal(sum, filled);
    apply_fills(fixture, model);
    if (result.outcome != MATCH_QUEUED)
        return;
    book_insert(&fixture->book, handle, order.side, result.price, result.left, ++fixture->sequence,
                order.owner);
    model->orders[handle] = (struct model_order){true,        order.side,        result.price,
                                                 result.left, fixture->sequence, order.owner};
}

static void the_book_does_what_the_model_does(void **state)
{
    struct fixture *fixture = *state;
    struct model *model = memory_get_zeroed(1, sizeof *model);
    struct match_fills want = {0};
    model->seed = 20250303;
    book_pool_reserve(&fixture->pool, HANDLES, HANDLES);
    const struct book_node *nodes = fixture->pool.nodes;
    const struct book_level *levels = fixture->pool.levels;
    uint32_t trades = 0;
    for (int i = 0; i < OPERATIONS; i++) {
        uint32_t handle = draw(model, HANDLES);
        if (model->orders[handle].lives) {
            book_remove(&fixture->book, handle);
            model->orders[handle].lives = false;
        } else {
            enter(fixture, model, handle, &want);
            trades += fixture->fills.count;
        }
        never_crossed(fixture);
        if (i % 64 == 0) {
            same_side(fixture, model, MATCH_BUY);
            same_side(fixture, model, MATCH_SELL);
        }
    }
    assert_true(trades > OPERATIONS / 10);
    assert_ptr_equal(nodes, fixture->pool.nodes); /* a pool of the right size allocates no more */
    assert_ptr_equal(levels, fixture->pool.levels);
    match_fills_finish(&want);
    free(model);
}

static void a_book_inserted_in_any_order_is_the_same_book(void **state)
{
    struct fixture *fixture = *state;
    struct model *model = memory_get_zeroed(1, sizeof *model);
    for (model->seed = 1; model->seed < 2000;) {
        book_clear(&fixture->book);
        for (uint32_t i = 0; i < HANDLES; i++)
            model->orders[i] = (struct model_order){true,
                                                    i % 2 ? MATCH_BUY : MATCH_SELL,
                                                    (i % 2 ? 90 : 110) + (int64_t)draw(model, 9),
                                                    1 + (int32_t)draw(model, 9),
                                                    i + 1,
                                                    0};
        uint32_t start = draw(model, HANDLES);
        for (uint32_t i = 0; i < HANDLES; i++) {
            uint32_t handle = (start + i * 7) % HANDLES; /* 7 and HANDLES have no common factor */
            const struct model_order *one = &model->orders[handle];
            book_insert(&fixture->book, handle, one->side, one->price, one->volume, one->sequence,
                        0);
        }
        same_side(fixture, model, MATCH_BUY);
        same_side(fixture, model, MATCH_SELL);
    }
    free(model);
}

int main(void)
{
#define BOOK_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        BOOK_TEST(the_older_order_of_a_price_goes_first),
        BOOK_TEST(the_sequence_and_not_the_call_order_gives_time_priority),
        BOOK_TEST(a_cancel_out_of_the_middle_keeps_the_others),
        BOOK_TEST(a_reduced_order_keeps_its_place),
        BOOK_TEST(prices_at_the_ends_of_the_range_are_kept_apart),
        BOOK_TEST(a_cleared_book_is_empty_and_its_handles_are_free),
        BOOK_TEST(two_books_share_one_pool),
        BOOK_TEST(all_or_nothing_takes_nothing_from_a_book_that_is_short),
        BOOK_TEST(a_minimum_lets_a_part_through_and_cancels_the_rest),
        BOOK_TEST(a_market_order_in_an_empty_book_is_cancelled),
        BOOK_TEST(a_dce_market_order_becomes_a_limit_order_at_the_days_limit),
        BOOK_TEST(a_best_price_order_waits_at_its_own_last_fill),
        BOOK_TEST(a_best_price_order_without_a_counterpart_waits_at_the_last_price),
        BOOK_TEST(a_five_level_order_leaves_the_sixth_level),
        BOOK_TEST(the_trade_price_is_the_middle_of_buy_sell_and_previous),
        BOOK_TEST(each_fill_is_the_previous_price_of_the_next),
        BOOK_TEST(the_resting_price_can_be_the_rule),
        BOOK_TEST(ticks_become_the_shortest_double),
        BOOK_TEST(a_self_trade_is_allowed_unless_told_otherwise),
        BOOK_TEST(a_self_trade_can_refuse_the_new_order),
        BOOK_TEST(a_self_trade_can_cancel_the_old_order),
        BOOK_TEST(a_rest_that_would_cross_an_untouched_level_is_cancelled),
        BOOK_TEST(the_tape_counts_each_match_once),
        BOOK_TEST(the_book_does_what_the_model_does),
        BOOK_TEST(a_book_inserted_in_any_order_is_the_same_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
