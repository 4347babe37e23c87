/* frame.c: see frame.h. The header is RFC 6455, 5.2: FIN and opcode 1, then the length in 7, 16 or
 * 64 bits; a server masks nothing. */
#include "webctp/frame.h"
#include "base/buffer.h"

enum { FIN_TEXT = 0x81, LENGTH_16 = 126, LENGTH_64 = 127 };

static size_t write_head(unsigned char *at, uint64_t length)
{
    at[0] = FIN_TEXT;
    if (length < LENGTH_16) {
        at[1] = (unsigned char)length;
        return 2;
    }
    size_t bytes = length <= UINT16_MAX ? 2 : 8;
    at[1] = bytes == 2 ? LENGTH_16 : LENGTH_64;
    for (size_t i = 0; i < bytes; i++)
        at[2 + i] = (unsigned char)(length >> 8 * (bytes - 1 - i));
    return 2 + bytes;
}

struct frame *frame_create(text payload)
{
    unsigned char head[10];
    size_t head_size = write_head(head, payload.length);
    assert(payload.length < UINT32_MAX - sizeof head);
    struct frame *frame = memory_get(sizeof *frame + head_size + payload.length);
    *frame = (struct frame){.references = 1,
                            .instrument = FRAME_NO_INSTRUMENT,
                            .size = (uint32_t)(head_size + payload.length),
                            .head_size = (uint8_t)head_size};
    memcpy(frame->bytes, head, head_size);
    if (payload.length)
        memcpy(frame->bytes + head_size, payload.at, payload.length);
    return frame;
}

text frame_bytes(const struct frame *frame)
{
    return (text){frame->bytes, frame->size};
}

text frame_payload(const struct frame *frame)
{
    return (text){frame->bytes + frame->head_size, frame->size - frame->head_size};
}
