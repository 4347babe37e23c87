/* control.h: the operator's door into a running server: a Unix socket beside the database, one JSON
 * line in ({"args": ["user", "list"]}) and one out ({"code": 0, "out": "..."}). Only the owner of
 * the file may connect (mode 0600). Loop thread only. */
#ifndef TTS_ADMIN_CONTROL_H
#define TTS_ADMIN_CONTROL_H

#include "base/buffer.h"
#include "base/error.h"
#include <uv.h>

struct control;

enum { CONTROL_REQUEST_BYTES_MAX = 64 * 1024, CONTROL_CLIENTS_MAX = 32 };

/* Runs words and appends output; returns the exit code. The reply waits: control_seal says behind
 * which sequence of the journal, and control_durable lets it go, so that what a command changed is
 * durable before anybody is told. */
typedef int (*control_handler)(void *user, const text *words, size_t count, struct buffer *out);

/* The socket's path for a database: "<db>.sock", or a short name in the temporary folder where that
 * is too long. */
void control_path(const char *database, char *path, size_t size);

/* Listens. NULL with `error`: the path cannot be used (the loop must run once more). */
struct control *control_create(uv_loop_t *loop, const char *path, control_handler handler,
                               void *user, struct error *error);

/* The replies since the last time wait for `sequence`; those that wait for that or less are sent.
 */
void control_seal(struct control *control, uint64_t sequence);
void control_durable(struct control *control, uint64_t sequence);

/* Closes; the loop must run until its handles are gone, then control_destroy. */
void control_stop(struct control *control);
void control_destroy(struct control *control);

/* ---- the client's side: blocking ---- */

/* Asks the server behind `path`. False with *running = false when nobody listens there, or only a
 * program of another user; false with `error` for a broken answer. */
bool control_ask(const char *path, const text *words, size_t count, int *code, struct buffer *out,
                 bool *running, struct error *error);

/* Parses one request line into words that point into memory of the returned value, which the caller
 * releases with control_request_free. NULL when it is no request. For the fuzz target too. */
struct control_request;
struct control_request *control_request_read(text line, const text **words, size_t *count);
void control_request_free(struct control_request *request);

#endif
