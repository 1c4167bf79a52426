// The mounts of a failover and nothing else: what they take where nobody looks. Compiled and run by scripts/bench-overhead, as the command
// before the failover of `failover-bench run`.
//   bench-overhead OUTPUT DIRECTORY DEVICE...
// Mounts each device at DIRECTORY/1, DIRECTORY/2, ..., reads the sentinel file in it, and unmounts all of them when the last one is done.
// OUTPUT gets a line for each mount: nanoseconds of mount(2), and of the sentinel.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what, const char *which) {
    fprintf(stderr, "bench-overhead: %s %s: %s\n", what, which, strerror(errno));
    exit(70);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc < 4) return 64;
    int count = argc - 3;
    uint64_t *mounted = calloc((size_t)count, sizeof *mounted), *read_back = calloc((size_t)count, sizeof *read_back);
    char (*target)[256] = calloc((size_t)count, sizeof *target);
    if (mounted == NULL || read_back == NULL || target == NULL) fail("allocate", "");
    for (int i = 0; i < count; i++) snprintf(target[i], sizeof target[i], "%s/%d", argv[2], i + 1);

    for (int i = 0; i < count; i++) {
        char path[300], text[256];
        snprintf(path, sizeof path, "%s/sentinel", target[i]);
        uint64_t began = now();
        if (mount(argv[i + 3], target[i], "xfs", 0, NULL) != 0) fail("mount", argv[i + 3]);
        uint64_t ended = now();
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file == -1 || read(file, text, sizeof text) <= 0) fail("read", path);
        close(file);
        mounted[i] = ended - began;
        read_back[i] = now() - ended;
    }

    FILE *output = fopen(argv[1], "w");
    if (output == NULL) fail("write", argv[1]);
    for (int i = 0; i < count; i++) fprintf(output, "%" PRIu64 " %" PRIu64 "\n", mounted[i], read_back[i]);
    if (fclose(output) != 0) fail("write", argv[1]);
    for (int i = count - 1; i >= 0; i--)
        if (umount2(target[i], 0) != 0) fail("unmount", target[i]);
    return 0;
}
