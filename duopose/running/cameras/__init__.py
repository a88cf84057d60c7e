"""Several cameras in one run: the file that names them."""
