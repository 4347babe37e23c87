/* run_corpus.c: the main function of a fuzz target in ordinary builds: every file of a corpus
 * folder goes through it once, so that what a fuzzer once found stays tested everywhere. */
#include "base/buffer.h"
#include <dirent.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t got;
    do {
        got = fread(buffer_reserve(out, 65536), 1, 65536, file);
        out->length += got;
    } while (got > 0);
    fclose(file);
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    DIR *folder = opendir(argv[1]);
    if (!folder) {
        fprintf(stderr, "%s: cannot open this corpus folder\n", argv[1]);
        return 1;
    }
    int ran = 0;
    struct buffer input = {.at = NULL};
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        buffer_clear(&input);
        if (!read_file(path, &input)) {
            fprintf(stderr, "%s: cannot be read\n", path);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)input.at, input.length);
        ran++;
    }
    closedir(folder);
    buffer_finish(&input);
    printf("%d inputs\n", ran);
    return ran ? 0 : 1;
}
