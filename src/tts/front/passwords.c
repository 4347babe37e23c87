/* passwords.c: requests that carry a password. Comparing with the stored hash takes milliseconds on
 * purpose, so it runs on libuv's threads while the link waits; a pair that was right before is
 * known at once. Which fields are passwords is told by a table. */
#include "tts/core/reply.h"
#include "tts/front/inside.h"
#include <sodium.h>
#include <stddef.h>

/* A user's login password, or an account's fund password. */
enum whose { OF_LOGIN, OF_FUND };

/* The password to check, and the new one to hash. Offsets in the canonical struct; size 0: none. */
struct password_fields {
    enum ctp_method method;
    enum whose whose;
    size_t user_id, user_id_size;
    size_t password, password_size;
    size_t new_password, new_password_size;
};

#define FIELD(of, name) \
    offsetof(struct CThostFtdc##of##Field, name), sizeof(((struct CThostFtdc##of##Field *)0)->name)

static const struct password_fields table[] = {
    {CTP_TraderApi_ReqUserLogin, OF_LOGIN, FIELD(ReqUserLogin, UserID),
     FIELD(ReqUserLogin, Password), 0, 0},
    {CTP_TraderApi_ReqUserPasswordUpdate, OF_LOGIN, FIELD(UserPasswordUpdate, UserID),
     FIELD(UserPasswordUpdate, OldPassword), FIELD(UserPasswordUpdate, NewPassword)},
    {CTP_TraderApi_ReqTradingAccountPasswordUpdate, OF_FUND,
     FIELD(TradingAccountPasswordUpdate, AccountID),
     FIELD(TradingAccountPasswordUpdate, OldPassword),
     FIELD(TradingAccountPasswordUpdate, NewPassword)},
    {CTP_TraderApi_ReqFromBankToFutureByFuture, OF_FUND, FIELD(ReqTransfer, AccountID),
     FIELD(ReqTransfer, Password), 0, 0},
    {CTP_TraderApi_ReqFromFutureToBankByFuture, OF_FUND, FIELD(ReqTransfer, AccountID),
     FIELD(ReqTransfer, Password), 0, 0},
};

struct job {
    uv_work_t work;
    struct front *front;
    uint32_t link, generation;
    enum ctp_method method;
    int request_id;
    char hash[SECRET_STRING_SIZE];
    char old_password[SECRET_PASSWORD_BYTES_MAX], new_password[SECRET_PASSWORD_BYTES_MAX];
    bool make_new;
    bool right, made;
    char new_hash[SECRET_STRING_SIZE];
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
};

static const struct password_fields *fields_of(enum ctp_method method)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].method == method)
            return &table[i];
    return NULL;
}

static void give(struct link *link, struct job *job)
{
    struct core_request request = {
        .connection = link->place,
        .method = job->method,
        .body = job->body.bytes,
        .request_id = job->request_id,
        .verdict = job->right ? PASSWORD_RIGHT : PASSWORD_WRONG,
        .new_hash = job->made ? job->new_hash : NULL,
    };
    link->front->hooks.before_input(link->front->hooks.user);
    core_request(link->front->core, &request);
}

static void check(uv_work_t *work)
{
    struct job *job = work->data;
    if (job->hash[0] && !job->right)
        job->right = secret_verify(job->front->secrets, job->hash, text_of(job->old_password));
    if (job->make_new)
        job->made = secret_make(job->new_hash, text_of(job->new_password));
}

static void wipe(struct job *job)
{
    sodium_memzero(job, sizeof *job);
    free(job);
}

static void checked(uv_work_t *work, int status)
{
    struct job *job = work->data;
    struct link *link = job->front->links[job->link];
    bool same = link->generation == job->generation && link->state == LINK_OPEN;
    if (same && status == 0 && !link->close_when_sent && !link->broken)
        give(link, job);
    wipe(job);
    if (!same)
        return;
    link->checking = false;
    link_resume(link);
}

static void fill(struct job *job, const struct password_fields *fields, const char *bytes)
{
    const struct front *front = job->front;
    text whose = text_of_field(bytes + fields->user_id, fields->user_id_size);
    bool fund = fields->whose == OF_FUND;
    text_copy(job->hash, sizeof job->hash, text_of(core_user_hash(front->core, whose, fund)));
    text_copy(job->old_password, sizeof job->old_password,
              text_of_field(bytes + fields->password, fields->password_size));
    job->right =
        job->hash[0] && secret_cache_has(front->secrets, job->hash, text_of(job->old_password));
    job->make_new = fields->new_password_size > 0;
    if (job->make_new) {
        text_copy(job->new_password, sizeof job->new_password,
                  text_of_field(bytes + fields->new_password, fields->new_password_size));
    } else if (job->method == CTP_TraderApi_ReqUserLogin && front->options.auto_account &&
               !job->hash[0]) {
        job->make_new = true;
        text_copy(job->new_password, sizeof job->new_password, text_of(job->old_password));
    }
}

bool password_request(struct link *link, enum ctp_method method, const void *body, size_t size,
                      int request_id)
{
    const struct password_fields *fields = fields_of(method);
    if (!fields || link->md)
        return false;
    struct job *job = memory_get_zeroed(1, sizeof *job);
    job->front = link->front;
    job->link = link->place;
    job->generation = link->generation;
    job->method = method;
    job->request_id = request_id;
    job->work.data = job;
    memcpy(job->body.bytes, body, size);
    fill(job, fields, body);
    if (!job->make_new && (job->right || !job->hash[0])) {
        give(link, job);
        wipe(job);
        return true;
    }
    link->checking = true;
    if (uv_queue_work(link->front->loop, &job->work, check, checked) == 0)
        return true;
    wipe(job); /* no thread: the core gets the request unchecked, and refuses it */
    link->checking = false;
    return false;
}
