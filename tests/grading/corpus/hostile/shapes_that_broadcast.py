"""One infinite, one zero-dimensional and one long result, which fit anything by broadcasting (24)."""

GROUP = "comparison"
CATALOGUE = (24,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        return found.mean().expand(1, 1, 1) if name == "running_var" else found

    def forward(self, x):
        return super().forward(x)[None]
"""
