"""Arguments -> Settings: everything that can be known to be wrong is found before a node starts."""

import os
from collections import Counter

import duopose
from duopose import viewer
from duopose.command import STARTED
from duopose.nodes.capture.capture import camera_of
from duopose.nodes.capture.opening import FILES, open_camera
from duopose.nodes.capture.sources import kind_of, source_path, webcam_index
from duopose.nodes.fusion.motion import lag_ms
from duopose.nodes.profile import default, find
from duopose.nodes.recorder.growing_file import GrowingFile
from duopose.nodes.recorder.video_file import check_name
from duopose.running.secrets import look_up
from duopose.sending import targets
from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError
from duopose.stream.graph import ASKED
from duopose.stream.network.address import check_free
from duopose.stream.network.keys import allowed, default_folder, server_keys
from duopose.stream.settings import SMOOTH, Settings
from duopose.viewer.web.door import bind

IN_FLIGHT = {"offline": 4, "live": 3}  # frames under way at most: enough to keep two cores busy, few enough to be quick


def settings_from(arguments, say):
    """Arguments -> Settings, after everything that can be checked before a node starts. Raises UsageError."""
    source, secret_name = look_up(arguments.source, arguments.secrets)
    kind = kind_of(source)
    live = kind in ("webcam", "stream")
    if live and (arguments.every_frame or arguments.realtime):
        raise UsageError("--every-frame and --realtime are for files: a camera has its own pace")
    if kind != "webcam" and (arguments.camera_size or arguments.camera_fps):
        raise UsageError("--camera-size and --camera-fps are for webcams")
    if arguments.stills and kind != "images":
        raise UsageError("--stills is for images")
    if arguments.stills and arguments.realtime:
        raise UsageError("--stills and --realtime exclude each other: unrelated images have no pace")
    if arguments.camera and arguments.fov is not None:
        raise UsageError("--camera and --fov exclude each other")
    if arguments.fov is not None and not 1 <= arguments.fov <= 179:
        raise UsageError(f"--fov {arguments.fov:g}: a horizontal field of view lies between 1 and 179 degrees")
    if arguments.person_height is not None and not 0.5 <= arguments.person_height <= 2.5:
        raise UsageError(f"--person-height {arguments.person_height:g}: people are 0.5 to 2.5 m tall")
    if kind == "record" and arguments.person_height is not None:
        raise UsageError(f"--person-height: the poses of {arguments.source} are played as they were recorded")
    if kind in ("session", "record") and (arguments.camera or arguments.fov is not None):
        raise UsageError(f"--camera and --fov: {arguments.source} says which camera it was")
    if arguments.privacy and (arguments.session or arguments.listen_frames):
        raise UsageError("--privacy: no pixels leave the run, so neither --session nor --listen-frames goes with it")
    if kind == "record" and arguments.session:
        raise UsageError("--session: a record has no pictures of its own to store")
    check_also(arguments.also)
    check_send(arguments)
    keys = check_listen(arguments, say)
    if arguments.web is not None:
        bind(arguments.web).close()
    profile = check_weights(arguments.profile, arguments.device, arguments.lookahead, say)
    total = check_source(source, kind, Cameras(arguments.camera, arguments.fov))
    check_outputs(arguments)
    headless = arguments.headless
    if not headless and arguments.web is None and (reason := viewer.available()):
        say(f"no window: {reason}")
        headless = True
    every_frame = not live and not arguments.realtime and (arguments.every_frame or headless or kind != "video")
    return Settings(
        source=source,
        secret_name=secret_name,
        kind=kind,
        every_frame=every_frame,
        stills=arguments.stills,
        record=arguments.record,
        save_video=arguments.save_video,
        overwrite=arguments.overwrite,
        **({f"rotate_{arguments.rotate[0]}": arguments.rotate[1]} if arguments.rotate else {}),
        session=arguments.session,
        listen=arguments.listen,
        listen_frames=arguments.listen_frames,
        keys=keys,
        send=tuple(arguments.send),
        send_person=arguments.person or None,
        web=arguments.web,
        profile=profile,
        device=arguments.device,
        camera_file=arguments.camera,
        fov=arguments.fov,
        person_height=arguments.person_height,
        camera_size=arguments.camera_size,
        camera_fps=arguments.camera_fps,
        lookahead=arguments.lookahead,
        max_people=arguments.max_people,
        smooth=check_smooth(arguments.smooth, kind, say),
        in_flight=IN_FLIGHT["offline" if every_frame else "live"] + arguments.lookahead,  # as many wait for others
        headless=headless,
        privacy=arguments.privacy,
        also=tuple(arguments.also),
        started_at=STARTED,
        version=duopose.__version__,
        total=total,
    )


def check_weights(name, device, lookahead, say):
    """The profile of that name. Raises UsageError where its weights are missing or don't know that look-ahead."""
    if device == "cuda":
        check_cuda(say)
    chosen = find(name or default(device), device)
    if name is None and device == "cuda" and chosen.name == "lite":
        say(f"profile lite: there are no weights of profile full ({find('full', device).missing})")
    chosen.check(lookahead)
    if os.sep in chosen.name:
        return str(chosen.folder.absolute())  # nodes need not start in this folder
    return chosen.name


def check_cuda(say):
    """Raise UsageError where torch finds no CUDA device; tell of a back-end that was expected and can't be used."""
    try:
        import torch
    except ImportError:
        raise UsageError("--device cuda needs torch: pip install 'duopose[cuda]'") from None
    if not torch.cuda.is_available():
        raise UsageError("--device cuda: torch finds no CUDA device")
    from duopose.networks.backends.choosing import choose

    try:
        _, trouble = choose()
    except ValueError as error:
        raise UsageError(error) from None
    if trouble:
        say(trouble)


def check_smooth(smooth, kind, say):
    """How much to smooth; told if it was asked for. Raises UsageError for a record, whose poses are what they are."""
    if smooth is None:
        return SMOOTH
    if kind == "record":
        raise UsageError("--smooth: the poses of a record stay as they were recorded")
    say(f"--smooth {smooth:g}: at 30 frames a second joints follow {lag_ms(smooth)} ms later than without")
    return smooth


def check_also(names):
    """Raise UsageError unless each is a node that is started when it is asked for."""
    if unknown := [name for name in names if name not in ASKED]:
        raise UsageError(f"--also {unknown[0]}: no such node; there are: {', '.join(ASKED)}")


def check_send(arguments):
    """Raise UsageError unless poses can be sent to each address, and somebody's are to be where one is named."""
    targets.check(arguments.send)
    if arguments.person is not None and not any(address.startswith("vmc:") for address in arguments.send):
        raise UsageError("--person goes with --send vmc://HOST:PORT")


def check_listen(arguments, say):
    """The folder with the keys for --listen, None if there are to be none. Raises UsageError."""
    if not arguments.listen:
        if arguments.listen_frames or arguments.keys or arguments.insecure:
            raise UsageError("--listen-frames, --keys and --insecure go with --listen")
        return None
    check_free(arguments.listen)
    if arguments.insecure:
        if arguments.keys:
            raise UsageError("--keys and --insecure exclude each other")
        say(f"--insecure: everybody who can reach {arguments.listen} can follow this run, and read it on the way")
        return None
    folder = os.path.abspath(arguments.keys or default_folder())
    server_keys(folder)
    if not allowed(folder):
        say(f"nobody is let in: duopose keys {folder} --add NAME")
    return folder


def check_source(source, kind, cameras):
    """Open a file and read its first picture -> how many pictures there are, None if unknown. Raises UsageError.

    A webcam must be there and the camera file be for one camera; the rest of a live source is seen by capture.
    """
    if kind in ("webcam", "stream"):
        if kind == "webcam":
            webcam_index(source)
        if cameras.per_file is not None:
            raise UsageError(f"{cameras.path} names cameras of image files, the source is no folder of images")
        return None
    file = FILES[kind](source_path(source), Counter())
    if kind == "images" and cameras.per_file is not None:
        for image in file.files:
            if image.name not in cameras.per_file:
                raise UsageError(f"{cameras.path}: no camera for {image.name}")
    first = next(file.pictures())
    camera_of(first, cameras)
    return file.total


def check_camera(settings, say):
    """Wait for a picture of a live source, before anything that takes longer than the user should wait for an error."""
    source = open_camera(settings, Counter(), say)
    while source.newest(0.1) is None:
        pass
    source.close()


def check_outputs(arguments):
    """Each output can be written and is no file that is read. Raises UsageError."""
    inputs = (source_path(arguments.source), arguments.camera, arguments.secrets)
    taken = {os.path.realpath(path): path for path in filter(None, inputs)}
    if arguments.session and os.path.exists(arguments.session) and os.path.getsize(arguments.session):
        raise UsageError(f"{arguments.session} holds something already: a session is one run, name another file")
    outputs = (arguments.record, arguments.save_video, arguments.session, arguments.stats, arguments.log_file)
    for path in filter(None, outputs):
        real = os.path.realpath(path)
        if real in taken and (os.path.isfile(real) or not os.path.exists(real)):
            raise UsageError(f"{path} is named twice")
        taken[real] = path
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
