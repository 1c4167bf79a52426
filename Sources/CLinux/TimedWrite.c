// A write(2) that is given up in time.
#define _GNU_SOURCE 1
#include "CLinux.h"

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
