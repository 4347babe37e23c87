/* object.h: what an Api object is, inside. Private to src/ttsapi.
 *
 * Threads. The client's threads call methods; one thread of the object's own connects, reads, and
 * makes every callback. `lock` guards what both touch and is never held during a callback. Methods
 * write requests to the socket themselves, without blocking; what the socket does not take, and
 * everything under TLS, is left in `out` for the object's thread, which `wake` wakes.
 *
 * Life. The creator, the thread and each Join hold a reference. Release takes the creator's away
 * and waits for the thread, but not when it is called on that thread (inside a callback) or while
 * that thread hangs in the resolver: then the thread ends, and frees, by itself. No callback begins
 * after Release has returned. */
#ifndef TTSAPI_OBJECT_H
#define TTSAPI_OBJECT_H

#include "ttsapi/connect.h"
#include "ttsapi/flow.h"
#include "ttsapi/query.h"
#include "ttsapi/stream.h"
#include "ttsapi/ttsapi.h"
#include <pthread.h>
#include <stdatomic.h>

enum {
    ADDRESSES_MAX = 64,
    OUT_MAX =
        16 << 20, /* bytes that may wait for a front that does not read; requests beyond give -1 */
    TRADING_DAYS = 4,
};

/* Why a connection ended, as OnFrontDisconnected tells it. */
enum reason {
    REASON_NONE = 0,
    REASON_READ = 0x1001,
    REASON_WRITE = 0x1002,
    REASON_SILENCE = 0x2001,
    REASON_STUCK = 0x2002,
    REASON_BROKEN = 0x2003,
    REASON_NAMED = -1, /* the name server has answered; never told */
};

enum phase {
    PHASE_DOWN,     /* no connection */
    PHASE_GREETING, /* HELLO is out, WELCOME is awaited */
    PHASE_NAMES,    /* a name server's answer is awaited */
    PHASE_OPEN,     /* OnFrontConnected is made, requests are taken */
};

struct addresses {
    size_t count;
    struct address at[ADDRESSES_MAX];
};

struct ttsapi {
    struct ctp_api_object object; /* first: what a C++ caller sees */
    enum ctp_class class, spi_class;
    const char *said;
    const struct timing *timing;
    atomic_uint references;
    atomic_bool stopping;
    _Atomic(void *) spi;

    /* GetTradingDay gives out pointers, so a new day goes to a new place before it is shown. */
    _Atomic(const char *) trading_day;
    char trading_days[TRADING_DAYS][9];
    unsigned trading_day_at;

    pthread_mutex_t lock; /* guards from here to `logged_in` */
    pthread_cond_t ended;
    bool started, finished, resolving;
    pthread_t thread;
    enum phase phase;
    struct stream stream;
    struct buffer out;
    size_t out_sent; /* bytes of `out` that the socket has taken */
    bool write_failed;
    int64_t sent_ns;  /* when the socket last took bytes */
    int64_t stuck_ns; /* since when bytes wait that it does not take */
    struct queries queries;
    struct flows flows;
    char front[WIRE_ADDRESS_MAX + 1]; /* the connected one */
    uint32_t query_rate, message_rate;
    bool logged_in;

    /* Set before Init, then read by the object's thread only; so is the rest. */
    struct addresses fronts, name_servers;
    struct addresses named; /* what the name server said */
    bool asks_names;        /* the connection is to a name server */
    size_t avoid;           /* the front that took a connection and then did not greet */
    int wake;               /* eventfd */
    struct buffer in;
    bool more_to_read;
    int64_t received_ns;
    char told[160]; /* the last line on stderr, so that it is not said again and again */
    uint64_t random;
    const struct ctp_layout *rsp_layout;
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];
    _Alignas(8) char rsp_info[CTP_STRUCT_SIZE_MAX];
};

/* object.c */
void object_acquire(struct ttsapi *api);
void object_release(struct ttsapi *api); /* frees with the last reference */
void object_wake(struct ttsapi *api);
void object_tell(struct ttsapi *api, const struct error *error); /* one line on stderr, once */
void object_call(struct ttsapi *api, const struct ctp_callback *callback);

/* outbox.c: with `lock` held. outbox_begin before bytes are added to `out`; outbox_flush gives the
 * socket what it takes, `own` says that the object's thread calls, false when the connection has
 * failed. outbox_waits: bytes are left for later. */
void outbox_begin(struct ttsapi *api);
bool outbox_flush(struct ttsapi *api, bool own);
bool outbox_waits(const struct ttsapi *api);

/* deliver.c: one frame of an open connection becomes callbacks. REASON_NONE to go on. */
enum reason deliver_frame(struct ttsapi *api, const struct wire_frame *frame);

/* client.c: the thread. */
void *client_run(void *api);

/* method.c: what the methods do; `handler` of the object. */
intptr_t method_call(struct ctp_api_object *object, const struct ctp_call *call);

#endif
