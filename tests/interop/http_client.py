# SPDX-License-Identifier: BSD-3-Clause
"""Clients of baro-http that curl cannot play: http_client.py WHAT HOST; exit status 0: it is so."""
import selectors
import socket
import sys
import time

PERIOD = bytes(i % 251 for i in range(251)) * 4096


def connect(host, rcvbuf=None):
    s = socket.socket()
    if rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    s.settimeout(30)
    s.connect((host, 80))
    return s


def request(path, fields=''):
    return f'GET {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n'.encode()


def read_head(s):
    text = b''
    while b'\r\n\r\n' not in text:
        data = s.recv(65536)
        if not data:
            sys.exit(f'end of data after {text!r}')
        text += data
    head, rest = text.split(b'\r\n\r\n', 1)
    return head.decode(), rest


def read_all(s):
    text = b''
    while data := s.recv(65536):
        text += data
    return text


def stalls(host):
    """Reads, stops for 20 s, reads on: every octet is there and right."""
    total = 50_000_000
    s = connect(host, 65536)
    s.sendall(request(f'/bytes/{total}'))
    _, data = read_head(s)
    n = 0
    time.sleep(20)
    while True:
        at = n % 251
        if data != PERIOD[at:at + len(data)]:
            sys.exit(f'wrong octets from {n} on')
        n += len(data)
        if n >= total:
            break
        data = s.recv(65536)
        if not data:
            sys.exit(f'end of data after {n} octets')


def thousand(host):
    """A thousand connections are open at once and all of them are served, twice."""
    conns = [connect(host) for _ in range(1000)]
    for _ in range(2):
        for s in conns:
            s.sendall(request('/bytes/10000'))
        for s in conns:
            _, data = read_head(s)
            while len(data) < 10000:
                data += s.recv(65536)
            if data != PERIOD[:10000]:
                sys.exit('wrong octets')


def pipelines(host):
    """A hundred requests in one piece are answered in order."""
    s = connect(host)
    s.sendall(b''.join(request(f'/bytes/{i + 1}') for i in range(100))
              + request('/bytes/0', 'Connection: close\r\n'))
    lengths = [int(line.split()[1]) for line in read_all(s).split(b'\r\n')
               if line.startswith(b'Content-Length: ')]
    if lengths != [*range(1, 101), 0]:
        sys.exit(f'answers for {lengths}')


def slow_head(host):
    """One octet a 0.3 s: 408 when the time for a head is over."""
    s = connect(host)
    sel = selectors.DefaultSelector()
    sel.register(s, selectors.EVENT_READ)
    for octet in request('/', 'A: ' + 'a' * 100 + '\r\n'):
        s.send(bytes([octet]))
        if sel.select(0.3):
            break
    head, _ = read_head(s)
    if ' 408 ' not in head.splitlines()[0]:
        sys.exit(head)


def half_closed(host):
    """FIN right after the request: the whole answer still comes."""
    s = connect(host)
    s.sendall(request('/bytes/3000000'))
    s.shutdown(socket.SHUT_WR)
    _, data = read_head(s)
    data += read_all(s)
    if data != (PERIOD * 3)[:3000000]:
        sys.exit(f'{len(data)} octets')


globals()[sys.argv[1]](sys.argv[2])
