"""People of data sets through time, in front of the cameras that filmed them: what lifting learns from beside motion
capture."""
