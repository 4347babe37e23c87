/* library.h: a pair of CTP libraries in this process: dlopen, the exported C++ functions, and what
 * the library says of itself. */
#ifndef CTP_LIBRARY_H
#define CTP_LIBRARY_H

#include "ctp/vtable.h"

enum ctp_side { CTP_TRADER, CTP_MD };

struct ctp_library {
    void *handle;
    enum ctp_side side;
    enum ctp_version version; /* the layout of its objects: what the folder states */
    char said[128];           /* what GetApiVersion said; empty when it does not export it */
    bool creator_has_production_mode; /* the 6.7.11+ creators */
    void *creator;
};

/* Loads `path` (RTLD_NOW | RTLD_LOCAL) as a library of `version`. Fails with a clear error when the
 * file is missing, not a shared library, lacks a symbol of its own, or has no creator. */
bool ctp_library_open(struct ctp_library *library, const char *path, enum ctp_side side,
                      enum ctp_version version, struct error *error)
    __attribute__((warn_unused_result));

/* Creates an Api object with the flow path (a prefix; folders must exist). The caller releases it
 * by calling Release. */
struct ctp_api *ctp_library_create(const struct ctp_library *library, const char *flow_path);

/* The version that a text of GetApiVersion names ("openctp-tts v6.7.11", "V6_6_9",
 * "v6.7.13_2026..."): its "6.7.11" part into `name`. False when there is none. */
bool ctp_library_said_version(text said, char *name, size_t size);

/* The C++ functions that a library of a side exports, by their linker names. A library has one of
 * the two creators (the one with the mode since 6.7.11), and may lack the version text. */
enum ctp_symbol { CTP_GET_VERSION, CTP_CREATE, CTP_CREATE_WITH_MODE, CTP_SYMBOL_COUNT };
const char *ctp_library_symbol(enum ctp_side side, enum ctp_symbol symbol);

/* Unloads. All its objects must be gone. */
void ctp_library_close(struct ctp_library *library);

#endif
