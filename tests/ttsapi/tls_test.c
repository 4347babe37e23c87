/* tls_test.c: ssl:// fronts. A relay thread ends TLS with a certificate made here and passes the
 * bytes on to the plain test front. */
#include "client.h"
#include "front.h"
#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

struct relay {
    struct front outside; /* its listener takes the TLS connections */
    struct front inside;  /* the plain front behind it */
    SSL_CTX *context;
    pthread_t thread;
    int stop[2];
    char address[80];
    char certificate[64]; /* a file in PEM form */
};

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    assert_non_null(certificate);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)"front", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    assert_non_null(names);
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static int connect_to(const char *address)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int64_t port = 0;
    assert_true(text_to_int(text_of(strrchr(address, ':') + 1), &port));
    at.sin_port = htons((uint16_t)port);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&at, sizeof at) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

/* Passes bytes both ways until one end closes or `stop` is readable. False for `stop`. */
static bool pump(SSL *tls, int outside, int inside, int stop)
{
    static char bytes[16384];
    struct pollfd polled[] = {{.fd = outside, .events = POLLIN},
                              {.fd = inside, .events = POLLIN},
                              {.fd = stop, .events = POLLIN}};
    for (;;) {
        if (SSL_pending(tls) == 0 && poll(polled, 3, -1) < 0)
            return false;
        if (polled[2].revents)
            return false;
        if (SSL_pending(tls) || polled[0].revents) {
            int got = SSL_read(tls, bytes, sizeof bytes);
            if (got <= 0 || send(inside, bytes, (size_t)got, MSG_NOSIGNAL) != got)
                return true;
        }
        if (polled[1].revents) {
            ssize_t got = recv(inside, bytes, sizeof bytes, 0);
            if (got <= 0 || SSL_write(tls, bytes, (int)got) != got)
                return true;
        }
    }
}

static void *relay_run(void *argument)
{
    struct relay *relay = argument;
    for (bool go_on = true; go_on;) {
        struct pollfd polled[] = {{.fd = relay->outside.listener, .events = POLLIN},
                                  {.fd = relay->stop[0], .events = POLLIN}};
        if (poll(polled, 2, -1) < 0 || polled[1].revents)
            break;
        int outside = accept(relay->outside.listener, NULL, NULL);
        SSL *tls = SSL_new(relay->context);
        SSL_set_fd(tls, outside);
        if (SSL_accept(tls) == 1) {
            int inside = connect_to(relay->inside.address);
            go_on = inside >= 0 && pump(tls, outside, inside, relay->stop[0]);
            close(inside);
        }
        SSL_free(tls);
        close(outside);
    }
    return NULL;
}

static void relay_open(struct relay *relay)
{
    front_open(&relay->outside);
    front_open(&relay->inside);
    assert_int_equal(pipe(relay->stop), 0);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(key);
    X509 *certificate = make_certificate(key);
    relay->context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(relay->context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(relay->context, key), 1);
    snprintf(relay->certificate, sizeof relay->certificate, "/tmp/ttsapi-test-XXXXXX");
    FILE *file = fdopen(mkstemp(relay->certificate), "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    snprintf(relay->address, sizeof relay->address, "ssl%s", relay->outside.address + 3);
    assert_int_equal(pthread_create(&relay->thread, NULL, relay_run, relay), 0);
}

static void relay_close(struct relay *relay)
{
    assert_int_equal(write(relay->stop[1], "x", 1), 1);
    pthread_join(relay->thread, NULL);
    SSL_CTX_free(relay->context);
    unlink(relay->certificate);
    close(relay->stop[0]);
    close(relay->stop[1]);
    front_close(&relay->outside);
    front_close(&relay->inside);
}

/* Connects, logs in, and gets a flow that is much longer than a TLS record. */
static void trade_over(struct relay *relay)
{
    struct client client;
    struct peer peer;
    client_open(&client, CTP_TraderApi, CTP_6_7_2, NULL);
    client_start(&client, relay->address);
    front_welcome(&relay->inside, &peer, NULL);
    client_expect(&client, CTP_TraderSpi_OnFrontConnected);
    assert_int_equal(client_login(&client, "4645", 1), 0);
    peer_login(&peer, 20241125, 1, 1);
    client_expect(&client, CTP_TraderSpi_OnRspUserLogin);
    peer_flow(&peer, WIRE_PRIVATE, 1, 1000);
    client_expect_numbers(&client, CTP_TraderSpi_OnRtnOrder, "OrderRef", 1, 1000);
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    for (int i = 0; i < 500; i++)
        assert_int_equal(client_request(&client, CTP_TraderApi_ReqOrderInsert, body, i), 0);
    for (int i = 0; i < 500; i++)
        assert_int_equal(peer_expect_request(&peer, CTP_TraderApi_ReqOrderInsert, NULL), i);
    peer_close(&peer);
    assert_int_equal(client_expect(&client, CTP_TraderSpi_OnFrontDisconnected)->number, 4097);
    front_welcome(&relay->inside, &peer, NULL);
    client_expect(&client, CTP_TraderSpi_OnFrontConnected);
    client_close(&client);
    peer_close(&peer);
}

static void an_ssl_front_is_used_like_a_plain_one(void **state)
{
    (void)state;
    struct relay relay;
    relay_open(&relay);
    trade_over(&relay);
    relay_close(&relay);
}

/* Its handshake ends with bytes from the front, not with ours. */
static void tls_1_2_works_too(void **state)
{
    (void)state;
    struct relay relay;
    relay_open(&relay);
    SSL_CTX_set_max_proto_version(relay.context, TLS1_2_VERSION);
    trade_over(&relay);
    relay_close(&relay);
}

static void a_trusted_certificate_is_checked_and_accepted(void **state)
{
    (void)state;
    struct relay relay;
    relay_open(&relay);
    setenv("TTSAPI_CA_FILE", relay.certificate, 1);
    trade_over(&relay);
    unsetenv("TTSAPI_CA_FILE");
    relay_close(&relay);
}

static void refused_at(struct relay *relay, const char *trusted)
{
    struct client client;
    struct peer peer;
    setenv("TTSAPI_CA_FILE", trusted, 1);
    client_open(&client, CTP_TraderApi, CTP_6_7_2, NULL);
    client_start(&client, relay->address);
    assert_false(front_accept_within(&relay->inside, &peer, 200));
    client_expect_quiet(&client, 0);
    client_close(&client);
    unsetenv("TTSAPI_CA_FILE");
}

static void an_unknown_certificate_is_refused_where_it_is_checked(void **state)
{
    (void)state;
    struct relay relay, other;
    relay_open(&relay);
    relay_open(&other);
    refused_at(&relay, other.certificate);
    refused_at(&relay, "/no/such/file");
    relay_close(&other);
    relay_close(&relay);
}

static void a_plain_front_behind_an_ssl_address_is_no_connection(void **state)
{
    (void)state;
    struct front plain;
    struct client client;
    struct peer peer;
    char address[80];
    front_open(&plain);
    snprintf(address, sizeof address, "ssl%s", plain.address + 3);
    client_open(&client, CTP_TraderApi, CTP_6_7_2, NULL);
    client_start(&client, address);
    struct buffer nonsense = {.at = NULL};
    buffer_put_text(&nonsense, TEXT("this is no TLS, and no frame either"));
    for (int i = 0; i < 2; i++) {
        assert_true(front_accept_within(&plain, &peer, WAIT_MS));
        peer_send(&peer, &nonsense);
        char byte;
        while (recv(peer.descriptor, &byte, 1, 0) == 1)
            ;
        peer_close(&peer);
    }
    client_expect_quiet(&client, 0);
    buffer_finish(&nonsense);
    client_close(&client);
    front_close(&plain);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* for the relay's own OpenSSL */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ssl_front_is_used_like_a_plain_one),
        cmocka_unit_test(tls_1_2_works_too),
        cmocka_unit_test(a_trusted_certificate_is_checked_and_accepted),
        cmocka_unit_test(an_unknown_certificate_is_refused_where_it_is_checked),
        cmocka_unit_test(a_plain_front_behind_an_ssl_address_is_no_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
