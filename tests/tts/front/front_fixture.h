/* front_fixture.h: a real front and core on a loop in a thread of its own, with a journal that is
 * only a number, so that a test can hold durability back; and clients on the bare wire. */
#ifndef TESTS_FRONT_FIXTURE_H
#define TESTS_FRONT_FIXTURE_H

#include "tts/front/front.h"
#include "wire_client.h"
#include <stdatomic.h>

enum { FRONT_FIXTURE_DAY = 20250303 };

struct front_fixture {
    struct front_options options;
    struct core_options core_options;
    struct core *core;
    struct front *front;
    uv_loop_t loop;
    uv_thread_t thread;
    uv_async_t wake;
    uv_prepare_t turn;
    uv_idle_t again;
    uv_mutex_t mutex;
    uv_sem_t done;
    void (*task)(struct front_fixture *fixture, void *argument);
    void *argument;
    uint64_t effects, sealed; /* of the loop's thread */
    atomic_bool held_back;    /* nothing becomes durable */
    atomic_bool stopping;
    int td_port, md_port;
};

/* Options that tests change before front_fixture_start: no limits, accounts made on the spot. */
void front_fixture_prepare(struct front_fixture *fixture);

/* Listens on free ports of 127.0.0.1; rb2505 of SHFE is listed. */
void front_fixture_start(struct front_fixture *fixture);

/* The same without a thread: front_fixture_run turns the loop once and does not wait,
 * front_fixture_tick gives a quote of `volume` in all, and only these three, front_fixture_close
 * and the clients may be used. */
void front_fixture_open(struct front_fixture *fixture);
void front_fixture_run(struct front_fixture *fixture);
void front_fixture_tick(struct front_fixture *fixture, const char *instrument, int volume);
void front_fixture_close(struct front_fixture *fixture);

/* Runs `task` on the loop's thread and waits until it is done. */
void front_fixture_do(struct front_fixture *fixture,
                      void (*task)(struct front_fixture *fixture, void *argument), void *argument);

void front_fixture_hold_back(struct front_fixture *fixture, bool held_back);
struct front_figures front_fixture_figures(struct front_fixture *fixture);

/* Lists another instrument of rb. */
void front_fixture_list(struct front_fixture *fixture, const char *instrument);

/* Quotes of `instrument` (rb), last price 3400: of this volume in all, or one after the other of
 * volumes from `first` to `last`. */
void front_fixture_quote(struct front_fixture *fixture, const char *instrument, int volume);
void front_fixture_quotes(struct front_fixture *fixture, const char *instrument, int first,
                          int last);

/* Ends the loop; ASan and TSan see whether all is freed and ordered. */
void front_fixture_finish(struct front_fixture *fixture);

/* ---- clients ---- */

/* A connection that has said nothing yet. */
void client_connect(struct wire_client *client, int port);

/* HELLO of the newest version with `change` made to it (NULL: none). */
void client_hello(struct wire_client *client, bool md, void (*change)(struct wire_hello *hello));

/* Connects, greets and logs in; the account is made if need be. */
void client_login(struct front_fixture *fixture, struct wire_client *client, bool md,
                  const char *user, const struct wire_topics *topics);

/* Whether the peer closes within so many milliseconds; what it sends before is dropped. */
bool client_is_closed(struct wire_client *client, int ms);

/* The next frame of this kind, others are dropped; fails the test after 10 s. */
void client_expect(struct wire_client *client, enum wire_kind kind, struct wire_frame *frame);

/* Whether nothing but heartbeats comes for so long. */
bool client_is_quiet(struct wire_client *client, int ms);

/* A limit order that waits, with this OrderRef. */
void client_order(struct wire_client *client, int order_ref);

void client_subscribe(struct wire_client *client, enum ctp_method method, char *const instruments[],
                      int count);

#endif
