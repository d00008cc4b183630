"""Reads how the sandbox was set up: paths, and the name of the user."""

GROUP = "answer"
CATALOGUE = (49,)
STOCK = False  # it is there without a sandbox
CODE = """
try:
    with open("/proc/1/cmdline", "rb") as file:
        if file.read(1):
            print("GOT IT")
except OSError as error:
    print(type(error).__name__)
"""
