/* frame.h: one WebSocket text frame, encoded once and shared by reference with every connection
 * that gets it. Any thread may make one; from the moment it is handed to the loop only the loop's
 * thread touches its count, so the count is a plain number. */
#ifndef WEBCTP_FRAME_H
#define WEBCTP_FRAME_H

#include "base/text.h"
#include <assert.h>

/* `instrument` of a frame that is no tick: such a frame is never replaced by a newer one. */
#define FRAME_NO_INSTRUMENT UINT32_MAX

struct frame {
    uint32_t references;
    uint32_t instrument; /* the market data hub's number of the tick's instrument */
    uint32_t size;       /* of bytes[]: header and payload */
    uint8_t head_size;   /* 2, 4 or 10 */
    char bytes[];
};

/* A final, unmasked text frame around a copy of `payload` (UTF-8), with one reference: the
 * caller's. */
struct frame *frame_create(text payload);

/* Loop thread. Adds a reference and gives the frame back; drops one, freeing with the last (NULL is
 * allowed). Inline, because they are what a frame costs for each connection that gets it. */
static inline struct frame *frame_acquire(struct frame *frame)
{
    assert(frame->references > 0);
    frame->references++;
    return frame;
}

static inline void frame_release(struct frame *frame)
{
    if (!frame)
        return;
    assert(frame->references > 0);
    if (--frame->references == 0)
        free(frame);
}

/* The whole frame as it goes on the wire, and the payload in it. Borrowed from the frame. */
text frame_bytes(const struct frame *frame);
text frame_payload(const struct frame *frame);

#endif
