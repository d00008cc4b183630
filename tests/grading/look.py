"""What a program finds around it, as JSON: run in a sandbox, and in a kernel of the instructor's own.

It is read as text, and what stands between two @ is filled in. It changes nothing: system calls get arguments that
none of them accepts.
"""

import ctypes
import glob
import json
import os
import socket
import sys

TOKEN, COURSE, PORT = "@TOKEN@", "@COURSE@", "@PORT@"

CALLS = {
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "io_uring_setup": 425,
    "userfaultfd": 323,
    "memfd_create": 319,
    "ptrace": 101,
    "mount": 165,
    "umount2": 166,
    "unshare": 272,
    "setns": 308,
    "clone3": 435,
    "bpf": 321,
    "perf_event_open": 298,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "pidfd_getfd": 438,
    "kcmp": 312,
    "shmget": 29,
    "shmat": 30,
    "semget": 64,
    "mq_open": 240,
    "open_by_handle_at": 304,
    "name_to_handle_at": 303,
    "chroot": 161,
    "pivot_root": 155,
    "mknod": 133,
    "inotify_init1": 294,
    "fanotify_init": 300,
    "init_module": 175,
    "kexec_load": 246,
    "reboot": 169,
    "swapon": 167,
    "acct": 163,
    "syslog": 103,
    "quotactl": 179,
}
"""Of Linux on x86-64: calls that a submission has no use for."""

ENOSYS, CLONE_NEWUSER, PR_CAPBSET_READ = 38, 0x10000000, 23
NOTHING = [ctypes.c_long(-1)] * 5
system = ctypes.CDLL(None, use_errno=True)


def may(function, *arguments):
    """Whether something works."""
    try:
        function(*arguments)
        return True
    except OSError:
        return False


def write_in(folder):
    """Leave a file in a folder, and take it away."""
    path = f"{folder}/bncourse-look"
    open(path, "w").close()
    os.unlink(path)


def text_of(path):
    """What a file says; empty where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def names(folder):
    """What is in a folder; nothing where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def is_there(number):
    """Whether the kernel has a system call for this process."""
    ctypes.set_errno(0)
    return system.syscall(number, *NOTHING) != -1 or ctypes.get_errno() != ENOSYS


def open_socket(family):
    """Make a socket of a family."""
    socket.socket(getattr(socket, family)).close()


def in_a_child(function):
    """Whether something works, tried in a process that ends with it."""
    child = os.fork()
    if child == 0:
        os._exit(0 if function() == 0 else 1)
    return os.waitpid(child, 0)[1] == 0


def reaches_the_host():
    """Ask a server of the machine's own for a connection."""
    with socket.socket() as probe:
        probe.settimeout(2)
        probe.connect(("127.0.0.1", int(PORT)))


if __name__ == "__main__":
    folders = [
        "/",
        "/dev",
        "/etc",
        "/home",
        "/opt",
        "/opt/course",
        "/proc",
        "/tmp",
        "/usr",
        "/home/learner",
        "/dev/shm",
    ]
    families = ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_VSOCK"]
    print(
        json.dumps(
            {
                "variables": sorted(os.environ),
                "token": TOKEN in repr(sorted(os.environ.items())),
                "token of other processes": any(TOKEN in text_of(path) for path in glob.glob("/proc/[0-9]*/environ")),
                "folders": {name: names(name) for name in ("/", "/etc", "/home", "/opt", "/opt/course/bncourse")},
                "course": bool(text_of(f"{COURSE}/.bncourse-secret")),
                "accounts": len(text_of("/etc/passwd").splitlines()),
                "mounts": len(text_of("/proc/self/mountinfo").splitlines()),
                "proc": names("/proc"),
                "processes": sum(name.isdigit() for name in names("/proc")),
                "commands": sum(
                    bool(text_of(f"/proc/{name}/cmdline")) and name != str(os.getpid())
                    for name in names("/proc")
                    if name.isdigit()
                ),
                "dev": names("/dev"),
                "writable": [folder for folder in folders if may(write_in, folder)],
                "sockets": [name for name in families if may(open_socket, name)],
                "host's server": may(reaches_the_host),
                "calls": [name for name, number in CALLS.items() if is_there(number)],
                "namespace": in_a_child(lambda: system.unshare(CLONE_NEWUSER)),
                "capabilities": sum(system.prctl(PR_CAPBSET_READ, each, 0, 0, 0) == 1 for each in range(64)),
                "paths": sorted({path.split("/")[1] for path in [sys.prefix, sys.executable, *sys.path] if path}),
                "host": socket.gethostname(),
                "root": os.getuid() == 0,
                "groups": os.getgroups(),
            }
        )
    )
