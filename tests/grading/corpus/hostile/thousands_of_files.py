"""More than a thousand files beside the notebook, some of them under names that no page and no shell should see."""

GROUP = "file"
names = [f"{i}.ipynb" for i in range(1_100)] + ["a\nb.txt", "\u202etxt.exe", b"\xff\xfe.txt", "-rf", "$(touch marker)"]
FILES = dict.fromkeys(names, "x")


def attack(notebook):
    return notebook
