/* Loaded before libc (LD_PRELOAD): file locks fail as on a file system without them, with the error in LOCK_ERRNO. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>

static int call(const char *name, int fd, int command, void *argument) {
    if (command == F_SETLK || command == F_SETLKW || command == F_GETLK) {
        errno = atoi(getenv("LOCK_ERRNO"));
        return -1;
    }
    int (*real)(int, int, ...) = dlsym(RTLD_NEXT, name);
    return real(fd, command, argument);
}

#define WRAP(name)                                  \
    int name(int fd, int command, ...) {            \
        va_list arguments;                          \
        va_start(arguments, command);               \
        void *argument = va_arg(arguments, void *); \
        va_end(arguments);                          \
        return call(#name, fd, command, argument);  \
    }

WRAP(fcntl)
WRAP(fcntl64)
