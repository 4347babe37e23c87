/* auction.h: the call auction (opening; closing one of index options) over the orders that rest in
 * a book: the one price at which most lots trade, and who trades with whom. Reads only; to apply,
 * book_reduce both orders of each pair.
 *
 * The rule of the exchanges: for each tick p between the lowest and the highest limit, V(p) =
 * min(buys at p or higher, sells at p or lower). Largest V; then least |buys - sells|; then nearest
 * to the previous settlement; then the higher price (our own choice; it shows only if the
 * settlement lies between two ticks, and then price_in_ticks has rounded it up already).
 *
 * At the price one side fills fully. Of the other side orders at the price may be left over, and,
 * where the settlement pulled the price along a stretch of equal volume and surplus, also better
 * ones; what is left never crosses. */
#ifndef TTS_CORE_MATCHING_AUCTION_H
#define TTS_CORE_MATCHING_AUCTION_H

#include "tts/core/matching/book.h"

struct auction {
    bool found;      /* false: buys and sells do not meet, all else is 0 */
    int64_t price;   /* ticks */
    int64_t volume;  /* lots that trade, each match once */
    int64_t surplus; /* buys - sells at the price; its sign is the side that is left over */
};

/* O(levels), however far the prices are apart. `pre_settlement` in ticks (price_in_ticks). */
struct auction auction_price(const struct book *book, int64_t pre_settlement);

/* One match: both orders trade `volume` lots at the auction's price. */
struct auction_pair {
    uint32_t buy, sell;
    int32_t volume;
};

/* A growable list, as struct match_fills. */
struct auction_pairs {
    struct auction_pair *items;
    uint32_t count, capacity;
};

/* Appends the matches: buys by price, then time, against sells by price, then time; their sum is
 * auction->volume. Orders of one owner on both sides do trade with each other here. */
void auction_plan(const struct book *book, const struct auction *auction,
                  struct auction_pairs *pairs);

void auction_pairs_finish(struct auction_pairs *pairs);

#endif
