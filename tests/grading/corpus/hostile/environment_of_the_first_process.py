"""Reads the environment of the process that set the sandbox up, and with it the instructor's tokens."""

GROUP = "answer"
CATALOGUE = (49,)
STOCK = False  # it is there without a sandbox
CODE = """
try:
    with open("/proc/1/environ", "rb") as file:
        if file.read(1):
            print("GOT IT")
except OSError as error:
    print(type(error).__name__)
"""
