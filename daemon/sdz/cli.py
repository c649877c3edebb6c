"""The command line: which words there are, and which command they call.

Nothing heavy is imported before a command needs it, so that ``sdz info`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from sdz.commands.console import SOME_FAILED, USAGE, reason_of
from sdz.errors import BadOption, SdzError, UnknownModel
from sdz.version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``sdz`` with these words (default: the process's own); the exit code.

    0 done; 1 some inputs failed, each named on standard error; 2 usage.
    """
    # Threads of torch that wait by spinning take the processor from those that work: on two busy
    # cores a decode of 768x512 took 468 ms with the default and 117 ms with this.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    words = list(sys.argv[1:] if argv is None else argv)
    if " ".join(words[:2]) in _COMMANDS:  # one of two words, such as watch status
        words[:2] = [" ".join(words[:2])]
    parser = _parser(words[0] if words else "")
    args = parser.parse_args(words)
    try:
        _check(parser, args)
        return int(args.run(args))
    except (BadOption, UnknownModel) as error:
        print(f"sdz: {error}", file=sys.stderr)
        return USAGE
    except (
        BrokenPipeError
    ):  # as in `sdz info *.sdz | head`: what is left in the buffer goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except (SdzError, OSError) as error:
        print(f"sdz: {reason_of(error)}", file=sys.stderr)
        return SOME_FAILED
    except KeyboardInterrupt:
        print("sdz: stopped", file=sys.stderr)
        return 130


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser; only the wanted command's own words are read in (the others' modules wait)."""
    parser = argparse.ArgumentParser(
        prog="sdz", description="Pictures as the latents of an image autoencoder."
    )
    parser.add_argument("--version", action="version", version=f"sdz {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, fill) in _COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=summary)
        if name == command:
            fill(sub)
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """All words of all commands in one parser: what completions and the manual page are made from.

    A command of two words is put below its first one.
    """
    parser = argparse.ArgumentParser(
        prog="sdz", description="Pictures as the latents of an image autoencoder."
    )
    parser.add_argument("--version", action="version", version=f"sdz {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    below: dict[str, Any] = {}
    for name, (summary, fill) in _COMMANDS.items():
        first, _, second = name.partition(" ")
        if second and first not in below:
            below[first] = commands.choices[first].add_subparsers(dest="action", metavar="COMMAND")
        group = below[first] if second else commands
        fill(group.add_parser(second or first, help=summary, description=summary))
    return parser


def _check(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    several = len(getattr(args, "sources", ())) > 1
    if several and getattr(args, "out", None) is not None:
        parser.error("--out is for one source; use --out-dir for several")


def _fill_encode(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import encode

    encode.add_arguments(parser)
    parser.set_defaults(run=encode.run)


def _fill_decode(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import decode

    decode.add_decode_arguments(parser)
    parser.set_defaults(run=decode.run_decode)


def _fill_preview(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import decode

    decode.add_preview_arguments(parser)
    parser.set_defaults(run=decode.run_preview)


def _fill_info(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import info

    info.add_arguments(parser)
    parser.set_defaults(run=info.run)


def _fill_models(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import models

    models.add_arguments(parser)
    parser.set_defaults(run=models.run)


def _fill_bench(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import bench

    bench.add_arguments(parser)
    parser.set_defaults(run=bench.run)


def _fill_completion(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import completion

    completion.add_arguments(parser, whole_parser)
    parser.set_defaults(run=completion.run)


def _fill_batch(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import batch

    batch.add_arguments(parser)
    parser.set_defaults(run=batch.run)


def _fill_serve(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import serve

    serve.add_arguments(parser)
    parser.set_defaults(run=serve.run)


def _fill_status(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import status

    status.add_arguments(parser)
    parser.set_defaults(run=status.run)


def _fill_dashboard(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import dashboard

    dashboard.add_arguments(parser)
    parser.set_defaults(run=dashboard.run)


def _fill_pair(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import pair

    pair.add_pair_arguments(parser)
    parser.set_defaults(run=pair.run_pair)


def _fill_clients(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import pair

    pair.add_clients_arguments(parser)
    parser.set_defaults(run=pair.run_clients)


def _fill_revoke(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import pair

    pair.add_revoke_arguments(parser)
    parser.set_defaults(run=pair.run_revoke)


def _fill_config(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import config

    config.add_arguments(parser)
    parser.set_defaults(run=config.run)


def _fill_service(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import service_unit

    service_unit.add_arguments(parser)
    parser.set_defaults(run=service_unit.run)


def _fill_open(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import open as open_command

    open_command.add_arguments(parser)
    parser.set_defaults(run=open_command.run)


def _fill_desktop(parser: argparse.ArgumentParser) -> None:
    from sdz.commands import desktop

    desktop.add_arguments(parser)
    parser.set_defaults(run=desktop.run)


def _fill_watch(parser: argparse.ArgumentParser) -> None:
    from sdz.commands.watch import watch
    from sdz.commands.watch import words as watch_words

    watch_words.add_arguments(parser)
    parser.set_defaults(run=watch.run)


def _fill_watch_status(parser: argparse.ArgumentParser) -> None:
    from sdz.commands.watch import status as watch_status

    watch_status.add_arguments(parser)
    parser.set_defaults(run=watch_status.run)


def _fill_watch_retry(parser: argparse.ArgumentParser) -> None:
    from sdz.commands.watch import amend as watch_amend

    watch_amend.add_retry_arguments(parser)
    parser.set_defaults(run=watch_amend.run_retry)


def _fill_watch_undo(parser: argparse.ArgumentParser) -> None:
    from sdz.commands.watch import amend as watch_amend

    watch_amend.add_undo_arguments(parser)
    parser.set_defaults(run=watch_amend.run_undo)


_COMMANDS = {
    "encode": ("compress pictures to .sdz files", _fill_encode),
    "batch": ("compress a folder or bucket of pictures on a Ray cluster", _fill_batch),
    "decode": ("turn .sdz files back into pictures", _fill_decode),
    "preview": ("a small picture at once, without any weights", _fill_preview),
    "open": ("show a .sdz file in the usual picture viewer", _fill_open),
    "info": ("what a .sdz file says of itself", _fill_info),
    "watch": ("keep the pictures of folders as .sdz files", _fill_watch),
    "watch status": ("the watched folders, and how far each is", _fill_watch_status),
    "watch retry": ("try files of a watched folder again", _fill_watch_retry),
    "watch undo": ("bring the last originals back from the trash", _fill_watch_undo),
    "models": ("the autoencoders: list, pull, add, remove, verify", _fill_models),
    "bench": ("how fast this machine encodes and decodes", _fill_bench),
    "serve": ("start the daemon", _fill_serve),
    "status": ("whether the daemon runs, and how it is doing", _fill_status),
    "dashboard": ("open the daemon's dashboard in the browser", _fill_dashboard),
    "pair": ("let a browser extension or a program use the daemon", _fill_pair),
    "clients": ("who may use the daemon", _fill_clients),
    "revoke": ("end what sdz pair began", _fill_revoke),
    "config": ("the settings, and where they came from", _fill_config),
    "service": ("have the system start the daemon at login", _fill_service),
    "desktop": ("file types, thumbnails and opening, for file managers", _fill_desktop),
    "completion": ("print what a shell needs to complete sdz", _fill_completion),
}
