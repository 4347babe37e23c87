/* words.h: pieces of memory compared in words of eight bytes. For what is kept as its differences
 * from something like it. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <emmintrin.h>
#include <stdint.h>
#include <string.h>

enum { WORDS_MAX = 64 };

static inline uint64_t word_at(const void *bytes, unsigned word)
{
    uint64_t value;
    memcpy(&value, (const char *)bytes + 8 * word, sizeof value);
    return value;
}

/* The words, of at most WORDS_MAX, in which `a` and `b` differ: a bit for each, the first one the
 * lowest. Two at a time, with what every x86-64 has. */
static inline uint64_t words_that_differ(const void *a, const void *b, unsigned words)
{
    const char *from = a, *with = b;
    uint64_t same = 0;
    unsigned word = 0;
#pragma GCC unroll 32
    for (; word + 2 <= words; word += 2) {
        __m128i halves =
            _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(const void *)(from + 8 * word)),
                            _mm_loadu_si128((const __m128i *)(const void *)(with + 8 * word)));
        __m128i equal = _mm_and_si128(halves, _mm_shuffle_epi32(halves, _MM_SHUFFLE(2, 3, 0, 1)));
        same |= (uint64_t)(unsigned)_mm_movemask_pd(_mm_castsi128_pd(equal)) << word;
    }
    if (word < words)
        same |= (uint64_t)(word_at(a, word) == word_at(b, word)) << word;
    return words ? ~same & (UINT64_MAX >> (WORDS_MAX - words)) : 0;
}

#endif
