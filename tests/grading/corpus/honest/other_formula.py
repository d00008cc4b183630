"""Another formula: differences from the mean, rsqrt, and running statistics by lerp_."""

CODE = """
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))
        self.eps, self.momentum = eps, momentum

    def forward(self, x):
        if not self.training:
            return torch.addcmul(self.bias, self.weight * (self.running_var + self.eps).rsqrt(), x - self.running_mean)
        n = x.shape[0]
        if n < 2:
            raise ValueError(n)
        centred = x - x.sum(0) / n
        var = (centred**2).sum(0) / n
        self.running_mean.lerp_(x.detach().mean(0).to(self.running_mean), self.momentum)
        self.running_var.lerp_((var.detach() * n / (n - 1)).to(self.running_var), self.momentum)
        return self.weight * (centred * (var + self.eps).rsqrt()) + self.bias
"""
