/* gb18030.c: see gb18030.h. iconv does the tables; each thread keeps its two descriptors, which the
 * C library frees with a key's destructor. Text without high bytes, nearly all of it, never gets
 * there. */
#include "ctp/gb18030.h"
#include <iconv.h>
#include <pthread.h>
#include <stdatomic.h>

struct converters {
    iconv_t to_utf8, from_utf8;
};

static pthread_key_t key;
static pthread_once_t key_made = PTHREAD_ONCE_INIT;

static void close_converters(void *memory)
{
    struct converters *mine = memory;
    if (mine->to_utf8 != (iconv_t)-1)
        iconv_close(mine->to_utf8);
    if (mine->from_utf8 != (iconv_t)-1)
        iconv_close(mine->from_utf8);
    free(mine);
}

static void make_key(void)
{
    pthread_key_create(&key, close_converters);
}

static struct converters *converters(void)
{
    pthread_once(&key_made, make_key);
    struct converters *mine = pthread_getspecific(key);
    if (mine)
        return mine;
    mine = malloc(sizeof *mine);
    if (!mine)
        abort();
    mine->to_utf8 = iconv_open("UTF-8", "GB18030");
    mine->from_utf8 = iconv_open("GB18030", "UTF-8");
    pthread_setspecific(key, mine);
    return mine;
}

static size_t ascii_length(text t)
{
    size_t i = 0;
    while (i < t.length && (unsigned char)t.at[i] < 0x80)
        i++;
    return i;
}

/* Bytes of the GB18030 character at the start of `t` by its lead and second byte: 1, 2 or 4; 0 when
 * it is cut off. */
static size_t character_length(text t)
{
    unsigned char lead = (unsigned char)t.at[0];
    if (lead <= 0x80 || lead == 0xff)
        return 1;
    if (t.length < 2)
        return 0;
    unsigned char second = (unsigned char)t.at[1];
    if (second >= 0x30 && second <= 0x39)
        return t.length < 4 ? 0 : 4;
    return 2;
}

size_t gb18030_cut(text gb, size_t size)
{
    if (gb.length <= size)
        return gb.length;
    size_t at = 0;
    while (at < size) {
        size_t length = character_length((text){gb.at + at, gb.length - at});
        if (length == 0 || at + length > size)
            break;
        at += length;
    }
    return at;
}

static const char REPLACEMENT[3] = {'\xef', '\xbf', '\xbd'}; /* U+FFFD */

/* Converts the character at the start of `rest` into `out` (8 bytes); returns its bytes there, and
 * the bytes that it took in *used. */
static size_t convert_character(text rest, size_t length, char *out, size_t *used)
{
    char *in = (char *)(uintptr_t)rest.at, *to = out;
    size_t in_left = length, to_left = 8;
    iconv_t converter = converters()->to_utf8;
    *used = length;
    if (length && iconv(converter, &in, &in_left, &to, &to_left) != (size_t)-1)
        return 8 - to_left;
    iconv(converter, NULL, NULL, NULL, NULL);
    memcpy(out, REPLACEMENT, sizeof REPLACEMENT);
    *used = 1; /* one bad byte is one mark; what follows may be good again */
    return sizeof REPLACEMENT;
}

/* The characters of two bytes, nearly all that markets write, are kept when they were converted
 * once: their UTF-8 as it stands in memory, 0 where there is none yet. Threads may write the same
 * value twice. */
enum { LEAD_MIN = 0x81, LEAD_MAX = 0xfe, SECOND_MIN = 0x40, SECOND_MAX = 0xfe };
enum { SECONDS = SECOND_MAX - SECOND_MIN + 1 };
static _Atomic uint32_t two_bytes[(LEAD_MAX - LEAD_MIN + 1) * SECONDS];

static _Atomic uint32_t *kept_place(text rest, size_t length)
{
    if (length != 2)
        return NULL;
    unsigned lead = (unsigned char)rest.at[0], second = (unsigned char)rest.at[1];
    if (lead < LEAD_MIN || lead > LEAD_MAX || second < SECOND_MIN || second > SECOND_MAX)
        return NULL;
    return &two_bytes[(lead - LEAD_MIN) * SECONDS + second - SECOND_MIN];
}

static size_t utf8_length(unsigned char lead)
{
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static size_t convert_or_recall(text rest, char *out, size_t *used)
{
    size_t length = character_length(rest);
    _Atomic uint32_t *place = kept_place(rest, length);
    uint32_t kept = place ? atomic_load_explicit(place, memory_order_relaxed) : 0;
    if (kept) {
        memcpy(out, &kept, sizeof kept);
        *used = 2;
        return utf8_length((unsigned char)out[0]);
    }
    size_t made = convert_character(rest, length, out, used);
    if (place && *used == 2 && made == utf8_length((unsigned char)out[0])) {
        memset(out + made, 0, 8 - made);
        memcpy(&kept, out, sizeof kept);
        atomic_store_explicit(place, kept, memory_order_relaxed);
    }
    return made;
}

size_t gb18030_to_utf8(text from, char *out, size_t size)
{
    size_t written = 0, at = 0;
    while (at < from.length) {
        text rest = {from.at + at, from.length - at};
        size_t plain = ascii_length(rest);
        if (plain) {
            size_t fits = plain < size - written ? plain : size - written;
            memcpy(out + written, rest.at, fits);
            written += fits;
            at += plain;
            if (fits < plain)
                return written;
            continue;
        }
        char character[8];
        size_t used, made = convert_or_recall(rest, character, &used);
        if (written + made > size)
            return written;
        memcpy(out + written, character, made);
        written += made;
        at += used;
    }
    return written;
}

/* Bytes that a whole conversion would take, 0 when `from` is not UTF-8. */
static size_t length_needed(text from)
{
    char scratch[256];
    char *in = (char *)(uintptr_t)from.at;
    size_t in_left = from.length, needed = 0;
    iconv_t converter = converters()->from_utf8;
    iconv(converter, NULL, NULL, NULL, NULL);
    while (in_left) {
        char *to = scratch;
        size_t to_left = sizeof scratch, before = in_left;
        size_t result = iconv(converter, &in, &in_left, &to, &to_left);
        needed += sizeof scratch - to_left;
        if (result == (size_t)-1 && before == in_left)
            return 0;
    }
    return needed;
}

static size_t high_length(text t)
{
    size_t i = 0;
    while (i < t.length && (unsigned char)t.at[i] >= 0x80)
        i++;
    return i;
}

/* Runs of ASCII, nearly all of a statement, are copied; iconv gets what stands between them. */
bool gb18030_from_utf8(text from, char *out, size_t size, size_t *length)
{
    *length = 0;
    while (from.length) {
        size_t run = ascii_length(from), made = run;
        bool plain = run > 0;
        if (!plain) {
            run = high_length(from);
            made = length_needed((text){from.at, run});
        }
        if (made == 0) {
            *length = 0;
            return false;
        }
        char *in = (char *)(uintptr_t)from.at, *to = out + *length;
        size_t in_left = run, to_left = made;
        *length += made;
        if (plain && *length <= size)
            memcpy(to, in, run);
        else if (*length <= size &&
                 iconv(converters()->from_utf8, &in, &in_left, &to, &to_left) == (size_t)-1)
            return false;
        from.at += run;
        from.length -= run;
    }
    return *length <= size;
}
