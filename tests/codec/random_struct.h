/* random_struct.h: structs of any layout with drawn contents, the same for the same seed on every
 * machine; shared by the codec's tests and its bench. */
#ifndef TESTS_CODEC_RANDOM_STRUCT_H
#define TESTS_CODEC_RANDOM_STRUCT_H

#include "ctp/ctp.h"

/* A generator of 64-bit numbers; any seed will do. */
struct random_source {
    uint64_t state;
};
uint64_t random_next(struct random_source *source);
unsigned random_below(struct random_source *source, unsigned limit);

/* Room for any struct, aligned for any field. */
struct random_body {
    _Alignas(8) char bytes[CTP_STRUCT_SIZE_MAX];
};

/* Fills layout->size bytes: about a third of the fields stay zero; texts are printable ASCII,
 * quotes and backslashes, or Chinese in GB18030, up to the full field; numbers lie over their whole
 * range, doubles are finite. Bytes between fields and behind texts are zero. */
void random_struct_fill(struct random_source *source, const struct ctp_layout *layout, void *body);

#endif
