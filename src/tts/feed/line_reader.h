/* line_reader.h: the lines of a file that is plain, gzip or zstd (told by its first bytes), as a
 * stream: any size of file, a bounded buffer, no copy of a line. Also over bytes in memory. A
 * compressed file that ends in the middle is an error, not an end. */
#ifndef TTS_FEED_LINE_READER_H
#define TTS_FEED_LINE_READER_H

#include "base/error.h"

enum { LINE_READER_LINE_MAX = 16 * 1024 };

struct line_reader;

enum line_result { LINE_GOT, LINE_END, LINE_ERROR };

/* NULL: the error is set. `path` is copied. */
struct line_reader *line_reader_open(const char *path, struct error *error);

/* Over bytes that outlive the reader, plain or compressed; `name` is for errors. Never NULL. */
struct line_reader *line_reader_over(const char *name, text bytes);

/* The next line without its LF or CR LF; valid until the next call. One byte behind it may be read.
 */
enum line_result line_reader_next(struct line_reader *reader, text *line, struct error *error);

/* The number of the line that was got last, from 1, and the name given at the beginning. */
int line_reader_line(const struct line_reader *reader);
const char *line_reader_name(const struct line_reader *reader);

/* NULL is allowed. */
void line_reader_close(struct line_reader *reader);

#endif
