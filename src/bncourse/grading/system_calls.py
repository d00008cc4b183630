"""What a submission may ask of the kernel: a list of system calls, and everything else does not exist for it.

The list is what Python, torch and a shell need for files, memory, processes, signals, time and pipes. Not on it are
``keyctl``, ``io_uring_setup``, ``userfaultfd``, ``memfd_create``, ``ptrace``, ``mount``, ``unshare``, ``bpf``
and the memory and queues of System V. A call that is not on the list fails with ``ENOSYS``, as on a kernel that has
never heard of it, so that the C library takes its older way. libseccomp turns the list into a program for the kernel.
"""

from __future__ import annotations

import errno
import functools
import os
import socket
from typing import Any

__all__ = ["ALLOWED", "MISSING", "submission_filter"]

CALLS = (
    # Files
    "read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat creat close close_range "
    "stat fstat lstat newfstatat fstatat64 stat64 fstat64 lstat64 statx access faccessat faccessat2 readlink "
    "readlinkat getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 "
    "link linkat symlink symlinkat chmod fchmod fchmodat chown fchown lchown fchownat truncate ftruncate fallocate "
    "lseek dup dup2 dup3 pipe pipe2 fcntl flock fsync fdatasync ioctl utime utimes utimensat futimesat umask statfs "
    "fstatfs fadvise64 readahead sendfile copy_file_range getxattr lgetxattr fgetxattr listxattr llistxattr "
    "flistxattr "
    # Memory
    "mmap munmap mremap mprotect madvise brk msync mincore membarrier "
    # Processes and threads
    "fork vfork execve exit exit_group wait4 waitid getpid getppid gettid getpgid setpgid getpgrp getsid setsid "
    "kill tkill tgkill getuid geteuid getgid getegid getresuid getresgid getgroups setgroups setresuid setresgid "
    "arch_prctl capget getrlimit setrlimit prlimit64 getrusage times sysinfo uname getcpu getpriority "
    "setpriority sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max "
    "sched_get_priority_min set_tid_address set_robust_list get_robust_list rseq pidfd_open "
    # Signals and timers
    "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack pause alarm "
    "signalfd signalfd4 getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete "
    "timerfd_create timerfd_settime timerfd_gettime restart_syscall clock_gettime clock_getres clock_nanosleep "
    "gettimeofday nanosleep time "
    # Waiting, and pipes between the submission's own processes
    "futex eventfd eventfd2 select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
    "epoll_pwait2 bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt sendto sendmsg "
    "recvfrom recvmsg shutdown getrandom"
)

ALLOWED = frozenset(CALLS.split())
"""Allowed whatever their arguments; ``clone``, ``prctl``, ``socket`` and ``socketpair`` are allowed with some."""

PRCTL = {
    "PR_SET_PDEATHSIG": 1,
    "PR_GET_DUMPABLE": 3,
    "PR_SET_NAME": 15,
    "PR_GET_NAME": 16,
    "PR_CAPBSET_READ": 23,
    "PR_CAPBSET_DROP": 24,
    "PR_SET_TIMERSLACK": 29,
    "PR_GET_TIMERSLACK": 30,
    "PR_SET_NO_NEW_PRIVS": 38,
    "PR_GET_NO_NEW_PRIVS": 39,
    "PR_SET_VMA": 0x53564D41,
}
"""The options of ``prctl`` that are allowed, each as all 64 bits of the argument, of which the kernel reads the lower
half: ``PR_SET_DUMPABLE``, by which a process hides its memory, cannot be written in another way either."""

NAMESPACES = 0x7E020000
"""The flags of ``clone`` that make a namespace."""

MISSING = (
    "libseccomp is missing (Debian's package libseccomp2, and pyseccomp from PyPI), so submissions are not kept from "
    "unusual system calls: keyrings, io_uring, and memory outside of the accounting. Every other wall stands."
)


@functools.cache
def library() -> Any | None:
    """The binding of libseccomp, Debian's own or the one from PyPI; ``None`` without it."""
    try:
        import seccomp

        return seccomp
    except ImportError:
        pass
    try:
        import pyseccomp

        return pyseccomp
    except (ImportError, OSError, RuntimeError):  # the binding is there and the library is not
        return None


@functools.cache
def submission_filter() -> bytes | None:
    """The program for everything that runs in the sandbox; ``None`` without libseccomp."""
    seccomp = library()
    if seccomp is None:
        return None
    made = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    for name in sorted(ALLOWED):
        allow(seccomp, made, name)
    # clone3 takes its flags by address, where no filter can read them: without it the C library uses clone.
    allow(seccomp, made, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, NAMESPACES, 0))
    for option in PRCTL.values():
        allow(seccomp, made, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    for name in ("socket", "socketpair"):
        allow(seccomp, made, name, seccomp.Arg(0, seccomp.EQ, socket.AF_UNIX))
        made.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), name, seccomp.Arg(0, seccomp.NE, socket.AF_UNIX))
    for name in ("setxattr", "lsetxattr", "fsetxattr", "sched_setaffinity"):
        made.add_rule(seccomp.ERRNO(errno.EPERM), name)
    return exported(made)


def allow(seccomp: Any, made: Any, name: str, *arguments: Any) -> None:
    """Allow a system call, if this kind of processor has it."""
    try:
        made.add_rule(seccomp.ALLOW, name, *arguments)
    except (ValueError, OSError, RuntimeError):
        return


def exported(made: Any) -> bytes:
    """A filter as the kernel takes it."""
    with open(os.memfd_create("filter"), "w+b") as file:  # in memory, since a disk may be full
        made.export_bpf(file)
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        return os.read(file.fileno(), 1 << 20)
