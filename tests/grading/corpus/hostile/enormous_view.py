"""A view of one number with 10**12 entries, on the meta device, sparse, and complex: what cannot be written down."""

GROUP = "comparison"
CATALOGUE = (24, 84)
CODE = """
class BatchNorm1d(BatchNorm1d):
    turn = 0

    def forward(self, x):
        y = super().forward(x)
        BatchNorm1d.turn += 1
        big = torch.ones(1).expand(10**12)
        odd = [big, torch.ones(3, device="meta"), torch.eye(3).to_sparse(), torch.ones(3) * 1j, torch.ones([1] * 60)]
        self.running_var = odd[self.turn % 5]
        return y
"""
