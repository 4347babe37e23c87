/* words_test.c: memory compared word by word. */
#include "base/hash.h"
#include "base/words.h"
#include "cmocka_all.h"

static void each_changed_bit_is_seen_in_its_word_and_nowhere_else(void **state)
{
    (void)state;
    unsigned char a[8 * WORDS_MAX], b[8 * WORDS_MAX];
    for (unsigned i = 0; i < sizeof a; i++)
        a[i] = b[i] = (unsigned char)hash_number(i);
    for (unsigned words = 0; words <= WORDS_MAX; words++)
        for (unsigned byte = 0; byte < sizeof a; byte++) {
            b[byte] ^= (unsigned char)(1u << byte % 8);
            uint64_t expected = byte / 8 < words ? UINT64_C(1) << byte / 8 : 0;
            assert_int_equal(words_that_differ(a, b, words), expected);
            b[byte] = a[byte];
        }
}

static void all_words_may_differ(void **state)
{
    (void)state;
    unsigned char a[8 * WORDS_MAX] = {0}, b[8 * WORDS_MAX];
    memset(b, 1, sizeof b);
    assert_true(words_that_differ(a, b, WORDS_MAX) == UINT64_MAX);
    assert_int_equal(words_that_differ(a, b, 3), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_changed_bit_is_seen_in_its_word_and_nowhere_else),
        cmocka_unit_test(all_words_may_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
