/* pack.c: see pack.h. The packer remembers one record in each of 64 slots; which slot a record goes
 * to is the packer's choice. A packed record is
 *
 *     its slot      a byte; with the top bit set the record is like nothing before it, and its
 *                   length follows, 7 bits a byte, lowest first, the top bit: more follows; else
 *                   it has the length of the slot's record
 *     its words     of eight bytes, for each 64 of them: which differ from those of the slot's
 *                   record, a bit each; for each of these a byte (zero bytes at the low end times
 *                   16, plus the bytes that count) and these bytes of the exclusive or of both
 *     its end       the bytes behind the last whole word
 *
 * What is like nothing before it differs from zeros. */
#include "tts/journal/pack.h"
#include "base/hash.h"
#include "base/words.h"
#include "tts/journal/internal.h"
#include <assert.h>

enum {
    SLOTS = 64,
    IS_NEW = 0x80,
    BLOCK = 8 * WORDS_MAX,
    WORD_BYTES_MAX = 1 + 8, /* of one word, packed */
    LENGTH_BYTES_MAX = 5,
};

/* The last record of a slot; at NULL without one. */
struct earlier {
    const char *at;
    size_t length;
};

static const char zeros[BLOCK];

/* Records of one length that begin alike are likely to be alike. */
static unsigned slot_of(const char *record, size_t length)
{
    uint64_t start = length < 8 ? 0 : word_at(record, 0);
    return (unsigned)(hash_number(start + length) % SLOTS);
}

static unsigned words_of_block(size_t length, size_t block)
{
    return (unsigned)((length - block < BLOCK ? length - block : BLOCK) / 8);
}

static unsigned bytes_of_mask(unsigned words)
{
    return (words + 7) / 8;
}

/* ---- packing ---- */

/* Writes up to WORD_BYTES_MAX bytes, of which only those before the end that it gives count. */
static char *put_word(char *out, uint64_t difference)
{
    unsigned low = (unsigned)__builtin_ctzll(difference) / 8;
    difference >>= 8 * low;
    unsigned count = 8 - (unsigned)__builtin_clzll(difference) / 8;
    *out++ = (char)(low << 4 | count);
    memcpy(out, &difference, sizeof difference);
    return out + count;
}

static char *put_length(char *out, size_t length)
{
    for (; length >= 0x80; length >>= 7)
        *out++ = (char)(length | 0x80);
    *out++ = (char)length;
    return out;
}

static char *put_words(char *out, const char *record, size_t length, const char *earlier)
{
    size_t block = 0;
    for (; length - block >= 8; block += 8 * words_of_block(length, block)) {
        unsigned words = words_of_block(length, block);
        const char *from = record + block, *with = earlier ? earlier + block : zeros;
        uint64_t mask = words_that_differ(from, with, words);
        memcpy(out, &mask, sizeof mask);
        out += bytes_of_mask(words);
        for (; mask; mask &= mask - 1) {
            unsigned word = (unsigned)__builtin_ctzll(mask);
            out = put_word(out, word_at(from, word) ^ word_at(with, word));
        }
    }
    memcpy(out, record + block, length - block);
    return out + (length - block);
}

void records_pack(text records, struct buffer *out)
{
    struct earlier slots[SLOTS] = {{NULL, 0}};
    buffer_clear(out);
    while (records.length) {
        uint32_t length;
        assert(records.length >= sizeof length);
        memcpy(&length, records.at, sizeof length);
        const char *record = records.at + sizeof length;
        assert(length <= records.length - sizeof length);
        unsigned number = slot_of(record, length);
        struct earlier *slot = &slots[number];
        bool is_new = !slot->at || slot->length != length;
        size_t words = length / 8;
        char *at = buffer_reserve(out, 1 + LENGTH_BYTES_MAX + words * WORD_BYTES_MAX +
                                           (words / WORDS_MAX + 1) * sizeof(uint64_t) + 8);
        *at++ = (char)(is_new ? number | IS_NEW : number);
        if (is_new)
            at = put_length(at, length);
        at = put_words(at, record, length, is_new ? NULL : slot->at);
        out->length = (size_t)(at - out->at);
        *slot = (struct earlier){record, length};
        records.at = record + length;
        records.length -= sizeof length + length;
    }
}

/* ---- unpacking ---- */

static bool take_length(text *in, size_t *length)
{
    *length = 0;
    for (unsigned shift = 0; in->length; shift += 7) {
        unsigned char byte = (unsigned char)*in->at++;
        in->length--;
        *length |= (size_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return *length <= JOURNAL_RECORD_BYTES_MAX;
        if (shift >= 7 * (LENGTH_BYTES_MAX - 1))
            return false;
    }
    return false;
}

static bool take_bytes(text *in, void *to, size_t count)
{
    if (in->length < count)
        return false;
    memcpy(to, in->at, count);
    in->at += count;
    in->length -= count;
    return true;
}

static bool take_word(text *in, uint64_t *difference)
{
    if (in->length == 0)
        return false;
    unsigned low = (unsigned char)*in->at >> 4, count = *in->at & 15;
    in->at++;
    in->length--;
    *difference = 0;
    if (count == 0 || low + count > 8 || !take_bytes(in, difference, count))
        return false;
    *difference <<= 8 * low;
    return true;
}

static bool take_block(text *in, char *to, const char *earlier, unsigned words)
{
    uint64_t mask = 0;
    if (!take_bytes(in, &mask, bytes_of_mask(words)) || (words < WORDS_MAX && mask >> words))
        return false;
    memcpy(to, earlier, 8 * (size_t)words);
    for (; mask; mask &= mask - 1) {
        unsigned word = (unsigned)__builtin_ctzll(mask);
        uint64_t difference;
        if (!take_word(in, &difference))
            return false;
        difference ^= word_at(to, word);
        memcpy(to + 8 * word, &difference, sizeof difference);
    }
    return true;
}

static bool take_words(text *in, char *to, size_t length, const char *earlier)
{
    size_t block = 0;
    for (; length - block >= 8; block += 8 * words_of_block(length, block))
        if (!take_block(in, to + block, earlier ? earlier + block : zeros,
                        words_of_block(length, block)))
            return false;
    return take_bytes(in, to + block, length - block);
}

/* The slot of the next record; its `at` becomes NULL and its length is read when it is new. */
static struct earlier *take_slot(text *in, struct earlier *slots)
{
    unsigned char byte = (unsigned char)*in->at++;
    in->length--;
    if ((byte & ~IS_NEW) >= SLOTS)
        return NULL;
    struct earlier *slot = &slots[byte & ~IS_NEW];
    if (!(byte & IS_NEW))
        return slot->at ? slot : NULL;
    slot->at = NULL;
    return take_length(in, &slot->length) ? slot : NULL;
}

bool records_unpack(text packed, char *to, size_t length)
{
    struct earlier slots[SLOTS] = {{NULL, 0}};
    while (packed.length) {
        struct earlier *slot = take_slot(&packed, slots);
        uint32_t prefix;
        if (!slot || length < sizeof prefix + slot->length)
            return false;
        prefix = (uint32_t)slot->length;
        memcpy(to, &prefix, sizeof prefix);
        to += sizeof prefix;
        if (!take_words(&packed, to, slot->length, slot->at))
            return false;
        slot->at = to;
        to += slot->length;
        length -= sizeof prefix + slot->length;
    }
    return length == 0;
}
