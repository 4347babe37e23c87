/* tls.c: TLS of the front over OpenSSL: bytes in, bytes out, no socket of its own. The only file of
 * the counter that knows OpenSSL. */
#include "tts/front/inside.h"
#include <openssl/err.h>
#include <openssl/ssl.h>

struct tls {
    SSL *ssl;
    BIO *from_net, *to_net; /* owned by ssl */
};

static bool bad_file(struct error *error, const char *path, const char *what)
{
    char why[160];
    ERR_error_string_n(ERR_get_error(), why, sizeof why);
    error_set(error, "cannot be used as %s: %s", what, why);
    error_fix(error, "give a PEM file");
    return error_at(error, path, 0, 0);
}

void *tls_context_create(const char *certificate, const char *private_key, struct error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    bool fine = SSL_CTX_use_certificate_chain_file(context, certificate) == 1 ||
                bad_file(error, certificate, "the certificate");
    if (fine)
        fine = SSL_CTX_use_PrivateKey_file(context, private_key, SSL_FILETYPE_PEM) == 1 ||
               bad_file(error, private_key, "the certificate's private key");
    if (fine)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

bool front_certificate_check(const char *certificate, const char *private_key, struct error *error)
{
    if (!certificate[0] && !private_key[0])
        return true;
    if (!certificate[0] || !private_key[0]) {
        error_set(error, "%s is given without %s", certificate[0] ? "certificate" : "private-key",
                  certificate[0] ? "private-key" : "certificate");
        return error_fix(error, "give both, or neither: then there is no TLS");
    }
    void *context = tls_context_create(certificate, private_key, error);
    SSL_CTX_free(context);
    return context != NULL;
}

void tls_context_destroy(void *context)
{
    SSL_CTX_free(context);
}

struct tls *tls_create(void *context)
{
    struct tls *tls = memory_get_zeroed(1, sizeof *tls);
    tls->ssl = SSL_new(context);
    tls->from_net = BIO_new(BIO_s_mem());
    tls->to_net = BIO_new(BIO_s_mem());
    SSL_set_bio(tls->ssl, tls->from_net, tls->to_net);
    SSL_set_accept_state(tls->ssl);
    return tls;
}

void tls_destroy(struct tls *tls)
{
    if (!tls)
        return;
    SSL_free(tls->ssl);
    free(tls);
}

static void collect(struct tls *tls, struct buffer *net)
{
    size_t waiting = BIO_ctrl_pending(tls->to_net);
    if (waiting == 0)
        return;
    int got = BIO_read(tls->to_net, buffer_reserve(net, waiting), (int)waiting);
    if (got > 0)
        net->length += (size_t)got;
}

bool tls_feed(struct tls *tls, const char *bytes, size_t length, struct buffer *in,
              struct buffer *net)
{
    ERR_clear_error();
    BIO_write(tls->from_net, bytes, (int)length);
    int got;
    do {
        got = SSL_read(tls->ssl, buffer_reserve(in, 16384), 16384);
        if (got > 0)
            in->length += (size_t)got;
    } while (got > 0);
    int why = SSL_get_error(tls->ssl, got);
    collect(tls, net);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

bool tls_seal(struct tls *tls, const char *bytes, size_t length, struct buffer *net)
{
    ERR_clear_error();
    bool fine = length == 0 || SSL_write(tls->ssl, bytes, (int)length) == (int)length;
    collect(tls, net);
    return fine;
}
