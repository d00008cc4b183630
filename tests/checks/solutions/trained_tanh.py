# parts: tanh, saturated_fraction, dead_units
