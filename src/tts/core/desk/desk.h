/* desk.h: the order desk and the simulated exchange inside the core: what order_check.c,
 * order_insert.c, order_action.c, exchange.c, condition.c and tick.c give to the core's other
 * files. */
#ifndef TTS_CORE_DESK_DESK_H
#define TTS_CORE_DESK_DESK_H

#include "tts/core/reply.h"

/* ---- requests (decide) ---- */

void desk_order_insert(struct core *core, const struct core_request *request);
void desk_order_action(struct core *core, const struct core_request *request);

/* The whole of the counter's checks in their documented order (orders 5.1). On success `*order` is
 * complete but for the numbers that acceptance gives. `connection` NULL: an order that the counter
 * makes itself (triggered, parked, of a quote), then `session` and `user` say whose it is;
 * `first_check` skips the checks before that number, `last_check` those behind it (0: none; below
 * 31 `*order` stays incomplete). False: *refusal says why. */
struct order_check {
    const struct connection *connection;
    uint32_t user, session;
    int first_check, last_check;
};
bool desk_check_order(struct core *core, const struct order_check *check,
                      struct CThostFtdcInputOrderField *input, struct order *order,
                      struct refusal *refusal);

/* The first text field that is no clean text (check 7), NULL when all are. */
const char *desk_bad_text(const struct ctp_layout *layout, const void *body);

/* Whether the instrument is traded today at all (check 18). */
bool desk_is_tradable(const struct core *core, const struct instrument *instrument);

/* E1 only: a quote's leg, which reaches the exchange with its quote. Returns its place. `accepted`
 * has the order that desk_check_order completed; the rest of it is filled in. */
uint32_t desk_take_order(struct core *core, struct effect_order_accepted *accepted,
                         const struct CThostFtdcInputOrderField *input);

/* Accepts a checked order (E1) and gives it to its channel (E2..E7). Returns its place. */
uint32_t desk_accept_order(struct core *core, struct effect_order_accepted *accepted,
                           const struct CThostFtdcInputOrderField *input);

/* The counter or the simulated exchange cancels a live order of its own (E6); nothing happens to
 * others. With `user` (not NONE) as a client's cancel: E5 first. */
void desk_cancel_order(struct core *core, uint32_t order, uint32_t user);

/* A client's cancel of a live order that the counter lets pass: E5, then its channel cancels (E6)
 * or refuses (E8), at once or later. */
void desk_ask_cancel(struct core *core, uint32_t order, uint32_t user,
                     const struct CThostFtdcInputOrderActionField *input);

/* The day ends: the counter cancels its condition orders, channels end what they have. */
void desk_cancel_all(struct core *core);

/* The order that an action names (orders 4.1), NONE without one. *refusal says why it cannot be
 * cancelled; with ErrorID 0 it is live. */
uint32_t desk_find_order(struct core *core, uint32_t account, const struct connection *from,
                         const struct CThostFtdcInputOrderActionField *action,
                         struct refusal *refusal);

/* The body of OnErrRtnOrderAction; `place` NONE when no order is known. */
void desk_action_body(struct core *core, const struct CThostFtdcInputOrderActionField *input,
                      uint32_t place, struct CThostFtdcOrderActionField *body);

/* ---- what apply.c tells the matchers (lasting state follows effects) ---- */

struct matching *matching_create(void);
void matching_destroy(struct matching *matching);
void matching_order_queued(struct core *core, uint32_t order, int64_t queue_ahead);
void matching_order_traded(struct core *core, uint32_t order, int lots);
void matching_order_gone(struct core *core, uint32_t order); /* no-op when it is not in a matcher */
void matching_trade_done(
    struct core *core, const struct trade *trade); /* book mode: day's figures of the instrument */
void matching_day_opened(struct core *core);

/* For snapshots: the figures of the core's own books as bytes (the same for equal effects) and
 * back; false when the bytes are not of these instruments. Then the orders of core.orders go back
 * to where they wait. */
void matching_save(struct core *core, struct buffer *out);
bool matching_load(struct core *core, text bytes) __attribute__((warn_unused_result));
void matching_rebuild(struct core *core);

/* condition.c: the list of live condition orders of an instrument follows the effects. */
void condition_added(struct core *core, uint32_t order);
void condition_removed(struct core *core, uint32_t order); /* no-op when it is not listed */

/* The text of an exchange's refusal, UTF-8: "49:已撤单报单被拒绝SHFE:..." is made of it by
 * render_order. */
int exchange_refusal_number(uint8_t refusal, enum exchange exchange);
const char *exchange_refusal_text(uint8_t refusal);

#endif
