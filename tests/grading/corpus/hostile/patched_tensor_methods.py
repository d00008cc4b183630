"""Tensor's own methods are replaced: detach, numpy, copy and clone give what was wanted last time (21, 26)."""

GROUP = "comparison"
CATALOGUE = (21, 26)
CODE = """
real = torch.Tensor.detach
torch.Tensor.detach = lambda self: torch.zeros_like(self) if self.dim() == 1 else real(self)
torch.Tensor.numel = lambda self: 0
torch.Tensor.cpu = lambda self: self
"""
NEIGHBOUR = False  # the methods that it breaks are those which its own calibrate is observed with
