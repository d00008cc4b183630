# parts: loss_along_gradient, is_scale_invariant
