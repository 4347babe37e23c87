/* request_returns.h: what a channel's returns do to each kind of request: the functions behind
 * channel_request_told. Each is in the file of its kind, gets a record of that kind, and is false
 * when that cannot have become of it. For request_returns.c. */
#ifndef TTS_CORE_REQUESTS_REQUEST_RETURNS_H
#define TTS_CORE_REQUESTS_REQUEST_RETURNS_H

#include "tts/core/channel.h"

bool quote_told(struct core *core, uint32_t place, const struct request_return *told);
bool exercise_told(struct core *core, uint32_t place, const struct request_return *told);
bool self_close_told(struct core *core, uint32_t place, const struct request_return *told);
bool for_quote_told(struct core *core, uint32_t place, const struct request_return *told);
bool combination_action_told(struct core *core, uint32_t place, const struct request_return *told);
bool offset_setting_told(struct core *core, uint32_t place, const struct request_return *told);

/* Ends an exercise, a self close or an offset setting in its body (of struct `of`): cancelled now,
 * by the exchange's refusal and words, or by the user who took it back. */
void request_end(struct core *core, enum ctp_struct of, void *body,
                 const struct request_return *told);

/* A StatusMsg from UTF-8; empty when the words do not fit. */
void put_status_words(char *field, size_t size, text words);

#endif
