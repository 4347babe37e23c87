/* query_test.c: how many queries may be unanswered (-2), and how many may go out in a second (-3),
 * whenever that second begins. */
#include "cmocka_all.h"
#include "ttsapi/query.h"

static const struct timing timing = {.query_lost = 30000, .query_rate = 1000};

static int ask(struct queries *queries, int milliseconds)
{
    int result = queries_begin(queries, 1, milliseconds * INT64_C(1000000), &timing);
    if (result == 0)
        queries_end(queries, 1);
    return result;
}

static void no_second_has_more_than_the_rate(void **state)
{
    (void)state;
    struct queries queries;
    queries_init(&queries, 2, 1);
    assert_int_equal(ask(&queries, 500), 0);
    assert_int_equal(ask(&queries, 1400), 0);
    assert_int_equal(ask(&queries, 1499), -3);
    assert_int_equal(ask(&queries, 1500), 0);
    assert_int_equal(ask(&queries, 1501), -3); /* would be the third one behind 1400 */
    assert_int_equal(ask(&queries, 2399), -3);
    assert_int_equal(ask(&queries, 2400), 0);
    assert_int_equal(ask(&queries, 2500), 0);
    queries_init(&queries, 2, 1); /* a new connection */
    assert_int_equal(ask(&queries, 2501), 0);
    queries_init(&queries, 0, 1);
    for (int i = 0; i < 3 * QUERY_SENT_MAX; i++)
        assert_int_equal(ask(&queries, 2502), 0);
}

static void high_rates_are_kept_in_a_part_of_the_second(void **state)
{
    (void)state;
    struct queries queries;
    queries_init(&queries, 2 * QUERY_SENT_MAX, 1);
    int sent = 0;
    for (int i = 0; i < 2000; i++)
        for (int tries = 0; tries < 4; tries++)
            sent += ask(&queries, 1000 + i) == 0;
    assert_int_equal(sent, 4 * QUERY_SENT_MAX);
}

static void the_unanswered_come_before_the_rate(void **state)
{
    (void)state;
    struct queries queries;
    queries_init(&queries, 1, 1);
    assert_int_equal(queries_begin(&queries, 7, 0, &timing), 0);
    assert_int_equal(queries_begin(&queries, 8, 1, &timing), -2);
    queries_end(&queries, 8); /* never went out */
    assert_int_equal(queries_begin(&queries, 8, 2, &timing), -2);
    queries_end(&queries, 7);
    assert_int_equal(queries_begin(&queries, 8, 3, &timing), -3);
    assert_int_equal(queries_begin(&queries, 8, INT64_C(1000000000), &timing), 0);
    assert_int_equal(queries_begin(&queries, 9, INT64_C(30999999999), &timing), -2);
    assert_int_equal(queries_begin(&queries, 9, INT64_C(31000000000), &timing), 0); /* given up */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_second_has_more_than_the_rate),
        cmocka_unit_test(high_rates_are_kept_in_a_part_of_the_second),
        cmocka_unit_test(the_unanswered_come_before_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
