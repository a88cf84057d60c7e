"""What the top-down branch says of pictures (`duopose train top_down_answers`), beside their labels."""

import numpy as np

from duopose.training.datasets.reading.errors import reading
from duopose.training.images.pictures import Guides


class Answered:
    """Pictures with the guides that the top-down branch gave, and with depths of people whom nobody measured.

    pictures  pictures[i] -> Picture, len(pictures)
    path      file that `duopose train top_down_answers` wrote about them
    """

    def __init__(self, pictures, path):
        self.pictures = pictures
        with reading(path, "answers of the top-down branch"), np.load(path) as file:
            self.answers = {name: file[name] for name in file.files}
            if len(self.answers["focal"]) != len(pictures):
                raise ValueError(f"answers about {len(self.answers['focal'])} pictures, there are {len(pictures)}")

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        picture = self.pictures[index]
        found = slice(*self.answers["start"][index : index + 2])
        picture = picture._replace(guides=Guides(self.answers["joints"][found], self.answers["sizes"][found]))
        if np.isfinite(picture.focal):
            return picture
        people = slice(*self.answers["person_start"][index : index + 2])
        return picture._replace(depths=self.answers["depths"][people], focal=float(self.answers["focal"][index]))


def join(answers):
    """[(Guides, depths [P, 17], focal)] of pictures -> the arrays of the file."""
    joints, sizes = zip(*(guides for guides, _, _ in answers), strict=True)
    depths = [depth for _, depth, _ in answers]
    return {
        "start": np.cumsum([0, *map(len, sizes)]),
        "joints": np.concatenate(joints).astype(np.float32),
        "sizes": np.concatenate(sizes).astype(np.float32),
        "person_start": np.cumsum([0, *map(len, depths)]),
        "depths": np.concatenate(depths).astype(np.float32),
        "focal": np.array([focal for _, _, focal in answers], np.float32),
    }
