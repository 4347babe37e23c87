/* self_close.h: what self_close.c gives to the settlement. */
#ifndef TTS_CORE_REQUESTS_SELF_CLOSE_H
#define TTS_CORE_REQUESTS_SELF_CLOSE_H

#include "tts/core/effect.h"

/* Puts the live self close settings into the ledger's wishes. Application of day_settled only. */
void self_close_wish(struct core *core);

#endif
