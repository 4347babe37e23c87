/* elf_test.c: what src/channel/elf.c says of files, sound and unsound. */
#include "channel/elf.h"
#include "cmocka_all.h"
#include "ctp/library.h"
#include "sandbox.h"
#include <elf.h>

static struct buffer library_bytes;

static int library_read(void **state)
{
    (void)state;
    library_bytes = file_bytes(standin_path("trader_672"));
    return 0;
}

static int library_free(void **state)
{
    (void)state;
    buffer_finish(&library_bytes);
    return 0;
}

static void assert_problem(text file, const char *part)
{
    struct elf_library library;
    char problem[128] = "";
    assert_false(elf_read(file, &library, problem, sizeof problem));
    if (!strstr(problem, part))
        fail_msg("\"%s\" is not in \"%s\"", part, problem);
}

static void a_shared_library_shows_what_it_exports(void **state)
{
    (void)state;
    struct elf_library library;
    char problem[128];
    assert_true(elf_read(buffer_text(&library_bytes), &library, problem, sizeof problem));
    assert_true(elf_exports(&library, text_of(ctp_library_symbol(CTP_TRADER, CTP_CREATE))));
    assert_true(elf_exports(&library, text_of(ctp_library_symbol(CTP_TRADER, CTP_GET_VERSION))));
    assert_false(elf_exports(&library, text_of(ctp_library_symbol(CTP_MD, CTP_CREATE))));
    assert_false(elf_exports(&library, TEXT("_ZN19CThostFtdcTraderApi")));
    assert_false(elf_exports(&library, TEXT("")));
}

static void what_it_needs_from_others_is_not_its_export(void **state)
{
    (void)state;
    struct buffer bytes = file_bytes(standin_path("trader_crashes"));
    struct elf_library library;
    char problem[128];
    assert_true(elf_read(buffer_text(&bytes), &library, problem, sizeof problem));
    assert_false(elf_exports(&library, TEXT("raise")));
    buffer_finish(&bytes);
}

static void what_is_no_library_is_called_by_its_name(void **state)
{
    (void)state;
    assert_problem(TEXT(""), "is empty");
    assert_problem(TEXT("just a text\n"), "does not begin as an ELF file does");
    assert_problem(TEXT("MZ\x90"), "Windows");
    assert_problem(TEXT("PK\x03\x04..."), "zip");
    assert_problem(TEXT("!<arch>\n"), "static library");
    assert_problem(TEXT("\177ELF"), "cut short");
    assert_problem(TEXT("\177ELF\2\1\1"), "cut short");
}

/* The library with one field of its header changed. */
static void assert_header_problem(size_t offset, size_t size, unsigned value, const char *part)
{
    struct buffer bytes = {.length = 0};
    buffer_put_text(&bytes, buffer_text(&library_bytes));
    memcpy(bytes.at + offset, &value, size); /* little-endian, as the file is */
    assert_problem(buffer_text(&bytes), part);
    buffer_finish(&bytes);
}

static void a_library_of_another_machine_is_refused(void **state)
{
    (void)state;
    assert_header_problem(EI_CLASS, 1, ELFCLASS32, "32-bit");
    assert_header_problem(EI_CLASS, 1, 9, "another byte order");
    assert_header_problem(EI_DATA, 1, ELFDATA2MSB, "another byte order");
    assert_header_problem(offsetof(Elf64_Ehdr, e_machine), 2, EM_AARCH64, "ARM64");
    assert_header_problem(offsetof(Elf64_Ehdr, e_machine), 2, 0xeeee, "another machine");
    assert_header_problem(offsetof(Elf64_Ehdr, e_type), 2, ET_REL, "object file");
    assert_header_problem(offsetof(Elf64_Ehdr, e_type), 2, ET_EXEC, "program");
    assert_header_problem(offsetof(Elf64_Ehdr, e_phnum), 2, 0, "program headers");
    assert_header_problem(offsetof(Elf64_Ehdr, e_phnum), 2, 0xffff, "program headers");
    assert_header_problem(offsetof(Elf64_Ehdr, e_phoff), 4, 0xfffffff0, "cut short");
}

static void every_shorter_file_is_refused(void **state)
{
    (void)state;
    /* A copy of exactly that length, so that a sanitizer sees any read behind it. */
    for (size_t length = 0; length < library_bytes.length; length += length < 1024 ? 1 : 61) {
        char *copy = memory_get(length + 1);
        struct elf_library library;
        char problem[128];
        memcpy(copy + 1, library_bytes.at, length);
        assert_false(elf_read((text){copy + 1, length}, &library, problem, sizeof problem));
        free(copy);
    }
}

static void no_damaged_byte_does_harm(void **state)
{
    (void)state;
    text name = text_of(ctp_library_symbol(CTP_TRADER, CTP_CREATE));
    struct buffer bytes = {.length = 0};
    buffer_put_text(&bytes, buffer_text(&library_bytes));
    unsigned refused = 0;
    for (size_t at = 0; at < bytes.length && at < 8192; at++) {
        char was = bytes.at[at];
        struct elf_library library;
        char problem[128];
        bytes.at[at] = (char)0xff;
        if (!elf_read(buffer_text(&bytes), &library, problem, sizeof problem) ||
            !elf_exports(&library, name))
            refused++;
        bytes.at[at] = was;
    }
    assert_true(refused > 64);
    buffer_finish(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shared_library_shows_what_it_exports),
        cmocka_unit_test(what_it_needs_from_others_is_not_its_export),
        cmocka_unit_test(what_is_no_library_is_called_by_its_name),
        cmocka_unit_test(a_library_of_another_machine_is_refused),
        cmocka_unit_test(every_shorter_file_is_refused),
        cmocka_unit_test(no_damaged_byte_does_harm),
    };
    return cmocka_run_group_tests_name("elf", tests, library_read, library_free);
}
