/* options_test.c: the command line and the config file: every key wrong in turn gets one line that
 * names the key, its place and the fix, and a non-zero exit. Runs the real program. */
#include "cmocka_all.h"
#include "gateway_process.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static char folder[64];

static int make(void **state)
{
    (void)state;
    make_folder(folder);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    remove_folder(folder);
    return 0;
}

static int run(char *const arguments[], struct buffer *printed)
{
    buffer_clear(printed);
    return gateway_process_run(folder, arguments, printed);
}

static int check(const char *yaml, const char *app_type, struct buffer *printed)
{
    char type[32];
    write_file(folder, "c.yaml", yaml);
    snprintf(type, sizeof type, "--app_type=%s", app_type);
    char *arguments[] = {(char[]){"webctp"}, (char[]){"--config=c.yaml"}, type, (char[]){"--check"},
                         NULL};
    return run(arguments, printed);
}

static unsigned lines_of(const struct buffer *printed)
{
    unsigned lines = 0;
    for (size_t i = 0; i < printed->length; i++)
        lines += printed->at[i] == '\n';
    return lines;
}

#define FRONTS "TdFrontAddress: tcp://1.2.3.4:5\nMdFrontAddress: tcp://1.2.3.4:6\n"

static void each_key_that_is_wrong_gets_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *place, *says;
    } wrong[] = {
        {"Port: 8080\n", "c.yaml", "TdFrontAddress is missing or empty"},
        {"TdFrontAddress:\n", "c.yaml:1", "TdFrontAddress is missing or empty"},
        {"TdFrontAddress: 127.0.0.1:5\n", "c.yaml:1", "write tcp://HOST:PORT"},
        {"TdFrontAddress: [\"tcp://a:1\", \"tcp://b\"]\n", "c.yaml:1",
         "tcp://b is no front's address"},
        {"TdFrontAddress: tcp://a:99999\n", "c.yaml:1", "TdFrontAddress"},
        {"TdFrontAddress: tcp://:5\n", "c.yaml:1", "TdFrontAddress"},
        {"TdFrontAddress: {a: b}\n", "c.yaml:1", "TdFrontAddress"},
        {FRONTS "MdFrontAddres: tcp://a:1\n", "c.yaml:3", "did you mean MdFrontAddress?"},
        {FRONTS "BrokerID: [1]\n", "c.yaml:3", "BrokerID"},
        {FRONTS "AuthCode: {a: b}\n", "c.yaml:3", "AuthCode"},
        {FRONTS "AppID: [1]\n", "c.yaml:3", "AppID"},
        {FRONTS "Host: [1]\n", "c.yaml:3", "Host"},
        {FRONTS "Port: http\n", "c.yaml:3", "Port"},
        {FRONTS "Port: 65536\n", "c.yaml:3", "Port"},
        {FRONTS "Port: -1\n", "c.yaml:3", "Port"},
        {FRONTS "LogLevel: LOUD\n", "c.yaml:3", "LogLevel"},
        {FRONTS "ConFilePath: [x]\n", "c.yaml:3", "ConFilePath"},
        {FRONTS "CtpVersion: 6.7.3\n", "c.yaml:3", "CtpVersion 6.7.3 is unknown"},
        {FRONTS "Channel: [a]\n", "c.yaml:3", "Channel"},
        {FRONTS "Token: [a]\n", "c.yaml:3", "Token"},
        {FRONTS "AllowedOrigins: {a: b}\n", "c.yaml:3", "AllowedOrigins"},
        {FRONTS "Strict: maybe\n", "c.yaml:3", "Strict"},
        {FRONTS "PublicReturns: 7\n", "c.yaml:3", "PublicReturns"},
        {FRONTS "Compression: x\n", "c.yaml:3", "Compression"},
        {FRONTS "QueryPacing: fast\n", "c.yaml:3", "QueryPacing"},
        {FRONTS "PingInterval: soon\n", "c.yaml:3", "PingInterval"},
        {FRONTS "PingInterval: 0\n", "c.yaml:3", "PingInterval is too short"},
        {FRONTS "PingTimeout: 601\n", "c.yaml:3", "PingTimeout"},
        {FRONTS "LoginTimeout: -1\n", "c.yaml:3", "LoginTimeout"},
        {FRONTS "MaxMessageBytes: 3\n", "c.yaml:3", "MaxMessageBytes"},
        {FRONTS "MaxConnections: 0\n", "c.yaml:3", "MaxConnections"},
        {FRONTS "MaxInstruments: many\n", "c.yaml:3", "MaxInstruments"},
        {FRONTS "ConflateBytes: -5\n", "c.yaml:3", "ConflateBytes"},
        {FRONTS "MaxQueueBytes: 1\n", "c.yaml:3", "MaxQueueBytes"},
        {FRONTS "Host: a\nHost: b\n", "c.yaml:4", "Host"},
        {"- a\n", "c.yaml", ""},
        {"a: [\n", "c.yaml", ""},
    };
    struct buffer printed = {.at = NULL};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int code = check(wrong[i].yaml, "td", &printed);
        if (code != 1 || lines_of(&printed) != 1 || !strstr(printed.at, wrong[i].place) ||
            !strstr(printed.at, wrong[i].says))
            fail_msg("case %zu, exit %d: %s", i, code, printed.at);
    }
    buffer_finish(&printed);
}

static void a_good_file_is_good(void **state)
{
    (void)state;
    struct buffer printed = {.at = NULL};
    assert_int_equal(check("TdFrontAddress: tcp://127.0.0.1:20002\nBrokerID: \"\"\nAuthCode: "
                           "\"\"\nAppID:\nPort: 8081\n"
                           "Host: 0.0.0.0\nLogLevel: debug\n",
                           "td", &printed),
                     0);
    assert_int_equal(check(FRONTS
                           "Port: 0\nLogLevel:\nConFilePath:\nStrict: yes\nCtpVersion: 6.3.15\n",
                           "dev", &printed),
                     0);
    assert_int_equal(
        check("MdFrontAddress: tcp://a:1, ssl://b:2, tcp6://[::1]:3\n", "md", &printed), 0);
    assert_int_equal(check("MdFrontAddress: tcp://a:1\n", "dev", &printed),
                     1); /* td needs its front as well */
    buffer_finish(&printed);
}

static void the_command_line_is_checked(void **state)
{
    (void)state;
    struct buffer printed = {.at = NULL};
    assert_int_equal(run((char *[]){(char[]){"webctp"}, (char[]){"--app_type=xx"}, NULL}, &printed),
                     1);
    assert_int_equal(lines_of(&printed), 1);
    assert_non_null(strstr(printed.at, "it is td, md or dev"));
    assert_int_equal(run((char *[]){(char[]){"webctp"}, (char[]){"--wrong"}, NULL}, &printed), 2);
    assert_non_null(strstr(printed.at, "usage: webctp"));
    assert_int_equal(run((char *[]){(char[]){"webctp"}, (char[]){"--config"}, NULL}, &printed), 2);
    assert_int_equal(run((char *[]){(char[]){"webctp"}, (char[]){"--help"}, NULL}, &printed), 0);
    assert_non_null(strstr(printed.at, "usage: webctp"));
    assert_int_equal(run((char *[]){(char[]){"webctp"}, (char[]){"--version"}, NULL}, &printed), 0);
    assert_true(text_starts_with(buffer_text(&printed), TEXT("webctp 0.")));
    assert_int_equal(run((char *[]){(char[]){"webctp"}, NULL}, &printed),
                     1); /* there is no ./config.yaml */
    assert_non_null(strstr(printed.at, "config.yaml"));
    assert_int_equal(
        run((char *[]){(char[]){"webctp"}, (char[]){"--config"}, (char[]){"none.yaml"}, NULL},
            &printed),
        1);
    assert_non_null(strstr(printed.at, "none.yaml"));
    buffer_finish(&printed);
}

static void a_channel_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct buffer printed = {.at = NULL};
    write_file(folder, "c.yaml", FRONTS "Channel: nowhere\n");
    char *arguments[] = {(char[]){"webctp"}, (char[]){"--config=c.yaml"}, NULL};
    assert_int_equal(run(arguments, &printed), 1);
    assert_int_equal(lines_of(&printed), 1);
    assert_non_null(strstr(printed.at, "nowhere"));
    buffer_finish(&printed);
}

/* A real webctp first, so that there is a channel and a port in use. */
static void a_port_in_use_and_a_bad_host_are_told(void **state)
{
    (void)state;
    struct gateway_process first;
    struct buffer printed = {.at = NULL};
    char yaml[256];
    static const char *const lines[] = {"", "Host: 203.0.113.7\n", "Host: no.such.host.invalid\n",
                                        "ConFilePath: /proc/none/\n"};
    static const char *const says[] = {"in use", "an address of this machine",
                                       "no.such.host.invalid", "ConFilePath"};
    gateway_process_start(&first, "td", "");
    for (int i = 0; i < 4; i++) {
        size_t length = (size_t)snprintf(yaml, sizeof yaml, FRONTS "Channel: stand-in\n");
        if (i == 0)
            snprintf(yaml + length, sizeof yaml - length, "Host: 127.0.0.1\nPort: %d\n",
                     first.port);
        else
            snprintf(yaml + length, sizeof yaml - length, "%s", lines[i]);
        write_file(first.folder, "second.yaml", yaml);
        char *arguments[] = {(char[]){"webctp"}, (char[]){"--config=second.yaml"}, NULL};
        buffer_clear(&printed);
        int code = gateway_process_run(first.folder, arguments, &printed);
        if (code != 1 || !strstr(printed.at, says[i]))
            fail_msg("case %d, exit %d: %s", i, code, printed.at);
    }
    buffer_finish(&printed);
    gateway_process_finish(&first);
}

static void an_unknown_key_is_warned_of_and_refused_when_strict(void **state)
{
    (void)state;
    struct gateway_process process;
    gateway_process_start(&process, "td", "TdFrontAdress: tcp://a:1");
    assert_true(gateway_process_has(&process, "log", "WARNING - config.yaml:", 0));
    assert_true(gateway_process_has(&process, "log", "did you mean TdFrontAddress?", 0));
    gateway_process_finish(&process);
    struct buffer printed = {.at = NULL};
    write_file(folder, "c.yaml", FRONTS "Strict: true\nHostt: x\n");
    char *arguments[] = {(char[]){"webctp"}, (char[]){"--config=c.yaml"}, NULL};
    assert_int_equal(run(arguments, &printed), 1);
    assert_non_null(strstr(printed.at, "c.yaml:4:1: unknown key Hostt; did you mean Host?"));
    buffer_finish(&printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_key_that_is_wrong_gets_one_line, make, clear),
        cmocka_unit_test_setup_teardown(a_good_file_is_good, make, clear),
        cmocka_unit_test_setup_teardown(the_command_line_is_checked, make, clear),
        cmocka_unit_test_setup_teardown(a_channel_that_is_not_there_is_told, make, clear),
        cmocka_unit_test(a_port_in_use_and_a_bad_host_are_told),
        cmocka_unit_test_setup_teardown(an_unknown_key_is_warned_of_and_refused_when_strict, make,
                                        clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
