# parts: batchnorm_training
# %% wrong: output-mean-off, batchnorm_training: running-statistics, the running estimates normalise in training
# %% wrong: output-mean-off, batchnorm_training: first-batch-remembered, the statistics are taken once
# %% wrong: gradient-does-not-fit, batchnorm_training: statistics-without-gradient, statistics under no_grad
# %% wrong: gradient-does-not-fit, batchnorm_training: variance-without-gradient, its numbers are taken out of the graph
# %% wrong: gradient-does-not-fit, batchnorm_training: mean-without-gradient, a new tensor from old numbers
# %% wrong: gradient-does-not-fit, batchnorm_training: not-differentiable, the output leaves the graph
# %% wrong: gradient-does-not-fit, batchnorm_training: input-without-gradient, normalising under no_grad
# %% wrong: output-spread-off, batchnorm_training: unbiased-normaliser, torch.var as it comes
# %% wrong: gamma-or-beta-off, batchnorm_training: parameters-without-gradient, by .data
# %% wrong: gamma-or-beta-off, batchnorm_training: not-trainable, tensors that require no gradient
# %% wrong: output-mean-off, batchnorm_training: statistics-over-features, over the last dimension
# %% wrong: output-mean-off, batchnorm_training: statistics-over-everything, no dimension at all
# %% wrong: gamma-or-beta-off, batchnorm_training: third-step-missing, gamma and beta are there and not used
