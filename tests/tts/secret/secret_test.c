/* secret_test.c: right and wrong passwords, what the stored string shows, what the cache remembers.
 */
#include "cmocka_all.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "tts/secret/secret.h"

#include <pthread.h>

static void only_the_right_password_is_accepted(void **state)
{
    (void)state;
    char string[SECRET_STRING_SIZE];
    assert_true(secret_make(string, TEXT("Aa123456!")));
    assert_true(secret_verify(NULL, string, TEXT("Aa123456!")));
    assert_false(secret_verify(NULL, string, TEXT("aa123456!")));
    assert_false(secret_verify(NULL, string, TEXT("Aa123456")));
    assert_false(secret_verify(NULL, string, TEXT("Aa123456!!")));
    assert_false(secret_verify(NULL, string, TEXT("")));
}

static void the_string_is_argon2id_with_a_salt_and_shows_no_password(void **state)
{
    (void)state;
    char first[SECRET_STRING_SIZE], second[SECRET_STRING_SIZE];
    assert_true(secret_make(first, TEXT("Aa123456!")));
    assert_true(secret_make(second, TEXT("Aa123456!")));
    assert_string_not_equal(first, second);
    assert_true(text_starts_with(text_of(first), TEXT("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_null(strstr(first, "Aa123456!"));
}

static void an_empty_password_is_a_password_and_a_long_one_is_refused(void **state)
{
    (void)state;
    char string[SECRET_STRING_SIZE], word[SECRET_PASSWORD_BYTES_MAX + 1];
    memset(word, 'x', sizeof word);
    assert_true(secret_make(string, TEXT("")));
    assert_true(secret_verify(NULL, string, TEXT("")));
    assert_false(secret_verify(NULL, string, TEXT("x")));
    assert_false(secret_make(string, (text){word, sizeof word}));
    assert_true(secret_make(string, (text){word, sizeof word - 1}));
    assert_true(secret_verify(NULL, string, (text){word, sizeof word - 1}));
    assert_false(secret_verify(NULL, string, (text){word, sizeof word}));
}

static void what_is_no_string_accepts_no_password(void **state)
{
    (void)state;
    assert_false(secret_verify(NULL, "", TEXT("")));
    assert_false(secret_verify(NULL, "Aa123456!", TEXT("Aa123456!")));
    assert_false(secret_verify(NULL, "$argon2id$v=19$m=19456,t=2,p=1$", TEXT("")));
}

static void a_string_of_another_cost_is_outdated(void **state)
{
    (void)state;
    char string[SECRET_STRING_SIZE];
    assert_true(secret_make(string, TEXT("a")));
    assert_false(secret_is_outdated(string));
    assert_true(secret_is_outdated("$argon2id$v=19$m=8192,t=1,p=1$lmdnzl72LOBGVKC5D8i8SQ$"
                                   "OPgpL8eE8JEzxfaiiK0x66dw0L7TitZzVRCClj//ry4"));
    assert_true(secret_is_outdated("plain"));
}

static void only_right_pairs_are_remembered(void **state)
{
    (void)state;
    char string[SECRET_STRING_SIZE], other[SECRET_STRING_SIZE];
    struct secret_cache *cache = secret_cache_create(100);
    assert_true(secret_make(string, TEXT("right")));
    assert_true(secret_make(other, TEXT("right")));
    assert_false(secret_verify(cache, string, TEXT("wrong")));
    assert_false(secret_cache_has(cache, string, TEXT("wrong")));
    assert_false(secret_cache_has(cache, string, TEXT("right")));
    assert_true(secret_verify(cache, string, TEXT("right")));
    assert_true(secret_cache_has(cache, string, TEXT("right")));
    assert_false(secret_cache_has(cache, string, TEXT("wrong")));
    assert_false(secret_cache_has(cache, other, TEXT("right")));
    secret_cache_destroy(cache);
    secret_cache_destroy(NULL);
}

static void a_thousand_logins_of_one_user_cost_about_one(void **state)
{
    (void)state;
    char string[SECRET_STRING_SIZE];
    struct secret_cache *cache = secret_cache_create(100);
    assert_true(secret_make(string, TEXT("right")));
    int64_t begin = clock_monotonic_ns();
    assert_true(secret_verify(cache, string, TEXT("right")));
    int64_t one = clock_monotonic_ns() - begin;
    for (int i = 0; i < 1000; i++)
        assert_true(secret_verify(cache, string, TEXT("right")));
    int64_t all = clock_monotonic_ns() - begin;
    assert_true(all < one * 100); /* without a cache: 1,000 */
    secret_cache_destroy(cache);
}

static void a_full_cache_forgets_and_still_answers_rightly(void **state)
{
    (void)state;
    char strings[9][SECRET_STRING_SIZE];
    int known = 0;
    struct secret_cache *cache = secret_cache_create(1);
    for (int i = 0; i < 9; i++) {
        assert_true(secret_make(strings[i], TEXT("right")));
        assert_true(secret_verify(cache, strings[i], TEXT("right")));
        assert_true(secret_cache_has(cache, strings[i], TEXT("right")));
    }
    for (int i = 0; i < 9; i++)
        known += secret_cache_has(cache, strings[i], TEXT("right"));
    assert_int_equal(known, 4);
    for (int i = 0; i < 9; i++)
        assert_true(secret_verify(cache, strings[i], TEXT("right")));
    secret_cache_destroy(cache);
}

struct login {
    struct secret_cache *cache;
    const char *string;
    int right;
};

static void *logins_run(void *context)
{
    struct login *login = context;
    for (int i = 0; i < 200; i++)
        login->right += secret_verify(login->cache, login->string, TEXT("right"));
    return NULL;
}

static void threads_share_one_cache(void **state)
{
    (void)state;
    char string[SECRET_STRING_SIZE];
    pthread_t threads[4];
    struct login logins[4];
    struct secret_cache *cache = secret_cache_create(16);
    assert_true(secret_make(string, TEXT("right")));
    for (int i = 0; i < 4; i++) {
        logins[i] = (struct login){.cache = cache, .string = string};
        assert_int_equal(pthread_create(&threads[i], NULL, logins_run, &logins[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(logins[i].right, 200);
    }
    secret_cache_destroy(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_right_password_is_accepted),
        cmocka_unit_test(the_string_is_argon2id_with_a_salt_and_shows_no_password),
        cmocka_unit_test(an_empty_password_is_a_password_and_a_long_one_is_refused),
        cmocka_unit_test(what_is_no_string_accepts_no_password),
        cmocka_unit_test(a_string_of_another_cost_is_outdated),
        cmocka_unit_test(only_right_pairs_are_remembered),
        cmocka_unit_test(a_thousand_logins_of_one_user_cost_about_one),
        cmocka_unit_test(a_full_cache_forgets_and_still_answers_rightly),
        cmocka_unit_test(threads_share_one_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
