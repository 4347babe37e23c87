/* table_file.c: see table_file.h. */
#include "tts/feed/table_file.h"
#include "base/clock.h"
#include "base/number.h"
#include <errno.h>
#include <stdarg.h>

bool table_file_load(const char *path, struct buffer *out, struct error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        error_set(error, "cannot be opened: %s", strerror(errno));
        return error_at(error, path, 0, 0);
    }
    size_t got;
    do {
        got = fread(buffer_reserve(out, 65536), 1, 65536, file);
        out->length += got;
    } while (got > 0 && out->length <= TABLE_FILE_MAX);
    bool readable = !ferror(file);
    fclose(file);
    if (readable && out->length <= TABLE_FILE_MAX)
        return true;
    if (readable)
        error_set(error, "is larger than %d MiB", TABLE_FILE_MAX / 1024 / 1024);
    else
        error_set(error, "cannot be read");
    return error_at(error, path, 0, 0);
}

/* The column of a piece of the current row, in bytes from 1. */
static int byte_column(const struct table_file *table, const char *at)
{
    return (int)(at - table->row.at) + 1;
}

static bool fail_at(struct table_file *table, int column)
{
    table->failed = true;
    return error_at(table->error, table->name, table->line, column);
}

bool table_file_fail(struct table_file *table, int column, const char *what, ...)
{
    char sentence[256];
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(sentence, sizeof sentence, what, arguments);
    va_end(arguments);
    error_set(table->error, "column %s: %s", table->columns[column].name, sentence);
    int cell = table->from[column];
    return fail_at(table, cell < 0 ? 0 : byte_column(table, table->cells[cell].at));
}

/* The next line that is neither blank nor a comment. */
static bool next_line(struct table_file *table)
{
    while (table->rest.length > 0) {
        text line = text_cut(&table->rest, '\n');
        table->line++;
        table->row = line;
        text trimmed = text_trim(line);
        if (line.length > TABLE_LINE_MAX) {
            error_set(table->error, "the line is longer than %d bytes", TABLE_LINE_MAX);
            return fail_at(table, 1);
        }
        if (trimmed.length > 0 && trimmed.at[0] != '#')
            return true;
    }
    return false;
}

/* Cuts the row into cells; false: there are more than `max`. */
static bool cut_cells(text row, text *cells, int max, int *count)
{
    *count = 0;
    bool more = true;
    while (more) {
        if (*count == max)
            return false;
        size_t before = row.length;
        text cell = text_cut(&row, ',');
        more = cell.length < before;
        cells[(*count)++] = text_trim(cell);
    }
    return true;
}

static int column_named(const struct table_file *table, text name)
{
    for (int i = 0; i < table->column_count; i++)
        if (text_equal(text_of(table->columns[i].name), name))
            return i;
    return -1;
}

static bool unknown_column(struct table_file *table, text name)
{
    const char *best = NULL;
    unsigned best_distance = 3;
    for (int i = 0; i < table->column_count; i++) {
        unsigned distance = text_distance(name, text_of(table->columns[i].name));
        if (distance < best_distance) {
            best_distance = distance;
            best = table->columns[i].name;
        }
    }
    error_set(table->error, "there is no column called \"%.*s\"",
              (int)(name.length < 60 ? name.length : 60), name.at);
    if (best)
        error_fix(table->error, "perhaps \"%s\" is meant", best);
    return fail_at(table, byte_column(table, name.at));
}

static bool read_header(struct table_file *table)
{
    if (!cut_cells(table->row, table->cells, TABLE_COLUMNS_MAX, &table->cells_expected)) {
        error_set(table->error, "there are more than %d columns", TABLE_COLUMNS_MAX);
        return fail_at(table, 1);
    }
    for (int i = 0; i < table->cells_expected; i++) {
        int column = column_named(table, table->cells[i]);
        if (column < 0)
            return unknown_column(table, table->cells[i]);
        if (table->from[column] >= 0) {
            error_set(table->error, "the column \"%s\" is there twice",
                      table->columns[column].name);
            return fail_at(table, byte_column(table, table->cells[i].at));
        }
        table->from[column] = i;
    }
    for (int i = 0; i < table->column_count; i++) {
        if (table->columns[i].required && table->from[i] < 0) {
            error_set(table->error, "the column \"%s\" is missing", table->columns[i].name);
            return fail_at(table, 1);
        }
    }
    return true;
}

bool table_file_begin(struct table_file *table, const char *name, text bytes,
                      const struct table_column *columns, int column_count, struct error *error)
{
    *table = (struct table_file){.name = name,
                                 .rest = bytes,
                                 .columns = columns,
                                 .column_count = column_count,
                                 .error = error};
    for (int i = 0; i < TABLE_COLUMNS_MAX; i++)
        table->from[i] = -1;
    if (text_starts_with(bytes, TEXT("\xEF\xBB\xBF")))
        table->rest = (text){bytes.at + 3, bytes.length - 3};
    if (next_line(table))
        return read_header(table);
    if (table->failed)
        return false;
    error_set(error, "there is no line that names the columns");
    return fail_at(table, 0);
}

bool table_file_next(struct table_file *table)
{
    if (table->failed || !next_line(table))
        return false;
    int count;
    if (!cut_cells(table->row, table->cells, TABLE_COLUMNS_MAX, &count) ||
        count != table->cells_expected) {
        error_set(table->error, "the row has %s than the %d cells that the header names",
                  count < table->cells_expected ? "fewer" : "more", table->cells_expected);
        return fail_at(table, 1);
    }
    for (int i = 0; i < table->column_count; i++)
        if (table->columns[i].required && table->cells[table->from[i]].length == 0)
            return table_file_fail(table, i, "a value is missing");
    return true;
}

text table_file_text(const struct table_file *table, int column)
{
    int cell = table->from[column];
    return cell < 0 ? TEXT("") : table->cells[cell];
}

/* What an error shows of a cell. */
static text shown(text cell)
{
    return cell.length > 40 ? (text){cell.at, 40} : cell;
}

bool table_file_int(struct table_file *table, int column, int low, int high, int fallback,
                    int *value)
{
    text cell = table_file_text(table, column);
    int64_t read = fallback;
    if (cell.length > 0 && !text_to_int(cell, &read))
        return table_file_fail(table, column, "\"%.*s\" is not a whole number",
                               TEXT_ARG(shown(cell)));
    if (cell.length > 0 && (read < low || read > high))
        return table_file_fail(table, column, "%.*s is not between %d and %d",
                               TEXT_ARG(shown(cell)), low, high);
    *value = (int)read;
    return true;
}

bool table_file_number(struct table_file *table, int column, double low, double high,
                       double fallback, double *value)
{
    text cell = table_file_text(table, column);
    double read = fallback;
    if (cell.length > 0 && !number_read(cell, &read))
        return table_file_fail(table, column, "\"%.*s\" is not a number", TEXT_ARG(shown(cell)));
    if (cell.length > 0 && (read < low || read > high))
        return table_file_fail(table, column, "%.*s is not between %g and %g",
                               TEXT_ARG(shown(cell)), low, high);
    *value = read;
    return true;
}

bool table_file_date(struct table_file *table, int column, int *value)
{
    text cell = table_file_text(table, column);
    int64_t read = 0;
    if (cell.length > 0 &&
        (!text_to_int(cell, &read) || cell.length != 8 || clock_date_to_days((int)read) < 0))
        return table_file_fail(table, column, "\"%.*s\" is not a date yyyymmdd",
                               TEXT_ARG(shown(cell)));
    *value = (int)read;
    return true;
}

static bool two_digits(const char *at, int max, int *value)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *value = (at[0] - '0') * 10 + at[1] - '0';
    return *value <= max;
}

bool table_file_time(struct table_file *table, int column, int *value)
{
    text cell = table_file_text(table, column);
    int hour, minute, second;
    if (cell.length != 8 || cell.at[2] != ':' || cell.at[5] != ':' ||
        !two_digits(cell.at, 23, &hour) || !two_digits(cell.at + 3, 59, &minute) ||
        !two_digits(cell.at + 6, 59, &second))
        return table_file_fail(table, column, "\"%.*s\" is not a time HH:MM:SS",
                               TEXT_ARG(shown(cell)));
    *value = hour * 3600 + minute * 60 + second;
    return true;
}
