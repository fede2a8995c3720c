/* Loaded before libc (LD_PRELOAD): calls that change files below a folder are logged, or one of them fails.

   A process is armed by the variables IO_FAULTS_* at its start, or by `io_faults_arm`. Kinds of calls are: write, sync,
   rename, create, truncate, mkdir, remove. Paths are relative to the folder. Patterns are a list with newlines: of those
   that a path fits the first counts, and the call fails if that is the last of the list. The error -1 kills. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX], wanted[32], patterns[2048];
static size_t folder_length;
static long number;
static int error, lasting, log_fd = -1;
static atomic_long seen, failed;

void io_faults_arm(const char *new_folder, const char *log, const char *call, const char *new_patterns, long new_number,
                   int new_error, int new_lasting) {
    snprintf(wanted, sizeof wanted, "%s", call);
    snprintf(patterns, sizeof patterns, "%s", new_patterns);
    number = new_number, error = new_error, lasting = new_lasting;
    seen = failed = 0;
    log_fd = *log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    snprintf(folder, sizeof folder, "%s", new_folder);
    folder_length = strlen(folder);
}

/* How many calls have failed. */
long io_faults_failed(void) { return failed; }

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

__attribute__((constructor)) static void arm_from_environment(void) {
    if (*variable("IO_FAULTS_FOLDER"))
        io_faults_arm(variable("IO_FAULTS_FOLDER"), variable("IO_FAULTS_LOG"), variable("IO_FAULTS_CALL"),
                      variable("IO_FAULTS_PATTERNS"), atol(variable("IO_FAULTS_NUMBER")),
                      atoi(variable("IO_FAULTS_ERROR")), atoi(variable("IO_FAULTS_LASTING")));
}

/* Whether the last pattern is the first that the path fits. */
static int fits(const char *path) {
    char pattern[256];
    for (const char *rest = patterns; *rest;) {
        size_t length = strcspn(rest, "\n");
        snprintf(pattern, sizeof pattern, "%.*s", (int)length, rest);
        rest += length + (rest[length] == '\n');
        if (!fnmatch(pattern, path, 0)) return !*rest;
    }
    return 0;
}

/* A full disk takes the first part of what is written, and files can still be removed. */
static int is_full(int found) { return found == ENOSPC || found == EDQUOT; }

/* The error with which this call has to fail, or 0. */
static int fault(const char *call, const char *path) {
    if (!folder_length || strncmp(path, folder, folder_length) || path[folder_length] != '/') return 0;
    const char *relative = path + folder_length + 1;
    if (log_fd >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%s %s\n", call, relative);
        syscall(SYS_write, log_fd, line, (size_t)length);
    }
    if (!number) return 0;
    if (lasting && failed) {
        if (is_full(error) && (!strcmp(call, "truncate") || !strcmp(call, "remove"))) return 0;
        failed++;
        return error;
    }
    if (strcmp(call, wanted) || !fits(relative) || ++seen != number) return 0;
    failed++;
    if (error < 0) kill(getpid(), SIGKILL);
    return error;
}

static int fault_at(const char *call, int at, const char *name) {
    char path[2 * PATH_MAX];
    if (!folder_length) return 0;
    if (*name == '/' || at == AT_FDCWD) return fault(call, name);
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t length = readlink(link, path, PATH_MAX);
    if (length < 0) return 0;
    snprintf(path + length, sizeof path - (size_t)length, "/%s", name);
    return fault(call, path);
}

static int fault_of(const char *call, int fd) {
    char link[64], path[PATH_MAX];
    if (!folder_length) return 0;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return fault(call, path);
}

#define FAIL(found)      \
    do {                 \
        errno = (found); \
        return -1;       \
    } while (0)
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t count) {
    int found = fault_of("write", fd);
    if (found && is_full(found)) REAL(write)(fd, data, count / 2);
    if (found) FAIL(found);
    return REAL(write)(fd, data, count);
}

#define PWRITE(name, offset_type)                                                     \
    ssize_t name(int fd, const void *data, size_t count, offset_type offset) {        \
        int found = fault_of("write", fd);                                            \
        if (found && is_full(found)) REAL(name)(fd, data, count / 2, offset);      \
        if (found) FAIL(found);                                                       \
        return REAL(name)(fd, data, count, offset);                                   \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int count) {
    int found = fault_of("write", fd);
    if (found) FAIL(found);
    return REAL(writev)(fd, parts, count);
}

#define SYNC(name)                          \
    int name(int fd) {                      \
        int found = fault_of("sync", fd);   \
        if (found) FAIL(found);             \
        return REAL(name)(fd);              \
    }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(name, size_type)               \
    int name(int fd, size_type size) {          \
        int found = fault_of("truncate", fd);   \
        if (found) FAIL(found);                 \
        return REAL(name)(fd, size);            \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define ALLOCATE(name, size_type)                                      \
    int name(int fd, int mode, size_type offset, size_type size) {     \
        int found = fault_of("truncate", fd);                          \
        if (found) FAIL(found);                                        \
        return REAL(name)(fd, mode, offset, size);                     \
    }
ALLOCATE(fallocate, off_t)
ALLOCATE(fallocate64, off64_t)

#define POSIX_ALLOCATE(name, size_type)                      \
    int name(int fd, size_type offset, size_type size) {     \
        int found = fault_of("truncate", fd);                \
        return found ? found : REAL(name)(fd, offset, size); \
    }
POSIX_ALLOCATE(posix_fallocate, off_t)
POSIX_ALLOCATE(posix_fallocate64, off64_t)

#define MODE(flags)                             \
    mode_t mode = 0;                            \
    if ((flags) & (O_CREAT | O_TMPFILE)) {      \
        va_list arguments;                      \
        va_start(arguments, flags);             \
        mode = va_arg(arguments, mode_t);       \
        va_end(arguments);                      \
    }

#define OPEN(name)                                                                     \
    int name(const char *path, int flags, ...) {                                       \
        MODE(flags)                                                                    \
        int found = flags & O_CREAT ? fault_at("create", AT_FDCWD, path) : 0;          \
        if (found) FAIL(found);                                                        \
        return REAL(name)(path, flags, mode);                                          \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                          \
    int name(int at, const char *path, int flags, ...) {                      \
        MODE(flags)                                                           \
        int found = flags & O_CREAT ? fault_at("create", at, path) : 0;       \
        if (found) FAIL(found);                                               \
        return REAL(name)(at, path, flags, mode);                             \
    }
OPENAT(openat)
OPENAT(openat64)

int rename(const char *from, const char *to) {
    int found = fault_at("rename", AT_FDCWD, to);
    if (found) FAIL(found);
    return REAL(rename)(from, to);
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
    int found = fault_at("rename", to_at, to);
    if (found) FAIL(found);
    return REAL(renameat)(from_at, from, to_at, to);
}

int link(const char *from, const char *to) {
    int found = fault_at("rename", AT_FDCWD, to);
    if (found) FAIL(found);
    return REAL(link)(from, to);
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    int found = fault_at("rename", to_at, to);
    if (found) FAIL(found);
    return REAL(linkat)(from_at, from, to_at, to, flags);
}

int mkdir(const char *path, mode_t mode) {
    int found = fault_at("mkdir", AT_FDCWD, path);
    if (found) FAIL(found);
    return REAL(mkdir)(path, mode);
}

int mkdirat(int at, const char *path, mode_t mode) {
    int found = fault_at("mkdir", at, path);
    if (found) FAIL(found);
    return REAL(mkdirat)(at, path, mode);
}

int unlink(const char *path) {
    int found = fault_at("remove", AT_FDCWD, path);
    if (found) FAIL(found);
    return REAL(unlink)(path);
}

int unlinkat(int at, const char *path, int flags) {
    int found = fault_at("remove", at, path);
    if (found) FAIL(found);
    return REAL(unlinkat)(at, path, flags);
}

int remove(const char *path) {
    int found = fault_at("remove", AT_FDCWD, path);
    if (found) FAIL(found);
    return REAL(remove)(path);
}

int rmdir(const char *path) {
    int found = fault_at("remove", AT_FDCWD, path);
    if (found) FAIL(found);
    return REAL(rmdir)(path);
}
