/* includes.c: who may include whom. The targets of CMake hold most of it (cmake/layer.cmake); here
 * it is held for files that no target has yet, for what a layer inside a layer may see, and with a
 * sentence that says which rule it is. */
#include "tidy.h"

static const struct {
    const char *name, *others;
} layers[] = {
#define LAYER(name, others) {#name, others},
#include "layers.def"
#undef LAYER
};

/* The core of the counter is a machine without a clock, a thread, a socket or a file: these headers
 * have none. */
static const char *const core_headers[] = {
    "assert.h", "ctype.h",   "float.h",  "inttypes.h", "limits.h", "math.h",   "stdalign.h",
    "stdarg.h", "stdbool.h", "stddef.h", "stdint.h",   "stdio.h",  "stdlib.h", "string.h",
};

static const char *layer_others(text layer)
{
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++)
        if (text_equal(layer, text_of(layers[i].name)))
            return layers[i].others;
    return NULL;
}

static bool list_has(text list, text word)
{
    while (list.length)
        if (text_equal(text_cut(&list, ' '), word))
            return true;
    return false;
}

/* The layer of a file under src/; empty elsewhere. */
static text source_layer(const struct source *source)
{
    if (!source_is_under(source, "src/"))
        return TEXT("");
    text rest = {source->path.at + 4, source->path.length - 4};
    return text_cut(&rest, '/');
}

static void check_layer(const struct source *source, int line, text header,
                        struct findings *findings)
{
    text own = source_layer(source), rest = header, other = text_cut(&rest, '/');
    if (own.length == 0)
        return;
    const char *others = layer_others(own);
    if (!others)
        tidy_find(findings, source, "layer", line, 0,
                  "src/%.*s is no layer of tests/tidy/layers.def", TEXT_ARG(own));
    else if (rest.length == 0)
        tidy_find(findings, source, "layer", line, 0, "\"%.*s\" is included without its layer",
                  TEXT_ARG(header));
    else if (!text_equal(own, other) && !list_has(text_of(others), other))
        tidy_find(findings, source, "layer", line, 0,
                  "%.*s may not include \"%.*s\"; it may include: %s", TEXT_ARG(own),
                  TEXT_ARG(header), others[0] ? others : "nothing");
}

static void check_core(const struct source *source, int line, text header,
                       struct findings *findings)
{
    if (!source_is_under(source, "src/tts/core/"))
        return;
    for (size_t i = 0; i < sizeof core_headers / sizeof core_headers[0]; i++)
        if (text_equal(header, text_of(core_headers[i])))
            return;
    tidy_find(findings, source, "core", line, 0,
              "the core may not include <%.*s>: it has no clock, thread, socket or file",
              TEXT_ARG(header));
}

/* x.c includes x.h before anything else, so that x.h is seen to stand alone. */
static void check_first(const struct source *source, int line, text header,
                        struct findings *findings)
{
    text own = {source->path.at + 4, source->path.length - 4};
    own.length--; /* the c of ".c" */
    if (header.length == own.length + 1 && text_starts_with(header, own) &&
        text_ends_with(header, TEXT("h")))
        return;
    tidy_find(findings, source, "first", line, 0, "the first include is not \"%.*sh\"",
              TEXT_ARG(own));
}

static bool has_part(text header, text part)
{
    while (header.length)
        if (text_equal(text_cut(&header, '/'), part))
            return true;
    return false;
}

static void check_include(const struct source *source, int line, text header, bool own,
                          struct findings *findings)
{
    if (has_part(header, TEXT("..")))
        tidy_find(findings, source, "up", line, 0, "\"..\" in the include of %.*s",
                  TEXT_ARG(header));
    if (own)
        check_layer(source, line, header, findings);
    else
        check_core(source, line, header, findings);
    if (!own && source_is_under(source, "src/") &&
        !source_is_under(source, "src/webctp/listener.c") &&
        text_starts_with(header, TEXT("libwebsockets")))
        tidy_find(findings, source, "websockets", line, 0, "<%.*s> outside src/webctp/listener.c",
                  TEXT_ARG(header));
}

/* The name in an include directive; `own` tells "..." from <...>. False for any other line. */
static bool include_read(text line, text *header, bool *own)
{
    if (!text_starts_with(line, TEXT("#")))
        return false;
    line = text_trim((text){line.at + 1, line.length - 1});
    if (!text_starts_with(line, TEXT("include")))
        return false;
    line = text_trim((text){line.at + 7, line.length - 7});
    if (line.length < 2 || (line.at[0] != '"' && line.at[0] != '<'))
        return false;
    *own = line.at[0] == '"';
    line = (text){line.at + 1, line.length - 1};
    *header = text_cut(&line, *own ? '"' : '>');
    return true;
}

void tidy_check_includes(const struct source *source, struct findings *findings)
{
    if (!source_is_c(source) && !source_ends_with(source, ".def"))
        return;
    bool first = source->has_header && source_is_under(source, "src/");
    text rest = source->content, header;
    bool own;
    for (int number = 1; rest.length; number++) {
        if (!include_read(text_cut(&rest, '\n'), &header, &own))
            continue;
        if (first)
            check_first(source, number, header, findings);
        first = false;
        check_include(source, number, header, own, findings);
    }
}
