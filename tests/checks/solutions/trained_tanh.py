# parts: tanh, saturated_fraction, dead_units
# %% wrong: saturation-off, tanh: sigmoid-instead-of-tanh, another S
# %% wrong: saturation-off, saturated_fraction: positive-half-only, no absolute value
# %% wrong: saturation-off, tanh: half-as-steep, a stretched sigmoid
# %% wrong: saturation-off, saturated_fraction: counted-not-divided, the number of them
# %% wrong: saturation-off, saturated_fraction: percent, times a hundred
# %% wrong: saturation-off, saturated_fraction: divided-by-examples, len of a matrix
# %% wrong: saturation-off, saturated_fraction: divided-by-units, the other dimension
# %% wrong: dead-units-off, dead_units: some-example-is-enough, any for all
# %% wrong: dead-units-off, dead_units: some-example-is-enough, the largest value of a column
# %% wrong: dead-units-off, dead_units: wrong-axis, along the row
# %% wrong: dead-units-off, dead_units: one-answer-for-all, no dimension
# %% wrong: dead-units-off, dead_units: positive-side-only, no absolute value
# %% wrong: gradient-does-not-fit, tanh: slope-from-input, backward squares what went in
# %% wrong: gradient-does-not-fit, tanh: slope-inverted, the slope of a saturated tanh is said to be infinite
# %% wrong: gradient-does-not-fit, tanh: upstream-missing, the slope alone
# %% wrong: gradient-does-not-fit, tanh: slope-not-squared, 1 - t
