/* elf.c: see elf.h. It goes the way that the loader goes: program headers, the dynamic section, and
 * from there the symbols, so that a library without section headers is read as well. Every offset
 * is checked against the file before it is followed. */
#include "channel/elf.h"
#include <elf.h>

enum { SEGMENTS_MAX = 256, DYNAMIC_MAX = 4096 };

/* Copies `size` bytes at `offset`; false when the file has fewer. Copying also makes alignment no
 * matter. */
static bool get(text file, uint64_t offset, void *out, size_t size)
{
    if (offset > file.length || size > file.length - offset)
        return false;
    memcpy(out, file.at + offset, size);
    return true;
}

static bool say(char *problem, size_t size, const char *what)
{
    snprintf(problem, size, "%s", what);
    return false;
}

static const char *machine_name(unsigned machine)
{
    switch (machine) {
    case EM_386:
        return "32-bit x86";
    case EM_AARCH64:
        return "ARM64";
    case EM_ARM:
        return "ARM";
    case EM_LOONGARCH:
        return "LoongArch";
    case EM_RISCV:
        return "RISC-V";
    default:
        return "another machine";
    }
}

/* What is no ELF file at all is named by what people put there by mistake. */
static bool say_not_elf(text file, char *problem, size_t size)
{
    if (file.length == 0)
        return say(problem, size, "is empty");
    if (text_starts_with(file, TEXT("MZ")))
        return say(problem, size, "is a Windows library, not one for Linux");
    if (text_starts_with(file, TEXT("PK\x03\x04")))
        return say(problem, size, "is a zip archive, not a shared library");
    if (text_starts_with(file, TEXT("!<arch>")))
        return say(problem, size, "is a static library (.a), not a shared one");
    return say(problem, size, "is not a shared library: it does not begin as an ELF file does");
}

static bool header_read(text file, Elf64_Ehdr *header, char *problem, size_t size)
{
    if (!text_starts_with(file, TEXT(ELFMAG)))
        return say_not_elf(file, problem, size);
    if (file.length <= EI_VERSION)
        return say(problem, size, "is cut short: it ends inside its header");
    if (file.at[EI_CLASS] == ELFCLASS32)
        return say(problem, size, "is a 32-bit library; a 64-bit one is needed");
    if (!get(file, 0, header, sizeof *header))
        return say(problem, size, "is cut short: it ends inside its header");
    if (file.at[EI_CLASS] != ELFCLASS64 || file.at[EI_DATA] != ELFDATA2LSB)
        return say(problem, size, "is not a library for x86-64: its header has another byte order");
    if (header->e_machine != EM_X86_64) {
        snprintf(problem, size, "is a library for %s, not for x86-64",
                 machine_name(header->e_machine));
        return false;
    }
    if (header->e_type == ET_REL)
        return say(problem, size, "is an object file (.o), not a shared library");
    if (header->e_type != ET_DYN)
        return say(problem, size, "is a program, not a shared library");
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
        header->e_phnum > SEGMENTS_MAX)
        return say(problem, size, "is damaged: its program headers make no sense");
    return true;
}

static bool segment_read(text file, const Elf64_Ehdr *header, unsigned index, Elf64_Phdr *segment)
{
    uint64_t behind = (uint64_t)index * sizeof *segment;
    return header->e_phoff <= file.length &&
           get(file, header->e_phoff + behind, segment, sizeof *segment);
}

/* Where the byte at an address of the loaded library stands in the file. */
static bool address_find(text file, const Elf64_Ehdr *header, uint64_t address, uint64_t *offset)
{
    Elf64_Phdr segment;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        if (!segment_read(file, header, i, &segment))
            return false;
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr)
            continue;
        if (address - segment.p_vaddr >= segment.p_filesz)
            continue;
        *offset = segment.p_offset + (address - segment.p_vaddr);
        return true;
    }
    return false;
}

/* A download that broke off still has its headers, which say how long it should be. */
static bool is_whole(text file, const Elf64_Ehdr *header)
{
    Elf64_Phdr segment;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        if (!segment_read(file, header, i, &segment))
            return false;
        if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC)
            continue;
        if (segment.p_offset > file.length || segment.p_filesz > file.length - segment.p_offset)
            return false;
    }
    uint64_t sections = (uint64_t)header->e_shnum * header->e_shentsize;
    return header->e_shoff <= file.length && sections <= file.length - header->e_shoff;
}

/* The entries of the dynamic section that lead to the symbols; zero where there is none. */
struct dynamic {
    uint64_t symbols, names, names_size, hash, gnu_hash;
};

static bool dynamic_read(text file, const Elf64_Ehdr *header, struct dynamic *dynamic)
{
    Elf64_Phdr segment = {.p_type = PT_NULL};
    for (unsigned i = 0; i < header->e_phnum && segment.p_type != PT_DYNAMIC; i++)
        if (!segment_read(file, header, i, &segment))
            return false;
    if (segment.p_type != PT_DYNAMIC)
        return false;
    *dynamic = (struct dynamic){.symbols = 0};
    for (uint64_t i = 0; i < DYNAMIC_MAX && i < segment.p_filesz / sizeof(Elf64_Dyn); i++) {
        Elf64_Dyn entry;
        if (!get(file, segment.p_offset + i * sizeof entry, &entry, sizeof entry))
            return false;
        switch (entry.d_tag) {
        case DT_NULL:
            return dynamic->symbols && dynamic->names;
        case DT_SYMTAB:
            dynamic->symbols = entry.d_un.d_ptr;
            break;
        case DT_STRTAB:
            dynamic->names = entry.d_un.d_ptr;
            break;
        case DT_STRSZ:
            dynamic->names_size = entry.d_un.d_val;
            break;
        case DT_HASH:
            dynamic->hash = entry.d_un.d_ptr;
            break;
        case DT_GNU_HASH:
            dynamic->gnu_hash = entry.d_un.d_ptr;
            break;
        default:
            break;
        }
    }
    return dynamic->symbols && dynamic->names;
}

/* The GNU hash table does not say how many symbols there are: the last one ends the chain of the
 * highest bucket. */
static bool gnu_hash_count(text file, uint64_t at, uint64_t *count)
{
    uint32_t head[4]; /* buckets, first symbol, words of the filter, shift */
    if (!get(file, at, head, sizeof head))
        return false;
    uint64_t buckets = at + sizeof head + (uint64_t)head[2] * 8;
    uint32_t last = 0;
    for (uint32_t i = 0; i < head[0]; i++) {
        uint32_t first;
        if (!get(file, buckets + (uint64_t)i * sizeof first, &first, sizeof first))
            return false;
        last = first > last ? first : last;
    }
    if (last < head[1]) {
        *count = head[1];
        return true;
    }
    uint64_t chains = buckets + (uint64_t)head[0] * sizeof last;
    for (;; last++) {
        uint32_t hash;
        if (!get(file, chains + (uint64_t)(last - head[1]) * sizeof hash, &hash, sizeof hash))
            return false;
        if (hash & 1)
            break;
    }
    *count = (uint64_t)last + 1;
    return true;
}

static bool symbol_count(text file, const Elf64_Ehdr *header, const struct dynamic *dynamic,
                         uint64_t *count)
{
    uint64_t at;
    if (dynamic->gnu_hash)
        return address_find(file, header, dynamic->gnu_hash, &at) &&
               gnu_hash_count(file, at, count);
    uint32_t head[2]; /* buckets, symbols */
    if (!dynamic->hash || !address_find(file, header, dynamic->hash, &at) ||
        !get(file, at, head, sizeof head))
        return false;
    *count = head[1];
    return true;
}

bool elf_read(text file, struct elf_library *library, char *problem, size_t size)
{
    Elf64_Ehdr header;
    if (!header_read(file, &header, problem, size))
        return false;
    if (!is_whole(file, &header))
        return say(problem, size, "is cut short: its headers tell of more bytes than it has");
    struct dynamic dynamic;
    uint64_t symbols, names, count;
    if (!dynamic_read(file, &header, &dynamic))
        return say(problem, size, "exports nothing: it has no dynamic symbols");
    if (!address_find(file, &header, dynamic.symbols, &symbols) ||
        !address_find(file, &header, dynamic.names, &names) ||
        !symbol_count(file, &header, &dynamic, &count))
        return say(problem, size, "is damaged: its dynamic section points outside of it");
    /* The offsets come out of loaded segments, whose end is inside the file; their beginning may
     * lie. */
    if (symbols > file.length || count > (file.length - symbols) / sizeof(Elf64_Sym) ||
        names > file.length || dynamic.names_size > file.length - names)
        return say(problem, size, "is damaged: its symbols reach past its end");
    *library = (struct elf_library){
        file, (size_t)symbols, (size_t)count, {file.at + names, (size_t)dynamic.names_size}};
    return true;
}

static bool is_exported(const Elf64_Sym *symbol)
{
    unsigned binding = ELF64_ST_BIND(symbol->st_info);
    unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
    return symbol->st_shndx != SHN_UNDEF && (binding == STB_GLOBAL || binding == STB_WEAK) &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

bool elf_exports(const struct elf_library *library, text name)
{
    for (size_t i = 0; i < library->count; i++) {
        Elf64_Sym symbol;
        if (!get(library->file, library->symbols + i * sizeof symbol, &symbol, sizeof symbol))
            return false;
        if (!is_exported(&symbol) || symbol.st_name >= library->names.length)
            continue;
        size_t left = library->names.length - symbol.st_name;
        if (left > name.length &&
            memcmp(library->names.at + symbol.st_name, name.at, name.length) == 0 &&
            library->names.at[symbol.st_name + name.length] == '\0')
            return true;
    }
    return false;
}
