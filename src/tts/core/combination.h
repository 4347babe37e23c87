/* combination.h: combinations of two legs ("SP i2505&i2509"): what combination.c gives to the
 * core's other files. */
#ifndef TTS_CORE_COMBINATION_H
#define TTS_CORE_COMBINATION_H

#include "tts/core/effect.h"

/* The places of a combination's legs, read from its id; false when it is no combination, or a leg
 * is not listed. */
bool combination_legs(const struct core *core, uint32_t instrument, uint32_t legs[2]);

#endif
