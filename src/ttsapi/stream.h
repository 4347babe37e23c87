/* stream.h: a connected socket, plain or under TLS, read and written without blocking. OpenSSL is
 * loaded when first needed, so that a program that trades over tcp:// needs no OpenSSL. */
#ifndef TTSAPI_STREAM_H
#define TTSAPI_STREAM_H

#include "base/error.h"
#include <sys/types.h>

struct stream {
    int descriptor;    /* -1 when there is no connection */
    void *tls;         /* OpenSSL's object; NULL on plain TCP */
    bool wants_writes; /* TLS cannot go on before the socket takes bytes */
    char why[128];     /* what OpenSSL says of a connection that it ended; empty otherwise */
};

/* Loads OpenSSL. Fails, with what to install, when it is not there. Any thread, any number of
 * times. */
bool stream_tls_prepare(struct error *error) __attribute__((warn_unused_result));

/* Takes over a connected, non-blocking socket; closes it when TLS cannot be set up. `host` is asked
 * for by name (SNI). The front's certificate is checked, against `host` too, when the environment
 * variable TTSAPI_CA_FILE names a file of trusted certificates in PEM form, and not checked
 * otherwise. TLS shakes hands within the first reads and writes. */
bool stream_open(struct stream *stream, int descriptor, bool tls, const char *host,
                 struct error *error) __attribute__((warn_unused_result));

/* Bytes read or written; 0 when it would have to wait; -1 when the connection is closed or failed.
 * TLS streams belong to one thread; of plain ones one thread may read while another writes. */
ssize_t stream_read(struct stream *stream, char *bytes, size_t size);
ssize_t stream_write(struct stream *stream, const char *bytes, size_t size);

void stream_close(struct stream *stream);

#endif
