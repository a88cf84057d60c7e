import threading
import time

import msgspec
import numpy as np
import pytest
import zmq

from duopose.stream.bus import Bus, endpoint
from duopose.stream.graph import Node
from duopose.stream.messages import Boxes, Done, newest
from tests.toy import NODES, SINK, SOURCE, WORKER, frame
from tests.waiting import LONG, until

WATCHER = Node("viewer", "", ("boxes", "health"), (), "never", 0.0, "window")


@pytest.fixture
def connect(tmp_path):
    """Makes the Bus of a node; closes all of them at the end."""
    buses = []

    def bus(name, nodes=NODES):
        buses.append(Bus(str(tmp_path), name, nodes))
        return buses[-1]

    yield bus
    for bus in buses:
        bus.close()


def collect(bus, count):
    """The next `count` messages."""
    messages = []
    until(lambda: messages.extend(message for _, message in bus.poll(0.1)) or len(messages) >= count)
    return messages


def boxes(number):
    return Boxes(frame(number), np.zeros((0, 4), np.float32), np.zeros(0, np.float32), True)


def test_a_slow_reader_gets_everything_in_order(connect):
    capture, detection = connect("capture"), connect("detection")
    detection.poll()
    for number in range(500):
        capture.publish("frame", frame(number))
    assert [message.number for message in collect(detection, 500)] == list(range(500))


def test_a_node_that_is_told_to_stop_first_works_off_what_has_arrived(connect):
    capture, detection = connect("capture"), connect("detection")
    detection.poll()
    for number in range(5):
        capture.publish("frame", frame(number))
    detection.orders.take("stop")
    assert [message.number for _, message in detection.each()] == list(range(5))


def test_the_first_message_waits_for_a_reader_that_is_late(connect):
    capture, detection = connect("capture"), connect("detection")
    publishing = threading.Thread(target=capture.publish, args=("frame", frame(0)))
    publishing.start()
    publishing.join(0.2)
    assert publishing.is_alive()
    assert [message.number for message in collect(detection, 1)] == [0]
    publishing.join(LONG)
    assert not publishing.is_alive()


def test_a_message_waits_for_a_reader_that_died_to_come_back(connect, tmp_path):
    capture, detection = connect("capture"), Bus(str(tmp_path), "detection", NODES)
    detection.poll()
    capture.publish("frame", frame(0))
    detection.close()
    until(lambda: "detection" not in capture._subscribed())
    publishing = threading.Thread(target=capture.publish, args=("frame", frame(1)))
    publishing.start()
    assert [message.number for message in collect(connect("detection"), 1)] == [1]
    publishing.join(LONG)
    assert not publishing.is_alive()


def test_somebody_who_only_listens_is_not_taken_for_a_reader(connect, tmp_path):
    capture = connect("capture")
    with zmq.Context() as context, context.socket(zmq.SUB) as stranger:
        stranger.linger = 0
        stranger.connect(endpoint(tmp_path, "capture"))
        stranger.subscribe(b"frame\0")
        until(lambda: capture._out.send(b"frame\0") or stranger.poll(10))  # now it listens
        assert not capture.ready


def test_a_stranger_who_subscribes_to_odd_bytes_does_no_harm(connect, tmp_path):
    capture, detection = connect("capture"), connect("detection")
    with zmq.Context() as context, context.socket(zmq.SUB) as stranger:
        stranger.linger = 0
        stranger.connect(endpoint(tmp_path, "capture"))
        for mark in (b"+\xff\xfe", b"\xff", b"+"):
            stranger.subscribe(mark)
        stranger.subscribe(b"frame\0")
        detection.poll(0)
        until(lambda: capture.ready)
        until(lambda: capture.publish("frame", frame(1)) or stranger.poll(10))
    until(lambda: detection.poll(0.05))


def test_a_watcher_is_not_waited_for_and_given_the_newest_only(connect):
    nodes = (*NODES[:2], WATCHER)
    detection, viewer = connect("detection", nodes), connect("viewer", nodes)
    detection.publish("boxes", boxes(0))
    seen = []

    def look():
        seen.extend(message.frame.number for topic, message in viewer.poll(0.05) if topic == "boxes")
        return seen

    until(lambda: detection.publish("boxes", boxes(1)) or look())  # it has subscribed
    for number in range(1000, 1200):
        detection.publish("boxes", boxes(number))
    until(lambda: look()[-1] == 1199)
    assert len([number for number in seen if number >= 1000]) < 20  # those that came while it looked


def test_rubbish_is_counted_and_dropped(connect):
    capture, detection = connect("capture"), connect("detection")
    detection.poll()
    capture.publish("frame", frame(0))
    for data in (b"frame\0rubbish", b"frame\0", b"frame\0" + b"\xff" * 100):
        capture._out.send(data)
    capture.publish("frame", frame(1))
    assert [message.number for message in collect(detection, 2)] == [0, 1]
    assert detection.workload.counts["rubbish"] == 3


def test_a_node_may_publish_its_own_outputs_only(connect):
    capture = connect("capture")
    with pytest.raises(ValueError, match=r"'capture' may not publish 'boxes'.*\('frame',\)"):
        capture.publish("boxes", boxes(0))
    with pytest.raises(TypeError, match="'frame' carries Frame, got Done"):
        capture.publish("frame", Done(0))


def test_pixels_come_back_until_they_are_overtaken(connect):
    capture, detection = connect("capture"), connect("detection")
    ring = capture.ring(slots=2)
    frames = [frame(number, ring.put(np.full((48, 64, 3), number, np.uint8))) for number in range(3)]
    assert detection.pixels(frames[0]) is None
    pixels = detection.pixels(frames[2])
    assert pixels.shape == (48, 64, 3)
    assert pixels.flags.c_contiguous
    assert (pixels == 2).all()
    assert (detection.pixels(frames[1]) == 1).all()
    ring.put(np.zeros((48, 64, 3), np.uint8))
    assert detection.pixels(frames[1]) is None
    assert detection.workload.counts["overtaken"] == 2


@pytest.mark.parametrize("ring", ["", "gone.ring", "../../etc/passwd", "detection.ipc", "a\0b"])
def test_a_ring_that_is_none_gives_no_pixels(connect, ring):
    detection = connect("detection")
    assert detection.pixels(frame(0, (ring, 0, 2))) is None
    assert detection.workload.counts["overtaken"] == 1


CAMERAS = (
    SOURCE._replace(name="capture.door", camera="door"), SOURCE._replace(name="capture.yard", camera="yard"),
    WORKER, SINK,
)  # fmt: skip


def of(camera, number):
    return msgspec.structs.replace(frame(number), camera_name=camera)


def test_a_message_waits_for_the_capture_of_its_own_camera_alone(connect):
    recorder, door = connect("recorder", CAMERAS), connect("capture.door", CAMERAS)
    door.poll()
    recorder.publish("done", Done(3, "door"))  # the yard's capture is not there, and not waited for
    assert collect(door, 1) == [Done(3, "door")]
    publishing = threading.Thread(target=recorder.publish, args=("done", Done(4, "yard")))
    publishing.start()
    publishing.join(0.2)
    assert publishing.is_alive()
    connect("capture.yard", CAMERAS).poll()
    publishing.join(LONG)
    assert not publishing.is_alive()


def test_a_message_about_a_camera_that_the_run_has_not_is_rubbish(connect):
    door, detection = connect("capture.door", CAMERAS), connect("detection", CAMERAS)
    detection.poll()
    for camera in ("attic", "", "door"):
        door.publish("frame", of(camera, 1))
    assert [message.camera_name for message in collect(detection, 1)] == ["door"]
    assert detection.workload.counts["rubbish"] == 2


def test_of_each_camera_a_watcher_is_given_the_newest():
    said = [("scene", boxes(1)), ("scene", boxes(2))]
    door = msgspec.structs.replace(boxes(3), frame=of("door", 3))
    assert newest([*said, ("scene", door)]) == [said[1], ("scene", door)]
    assert newest([("scene", door), *said]) == [("scene", door), said[1]]


def test_who_waits_for_messages_can_be_woken(connect):
    detection = connect("detection")
    detection.poll()
    threading.Timer(0.1, detection.orders.wake_up).start()
    begun = time.monotonic()
    assert detection.poll(LONG) == []
    assert time.monotonic() - begun < LONG / 2
