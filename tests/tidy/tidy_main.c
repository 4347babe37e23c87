/* tidy_main.c: `tidy ROOT` walks the project's own folders and fails when a file breaks a rule of
 * tidy.h. */
#include "tidy.h"
#include <fts.h>
#include <unistd.h>

static const char *const folders[] = {"src",  "tests", "bench",    "fuzz",     "script",
                                      "docs", "cmake", "examples", "packaging"};

/* The files that people write; data and inputs of fuzzers are left alone. */
static bool is_written(text path)
{
    static const char *const ends[] = {".c",  ".h",     ".def", ".cpp",
                                       ".md", ".cmake", ".sh",  "CMakeLists.txt"};
    if (text_starts_with(path, TEXT("fuzz/corpus/")))
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (text_ends_with(path, text_of(ends[i])))
            return true;
    return text_starts_with(path, TEXT("script/"));
}

static bool file_read(const char *path, struct buffer *content)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    buffer_clear(content);
    size_t got;
    while ((got = fread(buffer_reserve(content, 65536), 1, 65536, file)) > 0)
        content->length += got;
    fclose(file);
    return true;
}

static bool has_header(text path)
{
    char header[1024];
    text_copy(header, sizeof header, path);
    if (!text_ends_with(path, TEXT(".c")) || path.length >= sizeof header)
        return false;
    header[path.length - 1] = 'h';
    return access(header, F_OK) == 0;
}

/* Checks a file; the path is from the root, which is the current folder. Whether it could be read.
 */
static bool file_check(const char *path, struct buffer *content, struct findings *findings)
{
    if (!file_read(path, content)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    struct source source = {text_of(path), buffer_text(content), has_header(text_of(path))};
    tidy_check(&source, findings);
    return true;
}

/* Walks a folder; the number of files checked, or -1. */
static int folder_check(char *folder, struct findings *findings)
{
    char *roots[] = {folder, NULL};
    struct buffer content = {.length = 0};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry;
    int files = 0;
    while (files >= 0 && walk && (entry = fts_read(walk))) {
        if (entry->fts_info != FTS_F || !is_written(text_of(entry->fts_path)))
            continue;
        files = file_check(entry->fts_path, &content, findings) ? files + 1 : -1;
    }
    if (walk)
        fts_close(walk);
    buffer_finish(&content);
    return files;
}

int main(int argc, char **argv)
{
    if (argc != 2 || chdir(argv[1]) != 0) {
        fprintf(stderr, "usage: tidy ROOT, where ROOT is the folder of the project\n");
        return 2;
    }
    struct findings findings = {.count = 0};
    int files = 0;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char folder[32];
        snprintf(folder, sizeof folder, "%s", folders[i]);
        int found = folder_check(folder, &findings);
        if (found < 0)
            return 1;
        files += found;
    }
    printf("%.*s%d files, %zu findings\n", TEXT_ARG(buffer_text(&findings.lines)), files,
           findings.count);
    buffer_finish(&findings.lines);
    return files > 0 && findings.count == 0 ? 0 : 1;
}
