"""Where the tests find the project and their own samples."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
CLIP = ROOT / "tests" / "data" / "replay"  # eight frames of the demo clip's source, as JPEG
