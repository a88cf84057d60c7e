import numpy as np

from duopose.stream.overlay import colour_of, draw
from tests.toy import frame
from tests.toy.scenes import scene


def picture():
    return np.zeros((48, 64, 3), np.uint8)


def test_an_identity_keeps_its_colour_and_neighbours_differ():
    colours = [colour_of(identity) for identity in range(1, 9)]
    assert colours == [colour_of(identity) for identity in range(1, 9)]
    apart = [np.abs(np.subtract(a, b)).sum() for n, a in enumerate(colours) for b in colours[:n]]
    assert min(apart) > 60


def test_a_person_is_drawn_in_the_colour_of_the_identity():
    image = picture()
    draw(image, scene(frame(0)))
    assert (image == colour_of(1)).all(-1).any()


def test_nobody_leaves_the_picture_as_it_is():
    one = scene(frame(0))
    nobody = type(one)(
        **{name: value[:0] if isinstance(value, np.ndarray) else value for name, value in fields(one).items()}
    )
    image = picture()
    draw(image, nobody)
    assert not image.any()


def test_wild_numbers_are_survived():
    wild = scene(frame(0))
    wild.coco[:] = [1e30, -1e30, 1]
    wild.boxes[:] = np.nan
    image = picture()
    draw(image, wild)
    assert not image[len(image) // 2 :].any()  # a label at the edge at most, no lines across the picture


def fields(message):
    return {name: getattr(message, name) for name in message.__struct_fields__}
