/* front.c: see front.h. */
#include "front.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

void front_open(struct front *front)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    front->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(front->listener >= 0);
    assert_int_equal(bind(front->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(front->listener, 16), 0);
    assert_int_equal(getsockname(front->listener, (struct sockaddr *)&at, &size), 0);
    snprintf(front->address, sizeof front->address, "tcp://127.0.0.1:%d", ntohs(at.sin_port));
}

void front_close(struct front *front)
{
    close(front->listener);
    front->listener = -1;
}

static bool readable(int descriptor, int wait_ms)
{
    struct pollfd polled = {.fd = descriptor, .events = POLLIN};
    return poll(&polled, 1, wait_ms) == 1;
}

bool front_accept_within(struct front *front, struct peer *peer, int wait_ms)
{
    *peer = (struct peer){.descriptor = -1};
    if (!readable(front->listener, wait_ms))
        return false;
    peer->descriptor = accept(front->listener, NULL, NULL);
    assert_true(peer->descriptor >= 0);
    int on = 1;
    setsockopt(peer->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return true;
}

void front_accept(struct front *front, struct peer *peer)
{
    assert_true(front_accept_within(front, peer, WAIT_MS));
    peer_expect(peer, WIRE_HELLO);
    assert_true(wire_hello_read(peer->frame.payload, &peer->hello));
    assert_true(ctp_version_find(text_of(peer->hello.version), &peer->version));
}

void front_welcome(struct front *front, struct peer *peer, const struct wire_welcome *welcome)
{
    static const struct wire_welcome free_of_limits = {
        .protocol = WIRE_PROTOCOL, .front_id = 1, .system = "test"};
    struct buffer out = {.at = NULL};
    front_accept(front, peer);
    wire_welcome_write(&out, welcome ? welcome : &free_of_limits);
    peer_send(peer, &out);
    buffer_finish(&out);
}

/* Reads one frame; false when the library has closed. */
static bool read_frame(struct peer *peer)
{
    buffer_drop(&peer->in, peer->used);
    peer->used = 0;
    for (;;) {
        enum wire_status status =
            wire_frame_read(buffer_text(&peer->in), &peer->frame, &peer->used);
        assert_int_not_equal(status, WIRE_BROKEN);
        if (status == WIRE_OK)
            return true;
        assert_true(readable(peer->descriptor, WAIT_MS));
        char *at = buffer_reserve(&peer->in, 65536);
        ssize_t got = recv(peer->descriptor, at, 65536, 0);
        if (got <= 0)
            return false;
        peer->in.length += (size_t)got;
    }
}

void peer_expect(struct peer *peer, enum wire_kind kind)
{
    do {
        assert_true(read_frame(peer));
    } while (peer->frame.kind == WIRE_HEARTBEAT && kind != WIRE_HEARTBEAT);
    assert_int_equal(peer->frame.kind, kind);
}

int peer_expect_request(struct peer *peer, enum ctp_method method, void *body)
{
    _Alignas(8) char ignored[CTP_STRUCT_SIZE_MAX];
    const struct ctp_method_info *info = ctp_method_info(method);
    peer_expect(peer, WIRE_REQUEST);
    assert_int_equal(peer->frame.slot, ctp_method_slot(peer->version, method));
    text payload = peer->frame.payload;
    const struct ctp_layout *layout = ctp_layout_find(peer->version, info->of);
    assert_true(wire_unpack(&payload, layout, body ? body : ignored));
    assert_int_equal(payload.length, 0);
    return peer->frame.request_id;
}

void peer_expect_closed(struct peer *peer)
{
    while (read_frame(peer))
        ;
}

void peer_send(struct peer *peer, const struct buffer *bytes)
{
    size_t sent = 0;
    while (sent < bytes->length) {
        ssize_t put = send(peer->descriptor, bytes->at + sent, bytes->length - sent, MSG_NOSIGNAL);
        if (put <= 0)
            return; /* the library has closed: what follows in the test sees it */
        sent += (size_t)put;
    }
}

static void send_struct(struct peer *peer, const struct wire_frame *frame, enum ctp_method method,
                        int error_id, const void *body)
{
    struct buffer out = {.at = NULL};
    _Alignas(8) char info[CTP_STRUCT_SIZE_MAX] = {0};
    const struct ctp_layout *rsp = ctp_layout_find(peer->version, CTP_STRUCT_RspInfo);
    memcpy(info + ctp_field_find(rsp, TEXT("ErrorID"))->offset, &error_id, sizeof error_id);
    wire_frame_write(&out, frame, rsp, error_id < 0 ? NULL : info,
                     ctp_layout_find(peer->version, ctp_method_info(method)->of), body);
    peer_send(peer, &out);
    buffer_finish(&out);
}

void peer_answer(struct peer *peer, enum ctp_method method, int request_id, bool is_last,
                 int error_id, const void *body)
{
    struct wire_frame frame = {
        .kind = WIRE_ANSWER,
        .flags = is_last ? WIRE_IS_LAST : 0,
        .slot = (unsigned)ctp_method_slot(peer->version, method),
        .request_id = request_id,
    };
    send_struct(peer, &frame, method, error_id, body);
}

void peer_message(struct peer *peer, enum wire_kind kind, uint32_t number, enum ctp_method method,
                  const void *body)
{
    struct wire_frame frame = {
        .kind = kind,
        .slot = (unsigned)ctp_method_slot(peer->version, method),
        .sequence = number,
    };
    send_struct(peer, &frame, method, -1, body);
}

void peer_error_return(struct peer *peer, uint32_t number, enum ctp_method method, int error_id,
                       const void *body)
{
    struct wire_frame frame = {
        .kind = WIRE_PRIVATE,
        .slot = (unsigned)ctp_method_slot(peer->version, method),
        .sequence = number,
    };
    send_struct(peer, &frame, method, error_id, body);
}

static void put_text(enum ctp_version version, enum ctp_struct of, void *body, text name,
                     text value)
{
    const struct ctp_field *field = ctp_field_find(ctp_layout_find(version, of), name);
    assert_non_null(field);
    text_copy((char *)body + field->offset, field->size, value);
}

struct wire_topics peer_login(struct peer *peer, uint32_t day, uint32_t private_next,
                              uint32_t public_next)
{
    struct wire_topics topics;
    struct buffer out = {.at = NULL};
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    char day_text[16];
    peer_expect(peer, WIRE_TOPICS);
    assert_true(wire_topics_read(peer->frame.payload, &topics));
    int id = peer_expect_request(peer, CTP_TraderApi_ReqUserLogin, NULL);
    wire_flow_start_write(&out, day, private_next, public_next);
    peer_send(peer, &out);
    buffer_finish(&out);
    snprintf(day_text, sizeof day_text, "%u", day);
    put_text(peer->version, CTP_STRUCT_RspUserLogin, body, TEXT("TradingDay"), text_of(day_text));
    peer_answer(peer, CTP_TraderSpi_OnRspUserLogin, id, true, 0, body);
    return topics;
}

void peer_flow(struct peer *peer, enum wire_kind kind, uint32_t first, uint32_t count)
{
    bool private = kind == WIRE_PRIVATE;
    for (uint32_t number = first; number < first + count; number++) {
        _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
        char said[16];
        snprintf(said, sizeof said, "%u", number);
        put_text(peer->version, private ? CTP_STRUCT_Order : CTP_STRUCT_InstrumentStatus, body,
                 private ? TEXT("OrderRef") : TEXT("EnterTime"), text_of(said));
        peer_message(peer, kind, number,
                     private ? CTP_TraderSpi_OnRtnOrder : CTP_TraderSpi_OnRtnInstrumentStatus,
                     body);
    }
}

void peer_close(struct peer *peer)
{
    if (peer->descriptor >= 0)
        close(peer->descriptor);
    buffer_finish(&peer->in);
    peer->descriptor = -1;
}
