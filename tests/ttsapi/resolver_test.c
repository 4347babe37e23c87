/* resolver_test.c: host names. The linker puts the resolver here before that of the C library
 * (--wrap): it knows "front.test", and hangs at "slow.test" until the test lets it go. */
#include "client.h"
#include "front.h"
#include <netdb.h>
#include <semaphore.h>
#include <sys/socket.h>

static sem_t asked, let_go;

int __real_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found);

int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found)
{
    bool numeric = hints->ai_flags & AI_NUMERICHOST;
    if (!numeric && text_equal(text_of(host), TEXT("slow.test"))) {
        sem_post(&asked);
        sem_wait(&let_go);
        return EAI_AGAIN;
    }
    if (!numeric && text_equal(text_of(host), TEXT("front.test")))
        host = "127.0.0.1";
    return __real_getaddrinfo(host, port, hints, found);
}

static void a_host_name_is_resolved(void **state)
{
    (void)state;
    struct front front;
    struct client client;
    struct peer peer;
    char address[64];
    front_open(&front);
    client_open(&client, CTP_TraderApi, CTP_6_7_2, NULL);
    snprintf(address, sizeof address, "tcp://front.test%s", strrchr(front.address, ':'));
    client_start(&client, address);
    front_welcome(&front, &peer, NULL);
    client_expect(&client, CTP_TraderSpi_OnFrontConnected);
    client_close(&client);
    peer_close(&peer);
    front_close(&front);
}

/* Release comes back although the object's thread hangs; the thread ends when the resolver lets it,
 * and Join says when. */
static void release_does_not_wait_for_the_resolver(void **state)
{
    (void)state;
    struct client client;
    client_open(&client, CTP_TraderApi, CTP_6_7_2, NULL);
    pthread_t joiner = client_start_join(&client);
    client_start(&client, "tcp://slow.test:20002");
    sem_wait(&asked);
    client_release(&client);
    sem_post(&let_go);
    assert_int_equal(pthread_join(joiner, NULL), 0);
    client_expect_quiet(&client, 0);
    client_close(&client);
}

int main(void)
{
    sem_init(&asked, 0, 0);
    sem_init(&let_go, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_name_is_resolved),
        cmocka_unit_test(release_does_not_wait_for_the_resolver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
