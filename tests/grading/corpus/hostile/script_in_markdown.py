"""Scripts in the answer in words, in an attachment and in an added cell, for the instructor's browser (17)."""

from reading import cell, text_cell

GROUP = "file"
CATALOGUE = (17,)


def attack(notebook):
    script = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>[here](javascript:alert(1))"
    cell(notebook, "why-answer")["source"] = f"An answer. {script}"
    added = text_cell(script) | {"attachments": {"a.svg": {"image/svg+xml": f"<svg>{script}</svg>"}}}
    notebook["cells"].insert(0, added)
    return notebook
