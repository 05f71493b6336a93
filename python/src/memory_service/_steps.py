"""Steps, cut to what the service takes: an agent's tool may return anything."""

from __future__ import annotations

from datetime import datetime, timezone
import json
from typing import Any, Mapping

Step = dict[str, Any]

# UTF-8 bytes of an output or a message, and of parameters as JSON (setting `step_output_max`).
BYTES_MAX = 65_536
NAME_MAX = 200
TEXT_MAX = 10_000
DEPTH_MAX = 32


def now() -> str:
    """RFC 3339, UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fitting(step: Mapping[str, Any]) -> tuple[Step, bool]:
    """The step as it fits, and whether something was left out; ``metadata.cut`` says so then."""
    cut = False

    def characters(text: Any, most: int) -> str:
        nonlocal cut
        clean = _clean(str(text))
        cut = cut or len(clean) > most
        return clean[:most]

    def shortened(text: Any) -> str:
        nonlocal cut
        clean = _clean(str(text))
        encoded = clean.encode()
        if len(encoded) <= BYTES_MAX:
            return clean
        cut = True
        return encoded[:BYTES_MAX].decode(errors="ignore")

    fit: Step = {**step, "tool": characters(step.get("tool") or "unknown", NAME_MAX)}
    if fit.get("action") is not None:
        fit["action"] = characters(fit["action"], TEXT_MAX)
    if "parameters" in fit:
        fit["parameters"] = plain(fit["parameters"])
        text = json.dumps(fit["parameters"], ensure_ascii=False)
        if len(text.encode()) > BYTES_MAX:
            cut = True
            fit["parameters"] = {"cut": text[:TEXT_MAX]}
    result = fit.get("result")
    if isinstance(result, Mapping):
        fit["result"] = {
            name: shortened(value) if name in ("output", "message") else value
            for name, value in result.items()
        }
    if cut:
        fit["metadata"] = {**(fit.get("metadata") or {}), "cut": "true"}
    return fit, cut


def plain(value: Any, depth: int = 0) -> Any:
    """Anything as JSON knows it: what it does not know is said as text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        is_finite = value == value and value not in (float("inf"), float("-inf"))
        return value if is_finite else str(value)
    if isinstance(value, str):
        return _clean(value)
    # Also what refers to itself ends here.
    if depth >= DEPTH_MAX:
        return "[too deep]"
    if isinstance(value, Mapping):
        return {_clean(str(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in value]
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return plain(dump(), depth + 1)
    return _clean(str(value))


def text_of(value: Any) -> str:
    """An output as text: JSON where it is no text already."""
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def error_text(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:TEXT_MAX]


def _clean(text: str) -> str:
    """Without what the service refuses: U+0000, and halves of a character."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
