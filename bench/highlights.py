"""The three figures that the README shows, as sentences."""

from bench import tables
from bench.figures import Large, Pictures, Search, medians, picture_rows, search_rows


def search(figure: Search) -> str:
    size = tables.near_a_million(figure)
    ms = medians(search_rows(figure["rows"]), size)
    one, two = ms["ours", 160, 1], ms["ours", 160, 2]
    sentence = (
        f"- **A search of {size:,} faces takes {one:.1f} ms on one thread, {two:.1f} on two**, "
        "and finds exactly the best faces in their exact order"
    )
    flat = ms.get(("faiss flat", 512, 1))
    return f"{sentence}; faiss `IndexFlatIP` takes {flat:.0f} ms." if flat else f"{sentence}."


def picture(figure: Pictures) -> str:
    ms = {(row["task"], row["label"]): row["ms"]["median"] for row in picture_rows(figure["rows"])}
    task = next(task for task, _ in ms)
    sentence = (
        f"- **A photo of one megapixel has its matches among {figure['collection_faces']:,} faces "
        f"after {ms[task, 'Semblance, pack open']:.0f} ms** on one thread"
    )
    rival = ms.get((task, "InsightFace, tuned"))
    if rival is None:
        return f"{sentence}."
    return f"{sentence}; InsightFace's tuned pipeline takes {rival:.0f} ms without a search."


def large(figure: Large) -> str:
    return (
        f"- **One process searches {figure['faces']:,} faces in {figure['ms']['median']:.0f} ms** "
        f"on {figure['threads']} threads, in {figure['rss_bytes'] / 2**30:.1f} GiB; its first "
        f"answer comes {figure['first_answer_seconds']:.0f} s after it opens the snapshot on disk."
    )
