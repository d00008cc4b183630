# parts: layernorm, groupnorm, fold_batchnorm
