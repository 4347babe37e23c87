/* index_test.c: hashes to places. */
#include "base/index.h"
#include "cmocka_all.h"

/* Whether the index gives `place` for the hash, and how many times. */
static int times_found(const struct index *index, uint64_t hash, uint32_t place)
{
    uint32_t cursor = 0, found;
    int times = 0;
    while (index_next(index, hash, &cursor, &found))
        times += found == place;
    return times;
}

static void an_empty_index_finds_nothing(void **state)
{
    (void)state;
    struct index index = {.slots = NULL};
    uint32_t cursor = 0, place;
    assert_false(index_next(&index, 1, &cursor, &place));
    index_remove(&index, 1, 1);
    index_finish(&index);
}

static void every_place_is_found_once(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    struct index index = {.slots = NULL};
    for (uint32_t i = 0; i < COUNT; i++)
        index_add(&index, hash_number(i), i);
    assert_int_equal(index.count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(times_found(&index, hash_number(i), i), 1);
    for (uint32_t i = COUNT; i < 2 * COUNT; i++)
        assert_int_equal(times_found(&index, hash_number(i), i), 0);
    index_finish(&index);
    assert_int_equal(index.count, 0);
}

static void removed_places_are_gone_and_the_others_stay(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    struct index index = {.slots = NULL};
    for (uint32_t i = 0; i < COUNT; i++)
        index_add(&index, hash_number(i), i);
    for (uint32_t i = 0; i < COUNT; i += 3)
        index_remove(&index, hash_number(i), i);
    index_remove(&index, hash_number(1), 2); /* not there: another hash's place */
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(times_found(&index, hash_number(i), i), i % 3 != 0);
    assert_int_equal(index.count, COUNT - COUNT / 3);
    index_finish(&index);
}

static void equal_hashes_live_side_by_side(void **state)
{
    (void)state;
    struct index index = {.slots = NULL};
    for (uint32_t i = 0; i < 200; i++)
        index_add(&index, 0xffffffffffffffffu, i);
    for (uint32_t i = 0; i < 200; i++)
        assert_int_equal(times_found(&index, 0xffffffffffffffffu, i), 1);
    index_remove(&index, 0xffffffffffffffffu, 100);
    assert_int_equal(times_found(&index, 0xffffffffffffffffu, 100), 0);
    assert_int_equal(times_found(&index, 0xffffffffffffffffu, 199), 1);
    index_finish(&index);
}

/* Slots of removed entries are used again: churn does not make the index grow for ever. */
static void churn_does_not_grow_the_index(void **state)
{
    (void)state;
    struct index index = {.slots = NULL};
    for (uint32_t i = 0; i < 100000; i++) {
        index_add(&index, hash_number(i), i % 1000);
        if (i >= 50)
            index_remove(&index, hash_number(i - 50), (i - 50) % 1000);
    }
    assert_int_equal(index.count, 50);
    assert_in_range(index.capacity, 64, 1024);
    index_finish(&index);
}

static void hashes_differ_in_their_low_bits(void **state)
{
    (void)state;
    bool seen[256] = {false};
    int different = 0;
    for (uint64_t i = 0; i < 256; i++) {
        unsigned low = hash_number(i) & 255;
        different += !seen[low];
        seen[low] = true;
    }
    assert_in_range(different, 120, 256); /* about 162 when they are random */
    assert_true(hash_text(TEXT("a")) == hash_bytes("a", 1));
    assert_true(hash_text(TEXT("a")) != hash_text(TEXT("b")));
    assert_true(hash_text((text){NULL, 0}) == hash_bytes("", 0));
}

static void a_reserved_index_keeps_its_entries_and_does_not_grow(void **state)
{
    (void)state;
    enum { BEFORE = 100, ALL = 50000 };
    struct index index = {.slots = NULL};
    for (uint32_t i = 0; i < BEFORE; i++)
        index_add(&index, hash_number(i), i);
    index_reserve(&index, ALL);
    uint32_t capacity = index.capacity;
    for (uint32_t i = BEFORE; i < ALL; i++) {
        index_prefetch(&index, hash_number(i));
        index_add(&index, hash_number(i), i);
    }
    assert_int_equal(index.capacity, capacity);
    for (uint32_t i = 0; i < ALL; i++)
        assert_int_equal(times_found(&index, hash_number(i), i), 1);
    index_reserve(&index, BEFORE); /* fewer than there are: nothing */
    assert_int_equal(index.capacity, capacity);
    index_finish(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_index_finds_nothing),
        cmocka_unit_test(every_place_is_found_once),
        cmocka_unit_test(removed_places_are_gone_and_the_others_stay),
        cmocka_unit_test(equal_hashes_live_side_by_side),
        cmocka_unit_test(churn_does_not_grow_the_index),
        cmocka_unit_test(a_reserved_index_keeps_its_entries_and_does_not_grow),
        cmocka_unit_test(hashes_differ_in_their_low_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
