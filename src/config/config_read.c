/* config_read.c: YAML to entries. libyaml tells one event after the other; all that a flat list of
 * options does not need is refused with its place, so that nobody wonders why an anchor or a second
 * document has no effect. See config.h. */
#include "base/buffer.h"
#include "config/config.h"
#include <errno.h>
#include <yaml.h>

struct reading {
    yaml_parser_t parser;
    struct config *config;
    struct error *error;
    text yaml;
    size_t texts_length;      /* used of config->bytes */
    size_t member_capacity;   /* of config->entries */
    struct config_entry *top; /* the top level's, until all their members are there */
    size_t top_count, top_capacity;
};

static bool refuse(struct reading *reading, yaml_mark_t mark, const char *what, const char *fix)
{
    error_set(reading->error, "%s", what);
    error_at(reading->error, reading->config->file, (int)mark.line + 1, (int)mark.column + 1);
    return error_fix(reading->error, "%s", fix);
}

/* ---- events ---- */

/* The place of a byte; libyaml tells none when its input is no Unicode. */
static yaml_mark_t mark_at(text yaml, size_t offset)
{
    yaml_mark_t mark = {.index = offset};
    for (size_t i = 0; i < offset && i < yaml.length; i++) {
        mark.column = yaml.at[i] == '\n' ? 0 : mark.column + 1;
        mark.line += yaml.at[i] == '\n';
    }
    return mark;
}

/* What to do about the errors that people make most. */
static const char *fix_of(const char *problem)
{
    static const char *const fixes[][2] = {
        {"a tab character", "indent with spaces"},
        {"cannot start any token", "quote a text that starts with a special character; indent "
                                   "with spaces, not with tabs"},
        {"expected alphabetic or numeric", "quote a text that starts with * or &"},
        {"mapping values are not allowed",
         "write one key a line, and quote a text with ': ' in it"},
        {"could not find expected ':'", "write `Key: value`, with a blank behind the colon"},
        {"unexpected end of stream", "close the quotes"},
        {"did not find expected key", "start every key of a level in the same column"},
    };
    for (size_t i = 0; i < sizeof fixes / sizeof fixes[0]; i++)
        if (strstr(problem, fixes[i][0]))
            return fixes[i][1];
    return "";
}

static bool refuse_broken(struct reading *reading)
{
    const yaml_parser_t *parser = &reading->parser;
    if (parser->error == YAML_READER_ERROR)
        return refuse(reading, mark_at(reading->yaml, parser->problem_offset),
                      "this is no UTF-8 text", "save the file as UTF-8");
    char what[200];
    const char *problem = parser->problem ? parser->problem : "no memory";
    snprintf(what, sizeof what, "broken YAML: %s", problem);
    bool began_there = strstr(problem, "end of stream") || strstr(problem, "expected ':'") ||
                       strstr(problem, "expected alphabetic");
    return refuse(reading, began_there ? parser->context_mark : parser->problem_mark, what,
                  fix_of(problem)); /* where it began helps more than where it was missed */
}

static bool has_extras(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor || event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor || event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor || event->data.mapping_start.tag;
    default:
        return event->type == YAML_ALIAS_EVENT;
    }
}

/* The next event, for the caller to delete; nothing is to be deleted when it fails. */
static bool next_event(struct reading *reading, yaml_event_t *event)
{
    if (!yaml_parser_parse(&reading->parser, event))
        return refuse_broken(reading);
    if (!has_extras(event))
        return true;
    refuse(reading, event->start_mark, "anchors (&), aliases (*) and tags (!) are not supported",
           "write the value itself, in quotes if it starts with one of these");
    yaml_event_delete(event);
    return false;
}

/* ---- entries ---- */

static bool is_null_word(text t)
{
    return text_equal(t, TEXT("~")) || text_equal(t, TEXT("null")) || text_equal(t, TEXT("Null")) ||
           text_equal(t, TEXT("NULL"));
}

/* Room for all texts of a file, so that they never move: no escape and no encoding makes 3 bytes of
 * UTF-8 from less than 2. */
static size_t texts_size(text yaml)
{
    return yaml.length * 2 + 1;
}

/* Copies a scalar's text behind the others. */
static bool keep_text(struct reading *reading, const yaml_event_t *event, text *kept)
{
    size_t length = event->data.scalar.length;
    char *to = reading->config->bytes + reading->texts_length;
    if (length > texts_size(reading->yaml) - reading->texts_length)
        return refuse(reading, event->start_mark, "a text grows beyond its file", "");
    memcpy(to, event->data.scalar.value, length);
    if (memchr(to, '\0', length))
        return refuse(reading, event->start_mark, "a text with a NUL character", "take it out");
    reading->texts_length += length;
    *kept = (text){to, length};
    return true;
}

static bool set_value(struct reading *reading, struct config_entry *entry,
                      const yaml_event_t *event)
{
    entry->value_line = (int)event->start_mark.line + 1;
    entry->value_column = (int)event->start_mark.column + 1;
    if (event->type != YAML_SCALAR_EVENT)
        return true;
    entry->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (!keep_text(reading, event, &entry->value))
        return false;
    if (!entry->quoted && is_null_word(entry->value))
        entry->value.length = 0;
    return true;
}

static bool set_key(struct reading *reading, struct config_entry *entry, const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.length == 0)
        return refuse(reading, event->start_mark, "a key must be a text", "write `Key: value`");
    entry->line = (int)event->start_mark.line + 1;
    entry->column = (int)event->start_mark.column + 1;
    return keep_text(reading, event, &entry->key);
}

static bool refuse_repeated(struct reading *reading, const struct config_entry *entries,
                            size_t first, size_t count, const struct config_entry *added)
{
    for (size_t i = first; i < first + count; i++) {
        if (!text_equal(entries[i].key, added->key))
            continue;
        error_set(reading->error, "%.*s stands here again; it was set on line %d",
                  TEXT_ARG(added->key), entries[i].line);
        error_at(reading->error, reading->config->file, added->line, added->column);
        return error_fix(reading->error, "keep one of the two");
    }
    return true;
}

/* Adds to one of the two arrays. */
static bool add_entry(struct reading *reading, struct config_entry **entries, size_t *count,
                      size_t *capacity, const struct config_entry *entry)
{
    if (reading->config->total + reading->top_count >= CONFIG_ENTRIES_MAX) {
        error_set(reading->error, "more than %d keys and list items", CONFIG_ENTRIES_MAX);
        return error_at(reading->error, reading->config->file, entry->line, entry->column);
    }
    if (*count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 16;
        *entries = memory_resize(*entries, *capacity * sizeof **entries);
    }
    (*entries)[(*count)++] = *entry;
    return true;
}

static bool add_member(struct reading *reading, struct config_entry *parent,
                       const struct config_entry *member)
{
    struct config *config = reading->config;
    if (parent->kind == CONFIG_MAP &&
        !refuse_repeated(reading, config->entries, parent->first, parent->count, member))
        return false;
    parent->count++;
    return add_entry(reading, &config->entries, &config->total, &reading->member_capacity, member);
}

/* Reads one member, whose first event is given: a list's item, or a map's key and value. */
static bool read_member(struct reading *reading, struct config_entry *parent,
                        const yaml_event_t *event)
{
    static const char too_deep[] = "lists and maps must not stand in a list or map here";
    struct config_entry member = {.kind = CONFIG_SCALAR};
    yaml_event_t value;
    if (parent->kind == CONFIG_LIST) {
        member.line = (int)event->start_mark.line + 1;
        member.column = (int)event->start_mark.column + 1;
        if (event->type != YAML_SCALAR_EVENT)
            return refuse(reading, event->start_mark, too_deep, "");
        return set_value(reading, &member, event) && add_member(reading, parent, &member);
    }
    if (!set_key(reading, &member, event) || !next_event(reading, &value))
        return false;
    bool fine = value.type == YAML_SCALAR_EVENT ? set_value(reading, &member, &value)
                                                : refuse(reading, value.start_mark, too_deep, "");
    yaml_event_delete(&value);
    return fine && add_member(reading, parent, &member);
}

/* Reads members up to the end of the list or map whose start was read. */
static bool read_members(struct reading *reading, struct config_entry *parent)
{
    yaml_event_type_t end =
        parent->kind == CONFIG_LIST ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT;
    parent->first = reading->config->total;
    for (;;) {
        yaml_event_t event;
        if (!next_event(reading, &event))
            return false;
        bool at_end = event.type == end;
        bool fine = at_end || read_member(reading, parent, &event);
        yaml_event_delete(&event);
        if (at_end || !fine)
            return fine;
    }
}

static bool read_value(struct reading *reading, struct config_entry *entry)
{
    yaml_event_t event;
    if (!next_event(reading, &event))
        return false;
    entry->kind = event.type == YAML_SEQUENCE_START_EVENT  ? CONFIG_LIST
                  : event.type == YAML_MAPPING_START_EVENT ? CONFIG_MAP
                                                           : CONFIG_SCALAR;
    bool fine = set_value(reading, entry, &event);
    yaml_event_delete(&event);
    return fine && (entry->kind == CONFIG_SCALAR || read_members(reading, entry));
}

static bool read_top_level(struct reading *reading)
{
    for (;;) {
        yaml_event_t event;
        struct config_entry entry = {.kind = CONFIG_SCALAR};
        if (!next_event(reading, &event))
            return false;
        bool at_end = event.type == YAML_MAPPING_END_EVENT;
        bool fine =
            at_end || (set_key(reading, &entry, &event) &&
                       refuse_repeated(reading, reading->top, 0, reading->top_count, &entry));
        yaml_event_delete(&event);
        if (at_end || !fine)
            return fine;
        if (!read_value(reading, &entry) ||
            !add_entry(reading, &reading->top, &reading->top_count, &reading->top_capacity, &entry))
            return false;
    }
}

/* ---- documents ---- */

static bool read_document(struct reading *reading)
{
    yaml_event_t event;
    if (!next_event(reading, &event))
        return false;
    bool is_map = event.type == YAML_MAPPING_START_EVENT;
    bool is_empty = event.type == YAML_SCALAR_EVENT && event.data.scalar.length == 0;
    yaml_mark_t mark = event.start_mark;
    yaml_event_delete(&event);
    if (is_map)
        return read_top_level(reading);
    return is_empty ||
           refuse(reading, mark, "there are no keys here", "write `Key: value` on a line for each");
}

/* Passes over the marks of streams and documents; what they frame is read by read_document. */
static bool read_stream(struct reading *reading)
{
    for (int documents = 0;;) {
        yaml_event_t event;
        if (!next_event(reading, &event))
            return false;
        yaml_event_type_t type = event.type;
        yaml_mark_t mark = event.start_mark;
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return true;
        if (type == YAML_DOCUMENT_START_EVENT && documents++ > 0)
            return refuse(reading, mark, "a second document starts here",
                          "take out the line --- and give every key once");
        if (type == YAML_DOCUMENT_START_EVENT && !read_document(reading))
            return false;
    }
}

/* The top level's entries go behind all members, where config.h says that they are. */
static void move_top_level(struct reading *reading)
{
    struct config *config = reading->config;
    config->first = config->total;
    config->count = reading->top_count;
    config->total += reading->top_count;
    if (config->total > reading->member_capacity)
        config->entries = memory_resize(config->entries, config->total * sizeof *config->entries);
    if (config->count)
        memcpy(config->entries + config->first, reading->top,
               config->count * sizeof *config->entries);
}

bool config_read_text(struct config *config, const char *file, text yaml, struct error *error)
{
    *config = (struct config){.count = 0};
    text_copy(config->file, sizeof config->file, text_of(file));
    if (yaml.length > CONFIG_BYTES_MAX) {
        error_set(error, "larger than %d bytes", CONFIG_BYTES_MAX);
        return error_at(error, config->file, 0, 0);
    }
    struct reading reading = {.config = config, .error = error, .yaml = yaml};
    if (!yaml_parser_initialize(&reading.parser)) {
        error_set(error, "no memory");
        return error_at(error, config->file, 0, 0);
    }
    config->bytes = memory_get(texts_size(yaml));
    yaml_parser_set_input_string(&reading.parser, (const yaml_char_t *)yaml.at, yaml.length);
    bool fine = read_stream(&reading);
    yaml_parser_delete(&reading.parser);
    if (fine)
        move_top_level(&reading);
    free(reading.top);
    return fine;
}

/* ---- files ---- */

static bool refuse_file(const char *path, int number, struct error *error)
{
    error_set(error, "cannot be read: %s", strerror(number));
    error_at(error, path, 0, 0);
    return number == ENOENT ? error_fix(error, "check the path") : false;
}

bool config_read_file(struct config *config, const char *path, struct error *error)
{
    enum { PIECE = 4096 };
    *config = (struct config){.count = 0};
    text_copy(config->file, sizeof config->file, text_of(path));
    FILE *file = fopen(path, "rb");
    if (!file)
        return refuse_file(path, errno, error);
    struct buffer bytes = {.at = NULL};
    size_t got;
    do {
        got = fread(buffer_reserve(&bytes, PIECE), 1, PIECE, file);
        bytes.length += got;
    } while (got > 0 && bytes.length <= CONFIG_BYTES_MAX);
    int number = ferror(file) ? errno : 0;
    fclose(file);
    bool fine = number ? refuse_file(path, number, error)
                       : config_read_text(config, path, buffer_text(&bytes), error);
    buffer_finish(&bytes);
    return fine;
}

void config_finish(struct config *config)
{
    free(config->bytes);
    free(config->entries);
    *config = (struct config){.count = 0};
}
