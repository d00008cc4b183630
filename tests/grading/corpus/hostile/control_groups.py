"""Reads which control group it is in."""

GROUP = "answer"
CATALOGUE = (49,)
STOCK = False  # it is there without a sandbox
CODE = """
try:
    with open("/sys/fs/cgroup/cgroup.controllers", "rb") as file:
        if file.read(1):
            print("GOT IT")
except OSError as error:
    print(type(error).__name__)
"""
