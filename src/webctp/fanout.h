/* fanout.h: what waits to be written to one connection: a queue of shared frames, and the batch
 * path that writes up to 64 of them with one `sendmsg`. A reader that falls behind gets the newest
 * tick of each instrument; everything else is kept for it, up to a limit in bytes. Loop thread
 * only; knows sockets as descriptors and nothing of the WebSocket library. */
#ifndef WEBCTP_FANOUT_H
#define WEBCTP_FANOUT_H

#include "webctp/conflate.h"
#include "webctp/frame.h"

enum { OUTBOX_BATCH_MAX = 64 };

struct outbox_limits {
    size_t conflate_bytes; /* waiting bytes from which on ticks are conflated */
    size_t bytes_max;      /* waiting bytes that are too many */
};

/* Zeroed, an outbox is empty and owns nothing. Frames are numbered from 0 as they are queued. */
struct outbox {
    struct frame **ring; /* frame number n stands at ring[n % capacity] */
    uint32_t capacity;   /* a power of two, or 0 */
    uint32_t count;
    uint64_t first; /* number of the oldest frame */
    size_t bytes;
    bool slow; /* ticks are being conflated */
    struct conflation conflation;
    uint64_t conflated; /* ticks dropped in favour of newer ones, so far */
};

/* outbox_push for an outbox that is slow, must grow, or is near a limit. */
bool outbox_push_with_care(struct outbox *outbox, struct frame *frame,
                           const struct outbox_limits *limits);

/* Queues a frame, taking a reference of its own. False when more than bytes_max would wait: then
 * nothing was queued. The usual case is inline: it runs once for each frame and connection. */
static inline bool outbox_push(struct outbox *outbox, struct frame *frame,
                               const struct outbox_limits *limits)
{
    if (outbox->slow || outbox->count == outbox->capacity ||
        outbox->bytes > limits->conflate_bytes || outbox->bytes + frame->size > limits->bytes_max)
        return outbox_push_with_care(outbox, frame, limits);
    outbox->ring[(outbox->first + outbox->count++) & (outbox->capacity - 1)] = frame_acquire(frame);
    outbox->bytes += frame->size;
    return true;
}

/* Takes the oldest frame out; the caller gets its reference. NULL when empty. */
struct frame *outbox_pop(struct outbox *outbox);

/* What one call of outbox_send did. */
enum outbox_sent {
    OUTBOX_SENT_ALL, /* the outbox is empty */
    OUTBOX_FULL,     /* the socket takes no more now; `*cut` tells whether a frame was cut */
    OUTBOX_BROKEN,   /* the connection is gone */
};

/* Writes frames to a non-blocking socket until all are out or it takes no more. When a frame was
 * cut, `*cut` is that frame (the caller's reference) and `*sent` the bytes of it that went out: the
 * rest must be written before anything else. */
enum outbox_sent outbox_send(struct outbox *outbox, int descriptor, struct frame **cut,
                             size_t *sent);

/* Drops all that waits. The outbox can be used on. */
void outbox_clear(struct outbox *outbox);

#endif
