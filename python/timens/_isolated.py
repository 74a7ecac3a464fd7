# SPDX-License-Identifier: MIT
"""The child's side of _isolate: the way in, and messages to the parent."""

from __future__ import annotations

import errno
import faulthandler
import fcntl
import os
import pickle
import select
import signal
import struct
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from ._errors import Error
from ._setting import Setting

#: Before each message: its length.
HEAD = struct.Struct("=Q")

#: The exit status of a child that cannot tell anything any more.
MUTE = 251

#: At this the child writes down where it stands. No program has a meaning for it.
TRACE_SIGNAL = signal.SIGRTMAX


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {_plain(key): _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case tuple():
            return tuple(_plain(each) for each in value)
    return value if is_portable(value) else repr(value)


def is_portable(value: Any) -> bool:
    """Whether it can be sent as it is."""
    try:
        # There are exceptions that only fail to come back.
        pickle.loads(pickle.dumps(value))
    except Exception:
        return False
    return True


def _pickled(message: Any) -> bytes:
    """What cannot be pickled is replaced by its repr, as deep inside as possible."""
    return pickle.dumps(message if is_portable(message) else _plain(message))


def flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with suppress(Exception):
            stream.flush()  # type: ignore[union-attr]


class Sender:
    """For the isolated function: send(kind, value). It returns when the parent has handled that.

    So what both print to one terminal comes in the order in which it happened.
    """

    def __init__(self, writer: int, answers: int) -> None:
        self._writer = writer
        self._answers = answers
        self._pid = os.getpid()
        self._lock = threading.RLock()

    def __call__(self, kind: str, value: Any = None) -> None:
        # A process that the test has forked would write into the middle of our messages.
        if os.getpid() != self._pid:
            return
        # "PASSED" is not to stand before what the test has printed.
        flush()
        data = _pickled((kind, value))
        with self._lock:
            try:
                self._write(HEAD.pack(len(data)) + data)
                os.read(self._answers, 1)
            except OSError as error:
                # Others are a handler's, such as a TimeoutError.
                if error.errno not in (errno.EBADF, errno.EPIPE):
                    raise
                os._exit(MUTE)

    def _write(self, data: bytes) -> None:
        # A handler that raises, such as that of a time limit, must not leave half a message.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._writer, view) :]
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _die_with_parent(lifeline: int) -> None:
    """The other end is the parent's alone: when it closes, the kernel sends us the signal.

    PR_SET_PDEATHSIG would do so when the thread ends that has forked.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | fcntl.FASYNC)
    # It may have died before.
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(1)


def _save_coverage() -> None:
    """Of lines that ran only here; the run's end adds it to the rest."""
    coverage = sys.modules.get("coverage")
    current = coverage and coverage.Coverage.current()
    # Else this would be the parent's own file.
    if current and current.get_option("run:parallel"):
        current.stop()
        with warnings.catch_warnings():
            # What has not been imported yet is the whole run's affair.
            warnings.simplefilter("ignore")
            current.save()


def _enter_and_call(setting: Setting, body: Callable[[Sender], None], send: Sender) -> None:
    try:
        setting.times.enter()
    except Error as error:
        send("refused", error)
        return
    try:
        body(send)
    except BaseException:
        send("raised", traceback.format_exc())
    _save_coverage()
    send("done")


def run_child(
    setting: Setting,
    body: Callable[[Sender], None],
    *,
    writer: int,
    answers: int,
    lifeline: int,
    trace: int,
    foreign: tuple[int, ...],
    mask: Any,
) -> NoReturn:
    """From the fork to the end of the process. Signals are blocked; `mask` is what they were."""
    status = 1
    try:
        for fd in foreign:
            os.close(fd)
        _die_with_parent(lifeline)
        if threading.current_thread() is threading.main_thread():
            # An event loop's of the parent, who would be woken up by our signals.
            signal.set_wakeup_fd(-1)
        faulthandler.register(TRACE_SIGNAL, trace)
        if faulthandler.is_enabled():
            # Of a crash: into its report, and not across the terminal.
            faulthandler.enable(trace)
        send = Sender(writer, answers)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        _enter_and_call(setting, body, send)
        status = 0
    finally:
        # Whatever is raised: nobody above us may go on as a second parent.
        os._exit(status)
