/* pack.h: the records of a batch made small. Records of one kind follow one another with a few
 * changed numbers, so each is kept as its differences from the last one of its length that began
 * alike. What a general packer finds in several times the time is shorter; the disk's sync costs
 * more than that. Inner part of the journal; knows records as bytes only. */
#ifndef TTS_JOURNAL_PACK_H
#define TTS_JOURNAL_PACK_H

#include "base/buffer.h"

/* The records in the form that struct batch has (for each its length in 4 bytes, lowest first, and
 * its bytes), packed, in `out`, which is cleared. The form must be whole (asserted). */
void records_pack(text records, struct buffer *out);

/* The reverse: `length` bytes to `to`. False when `packed` is not what was packed of so many bytes;
 * then `to` has anything. */
bool records_unpack(text packed, char *to, size_t length) __attribute__((warn_unused_result));

#endif
