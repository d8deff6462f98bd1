# SPDX-License-Identifier: BSD-3-Clause
"""The machine's facts, and the distance between its CPUs."""
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

import job

FAR_NS = 300  # a cache line to the other CPU and back: machines with two modes take some 100 ns, or some 500


def _read(path, pattern):
    found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    return found.group(1) if found else ''


def two_cpus():
    """Server's and client's. On one CPU they share it, and the rows that need two are left out."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[0], cpus[1 if len(cpus) > 1 else 0]


def has_two():
    return len(os.sched_getaffinity(0)) > 1


def free_octets():
    return int(_read('/proc/meminfo', r'^MemAvailable:\s+(\d+)')) * 1024


def huge_pages():
    return int(_read('/proc/meminfo', r'^HugePages_Free:\s+(\d+)') or 0)


def probe_ns(build):
    """ns there and back; None: there is no second CPU."""
    if not has_two():
        return None
    cpus = two_cpus()
    done = subprocess.run([build / 'bench/bench-probe', *map(str, cpus)], text=True, capture_output=True,
                          timeout=60, preexec_fn=lambda: job.prepare(set(cpus)))
    return int(done.stdout) if done.returncode == 0 else None


def mode_of(*probes):
    """near, far, or mixed: it changed in between. '': one CPU alone."""
    modes = {'far' if ns > FAR_NS else 'near' for ns in probes if ns is not None}
    return modes.pop() if len(modes) == 1 else 'mixed' if modes else ''


def _output(root, *command):
    try:
        return subprocess.run(command, cwd=root, text=True, capture_output=True).stdout.strip()
    except OSError:
        return ''


def cpu_name():
    return _read('/proc/cpuinfo', r'^model name\s*: (.*)')


def build_kind(build):
    """release, x86-64-v2, lto"""
    try:
        options = json.loads(_output(build, 'meson', 'introspect', '--buildoptions', '.') or '[]')
    except ValueError:
        options = []
    value = {option['name']: option['value'] for option in options}
    words = [value.get('buildtype', 'unknown'), value.get('cpu_instruction_set', '')]
    words += ['lto'] * bool(value.get('b_lto')) + ['by profile'] * (value.get('b_pgo') == 'use')
    return ', '.join(filter(None, words))


def facts(root, build):
    return {
        'when': datetime.datetime.now().astimezone().isoformat(timespec='seconds'),
        'commit': _output(root, 'git', 'describe', '--always', '--dirty'),
        'cpu': cpu_name(),
        'cpus': len(os.sched_getaffinity(0)),
        'memory_GiB': round(int(_read('/proc/meminfo', r'^MemTotal:\s+(\d+)')) / 2**20, 1),
        'huge_pages': huge_pages(),
        'kernel': platform.release(),
        'dpdk': _output(root, 'pkg-config', '--modversion', 'libdpdk'),
        'compiler': _output(root, 'gcc', '--version').split('\n')[0],
        'build': build_kind(build),
        'load': os.getloadavg()[0],
        'probe_ns': probe_ns(build),
    }
