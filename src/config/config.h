/* config.h: a program's options from a YAML file: flat keys, whose values are scalars, lists of
 * scalars or one level of maps. A scalar is kept as it was written (0000 stays 0000), because a
 * broker id is text whatever it looks like; what it means is told by the program's own table of
 * keys. Errors name file, line, column, what is wrong and what to write instead. One thread. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/error.h"

enum {
    CONFIG_BYTES_MAX = 1 << 20, /* of a whole file */
    CONFIG_ENTRIES_MAX = 4096,  /* keys and list items together */
};

enum config_kind { CONFIG_SCALAR, CONFIG_LIST, CONFIG_MAP };

/* A value, and where it stands. In a list `key` is empty. */
struct config_entry {
    text key;
    enum config_kind kind;
    text value;  /* a scalar as it was written, without its quotes; empty for `Key:`, `Key: ~` and
                  * `Key: null` */
    bool quoted; /* or a block scalar: then ~ and null are texts */
    int line;    /* of the key, or of a list's item */
    int column;
    int value_line; /* of the value */
    int value_column;
    size_t first; /* a list's or map's members: entries[first .. first + count) of the config */
    size_t count;
};

/* A file that was read. A zeroed config is one without keys. */
struct config {
    char file[256];
    char *bytes;                  /* the texts of all entries stand in here */
    struct config_entry *entries; /* the top level's are the last `count` of `total` */
    size_t total;
    size_t first;
    size_t count;
};

/* Reads a file, or `yaml` under the name `file` that errors show. A missing or unreadable file, one
 * larger than CONFIG_BYTES_MAX, broken YAML, a key twice, an anchor, alias or tag, deeper nesting,
 * a second document or a top level that is no map is an error. An empty file is a config without
 * keys. The config owns its memory, also after an error: config_finish in any case. */
bool config_read_file(struct config *config, const char *path, struct error *error)
    __attribute__((warn_unused_result));
bool config_read_text(struct config *config, const char *file, text yaml, struct error *error)
    __attribute__((warn_unused_result));
void config_finish(struct config *config);

/* ---- what a program accepts ---- */

enum config_type {
    CONFIG_TYPE_TEXT,   /* any scalar */
    CONFIG_TYPE_INT,    /* decimal digits with an optional sign, between `min` and `max` */
    CONFIG_TYPE_NUMBER, /* a decimal number, between `min` and `max` */
    CONFIG_TYPE_BOOL,   /* true false yes no on off, any case */
    CONFIG_TYPE_CHOICE, /* one of `choices`, any case */
    CONFIG_TYPE_LIST,   /* a list of scalars, or one scalar with commas */
    CONFIG_TYPE_MAP,    /* a map of scalars: its keys are the program's users' own */
};

struct config_key {
    const char *name;
    enum config_type type;
    bool required;       /* the key must be there, and not be empty */
    int64_t min, max;    /* INT, NUMBER; both 0: any */
    const char *choices; /* CHOICE: "DEBUG INFO WARN" */
};

/* Checks every key of the table that the config has, and that the required ones are there. The
 * first thing wrong is the error. */
bool config_check(const struct config *config, const struct config_key *keys, size_t key_count,
                  struct error *error) __attribute__((warn_unused_result));

/* The keys that the table does not have, one a call: start with *cursor = 0, call until it returns
 * false. `unknown` becomes "file:line:column: unknown key TdFrontAdress; did you mean
 * TdFrontAddress?", for the caller to print or to refuse. */
bool config_unknown(const struct config *config, const struct config_key *keys, size_t key_count,
                    size_t *cursor, struct error *unknown);

/* ---- reading values ---- Each fails as config_check does: after a config_check with the same key
 * none fails. */

/* The entry of that name at the top level; NULL when there is none. */
const struct config_entry *config_find(const struct config *config, const char *name);

/* A missing or empty value gives `fallback` (so does `Key:` with nothing behind it). Texts are
 * borrowed from the config. */
bool config_text(const struct config *config, const char *name, text fallback, text *value,
                 struct error *error) __attribute__((warn_unused_result));
bool config_int(const struct config *config, const char *name, int64_t fallback, int64_t min,
                int64_t max, int64_t *value, struct error *error)
    __attribute__((warn_unused_result));
bool config_number(const struct config *config, const char *name, double fallback, double min,
                   double max, double *value, struct error *error)
    __attribute__((warn_unused_result));
bool config_bool(const struct config *config, const char *name, bool fallback, bool *value,
                 struct error *error) __attribute__((warn_unused_result));

/* The place of the value in `choices` ("DEBUG INFO WARN": WARN is 2), compared without case. */
bool config_choice(const struct config *config, const char *name, const char *choices, int fallback,
                   int *value, struct error *error) __attribute__((warn_unused_result));

/* The items of a list, or of one scalar cut at its commas and trimmed; empty ones are left out.
 * Fills at most `max` places of `items`, and fails when there are more. A missing or empty value
 * gives *count = 0. */
bool config_list(const struct config *config, const char *name, text *items, size_t max,
                 size_t *count, struct error *error) __attribute__((warn_unused_result));

/* The members of a map: *members points at *count entries with keys. A missing or empty value gives
 * *count = 0. */
bool config_map(const struct config *config, const char *name, const struct config_entry **members,
                size_t *count, struct error *error) __attribute__((warn_unused_result));

/* For checks of the program's own ("the port is taken"): puts file, line and column of that key's
 * value on the error, or only the file when the config does not have the key. Returns false. */
bool config_error_at(const struct config *config, const char *name, struct error *error);

#endif
