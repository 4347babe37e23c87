/* fanout_test.c: frames, the queue between threads, the outbox and its batch path, and what a slow
 * reader gets. */
#include "base/buffer.h"
#include "cmocka_all.h"
#include "webctp/fanout.h"
#include "webctp/inbox.h"
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct outbox_limits roomy = {.conflate_bytes = 1 << 30, .bytes_max = 1 << 30};

static struct frame *frame_of(const char *payload, uint32_t instrument)
{
    struct frame *frame = frame_create(text_of(payload));
    frame->instrument = instrument;
    return frame;
}

static void push(struct outbox *outbox, const char *payload, uint32_t instrument,
                 const struct outbox_limits *limits)
{
    struct frame *frame = frame_of(payload, instrument);
    assert_true(outbox_push(outbox, frame, limits));
    frame_release(frame);
}

static void expect_next(struct outbox *outbox, const char *payload)
{
    struct frame *frame = outbox_pop(outbox);
    assert_non_null(frame);
    assert_true(text_equal(frame_payload(frame), text_of(payload)));
    frame_release(frame);
}

static void a_frame_has_the_head_of_its_length(void **state)
{
    (void)state;
    static const struct {
        size_t length, head;
        unsigned char bytes[10];
    } cases[] = {
        {0, 2, {0x81, 0}},
        {125, 2, {0x81, 125}},
        {126, 4, {0x81, 126, 0, 126}},
        {65535, 4, {0x81, 126, 0xff, 0xff}},
        {65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
    };
    char *payload = memory_get_zeroed(1, 65536);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct frame *frame = frame_create((text){payload, cases[i].length});
        assert_int_equal(frame->head_size, cases[i].head);
        assert_int_equal(frame->size, cases[i].head + cases[i].length);
        assert_memory_equal(frame->bytes, cases[i].bytes, cases[i].head);
        frame_release(frame);
    }
    free(payload);
}

static void frames_come_out_in_their_order(void **state)
{
    (void)state;
    struct outbox outbox = {.count = 0};
    char number[16];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2000; i++) {
            snprintf(number, sizeof number, "%d", i);
            push(&outbox, number, FRAME_NO_INSTRUMENT, &roomy);
        }
        for (int i = 0; i < 2000; i++) {
            snprintf(number, sizeof number, "%d", i);
            expect_next(&outbox, number);
        }
        assert_null(outbox_pop(&outbox));
        assert_int_equal(outbox.bytes, 0);
    }
    outbox_clear(&outbox);
}

static void a_slow_reader_keeps_returns_and_the_newest_ticks(void **state)
{
    (void)state;
    struct outbox outbox = {.count = 0};
    struct outbox_limits limits = {.conflate_bytes = 20, .bytes_max = 1000};
    push(&outbox, "a1", 5, &limits);
    push(&outbox, "b1", 700, &limits);
    push(&outbox, "return 1", FRAME_NO_INSTRUMENT, &limits);
    push(&outbox, "a2", 5, &limits); /* still fast: both wait */
    assert_int_equal(outbox.count, 4);
    push(&outbox, "b2", 700, &limits); /* now slow */
    push(&outbox, "return 2", FRAME_NO_INSTRUMENT, &limits);
    push(&outbox, "c1", 6, &limits);
    push(&outbox, "a3", 5, &limits);
    push(&outbox, "c2", 6, &limits);
    assert_true(outbox.slow);
    assert_int_equal(outbox.conflated, 4);
    expect_next(&outbox, "a3");
    expect_next(&outbox, "b2");
    push(&outbox, "a4", 5, &limits); /* the place is gone: it queues behind */
    expect_next(&outbox, "return 1");
    expect_next(&outbox, "return 2");
    expect_next(&outbox, "c2");
    expect_next(&outbox, "a4");
    assert_false(outbox.slow);
    assert_int_equal(outbox.bytes, 0);
    outbox_clear(&outbox);
}

static void beyond_the_limit_nothing_is_queued(void **state)
{
    (void)state;
    struct outbox outbox = {.count = 0};
    struct outbox_limits limits = {.conflate_bytes = 0, .bytes_max = 20};
    push(&outbox, "12345678", 1, &limits);
    push(&outbox, "12345678", FRAME_NO_INSTRUMENT, &limits);
    struct frame *frame = frame_of("1", FRAME_NO_INSTRUMENT);
    assert_false(outbox_push(&outbox, frame, &limits));
    assert_int_equal(frame->references, 1);
    frame_release(frame);
    push(&outbox, "x", 1, &limits); /* a newer tick in an older one's place is no more bytes */
    assert_int_equal(outbox.count, 2);
    outbox_clear(&outbox);
    assert_int_equal(outbox.bytes, 0);
}

/* Against a model: whatever is pushed and popped, returns come out in order, none lost, and ticks
 * never go back in time. */
static void whatever_happens_returns_are_kept_and_ticks_go_forward(void **state)
{
    (void)state;
    enum { INSTRUMENTS = 7, STEPS = 200000 };
    struct outbox outbox = {.count = 0};
    struct outbox_limits limits = {.conflate_bytes = 200, .bytes_max = 1 << 20};
    int next_return = 0, expected_return = 0, sent[INSTRUMENTS] = {0}, seen[INSTRUMENTS] = {0};
    uint64_t random = 42;
    char payload[32];
    for (int step = 0; step < STEPS; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned drawn = (unsigned)(random >> 33);
        bool filling = step / 500 % 2 == 0 ? drawn % 4 != 0 : drawn % 4 == 0;
        if (filling && drawn % 5 == 1) {
            snprintf(payload, sizeof payload, "r %d", next_return++);
            push(&outbox, payload, FRAME_NO_INSTRUMENT, &limits);
        } else if (filling) {
            unsigned instrument = drawn / 8 % INSTRUMENTS;
            snprintf(payload, sizeof payload, "%u %d", instrument, ++sent[instrument]);
            push(&outbox, payload, instrument, &limits);
        } else {
            struct frame *frame = outbox_pop(&outbox);
            if (!frame)
                continue;
            snprintf(payload, sizeof payload, "%.*s", TEXT_ARG(frame_payload(frame)));
            int value = (int)strtol(payload + 2, NULL, 10);
            if (frame->instrument == FRAME_NO_INSTRUMENT)
                assert_int_equal(value, expected_return++);
            else
                assert_true(value > seen[frame->instrument]);
            if (frame->instrument != FRAME_NO_INSTRUMENT)
                seen[frame->instrument] = value;
            frame_release(frame);
        }
        assert_true((outbox.count == 0) == (outbox.bytes == 0));
    }
    assert_true(outbox.conflated > 0);
    outbox_clear(&outbox);
}

static void a_full_socket_cuts_a_frame_and_nothing_is_lost(void **state)
{
    (void)state;
    enum { FRAMES = 3000, SIZE = 1000 };
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct outbox outbox = {.count = 0};
    struct buffer wanted = {.at = NULL}, got = {.at = NULL};
    char payload[SIZE + 1] = {0};
    for (int i = 0; i < FRAMES; i++) {
        memset(payload, 'a' + i % 26, SIZE);
        struct frame *frame = frame_of(payload, FRAME_NO_INSTRUMENT);
        buffer_put_text(&wanted, frame_bytes(frame));
        assert_true(outbox_push(&outbox, frame, &roomy));
        frame_release(frame);
    }
    unsigned times_full = 0;
    for (;;) {
        struct frame *cut;
        size_t sent = 0;
        enum outbox_sent result = outbox_send(&outbox, pair[0], &cut, &sent);
        assert_true(result != OUTBOX_BROKEN);
        times_full += result == OUTBOX_FULL;
        ssize_t count;
        while ((count = recv(pair[1], buffer_reserve(&got, 65536), 65536, MSG_DONTWAIT)) > 0)
            got.length += (size_t)count;
        if (cut) {
            text whole = frame_bytes(cut);
            assert_true(sent > 0 && sent < whole.length);
            buffer_put(&got, whole.at + sent, whole.length - sent);
            frame_release(cut);
        }
        if (result == OUTBOX_SENT_ALL)
            break;
    }
    assert_true(times_full > 0);
    assert_int_equal(got.length, wanted.length);
    assert_memory_equal(got.at, wanted.at, wanted.length);
    close(pair[1]);
    push(&outbox, "x", FRAME_NO_INSTRUMENT, &roomy);
    struct frame *cut;
    size_t sent;
    assert_int_equal(outbox_send(&outbox, pair[0], &cut, &sent), OUTBOX_BROKEN);
    close(pair[0]);
    outbox_clear(&outbox);
    buffer_finish(&wanted);
    buffer_finish(&got);
}

/* ---- the inbox ---- */

enum { THREADS = 4, ITEMS = 20000 };

struct numbered {
    struct inbox_item item;
    int thread, number;
};

struct pusher {
    struct inbox *inbox;
    int thread;
    struct numbered *items;
};

static void *push_items(void *user)
{
    struct pusher *pusher = user;
    for (int i = 0; i < ITEMS; i++) {
        pusher->items[i] = (struct numbered){.thread = pusher->thread, .number = i};
        inbox_push(pusher->inbox, &pusher->items[i].item);
    }
    return NULL;
}

static void an_inbox_keeps_each_threads_order(void **state)
{
    (void)state;
    struct inbox inbox = {NULL};
    struct pusher pushers[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        pushers[i] = (struct pusher){&inbox, i, memory_get(ITEMS * sizeof(struct numbered))};
        pthread_create(&threads[i], NULL, push_items, &pushers[i]);
    }
    int next[THREADS] = {0}, total = 0;
    while (total < THREADS * ITEMS) {
        for (struct inbox_item *item = inbox_take(&inbox); item; item = item->next) {
            struct numbered *numbered = (struct numbered *)item;
            assert_int_equal(numbered->number, next[numbered->thread]++);
            total++;
        }
    }
    assert_null(inbox_take(&inbox));
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        free(pushers[i].items);
    }
}

static void only_the_first_push_wakes(void **state)
{
    (void)state;
    struct inbox inbox = {NULL};
    struct inbox_item items[3];
    assert_true(inbox_push(&inbox, &items[0]));
    assert_false(inbox_push(&inbox, &items[1]));
    assert_ptr_equal(inbox_take(&inbox), &items[0]);
    assert_true(inbox_push(&inbox, &items[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_has_the_head_of_its_length),
        cmocka_unit_test(frames_come_out_in_their_order),
        cmocka_unit_test(a_slow_reader_keeps_returns_and_the_newest_ticks),
        cmocka_unit_test(beyond_the_limit_nothing_is_queued),
        cmocka_unit_test(whatever_happens_returns_are_kept_and_ticks_go_forward),
        cmocka_unit_test(a_full_socket_cuts_a_frame_and_nothing_is_lost),
        cmocka_unit_test(an_inbox_keeps_each_threads_order),
        cmocka_unit_test(only_the_first_push_wakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
