/* control.c: the server's side of the control socket; see control.h. */
#include "tts/admin/control.h"
#include "base/hash.h"
#include <fcntl.h>
#include <jansson.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
    struct control *control;
    uv_pipe_t pipe;
    struct buffer in, out;
    uv_write_t write;
    uint64_t sequence; /* that the reply waits for, once it is sealed */
    bool open, held, sealed, writing;
    bool ended; /* it sends nothing more, but waits for its reply */
};

struct control {
    uv_loop_t *loop;
    uv_pipe_t listener;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    control_handler handler;
    void *user;
    struct client clients[CONTROL_CLIENTS_MAX];
    bool stopping;
    char bytes[4096];
};

void control_path(const char *database, char *path, size_t size)
{
    char absolute[4096], wanted[4200];
    if (!realpath(database, absolute))
        text_copy(absolute, sizeof absolute, text_of(database));
    snprintf(wanted, sizeof wanted, "%s.sock", absolute);
    if (strlen(wanted) >= sizeof(((struct sockaddr_un *)0)->sun_path))
        snprintf(wanted, sizeof wanted, "/tmp/tts-%016llx.sock",
                 (unsigned long long)hash_text(text_of(absolute)));
    text_copy(path, size, text_of(wanted));
}

/* ---- one request ---- */

struct control_request {
    json_t *root;
    text words[64];
};

struct control_request *control_request_read(text line, const text **words, size_t *count)
{
    json_error_t why;
    json_t *root = json_loadb(line.at, line.length, JSON_REJECT_DUPLICATES, &why);
    json_t *args = json_object_get(root, "args");
    size_t length = json_array_size(args);
    struct control_request *request = memory_get_zeroed(1, sizeof *request);
    request->root = root;
    bool fine = json_is_array(args) && length > 0 &&
                length <= sizeof request->words / sizeof request->words[0];
    for (size_t i = 0; fine && i < length; i++) {
        json_t *word = json_array_get(args, i);
        fine = json_is_string(word);
        if (fine)
            request->words[i] = (text){json_string_value(word), json_string_length(word)};
    }
    if (!fine) {
        control_request_free(request);
        return NULL;
    }
    *words = request->words;
    *count = length;
    return request;
}

void control_request_free(struct control_request *request)
{
    if (!request)
        return;
    json_decref(request->root);
    free(request);
}

static void put_reply(struct client *client, int code, const struct buffer *out)
{
    json_t *reply = json_object();
    json_object_set_new(reply, "code", json_integer(code));
    json_t *told = json_stringn(out->at ? out->at : "", out->length);
    json_object_set_new(reply, "out", told ? told : json_string("(output that is not UTF-8)\n"));
    char *line = json_dumps(reply, JSON_COMPACT);
    buffer_put_text(&client->out, text_of(line));
    buffer_put_char(&client->out, '\n');
    free(line);
    json_decref(reply);
    client->held = true;
}

static void answer(struct client *client, text line)
{
    struct control *control = client->control;
    const text *words;
    size_t count;
    struct buffer out = {.at = NULL};
    struct control_request *request = control_request_read(line, &words, &count);
    int code = 2;
    if (request)
        code = control->handler(control->user, words, count, &out);
    else
        buffer_put_text(&out,
                        TEXT("tts: not a control request; wanted {\"args\": [\"word\", ...]}\n"));
    control_request_free(request);
    put_reply(client, code, &out);
    buffer_finish(&out);
}

/* ---- sockets ---- */

static void closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    buffer_finish(&client->in);
    buffer_finish(&client->out);
    client->open = client->held = client->writing = false;
}

static void close_client(struct client *client)
{
    if (!uv_is_closing((uv_handle_t *)&client->pipe))
        uv_close((uv_handle_t *)&client->pipe, closed);
}

static bool is_closing(const struct client *client)
{
    return uv_is_closing((const uv_handle_t *)&client->pipe);
}

static void answer_lines(struct client *client);

static void written(uv_write_t *write, int status)
{
    struct client *client = write->data;
    client->writing = false;
    buffer_clear(&client->out);
    if (status == 0 && !is_closing(client))
        answer_lines(client);
    if (status != 0 || (client->ended && !client->held))
        close_client(client);
}

void control_seal(struct control *control, uint64_t sequence)
{
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        if (!client->open || !client->held || client->sealed)
            continue;
        client->sealed = true;
        client->sequence = sequence;
    }
}

static void send_reply(struct client *client)
{
    uv_buf_t piece = uv_buf_init(client->out.at, (unsigned)client->out.length);
    client->held = client->sealed = false;
    client->writing = true;
    client->write.data = client;
    if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &piece, 1, written) != 0) {
        client->writing = false;
        close_client(client);
    }
}

void control_durable(struct control *control, uint64_t sequence)
{
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        if (client->open && client->sealed && client->sequence <= sequence && !is_closing(client))
            send_reply(client);
    }
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    (void)suggested;
    struct client *client = handle->data;
    *room = uv_buf_init(client->control->bytes, sizeof client->control->bytes);
}

/* One request at a time: the next line waits until the answer has gone. */
static void answer_lines(struct client *client)
{
    char *end;
    if (client->held || client->writing || client->in.length == 0 ||
        !(end = memchr(client->in.at, '\n', client->in.length)))
        return;
    size_t line = (size_t)(end - client->in.at);
    answer(client, (text){client->in.at, line});
    buffer_drop(&client->in, line + 1);
}

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *bytes)
{
    struct client *client = stream->data;
    client->ended = client->ended || length < 0;
    if (length == UV_EOF && (client->held || client->writing))
        return; /* its reply is still wanted */
    if (length < 0 || client->in.length > CONTROL_REQUEST_BYTES_MAX) {
        close_client(client);
        return;
    }
    buffer_put(&client->in, bytes->base, (size_t)length);
    answer_lines(client);
}

static struct client *free_client(struct control *control)
{
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (!control->clients[i].open)
            return &control->clients[i];
    return NULL;
}

static void turned_away(uv_handle_t *handle)
{
    free(handle);
}

/* Not taking it would leave it, and all that come after it, waiting for ever. */
static void turn_away(struct control *control, uv_stream_t *listener)
{
    uv_pipe_t *pipe = memory_get_zeroed(1, sizeof *pipe);
    uv_pipe_init(control->loop, pipe, 0);
    uv_accept(listener, (uv_stream_t *)pipe);
    uv_close((uv_handle_t *)pipe, turned_away);
}

static void arrived(uv_stream_t *listener, int status)
{
    struct control *control = listener->data;
    if (status != 0)
        return;
    struct client *client = free_client(control);
    if (!client) {
        turn_away(control, listener);
        return;
    }
    memset(client, 0, sizeof *client);
    client->control = control;
    client->open = true;
    uv_pipe_init(control->loop, &client->pipe, 0);
    client->pipe.data = client;
    if (uv_accept(listener, (uv_stream_t *)&client->pipe) != 0)
        close_client(client);
    else
        uv_read_start((uv_stream_t *)&client->pipe, give_room, received);
}

static void abandoned(uv_handle_t *listener)
{
    free(listener->data);
}

struct control *control_create(uv_loop_t *loop, const char *path, control_handler handler,
                               void *user, struct error *error)
{
    struct control *control = memory_get_zeroed(1, sizeof *control);
    control->loop = loop;
    control->handler = handler;
    control->user = user;
    text_copy(control->path, sizeof control->path, text_of(path));
    uv_pipe_init(loop, &control->listener, 0);
    control->listener.data = control;
    unlink(path); /* the database's lock says that no other server is alive */
    mode_t before = umask(0177);
    int failed = uv_pipe_bind(&control->listener, path);
    umask(before);
    if (failed == 0)
        failed = uv_listen((uv_stream_t *)&control->listener, 8, arrived);
    if (failed == 0)
        return control;
    error_set(error, "the control socket cannot be made: %s", uv_strerror(failed));
    error_fix(error, "put the database into a folder that may be written");
    error_at(error, path, 0, 0);
    uv_close((uv_handle_t *)&control->listener, abandoned);
    return NULL;
}

void control_stop(struct control *control)
{
    if (control->stopping)
        return;
    control->stopping = true;
    uv_close((uv_handle_t *)&control->listener, NULL);
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].open)
            close_client(&control->clients[i]);
    unlink(control->path);
}

void control_destroy(struct control *control)
{
    free(control);
}
