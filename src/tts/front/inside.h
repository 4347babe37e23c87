/* inside.h: what the files of the front share: connections and topics. */
#ifndef TTS_FRONT_INSIDE_H
#define TTS_FRONT_INSIDE_H

#include "codec/wire.h"
#include "tts/front/front.h"
#include "tts/secret/secret.h"

#define NOBODY UINT32_MAX

enum {
    FRONT_VERSIONS = CTP_VERSION_COUNT,
    READ_BYTES = 64 * 1024,
    HELLO_BYTES_MAX = 1024,       /* of a client that has not said HELLO yet */
    PUMP_BYTES_MAX = 256 * 1024,  /* flows stop while so much is unsent */
    TICK_BYTES_MAX = 1024 * 1024, /* ticks are conflated while so much is unsent */
    SUBSCRIPTIONS_MAX = 100000,   /* of one client and kind */
    LOGIN_MS = 300000,            /* a client has so long to log in */
    CLOSE_MS_MAX = 10000,         /* a client that is to be closed has so long to read the rest */
    ARRIVAL_SLOTS = 1024,
};

enum link_state { LINK_FREE, LINK_NEW, LINK_OPEN, LINK_CLOSING };

/* Places of things in arrays, growing. */
struct numbers {
    uint32_t *at, count, capacity;
};
void numbers_add(struct numbers *numbers, uint32_t number);

/* Bytes up to `end` (counted from the connection's beginning) may go out when `sequence` is
 * durable. */
struct mark {
    uint64_t sequence, end;
};

/* ---- market data: who wants what ---- */

enum market_kind { MARKET_TICKS, MARKET_FOR_QUOTES, MARKET_KINDS };

/* The two ends of one subscription name each other's places, so that either is found from the
 * other at once: a client may have tens of thousands, and so may an instrument. */
struct subscription { /* in the link */
    uint32_t topic, at;
    bool owed; /* conflated: the newest tick is to be sent */
};
struct subscriber { /* in the topic */
    uint32_t link, subscription;
};

struct subscriptions {
    struct subscription *at;
    uint32_t count, capacity;
    uint64_t *wanted; /* one bit a topic */
    uint32_t words;   /* of `wanted` */
};

/* What market data is published of: an instrument by its id, known to the core or not. One that
 * nobody wants any more is free for another id. */
struct topic {
    char id[WIRE_INSTRUMENT_ID_MAX + 1];
    struct {
        struct subscriber *at;
        uint32_t count, capacity;
    } subscribers[MARKET_KINDS];
};

/* ---- a client ---- */

struct link {
    struct front *front;
    uint32_t place;      /* the core's connection number */
    uint32_t generation; /* tells a new client in an old place */
    enum link_state state;
    bool md, logged_in;
    uint32_t user, next_of_user; /* while a trader is logged in; NOBODY at the end */
    bool rated;                  /* the message rate holds it back until the next second */
    bool checking;               /* a password is being checked on another thread */
    bool in_touched, in_waiting; /* the front's lists of these names have it */
    bool close_when_sent;        /* nothing more is read of it */
    bool broken;                 /* to be closed in this turn, outside of the core's calls */
    uint64_t closing_ms;         /* when close_when_sent became true */
    uv_tcp_t tcp;
    struct tls *tls; /* NULL: plain, or not known yet */
    bool first_bytes_seen;
    char address[64];
    enum ctp_version version;
    struct wire_topics topics;
    uint32_t next_private, next_public; /* numbers to send next; 0: that flow is not wanted */
    bool behind;                        /* flows wait for room */
    struct buffer in;
    /* out: bytes [0, ready) may go, [ready, length) are held; base counts what has left the buffer
     */
    struct buffer out;
    size_t ready;
    uint64_t base;
    uint64_t marked; /* end of the newest mark */
    struct mark *marks;
    uint32_t mark_count, mark_capacity;
    struct buffer sending;   /* in libuv's hands while `writing` */
    struct buffer handshake; /* TLS's own bytes, for `sending` when that is free */
    uv_write_t write;
    bool writing;
    uint64_t last_received_ms, last_sent_ms, opened_ms;
    uint64_t rate_second;
    int rate_count;
    struct subscriptions subscriptions[MARKET_KINDS];
    uint32_t owed_next; /* subscription where paying goes on */
    bool owes_ticks;
};

struct front {
    uv_loop_t *loop;
    struct front_options options;
    struct front_hooks hooks;
    struct core *core;
    uv_tcp_t td_listener, md_listener;
    bool td_open, md_open;
    int td_port, md_port;
    uv_timer_t timer, rate_timer;
    struct link **links;
    uint32_t link_count, link_capacity;
    struct numbers free;     /* links without a client */
    struct numbers touched;  /* links with something to look at when the turn is sealed */
    struct numbers waiting;  /* links with marks */
    struct numbers of_users; /* first link of each user that trades, NOBODY */
    uint32_t public_seen;    /* messages in the public flow at the last sealing */
    struct topic *topics;
    uint32_t topic_count, topic_capacity;
    struct numbers free_topics;
    struct index topic_index;
    struct secret_cache *secrets;
    void *tls_context;
    struct front_figures figures;
    uint64_t arrivals_second;
    uint16_t arrivals[ARRIVAL_SLOTS]; /* in that second, by the address's hash */
    bool stopping;
    char read_bytes[READ_BYTES];
    /* converted structs */
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body, rsp;
};

/* ---- link.c ---- */

struct link *link_accept(struct front *front, uv_tcp_t *listener, bool md);
/* Never from inside a call of the core: set `broken` and touch there. */
void link_close(struct link *link);
/* Closes when all that was written has been sent; nothing more is read. */
void link_close_when_sent(struct link *link);
/* Ends a login as far as the front is concerned. */
void link_log_out(struct link *link);
/* Ends a pause (`checking`, `rated`): goes on with what has arrived. */
void link_resume(struct link *link);

/* ---- link_out.c ---- */

/* The link is looked at when the turn is sealed: bytes were appended to link->out, a flow has
 * grown, or there is room again. */
void link_touched(struct link *link);
void link_write_callback(struct link *link, enum wire_kind kind, enum ctp_method callback,
                         const void *body, const struct CThostFtdcRspInfoField *rsp_info,
                         int request_id, bool is_last, uint32_t sequence);
/* Sends what may go. */
void link_flush(struct link *link);
size_t link_unsent(const struct link *link);
/* Marks what was appended with `sequence`; lets go what is marked with `sequence` or less. */
void link_seal(struct link *link, uint64_t sequence);
void link_release(struct link *link, uint64_t sequence);

/* ---- requests.c ---- */

/* Handles one frame. False: the connection is broken or refused. */
bool request_frame(struct link *link, const struct wire_frame *frame);
/* The second's end for those that the message rate holds back. */
void request_next_second(uv_timer_t *timer);
/* core_watch_flows: the links of that user are touched. `user` is the front. */
void request_flow_grew(void *user, uint32_t user_place);
/* Appends what the flows have for the client, as long as there is room. */
void request_pump_flows(struct link *link);

/* ---- passwords.c ---- */

/* If the request carries a password: checks it (perhaps on another thread: the link is paused
 * meanwhile) and then gives the request to the core. False: it carries none. */
bool password_request(struct link *link, enum ctp_method method, const void *body, size_t size,
                      int request_id);

/* ---- market.c ---- */

/* False: a damaged list. */
bool market_subscribe(struct link *link, enum ctp_method method, text payload);
/* Ends all subscriptions. */
void market_forget(struct link *link);
/* Sends the newest ticks that are owed, as long as there is room. */
void market_pay_owed(struct link *link);

/* ---- tls.c ---- */

struct tls;
void *tls_context_create(const char *certificate, const char *private_key, struct error *error);
void tls_context_destroy(void *context);
struct tls *tls_create(void *context);
void tls_destroy(struct tls *tls);
/* Feeds bytes from the network; plain bytes are appended to `in`, bytes for the network to `net`.
 * False: broken. */
bool tls_feed(struct tls *tls, const char *bytes, size_t length, struct buffer *in,
              struct buffer *net);
/* Encrypts `length` bytes into `net`. */
bool tls_seal(struct tls *tls, const char *bytes, size_t length, struct buffer *net);

#endif
