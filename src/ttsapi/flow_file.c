/* flow_file.c: see flow_file.h. pwrite and not a mapping: a file that somebody truncates must not
 * kill the host program. */
#include "ttsapi/flow_file.h"
#include "base/hash.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLOW_FILE_MAGIC = 0x46535454 }; /* "TTSF" */

/* As it stands in the file. */
struct stored {
    uint32_t magic;
    uint32_t check; /* of what follows */
    struct flow_record record;
};
_Static_assert(sizeof(struct stored) == 24, "a record without gaps");

static uint32_t check_of(const struct flow_record *record)
{
    return (uint32_t)hash_bytes(record, sizeof *record);
}

bool flow_folder_make(const char *prefix, struct error *error)
{
    char folder[PATH_MAX];
    const char *end = strrchr(prefix, '/');
    if (!end || end == prefix)
        return true;
    if (!text_copy(folder, sizeof folder, (text){prefix, (size_t)(end - prefix)}))
        return error_set(error, "the flow path is too long");
    struct stat found;
    if (mkdir(folder, 0777) == 0 || (stat(folder, &found) == 0 && S_ISDIR(found.st_mode)))
        return true;
    error_set(error, "the folder of the flow path cannot be made: %s", strerror(errno));
    return error_at(error, folder, 0, 0);
}

int flow_file_open(const char *prefix, const char *name, struct flow_record *record,
                   struct error *error)
{
    *record = (struct flow_record){.day = 0};
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s%s", prefix, name) >= sizeof path) {
        error_set(error, "the flow path is too long");
        return -1;
    }
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    if (file < 0) {
        error_set(error, "cannot be opened: %s", strerror(errno));
        error_at(error, path, 0, 0);
        return -1;
    }
    struct stored stored;
    if (pread(file, &stored, sizeof stored, 0) == (ssize_t)sizeof stored &&
        stored.magic == FLOW_FILE_MAGIC && stored.check == check_of(&stored.record))
        *record = stored.record;
    return file;
}

bool flow_file_touch(const char *prefix, const char *name, struct error *error)
{
    struct flow_record record;
    int file = flow_file_open(prefix, name, &record, error);
    flow_file_close(file);
    return file >= 0;
}

void flow_file_write(int file, struct flow_record record)
{
    if (file < 0)
        return;
    struct stored stored = {.magic = FLOW_FILE_MAGIC, .check = check_of(&record), .record = record};
    /* A full disk costs a few messages twice after a restart; trading goes on. */
    ssize_t written = pwrite(file, &stored, sizeof stored, 0);
    (void)written;
}

void flow_file_close(int file)
{
    if (file >= 0)
        close(file);
}
