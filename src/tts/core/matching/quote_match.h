/* quote_match.h: matching against the replayed quote: behind every displayed size stands a maker
 * who takes what customers send, and customers never meet each other. One struct for all
 * instruments that are in this mode. Reads and writes its own orders (a book.h book for each
 * instrument), never an account; our orders and fills never enter the published quote.
 *
 * Arriving orders walk the opposite displayed levels at the levels' prices. Waiting orders are
 * looked at with every new quote: best price first, then oldest, buys before sells; they take from
 * opposite levels at or through their price, but at their *own* price, and, by profile, touch
 * nothing more; displayed sizes are not looked at (unless limit_by_displayed_size): the whole rest
 * at once; cross  a trade beyond the order's price (last < P for a buy) with dV new lots fills
 * min(left, dV); queue  as cross, else by the order's place in the queue: what traded at its price
 * beyond the lots ahead of it. dV is measured against each waiting order by itself, as if it were
 * the only stranger in the market; displayed sizes are shared: what one customer took is not there
 * for the next until the size or the market's volume changes.
 *
 * Hard state (journaled by the desk, in its snapshot): which orders wait, with price, lots and
 * sequence. Soft state (moved by ticks, which are not journaled): the newest quote, what was taken
 * from its levels (struct quote_state), and each order's `ahead`. A snapshot may carry both as
 * bytes (quote_match_state / quote_match_set_state, quote_match_ahead / quote_match_set_ahead).
 * Recovery has two ways, and both end in a legal state: exact   restore the snapshot's bytes; then
 * for each journal batch first quote_match_advance with the feed's quotes up to the position that
 * the batch names, then apply its effects. This is the live order of calls, so the bits are the
 * same. coarse  without the feed's past (a live feed): insert the orders with the newest quote in
 * place. An order whose `ahead` is lost starts at the end of the queue (quote_match_insert's rule):
 * late, never too early.
 *
 * For each tick: fills = quote_match_plan_tick(quote); journal them; quote_match_advance(quote);
 * quote_match_fill for each. A tick costs what it touches: nothing crosses, nothing is walked. */
#ifndef TTS_CORE_MATCHING_QUOTE_MATCH_H
#define TTS_CORE_MATCHING_QUOTE_MATCH_H

#include "tts/core/matching/book.h"

enum quote_profile { QUOTE_PROFILE_QUEUE, QUOTE_PROFILE_CROSS, QUOTE_PROFILE_TOUCH };

/* How one instrument is matched. */
struct quote_rules {
    enum quote_profile profile;
    bool limit_by_displayed_size; /* default: true, but false for touch */
    int multiple;                 /* VolumeMultiple, to read prices out of turnovers; > 0 */
    double tick;                  /* PriceTick, > 0 */
};

/* `ahead` of an order that waits at a price behind the displayed levels: unknown until a tick shows
 * that price. */
enum { QUOTE_AHEAD_UNKNOWN = -1 };

/* One displayed level. */
struct quote_size {
    int64_t price; /* ticks */
    int32_t size;
    int32_t used; /* lots that customers took since the size or the market's volume changed */
};

/* The newest quote as the matching sees it. Plain bytes: may be copied into a snapshot and back. */
struct quote_state {
    struct quote_size level[2][QUOTE_LEVELS]; /* [MATCH_BUY] bids, [MATCH_SELL] asks; best first */
    double best[2];                           /* best bid and ask in money */
    double turnover;
    int64_t last;     /* ticks */
    int32_t count[2]; /* displayed levels */
    int32_t volume;   /* cumulative */
    bool has_last;
    bool has_turnover;
    bool has_volume; /* false: nothing to compare with, so the next tick has dV = 0 */
    bool is_broken;  /* bid >= ask: no matching on it */
    bool is_auction; /* orders are collected, nothing fills until a tick has an open price */
    char padding[7]; /* zero, so that equal states are equal bytes */
};
_Static_assert(sizeof(struct quote_state) == 216, "no hidden padding");

struct quote_instrument {
    struct quote_rules rules;
    struct quote_state state;
    struct book orders; /* pool NULL: the instrument is not in this mode */
};

struct quote_match {
    struct book_pool *pool; /* borrowed; may be the one that book-mode instruments use, handles are
                               unique in it */
    struct quote_instrument *instruments; /* by the instrument's place in struct market */
    uint32_t count;
};

void quote_match_init(struct quote_match *match, struct book_pool *pool);
void quote_match_finish(struct quote_match *match);

/* Puts the instrument into this mode, or changes its rules; its orders and quote stay, and under
 * new rules every `ahead` is set anew by quote_match_insert's rule. Call before anything else about
 * the instrument. */
void quote_match_configure(struct quote_match *match, uint32_t instrument,
                           const struct quote_rules *rules);
bool quote_match_has(const struct quote_match *match, uint32_t instrument);

/* ---- plan ---- */

/* An incoming order against the newest quote: appends fills (resting = MATCH_NONE), one for each
 * displayed level, at the level's price (touch: all at the best level), and tells the rest. During
 * an auction, on a broken quote or without a quote nothing fills. match_order.owner is not read. To
 * apply: quote_match_fill for each, then quote_match_insert for a MATCH_QUEUED rest. */
struct match_result quote_match_plan_order(const struct quote_match *match, uint32_t instrument,
                                           const struct match_order *order,
                                           struct match_fills *fills);

/* What waiting orders get from a new quote; see above for the order of calls. Sides with a price <=
 * 0, absent or outside
 * +-MATCH_PRICE_MAX ticks or with no size do not exist; bid >= ask: nothing fills. In an auction:
 * nothing until the tick has an open price; then better orders fill at the open price, each at most
 * the tick's volume, and equal ones only in `touch`. */
void quote_match_plan_tick(const struct quote_match *match, uint32_t instrument,
                           const struct quote *quote, struct match_fills *fills);

/* ---- apply: hard ---- */

/* An order starts to wait. Its `ahead`: the size displayed at its price on its own side; 0 when it
 * is better than that side's best or the side is empty; else unknown. On a broken quote: unknown.
 * Arguments as book_insert's. */
void quote_match_insert(struct quote_match *match, uint32_t instrument, uint32_t handle,
                        enum match_side side, int64_t price, int32_t volume, uint64_t sequence);

/* Applies one fill of a plan; `side` is the filled order's. Takes the displayed size if
 * fill->takes_level and that level is still displayed, and the lots off the waiting order if there
 * is one. */
void quote_match_fill(struct quote_match *match, uint32_t instrument, enum match_side side,
                      const struct match_fill *fill);

void quote_match_remove(struct quote_match *match, uint32_t instrument, uint32_t handle);

/* All orders leave (end of the trading day); the quote stays. */
void quote_match_clear(struct quote_match *match, uint32_t instrument);

/* ---- apply: soft ---- */

/* Takes over a quote: sizes, volume, `used`, every `ahead` that it moves; ends an auction at the
 * first open price. */
void quote_match_advance(struct quote_match *match, uint32_t instrument, const struct quote *quote);

/* The replay starts a new pass or day: the next tick has dV = 0 and nothing is used up. */
void quote_match_new_pass(struct quote_match *match, uint32_t instrument);

/* AuctionOrdering begins (true), or ends without an open price (false: continuous rules from the
 * next quote on). */
void quote_match_set_auction(struct quote_match *match, uint32_t instrument, bool is_auction);

/* ---- soft state as bytes ---- */

const struct quote_state *quote_match_state(const struct quote_match *match, uint32_t instrument);

/* False, and nothing changes, when the bytes are not a state (counts out of range). */
bool quote_match_set_state(struct quote_match *match, uint32_t instrument,
                           const struct quote_state *state);

/* Lots ahead of a waiting order, or QUOTE_AHEAD_UNKNOWN. */
int32_t quote_match_ahead(const struct quote_match *match, uint32_t handle);
void quote_match_set_ahead(struct quote_match *match, uint32_t handle, int32_t ahead);

#endif
