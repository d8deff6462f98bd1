#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A peer on a tap of its own, 198.18.0.1, that asks much at once and reads later.

usage: slow_tap.py INTERFACE OURS N

Sends N datagrams to the echo service of OURS in one go, then reads what comes, and prints how many of the
answers did, and in how many ms the last.
"""
import fcntl
import select
import socket
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
MAC = bytes.fromhex("020000000001")
HERE = socket.inet_aton("198.18.0.1")


def ones_sum(octets):
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def arp_request(there):
    return b"\xff" * 6 + MAC + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + MAC + HERE + bytes(6) + there


def datagram(mac, there, text):
    udp = struct.pack("!HHHH", 4000, 7, 8 + len(text), 0) + text
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, HERE, there)
    ip = ip[:10] + struct.pack("!H", ones_sum(ip)) + ip[12:]
    return mac + MAC + b"\x08\x00" + ip + udp


def read(tap, seconds):
    """The next frame, or None when none comes in time."""
    return tap.read(2048) if select.select([tap], [], [], seconds)[0] else None


def main():
    interface, ours, n = sys.argv[1], socket.inet_aton(sys.argv[2]), int(sys.argv[3])
    tap = open("/dev/net/tun", "r+b", buffering=0)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", interface.encode(), IFF_TAP | IFF_NO_PI))
    mac = None
    while mac is None:  # until the stack is there
        tap.write(arp_request(ours))
        frame = read(tap, 0.2)
        if frame and frame[12:14] == b"\x08\x06" and frame[20:22] == b"\x00\x02":
            mac = frame[6:12]
    for _ in range(n):
        tap.write(datagram(mac, ours, b"x" * 100))
    time.sleep(0.003)
    begin = last = time.monotonic()
    answers = 0
    while (frame := read(tap, 0.5)) is not None:
        if frame[12:14] == b"\x08\x00" and frame[23] == 17:
            answers += 1
            last = time.monotonic()
    print(answers, round((last - begin) * 1000))


main()
