/* front_fuzz.c: a client's bytes into a real front and core, over a socket of this machine. The
 * first byte says how far the client is before its own bytes begin: which port, greeted, logged in;
 * and whether it leaves before the front has answered. */
#include "base/log.h"
#include "front_fixture.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    AT_MD = 1,
    GREETED = 2,
    LOGGED_IN = 4,
    LEAVES = 8,
    ROUNDS = 12,              /* of the loop, enough for all bytes of one input */
    LOGIN_ROUNDS = 100000,    /* the first login's password takes its time */
    INPUTS_OF_A_FRONT = 2000, /* then a new one begins, so that no state grows for ever */
    INPUT_BYTES_MAX = 1 << 16,
};

static struct front_fixture fixture;
static int inputs;

static void close_fixture(void)
{
    front_fixture_close(&fixture);
}

static void open_fixture(void)
{
    if (inputs == 0)
        atexit(close_fixture);
    else
        front_fixture_close(&fixture);
    front_fixture_prepare(&fixture);
    log_set_level(LOG_CRITICAL); /* each input would be told there */
    fixture.options.md_subscription_limit = 100;
    front_fixture_open(&fixture);
}

/* The fuzzer's own clock signal may interrupt it; a front that does not take a client is a failure.
 */
static void connect_client(struct wire_client *client, int port)
{
    while (!wire_client_connect(client, port, false)) {
        if (errno != EINTR) {
            perror("front_fuzz: the front takes no client");
            abort();
        }
    }
}

/* Sends and reads; false: the front has closed. */
static bool exchange(struct wire_client *client)
{
    bool alive = wire_client_send(client);
    front_fixture_run(&fixture);
    alive = wire_client_receive(client) && alive;
    return alive;
}

/* Until the login is answered. */
static void await_answer(struct wire_client *client)
{
    struct wire_frame frame;
    for (int i = 0; i < LOGIN_ROUNDS && exchange(client); i++) {
        while (wire_client_next(client, &frame))
            if (frame.kind == WIRE_ANSWER)
                return;
        if (i > 100)
            usleep(100);
    }
    abort(); /* a right password and a known user */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct wire_topics topics = {.private_topic = WIRE_RESTART, .public_topic = WIRE_RESTART};
    struct wire_client client;
    if (length == 0 || length > INPUT_BYTES_MAX)
        return 0;
    if (inputs % INPUTS_OF_A_FRONT == 0)
        open_fixture();
    inputs++;
    int how = bytes[0];
    bool md = how & AT_MD;
    connect_client(&client, md ? fixture.md_port : fixture.td_port);
    client.md = md;
    if (how & (GREETED | LOGGED_IN))
        client_hello(&client, md, NULL);
    if (how & LOGGED_IN) {
        wire_client_login(&client, "u1", "secret", &topics);
        await_answer(&client);
    }
    buffer_put(&client.out, bytes + 1, length - 1);
    for (int i = 0; !(how & LEAVES) && i < ROUNDS && exchange(&client); i++) {
        client.in_used = client.in.length;
        if (md && i == ROUNDS / 2)
            front_fixture_tick(&fixture, "rb2505", inputs); /* who subscribed gets it */
    }
    wire_client_send(&client);
    wire_client_close(&client);
    for (int i = 0; i < 4; i++)
        front_fixture_run(&fixture);
    return 0;
}
