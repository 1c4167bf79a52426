#define _GNU_SOURCE 1
#include "CLinux.h"

#include <malloc.h>
#include <stddef.h>
#include <time.h>

int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

int clinux_openat(int dir, const char *path, int flags, mode_t mode) { return openat(dir, path, flags, mode); }

int clinux_open_direct(const char *path) { return open(path, O_RDWR | O_DIRECT | O_NOFOLLOW | O_CLOEXEC); }

int clinux_errno(void) { return errno; }

void clinux_set_errno(int value) { errno = value; }

int clinux_o_path(void) { return O_PATH; }

int clinux_close(int fd) { return close(fd); }

ssize_t clinux_read(int fd, void *bytes, size_t count) { return read(fd, bytes, count); }

ssize_t clinux_write(int fd, const void *bytes, size_t count) { return write(fd, bytes, count); }

// The descriptor that the call below writes to; -1 once its time is over.
static volatile sig_atomic_t timed_descriptor = -1;

static void on_alarm(int signal) {
    (void)signal;
    int error = errno;
    if (timed_descriptor >= 0) close(timed_descriptor);
    timed_descriptor = -1;
    errno = error;
}

ssize_t clinux_write_within(int fd, const void *bytes, size_t count, unsigned int milliseconds) {
    // No SA_RESTART: the handler is there to have the call end.
    struct sigaction action = {.sa_handler = on_alarm}, action_before;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    // Again and again: an alarm that came before the call would be lost.
    struct itimerspec times = {
        .it_value = {milliseconds / 1000, milliseconds % 1000 * 1000000L + 1}, .it_interval = {0, 20000000}};
    sigset_t alarm, mask_before;
    timer_t timer;
    // One of its own, which the handler closes: while another task takes memory offline the kernel restarts the call after any handler
    // (lock_device_hotplug_sysfs, drivers/base/core.c), and then finds that it may no longer write.
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (own < 0) return -1;
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) {
        int error = errno;
        close(own);
        errno = error;
        return -1;
    }
    timed_descriptor = own;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigaction(SIGALRM, &action, &action_before);
    pthread_sigmask(SIG_UNBLOCK, &alarm, &mask_before);
    timer_settime(timer, 0, &times, NULL);
    ssize_t written = write(own, bytes, count);
    int error = errno;
    timer_delete(timer);
    // One that is pending still comes here, and nowhere else.
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
    int is_over = timed_descriptor < 0;
    if (!is_over) close(own);
    timed_descriptor = -1;
    sigaction(SIGALRM, &action_before, NULL);
    errno = error == EBADF && is_over ? EINTR : error;
    return written;
}

int clinux_duplicate_above(int fd, int least) { return fcntl(fd, F_DUPFD_CLOEXEC, least); }

int clinux_set_close_on_exec(int fd, int on) { return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0); }

int clinux_set_pipe_size(int fd, int bytes) { return fcntl(fd, F_SETPIPE_SZ, bytes); }

int clinux_pipe(int fds[2], int nonblocking) {
    return pipe2(fds, O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0));
}

int clinux_socketpair(int fds[2]) {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
}

ssize_t clinux_send(int fd, const void *bytes, size_t count) { return send(fd, bytes, count, MSG_NOSIGNAL); }

unsigned int clinux_major(dev_t device) { return major(device); }

unsigned int clinux_minor(dev_t device) { return minor(device); }

dev_t clinux_makedev(unsigned int maj, unsigned int min) { return makedev(maj, min); }

int clinux_stat(const char *path, struct stat *out) { return stat(path, out); }

int clinux_lstat(const char *path, struct stat *out) { return lstat(path, out); }

int clinux_mknod_block(const char *path, dev_t device) { return mknod(path, S_IFBLK | 0600, device); }

long clinux_statfs_type(const char *path) {
    struct statfs s;
    return statfs(path, &s) == 0 ? (long)s.f_type : -1;
}

int clinux_unshare_mount_namespace(void) { return unshare(CLONE_NEWNS); }

int clinux_enter_mount_namespace(int descriptor) { return setns(descriptor, CLONE_NEWNS); }

int clinux_make_mounts_private(void) { return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL); }

int clinux_load_module(int file, const char *parameters) { return (int)syscall(SYS_finit_module, file, parameters, 0); }

int clinux_unload_module(const char *name) { return (int)syscall(SYS_delete_module, name, O_NONBLOCK); }

// Room for one target with its parameters, or for its status.
struct mapping {
    struct dm_ioctl head;
    union {
        struct dm_target_spec target;
        char bytes[sizeof(struct dm_target_spec) + 1024];
    } data;
};

static int mapping_call(int control, unsigned long request, struct mapping *mapping, const char *name) {
    // 4.0.0: nothing newer is used, and a kernel answers whoever asks for no more than it has.
    mapping->head.version[0] = DM_VERSION_MAJOR;
    mapping->head.version[1] = mapping->head.version[2] = 0;
    mapping->head.data_size = sizeof *mapping;
    mapping->head.data_start = offsetof(struct mapping, data);
    if (strlen(name) >= sizeof mapping->head.name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(mapping->head.name, name);
    return ioctl(control, request, mapping);
}

int clinux_dm_create(int control, const char *name, dev_t *device) {
    struct mapping mapping = {0};
    if (mapping_call(control, DM_DEV_CREATE, &mapping, name) < 0) return -1;
    *device = (dev_t)mapping.head.dev;
    return 0;
}

int clinux_dm_load(int control, const char *name, uint64_t sectors, const char *target, const char *parameters) {
    struct mapping mapping = {0};
    if (strlen(target) >= sizeof mapping.data.target.target_type ||
        sizeof mapping.data.target + strlen(parameters) >= sizeof mapping.data) {
        errno = E2BIG;
        return -1;
    }
    mapping.head.target_count = 1;
    mapping.data.target.length = sectors;
    strcpy(mapping.data.target.target_type, target);
    strcpy(mapping.data.bytes + sizeof mapping.data.target, parameters);
    return mapping_call(control, DM_TABLE_LOAD, &mapping, name);
}

int clinux_dm_resume(int control, const char *name) {
    struct mapping mapping = {0};
    return mapping_call(control, DM_DEV_SUSPEND, &mapping, name);
}

int clinux_dm_remove(int control, const char *name) {
    struct mapping mapping = {0};
    return mapping_call(control, DM_DEV_REMOVE, &mapping, name);
}

int clinux_dm_status(int control, const char *name, char *text, size_t size) {
    struct mapping mapping = {0};
    if (mapping_call(control, DM_TABLE_STATUS, &mapping, name) < 0) return -1;
    if (mapping.head.target_count != 1 || mapping.head.flags & DM_BUFFER_FULL_FLAG) {
        errno = EPROTO;
        return -1;
    }
    // The kernel ends it with a zero; the last byte is one in any case.
    mapping.data.bytes[sizeof mapping.data.bytes - 1] = 0;
    snprintf(text, size, "%s", mapping.data.bytes + sizeof mapping.data.target);
    return 0;
}

int clinux_set_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_pidfd_send_signal(int fd, int signal) { return (int)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0); }

int clinux_exited(int status) { return WIFEXITED(status); }

int clinux_exit_code(int status) { return WEXITSTATUS(status); }

int clinux_term_signal(int status) { return WTERMSIG(status); }

int clinux_signal_descriptor(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_read_signal(int fd) {
    struct signalfd_siginfo info;
    ssize_t n = read(fd, &info, sizeof info);
    if (n == (ssize_t)sizeof info) return (int)info.ssi_signo;
    return (n < 0 && errno != EAGAIN) ? -1 : 0;
}

int clinux_spawn_attributes(posix_spawnattr_t *attr) {
    sigset_t all, none;
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    sigemptyset(&none);
    int e = posix_spawnattr_init(attr);
    if (!e) e = posix_spawnattr_setsigdefault(attr, &all);
    if (!e) e = posix_spawnattr_setsigmask(attr, &none);
    if (!e) e = posix_spawnattr_setpgroup(attr, 0);
    if (!e) e = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    return e;
}

char **clinux_environment(void) { extern char **environ; return environ; }

static uint64_t clinux_clock_nanoseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t clinux_monotonic_nanoseconds(void) { return clinux_clock_nanoseconds(CLOCK_MONOTONIC); }

uint64_t clinux_realtime_nanoseconds(void) { return clinux_clock_nanoseconds(CLOCK_REALTIME); }

uint64_t clinux_thread_cpu_nanoseconds(void) { return clinux_clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID); }

int clinux_process_cpu_nanoseconds(pid_t pid, uint64_t *nanoseconds) {
  clockid_t clock;
  int error = clock_getcpuclockid(pid, &clock);
  if (error != 0) {
    errno = error;
    return -1;
  }
  struct timespec time;
  if (clock_gettime(clock, &time) == -1) return -1;
  *nanoseconds = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
  return 0;
}

size_t clinux_allocated_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

int clinux_memory_file(const char *name, off_t bytes) {
  int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd == -1 || ftruncate(fd, bytes) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

void *clinux_map_shared(int fd, size_t bytes) {
  void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return address == MAP_FAILED ? NULL : address;
}

int clinux_unmap(void *address, size_t bytes) { return munmap(address, bytes); }

int clinux_loop_get_free(int control) { return ioctl(control, LOOP_CTL_GET_FREE); }

int clinux_loop_remove(int control, int number) { return ioctl(control, LOOP_CTL_REMOVE, (long)number); }

int clinux_loop_add(int control, int number) { return ioctl(control, LOOP_CTL_ADD, (long)number); }

int clinux_loop_clear(int device) { return ioctl(device, LOOP_CLR_FD, 0); }

int clinux_loop_status(int device, struct loop_info64 *out) { return ioctl(device, LOOP_GET_STATUS64, out); }

int clinux_loop_configure(int device, int backing, int direct_io, const char *name) {
    struct loop_config config;
    memset(&config, 0, sizeof config);
    config.fd = (unsigned)backing;
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (direct_io ? LO_FLAGS_DIRECT_IO : 0);
    strncpy((char *)config.info.lo_file_name, name, LO_NAME_SIZE - 1);
    return ioctl(device, LOOP_CONFIGURE, &config);
}

int clinux_xfs_going_down_without_log_flush(int fd) {
    uint32_t flags = 2;
    return ioctl(fd, _IOR('X', 125, uint32_t), &flags);
}

int clinux_open_beneath(int dir, const char *name, int flags) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)flags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
    return (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
}

int clinux_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}

int clinux_open_unnamed_direct(const char *directory) {
    return open(directory, O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);
}

int clinux_close_range(unsigned int first, unsigned int last) { return close_range(first, last, 0); }

int clinux_rlimit_nofile(void) { return RLIMIT_NOFILE; }

int clinux_terminal_columns(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void clinux_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

// By number: glibc has the calls only since 2.36, and its sys/mount.h and linux/mount.h do not go together before 2.37.
int clinux_mount_tracefs_detached(void) {
    enum { cloexec = 1, create_superblock = 6, nosuid_nodev_noexec = 2 | 4 | 8 };
    int mounted = -1;
    int context = (int)syscall(SYS_fsopen, "tracefs", cloexec);
    if (context < 0) return -1;
    if (syscall(SYS_fsconfig, context, create_superblock, NULL, NULL, 0) == 0)
        mounted = (int)syscall(SYS_fsmount, context, cloexec, nosuid_nodev_noexec);
    int saved = errno;
    close(context);
    errno = saved;
    return mounted;
}
