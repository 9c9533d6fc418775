"""Fails where a crate that the program is built from has a licence we have not agreed to.

Reads `cargo metadata --locked --format-version 1` from standard input.
"""

import json
import re
import sys

# Permissive, or copyleft no further than the file itself (MPL-2.0).
AGREED = {
    "0BSD",
    "Apache-2.0",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
}


def agreed(expression):
    """Whether an SPDX expression can be met with the licences above."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def alternatives():
        result = together()
        while next_is("OR"):
            # Both sides are read in any case.
            result = together() or result
        return result

    def together():
        result = one()
        while next_is("AND"):
            result = one() and result
        return result

    def one():
        nonlocal position
        if position == len(tokens):
            return False
        if next_is("("):
            result = alternatives()
            if not next_is(")"):
                raise ValueError(expression)
            return result
        name = tokens[position]
        position += 1
        if next_is("WITH"):
            name += " WITH " + tokens[position]
            position += 1
        return name in AGREED

    def next_is(word):
        nonlocal position
        if position < len(tokens) and tokens[position] == word:
            position += 1
            return True
        return False

    result = alternatives()
    if position != len(tokens):
        raise ValueError(expression)
    return result


def main():
    # The gate itself must close: these are what it is for.
    assert agreed("MIT OR GPL-3.0-only") and agreed("(MIT OR Apache-2.0) AND Unicode-3.0") and agreed("MIT/Apache-2.0")
    assert not agreed("GPL-3.0-only") and not agreed("MIT AND LGPL-3.0-only") and not agreed("")

    packages = [package for package in json.load(sys.stdin)["packages"] if package["source"]]
    refused = []
    for package in packages:
        expression = package["license"] or ""
        try:
            fine = agreed(expression)
        except (ValueError, IndexError):
            fine = False
        if not fine:
            refused.append(f"{package['name']} {package['version']}: {expression or 'no licence named'}")
    print(f"{len(packages)} crates, {len(refused)} of them with a licence not agreed to")
    for line in refused:
        print(f"  {line}")
    sys.exit(1 if refused else 0)


main()
