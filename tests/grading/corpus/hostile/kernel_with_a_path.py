"""The name of the kernel is a path with a line of shell in it (10)."""

GROUP = "file"
CATALOGUE = (10,)


def attack(notebook):
    name = "../../../../tmp/$(touch ~/MARKER)"
    notebook["metadata"]["kernelspec"] = {"name": name, "display_name": name, "language": "bash"}
    return notebook
