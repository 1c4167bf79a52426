// What `failover-bench bench-workload` does, in plain C, call for call: scripts/bench-workload measures the one against the
// other. Compiled by that script.
//   bench-workload DIRECTORY FILES FILES_PER_DIRECTORY REWRITES WRITE_SIZE SEED
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DIRECTORY_DIGITS = 5, MOST_FILE_DIGITS = 20 };

static void fail(const char *what) {
    fprintf(stderr, "bench-workload: %s: %s\n", what, strerror(errno));
    exit(70);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// xoshiro256**, its state filled by splitmix64; bounded after Lemire.

static uint64_t random_state[4];

static void random_seed(uint64_t x) {
    for (int i = 0; i < 4; i++) {
        uint64_t z = (x += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        random_state[i] = z ^ (z >> 31);
    }
}

static uint64_t rotated(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static uint64_t random_next(void) {
    uint64_t *s = random_state;
    uint64_t result = rotated(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotated(s[3], 45);
    return result;
}

static uint64_t random_below(uint64_t bound) {
    unsigned __int128 product = (unsigned __int128)random_next() * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = -bound % bound;
        while ((uint64_t)product < threshold) product = (unsigned __int128)random_next() * bound;
    }
    return (uint64_t)(product >> 64);
}

// A log-linear histogram with 1024 buckets to each power of two, as an HDR histogram of three digits has it.

enum { SUB_BITS = 11, SUB = 1 << SUB_BITS };
static uint64_t buckets[(64 - SUB_BITS + 1) * SUB];
static uint64_t recorded;

static void record(uint64_t value) {
    int shift = 63 - __builtin_clzll(value | 1) - (SUB_BITS - 1);
    if (shift < 0) shift = 0;
    buckets[(uint64_t)shift * SUB + (value >> shift)]++;
    recorded++;
}

static uint64_t percentile(unsigned percent) {
    uint64_t wanted = (recorded * percent + 99) / 100, seen = 0;
    for (uint64_t i = 0; i < sizeof buckets / sizeof *buckets; i++) {
        seen += buckets[i];
        if (recorded > 0 && seen >= wanted) return (i % SUB) << (i / SUB);
    }
    return 0;
}

static int root;
static uint64_t files_per_directory;
static int file_digits;
static char name[DIRECTORY_DIGITS + 1 + MOST_FILE_DIGITS + 1];
static char data[4096];
static size_t write_size;

static void set_name(uint64_t file) {
    uint64_t directory = file / files_per_directory, rest = file % files_per_directory;
    for (int i = DIRECTORY_DIGITS - 1; i >= 0; i--, directory /= 10) name[i] = (char)('0' + directory % 10);
    for (int i = DIRECTORY_DIGITS + file_digits; i > DIRECTORY_DIGITS; i--, rest /= 10) name[i] = (char)('0' + rest % 10);
}

static void make_directory(uint64_t number) {
    set_name(number * files_per_directory);
    name[DIRECTORY_DIGITS] = 0;
    if (mkdirat(root, name, 0755) != 0) fail(name);
    name[DIRECTORY_DIGITS] = '/';
}

static void operate(int flags) {
    int file = openat(root, name, flags, 0644);
    if (file < 0) fail(name);
    ssize_t written = write(file, data, write_size);
    if (written != (ssize_t)write_size) {
        if (written >= 0) errno = ENOSPC;
        fail(name);
    }
    if (close(file) != 0) fail(name);
}

static uint64_t measure(uint64_t operations, uint64_t files, int populate) {
    int flags = (populate ? O_WRONLY | O_CREAT | O_EXCL : O_WRONLY) | O_CLOEXEC;
    memset(buckets, 0, sizeof buckets);
    recorded = 0;
    uint64_t start = now();
    for (uint64_t index = 0; index < operations; index++) {
        uint64_t file = index;
        if (!populate)
            file = random_below(files);
        else if (index % files_per_directory == 0)
            make_directory(index / files_per_directory);
        set_name(file);
        uint64_t began = now();
        operate(flags);
        record(now() - began);
    }
    return now() - start;
}

static uint64_t number(const char *text, uint64_t least, uint64_t most) {
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || value < least || value > most) {
        fprintf(stderr, "bench-workload: %s: not a number from %" PRIu64 " to %" PRIu64 "\n", text, least, most);
        exit(64);
    }
    return value;
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: bench-workload DIRECTORY FILES FILES_PER_DIRECTORY REWRITES WRITE_SIZE SEED\n");
        return 64;
    }
    uint64_t files = number(argv[2], 1, UINT64_MAX);
    files_per_directory = number(argv[3], 1, UINT64_MAX);
    uint64_t rewrites = number(argv[4], 0, UINT64_MAX);
    write_size = (size_t)number(argv[5], 1, sizeof data);
    random_seed(number(argv[6], 0, UINT64_MAX));
    root = open(argv[1], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (root < 0) fail(argv[1]);
    for (size_t i = 0; i < sizeof data; i++) data[i] = (char)('a' + i % 26);
    file_digits = snprintf(NULL, 0, "%" PRIu64, files_per_directory - 1);
    if (file_digits < 3) file_digits = 3;
    name[DIRECTORY_DIGITS] = '/';

    uint64_t populated = measure(files, files, 1), populated_p99 = percentile(99);
    uint64_t rewritten = measure(rewrites, files, 0), rewritten_p99 = percentile(99);
    printf("{\"populateNanoseconds\":%" PRIu64 ",\"rewriteNanoseconds\":%" PRIu64 ",\"populateP99Nanoseconds\":%" PRIu64
           ",\"rewriteP99Nanoseconds\":%" PRIu64 "}\n",
           populated, rewritten, populated_p99, rewritten_p99);
    return 0;
}
