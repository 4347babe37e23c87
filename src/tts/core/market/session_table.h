/* session_table.h: when a product's trading status changes on a trading day, as rows (group, when,
 * time, status) that come from share/sessions.csv. Pure: it knows no clock and no file. What is
 * taken in which phase is decided elsewhere.
 *
 * Times are *line seconds*: seconds from midnight of the trading day along its line of time, so
 * that the evening before is negative (21:00 is -10800), the hours after midnight and the day
 * follow (00:30 is 1800, 09:00 is 32400). A line second says the time of day; the natural day is
 * the calendar's (calendar_natural_day). */
#ifndef TTS_CORE_MARKET_SESSION_TABLE_H
#define TTS_CORE_MARKET_SESSION_TABLE_H

#include "base/text.h"

enum { SESSION_STEPS_MAX = 40, SESSION_GROUPS_MAX = 64 };

/* From 18:00 on, a time of day belongs to the evening before the trading day. */
int session_line_second(int second_of_day);
int session_second_of_day(int line_second);

enum session_when { SESSION_ALWAYS, SESSION_WITH_NIGHT, SESSION_WITHOUT_NIGHT };

struct session_step {
    int line_second;
    enum session_when when;
    char status;       /* InstrumentStatus: '0' BeforeTrading '1' NoTrading '2' Continous '3'
                          AuctionOrdering '5' AuctionMatch '6' Closed */
    char enter_reason; /* EnterReason: '1' automatic */
};

struct session_group {
    char id[16];
    struct session_step
        steps[SESSION_STEPS_MAX]; /* in order of time; equal times in order of addition */
    int step_count;
};

struct session_table {
    struct session_group groups[SESSION_GROUPS_MAX];
    int group_count;
};

enum session_added { SESSION_ADDED, SESSION_TOO_MANY, SESSION_BACKWARDS };

/* Adds a step to a group (made when it is new). Steps of a group come in order of time: BACKWARDS
 * otherwise. */
enum session_added session_table_add(struct session_table *table, text group,
                                     struct session_step step);

/* NULL: no such group. */
const struct session_group *session_table_find(const struct session_table *table, text group);

/* Whether the group trades at night at all. */
bool session_group_has_night(const struct session_group *group);

/* The steps of one trading day, in order, into `steps` (SESSION_STEPS_MAX); `night`: the evening
 * before has a night session. Returns how many. */
int session_group_day(const struct session_group *group, bool night, struct session_step *steps);

/* A status that ends a session ('0', '1', '6') takes effect behind its second, because a tick
 * stamped exactly at an end belongs to the session; one that begins something at the start of its
 * second. */
bool session_step_ends(const struct session_step *step);

/* The status in a second of the line; '0' before the first step. */
char session_group_status(const struct session_group *group, bool night, int line_second);

/* What a status means; a '0' behind an auction is the exchange's auction match (CZCE), other '0'
 * and '1' between sessions are breaks. */
enum session_phase {
    SESSION_PHASE_BEFORE,
    SESSION_PHASE_AUCTION_ORDERING,
    SESSION_PHASE_AUCTION_MATCH,
    SESSION_PHASE_CONTINUOUS,
    SESSION_PHASE_BREAK,
    SESSION_PHASE_CLOSED
};
enum session_phase session_group_phase(const struct session_group *group, bool night,
                                       int line_second);

/* The first step later than `line_second`; false: none any more on this day. */
bool session_group_next(const struct session_group *group, bool night, int line_second,
                        struct session_step *step);

/* The first continuous second of the day and the second of its end (15:00); false: the group never
 * trades continuously. */
bool session_group_bounds(const struct session_group *group, bool night, int *first, int *last);

#endif
