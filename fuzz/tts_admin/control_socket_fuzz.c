/* control_socket_fuzz.c: bytes into the control socket itself, with a handler that does nothing.
 * The first byte says how they come. Each whole line gets one reply, in order, also to a client
 * that has ended its side; a request that is too long closes. */
#include "tts/admin/control.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    ENDS = 1,         /* its side, after its bytes */
    LEAVES = 2,       /* without waiting for replies */
    WAITS_LONG = 4,   /* what it asks becomes durable only when all has been sent */
    PIECES_SHIFT = 4, /* the upper four bits: as many more pieces than one */
    FILLS = 0xf0,     /* all of them: behind blanks, about as many bytes as a request may have */
    CROWDED = 0xe8,   /* just that: beside more others than the socket takes */
    BLANKS = CONTROL_REQUEST_BYTES_MAX - 64,
    TURNS_MAX = 1000, /* and one for each line */
};

static uv_loop_t loop;
static struct control *control;
static char path[64];
static uint64_t asked; /* by the present client; the journal's sequence too */

static void require(bool fact)
{
    if (!fact)
        abort();
}

static int handle(void *user, const text *words, size_t count, struct buffer *out)
{
    (void)user;
    for (size_t i = 0; i < count; i++)
        buffer_put_text(out, words[i]);
    asked++;
    return (int)count;
}

static void end(void)
{
    control_stop(control);
    uv_run(&loop, UV_RUN_DEFAULT);
    control_destroy(control);
    uv_loop_close(&loop);
}

static void begin(void)
{
    struct error error;
    snprintf(path, sizeof path, "/tmp/control_fuzz_%d.sock", (int)getpid());
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    require(uv_loop_init(&loop) == 0);
    control = control_create(&loop, path, handle, NULL, &error);
    require(control != NULL);
    atexit(end);
}

static void turn(bool durable)
{
    uv_run(&loop, UV_RUN_NOWAIT);
    control_seal(control, asked);
    if (durable)
        control_durable(control, asked);
}

static int connect_client(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    text_copy(address.sun_path, sizeof address.sun_path, text_of(path));
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    require(client >= 0 && connect(client, (struct sockaddr *)&address, sizeof address) == 0);
    require(fcntl(client, F_SETFL, O_NONBLOCK) == 0);
    return client;
}

/* False: the server has closed. What does not go out at once goes out later. */
static bool send_some(int client, text *rest, size_t most)
{
    size_t wanted = rest->length < most ? rest->length : most;
    ssize_t sent = send(client, rest->at, wanted, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN;
    *rest = (text){rest->at + sent, rest->length - (size_t)sent};
    return true;
}

/* Counts the lines that have come. False: the server has closed. */
static bool receive(int client, size_t *replies)
{
    char bytes[4096];
    ssize_t got;
    while ((got = recv(client, bytes, sizeof bytes, 0)) > 0)
        for (ssize_t i = 0; i < got; i++)
            *replies += bytes[i] == '\n';
    return got < 0 && errno == EAGAIN;
}

static size_t count_lines(text t)
{
    size_t lines = 0;
    for (size_t i = 0; i < t.length; i++)
        lines += t.at[i] == '\n';
    return lines;
}

static void talk(int client, int how, text rest)
{
    size_t replies = 0, lines = count_lines(rest);
    size_t piece = rest.length / (1 + ((size_t)how >> PIECES_SHIFT)) + 1;
    bool open = true;
    for (int i = 0; open && rest.length > 0 && i < TURNS_MAX; i++) {
        open = send_some(client, &rest, piece);
        turn(!(how & WAITS_LONG));
        open = receive(client, &replies) && open;
    }
    if (how & ENDS)
        shutdown(client, SHUT_WR);
    for (size_t i = 0; !(how & LEAVES) && open && replies < lines && i < TURNS_MAX + lines; i++) {
        turn(true);
        open = receive(client, &replies);
    }
    bool may_close = (how & FILLS) == FILLS; /* it was too much */
    require(replies <= lines && (open || may_close || how & ENDS));
    require(replies == lines || may_close || how & LEAVES);
}

/* Those who came too late are turned away. */
static void crowd(void)
{
    int others[CONTROL_CLIENTS_MAX + 1];
    char byte;
    for (int i = 0; i <= CONTROL_CLIENTS_MAX; i++) {
        others[i] = connect_client();
        turn(true);
        turn(true);
    }
    require(recv(others[0], &byte, 1, 0) < 0 && errno == EAGAIN);
    require(recv(others[CONTROL_CLIENTS_MAX], &byte, 1, 0) == 0);
    for (int i = 0; i <= CONTROL_CLIENTS_MAX; i++)
        close(others[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct buffer request;
    if (length == 0 || length > CONTROL_REQUEST_BYTES_MAX)
        return 0;
    if (!control)
        begin();
    asked = 0;
    int client = connect_client();
    buffer_clear(&request);
    if ((bytes[0] & FILLS) == FILLS) {
        memset(buffer_reserve(&request, BLANKS), ' ', BLANKS);
        request.length = BLANKS;
    }
    buffer_put(&request, bytes + 1, length - 1);
    if (bytes[0] == CROWDED)
        crowd();
    talk(client, bytes[0], buffer_text(&request));
    close(client);
    for (int i = 0; i < 4; i++)
        turn(true);
    return 0;
}
