"""Becomes another program that the kernel ends when our parent ends, run as a script by its path.

A broker that outlives its run would keep a port and household passwords. A clean-up in the parent
does not happen when the parent is killed, so the child asks the kernel (Linux, `prctl(2)`). Started
by root, it first becomes an ordinary user: a change of user would take the leash off again.
Nothing here may import from the project, which the interpreter does not know in isolated mode.
"""

import ctypes
import os
import pwd
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become a program.

    Args:
        arguments: process id of the parent, user to become or "" to stay, program, its arguments.
    """
    parent, user, *command = arguments
    if user:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(0)  # The parent ended before the leash was on.
    os.execv(command[0], command)  # noqa: S606  # the caller names a broker by its full path


if __name__ == "__main__":
    main(sys.argv[1:])
