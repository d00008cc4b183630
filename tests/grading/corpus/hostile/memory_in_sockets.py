"""Fills the buffers of many sockets."""

GROUP = "resources"
CATALOGUE = (82,)
NEIGHBOUR = False  # it has no file left to open
CODE = """
import socket

pairs = []
try:
    for _ in range(400):
        pairs.append(socket.socketpair())
        pairs[-1][0].setblocking(False)
        pairs[-1][0].send(bytes(200_000))
except OSError as error:
    print(len(pairs), error)
"""
