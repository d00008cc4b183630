# parts: batchnorm2d, batchnorm3d
