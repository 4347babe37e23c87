/* secret.h: passwords as the counter keeps them: only as Argon2id strings of libsodium, which carry
 * their own salt and cost. A login costs its time once: afterwards the same pair of string and
 * password is known by a keyed hash, so that a thousand sessions of one user do not cost a thousand
 * times 16 ms. No plain password is kept or copied here; what was derived from one is wiped.
 *
 * Cost: 19 MiB and 2 passes, the least that OWASP's password storage guide asks of Argon2id; 16 ms
 * here. libsodium's INTERACTIVE (64 MiB, 96 ms here) would let the logins of an opening minute push
 * the order book out of the caches for most of it. Raising it later changes no data: a string
 * carries its cost, and secret_is_outdated tells which to make anew at the next login. */
#ifndef TTS_SECRET_SECRET_H
#define TTS_SECRET_SECRET_H

#include "base/text.h"

enum {
    SECRET_STRING_SIZE = 128,        /* with the ending NUL */
    SECRET_PASSWORD_BYTES_MAX = 256, /* longer ones are refused */
};

/* Makes the string to store for `password`, another one each time. Takes the whole cost. False when
 * the password is too long or memory is short. Any thread. */
bool secret_make(char string[SECRET_STRING_SIZE], text password);

/* Whether `string` (NUL-terminated) has another cost than today's, or is none at all. Any thread.
 */
bool secret_is_outdated(const char *string);

/* The pairs that have been found right. All its functions may be called from any thread. */
struct secret_cache;

/* Room for at least `pairs` pairs (1 and up), 16 bytes each; when it is full a pair replaces an
 * older one and costs its time again. The key is drawn anew, so that nothing in it means anything
 * outside of this process. Ends the process when memory is short. */
struct secret_cache *secret_cache_create(size_t pairs);

/* Wipes and frees it; NULL is fine. */
void secret_cache_destroy(struct secret_cache *cache);

/* Whether `password` is the one of `string`: about a microsecond for a pair that was found right
 * before, else the whole cost. Wrong ones are never remembered, so guessing stays slow. A NULL
 * cache remembers nothing. After a change of password the string is another, and so the old pair
 * means nothing. */
bool secret_verify(struct secret_cache *cache, const char *string, text password);

/* Only the fast half: true when the pair is known to be right; false tells nothing. A server asks
 * it on its loop and calls secret_verify on another thread for the rest. */
bool secret_cache_has(struct secret_cache *cache, const char *string, text password);

#endif
