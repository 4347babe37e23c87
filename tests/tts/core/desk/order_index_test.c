/* order_index_test.c: the keys by which orders are found: numbers that are counted up at several
 * exchanges, and in many sessions, must not push one another far from where they are looked for. */
#include "cmocka_all.h"
#include "tts/core/state.h"

enum { NEAR = 64 }; /* slots, on the average */

/* How far the entries stand from where their search begins, on the average. */
static double distance(const struct index *index)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < index->capacity; i++)
        if (index->slots[i].place != 0)
            sum += (i - index->slots[i].hash) & (index->capacity - 1);
    return (double)sum / index->count;
}

/* Looked at each time that the index is as full as it gets. */
static void add(struct index *index, uint64_t key, uint32_t place)
{
    if ((index->used + 1) * 2 > index->capacity && index->count)
        assert_true(distance(index) < NEAR);
    index_add(index, key, place);
}

static void numbers_of_many_exchanges_stand_apart(void **state)
{
    (void)state;
    struct index index = {.slots = NULL};
    uint32_t place = 0;
    for (int64_t number = 1; number <= 20000; number++)
        for (int exchange = 0; exchange < EXCHANGE_COUNT; exchange++) {
            add(&index, order_system_key((enum exchange)exchange, false, number), place++);
            if (number % 16 == 0)
                add(&index, order_system_key((enum exchange)exchange, true, number / 16), place++);
        }
    assert_true(distance(&index) < NEAR);
    index_finish(&index);
}

static void refs_of_many_sessions_stand_apart(void **state)
{
    (void)state;
    struct index index = {.slots = NULL};
    for (int64_t ref = 1; ref <= 500; ref++)
        for (int32_t session = 1; session <= 400; session++)
            add(&index, order_ref_key(session, ref), (uint32_t)(ref * 400 + session));
    assert_true(distance(&index) < NEAR);
    index_finish(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_many_exchanges_stand_apart),
        cmocka_unit_test(refs_of_many_sessions_stand_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
