# parts: batchnorm_training
