/* handlers.h: the functions that answer requests, declared from methods.def. Each gets a request
 * whose body is not NULL and, where the row says NEEDED, whose connection is logged in; each
 * answers or emits effects. For the files of the core. */
#ifndef TTS_CORE_HANDLERS_H
#define TTS_CORE_HANDLERS_H

#include "tts/core/reply.h"

#define METHOD(class, method, tier, login, handler) \
    void handler(struct core *core, const struct core_request *request);
#include "tts/core/methods.def"
#undef METHOD

/* Tier C: ErrorID 27 under the request's own answer; queries without body, commands with the echo.
 */
void refuse_unsupported(struct core *core, const struct core_request *request);

enum method_tier { TIER_NONE, TIER_A, TIER_B, TIER_C };

struct method_treatment {
    enum method_tier tier;
    bool login_needed;
    void (*handler)(struct core *core, const struct core_request *request);
};

/* How a request is treated; tier NONE (and a refusal) for what has no row. */
const struct method_treatment *method_treatment_of(enum ctp_method method);

#endif
