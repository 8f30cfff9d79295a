#!/usr/bin/env bash
# Packs Holdfast, installs the tarball globally into an empty prefix under Node 24, and uses it as a newcomer would.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tarball=$(npm pack --silent --ignore-scripts=false --pack-destination "$work" | tail -n 1)
echo "packed $tarball: $(stat -c %s "$work/$tarball") bytes, $(tar tzf "$work/$tarball" | wc -l) files"
npm install --silent --global --prefix "$work/prefix" "$work/$tarball"
mkdir "$work/home"
run() { env -i HOME="$work/home" PATH="$work/prefix/bin:$PATH" "$@"; }
cd "$work/home"
run node --version
run holdfast --version
run holdfast plugin list
run holdfast quickstart --size 64M
run holdfast theme list
printf '2\nquit\n' | run holdfast --home "$work/home/.local/share/holdfast/quickstart" --plain | grep demo
