/* gateway_process.h: a real webctp for a test: in a folder of its own, on a free port, with the
 * stand-in libraries as its channel. */
#ifndef TESTS_WEBCTP_GATEWAY_PROCESS_H
#define TESTS_WEBCTP_GATEWAY_PROCESS_H

#include "websocket_client.h"
#include <sys/types.h>

struct gateway_process {
    char folder[64];
    pid_t id;
    int port;
};

/* Starts it with an app type and `yaml`, further lines of its config ("" for none; a key there wins
 * over the test's own). Fails the test when it does not come up. */
void gateway_process_start(struct gateway_process *process, const char *app_type, const char *yaml);

/* Runs it to its end with these arguments behind the program's name (NULL-terminated); gives its
 * exit code and all that it printed, on both streams. `folder` must exist. */
int gateway_process_run(const char *folder, char *const arguments[], struct buffer *printed);

/* Sends the signal and waits for the end: gives the exit code, -1 when a signal ended it. */
int gateway_process_stop(struct gateway_process *process, int signal_number);

/* Ends it (SIGTERM, must exit 0) and removes its folder. */
void gateway_process_finish(struct gateway_process *process);

/* Whether the file in its folder ("log", "stand-in.log") has the text, now or within the time. */
bool gateway_process_has(const struct gateway_process *process, const char *file, const char *what,
                         int timeout_ms);

/* How often it stands there now. */
unsigned gateway_process_count(const struct gateway_process *process, const char *file,
                               const char *what);

/* Opens a connection to it; fails the test when it cannot. */
void gateway_process_connect(const struct gateway_process *process, struct websocket *socket,
                             const char *path);

/* Sends a message; the next that comes must be exactly `answer`. */
void expect_exactly(struct websocket *socket, const char *message, const char *answer);

/* The next message must have the text in it; gives the whole message. NULL as `message`: nothing is
 * sent. */
const char *expect(struct websocket *socket, const char *message, const char *part);

/* Nothing comes for that long. */
void expect_silence(struct websocket *socket, int ms);

/* Logs in a trader "4645" with the password "good". */
void expect_login(struct websocket *socket);

/* A folder of its own below /tmp, and its removal with all in it. */
void make_folder(char folder[64]);
void remove_folder(const char *folder);
void write_file(const char *folder, const char *name, const char *content);

#endif
