#!/usr/bin/env bash
# Gradescope runs this once, when the autograder is built.
set -euo pipefail
# Where torch's build for machines without a graphics card is; empty: the usual one, of some gigabytes.
TORCH_INDEX=${TORCH_INDEX-https://download.pytorch.org/whl/cpu}
apt-get update
apt-get install -y python3.11 python3.11-venv bubblewrap
python3.11 -m venv /autograder/venv
/autograder/venv/bin/python -m pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \
  --requirement /autograder/source/requirements.txt
# Whoever is graded reads neither the checks nor the solutions.
chmod -R o= /autograder/source
