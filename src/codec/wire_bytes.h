/* wire_bytes.h: little-endian numbers and counted texts, into a buffer and out of hostile bytes.
 * Private to wire*.c. */
#ifndef CODEC_WIRE_BYTES_H
#define CODEC_WIRE_BYTES_H

#include "base/buffer.h"

/* Numbers and structs are copied as they stand in memory: CTP's libraries exist for little-endian
 * machines only. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire is little-endian");

static inline void put_u8(struct buffer *out, uint8_t value)
{
    buffer_put(out, &value, sizeof value);
}

static inline void put_u16(struct buffer *out, uint16_t value)
{
    buffer_put(out, &value, sizeof value);
}

static inline void put_u32(struct buffer *out, uint32_t value)
{
    buffer_put(out, &value, sizeof value);
}

static inline void put_u64(struct buffer *out, uint64_t value)
{
    buffer_put(out, &value, sizeof value);
}

/* Cuts `length` bytes from the front of `rest` into `bytes`. False, and nothing moves, when there
 * are fewer. */
static inline bool take(text *rest, void *bytes, size_t length)
{
    if (rest->length < length)
        return false;
    memcpy(bytes, rest->at, length);
    *rest = (text){rest->at + length, rest->length - length};
    return true;
}

/* Cuts a text of `length` bytes from the front of `rest`, borrowed. */
static inline bool take_text(text *rest, size_t length, text *taken)
{
    if (rest->length < length)
        return false;
    *taken = (text){rest->at, length};
    *rest = (text){rest->at + length, rest->length - length};
    return true;
}

#endif
