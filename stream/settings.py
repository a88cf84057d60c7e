"""What one run was asked to do: made by `duopose` from its arguments, handed unchanged to every node."""

import msgspec

from duopose.stream.passwords import without_password, without_passwords


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    source: str = "demo"  # as given: "0", "rtsp://...", a file, a folder; may hold a password, so it is never printed
    secret_name: str | None = None  # what stands for a source whose whole address is secret, as "rtsp://door"
    kind: str = "video"  # "webcam", "stream", "video" or "images"
    every_frame: bool = True  # offline: capture waits for the others; False: live, it drops what they have no time for
    stills: bool = False  # each image stands alone
    record: str | None = None  # files to write
    save_video: str | None = None
    stats: str | None = None
    profile: str = "lite"  # "lite", "full" or a folder with weights, written with a /
    device: str = "cpu"  # "cpu" or "cuda"
    camera_file: str | None = None
    fov: float | None = None  # degrees, horizontal
    camera_size: tuple[int, int] | None = None  # width, height to ask a webcam for
    camera_fps: float | None = None
    lookahead: int = 0  # frames the temporal window may wait for
    max_people: int = 20
    in_flight: int = 4  # frames published and not yet recorded, at most
    headless: bool = False
    privacy: bool = False  # no node may show or write pixels
    also: tuple[str, ...] = ()  # nodes to start besides those that always are, see graph.py
    started_at: float = 0.0  # s, time.monotonic() of the command
    total: int | None = None  # frames in the source, where that is known

    @property
    def shown_source(self) -> str:
        """The source as it may be shown and recorded."""
        return self.secret_name or without_password(self.source)

    def without_secrets(self, text: str) -> str:
        """A text as it may be shown: libraries write addresses into theirs."""
        if self.secret_name:
            for address in (self.source, without_password(self.source)):
                text = text.replace(address, self.secret_name)
        return without_passwords(text)

    @property
    def waiting(self) -> int:
        """Frames that may wait for their look-ahead, enough for 60 a second; `in_flight` counts them too."""
        return 2 * self.lookahead
