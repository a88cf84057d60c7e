"""What rendered people do: captured poses and walks, carried over to their bodies."""
