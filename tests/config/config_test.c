/* config_test.c: options from YAML, and every error with its place and its advice. */
#include "base/buffer.h"
#include "cmocka_all.h"
#include "config/config.h"
#include <unistd.h>

static struct config config;
static struct error error;

static int finish(void **state)
{
    (void)state;
    config_finish(&config);
    error = (struct error){.line = 0};
    return 0;
}

static void read_fine(const char *yaml)
{
    config_finish(&config);
    if (!config_read_text(&config, "c.yaml", text_of(yaml), &error))
        fail_msg("%d:%d: %s", error.line, error.column, error.what);
}

static void assert_error(const char *expected)
{
    char shown[1024];
    assert_string_equal(error_text(&error, shown, sizeof shown), expected);
}

static void assert_broken(const char *yaml, const char *expected)
{
    config_finish(&config);
    error = (struct error){.line = 0};
    assert_false(config_read_text(&config, "c.yaml", text_of(yaml), &error));
    assert_error(expected);
}

static text text_at(const char *name)
{
    text value;
    assert_true(config_text(&config, name, TEXT("fallback"), &value, &error));
    return value;
}

static void assert_text(const char *name, const char *expected)
{
    text value = text_at(name);
    if (!text_equal(value, text_of(expected)))
        fail_msg("%s is %.*s", name, TEXT_ARG(value));
}

static void texts_stay_as_they_were_written(void **state)
{
    (void)state;
    read_fine(
        "BrokerID: 0000\nAuthCode: 0000000000000000\nA: 1e5\nB: yes\nC: 'it''s'\nD: \"a\\tb\"\n"
        "E: tcp://127.0.0.1:17001 # a comment\nF: |\n  two\n  lines\nG: 中文\nH: \"\\u4e2d\"\n");
    assert_text("BrokerID", "0000");
    assert_text("AuthCode", "0000000000000000");
    assert_text("A", "1e5");
    assert_text("B", "yes");
    assert_text("C", "it's");
    assert_text("D", "a\tb");
    assert_text("E", "tcp://127.0.0.1:17001");
    assert_text("F", "two\nlines\n");
    assert_text("G", "中文");
    assert_text("H", "中");
}

static void missing_and_empty_values_give_the_fallback(void **state)
{
    (void)state;
    int64_t number;
    bool truth;
    read_fine("A:\nB: ~\nC: null\nD: \"\"\nE: 'null'\n");
    assert_text("A", "fallback");
    assert_text("B", "fallback");
    assert_text("C", "fallback");
    assert_text("D", "fallback");
    assert_text("E", "null");
    assert_text("F", "fallback");
    assert_true(config_int(&config, "A", 7, 1, 9, &number, &error));
    assert_int_equal(number, 7);
    assert_true(config_bool(&config, "A", true, &truth, &error));
    assert_true(truth);
}

static void files_without_keys_are_empty(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "\n", "# a comment\n", "---\n", "{}", "---\n...\n"};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        read_fine(empty[i]);
        assert_int_equal(config.count, 0);
        assert_null(config_find(&config, "A"));
    }
}

static void entries_know_where_they_stand(void **state)
{
    (void)state;
    read_fine("\nPort:   8080\nList:\n  - a\n  - 'b'\nMap:\n  x: 1\n");
    const struct config_entry *port = config_find(&config, "Port");
    const struct config_entry *list = config_find(&config, "List");
    const struct config_entry *map = config_find(&config, "Map");
    assert_int_equal(port->line, 2);
    assert_int_equal(port->column, 1);
    assert_int_equal(port->value_line, 2);
    assert_int_equal(port->value_column, 9);
    assert_int_equal(list->kind, CONFIG_LIST);
    assert_int_equal(list->count, 2);
    assert_int_equal(config.entries[list->first + 1].line, 5);
    assert_int_equal(config.entries[list->first + 1].column, 5);
    assert_true(config.entries[list->first + 1].quoted);
    assert_int_equal(map->kind, CONFIG_MAP);
    assert_int_equal(config.entries[map->first].line, 7);
    assert_int_equal(config.entries[map->first].column, 3);
    assert_int_equal(config.entries[map->first].value_column, 6);
    assert_int_equal(config.total, 6);
    assert_int_equal(config.first, 3);
}

static void broken_yaml_is_told_with_its_place(void **state)
{
    (void)state;
    assert_broken("A: 1\n\tB: 2\n", "c.yaml:2:1: broken YAML: found a tab character that violates "
                                    "indentation; indent with spaces");
    assert_broken("A: @x\n",
                  "c.yaml:1:4: broken YAML: found character that cannot start any token; quote "
                  "a text that starts with a special character; indent with spaces, not "
                  "with tabs");
    assert_broken("A: b: c\n",
                  "c.yaml:1:5: broken YAML: mapping values are not allowed in this context; "
                  "write one key a line, and quote a text with ': ' in it");
    assert_broken("A: 1\nB\nC: 2\n",
                  "c.yaml:2:1: broken YAML: could not find expected ':'; write `Key: "
                  "value`, with a blank behind the colon");
    assert_broken("A: \"x\n",
                  "c.yaml:1:4: broken YAML: found unexpected end of stream; close the quotes");
    assert_broken(
        "AllowedOrigins: *\n",
        "c.yaml:1:17: broken YAML: did not find expected alphabetic or numeric character; "
        "quote a text that starts with * or &");
    assert_broken("A: 1\n  B: 2\n",
                  "c.yaml:2:4: broken YAML: mapping values are not allowed in this "
                  "context; write one key a line, and quote a text with ': ' in it");
    assert_broken("A: 1\nB: \xd6\xd0\n",
                  "c.yaml:2:5: this is no UTF-8 text; save the file as UTF-8");
}

static void what_a_flat_file_does_not_need_is_refused(void **state)
{
    (void)state;
    static const char extras[] =
        "anchors (&), aliases (*) and tags (!) are not supported; write the value "
        "itself, in quotes if it starts with one of these";
    static const struct {
        const char *yaml, *place;
    } cases[] = {
        {"A: &x 1\n", "1:4"},   {"A: *x\n", "1:4"},        {"A: !!str 1\n", "1:4"},
        {"A: &x [1]\n", "1:4"}, {"A: !x {b: 1}\n", "1:4"}, {"*x : 1\n", "1:1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[300];
        snprintf(expected, sizeof expected, "c.yaml:%s: %s", cases[i].place, extras);
        assert_broken(cases[i].yaml, expected);
    }
    assert_broken("A: 1\n---\nB: 2\n",
                  "c.yaml:2:1: a second document starts here; take out the line --- "
                  "and give every key once");
    assert_broken("- a\n",
                  "c.yaml:1:1: there are no keys here; write `Key: value` on a line for each");
    assert_broken("\n a text\n",
                  "c.yaml:2:2: there are no keys here; write `Key: value` on a line for each");
    assert_broken("[a]: 1\n", "c.yaml:1:1: a key must be a text; write `Key: value`");
    assert_broken("A:\n  ? [x]\n  : 1\n", "c.yaml:2:5: a key must be a text; write `Key: value`");
    assert_broken("\"\": 1\n", "c.yaml:1:1: a key must be a text; write `Key: value`");
    assert_broken("A: \"a\\0b\"\n", "c.yaml:1:4: a text with a NUL character; take it out");
}

static void deeper_nesting_is_refused(void **state)
{
    (void)state;
    assert_broken("A: [[1]]\n", "c.yaml:1:5: lists and maps must not stand in a list or map here");
    assert_broken("A:\n  b:\n    c: 1\n",
                  "c.yaml:3:5: lists and maps must not stand in a list or map here");
    assert_broken("A:\n  - b: 1\n",
                  "c.yaml:2:5: lists and maps must not stand in a list or map here");
    char brackets[20001] = "A: ";
    memset(brackets + 3, '[', sizeof brackets - 4);
    assert_broken(brackets, "c.yaml:1:5: lists and maps must not stand in a list or map here");
}

static void a_key_twice_is_told_with_both_places(void **state)
{
    (void)state;
    assert_broken("A: 1\nB: 2\nA: 3\n",
                  "c.yaml:3:1: A stands here again; it was set on line 1; keep one of the two");
    assert_broken("M:\n  x: 1\n  x: 2\n",
                  "c.yaml:3:3: x stands here again; it was set on line 2; keep one of the two");
    read_fine("M:\n  A: 1\nA: 2\nN:\n  A: 3\n");
    assert_int_equal(config.count, 3);
}

static void too_many_entries_are_refused(void **state)
{
    (void)state;
    struct buffer yaml = {.at = NULL};
    buffer_put_text(&yaml, TEXT("A:\n"));
    for (int i = 0; i < CONFIG_ENTRIES_MAX; i++)
        buffer_put_text(&yaml, TEXT("- x\n"));
    assert_false(config_read_text(&config, "c.yaml", buffer_text(&yaml), &error));
    assert_error("c.yaml:1:1: more than 4096 keys and list items");
    config_finish(&config);
    yaml.length -= 4;
    assert_true(config_read_text(&config, "c.yaml", buffer_text(&yaml), &error));
    assert_int_equal(config.total, CONFIG_ENTRIES_MAX);
    buffer_finish(&yaml);
}

static void files_are_read_and_their_errors_name_them(void **state)
{
    (void)state;
    char folder[] = "/tmp/config_test.XXXXXX", path[64], expected[200];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/c.yaml", folder);
    assert_false(config_read_file(&config, path, &error));
    snprintf(expected, sizeof expected,
             "%s: cannot be read: No such file or directory; check the path", path);
    assert_error(expected);
    assert_false(config_read_file(&config, folder, &error));
    snprintf(expected, sizeof expected, "%s: cannot be read: Is a directory", folder);
    assert_error(expected);
    FILE *file = fopen(path, "wb");
    fputs("Port: 80x\n", file);
    fclose(file);
    assert_true(config_read_file(&config, path, &error));
    int64_t port;
    assert_false(config_int(&config, "Port", 8080, 1, 65535, &port, &error));
    snprintf(expected, sizeof expected,
             "%s:1:7: Port is \"80x\"; write a whole number from 1 to 65535", path);
    assert_error(expected);
    config_finish(&config);
    assert_int_equal(truncate(path, CONFIG_BYTES_MAX + 1), 0);
    assert_false(config_read_file(&config, path, &error));
    snprintf(expected, sizeof expected, "%s: larger than 1048576 bytes", path);
    assert_error(expected);
    unlink(path);
    rmdir(folder);
}

static void numbers_have_their_range(void **state)
{
    (void)state;
    int64_t number;
    double real;
    read_fine("A: 0080\nB: -5\nC: 1.5\nD: 99999999999999999999\nE: [1]\nF: 0x10\nG: 1_000\n");
    assert_true(config_int(&config, "A", 1, 1, 65535, &number, &error));
    assert_int_equal(number, 80);
    assert_true(config_int(&config, "B", 1, 0, 0, &number, &error));
    assert_int_equal(number, -5);
    assert_false(config_int(&config, "B", 1, 0, 10, &number, &error));
    assert_error("c.yaml:2:4: B is \"-5\"; write a whole number from 0 to 10");
    assert_false(config_int(&config, "C", 1, 0, 0, &number, &error));
    assert_error("c.yaml:3:4: C is \"1.5\"; write a whole number");
    assert_false(config_int(&config, "D", 1, 0, 0, &number, &error));
    assert_false(config_int(&config, "F", 1, 0, 0, &number, &error));
    assert_false(config_int(&config, "G", 1, 0, 0, &number, &error));
    assert_false(config_int(&config, "E", 1, 0, 0, &number, &error));
    assert_error("c.yaml:5:4: E is a list; write a single value");
    assert_true(config_number(&config, "C", 0, 0, 2, &real, &error));
    assert_true(real == 1.5);
    assert_false(config_number(&config, "C", 0, 2, 3, &real, &error));
    assert_error("c.yaml:3:4: C is \"1.5\"; write a number from 2 to 3");
    assert_false(config_number(&config, "F", 0, 0, 0, &real, &error));
    assert_error("c.yaml:6:4: F is \"0x10\"; write a number");
    assert_true(config_number(&config, "Z", 0.25, 0, 0, &real, &error));
    assert_true(real == 0.25);
}

static void truth_has_its_words(void **state)
{
    (void)state;
    read_fine("A: [true, True, yes, ON]\nB: [false, No, off, FALSE]\nC: 1\n");
    for (int i = 0; i < 8; i++) {
        char yaml[32];
        bool truth;
        text word = config.entries[i].value;
        bool expected = i < 4;
        struct config one;
        snprintf(yaml, sizeof yaml, "T: %.*s\n", TEXT_ARG(word));
        assert_true(config_read_text(&one, "one.yaml", text_of(yaml), &error));
        assert_true(config_bool(&one, "T", !expected, &truth, &error));
        assert_int_equal(truth, expected);
        config_finish(&one);
    }
    bool truth;
    assert_false(config_bool(&config, "C", true, &truth, &error));
    assert_error("c.yaml:3:4: C is \"1\"; write true or false");
}

static void a_choice_is_one_of_its_words(void **state)
{
    (void)state;
    int level;
    read_fine("A: warn\nB: loud\nC: \"DEBUG INFO\"\n");
    assert_true(config_choice(&config, "A", "DEBUG INFO WARN", 0, &level, &error));
    assert_int_equal(level, 2);
    assert_true(config_choice(&config, "Z", "DEBUG INFO WARN", 1, &level, &error));
    assert_int_equal(level, 1);
    assert_false(config_choice(&config, "C", "DEBUG INFO WARN", 0, &level, &error));
    assert_false(config_choice(&config, "B", "DEBUG INFO WARN", 0, &level, &error));
    assert_error("c.yaml:2:4: B is \"loud\"; write one of: DEBUG INFO WARN");
}

static void a_list_may_be_one_value_with_commas(void **state)
{
    (void)state;
    text items[3];
    size_t count;
    read_fine("A: [a, '', b]\nB: ' a, ,b ,'\nC: {x: 1}\nD: a,b,c,d\nE: []\n");
    for (int i = 0; i < 2; i++) {
        assert_true(config_list(&config, i ? "A" : "B", items, 3, &count, &error));
        assert_int_equal(count, 2);
        assert_true(text_equal(items[0], TEXT("a")));
        assert_true(text_equal(items[1], TEXT("b")));
    }
    assert_true(config_list(&config, "E", items, 3, &count, &error));
    assert_int_equal(count, 0);
    assert_true(config_list(&config, "Z", items, 3, &count, &error));
    assert_int_equal(count, 0);
    assert_false(config_list(&config, "C", items, 3, &count, &error));
    assert_error("c.yaml:3:4: C is a map; write a list, or one value with commas");
    assert_false(config_list(&config, "D", items, 3, &count, &error));
    assert_error("c.yaml:4:4: D has more than 3 items");
}

static void a_map_gives_its_members(void **state)
{
    (void)state;
    const struct config_entry *members;
    size_t count;
    read_fine("A:\n  tts: /a\n  ctp: /b\nB: 1\nC:\n");
    assert_true(config_map(&config, "A", &members, &count, &error));
    assert_int_equal(count, 2);
    assert_true(text_equal(members[1].key, TEXT("ctp")));
    assert_true(text_equal(members[1].value, TEXT("/b")));
    assert_true(config_map(&config, "C", &members, &count, &error));
    assert_int_equal(count, 0);
    assert_false(config_map(&config, "B", &members, &count, &error));
    assert_error("c.yaml:4:4: B is a single value; write a map: `Name: value` lines, indented");
}

static const struct config_key keys[] = {
    {.name = "TdFrontAddress", .type = CONFIG_TYPE_LIST, .required = true},
    {.name = "BrokerID", .type = CONFIG_TYPE_TEXT},
    {.name = "Port", .type = CONFIG_TYPE_INT, .min = 0, .max = 65535},
    {.name = "Speed", .type = CONFIG_TYPE_NUMBER, .min = 0, .max = 100},
    {.name = "Strict", .type = CONFIG_TYPE_BOOL},
    {.name = "LogLevel", .type = CONFIG_TYPE_CHOICE, .choices = "DEBUG INFO"},
    {.name = "Channels", .type = CONFIG_TYPE_MAP},
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static void assert_check_fails(const char *yaml, const char *expected)
{
    read_fine(yaml);
    error = (struct error){.line = 0};
    assert_false(config_check(&config, keys, KEY_COUNT, &error));
    assert_error(expected);
}

static void a_table_of_keys_is_checked(void **state)
{
    (void)state;
    read_fine("TdFrontAddress: tcp://a:1\nBrokerID: 9999\nPort: 0\nSpeed: 1.5\nStrict: on\n"
              "LogLevel: info\nChannels: {a: b}\nOther: 1\n");
    assert_true(config_check(&config, keys, KEY_COUNT, &error));
    read_fine("TdFrontAddress: x\nPort:\nSpeed: ~\nStrict:\nLogLevel:\nChannels:\n");
    assert_true(config_check(&config, keys, KEY_COUNT, &error));
    assert_check_fails("Port: 1\n",
                       "c.yaml: TdFrontAddress is missing; write `TdFrontAddress: ...`");
    assert_check_fails("TdFrontAddress:\n",
                       "c.yaml:1:16: TdFrontAddress is empty; write `TdFrontAddress: ...`");
    assert_check_fails("TdFrontAddress: []\n",
                       "c.yaml:1:17: TdFrontAddress is empty; write `TdFrontAddress: ...`");
    assert_check_fails("TdFrontAddress: {a: b}\n",
                       "c.yaml:1:17: TdFrontAddress is a map; write a list, or "
                       "one value with commas");
    assert_check_fails("TdFrontAddress: x\nBrokerID: [1]\n",
                       "c.yaml:2:11: BrokerID is a list; write a single value");
    assert_check_fails("TdFrontAddress: x\nPort: 65536\n",
                       "c.yaml:2:7: Port is \"65536\"; write a whole number from 0 to 65535");
    assert_check_fails("TdFrontAddress: x\nSpeed: fast\n",
                       "c.yaml:2:8: Speed is \"fast\"; write a number from 0 to 100");
    assert_check_fails("TdFrontAddress: x\nStrict: maybe\n",
                       "c.yaml:2:9: Strict is \"maybe\"; write true or false");
    assert_check_fails("TdFrontAddress: x\nLogLevel: loud\n",
                       "c.yaml:2:11: LogLevel is \"loud\"; write one of: DEBUG INFO");
    assert_check_fails("TdFrontAddress: x\nChannels: tts\n",
                       "c.yaml:2:11: Channels is a single value; write a map: `Name: value` lines, "
                       "indented");
}

static void unknown_keys_come_with_the_likely_one(void **state)
{
    (void)state;
    size_t cursor = 0;
    read_fine("TdFrontAdress: x\nPort: 1\nport: 2\nWhatever: 3\n");
    assert_true(config_unknown(&config, keys, KEY_COUNT, &cursor, &error));
    assert_error("c.yaml:1:1: unknown key TdFrontAdress; did you mean TdFrontAddress?");
    assert_true(config_unknown(&config, keys, KEY_COUNT, &cursor, &error));
    assert_error("c.yaml:3:1: unknown key port; did you mean Port?");
    assert_true(config_unknown(&config, keys, KEY_COUNT, &cursor, &error));
    assert_error("c.yaml:4:1: unknown key Whatever");
    assert_false(config_unknown(&config, keys, KEY_COUNT, &cursor, &error));
}

static void a_programs_own_error_gets_the_place(void **state)
{
    (void)state;
    read_fine("A: 1\nPort: 80\n");
    error_set(&error, "port 80 is taken");
    assert_false(config_error_at(&config, "Port", &error));
    assert_error("c.yaml:2:7: port 80 is taken");
    error_set(&error, "port 8080 is taken");
    assert_false(config_error_at(&config, "Prot", &error));
    assert_error("c.yaml: port 8080 is taken");
}

static void a_long_value_is_shown_in_part(void **state)
{
    (void)state;
    int64_t number;
    read_fine("A: \"0123456789012345678901234567890123456789\\n0123456789\"\n");
    assert_false(config_int(&config, "A", 1, 0, 0, &number, &error));
    assert_error(
        "c.yaml:1:4: A is \"0123456789012345678901234567890123456789...\"; write a whole number");
}

static void a_config_of_zeros_has_no_keys(void **state)
{
    (void)state;
    struct config none = {.count = 0};
    size_t cursor = 0;
    text value;
    assert_true(config_text(&none, "A", TEXT("x"), &value, &error));
    assert_true(text_equal(value, TEXT("x")));
    assert_false(config_unknown(&none, keys, KEY_COUNT, &cursor, &error));
    config_finish(&none);
}

#define TEST(name) cmocka_unit_test_teardown(name, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_stay_as_they_were_written),
        TEST(missing_and_empty_values_give_the_fallback),
        TEST(files_without_keys_are_empty),
        TEST(entries_know_where_they_stand),
        TEST(broken_yaml_is_told_with_its_place),
        TEST(what_a_flat_file_does_not_need_is_refused),
        TEST(deeper_nesting_is_refused),
        TEST(a_key_twice_is_told_with_both_places),
        TEST(too_many_entries_are_refused),
        TEST(files_are_read_and_their_errors_name_them),
        TEST(numbers_have_their_range),
        TEST(truth_has_its_words),
        TEST(a_choice_is_one_of_its_words),
        TEST(a_list_may_be_one_value_with_commas),
        TEST(a_map_gives_its_members),
        TEST(a_table_of_keys_is_checked),
        TEST(unknown_keys_come_with_the_likely_one),
        TEST(a_programs_own_error_gets_the_place),
        TEST(a_long_value_is_shown_in_part),
        TEST(a_config_of_zeros_has_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
