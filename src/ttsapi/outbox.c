/* outbox.c: bytes on their way to the front. With the object's lock held. */
#include "base/clock.h"
#include "ttsapi/object.h"

enum {
    SENT_KEPT_MAX = 64 << 10
}; /* sent bytes that may stand before the rest until they are dropped */

bool outbox_waits(const struct ttsapi *api)
{
    return api->out_sent < api->out.length;
}

void outbox_begin(struct ttsapi *api)
{
    if (!outbox_waits(api))
        api->stuck_ns = clock_monotonic_ns();
}

static void drop_sent(struct ttsapi *api)
{
    if (!outbox_waits(api)) {
        buffer_clear(&api->out);
        api->out_sent = 0;
    } else if (api->out_sent > SENT_KEPT_MAX) {
        buffer_drop(&api->out, api->out_sent);
        api->out_sent = 0;
    }
}

bool outbox_flush(struct ttsapi *api, bool own)
{
    if (api->stream.tls && !own) {
        object_wake(api);
        return true;
    }
    while (outbox_waits(api) && !api->write_failed) {
        ssize_t put = stream_write(&api->stream, api->out.at + api->out_sent,
                                   api->out.length - api->out_sent);
        if (put < 0)
            api->write_failed = true;
        if (put <= 0)
            break;
        api->out_sent += (size_t)put;
        api->sent_ns = api->stuck_ns = clock_monotonic_ns();
    }
    drop_sent(api);
    if (!own && (outbox_waits(api) || api->write_failed))
        object_wake(api);
    return !api->write_failed;
}
