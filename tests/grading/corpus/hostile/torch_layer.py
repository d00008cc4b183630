"""Hands in torch's own layer (38)."""

GROUP = "answer"
CATALOGUE = (38,)
CODE = "BatchNorm1d = nn.BatchNorm1d"
