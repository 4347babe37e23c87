/* config_fuzz.c: any bytes as a file of options, then every way of asking for every key that it
 * has. */
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool fact)
{
    if (!fact)
        abort();
}

static const struct config_key keys[] = {
    {.name = "Address", .type = CONFIG_TYPE_LIST},
    {.name = "Port", .type = CONFIG_TYPE_INT, .min = 0, .max = 65535},
    {.name = "Speed", .type = CONFIG_TYPE_NUMBER, .min = 0, .max = 100},
    {.name = "Strict", .type = CONFIG_TYPE_BOOL},
    {.name = "Level", .type = CONFIG_TYPE_CHOICE, .choices = "DEBUG INFO"},
    {.name = "Map", .type = CONFIG_TYPE_MAP},
    {.name = "Any", .type = CONFIG_TYPE_INT},
    {.name = "Real", .type = CONFIG_TYPE_NUMBER},
    {.name = "Name", .type = CONFIG_TYPE_TEXT},
};

/* One that must be there. */
static const struct config_key needed[] = {{.name = "Name", .required = true}};
enum { KEY_COUNT = sizeof keys / sizeof keys[0], ITEMS_MAX = 16 };

/* What config_check lets pass must be readable, as config.h promises. */
static void read_values(const struct config *config)
{
    text items[ITEMS_MAX];
    int64_t number;
    double real;
    bool truth;
    int place;
    size_t count;
    const struct config_entry *members;
    struct error error = {.line = 0};
    bool fine = config_check(config, keys, KEY_COUNT, &error);
    if (config_check(config, needed, 1, &error))
        require(config_find(config, "Name") != NULL);
    require(config_int(config, "Port", 0, 0, 65535, &number, &error) || !fine);
    require(config_number(config, "Speed", 0, 0, 100, &real, &error) || !fine);
    require(config_bool(config, "Strict", false, &truth, &error) || !fine);
    require(config_choice(config, "Level", "DEBUG INFO", 0, &place, &error) || !fine);
    require(config_int(config, "Any", 0, 0, 0, &number, &error) || !fine);
    require(config_number(config, "Real", 0, 0, 0, &real, &error) || !fine);
    require(config_text(config, "Name", TEXT(""), &items[0], &error) || !fine);
    require(config_map(config, "Map", &members, &count, &error) || !fine);
    if (config_list(config, "Address", items, ITEMS_MAX, &count, &error))
        require(count <= ITEMS_MAX);
}

static void check_entries(const struct config *config)
{
    size_t cursor = 0, unknown = 0;
    struct error error;
    require(config->total <= CONFIG_ENTRIES_MAX && config->first + config->count == config->total);
    for (size_t i = 0; i < config->count; i++) {
        const struct config_entry *entry = &config->entries[config->first + i];
        require(entry->key.length > 0 && entry->line > 0 && entry->column > 0);
        require(entry->first + entry->count <= config->first);
    }
    while (config_unknown(config, keys, KEY_COUNT, &cursor, &error))
        unknown++;
    require(unknown <= config->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct config config;
    struct error error = {.line = 0};
    text yaml = length ? (text){(const char *)bytes, length} : TEXT("");
    if (config_read_text(&config, "fuzz.yaml", yaml, &error)) {
        check_entries(&config);
        read_values(&config);
    } else {
        require(error.what[0] != '\0' && error.file[0] != '\0');
    }
    config_finish(&config);
    return 0;
}
