/* checksum.h: the 64-bit checksum of stored bytes. It finds damage, not forgery. Four lanes of
 * eight bytes, so that it runs at memory speed; each step is reversible, so one changed word always
 * changes the sum. Machines are little-endian. */
#ifndef TTS_JOURNAL_CHECKSUM_H
#define TTS_JOURNAL_CHECKSUM_H

#include "base/hash.h"
#include "base/text.h"

static inline uint64_t checksum_step(uint64_t lane, uint64_t word)
{
    lane = (lane ^ word) * 0x9e3779b97f4a7c15u;
    return lane << 29 | lane >> 35;
}

/* `seed` tells apart equal bytes in different places: a sequence, a part's number, the sum of what
 * came before. */
static inline uint64_t checksum_bytes(uint64_t seed, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t lane[4] = {hash_number(seed + 1), hash_number(seed + 2), hash_number(seed + 3),
                        hash_number(seed + 4)};
    uint64_t word[4] = {0};
    size_t left = length;
    for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
        memcpy(word, at, sizeof word);
        for (int i = 0; i < 4; i++)
            lane[i] = checksum_step(lane[i], word[i]);
    }
    memset(word, 0, sizeof word);
    if (left)
        memcpy(word, at, left);
    uint64_t sum = length;
    for (int i = 0; i < 4; i++)
        sum = hash_number(checksum_step(sum, checksum_step(lane[i], word[i])));
    return sum;
}

/* Of a batch as it is stored: its numbers, and the column `records`, packed or not. So nothing is
 * unpacked that was not packed here. */
static inline uint64_t checksum_batch(uint64_t first, uint64_t count, uint64_t bytes, text records)
{
    return checksum_bytes(hash_number(first ^ count << 48) ^ bytes, records.at, records.length);
}

#endif
