/* quote_order.h: what quote_order.c gives to the returns of orders. */
#ifndef TTS_CORE_REQUESTS_QUOTE_ORDER_H
#define TTS_CORE_REQUESTS_QUOTE_ORDER_H

#include "tts/core/effect.h"

/* An order was traded, cancelled or refused: when it was the last living leg of a quote, the quote
 * ends and its owners hear it. Nothing happens for other orders. */
void quote_leg_changed(struct core *core, uint32_t order);

/* Asks the channel to take back the live quote of the account in the instrument whose place is
 * below `before`, if there is one: a newer one arrives. */
void quote_replace_former(struct core *core, uint32_t account, uint32_t instrument,
                          uint32_t before);

#endif
