"""duopose keys [FOLDER] [--add NAME] [--remove NAME]: who may follow a run from another machine.

    duopose keys --add laptop                       on the machine that runs; prints the file to hand over
    duopose 0 --listen tcp://*:5570
    duopose view tcp://CAMERA:5570 --key laptop.key  on the other one

Makes the folder and the server's keys where they are missing, then lists who is let in.
"""

from duopose.stream.arguments import Parser
from duopose.stream.network import keys


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("folder", nargs="?", metavar="FOLDER", help="where the keys lie (default: ~/.config/duopose/keys)")
    add("--add", metavar="NAME", help="let in a new client, and write the file that it needs")
    add("--remove", metavar="NAME", help="let a client in no more")
    arguments = parser.parse_args(argv)
    folder = arguments.folder or keys.default_folder()
    keys.make(folder)
    if arguments.remove:
        keys.remove(folder, arguments.remove)
    if arguments.add:
        print(f"hand to {arguments.add}, and to nobody else: {keys.add(folder, arguments.add)}")
    print(f"{folder} lets in: {', '.join(keys.allowed(folder)) or 'nobody'}")
