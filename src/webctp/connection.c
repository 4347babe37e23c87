/* connection.c: see connection.h. */
#include "webctp/connection.h"
#include "base/buffer.h"
#include "codec/json_write.h"
#include "webctp/answer.h"
#include "webctp/session_md.h"
#include "webctp/session_td.h"

struct connection {
    struct gateway *gateway;
    struct listener_socket *socket;
    enum ctp_side side;
    struct session_td *td;    /* of a trader's connection */
    struct market_client *md; /* of a market data connection */
    bool noted;               /* an unknown field was told of already */
};

struct connection *connection_create(struct gateway *gateway, struct listener_socket *socket,
                                     enum ctp_side side)
{
    struct connection *connection = memory_get_zeroed(1, sizeof *connection);
    connection->gateway = gateway;
    connection->socket = socket;
    connection->side = side;
    if (side == CTP_TRADER)
        connection->td = session_td_create(gateway, connection);
    else
        connection->md = market_client_create(gateway->market, connection);
    return connection;
}

void connection_destroy(struct connection *connection)
{
    session_td_destroy(connection->td);
    market_client_destroy(connection->md);
    free(connection);
}

/* ---- to the client ---- */

void connection_send(struct connection *connection, struct frame *frame)
{
    listener_send(connection->socket, frame);
}

void connection_send_json(struct connection *connection, const struct buffer *json)
{
    struct frame *frame = frame_create(buffer_text(json));
    listener_send(connection->socket, frame);
    frame_release(frame);
}

void connection_send_error(struct connection *connection, text msg_type, int error_id,
                           int request_id, text detail)
{
    struct buffer json = {.at = NULL};
    answer_write_error(&json, msg_type, error_id, request_id, detail);
    connection_send_json(connection, &json);
    buffer_finish(&json);
}

void connection_send_refusal(struct connection *connection, enum ctp_method request, int code,
                             int request_id)
{
    char name[96];
    connection_send_error(connection, answer_name(request, name, sizeof name), code, request_id,
                          TEXT(""));
}

/* {"MsgType": "GetTradingDay", "RspInfo": null, "IsLast": true, "TradingDay": "20241125"} */
static void send_text_answer(struct connection *connection, const struct request *request,
                             text value)
{
    struct buffer json = {.at = NULL};
    text name = text_of(ctp_method_info(request->method)->name);
    text key = text_starts_with(name, TEXT("Get")) ? (text){name.at + 3, name.length - 3} : name;
    buffer_printf(&json, "{\"MsgType\":\"%.*s\",\"RspInfo\":null", TEXT_ARG(name));
    if (request->request_id)
        buffer_printf(&json, ",\"RequestID\":%d", request->request_id);
    buffer_printf(&json, ",\"IsLast\":true,\"%.*s\":", TEXT_ARG(key));
    json_write_gb18030(&json, value);
    buffer_put_char(&json, '}');
    connection_send_json(connection, &json);
    buffer_finish(&json);
}

/* {"MsgType": "SubmitUserSystemInfo", "RspInfo": {"ErrorID": 0, "ErrorMsg": ""}, "IsLast": true} */
static void send_done(struct connection *connection, const struct request *request)
{
    struct buffer json = {.at = NULL};
    buffer_printf(&json, "{\"MsgType\":\"%s\",\"RspInfo\":{\"ErrorID\":0,\"ErrorMsg\":\"\"}",
                  ctp_method_info(request->method)->name);
    if (request->request_id)
        buffer_printf(&json, ",\"RequestID\":%d", request->request_id);
    buffer_put_text(&json, TEXT(",\"IsLast\":true}"));
    connection_send_json(connection, &json);
    buffer_finish(&json);
}

void connection_call_local(struct connection *connection, struct link *link,
                           struct request *request)
{
    if (ctp_method_info(request->method)->shape == CTP_SHAPE_GET_TEXT) {
        send_text_answer(connection, request, link_text(link, request->method));
        return;
    }
    int code = link_request(link, request->method, request->body, 0);
    if (code == 0)
        send_done(connection, request);
    else
        connection_send_refusal(connection, request->method, code, request->request_id);
}

/* ---- from the client ---- */

static void note_unknown_field(struct connection *connection, const struct request *request)
{
    if (!request->note[0] || connection->noted)
        return;
    connection->noted = true;
    log_line(LOG_WARN, "%s: %s", ctp_method_info(request->method)->name, request->note);
}

static void dispatch(struct connection *connection, struct request *request)
{
    note_unknown_field(connection, request);
    if (connection->side == CTP_TRADER)
        session_td_request(connection->td, request);
    else
        market_client_request(connection->md, request);
}

void connection_message(struct connection *connection, text message, bool binary)
{
    const struct gateway *gateway = connection->gateway;
    struct request_rules rules = {
        .version = gateway->library[connection->side].version,
        .class = connection->side == CTP_TRADER ? CTP_TraderApi : CTP_MdApi,
        .strict = gateway->options->strict,
    };
    struct buffer refusal = {.at = NULL};
    struct request request;
    if (request_read(&request, &rules, message, binary, &refusal))
        dispatch(connection, &request);
    else
        connection_send_json(connection, &refusal);
    request_finish(&request);
    buffer_finish(&refusal);
}
