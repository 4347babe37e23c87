/* channel.h: where an account's orders go when the counter has accepted them (E1), and what comes
 * back. The counter knows a channel by this interface only. `sim`, the simulated exchange, is the
 * first (sim.c); a line to another CTP counter is a second one beside it, and nothing of the order
 * path changes for it. For the files of the core.
 *
 *        counter: checks, money, positions, flows          channel: what becomes of it
 *     ReqOrderInsert ──► E1 ───────────────── submit ──────────►┐
 *     ReqOrderAction ──► E5 ───────────────── cancel ──────────►│
 *     quotes, exercises, self closes, for-quotes,               │
 *     combinations, offset settings ── ask, withdraw ──────────►│
 *     the day's end ───────────────── expire, conclude ────────►┘
 *     E2, E4, E6, E7, E8 ◄── channel_order_... ◄────────────────┐
 *     OnRtnQuote, OnRtnExecOrder ... ◄── channel_request_told ◄─┤
 *     21, 78, 79 ◄── core_set_channel_state (line up, down) ◄───┤
 *     nothing, for a while ◄───────────────── (line held) ◄─────┘
 *
 * What comes back are decided facts: each becomes an effect, is journaled, changes the ledger and
 * goes into the flows as the simulated exchange's own do; an outside channel is another author of
 * the same effects. It tells a fact when it happens, within the call or later in an input of its
 * own (the server gives it to the core as it gives a quote), never while effects are applied in
 * recovery. What it sends outward must wait, as answers do, until the effects so far are durable: a
 * crash must not leave an order outside that the journal does not know. It need keep nothing that
 * the state does not have: after a restart it finds its live orders and requests there, and asks
 * the other side for what it has missed.
 *
 * `sim` answers within the call, and orders' events of its own it tells without the door below: the
 * door is for facts from outside, which may be late, doubled or wrong, so it looks at each. */
#ifndef TTS_CORE_CHANNEL_H
#define TTS_CORE_CHANNEL_H

#include "tts/core/records.h"

/* `user` is the channel's own. Orders and records are places; they stand in the state, complete and
 * already told as submitted, when the channel hears of them, and are of accounts of this channel.
 * What is wanted of a quote's legs is said by the quote: they are never submitted. */
struct order_channel {
    const char *name;
    void *user;
    /* Cancels are answered before `cancel` returns, unless the line is held. Else the order is
     * marked until E6 or E8 come, and further cancels of it are refused (24). */
    bool answers_at_once;
    /* Takes an accepted order that is not a condition order: E2, E4, E6 or E7 follow. */
    void (*submit)(void *user, struct core *core, uint32_t order);
    /* The cancel by client `by` of a live order, whose E5 is out: E6 or E8 follow. */
    void (*cancel)(void *user, struct core *core, uint32_t order, uint32_t by,
                   const struct CThostFtdcInputOrderActionField *input);
    /* The day ends, or is settled again, and this order is still live: its end (E6), and nothing
     * else, is told within the call. */
    void (*expire)(void *user, struct core *core, uint32_t order);
    /* Takes a request: a quote with its legs' orders, an exercise or abandonment, a self close, a
     * request for quotes, a combination, an offset setting. */
    void (*ask)(void *user, struct core *core, enum record_kind kind, uint32_t record);
    /* Takes a live one back: a quote, an exercise, a self close, an offset setting. `input` is the
     * client's body (InputQuoteAction ...); NULL with `by` NONE: a quote whose account is about to
     * quote anew in the same instrument, which replaces it unless the new one is refused. */
    void (*withdraw)(void *user, struct core *core, enum record_kind kind, uint32_t record,
                     uint32_t by, const void *input);
    /* The day ends and this exercise is still live: what came of it must be told (DONE, REFUSED or
     * WITHDRAWN) when the call returns. */
    void (*conclude)(void *user, struct core *core, uint32_t exercise);
    /* The line is up, also for the first time after a start: what was held back goes on its way.
     * NULL: the line cannot be held. */
    void (*release)(void *user, struct core *core);
};

/* Puts a channel beside the others, before any effect is applied, and gives its place, which the
 * journal names: the channels of a program are added in the same order at each start. `channel` is
 * borrowed for the core's life. Its line is up until core_set_channel_state says otherwise. At most
 * CHANNELS_MAX (asserted), `sim` included, which core_create adds. */
uint32_t channel_add(struct core *core, const struct order_channel *channel);

extern const struct order_channel channel_sim;

/* The place of a channel by its name; CHANNELS_MAX: none. */
uint32_t channel_find(const struct core *core, text name);

/* ErrorID of why an order (any request) or a cancel (any withdrawal) of the account cannot go out
 * now, 0: it can. 21: no seat, the line is down; 78 and 79: sending fails. The last check of all.
 */
enum channel_way { CHANNEL_ORDER, CHANNEL_CANCEL };
int channel_why_not(const struct core *core, uint32_t account, enum channel_way way);

/* Whether the line is held, so that what goes out now is kept back. */
static inline bool channel_is_held(const struct core *core, uint32_t channel)
{
    return core->channel_states[channel] == CHANNEL_HELD;
}

/* What the counter's requests call: the account's channel gets the record. */
void channel_ask(struct core *core, enum record_kind kind, uint32_t record);
void channel_withdraw(struct core *core, enum record_kind kind, uint32_t record, uint32_t by,
                      const void *input);
void channel_conclude(struct core *core, uint32_t exercise);

/* ---- what comes back of an order (order_returns.c) ----
 *
 * False, and nothing is told: the fact cannot be of that order now. It is not live, is `sim`'s, has
 * fewer lots left, or a value is out of its range. */

/* The numbers and times that every return carries, as the other exchange gave them. */
struct channel_stamp {
    int64_t system_number; /* OrderSysID, above 0; the first one stays */
    uint32_t sequence_no;  /* SequenceNo */
    int insert_date;       /* InsertDate, yyyymmdd, and InsertTime, second of the day: of the */
    int insert_second;     /* first return */
    int second;            /* UpdateTime or CancelTime */
};

struct channel_trade {
    uint32_t leg;   /* 1: the second one of a combination; both legs are told, 0 first */
    int64_t number; /* TradeID, above 0 */
    double price;
    int volume;
    int date, second; /* TradeDate, TradeTime */
    uint32_t sequence_no;
};

/* E2: it waits at the exchange. */
bool channel_order_queued(struct core *core, uint32_t order, const struct channel_stamp *stamp);

/* E4: a partial or the last fill. Each fill once: who reads a flow knows what he has read. */
bool channel_order_traded(struct core *core, uint32_t order, const struct channel_stamp *stamp,
                          const struct channel_trade *trade);

/* E6: what is left is cancelled: on a client's wish, of FAK and FOK, by the exchange. Told behind
 * the fills that came before it. */
bool channel_order_cancelled(struct core *core, uint32_t order, const struct channel_stamp *stamp);

/* E7: never at the exchange. `words` (UTF-8, not empty) become StatusMsg; `second` CancelTime. */
bool channel_order_refused(struct core *core, uint32_t order, text words, int second);

/* E8: the order lives on, if it does. */
bool channel_cancel_refused(struct core *core, uint32_t order,
                            const struct CThostFtdcInputOrderActionField *input, text words);

/* ---- what comes back of a request (request_returns.c) ---- */

enum request_event {
    REQUEST_TAKEN,     /* it has a number of the exchange */
    REQUEST_REFUSED,   /* it has not, and ends */
    REQUEST_WITHDRAWN, /* it ends: by its owner, or by the exchange */
    REQUEST_DONE,      /* it ends: an exercise was carried out */
};

struct request_return {
    enum request_event event;
    int64_t number; /* TAKEN: QuoteSysID, ExecOrderSysID ..., above 0 */
    uint32_t by;    /* WITHDRAWN: the user whose wish it was; NONE */
    text words;     /* REFUSED: StatusMsg or the detail of ErrorMsg, UTF-8 */
};

/* Tells what became of a request: quote, exec_order, self_close, for_quote, comb_action,
 * offset_setting. The legs of a quote are told one by one, as orders. False, and nothing is told:
 * that cannot have become of it (there is no such record, it ended, has a number already, or the
 * lots of a combination are no longer there). */
bool channel_request_told(struct core *core, enum record_kind kind, uint32_t record,
                          const struct request_return *told);

/* The legs of a quote have their OrderSysIDs: the quote's row shows them from now on. Those of CZCE
 * are named by the quote's number, so there TAKEN is told before anything of the legs, which until
 * then is refused; a cancelled one has no number then. */
void channel_quote_named(struct core *core, uint32_t quote);

/* A withdrawal is refused; the record lives on. `input` as `withdraw` got it; `words` are the
 * detail of ErrorMsg, UTF-8. False: no such record, or of a kind that is never withdrawn. */
bool channel_withdrawal_refused(struct core *core, enum record_kind kind, uint32_t record,
                                const void *input, text words);

#endif
