# parts: batchnorm_backward
# %% wrong: gradient-does-not-fit, batchnorm_backward: statistics-held-constant, as in evaluation
# %% wrong: gradient-does-not-fit, batchnorm_backward: variance-path-missing, only the mean is subtracted
# %% wrong: gradient-does-not-fit, batchnorm_backward: mean-path-missing, the gradient of the mean is never handed on
# %% wrong: gradient-does-not-fit, batchnorm_backward: one-path-replaced, = where += belongs
# %% wrong: gradient-does-not-fit, batchnorm_backward: variance-path-added, the minus of the power -1/2 is lost
# %% wrong: gradient-does-not-fit, batchnorm_backward: factor-two-missing, the derivative of the square
# %% wrong: gradient-does-not-fit, batchnorm_backward: half-missing, the derivative of the root
# %% wrong: gradient-does-not-fit, batchnorm_backward: wrong-power-of-inv-std, the second power instead of the third
# %% wrong: gradient-does-not-fit, batchnorm_backward: not-divided-by-n, the factor in front of the bracket
# %% wrong: gradient-does-not-fit, batchnorm_backward: sums-not-divided, dbeta and dgamma taken for means
# %% wrong: gradient-does-not-fit, batchnorm_backward: unbiased-variance, n - 1 in the forward pass
# %% wrong: gradient-does-not-fit, batchnorm_backward: statistics-over-features, each example over its features
# %% wrong: gradient-does-not-fit, batchnorm_backward: statistics-over-everything, one mean for all
# %% wrong: gradient-does-not-fit, batchnorm_backward: dx-is-zero, it passes for an upstream gradient of ones
# %% wrong: gamma-gradient-off, batchnorm_backward: dgamma-with-x, what goes in instead of what is normalised
# %% wrong: gamma-gradient-off, batchnorm_backward: parameters-averaged, mean instead of sum
