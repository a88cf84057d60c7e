"""The one training loop, its options, learning rates and export."""
