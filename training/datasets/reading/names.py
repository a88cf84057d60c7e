"""From the joints that a data set labels to our two skeletons, by name."""

import numpy as np

from duopose.stream.skeleton import BODY17, COCO17


class Joints:
    """The joints of a data set by name, and what they say about COCO17 and BODY17.

    names   of the set's joints, in its order, written as `stream.skeleton` writes them: "left_wrist"
    also    {our name: its name, or {its name: share, ...}} for joints that are called otherwise there, or lie between
            two; {our name: None} where the set has a joint of that name which is another place of the body
    body    the same for BODY17 alone

    A joint of ours that is neither among `names` nor in `also` is not labelled: NaN.

    >>> also = {"thorax": "neck", "pelvis": {"left_hip": 0.5, "right_hip": 0.5}}
    >>> joints = Joints(["neck", "left_hip", "right_hip"], also)
    >>> joints.body(np.array([[0.0, -0.5, 2.0], [-0.1, 0, 2], [0.1, 0, 2]]))[[0, 7, 8]].tolist()
    [[0.0, 0.0, 2.0], [nan, nan, nan], [0.0, -0.5, 2.0]]
    >>> joints.body_scores(np.array([1.0, 1.0, 0.6]))[[0, 7, 8]].tolist()
    [0.6, nan, 1.0]
    """

    def __init__(self, names, also=None, body=None):
        self.names = tuple(names)
        self._coco = self._sources(COCO17, also or {})
        self._body = self._sources(BODY17, (also or {}) | (body or {}))

    def _sources(self, skeleton, also):
        """For each joint of a skeleton: indices [n] into the set's joints, shares [n]; n = 0 where it has none."""
        out = []
        for name in skeleton:
            source = also.get(name, name if name in self.names else None)
            shares = {source: 1.0} if isinstance(source, str) else source or {}
            out.append(([self.names.index(own) for own in shares], np.array(list(shares.values()))))
        return out

    def coco(self, positions):
        """[..., J, D] of the set -> [..., 17, D] COCO17. Any unit; NaN = unknown, in and out."""
        return _mean(positions, self._coco)

    def body(self, positions):
        """[..., J, D] of the set -> [..., 17, D] BODY17. Any unit; NaN = unknown, in and out."""
        return _mean(positions, self._body)

    def coco_scores(self, scores):
        """Confidences [..., J] of the set -> [..., 17] COCO17: the smallest of those a joint is made of, NaN = not
        labelled."""
        return _least(scores, self._coco)

    def body_scores(self, scores):
        """Confidences [..., J] of the set -> [..., 17] BODY17: the smallest of those a joint is made of, NaN = not
        labelled."""
        return _least(scores, self._body)


def _mean(positions, sources):
    positions = np.asarray(positions)
    out = np.full((*positions.shape[:-2], len(sources), positions.shape[-1]), np.nan, positions.dtype)
    for joint, (own, shares) in enumerate(sources):
        if own:
            out[..., joint, :] = np.einsum("...jd,j->...d", positions[..., own, :], shares)
    return out


def _least(scores, sources):
    scores = np.asarray(scores, np.float64)
    out = np.full((*scores.shape[:-1], len(sources)), np.nan)
    for joint, (own, _) in enumerate(sources):
        if own:
            out[..., joint] = scores[..., own].min(-1)
    return out
