#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The kernel's TCP Fast Open as a server on port 80: sends back what it is sent, and closes."""

import socket

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 10)
listener.bind(("", 80))
listener.listen()
while True:
    conn, _ = listener.accept()
    conn.sendall(conn.recv(100))
    conn.close()
