/* processes.h: a real tts and a real webctp in a folder of their own, on free ports, for
 * conversations. */
#ifndef TRANSCRIPTS_PROCESSES_H
#define TRANSCRIPTS_PROCESSES_H

#include "base/buffer.h"
#include <sys/types.h>

struct processes {
    char folder[64];
    char ticks[1024]; /* the file that tts replays */
    pid_t tts, webctp;
    int td_port, md_port; /* of tts; kept over its restarts */
    int port;             /* of webctp */
};

/* Makes the folder and switches the channel to tts. */
bool processes_begin(struct processes *processes);

/* Starts tts with further options (blanks between), and waits until it is ready. */
bool processes_start_tts(struct processes *processes, text options);

/* Ends tts with a signal (SIGTERM must give exit code 0). */
bool processes_end_tts(struct processes *processes, int signal_number);

/* Stops it in whatever it does (true), and lets it go on; false when it does not run. */
bool processes_hold_tts(struct processes *processes, bool hold);

/* Starts webctp (app type dev) with further lines of its config, `KEY=VALUE` with blanks between.
 */
bool processes_start_webctp(struct processes *processes, text settings);
bool processes_end_webctp(struct processes *processes);

/* Runs `tts --db ... words` to its end; gives its exit code and appends what it printed. */
int processes_command(struct processes *processes, text words, struct buffer *printed);

/* Prints the programs' logs: for a failure. */
void processes_show_logs(const struct processes *processes);

/* Ends what still runs and removes the folder. */
void processes_finish(struct processes *processes);

#endif
