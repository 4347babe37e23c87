/* registry.c: which channels there are: the roots, the folders in them, and the pair that a name
 * and a version mean. It reads folder names and asks whether files are there; it opens no library.
 * See channel.h. */
#include "base/buffer.h"
#include "channel/path.h"
#include <dirent.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES_MAX = 4096, FOLDER_ENTRIES_MAX = 4096 };

bool path_make(char path[CHANNEL_PATH_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(path, CHANNEL_PATH_SIZE, format, arguments);
    va_end(arguments);
    if (length >= 0 && length < CHANNEL_PATH_SIZE)
        return true;
    path[0] = '\0';
    return false;
}

const char *path_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_library_name(enum ctp_side side, int style)
{
    static const char *const names[2][PATH_STYLES] = {
        [CTP_TRADER] = {"libthosttraderapi_se.so", "thosttraderapi_se.so"},
        [CTP_MD] = {"libthostmduserapi_se.so", "thostmduserapi_se.so"},
    };
    return names[side][style];
}

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

bool channel_name_valid(text name)
{
    if (name.length == 0 || name.length >= CHANNEL_NAME_SIZE || name.at[0] == '.' ||
        name.at[0] == '-')
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

bool channel_version_read(text name, enum ctp_version *version, struct error *error)
{
    if (ctp_version_find(name, version))
        return true;
    struct buffer known = {.length = 0};
    for (int i = 0; i < CTP_VERSION_COUNT; i++)
        buffer_printf(&known, "%s%s", i ? " " : "", ctp_version_name((enum ctp_version)i));
    error_set(error, "%.*s is not a version of the CTP API that this program knows",
              name.length < 32 ? (int)name.length : 32, name.at);
    error_fix(error, "known are %.*s", TEXT_ARG(buffer_text(&known)));
    buffer_finish(&known);
    return false;
}

/* ---- roots ---- */

bool channel_data_folder(char *path, size_t size, struct error *error)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    int length = -1;
    if (data && data[0] == '/') /* a relative one is to be ignored, says the XDG specification */
        length = snprintf(path, size, "%s/openctp", data);
    else if (home && home[0] == '/')
        length = snprintf(path, size, "%s/.local/share/openctp", home);
    if (length >= 0 && (size_t)length < size)
        return true;
    error_set(error, length < 0 ? "there is no folder for the user's data"
                                : "the path of the user's data is too long");
    return error_fix(error, "set XDG_DATA_HOME to the absolute path of a folder");
}

static void root_add(struct channel_roots *roots, const char *path)
{
    char real[CHANNEL_PATH_SIZE];
    char *found = realpath(path, NULL);
    bool fits = found ? path_make(real, "%s", found) : path_make(real, "%s", path);
    free(found);
    if (!fits || !real[0] || roots->count == CHANNEL_ROOTS_MAX)
        return;
    for (size_t i = 0; i < roots->count; i++)
        if (strcmp(roots->path[i], real) == 0)
            return;
    path_make(roots->path[roots->count++], "%s", real);
}

/* Where the program itself was built or installed: PREFIX/bin/program has
 * PREFIX/lib/openctp/channels. */
static void roots_add_own(struct channel_roots *roots)
{
    static const char *const library_folders[] = {"lib", "lib/x86_64-linux-gnu", "lib64"};
    char program[CHANNEL_PATH_SIZE], path[CHANNEL_PATH_SIZE];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return;
    text prefix = {program, (size_t)length};
    for (int up = 0; up < 2; up++) /* above the root there is the root, "" here */
        while (prefix.length > 0 && prefix.at[--prefix.length] != '/')
            ;
    for (size_t i = 0; i < sizeof library_folders / sizeof library_folders[0]; i++)
        if (path_make(path, "%.*s/%s/openctp/channels", TEXT_ARG(prefix), library_folders[i]) &&
            (i == 0 || is_folder(path)))
            root_add(roots, path);
}

void channel_roots_find(struct channel_roots *roots)
{
    roots->count = 0;
    char path[CHANNEL_PATH_SIZE], data[CHANNEL_PATH_SIZE];
    text asked = text_of(getenv("OPENCTP_CHANNELS_PATH"));
    while (asked.length) {
        text folder = text_cut(&asked, ':');
        if (folder.length && path_make(path, "%.*s", TEXT_ARG(folder)))
            root_add(roots, path);
    }
    roots_add_own(roots);
    if (channel_data_folder(data, sizeof data, NULL) && path_make(path, "%s/channels", data))
        root_add(roots, path);
}

/* ---- one pair ---- */

/* Fills the folder and the paths of the files that are there. True when there are both. */
static bool pair_look(struct channel_pair *pair, const char *root, text name, const char *version)
{
    text_copy(pair->name, sizeof pair->name, name);
    pair->path[CTP_TRADER][0] = pair->path[CTP_MD][0] = '\0';
    if (!path_make(pair->folder, "%s/%.*s/%s", root, TEXT_ARG(name), version))
        return false;
    for (int side = 0; side < 2; side++)
        for (int style = 0; style < PATH_STYLES && !pair->path[side][0]; style++)
            if (path_make(pair->path[side], "%s/%s", pair->folder,
                          path_library_name((enum ctp_side)side, style)) &&
                access(pair->path[side], R_OK) != 0)
                pair->path[side][0] = '\0';
    return pair->path[CTP_TRADER][0] && pair->path[CTP_MD][0];
}

/* The known channel that a mistyped name is nearest to, "" when none is near or the name is right.
 * `list` must outlive the result. */
static const char *name_nearest(const struct channel_list *list, text name)
{
    const char *nearest = "";
    unsigned best = 3;
    for (size_t i = 0; i < list->count; i++) {
        unsigned distance = text_distance(name, text_of(list->entries[i].pair.name));
        if (distance > 0 && distance < best && distance < name.length) {
            best = distance;
            nearest = list->entries[i].pair.name;
        }
    }
    return nearest;
}

/* The versions of a channel that can be used, as "6.6.9 6.7.2"; "" when there is none. */
static void versions_print(const struct channel_list *list, text name, struct buffer *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct channel_entry *entry = &list->entries[i];
        if (channel_entry_complete(entry) && !entry->hidden &&
            text_equal(text_of(entry->pair.name), name))
            buffer_printf(out, "%s%s", out->length ? " " : "", entry->version_text);
    }
}

/* The user's folder for the pair; in words where the user has none. */
static void fix_where(struct error *error, text name, const char *version)
{
    char data[CHANNEL_PATH_SIZE];
    if (channel_data_folder(data, sizeof data, NULL))
        error_fix(error, "put both into %s/channels/%.*s/%s/", data, TEXT_ARG(name), version);
    else
        error_fix(error, "put both into $XDG_DATA_HOME/openctp/channels/%.*s/%s/", TEXT_ARG(name),
                  version);
}

static bool say_not_found(struct error *error, text name, const char *version)
{
    struct channel_list list;
    struct buffer versions = {.length = 0};
    channel_list_read(&list);
    versions_print(&list, name, &versions);
    /* "ctp" is a name by itself, however near to "tts" it is. */
    const char *nearest = text_equal(name, TEXT("ctp")) ? "" : name_nearest(&list, name);
    char more[128] = "";
    if (versions.length)
        snprintf(more, sizeof more, " (it has %.*s)", TEXT_ARG(buffer_text(&versions)));
    else if (nearest[0])
        snprintf(more, sizeof more, " (did you mean %s?)", nearest);
    error_set(
        error,
        "channel %.*s has no libraries of version %s%s: looked for %s and %s, with and without lib",
        TEXT_ARG(name), version, more, path_library_name(CTP_TRADER, 1),
        path_library_name(CTP_MD, 1));
    buffer_finish(&versions);
    channel_list_finish(&list);
    fix_where(error, name, version);
    return false;
}

bool channel_find(struct channel_pair *pair, text name, enum ctp_version version,
                  struct error *error)
{
    if (!channel_name_valid(name)) {
        error_set(error, "this is not the name of a channel");
        return error_fix(error, "a name has letters, digits, '-', '_' and '.', at most %d",
                         CHANNEL_NAME_SIZE - 1);
    }
    struct channel_roots roots;
    struct channel_pair half = {.folder = ""};
    channel_roots_find(&roots);
    for (size_t i = 0; i < roots.count; i++) {
        *pair = (struct channel_pair){.version = version};
        if (pair_look(pair, roots.path[i], name, ctp_version_name(version)))
            return true;
        if (!half.folder[0] && (pair->path[CTP_TRADER][0] || pair->path[CTP_MD][0]))
            half = *pair;
    }
    if (!half.folder[0])
        return say_not_found(error, name, ctp_version_name(version));
    enum ctp_side missing = half.path[CTP_TRADER][0] ? CTP_MD : CTP_TRADER;
    error_set(error, "the %s library is missing", missing == CTP_MD ? "market data" : "trader");
    error_fix(error, "put %s (or %s) beside the other one", path_library_name(missing, 0),
              path_library_name(missing, 1));
    return error_at(error, half.folder, 0, 0);
}

/* ---- all of them ---- */

bool channel_entry_complete(const struct channel_entry *entry)
{
    return entry->known && entry->pair.path[CTP_TRADER][0] && entry->pair.path[CTP_MD][0];
}

static void entry_add(struct channel_list *list, const struct channel_roots *roots, size_t root,
                      text name, text version)
{
    if (list->count == ENTRIES_MAX)
        return;
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count ? list->count * 2 : 1;
        list->entries = memory_resize(list->entries, room * sizeof *list->entries);
    }
    struct channel_entry *entry = &list->entries[list->count];
    *entry = (struct channel_entry){.root = root};
    text_copy(entry->version_text, sizeof entry->version_text, version);
    entry->known = ctp_version_find(version, &entry->pair.version);
    pair_look(&entry->pair, roots->path[root], name, entry->version_text);
    if (is_folder(entry->pair.folder))
        list->count++;
}

/* Goes through the channels of a root, or, with `channel` given, through the versions of that one.
 */
static void folder_read(struct channel_list *list, const struct channel_roots *roots, size_t root,
                        const char *channel)
{
    char path[CHANNEL_PATH_SIZE];
    bool fits = path_make(path, "%s/%s", roots->path[root], channel ? channel : "");
    DIR *folder = fits ? opendir(path) : NULL;
    if (!folder)
        return;
    struct dirent *found;
    for (int i = 0; i < FOLDER_ENTRIES_MAX && (found = readdir(folder)); i++) {
        text name = text_of(found->d_name);
        if (!channel_name_valid(name))
            continue;
        if (!channel)
            folder_read(list, roots, root, found->d_name);
        else if (name.at[0] >= '0' && name.at[0] <= '9' &&
                 name.length < sizeof list->entries->version_text)
            entry_add(list, roots, root, text_of(channel), name);
    }
    closedir(folder);
}

static int entry_compare(const void *left, const void *right)
{
    const struct channel_entry *a = left, *b = right;
    int names = strcmp(a->pair.name, b->pair.name);
    if (names != 0)
        return names;
    if (a->known != b->known)
        return a->known ? -1 : 1;
    if (a->known && a->pair.version != b->pair.version)
        return a->pair.version < b->pair.version ? -1 : 1;
    int versions = strcmp(a->version_text, b->version_text);
    if (versions != 0)
        return versions;
    return (a->root > b->root) - (a->root < b->root);
}

void channel_list_read(struct channel_list *list)
{
    *list = (struct channel_list){.count = 0};
    struct channel_roots roots;
    channel_roots_find(&roots);
    for (size_t i = 0; i < roots.count; i++)
        folder_read(list, &roots, i, NULL);
    if (list->count)
        qsort(list->entries, list->count, sizeof *list->entries, entry_compare);
    bool complete =
        false; /* whether an entry before this one, of the same name and version, is complete */
    for (size_t i = 0; i < list->count; i++) {
        struct channel_entry *entry = &list->entries[i];
        if (i == 0 || strcmp(entry[-1].pair.name, entry->pair.name) != 0 ||
            strcmp(entry[-1].version_text, entry->version_text) != 0)
            complete = false;
        entry->hidden = complete;
        complete = complete || channel_entry_complete(entry);
    }
}

void channel_list_finish(struct channel_list *list)
{
    free(list->entries);
    *list = (struct channel_list){.count = 0};
}
