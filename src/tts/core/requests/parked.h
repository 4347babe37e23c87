/* parked.h: what parked.c gives to the core's other files. */
#ifndef TTS_CORE_REQUESTS_PARKED_H
#define TTS_CORE_REQUESTS_PARKED_H

#include "tts/core/effect.h"

/* A product's status changed from `before`: where a phase that takes orders begins (what was parked
 * in an auction waits for continuous trading), what was parked for it is sent, actions first, each
 * kind in the order of its ids. Emits effects. */
void parked_status_changed(struct core *core, uint32_t product, char before);

#endif
