/* api_client.c: see api_client.h. */
#include "api_client.h"
#include "base/buffer.h"
#include <stdio.h>

static const struct ctp_field *field_of(enum ctp_struct of, const char *name)
{
    const struct ctp_layout *layout = ctp_layout_find(API_CLIENT_VERSION, of);
    const struct ctp_field *field = layout ? ctp_field_find(layout, text_of(name)) : NULL;
    if (!field)
        abort();
    return field;
}

size_t api_client_offset(enum ctp_struct of, const char *name)
{
    return field_of(of, name)->offset;
}

void api_client_put(enum ctp_struct of, void *body, const char *name, const char *value)
{
    const struct ctp_field *field = field_of(of, name);
    char *at = (char *)body + field->offset;
    if (field->base == CTP_TEXT) {
        text_copy(at, field->size, text_of(value));
    } else if (field->base == CTP_CHAR) {
        *at = value[0];
    } else if (field->base == CTP_DOUBLE) {
        double number = strtod(value, NULL);
        memcpy(at, &number, sizeof number);
    } else {
        int number = (int)strtol(value, NULL, 10);
        memcpy(at, &number, sizeof number);
    }
}

static void called_back(void *user, const struct ctp_callback *callback)
{
    struct api_client *client = user;
    switch (callback->method) {
    case CTP_TraderSpi_OnRspUserLogin:
    case CTP_MdSpi_OnRspUserLogin:
        if (callback->rsp_info)
            memcpy(&client->error_id,
                   (char *)callback->rsp_info + api_client_offset(CTP_STRUCT_RspInfo, "ErrorID"),
                   sizeof client->error_id);
        sem_post(&client->came);
        break;
    case CTP_TraderSpi_OnFrontConnected:
    case CTP_MdSpi_OnFrontConnected:
        sem_post(&client->came);
        break;
    default:
        break;
    }
    client->called(client->user, callback);
}

static void call(struct api_client *client, enum ctp_method trader, enum ctp_method md,
                 struct ctp_call how)
{
    how.method = client->library.side == CTP_TRADER ? trader : md;
    ctp_api_call(client->api, API_CLIENT_VERSION, &how);
}

intptr_t api_client_request(struct api_client *client, enum ctp_method method, void *body,
                            int request_id)
{
    return ctp_api_call(
        client->api, API_CLIENT_VERSION,
        &(struct ctp_call){.method = method, .body = body, .request_id = request_id});
}

static void start(struct api_client *client, int port, const char *folder)
{
    char address[64], flow[256];
    bool trader = client->library.side == CTP_TRADER;
    snprintf(flow, sizeof flow, "%s/", folder);
    snprintf(address, sizeof address, "tcp://127.0.0.1:%d", port);
    client->api = ctp_library_create(&client->library, flow);
    if (!client->api)
        abort();
    ctp_spi_init(&client->spi, trader ? CTP_TraderSpi : CTP_MdSpi, API_CLIENT_VERSION, called_back,
                 client);
    call(client, CTP_TraderApi_RegisterSpi, CTP_MdApi_RegisterSpi,
         (struct ctp_call){.spi = &client->spi});
    if (trader)
        ctp_api_call(client->api, API_CLIENT_VERSION,
                     &(struct ctp_call){.method = CTP_TraderApi_SubscribePrivateTopic, .topic = 2});
    call(client, CTP_TraderApi_RegisterFront, CTP_MdApi_RegisterFront,
         (struct ctp_call){.address = address});
    call(client, CTP_TraderApi_Init, CTP_MdApi_Init, (struct ctp_call){.body = NULL});
}

void api_client_begin(struct api_client *client, enum ctp_side side, int port, const char *folder,
                      void (*called)(void *user, const struct ctp_callback *callback), void *user)
{
    char path[4096];
    struct error error;
    *client = (struct api_client){.called = called, .user = user};
    sem_init(&client->came, 0, 0);
    snprintf(path, sizeof path, "%s/%s/lib%s.so", TTS_LIBRARIES,
             ctp_version_name(API_CLIENT_VERSION),
             side == CTP_TRADER ? "thosttraderapi_se" : "thostmduserapi_se");
    if (!ctp_library_open(&client->library, path, side, API_CLIENT_VERSION, &error)) {
        error_print("bench", &error);
        exit(1);
    }
    start(client, port, folder);
    sem_wait(&client->came);
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } login;
    memset(&login, 0, sizeof login);
    api_client_put(CTP_STRUCT_ReqUserLogin, login.bytes, "UserID", "u1");
    api_client_put(CTP_STRUCT_ReqUserLogin, login.bytes, "Password", "secret");
    api_client_request(client,
                       side == CTP_TRADER ? CTP_TraderApi_ReqUserLogin : CTP_MdApi_ReqUserLogin,
                       login.bytes, 1);
    sem_wait(&client->came);
    if (client->error_id) {
        fprintf(stderr, "bench: the login is refused with %d\n", client->error_id);
        exit(1);
    }
}

void api_client_end(struct api_client *client)
{
    call(client, CTP_TraderApi_Release, CTP_MdApi_Release, (struct ctp_call){.body = NULL});
    ctp_library_close(&client->library);
    sem_destroy(&client->came);
}
