/* core_fixture.h: a core with one product for each exchange and two users, for tests of the core:
 * sends requests, feeds quotes, and keeps what comes out: effects, answers, ticks, flows. Every
 * fixture ends with two proofs: its effects in an empty core, and its snapshot in another, give the
 * same core_hash. */
#ifndef TESTS_CORE_FIXTURE_H
#define TESTS_CORE_FIXTURE_H

#include "tts/core/desk/desk.h"

enum {
    CONNECTION_ONE = 1,   /* user u1 */
    CONNECTION_TWO = 2,   /* user u2 */
    CONNECTION_AGAIN = 3, /* u1 a second time */
    FIXTURE_CONNECTIONS = 4,
    FIXTURE_DAY = 20250303, /* a Monday */
};

struct fixture {
    struct core *core;
    struct core_options options;
    struct core_time now;
    struct buffer effects; /* one behind the other, each with its head */
    uint32_t effect_count;
    uint32_t read[FIXTURE_CONNECTIONS]; /* private messages already told */
    int64_t order_ref;                  /* last given to an order by fixture_input */
    int request_id;
    /* the newest answer */
    int answers;
    enum ctp_method answered_by;
    int answered_id, answered_request_id;
    bool answered_last;
    uint32_t answered_connection;
    char answered_text[81];
    union {
        struct CThostFtdcInputOrderField order;
        struct CThostFtdcInputOrderActionField action;
        char any[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } answer;
    /* the newest tick */
    int ticks;
    struct CThostFtdcDepthMarketDataField tick;
    int closed; /* connections that the core closed */
    const struct order_channel
        *channel; /* beside the simulated exchange, in the proofs' cores too */
};

/* Options of the profile, products, instruments, users with 10,000,000 each, both logged in.
 * `options` NULL: those of PROFILE_TTS. Instruments: rb2505 sc2505 i2505 i2603 SR505 IF2503 si2505
 * (futures), rb2505C3400 i2505-C-800 SR505C6000 (options), 600000 (SSE), BTC (TTS, book mode),
 * sc2505TAS (book mode), "SP i2505&i2603" (combination), "SP i2505&i2509" (one whose second leg
 * nobody listed). */
void fixture_begin(struct fixture *fixture, const struct core_options *options);

/* Puts a second channel beside the simulated exchange, and u1's orders on it. */
void fixture_add_channel(struct fixture *fixture, const struct order_channel *channel);

/* Proves replay and snapshot, and frees. */
void fixture_end(struct fixture *fixture);

/* Only frees: for fuzz targets, which prove some of their inputs. */
void fixture_drop(struct fixture *fixture);

/* The place of an instrument by its id. */
uint32_t fixture_instrument(const struct fixture *fixture, const char *id);

void fixture_set_clock(struct fixture *fixture, int date, int second_of_day, int millisecond);

/* Sends a request and returns the number of answers that it got. */
int fixture_send(struct fixture *fixture, uint32_t connection, enum ctp_method method,
                 const void *body);

/* A limit order GFD, speculation, OrderRef the next of all. direction '0' buy, '1' sell; offset '0'
 * open, '1' close ... */
struct CThostFtdcInputOrderField fixture_input(struct fixture *fixture, const char *instrument,
                                               char direction, char offset, double price,
                                               int volume);

/* Sends fixture_input's order. */
void fixture_order(struct fixture *fixture, uint32_t connection, const char *instrument,
                   char direction, char offset, double price, int volume);

/* Sends an order and returns the ErrorID of the refusal, 0 when it was accepted. */
int fixture_insert(struct fixture *fixture, uint32_t connection,
                   const struct CThostFtdcInputOrderField *input);

/* Cancels the newest order of the connection's user; returns the ErrorID of the answer, 0 without
 * one. */
int fixture_cancel_newest(struct fixture *fixture, uint32_t connection);
int fixture_action(struct fixture *fixture, uint32_t connection,
                   const struct CThostFtdcInputOrderActionField *action);

/* What the connection's private flow told since the last call, one word each: OnRtnOrder its
 * OrderStatus, OnRtnTrade "T", OnErrRtnOrderInsert "I<id>", OnErrRtnOrderAction "A<id>",
 * OnRtnErrorConditionalOrder "C<id>", others the callback's name. */
const char *fixture_story(struct fixture *fixture, uint32_t connection);

/* The newest OnRtnOrder and OnRtnTrade that fixture_story met. */
const struct CThostFtdcOrderField *fixture_last_order(void);
const struct CThostFtdcTradeField *fixture_last_trade(void);

/* A quote of one level a side; a volume of 0: no such side. */
struct quote fixture_quote_of(const struct fixture *fixture, const char *instrument, double bid,
                              int bid_volume, double ask, int ask_volume, double last, int volume);
void fixture_quote(struct fixture *fixture, const char *instrument, double bid, int bid_volume,
                   double ask, int ask_volume, double last, int volume);

/* Gives the connection's user an opened position by trading at `price`, and forgets what was told
 * of it. */
void fixture_open(struct fixture *fixture, uint32_t connection, const char *instrument,
                  char direction, double price, int volume);

/* The product's status changes at the fixture's time. */
void fixture_status(struct fixture *fixture, const char *instrument, char status);

/* The newest order of the day. */
struct order *fixture_newest(struct fixture *fixture);

#endif
