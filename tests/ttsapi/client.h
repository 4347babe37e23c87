/* client.h: the client's end: an Api object, called through its vtable, and an Spi object that
 * writes down what it hears. */
#ifndef TESTS_TTSAPI_CLIENT_H
#define TESTS_TTSAPI_CLIENT_H

#include "cmocka_all.h"
#include "ttsapi/ttsapi.h"
#include <pthread.h>

struct event {
    enum ctp_method method;
    bool has_body, has_rsp_info, is_last;
    int error_id, request_id, number;
    pthread_t thread;
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];
};

enum { EVENTS_MAX = 4096 };

struct client {
    struct ctp_api *api;
    struct ctp_spi spi;
    enum ctp_version version;
    enum ctp_class class;
    const struct timing *timing;
    char folder[64]; /* of the flow files; made by client_open */
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct event *events;
    size_t count, read;
    void (*inside)(struct client *client, const struct ctp_callback *callback);
    void *user;
};

/* No heartbeat, silence or loss in a test that is not about them; short retries. */
extern const struct timing calm;

/* Makes the object, the Spi and a temporary folder. `version` and `timing` (NULL: calm) as given.
 */
void client_open(struct client *client, enum ctp_class class, enum ctp_version version,
                 const struct timing *timing);

/* A new object in place of a released one, with the same folder: what a new process would do. */
void client_reopen(struct client *client);

/* Releases the object (unless api is NULL) and removes the folder. */
void client_close(struct client *client);

void client_release(struct client *client);

/* Removes the files in a folder, and the folder. */
void client_remove_folder(const char *path);

/* From now on `inside` is called in each callback, after it is written down, and finds `user` in
 * the client. */
void client_inside(struct client *client,
                   void (*inside)(struct client *client, const struct ctp_callback *callback),
                   void *user);

/* RegisterFront and Init. */
void client_start(struct client *client, const char *address);

/* A thread that is in Join when this returns; its result is what Join returns. */
pthread_t client_start_join(struct client *client);

/* Calls the method of that name; what it returns. */
intptr_t client_call(struct client *client, const struct ctp_call *call);
int client_request(struct client *client, enum ctp_method method, void *body, int request_id);
int client_login(struct client *client, const char *user, int request_id);

/* The next callback, which must be that one. */
const struct event *client_expect(struct client *client, enum ctp_method method);

/* The next `count` callbacks are that one, with numbers from `first` on in the text field of that
 * name. */
void client_expect_numbers(struct client *client, enum ctp_method method, const char *field,
                           unsigned first, unsigned count);
void client_expect_quiet(struct client *client, int wait_ms);

/* A field of a callback's body. */
const char *event_text(const struct client *client, const struct event *event, const char *field);

#endif
