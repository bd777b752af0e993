#!/usr/bin/env python3
"""Reads heap profiles: pprof's profile.proto, compressed with gzip.

Nothing is scaled here. What is in a profile stands for all allocations, not for the sampled ones only: the program that
wrote it scaled each sample by its probability (ScaleHeapSample in heapwise/pprof/encode.cc), once, as pprof wants it.

As a program it takes the path of this repository out of profiles, in place, so that they can be published:

    scripts/python scripts/pprof_reader.py results/reference/*.pb.gz
"""

import heapwise_guard  # first: it sees to failures from here on
import functools
import gzip
import itertools
import pathlib
import re
import subprocess
import sys
import zlib
from dataclasses import dataclass, field

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

import heapwise_files
from heapwise_results import ROOT, Refused, shown_path

# Debian's golang-github-google-pprof-dev.
_PROTO = pathlib.Path("/usr/share/gocode/src/github.com/google/pprof/proto/profile.proto")
_DEEPEST = 7  # functions of a path; the middle of a longer one is folded


@dataclass(frozen=True)
class Frame:
    """A function of a stack, demangled, and the line in it that was running."""

    function: str
    file: str
    line: int


@dataclass
class Profile:
    """The heap profile of a process: (stack with the root first, bytes) of each sample, by sample type."""

    rate: int  # bytes from one sample to the next, on average; the bytes of `stacks` are scaled by it already
    stacks: dict = field(default_factory=dict)


@functools.cache
def _message_class():
    """The class of profile.proto's Profile, as protoc describes it now: no generated file that could be stale."""
    try:
        described = subprocess.run(
            ["protoc", f"--proto_path={_PROTO.parent}", "--descriptor_set_out=/dev/stdout", _PROTO.name],
            capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise Refused("protoc: is missing; scripts/setup installs it") from None
    except subprocess.CalledProcessError as error:
        raise Refused(f"{_PROTO}: {error.stderr.decode().strip()}; scripts/setup installs it") from None
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(described).file:
        pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(
        pool.FindMessageTypeByName("perftools.profiles.Profile"))


def new_message():
    """An empty Profile of profile.proto."""
    return _message_class()()


def _parsed(path):
    """The Profile message in a file, refused unless it is whole."""
    message_class = _message_class()
    name = shown_path(path)
    try:
        data = gzip.decompress(pathlib.Path(path).read_bytes())
    except FileNotFoundError:
        raise Refused(f"{name}: the file: is missing") from None
    except (EOFError, zlib.error):
        raise Refused(f"{name}: the file: is truncated or damaged") from None
    except OSError as error:
        raise Refused(f"{name}: the file: is no heap profile: {error.strerror or error}") from None
    if not data:
        raise Refused(f"{name}: the file: is truncated or damaged")
    message = message_class()
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise Refused(f"{name}: the file: is no heap profile: profile.proto does not fit it") from None
    return message


def _demangled(names):
    """The names as C++ writes them; names that are no mangled ones stay. c++filt is of binutils, as the linker is."""
    if not names:
        return []
    try:
        said = subprocess.run(["c++filt"], input="\n".join(names) + "\n", capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise Refused("c++filt: is missing; scripts/setup installs it, with the compiler") from None
    return said.stdout.splitlines()


def read(path):
    """The Profile in a file."""
    message = _parsed(path)
    name = shown_path(path)

    def refuse(field_name, reason):
        raise Refused(f"{name}: {field_name}: {reason}")

    def text(index, field_name):
        if not 0 <= index < len(message.string_table):
            refuse(field_name, f"names string {index} of {len(message.string_table)}")
        return message.string_table[index]

    types = [text(kind.type, "sample_type") for kind in message.sample_type]
    if "alloc_space" not in types or "inuse_space" not in types:
        refuse("sample_type", f"is {', '.join(types) or 'empty'}; must hold alloc_space and inuse_space")
    mangled = [text(function.name, "function") for function in message.function]
    functions = {function.id: (words, text(function.filename, "function"))
                 for function, words in zip(message.function, _demangled(mangled))}
    locations = {location.id: location for location in message.location}

    @functools.cache
    def frames(location_id):
        location = locations.get(location_id)
        if location is None:
            refuse("sample", f"names location {location_id}, which is not there")
        called = []
        for line in reversed(location.line):  # the innermost is the first in the file
            if line.function_id not in functions:
                refuse("location", f"names function {line.function_id}, which is not there")
            called.append(Frame(*functions[line.function_id], line.line))
        return tuple(called)

    profile = Profile(message.period, {kind: [] for kind in types})
    for sample in message.sample:
        if len(sample.value) != len(types):
            refuse("sample", f"has {len(sample.value)} values; must have {len(types)}")
        stack = tuple(frame for location in reversed(sample.location_id) for frame in frames(location))
        for kind, value in zip(types, sample.value):
            profile.stacks[kind].append((stack, value))
    return profile


def short_name(function):
    """The function's name without namespaces, arguments and template arguments; its class stays.

    short_name("std::vector<T> a::(anonymous namespace)::Table::Row<T>(int) const") is "Table::Row", and a lambda is
    "lambda in Row".
    """
    operators = []

    def put_away(found):
        operators.append(found.group(0))
        return f"@{len(operators) - 1}"

    text = function.replace("(anonymous namespace)::", "").replace(" const::", "::")
    text = re.sub(r"\[abi:[^\]]*\]", "", text)
    # c++filt writes a lambda in the first form, debug information in the others.
    text = re.sub(r"\{lambda\((?:[^{}]|\{[^{}]*\})*\)#\d+\}|<lambda\([^<>]*\)>|\(unnamed\)", "@lambda", text)
    text = re.sub(r"\boperator ?(\(\)|\[\]|new(\[\])?|delete(\[\])?|[^\w\s(]+)", put_away, text)
    kept, depth = [], 0
    for character in text:
        depth += character in "<("
        if depth == 0:
            kept.append(character)
        depth -= character in ">)"
    words = [word for word in "".join(kept).split() if re.match(r"[\w@~]", word) and word not in ("const", "volatile")]
    parts = words[-1].split("::") if words else [function]
    if "@lambda" in parts[-2:]:
        named = [part for part in parts if not part.startswith("@")]
        return f"lambda in {named[-1]}" if named else "lambda"
    owner = f"{parts[-2]}::" if len(parts) > 1 and parts[-2][:1].isupper() else ""
    last = operators[int(parts[-1][1:])] if parts[-1].startswith("@") else parts[-1]
    return owner + last


def own_path(stack, lesson):
    """(functions, "file.cc:12"): the lesson's own part of a stack, root first, and the line in it that allocated.

    What calls the lesson's code, bench.cc included, is cut off; what it calls elsewhere counts as the line that
    calls. A stack with nothing of the lesson in it is ((), "").
    """
    own = [frame for frame in stack if f"lessons/{lesson}/" in frame.file]
    inner = list(itertools.dropwhile(lambda frame: frame.file.endswith("/bench.cc"), own)) or own[-1:]
    if not inner:
        return (), ""
    names = tuple(name for name, _ in itertools.groupby(short_name(frame.function) for frame in inner))
    if len(names) > _DEEPEST:
        half = _DEEPEST // 2
        names = (*names[:half], "…", *names[-half:])
    return names, f"{pathlib.PurePath(inner[-1].file).name}:{inner[-1].line}"


def bytes_by_path(profile, sample, lesson):
    """The profile's bytes of a sample type, summed for each own_path."""
    sums = {}
    for stack, value in profile.stacks[sample]:
        path = own_path(stack, lesson)
        sums[path] = sums.get(path, 0) + value
    return sums


def without_root(path, root=ROOT):
    """Takes the repository's path out of a profile's file names, in place."""
    message = _parsed(path)
    prefix = f"{root}/"
    for index, value in enumerate(message.string_table):
        message.string_table[index] = value.replace(prefix, "")
    with heapwise_files.whole(path) as part:
        part.write_bytes(gzip.compress(message.SerializeToString(), mtime=0))


def main(paths):
    """Every profile that can be read is done; the status is 2 where one could not."""
    return max((heapwise_guard.outcome(lambda: without_root(path)) or 0 for path in paths), default=0)


if __name__ == "__main__":
    heapwise_guard.run(lambda: main(sys.argv[1:]))
