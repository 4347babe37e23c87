/* table_file.h: small files of facts that a user edits: comma-separated, `#` begins a comment line,
 * the first other line names the columns. Every wrong cell is one error with file, line and column
 * (bytes, from 1). Works on bytes in memory. */
#ifndef TTS_FEED_TABLE_FILE_H
#define TTS_FEED_TABLE_FILE_H

#include "base/buffer.h"
#include "base/error.h"

enum { TABLE_COLUMNS_MAX = 48, TABLE_LINE_MAX = 4096, TABLE_FILE_MAX = 16 * 1024 * 1024 };

struct table_column {
    const char *name;
    bool required; /* the file must have the column and each row a value in it */
};

struct table_file {
    const char *name; /* for errors; borrowed, as everything here */
    text rest, row;
    int line;
    const struct table_column *columns;
    int column_count;
    int from[TABLE_COLUMNS_MAX]; /* which cell of a row a column stands in; -1: the file lacks it */
    text cells[TABLE_COLUMNS_MAX];
    int cells_expected;
    struct error *error;
    bool failed;
};

/* Reads the whole file, at most TABLE_FILE_MAX bytes, behind `out`. */
bool table_file_load(const char *path, struct buffer *out, struct error *error);

/* Reads the header. False: error is set. Unknown columns are refused, so that a typing error does
 * not go unseen. */
bool table_file_begin(struct table_file *table, const char *name, text bytes,
                      const struct table_column *columns, int column_count, struct error *error);

/* The next row. False at the end and on an error; `table->failed` tells which. */
bool table_file_next(struct table_file *table);

/* The cell of a column without blanks around it; empty when the file lacks the column. */
text table_file_text(const struct table_file *table, int column);

/* A number in low..high; an empty cell gives `fallback`. False: the error is set and the table
 * failed. */
bool table_file_int(struct table_file *table, int column, int low, int high, int fallback,
                    int *value);
bool table_file_number(struct table_file *table, int column, double low, double high,
                       double fallback, double *value);

/* A date yyyymmdd that exists; an empty cell gives 0. */
bool table_file_date(struct table_file *table, int column, int *value);

/* HH:MM:SS as a second of the day. */
bool table_file_time(struct table_file *table, int column, int *value);

/* Reports this cell. Always false. */
bool table_file_fail(struct table_file *table, int column, const char *what, ...)
    __attribute__((format(printf, 3, 4)));

#endif
