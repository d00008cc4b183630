"""Saved from Colab: its metadata, a kernel of its own name, no ids of cells."""


def change(notebook):
    notebook["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "conda-env-ml-py", "display_name": "Python [ml]"},
        "accelerator": "GPU",
    }
    notebook["nbformat_minor"] = 0
    for i, each in enumerate(notebook["cells"]):
        each.pop("id", None)
        each["metadata"] |= {"id": f"a{i}", "colab": {"base_uri": "https://localhost:8080/"}}
    return notebook
