/* exits.c: linked with library.c: the library ends the process that loads it. */
#include <unistd.h>

__attribute__((constructor)) static void leave(void)
{
    _exit(7);
}
