/* order_pattern.c: see order_pattern.h. Differences are told in words of eight bytes: a mask with a
 * bit for each word of the struct, then the words that differ. */
#include "tts/core/desk/order_pattern.h"
#include "base/words.h"
#include "codec/wire.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/flow.h"
#include <assert.h>

/* An order with more differences is kept whole. */
enum { DIFFERENCES_MAX = 16 };

typedef struct CThostFtdcInputOrderField input_order;
_Static_assert(sizeof(input_order) % 8 == 0, "whole words");
_Static_assert((int)INPUT_WORDS <= (int)WORDS_MAX, "a bit for each word");

static uint64_t differences(const input_order *a, const input_order *b)
{
    return words_that_differ(a, b, INPUT_WORDS);
}

/* The session's pattern as a struct, NULL when it has none. */
static const input_order *pattern_of(struct core *core, uint32_t session)
{
    struct matching *matching = core->matching;
    if (session == NONE || core->sessions.at[session].pattern == NONE)
        return NULL;
    while (matching->patterns.count <= session)
        LIST_ADD(&matching->patterns);
    struct input_pattern *pattern = &matching->patterns.at[session];
    uint32_t blob = core->sessions.at[session].pattern;
    if (pattern->follows != blob + 1) {
        pattern->follows = blob + 1;
        order_pattern_read(core, blob, &pattern->input);
    }
    return &pattern->input;
}

bool order_pattern_pack(struct core *core, uint32_t session, const input_order *input,
                        struct buffer *out)
{
    buffer_clear(out);
    const input_order *pattern = pattern_of(core, session);
    uint64_t mask = pattern ? differences(input, pattern) : UINT64_MAX;
    if (__builtin_popcountll(mask) > DIFFERENCES_MAX) {
        wire_pack(out, core->matching->input_layout, input);
        return false;
    }
    char *at = buffer_reserve(out, (1 + DIFFERENCES_MAX) * 8);
    memcpy(at, &mask, sizeof mask);
    size_t length = sizeof mask;
    for (uint64_t rest = mask; rest; rest &= rest - 1, length += 8) {
        uint64_t word = word_at(input, (unsigned)__builtin_ctzll(rest));
        memcpy(at + length, &word, sizeof word);
    }
    out->length = length;
    return true;
}

uint32_t order_pattern_keep(struct core *core, uint32_t session, bool differs, const char *bytes,
                            size_t length)
{
    uint32_t place = blob_add(core, bytes, length);
    assert(session != NONE || !differs);
    if (differs)
        core->blobs.at[place].pattern = core->sessions.at[session].pattern;
    else if (session != NONE)
        core->sessions.at[session].pattern = place;
    return place;
}

static void read_whole(const struct core *core, const struct blob *blob, input_order *input)
{
    text packed = {core->bytes.at + blob->offset, blob->length};
    bool whole = wire_unpack(&packed, core->matching->input_layout, input);
    assert(whole);
    (void)whole;
}

void order_pattern_read(const struct core *core, uint32_t place, input_order *input)
{
    const struct blob *blob = &core->blobs.at[place];
    if (blob->pattern == NONE) {
        read_whole(core, blob, input);
        return;
    }
    read_whole(core, &core->blobs.at[blob->pattern], input);
    const char *at = core->bytes.at + blob->offset;
    uint64_t mask;
    memcpy(&mask, at, sizeof mask);
    assert(blob->length == 8 + 8 * (size_t)__builtin_popcountll(mask));
    for (; mask; mask &= mask - 1) {
        unsigned word = (unsigned)__builtin_ctzll(mask);
        assert(word < INPUT_WORDS);
        memcpy((char *)input + 8 * word, at += 8, 8);
    }
}

/* ---- check 7 ---- */

void order_pattern_index(struct matching *matching)
{
    const struct ctp_layout *layout = matching->input_layout;
    assert(layout->size == sizeof(input_order) && layout->field_count <= UINT8_MAX);
    for (unsigned word = 0; word < INPUT_WORDS; word++) {
        unsigned first = 0, last;
        while (layout->fields[first].offset + layout->fields[first].size <= 8 * word)
            first++;
        last = first;
        while (last < layout->field_count && layout->fields[last].offset < 8 * (word + 1))
            last++;
        matching->first_field[word] = (uint8_t)first;
        matching->behind_field[word] = (uint8_t)last;
        for (unsigned i = first; i < last; i++)
            if (layout->fields[i].base == CTP_TEXT)
                matching->text_words |= UINT64_C(1) << word;
    }
}

const char *order_pattern_bad_text(struct core *core, uint32_t session, const input_order *input)
{
    const struct matching *matching = core->matching;
    const struct ctp_layout *layout = matching->input_layout;
    const input_order *pattern = pattern_of(core, session);
    uint64_t mask = matching->text_words & (pattern ? differences(input, pattern) : UINT64_MAX);
    unsigned next = 0;
    for (; mask; mask &= mask - 1) {
        unsigned word = (unsigned)__builtin_ctzll(mask);
        unsigned first = matching->first_field[word];
        for (next = next > first ? next : first; next < matching->behind_field[word]; next++)
            if (!desk_is_clean_field(&layout->fields[next], input))
                return layout->fields[next].name;
    }
    return NULL;
}
