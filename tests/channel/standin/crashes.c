/* crashes.c: linked with library.c: the library is ended by a signal while it is loaded. */
#include <signal.h>

__attribute__((constructor)) static void crash(void)
{
    raise(SIGSEGV);
}
