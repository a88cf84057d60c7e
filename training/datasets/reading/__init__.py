"""What the readers of several data sets use: their files, joints and labels become a `Sample`."""
