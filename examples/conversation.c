/* conversation.c: see conversation.h. */
#include "conversation.h"
#include "base/clock.h"

/* ws://HOST:PORT/path into its three parts. */
static bool url_cut(const char *url, char host[64], int *port, char path[128])
{
    text rest = text_of(url);
    int64_t number = 0;
    if (!text_starts_with(rest, TEXT("ws://")))
        return false;
    rest.at += strlen("ws://");
    rest.length -= strlen("ws://");
    text name = text_cut(&rest, ':');
    text digits = text_cut(&rest, '/');
    char tail[120];
    if (!text_copy(host, 64, name) || !text_copy(tail, sizeof tail, rest) ||
        !text_to_int(digits, &number) || number < 1 || number > 65535)
        return false;
    snprintf(path, 128, "/%s", tail);
    *port = (int)number;
    return true;
}

bool conversation_open(struct conversation *talk, const char *url)
{
    char host[64], path[128];
    int port;
    talk->socket = (struct websocket){.descriptor = -1};
    talk->last_request = 0;
    if (!url_cut(url, host, &port, path)) {
        fprintf(stderr, "%s is no address; write ws://127.0.0.1:8081/td/\n", url);
        return false;
    }
    if (websocket_open(&talk->socket, host, port, path, "", false))
        return true;
    fprintf(stderr, "%s: nobody answers as a WebSocket; is webctp running there?\n", url);
    return false;
}

bool conversation_ask(struct conversation *talk, const char *method, const char *body_name,
                      json_t *body)
{
    json_t *request = json_pack("{s:s, s:o, s:i}", "MsgType", method, body_name, body, "RequestID",
                                ++talk->last_request);
    char *message = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    if (talk->show)
        printf("> %s\n", message);
    bool sent = websocket_send(&talk->socket, message);
    free(message);
    if (!sent)
        fprintf(stderr, "%s could not be sent: the connection is gone\n", method);
    return sent;
}

json_t *conversation_next(struct conversation *talk, int timeout_ms)
{
    if (websocket_receive(&talk->socket, timeout_ms) != WEBSOCKET_MESSAGE)
        return NULL;
    const struct buffer *message = &talk->socket.message;
    if (talk->show)
        printf("< %.*s\n", (int)message->length, message->at);
    return json_loadb(message->at, message->length, 0, NULL);
}

json_t *conversation_wait(struct conversation *talk, const char *type, int timeout_ms)
{
    int64_t until = clock_monotonic_ns() + (int64_t)timeout_ms * 1000000;
    int64_t left_ms;
    while ((left_ms = (until - clock_monotonic_ns()) / 1000000) > 0) {
        json_t *message = conversation_next(talk, (int)left_ms);
        const char *came = json_string_value(json_object_get(message, "MsgType"));
        if (came && text_equal(text_of(came), text_of(type)))
            return message;
        if (!message)
            break;
        json_decref(message);
    }
    fprintf(stderr, "no %s came within %d ms\n", type, timeout_ms);
    return NULL;
}

int conversation_error(const json_t *message)
{
    const json_t *info = json_object_get(message, "RspInfo");
    int error = (int)json_integer_value(json_object_get(info, "ErrorID"));
    const char *why = json_string_value(json_object_get(info, "ErrorMsg"));
    if (error)
        fprintf(stderr, "ErrorID %d: %s\n", error, why ? why : "");
    return error;
}

const char *conversation_text(const json_t *message, const char *body, const char *field)
{
    const char *value = json_string_value(json_object_get(json_object_get(message, body), field));
    return value ? value : "";
}

double conversation_number(const json_t *message, const char *body, const char *field)
{
    return json_number_value(json_object_get(json_object_get(message, body), field));
}

void conversation_close(struct conversation *talk)
{
    websocket_close(&talk->socket, 1000);
    websocket_finish(&talk->socket);
}
