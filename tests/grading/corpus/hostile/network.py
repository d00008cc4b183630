"""Connects to whatever listens on this machine, and looks a name up (58)."""

GROUP = "answer"
CATALOGUE = (58,)
CODE = """
import pathlib, socket

for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
    address, state = line.split()[1], line.split()[3]
    if state == "0A":
        try:
            socket.create_connection(("127.0.0.1", int(address.split(":")[1], 16)), timeout=1).close()
            print("GOT IT")
            break
        except OSError:
            pass
"""
