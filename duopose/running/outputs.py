"""The files that a run is to write, looked at before it starts."""

import os

from duopose.nodes.capture.sources import source_path
from duopose.nodes.recorder.growing_file import GrowingFile
from duopose.nodes.recorder.video_file import check_name
from duopose.stream.errors import UsageError


def outputs_of(asked):
    """Paths that a camera writes. asked: Settings or arguments"""
    return filter(None, (asked.record, asked.save_video, asked.session))


def files_of(cameras):
    """{real path: path} of what these cameras, Settings, read and write."""
    paths = [path for own in cameras for path in (source_path(own.source), own.camera_file, *outputs_of(own)) if path]
    return {os.path.realpath(path): path for path in paths}


def check_outputs(arguments, taken, written=()):
    """Each output of a camera can be written and is no file that is read. Raises UsageError.

    taken     {real path: path as given} of the outputs of the cameras before, added to
    written   real paths that the run itself writes already
    """
    already = bool(taken)  # those of the run
    inputs = (source_path(arguments.source), arguments.camera, arguments.secrets)
    taken |= {os.path.realpath(path): path for path in filter(None, inputs)}
    held = arguments.session and os.path.exists(arguments.session) and os.path.getsize(arguments.session)
    if held and os.path.realpath(arguments.session) not in written:
        raise UsageError(f"{arguments.session} holds something already: a session is one run, name another file")
    of_run = () if already else (arguments.stats, arguments.log_file)
    for path in (*outputs_of(arguments), *filter(None, of_run)):
        real = os.path.realpath(path)
        if real in taken and (os.path.isfile(real) or not os.path.exists(real)):
            raise UsageError(f"{path} is named twice")
        taken[real] = path
        if real not in written:
            check_output(path, beside=path == arguments.save_video and not arguments.overwrite)
    if arguments.save_video:
        check_name(arguments.save_video)
    if arguments.rotate and not arguments.record:
        raise UsageError("--rotate is for --record")


def check_output(path, beside=False):
    """It can be written and no other run does; what is in it stays, and what is not there is not made.

    beside   where another run writes it, there will be a file beside it
    """
    there = os.path.exists(path)
    if there and not os.path.isfile(path) and not os.path.isdir(path):
        return  # a pipe or a device: opening it can block
    try:
        GrowingFile(path).close()
    except OSError as error:
        if beside and isinstance(error, BlockingIOError):
            return
        raise UsageError(f"can't write {path}: {error.strerror}") from None
    if not there:
        os.unlink(path)
