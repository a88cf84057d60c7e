"""The node capture: pictures of a webcam, stream, file or folder, numbered and put into shared memory."""
