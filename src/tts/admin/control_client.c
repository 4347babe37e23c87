/* control_client.c: a command asks a running server over its control socket and waits for the
 * answer. */
#include "tts/admin/control.h"
#include <errno.h>
#include <jansson.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { REPLY_BYTES_MAX = 64 * 1024 * 1024 };

/* The folder of a long path's socket is open to all: who else listens there must not be told
 * anything. root may ask everybody's server. */
static bool is_own(int descriptor)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return geteuid() == 0 || (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                              (peer.uid == geteuid() || peer.uid == 0));
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    text_copy(address.sun_path, sizeof address.sun_path, text_of(path));
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
                            !is_own(descriptor))) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static bool send_all(int descriptor, const char *bytes, size_t length)
{
    while (length) {
        ssize_t sent = send(descriptor, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool read_line(int descriptor, struct buffer *line)
{
    while (line->length < REPLY_BYTES_MAX) {
        char *room = buffer_reserve(line, 65536);
        ssize_t got = recv(descriptor, room, 65536, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        line->length += (size_t)got;
        if (line->at[line->length - 1] == '\n')
            return true;
    }
    return false;
}

/* NULL: a word is not UTF-8. */
static char *request_line(const text *words, size_t count)
{
    json_t *root = json_object(), *args = json_array();
    bool fine = true;
    for (size_t i = 0; i < count; i++)
        fine = fine && json_array_append_new(args, json_stringn(words[i].at, words[i].length)) == 0;
    json_object_set_new(root, "args", args);
    char *line = fine ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return line;
}

static bool understand(const struct buffer *line, int *code, struct buffer *out)
{
    json_error_t why;
    json_t *root = json_loadb(line->at, line->length, 0, &why);
    json_t *told = json_object_get(root, "out"), *number = json_object_get(root, "code");
    bool fine = json_is_string(told) && json_is_integer(number);
    if (fine) {
        *code = (int)json_integer_value(number);
        buffer_put(out, json_string_value(told), json_string_length(told));
    }
    json_decref(root);
    return fine;
}

bool control_ask(const char *path, const text *words, size_t count, int *code, struct buffer *out,
                 bool *running, struct error *error)
{
    int descriptor = connect_to(path);
    *running = descriptor >= 0;
    if (!*running)
        return false;
    struct buffer reply = {.at = NULL};
    char *line = request_line(words, count);
    if (!line) {
        close(descriptor);
        error_set(error, "the command's words are not UTF-8");
        return error_fix(error, "set the terminal to UTF-8");
    }
    bool fine = send_all(descriptor, line, strlen(line)) && send_all(descriptor, "\n", 1) &&
                read_line(descriptor, &reply) && understand(&reply, code, out);
    free(line);
    buffer_finish(&reply);
    close(descriptor);
    if (fine)
        return true;
    error_set(error, "the server went away without an answer; the command may have been done");
    error_fix(error, "look with `tts account list` before you repeat it");
    return error_at(error, path, 0, 0);
}
