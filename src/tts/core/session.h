/* session.h: connections and logins inside the core; what session.c gives to the dispatcher in
 * core.c. */
#ifndef TTS_CORE_SESSION_H
#define TTS_CORE_SESSION_H

#include "tts/core/reply.h"

/* Forgets who was logged in on the connection: logout, loss, rollover. */
void session_end(struct core *core, uint32_t connection);

#endif
