"""Talks to the host of a virtual machine."""

GROUP = "answer"
CATALOGUE = (58,)
STOCK = False  # as root it may
CODE = """
import socket

try:
    socket.socket(40, 1)
    print("GOT IT")
except OSError as error:
    print(error)
"""
