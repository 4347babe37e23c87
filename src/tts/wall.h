/* wall.h: the way of running that plays a recorded moment when the wall clock shows the same time
 * of day, weekends too. While no session is open, the last part of a session is played again and
 * again: from its beginning to its end, at the pace of the wall. This file only computes; the clock
 * and the feed are the caller's (server_market.c).
 *
 * Times are seconds and milliseconds on the line of a trading day (session_line_second): the
 * evening before is below 0. */
#ifndef TTS_WALL_H
#define TTS_WALL_H

#include "tts/core/market/session_table.h"

struct wall_groups { /* of the products that play */
    const struct session_group *at[SESSION_GROUPS_MAX];
    int count;
};

struct wall {
    bool follows; /* the fields below hold; false: the feed has been moved, jump anew */
    bool open;
    int part_start, part_end; /* of what is looped */
    int64_t offset_ms;        /* playing time less wall time */
    int64_t newest_ms;        /* wall time of the last call */
};

/* Whether any group has an auction or trades at this second. */
bool wall_is_open(const struct wall_groups *groups, int line_second);

/* The part of a session that ended last before a second at which nothing is open: *start is its
 * first second, *end its last. False: the groups never trade. */
bool wall_last_part(const struct wall_groups *groups, int line_second, int *start, int *end);

/* The wall shows `now_ms`. True: the feed must jump to the second of the line *jump. */
bool wall_turn(struct wall *wall, const struct wall_groups *groups, int64_t now_ms, int *jump);

/* The moment of the feed's line that is to be played now. */
int64_t wall_playing_ms(const struct wall *wall, int64_t now_ms);

#endif
