/* request_check.c: see request_check.h. */
#include "tts/core/requests/request_check.h"
#include "tts/core/account_rule.h"
#include "tts/core/channel.h"
#include <assert.h>

/* ---- fields by name ---- */

static const struct ctp_field *field_of(enum ctp_struct of, const char *name)
{
    return ctp_field_find(ctp_layout_find(CTP_NEWEST, of), text_of(name));
}

void body_put_text(enum ctp_struct of, void *body, const char *name, text value)
{
    const struct ctp_field *field = field_of(of, name);
    if (field && field->base == CTP_TEXT && value.length < field->size)
        text_copy((char *)body + field->offset, field->size, value);
}

void body_put_int(enum ctp_struct of, void *body, const char *name, int value)
{
    const struct ctp_field *field = field_of(of, name);
    if (field && field->base == CTP_INT)
        memcpy((char *)body + field->offset, &value, sizeof value);
}

void body_put_char(enum ctp_struct of, void *body, const char *name, char value)
{
    const struct ctp_field *field = field_of(of, name);
    if (field && field->base == CTP_CHAR)
        ((char *)body)[field->offset] = value;
}

text body_text(enum ctp_struct of, const void *body, const char *name)
{
    const struct ctp_field *field = field_of(of, name);
    if (!field || field->base != CTP_TEXT)
        return TEXT("");
    return text_of_field((const char *)body + field->offset, field->size);
}

static int body_int(enum ctp_struct of, const void *body, const char *name)
{
    const struct ctp_field *field = field_of(of, name);
    int value = 0;
    if (field && field->base == CTP_INT)
        memcpy(&value, (const char *)body + field->offset, sizeof value);
    return value;
}

/* ---- checks ---- */

static struct refusal check_account(struct core *core, enum ctp_struct of, void *body,
                                    struct request_frame *frame)
{
    struct refusal refusal;
    int error_id = core_check_broker(core, frame->from, body_text(of, body, "BrokerID"));
    if (error_id)
        return refusal_of(error_id);
    text investor = body_text(of, body, "InvestorID");
    frame->account = core_request_account(core, frame->from, investor, &refusal);
    if (frame->account == NONE)
        return refusal;
    body_put_text(of, body, "InvestorID", text_of(core->ledger.accounts[frame->account].id));
    const char *bad = desk_bad_text(ctp_layout_find(CTP_NEWEST, of), body);
    if (bad)
        return refusal_with(CTP_ERROR_BAD_FIELD, "%s", bad);
    text own = text_of(core->ledger.accounts[frame->account].id);
    text account = body_text(of, body, "AccountID"), currency = body_text(of, body, "CurrencyID");
    if (account.length && !text_equal(account, own))
        return refusal_with(CTP_ERROR_BAD_FIELD, "AccountID");
    if (currency.length && !text_equal(currency, TEXT("CNY")))
        return refusal_with(CTP_ERROR_BAD_FIELD, "CurrencyID");
    return refusal_none();
}

/* Of a request that names no instrument. */
static struct refusal check_exchange(const struct core *core, enum ctp_struct of, const void *body)
{
    enum exchange exchange;
    text id = body_text(of, body, "ExchangeID");
    if (id.length > 0)
        return refusal_of(exchange_find(id, &exchange) ? 0 : CTP_ERROR_EXCHANGE_ID_IS_INVALID);
    bool missing = core->options.exchange_id_required && field_of(of, "ExchangeID");
    return refusal_of(missing ? CTP_ERROR_EXCHANGE_ID_IS_MISSING : 0);
}

static struct refusal check_instrument(struct core *core, enum request_kind kind,
                                       enum ctp_struct of, void *body, struct request_frame *frame)
{
    struct refusal refusal = refusal_none();
    text id = body_text(of, body, "InstrumentID");
    if (!field_of(of, "InstrumentID") || (kind != REQUEST_OF_ORDER && id.length == 0))
        return check_exchange(core, of, body);
    frame->instrument =
        core_request_instrument(core, id, body_text(of, body, "ExchangeID"), &refusal);
    if (frame->instrument == NONE)
        return refusal;
    const struct instrument *instrument = core_instrument(core, frame->instrument);
    body_put_text(of, body, "ExchangeID", text_of(exchange_id(instrument->exchange)));
    if (kind != REQUEST_OF_ACTION && !desk_is_tradable(core, instrument))
        return refusal_of(CTP_ERROR_INSTRUMENT_NOT_TRADING);
    return refusal;
}

/* A trading code that is given must be the account's own. */
static bool has_foreign_code(const struct core *core, const struct request_frame *frame,
                             enum ctp_struct of, const void *body)
{
    char code[24];
    text given = body_text(of, body, "ClientID");
    if (given.length == 0 || frame->instrument == NONE)
        return false;
    core_client_id(core, frame->account, core->market.instruments[frame->instrument].exchange, code,
                   sizeof code);
    return !text_equal(given, text_of(code));
}

/* 20 to 22 */
static struct refusal check_standing(const struct core *core, const struct request_frame *frame,
                                     enum ctp_struct of, const void *body)
{
    const struct investor *investor = &core->investors.at[frame->account];
    if (!investor->active)
        return refusal_of(CTP_ERROR_INVESTOR_NOT_ACTIVE);
    if (has_foreign_code(core, frame, of, body))
        return refusal_of(CTP_ERROR_NOT_EXCHANGE_CLIENT);
    if (core->options.settlement_confirm && investor->confirm_day != core->trading_day)
        return refusal_of(CTP_ERROR_SETTLEMENT_INFO_NOT_CONFIRMED);
    if (frame->instrument == NONE)
        return refusal_none();
    static const bool opens[2] = {false, false};
    return refusal_of(account_rule_right(core, frame->account, frame->instrument, opens));
}

struct refusal request_check(struct core *core, const struct core_request *request,
                             enum request_kind kind, enum ctp_struct of, void *body,
                             struct request_frame *frame)
{
    const struct connection *from = core_connection(core, request->connection);
    *frame = (struct request_frame){
        .from = from,
        .user = from->user,
        .session = from->session,
        .account = NONE,
        .instrument = NONE,
    };
    body_put_text(of, body, "UserID", text_of(core->users.at[from->user].id));
    bool order = kind != REQUEST_OF_ACTION;
    if (rate_exceeded(core, from->user, order ? RATE_ORDERS : RATE_ACTIONS,
                      order ? core->options.order_rate : core->options.action_rate))
        return refusal_of(CTP_ERROR_ORDER_FREQ_LIMIT);
    struct refusal refusal = check_account(core, of, body, frame);
    if (refusal.error_id == 0)
        refusal = check_instrument(core, kind, of, body, frame);
    if (refusal.error_id == 0 && order)
        refusal = check_standing(core, frame, of, body);
    return refusal;
}

struct refusal request_check_channel(const struct core *core, const struct request_frame *frame,
                                     enum request_kind kind)
{
    return refusal_of(channel_why_not(core, frame->account,
                                      kind == REQUEST_OF_ACTION ? CHANNEL_CANCEL : CHANNEL_ORDER));
}

void request_refuse(struct core *core, const struct core_request *request, const void *body,
                    const struct refusal *refusal, enum ctp_method kept_as, const void *kept)
{
    uint32_t user = core_connection(core, request->connection)->user;
    reply_one(core, request, body, refusal);
    reply_private_to_user(core, user, kept_as, kept, refusal);
}

/* ---- identities ---- */

static void put_stamps(const struct core *core, enum ctp_struct of, void *body, const char *date,
                       const char *time)
{
    char text_of_date[16], text_of_time[16];
    PUT_DATE(text_of_date, core_wall_date(core));
    PUT_TIME(text_of_time, core_wall_second(core));
    body_put_text(of, body, date, text_of(text_of_date));
    body_put_text(of, body, time, text_of(text_of_time));
}

static void put_instrument(const struct core *core, uint32_t place, uint32_t account,
                           enum ctp_struct of, void *body)
{
    const struct instrument *instrument = &core->market.instruments[place];
    text id = text_of(instrument->id);
    char client[24];
    core_client_id(core, account, instrument->exchange, client, sizeof client);
    body_put_text(of, body, "ClientID", text_of(client));
    body_put_text(of, body, "ExchangeID", text_of(exchange_id(instrument->exchange)));
    body_put_text(of, body, "InstrumentID", id);
    body_put_text(of, body, "ExchangeInstID", id);
    body_put_text(of, body, "reserve1", id);
    body_put_text(of, body, "reserve2", id);
}

void request_identify(struct core *core, const struct request_frame *frame, enum ctp_struct of,
                      void *body)
{
    const struct session *session = &core->sessions.at[frame->session];
    char trader[32], day[16];
    core_trader_id(core, trader, sizeof trader);
    PUT_DATE(day, core->trading_day);
    body_put_text(of, body, "BrokerID", text_of(session->broker_id));
    body_put_text(of, body, "InvestorID", text_of(core->ledger.accounts[frame->account].id));
    body_put_text(of, body, "UserID", text_of(core->users.at[frame->user].id));
    body_put_text(of, body, "UserProductInfo", text_of(session->user_product_info));
    body_put_text(of, body, "TraderID", text_of(trader));
    body_put_text(of, body, "BusinessUnit", text_of(trader));
    body_put_text(of, body, "ParticipantID", core_member_id(core));
    body_put_text(of, body, "TradingDay", text_of(day));
    body_put_int(of, body, "InstallID", 1);
    body_put_int(of, body, "SettlementID", 1);
    body_put_int(of, body, "FrontID", core->options.front_id);
    body_put_int(of, body, "SessionID", session->session_id);
    put_stamps(core, of, body, "InsertDate", "InsertTime");
    if (frame->instrument != NONE)
        put_instrument(core, frame->instrument, frame->account, of, body);
}

void request_action_body(struct core *core, enum ctp_struct from_struct, const void *from,
                         enum ctp_struct to_struct, void *to)
{
    ctp_convert(ctp_layout_find(CTP_NEWEST, from_struct), from,
                ctp_layout_find(CTP_NEWEST, to_struct), to);
    put_stamps(core, to_struct, to, "ActionDate", "ActionTime");
    body_put_char(to_struct, to, "OrderActionStatus", THOST_FTDC_OAS_Submitted);
}

/* ---- references ---- */

enum reference_verdict request_reference(enum ctp_struct of, void *body, const char *field,
                                         int64_t last)
{
    text given = text_trim(body_text(of, body, field));
    int64_t reference;
    if (given.length == 0 && last >= REFERENCE_MAX)
        return REFERENCE_NOT_RISING;
    if (given.length == 0) {
        char next[24];
        PUT_NUMBER(next, last + 1);
        body_put_text(of, body, field, text_of(next));
        return REFERENCE_GOOD;
    }
    if (given.at[0] < '0' || given.at[0] > '9' || !read_number(given, &reference))
        return REFERENCE_NO_NUMBER;
    return reference > last ? REFERENCE_GOOD : REFERENCE_NOT_RISING;
}

/* References of a session rise, so its newest record has the largest. */
int64_t request_last_reference(const struct core *core, enum record_kind kind, enum ctp_struct of,
                               const char *field, const struct request_frame *frame)
{
    int32_t session_id = core->sessions.at[frame->session].session_id, own;
    const struct ctp_field *session = field_of(of, "SessionID");
    int64_t last = 0;
    for (uint32_t i = record_count(core, kind); session && i-- > 0;) {
        const char *body = record_body(core, kind, i);
        memcpy(&own, body + session->offset, sizeof own);
        if (own == session_id && read_number(body_text(of, body, field), &last))
            break;
    }
    return last;
}

static bool is_same_number(text a, text b)
{
    int64_t one, other;
    return read_number(a, &one) && read_number(b, &other) && one == other;
}

/* By the number that the exchange gave. */
static uint32_t find_by_number(const struct core *core, const struct record_name *name,
                               const void *action, const struct request_frame *frame)
{
    int64_t number;
    text exchange = body_text(name->action_struct, action, "ExchangeID");
    if (!read_number(body_text(name->action_struct, action, name->system_field), &number))
        return NONE;
    for (uint32_t i = record_count(core, name->kind); i-- > 0;) {
        const struct record *head = &core->records->of[name->kind].heads.at[i];
        int64_t own_number = head->number;
        if (name->number_in_body &&
            !read_number(body_text(name->record_struct, record_body(core, name->kind, i),
                                   name->system_field),
                         &own_number))
            continue;
        if (own_number != number || head->account != frame->account)
            continue;
        text own = body_text(name->record_struct, record_body(core, name->kind, i), "ExchangeID");
        if (exchange.length == 0 || text_equal(exchange, own))
            return i;
    }
    return NONE;
}

/* By the session that gave it its reference. */
static uint32_t find_by_reference(const struct core *core, const struct record_name *name,
                                  const void *action, const struct request_frame *frame)
{
    enum ctp_struct asked = name->action_struct, of = name->record_struct;
    int front = body_int(asked, action, "FrontID"), session = body_int(asked, action, "SessionID");
    text reference = body_text(asked, action, name->reference_field);
    text instrument = body_text(asked, action, "InstrumentID");
    if (front == 0 && session == 0) {
        front = core->options.front_id;
        session = core->sessions.at[frame->session].session_id;
    }
    for (uint32_t i = record_count(core, name->kind); i-- > 0;) {
        const void *body = record_body(core, name->kind, i);
        if (core->records->of[name->kind].heads.at[i].account == frame->account &&
            is_same_number(reference, body_text(of, body, name->reference_field)) &&
            body_int(of, body, "FrontID") == front && body_int(of, body, "SessionID") == session &&
            (instrument.length == 0 || text_equal(instrument, body_text(of, body, "InstrumentID"))))
            return i;
    }
    return NONE;
}

uint32_t request_find_record(const struct core *core, const struct record_name *name,
                             const void *action, const struct request_frame *frame)
{
    text number = text_trim(body_text(name->action_struct, action, name->system_field));
    return number.length > 0 ? find_by_number(core, name, action, frame)
                             : find_by_reference(core, name, action, frame);
}
