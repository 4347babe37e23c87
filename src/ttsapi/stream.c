/* stream.c: see stream.h. The only file that knows OpenSSL, and only by dlopen: the libraries
 * depend on libc alone. */
#include "ttsapi/stream.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* What we use of OpenSSL; X(name) for each. */
#define OPENSSL_FUNCTIONS(X)         \
    X(TLS_client_method)             \
    X(SSL_CTX_new)                   \
    X(SSL_CTX_free)                  \
    X(SSL_CTX_ctrl)                  \
    X(SSL_CTX_set_verify)            \
    X(SSL_CTX_load_verify_locations) \
    X(SSL_new)                       \
    X(SSL_free)                      \
    X(SSL_ctrl)                      \
    X(SSL_set1_host)                 \
    X(SSL_set_fd)                    \
    X(SSL_set_connect_state)         \
    X(SSL_read)                      \
    X(SSL_write)                     \
    X(SSL_get_error)                 \
    X(ERR_clear_error)               \
    X(ERR_get_error)                 \
    X(ERR_error_string_n)

static struct {
#define MEMBER(name) __typeof__(name) *name;
    OPENSSL_FUNCTIONS(MEMBER)
#undef MEMBER
    bool loaded;
} openssl;

static pthread_mutex_t openssl_lock = PTHREAD_MUTEX_INITIALIZER;

static bool find_functions(void *library)
{
#define FIND(name)                                          \
    if (!(*(void **)&openssl.name = dlsym(library, #name))) \
        return false;
    OPENSSL_FUNCTIONS(FIND)
#undef FIND
    return true;
}

bool stream_tls_prepare(struct error *error)
{
    pthread_mutex_lock(&openssl_lock);
    if (!openssl.loaded) {
        void *library = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
        openssl.loaded = library && find_functions(library);
    }
    bool loaded = openssl.loaded;
    pthread_mutex_unlock(&openssl_lock);
    if (loaded)
        return true;
    error_set(error, "ssl:// needs OpenSSL 3, and libssl.so.3 cannot be loaded");
    return error_fix(error, "install it (Debian: apt install libssl3) or use a tcp:// front");
}

/* A context without checks, or with those of TTSAPI_CA_FILE. NULL when that file is no good. */
static SSL_CTX *make_context(struct error *error)
{
    SSL_CTX *context = openssl.SSL_CTX_new(openssl.TLS_client_method());
    if (!context) {
        error_set(error, "OpenSSL does not start");
        return NULL;
    }
    openssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
    openssl.SSL_CTX_ctrl(context, SSL_CTRL_MODE,
                         SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, NULL);
    const char *trusted = getenv("TTSAPI_CA_FILE");
    openssl.SSL_CTX_set_verify(context, trusted ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (!trusted || openssl.SSL_CTX_load_verify_locations(context, trusted, NULL) == 1)
        return context;
    openssl.SSL_CTX_free(context);
    error_set(error, "%.200s holds no certificates that can be read", trusted);
    error_fix(error, "TTSAPI_CA_FILE must name a file of certificates in PEM form");
    return NULL;
}

static bool is_numeric(const char *host)
{
    unsigned char address[16];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static bool open_tls(struct stream *stream, const char *host, struct error *error)
{
    if (!stream_tls_prepare(error))
        return false;
    SSL_CTX *context = make_context(error);
    if (!context)
        return false;
    SSL *tls = openssl.SSL_new(context);
    openssl.SSL_CTX_free(context); /* the connection keeps its own reference */
    if (!tls)
        return error_set(error, "OpenSSL has no memory for a connection");
    stream->tls = tls;
    if (!is_numeric(host)) /* SNI is for names */
        openssl.SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                         (void *)(uintptr_t)host);
    if (openssl.SSL_set1_host(tls, host) != 1 || openssl.SSL_set_fd(tls, stream->descriptor) != 1)
        return error_set(error, "OpenSSL refuses the connection");
    openssl.SSL_set_connect_state(tls);
    return true;
}

bool stream_open(struct stream *stream, int descriptor, bool tls, const char *host,
                 struct error *error)
{
    *stream = (struct stream){.descriptor = descriptor};
    if (!tls || open_tls(stream, host, error))
        return true;
    stream_close(stream);
    return false;
}

/* What a TLS call that did not succeed means. */
static ssize_t tls_result(struct stream *stream, int result)
{
    int why = openssl.SSL_get_error(stream->tls, result);
    stream->wants_writes = why == SSL_ERROR_WANT_WRITE;
    if (why == SSL_ERROR_SSL)
        openssl.ERR_error_string_n(openssl.ERR_get_error(), stream->why, sizeof stream->why);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static int limited(size_t size)
{
    return size > INT32_MAX ? INT32_MAX : (int)size;
}

ssize_t stream_read(struct stream *stream, char *bytes, size_t size)
{
    if (stream->tls) {
        openssl.ERR_clear_error();
        int got = openssl.SSL_read(stream->tls, bytes, limited(size));
        return got > 0 ? got : tls_result(stream, got);
    }
    ssize_t got;
    do {
        got = recv(stream->descriptor, bytes, size, MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got > 0)
        return got;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : -1;
}

ssize_t stream_write(struct stream *stream, const char *bytes, size_t size)
{
    if (stream->tls) {
        openssl.ERR_clear_error();
        int put = openssl.SSL_write(stream->tls, bytes, limited(size));
        return put > 0 ? put : tls_result(stream, put);
    }
    ssize_t put;
    do {
        put = send(stream->descriptor, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (put < 0 && errno == EINTR);
    if (put >= 0)
        return put;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

void stream_close(struct stream *stream)
{
    if (stream->tls)
        openssl.SSL_free(stream->tls);
    if (stream->descriptor >= 0)
        close(stream->descriptor);
    *stream = (struct stream){.descriptor = -1};
}
