"""What each kernel means, in the plainest NumPy or Python: obviously right, never fast."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.transform import Rotation

from duopose.kernels import reprojection as kernel
from duopose.stream.skeleton import BODY_BONES


def find_peaks(heatmap, threshold, top_k, radius):
    """One map [H, W] -> list of (value, x, y), highest first."""
    found = []
    for y, x in np.ndindex(heatmap.shape):
        window = heatmap[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1]
        if heatmap[y, x] > threshold and not np.any(window > heatmap[y, x]):
            found.append((heatmap[y, x], x, y))
    return sorted(found, key=lambda peak: -peak[0])[:top_k]  # sorted() keeps equals in the order of rows


def parabola_top(before, here, after):
    """Top of the parabola through the logarithms of three values at -1, 0, 1."""
    a, b, _ = np.polyfit([-1, 0, 1], np.log([before, here, after]), 2)
    return float(np.clip(-b / (2 * a), -0.5, 0.5))


# Of people whose boxes are known: how far outside a joint may lie (of the longer side), and what its way aside and its
# peak's height count beside a tag distance of 1.
OUTSIDE, ASIDE_WEIGHT, PEAK_WEIGHT = 0.2, 0.3, 1.5


def group(values, xy, tags, order, threshold=0.1, tag_threshold=1.0, max_people=30, exact=True, padding=1e10, boxes=()):
    """The rule of `kernels.grouping.group`, person by person in lists."""
    people = [{} for _ in boxes]  # each a dict: joint type -> index of its detection
    for j in order:
        rows = np.flatnonzero(values[j] > threshold)
        known = people[:max_people]
        distance, cost = np.zeros((2, len(rows), len(known)))
        for column, person in enumerate(known):
            mean = np.mean([tags[i, k] for i, k in person.items()], axis=0, dtype=float) if person else tags[j, rows]
            apart = np.linalg.norm(tags[j, rows] - mean, axis=-1)
            height = 1
            if column < len(boxes):
                low, size = boxes[column][:2], boxes[column][2:]
                outside = np.maximum(np.maximum(low - xy[j, rows], xy[j, rows] - low - size).max(-1), 0) / size.max()
                aside = abs(xy[j, rows, 0] - low[0] - size[0] / 2) / (size[0] / 2)
                near = (apart + outside / OUTSIDE + ASIDE_WEIGHT * aside) / (2 + 2 * ASIDE_WEIGHT)
                apart = np.where(outside >= OUTSIDE, 1e6, np.where(apart < tag_threshold, near, apart))
                height = 100 * PEAK_WEIGHT
            value = values[j, rows].astype(float)
            distance[:, column] = apart
            cost[:, column] = np.where(apart < tag_threshold, apart * 100 - value * height, tag_threshold * 100)
            if not exact:
                cost[:, column] = np.round(apart) * 100 - value
        cost = np.pad(cost, ((0, 0), (0, max(len(rows) - len(known), 0))), constant_values=padding)
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            if column < len(known) and distance[row, column] < tag_threshold:
                known[column][j] = rows[row]
            else:
                people.append({j: rows[row]})
    out = np.zeros((len(people), len(values), 3 + tags.shape[2]), np.float32)
    for person, joints in zip(out, people, strict=True):
        for j, k in joints.items():
            person[j] = [*xy[j, k], values[j, k], *tags[j, k]]
    return out


def quarter(heatmap, x, y):
    """The cell, a quarter towards the higher neighbour each way."""
    padded = np.pad(heatmap, 1, mode="edge")
    around = padded[y : y + 3, x : x + 3]
    return x + (0.25 if around[1, 2] > around[1, 0] else -0.25), y + (0.25 if around[2, 1] > around[0, 1] else -0.25)


def refine_missing(people, heatmaps, tagmaps, divisor):
    out = people[..., :3].copy()
    for n, person in enumerate(people):
        has = np.flatnonzero(person[:, 2] > 0)
        mean = np.mean([tagmaps[j, round(float(person[j, 1])), round(float(person[j, 0]))] for j in has], axis=0)
        for j in np.flatnonzero(person[:, 2] == 0):
            score = heatmaps[j] - np.round(np.linalg.norm(tagmaps[j] - mean, axis=-1) / divisor)
            y, x = np.unravel_index(np.argmax(score), score.shape)
            if heatmaps[j, y, x] > 0:
                out[n, j] = [*quarter(heatmaps[j], x, y), heatmaps[j, y, x]]
    return out


def oks(p, q, scale, sigma):
    seen = (p[:, 2] > 0) & (q[:, 2] > 0)
    if not seen.any():
        return 0.0
    d2 = np.sum((p[:, :2] - q[:, :2]) ** 2, axis=1)
    return np.mean(np.exp(-d2 / (2 * (scale * sigma) ** 2))[seen])


def camera_similarity(p, cp, q, cq, s, sigma):
    d2 = np.sum((p - q) ** 2, axis=1)
    return np.sum(np.minimum(cp, cq) * np.exp(-d2 / (2 * s**2 * sigma**2)))


def common_area(a, b):
    """Of two boxes, by counting: both lie on whole pixels."""
    canvas = np.zeros((2, 64, 64), bool)
    for plane, (x, y, w, h) in zip(canvas, np.stack([a, b]).astype(int), strict=True):
        plane[y : y + h, x : x + w] = True
    return np.sum(canvas[0] & canvas[1])


def iou(a, b):
    common = common_area(a, b)
    union = a[2] * a[3] + b[2] * b[3] - common
    return common / union if union else 0.0


def suppress(boxes, scores, threshold):
    left = sorted(range(len(boxes)), key=lambda n: -scores[n])
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [n for n in left if iou(boxes[best], boxes[n]) <= threshold]
    return kept


def bilinear(image, x, y):
    """Value at x, y of an image [H, W, C] that is black outside."""
    total = np.zeros(image.shape[2])
    for row in (int(np.floor(y)), int(np.floor(y)) + 1):
        for column in (int(np.floor(x)), int(np.floor(x)) + 1):
            if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
                total += image[row, column] * (1 - abs(x - column)) * (1 - abs(y - row))
    return total


def draw_joints(joints, sizes, height, width):
    deviations = [max(0.05 * size, 1.0) for size in sizes]
    out = np.zeros((joints.shape[1], height, width))
    y, x = np.mgrid[:height, :width]
    for person, deviation in zip(joints, deviations, strict=True):
        for plane, (cx, cy, score) in zip(out, person, strict=True):
            if score > 0:
                gaussian = min(score, 1) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * deviation**2))
                np.maximum(plane, gaussian, out=plane)
    return np.floor(255 * out + 0.5).astype(np.uint8)


def resample(poses, stamp, gap):
    """poses: list of (stamp, values [J, C], confidence [J]), oldest first -> values, confidence, valid at one stamp."""
    same = [pose for pose in poses if abs(pose[0] - stamp) < 1e-6]
    if same:
        return same[0][1], same[0][2], True
    before = [pose for pose in poses if pose[0] < stamp]
    after = [pose for pose in poses if pose[0] > stamp]
    if not (before and after):
        nearest = min(poses, key=lambda pose: abs(pose[0] - stamp))
        return nearest[1], nearest[2], False
    (ta, va, ca), (tb, vb, cb) = before[-1], after[0]
    if tb - ta > gap:
        return (va, ca, False) if stamp - ta < tb - stamp else (vb, cb, False)
    share = (stamp - ta) / (tb - ta)
    both = ((ca > 0) & (cb > 0))[:, None]
    values = np.where(both, (1 - share) * va + share * vb, np.where((ca > 0)[:, None], va, vb))
    confidence = (1 - share) * ca + share * cb
    return np.where((confidence > 0)[:, None], values, 0), confidence, True


def procrustes(moving, goal, weight, scale):
    """One pose: the rotation by SciPy, then the scale that leaves the least squares."""
    centre, middle = np.average(moving, 0, weight), np.average(goal, 0, weight)
    turn, _ = Rotation.align_vectors(goal - middle, moving - centre, weight)
    turned = turn.apply(moving - centre)
    if scale:
        turned *= (weight[:, None] * turned * (goal - middle)).sum() / (weight[:, None] * turned**2).sum()
    return turned + middle


def fit_root(joints, rays, weight):
    """Root [3] of one relative pose with joint_xy + root_xy = ray * (joint_z + root_z), in weighted least squares."""
    rows, right = [], []
    for joint, ray, w in zip(joints, rays, weight, strict=True):
        for axis in range(2):
            unit = np.eye(2)[axis]
            rows.append(np.sqrt(w) * np.array([*unit, -ray[axis]]))
            right.append(np.sqrt(w) * (ray[axis] * joint[2] - joint[axis]))
    return np.linalg.lstsq(np.array(rows), np.array(right))[0]


def fit_body(pose, doubt, rays, confidence, lengths, predicted, trust):
    """`kernels.reprojection.fit_body` for one person: the whole matrix [51, 51] from a list of weighted equations."""
    pose, rays, lengths = pose.astype(float), rays.astype(float), lengths.astype(float)
    points = resized(pose, lengths)
    distance = np.linalg.norm(pose[0])
    toward = np.outer(pose[0], pose[0]) / distance**2  # onto the ray of the pelvis
    aside = np.eye(3) - toward
    matrix, right = np.zeros((17, 3, 17, 3)), np.zeros((17, 3))
    for _ in range(kernel.ITERATIONS):
        matrix[:], right[:] = 0, 0

        def equation(weight, goal, joint, parent=None):
            """The joint, less its parent, is `goal`, with the weight [3, 3]."""
            signs = {joint: 1} if parent is None else {joint: 1, parent: -1}
            for a, first in signs.items():
                right[a] += first * weight @ goal
                for b, second in signs.items():
                    matrix[a, :, b] += first * second * weight

        for j in np.flatnonzero(kernel.SEEN & (confidence > 0)):
            across = np.array([[1, 0, -rays[j, 0]], [0, 1, -rays[j, 1]]])
            away = np.linalg.norm(across @ points[j])
            weight = (confidence[j] / kernel.RAY) ** 2 / (1 + (away / kernel.OUTLIER) ** 2) ** 2
            equation(weight * across.T @ across, np.zeros(3), j)
        equation(aside / kernel.ASIDE**2 + toward / (float(doubt[0]) * distance) ** 2, pose[0], 0)
        equation(
            trust[0] * (aside / kernel.MOVED_ASIDE**2 + toward / (kernel.MOVED_AWAY * distance) ** 2), predicted[0], 0
        )
        for parent, j in BODY_BONES:
            equation(np.eye(3) / float(doubt[j]) ** 2, pose[j] - pose[parent], j, parent)
            equation(trust[j] * np.eye(3) / kernel.MOVED**2, predicted[j] - predicted[parent], j, parent)
            bone = (points[j] - points[parent]) / np.linalg.norm(points[j] - points[parent])
            equation(np.outer(bone, bone) / kernel.LENGTH**2, lengths[j] * bone, j, parent)
        points = np.linalg.solve(matrix.reshape(51, 51), right.reshape(51)).reshape(17, 3)
    return resized(points, lengths)


def resized(points, lengths):
    """A pose whose bones have these lengths."""
    out = points.copy()
    for parent, j in BODY_BONES:
        bone = points[j] - points[parent]
        out[j] = out[parent] + lengths[j] * bone / np.linalg.norm(bone)
    return out
