/* auction_test.c: the call auction: the rules one by one, then drawn books against a search that
 * tries every tick. */
#include "cmocka_all.h"
#include "tts/core/matching/auction.h"

enum { ORDERS = 40, ROUNDS = 20000 };

struct fixture {
    struct book_pool pool;
    struct book book;
    struct auction_pairs pairs;
    uint32_t count;
    uint64_t seed;
};

static int setup(void **state)
{
    struct fixture *fixture = memory_get_zeroed(1, sizeof *fixture);
    book_init(&fixture->book, &fixture->pool);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    auction_pairs_finish(&fixture->pairs);
    book_finish(&fixture->book);
    book_pool_finish(&fixture->pool);
    free(fixture);
    return 0;
}

static void rest(struct fixture *fixture, enum match_side side, int64_t price, int32_t volume)
{
    uint32_t handle = fixture->count++;
    book_insert(&fixture->book, handle, side, price, volume, handle, 0);
}

static void check(struct fixture *fixture, int64_t pre, int64_t price, int64_t volume,
                  int64_t surplus)
{
    struct auction auction = auction_price(&fixture->book, pre);
    assert_true(auction.found);
    assert_int_equal(auction.price, price);
    assert_int_equal(auction.volume, volume);
    assert_int_equal(auction.surplus, surplus);
}

static void an_empty_book_or_side_has_no_price(void **state)
{
    struct fixture *fixture = *state;
    assert_false(auction_price(&fixture->book, 100).found);
    rest(fixture, MATCH_BUY, 100, 5);
    struct auction auction = auction_price(&fixture->book, 100);
    assert_false(auction.found);
    auction_plan(&fixture->book, &auction, &fixture->pairs);
    assert_int_equal(fixture->pairs.count, 0);
}

static void the_most_lots_decide_first(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, MATCH_BUY, 105, 5);
    rest(fixture, MATCH_BUY, 101, 5);
    rest(fixture, MATCH_SELL, 100, 10);
    rest(fixture, MATCH_SELL, 105, 2);
    check(fixture, 105, 101, 10, 0);
}

static void between_equal_prices_the_one_nearest_the_settlement_wins(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, MATCH_BUY, 110, 10);
    rest(fixture, MATCH_SELL, 100, 10);
    check(fixture, 104, 104, 10, 0); /* a tick at which no order stands */
    check(fixture, 90, 100, 10, 0);
    check(fixture, 200, 110, 10, 0);
}

static void the_least_surplus_goes_before_the_settlement(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, MATCH_BUY, 110, 10);
    rest(fixture, MATCH_BUY, 104, 1); /* surplus 1 up to 104, 0 at 105, -1 from 106 on */
    rest(fixture, MATCH_SELL, 100, 10);
    rest(fixture, MATCH_SELL, 106, 1);
    check(fixture, 90, 105, 10, 0);
    rest(fixture, MATCH_BUY, 105, 1); /* 1 at 105, -1 at 106: now the settlement decides */
    check(fixture, 90, 105, 10, 1);
    check(fixture, 109, 109, 10, -1);
}

static void of_two_equally_near_the_higher_wins(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, MATCH_BUY, 104, 10);
    rest(fixture, MATCH_SELL, 100, 10);
    check(fixture, price_in_ticks(20.5, 0.2), 103, 10,
          0); /* a settlement between two ticks: 102.5 */
}

static void prices_far_apart_cost_no_walk_over_ticks(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, MATCH_BUY, MATCH_PRICE_MAX, 1);
    rest(fixture, MATCH_SELL, -MATCH_PRICE_MAX, 1);
    check(fixture, 12345, 12345, 1, 0);
}

static void better_prices_and_then_older_orders_fill_fully(void **state)
{
    struct fixture *fixture = *state;
    rest(fixture, MATCH_BUY, 101, 4);  /* 0 */
    rest(fixture, MATCH_BUY, 102, 5);  /* 1 */
    rest(fixture, MATCH_BUY, 101, 4);  /* 2: is left over */
    rest(fixture, MATCH_SELL, 101, 3); /* 3 */
    rest(fixture, MATCH_SELL, 100, 6); /* 4 */
    struct auction auction = auction_price(&fixture->book, 101);
    auction_plan(&fixture->book, &auction, &fixture->pairs);
    const struct auction_pair want[] = {{1, 4, 5}, {0, 4, 1}, {0, 3, 3}};
    assert_int_equal(auction.surplus, 4);
    assert_int_equal(fixture->pairs.count, 3);
    assert_memory_equal(fixture->pairs.items, want, sizeof want);
}

/* ---- against a search over every tick ---- */

static uint32_t draw(struct fixture *fixture, uint32_t below)
{
    return (uint32_t)(hash_number(++fixture->seed) % below);
}

struct model_order {
    enum match_side side;
    int64_t price;
    int32_t volume;
};

static int64_t gap(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static struct auction search(const struct model_order *orders, uint32_t count, int64_t pre)
{
    struct auction best = {0};
    for (int64_t price = 70; price <= 130;
         price++) { /* upward, so that an equal later one is the higher */
        int64_t buys = 0, sells = 0;
        for (uint32_t i = 0; i < count; i++) {
            bool buys_here = orders[i].side == MATCH_BUY && orders[i].price >= price;
            bool sells_here = orders[i].side == MATCH_SELL && orders[i].price <= price;
            buys += buys_here ? orders[i].volume : 0;
            sells += sells_here ? orders[i].volume : 0;
        }
        int64_t volume = buys < sells ? buys : sells;
        if (volume == 0 || volume < best.volume)
            continue;
        int64_t surplus = gap(buys, sells), least = gap(best.surplus, 0);
        if (volume > best.volume || surplus < least ||
            (surplus == least && gap(price, pre) <= gap(best.price, pre)))
            best = (struct auction){true, price, volume, buys - sells};
    }
    return best;
}

/* Applies the pairs; afterwards nothing may be left that could still trade at or through the price
 * on both sides. */
static void apply(struct fixture *fixture, const struct model_order *orders,
                  const struct auction *auction)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < fixture->pairs.count; i++) {
        const struct auction_pair *pair = &fixture->pairs.items[i];
        assert_int_equal(orders[pair->buy].side, MATCH_BUY);
        assert_int_equal(orders[pair->sell].side, MATCH_SELL);
        assert_true(orders[pair->buy].price >= auction->price);
        assert_true(orders[pair->sell].price <= auction->price);
        book_reduce(&fixture->book, pair->buy, pair->volume);
        book_reduce(&fixture->book, pair->sell, pair->volume);
        sum += pair->volume;
    }
    assert_int_equal(sum, auction->volume);
    const struct book_level *bid = book_level_at(&fixture->book, MATCH_BUY, 0);
    const struct book_level *ask = book_level_at(&fixture->book, MATCH_SELL, 0);
    assert_true(!bid || !ask || bid->price < ask->price);
    bool buys_left = bid && bid->price >= auction->price;
    bool sells_left = ask && ask->price <= auction->price;
    assert_true(!auction->found || !(buys_left && sells_left));
}

static void the_auction_is_what_a_search_over_every_tick_finds(void **state)
{
    struct fixture *fixture = *state;
    unsigned found = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct model_order orders[ORDERS];
        uint32_t count = draw(fixture, ORDERS), width = 1 + draw(fixture, 25);
        book_clear(&fixture->book);
        fixture->count = 0;
        fixture->pairs.count = 0;
        for (uint32_t i = 0; i < count; i++) {
            orders[i] = (struct model_order){draw(fixture, 2) ? MATCH_SELL : MATCH_BUY,
                                             100 + (int64_t)draw(fixture, width) - width / 2,
                                             1 + (int32_t)draw(fixture, 6)};
            rest(fixture, orders[i].side, orders[i].price, orders[i].volume);
        }
        int64_t pre = 85 + (int64_t)draw(fixture, 30);
        struct auction want = search(orders, count, pre);
        struct auction got = auction_price(&fixture->book, pre);
        assert_int_equal(got.found, want.found);
        assert_int_equal(got.price, want.price);
        assert_int_equal(got.volume, want.volume);
        assert_int_equal(got.surplus, want.surplus);
        auction_plan(&fixture->book, &got, &fixture->pairs);
        apply(fixture, orders, &got);
        found += got.found;
    }
    assert_true(found > ROUNDS / 2);
}

int main(void)
{
#define AUCTION_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        AUCTION_TEST(an_empty_book_or_side_has_no_price),
        AUCTION_TEST(the_most_lots_decide_first),
        AUCTION_TEST(between_equal_prices_the_one_nearest_the_settlement_wins),
        AUCTION_TEST(the_least_surplus_goes_before_the_settlement),
        AUCTION_TEST(of_two_equally_near_the_higher_wins),
        AUCTION_TEST(prices_far_apart_cost_no_walk_over_ticks),
        AUCTION_TEST(better_prices_and_then_older_orders_fill_fully),
        AUCTION_TEST(the_auction_is_what_a_search_over_every_tick_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
