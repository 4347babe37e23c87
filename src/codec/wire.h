/* wire.h: the protocol between the drop-in libraries and tts: frames on a TCP or TLS stream. Both
 * sides include this file; docs/tts-wire.md tells it in words. All numbers are little-endian. The
 * wire speaks the library's CTP version: methods are vtable slots and bodies are structs of that
 * version, so that a library needs no table but its own; the counter translates.
 *
 * A frame: u32 length of what follows (at least WIRE_HEADER_SIZE - 4, at most
 * WIRE_FRAME_MAX - 4), then
 *   u8  kind        enum wire_kind
 *   u8  flags       enum wire_flags
 *   u16 slot        REQUEST, SUBSCRIBE: slot in the Api class;
 *                   ANSWER, PRIVATE, PUBLIC, TICK: slot in the Spi class; else 0
 *   i32 request_id  REQUEST, ANSWER; else 0
 *   u32 sequence    PRIVATE, PUBLIC: number in the flow, from 1; else 0
 *   payload         rsp_info (if WIRE_HAS_RSP_INFO), then body (if WIRE_HAS_BODY), each a
 *                   packed struct; or what the kind says
 *
 * A packed struct: one presence bit per field in struct order, low bit first, padded to whole
 * bytes; then the fields whose bit is set: char 1 byte, short 2, int 4, double 8, text u16 length +
 * bytes (no NUL, at most field size - 1). A field that is zero or empty has no bit. Unpacked text
 * fields are zero behind their text. */
#ifndef CODEC_WIRE_H
#define CODEC_WIRE_H

#include "base/buffer.h"
#include "ctp/ctp.h"

enum {
    WIRE_MAGIC = 0x57535454, /* "TTSW" */
    WIRE_PROTOCOL = 1,
    WIRE_HEADER_SIZE = 16,
    WIRE_FRAME_MAX = 1 << 20,
    WIRE_INSTRUMENTS_MAX = 20000, /* in one SUBSCRIBE frame */
    WIRE_INSTRUMENT_ID_MAX = 80,
    WIRE_HEARTBEAT_LIBRARY_S = 15, /* silence after which the library sends one */
    WIRE_HEARTBEAT_FRONT_S = 53,   /* silence after which the front sends one */
    WIRE_SILENCE_MAX_S = 120,      /* silence after which a side gives the other up */
};

/* L: library -> front. F: front -> library. */
enum wire_kind {
    WIRE_HELLO = 1,  /* L, its first frame: struct wire_hello */
    WIRE_WELCOME,    /* F: struct wire_welcome; then OnFrontConnected */
    WIRE_REFUSE,     /* F: u32 error id, u16 length, text (UTF-8); then it closes */
    WIRE_HEARTBEAT,  /* L, F: no payload */
    WIRE_TOPICS,     /* L, before every ReqUserLogin of a trader: struct wire_topics */
    WIRE_REQUEST,    /* L */
    WIRE_SUBSCRIBE,  /* L, md: u16 count, then count times u8 length + instrument id */
    WIRE_ANSWER,     /* F: dialog and query streams */
    WIRE_PRIVATE,    /* F: private flow, numbered */
    WIRE_PUBLIC,     /* F: public flow, numbered */
    WIRE_TICK,       /* F, md: OnRtnDepthMarketData, OnRtnForQuoteRsp */
    WIRE_FLOW_START, /* F, before a login's answer: u32 trading day, u32 private next number,
                      * u32 public next number */
    WIRE_NAMES,      /* L, asks a name server after WELCOME: no payload; F, the answer: u16 count,
                      * then count times u16 length + address */
    WIRE_KIND_END,
};

enum wire_flags {
    WIRE_IS_LAST = 1,
    WIRE_HAS_BODY = 2,
    WIRE_HAS_RSP_INFO = 4,
};

struct wire_frame {
    enum wire_kind kind;
    unsigned flags;
    unsigned slot;
    int32_t request_id;
    uint32_t sequence;
    text payload; /* borrowed */
};

struct wire_hello {
    uint32_t magic;
    uint16_t protocol;
    uint8_t class;    /* CTP_TraderApi or CTP_MdApi */
    char version[16]; /* "6.7.2" */
    uint64_t digest;  /* ctp_version_digest of it */
    char library[40]; /* what GetApiVersion says */
};

struct wire_welcome {
    uint16_t protocol;
    uint32_t front_id;
    uint32_t query_rate;    /* ReqQry... per second, 0 = no limit: -3 beyond it */
    uint32_t query_pending; /* unanswered ReqQry... allowed, 0 = no limit: -2 beyond it */
    uint32_t message_rate;  /* FTD messages per second, told by GetFrontInfo */
    char system[40];        /* what the front calls itself */
};

enum wire_topic { WIRE_RESTART, WIRE_RESUME, WIRE_QUICK, WIRE_NONE };

struct wire_topics {
    uint32_t trading_day;  /* that the numbers belong to, 0 = none known */
    uint8_t private_topic; /* enum wire_topic: RESTART and RESUME say where to start in ..._from */
    uint32_t private_from; /* first number wanted, from 1 */
    uint8_t public_topic;
    uint32_t public_from;
};

enum wire_status {
    WIRE_OK,
    WIRE_MORE,   /* a whole frame has not arrived */
    WIRE_BROKEN, /* these bytes can never be a frame: close (reason 8195) */
};

/* The frame at the start of `bytes`; *used is its size. Trusts nothing: an unknown kind or flag, a
 * length out of bounds, and a slot, request id or sequence in a kind that has none are WIRE_BROKEN,
 * told as soon as the header is there. */
enum wire_status wire_frame_read(text bytes, struct wire_frame *frame, size_t *used);

/* Appends a frame. `rsp_info` and `body` are structs in the given layouts, NULL for none; the flags
 * that tell of them are set here. Header fields that the kind does not have are written 0.
 * frame->payload is ignored. Returns the frame's size. */
size_t wire_frame_write(struct buffer *out, const struct wire_frame *frame,
                        const struct ctp_layout *rsp_layout, const void *rsp_info,
                        const struct ctp_layout *layout, const void *body);

/* Appends a frame with the payload that stands in frame->payload, at most WIRE_FRAME_MAX -
 * WIRE_HEADER_SIZE bytes (asserted). */
void wire_frame_write_payload(struct buffer *out, const struct wire_frame *frame);

/* Packs one struct; unpacks one from the start of *payload, which moves on. Unpacking fails (false)
 * on anything that the layout does not allow: bits beyond the last field, text too long for its
 * field, text with a NUL, bytes missing. */
void wire_pack(struct buffer *out, const struct ctp_layout *layout, const void *body);
bool wire_unpack(text *payload, const struct ctp_layout *layout, void *body)
    __attribute__((warn_unused_result));

/* The fixed messages: each _write appends a whole frame, each _read takes a frame's payload.
 * Members stand in the order of the struct, a char array as u8 length + bytes. What a later
 * protocol puts behind HELLO and WELCOME is skipped, so that their reader can say which protocol it
 * got; every other payload must end where it ends. A wrong magic, a class that is no Api and a
 * topic that is no enum wire_topic are refused. */
void wire_hello_write(struct buffer *out, const struct wire_hello *hello);
bool wire_hello_read(text payload, struct wire_hello *hello) __attribute__((warn_unused_result));
void wire_welcome_write(struct buffer *out, const struct wire_welcome *welcome);
bool wire_welcome_read(text payload, struct wire_welcome *welcome)
    __attribute__((warn_unused_result));
void wire_topics_write(struct buffer *out, const struct wire_topics *topics);
bool wire_topics_read(text payload, struct wire_topics *topics) __attribute__((warn_unused_result));
void wire_refuse_write(struct buffer *out, uint32_t error_id, text why);
bool wire_refuse_read(text payload, uint32_t *error_id, text *why)
    __attribute__((warn_unused_result));
void wire_flow_start_write(struct buffer *out, uint32_t trading_day, uint32_t private_next,
                           uint32_t public_next);
bool wire_flow_start_read(text payload, uint32_t *trading_day, uint32_t *private_next,
                          uint32_t *public_next) __attribute__((warn_unused_result));

/* SUBSCRIBE frames. Writing splits into several frames where one would grow beyond its limits, cuts
 * an id at WIRE_INSTRUMENT_ID_MAX bytes, and takes NULL as the empty id. Reading: `next` gives one
 * id after the other, false at the end; `broken` tells a damaged list, also one with bytes behind
 * its end, and is known when `next` has returned false. */
void wire_instruments_write(struct buffer *out, unsigned slot, char *const instruments[],
                            int count);
struct wire_instruments {
    text rest;
    unsigned left;
    bool broken;
};
struct wire_instruments wire_instruments_of(text payload);
bool wire_instruments_next(struct wire_instruments *list, text *instrument);

/* NAMES frames, read in the same way. Asking is writing with count 0 and an empty payload:
 * wire_frame_write_payload. At most WIRE_NAMES_MAX addresses of WIRE_ADDRESS_MAX bytes; more are
 * left out, longer ones cut. */
enum { WIRE_NAMES_MAX = 64, WIRE_ADDRESS_MAX = 256 };
void wire_names_write(struct buffer *out, const text addresses[], size_t count);
struct wire_names {
    text rest;
    unsigned left;
    bool broken;
};
struct wire_names wire_names_of(text payload);
bool wire_names_next(struct wire_names *list, text *address);

#endif
