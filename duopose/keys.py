"""duopose keys --add NAME | --remove NAME | --list [FOLDER]: who may follow a run from another machine.

    duopose keys --add laptop                        where it runs; prints the file to hand over
    duopose 0 --listen tcp://*:5570
    duopose view tcp://CAMERA:5570 --key laptop.key  on the other machine

Makes the folder and the server's keys where they are missing, and says who is let in.
"""

from duopose.stream.arguments import Parser
from duopose.stream.network import keys


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="of the keys (default: ~/.config/duopose/keys)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--add", metavar="NAME", help="let in a new client, and write the file that it needs")
    what.add_argument("--remove", metavar="NAME", help="let a client in no more")
    what.add_argument("--list", action="store_true", help="who is let in")
    arguments = parser.parse_args(argv)
    folder = arguments.folder or keys.default_folder()
    keys.make(folder)
    if arguments.remove:
        keys.remove(folder, arguments.remove)
    if arguments.add:
        print(f"hand to {arguments.add}, and to nobody else: {keys.add(folder, arguments.add)}")
    print(f"{folder} lets in: {', '.join(keys.allowed(folder)) or 'nobody'}")
