/* pack_test.c: records of a batch, packed and back: any lengths, any bytes, and damage. */
#include "base/hash.h"
#include "cmocka_all.h"
#include "tts/journal/pack.h"

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    return (uint32_t)(hash_number(++*seed) % below);
}

static void put_record(struct buffer *records, const void *bytes, uint32_t length)
{
    buffer_put(records, &length, sizeof length);
    buffer_put(records, bytes, length);
}

static void check_comes_back(const struct buffer *records, struct buffer *packed)
{
    struct buffer back = {.at = NULL};
    records_pack(buffer_text(records), packed);
    char *at = buffer_reserve(&back, records->length + 1);
    at[records->length] = 'e';
    assert_true(records_unpack(buffer_text(packed), at, records->length));
    assert_int_equal(at[records->length], 'e');
    assert_memory_equal(at, records->at, records->length);
    buffer_finish(&back);
}

static void nothing_packs_to_nothing(void **state)
{
    (void)state;
    struct buffer records = {.at = NULL}, packed = {.at = NULL};
    char none;
    records_pack(buffer_text(&records), &packed);
    assert_int_equal(packed.length, 0);
    assert_true(records_unpack((text){NULL, 0}, &none, 0));
    assert_false(records_unpack((text){NULL, 0}, &none, 1));
    buffer_finish(&packed);
}

/* Lengths around each border of the format, with bytes that are drawn, few, or all ones. */
static void records_of_any_length_come_back(void **state)
{
    (void)state;
    static char bytes[70000];
    struct buffer records = {.at = NULL}, packed = {.at = NULL};
    uint64_t seed = 7;
    for (uint32_t length = 0; length < sizeof bytes; length += length < 1300 ? 1 : 977) {
        uint32_t every = 1 + draw(&seed, 40);
        memset(bytes, draw(&seed, 3) ? 0 : 0xff, length);
        for (uint32_t i = 0; i < length; i += 1 + draw(&seed, every))
            bytes[i] = (char)draw(&seed, 256);
        put_record(&records, bytes, length);
        if (length)
            bytes[draw(&seed, length)] ^= 1;
        put_record(&records, bytes, length);
    }
    check_comes_back(&records, &packed);
    buffer_finish(&records);
    buffer_finish(&packed);
}

static void records_with_a_few_changed_numbers_become_small(void **state)
{
    (void)state;
    enum { WORDS = 55, COUNT = 1000 };
    struct buffer records = {.at = NULL}, packed = {.at = NULL};
    uint64_t record[WORDS], seed = 1;
    for (int i = 0; i < WORDS; i++)
        record[i] = hash_number((uint64_t)i);
    for (int i = 0; i < COUNT; i++) {
        record[3]++;
        record[20] += 2;
        record[54] ^= (uint64_t)draw(&seed, 256) << 48;
        put_record(&records, record, sizeof record);
    }
    check_comes_back(&records, &packed);
    /* length, mask, and mostly three words of two bytes */
    assert_true(packed.length < COUNT * (1 + 7 + 3 * 2 + 1) + sizeof record * 2);
    buffer_finish(&records);
    buffer_finish(&packed);
}

static void make_some(struct buffer *records, uint64_t seed)
{
    uint64_t record[80];
    for (int i = 0; i < 80; i++)
        record[i] = hash_number(seed + (uint64_t)i);
    for (int i = 0; i < 12; i++) {
        record[draw(&seed, 80)] += draw(&seed, 1000);
        put_record(records, record, i % 3 == 0 ? 640 : i % 3 == 1 ? 90 : 21);
    }
}

/* Each prefix of what was packed is refused, and so is another length. */
static void what_is_cut_off_is_refused(void **state)
{
    (void)state;
    struct buffer records = {.at = NULL}, packed = {.at = NULL};
    make_some(&records, 3);
    records_pack(buffer_text(&records), &packed);
    char *back = memory_get(records.length + 1);
    for (size_t length = 0; length < packed.length; length++) {
        char *copy = memory_get(length); /* of that length, so that reading behind it is noticed */
        memcpy(copy, packed.at, length);
        assert_false(records_unpack((text){copy, length}, back, records.length));
        free(copy);
    }
    assert_false(records_unpack(buffer_text(&packed), back, records.length - 1));
    assert_false(records_unpack(buffer_text(&packed), back, records.length + 1));
    free(back);
    buffer_finish(&records);
    buffer_finish(&packed);
}

/* What comes of damage does not matter, but it stays within its memory. */
static void damage_stays_within_its_memory(void **state)
{
    (void)state;
    struct buffer records = {.at = NULL}, packed = {.at = NULL};
    make_some(&records, 4);
    records_pack(buffer_text(&records), &packed);
    char *copy = memory_get(packed.length), *back = memory_get(records.length);
    uint64_t seed = 5;
    size_t refused = 0, changed = 0;
    for (int i = 0; i < 20000; i++) {
        memcpy(copy, packed.at, packed.length);
        for (uint32_t n = 1 + draw(&seed, 3); n > 0; n--)
            copy[draw(&seed, (uint32_t)packed.length)] = (char)draw(&seed, 256);
        if (!records_unpack((text){copy, packed.length}, back, records.length))
            refused++;
        else
            changed += memcmp(back, records.at, records.length) != 0;
    }
    assert_true(refused > 1000 && changed > 1000);
    free(copy);
    free(back);
    buffer_finish(&records);
    buffer_finish(&packed);
}

static void words_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *packed;
        size_t length, of;
        bool good;
    } cases[] = {
        {"\x81\x08\x01\x01\x05", 5, 12, true},  /* a record of 8 bytes, its word is 5 */
        {"\x81\x08\x00", 3, 12, true},          /* of zeros */
        {"\x81\x08\x00\x01\x00", 5, 24, true},  /* and one as that */
        {"\x81\x08\x00\x02\x00", 5, 24, false}, /* as one that was not there */
        {"\x01\x00", 2, 12, false},
        {"\xc1\x08\x00", 3, 12, false},         /* a slot beyond all */
        {"\x81\x08\x02\x01\x05", 5, 12, false}, /* a second word */
        {"\x81\x08\x01\x00", 4, 12, false},     /* a word of no bytes */
        {"\x81\x08\x01\x09"
         "123456789",
         13, 12, false},                                /* of nine */
        {"\x81\x08\x01\x81\x05", 5, 12, false},         /* behind its end */
        {"\x81\x08\x01\x71\x05", 5, 12, true},          /* its last byte */
        {"\x81\x88\x80\x80\x80\x80\x00", 7, 12, false}, /* a length of too many bytes */
        {"\x81\xff\xff\xff\xff\x7f", 6, 12, false},     /* a length beyond all records */
        {"\x81\x00\x01", 3, 8, true},                   /* two records of nothing */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char back[24];
        assert_int_equal(
            records_unpack((text){cases[i].packed, cases[i].length}, back, cases[i].of),
            cases[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_packs_to_nothing),
        cmocka_unit_test(records_of_any_length_come_back),
        cmocka_unit_test(records_with_a_few_changed_numbers_become_small),
        cmocka_unit_test(what_is_cut_off_is_refused),
        cmocka_unit_test(damage_stays_within_its_memory),
        cmocka_unit_test(words_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
