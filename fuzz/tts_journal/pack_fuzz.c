/* pack_fuzz.c: any bytes as a packed batch of the database (the checksum stands behind it). What
 * unpacks is records again, and packs and unpacks to the same. Odd inputs are records to be packed:
 * the second byte is their length. */
#include "tts/journal/pack.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES = 4096 };

static void require(bool fact)
{
    if (!fact)
        abort();
}

static void check_packs(text records)
{
    struct buffer packed = {.at = NULL};
    char *back = memory_get(records.length);
    records_pack(records, &packed);
    require(records_unpack(buffer_text(&packed), back, records.length));
    require(records.length == 0 || memcmp(back, records.at, records.length) == 0);
    free(back);
    buffer_finish(&packed);
}

static void unpack(text packed)
{
    char *back = memory_get(BYTES);
    for (size_t length = 0; length <= BYTES; length += 4)
        if (records_unpack(packed, back, length))
            check_packs((text){back, length});
    free(back);
}

static void pack(text bytes, uint32_t length)
{
    struct buffer records = {.at = NULL};
    while (bytes.length) {
        uint32_t part = bytes.length < length || length == 0 ? (uint32_t)bytes.length : length;
        buffer_put(&records, &part, sizeof part);
        buffer_put(&records, bytes.at, part);
        bytes.at += part;
        bytes.length -= part;
    }
    check_packs(buffer_text(&records));
    buffer_finish(&records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    if (size >= 2 && data[0] & 1)
        pack((text){bytes + 2, size - 2}, data[1]);
    else if (size)
        unpack((text){bytes + 1, size - 1});
    return 0;
}
