/* bare.c: a shared library that is no CTP library: it exports one function of its own. */
int bare_number(void);

__attribute__((visibility("default"))) int bare_number(void)
{
    return 42;
}
