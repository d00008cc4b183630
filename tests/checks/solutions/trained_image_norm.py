# parts: batchnorm2d, batchnorm3d
# %% wrong: axes-off, batchnorm2d: statistics-per-place, the layer for features as it was
# %% wrong: axes-off, batchnorm3d: statistics-per-place, the layer for features as it was
# %% wrong: axes-off, batchnorm2d: statistics-per-example, each image by itself
# %% wrong: axes-off, batchnorm3d: statistics-per-example, each clip by itself
# %% wrong: axes-off, batchnorm2d: one-dimension-left-out, the width is forgotten
# %% wrong: output-mean-off, batchnorm3d: one-for-all-channels, mean() of everything
# %% wrong: axes-off, batchnorm3d: one-dimension-left-out, the width is forgotten
# %% wrong: running-variance-off, batchnorm2d: bessel-counts-examples, N is the batch size
# %% wrong: running-mean-off, batchnorm3d: momentum-reversed, as in Keras
# %% wrong: running-mean-off, batchnorm2d: momentum-reversed, as in Keras
# %% wrong: output-mean-off, batchnorm2d: one-for-all-channels, mean() of everything
# %% wrong: running-variance-off, batchnorm2d: bessel-counts-places, N is the number of pixels
# %% wrong: running-variance-off, batchnorm3d: bessel-counts-examples, N is the batch size
# %% wrong: running-variance-off, batchnorm3d: bessel-counts-places, N is the number of pixels
