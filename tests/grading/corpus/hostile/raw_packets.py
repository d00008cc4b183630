"""Reads every packet of the machine."""

GROUP = "answer"
CATALOGUE = (58,)
STOCK = False  # as root it may
CODE = """
import socket

try:
    socket.socket(17, 3)
    print("GOT IT")
except OSError as error:
    print(error)
"""
