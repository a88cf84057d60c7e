"""One call of each network, with the inputs of a live run: what it is given, and how long it takes."""

import statistics
import time

CALLS, ENOUGH = 9, 0.3  # calls after the warm-up at most; s of calls after which no other is begun
PICTURE = (1280, 720)  # pixels


def arrays(profile, people, lookup):
    """{network: its inputs for a frame with so many people}, as the nodes call it.

    lookup   name -> the network
    """
    import numpy as np

    from duopose.networks import normalisation, pairs
    from duopose.nodes.bottom_up import bottom_up
    from duopose.nodes.detection import detection
    from duopose.nodes.profile import Released
    from duopose.nodes.top_down import crops

    def image(*shape):
        return np.full(shape, 100, np.uint8)

    def numbers(*shape):
        return np.ones(shape, np.float32)

    found = {
        "detector": (image(1, detection.SHORT, detection.LONG, 3),),
        "top_down": (image(people, crops.HEIGHT, crops.WIDTH, 3),),
    }
    if isinstance(profile, Released):
        from duopose.networks.released.skeletons import MUCO14
        from duopose.nodes.released import bottom_up as released
        from duopose.nodes.released import lifting

        width, height = released.input_size(*PICTURE)
        return found | {
            "gcn": (numbers(people, 17, 2), numbers(people, 17)),
            "joint_tcn": (numbers(people, lifting.FRAMES, lifting.POSE.stop),),
            "root_tcn": (numbers(people, lifting.FRAMES, lifting.POINTS.stop - lifting.POINTS.start),),
            "bottom_up": (image(1, height, width, 3), image(1, 17, height, width)),
            "transform": (numbers(people, len(MUCO14), 3),),
            "integration": (numbers(people, 102), numbers(people, 2)),
        }
    poses = 2 * people  # each with its mirror image
    width, height = bottom_up.input_size(*PICTURE)
    window = (numbers(poses, lookup("joint_tcn").arguments["frames"], normalisation.FEATURES),)
    return found | {
        "gcn": (numbers(poses, 17, 2), numbers(poses, 17), numbers(poses, 3)),
        "joint_tcn": window,
        "root_tcn": window,
        "bottom_up": (image(1, height, width, 3), image(1, 17, height, width)),
        "integration": (numbers(people, pairs.FEATURES),),
    }


def milliseconds(network, inputs, device):
    """Medians of some calls after one that compiles and warms up.

    -> {"ms": as long as a call takes where nothing else is at work, "cpu_ms": what it takes of all cores together}

    Processor time is less than the time that passes where other programs, or a container's limit, hold a call up, and
    more where a network uses several threads.
    """
    network(*inputs)
    times, begun = [], time.perf_counter()
    while not times or (len(times) < CALLS and time.perf_counter() - begun < ENOUGH):
        started = time.perf_counter(), time.process_time()
        network(*inputs)
        times.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    passed, worked = (1000 * statistics.median(column) for column in zip(*times, strict=True))
    return {"ms": min(passed, worked) if device == "cpu" else passed, "cpu_ms": worked}
