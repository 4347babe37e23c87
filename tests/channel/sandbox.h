/* sandbox.h: a temporary folder in which a test has its own user data, channels and programs; the
 * environment points there and to nothing else. */
#ifndef TESTS_CHANNEL_SANDBOX_H
#define TESTS_CHANNEL_SANDBOX_H

#include "base/buffer.h"

/* cmocka's setup and teardown: XDG_DATA_HOME becomes SANDBOX/data. */
int sandbox_enter(void **state);
int sandbox_leave(void **state);

#define IN_SANDBOX(test) cmocka_unit_test_setup_teardown(test, sandbox_enter, sandbox_leave)

/* The absolute path of something in the sandbox. Valid until four more calls. */
const char *sandbox_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Puts a stand-in ("trader_672") or, with "=...", a text as a file at a path in the sandbox;
 * folders are made. */
void sandbox_put(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts a pair of stand-ins as NAME/VERSION into the user's channels. */
void sandbox_put_pair(const char *name, const char *version, const char *trader, const char *md);

/* Reads a file whole; the caller finishes the buffer. Fails the test when it cannot. */
struct buffer file_bytes(const char *path);

/* The path of a stand-in. Valid until four more calls. */
const char *standin_path(const char *name);

/* Runs a shell command; one that begins with "channels " runs openctp-channels. What it printed on
 * both outputs is kept in `ran_said`. Gives the exit code. */
int ran(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern struct buffer ran_said;

/* Starts a shell command in which $P is openctp-channels; the caller reads its output and ends it
 * with pclose. */
FILE *sandbox_start(const char *command);

/* Copies openctp-channels to a path whose folder is there. */
void sandbox_copy_program(const char *to);

/* Fails the test unless the last command printed this somewhere, or unless it did not. */
void assert_said(const char *part);
void assert_not_said(const char *part);

#endif
