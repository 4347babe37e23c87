/* fanout.c: see fanout.h. Writing is what a gateway's time goes to: a system call per frame costs
 * ten times what it costs to let sixteen frames share one, so frames are gathered and never copied.
 */
#include "webctp/fanout.h"
#include "base/buffer.h"
#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { RING_CAPACITY_FIRST = 16, RING_CAPACITY_KEPT = 1024 };

static struct frame **slot_of(const struct outbox *outbox, uint64_t number)
{
    return &outbox->ring[number & (outbox->capacity - 1)];
}

static void grow(struct outbox *outbox)
{
    uint32_t capacity = outbox->capacity ? outbox->capacity * 2 : RING_CAPACITY_FIRST;
    struct frame **ring = memory_get(capacity * sizeof(struct frame *));
    for (uint64_t n = outbox->first; n < outbox->first + outbox->count; n++)
        ring[n & (capacity - 1)] = *slot_of(outbox, n);
    free(outbox->ring);
    outbox->ring = ring;
    outbox->capacity = capacity;
}

static void append(struct outbox *outbox, struct frame *frame)
{
    if (outbox->count == outbox->capacity)
        grow(outbox);
    *slot_of(outbox, outbox->first + outbox->count) = frame;
    outbox->count++;
    outbox->bytes += frame->size;
}

/* Puts a newer tick where an older one of its instrument waits. */
static void replace(struct outbox *outbox, uint64_t number, struct frame *frame)
{
    struct frame **slot = slot_of(outbox, number);
    outbox->bytes += frame->size;
    outbox->bytes -= (*slot)->size;
    frame_release(*slot);
    *slot = frame;
    outbox->conflated++;
}

/* The reader has fallen behind: of each instrument only the newest of the waiting ticks stays,
 * where the oldest stood. */
static void become_slow(struct outbox *outbox)
{
    outbox->slow = true;
    uint64_t end = outbox->first + outbox->count, kept = outbox->first;
    for (uint64_t n = outbox->first; n < end; n++) {
        struct frame *frame = *slot_of(outbox, n);
        uint64_t earlier;
        if (frame->instrument != FRAME_NO_INSTRUMENT &&
            conflation_find(&outbox->conflation, frame->instrument, outbox->first, &earlier)) {
            outbox->bytes -= frame->size; /* counted where it goes */
            replace(outbox, earlier, frame);
            continue;
        }
        if (frame->instrument != FRAME_NO_INSTRUMENT)
            conflation_put(&outbox->conflation, frame->instrument, kept);
        *slot_of(outbox, kept++) = frame;
    }
    outbox->count = (uint32_t)(kept - outbox->first);
}

static void become_fast(struct outbox *outbox)
{
    outbox->slow = false;
    conflation_finish(&outbox->conflation);
}

bool outbox_push_with_care(struct outbox *outbox, struct frame *frame,
                           const struct outbox_limits *limits)
{
    if (!outbox->slow && outbox->bytes > limits->conflate_bytes)
        become_slow(outbox);
    if (outbox->slow && frame->instrument != FRAME_NO_INSTRUMENT) {
        uint64_t number;
        if (conflation_find(&outbox->conflation, frame->instrument, outbox->first, &number)) {
            replace(outbox, number, frame_acquire(frame));
            return true;
        }
    }
    if (outbox->bytes + frame->size > limits->bytes_max)
        return false;
    if (outbox->slow && frame->instrument != FRAME_NO_INSTRUMENT)
        conflation_put(&outbox->conflation, frame->instrument, outbox->first + outbox->count);
    append(outbox, frame_acquire(frame));
    return true;
}

/* An empty outbox begins anew: fast, and without the memory of a long queue. */
static void emptied(struct outbox *outbox)
{
    if (outbox->slow)
        become_fast(outbox);
    if (outbox->capacity > RING_CAPACITY_KEPT) {
        free(outbox->ring);
        outbox->ring = NULL;
        outbox->capacity = 0;
    }
}

struct frame *outbox_pop(struct outbox *outbox)
{
    if (outbox->count == 0)
        return NULL;
    struct frame *frame = *slot_of(outbox, outbox->first);
    outbox->first++;
    outbox->count--;
    outbox->bytes -= frame->size;
    if (outbox->count == 0)
        emptied(outbox);
    return frame;
}

/* What one system call is given. */
struct batch {
    struct iovec pieces[OUTBOX_BATCH_MAX];
    uint32_t count;
    size_t bytes;
};

static void gather(const struct outbox *outbox, struct batch *batch)
{
    batch->count = outbox->count < OUTBOX_BATCH_MAX ? outbox->count : OUTBOX_BATCH_MAX;
    batch->bytes = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        struct frame *frame = *slot_of(outbox, outbox->first + i);
        batch->pieces[i] = (struct iovec){frame->bytes, frame->size};
        batch->bytes += frame->size;
    }
}

/* The socket took the whole batch, as it nearly always does. */
static void drop_batch(struct outbox *outbox, const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        frame_release(*slot_of(outbox, outbox->first + i));
    outbox->first += batch->count;
    outbox->count -= batch->count;
    outbox->bytes -= batch->bytes;
    if (outbox->count == 0)
        emptied(outbox);
}

/* Takes out what the socket took of a batch: whole frames, and a cut one into *cut. */
static void take_sent(struct outbox *outbox, size_t taken, struct frame **cut, size_t *sent)
{
    while (taken > 0) {
        struct frame *frame = outbox_pop(outbox);
        if (taken < frame->size) {
            *cut = frame;
            *sent = taken;
            return;
        }
        taken -= frame->size;
        frame_release(frame);
    }
}

enum outbox_sent outbox_send(struct outbox *outbox, int descriptor, struct frame **cut,
                             size_t *sent)
{
    struct batch batch;
    *cut = NULL;
    while (outbox->count) {
        gather(outbox, &batch);
        struct msghdr message = {.msg_iov = batch.pieces, .msg_iovlen = batch.count};
        ssize_t taken = sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? OUTBOX_FULL : OUTBOX_BROKEN;
        if ((size_t)taken == batch.bytes) {
            drop_batch(outbox, &batch);
            continue;
        }
        take_sent(outbox, (size_t)taken, cut, sent);
        if (*cut)
            return OUTBOX_FULL;
    }
    return OUTBOX_SENT_ALL;
}

void outbox_clear(struct outbox *outbox)
{
    struct frame *frame;
    while ((frame = outbox_pop(outbox)))
        frame_release(frame);
    conflation_finish(&outbox->conflation);
    free(outbox->ring);
    *outbox = (struct outbox){.first = outbox->first, .conflated = outbox->conflated};
}
