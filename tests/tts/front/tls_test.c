/* tls_test.c: TLS on the front's ordinary ports: a client that begins with it gets it, others stay
 * plain; a certificate made here and now, checked by nobody. */
#include "cmocka_all.h"
#include "front_fixture.h"
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct front_fixture fixture;
static char folder[64], certificate[96], private_key[96];

static void write_pem(EVP_PKEY *key, X509 *x509)
{
    FILE *file = fopen(private_key, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    file = fopen(certificate, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, x509), 1);
    fclose(file);
}

static int make_certificate(void **state)
{
    (void)state;
    text_copy(folder, sizeof folder, TEXT("/tmp/tts-tls-XXXXXX"));
    assert_non_null(mkdtemp(folder));
    snprintf(certificate, sizeof certificate, "%s/certificate.pem", folder);
    snprintf(private_key, sizeof private_key, "%s/key.pem", folder);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, key);
    X509_NAME *name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"tts", -1, -1, 0);
    X509_set_issuer_name(x509, name);
    assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
    write_pem(key, x509);
    X509_free(x509);
    EVP_PKEY_free(key);
    return 0;
}

static int forget_certificate(void **state)
{
    (void)state;
    unlink(certificate);
    unlink(private_key);
    return rmdir(folder);
}

static void start(void)
{
    front_fixture_prepare(&fixture);
    fixture.options.certificate = certificate;
    fixture.options.private_key = private_key;
    front_fixture_start(&fixture);
}

/* ---- a client ---- */

struct secure {
    struct wire_client plain; /* its socket; `out` holds what is to be written */
    SSL_CTX *context;
    SSL *ssl;
};

static void secure_open(struct secure *secure)
{
    client_connect(&secure->plain, fixture.td_port);
    fcntl(secure->plain.socket, F_SETFL, 0);
    secure->context = SSL_CTX_new(TLS_client_method());
    secure->ssl = SSL_new(secure->context);
    SSL_set_fd(secure->ssl, secure->plain.socket);
    assert_int_equal(SSL_connect(secure->ssl), 1);
}

static void secure_close(struct secure *secure)
{
    SSL_shutdown(secure->ssl);
    SSL_free(secure->ssl);
    SSL_CTX_free(secure->context);
    wire_client_close(&secure->plain);
}

/* Writes what waits; reads up to the next frame of this kind. */
static void secure_expect(struct secure *secure, enum wire_kind kind, struct wire_frame *frame)
{
    struct wire_client *plain = &secure->plain;
    if (plain->out.length)
        assert_int_equal(SSL_write(secure->ssl, plain->out.at, (int)plain->out.length),
                         (int)plain->out.length);
    buffer_clear(&plain->out);
    for (;;) {
        while (wire_client_next(plain, frame))
            if (frame->kind == kind)
                return;
        int got = SSL_read(secure->ssl, buffer_reserve(&plain->in, 65536), 65536);
        assert_true(got > 0);
        plain->in.length += (size_t)got;
    }
}

static void a_client_that_begins_with_tls_gets_it(void **state)
{
    struct secure secure;
    struct wire_frame frame, ask = {.kind = WIRE_NAMES};
    struct wire_topics topics = {.private_topic = WIRE_RESTART};
    char body[CTP_STRUCT_SIZE_MAX] __attribute__((aligned(8)));
    text address;
    int error_id;
    (void)state;
    start();
    secure_open(&secure);
    client_hello(&secure.plain, false, NULL);
    secure_expect(&secure, WIRE_WELCOME, &frame);
    wire_frame_write_payload(&secure.plain.out, &ask);
    secure_expect(&secure, WIRE_NAMES, &frame);
    struct wire_names names = wire_names_of(frame.payload);
    assert_true(wire_names_next(&names, &address));
    assert_true(text_starts_with(address, TEXT("ssl://127.0.0.1:")));
    wire_client_login(&secure.plain, "u1", "secret", &topics);
    secure_expect(&secure, WIRE_ANSWER, &frame);
    wire_client_read(&secure.plain, &frame, &error_id, body);
    assert_int_equal(error_id, 0);
    for (int i = 1; i <= 2000; i++)
        client_order(&secure.plain, i);
    for (uint32_t i = 1; i <= 4000; i++) {
        secure_expect(&secure, WIRE_PRIVATE, &frame);
        assert_int_equal(frame.sequence, i);
    }
    secure_close(&secure);
    front_fixture_finish(&fixture);
}

static void a_plain_client_stays_plain_on_the_same_port(void **state)
{
    struct wire_client client;
    struct secure secure;
    struct wire_frame frame;
    (void)state;
    start();
    secure_open(&secure);
    client_login(&fixture, &client, false, "u1", NULL);
    client_order(&client, 1);
    client_expect(&client, WIRE_PRIVATE, &frame);
    wire_client_close(&client);
    secure_close(&secure);
    front_fixture_finish(&fixture);
}

static void a_handshake_that_is_none_is_closed(void **state)
{
    static const char bad[] = "\x16\x03\x01\x00\x05hello and much more that is no handshake";
    struct wire_client client;
    (void)state;
    start();
    for (size_t length = 1; length < sizeof bad; length += 7) {
        client_connect(&client, fixture.td_port);
        buffer_put(&client.out, bad, length);
        assert_int_equal(client_is_closed(&client, length > 8 ? 5000 : 50), length > 8);
        wire_client_close(&client);
    }
    front_fixture_finish(&fixture);
}

static void a_key_of_another_certificate_is_refused(void **state)
{
    struct error error;
    char line[512];
    (void)state;
    assert_true(front_certificate_check(certificate, private_key, &error));
    assert_true(front_certificate_check("", "", &error));
    assert_false(front_certificate_check(certificate, "", &error));
    assert_non_null(strstr(error_text(&error, line, sizeof line), "without private-key"));
    assert_false(front_certificate_check(private_key, private_key, &error));
    assert_non_null(strstr(error_text(&error, line, sizeof line), private_key));
    assert_false(front_certificate_check(certificate, "/nonexistent.pem", &error));
    assert_non_null(strstr(error_text(&error, line, sizeof line), "/nonexistent.pem"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_begins_with_tls_gets_it),
        cmocka_unit_test(a_plain_client_stays_plain_on_the_same_port),
        cmocka_unit_test(a_handshake_that_is_none_is_closed),
        cmocka_unit_test(a_key_of_another_certificate_is_refused),
    };
    return cmocka_run_group_tests(tests, make_certificate, forget_certificate);
}
