/* api_client.h: a program's end of a drop-in library (6.7.2), loaded as users do with dlopen: for
 * the benches. Callbacks come on the library's thread. */
#ifndef BENCH_API_CLIENT_H
#define BENCH_API_CLIENT_H

#include "ctp/library.h"
#include <semaphore.h>

#define API_CLIENT_VERSION CTP_6_7_2

struct api_client {
    struct ctp_library library;
    struct ctp_api *api;
    struct ctp_spi spi;
    sem_t came; /* posted by OnFrontConnected and OnRspUserLogin */
    int error_id;
    void (*called)(void *user, const struct ctp_callback *callback);
    void *user;
};

/* Loads the library, connects to 127.0.0.1:port and logs in; ends the process with a line when that
 * fails. Flow files go to `folder`. `called` hears all callbacks. */
void api_client_begin(struct api_client *client, enum ctp_side side, int port, const char *folder,
                      void (*called)(void *user, const struct ctp_callback *callback), void *user);
void api_client_end(struct api_client *client);

intptr_t api_client_request(struct api_client *client, enum ctp_method method, void *body,
                            int request_id);

/* Writes a text field, a char or a number into a struct of the version, by its name. */
void api_client_put(enum ctp_struct of, void *body, const char *field, const char *value);

/* Where the field lies in it. */
size_t api_client_offset(enum ctp_struct of, const char *field);

#endif
