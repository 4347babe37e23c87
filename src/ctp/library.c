/* library.c: see library.h. */
#include "ctp/library.h"
#include <dlfcn.h>
#include <unistd.h>

/* The exported functions by their Itanium names; since 6.7.11 the creators take one bool more. */
static const char *const symbols[2][CTP_SYMBOL_COUNT] = {
    [CTP_TRADER] = {[CTP_GET_VERSION] = "_ZN19CThostFtdcTraderApi13GetApiVersionEv",
                    [CTP_CREATE] = "_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKc",
                    [CTP_CREATE_WITH_MODE] = "_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb"},
    [CTP_MD] = {[CTP_GET_VERSION] = "_ZN15CThostFtdcMdApi13GetApiVersionEv",
                [CTP_CREATE] = "_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbb",
                [CTP_CREATE_WITH_MODE] = "_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbbb"},
};

const char *ctp_library_symbol(enum ctp_side side, enum ctp_symbol symbol)
{
    return symbols[side][symbol];
}

bool ctp_library_open(struct ctp_library *library, const char *path, enum ctp_side side,
                      enum ctp_version version, struct error *error)
{
    *library = (struct ctp_library){.side = side, .version = version};
    if (access(path, R_OK) != 0) {
        error_set(error, "there is no library that can be read here");
        return error_at(error, path, 0, 0);
    }
    library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library->handle) {
        const char *why = dlerror();
        error_set(error, "cannot be loaded: %.200s", why ? why : "the loader gives no reason");
        error_fix(error, "it must be a shared library for x86-64 Linux with all that it needs");
        return error_at(error, path, 0, 0);
    }
    library->creator = dlsym(library->handle, symbols[side][CTP_CREATE_WITH_MODE]);
    library->creator_has_production_mode = library->creator != NULL;
    if (!library->creator)
        library->creator = dlsym(library->handle, symbols[side][CTP_CREATE]);
    if (!library->creator) {
        ctp_library_close(library);
        error_set(error, "is not a CTP %s library: it does not export %s",
                  side == CTP_TRADER ? "trader" : "market data", symbols[side][CTP_CREATE]);
        return error_at(error, path, 0, 0);
    }
    const char *(*get_version)(void) = NULL;
    *(void **)&get_version = dlsym(library->handle, symbols[side][CTP_GET_VERSION]);
    if (get_version)
        text_copy(library->said, sizeof library->said, text_of(get_version()));
    return true;
}

struct ctp_api *ctp_library_create(const struct ctp_library *library, const char *flow_path)
{
    /* The creators are static member functions: plain functions of their arguments. Neither UDP nor
     * multicast is used. */
    union {
        void *symbol;
        struct ctp_api *(*trader)(const char *);
        struct ctp_api *(*trader_mode)(const char *, bool);
        struct ctp_api *(*md)(const char *, bool, bool);
        struct ctp_api *(*md_mode)(const char *, bool, bool, bool);
    } create = {.symbol = library->creator};
    if (library->side == CTP_TRADER)
        return library->creator_has_production_mode ? create.trader_mode(flow_path, true)
                                                    : create.trader(flow_path);
    return library->creator_has_production_mode ? create.md_mode(flow_path, false, false, true)
                                                : create.md(flow_path, false, false);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The first run of three numbers with '.' or '_' between them: the texts of all vendors have their
 * version so. */
bool ctp_library_said_version(text said, char *name, size_t size)
{
    for (size_t start = 0; start < said.length; start++) {
        if (!is_digit(said.at[start]))
            continue;
        size_t at = start, length = 0;
        int numbers = 0;
        while (numbers < 3 && at < said.length && is_digit(said.at[at])) {
            if (numbers && length + 1 < size)
                name[length++] = '.';
            for (; at < said.length && is_digit(said.at[at]); at++)
                if (length + 1 < size)
                    name[length++] = said.at[at];
            numbers++;
            if (at < said.length && (said.at[at] == '.' || said.at[at] == '_'))
                at++;
        }
        if (numbers == 3) {
            name[length] = '\0';
            return true;
        }
        while (start + 1 < said.length && is_digit(said.at[start + 1]))
            start++;
    }
    return false;
}

void ctp_library_close(struct ctp_library *library)
{
    if (library->handle)
        dlclose(library->handle);
    *library = (struct ctp_library){.handle = NULL};
}
