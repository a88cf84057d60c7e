"""Lifting a frame at once, for tests: what the node does for People, for joints of any kind."""


def lift(lifting, ids, body, stamp, camera, still):
    """As `Lifting.observe` takes them -> joints float32 [N, 17, 3], metres; confidence float32 [N, 17]."""
    seen = lifting.observe(ids, body, stamp, camera, still)
    return lifting.answer(seen), seen.confidence
