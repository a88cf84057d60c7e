"""duopose released import|verify|import-hrnet ...: weights that others released become ours, and are checked."""

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
    # torch is imported only where something is to be done
    from duopose.networks.released.checkpoints import Unfit, import_all
    from duopose.networks.released.hrnet import import_hrnet
    from duopose.networks.released.verify import verify

    try:
        if options.program == "verify":
            return report(verify(options.folder, options.golden))
        if options.program == "import":
            print(*import_all(options.folder, options.out), sep="\n")
        else:
            print(import_hrnet(options.file, options.out))
    except Unfit as error:
        raise UsageError(error) from None


def report(errors):
    """Print {network: relative error} -> exit code: 1 where one is too far off."""
    from duopose.networks.released.checkpoints import NETWORKS
    from duopose.networks.released.verify import LIMIT

    for short, off in errors.items():
        print(f"{short:6} {NETWORKS[short].name:12} {off:.1e}{'' if off <= LIMIT else '   too far off'}")
    print(json.dumps(errors))
    return 0 if max(errors.values()) <= LIMIT else 1
