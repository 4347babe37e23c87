/* channels_main.c: the program openctp-channels: shows, checks and switches the pair of CTP
 * libraries in use. What people read is made here; what is true is found out by the other files of
 * this folder. */
#include "channel/active.h"
#include "channel/inspect.h"
#include "channel/install.h"
#include "channel/path.h"
#include <dirent.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define PROGRAM "openctp-channels"

static int fail(const struct error *error)
{
    fflush(stdout); /* what was said before it stands before it */
    error_print(PROGRAM, error);
    return EXIT_FAILED;
}

static int usage_say(const char *command, const char *what)
{
    fprintf(stderr, PROGRAM ": %s %s; see " PROGRAM " --help\n", command, what);
    return EXIT_USAGE;
}

static void pair_print(const struct channel_pair *pair)
{
    printf("  trader       %s\n  market data  %s\n", pair->path[CTP_TRADER], pair->path[CTP_MD]);
}

static void before_print(const struct active *active)
{
    if (active->before.name[0])
        printf("before: %s %s (" PROGRAM " undo goes back)\n", active->before.name,
               ctp_version_name(active->before.version));
}

/* ---- show ---- */

static int active_show(const struct active *active)
{
    struct channel_pair pair;
    struct error error;
    if (!active->now.name[0]) {
        printf("active: none; choose one with: " PROGRAM " switch tts\n");
        return EXIT_OK;
    }
    printf("active: %s %s\n", active->now.name, ctp_version_name(active->now.version));
    if (!channel_find(&pair, text_of(active->now.name), active->now.version, &error))
        return fail(&error);
    pair_print(&pair);
    before_print(active);
    return EXIT_OK;
}

static const char *entry_note(const struct channel_entry *entry)
{
    if (!entry->known)
        return "  (not usable: a version that this program does not know)";
    if (!entry->pair.path[CTP_TRADER][0] && !entry->pair.path[CTP_MD][0])
        return "  (not usable: has no CTP library)";
    if (!entry->pair.path[CTP_TRADER][0])
        return "  (not usable: the trader library is missing)";
    if (!entry->pair.path[CTP_MD][0])
        return "  (not usable: the market data library is missing)";
    return entry->hidden ? "  (not used: one found earlier has the same name and version)" : "";
}

static bool is_active(const struct channel_entry *entry, const struct active *active)
{
    return channel_entry_complete(entry) && !entry->hidden &&
           entry->pair.version == active->now.version &&
           strcmp(entry->pair.name, active->now.name) == 0;
}

static void entries_show(const struct channel_list *list, const struct active *active)
{
    printf("channels:%s\n", list->count ? "" : " none");
    for (size_t i = 0; i < list->count; i++) {
        const struct channel_entry *entry = &list->entries[i];
        printf("%c %-8s %-7s %s%s\n", is_active(entry, active) ? '*' : ' ', entry->pair.name,
               entry->version_text, entry->pair.folder, entry_note(entry));
    }
}

static void roots_show(void)
{
    struct channel_roots roots;
    channel_roots_find(&roots);
    printf("looked in:\n");
    for (size_t i = 0; i < roots.count; i++) {
        DIR *folder = opendir(roots.path[i]);
        printf("  %s%s\n", roots.path[i], folder ? "" : " (not there)");
        if (folder)
            closedir(folder);
    }
}

static int command_show(char **arguments, int count)
{
    (void)arguments;
    (void)count;
    struct active active;
    struct channel_list list;
    struct error error;
    int result = active_read(&active, &error) ? active_show(&active) : fail(&error);
    channel_list_read(&list);
    entries_show(&list, &active);
    roots_show();
    channel_list_finish(&list);
    return result;
}

/* ---- check ---- */

/* Loads one library and tells what it says; whether it could be loaded. */
static bool library_check(const struct channel_pair *pair, enum ctp_side side,
                          struct ctp_library *library)
{
    struct error error;
    if (!inspect_file(pair->path[side], side, &error) ||
        !inspect_load(library, pair->path[side], side, pair->version, &error)) {
        fail(&error);
        return false;
    }
    const char *name = path_file_name(pair->path[side]);
    if (library->said[0])
        printf("  %-12s %s says \"%s\"\n", inspect_side_name(side), name, library->said);
    else
        printf("  %-12s %s does not say its version\n", inspect_side_name(side), name);
    return true;
}

static void layout_print(const struct ctp_library libraries[2])
{
    const char *version = ctp_version_name(libraries[0].version);
    char sentence[512], said[32];
    bool differs = false;
    for (int side = 0; side < 2; side++)
        differs = channel_differs(&libraries[side], sentence, sizeof sentence) || differs;
    bool agrees =
        ctp_library_said_version(text_of(libraries[CTP_TRADER].said), said, sizeof said) &&
        ctp_library_said_version(text_of(libraries[CTP_MD].said), said, sizeof said);
    printf("  layout       %s, because the folder states it%s\n", version,
           differs  ? ""
           : agrees ? " and both libraries say so too"
                    : "; the libraries do not contradict it");
    for (int side = 0; side < 2; side++)
        if (channel_differs(&libraries[side], sentence, sizeof sentence))
            printf("  differs      %s\n", sentence);
    if (differs)
        printf("  if logins fail or fields look wrong, move the pair to the folder of the version "
               "that it is\n");
}

static int pair_check(const struct channel_pair *pair)
{
    struct ctp_library libraries[2];
    printf("%s %s  %s\n", pair->name, ctp_version_name(pair->version), pair->folder);
    bool trader = library_check(pair, CTP_TRADER, &libraries[CTP_TRADER]);
    bool md = library_check(pair, CTP_MD, &libraries[CTP_MD]);
    if (!trader || !md)
        return EXIT_FAILED;
    layout_print(libraries);
    return EXIT_OK;
}

static int entry_check(const struct channel_entry *entry)
{
    struct error error;
    struct channel_pair pair;
    enum ctp_version version;
    if (!channel_version_read(text_of(entry->version_text), &version, &error)) {
        error_at(&error, entry->pair.folder, 0, 0);
        return fail(&error);
    }
    if (!channel_find(&pair, text_of(entry->pair.name), version, &error))
        return fail(&error);
    return pair_check(&pair);
}

/* Every version of a channel. */
static int channel_check(const char *name)
{
    struct channel_list list;
    struct channel_pair pair;
    struct error error;
    int result = EXIT_OK;
    bool found = false;
    channel_list_read(&list);
    for (size_t i = 0; i < list.count; i++) {
        if (list.entries[i].hidden || strcmp(list.entries[i].pair.name, name) != 0)
            continue;
        found = true;
        if (entry_check(&list.entries[i]) != EXIT_OK)
            result = EXIT_FAILED;
    }
    channel_list_finish(&list);
    if (!found && !channel_find(&pair, text_of(name), CHANNEL_DEFAULT_VERSION, &error))
        return fail(&error);
    return result;
}

static int command_check(char **arguments, int count)
{
    struct channel_pair pair;
    struct error error;
    enum ctp_version version;
    if (count == 1)
        return channel_check(arguments[0]);
    bool found = count == 0 ? channel_active(&pair, NULL, &error)
                            : channel_version_read(text_of(arguments[1]), &version, &error) &&
                                  channel_find(&pair, text_of(arguments[0]), version, &error);
    return found ? pair_check(&pair) : fail(&error);
}

/* ---- switch, undo ---- */

static int switched_print(const struct active *active)
{
    struct channel_pair pair;
    struct error error;
    printf("active now: %s %s\n", active->now.name, ctp_version_name(active->now.version));
    if (!channel_find(&pair, text_of(active->now.name), active->now.version, &error))
        return fail(&error);
    pair_print(&pair);
    before_print(active);
    printf("programs that are running keep what they have loaded until they are started anew\n");
    return EXIT_OK;
}

static int command_switch(char **arguments, int count)
{
    struct channel_pair pair;
    struct active active;
    struct error error;
    enum ctp_version version = CHANNEL_DEFAULT_VERSION;
    bool done = (count == 1 || channel_version_read(text_of(arguments[1]), &version, &error)) &&
                channel_find(&pair, text_of(arguments[0]), version, &error) &&
                inspect_file(pair.path[CTP_TRADER], CTP_TRADER, &error) &&
                inspect_file(pair.path[CTP_MD], CTP_MD, &error);
    struct active_choice to = {.version = version};
    text_copy(to.name, sizeof to.name, text_of(arguments[0]));
    if (done && active_switch(&to, &active, &error))
        return switched_print(&active);
    fail(&error);
    if (active_read(&active, NULL) && active.now.name[0])
        fprintf(stderr, PROGRAM ": nothing was changed, %s %s is still active\n", active.now.name,
                ctp_version_name(active.now.version));
    return EXIT_FAILED;
}

static int command_undo(char **arguments, int count)
{
    (void)arguments;
    (void)count;
    struct active active;
    struct error error;
    return active_undo(&active, &error) ? switched_print(&active) : fail(&error);
}

/* ---- install, uninstall ---- */

static int command_install(char **arguments, int count)
{
    struct channel_pair pair;
    struct error error;
    struct buffer told = {.length = 0};
    const char *folder = NULL;
    bool any_version = false;
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--any-version") == 0)
            any_version = true;
        else if (arguments[i][0] == '-' || folder)
            return usage_say("install", "takes one folder, and --any-version as its only option");
        else
            folder = arguments[i];
    }
    if (!folder)
        return usage_say("install", "needs the folder of a CTP client");
    int result = EXIT_OK;
    if (channel_active(&pair, NULL, &error) &&
        install_pair(&pair, folder, any_version, &told, &error))
        printf("%.*s", TEXT_ARG(buffer_text(&told)));
    else
        result = fail(&error);
    buffer_finish(&told);
    return result;
}

static int command_uninstall(char **arguments, int count)
{
    (void)count;
    struct error error;
    struct buffer told = {.length = 0};
    int result = EXIT_OK;
    if (install_undo(arguments[0], &told, &error))
        printf("%.*s", TEXT_ARG(buffer_text(&told)));
    else
        result = fail(&error);
    buffer_finish(&told);
    return result;
}

/* ---- the command line ---- */

static const struct command {
    const char *name, *arguments, *help;
    int least, most; /* arguments */
    int (*run)(char **arguments, int count);
} commands[] = {
    {"show", "", "the channels, their versions and files, and which is active", 0, 0, command_show},
    {"check", "[NAME [VERSION]]",
     "load a channel's libraries and tell what they are; the active one unless said", 0, 2,
     command_check},
    {"switch", "NAME [VERSION]", "make a channel the active one; version 6.7.2 unless said", 1, 2,
     command_switch},
    {"undo", "", "go back to the channel that was active before", 0, 0, command_undo},
    {"install", "[--any-version] DIR",
     "put the active pair into a CTP client's own folder, keeping its files", 1, 2,
     command_install},
    {"uninstall", "DIR", "put the client's own files back", 1, 1, command_uninstall},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static int help_print(void)
{
    printf(
        "usage: " PROGRAM " COMMAND\n"
        "Shows, checks and switches the channel: which pair of CTP libraries programs load.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-9s %-20s %s\n", commands[i].name, commands[i].arguments, commands[i].help);
    printf(
        "\n  --help     this text\n  --version  the program's version\n\n"
        "A channel is a folder NAME/VERSION/ with the two libraries (libthosttraderapi_se.so and\n"
        "libthostmduserapi_se.so, or without lib) in one of the places that `show` lists.\n"
        "OPENCTP_CHANNELS_PATH adds places. Exit code: 0 done, 1 failed, 2 wrong usage.\n");
    return EXIT_OK;
}

/* The error of a word that is no command or option, with the one that may have been meant. */
static int word_unknown(const char *word)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (!text_is_near(text_of(word), text_of(commands[i].name)))
            continue;
        fprintf(stderr, PROGRAM ": unknown command %.40s; did you mean %s\n", word,
                commands[i].name);
        return EXIT_USAGE;
    }
    fprintf(stderr, PROGRAM ": unknown command %.40s; see " PROGRAM " --help\n", word);
    return EXIT_USAGE;
}

static int command_run(const struct command *command, char **arguments, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--help") == 0)
            return help_print();
        if (arguments[i][0] == '-' && command->run != command_install)
            return word_unknown(arguments[i]);
    }
    if (count >= command->least && count <= command->most)
        return command->run(arguments, count);
    fprintf(stderr, PROGRAM ": usage: " PROGRAM " %s %s\n", command->name, command->arguments);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, PROGRAM ": no command is given; see " PROGRAM " --help\n");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help_print();
    if (strcmp(argv[1], "--version") == 0) {
        printf(PROGRAM " " PROJECT_VERSION "\n");
        return EXIT_OK;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return command_run(&commands[i], argv + 2, argc - 2);
    return word_unknown(argv[1]);
}
