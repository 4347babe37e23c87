/* hash.h: a fast hash of bytes for in-memory tables of trusted size. Not for secrets. The same on
 * every machine. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/text.h"

/* FNV-1a, finished with a multiply-xor so that low bits are good table indices. */
static inline uint64_t hash_bytes(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ (hash >> 32);
}

static inline uint64_t hash_text(text t)
{
    return hash_bytes(t.at, t.length);
}

static inline uint64_t hash_number(uint64_t number)
{
    number ^= number >> 32;
    number *= 0xd6e8feb86659fd93u;
    number ^= number >> 32;
    number *= 0xd6e8feb86659fd93u;
    return number ^ (number >> 32);
}

#endif
