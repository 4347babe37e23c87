/* library.c: a shared library that exports what a CTP library does and is none: a creator and a
 * version text. The names come from CMake (GET_VERSION, CREATE, SAYS); tests load it, nobody calls
 * the creator. */
const char *GET_VERSION(void);
void *CREATE(const char *flow_path);

__attribute__((visibility("default"))) const char *GET_VERSION(void)
{
    return SAYS;
}

__attribute__((visibility("default"))) void *CREATE(const char *flow_path)
{
    (void)flow_path;
    return (void *)0;
}
