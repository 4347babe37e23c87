/* library_test.c: each of the libraries as a file: it loads, says its version, exports what CTP's
 * library of that version exports and nothing else, needs libc only, and its objects connect. The
 * folder is argument 1. */
#include "client.h"
#include "ctp/library.h"
#include "front.h"
#include <unistd.h>

static const char *folder;

static const char *const file_names[2][2] = {
    {"libthosttraderapi_se.so", "thosttraderapi_se.so"},
    {"libthostmduserapi_se.so", "thostmduserapi_se.so"},
};

static void path_of(char *path, size_t size, enum ctp_version version, const char *name)
{
    snprintf(path, size, "%s/%s/%s", folder, ctp_version_name(version), name);
}

static void every_library_loads_and_says_its_version(void **state)
{
    (void)state;
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        for (int i = 0; i < 4; i++) {
            enum ctp_version version = (enum ctp_version)v;
            enum ctp_side side = i / 2 ? CTP_MD : CTP_TRADER;
            struct ctp_library library;
            struct error error;
            char path[512], expected[64];
            path_of(path, sizeof path, version, file_names[i / 2][i % 2]);
            assert_true(ctp_library_open(&library, path, side, version, &error));
            snprintf(expected, sizeof expected, "openctp-tts v%s", ctp_version_name(version));
            assert_string_equal(library.said, expected);
            assert_int_equal(library.creator_has_production_mode, version >= CTP_6_7_11);
            ctp_library_close(&library);
        }
    }
}

/* What a command prints, blanks and line ends as one blank each. */
static void output_of(const char *command, char *out, size_t size)
{
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t length = 0;
    for (int c; (c = fgetc(pipe)) != EOF && length + 1 < size;)
        if (c > ' ')
            out[length++] = (char)c;
        else if (length && out[length - 1] != ' ')
            out[length++] = ' ';
    out[length] = '\0';
    assert_int_equal(pclose(pipe), 0);
}

static void every_library_exports_two_functions(void **state)
{
    (void)state;
    static const char *const expected[2][2] = {
        {"_ZN19CThostFtdcTraderApi13GetApiVersionEv "
         "_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKc ",
         "_ZN19CThostFtdcTraderApi13GetApiVersionEv "
         "_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb "},
        {"_ZN15CThostFtdcMdApi13GetApiVersionEv _ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbb ",
         "_ZN15CThostFtdcMdApi13GetApiVersionEv _ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbbb "},
    };
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        for (int side = 0; side < 2; side++) {
            char path[512], command[640], said[4096];
            path_of(path, sizeof path, (enum ctp_version)v, file_names[side][0]);
            snprintf(command, sizeof command, "nm -D -j --defined-only %s", path);
            output_of(command, said, sizeof said);
            assert_string_equal(said, expected[side][v >= CTP_6_7_11]);
        }
    }
}

static void every_library_needs_libc_only(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        for (int side = 0; side < 2; side++) {
            char path[512], command[640], said[4096];
            path_of(path, sizeof path, (enum ctp_version)v, file_names[side][0]);
            snprintf(command, sizeof command,
                     "readelf -d %s | sed -n 's/.*(NEEDED).*\\[\\(.*\\)\\]/\\1/p'", path);
            output_of(command, said, sizeof said);
            assert_string_equal(said, "libc.so.6 ");
        }
    }
}

/* Its objects are those that the other tests examine: here only that each version greets as itself.
 */
static void every_library_connects_as_its_version(void **state)
{
    (void)state;
    char flow[] = "/tmp/ttsapi-test-XXXXXX", prefix[64];
    assert_non_null(mkdtemp(flow));
    snprintf(prefix, sizeof prefix, "%s/", flow);
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        for (int side = 0; side < 2; side++) {
            struct ctp_library library;
            struct error error;
            struct client client;
            struct front front;
            struct peer peer;
            char path[512];
            enum ctp_class class = side ? CTP_MdApi : CTP_TraderApi;
            path_of(path, sizeof path, (enum ctp_version)v, file_names[side][0]);
            assert_true(ctp_library_open(&library, path, side ? CTP_MD : CTP_TRADER,
                                         (enum ctp_version)v, &error));
            front_open(&front);
            client_open(&client, class, (enum ctp_version)v, NULL);
            client_release(&client);
            client.api = ctp_library_create(&library, prefix);
            client_call(&client, &(struct ctp_call){.method = side ? CTP_MdApi_RegisterSpi
                                                                   : CTP_TraderApi_RegisterSpi,
                                                    .spi = &client.spi});
            client_start(&client, front.address);
            front_welcome(&front, &peer, NULL);
            assert_int_equal(peer.version, v);
            assert_int_equal(peer.hello.class, class);
            assert_true(peer.hello.digest == ctp_version_digest((enum ctp_version)v));
            client_expect(&client,
                          side ? CTP_MdSpi_OnFrontConnected : CTP_TraderSpi_OnFrontConnected);
            client_close(&client);
            peer_close(&peer);
            front_close(&front);
            ctp_library_close(&library);
        }
    }
    client_remove_folder(flow);
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
        return 2;
    }
    folder = arguments[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_library_loads_and_says_its_version),
        cmocka_unit_test(every_library_exports_two_functions),
        cmocka_unit_test(every_library_needs_libc_only),
        cmocka_unit_test(every_library_connects_as_its_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
