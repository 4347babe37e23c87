/* server.h: the running counter: core, journal, front, feed and control socket on one loop. */
#ifndef TTS_SERVER_H
#define TTS_SERVER_H

#include "tts/options.h"

/* Runs until SIGINT or SIGTERM. Returns the exit code: 0 after a clean end, 1 when it cannot start
 * (one line on stderr) or the disk failed. */
int server_run(const struct options *options);

/* The trading day that the wall clock says now, by the options' calendar and rollover. */
int server_wall_trading_day(const struct options *options);

#endif
