# parts: running_statistics, calibrate
