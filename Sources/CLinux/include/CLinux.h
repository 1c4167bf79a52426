// What Swift cannot import of Linux: variadic system calls (fcntl, ioctl, open), macros that are built from other macros,
// and calls hidden behind _GNU_SOURCE. Wrappers only: no policy, no retry, errno as the kernel left it. Where it takes more than a call, it has a file
// of its own (TimedWrite.c, DeviceMapper.c).
//
// The bodies are not inline: they need _GNU_SOURCE, and a header that defines it gives fd_set, utsname and
// other types another shape than the Glibc module has, which the compiler refuses.
#ifndef FAILOVER_BENCH_CLINUX_H
#define FAILOVER_BENCH_CLINUX_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// --- files and descriptors -------------------------------------------------------------------------------------------

int clinux_open(const char *path, int flags, mode_t mode);
int clinux_openat(int dir, const char *path, int flags, mode_t mode);
/// For reading and writing past the page cache (O_DIRECT); never through a symbolic link.
int clinux_open_direct(const char *path);
int clinux_errno(void);
void clinux_set_errno(int value);
int clinux_o_path(void);
int clinux_close(int fd);
ssize_t clinux_read(int fd, void *bytes, size_t count);
ssize_t clinux_write(int fd, const void *bytes, size_t count);
/// write(2) that is given up (EINTR) after so many milliseconds, for files of /sys to which a write may block for ever. Not from two threads of
/// a process at once: SIGALRM is this function's while it runs.
ssize_t clinux_write_within(int fd, const void *bytes, size_t count, unsigned int milliseconds);
int clinux_duplicate_above(int fd, int least);
int clinux_set_close_on_exec(int fd, int on);

/// fcntl(2) F_SETPIPE_SZ: capacity in bytes; returns the capacity set, or -1.
int clinux_set_pipe_size(int fd, int bytes);
int clinux_pipe(int fds[2], int nonblocking);
int clinux_socketpair(int fds[2]);
/// send(2) without SIGPIPE.
ssize_t clinux_send(int fd, const void *bytes, size_t count);

unsigned int clinux_major(dev_t device);
unsigned int clinux_minor(dev_t device);
dev_t clinux_makedev(unsigned int maj, unsigned int min);
int clinux_stat(const char *path, struct stat *out);
int clinux_lstat(const char *path, struct stat *out);
int clinux_mknod_block(const char *path, dev_t device);
long clinux_statfs_type(const char *path);

// --- tracefs (fsopen(2), fsmount(2), Linux 5.2) ----------------------------------------------------------------------------

/// A new mount of tracefs that is attached to no directory of any namespace and ends with its last descriptor.
int clinux_mount_tracefs_detached(void);

// --- processes and threads -------------------------------------------------------------------------------------------

int clinux_unshare_mount_namespace(void);
/// Moves the calling thread into the mount namespace that `descriptor` (of /proc/PID/ns/mnt) stands for.
int clinux_enter_mount_namespace(int descriptor);
/// Makes every mount of this namespace private, so that nothing mounted here is seen outside.
int clinux_make_mounts_private(void);
int clinux_set_name(const char *name);
/// RLIMIT_NOFILE, an enumerator that Swift gives another type.
int clinux_rlimit_nofile(void);
int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_send_signal(int fd, int signal);

int clinux_exited(int status);
int clinux_exit_code(int status);
int clinux_term_signal(int status);

/// Blocks the given signals for this thread (and those it starts) and answers with a descriptor that reads them.
int clinux_signal_descriptor(const int *signals, int count);
/// The number of the next signal, 0 when none is pending, -1 on error.
int clinux_read_signal(int fd);
/// posix_spawn attributes for a child: default disposition and empty mask for all signals, a process group of its own.
int clinux_spawn_attributes(posix_spawnattr_t *attr);
/// The child starts in `directory`.
int clinux_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *directory);

/// SIGPIPE is ignored from now on.
void clinux_ignore_broken_pipes(void);
char **clinux_environment(void);
/// Columns of the terminal (TIOCGWINSZ); 0 where the descriptor is none.
int clinux_terminal_columns(int fd);

// --- clocks ------------------------------------------------------------------------------------------------------------

uint64_t clinux_monotonic_nanoseconds(void);
uint64_t clinux_realtime_nanoseconds(void);
uint64_t clinux_thread_cpu_nanoseconds(void);
/// CPU time of all threads of a process (clock_getcpuclockid(3)); -1 and errno when there is none.
int clinux_process_cpu_nanoseconds(pid_t pid, uint64_t *nanoseconds);

/// Bytes that malloc(3) has given and not got back (mallinfo(3)): how the tests see that a reading allocates nothing.
size_t clinux_allocated_bytes(void);

// --- memory that two processes share -------------------------------------------------------------------------------------

/// memfd_create(2), close-on-exec, of so many bytes; its pages come with the first touch.
int clinux_memory_file(const char *name, off_t bytes);
/// mmap(2), shared, to read and write; NULL and errno when that fails.
void *clinux_map_shared(int fd, size_t bytes);
int clinux_unmap(void *address, size_t bytes);
/// One word that another process reads: what was written before it is seen by whoever sees it.
static inline void clinux_store_release(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }
static inline uint64_t clinux_load_acquire(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

// --- loop devices (linux/loop.h, drivers/block/loop.c) -------------------------------------------------------------------

int clinux_loop_get_free(int control);
int clinux_loop_remove(int control, int number);
int clinux_loop_add(int control, int number);
int clinux_loop_clear(int device);
int clinux_loop_status(int device, struct loop_info64 *out);
/// LOOP_CONFIGURE: binds `backing` with autoclear and, as asked, direct I/O; `name` ends up in lo_file_name.
int clinux_loop_configure(int device, int backing, int direct_io, const char *name);
static const unsigned int clinux_lo_flags_direct_io = LO_FLAGS_DIRECT_IO;

// --- kernel modules (kernel/module/main.c) -----------------------------------------------------------------------------------

/// finit_module(2): `parameters` as on the command line of insmod(8).
int clinux_load_module(int file, const char *parameters);
/// delete_module(2), which does not wait for a module in use.
int clinux_unload_module(const char *name);

// --- device mapper (linux/dm-ioctl.h, drivers/md/dm-ioctl.c) -----------------------------------------------------------------

/// DM_DEV_CREATE: a mapped device without a table; `device` is set to its number.
int clinux_dm_create(int control, const char *name, dev_t *device);
/// DM_TABLE_LOAD of one target over all `sectors` (of 512 bytes). E2BIG when the parameters do not fit.
int clinux_dm_load(int control, const char *name, uint64_t sectors, const char *target, const char *parameters);
/// DM_DEV_SUSPEND without its flag: the table that was loaded comes into force.
int clinux_dm_resume(int control, const char *name);
/// DM_DEV_REMOVE: EBUSY while it is open, ENXIO when there is none of that name.
int clinux_dm_remove(int control, const char *name);
/// DM_TABLE_STATUS: what its one target says of itself, cut off at `size` bytes with the zero at its end.
int clinux_dm_status(int control, const char *name, char *text, size_t size);

// --- XFS (fs/xfs/libxfs/xfs_fs.h; written out here since xfslibs-dev is not a dependency) ---------------------------------

/// XFS_IOC_GOINGDOWN with XFS_FSOP_GOING_FLAGS_NOLOGFLUSH (2): shuts the file system down and leaves its log dirty.
int clinux_xfs_going_down_without_log_flush(int fd);

// --- directories (openat2(2), Linux 5.6) ---------------------------------------------------------------------------------

/// Opens `name` below `dir` without following any symbolic link and without crossing a mount, bind mounts included.
int clinux_open_beneath(int dir, const char *name, int flags);

/// A file without a name in `directory` (O_TMPFILE), opened with O_DIRECT: EINVAL where the file system has no direct I/O.
int clinux_open_unnamed_direct(const char *directory);

/// close_range(2), Linux 5.9: closes the descriptors `first` to `last`, both included.
int clinux_close_range(unsigned int first, unsigned int last);

#endif
