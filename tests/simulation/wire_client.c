/* wire_client.c: see wire_client.h. */
#include "wire_client.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 65536, WELCOME_MS = 60000 };

void wire_client_close(struct wire_client *client)
{
    if (client->socket >= 0)
        close(client->socket);
    client->socket = -1;
    client->in_used = 0;
    buffer_finish(&client->in);
    buffer_finish(&client->out);
}

bool wire_client_connect(struct wire_client *client, int port, bool md)
{
    *client =
        (struct wire_client){.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .md = md};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    if (client->socket < 0 ||
        connect(client->socket, (struct sockaddr *)&address, sizeof address) != 0) {
        wire_client_close(client);
        return false;
    }
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(client->socket, F_SETFL, O_NONBLOCK);
    return true;
}

struct wire_hello wire_client_hello(bool md)
{
    struct wire_hello hello = {.magic = WIRE_MAGIC,
                               .protocol = WIRE_PROTOCOL,
                               .class = md ? CTP_MdApi : CTP_TraderApi,
                               .digest = ctp_version_digest(CTP_NEWEST),
                               .library = "tests"};
    text_copy(hello.version, sizeof hello.version, text_of(ctp_version_name(CTP_NEWEST)));
    return hello;
}

bool wire_client_open(struct wire_client *client, int port, bool md)
{
    if (!wire_client_connect(client, port, md))
        return false;
    struct wire_hello hello = wire_client_hello(md);
    wire_hello_write(&client->out, &hello);
    struct wire_frame frame;
    if (wire_client_wait(client, &frame, WELCOME_MS) && frame.kind == WIRE_WELCOME)
        return true;
    wire_client_close(client);
    return false;
}

void wire_client_request(struct wire_client *client, enum ctp_method method, const void *body,
                         int request_id)
{
    struct wire_frame frame = {.kind = WIRE_REQUEST,
                               .slot = (unsigned)ctp_method_slot(CTP_NEWEST, method),
                               .request_id = request_id};
    const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, ctp_method_info(method)->of);
    wire_frame_write(&client->out, &frame, NULL, NULL, layout, body);
}

void wire_client_topics(struct wire_client *client, const struct wire_topics *topics)
{
    wire_topics_write(&client->out, topics);
}

void wire_client_login(struct wire_client *client, const char *user, const char *password,
                       const struct wire_topics *topics)
{
    struct CThostFtdcReqUserLoginField login;
    memset(&login, 0, sizeof login);
    text_copy(login.UserID, sizeof login.UserID, text_of(user));
    text_copy(login.Password, sizeof login.Password, text_of(password));
    if (!client->md)
        wire_client_topics(client, topics);
    wire_client_request(client, client->md ? CTP_MdApi_ReqUserLogin : CTP_TraderApi_ReqUserLogin,
                        &login, 1);
}

bool wire_client_send(struct wire_client *client)
{
    if (client->out.length == 0)
        return true;
    ssize_t sent = send(client->socket, client->out.at, client->out.length, MSG_NOSIGNAL);
    if (sent > 0)
        buffer_drop(&client->out, (size_t)sent);
    return sent > 0 || errno == EAGAIN || errno == EINTR;
}

bool wire_client_receive(struct wire_client *client)
{
    buffer_drop(&client->in, client->in_used);
    client->in_used = 0;
    for (;;) {
        ssize_t got = recv(client->socket, buffer_reserve(&client->in, READ_BYTES), READ_BYTES, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (got < 0)
            return true;
        client->in.length += (size_t)got;
        if (got < READ_BYTES)
            return true;
    }
}

bool wire_client_next(struct wire_client *client, struct wire_frame *frame)
{
    text rest = {client->in.at + client->in_used, client->in.length - client->in_used};
    size_t used = 0;
    if (rest.length == 0 || wire_frame_read(rest, frame, &used) != WIRE_OK)
        return false;
    client->in_used += used;
    return true;
}

bool wire_client_wait(struct wire_client *client, struct wire_frame *frame, int ms)
{
    for (;;) {
        if (wire_client_next(client, frame))
            return true;
        if (client->socket < 0 || !wire_client_send(client))
            return false;
        struct pollfd wait = {.fd = client->socket,
                              .events = (short)(POLLIN | (client->out.length ? POLLOUT : 0))};
        if (poll(&wait, 1, ms) <= 0)
            return false;
        if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) && !wire_client_receive(client) &&
            client->in.length == 0)
            return false;
    }
}

bool wire_client_callback(const struct wire_client *client, const struct wire_frame *frame,
                          struct CThostFtdcRspInfoField *rsp_info, void *body,
                          struct ctp_callback *callback)
{
    text payload = frame->payload;
    *callback = (struct ctp_callback){
        .method =
            ctp_method_at(CTP_NEWEST, client->md ? CTP_MdSpi : CTP_TraderSpi, (int)frame->slot),
        .request_id = frame->request_id,
        .is_last = frame->flags & WIRE_IS_LAST};
    if (callback->method == CTP_METHOD_NONE)
        return false;
    if (frame->flags & WIRE_HAS_RSP_INFO) {
        callback->rsp_info = rsp_info;
        if (!wire_unpack(&payload, ctp_layout_find(CTP_NEWEST, CTP_STRUCT_RspInfo), rsp_info))
            return false;
    }
    if (!(frame->flags & WIRE_HAS_BODY))
        return true;
    const struct ctp_layout *layout =
        ctp_layout_find(CTP_NEWEST, ctp_method_info(callback->method)->of);
    callback->body = body;
    return layout && wire_unpack(&payload, layout, body);
}

enum ctp_method wire_client_read(const struct wire_client *client, const struct wire_frame *frame,
                                 int *error_id, void *body)
{
    struct CThostFtdcRspInfoField rsp_info;
    struct ctp_callback callback;
    *error_id = 0;
    if (!wire_client_callback(client, frame, &rsp_info, body, &callback))
        return CTP_METHOD_NONE;
    if (callback.rsp_info)
        *error_id = rsp_info.ErrorID;
    if (!callback.body)
        memset(body, 0, CTP_STRUCT_SIZE_MAX);
    return callback.method;
}
