/* order_pattern.h: InputOrders as they were received, kept small. A client sends the same order
 * again and again with another price, so a session's first one is kept whole, as its pattern, and
 * of those behind it only the words in which they differ. An order that differs too much becomes
 * the next pattern. For the files of the core. */
#ifndef TTS_CORE_DESK_ORDER_PATTERN_H
#define TTS_CORE_DESK_ORDER_PATTERN_H

#include "tts/core/state.h"

/* Decide: puts `input` (zero behind the ends of its texts) into `out`, which is cleared: true as
 * its differences from the session's pattern, false whole. `session` NONE: always whole. */
bool order_pattern_pack(struct core *core, uint32_t session,
                        const struct CThostFtdcInputOrderField *input, struct buffer *out);

/* Apply: keeps what order_pattern_pack put out, and gives the blob's place. */
uint32_t order_pattern_keep(struct core *core, uint32_t session, bool differs, const char *bytes,
                            size_t length);

/* Reads a kept one back. */
void order_pattern_read(const struct core *core, uint32_t blob,
                        struct CThostFtdcInputOrderField *input);

/* The first text field of `input` that is no clean text (check 7), NULL when all are. What is as in
 * the session's pattern has been looked at before. */
const char *order_pattern_bad_text(struct core *core, uint32_t session,
                                   const struct CThostFtdcInputOrderField *input);

#endif
