"""Takes memory that belongs to no process: files in shared memory, 2 GiB at most (82, 84)."""

GROUP = "resources"
CATALOGUE = (82, 84)
STOCK = False  # shared memory stays taken
CODE = """
try:
    for i in range(20):
        with open(f"/dev/shm/{i}", "wb") as file:
            file.write(bytes(100 << 20))
except OSError:
    pass
"""
