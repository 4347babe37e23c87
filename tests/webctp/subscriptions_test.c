/* subscriptions_test.c: instruments, who has them, and what a client has, against a plain model. */
#include "cmocka_all.h"
#include "webctp/subscriptions.h"

enum { INSTRUMENTS = 50, CLIENTS = 8, STEPS = 50000 };

static uint32_t number_of(struct instrument_book *book, enum market_topic topic, int i)
{
    char id[16];
    uint32_t number;
    snprintf(id, sizeof id, "au%d", i);
    assert_non_null(instrument_take(book, topic, text_of(id), 1000, &number));
    return number;
}

static void a_topic_has_its_own_instruments_and_a_limit(void **state)
{
    (void)state;
    struct instrument_book book = {.count = 0};
    uint32_t number;
    uint32_t depth = number_of(&book, TOPIC_DEPTH, 1), quote = number_of(&book, TOPIC_FOR_QUOTE, 1);
    assert_int_not_equal(depth, quote);
    assert_int_equal(number_of(&book, TOPIC_DEPTH, 1), depth);
    assert_null(instrument_find(&book, TOPIC_DEPTH, TEXT("au2"), &number));
    assert_null(instrument_take(&book, TOPIC_DEPTH, TEXT("au2"), 2, &number));
    assert_non_null(instrument_take(&book, TOPIC_DEPTH, TEXT("au1"), 2, &number));
    instrument_book_finish(&book);
}

static void subscriptions_agree_with_a_model(void **state)
{
    (void)state;
    struct instrument_book book = {.count = 0};
    struct subscriber clients[CLIENTS] = {{.owner = NULL}};
    bool has[CLIENTS][INSTRUMENTS] = {{false}};
    uint64_t random = 7;
    for (int step = 0; step < STEPS; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned drawn = (unsigned)(random >> 33), client = drawn % CLIENTS,
                 which = drawn / 8 % INSTRUMENTS;
        uint32_t number = number_of(&book, TOPIC_DEPTH, (int)which);
        if (drawn / 1024 % 2) {
            assert_true(subscriber_add(&book, &clients[client], number) == !has[client][which]);
            has[client][which] = true;
        } else {
            assert_true(subscriber_remove(&book, &clients[client], number) == has[client][which]);
            has[client][which] = false;
        }
        unsigned count = 0;
        for (int i = 0; i < CLIENTS; i++)
            count += has[i][which];
        assert_int_equal(book.instruments[number]->subscriber_count, count);
        assert_true(subscriber_has(&clients[client], number) == has[client][which]);
    }
    for (int i = 0; i < CLIENTS; i++) {
        uint32_t number;
        assert_true(clients[i].capacity <= 512); /* coming and going all day costs nothing */
        while (subscriber_pop(&book, &clients[i], &number))
            ;
        assert_int_equal(clients[i].live, 0);
        subscriber_finish(&clients[i]);
    }
    instrument_book_finish(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topic_has_its_own_instruments_and_a_limit),
        cmocka_unit_test(subscriptions_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
