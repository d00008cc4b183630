# parts: batchnorm_forward
# %% wrong: mean-off, batchnorm_forward: statistics-over-features, kept as columns
# %% wrong: mean-off, batchnorm_forward: statistics-over-everything, one number repeated
# %% wrong: variance-off, batchnorm_forward: unbiased-variance, as torch.var has it
# %% wrong: variance-off, batchnorm_forward: unbiased-variance-returned, as it is to be stored later
# %% wrong: variance-off, batchnorm_forward: std-returned, the third is a standard deviation
# %% wrong: variance-off, batchnorm_forward: mean-of-squares, the variance of uncentred numbers
# %% wrong: output-spread-off, batchnorm_forward: unbiased-normaliser, by np.std with ddof=1
# %% wrong: output-spread-off, batchnorm_forward: divides-by-variance, the root is forgotten
# %% wrong: output-spread-off, batchnorm_forward: third-step-missing, gamma and beta are not used
# %% wrong: output-spread-off, batchnorm_forward: one-gamma-for-all, the first of each
# %% wrong: output-mean-off, batchnorm_forward: beta-missing, only the scale
# %% wrong: shapes-do-not-fit, batchnorm_forward: statistics-over-features, each example over its features
# %% wrong: raises-an-error, batchnorm_forward: statistics-over-everything, no axis at all
# %% wrong: unpacking-does-not-fit, batchnorm_forward: not-three-results, mean and var are forgotten
