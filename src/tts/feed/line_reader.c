/* line_reader.c: see line_reader.h. Bytes go from the source (file or memory) through one of three
 * decoders into a window; lines are cut out of the window in place. */
#include "tts/feed/line_reader.h"
#include "base/buffer.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* Of a file, and of bytes in memory that are few. */
enum {
    INPUT_SIZE = 128 * 1024,
    WINDOW_SIZE = 512 * 1024,
    FEW_BYTES = LINE_READER_LINE_MAX,
    WINDOW_OF_FEW = 2 * LINE_READER_LINE_MAX
};

enum coding { CODING_PLAIN, CODING_GZIP, CODING_ZSTD };

struct line_reader {
    char *name;
    int file;    /* -1: over memory */
    text memory; /* what is left of it */
    enum coding coding;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool mid_stream; /* a compressed stream has begun and not ended */
    bool source_ended, ended;
    int line;
    size_t input_from, input_to;   /* not yet decoded */
    size_t window_from, window_to; /* not yet given */
    size_t input_size, window_size;
    char *input;
    char window[]; /* and one byte, then the input */
};

static struct line_reader *reader_of(const char *name, bool few)
{
    size_t input_size = few ? FEW_BYTES : INPUT_SIZE;
    size_t window_size = few ? WINDOW_OF_FEW : WINDOW_SIZE;
    struct line_reader *reader =
        memory_get_zeroed(1, sizeof *reader + window_size + 1 + input_size);
    reader->name = memory_copy_text(text_of(name));
    reader->file = -1;
    reader->input_size = input_size;
    reader->window_size = window_size;
    reader->input = reader->window + window_size + 1;
    return reader;
}

/* Takes the next piece of the source into `input`. False: an error of the file. */
static bool fill_input(struct line_reader *reader)
{
    if (reader->input_from < reader->input_to || reader->source_ended)
        return true;
    ssize_t got;
    if (reader->file < 0) {
        size_t piece =
            reader->memory.length < reader->input_size ? reader->memory.length : reader->input_size;
        if (piece > 0)
            memcpy(reader->input, reader->memory.at, piece);
        reader->memory = (text){reader->memory.at + piece, reader->memory.length - piece};
        got = (ssize_t)piece;
    } else {
        do {
            got = read(reader->file, reader->input, reader->input_size);
        } while (got < 0 && errno == EINTR);
    }
    if (got < 0)
        return false;
    reader->input_from = 0;
    reader->input_to = (size_t)got;
    reader->source_ended = got == 0;
    return true;
}

/* Looks at the first bytes and makes the decoder ready. */
static bool detect(struct line_reader *reader)
{
    if (!fill_input(reader))
        return false;
    text start = {reader->input, reader->input_to};
    if (text_starts_with(start, TEXT("\x1f\x8b"))) {
        reader->coding = CODING_GZIP;
        return inflateInit2(&reader->gzip, 16 + MAX_WBITS) == Z_OK;
    }
    if (text_starts_with(start, TEXT("\x28\xb5\x2f\xfd"))) {
        reader->coding = CODING_ZSTD;
        reader->zstd = ZSTD_createDStream();
        return reader->zstd && !ZSTD_isError(ZSTD_initDStream(reader->zstd));
    }
    return true;
}

static bool decode_gzip(struct line_reader *reader)
{
    reader->gzip.next_in = (unsigned char *)reader->input + reader->input_from;
    reader->gzip.avail_in = (unsigned)(reader->input_to - reader->input_from);
    reader->gzip.next_out = (unsigned char *)reader->window + reader->window_to;
    reader->gzip.avail_out = (unsigned)(reader->window_size - reader->window_to);
    int result = inflate(&reader->gzip, Z_NO_FLUSH);
    reader->input_from = reader->input_to - reader->gzip.avail_in;
    reader->window_to = reader->window_size - reader->gzip.avail_out;
    reader->mid_stream = result != Z_STREAM_END;
    /* Another member may follow: `cat a.gz b.gz` is a gzip file too. */
    return result == Z_STREAM_END ? inflateReset(&reader->gzip) == Z_OK
                                  : result == Z_OK || result == Z_BUF_ERROR;
}

static bool decode_zstd(struct line_reader *reader)
{
    ZSTD_inBuffer in = {reader->input, reader->input_to, reader->input_from};
    ZSTD_outBuffer out = {reader->window, reader->window_size, reader->window_to};
    size_t result = ZSTD_decompressStream(reader->zstd, &out, &in);
    reader->input_from = in.pos;
    reader->window_to = out.pos;
    reader->mid_stream = result != 0;
    return !ZSTD_isError(result);
}

static bool decode_plain(struct line_reader *reader)
{
    size_t room = reader->window_size - reader->window_to,
           there = reader->input_to - reader->input_from;
    size_t piece = room < there ? room : there;
    memcpy(reader->window + reader->window_to, reader->input + reader->input_from, piece);
    reader->input_from += piece;
    reader->window_to += piece;
    return true;
}

static bool fail(struct line_reader *reader, struct error *error, const char *what)
{
    error_set(error, "%s", what);
    return error_at(error, reader->name, reader->line + 1, 0);
}

/* More bytes into the window; at the end of everything sets `ended`. */
static bool fill_window(struct line_reader *reader, struct error *error)
{
    size_t rest = reader->window_to - reader->window_from;
    memmove(reader->window, reader->window + reader->window_from, rest);
    reader->window_from = 0;
    reader->window_to = rest;
    while (reader->window_to == rest && !reader->ended) {
        if (!fill_input(reader))
            return fail(reader, error, "cannot be read any further");
        if (reader->source_ended && reader->mid_stream) {
            fail(reader, error, "the compressed file is cut short");
            return error_fix(error, "get it again from where it came");
        }
        if (reader->source_ended) {
            reader->ended = true;
            break;
        }
        bool good = reader->coding == CODING_GZIP   ? decode_gzip(reader)
                    : reader->coding == CODING_ZSTD ? decode_zstd(reader)
                                                    : decode_plain(reader);
        if (!good)
            return fail(reader, error, "the compressed data is damaged");
    }
    return true;
}

struct line_reader *line_reader_open(const char *path, struct error *error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        error_set(error, "cannot be opened: %s", strerror(errno));
        error_at(error, path, 0, 0);
        return NULL;
    }
    struct line_reader *reader = reader_of(path, false);
    reader->file = file;
    if (detect(reader))
        return reader;
    error_set(error, "cannot be read: %s", strerror(errno));
    error_at(error, path, 0, 0);
    line_reader_close(reader);
    return NULL;
}

struct line_reader *line_reader_over(const char *name, text bytes)
{
    struct line_reader *reader = reader_of(name, bytes.length <= FEW_BYTES);
    reader->memory = bytes;
    if (!detect(reader))
        reader->ended = true;
    return reader;
}

enum line_result line_reader_next(struct line_reader *reader, text *line, struct error *error)
{
    size_t looked = 0;
    for (;;) {
        const char *at = reader->window + reader->window_from;
        size_t there = reader->window_to - reader->window_from;
        const char *end = memchr(at + looked, '\n', there - looked);
        if (!end && there <= LINE_READER_LINE_MAX && !reader->ended) {
            looked = there;
            if (!fill_window(reader, error))
                return LINE_ERROR;
            continue;
        }
        if (!end && there == 0)
            return LINE_END;
        size_t length = end ? (size_t)(end - at) : there;
        if (length > LINE_READER_LINE_MAX) {
            fail(reader, error, "the line is longer than 16384 bytes; is this a tick file?");
            return LINE_ERROR;
        }
        reader->window_from += length + (end != NULL);
        if (reader->line < INT_MAX)
            reader->line++;
        *line = (text){at, length > 0 && at[length - 1] == '\r' ? length - 1 : length};
        return LINE_GOT;
    }
}

int line_reader_line(const struct line_reader *reader)
{
    return reader->line;
}

const char *line_reader_name(const struct line_reader *reader)
{
    return reader->name;
}

void line_reader_close(struct line_reader *reader)
{
    if (!reader)
        return;
    if (reader->file >= 0)
        close(reader->file);
    if (reader->coding == CODING_GZIP)
        inflateEnd(&reader->gzip);
    ZSTD_freeDStream(reader->zstd);
    free(reader->name);
    free(reader);
}
