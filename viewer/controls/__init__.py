"""What the user has chosen to see and where in time. Nothing here knows a window or OpenGL."""
