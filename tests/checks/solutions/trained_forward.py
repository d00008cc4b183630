# parts: batchnorm_forward
