# parts: kaiming_std, linear, measured_gain
