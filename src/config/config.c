/* config.c: what entries mean: finding, converting and checking them. Every error names the place
 * of the value and what to write instead. See config.h. */
#include "config/config.h"
#include "base/number.h"

const struct config_entry *config_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct config_entry *entry = &config->entries[config->first + i];
        if (text_equal(entry->key, text_of(name)))
            return entry;
    }
    return NULL;
}

static bool is_empty(const struct config_entry *entry)
{
    return !entry || (entry->kind == CONFIG_SCALAR && entry->value.length == 0);
}

static bool place_value(const struct config *config, const struct config_entry *entry,
                        struct error *error)
{
    return error_at(error, config->file, entry->value_line, entry->value_column);
}

bool config_error_at(const struct config *config, const char *name, struct error *error)
{
    const struct config_entry *entry = config_find(config, name);
    return entry ? place_value(config, entry, error) : error_at(error, config->file, 0, 0);
}

/* ---- one value ---- */

static bool refuse_kind(const struct config *config, const struct config_entry *entry,
                        const char *wanted, struct error *error)
{
    static const char *const kinds[] = {
        [CONFIG_SCALAR] = "a single value", [CONFIG_LIST] = "a list", [CONFIG_MAP] = "a map"};
    error_set(error, "%.*s is %s", TEXT_ARG(entry->key), kinds[entry->kind]);
    error_fix(error, "write %s", wanted);
    return place_value(config, entry, error);
}

/* Shows a value that is no secret: short, on one line. */
static bool refuse_value(const struct config *config, const struct config_entry *entry,
                         struct error *error)
{
    char shown[41];
    bool whole = text_copy(shown, sizeof shown, entry->value);
    for (char *at = shown; *at; at++)
        if ((unsigned char)*at < 0x20)
            *at = ' ';
    error_set(error, "%.*s is \"%s%s\"", TEXT_ARG(entry->key), shown, whole ? "" : "...");
    return place_value(config, entry, error);
}

static bool check_scalar(const struct config *config, const struct config_entry *entry,
                         struct error *error)
{
    return entry->kind == CONFIG_SCALAR || refuse_kind(config, entry, "a single value", error);
}

static bool as_int(const struct config *config, const struct config_entry *entry, int64_t min,
                   int64_t max, int64_t *value, struct error *error)
{
    bool any = min == 0 && max == 0;
    if (!check_scalar(config, entry, error))
        return false;
    if (text_to_int(entry->value, value) && (any || (*value >= min && *value <= max)))
        return true;
    refuse_value(config, entry, error);
    if (any)
        return error_fix(error, "write a whole number");
    return error_fix(error, "write a whole number from %lld to %lld", (long long)min,
                     (long long)max);
}

static bool as_number(const struct config *config, const struct config_entry *entry, double min,
                      double max, double *value, struct error *error)
{
    bool any = min == 0.0 && max == 0.0;
    if (!check_scalar(config, entry, error))
        return false;
    if (number_read(entry->value, value) && (any || (*value >= min && *value <= max)))
        return true;
    refuse_value(config, entry, error);
    if (any)
        return error_fix(error, "write a number");
    return error_fix(error, "write a number from %g to %g", min, max);
}

/* The place of `word` in words set apart by blanks; -1 when it is none of them. */
static int place_in(const char *words, text word)
{
    text rest = text_of(words);
    for (int i = 0; rest.length; i++)
        if (text_equal_ignore_case(text_cut(&rest, ' '), word))
            return i;
    return -1;
}

static bool as_bool(const struct config *config, const struct config_entry *entry, bool *value,
                    struct error *error)
{
    if (!check_scalar(config, entry, error))
        return false;
    int place = place_in("false true no yes off on", entry->value);
    *value = place & 1;
    if (place >= 0)
        return true;
    refuse_value(config, entry, error);
    return error_fix(error, "write true or false");
}

static bool as_choice(const struct config *config, const struct config_entry *entry,
                      const char *choices, int *value, struct error *error)
{
    if (!check_scalar(config, entry, error))
        return false;
    *value = place_in(choices, entry->value);
    if (*value >= 0)
        return true;
    refuse_value(config, entry, error);
    return error_fix(error, "write one of: %s", choices);
}

static bool check_list(const struct config *config, const struct config_entry *entry,
                       struct error *error)
{
    return entry->kind != CONFIG_MAP ||
           refuse_kind(config, entry, "a list, or one value with commas", error);
}

static bool check_map(const struct config *config, const struct config_entry *entry,
                      struct error *error)
{
    return entry->kind == CONFIG_MAP ||
           refuse_kind(config, entry, "a map: `Name: value` lines, indented", error);
}

/* ---- reading ---- */

bool config_text(const struct config *config, const char *name, text fallback, text *value,
                 struct error *error)
{
    const struct config_entry *entry = config_find(config, name);
    *value = fallback;
    if (is_empty(entry))
        return true;
    if (!check_scalar(config, entry, error))
        return false;
    *value = entry->value;
    return true;
}

bool config_int(const struct config *config, const char *name, int64_t fallback, int64_t min,
                int64_t max, int64_t *value, struct error *error)
{
    const struct config_entry *entry = config_find(config, name);
    *value = fallback;
    return is_empty(entry) || as_int(config, entry, min, max, value, error);
}

bool config_number(const struct config *config, const char *name, double fallback, double min,
                   double max, double *value, struct error *error)
{
    const struct config_entry *entry = config_find(config, name);
    *value = fallback;
    return is_empty(entry) || as_number(config, entry, min, max, value, error);
}

bool config_bool(const struct config *config, const char *name, bool fallback, bool *value,
                 struct error *error)
{
    const struct config_entry *entry = config_find(config, name);
    *value = fallback;
    return is_empty(entry) || as_bool(config, entry, value, error);
}

bool config_choice(const struct config *config, const char *name, const char *choices, int fallback,
                   int *value, struct error *error)
{
    const struct config_entry *entry = config_find(config, name);
    *value = fallback;
    return is_empty(entry) || as_choice(config, entry, choices, value, error);
}

/* Adds an item, unless it is empty. */
static bool add_item(const struct config *config, const struct config_entry *entry, text item,
                     text *items, size_t max, size_t *count, struct error *error)
{
    if (item.length == 0)
        return true;
    if (*count < max) {
        items[(*count)++] = item;
        return true;
    }
    error_set(error, "%.*s has more than %zu items", TEXT_ARG(entry->key), max);
    return place_value(config, entry, error);
}

bool config_list(const struct config *config, const char *name, text *items, size_t max,
                 size_t *count, struct error *error)
{
    const struct config_entry *entry = config_find(config, name);
    *count = 0;
    if (is_empty(entry))
        return true;
    if (!check_list(config, entry, error))
        return false;
    for (size_t i = 0; i < entry->count; i++)
        if (!add_item(config, entry, config->entries[entry->first + i].value, items, max, count,
                      error))
            return false;
    for (text rest = entry->value; rest.length;)
        if (!add_item(config, entry, text_trim(text_cut(&rest, ',')), items, max, count, error))
            return false;
    return true;
}

bool config_map(const struct config *config, const char *name, const struct config_entry **members,
                size_t *count, struct error *error)
{
    const struct config_entry *entry = config_find(config, name);
    *members = NULL;
    *count = 0;
    if (is_empty(entry))
        return true;
    if (!check_map(config, entry, error))
        return false;
    *members = config->entries + entry->first;
    *count = entry->count;
    return true;
}

/* ---- tables of keys ---- */

static bool check_key(const struct config *config, const struct config_key *key,
                      const struct config_entry *entry, struct error *error)
{
    int64_t number;
    double real;
    bool truth;
    int place;
    switch (key->type) {
    case CONFIG_TYPE_INT:
        return as_int(config, entry, key->min, key->max, &number, error);
    case CONFIG_TYPE_NUMBER:
        return as_number(config, entry, (double)key->min, (double)key->max, &real, error);
    case CONFIG_TYPE_BOOL:
        return as_bool(config, entry, &truth, error);
    case CONFIG_TYPE_CHOICE:
        return as_choice(config, entry, key->choices, &place, error);
    case CONFIG_TYPE_LIST:
        return check_list(config, entry, error);
    case CONFIG_TYPE_MAP:
        return check_map(config, entry, error);
    case CONFIG_TYPE_TEXT:
        break;
    }
    return check_scalar(config, entry, error);
}

static bool refuse_missing(const struct config *config, const struct config_key *key,
                           const struct config_entry *entry, struct error *error)
{
    error_set(error, "%s is %s", key->name, entry ? "empty" : "missing");
    error_fix(error, "write `%s: ...`", key->name);
    return entry ? place_value(config, entry, error) : error_at(error, config->file, 0, 0);
}

bool config_check(const struct config *config, const struct config_key *keys, size_t key_count,
                  struct error *error)
{
    for (size_t i = 0; i < key_count; i++) {
        const struct config_entry *entry = config_find(config, keys[i].name);
        bool without_value = is_empty(entry) || (entry->kind != CONFIG_SCALAR && entry->count == 0);
        if (keys[i].required && without_value)
            return refuse_missing(config, &keys[i], entry, error);
        if (!is_empty(entry) && !check_key(config, &keys[i], entry, error))
            return false;
    }
    return true;
}

/* The table's name that is spelt most like `key`; NULL when none is near. */
static const char *likely_name(text key, const struct config_key *keys, size_t key_count)
{
    const char *likely = NULL;
    unsigned best = UINT32_MAX;
    for (size_t i = 0; i < key_count; i++) {
        unsigned distance = text_distance(key, text_of(keys[i].name));
        if (distance < best && text_is_near(key, text_of(keys[i].name))) {
            best = distance;
            likely = keys[i].name;
        }
    }
    return likely;
}

static bool is_known(text key, const struct config_key *keys, size_t key_count)
{
    for (size_t i = 0; i < key_count; i++)
        if (text_equal(key, text_of(keys[i].name)))
            return true;
    return false;
}

bool config_unknown(const struct config *config, const struct config_key *keys, size_t key_count,
                    size_t *cursor, struct error *unknown)
{
    while (*cursor < config->count) {
        const struct config_entry *entry = &config->entries[config->first + (*cursor)++];
        if (is_known(entry->key, keys, key_count))
            continue;
        error_set(unknown, "unknown key %.*s", TEXT_ARG(entry->key));
        error_at(unknown, config->file, entry->line, entry->column);
        const char *likely = likely_name(entry->key, keys, key_count);
        if (likely)
            error_fix(unknown, "did you mean %s?", likely);
        return true;
    }
    return false;
}
