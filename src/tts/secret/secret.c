/* secret.c: password strings by libsodium, and the cache of right pairs, see secret.h. */
#include "tts/secret/secret.h"

#include "base/buffer.h"

#include <pthread.h>
#include <sodium.h>

enum {
    PASSES = 2,
    MEMORY_BYTES = 19 << 20,
    TAG_BYTES = 16,
    WAYS = 4, /* places in which a pair may stand */
};

_Static_assert(SECRET_STRING_SIZE == crypto_pwhash_STRBYTES, "the string's size is libsodium's");

struct tag {
    unsigned char bytes[TAG_BYTES]; /* all zero: empty */
};

struct secret_cache {
    unsigned char *key; /* memory of libsodium: not swapped, not dumped, wiped when freed */
    struct tag *tags;   /* sets * WAYS */
    size_t sets;        /* a power of two */
    size_t oldest;      /* which way of a full set goes next */
    pthread_mutex_t mutex;
};

static void sodium_start(void)
{
    if (sodium_init() >= 0)
        return;
    fputs("libsodium cannot start: no source of random numbers\n", stderr);
    abort();
}

bool secret_make(char string[SECRET_STRING_SIZE], text password)
{
    sodium_start();
    return password.length <= SECRET_PASSWORD_BYTES_MAX &&
           crypto_pwhash_str(string, password.at, password.length, PASSES, MEMORY_BYTES) == 0;
}

bool secret_is_outdated(const char *string)
{
    sodium_start();
    return crypto_pwhash_str_needs_rehash(string, PASSES, MEMORY_BYTES) != 0;
}

struct secret_cache *secret_cache_create(size_t pairs)
{
    sodium_start();
    struct secret_cache *cache = memory_get_zeroed(1, sizeof *cache);
    cache->sets = 1;
    while (cache->sets * WAYS < pairs)
        cache->sets *= 2;
    cache->tags = memory_get_zeroed(cache->sets * WAYS, sizeof *cache->tags);
    cache->key = sodium_malloc(crypto_generichash_KEYBYTES);
    if (!cache->key) {
        fputs("no memory for the key of the password cache\n", stderr);
        abort();
    }
    randombytes_buf(cache->key, crypto_generichash_KEYBYTES);
    pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

void secret_cache_destroy(struct secret_cache *cache)
{
    if (!cache)
        return;
    sodium_free(cache->key);
    sodium_memzero(cache->tags, cache->sets * WAYS * sizeof *cache->tags);
    free(cache->tags);
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

static struct tag tag_make(const struct secret_cache *cache, const char *string, text password)
{
    struct tag tag;
    crypto_generichash_state state;
    crypto_generichash_init(&state, cache->key, crypto_generichash_KEYBYTES, TAG_BYTES);
    /* With its NUL, so that no other division of the bytes gives the same. */
    crypto_generichash_update(&state, (const unsigned char *)string, strlen(string) + 1);
    crypto_generichash_update(&state, (const unsigned char *)password.at, password.length);
    crypto_generichash_final(&state, tag.bytes, TAG_BYTES);
    sodium_memzero(&state, sizeof state);
    return tag;
}

static struct tag *set_of(const struct secret_cache *cache, const struct tag *tag)
{
    size_t hash;
    memcpy(&hash, tag->bytes, sizeof hash);
    return cache->tags + (hash & (cache->sets - 1)) * WAYS;
}

bool secret_cache_has(struct secret_cache *cache, const char *string, text password)
{
    struct tag tag = tag_make(cache, string, password);
    const struct tag *set = set_of(cache, &tag);
    bool found = false;
    pthread_mutex_lock(&cache->mutex);
    for (int way = 0; way < WAYS; way++)
        found |= sodium_memcmp(set[way].bytes, tag.bytes, TAG_BYTES) == 0;
    pthread_mutex_unlock(&cache->mutex);
    sodium_memzero(&tag, sizeof tag);
    return found;
}

static void cache_add(struct secret_cache *cache, const char *string, text password)
{
    struct tag tag = tag_make(cache, string, password);
    struct tag *set = set_of(cache, &tag);
    pthread_mutex_lock(&cache->mutex);
    size_t way = 0;
    while (way < WAYS && !sodium_is_zero(set[way].bytes, TAG_BYTES))
        way++;
    if (way == WAYS)
        way = cache->oldest++ % WAYS;
    set[way] = tag;
    pthread_mutex_unlock(&cache->mutex);
    sodium_memzero(&tag, sizeof tag);
}

bool secret_verify(struct secret_cache *cache, const char *string, text password)
{
    sodium_start();
    if (password.length > SECRET_PASSWORD_BYTES_MAX)
        return false;
    if (cache && secret_cache_has(cache, string, password))
        return true;
    if (crypto_pwhash_str_verify(string, password.at, password.length) != 0)
        return false;
    if (cache)
        cache_add(cache, string, password);
    return true;
}
