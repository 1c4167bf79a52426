#define _GNU_SOURCE 1
#include "CLinux.h"

#include <malloc.h>
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
