# parts: loss_along_gradient, is_scale_invariant
# %% wrong: losses-off, loss_along_gradient: uphill, plus for minus
# %% wrong: parameters-left-elsewhere, loss_along_gradient: start-without-copy, detach alone
# %% wrong: losses-off, loss_along_gradient: gradient-taken-again, a little training run
# %% wrong: parameters-left-elsewhere, loss_along_gradient: not-restored, the last step stays
# %% wrong: losses-off, loss_along_gradient: parameters-not-moved, new tensors under the old name
# %% wrong: losses-off, loss_along_gradient: only-first-parameter, one tensor expected
# %% wrong: losses-off, loss_along_gradient: unit-gradient, the step size taken for a distance
# %% wrong: wrong-layers, is_scale_invariant: always, the factor is 1
# %% wrong: wrong-layers, is_scale_invariant: always, a return in the wrong place
# %% wrong: wrong-layers, is_scale_invariant: includes-negative-factors, −1 among them
# %% wrong: wrong-layers, is_scale_invariant: includes-zero, from 0 on
# %% wrong: wrong-layers, is_scale_invariant: no-room-for-rounding, torch.equal
# %% wrong: wrong-layers, is_scale_invariant: scales-the-output-too, homogeneous taken for invariant
# %% wrong: wrong-layers, is_scale_invariant: switches-to-evaluation, to be on the safe side
