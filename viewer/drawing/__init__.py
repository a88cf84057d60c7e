"""What is drawn with: tubes, floor, flat pictures, words. All of it but words needs an OpenGL context."""
