/* day_fixture.c: see day_fixture.h. */
#include "day_fixture.h"
#include "cmocka_all.h"
#include "ctp/gb18030.h"
#include "tts/core/day/statement.h"
#include <string.h>

static void log_in_again(struct fixture *fixture)
{
    static const char *const users[FIXTURE_CONNECTIONS] = {NULL, "u1", "u2", "u1"};
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++) {
        struct CThostFtdcReqUserLoginField login = {.UserID = ""};
        PUT_TEXT(login.UserID, text_of(users[i]));
        PUT_TEXT(login.BrokerID, TEXT("9999"));
        fixture_send(fixture, i, CTP_TraderApi_ReqUserLogin, &login);
        assert_int_equal(fixture->answered_id, 0);
        fixture->read[i] = 0;
    }
}

void day_settle(struct fixture *fixture, int next_trading_day, const struct day_price *prices)
{
    uint32_t count = core_market(fixture->core)->instrument_count;
    double *given = memory_get_zeroed(count, sizeof *given);
    for (uint32_t i = 0; i < count; i++)
        given[i] = ABSENT_PRICE;
    for (; prices && prices->instrument; prices++)
        given[fixture_instrument(fixture, prices->instrument)] = prices->price;
    core_settle(fixture->core, next_trading_day, given);
    free(given);
    assert_int_equal(core_trading_day(fixture->core), next_trading_day);
    fixture_set_clock(fixture, next_trading_day, 10 * 3600, 0);
    fixture->order_ref = 0;
    log_in_again(fixture);
}

const char *day_statement(struct fixture *fixture)
{
    static char utf8[400000];
    struct buffer gb = {.at = NULL};
    struct statement_name name;
    assert_true(statement_find(fixture->core, 0, 0, &gb, &name));
    size_t length = gb18030_to_utf8(buffer_text(&gb), utf8, sizeof utf8 - 1);
    utf8[length] = '\0';
    buffer_finish(&gb);
    return utf8;
}

void assert_statement_has(const char *statement, const char *words)
{
    if (!strstr(statement, words))
        fail_msg("the statement lacks \"%s\":\n%s", words, statement);
}

int day_newest(struct fixture *fixture, uint32_t connection, enum ctp_method callback, void *body,
               size_t size)
{
    for (uint32_t i = core_private_count(fixture->core, connection); i > 0; i--) {
        struct core_message message;
        core_private_message(fixture->core, connection, i, &message);
        if (message.callback != callback)
            continue;
        memcpy(body, message.body, size);
        return message.rsp_info ? message.rsp_info->ErrorID : 0;
    }
    fail_msg("no %s was told", ctp_method_info(callback)->name);
    return -1;
}

void day_change_instrument(struct fixture *fixture, const char *id,
                           void (*change)(struct instrument *instrument, double value),
                           double value)
{
    uint32_t place = fixture_instrument(fixture, id);
    struct instrument instrument;
    memcpy(&instrument, &core_market(fixture->core)->instruments[place], sizeof instrument);
    change(&instrument, value);
    core_put_instrument(fixture->core, &instrument, false);
}

void day_set_expire_date(struct instrument *instrument, double date)
{
    instrument->expire_date = (int)date;
}

void day_set_underlying(struct fixture *fixture, const char *option, const char *underlying)
{
    uint32_t place = fixture_instrument(fixture, option);
    struct instrument instrument;
    memcpy(&instrument, &core_market(fixture->core)->instruments[place], sizeof instrument);
    PUT_TEXT(instrument.underlying_id, text_of(underlying));
    instrument.underlying = fixture_instrument(fixture, underlying);
    core_put_instrument(fixture->core, &instrument, false);
}

void day_list_like(struct fixture *fixture, const char *id, const char *like, double pre)
{
    struct instrument instrument;
    memcpy(&instrument, core_instrument(fixture->core, fixture_instrument(fixture, like)),
           sizeof instrument);
    memset(instrument.id, 0, sizeof instrument.id);
    PUT_TEXT(instrument.id, text_of(id));
    instrument.pre_settlement = instrument.last = pre;
    instrument.upper_limit = pre * 1.1;
    instrument.lower_limit = pre * 0.9;
    core_put_instrument(fixture->core, &instrument, false);
}

int day_count_messages(const struct fixture *fixture, enum ctp_method callback)
{
    int count = 0;
    for (size_t at = 0; at < fixture->effects.length;) {
        struct effect_head head;
        memcpy(&head, fixture->effects.at + at, sizeof head);
        struct effect_message message;
        if (head.kind == EFFECT_message) {
            memcpy(&message, fixture->effects.at + at + sizeof head, sizeof message);
            count += message.callback == (uint32_t)callback;
        }
        at += head.length;
    }
    return count;
}
