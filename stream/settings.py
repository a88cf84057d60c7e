"""What one run was asked to do: made by `duopose` from its arguments, handed unchanged to every node.

Where several cameras share a run, `cameras` has the settings of each, complete as if it were alone. Who has to do with
one camera asks `of` for them, and never the run's own, which are those of the first.
"""

import msgspec

from duopose.stream.passwords import without_password, without_passwords

SMOOTH = 0.3  # if nothing else is asked for; chosen by measurement (docs/experiments.md, A body that stays itself)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    source: str = "demo"  # as given: "0", "rtsp://...", a file, a folder; may hold a password, so it is never printed
    secret_name: str | None = None  # what stands for a source whose whole address is secret, as "rtsp://door"
    kind: str = "video"  # "webcam", "stream", "video", "images", "session" or "record"
    every_frame: bool = True  # offline: capture waits for the others; False: live, it drops what they have no time for
    stills: bool = False  # each image stands alone
    record: str | None = None  # files to write
    save_video: str | None = None
    overwrite: bool = False  # what is in these files goes; else the record is appended to, the video gets a new name
    rotate_bytes: int | None = None  # a record that is larger, or older, is put aside and begun anew
    rotate_seconds: float | None = None
    session: str | None = None
    profile: str = "lite"  # "lite", "full", "released" or a folder with weights, written with a /
    device: str = "cpu"  # "cpu" or "cuda"
    camera_file: str | None = None
    fov: float | None = None  # degrees, horizontal
    person_height: float | None = None  # m, of everybody
    camera_height: float | None = None  # m, of the camera over the floor
    camera_size: tuple[int, int] | None = None  # width, height to ask a webcam for
    camera_fps: float | None = None
    lookahead: int = 0  # frames the temporal window may wait for
    max_people: int = 20
    smooth: float = SMOOTH  # 0 (as measured) to 1, see nodes/fusion/motion.py
    fixed: bool = False  # live: everything is done for each frame, however slow that is
    in_flight: int = 4  # frames published and not yet recorded, at most
    headless: bool = False
    privacy: bool = False  # no node may show or write pixels
    also: tuple[str, ...] = ()  # nodes to start besides those that always are, see graph.py
    started_at: float = 0.0  # s, time.monotonic() of the command, or when the camera was added to the run
    added: int = 0  # which change of the run's cameras has added it, 0 = it was there from the beginning
    version: str = ""  # of duopose
    listen: str | None = None  # "tcp://HOST:PORT" where other machines get the scenes
    listen_frames: bool = False  # and the pictures
    keys: str | None = None  # folder with the keys for `listen`; None = --insecure, everybody is let in
    send: tuple[str, ...] = ()  # ws://, vmc:// and lsl: addresses that poses are sent to
    send_person: int | None = None  # identity of the one whom vmc:// and lsl: addresses get; None = the nearest
    web: int | None = None  # port of the page in a browser, 0 = any free one
    speed: float | None = None  # of a file, in times its own pace; None = as fast as the nodes are
    pictures: str | None = None  # video or images that a record was made from
    name: str = ""  # of the camera; "" where it is the only one and needs none
    pose: tuple[float, ...] | None = None  # of the camera in the world, see messages.Camera
    cameras: tuple["Settings", ...] = ()  # of each camera, where they were named
    total: int | None = None  # frames in the source, where that is known

    @property
    def each(self) -> tuple["Settings", ...]:
        """The settings of each camera of the run."""
        return self.cameras or (self,)

    def of(self, name: str) -> "Settings":
        """The settings of the camera of that name."""
        return next(own for own in self.each if own.name == name)

    @property
    def shown_source(self) -> str:
        """The source as it may be shown and recorded."""
        return self.secret_name or without_password(self.source)

    def without_secrets(self, text: str) -> str:
        """A text as it may be shown: libraries write addresses into theirs."""
        for own in self.each:
            if own.secret_name:
                for address in (own.source, without_password(own.source)):
                    text = text.replace(address, own.secret_name)
        return without_passwords(text)

    @property
    def adapts(self) -> bool:
        """Whether the run does less for each frame where it can't keep up with its source."""
        return not (self.every_frame or self.fixed or self.kind in ("session", "record"))

    @property
    def waiting(self) -> int:
        """Frames that may wait for their look-ahead, at 60 a second; `in_flight` has room for those of 30 a second."""
        return 2 * self.lookahead
