/* flow.h: the numbers of the private and the public flow: where to start at a login, which message
 * comes next, and what is remembered in the .con files from one process to the next. Trader side
 * only. Not thread-safe: the caller holds the object's lock.
 *
 * What one flow goes through:
 *   flows_open        the numbers of the last process, from the files
 *   flows_topics      a login goes out: what to ask the front for, by topic
 *   flows_start       the front says from where it sends; now `expected` is known
 *   flows_take        each message: hand it on, drop it (handed on before), or refuse it (one is
 * missing) flows_handed      the callback is back: the number is remembered, in the file too
 *   flows_stop        the connection is gone; back to flows_topics */
#ifndef TTSAPI_FLOW_H
#define TTSAPI_FLOW_H

#include "codec/wire.h"

enum flow_kind { FLOW_PRIVATE, FLOW_PUBLIC, FLOW_KIND_COUNT };

/* CTP's resume types: THOST_TERT_... */
enum { TOPIC_RESTART, TOPIC_RESUME, TOPIC_QUICK, TOPIC_NONE, TOPIC_RESUME_FROM };

struct flow {
    int topic;
    uint32_t first;      /* of TOPIC_RESUME_FROM */
    bool joined;         /* the front has started it for this object (and, private, this user) */
    uint32_t handed;     /* the last number given to callbacks on `day` */
    uint32_t asked;      /* what the login asked for; 0 = what arises from now on */
    uint32_t expected;   /* the next number to come; 0 = not started */
    uint32_t drop_to;    /* numbers up to here come again and are dropped */
    uint32_t asked_drop; /* `drop_to`, once the login that asked has succeeded */
    int file;            /* -1: kept in memory only */
};

struct flows {
    uint32_t day;       /* yyyymmdd that `handed` belongs to; 0 = none */
    uint32_t asked_day; /* what the login told the front */
    uint64_t owner;     /* hash of the user whose private flow it is; 0 = none */
    uint64_t login;     /* hash of the user who logs in */
    struct flow of[FLOW_KIND_COUNT];
    int day_file;
};

enum flow_verdict { FLOW_HAND_ON, FLOW_DROP, FLOW_BROKEN };

/* Opens `prefix`Private.con, Public.con, TradingDay.con, DialogRsp.con and QueryRsp.con. A folder
 * that is missing is made (its last component). False, with the reason, when a file cannot be
 * opened: its numbers then live in memory only. A file that is not ours or is damaged counts as
 * empty. */
bool flows_open(struct flows *flows, const char *prefix, struct error *error)
    __attribute__((warn_unused_result));
void flows_close(struct flows *flows);

/* SubscribePrivateTopic, SubscribePublicTopic. Unknown topics count as TOPIC_RESTART; `first` below
 * 1 as 1. */
void flows_subscribe(struct flows *flows, enum flow_kind kind, int topic, int first);

/* What to ask for when `user` logs in. Until the front answers with a start, a flow that runs goes
 * on undisturbed: the login may fail. */
struct wire_topics flows_topics(struct flows *flows, text user);

/* The front's WIRE_FLOW_START. */
void flows_start(struct flows *flows, uint32_t day, uint32_t private_next, uint32_t public_next);

enum flow_verdict flows_take(struct flows *flows, enum flow_kind kind, uint32_t number);
void flows_handed(struct flows *flows, enum flow_kind kind, uint32_t number);
void flows_stop(struct flows *flows);

#endif
