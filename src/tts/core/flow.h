/* flow.h: adding messages to flows; called by the application of effects only. For the files of the
 * core. */
#ifndef TTS_CORE_FLOW_H
#define TTS_CORE_FLOW_H

#include "tts/core/reply.h"

/* Keeps a message, the newest of core.messages; then flow_to_... says who hears it. */
static inline void flow_add(struct core *core, const struct flow_message *message)
{
    *LIST_NEXT(&core->messages) = *message;
}
void flow_to_user(struct core *core, uint32_t user, uint32_t message);
void flow_to_account(struct core *core, uint32_t account, uint32_t message);
void flow_to_public(struct core *core, uint32_t message);

/* Keeps bytes for the day and gives the blob's place. */
uint32_t blob_add(struct core *core, const void *bytes, size_t length);

#endif
