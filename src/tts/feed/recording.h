/* recording.h: recorded days in memory, packed, and their passes. Files are read once and whole; a
 * row takes about 100 bytes. The k-th recorded day of each instrument plays in the k-th pass,
 * whatever its date; an instrument with fewer days starts over. Rows of one instrument and day may
 * stand in any order: each stretch that goes back in time becomes a run of its own, runs are
 * merged.
 *
 * A pre-settlement price that the recording lacks is the last price of the instrument's day before,
 * else its first price. */
#ifndef TTS_FEED_RECORDING_H
#define TTS_FEED_RECORDING_H

#include "tts/feed/catalogue.h"
#include "tts/feed/source.h"

enum { RECORDING_RUNS_MAX = 4096 };

/* Reads the files, one after another, as one recording. `memory_max` in bytes bounds what the
 * packed rows may take; 0: no bound. `catalogue` outlives the source. False: error is set and
 * `source` is as it was. */
bool recording_open(struct source *source, struct catalogue *catalogue, const char *const *paths,
                    size_t count, size_t memory_max, struct error *error);

#endif
