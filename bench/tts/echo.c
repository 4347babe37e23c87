/* echo.c: see echo.h. */
#include "echo.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ECHO_BYTES = 256, JOURNAL_BYTES = 544 }; /* about a frame of an order, and its effects */

static void echo(int socket, int file)
{
    char bytes[JOURNAL_BYTES] = {1};
    for (;;) {
        ssize_t got = recv(socket, bytes, ECHO_BYTES, MSG_WAITALL);
        if (got != ECHO_BYTES)
            _exit(0);
        if (file >= 0 && (write(file, bytes, sizeof bytes) != sizeof bytes || fdatasync(file) != 0))
            _exit(1);
        if (send(socket, bytes, ECHO_BYTES, 0) != ECHO_BYTES)
            _exit(1);
    }
}

int echo_start(const char *path)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        exit(1);
    if (fork() == 0) {
        int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
        int accepted = accept(listener, NULL, NULL);
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        echo(accepted, file);
    }
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(client, (struct sockaddr *)&address, sizeof address) != 0)
        exit(1);
    close(listener);
    return client;
}

double echo_once(int socket)
{
    char bytes[ECHO_BYTES] = {1};
    int64_t begin = clock_monotonic_ns();
    if (send(socket, bytes, sizeof bytes, 0) != sizeof bytes ||
        recv(socket, bytes, sizeof bytes, MSG_WAITALL) != sizeof bytes)
        exit(1);
    return (double)(clock_monotonic_ns() - begin);
}
