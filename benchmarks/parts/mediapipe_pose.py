"""MediaPipe Pose, full, one person, as its examples use it, in an environment of its own: `mediapipe_peer` starts it.

    PYTHON mediapipe_pose.py

Answers each line of JSON with one. {"clip": FILE, "warm": N}: what its frames after the first N take, by the clock and
of all cores, and in how many somebody was found. {"pictures": [FILE, ...]}: of each the 33 landmarks [x, y, visibility]
in pixels, or null.
"""

import json
import sys
import time

import cv2
import mediapipe

SETTINGS = {"model_complexity": 1}  # full
STILL = {"static_image_mode": True, **SETTINGS}


def play(path, warm):
    video, images = cv2.VideoCapture(path), []
    while (read := video.read())[0]:
        images.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    with mediapipe.solutions.pose.Pose(**SETTINGS) as pose:
        for image in images[:warm]:
            pose.process(image)
        start, worked = time.perf_counter(), time.process_time()
        found = sum(pose.process(image).pose_landmarks is not None for image in images[warm:])
        seconds, cpu_s = time.perf_counter() - start, time.process_time() - worked
    return {"frames": len(images) - warm, "seconds": seconds, "cpu_s": cpu_s, "found": found}


def look(path, pose):
    image = cv2.imread(path)
    seen = pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).pose_landmarks
    height, width = image.shape[:2]
    return seen and [[mark.x * width - 0.5, mark.y * height - 0.5, mark.visibility] for mark in seen.landmark]


for line in sys.stdin:
    asked = json.loads(line)
    if "clip" in asked:
        answer = play(asked["clip"], asked["warm"])
    else:
        with mediapipe.solutions.pose.Pose(**STILL) as still:
            answer = [look(path, still) for path in asked["pictures"]]
    print(json.dumps(answer), flush=True)
