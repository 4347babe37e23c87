/* exercise.h: exercise and abandon of options; what exercise.c gives to the settlement. */
#ifndef TTS_CORE_REQUESTS_EXERCISE_H
#define TTS_CORE_REQUESTS_EXERCISE_H

#include "tts/core/effect.h"

/* The owners hear what came of what they asked for, by their channels: before the day is settled.
 * Emits effects. */
void exercise_conclude_all(struct core *core);

/* Puts the owners' wishes for the settlement into the ledger: which futures that come of it are set
 * off, which options do not exercise themselves. Application of day_settled only. */
void exercise_wish(struct core *core);

#endif
