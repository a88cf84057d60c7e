"""What is learned from each data set with clips, and what judges while that goes on.

The splits are the paper's (supplement 3): subjects 1, 5, 6, 7 and 8 of Human3.6M, with 9 and 11 for the test; JTA's
clips "train". What judges is none of the test: the second takes of subject 8, which are held out of Human3.6M for that,
JTA's "val", and the test set of MPI-INF-3DHP, since who learns from that is tested on MuPoTS-3D.
"""

from duopose.training.datasets.human36m import Human36m
from duopose.training.datasets.jta import Jta
from duopose.training.datasets.mpi_inf_3dhp import MpiInf3dhp

JUDGE, TAKE = 8, "_subact_02_"  # subject of Human3.6M; how its sequences that are held out are called


class Part:
    """Some of a loader's sequences, as a loader. wanted: name of a sequence -> whether it is one of them"""

    def __init__(self, loader, wanted):
        self.loader, self.folder, self.sequences, self.indices = loader, loader.folder, {}, []
        for name, indices in loader.sequences.items():
            if wanted(name):
                first = len(self.indices)
                self.indices += indices
                self.sequences[name] = range(first, len(self.indices))

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, index):
        return self.loader[self.indices[index]]


def human36m(folder, held_out=False, step=1):
    """step: take the frames whose number is a multiple of it; there are 50 a second"""
    if held_out:
        return Part(Human36m(folder, (JUDGE,), step), lambda name: TAKE in name)
    own = f"s_{JUDGE:02d}_"
    return Part(Human36m(folder, "train", step), lambda name: not (name.startswith(own) and TAKE in name))


def jta(folder, held_out=False):
    return Jta(folder, "val" if held_out else "train")


def mpi_inf_3dhp(folder, held_out=False, step=1):
    """step: take every so many-th frame; there are 25 or 50 a second"""
    return MpiInf3dhp(folder, "test" if held_out else "train", step)
