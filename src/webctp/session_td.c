/* session_td.c: see session_td.h.
 *
 *   step            what happens                   next
 *   AWAY            OnFrontConnected               AUTHENTICATING if a login is wanted, else IDLE
 *   IDLE            a login is asked for           AUTHENTICATING
 *   AUTHENTICATING  RspAuthenticate, good          LOGGING_IN
 *                   refused                        IDLE (the client is told)
 *   LOGGING_IN      RspUserLogin, good or refused  IDLE (the client is told; good: the settlement
 *                                                  is confirmed)
 *   any             OnFrontDisconnected            AWAY
 *
 * `wanted` is the will to be logged in: a login sets it, a refusal and a logout clear it; success
 * leaves it, so that a session which lost its front logs in again by itself when the front is back.
 */
#include "webctp/session_td.h"
#include "base/buffer.h"
#include "webctp/answer.h"
#include "webctp/fields.h"
#include "webctp/pacing.h"
#include <limits.h>

enum step { AWAY, IDLE, AUTHENTICATING, LOGGING_IN };

/* The chain's own confirmation: its answer is not the client's. */
enum { CONFIRM_REQUEST_ID = INT_MAX, RETRY_MS = 1000, TEXT_SIZE = 64 };

/* A login as the client sent it: a ReqUserLogin struct of the library's version. */
struct login {
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];
    int request_id; /* of the answer; 0 when the session logs in by itself */
};

struct session_td {
    struct gateway *gateway;
    struct connection *connection;
    struct link *link;
    enum step step;
    bool wanted;
    bool logged_in;
    bool confirming;
    bool must_change_password; /* said the answer to the login on this connection to the front */
    struct login login;
    struct login *next_login;     /* came while a login was under way */
    char new_password[TEXT_SIZE]; /* of a ReqUserPasswordUpdate that is not answered yet */
    int last_reason;              /* of OnFrontDisconnected; 0 when there was none */
    bool retrying;        /* what the timer is for: a new try, or the end of a client's patience */
    bool out_of_patience; /* the client was told that the front does not answer */
    struct listener_timer *timer;
    struct pacing pacing; /* queries that wait for their turn */
    struct listener_timer *pacing_timer;
};

static void timer_due(void *user);
static void pacing_due(void *user);
static void handle_event(void *owner, const struct link_event *event);
static void take_login(struct session_td *session, const struct login *login);

struct session_td *session_td_create(struct gateway *gateway, struct connection *connection)
{
    struct session_td *session = memory_get_zeroed(1, sizeof *session);
    session->gateway = gateway;
    session->connection = connection;
    session->timer = listener_timer_create(gateway->listener, timer_due, session);
    session->pacing_timer = listener_timer_create(gateway->listener, pacing_due, session);
    return session;
}

static void drop_next_login(struct session_td *session)
{
    if (session->next_login)
        explicit_bzero(session->next_login, sizeof *session->next_login);
    free(session->next_login);
    session->next_login = NULL;
}

void session_td_destroy(struct session_td *session)
{
    if (!session)
        return;
    link_release(session->link);
    listener_timer_destroy(session->timer);
    listener_timer_destroy(session->pacing_timer);
    pacing_clear(&session->pacing);
    drop_next_login(session);
    explicit_bzero(session, sizeof *session);
    free(session);
}

static const struct ctp_layout *layout(const struct session_td *session, enum ctp_struct of)
{
    return gateway_layout(session->gateway, CTP_TRADER, of);
}

/* A field of the login that is under way or was the last. */
static text login_field(const struct session_td *session, text name)
{
    return field_text(layout(session, CTP_STRUCT_ReqUserLogin), session->login.body, name);
}

/* ---- the chain ---- */

/* The call was not made. Not connected (-1): the front has just gone, and that it has is on its way
 * through the inbox; many hang up behind a logout, so this is what a login right after one meets.
 * The login goes on when the front is back, and the client is told when its time is over. Another
 * code is told at once, or, when nobody asked, it is tried again. */
static void chain_call_failed(struct session_td *session, enum ctp_method method, int code,
                              bool asked)
{
    session->step = IDLE;
    if (asked && code == -1 && !session->out_of_patience)
        return; /* the timer runs */
    listener_timer_clear(session->timer);
    if (asked && code != -1) {
        connection_send_refusal(session->connection, method, code, session->login.request_id);
        session->wanted = false;
        return;
    }
    session->retrying = true;
    listener_timer_set(session->timer, RETRY_MS);
}

/* A login of the client's own, and not the session's own repetition. */
static bool is_asked(const struct session_td *session)
{
    return !session->logged_in || session->login.request_id != 0;
}

static void authenticate(struct session_td *session)
{
    const struct options *options = session->gateway->options;
    const struct ctp_layout *to = layout(session, CTP_STRUCT_ReqAuthenticate);
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    field_put(to, body, TEXT("BrokerID"), login_field(session, TEXT("BrokerID")));
    field_put(to, body, TEXT("UserID"), login_field(session, TEXT("UserID")));
    field_put(to, body, TEXT("UserProductInfo"), login_field(session, TEXT("UserProductInfo")));
    field_put_utf8(to, body, TEXT("AuthCode"), text_of(options->auth_code));
    field_put_utf8(to, body, TEXT("AppID"), text_of(options->app_id));
    session->step = AUTHENTICATING;
    int code =
        link_request(session->link, CTP_TraderApi_ReqAuthenticate, body, session->login.request_id);
    explicit_bzero(body, sizeof body);
    if (code != 0)
        chain_call_failed(session, CTP_TraderApi_ReqAuthenticate, code, is_asked(session));
}

static void log_in(struct session_td *session)
{
    session->step = LOGGING_IN;
    int code = link_request(session->link, CTP_TraderApi_ReqUserLogin, session->login.body,
                            session->login.request_id);
    if (code != 0)
        chain_call_failed(session, CTP_TraderApi_ReqUserLogin, code, is_asked(session));
}

static void confirm_settlement(struct session_td *session)
{
    const struct ctp_layout *to = layout(session, CTP_STRUCT_SettlementInfoConfirm);
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    field_put(to, body, TEXT("BrokerID"), login_field(session, TEXT("BrokerID")));
    field_put(to, body, TEXT("InvestorID"), login_field(session, TEXT("UserID")));
    int code = link_request(session->link, CTP_TraderApi_ReqSettlementInfoConfirm, body,
                            CONFIRM_REQUEST_ID);
    session->confirming = code == 0;
    if (code != 0)
        log_line(LOG_WARN, "the settlement could not be confirmed: the call returned %d", code);
}

static void take_next_login(struct session_td *session)
{
    struct login *next = session->next_login;
    session->next_login = NULL;
    if (!next)
        return;
    take_login(session, next);
    explicit_bzero(next, sizeof *next);
    free(next);
}

/* The login under way has its answer; one that came meanwhile is next. */
static void chain_ended(struct session_td *session, bool logged_in)
{
    session->step = IDLE;
    session->logged_in = logged_in;
    session->wanted = logged_in;
    session->login.request_id = 0; /* a repetition is nobody's request */
    listener_timer_clear(session->timer);
    if (logged_in)
        confirm_settlement(session);
    take_next_login(session);
}

/* ---- a login is asked for ---- */

static void start_link(struct session_td *session)
{
    char name[TEXT_SIZE];
    text user = login_field(session, TEXT("UserID"));
    snprintf(name, sizeof name, "td%.*s", TEXT_ARG(user));
    session->step = AWAY;
    session->last_reason = 0;
    session->link = link_create(session->gateway, CTP_TRADER, text_of(name), handle_event, session);
    if (!session->link)
        connection_send_error(session->connection, TEXT("RspUserLogin"), -1,
                              session->login.request_id, TEXT("the library makes no session"));
}

static void take_login(struct session_td *session, const struct login *login)
{
    const struct ctp_layout *of = layout(session, CTP_STRUCT_ReqUserLogin);
    bool same_user = text_equal(field_text(of, login->body, TEXT("UserID")),
                                login_field(session, TEXT("UserID")));
    if (session->link && !same_user) {
        link_release(session->link); /* flow files belong to one user */
        session->link = NULL;
    }
    session->login = *login;
    session->wanted = true;
    session->logged_in = false;
    session->retrying = session->out_of_patience = false;
    session->must_change_password = false;
    pacing_due(session); /* what still waits was the last login's: it fails */
    session->new_password[0] = '\0';
    listener_timer_set(session->timer, session->gateway->options->login_timeout_ms);
    if (!session->link)
        start_link(session);
    else if (session->step == IDLE)
        authenticate(session);
}

/* A user id becomes part of a file's name. */
static bool can_be_in_a_path(text user)
{
    for (size_t i = 0; i < user.length; i++)
        if (user.at[i] == '/' || (unsigned char)user.at[i] < ' ' || user.at[i] == 0x7f)
            return false;
    return true;
}

static void login_requested(struct session_td *session, const struct request *request)
{
    const struct ctp_layout *of = layout(session, CTP_STRUCT_ReqUserLogin);
    const char *broker = session->gateway->options->broker_id;
    struct login login = {.request_id = request->request_id};
    memcpy(login.body, request->body, of->size);
    if (!can_be_in_a_path(field_text(of, login.body, TEXT("UserID")))) {
        connection_send_error(session->connection, TEXT("ReqUserLogin"), ANSWER_BAD_REQUEST,
                              request->request_id,
                              TEXT("ReqUserLogin.UserID has a '/' or a control character in it"));
        return;
    }
    if (broker[0])
        field_put_utf8(of, login.body, TEXT("BrokerID"), text_of(broker));
    if (field_text(of, login.body, TEXT("UserProductInfo")).length == 0)
        field_put(of, login.body, TEXT("UserProductInfo"), TEXT("openctp"));
    if (session->step == AUTHENTICATING || session->step == LOGGING_IN) {
        drop_next_login(session);
        session->next_login = memory_get(sizeof login);
        *session->next_login = login;
    } else {
        take_login(session, &login);
    }
    explicit_bzero(&login, sizeof login);
}

/* Ten seconds without an answer: the client is told why, the session goes on trying. */
static void tell_unreachable(struct session_td *session)
{
    char detail[1024];
    link_unreachable(session->link, session->step != AWAY, session->last_reason, detail,
                     sizeof detail);
    connection_send_error(session->connection, TEXT("RspUserLogin"), -1, session->login.request_id,
                          text_of(detail));
}

static void timer_due(void *user)
{
    struct session_td *session = user;
    if (!session->link)
        return;
    if (!session->retrying) {
        tell_unreachable(session);
        session->out_of_patience = true;
    }
    session->retrying = false;
    if (session->wanted && session->step == IDLE)
        authenticate(session);
}

/* ---- what comes from the library ---- */

static void front_connected(struct session_td *session)
{
    log_line(LOG_INFO, "Td client connected");
    session->step = IDLE;
    if (session->wanted)
        authenticate(session);
}

static void front_lost(struct session_td *session, int reason)
{
    log_line(LOG_INFO, "Td client disconnected, error_code=%d", reason);
    session->step = AWAY;
    session->last_reason = reason;
    session->confirming = session->must_change_password = false;
    take_next_login(session);
}

static void authenticated(struct session_td *session, const struct link_event *event)
{
    if (session->step != AUTHENTICATING) {
        connection_send(session->connection, event->frame);
    } else if (event->error_id == 0) {
        log_line(LOG_INFO, "authenticate success, start to login");
        log_in(session);
    } else {
        log_line(LOG_INFO, "authenticate failed, please try again");
        connection_send(session->connection, event->frame);
        chain_ended(session, false);
    }
}

/* Weak, the operator's own, out of date: the front takes a ReqUserPasswordUpdate before the login.
 */
static bool asks_for_a_new_password(int error_id)
{
    return error_id == 131 || error_id == 140 || error_id == 141;
}

static void logged_in(struct session_td *session, const struct link_event *event)
{
    connection_send(session->connection, event->frame);
    if (session->step != LOGGING_IN)
        return;
    if (event->error_id != 0)
        log_line(LOG_INFO, "login failed, please try again");
    session->must_change_password = asks_for_a_new_password(event->error_id);
    chain_ended(session, event->error_id == 0);
}

static void logged_out(struct session_td *session, const struct link_event *event)
{
    if (event->error_id == 0)
        session->logged_in = false;
    else if (session->logged_in)
        session->wanted = true;
    /* else the logout has cleared `wanted`, or a login behind it has set it again */
    connection_send(session->connection, event->frame);
}

static void password_changed(struct session_td *session, const struct link_event *event)
{
    if (event->error_id == 0 && session->new_password[0])
        field_put(layout(session, CTP_STRUCT_ReqUserLogin), session->login.body, TEXT("Password"),
                  text_of(session->new_password));
    explicit_bzero(session->new_password, sizeof session->new_password);
    connection_send(session->connection, event->frame);
}

/* OnRspError: an answer like any other, and the end of a login that it answers. */
static void error_came(struct session_td *session, const struct link_event *event)
{
    if (session->confirming && event->request_id == CONFIRM_REQUEST_ID) {
        session->confirming = false;
        log_line(LOG_WARN, "the settlement could not be confirmed: error %d", event->error_id);
        return;
    }
    connection_send(session->connection, event->frame);
    bool under_way = session->step == AUTHENTICATING || session->step == LOGGING_IN;
    if (under_way && event->request_id == session->login.request_id)
        chain_ended(session, false);
}

static bool is_own_confirmation(struct session_td *session, const struct link_event *event)
{
    if (!session->confirming || event->request_id != CONFIRM_REQUEST_ID)
        return false;
    session->confirming = false;
    if (event->error_id != 0)
        log_line(LOG_WARN, "the settlement could not be confirmed: error %d", event->error_id);
    return true;
}

static void handle_event(void *owner, const struct link_event *event)
{
    struct session_td *session = owner;
    switch (event->method) {
    case CTP_TraderSpi_OnFrontConnected:
        if (event->frame)
            connection_send(session->connection, event->frame);
        front_connected(session);
        return;
    case CTP_TraderSpi_OnFrontDisconnected:
        front_lost(session, event->number);
        break;
    case CTP_TraderSpi_OnRspAuthenticate:
        authenticated(session, event);
        return;
    case CTP_TraderSpi_OnRspUserLogin:
        logged_in(session, event);
        return;
    case CTP_TraderSpi_OnRspUserLogout:
        logged_out(session, event);
        return;
    case CTP_TraderSpi_OnRspUserPasswordUpdate:
        password_changed(session, event);
        return;
    case CTP_TraderSpi_OnRspError:
        error_came(session, event);
        return;
    case CTP_TraderSpi_OnRspSettlementInfoConfirm:
        if (is_own_confirmation(session, event))
            return;
        break;
    default:
        break;
    }
    if (event->frame)
        connection_send(session->connection, event->frame);
}

/* ---- queries that wait ---- */

/* The oldest query is tried again, and those behind it, until one must wait on. */
static void pacing_due(void *user)
{
    struct session_td *session = user;
    struct paced_query *query;
    while ((query = session->pacing.oldest)) {
        int code = session->link && session->logged_in
                       ? link_request(session->link, query->method, query->body, query->request_id)
                       : -1;
        if (pacing_is_later(code)) {
            listener_timer_set(session->pacing_timer, PACING_RETRY_MS);
            return;
        }
        if (code != 0)
            connection_send_refusal(session->connection, query->method, code, query->request_id);
        free(pacing_pop(&session->pacing));
    }
}

/* A query behind those that wait, or one that was just refused for now. False when it may not wait.
 */
static bool make_wait(struct session_td *session, const struct request *request)
{
    const struct ctp_layout *of = layout(session, ctp_method_info(request->method)->of);
    if (!pacing_push(&session->pacing, request->method, request->request_id, request->body,
                     of->size))
        return false;
    if (session->pacing.count == 1)
        listener_timer_set(session->pacing_timer, PACING_RETRY_MS);
    return true;
}

static int call_or_wait(struct session_td *session, struct request *request)
{
    bool may_wait = session->gateway->options->query_pacing && pacing_may_wait(request->method);
    if (may_wait && session->pacing.count && make_wait(session, request))
        return 0;
    int code = link_request(session->link, request->method, request->body, request->request_id);
    if (may_wait && pacing_is_later(code) && make_wait(session, request))
        return 0;
    return code;
}

/* ---- what comes from the client ---- */

static void remember_new_password(struct session_td *session, const struct request *request)
{
    const struct ctp_layout *of = layout(session, CTP_STRUCT_UserPasswordUpdate);
    if (text_equal(field_text(of, request->body, TEXT("UserID")),
                   login_field(session, TEXT("UserID"))))
        text_copy(session->new_password, sizeof session->new_password,
                  field_text(of, request->body, TEXT("NewPassword")));
}

void session_td_request(struct session_td *session, struct request *request)
{
    if (request->method == CTP_TraderApi_ReqUserLogin) {
        login_requested(session, request);
        return;
    }
    bool changes_password = request->method == CTP_TraderApi_ReqUserPasswordUpdate;
    if (!session->logged_in && !(changes_password && session->must_change_password)) {
        connection_send_error(session->connection, text_of(ctp_method_info(request->method)->name),
                              ANSWER_NOT_LOGGED_IN, request->request_id, TEXT(""));
        return;
    }
    if (ctp_method_info(request->method)->shape != CTP_SHAPE_REQUEST) {
        connection_call_local(session->connection, session->link, request);
        return;
    }
    if (changes_password)
        remember_new_password(session, request);
    int code = call_or_wait(session, request);
    if (code != 0)
        connection_send_refusal(session->connection, request->method, code, request->request_id);
    else if (request->method == CTP_TraderApi_ReqUserLogout)
        session->wanted = false; /* before the answer: many fronts hang up at once */
}
