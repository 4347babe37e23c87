/* fanout_bench.c: fan-out through webctp's own path (inbox, frame, outbox, listener) against a raw
 * `sendmsg` loop with the same batches over sockets of the same kind, in the same run, A/B/B/A.
 * What is counted is the processor time of the sending thread. The clients are a child process that
 * reads everything and looks at nothing; the next burst goes out when it has read the last one, so
 * that neither side gains by letting frames pile up. Both senders are a thread of their own that is
 * woken for each burst.
 *
 *   fanout_burst1_100     one frame at a time to 100 connections
 *   fanout_burst1_1000    the same to 1,000
 *   fanout_burst16_100    sixteen frames at a time to 100
 *   idle_connection_bytes resident bytes per open connection; the baseline is one page of 4,096 */
#include "base/buffer.h"
#include "base/clock.h"
#include "webctp/inbox.h"
#include "webctp/listener.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PAYLOAD_BYTES = 300,
    FRAME_BYTES = PAYLOAD_BYTES + 4,
    BURST_MAX = 16,
    ROUNDS = 8,
    FRAMES_A_ROUND = 100000,
    CONNECTIONS_MAX = 1000
};

/* ---- the clients: a child process ---- */

/* Bytes that clients have read, in memory shared with them; and a wait until that many more have
 * come. */
static atomic_ulong *bytes_read;

static void wait_until_read(unsigned long wanted)
{
    while (atomic_load_explicit(bytes_read, memory_order_acquire) < wanted)
        usleep(20);
}

static void read_all_for_ever(int count, const int *descriptors)
{
    static char bytes[1 << 18];
    int poller = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptors[i]};
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptors[i], &event);
    }
    for (;;) {
        struct epoll_event events[64];
        int ready = epoll_wait(poller, events, 64, -1);
        unsigned long total = 0;
        for (int i = 0; i < ready; i++) {
            ssize_t count_read = recv(events[i].data.fd, bytes, sizeof bytes, 0);
            if (count_read <= 0)
                _exit(0);
            total += (unsigned long)count_read;
        }
        atomic_fetch_add_explicit(bytes_read, total, memory_order_release);
    }
}

static int connect_client(int port)
{
    static const char request[] =
        "GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char answer[1024];
    size_t length = 0;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        abort();
    if (send(descriptor, request, sizeof request - 1, 0) != sizeof request - 1)
        abort();
    while (length < 4 || memcmp(answer + length - 4, "\r\n\r\n", 4) != 0) {
        if (length == sizeof answer || recv(descriptor, answer + length, 1, 0) != 1)
            abort();
        length++;
    }
    return descriptor;
}

static pid_t start_clients(int port, int count)
{
    pid_t id = fork();
    if (id != 0)
        return id;
    static int descriptors[CONNECTIONS_MAX];
    for (int i = 0; i < count; i++)
        descriptors[i] = connect_client(port);
    read_all_for_ever(count, descriptors);
    return 0;
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- ours: frames pushed by another thread, as a library's callbacks are ---- */

struct ours {
    struct listener *listener;
    struct inbox inbox;
    struct listener_socket *sockets[CONNECTIONS_MAX];
    int connected, wanted;
    sem_t ready;
    bool stop;
};

struct posted {
    struct inbox_item item;
    struct frame *frame;
};

static unsigned admit(void *user, const struct listener_request *request, const char **why)
{
    (void)user;
    (void)request;
    (void)why;
    return 0;
}

static void *opened(void *user, struct listener_socket *socket, text path)
{
    struct ours *ours = user;
    (void)path;
    ours->sockets[ours->connected++] = socket;
    if (ours->connected == ours->wanted)
        sem_post(&ours->ready);
    return ours;
}

static void message(void *client, text message_text, bool binary)
{
    (void)client;
    (void)message_text;
    (void)binary;
}

static void closed(void *client)
{
    (void)client;
}

/* As gateway.c does: all that came, each frame to each subscriber. */
static void woken(void *user)
{
    struct ours *ours = user;
    if (ours->stop) {
        listener_stop(ours->listener, 200);
        return;
    }
    struct inbox_item *item = inbox_take(&ours->inbox);
    while (item) {
        struct posted *posted = (struct posted *)item;
        item = item->next;
        for (int i = 0; i < ours->connected; i++)
            listener_send(ours->sockets[i], posted->frame);
        frame_release(posted->frame);
        free(posted);
    }
}

static void *run_loop(void *user)
{
    struct ours *ours = user;
    listener_run(ours->listener);
    return NULL;
}

static text payload(void)
{
    static char bytes[PAYLOAD_BYTES];
    memset(bytes, 'x', sizeof bytes);
    return (text){bytes, sizeof bytes};
}

static void post_burst(struct ours *ours, int burst)
{
    bool wake = false;
    for (int i = 0; i < burst; i++) {
        struct posted *posted = memory_get(sizeof *posted);
        posted->frame = frame_create(payload());
        wake |= inbox_push(&ours->inbox, &posted->item);
    }
    if (wake)
        listener_wake(ours->listener);
}

/* Processor seconds of the loop for `bursts` bursts to all. */
static double measure_ours(struct ours *ours, clockid_t clock, long bursts, int burst)
{
    double before = seconds_of(clock);
    unsigned long read_so_far = atomic_load(bytes_read);
    for (long i = 0; i < bursts; i++) {
        post_burst(ours, burst);
        read_so_far += (unsigned long)(burst * ours->connected) * FRAME_BYTES;
        wait_until_read(read_so_far);
    }
    return seconds_of(clock) - before;
}

/* ---- the baseline: the same frames, sockets of its own, nothing but sendmsg ---- */

struct raw {
    int descriptors[CONNECTIONS_MAX];
    int count;
    int burst;                       /* 0: end */
    struct frame *frames[BURST_MAX]; /* made by the thread that asks, as ours are */
    sem_t go, done;
};

static void send_whole(int descriptor, struct iovec *pieces, size_t count)
{
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        left += pieces[i].iov_len;
    for (;;) {
        ssize_t sent = sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent == (ssize_t)left)
            return;
        if (sent < 0 && errno == EAGAIN) {
            struct pollfd waiting = {.fd = descriptor, .events = POLLOUT};
            poll(&waiting, 1, -1);
            continue;
        }
        if (sent < 0)
            abort();
        left -= (size_t)sent;
        while (sent > 0 && (size_t)sent >= message.msg_iov->iov_len) {
            sent -= (ssize_t)message.msg_iov->iov_len;
            message.msg_iov++;
            message.msg_iovlen--;
        }
        message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + sent;
        message.msg_iov->iov_len -= (size_t)sent;
    }
}

static void send_burst(struct raw *raw)
{
    for (int c = 0; c < raw->count; c++) {
        struct iovec pieces[BURST_MAX];
        for (int f = 0; f < raw->burst; f++)
            pieces[f] = (struct iovec){raw->frames[f]->bytes, raw->frames[f]->size};
        send_whole(raw->descriptors[c], pieces, (size_t)raw->burst);
    }
    for (int f = 0; f < raw->burst; f++)
        frame_release(raw->frames[f]);
}

static void *run_raw(void *user)
{
    struct raw *raw = user;
    for (;;) {
        sem_wait(&raw->go);
        if (raw->burst == 0)
            return NULL;
        send_burst(raw);
        sem_post(&raw->done);
    }
}

static double measure_raw(struct raw *raw, clockid_t clock, long bursts, int burst)
{
    double before = seconds_of(clock);
    unsigned long read_so_far = atomic_load(bytes_read);
    raw->burst = burst;
    for (long i = 0; i < bursts; i++) {
        for (int f = 0; f < burst; f++)
            raw->frames[f] = frame_create(payload());
        sem_post(&raw->go);
        read_so_far += (unsigned long)(burst * raw->count) * FRAME_BYTES;
        wait_until_read(read_so_far);
        sem_wait(&raw->done);
    }
    return seconds_of(clock) - before;
}

/* The same exchange before the frames as ours has, so that both kinds of sockets are in the same
 * state. */
static void shake_hands(int descriptor)
{
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";
    char request[1024];
    size_t length = 0;
    while (length < 4 || memcmp(request + length - 4, "\r\n\r\n", 4) != 0) {
        ssize_t count = recv(descriptor, request + length, sizeof request - length, 0);
        if (count <= 0)
            abort();
        length += (size_t)count;
    }
    if (send(descriptor, answer, sizeof answer - 1, 0) != sizeof answer - 1)
        abort();
}

static void accept_raw(struct raw *raw, int count, pid_t *clients)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int yes = 1, listening = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listening, (struct sockaddr *)&address, size) != 0 || listen(listening, count) != 0 ||
        getsockname(listening, (struct sockaddr *)&address, &size) != 0)
        abort();
    *clients = start_clients(ntohs(address.sin_port), count);
    raw->count = count;
    for (int i = 0; i < count; i++) {
        raw->descriptors[i] = accept(listening, NULL, NULL);
        setsockopt(raw->descriptors[i], IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        shake_hands(raw->descriptors[i]);
    }
    close(listening);
}

/* ---- a comparison ---- */

static void end_clients(pid_t clients)
{
    kill(clients, SIGKILL);
    waitpid(clients, NULL, 0);
}

static void start_ours(struct ours *ours, int count, pthread_t *thread, pid_t *clients)
{
    struct listener_options options = {.host = "127.0.0.1",
                                       .ping_interval_ms = 600000,
                                       .ping_timeout_ms = 600000,
                                       .message_bytes_max = 1 << 20,
                                       .connections_max = CONNECTIONS_MAX,
                                       .outbox = {.conflate_bytes = 1 << 28, .bytes_max = 1 << 28}};
    struct listener_handler handler = {.user = ours,
                                       .admit = admit,
                                       .opened = opened,
                                       .message = message,
                                       .closed = closed,
                                       .woken = woken};
    struct error error;
    *ours = (struct ours){.wanted = count};
    sem_init(&ours->ready, 0, 0);
    ours->listener = listener_create(&options, &handler, &error);
    if (!ours->listener) {
        error_print("fanout_bench", &error);
        exit(1);
    }
    *clients = start_clients(listener_port(ours->listener), count);
    pthread_create(thread, NULL, run_loop, ours);
    sem_wait(&ours->ready);
}

static void stop_ours(struct ours *ours, pthread_t thread)
{
    ours->stop = true;
    listener_wake(ours->listener);
    pthread_join(thread, NULL);
    listener_destroy(ours->listener);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of ROUNDS figures; other people's work on the machine spoils single rounds. */
static double median(double *figures)
{
    qsort(figures, ROUNDS, sizeof figures[0], by_size);
    return (figures[ROUNDS / 2 - 1] + figures[ROUNDS / 2]) / 2;
}

static void compare(const char *name, int count, int burst)
{
    struct ours ours;
    struct raw raw;
    pthread_t thread, raw_thread;
    pid_t our_clients, raw_clients;
    clockid_t clock, raw_clock;
    start_ours(&ours, count, &thread, &our_clients);
    pthread_getcpuclockid(thread, &clock);
    accept_raw(&raw, count, &raw_clients);
    sem_init(&raw.go, 0, 0);
    sem_init(&raw.done, 0, 0);
    pthread_create(&raw_thread, NULL, run_raw, &raw);
    pthread_getcpuclockid(raw_thread, &raw_clock);
    long bursts = FRAMES_A_ROUND / count / burst * (burst > 1 ? 8 : 1);
    double seconds[2][ROUNDS];
    measure_ours(&ours, clock, bursts / 10, burst);
    measure_raw(&raw, raw_clock, bursts / 10, burst);
    for (int round = 0; round < ROUNDS; round++) {
        bool ours_now = round % 4 == 0 || round % 4 == 3; /* A/B/B/A */
        for (int i = 0; i < 2; i++, ours_now = !ours_now)
            seconds[ours_now ? 0 : 1][round] = ours_now
                                                   ? measure_ours(&ours, clock, bursts, burst)
                                                   : measure_raw(&raw, raw_clock, bursts, burst);
    }
    double frames = (double)bursts * burst * count;
    double our_rate = frames / median(seconds[0]), raw_rate = frames / median(seconds[1]);
    printf("{\"name\":\"%s\",\"ours\":%.0f,\"baseline\":%.0f,\"ratio\":%.3f,\"better\":\"higher\","
           "\"unit\":\"frames/s\","
           "\"note\":\"%d-byte frames, median of eight rounds, processor time of the sending "
           "thread; baseline: a sendmsg "
           "loop with the same batches\"}\n",
           name, our_rate, raw_rate, our_rate / raw_rate, PAYLOAD_BYTES + 4);
    fflush(stdout);
    end_clients(our_clients);
    end_clients(raw_clients);
    stop_ours(&ours, thread);
    raw.burst = 0;
    sem_post(&raw.go);
    pthread_join(raw_thread, NULL);
    for (int i = 0; i < count; i++)
        close(raw.descriptors[i]);
}

/* ---- memory ---- */

static long resident_bytes(void)
{
    long size, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &size, &resident) != 2)
        abort();
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static void measure_idle(void)
{
    struct ours ours;
    pthread_t thread;
    pid_t clients;
    start_ours(&ours, 1, &thread, &clients); /* what the first one costs is not counted */
    ours.wanted = CONNECTIONS_MAX;
    long before = resident_bytes();
    pid_t more = start_clients(listener_port(ours.listener), CONNECTIONS_MAX - 1);
    sem_wait(&ours.ready);
    double each = (double)(resident_bytes() - before) / (CONNECTIONS_MAX - 1);
    printf("{\"name\":\"idle_connection_bytes\",\"ours\":%.0f,\"baseline\":4096,\"ratio\":%.3f,"
           "\"better\":\"lower\","
           "\"unit\":\"bytes\",\"note\":\"resident memory per open connection of %d; baseline: one "
           "page\"}\n",
           each, each / 4096, CONNECTIONS_MAX);
    fflush(stdout);
    end_clients(clients);
    end_clients(more);
    stop_ours(&ours, thread);
}

static const struct {
    const char *name;
    int connections, burst;
} parts[] = {
    {"fanout_burst1_100", 100, 1},
    {"fanout_burst1_1000", 1000, 1},
    {"fanout_burst16_100", 100, 16},
};

/* Whether a part is wanted: all are when none is named. */
static bool is_wanted(const char *name, int count, char **names)
{
    for (int i = 1; i < count; i++)
        if (text_equal(text_of(names[i]), text_of(name)))
            return true;
    return count < 2;
}

int main(int count, char **names)
{
    struct rlimit limit;
    signal(SIGPIPE, SIG_IGN);
    bytes_read =
        mmap(NULL, sizeof *bytes_read, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (bytes_read == MAP_FAILED)
        return 1;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (is_wanted("idle_connection_bytes", count, names))
        measure_idle();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (is_wanted(parts[i].name, count, names))
            compare(parts[i].name, parts[i].connections, parts[i].burst);
    return 0;
}
