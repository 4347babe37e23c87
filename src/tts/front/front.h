/* front.h: where clients' libraries arrive: listeners for trading and market data on libuv, the
 * frames of codec/wire.h, TLS where a client begins with it. The front turns frames into requests
 * for the core and what the core tells into frames. It decides nothing about trading.
 *
 * What a client is shown waits until it is durable: bytes are collected as *held*; front_seal marks
 * them with a journal sequence, and front_durable sends what is not newer. Loop thread only. */
#ifndef TTS_FRONT_FRONT_H
#define TTS_FRONT_FRONT_H

#include "base/error.h"
#include "tts/core/core.h"
#include <uv.h>

struct front;

struct front_options {
    const char *host;        /* address to listen on, "0.0.0.0" */
    int td_port, md_port;    /* 0: any free one, see front_td_port; -1: none */
    const char *certificate; /* PEM files; NULL: no TLS */
    const char *private_key;
    int connections_max;  /* more are closed at once */
    int connect_rate;     /* new connections a second and address, 0 no limit */
    size_t out_bytes_max; /* unsent bytes after which a client is closed; flows and ticks stop long
                             before */
    int query_rate, query_pending; /* told to libraries, see struct wire_welcome */
    int message_rate;              /* a second and session; surplus waits. 0: no limit */
    int md_subscription_limit;     /* 0: none */
    bool auto_account; /* unknown users get a password hash made, so that the core can open an
                          account */
    int front_id;
    /* 0: the protocol's own. For tests, which cannot wait for minutes. */
    uint64_t login_ms;     /* after which a client without a login is closed; 300 s */
    uint64_t heartbeat_ms; /* of sending nothing, then a heartbeat goes out; 53 s */
    uint64_t silence_ms;   /* of receiving nothing, then the client is closed; 120 s */
    uint64_t look_ms;      /* how often the three are looked at; 1 s */
};

/* What the front asks of the server. */
struct front_hooks {
    void *user;
    /* Before the core gets an input: sets its time. */
    void (*before_input)(void *user);
};

/* Listens. `core` is borrowed and outlives the front, which watches its flows. NULL with `error`
 * for addresses that cannot be used and bad certificates. */
struct front *front_create(uv_loop_t *loop, const struct front_options *options, struct core *core,
                           const struct front_hooks *hooks, struct error *error);

/* Whether the two files can be used together; two empty names are fine (no TLS). */
bool front_certificate_check(const char *certificate, const char *private_key, struct error *error);

/* The ports that it listens on. */
int front_td_port(const struct front *front);
int front_md_port(const struct front *front);

/* ---- what the core tells, see struct core_sink ---- */

void front_answer(struct front *front, uint32_t connection, enum ctp_method callback,
                  const void *body, const struct CThostFtdcRspInfoField *rsp_info, int request_id,
                  bool is_last);
void front_logged_in(struct front *front, uint32_t connection);
void front_close(struct front *front, uint32_t connection);
void front_tick(struct front *front, uint32_t instrument,
                const struct CThostFtdcDepthMarketDataField *tick);
void front_for_quote(struct front *front, uint32_t instrument,
                     const struct CThostFtdcForQuoteRspField *body);

/* ---- once in a turn of the loop ---- */

/* Appends what the flows have for each client, then marks everything held with `sequence`. */
void front_seal(struct front *front, uint64_t sequence);

/* Sends what is marked with `sequence` or less. */
void front_durable(struct front *front, uint64_t sequence);

/* Whether front_seal has something to do: new bytes, or room again for what waited. Where that is
 * so at the end of a turn, the next turn should come at once. */
bool front_has_held(const struct front *front);

struct front_figures {
    uint32_t connections, logged_in;
    uint64_t requests, frames_sent, ticks_sent, bytes_sent;
};
struct front_figures front_figures_of(const struct front *front);

/* Stops listening and closes all connections; the loop must run until its handles are closed, then
 * front_destroy. */
void front_stop(struct front *front);
void front_destroy(struct front *front);

#endif
