/* session.c: terminal authentication, login and logout, passwords, confirmation of the settlement.
 * The order of the login's checks is the documented one; the server has already compared the
 * password with the stored hash and says how that ended. */
#include "tts/core/session.h"
#include "base/clock.h"
#include "tts/core/flow.h"
#include "tts/core/handlers.h"
#include "tts/core/knock.h"

void core_connect(struct core *core, const struct core_peer *peer)
{
    while (core->connections.count <= peer->connection)
        LIST_ADD(&core->connections);
    struct connection *connection = &core->connections.at[peer->connection];
    memset(connection, 0, sizeof *connection);
    connection->connected = true;
    connection->md = peer->md;
    connection->peer = *peer;
    connection->user = connection->session = connection->may_change_password_of = NONE;
}

void session_end(struct core *core, uint32_t place)
{
    struct connection *connection = core_connection(core, place);
    if (connection->logged_in && connection->user != NONE)
        core->users.at[connection->user].sessions--;
    connection->logged_in = connection->authenticated = false;
    connection->user = connection->session = NONE;
}

void core_disconnect(struct core *core, uint32_t connection)
{
    session_end(core, connection);
    core->connections.at[connection].connected = false;
}

/* ---- authentication ---- */

static bool same_broker(const struct core *core, text broker_id)
{
    return !core->options.broker_check || text_equal(broker_id, core_member_id(core));
}

/* Where authentication is not needed every terminal is welcome. */
static int authentication_error(const struct core *core, const struct connection *from,
                                const struct CThostFtdcReqAuthenticateField *body)
{
    int error_id = core->options.authenticate ? knock_refusal(core, from, KNOCK_AUTHENTICATION) : 0;
    if (error_id)
        return error_id;
    if (!same_broker(core, FIELD_TEXT(body->BrokerID)))
        return CTP_ERROR_AUTH_FAILED;
    return core->options.authenticate ? knock_terminal(core, from, body) : 0;
}

void session_authenticate(struct core *core, const struct core_request *request)
{
    const struct CThostFtdcReqAuthenticateField *body = request->body;
    struct connection *connection = core_connection(core, request->connection);
    struct CThostFtdcRspAuthenticateField answer = {.AppType = THOST_FTDC_APP_TYPE_Investor};
    PUT_TEXT(answer.BrokerID, FIELD_TEXT(body->BrokerID));
    PUT_TEXT(answer.UserID, FIELD_TEXT(body->UserID));
    PUT_TEXT(answer.UserProductInfo, FIELD_TEXT(body->UserProductInfo));
    PUT_TEXT(answer.AppID, FIELD_TEXT(body->AppID));

    struct refusal refusal = refusal_of(authentication_error(core, connection, body));
    if (refusal.error_id) {
        knock_failed(core, connection, KNOCK_AUTHENTICATION);
    } else {
        connection->authenticated = true;
        PUT_TEXT(connection->auth_user, FIELD_TEXT(body->UserID));
        PUT_TEXT(connection->auth_broker, FIELD_TEXT(body->BrokerID));
        PUT_TEXT(connection->auth_product, FIELD_TEXT(body->UserProductInfo));
    }
    reply_one(core, request, &answer, &refusal);
}

/* ---- login ---- */

static bool authentication_holds(const struct core *core, const struct connection *connection,
                                 const struct CThostFtdcReqUserLoginField *body)
{
    if (!core->options.authenticate)
        return true;
    return connection->authenticated &&
           text_equal(FIELD_TEXT(connection->auth_user), FIELD_TEXT(body->UserID)) &&
           text_equal(FIELD_TEXT(connection->auth_broker), FIELD_TEXT(body->BrokerID));
}

static void count_failure(struct core *core, uint32_t place)
{
    if (core->options.login_fail_limit == 0)
        return;
    const struct user *user = &core->users.at[place];
    struct effect_user_changed effect = {
        .user = place,
        .active = user->active,
        .must_change_password = user->must_change_password,
        .failures = (uint32_t)user->failures + 1,
    };
    EMIT(core, user_changed, &effect);
}

/* The user who logs in; NONE with the refusal filled. */
static uint32_t login_user(struct core *core, const struct core_request *request,
                           struct refusal *refusal)
{
    const struct CThostFtdcReqUserLoginField *body = request->body;
    const struct core_options *options = &core->options;
    text id = FIELD_TEXT(body->UserID);
    uint32_t place = core_find_user(core, id);
    bool ours = same_broker(core, FIELD_TEXT(body->BrokerID));
    if (place == NONE && ours && options->auto_account && request->new_hash &&
        core_add_user(core, id, request->new_hash, id, options->auto_account_deposit) == ADMIN_OK)
        return core_find_user(core, id);
    if (place != NONE && options->login_fail_limit &&
        core->users.at[place].failures >= options->login_fail_limit) {
        *refusal = refusal_of(CTP_ERROR_LOGIN_FORBIDDEN);
        return NONE;
    }
    if (place == NONE || !ours || request->verdict != PASSWORD_RIGHT) {
        if (place != NONE)
            count_failure(core, place);
        knock_failed(core, core_connection(core, request->connection), KNOCK_LOGIN);
        *refusal = refusal_of(CTP_ERROR_INVALID_LOGIN);
        return NONE;
    }
    return place;
}

static bool is_weak(text password)
{
    bool letter = false, digit = false;
    for (size_t i = 0; i < password.length; i++) {
        char c = password.at[i];
        digit |= c >= '0' && c <= '9';
        letter |= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    return password.length < 8 || !letter || !digit;
}

/* Calendar days since the password was set. */
static bool is_out_of_date(const struct core *core, const struct user *user)
{
    int most = core->options.password_days;
    return most &&
           clock_date_to_days(core->trading_day) - clock_date_to_days(user->password_day) > most;
}

/* Why the password must be changed before anything else; 0: it need not. */
static int must_change(const struct core *core, const struct user *user, text password)
{
    if (user->must_change_password)
        return CTP_ERROR_FIRST_LOGIN;
    if (core->options.password_rules && is_weak(password))
        return CTP_ERROR_WEAK_PASSWORD;
    return is_out_of_date(core, user) ? CTP_ERROR_PWD_OUT_OF_DATE : 0;
}

static struct refusal check_login(struct core *core, const struct core_request *request,
                                  uint32_t *place)
{
    const struct CThostFtdcReqUserLoginField *body = request->body;
    struct connection *connection = core_connection(core, request->connection);
    struct refusal refusal = refusal_none();
    if (connection->logged_in)
        return refusal_of(CTP_ERROR_DUPLICATE_LOGIN);
    if (!authentication_holds(core, connection, body))
        return refusal_of(CTP_ERROR_NOT_AUTHENT);
    refusal = refusal_of(knock_refusal(core, connection, KNOCK_LOGIN));
    if (refusal.error_id == 0)
        *place = login_user(core, request, &refusal);
    if (refusal.error_id)
        return refusal;
    const struct user *user = &core->users.at[*place];
    if (!user->active)
        return refusal_of(CTP_ERROR_USER_NOT_ACTIVE);
    int change = must_change(core, user, FIELD_TEXT(body->Password));
    if (change) {
        connection->may_change_password_of = *place;
        return refusal_of(change);
    }
    if (core->options.sessions_per_user &&
        user->sessions >= (uint32_t)core->options.sessions_per_user)
        return refusal_of(CTP_ERROR_SINGLEUSERSESSION_EXCEED_LIMIT);
    return refusal;
}

static void put_exchange_times(const struct core *core, struct CThostFtdcRspUserLoginField *answer)
{
    int second = core->now.replay_second;
    PUT_TIME(answer->SHFETime, second);
    PUT_TIME(answer->DCETime, second);
    PUT_TIME(answer->CZCETime, second);
    PUT_TIME(answer->FFEXTime, second);
    PUT_TIME(answer->INETime, second);
    PUT_TIME(answer->GFEXTime, second);
}

static void open_session(struct core *core, const struct core_request *request, uint32_t place)
{
    const struct CThostFtdcReqUserLoginField *body = request->body;
    struct connection *connection = core_connection(core, request->connection);
    struct effect_login effect = {.user = place, .session_id = core->last_session_id + 1};
    PUT_TEXT(effect.broker_id, FIELD_TEXT(body->BrokerID));
    text product = FIELD_TEXT(connection->auth_product);
    PUT_TEXT(effect.user_product_info,
             product.length ? product : FIELD_TEXT(body->UserProductInfo));
    char date[9], time[9];
    PUT_DATE(date, core_wall_date(core));
    PUT_TIME(time, core_wall_second(core));
    snprintf(effect.stamp, sizeof effect.stamp, "%s%s", date, time);
    EMIT(core, login, &effect);

    connection->logged_in = true;
    connection->user = place;
    connection->session = core->sessions.count - 1;
    connection->may_change_password_of = NONE;
    PUT_TEXT(connection->broker_id, FIELD_TEXT(body->BrokerID));
    PUT_TEXT(connection->login_stamp, FIELD_TEXT(effect.stamp));
    core->users.at[place].sessions++;
    knock_entered(core, connection);
    core->sink.logged_in(core->sink.user, request->connection);
}

static void login_trader(struct core *core, const struct core_request *request)
{
    const struct CThostFtdcReqUserLoginField *body = request->body;
    struct CThostFtdcRspUserLoginField answer = {.FrontID = 0};
    PUT_TEXT(answer.BrokerID, FIELD_TEXT(body->BrokerID));
    PUT_TEXT(answer.UserID, FIELD_TEXT(body->UserID));
    uint32_t place = NONE;
    struct refusal refusal = check_login(core, request, &place);
    if (refusal.error_id == 0) {
        PUT_TEXT(answer.LastLoginTime, FIELD_TEXT(core->users.at[place].last_login));
        open_session(core, request, place);
        answer.FrontID = core->options.front_id;
        answer.SessionID = core->last_session_id;
        answer.LoginDRIdentityID = answer.UserDRIdentityID = 1;
        PUT_DATE(answer.TradingDay, core->trading_day);
        PUT_TIME(answer.LoginTime, core_wall_second(core));
        PUT_TEXT(answer.SystemName, text_of(core->options.system_name));
        PUT_TEXT(answer.SysVersion, text_of(core->options.version));
        PUT_TEXT(answer.MaxOrderRef, TEXT("1"));
        put_exchange_times(core, &answer);
    }
    reply_one(core, request, &answer, &refusal);
}

static void login_md(struct core *core, const struct core_request *request)
{
    const struct CThostFtdcReqUserLoginField *body = request->body;
    struct connection *connection = core_connection(core, request->connection);
    struct CThostFtdcRspUserLoginField answer = {.FrontID = 0};
    struct refusal refusal = refusal_none();
    if (core->options.md_login_verify &&
        !knock_has_entered(core, connection->peer.address, FIELD_TEXT(body->BrokerID),
                           FIELD_TEXT(body->UserID)))
        refusal = refusal_of(CTP_ERROR_INVALID_LOGIN);
    if (refusal.error_id == 0) {
        connection->logged_in = true;
        PUT_DATE(answer.TradingDay, core->trading_day);
        core->sink.logged_in(core->sink.user, request->connection);
    }
    reply_one(core, request, &answer, &refusal);
}

void session_login(struct core *core, const struct core_request *request)
{
    if (core_connection(core, request->connection)->md)
        login_md(core, request);
    else
        login_trader(core, request);
}

void session_logout(struct core *core, const struct core_request *request)
{
    const struct CThostFtdcUserLogoutField *body = request->body;
    struct connection *connection = core_connection(core, request->connection);
    struct refusal refusal = refusal_none();
    text user_id = FIELD_TEXT(body->UserID), broker_id = FIELD_TEXT(body->BrokerID);
    if (!connection->md && user_id.length &&
        !text_equal(user_id, text_of(core->users.at[connection->user].id)))
        refusal = refusal_of(CTP_ERROR_INCONSISTENT_INFORMATION);
    else if (!connection->md && broker_id.length)
        refusal = refusal_of(core_check_broker(core, connection, broker_id));
    reply_one(core, request, body, &refusal);
    if (refusal.error_id)
        return;
    session_end(core, request->connection);
    core->sink.close(core->sink.user, request->connection);
}

/* ---- passwords ---- */

static struct refusal check_password_change(const struct core *core,
                                            const struct core_request *request, uint32_t user)
{
    const struct CThostFtdcUserPasswordUpdateField *body = request->body;
    text new_password = FIELD_TEXT(body->NewPassword);
    if (!text_equal(FIELD_TEXT(body->UserID), text_of(core->users.at[user].id)))
        return refusal_of(CTP_ERROR_CHANGE_OTHER_PASSWORD);
    if (request->verdict != PASSWORD_RIGHT)
        return refusal_of(CTP_ERROR_OLD_PASSWORD_MISMATCH);
    if (text_equal(new_password, FIELD_TEXT(body->OldPassword)))
        return refusal_of(CTP_ERROR_PWD_MUST_DIFF);
    if (core->options.password_rules && is_weak(new_password))
        return refusal_of(CTP_ERROR_WEAK_PASSWORD);
    return refusal_none();
}

/* Without a hash the machine had no memory for one. */
static struct refusal store_password(struct core *core, text user_id, const char *hash, bool fund)
{
    bool stored = hash && core_set_password(core, user_id, hash, fund) == ADMIN_OK;
    return stored ? refusal_none() : refusal_of(CTP_ERROR_QK_BUSY);
}

void session_change_password(struct core *core, const struct core_request *request)
{
    struct CThostFtdcUserPasswordUpdateField answer =
        *(const struct CThostFtdcUserPasswordUpdateField *)request->body;
    const struct connection *connection = core_connection(core, request->connection);
    uint32_t user = connection->logged_in ? connection->user : connection->may_change_password_of;
    if (user == NONE) {
        reply_front_error(core, request, CTP_ERROR_NOT_LOGIN_YET);
        return;
    }
    struct refusal refusal = check_password_change(core, request, user);
    if (refusal.error_id == 0)
        refusal = store_password(core, text_of(core->users.at[user].id), request->new_hash, false);
    memset(answer.OldPassword, 0, sizeof answer.OldPassword);
    memset(answer.NewPassword, 0, sizeof answer.NewPassword);
    reply_one(core, request, &answer, &refusal);
}

void session_change_fund_password(struct core *core, const struct core_request *request)
{
    struct CThostFtdcTradingAccountPasswordUpdateField answer =
        *(const struct CThostFtdcTradingAccountPasswordUpdateField *)request->body;
    const struct connection *connection = core_connection(core, request->connection);
    text currency = FIELD_TEXT(answer.CurrencyID), id = FIELD_TEXT(answer.AccountID);
    uint32_t account = core_find_account(core, id);
    struct refusal refusal = refusal_none();
    if (account == NONE || !core_user_may(core, connection->user, account))
        refusal = refusal_of(CTP_ERROR_NO_PRIVILEGE);
    else if (currency.length && !text_equal(currency, TEXT("CNY")))
        refusal = refusal_of(CTP_ERROR_CURRENCYID_NOT_SUPPORTED);
    else if (core_user_hash(core, id, true)[0] && request->verdict != PASSWORD_RIGHT)
        refusal = refusal_of(CTP_ERROR_PASSWORD_MISMATCH);
    else if (text_equal(FIELD_TEXT(answer.OldPassword), FIELD_TEXT(answer.NewPassword)))
        refusal = refusal_of(CTP_ERROR_PWD_MUST_DIFF);
    if (refusal.error_id == 0)
        refusal = store_password(core, id, request->new_hash, true);
    memset(answer.OldPassword, 0, sizeof answer.OldPassword);
    memset(answer.NewPassword, 0, sizeof answer.NewPassword);
    reply_one(core, request, &answer, &refusal);
}

/* ---- confirmation ---- */

void session_confirm_settlement(struct core *core, const struct core_request *request)
{
    const struct CThostFtdcSettlementInfoConfirmField *body = request->body;
    const struct connection *connection = core_connection(core, request->connection);
    struct CThostFtdcSettlementInfoConfirmField answer = {.SettlementID = 0};
    PUT_TEXT(answer.BrokerID, FIELD_TEXT(body->BrokerID));
    PUT_TEXT(answer.InvestorID, FIELD_TEXT(body->InvestorID));
    struct refusal refusal =
        refusal_of(core_check_broker(core, connection, FIELD_TEXT(body->BrokerID)));
    uint32_t account = NONE;
    if (refusal.error_id == 0)
        account = core_request_account(core, connection, FIELD_TEXT(body->InvestorID), &refusal);
    if (refusal.error_id == 0) {
        struct effect_confirmed effect = {
            .account = account, .day = core->trading_day, .second = core_wall_second(core)};
        EMIT(core, confirmed, &effect);
        PUT_TEXT(answer.InvestorID, text_of(core->ledger.accounts[account].id));
        PUT_DATE(answer.ConfirmDate, core->trading_day);
        PUT_TIME(answer.ConfirmTime, effect.second);
    }
    reply_one(core, request, &answer, &refusal);
}
