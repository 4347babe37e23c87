/* elf.h: reads what a file claims to be, as far as one must know before dlopen runs its code: a
 * shared library for x86-64, complete, and the names that it exports. It looks only at the bytes it
 * is given, trusts no number in them, and neither opens nor loads anything. */
#ifndef CHANNEL_ELF_H
#define CHANNEL_ELF_H

#include "base/text.h"

/* The dynamic symbols of a library: borrowed from the bytes that elf_read was given. */
struct elf_library {
    text file;
    size_t symbols; /* offset of the symbol table in the file, every one of its `count` entries
                       inside */
    size_t count;
    text names; /* the string table; its last byte need not be NUL */
};

/* Reads the bytes of a whole file. False when they are not a shared library for x86-64 Linux that
 * the loader would take: then `problem` says why, as the end of a sentence that begins with the
 * file's name ("is a 32-bit library"). */
bool elf_read(text file, struct elf_library *library, char *problem, size_t size);

/* Whether the library defines and exports `name`. */
bool elf_exports(const struct elf_library *library, text name);

#endif
