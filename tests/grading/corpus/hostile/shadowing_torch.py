"""A folder torch beside the notebook is imported in torch's place: its tests of equality say yes (16)."""

GROUP = "file"
CATALOGUE = (16,)
FILES = {
    "torch.py": "raise ImportError('GOT IT: the torch of the learner was imported')\n",
    "numpy/__init__.py": "raise ImportError('GOT IT: the numpy of the learner was imported')\n",
}
CODE = "import torch"
