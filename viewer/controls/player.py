"""Where in a film the window is: playing, paused, at a scene that the user has gone to."""


class Player:
    """film: as film.Recent or viewer/record.py. A live film plays its newest scene, another one by its stamps."""

    def __init__(self, film):
        self.film, self.paused = film, False
        self.place = 0 if len(film) else None  # of the scene that is shown, None = none
        self.began = None  # (s of the clock, s of media time) from where it plays

    @property
    def at_end(self):
        return self.place is not None and self.place == len(self.film) - 1

    def due(self, now):
        """-> the place of the scene to show at `now`, s of a clock; None while there is none."""
        if len(self.film) == 0:
            self.place = None
        elif self.film.live and not self.paused:
            self.place = len(self.film) - 1
        elif not self.paused:
            self._play(now)
        return self.place

    def _play(self, now):
        if self.began is None:
            self.began = now, self.film.stamp(self.place)
        clock, stamp = self.began
        while not self.at_end and self.film.stamp(self.place + 1) - stamp <= now - clock:
            if self.film.stamp(self.place + 1) < stamp:  # another run
                self.began = now, self.film.stamp(self.place + 1)
                stamp = self.began[1]
            self.place += 1

    def toggle(self):
        """Pause or go on; a recording that has ended begins again."""
        if self.at_end and not self.film.live:
            self.place, self.paused = 0, False
        else:
            self.paused = not self.paused
        self.began = None

    def step(self, count):
        """Stop, and go so many scenes on (back where negative)."""
        self.go_to((self.place or 0) + count)

    def jump(self, seconds):
        """Stop, and go on (or back) to the first scene that is at least so far away."""
        if self.place is None:
            return
        place, way, start = self.place, 1 if seconds > 0 else -1, self.film.stamp(self.place)
        while 0 <= place + way < len(self.film):
            place += way
            if abs(self.film.stamp(place) - start) >= abs(seconds) - 1e-6:
                break
        self.go_to(place)

    def seek(self, share):
        """Go to this share (0..1) of the film; a film that plays goes on from there, a live one stops."""
        playing = not self.paused and not self.film.live
        self.go_to(round(share * (len(self.film) - 1)))
        self.paused = not playing

    def go_to(self, place):
        self.paused, self.began = True, None
        if len(self.film):
            self.place = min(max(place, 0), len(self.film) - 1)

    @property
    def share(self):
        """How far into the film it is, 0..1."""
        return 1.0 if self.place is None or len(self.film) < 2 else self.place / (len(self.film) - 1)
