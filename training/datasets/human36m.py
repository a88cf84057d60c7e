"""Human3.6M (vision.imar.ro/human3.6m), one person before four cameras in a studio, as the authors of 3DMPPE parsed it.

    DIR/annotations/Human36M_subject1_data.json        COCO's style. images: id, file_name, width, height, subject,
                                                       action_idx, subaction_idx, cam_idx, frame_idx; annotations:
                                                       image_id, bbox
                    Human36M_subject1_camera.json      per camera: R, t (mm), f, c
                    Human36M_subject1_joint_3d.json    per action, subaction, frame: 17 joints, world, mm
    DIR/images/s_01_act_02_subact_01_ca_01/s_01_act_02_subact_01_ca_01_000001.jpg ...

github.com/mks0601/3DMPPE_POSENET_RELEASE links to these files; the owners' own layout (video and CDF files) is not
read. In the camera's frame a point is R x + t. The parsed cameras leave the lens distortion out: pixels are off by
several near the borders. The 17 joints are BODY17 itself.
"""

import msgspec
import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.stream.skeleton import BODY17
from duopose.training.datasets.reading.entries import entries
from duopose.training.datasets.reading.labelled import Origin, People, projected, sample
from duopose.training.datasets.reading.names import Joints
from duopose.training.datasets.reading.sample import SEEN, folder_of

JOINTS = Joints(BODY17)
SPLITS = {"train": (1, 5, 6, 7, 8), "test": (9, 11)}  # subjects; protocol 2 of most papers
ACTIONS = (
    "Directions", "Discussion", "Eating", "Greeting", "Phoning", "Posing", "Purchases", "Sitting", "SittingDown",
    "Smoking", "Photo", "Waiting", "Walking", "WalkDog", "WalkTogether",
)  # fmt: skip
FIRST_ACTION = 2  # number of Directions
RATE = 50.0


class Human36m:
    """The pictures of some subjects. sequences: {folder of its pictures: range of its indices}

    subjects   "train", "test" or numbers
    step       take the frames whose number is a multiple of it
    """

    def __init__(self, folder, subjects="train", step=1):
        subjects = SPLITS.get(subjects, subjects)
        needed = [f"annotations/Human36M_subject{subject}_data.json" for subject in subjects]
        self.folder = folder_of(folder, "Human3.6M as parsed for 3DMPPE", *needed, "images")
        self.places, self.cameras, self.joints = [], {}, {}
        for subject in subjects:
            self._read(subject, step)
        if not self.places:
            raise UsageError(f"{folder} is not Human3.6M as parsed for 3DMPPE: its annotations name no picture")
        self.places.sort(key=lambda place: place.file_name)
        self.sequences = {}
        for index, place in enumerate(self.places):
            first = self.sequences.get(place.sequence, range(index, index)).start
            self.sequences[place.sequence] = range(first, index + 1)

    def _read(self, subject, step):
        path = self.folder / "annotations" / f"Human36M_subject{subject}_"
        try:
            for _, entry in entries(f"{path}data.json", "images"):
                picture = msgspec.convert(entry, Picture)
                if picture.frame_idx % step == 0:
                    self.places.append(picture)
            for number, values in _decode(f"{path}camera.json").items():
                rotation, move = np.array(values["R"], float).reshape(3, 3), np.array(values["t"], float).reshape(3)
                camera = Camera(*map(float, (*values["f"], *values["c"])), "file")
                self.cameras[subject, int(number)] = camera, rotation, move
            for action, subactions in _decode(f"{path}joint_3d.json").items():
                for subaction, frames in subactions.items():
                    joints = {int(frame): np.array(pose, np.float32) for frame, pose in frames.items()}
                    self.joints[subject, int(action), int(subaction)] = joints
        except (OSError, ValueError, KeyError, TypeError, AttributeError, msgspec.MsgspecError) as error:
            raise UsageError(f"{path}*.json are not annotations of Human3.6M as parsed for 3DMPPE: {error!r}") from None

    def __len__(self):
        return len(self.places)

    def action(self, index):
        """Name of what the person does in a picture."""
        return ACTIONS[self.places[index].action_idx - FIRST_ACTION]

    def people(self, index):
        """`People` of a picture: the one."""
        place = self.places[index]
        camera, rotation, move = self.cameras[place.subject, place.cam_idx]
        world = self.joints[place.subject, place.action_idx, place.subaction_idx][place.frame_idx]
        joints = (world.astype(float) @ rotation.T + move)[None] / 1000
        return People(np.array([place.subject]), joints, projected(joints, camera), np.full((1, 17), SEEN))

    def __getitem__(self, index):
        place = self.places[index]
        origin = Origin(
            file=self.folder / "images" / place.file_name,
            size=(place.width, place.height),
            camera=self.cameras[place.subject, place.cam_idx][0],
            complete=True,
            sequence=place.sequence,
            number=place.frame_idx,
            rate=RATE,
        )
        return sample(self.people(index), JOINTS, origin)


class Picture(msgspec.Struct):
    """What the annotation says of one picture."""

    file_name: str
    width: int
    height: int
    subject: int
    action_idx: int
    subaction_idx: int
    cam_idx: int
    frame_idx: int

    @property
    def sequence(self):
        return self.file_name.split("/")[0]


def _decode(path):
    with open(path, "rb") as file:
        return msgspec.json.decode(file.read())
