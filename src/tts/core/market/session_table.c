/* session_table.c: see session_table.h. Groups and steps are few, so everything is a walk over
 * small arrays. */
#include "tts/core/market/session_table.h"
#include "tts/core/market/calendar.h"

enum { DAY_S = 86400 };

int session_line_second(int second_of_day)
{
    return second_of_day >= CALENDAR_EVENING_SECOND ? second_of_day - DAY_S : second_of_day;
}

int session_second_of_day(int line_second)
{
    return line_second < 0 ? line_second + DAY_S : line_second;
}

static struct session_group *find(struct session_table *table, text group)
{
    for (int i = 0; i < table->group_count; i++)
        if (text_equal(text_of(table->groups[i].id), group))
            return &table->groups[i];
    return NULL;
}

const struct session_group *session_table_find(const struct session_table *table, text group)
{
    for (int i = 0; i < table->group_count; i++)
        if (text_equal(text_of(table->groups[i].id), group))
            return &table->groups[i];
    return NULL;
}

enum session_added session_table_add(struct session_table *table, text group,
                                     struct session_step step)
{
    struct session_group *into = find(table, group);
    if (!into) {
        if (table->group_count == SESSION_GROUPS_MAX || group.length >= sizeof into->id)
            return SESSION_TOO_MANY;
        into = &table->groups[table->group_count++];
        *into = (struct session_group){.step_count = 0};
        text_copy(into->id, sizeof into->id, group);
    }
    if (into->step_count == SESSION_STEPS_MAX)
        return SESSION_TOO_MANY;
    if (into->step_count > 0 && step.line_second < into->steps[into->step_count - 1].line_second)
        return SESSION_BACKWARDS;
    into->steps[into->step_count++] = step;
    return SESSION_ADDED;
}

bool session_group_has_night(const struct session_group *group)
{
    for (int i = 0; i < group->step_count; i++)
        if (group->steps[i].when == SESSION_WITH_NIGHT && group->steps[i].status == '2')
            return true;
    return false;
}

static bool step_applies(const struct session_step *step, bool night)
{
    return step->when == SESSION_ALWAYS || (step->when == SESSION_WITH_NIGHT) == night;
}

int session_group_day(const struct session_group *group, bool night, struct session_step *steps)
{
    int count = 0;
    for (int i = 0; i < group->step_count; i++)
        if (step_applies(&group->steps[i], night))
            steps[count++] = group->steps[i];
    return count;
}

bool session_step_ends(const struct session_step *step)
{
    return step->status == '0' || step->status == '1' || step->status == '6';
}

/* Whether the step has taken effect for what is stamped with `line_second`. */
static bool step_reached(const struct session_step *step, int line_second)
{
    return session_step_ends(step) ? line_second > step->line_second
                                   : line_second >= step->line_second;
}

char session_group_status(const struct session_group *group, bool night, int line_second)
{
    char status = '0';
    for (int i = 0; i < group->step_count; i++)
        if (step_applies(&group->steps[i], night) && step_reached(&group->steps[i], line_second))
            status = group->steps[i].status;
    return status;
}

static enum session_phase phase_after(enum session_phase before, char status)
{
    switch (status) {
    case '2':
        return SESSION_PHASE_CONTINUOUS;
    case '3':
        return SESSION_PHASE_AUCTION_ORDERING;
    case '4':
    case '5':
        return SESSION_PHASE_AUCTION_MATCH;
    case '6':
        return SESSION_PHASE_CLOSED;
    default:
        if (before == SESSION_PHASE_AUCTION_ORDERING)
            return SESSION_PHASE_AUCTION_MATCH;
        return before == SESSION_PHASE_BEFORE ? SESSION_PHASE_BEFORE : SESSION_PHASE_BREAK;
    }
}

enum session_phase session_group_phase(const struct session_group *group, bool night,
                                       int line_second)
{
    enum session_phase phase = SESSION_PHASE_BEFORE;
    for (int i = 0; i < group->step_count; i++) {
        const struct session_step *step = &group->steps[i];
        if (!step_applies(step, night))
            continue;
        /* CZCE's '0' at 20:59 begins the match, it ends no session: it counts from its own second
         * on. */
        bool match = phase == SESSION_PHASE_AUCTION_ORDERING && step->status == '0';
        if (match ? line_second >= step->line_second : step_reached(step, line_second))
            phase = phase_after(phase, step->status);
    }
    return phase;
}

bool session_group_next(const struct session_group *group, bool night, int line_second,
                        struct session_step *step)
{
    for (int i = 0; i < group->step_count; i++) {
        if (step_applies(&group->steps[i], night) && group->steps[i].line_second > line_second) {
            *step = group->steps[i];
            return true;
        }
    }
    return false;
}

bool session_group_bounds(const struct session_group *group, bool night, int *first, int *last)
{
    bool open = false, found = false;
    for (int i = 0; i < group->step_count; i++) {
        const struct session_step *step = &group->steps[i];
        if (!step_applies(step, night))
            continue;
        if (open)
            *last = step->line_second;
        open = step->status == '2';
        if (open && !found) {
            *first = *last = step->line_second;
            found = true;
        }
    }
    return found;
}
