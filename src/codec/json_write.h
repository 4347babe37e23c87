/* json_write.h: a struct of any version straight to JSON, driven by its layout alone. No allocation
 * per field: key texts are prepared once per layout, and the caller's buffer grows. Rules: the
 * webctp protocol (docs/webctp.md). */
#ifndef CODEC_JSON_WRITE_H
#define CODEC_JSON_WRITE_H

#include "base/buffer.h"
#include "ctp/ctp.h"

enum json_write_flags {
    JSON_ABSENT_PRICE_ZERO = 1, /* a price that is the largest double is written 0 (market data) */
    JSON_WITH_RESERVED = 2,     /* also the reserveN fields, which are left out otherwise */
};

/* A layout prepared for writing; made once per (layout, flags), kept until the process ends, shared
 * by all threads. */
struct json_plan;
const struct json_plan *json_plan_find(const struct ctp_layout *layout, unsigned flags);

/* Appends {"Field": value, ...} with every field of the struct in struct order. Text is converted
 * from GB18030 and escaped, invalid bytes become U+FFFD; a NUL char is ""; NaN and infinity are
 * null. */
void json_write_struct(struct buffer *out, const struct json_plan *plan, const void *body);

/* Appends a JSON string of UTF-8 text, quotes included; invalid bytes become U+FFFD. */
void json_write_text(struct buffer *out, text utf8);

/* Appends a JSON string of GB18030 text, quotes included. */
void json_write_gb18030(struct buffer *out, text gb18030);

void json_write_int(struct buffer *out, int64_t value);
void json_write_double(struct buffer *out, double value);

#endif
