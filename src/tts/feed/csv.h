/* csv.h: recorded ticks out of CSV files. The header line decides which column is which; order does
 * not matter, optional columns may be missing, unknown ones are passed over. Dialects: the fields
 * of DepthMarketData by their CTP names (absent prices empty or the largest double), and the names
 * of vnpy's database export and of TqSdk's downloads. Plain, gzip or zstd.
 *
 * A quote has its true trading day and natural day: what DCE, GFEX and CZCE write differently at
 * night is undone. An instrument that the market lacks is derived from its product and added to the
 * market. No allocation per row. */
#ifndef TTS_FEED_CSV_H
#define TTS_FEED_CSV_H

#include "tts/core/market/quote.h"
#include "tts/feed/catalogue.h"

struct csv_reader;

enum csv_result { CSV_ROW, CSV_END, CSV_ERROR };

/* Opens and reads the header. `catalogue` outlives the reader; its market grows by the instruments
 * found. NULL: error is set. */
struct csv_reader *csv_open(const char *path, struct catalogue *catalogue, struct error *error);

/* The same over bytes in memory that outlive the reader. */
struct csv_reader *csv_open_bytes(const char *name, text bytes, struct catalogue *catalogue,
                                  struct error *error);

/* The next row. Fields that the file lacks are ABSENT_PRICE, 0 or false. On CSV_ERROR the error has
 * file, line and column. */
enum csv_result csv_next(struct csv_reader *reader, struct quote *quote, struct error *error);

/* The line of the last row. */
int csv_line(const struct csv_reader *reader);

/* NULL is allowed. */
void csv_close(struct csv_reader *reader);

#endif
