/* flow_test.c: the private and the public flow: where each topic starts at the first login and at
 * later ones, in the same process and in the next; nothing twice, nothing left out; and what stands
 * in the .con files survives whatever is done to them. */
#include "client.h"
#include "front.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESTART, RESUME, QUICK, NONE, FROM };
enum { DAY = 20241125, NEXT_DAY = 20241126 };

struct scene {
    struct front front;
    struct client client;
    struct peer peer;
};

static void subscribe(struct client *client, enum ctp_method method, int topic, int from)
{
    client_call(client, &(struct ctp_call){.method = method, .topic = topic, .sequence = from});
}

static void subscribe_both(struct client *client, int private_topic, int public_topic, int from)
{
    subscribe(client, CTP_TraderApi_SubscribePrivateTopicFrom, private_topic, from);
    subscribe(client, CTP_TraderApi_SubscribePublicTopic, public_topic, 1);
}

static void scene_open(struct scene *scene, int private_topic, int public_topic)
{
    scene->peer = (struct peer){.descriptor = -1};
    front_open(&scene->front);
    client_open(&scene->client, CTP_TraderApi, CTP_6_7_13, NULL);
    subscribe_both(&scene->client, private_topic, public_topic, 1);
    client_start(&scene->client, scene->front.address);
}

static void scene_close(struct scene *scene)
{
    client_close(&scene->client);
    peer_close(&scene->peer);
    front_close(&scene->front);
}

/* Connects and logs in; what the library asked for. */
static struct wire_topics login(struct scene *scene, const char *user, uint32_t day,
                                uint32_t private_next, uint32_t public_next)
{
    front_welcome(&scene->front, &scene->peer, NULL);
    client_expect(&scene->client, CTP_TraderSpi_OnFrontConnected);
    assert_int_equal(client_login(&scene->client, user, 1), 0);
    struct wire_topics topics = peer_login(&scene->peer, day, private_next, public_next);
    client_expect(&scene->client, CTP_TraderSpi_OnRspUserLogin);
    return topics;
}

static void lose(struct scene *scene)
{
    peer_close(&scene->peer);
    client_expect(&scene->client, CTP_TraderSpi_OnFrontDisconnected);
}

/* Ends the object and makes a new one over the same files. */
static void next_process(struct scene *scene, int private_topic, int public_topic, int from)
{
    client_release(&scene->client);
    peer_close(&scene->peer);
    client_reopen(&scene->client);
    subscribe_both(&scene->client, private_topic, public_topic, from);
    client_start(&scene->client, scene->front.address);
}

/* Private messages first..first+count-1 go out, and come in, each behind its number. */
static void send_private(struct scene *scene, uint32_t first, uint32_t count)
{
    peer_flow(&scene->peer, WIRE_PRIVATE, first, count);
    for (uint32_t number = first; number < first + count; number++) {
        const struct event *event = client_expect(&scene->client, CTP_TraderSpi_OnRtnPrivateSeqNo);
        assert_int_equal(event->number, number);
        client_expect_numbers(&scene->client, CTP_TraderSpi_OnRtnOrder, "OrderRef", number, 1);
    }
}

static void send_public(struct scene *scene, uint32_t first, uint32_t count)
{
    peer_flow(&scene->peer, WIRE_PUBLIC, first, count);
    client_expect_numbers(&scene->client, CTP_TraderSpi_OnRtnInstrumentStatus, "EnterTime", first,
                          count);
}

static void assert_asks(struct wire_topics topics, int private_topic, uint32_t private_from,
                        int public_topic, uint32_t public_from)
{
    assert_int_equal(topics.private_topic, private_topic);
    assert_int_equal(topics.private_from, private_from);
    assert_int_equal(topics.public_topic, public_topic);
    assert_int_equal(topics.public_from, public_from);
}

static void restart_begins_at_one_and_later_goes_on(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESTART, RESTART);
    assert_asks(login(&scene, "4645", DAY, 1, 1), WIRE_RESTART, 1, WIRE_RESTART, 1);
    send_private(&scene, 1, 5);
    send_public(&scene, 1, 3);
    lose(&scene);
    struct wire_topics topics = login(&scene, "4645", DAY, 6, 4);
    assert_asks(topics, WIRE_RESTART, 6, WIRE_RESTART, 4);
    assert_int_equal(topics.trading_day, DAY);
    send_private(&scene, 6, 2);
    next_process(&scene, RESTART, RESTART, 1);
    assert_asks(login(&scene, "4645", DAY, 1, 1), WIRE_RESTART, 1, WIRE_RESTART, 1);
    send_private(&scene, 1, 7);
    scene_close(&scene);
}

static void without_a_call_the_topic_is_restart(void **state)
{
    (void)state;
    struct scene scene;
    front_open(&scene.front);
    client_open(&scene.client, CTP_TraderApi, CTP_6_7_2, NULL);
    client_start(&scene.client, scene.front.address);
    assert_asks(login(&scene, "4645", DAY, 1, 1), WIRE_RESTART, 1, WIRE_RESTART, 1);
    peer_flow(&scene.peer, WIRE_PRIVATE, 1, 2); /* no OnRtnPrivateSeqNo in 6.7.2 */
    client_expect_numbers(&scene.client, CTP_TraderSpi_OnRtnOrder, "OrderRef", 1, 2);
    scene_close(&scene);
}

static void resume_goes_on_in_the_next_process(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESUME, RESUME);
    struct wire_topics topics = login(&scene, "4645", DAY, 1, 1);
    assert_asks(topics, WIRE_RESUME, 1, WIRE_RESUME, 1);
    assert_int_equal(topics.trading_day, 0);
    send_private(&scene, 1, 900);
    send_public(&scene, 1, 2);
    next_process(&scene, RESUME, RESUME, 1);
    topics = login(&scene, "4645", DAY, 901, 3);
    assert_asks(topics, WIRE_RESUME, 901, WIRE_RESUME, 3);
    assert_int_equal(topics.trading_day, DAY);
    send_private(&scene, 901, 2);
    lose(&scene);
    assert_asks(login(&scene, "4645", DAY, 903, 3), WIRE_RESUME, 903, WIRE_RESUME, 3);
    scene_close(&scene);
}

static void a_new_trading_day_begins_at_one(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESUME, RESTART);
    login(&scene, "4645", DAY, 1, 1);
    send_private(&scene, 1, 4);
    send_public(&scene, 1, 4);
    lose(&scene);
    assert_asks(login(&scene, "4645", NEXT_DAY, 1, 1), WIRE_RESUME, 5, WIRE_RESTART, 5);
    send_private(&scene, 1, 2);
    send_public(&scene, 1, 1);
    next_process(&scene, RESUME, RESUME, 1);
    struct wire_topics topics = login(&scene, "4645", NEXT_DAY, 3, 2);
    assert_asks(topics, WIRE_RESUME, 3, WIRE_RESUME, 2);
    assert_int_equal(topics.trading_day, NEXT_DAY);
    scene_close(&scene);
}

static void quick_takes_only_what_is_new_at_every_login(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, QUICK, QUICK);
    assert_asks(login(&scene, "4645", DAY, 11, 21), WIRE_QUICK, 0, WIRE_QUICK, 0);
    send_private(&scene, 11, 2);
    send_public(&scene, 21, 1);
    lose(&scene);
    assert_asks(login(&scene, "4645", DAY, 40, 50), WIRE_QUICK, 0, WIRE_QUICK, 0);
    send_private(&scene, 40, 1);
    scene_close(&scene);
}

static void none_is_for_the_public_flow_only(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, NONE, NONE);
    assert_asks(login(&scene, "4645", DAY, 11, 21), WIRE_QUICK, 0, WIRE_NONE, 0);
    send_private(&scene, 11, 2);
    scene_close(&scene);
}

static void resume_from_a_number_counts_in_the_current_day(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESUME, RESUME);
    login(&scene, "4645", DAY, 1, 1);
    send_private(&scene, 1, 3);
    send_public(&scene, 1, 3);
    next_process(&scene, FROM, RESUME, 2);
    struct wire_topics topics = login(&scene, "4645", DAY, 2, 1);
    assert_asks(topics, WIRE_RESUME, 2, WIRE_RESUME, 1);
    assert_int_equal(topics.trading_day, 0);
    send_private(&scene, 2, 2);
    peer_flow(&scene.peer, WIRE_PUBLIC, 1, 3); /* handed on by the process before */
    send_public(&scene, 4, 1);
    lose(&scene);
    assert_asks(login(&scene, "4645", DAY, 4, 5), WIRE_RESUME, 4, WIRE_RESUME, 5);
    scene_close(&scene);
}

static void a_start_below_one_is_one(void **state)
{
    (void)state;
    struct scene scene;
    front_open(&scene.front);
    client_open(&scene.client, CTP_TraderApi, CTP_6_7_13, NULL);
    subscribe_both(&scene.client, FROM, FROM, -5);
    client_start(&scene.client, scene.front.address);
    subscribe_both(&scene.client, QUICK, QUICK, 9); /* too late: Init was called */
    assert_asks(login(&scene, "4645", DAY, 1, 1), WIRE_RESUME, 1, WIRE_RESTART, 1);
    scene_close(&scene);
}

static void another_user_has_numbers_of_their_own(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESUME, RESUME);
    login(&scene, "4645", DAY, 1, 1);
    send_private(&scene, 1, 3);
    send_public(&scene, 1, 3);
    lose(&scene);
    assert_asks(login(&scene, "4646", DAY, 1, 4), WIRE_RESUME, 1, WIRE_RESUME, 4);
    send_private(&scene, 1, 1);
    next_process(&scene, RESUME, RESUME, 1);
    assert_asks(login(&scene, "4645", DAY, 1, 4), WIRE_RESUME, 1, WIRE_RESUME, 4);
    scene_close(&scene);
}

static void a_login_that_fails_leaves_the_running_flow_alone(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESTART, RESTART);
    login(&scene, "4645", DAY, 1, 1);
    send_private(&scene, 1, 3);
    assert_int_equal(client_login(&scene.client, "4646", 2), 0);
    peer_expect(&scene.peer, WIRE_TOPICS);
    peer_expect_request(&scene.peer, CTP_TraderApi_ReqUserLogin, NULL);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspUserLogin, 2, true, 5, NULL);
    assert_int_equal(client_expect(&scene.client, CTP_TraderSpi_OnRspUserLogin)->error_id, 5);
    send_private(&scene, 4, 1);
    lose(&scene);
    assert_asks(login(&scene, "4645", DAY, 5, 1), WIRE_RESTART, 5, WIRE_RESTART, 1);
    scene_close(&scene);
}

static void a_message_that_comes_twice_is_handed_on_once(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESTART, RESTART);
    login(&scene, "4645", DAY, 1, 1);
    send_private(&scene, 1, 3);
    peer_flow(&scene.peer, WIRE_PRIVATE, 1, 3);
    send_private(&scene, 4, 1);
    scene_close(&scene);
}

static void a_gap_is_a_broken_connection_and_is_asked_for_again(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESTART, RESTART);
    login(&scene, "4645", DAY, 1, 1);
    send_private(&scene, 1, 3);
    peer_flow(&scene.peer, WIRE_PRIVATE, 5, 1);
    const struct event *event = client_expect(&scene.client, CTP_TraderSpi_OnFrontDisconnected);
    assert_int_equal(event->number, 8195);
    peer_close(&scene.peer);
    assert_asks(login(&scene, "4645", DAY, 4, 1), WIRE_RESTART, 4, WIRE_RESTART, 1);
    send_private(&scene, 4, 2);
    scene_close(&scene);
}

static void a_flow_before_its_start_is_a_broken_connection(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESTART, RESTART);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    peer_flow(&scene.peer, WIRE_PRIVATE, 1, 1);
    assert_int_equal(client_expect(&scene.client, CTP_TraderSpi_OnFrontDisconnected)->number, 8195);
    scene_close(&scene);
}

static void a_start_beyond_the_end_of_the_flow_takes_the_end(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESUME, RESUME);
    login(&scene, "4645", DAY, 1, 1);
    send_private(&scene, 1, 20);
    next_process(&scene, RESUME, RESUME, 1);
    /* The counter was wiped in between: its flow has 10 messages. */
    assert_asks(login(&scene, "4645", DAY, 11, 1), WIRE_RESUME, 21, WIRE_RESUME, 1);
    send_private(&scene, 11, 2);
    scene_close(&scene);
}

/* ---- the files ---- */

static void path_of(const struct scene *scene, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", scene->client.folder, name);
}

static void the_five_files_are_there(void **state)
{
    (void)state;
    static const char *const names[] = {"Private.con", "Public.con", "TradingDay.con",
                                        "DialogRsp.con", "QueryRsp.con"};
    struct scene scene;
    scene_open(&scene, RESTART, RESTART);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        path_of(&scene, names[i], path, sizeof path);
        assert_int_equal(access(path, R_OK | W_OK), 0);
    }
    scene_close(&scene);
}

static void spoil(const struct scene *scene, const char *name, const void *bytes, size_t length)
{
    char path[128];
    path_of(scene, name, path, sizeof path);
    int file = open(path, O_WRONLY | O_TRUNC);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, length), (ssize_t)length);
    close(file);
}

static void a_foreign_or_damaged_file_counts_as_empty(void **state)
{
    (void)state;
    static const char foreign[64] = "numbers of another library";
    const size_t lengths[] = {0, 1, 23, 24, 64};
    struct scene scene;
    scene_open(&scene, RESUME, RESUME);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint32_t wanted = login(&scene, "4645", DAY, 1, 1 + (i ? 3 : 0)).public_from;
        assert_int_equal(wanted, i ? 4 : 1);
        send_private(&scene, 1, 3);
        if (i == 0)
            send_public(&scene, 1, 3);
        client_release(&scene.client);
        peer_close(&scene.peer);
        spoil(&scene, "Private.con", foreign, lengths[i]);
        client_reopen(&scene.client);
        subscribe_both(&scene.client, RESUME, RESUME, 1);
        client_start(&scene.client, scene.front.address);
    }
    assert_asks(login(&scene, "4645", DAY, 1, 4), WIRE_RESUME, 1, WIRE_RESUME, 4);
    scene_close(&scene);
}

static void a_file_that_is_cut_while_in_use_does_no_harm(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, RESUME, RESUME);
    login(&scene, "4645", DAY, 1, 1);
    send_private(&scene, 1, 3);
    spoil(&scene, "Private.con", "", 0);
    send_private(&scene, 4, 1);
    next_process(&scene, RESUME, RESUME, 1);
    assert_asks(login(&scene, "4645", DAY, 5, 1), WIRE_RESUME, 5, WIRE_RESUME, 1);
    scene_close(&scene);
}

static struct ctp_api *create_at(const char *prefix)
{
    struct ttsapi_setup setup = {
        .class = CTP_TraderApi, .version = CTP_6_7_13, .said = "openctp-tts test", .timing = &calm};
    return ttsapi_create(&setup, prefix);
}

static void release(struct ctp_api *api)
{
    ctp_api_call(api, CTP_6_7_13, &(struct ctp_call){.method = CTP_TraderApi_Release});
}

static void a_missing_folder_is_made_and_a_prefix_is_a_prefix(void **state)
{
    (void)state;
    char folder[] = "/tmp/ttsapi-test-XXXXXX", inside[64], prefix[80], path[96];
    assert_non_null(mkdtemp(folder));
    snprintf(inside, sizeof inside, "%s/flow", folder);
    snprintf(prefix, sizeof prefix, "%s/a_", inside);
    release(create_at(prefix));
    static const char *const names[] = {"Private.con", "Public.con", "TradingDay.con",
                                        "DialogRsp.con", "QueryRsp.con"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s%s", prefix, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(inside), 0);
    snprintf(prefix, sizeof prefix, "%s/no/such/folder/", folder);
    struct ctp_api *api = create_at(prefix); /* says so on stderr and goes on in memory */
    assert_non_null(api);
    release(api);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restart_begins_at_one_and_later_goes_on),
        cmocka_unit_test(without_a_call_the_topic_is_restart),
        cmocka_unit_test(resume_goes_on_in_the_next_process),
        cmocka_unit_test(a_new_trading_day_begins_at_one),
        cmocka_unit_test(quick_takes_only_what_is_new_at_every_login),
        cmocka_unit_test(none_is_for_the_public_flow_only),
        cmocka_unit_test(resume_from_a_number_counts_in_the_current_day),
        cmocka_unit_test(a_start_below_one_is_one),
        cmocka_unit_test(another_user_has_numbers_of_their_own),
        cmocka_unit_test(a_login_that_fails_leaves_the_running_flow_alone),
        cmocka_unit_test(a_message_that_comes_twice_is_handed_on_once),
        cmocka_unit_test(a_gap_is_a_broken_connection_and_is_asked_for_again),
        cmocka_unit_test(a_flow_before_its_start_is_a_broken_connection),
        cmocka_unit_test(a_start_beyond_the_end_of_the_flow_takes_the_end),
        cmocka_unit_test(the_five_files_are_there),
        cmocka_unit_test(a_foreign_or_damaged_file_counts_as_empty),
        cmocka_unit_test(a_file_that_is_cut_while_in_use_does_no_harm),
        cmocka_unit_test(a_missing_folder_is_made_and_a_prefix_is_a_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
