"""Numeric kernels, compiled by Numba when they are imported, and where they are kept."""
