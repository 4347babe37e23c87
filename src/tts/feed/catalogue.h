/* catalogue.h: what the counter knows of the market before the first tick: products, listed
 * instruments, sessions and holidays, read from the files of share/ (or of a user's
 * own folder). A wrong cell is one error with file, line and column. */
#ifndef TTS_FEED_CATALOGUE_H
#define TTS_FEED_CATALOGUE_H

#include "base/error.h"
#include "tts/core/market/calendar.h"
#include "tts/core/market/instrument.h"
#include "tts/core/market/session_table.h"

/* What the generator wants to know of a product beyond the core's terms. */
struct product_extra {
    double start_price; /* 0: none, the generator leaves the product out */
};

/* A zeroed catalogue is empty; catalogue_finish frees what it owns. */
struct catalogue {
    struct market market;
    struct product_extra *extras; /* by product place */
    uint32_t extra_count;
    struct calendar calendar;
    struct session_table sessions;
    bool both_sides; /* volumes of recordings from before 2020 are to be halved; CFFEX's
                                   are not */
};

/* The folder of the installed files beside the program (<prefix>/bin/../share/openctp), else that
 * of the source tree that the program was built from, into `path`. False: neither is there; the
 * error names both. */
bool catalogue_find_folder(char *path, size_t size, struct error *error);

/* Reads products.csv, sessions.csv, holidays.csv and, where it is there, instruments.csv of
 * `folder` (NULL: the one that catalogue_find_folder finds) into an empty catalogue. `trading_day`
 * resolves CZCE's one-digit years in instruments.csv; 0: of that file only shares, funds and bonds
 * are taken, since a recording may be of other years. On an error the catalogue is still to be
 * finished. */
bool catalogue_load(struct catalogue *catalogue, const char *folder, int trading_day,
                    struct error *error);

/* The same from bytes in memory, one file each; `name` is for errors. Sessions before products,
 * products before instruments. */
bool catalogue_read_sessions(struct catalogue *catalogue, const char *name, text bytes,
                             struct error *error);
bool catalogue_read_products(struct catalogue *catalogue, const char *name, text bytes,
                             struct error *error);
bool catalogue_read_holidays(struct catalogue *catalogue, const char *name, text bytes,
                             struct error *error);
bool catalogue_read_instruments(struct catalogue *catalogue, const char *name, text bytes,
                                int trading_day, struct error *error);

/* The session group of a product; NULL when the file of sessions has none of that name (cannot be
 * after catalogue_load). */
const struct session_group *catalogue_sessions_of(const struct catalogue *catalogue,
                                                  uint32_t product);

void catalogue_finish(struct catalogue *catalogue);

#endif
