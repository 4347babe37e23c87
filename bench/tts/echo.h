/* echo.h: the baselines of the round trips: a child that echoes over TCP, with or without a disk in
 * the path. */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

/* A child that echoes, and a connected socket to it; closing the socket ends the child. `path`:
 * before each answer it appends as many bytes as an order journals to this file and calls
 * fdatasync. NULL: without a disk. */
int echo_start(const char *path);

/* One message there and back, in nanoseconds. */
double echo_once(int socket);

#endif
