"""The three figures that the README shows, as sentences, made of the results."""

from collections.abc import Callable
from typing import Any

from bench.tables import Figure


def highlights(results: Callable[[str], Figure]) -> str:
    return "\n".join(
        [_search(results("search")), _picture(results("pictures")), _large(results("large"))]
    )


def _search(figure: Figure) -> str:
    size = min({row["faces"] for row in figure["rows"]}, key=lambda faces: abs(faces - 10**6))
    medians = {
        (row["engine"], row["dims"], row["threads"]): row["ms"]["median"]
        for row in reversed(figure["rows"])
        if row["faces"] == size and "ms" in row
    }
    ours = medians["ours", 160, 1], medians["ours", 160, 2]
    told = (
        f"- **A search of {size:,} faces takes {ours[0]:.1f} ms on one thread, {ours[1]:.1f} on "
        "two**, and finds exactly the best faces in their exact order"
    )
    flat = medians.get(("faiss flat", 512, 1))
    return f"{told}; faiss `IndexFlatIP` takes {flat:.0f} ms." if flat else f"{told}."


def _picture(figure: Figure) -> str:
    rows = {
        (row["task"], row["label"]): row["ms"]["median"] for row in figure["rows"] if "ms" in row
    }
    task = next(task for task, _ in rows)
    told = (
        f"- **A photo of one megapixel has its matches among {figure['collection_faces']:,} faces "
        f"after {rows[task, 'Semblance, pack open']:.0f} ms** on one thread"
    )
    rival = rows.get((task, "InsightFace, tuned"))
    return (
        f"{told}; InsightFace's tuned pipeline takes {rival:.0f} ms without a search."
        if rival
        else f"{told}."
    )


def _large(figure: Any) -> str:
    return (
        f"- **One process searches {figure['faces']:,} faces in {figure['ms']['median']:.0f} ms** "
        f"on {figure['threads']} threads, in {figure['rss_bytes'] / 2**30:.1f} GiB; its first "
        f"answer comes {figure['first_answer_seconds']:.0f} s after it opens the snapshot on disk."
    )
