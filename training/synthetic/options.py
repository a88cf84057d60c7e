"""What the programs that render have in common on the command line."""

from functools import partial

from duopose.stream.arguments import existing, size

pixels = partial(size, least=16)  # of a picture


def add_sources(parser, split):
    """--pack, --motion and --split, whose default is `split`."""
    parser.add_argument("--pack", type=existing, required=True, help="folder with pack/, panoramas/ and photos/")
    parser.add_argument(
        "--motion", type=existing, required=True, help="folder with the motion capture (train.npz, val.npz, ...)"
    )
    parser.add_argument(
        "--split", choices=("train", "val"), default=split, help="val: other motion, panoramas and photographs"
    )


def check_sources(parser, options):
    """Ends the program with one line if something is missing that no frame can be rendered without."""
    wanted = (
        options.pack / "pack" / "body.npz",
        options.pack / "pack" / "index.json",
        options.motion / f"{options.split}.npz",
    )
    for path in wanted:
        if not path.is_file():
            parser.error(f"{path} is missing")
    if not any((options.pack / "panoramas").glob("*.jpg")):
        parser.error(f"no panoramas (*.jpg, each with an .npz of its light) in {options.pack / 'panoramas'}")
