/* banned.h: calls that this project does not make, turned into compile errors that name the
 * replacement. Included by text.h and so by nearly every file. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(call, instead) call##_is_banned_use_##instead

#undef strcpy
#define strcpy(a, b) BANNED(strcpy, text_copy)
#undef strcat
#define strcat(a, b) BANNED(strcat, buffer_put)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy, text_copy)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef strtok
#define strtok(a, b) BANNED(strtok, text_cut)
#undef atoi
#define atoi(a) BANNED(atoi, text_to_int)
#undef atof
#define atof(a) BANNED(atof, number_read)
#undef localtime
#define localtime(a) BANNED(localtime, clock_beijing)
#undef gmtime
#define gmtime(a) BANNED(gmtime, clock_beijing)

#endif
