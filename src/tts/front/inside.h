/* inside.h: what the files of the front share: connections and topics. */
#ifndef TTS_FRONT_INSIDE_H
#define TTS_FRONT_INSIDE_H

#include "codec/wire.h"
#include "tts/front/front.h"
#include "tts/secret/secret.h"

enum {
    NOBODY = UINT32_MAX,
    FRONT_VERSIONS = CTP_VERSION_COUNT,
    READ_BYTES = 64 * 1024,
    PUMP_BYTES_MAX = 256 * 1024,  /* flows stop while so much is unsent */
    TICK_BYTES_MAX = 1024 * 1024, /* ticks are conflated while so much is unsent */
    LOGIN_SECONDS_MAX = 300,
};

enum link_state { LINK_FREE, LINK_NEW, LINK_OPEN, LINK_CLOSING };

/* Bytes up to `end` (counted from the connection's beginning) may go out when `sequence` is
 * durable. */
struct mark {
    uint64_t sequence, end;
};

struct subscription {
    uint32_t topic;
    bool waiting; /* conflated: the newest tick is owed */
};

struct link {
    struct front *front;
    uint32_t place;      /* the core's connection number */
    uint32_t generation; /* tells a new client in an old place */
    enum link_state state;
    bool md, logged_in;
    bool paused;   /* `checking`, or the message rate holds it back */
    bool checking; /* a password is being checked on another thread */
    bool in_touched, close_when_sent;
    uv_tcp_t tcp;
    struct tls *tls; /* NULL: plain, or not known yet */
    bool first_bytes_seen;
    char address[64];
    enum ctp_version version;
    struct wire_topics topics;
    uint32_t next_private, next_public; /* numbers to send next; 0: that flow is not wanted */
    struct buffer in;
    /* out: bytes [0, ready) may go, [ready, length) are held; base counts what has left the buffer
     */
    struct buffer out;
    size_t ready;
    uint64_t base;
    struct mark *marks;
    uint32_t mark_count, mark_capacity;
    struct buffer sending;   /* in libuv's hands while `writing` */
    struct buffer handshake; /* TLS's own bytes, for `sending` when that is free */
    uv_write_t write;
    bool writing;
    uint64_t last_received_ms, last_sent_ms, opened_ms;
    int64_t rate_second;
    int rate_count;
    struct subscription *subscriptions;
    uint32_t subscription_count, subscription_capacity;
    bool owes_ticks;
};

/* What market data is published of: an instrument by its id, known to the core or not. */
struct topic {
    char id[WIRE_INSTRUMENT_ID_MAX + 1];
    uint32_t *ticks; /* links that subscribed to market data */
    uint32_t tick_count, tick_capacity;
    uint32_t *for_quotes;
    uint32_t for_quote_count, for_quote_capacity;
};

struct front {
    uv_loop_t *loop;
    struct front_options options;
    struct front_hooks hooks;
    struct core *core;
    uv_tcp_t td_listener, md_listener;
    bool td_open, md_open;
    int td_port, md_port;
    uv_timer_t timer;
    struct link **links;
    uint32_t link_count, link_capacity;
    uint32_t *touched; /* links with held bytes */
    uint32_t touched_count, touched_capacity;
    uint32_t *waiting; /* links with marks */
    uint32_t waiting_count, waiting_capacity;
    struct topic *topics;
    uint32_t topic_count, topic_capacity;
    struct index topic_index;
    struct secret_cache *secrets;
    void *tls_context;
    struct front_figures figures;
    struct {
        uint64_t second;
        struct {
            char address[64];
            int count;
        } seen[64];
        int count;
    } arrivals;
    bool stopping;
    uint32_t private_end; /* of the pump */
    char read_bytes[READ_BYTES];
    /* converted structs */
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body, rsp;
};

/* ---- link.c ---- */

struct link *link_accept(struct front *front, uv_tcp_t *listener, bool md);
/* Appends an encoded frame's bytes; the caller has written into link->out. */
void link_touched(struct link *link);
void link_write_callback(struct link *link, enum wire_kind kind, enum ctp_method callback,
                         const void *body, const struct CThostFtdcRspInfoField *rsp_info,
                         int request_id, bool is_last, uint32_t sequence);
void link_flush(struct link *link);
void link_close(struct link *link);
/* Handles whole frames in link->in. */
void link_process(struct link *link);
/* Ends a pause: goes on with what has arrived. */
void link_resume(struct link *link);
size_t link_unsent(const struct link *link);

/* ---- requests.c ---- */

/* Handles one frame. False: the connection is broken or refused. */
bool request_frame(struct link *link, const struct wire_frame *frame);
void request_pump_flows(struct link *link);

/* ---- passwords.c ---- */

/* If the request carries a password: checks it (perhaps on another thread: the link is paused
 * meanwhile) and then gives the request to the core. False: it carries none. */
bool password_request(struct link *link, enum ctp_method method, const void *body, size_t size,
                      int request_id);

/* ---- market.c ---- */

void market_subscribe(struct link *link, enum ctp_method method, text payload);
void market_forget(struct link *link);
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
