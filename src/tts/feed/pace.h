/* pace.h: from the feed's line of time to the wall: when an event is due. No clock of its own: the
 * caller tells the time (nanoseconds of a clock that never goes back, base/clock.h). Feed
 * milliseconds are those of feed_event.due_ms. */
#ifndef TTS_FEED_PACE_H
#define TTS_FEED_PACE_H

#include "base/text.h"

struct pace {
    int64_t wall_ns, feed_ms; /* these two moments are one; both move on when the pace changes */
    double speed;             /* feed time per wall time: 1 as recorded, 0 as fast as it goes */
    bool paused;
};

/* Begins at `feed_ms` now. `speed` is 0 or more. */
void pace_begin(struct pace *pace, int64_t now_ns, int64_t feed_ms, double speed);

/* The wall time at which a feed moment is due; never while paused: INT64_MAX. At speed 0 everything
 * is due at once. */
int64_t pace_due_ns(const struct pace *pace, int64_t feed_ms);

/* The feed moment that the wall has reached. At speed 0 it stays where it was last set. */
int64_t pace_feed_ms(const struct pace *pace, int64_t now_ns);

/* Changes from now on; what has gone by stays. */
void pace_set_speed(struct pace *pace, int64_t now_ns, double speed);
void pace_pause(struct pace *pace, int64_t now_ns);
void pace_resume(struct pace *pace, int64_t now_ns);

/* How long until a wall clock at `wall_ms` of the day shows `event_ms` of the day; 0 for what is
 * late by less than a quarter of a day. */
int64_t pace_wall_wait_ms(int64_t event_ms, int64_t wall_ms);

/* Where the feed is more than `most_ns` behind (the machine slept), makes `feed_ms` due now instead
 * of hurrying after. Whether it did. */
bool pace_forgive(struct pace *pace, int64_t now_ns, int64_t feed_ms, int64_t most_ns);

#endif
