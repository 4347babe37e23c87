/* options.h: what the counter was told: the command line and the configuration file, which say the
 * same things. */
#ifndef TTS_OPTIONS_H
#define TTS_OPTIONS_H

#include "base/error.h"
#include "base/log.h"
#include "tts/core/core.h"

enum { OPTIONS_TICKS_MAX = 64, OPTIONS_WORDS_MAX = 64 };

/* Recorded days one after the other, or each moment at its own time of day. */
enum play_mode { PLAY_LOOP, PLAY_WALL };
enum trading_day_mode { TRADING_DAY_PER_DAY, TRADING_DAY_PER_LOOP, TRADING_DAY_RECORDED };

struct options {
    char database[4096];
    char config[4096]; /* the file that was read; empty: none */
    char share[4096];  /* folder of products.csv ...; empty: the installed one */
    char ticks[OPTIONS_TICKS_MAX][1024];
    size_t ticks_count;
    char host[64];
    int td_port, md_port;
    char certificate[1024], private_key[1024];
    double speed;
    int64_t seed;
    int generated_day; /* recorded day of the generator's ticks, yyyymmdd; 0: a fixed one */
    enum core_profile profile;
    enum trading_day_mode trading_day;
    enum play_mode play;
    bool exchange_calendar; /* trading days by the exchanges' calendar; default: every day */
    bool frozen_expiry;
    bool both_sides;
    int rollover_second; /* of the day, Beijing time */
    int max_gap_s;
    int snapshot_effects; /* a snapshot each so many effects */
    int room_for_orders;  /* see core_reserve */
    int connections_max, connect_rate, out_megabytes_max;
    char book[4096]; /* instruments in book mode, commas between */
    enum log_level log_level;
    struct core_options core;
    /* the command and its words, when there is one; borrowed from argv */
    text words[OPTIONS_WORDS_MAX];
    size_t word_count;
    bool help, version, check;
};

/* Reads the command line, and the file that --config names (the command line wins). False with
 * `error`; *usage tells that the command line itself is wrong (exit code 2). */
bool options_read(struct options *options, int argc, char **argv, bool *usage, struct error *error);

/* The help text of the options. */
void options_help(struct buffer *out);

#endif
