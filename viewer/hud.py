"""What the window lays over the picture: names of the branches, a joint that was clicked, graph, time line, help."""

import numpy as np

from duopose.viewer import panel
from duopose.viewer.controls import picking
from duopose.viewer.controls.controls import KEYS
from duopose.viewer.controls.look import BRANCHES, WORDS
from duopose.viewer.controls.pace import GRAPH
from duopose.viewer.drawing import chart, text
from duopose.viewer.drawing.together import name_of
from duopose.viewer.orbit import to_pixels

MARGIN = 1.2  # from the edges of the window, as all lengths here in sizes of the text
GRAPH_SIZE = (17, 2.6)  # of a curve
GRAPH_ABOVE = 7.5  # from the lower edge of the window
BAR = 0.34  # height of the time line
BAR_REACH = 1.0  # how far off it a click still means it


class Hud:
    """Lengths in pixels; a piece is (RGBA picture, left, top)."""

    def __init__(self, stage, controls):
        self.stage, self.controls = stage, controls

    @property
    def pace(self):
        return self.controls.tabs.shown.pace

    def pieces(self, width, height, size, now):
        """What to lay over a picture of width x height, with text of `size`; `now` in s of the pace's clock."""
        margin, theme = round(MARGIN * size), self.controls.look.theme
        right, pieces = width - margin, []
        if not self.controls.look.apart:
            branches = self._branches(size, theme)
            pieces.append((branches, right - branches.shape[1], margin))
            if len(self.controls.tabs.names) > 1:
                tabs = self._tabs(size, theme)
                pieces.append((tabs, right - tabs.shape[1], margin + branches.shape[0] + round(0.4 * size)))
        if self.controls.look.graph and len(self.pace.past) > 1:
            pieces += self._graph(right, height - round(GRAPH_ABOVE * size), size, theme, now)
        hint = panel.note("h  help", round(0.85 * size), theme, panel.GROUND)
        pieces.append((hint, right - hint.shape[1], height - margin - hint.shape[0]))
        if self.shows_time:
            pieces += self._time(width, height, size, theme)
        pieces += self._pick(width, height, size)
        if self.controls.look.help:
            help_ = self._help(size, theme)
            pieces.append((help_, (width - help_.shape[1]) // 2, (height - help_.shape[0]) // 2))
        return pieces

    def _branches(self, size, theme):
        """The names of the branches with their keys, those shown bright."""
        row, shown = [], self.controls.look.branches
        for place, name in enumerate(BRANCHES):
            there = name in shown
            row.append((f"{'      ' if place else ''}{place + 1} ", "faint", False))
            row.append((WORDS[name], "bright" if there else "faint", there))
        return panel.block((tuple(row),), round(0.9 * size), theme, panel.GROUND)

    def _tabs(self, size, theme):
        """The names of the cameras, the one that is shown bright."""
        row = [("tab ", "faint", False)]
        for name in self.controls.tabs.names:
            shown = name == self.controls.tabs.name
            row.append((f"   {name}", "bright" if shown else "faint", shown))
        return panel.block((tuple(row),), round(0.9 * size), theme, panel.GROUND)

    # ---- time

    @property
    def shows_time(self):
        """Whether the time line is there: where one can go somewhere."""
        player = self.controls.player
        return len(player.film) > 1 and (player.paused or not player.film.live)

    def bar(self, width, height, size):
        """-> left, top, width, height of the time line in a picture of this size."""
        margin = round(MARGIN * size)
        return margin, height - 4 * margin, width - 2 * margin, max(3, round(BAR * size))

    def time_at(self, point, width, height, size):
        """The share (0..1) of the time line that a point means, None if it is elsewhere."""
        left, top, wide, high = self.bar(width, height, size)
        if not self.shows_time or abs(point[1] - top - high / 2) > BAR_REACH * size:
            return None
        return min(max((point[0] - left) / wide, 0.0), 1.0)

    def _time(self, width, height, size, theme):
        left, top, wide, high = self.bar(width, height, size)
        player = self.controls.player
        knob = left + round(player.share * wide)
        shape = text.rounded(high, wide, high / 2)
        bar = np.empty((high, wide, 4), np.uint8)
        bar[..., :3] = np.uint8(255 * np.float32(theme.rim))
        bar[:, : knob - left, :3] = np.uint8(255 * np.float32(theme.bright))
        bar[..., 3] = np.uint8(230 * shape)
        words = panel.note(self.time_words(), round(0.85 * size), theme, panel.GROUND)
        at = min(max(knob - words.shape[1] // 2, left), left + wide - words.shape[1])
        return [(bar, left, top), (words, at, top - round(0.4 * size) - words.shape[0])]

    def time_words(self):
        """Where in the film it is, as in "3.2 s ago" or "0:12 of 1:40"."""
        player = self.controls.player
        here, end = player.film.stamp(player.place), player.film.stamp(len(player.film) - 1)
        if player.film.live:
            return f"{end - here:.1f} s ago"
        begin = player.film.stamp(0)
        return f"{clock(here - begin)} of {clock(end - begin)}"

    # ---- the joint that was clicked

    def seen(self, width, height):
        """Everyone's joints in each part of the picture: [(branch, pixels [N, 17, 2], depths [N, 17])]."""
        look, found = self.controls.look, []
        for left, wide, view, projection, branches in self.stage.views(width, height, look, self.controls.orbit):
            joints = self.stage.world.joints[branches[0]]
            pixels, depths = to_pixels(joints.reshape(-1, 3), view, projection, wide, height)
            pixels = pixels.reshape(-1, 17, 2)
            depths = np.where(np.isfinite(depths) & (pixels[..., 0].reshape(-1) < wide), depths, 0).reshape(-1, 17)
            found.append((branches[0], np.nan_to_num(pixels) + (left, 0), depths))
        return found

    def hit(self, point, width, height):
        """The joint at a point of the picture, (identity, joint), or None."""
        scene = self.stage.scene
        for _, pixels, depths in self.seen(width, height) if scene is not None else ():
            if hit := picking.nearest(pixels, depths, point, height):
                return int(scene.ids[hit[0]]), hit[1]
        return None

    def _pick(self, width, height, size):
        """What there is to tell of the joint that was clicked, beside it; nothing while the person is not there."""
        scene, picked, theme = self.stage.scene, self.controls.picked, self.controls.look.theme
        if picked is None or scene is None or picked[0] not in scene.ids.tolist():
            return []
        person, joint, pieces = scene.ids.tolist().index(picked[0]), picked[1], []
        ring = _ring(round(1.3 * size), theme.bright)
        for branch, pixels, depths in self.seen(width, height):
            if depths[person, joint] <= 0:
                continue
            x, y = pixels[person, joint].round().astype(int).tolist()
            pieces.append((ring, x - ring.shape[1] // 2, y - ring.shape[0] // 2))
            if branch == self.controls.look.panes[-1][0]:
                whose = name_of(picked[0], scene)
                title = ((f"{picking.words_of(joint)} of {whose}", "bright", True),)
                rows = [((line, "dim", False),) for line in picking.facts(scene, self.stage.joints, person, joint)]
                card = panel.block((title, *rows), round(0.9 * size), theme)
                left, top = x + size, y - card.shape[0] // 2
                left = left if left + card.shape[1] < width else x - size - card.shape[1]
                pieces.append((card, left, min(max(top, 0), height - card.shape[0])))
        return pieces

    # ---- graph, help

    def _graph(self, right, bottom, size, theme, now):
        """Rate and latency of the last half minute, one above the other."""
        pad, pieces = round(0.6 * size), []
        wide, high = (round(length * size) for length in GRAPH_SIZE)
        left, top = right - wide - pad, bottom
        rows = [(now - at, rate, 1000 * latency) for at, rate, latency in self.pace.past if now - at <= GRAPH]
        for name, unit, place, role in (("latency", "ms", 2, "alert"), ("rate", "fps", 1, "bright")):
            known = [(row[0], row[place]) for row in rows if row[place] is not None]
            if not known:
                continue
            seconds, values = zip(*known, strict=True)
            limit, thick = chart.rounded_up(max(values)), max(1, round(size / 9))
            curve = chart.curve(seconds, values, limit, GRAPH, wide, high, getattr(theme, role), thick)
            title = ((f"{name}  ", "dim", False), (f"{values[-1]:.0f} {unit}", role, True),
                     (f"   of {limit:g}, last {GRAPH:.0f} s", "faint", False))  # fmt: skip
            words = panel.block((title,), round(0.85 * size), theme, 0)
            top -= pad + high
            pieces.append((curve, left, top))
            top -= words.shape[0]
            pieces.append((words, left, top))
        card = np.empty((bottom - top + pad, wide + 2 * pad, 4), np.uint8)
        card[..., :3] = np.uint8(255 * np.float32(theme.ground))
        card[..., 3] = np.uint8(255 * panel.GROUND * text.rounded(*card.shape[:2], text.ROUND * size))
        return [(card, left - pad, top - pad // 2), *pieces]

    def _help(self, size, theme):
        rows = [((key, "bright", True), ("\t", "dim", False), (what, "dim", False)) for key, what in KEYS]
        return panel.block((*rows,), size, theme)


def clock(seconds):
    """
    >>> clock(75.4), clock(3600)
    ('1:15', '60:00')
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _ring(diameter, colour):
    """A circle -> uint8 RGBA [diameter, diameter, 4]."""
    y, x = np.mgrid[0:diameter, 0:diameter] + 0.5 - diameter / 2
    cover = np.clip(1.5 - np.abs(np.hypot(x, y) - diameter / 2 + 2), 0, 1)
    picture = np.empty((diameter, diameter, 4), np.uint8)
    picture[..., :3], picture[..., 3] = np.uint8(255 * np.float32(colour)), np.uint8(255 * cover)
    return picture
