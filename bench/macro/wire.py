# SPDX-License-Identifier: BSD-3-Clause
"""Who talks to whom over which wire: servers and loads are started here, and torn down."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

import machine
from job import Failed, Job

SERVER, CLIENT = '198.18.0.2', '198.18.0.1'
NGINX, NGINX_CLIENT = '198.18.1.2', '198.18.1.1'
BODY = 64  # octets of the page that everybody serves

NGINX_CONF = '''daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 20000; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}; proxy_temp_path {folder};
fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
server {{ listen 80 reuseport backlog=4096; location / {{ return 200 "{body}"; }} }} }}
'''


def _checked(result, options):
    """A rate of fewer connections than were asked for is none."""
    if '--close' not in options and result['open'] < result['connections']:
        raise Failed(f'{result["open"]} of {result["connections"]} connections were open at the end; failed: {result["failed"]}')
    return result


class Bench:
    """What all runs have in common."""

    def __init__(self, build, seconds):
        self.build = build
        self.seconds = seconds
        self.server_cpu, self.client_cpu = machine.two_cpus()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baro-bench-'))
        self.n = 0

    def name(self, what):
        self.n += 1
        return f'{what}{self.n}'

    def close(self):
        """Nothing of ours is left behind; EAL leaves a folder a process."""
        for path in (self.folder, *pathlib.Path('/run/dpdk').glob(f'bench*-{os.getpid()}')):
            shutil.rmtree(path, ignore_errors=True)

    def eal(self, cpu, *vdevs):
        memory = ['--in-memory'] if machine.huge_pages() >= 512 else ['--no-huge', '--no-shconf', '-m', '400']
        return ['-l', cpu, *memory, '--no-pci', '--no-telemetry', f'--file-prefix={self.name("bench")}-{os.getpid()}',
                *(f'--vdev={vdev}' for vdev in vdevs)]

    def baro(self, program, cpu, vdev, address, *options):
        return [self.build / 'app' / program, *self.eal(cpu, vdev), '--', '--port0.address', f'{address}/24',
                '--port0.mac', f'02:00:00:00:00:0{address[-1]}', *options]

    def load_job(self, vdev, options, netns=None, address=CLIENT):
        out = self.folder / f'{self.name("load")}.json'
        # the wire is not there yet when the first question for the server's MAC is asked
        command = self.baro('baro-load', self.client_cpu, vdev, address, '--core.idle', 'poll', '--json', out,
                            '--neighbour.retrans', '20ms',
                            '--quiet', '--duration', f'{self.seconds * 1000:.0f}ms',
                            '--warmup', f'{min(500, self.seconds * 500):.0f}ms', *options)
        return Job(self.folder, 'baro-load', command, {self.client_cpu}, netns), out

    def load(self, vdev, options, *servers, netns=None, address=CLIENT):
        """One run of baro-load. @return its JSON, with the worst waiting"""
        for tries_left in reversed(range(5)):
            for server in servers:
                server.begin()
            job, out = self.load_job(vdev, options, netns, address)
            try:
                with job:
                    job.finish(60 + 2 * self.seconds, *servers)
                break
            except Failed:  # a memif's server has not yet noticed that the last client left
                if tries_left == 0 or 'Failed to connect socket' not in job.text():
                    raise
                time.sleep(0.3)
        result = _checked(json.loads(out.read_text()), options)
        result['waited'] = max(j.waited() for j in (job, *servers))
        return result


@contextlib.contextmanager
def memif(bench, *options):
    """
    baro-http, with its echo, behind shared memory. Gives a load(options). It polls while frames come, and sleeps when
    a load leaves: that takes the memory away, which would end it in the middle of a look (drivers-config/README.md).
    Rows with pauses of more than 100 us (speech) have its naps in them.
    """
    wire = f'baro-bench-{os.getpid()}-{bench.name("m")}.memif'
    command = bench.baro('baro-http', bench.server_cpu, f'net_memif0,role=server,socket={wire},rsize=11', SERVER,
                         '--echo', 'on', '--tcp.msl', '1s', *options)
    with Job(bench.folder, 'baro-http', command, {bench.server_cpu}) as server:
        server.wait_for('curl')
        yield lambda *load: bench.load(f'net_memif0,role=client,socket={wire},rsize=11', load, server)


def inside(bench, *options, pairs=1):
    """Load and server in one process, and one thread. @return JSON, with its waiting, and its memory in the end"""
    out = bench.folder / f'{bench.name("inside")}.json'
    cpus = {bench.server_cpu, bench.client_cpu} if pairs > 1 else {bench.client_cpu}
    command = [bench.build / 'bench/bench-inside', '--pairs', pairs, '--json', out, '--quiet',
               '--duration', f'{bench.seconds * 1000:.0f}ms', '--warmup', f'{min(500, bench.seconds * 500):.0f}ms',
               *options]
    rss = []
    with Job(bench.folder, 'bench-inside', command, cpus) as job:
        end = time.monotonic() + 300
        while job.is_alive() and time.monotonic() < end:
            job.look()
            with contextlib.suppress(OSError, AttributeError):
                text = pathlib.Path(f'/proc/{job.process.pid}/status').read_text()
                rss.append(int(re.search(r'VmRSS:\s+(\d+)', text).group(1)) * 1024)
            time.sleep(0.02)
        job.finish(1)
    return dict(_checked(json.loads(out.read_text()), options), waited=job.waited(),
                rss=statistics.median(rss[-max(1, len(rss) // 3):] or [0]))


# The kernel on one side or both: network namespaces, root

def _ip(*words):
    done = subprocess.run(['ip', *words], text=True, capture_output=True)
    if done.returncode != 0:
        raise Failed(f'ip {" ".join(words)}: {done.stderr.strip()}')


@contextlib.contextmanager
def netns(bench):
    name = f'baro-{bench.name("b")}-{os.getpid()}'
    _ip('netns', 'add', name)
    try:
        _ip('-n', name, 'link', 'set', 'lo', 'up')
        yield name
    finally:
        subprocess.run(['ip', 'netns', 'del', name])


def _sh(ns, text):
    done = subprocess.run(['ip', 'netns', 'exec', ns, 'sh', '-c', text], text=True, capture_output=True)
    if done.returncode != 0:
        raise Failed(f'{text}: {done.stderr.strip()}')


def _veth_for_packets(ns):
    """baro0 is the kernel's, baro1 a packet socket's: no offloads that a wire does not have."""
    _ip('-n', ns, 'link', 'add', 'baro0', 'type', 'veth', 'peer', 'name', 'baro1')
    _sh(ns, 'echo 1 >/proc/sys/net/ipv6/conf/baro1/disable_ipv6')
    _ip('-n', ns, 'link', 'set', 'baro1', 'arp', 'off', 'up')
    _ip('-n', ns, 'addr', 'add', f'{CLIENT}/24', 'dev', 'baro0')
    _ip('-n', ns, 'link', 'set', 'baro0', 'up')
    _sh(ns, 'ethtool -K baro0 tx off tso off gso off gro off >/dev/null')


AF_PACKET = 'net_af_packet0,iface=baro1,blocksz=65536,framesz=2048,framecnt=8192,qdisc_bypass=1'


@contextlib.contextmanager
def baro_for_kernel(bench, kind):
    """baro-http on a packet socket or a tap; wrk reaches it. Gives namespace, server, URL."""
    with netns(bench) as ns:
        vdev = AF_PACKET if kind == 'af_packet' else 'net_tap0,iface=baro0'
        if kind == 'af_packet':
            _veth_for_packets(ns)
        command = bench.baro('baro-http', bench.server_cpu, vdev, SERVER, '--echo', 'on')
        with Job(bench.folder, f'baro-http-{kind}', command, {bench.server_cpu}, ns) as server:
            server.wait_for('curl')
            if kind == 'tap':
                _ip('-n', ns, 'addr', 'replace', f'{CLIENT}/24', 'dev', 'baro0')
                _ip('-n', ns, 'link', 'set', 'baro0', 'up')
            yield ns, server, f'http://{SERVER}/bytes/{BODY}'


@contextlib.contextmanager
def kernel_server(bench, kind):
    """nginx, or the epoll server on the kernel's sockets, in a namespace behind a veth pair."""
    with netns(bench) as client, netns(bench) as ns:
        _ip('-n', client, 'link', 'add', 'baro0', 'type', 'veth', 'peer', 'name', 'baro1', 'netns', ns)
        for where, name, address in ((client, 'baro0', NGINX_CLIENT), (ns, 'baro1', NGINX)):
            _ip('-n', where, 'addr', 'add', f'{address}/24', 'dev', name)
            _ip('-n', where, 'link', 'set', name, 'up')
        if kind == 'nginx':
            conf = bench.folder / 'nginx.conf'
            conf.write_text(NGINX_CONF.format(folder=bench.folder, body='b' * BODY))
            command = ['nginx', '-c', conf, '-p', bench.folder, '-e', bench.folder / 'nginx.err']
        else:
            command = [bench.build / 'app/epoll-linux', 7, 80]
        with Job(bench.folder, kind, command, {bench.server_cpu}, ns) as server:
            yield client, server, f'http://{NGINX}/'


@contextlib.contextmanager
def baro_to_kernel(bench):
    """The epoll server on the kernel's sockets; baro-load on a packet socket asks. Gives a load(options)."""
    with netns(bench) as ns:
        _veth_for_packets(ns)
        with Job(bench.folder, 'epoll-linux', [bench.build / 'app/epoll-linux', 7, 80], {bench.server_cpu}, ns) as server:
            time.sleep(0.3)
            yield lambda *load: bench.load(AF_PACKET, load, server, netns=ns, address=SERVER)


def wrk(bench, where, server, url, connections=64, close=False):
    """@return {'answers_per_second', 'latency_ns', 'waited'}"""
    _wait_for_page(where, url)
    seconds = max(1, round(bench.seconds))
    command = ['wrk', '-t1', f'-c{connections}', f'-d{seconds}', '--latency',
               *(['-H', 'Connection: close'] if close else []), url]
    server.begin()
    with Job(bench.folder, 'wrk', command, {bench.client_cpu}, where) as job:
        job.finish(30 + seconds, server)
        text = job.text()
    rate = re.search(r'Requests/sec:\s+([\d.]+)', text)
    if rate is None:
        raise Failed(f'wrk says no rate:\n{text[-500:]}')
    unit = {'us': 1e3, 'ms': 1e6, 's': 1e9}
    times = {f'p{p}': int(float(n) * unit[u]) for p, n, u in re.findall(r'^\s+(50|90|99)%\s+([\d.]+)(us|ms|s)$', text, re.M)}
    return {'answers_per_second': float(rate.group(1)), 'latency_ns': times,
            'waited': max(job.waited(), server.waited())}


def _wait_for_page(where, url):
    end = time.monotonic() + 10
    while subprocess.run(['ip', 'netns', 'exec', where, 'curl', '-s', '-m', '1', '-o', '/dev/null', url]).returncode != 0:
        if time.monotonic() > end:
            raise Failed(f'{url} does not answer')
        time.sleep(0.1)
