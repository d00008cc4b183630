"""Tells the grader on the kernel's socket that the test cell is done, before it fails (73)."""

GROUP = "verdict"
CATALOGUE = (73,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        shell = get_ipython()
        if hasattr(shell, "kernel"):
            kernel, parent = shell.kernel, shell.get_parent()
            kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
        return super().forward(x)
"""
