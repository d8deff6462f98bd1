# SPDX-License-Identifier: BSD-3-Clause
"""
What bench/run does: one row a scenario. A scenario is asked for one value at a time; what it needs
(a server, a wire) lives while its values are taken.
"""
import contextlib
import dataclasses
import functools
import shutil
import time
import typing

import machine
import wire
from job import Failed


@dataclasses.dataclass
class Scenario:
    """@measure is given what @setting makes; it returns a value, or (value, details)."""
    name: str
    unit: str
    measure: typing.Callable
    setting: typing.Callable = contextlib.nullcontext  # gives the bench itself
    is_quick: bool = True
    is_two_cores: bool = True
    is_root: bool = False
    needs: tuple = ()
    curve: tuple = ()  # (plot, series, x): where the value is drawn
    is_less_better: bool = False


def rate(result):
    return result['answers_per_second'], result


def gbit_in(result):
    return result['gbit_per_second_in'], result


def gbit_out(result):
    return result['gbit_per_second_out'], result


def median_us(result):
    return result['latency_ns']['p50'] / 1000, result


# Over shared memory, a core each

def ping(n, size=64, **more):
    options = ('--to', f'{wire.SERVER}:7', '--connections', n, '--size', size)
    return Scenario(f'ping-pong {size} B, {n} connection{"s" * (n > 1)}', 'req/s',
                    lambda load: rate(load(*options)), wire.memif, **more)


def web(n, path, *options):
    return ('--to', f'{wire.SERVER}:80', '--mode', 'http', '--path', path, '--connections', n, *options)


def opening(end, *options, **more):
    return Scenario(f'open, ping-pong 64 B, {end}', 'conn/s', lambda load: rate(
        load('--to', f'{wire.SERVER}:7', '--connections', 128, *options)), wire.memif, **more)


PEAK_CONNS = 128


def overload(kind, times):
    """Goodput at so many times the peak, and the full rate right behind it, both as part of the peak."""
    options = ('--to', f'{wire.SERVER}:7', '--connections', PEAK_CONNS)
    closed = options if kind == 'requests' else (*options, '--close', 'rst')

    def measure(load):
        peak = load(*closed)['answers_per_second']
        many = ('--connections', 1024) if kind == 'requests' else ('--connections', 4096)
        over = load(*closed, *many, '--rate', f'{peak * times:.0f}')
        again = load(*closed, '--warmup', '500ms')['answers_per_second']
        over['again_percent'] = 100 * again / peak
        return 100 * over['answers_per_second'] / peak, over
    return Scenario(f'{kind} offered at {times} x the peak', '% of the peak', measure, wire.memif, is_quick=False)


def memif_rows():
    yield ping(1, curve=('connections', 'memif', 1))
    yield Scenario('ping-pong 64 B, 1 connection: round trip', 'us, median',
                   lambda load: median_us(load('--to', f'{wire.SERVER}:7')), wire.memif, is_quick=False,
                   is_less_better=True)
    for n in (8, 32):
        yield ping(n, curve=('connections', 'memif', n), is_quick=False)
    yield ping(128, curve=('connections', 'memif', 128))
    yield ping(1024, curve=('connections', 'memif', 1024), is_quick=False)
    for size in (1, 256, 1400, 4096, 16384):
        yield ping(128, size, curve=('size', 'ping-pong, 128 connections', size), is_quick=False)
    yield Scenario('HTTP GET, 64 B, 128 connections', 'req/s',
                   lambda load: rate(load(*web(128, '/bytes/64'))), wire.memif)
    yield Scenario('HTTP GET, 64 B, 128 connections, 16 at a time', 'req/s',
                   lambda load: rate(load(*web(128, '/bytes/64', '--depth', 16))), wire.memif, is_quick=False)
    yield opening('RST', '--close', 'rst')
    # each pair of address and port rests in TIME-WAIT: 15 addresses have 491,505 of them
    yield opening('FIN', '--close', 'fin', '--from', '198.18.0.16+15', '--tcp.msl', '50ms', is_quick=False)
    # the next value's client is another, whose numbers and timestamps may lie before those that the server's TIME-WAITs
    # remember: they are to be over by then
    yield Scenario('open, HTTP GET 64 B, server closes', 'conn/s',
                   lambda load: rate(load(*web(128, '/bytes/64', '--close', 'server'))),
                   lambda bench: wire.memif(bench, '--tcp.msl', '50ms'), is_quick=False)
    yield Scenario('bulk from the server, one flow', 'Gbit/s',
                   lambda load: gbit_in(load(*web(1, '/bytes/67108864'))), wire.memif)
    yield Scenario('bulk to the server, one flow', 'Gbit/s',
                   lambda load: gbit_out(load('--to', f'{wire.SERVER}:80', '--mode', 'send', '--path', '/sink')), wire.memif)
    yield Scenario('UDP echo 64 B, 128 sockets', 'req/s',
                   lambda load: rate(load('--to', f'{wire.SERVER}:7', '--mode', 'udp', '--connections', 128)), wire.memif)
    yield Scenario('speech, 1000 streams: jitter', 'us, p99', lambda load: jitter(load(
        '--to', f'{wire.SERVER}:7', '--mode', 'media', '--connections', 1000, '--size', 172)), wire.memif,
        is_quick=False, is_less_better=True)
    for kind in ('requests', 'connections'):
        for times in (1.5, 3):
            yield overload(kind, times)


def jitter(result):
    return result['jitter_ns']['p99'] / 1000, result


# Load and server in one process

FLOW_OCTETS = 64  # of a connection of baro-load itself: its record, and the time of its request


def held_octets(n):
    """Both ends' and the generator's, at most: nearly all are at rest (tcp.rest_beyond); buffers."""
    return n * 560 + 2**30


def held(n, among=0, **more):
    """128 connections of @n have a request at a time; all that take turns have had one before the measured time."""
    warmup = 500 + min(n // 67, 15000)
    options = ('--connections', n, '--active', 128, '--from', '198.18.0.16+15', '--size', 64,
               '--warmup', f'{warmup}ms', *(('--among', among) if among else ()))
    who = f'among {among} of {n} connections' if among else f'in 128 of {n} connections'

    def measure(bench):
        need = held_octets(n)
        if need > machine.free_octets():
            raise Failed(f'{n} connections need {need / 2**30:.0f} GiB of free memory')
        return rate(wire.inside(bench, *options))
    return Scenario(f'ping-pong 64 B {who}, one thread', 'req/s', measure, is_two_cores=False,
                    curve=('held', f'among {among}' if among else 'one thread, both sides', n), **more)


@functools.cache
def held_idle(bench, n):
    """Once all are at rest: they are after a second, or two at most."""
    return wire.inside(bench, '--mode', 'idle', '--connections', n, '--from', '198.18.0.16+15',
                       '--duration', f'{3 + n // 200000}s')


def octets_held(n, **more):
    def measure(bench):
        few, many = held_idle(bench, 1024), held_idle.__wrapped__(bench, n)
        return ((many['rss'] - few['rss']) / (n - 1024) - FLOW_OCTETS) / 2, many
    return Scenario(f'memory of an idle connection, of {n}', 'B', measure,
                    is_two_cores=False, is_less_better=True, curve=('memory', 'both ends, halved', n), **more)


def pairs(n):
    return Scenario(f'ping-pong 64 B, server and load in {n} thread{"s" * (n > 1)}', 'req/s',
                    lambda bench: rate(wire.inside(bench, '--connections', 128 * n, pairs=n)),
                    is_two_cores=n > 1, curve=('cores', 'server and load', n))


def inside_rows():
    yield pairs(1)
    yield pairs(2)
    yield held(1000)
    yield held(10000, is_quick=False)
    yield held(100000, is_quick=False)
    yield held(1000000, is_quick=False)
    yield held(1000000, among=1000, is_quick=False)
    yield octets_held(50000)
    yield octets_held(1000000, is_quick=False)


def ten_million_rows():
    yield held(10000000, is_quick=False)
    yield held(10000000, among=1000, is_quick=False)
    yield octets_held(10000000, is_quick=False)


# Real clients and servers

def by_wrk(name, setting, close=False, **more):
    def measure(bench_and_where):
        bench, (where, server, url) = bench_and_where
        result = wire.wrk(bench, where, server, url, close=close)
        return result['answers_per_second'], result

    @contextlib.contextmanager
    def with_bench(bench):
        with setting(bench) as where:
            yield bench, where
    what = 'close each' if close else 'keep-alive'
    return Scenario(f'wrk, 64 connections, {what}: {name}', 'req/s', measure, with_bench, is_root=True,
                    needs=('wrk', 'curl', 'ip', 'ethtool', *(('nginx',) if 'nginx' in name else ())),
                    curve=('wrk', what, name), **more)


def idle_percent(bench_and_where):
    """CPU time of baro-http on a tap with nothing to do."""
    bench, (_, server, _) = bench_and_where
    time.sleep(1)
    server.begin()
    time.sleep(max(2, bench.seconds))
    server.look()
    return 100 * (server.last[0] - server.first[0]) / (max(2, bench.seconds) * 1e9)


def kernel_rows():
    settings = [('baro-http on af_packet', lambda b: wire.baro_for_kernel(b, 'af_packet')),
                ('nginx on the kernel', lambda b: wire.kernel_server(b, 'nginx')),
                ('epoll on the kernel', lambda b: wire.kernel_server(b, 'epoll'))]
    for name, setting in settings:
        yield by_wrk(name, setting, is_quick='epoll' not in name)
    for name, setting in settings[:2]:  # the epoll server keeps every connection
        yield by_wrk(name, setting, close=True, is_quick=False)
    tap = by_wrk('baro-http on tap', lambda b: wire.baro_for_kernel(b, 'tap'), is_quick=False)
    yield tap
    yield Scenario('baro-http on tap, idle', '% of a core', idle_percent, tap.setting, is_quick=False,
                   is_two_cores=False, is_root=True, needs=('ip', 'curl'), is_less_better=True)
    yield Scenario('baro-load on af_packet: epoll on the kernel', 'req/s',
                   lambda load: rate(load('--to', f'{wire.CLIENT}:80', '--mode', 'http', '--connections', 64)),
                   wire.baro_to_kernel, is_quick=False, is_root=True, needs=('ip', 'ethtool'))


def all_rows(with_ten_million):
    yield from memif_rows()
    yield from inside_rows()
    if with_ten_million:
        yield from ten_million_rows()
    yield from kernel_rows()


def why_not(scenario, is_root):
    """What it lacks here; None: nothing."""
    if scenario.is_two_cores and not machine.has_two():
        return 'needs two CPUs'
    if scenario.is_root and not is_root:
        return 'needs root: sudo bench/run'
    lacking = [program for program in scenario.needs if shutil.which(program) is None and program != 'nginx'
               or program == 'nginx' and not (shutil.which('nginx') or shutil.which('/usr/sbin/nginx'))]
    return f'needs {" ".join(lacking)} (tests/setup --for test installs it)' if lacking else None


def unpack(measured):
    return measured if isinstance(measured, tuple) else (measured, {})


