/* hangs.c: linked with library.c: loading the library never ends. */
#include <unistd.h>

__attribute__((constructor)) static void hang(void)
{
    for (;;)
        pause();
}
