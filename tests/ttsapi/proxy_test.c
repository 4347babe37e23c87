/* proxy_test.c: a front behind a SOCKS5 proxy. The proxy is a thread of the test: it checks what
 * the library says, answers as told, and passes the bytes on. */
#include "client.h"
#include "front.h"
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* How the proxy behaves. */
enum manner { OPEN, BY_PASSWORD, WRONG_PASSWORD, NOT_ALLOWED, NO_PROXY, MUTE };

struct proxy {
    struct front outside, inside; /* where the proxy listens; the front behind it */
    enum manner manner;
    pthread_t thread;
    int stop[2];
    char asked[64]; /* the name and port that the library asked for */
};

static bool hear(int from, unsigned char *bytes, size_t length)
{
    return recv(from, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

static bool say(int to, const char *bytes, size_t length)
{
    return send(to, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* The two texts of a login, "user:password". */
static bool hear_login(int from)
{
    unsigned char head[2], user[256] = {0}, length, password[256] = {0};
    return hear(from, head, 2) && head[0] == 1 && hear(from, user, head[1]) &&
           hear(from, &length, 1) && hear(from, password, length) &&
           strcmp((char *)user, "trader") == 0 && strcmp((char *)password, "secret") == 0;
}

/* The greeting's answer; false when the conversation ends there. */
static bool greet(struct proxy *proxy, int with)
{
    unsigned char head[2], methods[256];
    if (!hear(with, head, 2) || head[0] != 5 || !hear(with, methods, head[1]))
        return false;
    if (proxy->manner == NO_PROXY)
        return say(with, "HTTP/1.1 400\r\n", 14) && false;
    if (proxy->manner != BY_PASSWORD && proxy->manner != WRONG_PASSWORD)
        return say(with, "\5\0", 2);
    if (!memchr(methods, 2, head[1]))
        return say(with, "\5\377", 2) && false;
    bool right = say(with, "\5\2", 2) && hear_login(with);
    return proxy->manner == BY_PASSWORD ? right && say(with, "\1\0", 2)
                                        : say(with, "\1\1", 2) && false;
}

/* The wish for a front: a name or an IPv4 number. */
static bool take_wish(struct proxy *proxy, int with)
{
    unsigned char head[4], length, host[256] = {0}, port[2];
    if (!hear(with, head, 4) || head[0] != 5 || head[1] != 1)
        return false;
    if (head[3] == 3) {
        if (!hear(with, &length, 1) || !hear(with, host, length))
            return false;
    } else {
        unsigned char number[4];
        if (head[3] != 1 || !hear(with, number, 4))
            return false;
        inet_ntop(AF_INET, number, (char *)host, sizeof host);
    }
    if (!hear(with, port, 2))
        return false;
    snprintf(proxy->asked, sizeof proxy->asked, "%.40s:%d", (char *)host, port[0] << 8 | port[1]);
    if (proxy->manner == NOT_ALLOWED)
        return say(with, "\5\2\0\1\0\0\0\0\0\0", 10) && false;
    return say(with, "\5\0\0\3\4here\0\1", 11);
}

static void pass_on(struct proxy *proxy, int with)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int64_t port = 0;
    static char bytes[65536];
    int inside = socket(AF_INET, SOCK_STREAM, 0);
    if (text_to_int(text_of(strrchr(proxy->inside.address, ':') + 1), &port))
        at.sin_port = htons((uint16_t)port);
    if (connect(inside, (struct sockaddr *)&at, sizeof at) == 0) {
        int ends[2] = {with, inside};
        struct pollfd polled[] = {{.fd = with, .events = POLLIN},
                                  {.fd = inside, .events = POLLIN},
                                  {.fd = proxy->stop[0], .events = POLLIN}};
        bool open = true;
        while (open && poll(polled, 3, -1) > 0 && !polled[2].revents) {
            for (int i = 0; i < 2; i++) {
                ssize_t got = polled[i].revents ? recv(ends[i], bytes, sizeof bytes, 0) : -2;
                if (got != -2)
                    open = got > 0 && say(ends[1 - i], bytes, (size_t)got) && open;
            }
        }
    }
    close(inside);
}

static void *proxy_run(void *argument)
{
    struct proxy *proxy = argument;
    for (;;) {
        struct pollfd polled[] = {{.fd = proxy->outside.listener, .events = POLLIN},
                                  {.fd = proxy->stop[0], .events = POLLIN}};
        if (poll(polled, 2, -1) < 0 || polled[1].revents)
            return NULL;
        int with = accept(proxy->outside.listener, NULL, NULL);
        if (proxy->manner == MUTE) {
            poll(&polled[1], 1, -1);
        } else if (greet(proxy, with) && take_wish(proxy, with)) {
            pass_on(proxy, with);
        }
        close(with);
    }
}

struct scene {
    struct proxy proxy;
    struct client client;
    struct peer peer;
};

/* `front` NULL: the front behind the proxy by its number. */
static void scene_open(struct scene *scene, enum manner manner, const char *front,
                       const char *login)
{
    struct proxy *proxy = &scene->proxy;
    char address[256];
    *proxy = (struct proxy){.manner = manner};
    scene->peer = (struct peer){.descriptor = -1};
    front_open(&proxy->outside);
    front_open(&proxy->inside);
    assert_int_equal(pipe(proxy->stop), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, proxy_run, proxy), 0);
    client_open(&scene->client, CTP_TraderApi, CTP_6_7_2, NULL);
    snprintf(address, sizeof address, "%s socks5://%s%s", front ? front : proxy->inside.address,
             login, proxy->outside.address + strlen("tcp://"));
    client_start(&scene->client, address);
}

static void scene_close(struct scene *scene)
{
    struct proxy *proxy = &scene->proxy;
    client_close(&scene->client);
    peer_close(&scene->peer);
    assert_int_equal(write(proxy->stop[1], "x", 1), 1);
    pthread_join(proxy->thread, NULL);
    close(proxy->stop[0]);
    close(proxy->stop[1]);
    front_close(&proxy->outside);
    front_close(&proxy->inside);
}

static void trade_through(struct scene *scene)
{
    front_welcome(&scene->proxy.inside, &scene->peer, NULL);
    client_expect(&scene->client, CTP_TraderSpi_OnFrontConnected);
    assert_int_equal(client_login(&scene->client, "4645", 1), 0);
    peer_login(&scene->peer, 20241125, 1, 1);
    client_expect(&scene->client, CTP_TraderSpi_OnRspUserLogin);
}

static void a_front_by_its_number_behind_an_open_proxy(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, OPEN, NULL, "");
    trade_through(&scene);
    assert_string_equal(scene.proxy.asked, scene.proxy.inside.address + strlen("tcp://"));
    scene_close(&scene);
}

static void a_front_by_its_name_behind_a_proxy_with_a_password(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, BY_PASSWORD, "tcp://front.test:20002", "trader:secret@");
    trade_through(&scene);
    assert_string_equal(scene.proxy.asked, "front.test:20002");
    scene_close(&scene);
}

static void no_connection(enum manner manner, const char *login)
{
    struct scene scene;
    scene_open(&scene, manner, NULL, login);
    assert_false(front_accept_within(&scene.proxy.inside, &scene.peer, 100));
    client_expect_quiet(&scene.client, 0);
    scene_close(&scene);
}

static void a_proxy_that_refuses_is_no_connection(void **state)
{
    (void)state;
    no_connection(WRONG_PASSWORD, "trader:secret@");
    no_connection(BY_PASSWORD, "");
    no_connection(NOT_ALLOWED, "");
    no_connection(NO_PROXY, "");
}

static void release_does_not_wait_for_a_proxy_that_says_nothing(void **state)
{
    (void)state;
    no_connection(MUTE, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_front_by_its_number_behind_an_open_proxy),
        cmocka_unit_test(a_front_by_its_name_behind_a_proxy_with_a_password),
        cmocka_unit_test(a_proxy_that_refuses_is_no_connection),
        cmocka_unit_test(release_does_not_wait_for_a_proxy_that_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
