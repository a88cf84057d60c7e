"""What `duopose calibrate` is made of: the printed board, views of it, the lens that explains them; or people."""
