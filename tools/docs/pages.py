"""The generated pages: `python -m tools.docs` writes them, and a test fails when one is stale."""

import ast
import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

from botocore.model import Shape, StringShape

from bench import report
from functions.audit import Line
from infra import packs
from infra.config import DeploymentConfig
from semblance import shapes
from semblance.operations.table import OPERATIONS
from tools import operation_notes as notes

DOCS = Path(__file__).resolve().parents[1] / "docs"
README = DOCS.parent / "README.md"
_MODELS = re.compile(r"<!-- models: .+ -->\n((?:.*\n)*?)<!-- /models -->")


def configuration() -> str:
    """docs/configuration.md, from the annotations and docstrings of DeploymentConfig."""
    rows = "\n".join(_configuration_rows())
    return f"""# Configuration

Every choice that an owner can make, as `npx cdk deploy -c key=value` or under `context` in
`cdk.json`. What breaks a rule is refused before anything is deployed, with a message that says
what is allowed. Generated from `infra/config.py` by `make docs`.

| key | default | allowed | |
|---|---|---|---|
{rows}
"""


def _configuration_rows() -> Iterator[str]:
    hints = get_type_hints(DeploymentConfig, include_extras=True)
    about = _field_docstrings(DeploymentConfig)
    for field in fields(DeploymentConfig):
        rule = get_args(hints[field.name])[1]
        default = f"`{field.default}`" if field.default != () else ""
        yield f"| `{field.name}` | {default} | {rule} | {about.get(field.name, '')} |"


def _field_docstrings(owner: type) -> dict[str, str]:
    """The string behind each annotated field, in one line."""
    body = ast.parse(inspect.getsource(owner)).body[0].body  # type: ignore[attr-defined]
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def audit() -> str:
    """docs/audit.md, from the fields of a line and what is said of them."""
    about = _field_docstrings(Line)
    rows = "\n".join(f"| `{field.name}` | {about[field.name]} |" for field in fields(Line))
    return f"""# The audit trail

Every call that reaches the API, refused ones too, and every photo that is worked on leaves one line
in a log group of its own (output AuditLogGroup). No line holds a picture, a vector, a secret, a
face id, a user id or an ExternalImageId. A line is JSON as
[schemas/audit.json](schemas/audit.json) has it (JSON Schema 2020-12), in ASCII: whatever a caller
puts into a name, a line stays one line. Generated from `functions/audit.py` by `make docs`.

| field | |
|---|---|
{rows}

## What can be relied on

- The line is written before the caller has the answer, so an answered call has its line; that of
  a photo follows on its result. A function that is killed at work, by its timeout for instance,
  leaves none: such a call is in API Gateway's access log with who called and with its
  `lambdaRequestId`, and such a photo is tried again.
- What API Gateway refuses by itself (no good signature or no permission with `auth=iam`, too large,
  throttled) reaches no function: the access log has it, with `refusal` and, if known, `caller`.
- What operators do with AWS credentials of their own (`semblance keys`, `compact` and `forget`, the
  console) is no call of the API: CloudTrail tells of it, when the table and the functions are among
  its data events.
- A line may be there twice: the SDK writes again when it has no answer, and a photo that is tried
  again is told again, with the outcome of each try. A second delivery of a photo that is done is
  told in the worker's log alone.
- The functions may add lines, each to a stream of its own, and nothing else: they can neither read
  nor change nor remove one. The group is encrypted under the deployment's key and kept for
  `-c audit_retention_days=...`, 365 unless said otherwise.
- A call never fails for its line. What CloudWatch Logs does not take is in the function's own log,
  as `audit` of a line whose message is `not in the audit trail`; the metric AuditLost counts it and
  an alarm tells of it ([operating.md](operating.md)). A caller waits for the line to be taken:
  `audit_ms` in the function's log says for how long. When CloudWatch Logs does not answer it is
  4 seconds at the most.

## Looking things up

Who searched a collection, and whom was found, in Logs Insights:

```
filter collection = "staff" and operation like /^Search/
| stats count(*) as searches, sum(counts.FaceMatches) as matches by caller
```

Everything that was refused, and what those whom nobody knows claimed to be:

```
filter outcome != "OK"
| stats count(*) as calls by outcome, caller, claimed_key
| sort calls desc
```
"""


def operations() -> str:
    """docs/operations.md, from the table of operations, the service model and the notes."""
    members = shapes.service_model().shape_for("FaceDetail").members
    attributes = "\n".join(f"| {name} | {notes.FACE_DETAIL[name]} |" for name in members)
    return f"""# Operations

The operations of Amazon Rekognition that are answered, with what the service model demands of a
request and which errors it allows. `*`: required. Any other operation is answered with
UnknownOperationException, which names it. Beside the errors listed, every operation may answer
{", ".join(sorted(_common_errors()))}; a request that breaks a constraint is answered with
ValidationException, and one that is not the operation's JSON with SerializationException.
Generated by `make docs`.

{chr(10).join(_operation(name) for name in OPERATIONS)}
## What is told of a face

The members of FaceDetail. What no model here can state honestly is left out of the reply, never
made up.

| member | |
|---|---|
{attributes}
"""


def _operation(name: str) -> str:
    model = shapes.operation(name)
    request = "\n".join(
        f"| {member}{'*' if member in model.input_shape.required_members else ''} "
        f"| {_constraints(shape)} |"
        for member, shape in model.input_shape.members.items()
    )
    reply = ", ".join(model.output_shape.members) if model.output_shape else ""
    own = [error.name for error in model.error_shapes if error.name not in _common_errors()]
    return f"""## {name}

{notes.OPERATIONS[name]}

| member | |
|---|---|
{request}

Reply: {reply or "empty"}. Errors: {", ".join(sorted(own)) or "none of its own"}.
"""


def _common_errors() -> set[str]:
    return set.intersection(
        *({error.name for error in shapes.operation(name).error_shapes} for name in OPERATIONS)
    )


def _constraints(shape: Shape) -> str:
    """In the model's terms: what kind, how much, what pattern."""
    told = [
        f"{shape.type_name} of {shape.member.name}"
        if shape.type_name == "list"
        else shape.type_name
    ]
    bounds = {"min": "at least", "max": "at most"}
    told += [
        f"{words} {shape.metadata[bound]}"
        for bound, words in bounds.items()
        if bound in shape.metadata
    ]
    if "pattern" in shape.metadata:
        told.append(f"`{shape.metadata['pattern'].replace('|', chr(92) + '|')}`")
    if isinstance(shape, StringShape) and shape.enum:
        told.append(", ".join(shape.enum))
    return "; ".join(told)


def models() -> str:
    """The README's table of weights, from the manifest of the model packs."""
    rows = "\n".join(
        f"| `{file.name}` | {file.about} | {file.registry}: {file.package} {file.version} "
        f"| {file.licence} | {', '.join(f'`{pack}`' for pack in file.packs)} |"
        for file in packs.weights()
    )
    return f"""| file | what it is | package | licence | packs |
|---|---|---|---|---|
{rows}
"""


def readme() -> str:
    """As it is, with the table of weights as the manifest has it, and the figures as measured."""
    text = README.read_text(encoding="utf-8")
    begin, end = _MODELS.search(text).span(1)  # type: ignore[union-attr]
    return report.filled(text[:begin] + models() + text[end:])


def performance() -> str:
    """As it is, with the figures as `make bench` has measured them."""
    return report.filled((DOCS / "performance.md").read_text(encoding="utf-8"))


PAGES: dict[str, Callable[[], str]] = {
    "audit.md": audit,
    "configuration.md": configuration,
    "operations.md": operations,
    "performance.md": performance,
}


if __name__ == "__main__":
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8")
    README.write_text(readme(), encoding="utf-8")
