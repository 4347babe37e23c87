/* websocket_client.c: see websocket_client.h. RFC 6455; RFC 7692 for compressed messages. */
#include "websocket_client.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum {
    HANDSHAKE_MS = 10000,
    CLOSE_MS = 2000,
    CHUNK = 16384,
    FIN = 0x80,
    RSV1 = 0x40,
    MASKED = 0x80
};

/* Reads what is there within the time. Positive: bytes; 0: ended; -1: nothing came. */
static int read_some(struct websocket *socket, struct buffer *into, int timeout_ms)
{
    struct pollfd waiting = {.fd = socket->descriptor, .events = POLLIN};
    if (socket->descriptor < 0)
        return 0;
    if (poll(&waiting, 1, timeout_ms) <= 0)
        return -1;
    ssize_t got = recv(socket->descriptor, buffer_reserve(into, CHUNK), CHUNK, 0);
    if (got <= 0)
        return 0;
    into->length += (size_t)got;
    return (int)got;
}

static bool send_all(struct websocket *socket, text bytes)
{
    while (bytes.length) {
        ssize_t sent = send(socket->descriptor, bytes.at, bytes.length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes.at += sent;
        bytes.length -= (size_t)sent;
    }
    return true;
}

/* ---- opening ---- */

static const char *find(text in, const char *what)
{
    return memmem(in.at, in.length, what, strlen(what));
}

/* The head up to its empty line; bytes behind it are frames already. */
static bool read_head(struct websocket *socket)
{
    const char *end;
    while (!(end = find(buffer_text(&socket->head), "\r\n\r\n")))
        if (read_some(socket, &socket->head, HANDSHAKE_MS) <= 0)
            return false;
    text status = text_of("0");
    text head = buffer_text(&socket->head);
    int64_t number = 0;
    if (head.length > 12)
        status = (text){head.at + 9, 3};
    socket->status = text_to_int(status, &number) ? (int)number : 0;
    size_t head_length = (size_t)(end - head.at) + 4;
    if (socket->status == 101) {
        buffer_put(&socket->input, head.at + head_length, head.length - head_length);
        socket->head.length = head_length;
    } else {
        while (read_some(socket, &socket->head, 1000) > 0)
            ;
    }
    buffer_put_char(&socket->head, '\0');
    return socket->status == 101;
}

static bool connect_to(struct websocket *socket_of, const char *host, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int yes = 1;
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return false;
    socket_of->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(socket_of->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return connect(socket_of->descriptor, (struct sockaddr *)&address, sizeof address) == 0;
}

bool websocket_open(struct websocket *socket, const char *host, int port, const char *path,
                    const char *headers, bool offer_compression)
{
    *socket = (struct websocket){.descriptor = -1};
    if (!connect_to(socket, host, port))
        return false;
    struct buffer request = {.at = NULL};
    buffer_printf(
        &request,
        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s\r\n",
        path, host, port,
        offer_compression ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "", headers);
    bool sent = send_all(socket, buffer_text(&request));
    buffer_finish(&request);
    if (!sent || !read_head(socket))
        return false;
    text head = buffer_text(&socket->head);
    socket->compressed = find(head, "permessage-deflate") != NULL;
    return find(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != NULL;
}

/* ---- sending ---- */

bool websocket_send_frame(struct websocket *socket, enum websocket_opcode opcode, bool final,
                          text payload)
{
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    struct buffer frame = {.at = NULL};
    buffer_put_char(&frame, (char)((final ? FIN : 0) | (int)opcode));
    int bytes = payload.length < 126 ? 0 : payload.length <= UINT16_MAX ? 2 : 8;
    buffer_put_char(&frame, (char)(MASKED | (bytes == 0   ? (int)payload.length
                                             : bytes == 2 ? 126
                                                          : 127)));
    for (int i = bytes - 1; i >= 0; i--)
        buffer_put_char(&frame, (char)(payload.length >> 8 * i));
    buffer_put(&frame, mask, sizeof mask);
    char *at = buffer_reserve(&frame, payload.length);
    for (size_t i = 0; i < payload.length; i++)
        at[i] = (char)((unsigned char)payload.at[i] ^ mask[i % 4]);
    frame.length += payload.length;
    bool sent = send_all(socket, buffer_text(&frame));
    buffer_finish(&frame);
    return sent;
}

bool websocket_send(struct websocket *socket, const char *message)
{
    return websocket_send_frame(socket, WEBSOCKET_TEXT, true, text_of(message));
}

/* ---- receiving ---- */

struct received {
    bool final, packed;
    int opcode;
    text payload;
    size_t size; /* of the whole frame */
};

/* The frame at the start of the input. False when it has not all come. A masked frame has opcode
 * -1: no server may send it. */
static bool read_frame(text input, struct received *frame)
{
    if (input.length < 2)
        return false;
    const unsigned char *at = (const unsigned char *)input.at;
    size_t length = at[1] & 0x7f, bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (input.length < 2 + bytes)
        return false;
    if (bytes)
        length = 0;
    for (size_t i = 0; i < bytes; i++)
        length = length << 8 | at[2 + i];
    *frame = (struct received){.final = (at[0] & FIN) != 0,
                               .packed = (at[0] & RSV1) != 0,
                               .opcode = at[1] & MASKED ? -1 : at[0] & 0x0f,
                               .payload = {input.at + 2 + bytes, length},
                               .size = 2 + bytes + length};
    return input.length >= frame->size;
}

/* RFC 7692, 7.2.2: the message plus 00 00 ff ff, through one inflater for the whole connection. */
static bool inflate_message(struct websocket *socket, struct buffer *message)
{
    z_stream *stream = socket->inflater;
    struct buffer plain = {.at = NULL};
    if (!stream) {
        stream = socket->inflater = memory_get_zeroed(1, sizeof *stream);
        inflateInit2(stream, -15);
    }
    buffer_put(message, "\0\0\xff\xff", 4);
    stream->next_in = (unsigned char *)message->at;
    stream->avail_in = (unsigned)message->length;
    int result = Z_OK;
    do {
        stream->next_out = (unsigned char *)buffer_reserve(&plain, CHUNK);
        stream->avail_out = CHUNK;
        result = inflate(stream, Z_SYNC_FLUSH);
        plain.length += CHUNK - stream->avail_out;
    } while (result == Z_OK && (stream->avail_in > 0 || stream->avail_out == 0));
    buffer_finish(message);
    *message = plain;
    return result == Z_OK || result == Z_BUF_ERROR;
}

static enum websocket_got take_close(struct websocket *socket, text payload)
{
    const unsigned char *at = (const unsigned char *)payload.at;
    socket->close_code = 1005;
    if (payload.length >= 2) {
        socket->close_code = at[0] << 8 | at[1];
        text_copy(socket->close_reason, sizeof socket->close_reason,
                  (text){payload.at + 2, payload.length - 2});
    }
    return WEBSOCKET_CLOSED;
}

/* One frame's worth of progress. WEBSOCKET_NOTHING: go on. */
static enum websocket_got take_frame(struct websocket *socket, const struct received *frame,
                                     bool *packed)
{
    switch (frame->opcode) {
    case WEBSOCKET_PING:
        socket->pings++;
        if (!socket->keep_silent)
            websocket_send_frame(socket, WEBSOCKET_PONG, true, frame->payload);
        return WEBSOCKET_NOTHING;
    case WEBSOCKET_PONG:
        return WEBSOCKET_NOTHING;
    case WEBSOCKET_CLOSE:
        return take_close(socket, frame->payload);
    case WEBSOCKET_TEXT:
        *packed = frame->packed;
        break;
    case WEBSOCKET_CONTINUATION:
        break;
    default:
        return WEBSOCKET_CUT;
    }
    if (*packed && !socket->compressed)
        return WEBSOCKET_CUT;
    buffer_put(&socket->message, frame->payload.at, frame->payload.length);
    return frame->final ? WEBSOCKET_MESSAGE : WEBSOCKET_NOTHING;
}

enum websocket_got websocket_receive(struct websocket *socket, int timeout_ms)
{
    int64_t until = clock_monotonic_ns() + (int64_t)timeout_ms * 1000000;
    bool packed = false;
    buffer_clear(&socket->message);
    for (;;) {
        struct received frame;
        while (read_frame(buffer_text(&socket->input), &frame)) {
            enum websocket_got got = take_frame(socket, &frame, &packed);
            buffer_drop(&socket->input, frame.size);
            if (got == WEBSOCKET_MESSAGE && packed && !inflate_message(socket, &socket->message))
                got = WEBSOCKET_CUT;
            if (got == WEBSOCKET_MESSAGE) {
                buffer_put_char(&socket->message, '\0');
                socket->message.length--;
            }
            if (got != WEBSOCKET_NOTHING)
                return got;
        }
        int64_t left = (until - clock_monotonic_ns()) / 1000000;
        int came = left < 0 ? -1 : read_some(socket, &socket->input, (int)left + 1);
        if (came <= 0)
            return came == 0 ? WEBSOCKET_CUT : WEBSOCKET_NOTHING;
    }
}

/* ---- ending ---- */

static void end(struct websocket *socket)
{
    if (socket->descriptor >= 0)
        close(socket->descriptor);
    socket->descriptor = -1;
}

void websocket_close(struct websocket *socket, int code)
{
    char payload[2] = {(char)(code >> 8), (char)code};
    if (socket->descriptor >= 0 &&
        websocket_send_frame(socket, WEBSOCKET_CLOSE, true, (text){payload, sizeof payload}))
        while (websocket_receive(socket, CLOSE_MS) == WEBSOCKET_MESSAGE)
            ;
    end(socket);
}

void websocket_abort(struct websocket *socket)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (socket->descriptor >= 0)
        setsockopt(socket->descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    end(socket);
}

void websocket_finish(struct websocket *socket)
{
    end(socket);
    buffer_finish(&socket->head);
    buffer_finish(&socket->input);
    buffer_finish(&socket->message);
    if (socket->inflater)
        inflateEnd(socket->inflater);
    free(socket->inflater);
    socket->inflater = NULL;
}
