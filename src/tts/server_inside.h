/* server_inside.h: what server.c (the loop) and server_market.c (feed, trading day) share. */
#ifndef TTS_SERVER_INSIDE_H
#define TTS_SERVER_INSIDE_H

#include "tts/admin/commands.h"
#include "tts/admin/control.h"
#include "tts/database.h"
#include "tts/feed/feed.h"
#include "tts/feed/pace.h"
#include "tts/front/front.h"
#include "tts/server.h"
#include "tts/wall.h"

struct server {
    const struct options *options;
    uv_loop_t loop;
    struct database database;
    struct catalogue catalogue;
    struct feed *feed;
    struct pace pace;
    struct wall wall; /* play: wall */
    struct wall_groups wall_groups;
    struct front *front;
    struct control *control;
    uv_timer_t feed_timer, day_timer;
    uv_poll_t journal_poll;
    uv_prepare_t turn;
    uv_idle_t again; /* runs while a turn has left work for the next one */
    uv_signal_t interrupt, terminate;
    uint64_t sealed;           /* last sequence handed to the disk */
    struct snapshot *snapshot; /* on its way to the disk */
    struct statements *statements;
    uint32_t *products;    /* core's place by the catalogue's */
    uint32_t *instruments; /* core's place by the catalogue's; UINT32_MAX: not put yet */
    uint32_t instrument_capacity;
    bool ready, stopping;
    int code;
};

/* ---- server_snapshot.c ---- */

/* `sequence` is that of the snapshot which was loaded. */
struct snapshot *snapshot_create(struct server *server, uint64_t sequence);

/* Takes the state down when enough effects have come since the last time, and writes it on another
 * thread as soon as its effects are durable. Called once in a turn. */
void snapshot_turn(struct snapshot *snapshot);

/* Writes the state now, on this thread: at the end. */
void snapshot_finish(struct snapshot *snapshot);
void snapshot_destroy(struct snapshot *snapshot);

/* ---- server_statements.c ---- */

struct statements *statements_create(struct server *server);
void statements_destroy(struct statements *statements);

/* Stores on another thread what statements the core still has, as soon as they are durable. Called
 * once in a turn. */
void statements_turn(struct statements *statements);

/* ---- server_market.c ---- */

/* Catalogue first, then (the database being open) products, feed and instruments. */
bool market_load(struct server *server, struct error *error);
bool market_begin(struct server *server, struct error *error);
void market_end(struct server *server);

/* Opens the ticks and closes them again; *day is what market_first_day says. */
bool market_check(struct server *server, int *day, struct error *error);

/* The trading day of a new database. */
bool market_first_day(struct server *server, int *day, struct error *error);

/* Sets the core's clocks. */
void market_set_time(struct server *server);

/* Plays what is due, then sets the timer for the next event. */
void market_play(uv_timer_t *timer);

/* Ends the trading day if its time has come. */
void market_check_day(uv_timer_t *timer);
bool market_settle(void *user, struct error *error);

/* What the operator does to the replay. */
bool market_change_ticks(void *user, const struct ticks_change *change, struct buffer *out,
                         struct error *error);

/* Called in each turn that has effects: keeps the feed's position with them. */
void market_note(struct server *server);

#endif
