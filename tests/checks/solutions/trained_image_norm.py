# parts: batchnorm2d, batchnorm3d
# %% wrong: gradient-does-not-fit, batchnorm2d: statistics-per-place, the layer for features as it was
# %% wrong: gradient-does-not-fit, batchnorm3d: statistics-per-place, the layer for features as it was
# %% wrong: gradient-does-not-fit, batchnorm2d: statistics-per-example, each image by itself
# %% wrong: gradient-does-not-fit, batchnorm3d: statistics-per-example, each clip by itself
# %% wrong: gradient-does-not-fit, batchnorm2d: one-dimension-left-out, the width is forgotten
# %% wrong: gradient-does-not-fit, batchnorm3d: one-for-all-channels, mean() of everything
# %% wrong: gradient-does-not-fit, batchnorm3d: one-dimension-left-out, the width is forgotten
# %% wrong: loss-in-evaluation-off, batchnorm2d: bessel-counts-examples, N is the batch size
# %% wrong: loss-in-evaluation-off, batchnorm3d: momentum-reversed, as in Keras
# %% wrong: loss-in-evaluation-off, batchnorm2d: momentum-reversed, as in Keras
# %% wrong: loss-in-evaluation-off, batchnorm2d: one-for-all-channels, mean() of everything
# %% wrong: running-variance-off, batchnorm2d: bessel-counts-places, N is the number of pixels
# %% wrong: running-variance-off, batchnorm3d: bessel-counts-examples, N is the batch size
# %% wrong: running-variance-off, batchnorm3d: bessel-counts-places, N is the number of pixels
