"""duopose released import|verify|import-hrnet ...: weights that others released become ours, and are proved to be read right."""

import json

from duopose.stream.arguments import Parser
from duopose.stream.errors import UsageError


def parser():
    options = Parser(__doc__)
    programs = options.add_subparsers(dest="program", required=True, metavar="PROGRAM", parser_class=Parser)

    def add(name, typed, about):
        return programs.add_parser(name, told=f"duopose released {name} {typed}: {about}", help=about)

    ours = add("import", "CKPTS_DIR OUT", "the paper's authors' checkpoints -> our weight files")
    ours.add_argument("folder", metavar="CKPTS_DIR", help="holds model_gcnwild, model_tcn, ...")
    ours.add_argument("out", metavar="OUT", help="folder to write, for --profile released")
    check = add("verify", "CKPTS_DIR GOLDEN.npz", "run them on inputs whose outputs are known")
    check.add_argument("folder", metavar="CKPTS_DIR")
    check.add_argument("golden", metavar="GOLDEN.npz", help="inputs, and outputs of the authors' code")
    hrnet = add("import-hrnet", "FILE.pth OUT", "a COCO checkpoint of HRNet-w32 or HigherHRNet-w32 -> ours")
    hrnet.add_argument("file", metavar="FILE.pth")
    hrnet.add_argument("out", metavar="OUT", help="file to write without suffix, or a folder: OUT/top_down")
    return options


def main(argv):
    options = parser().parse_args(argv)
    from duopose.networks.released.checkpoints import Unfit  # torch: only where something is to be done

    try:
        return run(options)
    except Unfit as error:
        raise UsageError(error) from None


def run(options):
    """Do what was asked -> exit code. Raises networks.released.checkpoints.Unfit."""
    from duopose.networks.released.checkpoints import NETWORKS, import_all
    from duopose.networks.released.hrnet import import_hrnet
    from duopose.networks.released.verify import LIMIT, verify

    if options.program == "import":
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
