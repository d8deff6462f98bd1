# SPDX-License-Identifier: BSD-3-Clause
"""Processes that are timed: each in a scheduling group of its own, on its CPU, watched for waiting."""
import os
import pathlib
import signal
import subprocess
import time

WAIT_LIMIT = 0.05  # of its time that a process may have waited for its CPU


class Failed(Exception):
    """What could not be run, and why."""


def prepare(cpus):
    """In the child, before its program."""
    os.setsid()
    try:  # a group of its own alone would share the CPU evenly with every other
        pathlib.Path('/proc/self/autogroup').write_text('-20')
    except OSError:
        pass  # not root, or a kernel without groups: the waiting tells
    os.sched_setaffinity(0, cpus)


def _times(pid):
    """ns on the CPU and ns waiting for it, of the thread that worked most."""
    best = (0, 0)
    try:
        for task in pathlib.Path(f'/proc/{pid}/task').iterdir():
            run, wait, _ = map(int, (task / 'schedstat').read_text().split())
            best = max(best, (run, wait))
    except (OSError, ValueError):
        pass  # it has just ended
    return best


class Job:
    """A running process. Its output goes to a file of @folder."""

    def __init__(self, folder, name, command, cpus, netns=None):
        self.name = name
        self.log = pathlib.Path(folder) / f'{name}.log'
        words = ([] if netns is None else ['ip', 'netns', 'exec', netns]) + [str(w) for w in command]
        self.command = ' '.join(words)
        with open(self.log, 'w') as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=lambda: prepare(cpus))
        self.begin()

    def begin(self):
        """Waiting counts from now on."""
        self.first = self.last = _times(self.process.pid)

    def look(self):
        now = _times(self.process.pid)
        if now[0] >= self.last[0]:
            self.last = now

    def waited(self):
        """Which part of its time it has waited for its CPU."""
        run, wait = (b - a for a, b in zip(self.first, self.last))
        return wait / (run + wait) if run + wait > 0 else 0.0

    def text(self):
        return self.log.read_text(errors='replace')

    def failed(self, what):
        """In the first line all that a table has room for: what happened, and its last words."""
        text = self.text()[-1000:]
        last = (text.strip().splitlines() or ['without a word'])[-1]
        return Failed(f'{self.name} {what}: {last}\n{self.command}\n{text}')

    def is_alive(self):
        return self.process.poll() is None

    def wait_for(self, words, seconds=10):
        end = time.monotonic() + seconds
        while words not in self.text():
            if not self.is_alive():
                raise self.failed(f'ended with {self.process.returncode}')
            if time.monotonic() > end:
                raise self.failed(f'did not say "{words}" in {seconds} s')
            time.sleep(0.02)
        return self

    def finish(self, seconds, *others):
        """Wait for its end, looking at its times and the others'."""
        end = time.monotonic() + seconds
        while self.is_alive():
            for job in (self, *others):
                job.look()
            if time.monotonic() > end:
                self.stop()
                raise self.failed(f'did not end in {seconds:.0f} s')
            time.sleep(0.02)
        if self.process.returncode != 0:
            raise self.failed(f'ended with {self.process.returncode}')

    def stop(self):
        for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            if not self.is_alive():
                return
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
