/* options_fuzz.c: any bytes as webctp's configuration file. What is taken lies within the ranges
 * that options.h names; what is refused has a sentence. The first byte says for which program, and
 * whether unknown keys are refused. */
#include "webctp/options.h"
#include <stdlib.h>

static void require(bool fact)
{
    if (!fact)
        abort();
}

static void check_options(const struct options *options)
{
    for (int side = 0; side < 2; side++) {
        require(options->fronts[side].count <= OPTIONS_FRONTS_MAX);
        require(options->fronts[side].count > 0 || !options->serves[side]);
        for (unsigned i = 0; i < options->fronts[side].count; i++)
            require(strstr(options->fronts[side].address[i], "://") != NULL);
    }
    require(options->origin_count <= OPTIONS_ORIGINS_MAX);
    require(!options->has_version || options->version < CTP_VERSION_COUNT);
    require(options->port >= 0 && options->port <= 65535);
    require(options->host && options->token && options->channel && options->app_id);
    require(text_ends_with(text_of(options->flow_folder), TEXT("/")));
    require(options->ping_interval_ms >= 1 && options->ping_timeout_ms >= 1);
    require(options->login_timeout_ms >= 1 && options->message_bytes_max >= 1);
    require(options->connections_max >= 1 && options->instruments_max >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const types[] = {"dev", "td", "md"};
    struct config config;
    struct options options = {.port = 0};
    struct error error = {.line = 0};
    if (length == 0)
        return 0;
    log_set_level(LOG_CRITICAL); /* unknown keys are warnings */
    bool refuse_unknown = bytes[0] & 4;
    text yaml = {(const char *)bytes + 1, length - 1};
    bool fine = options_app_type(&options, text_of(types[(bytes[0] & 3) % 3]), &error) &&
                config_read_text(&config, "fuzz.yaml", yaml, &error);
    if (fine && options_read(&options, &config, refuse_unknown, &error))
        check_options(&options);
    else
        require(error.what[0] != '\0');
    options_finish(&options);
    config_finish(&config);
    return 0;
}
