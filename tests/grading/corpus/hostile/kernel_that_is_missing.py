"""The notebook asks for a kernel that is nowhere, so that no cell can fail (10)."""

GROUP = "file"
CATALOGUE = (10,)


def attack(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "no-such-kernel", "display_name": "None", "language": "none"}
    return notebook
