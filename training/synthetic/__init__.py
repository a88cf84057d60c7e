"""Rendered people with exact labels: bodies and clothes from a pack, motion from capture, light from panoramas.

    duopose train body_pack OUT [--garments FOLDER]                   bodies from anny (extra `bodies`)
    duopose train render --pack DIR --motion DIR --frames N OUT       pictures of 1 to 8 people, in shards
    duopose train render_clips --pack DIR --motion DIR --kind K OUT   video with everyone's 3D joints, box and identity
    duopose bench rendering --pack DIR --motion DIR                   frames a second and core

A person is a `figure.Figure` (body, skin, wardrobe) in a pose (motion, postures, then retarget or rotations) placed by
`scene`, among `things`; `render` draws everybody with `raster`, `light` and `ground`; `lens` makes a photograph of it,
`labels` says what is known.
"""
