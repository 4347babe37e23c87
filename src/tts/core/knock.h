/* knock.h: which addresses and terminals may knock at the counter at all: the black list, addresses
 * that failed too often today, and the users and addresses that a terminal is granted to. For the
 * core's sessions only. */
#ifndef TTS_CORE_KNOCK_H
#define TTS_CORE_KNOCK_H

#include "tts/core/reply.h"

enum knock { KNOCK_AUTHENTICATION, KNOCK_LOGIN, KNOCK_KINDS };

/* Why the connection's address may not: 4060 or 143 too many failures of that kind today, 144
 * black-listed; 0: it may. */
int knock_refusal(const struct core *core, const struct connection *from, enum knock kind);

/* The address has failed once more. Soft: a restart forgets it, as does the next trading day. */
void knock_failed(struct core *core, const struct connection *from, enum knock kind);

/* Why a terminal may not be used: 63 unknown or a wrong code, 4043 not granted to the user, 4042
 * not granted to the address; 0: it may, also when no terminal is listed. */
int knock_terminal(const struct core *core, const struct connection *from,
                   const struct CThostFtdcReqAuthenticateField *body);

/* A trading login succeeded: from the connection's address this user may have market data today. */
void knock_entered(struct core *core, const struct connection *from);

/* Whether the user logged in for trading today, as of this broker and from this address. */
bool knock_has_entered(const struct core *core, const char *address, text broker_id, text user_id);

#endif
