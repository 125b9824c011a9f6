"""Run a program under a seccomp filter that refuses one system call.

    deny.py CALL ERRNO|KILL PROGRAM [ARGUMENT]...

CALL is a name of linux/amd64. The refusal is an errno, as container runtimes give it,
or the death of the process.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

CALLS = {
    "mmap": 9, "rt_sigaction": 13, "clone": 56, "sigaltstack": 131, "futex": 202,
    "epoll_create1": 291, "clone3": 435, "faccessat2": 439,
}
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
RET_KILL_PROCESS, RET_ERRNO, RET_ALLOW = 0x80000000, 0x00050000, 0x7FFF0000

if platform.machine() != "x86_64":
    sys.exit("deny: the numbers of the system calls are those of amd64")
call, refusal, *command = sys.argv[1:]
action = RET_KILL_PROCESS if refusal == "KILL" else RET_ERRNO | getattr(errno, refusal)


def instruction(code, yes, no, value):
    return struct.pack("=HBBI", code, yes, no, value)


# BPF: load the number, compare it, return.
program = (instruction(0x20, 0, 0, 0) + instruction(0x15, 0, 1, CALLS[call])
           + instruction(0x06, 0, 0, action) + instruction(0x06, 0, 0, RET_ALLOW))
buffer = ctypes.create_string_buffer(program)
filter_ = struct.pack("=H6xQ", len(program) // 8, ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(filter_), 0, 0):
    sys.exit(f"deny: {os.strerror(ctypes.get_errno())}")
os.execvp(command[0], command)
