/* options.h: what webctp is told: its command line and its YAML file, checked. Each key stands
 * once, in the table in options.c. Used before anything runs; constant afterwards. */
#ifndef WEBCTP_OPTIONS_H
#define WEBCTP_OPTIONS_H

#include "base/log.h"
#include "config/config.h"
#include "ctp/library.h"
#include "webctp/fanout.h"

enum { OPTIONS_FRONTS_MAX = 16, OPTIONS_ORIGINS_MAX = 64 };

struct fronts {
    char *address[OPTIONS_FRONTS_MAX]; /* "tcp://127.0.0.1:20002" */
    unsigned count;
};

struct options {
    bool serves[2]; /* by enum ctp_side: --app_type td, md, dev (both) */
    bool strict;
    bool public_returns;
    bool compression;
    bool query_pacing;
    bool has_version;
    enum ctp_version version; /* CtpVersion, when has_version */
    char *channel; /* Channel: a channel's name instead of the active one; empty for none */
    struct fronts fronts[2];
    char *broker_id, *app_id, *auth_code; /* UTF-8 */
    char *host;
    int port;
    char *token;                        /* that a connection must bring; empty: none */
    char *origins[OPTIONS_ORIGINS_MAX]; /* of pages that may connect; none: all */
    unsigned origin_count;
    char *flow_folder; /* ConFilePath, ends in '/' */
    int ping_interval_ms, ping_timeout_ms, login_timeout_ms;
    size_t message_bytes_max;
    unsigned connections_max, instruments_max;
    struct outbox_limits outbox;
    enum log_level log_level;
};

/* Which program: "td", "md" or "dev". */
bool options_app_type(struct options *options, text name, struct error *error)
    __attribute__((warn_unused_result));

/* Fills the rest from a config file that was read. The first thing wrong is the error. With
 * `refuse_unknown`, or Strict: true in the file, unknown keys are errors; otherwise each is logged
 * as a warning. The options own their texts: options_finish in any case. */
bool options_read(struct options *options, const struct config *config, bool refuse_unknown,
                  struct error *error) __attribute__((warn_unused_result));

/* Makes the flow folder with its parents. */
bool options_make_folder(const struct options *options, const struct config *config,
                         struct error *error) __attribute__((warn_unused_result));

void options_finish(struct options *options);

#endif
