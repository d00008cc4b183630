# parts: layernorm, groupnorm, fold_batchnorm
# %% wrong: output-mean-off, layernorm: statistics-over-batch, the BatchNorm of last week
# %% wrong: output-spread-off, groupnorm: group-per-channel, statistics after a split into channels
# %% wrong: gradient-does-not-fit, layernorm: statistics-without-gradient, under no_grad
# %% wrong: gradient-does-not-fit, layernorm: not-differentiable, by way of NumPy
# %% wrong: output-spread-off, layernorm: divides-by-variance, no root
# %% wrong: output-spread-off, groupnorm: unbiased-variance, torch's default
# %% wrong: output-mean-off, groupnorm: groups-interleaved, channels dealt out like cards
# %% wrong: output-mean-off, groupnorm: one-group, LayerNorm over the whole image
# %% wrong: output-mean-off, groupnorm: statistics-over-batch, the examples are averaged too
# %% wrong: output-mean-off, groupnorm: batch-norm-again, BatchNorm2d of chapter 11
# %% wrong: output-mean-off, layernorm: root-mean-square, what LLaMA uses
# %% wrong: output-mean-off, groupnorm: root-mean-square, nothing is subtracted
# %% wrong: folding-changes-the-network, fold_batchnorm: divides-by-variance, gamma / (var + eps)
# %% wrong: folding-changes-the-network, fold_batchnorm: mean-missing, only the scale and beta
# %% wrong: folding-changes-the-network, fold_batchnorm: beta-missing, the last step
# %% wrong: folding-changes-the-network, fold_batchnorm: mean-added, the sign
# %% wrong: folding-changes-the-network, fold_batchnorm: beta-scaled, gamma at the very end
# %% wrong: folding-changes-the-network, fold_batchnorm: gamma-missing, only normalised
# %% wrong: folding-changes-the-network, fold_batchnorm: bias-not-scaled, the old bias is added at the end
