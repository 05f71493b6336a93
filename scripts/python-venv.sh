#!/usr/bin/env bash
# `npm run python`: makes .venv with what the tests of the Python package need, from PyPI. Again: brings it up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 -c 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else "Python 3.10 or later is needed")'
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check hatchling 'httpx>=0.25,<1' 'mypy>=1.10' 'pytest>=8' \
  anthropic 'openapi-python-client>=0.29' 'langchain-core>=0.3' 'langgraph>=0.3' openai 'openai-agents>=0.1' \
  opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
# For an environment that is empty but for the package: what it depends on, without the network.
.venv/bin/pip download --quiet --disable-pip-version-check --dest .venv/wheels 'httpx>=0.25,<1'
