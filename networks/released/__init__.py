"""The networks that the paper's authors released (github.com/3dpose/3D-Multi-Person-Pose, MIT), layer by layer as theirs.

One module per network; each says in `NAMES` what the tensors are called in the authors' checkpoints. `checkpoints` reads
those, `verify` holds the networks to reference outputs, `hrnet` reads the public COCO checkpoints of HRNet.
"""
