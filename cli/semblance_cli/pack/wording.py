"""The result of adding a pack in words."""

from __future__ import annotations

from semblance_cli.pack import limits
from semblance_cli.pack.adding import Added, Request
from semblance_cli.pack.inputs import Choice
from semblance_cli.pack.making import Measured


def input_chosen(choice: Choice) -> str:
    if not choice.trials:
        return f"Input: {choice.input}, as given."
    equals = [trial for trial in choice.trials if trial.as_good]
    others = [trial for trial in choice.trials if not trial.as_good]
    text = f"Input: {choice.input}, as measured."
    if len(equals) > 1:
        names = "; ".join(str(each.input) for each in equals if each.input != choice.input)
        text += f" These photos cannot tell it from {names}; the more usual one is taken."
    if others:
        text += (
            f" The next one separates people less by {others[0].behind:.2f} standard deviations."
        )
    return text


def size_chosen(added: Added) -> str:
    numbers, size = added.space.basis.shape
    if size == numbers:
        return f"Size: all {numbers} numbers matter. --size takes fewer, at the price below."
    return f"Size: {size} of {numbers} numbers, the strongest directions of these faces."


def codes(added: Added) -> str:
    codec = added.space.codec
    return (
        f"Codes of 8 bits: a cosine is at most {added.missed:.4f} too low, and a scan leaves a "
        f"margin of {codec.margin:g}."
    )


def curve(measured: Measured) -> list[str]:
    """Which knots are extrapolated, and how many people would measure them."""
    extrapolated = [knot for knot in measured.knots if not knot.measured]
    lines = ["The similarity at a cosine is linear between these."]
    if extrapolated:
        needs = ", ".join(f"{knot.people:,} for {knot.similarity:g}" for knot in extrapolated)
        lines.append(
            f"Extrapolated from the tail of the impostor pairs, since {measured.people:,} people "
            f"are too few to see so rare a match 30 times: it takes {needs}."
        )
    return lines


def weight(added: Added) -> str:
    each = added.weight
    kept = max(limits.MEMORY_MIB - limits.memory_mib(each), limits.MEMORY_MIB // 4)
    faces = (kept << 20) / (added.space.codec.size + 20) / 1e6
    return (
        f"Weight: {each.file_bytes / 2**20:.0f} MiB in the image (AWS allows "
        f"{limits.LARGEST_IMAGE_BYTES >> 30} GiB in all), {each.memory_bytes >> 20:,} MiB of "
        f"memory, {each.load_seconds:.1f} s to load, {each.face_seconds * 1000:.0f} ms of one core "
        f"a face on this machine. Of the default {limits.MEMORY_MIB:,} MiB some {kept:,} are left "
        f"for collections, {faces:.1f} million faces."
    )


def written(request: Request) -> list[str]:
    directory = request.directory
    shown = directory if directory.is_absolute() else f"./{directory}"
    return [
        f"Written: {directory}. Faces are judged by the norm of MobileFaceNet, as with "
        f"{request.naming.base}, so its rules stay valid.",
        f"Deploy it: npx cdk deploy -c model_pack={shown}",
        "Collections of another embedder are refused then: index their photos anew.",
    ]
