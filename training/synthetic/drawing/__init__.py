"""From bodies, light and a camera to a picture."""
