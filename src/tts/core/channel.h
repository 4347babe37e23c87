/* channel.h: where an account's orders go when the counter has accepted them (E1). The counter
 * knows a channel by this interface only; `sim`, the simulated exchange, is the one there is, and a
 * counter further up is another.
 *
 * What comes back from a channel are decided facts, and these are the effects order_queued,
 * order_returned, order_traded, order_cancelled and order_refused of effect.h (E2..E7). A channel
 * tells them when they happen: `sim` within `submit` and with each quote, one with a line to
 * somewhere when its line says so. It changes nothing else. For the files of the core. */
#ifndef TTS_CORE_CHANNEL_H
#define TTS_CORE_CHANNEL_H

#include "tts/core/effect.h"

struct order_channel {
    const char *name;
    /* Takes an accepted order that is not a condition order. */
    void (*submit)(struct core *core, uint32_t order);
    /* A client's cancel that the counter let pass: E5, then E6, or E8 with `input` in its body. */
    void (*cancel)(struct core *core, uint32_t order, uint32_t user,
                   const struct CThostFtdcInputOrderActionField *input);
};

/* The channels in the order of struct investor's `channel`, which is journaled: new ones are added
 * at the end. */
extern const struct order_channel channels[];
enum { CHANNEL_SIM, CHANNELS };
_Static_assert((int)CHANNELS <= (int)CHANNELS_MAX, "the core keeps a state of each");

/* The place of a channel by its name; CHANNELS: none. */
uint32_t channel_find(text name);

/* That of the account's orders. */
const struct order_channel *channel_of(const struct core *core, uint32_t account);

/* ErrorID of why an order or a cancel cannot go out now, 0: it can. 21: no seat; 78 and 79: sending
 * fails. Orders 5.1, number 36, and 4.2, number 12. */
enum channel_way { CHANNEL_ORDER, CHANNEL_CANCEL };
int channel_why_not(const struct core *core, uint32_t account, enum channel_way way);

#endif
