"""Batch Normalization of features (1d), images (2d) and video (3d)."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from bncourse.arguments import check_flag, check_number, check_size, check_tensor
from bncourse.layers.layer import Norm, at_least_float32
from bncourse.layers.normalise import batch_normalised

__all__ = ["BatchNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]


class BatchNorm(Norm, nn.modules.batchnorm._BatchNorm):
    """What the three BatchNorms share: everything but the shapes they accept. :class:`BatchNorm1d` documents it.

    The second base class computes nothing here. PyTorch's tools, such as ``torch.optim.swa_utils.update_bn``,
    recognise a BatchNorm by it, and it gives ``reset_running_stats()``.
    """

    shapes: ClassVar[dict[int, str]]
    """Accepted shapes, by their number of dimensions."""

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        dim: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        unbiased_batch_variance: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        nn.Module.__init__(self)  # torch's BatchNorm would register parameters called weight and bias
        self.dim = self.num_features = check_size("dim", dim)
        self.eps = check_number("eps", eps)
        self.momentum = None if momentum is None else check_number("momentum", momentum, at_most=1)
        self.affine = check_flag("affine", affine)
        self.track_running_stats = check_flag("track_running_stats", track_running_stats)
        self.unbiased_batch_variance = check_flag("unbiased_batch_variance", unbiased_batch_variance)

        zeros, ones = (torch.full((self.dim,), value, device=device, dtype=dtype) for value in (0.0, 1.0))
        self.register_parameter("gamma", nn.Parameter(ones.clone()) if affine else None)
        self.register_parameter("beta", nn.Parameter(zeros.clone()) if affine else None)
        self.register_buffer("running_mean", zeros if track_running_stats else None)
        self.register_buffer("running_var", ones if track_running_stats else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0, device=device) if track_running_stats else None)

    def reset_parameters(self) -> None:
        """Set gamma and beta to 1 and 0, and the running estimates to their initial values."""
        self.reset_running_stats()
        if self.gamma is not None and self.beta is not None:
            nn.init.ones_(self.gamma)
            nn.init.zeros_(self.beta)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each channel of ``x``; the shape stays."""
        self.check_input(x)
        per_channel = (1, self.dim) + (1,) * (x.ndim - 2)  # aligns (C,) with the channels of x
        gamma, beta = self.scale_and_shift(*per_channel)
        values = at_least_float32(x)

        if self.training or self.running_mean is None or self.running_var is None:
            n = self.values_per_channel(x)
            divisor = n - 1 if self.unbiased_batch_variance else n
            y, mean, var = batch_normalised(values, gamma, beta, self.eps, divisor)
            self.update_running_stats(mean, var * (divisor / (n - 1)))
        else:
            mean, var = self.running_mean.view(per_channel), self.running_var.view(per_channel)
            y = gamma * torch.rsqrt(var + self.eps) * (values - mean) + beta

        self.out = y.to(x.dtype)
        return self.out

    @torch.no_grad()
    def update_running_stats(self, mean: Tensor, unbiased_var: Tensor) -> None:
        """Move the running estimates, where the layer keeps them, towards the statistics of a batch (C values each)."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        weight = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.copy_((1 - weight) * self.running_mean + weight * mean.flatten())
        self.running_var.copy_((1 - weight) * self.running_var + weight * unbiased_var.flatten())

    def values_per_channel(self, x: Tensor) -> int:
        """Return how many values of ``x`` each channel has, or raise ``ValueError`` if there are fewer than two."""
        n = x.numel() // self.dim
        if n < 2:
            raise ValueError(
                f"{type(self).__name__} was given {n} per channel (an input of shape {tuple(x.shape)}); "
                "to take the statistics of a batch it needs at least 2 values per channel"
            )
        return n

    def check_input(self, x: Tensor) -> None:
        """Raise unless ``x`` is a tensor of an accepted dtype and shape, with C channels."""
        check_tensor(self, x, held=self.running_mean if self.gamma is None else self.gamma)
        if x.ndim not in self.shapes or x.shape[1] != self.dim:
            raise ValueError(
                f"{type(self).__name__} was given an input of shape {tuple(x.shape)}; "
                f"it takes {' or '.join(self.shapes.values())} with C = {self.dim}"
            )

    def extra_repr(self) -> str:
        """Return the arguments as ``repr`` shows them."""
        unbiased = ", unbiased_batch_variance=True" if self.unbiased_batch_variance else ""
        return (
            f"{self.dim}, eps={self.eps:g}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}{unbiased}"
        )


class BatchNorm1d(BatchNorm):
    """Batch Normalization of features: each to mean 0 and variance 1 over the batch, then scaled and shifted.

    ::

        y = gamma * (x - mean) / √(var + eps) + beta

    Training: ``mean`` and ``var`` are those of the batch, each channel's average over all its ``n`` values
    (``var`` divides by ``n``: it is biased). Gradients flow through both. The layer then moves its running
    estimates, in which it stores the *unbiased* variance::

        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var  = (1 - momentum) * running_var  + momentum * var * n / (n - 1)

    Evaluation: ``mean`` and ``var`` are the running estimates, so that no example's result depends on the
    others in its batch.

    Arguments:
        dim: number of channels C (features), at least 1.
        eps: added to the variance, at least 0.
        momentum: weight of the *new* value in the running estimates, 0 to 1; ``None`` makes them the plain
            average over all batches seen.
        affine: whether to learn ``gamma`` and ``beta``; if not, both are ``None``.
        track_running_stats: whether to keep running estimates; if not, the three buffers are ``None``, and
            evaluation takes the statistics of the batch too.
        unbiased_batch_variance: divide by ``n - 1`` to normalise as well. Some lectures do; it is here only
            to reproduce their published figures.
        device, dtype: of parameters and running estimates, as in ``torch.nn``.

    Attributes:
        gamma, beta: parameters, shape (C,), 1 and 0 at the start; ``torch.nn`` calls them weight and bias.
        running_mean, running_var: buffers, shape (C,), 0 and 1 at the start.
        num_batches_tracked: buffer, the number of training batches seen.

    Shape:
        (N, C) or (N, C, L), and the same shape out; ``n`` is N or N * L. The output has the input's dtype. A
        16-bit input is accepted by a 16-bit or a float32 layer, and its statistics are computed in float32.

    Raises:
        TypeError: an argument has the wrong type, or the input is not a tensor of an accepted dtype.
        ValueError: an argument is out of range; the input has the wrong shape; or statistics are to be taken
            of a batch with fewer than two values per channel.

    Source:
        Ioffe and Szegedy, "Batch Normalization" (2015), arXiv:1502.03167: Algorithm 1 for training,
        section 3.1 for inference and the unbiased variance, section 3.2 for convolutions.
    """

    shapes: ClassVar = {2: "(N, C)", 3: "(N, C, L)"}


class BatchNorm2d(BatchNorm):
    """Batch Normalization of images: each channel over the batch and all pixels.

    ::

        y[n, c, i, j] = gamma[c] * (x[n, c, i, j] - mean[c]) / √(var[c] + eps) + beta[c]

    Training, evaluation, arguments, attributes, errors and source are those of :class:`BatchNorm1d`.

    Shape:
        (N, C, H, W), and the same shape out; statistics over N * H * W values.
    """

    shapes: ClassVar = {4: "(N, C, H, W)"}


class BatchNorm3d(BatchNorm):
    """Batch Normalization of video: each channel over the batch, all frames and all pixels.

    ::

        y[n, c, t, i, j] = gamma[c] * (x[n, c, t, i, j] - mean[c]) / √(var[c] + eps) + beta[c]

    Training, evaluation, arguments, attributes, errors and source are those of :class:`BatchNorm1d`.

    Shape:
        (N, C, D, H, W), and the same shape out; statistics over N * D * H * W values.
    """

    shapes: ClassVar = {5: "(N, C, D, H, W)"}
