# parts: batchnorm_backward
