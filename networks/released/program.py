"""python -m networks.weights ... : reads weights that others released, and proves that they were read right."""

import argparse
import json
import sys

from duopose.networks.released.checkpoints import NETWORKS, Unfit, import_all
from duopose.networks.released.hrnet import import_hrnet
from duopose.networks.released.verify import LIMIT, verify


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Unfit(f"{message} (--help tells more)")


def parser():
    options = Parser("python -m duopose.networks.weights", description=__doc__.partition(":")[2].strip())
    programs = options.add_subparsers(dest="program", required=True, metavar="PROGRAM", parser_class=Parser)
    released = programs.add_parser("import-released", help="the paper's authors' checkpoints -> our weight files")
    released.add_argument("folder", metavar="CKPTS_DIR", help="holds model_gcnwild, model_tcn, ...")
    released.add_argument("out", metavar="OUT", help="folder to write, for run_live.py --profile released")
    check = programs.add_parser("verify-released", help="run them on inputs whose outputs are known")
    check.add_argument("folder", metavar="CKPTS_DIR")
    check.add_argument("golden", metavar="GOLDEN.npz", help="inputs, and outputs of the authors' code")
    hrnet = programs.add_parser("import-hrnet", help="a COCO checkpoint of HRNet-w32 or HigherHRNet-w32 -> ours")
    hrnet.add_argument("file", metavar="FILE.pth")
    hrnet.add_argument("out", metavar="OUT", help="file to write without suffix, or a folder: OUT/top_down")
    return options


def run(options):
    """Do what was asked -> exit code."""
    if options.program == "import-released":
        for path in import_all(options.folder, options.out):
            print(path)
        return 0
    if options.program == "import-hrnet":
        print(import_hrnet(options.file, options.out))
        return 0
    errors = verify(options.folder, options.golden)
    for short, off in errors.items():
        print(f"{short:6} {NETWORKS[short].name:12} {off:.1e}{'' if off <= LIMIT else '   too far off'}")
    print(json.dumps(errors))
    return 0 if max(errors.values()) <= LIMIT else 1


def main(argv):
    try:
        return run(parser().parse_args(argv))
    except (Unfit, OSError) as error:
        print(f"duopose.networks.weights: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
