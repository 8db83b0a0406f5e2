"""The docstrings behind the fields of a class, which pages show as their descriptions."""

import ast
import inspect
import itertools


def of_fields(owner: type) -> dict[str, str]:
    """The string behind each annotated field, in one line."""
    definition = ast.parse(inspect.getsource(owner)).body[0]
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
