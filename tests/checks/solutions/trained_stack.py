# parts: kaiming_std, linear, measured_gain
# %% wrong: weights-and-formula-disagree, kaiming_std: variance-of-weights, the variance in place of the standard deviation
# %% wrong: weights-and-formula-disagree, linear: weights-of-size-one, no factor
# %% wrong: weights-and-formula-disagree, kaiming_std: only-fan-in-squared-out, no root
# %% wrong: weights-and-formula-disagree, linear: variance-for-std, divided by fan_in
# %% wrong: weights-and-formula-disagree, kaiming_std: gain-squared, the gain of the variance
# %% wrong: weights-and-formula-disagree, linear: gain-of-tanh, 5/3 built in
# %% wrong: weights-and-formula-disagree, kaiming_std: root-of-gain, the root of everything
# %% wrong: weights-and-formula-disagree, linear: gain-of-relu, torch's kaiming_normal_ with its default
# %% wrong: weights-and-formula-disagree, kaiming_std: gain-ignored, the rule of 1998
# %% wrong: weights-and-formula-disagree, linear: torch-default, torch's bound
# %% wrong: weights-and-formula-disagree, kaiming_std: always-root-two, He's rule for ReLU
# %% wrong: signal-lost-or-saturated, measured_gain: root-mean-square-itself, what is left over
# %% wrong: signal-lost-or-saturated, measured_gain: std-itself, the standard deviation not turned round
# %% wrong: signal-lost-or-saturated, measured_gain: gain-of-variance, no root
# %% wrong: signal-lost-or-saturated, measured_gain: one-over-variance, the variances in a ratio
# %% wrong: signal-lost-or-saturated, measured_gain: grid-without-density, all points count alike
