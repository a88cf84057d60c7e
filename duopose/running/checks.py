"""Arguments -> Settings: everything that can be known to be wrong is found before a node starts."""

import os

import msgspec

import duopose
from duopose import viewer
from duopose.command import STARTED
from duopose.nodes.capture.checking import check_source
from duopose.nodes.capture.sources import kind_of
from duopose.nodes.profile import default, find
from duopose.running.cameras.file import Asked
from duopose.running.metres import check_metres, check_smooth, tell_lag
from duopose.running.outputs import check_outputs, files_of, outputs_of
from duopose.running.secrets import find as find_secret
from duopose.running.secrets import read as secrets_in
from duopose.sending import targets
from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError
from duopose.stream.graph import ASKED
from duopose.stream.network.address import check_free
from duopose.stream.network.keys import allowed, default_folder, server_keys
from duopose.stream.settings import Settings
from duopose.viewer.web.door import bind

# Frames under way at most: enough to keep the cores busy (four people on two cores, 4, 6, 8: medians of 12.2, 13.0 and
# 13.3 frames/s); live, where each one more is so much later, one a core.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
IN_FLIGHT = {"offline": 6, "live": min(CORES, 3)}


def settings_from(arguments, say):
    """Arguments -> Settings of a run with one camera, all checked. Raises UsageError."""
    return settings_of([Asked("", arguments)], say)


def settings_of(cameras, say):
    """What is asked of each camera -> Settings, after everything that can be checked before a node starts.

    cameras   [cameras.file.Asked]; what belongs to the run is the same in all
    Raises UsageError.
    """
    first = cameras[0]
    run = first.arguments
    try:
        keys = check_run(run, say)
        profile = check_weights(run.profile, run.device, run.lookahead, say)
        secrets_in(run.secrets)
    except UsageError as error:
        raise first.located(error) from None
    headless = run.headless
    if not headless and run.web is None and (reason := viewer.available()):
        say(f"no window: {reason}")
        headless = True
    each = settings_of_each(cameras, Settings(headless=headless, profile=profile, keys=keys), say)
    return together(each) if first.name else each[0]


def settings_of_each(cameras, run, say, staying=(), running=()):
    """Settings of each camera, [cameras.file.Asked]. Raises UsageError.

    run       Settings: headless, profile and keys of the whole run
    staying   Settings of cameras that the run has and keeps: their files are not for others
    running   Settings of all that the run has: their files are written by the run itself
    """
    taken, each = files_of(staying), []
    written = {os.path.realpath(path) for own in running for path in outputs_of(own)}
    for one in cameras:
        try:
            source, secret_name = find_secret(one.arguments.source, *secrets_in(one.arguments.secrets))
            own = settings_of_camera(one, source, run.headless, one.teller(say))
            check_outputs(one.arguments, taken, written)
            tell_lag(one.arguments.smooth, one.teller(say))
            if (own.kind == "record") != ((*staying, *each, own)[0].kind == "record"):
                raise UsageError("records are played among themselves: cameras of both kinds don't go together")
        except UsageError as error:
            raise one.located(error) from None
        each.append(msgspec.structs.replace(own, secret_name=secret_name, profile=run.profile, keys=run.keys))
    return each


def together(each):
    """Settings of the cameras, which have names -> those of their run."""
    return msgspec.structs.replace(
        each[0],
        cameras=tuple(each),
        every_frame=all(own.every_frame for own in each),
        total=None if any(own.total is None for own in each) else sum(own.total for own in each),
    )


def check_run(arguments, say):
    """What belongs to the whole run -> the folder with the keys for --listen, or None. Raises UsageError."""
    if arguments.privacy and (arguments.session or arguments.listen_frames):
        raise UsageError("--privacy: no pixels leave the run, so neither --session nor --listen-frames goes with it")
    check_also(arguments.also)
    check_send(arguments, say)
    keys = check_listen(arguments, say)
    if arguments.web is not None:
        bind(arguments.web).close()
    return keys


def settings_of_camera(asked, source, headless, say):
    """The Settings of one camera, as if it were alone. Raises UsageError.

    asked   cameras.file.Asked
    source  its address, no name of a secret
    """
    arguments = asked.arguments
    kind = kind_of(source)
    live = kind in ("webcam", "stream")
    if live and not asked.name and (arguments.every_frame or arguments.realtime):
        raise UsageError("--every-frame and --realtime are for files: a camera has its own pace")
    if kind != "webcam" and not asked.name and (arguments.camera_size or arguments.camera_fps):
        raise UsageError("--camera-size and --camera-fps are for webcams")
    if arguments.stills and kind != "images":
        raise UsageError("--stills is for images")
    if arguments.stills and arguments.realtime:
        raise UsageError("--stills and --realtime exclude each other: unrelated images have no pace")
    check_metres(arguments, kind)
    if kind == "record" and arguments.session:
        raise UsageError("--session: a record has no pictures of its own to store")
    total = check_source(source, kind, Cameras(arguments.camera, arguments.fov, asked.pose))
    every_frame = not live and not arguments.realtime and (arguments.every_frame or headless or kind != "video")
    return Settings(
        source=source,
        name=asked.name,
        pose=asked.pose,
        kind=kind,
        every_frame=every_frame,
        stills=arguments.stills,
        fixed=arguments.fixed or not (live or arguments.realtime),  # a film in the window drops frames, nothing else
        record=arguments.record,
        save_video=arguments.save_video,
        overwrite=arguments.overwrite,
        **({f"rotate_{arguments.rotate[0]}": arguments.rotate[1]} if arguments.rotate else {}),
        session=arguments.session,
        listen=arguments.listen,
        listen_frames=arguments.listen_frames,
        send=tuple(arguments.send),
        send_person=arguments.person or None,
        web=arguments.web,
        device=arguments.device,
        camera_file=arguments.camera,
        fov=arguments.fov,
        person_height=arguments.person_height,
        camera_height=arguments.camera_height,
        camera_size=arguments.camera_size,
        camera_fps=arguments.camera_fps,
        lookahead=arguments.lookahead,
        max_people=arguments.max_people,
        smooth=check_smooth(arguments.smooth, kind),
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


def check_also(names):
    """Raise UsageError unless each is a node that is started when it is asked for."""
    if unknown := [name for name in names if name not in ASKED]:
        raise UsageError(f"--also {unknown[0]}: no such node; there are: {', '.join(ASKED)}")


def check_send(arguments, say):
    """Raise UsageError unless poses can be sent to each address, and somebody's are to be where one is named."""
    targets.check(arguments.send)
    if arguments.person is not None and not any(address.startswith(("vmc:", "lsl:")) for address in arguments.send):
        raise UsageError("--person goes with --send vmc://HOST:PORT or lsl:")
    if any(address.startswith("lsl:") for address in arguments.send):
        say("--send lsl: everybody on this network can find the stream and read it")


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
