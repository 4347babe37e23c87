/* records.h: the counter's other objects of the day, each kept as the canonical struct that CTP
 * shows: parked orders, exercises, self closes, quotes, requests for quotes, combination actions,
 * offset settings, transfers, notices. A record is put (added or replaced whole) by one effect;
 * what it does to positions or money are effects of their own. For the files of the core. */
#ifndef TTS_CORE_RECORDS_H
#define TTS_CORE_RECORDS_H

#include "tts/core/effect.h"

/* kind, CTP struct */
#define RECORD_KINDS(X)                 \
    X(parked_order, ParkedOrder)        \
    X(parked_action, ParkedOrderAction) \
    X(exec_order, ExecOrder)            \
    X(self_close, OptionSelfClose)      \
    X(quote, Quote)                     \
    X(for_quote, ForQuote)              \
    X(comb_action, CombAction)          \
    X(offset_setting, OffsetSetting)    \
    X(transfer, TransferSerial)         \
    X(notice, TradingNotice)

enum record_kind {
#define X(name, of) RECORD_##name,
    RECORD_KINDS(X)
#undef X
        RECORD_KIND_COUNT,
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
/* What the counter knows of a record beside the struct. */
struct record {
    uint32_t account, user, instrument; /* NONE where it has none */
    uint32_t live;                      /* 1 while it may still be sent, cancelled, executed */
    uint32_t order[2];                  /* places of a quote's legs; NONE */
    int64_t number;                     /* the id that was given, by kind */
    double amount;                      /* by kind: money moved, lots tied */
};
#pragma GCC diagnostic pop

struct records {
    struct {
        LIST(struct record) heads;
        struct buffer bodies; /* heads.count structs of `size` bytes */
        int64_t number;       /* last given of the day */
    } of[RECORD_KIND_COUNT];
};

struct records *records_create(void);
void records_destroy(struct records *records);

/* Bytes of a kind's struct; the number of records; the head and the struct of one (valid until the
 * next record is put). */
size_t record_size(enum record_kind kind);
uint32_t record_count(const struct core *core, enum record_kind kind);
struct record *record_head(struct core *core, enum record_kind kind, uint32_t place);
const void *record_body(const struct core *core, enum record_kind kind, uint32_t place);

/* Emits the effect that adds a record (place == record_count) or replaces it. */
void record_put(struct core *core, enum record_kind kind, uint32_t place, const struct record *head,
                const void *body);

/* apply.c: */
void records_apply(struct core *core, const struct effect_record *effect, const char *more,
                   size_t more_length);

/* Forgets everything: a new trading day. */
void records_clear(struct records *records);

#endif
