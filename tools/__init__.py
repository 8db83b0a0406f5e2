"""Programs that a developer of Semblance runs from a checkout; each has a target in the Makefile.

python -m tools.local up|down     the local cloud (make up, make down)
python -m tools.local.invoke      one handler on a recorded event, for a debugger
python -m tools.demo              the demo in a local cloud of its own (make demo)
python -m tools.models.fetch      model weights and sample photos (make fetch)
python -m tools.docs              the generated pages (make docs)
python -m tools.sbom              the bill of materials of the image (make sbom)
"""
