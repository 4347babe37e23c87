/* elf_fuzz.c: the reader of library files (src/channel/elf.c) on any bytes: what it accepts can be
 * asked for any name. */
#include "channel/elf.h"
#include "ctp/library.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct elf_library library;
    char problem[64];
    if (!elf_read((text){(const char *)bytes, length}, &library, problem, sizeof problem)) {
        if (problem[0] == '\0')
            abort(); /* a refusal without a reason */
        return 0;
    }
    for (int side = 0; side < 2; side++)
        for (int symbol = 0; symbol < CTP_SYMBOL_COUNT; symbol++)
            elf_exports(&library,
                        text_of(ctp_library_symbol((enum ctp_side)side, (enum ctp_symbol)symbol)));
    return 0;
}
