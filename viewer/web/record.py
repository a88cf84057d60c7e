"""A record as one file that plays in a browser, opened from disk or sent to somebody: no server, no pictures."""

import os
from pathlib import Path

from duopose.stream.record.reading import last_run
from duopose.stream.record.scenes import scenes
from duopose.viewer.web.page import about, data, parts, policy
from duopose.viewer.web.scenes import SceneWriter


def page(record, out):
    """Write the last run of a record as a page -> how many scenes it plays.

    record, out   paths; what is at `out` is replaced once the page is whole

    Raises ValueError, with its line, for what is no record, and where it holds no frame; OSError.
    """
    out, count, writer = Path(out), 0, SceneWriter()
    head, tail = parts(
        about(Path(record).name, live=False, pictures=False),
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">',
    )
    begun = out.with_name(f"{out.name}.part")
    try:
        with open(begun, "w", encoding="utf-8") as file:
            file.write(head)
            for scene in scenes(record, last_run(record)):
                file.write(",\n" if count else "[")
                file.write(data(writer.write(scene, scene.frame.stamp)))
                count += 1
            if not count:
                raise ValueError(f"{record} holds no frame")
            file.write(f"]{tail}")
        os.replace(begun, out)
    finally:
        begun.unlink(missing_ok=True)
    return count
