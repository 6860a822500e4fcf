#!/usr/bin/env bash
# Makes .scratch/venv, the Python that `deno task test:python` checks fdunn's
# files with: several gigabytes, since PyPI's torch brings CUDA along. A
# finished one is left alone unless the requirements changed.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=packages/testing/requirements.txt
venv=.scratch/venv
if cmp -s "$requirements" "$venv/installed.txt"; then exit 0; fi
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
cp "$requirements" "$venv/installed.txt"
