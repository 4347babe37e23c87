/* journal.h: the counter's durable memory: an append-only store of effect records, opaque bytes
 * numbered 1, 2, 3 ... without a gap, in one SQLite file. What journal_durable tells is on the disk
 * and survives kill -9 and power loss. It also keeps snapshots of the state, so that a restart
 * costs the state and not the history, and small named values. It never looks into a record.
 *
 *     owner's thread             commit thread              disk
 *     journal_append             takes ALL that is sealed   one row, one transaction,
 *     journal_seal  ──────────►  ───────────────────────►   one fdatasync of the WAL
 *     goes on deciding; what                                    │
 *     waits is the next batch  ◄── descriptor readable ◄── journal_durable moves
 *
 * A third thread copies the WAL into the database file behind the commits, so that no commit waits
 * for it.
 *
 * Threads: append, seal and commit belong to one thread, the owner. journal_durable, journal_failed
 * and the rest may be called from any thread; reading, snapshots and compaction run on the caller's
 * thread and hold commits up for at most one slice (1 MiB). */
#ifndef TTS_JOURNAL_JOURNAL_H
#define TTS_JOURNAL_JOURNAL_H

#include "base/buffer.h"
#include "base/error.h"

struct journal;

enum {
    JOURNAL_RECORD_BYTES_MAX = 1 << 20, /* one record */
    JOURNAL_PENDING_BYTES_MAX =
        1 << 26, /* sealed and not yet taken by the disk: journal_seal waits above it */
};

struct journal_options {
    uint32_t wal_bytes; /* size the WAL gets at the start, 0 for 64 MiB; a small one (1 MiB) suits
                           tests and short commands */
    bool read_only;     /* no lock, no thread: only reading works, also while a tts runs on the same
                           file */
    bool must_exist;    /* do not create a missing file */
};

/* Opens `path`, or creates it. NULL options: the defaults. NULL with `error` (place = path) for: in
 * use by another tts (with its pid), not a database, another program's database, another format,
 * truncated, a folder or file that may not be written. */
struct journal *journal_open(const char *path, const struct journal_options *options,
                             struct error *error);

/* Commits what is appended, stops the threads, folds the WAL into the file. NULL is fine. To learn
 * whether the last records are safe call journal_commit first. */
void journal_close(struct journal *journal);

/* Adds one record (copied; 0 to JOURNAL_RECORD_BYTES_MAX bytes) to the batch and returns its
 * sequence. Nothing is written yet. */
uint64_t journal_append(struct journal *journal, const void *bytes, size_t length);

/* The same for a record that the caller writes itself, into the `length` bytes that it gets, before
 * it calls anything else of the journal. They may stand at any address. */
char *journal_append_room(struct journal *journal, size_t length);

/* Hands the batch to the commit thread and returns the last sequence in it (with an empty batch:
 * the last one ever handed over). Batches that the disk has not taken yet become one transaction.
 * Never waits, except while JOURNAL_PENDING_BYTES_MAX is exceeded. */
uint64_t journal_seal(struct journal *journal);

/* The last sequence that is on the disk. Never goes back. */
uint64_t journal_durable(const struct journal *journal);

/* A descriptor (eventfd) that is readable when journal_durable has moved or the journal has failed.
 * Owned by the journal. */
int journal_descriptor(const struct journal *journal);

/* Makes the descriptor unreadable again; call it before reading journal_durable, so that no
 * progress is missed. */
void journal_progress_clear(struct journal *journal);

/* journal_seal, then waits until all of it is on the disk; when the commit thread rests, the caller
 * writes the batch itself, which is quicker. Empty batch: no transaction. False with `error` when
 * the disk failed. */
bool journal_commit(struct journal *journal, struct error *error);

/* True once writing has failed (disk full, I/O error); fills `error`. It stays so: the process
 * should stop taking orders and end, and a new one recovers what is durable. Nothing that is
 * appended after it becomes durable. */
bool journal_failed(struct journal *journal, struct error *error);

/* The last sequence appended (owner's thread), and the first that can still be read (1 until a
 * compaction; last + 1 when there is none). */
uint64_t journal_last(const struct journal *journal);
uint64_t journal_first(struct journal *journal);

/* One record of journal_read. `bytes` is borrowed for the call. False stops the reading. */
typedef bool (*journal_take)(void *context, uint64_t sequence, const void *bytes, size_t length);

/* Gives every durable record from sequence `from` (1 and up) on, in order. The checksum of each
 * batch and the continuity are checked before a record is given. Returns true at the end and when
 * `take` stopped it; false with `error` for a damaged database, a gap, or records that a compaction
 * has removed. `take` must not call the journal, except append and journal_durable. */
bool journal_read(struct journal *journal, uint64_t from, journal_take take, void *context,
                  struct error *error);

/* Stores `bytes` as the state after record `sequence` (not above journal_durable; 0 is the state
 * before any record; above the newest snapshot's). Written in slices between commits and visible
 * all at once at the end. Older snapshots than the newest two are removed. Records stay until
 * journal_compact. A failure here does not stop the journal: commits go on. */
bool journal_snapshot_write(struct journal *journal, uint64_t sequence, const void *bytes,
                            size_t length, struct error *error);

/* The newest undamaged snapshot: true with its sequence and state (appended to `state`, which is
 * cleared first), or with *found false when there is none. A damaged newest one gives the one
 * before it, with a line in the log; false with `error` when all are damaged. */
bool journal_snapshot_read(struct journal *journal, bool *found, uint64_t *sequence,
                           struct buffer *state, struct error *error);

/* Removes records up to `sequence`, in slices, but never one that the older of the two snapshots
 * needs, nor the last batch. With fewer than two snapshots nothing is removed. Whole batches only.
 */
bool journal_compact(struct journal *journal, uint64_t sequence, struct error *error);

/* ---- settlement statements: kept for ever, whatever a compaction removes ---- */

struct journal_statement {
    text account; /* at most 12 bytes */
    int trading_day, settlement_id;
    text body;
};

/* Stores them, in the place of those of the same account, day and settlement; durable on return.
 * Written in slices between commits, so a failure may leave some of them there; it does not stop
 * the journal. Any thread. */
bool journal_statements_write(struct journal *journal, const struct journal_statement *statements,
                              size_t count, struct error *error);

/* Gives the account's statements of the trading days from first_day to last_day, oldest first, of
 * each day that of the newest settlement; with first_day 0 only the newest day's. What `take` gets
 * is borrowed for the call; it must not call the journal. False with `error` for a damaged one. */
typedef void (*journal_take_statement)(void *context, const struct journal_statement *statement);
bool journal_statements_read(struct journal *journal, text account, int first_day, int last_day,
                             journal_take_statement take, void *context, struct error *error);

/* Small named values (creation time, tools' notes); durable on return. Reading a name that is not
 * there gives an empty value. */
bool journal_meta_write(struct journal *journal, text name, text value, struct error *error);
bool journal_meta_read(struct journal *journal, text name, struct buffer *value,
                       struct error *error);

#endif
