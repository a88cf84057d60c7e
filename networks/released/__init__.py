"""The networks that the paper's authors released (github.com/3dpose/3D-Multi-Person-Pose, MIT), layer by layer.

`NAMES` of a network says what its tensors are called in the authors' checkpoints. `checkpoints` reads those, `verify`
compares the networks with reference outputs, `hrnet` reads the public COCO checkpoints of HRNet.
"""
