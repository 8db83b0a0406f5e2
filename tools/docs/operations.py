"""docs/operations.md, from the operations' docstrings, their specimens and the service model."""

import inspect
import shlex

from botocore.model import ListShape, OperationModel, Shape, StringShape, StructureShape

from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tools.docs.face_detail import MEMBERS
from tools.specimens import SPECIMENS

_EXAMPLE = {
    "arn": "arn:aws:rekognition:REGION:ACCOUNT:collection/staff",
    "bucket": "BUCKET",
    "collection": "staff",
    "face_id": "FACE_ID",
    "object": "staff/biden.jpg",
    "photos": ".local/photos",
}


def page() -> str:
    detail = shapes.service_model().shape_for("FaceDetail")
    members = detail.members if isinstance(detail, StructureShape) else ()
    attributes = "\n".join(f"| {name} | {MEMBERS[name]} |" for name in members)
    return f"""# Operations

For you who call the API: every operation that Semblance answers, with its parameters, its defaults
and its errors. The constraints are those of Amazon Rekognition's service model. `*` marks a
required parameter.

Besides the errors listed, every operation may answer
{", ".join(sorted(_common_errors()))}.
A request that breaks a constraint gets ValidationException, and a body that is not the operation's
JSON gets SerializationException. If you call another operation of Rekognition, you get
UnknownOperationException, which names it. `make docs` generates this page from the docstrings in
`layers/semblance/operations/`, from `tools/specimens/` and from botocore's service model.

Each example is a command of the AWS CLI, which needs a deployment with `-c auth=keys` or a local
cloud. Replace the words in capitals.

{chr(10).join(_operation(name) for name in OPERATIONS)}
## FaceDetail

The members of FaceDetail, in the replies of IndexFaces, DetectFaces and SearchUsersByImage. If no
model here can state a member reliably, the reply leaves it out; nothing is made up.

| member | when you get it, and how good it is |
|---|---|
{attributes}
"""


def _operation(name: str) -> str:
    model = shapes.operation(name)
    reply = ", ".join(model.output_shape.members) if model.output_shape else ""
    own = [error.name for error in model.error_shapes if error.name not in _common_errors()]
    return f"""## {name}

{inspect.getdoc(OPERATIONS[name])}

```sh
{shlex.join(["aws", "rekognition", *SPECIMENS[name].command_line(_EXAMPLE)])}
```

| parameter | constraints |
|---|---|
{_parameters(model)}

Reply: {reply or "empty"}. Errors: {", ".join(sorted(own)) or "none of its own"}.
"""


def _parameters(model: OperationModel) -> str:
    if model.input_shape is None:
        return ""
    required = model.input_shape.required_members
    return "\n".join(
        f"| {member}{'*' if member in required else ''} | {_constraints(shape)} |"
        for member, shape in model.input_shape.members.items()
    )


def _common_errors() -> set[str]:
    return set.intersection(
        *({error.name for error in shapes.operation(name).error_shapes} for name in OPERATIONS)
    )


def _constraints(shape: Shape) -> str:
    """In the model's terms: type, bounds, pattern, values."""
    kind = f"list of {shape.member.name}" if isinstance(shape, ListShape) else shape.type_name
    parts = [kind]
    bounds = {"min": "at least", "max": "at most"}
    parts += [
        f"{words} {shape.metadata[bound]}"
        for bound, words in bounds.items()
        if bound in shape.metadata
    ]
    if "pattern" in shape.metadata:
        parts.append(f"`{shape.metadata['pattern'].replace('|', chr(92) + '|')}`")
    if isinstance(shape, StringShape) and shape.enum:
        parts.append(", ".join(shape.enum))
    return "; ".join(parts)
