/* recording.c: see recording.h. A packed row is its key, a mask of the 8-byte words of the quote
 * that differ from the row before it in its run, and these words. The key orders rows: line
 * milliseconds in the upper half, number of the row in the lower. */
#include "tts/feed/recording.h"
#include "base/buffer.h"
#include "tts/core/market/session_table.h"
#include "tts/feed/csv.h"
#include <limits.h>

enum { QUOTE_WORDS = sizeof(struct quote) / 8, LINE_SHIFT_MS = 6 * 3600 * 1000 };

#define NONE UINT32_MAX /* no place */

_Static_assert(sizeof(struct quote) % 8 == 0 && QUOTE_WORDS <= 64, "a mask has 64 bits");

/* Rows in the order of their keys. */
struct run {
    struct buffer bytes;
    uint32_t day, next; /* next: of the same day, NONE at the end */
    struct quote newest;
    uint64_t newest_key;
};

/* One instrument's day. */
struct day {
    uint32_t instrument;
    int trading_day;
    uint32_t first_run, last_run;
    struct quote last; /* the latest row */
    uint64_t last_key;
    double pre_settlement, first_price;
    bool night;
};

/* The days of one instrument, in order of date. */
struct played {
    uint32_t *days;
    uint32_t count, capacity;
    uint32_t newest; /* the day of the row before */
};

/* Where a run is being read. */
struct cursor {
    const char *at, *end;
    uint64_t key;
    struct quote quote;
};

struct recording {
    struct catalogue *catalogue;
    struct run *runs;
    struct day *days;
    struct played *played;  /* by instrument place */
    uint32_t *instruments;  /* in order of first appearance */
    struct cursor *cursors; /* by run */
    uint32_t *heap;         /* runs of the pass, the one with the least key first */
    uint32_t run_count, run_capacity, day_count, day_capacity, played_count, instrument_count;
    uint32_t heap_count;
    uint64_t rows, bytes, fingerprint;
    size_t memory_max;
};

static int line_ms_of(const struct quote *quote)
{
    return session_line_second(quote->second_of_day) * 1000 + quote->millisecond;
}

/* ---- packing ---- */

static void pack_row(struct run *run, uint64_t key, const struct quote *quote)
{
    uint64_t words[QUOTE_WORDS], before[QUOTE_WORDS], mask = 0;
    memcpy(words, quote, sizeof words);
    memcpy(before, &run->newest, sizeof before);
    char *out = buffer_reserve(&run->bytes, 16 + sizeof words);
    char *at = out + 16;
    for (int i = 0; i < QUOTE_WORDS; i++) {
        if (words[i] != before[i]) {
            mask |= (uint64_t)1 << i;
            memcpy(at, &words[i], 8);
            at += 8;
        }
    }
    memcpy(out, &key, 8);
    memcpy(out + 8, &mask, 8);
    run->bytes.length += (size_t)(at - out);
    memcpy(&run->newest, quote, sizeof *quote);
    run->newest_key = key;
}

/* The next row of a run into its cursor; false at its end. */
static bool unpack_row(struct cursor *cursor)
{
    if (cursor->at == cursor->end)
        return false;
    uint64_t words[QUOTE_WORDS], mask;
    memcpy(&cursor->key, cursor->at, 8);
    memcpy(&mask, cursor->at + 8, 8);
    memcpy(words, &cursor->quote, sizeof words);
    cursor->at += 16;
    for (; mask; mask &= mask - 1) {
        memcpy(&words[__builtin_ctzll(mask)], cursor->at, 8);
        cursor->at += 8;
    }
    memcpy(&cursor->quote, words, sizeof words);
    return true;
}

/* ---- reading files ---- */

static struct played *played_of(struct recording *recording, uint32_t instrument)
{
    if (instrument >= recording->played_count) {
        uint32_t count = recording->catalogue->market.instrument_capacity;
        recording->played = memory_resize(recording->played, count * sizeof *recording->played);
        for (uint32_t i = recording->played_count; i < count; i++)
            recording->played[i] = (struct played){.newest = NONE};
        recording->instruments =
            memory_resize(recording->instruments, count * sizeof *recording->instruments);
        recording->played_count = count;
    }
    return &recording->played[instrument];
}

static uint32_t add_day(struct recording *recording, struct played *played,
                        const struct quote *quote)
{
    if (recording->day_count == recording->day_capacity) {
        recording->day_capacity = recording->day_capacity ? recording->day_capacity * 2 : 64;
        recording->days =
            memory_resize(recording->days, recording->day_capacity * sizeof *recording->days);
    }
    uint32_t place = recording->day_count++;
    recording->days[place] = (struct day){.instrument = quote->instrument,
                                          .trading_day = quote->trading_day,
                                          .first_run = NONE,
                                          .last_run = NONE,
                                          .pre_settlement = ABSENT_PRICE,
                                          .first_price = ABSENT_PRICE};
    if (played->count == played->capacity) {
        played->capacity = played->capacity ? played->capacity * 2 : 4;
        played->days = memory_resize(played->days, played->capacity * sizeof *played->days);
    }
    if (played->count == 0)
        recording->instruments[recording->instrument_count++] = quote->instrument;
    played->days[played->count++] = place;
    return place;
}

static uint32_t find_day(struct recording *recording, const struct quote *quote)
{
    struct played *played = played_of(recording, quote->instrument);
    if (played->newest != NONE && recording->days[played->newest].trading_day == quote->trading_day)
        return played->newest;
    played->newest = NONE;
    for (uint32_t i = 0; i < played->count && played->newest == NONE; i++)
        if (recording->days[played->days[i]].trading_day == quote->trading_day)
            played->newest = played->days[i];
    if (played->newest == NONE)
        played->newest = add_day(recording, played, quote);
    return played->newest;
}

static bool add_run(struct recording *recording, struct day *day, uint32_t day_place)
{
    uint32_t runs = 0;
    for (uint32_t run = day->first_run; run != NONE; run = recording->runs[run].next)
        runs++;
    if (runs == RECORDING_RUNS_MAX)
        return false;
    if (recording->run_count == recording->run_capacity) {
        recording->run_capacity = recording->run_capacity ? recording->run_capacity * 2 : 64;
        recording->runs =
            memory_resize(recording->runs, recording->run_capacity * sizeof *recording->runs);
    }
    uint32_t place = recording->run_count++;
    memset(&recording->runs[place], 0, sizeof recording->runs[place]);
    recording->runs[place].day = day_place;
    recording->runs[place].next = NONE;
    if (day->last_run == NONE)
        day->first_run = place;
    else
        recording->runs[day->last_run].next = place;
    day->last_run = place;
    return true;
}

static void note_row(struct day *day, uint64_t key, const struct quote *quote)
{
    if (key >= day->last_key) {
        day->last = *quote;
        day->last_key = key;
    }
    if (!price_is_present(day->pre_settlement) && price_is_present(quote->pre_settlement))
        day->pre_settlement = quote->pre_settlement;
    if (!price_is_present(day->first_price) && price_is_present(quote->last))
        day->first_price = quote->last;
    day->night |= line_ms_of(quote) < 6 * 3600 * 1000;
}

/* False: the file is too disorderly. */
static bool add_row(struct recording *recording, const struct quote *quote)
{
    uint64_t key =
        ((uint64_t)(line_ms_of(quote) + LINE_SHIFT_MS) << 32) | (uint32_t)recording->rows;
    uint32_t place = find_day(recording, quote);
    struct day *day = &recording->days[place];
    if ((day->last_run == NONE || key < recording->runs[day->last_run].newest_key) &&
        !add_run(recording, day, place))
        return false;
    struct run *run = &recording->runs[day->last_run];
    size_t before = run->bytes.length;
    pack_row(run, key, quote);
    note_row(day, key, quote);
    recording->rows++;
    recording->bytes += run->bytes.length - before;
    return true;
}

static bool read_rows(struct recording *recording, struct csv_reader *reader, const char *name,
                      struct error *error)
{
    struct quote quote;
    enum csv_result result;
    while ((result = csv_next(reader, &quote, error)) == CSV_ROW) {
        if (recording->rows == UINT32_MAX) {
            error_set(error, "there are more than %u rows", UINT32_MAX);
            return error_at(error, name, csv_line(reader), 1);
        }
        if (!add_row(recording, &quote)) {
            error_set(error, "the rows of an instrument's day go back in time more than %d times",
                      RECORDING_RUNS_MAX);
            error_fix(error, "sort the file by day and time");
            return error_at(error, name, csv_line(reader), 1);
        }
        if (recording->memory_max > 0 && recording->bytes > recording->memory_max) {
            error_set(error, "the ticks take more than %zu MiB of memory",
                      recording->memory_max / 1024 / 1024);
            error_fix(error, "play fewer days or instruments, or allow more memory");
            return error_at(error, name, csv_line(reader), 1);
        }
    }
    return result == CSV_END;
}

/* ---- after reading ---- */

static void sort_days(const struct recording *recording, struct played *played)
{
    for (uint32_t i = 1; i < played->count; i++) {
        uint32_t moved = played->days[i], place = i;
        int date = recording->days[moved].trading_day;
        for (; place > 0 && recording->days[played->days[place - 1]].trading_day > date; place--)
            played->days[place] = played->days[place - 1];
        played->days[place] = moved;
    }
}

static void fill_pre_settlement(struct recording *recording, const struct played *played)
{
    for (uint32_t i = 0; i < played->count; i++) {
        struct day *day = &recording->days[played->days[i]];
        if (price_is_present(day->pre_settlement))
            continue;
        double before = i > 0 ? recording->days[played->days[i - 1]].last.last : ABSENT_PRICE;
        day->pre_settlement = price_is_present(before) ? before : day->first_price;
    }
}

static bool finish_reading(struct recording *recording, const char *name, struct error *error)
{
    if (recording->rows == 0) {
        error_set(error, "there is no tick in it");
        return error_at(error, name, 0, 0);
    }
    uint64_t hash = 0;
    for (uint32_t i = 0; i < recording->played_count; i++) {
        sort_days(recording, &recording->played[i]);
        fill_pre_settlement(recording, &recording->played[i]);
    }
    for (uint32_t i = 0; i < recording->run_count; i++) {
        const struct run *run = &recording->runs[i];
        const struct day *day = &recording->days[run->day];
        text id = text_of(recording->catalogue->market.instruments[day->instrument].id);
        hash = hash_number(hash ^ hash_text(id) ^ (uint64_t)day->trading_day);
        hash = hash_number(hash ^ run->bytes.length ^ run->newest_key);
    }
    recording->fingerprint = hash;
    recording->cursors = memory_get_zeroed(recording->run_count, sizeof *recording->cursors);
    recording->heap = memory_get_zeroed(recording->run_count, sizeof *recording->heap);
    return true;
}

/* ---- a pass ---- */

static struct day *day_in_pass(const struct recording *recording, uint32_t pass,
                               uint32_t instrument)
{
    if (instrument >= recording->played_count || recording->played[instrument].count == 0)
        return NULL;
    const struct played *played = &recording->played[instrument];
    return &recording->days[played->days[pass % played->count]];
}

static void sift_down(struct recording *recording, uint32_t place)
{
    uint32_t *heap = recording->heap, moved = heap[place];
    uint64_t key = recording->cursors[moved].key;
    for (;;) {
        uint32_t child = place * 2 + 1;
        if (child >= recording->heap_count)
            break;
        if (child + 1 < recording->heap_count &&
            recording->cursors[heap[child + 1]].key < recording->cursors[heap[child]].key)
            child++;
        if (recording->cursors[heap[child]].key >= key)
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = moved;
}

static void begin(void *self, uint32_t pass)
{
    struct recording *recording = self;
    recording->heap_count = 0;
    for (uint32_t i = 0; i < recording->instrument_count; i++) {
        const struct day *day = day_in_pass(recording, pass, recording->instruments[i]);
        for (uint32_t run = day->first_run; run != NONE; run = recording->runs[run].next) {
            struct cursor *cursor = &recording->cursors[run];
            const struct buffer *bytes = &recording->runs[run].bytes;
            memset(&cursor->quote, 0, sizeof cursor->quote);
            cursor->at = bytes->at;
            cursor->end = bytes->at + bytes->length;
            unpack_row(cursor); /* a run has at least one row */
            recording->heap[recording->heap_count++] = run;
        }
    }
    for (uint32_t i = recording->heap_count / 2; i-- > 0;)
        sift_down(recording, i);
}

static bool next(void *self, struct quote *quote, int *line_ms)
{
    struct recording *recording = self;
    if (recording->heap_count == 0)
        return false;
    uint32_t run = recording->heap[0];
    struct cursor *cursor = &recording->cursors[run];
    *quote = cursor->quote;
    *line_ms = line_ms_of(quote);
    if (!price_is_present(quote->pre_settlement))
        quote->pre_settlement = recording->days[recording->runs[run].day].pre_settlement;
    if (!unpack_row(cursor))
        recording->heap[0] = recording->heap[--recording->heap_count];
    if (recording->heap_count > 0)
        sift_down(recording, 0);
    return true;
}

static bool last(void *self, uint32_t pass, uint32_t instrument, struct quote *quote)
{
    const struct day *day = day_in_pass(self, pass, instrument);
    if (!day)
        return false;
    *quote = day->last;
    if (!price_is_present(quote->pre_settlement))
        quote->pre_settlement = day->pre_settlement;
    return true;
}

static double pre_settlement(void *self, uint32_t pass, uint32_t instrument)
{
    const struct day *day = day_in_pass(self, pass, instrument);
    return day ? day->pre_settlement : ABSENT_PRICE;
}

static int day_of(void *self, uint32_t pass, uint32_t instrument)
{
    const struct day *day = day_in_pass(self, pass, instrument);
    return day ? day->trading_day : SOURCE_NO_DAY;
}

/* By the calendar, or because there are quotes in it: the calendar of a user may know less than the
 * recording. */
static bool night(void *self, uint32_t pass, uint32_t instrument)
{
    const struct recording *recording = self;
    const struct day *day = day_in_pass(recording, pass, instrument);
    const struct calendar *calendar = &recording->catalogue->calendar;
    return day && (day->night ||
                   calendar_has_night(calendar, calendar_previous(calendar, day->trading_day)));
}

static const uint32_t *instruments(void *self, uint32_t *count)
{
    const struct recording *recording = self;
    *count = recording->instrument_count;
    return recording->instruments;
}

static uint64_t fingerprint(void *self)
{
    return ((const struct recording *)self)->fingerprint;
}

/* ---- life ---- */

static void close_recording(void *self)
{
    struct recording *recording = self;
    for (uint32_t i = 0; i < recording->run_count; i++)
        buffer_finish(&recording->runs[i].bytes);
    for (uint32_t i = 0; i < recording->played_count; i++)
        free(recording->played[i].days);
    free(recording->runs);
    free(recording->days);
    free(recording->played);
    free(recording->instruments);
    free(recording->cursors);
    free(recording->heap);
    free(recording);
}

static struct recording *create(struct catalogue *catalogue, size_t memory_max)
{
    struct recording *recording = memory_get_zeroed(1, sizeof *recording);
    recording->catalogue = catalogue;
    recording->memory_max = memory_max;
    return recording;
}

static bool read_one(struct recording *recording, struct csv_reader *reader, const char *name,
                     struct error *error)
{
    bool good = reader && read_rows(recording, reader, name, error);
    csv_close(reader);
    return good;
}

bool recording_open(struct source *source, struct catalogue *catalogue, const char *const *paths,
                    size_t count, size_t memory_max, struct error *error)
{
    struct recording *recording = create(catalogue, memory_max);
    bool good = true;
    for (size_t i = 0; i < count && good; i++)
        good = read_one(recording, csv_open(paths[i], catalogue, error), paths[i], error);
    if (!good || !finish_reading(recording, count > 0 ? paths[0] : "ticks", error)) {
        close_recording(recording);
        return false;
    }
    *source = (struct source){recording, begin, next,        last,        pre_settlement,
                              day_of,    night, instruments, fingerprint, close_recording};
    return true;
}
