/* wall.c: see wall.h. */
#include "tts/wall.h"

enum { DAY_S = 86400, LINE_BEGINS = -6 * 3600, LINE_ENDS = LINE_BEGINS + DAY_S, STEP_S = 30 };

static bool group_is_open(const struct session_group *group, int line_second)
{
    switch (session_group_phase(group, session_group_has_night(group), line_second)) {
    case SESSION_PHASE_AUCTION_ORDERING:
    case SESSION_PHASE_AUCTION_MATCH:
    case SESSION_PHASE_CONTINUOUS:
        return true;
    default:
        return false;
    }
}

bool wall_is_open(const struct wall_groups *groups, int line_second)
{
    for (int i = 0; i < groups->count; i++)
        if (group_is_open(groups->at[i], line_second))
            return true;
    return false;
}

/* Sessions last for minutes, so that steps of half a minute miss none. */
bool wall_last_part(const struct wall_groups *groups, int line_second, int *start, int *end)
{
    int at = line_second, walked = 0;
    while (!wall_is_open(groups, at) && walked < DAY_S) {
        walked += STEP_S;
        at = at - STEP_S < LINE_BEGINS ? at - STEP_S + DAY_S : at - STEP_S;
    }
    if (walked >= DAY_S)
        return false;
    *start = *end = at;
    while (*end + 1 < LINE_ENDS && wall_is_open(groups, *end + 1))
        ++*end;
    while (*start - STEP_S >= LINE_BEGINS && wall_is_open(groups, *start - STEP_S))
        *start -= STEP_S;
    while (*start > LINE_BEGINS && wall_is_open(groups, *start - 1))
        --*start;
    return true;
}

int64_t wall_playing_ms(const struct wall *wall, int64_t now_ms)
{
    return now_ms + wall->offset_ms;
}

/* Plays the part from its beginning. */
static bool loop_part(struct wall *wall, int64_t now_ms, int *jump)
{
    wall->offset_ms = (int64_t)wall->part_start * 1000 - now_ms;
    *jump = wall->part_start;
    return true;
}

bool wall_turn(struct wall *wall, const struct wall_groups *groups, int64_t now_ms, int *jump)
{
    int second = (int)((now_ms - LINE_BEGINS * 1000) / 1000) + LINE_BEGINS;
    bool open = wall_is_open(groups, second);
    bool goes_on = wall->follows && wall->open == open && now_ms >= wall->newest_ms;
    wall->newest_ms = now_ms;
    if (goes_on && (open || wall_playing_ms(wall, now_ms) <= (int64_t)wall->part_end * 1000))
        return false;
    wall->follows = true;
    wall->open = open;
    if (open) {
        wall->offset_ms = 0;
        *jump = second;
        return true;
    }
    if (!goes_on && !wall_last_part(groups, second, &wall->part_start, &wall->part_end)) {
        wall->part_start = LINE_BEGINS; /* nothing ever trades: there is nothing to loop */
        wall->part_end = LINE_ENDS;
        wall->offset_ms = 0;
        return false;
    }
    return loop_part(wall, now_ms, jump);
}
