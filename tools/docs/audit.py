"""docs/audit.md, from the fields of a line and their docstrings."""

from dataclasses import fields

from functions.runtime.audit import Line
from tools.docs import docstrings


def page() -> str:
    about = docstrings.of_fields(Line)
    rows = "\n".join(f"| `{field.name}` | {about[field.name]} |" for field in fields(Line))
    return f"""# The audit trail

For you who must show who asked for which faces: the fields of an audit line, the guarantees, and
queries that you can copy.

Every call that reaches the API leaves one line, refused calls included, and so does every photo
that the worker processes. The lines are in a log group of their own (output `AuditLogGroup`). No
line holds a picture, a vector, a secret, a face id, a user id or an ExternalImageId. A line is JSON
in ASCII, and [schemas/audit.json](schemas/audit.json) describes it (JSON Schema 2020-12). Nothing
that a caller puts into a name can break a line in two. `make docs` generates this page from
`functions/runtime/audit.py`.

| field | meaning |
|---|---|
{rows}

## What you can rely on

- **An answered call has its line.** The line is written before the caller gets the answer; the line
  of a photo follows its result. A function that is killed while it works, by its time-out for
  example, leaves no line. You find such a call in API Gateway's access log, with its caller and its
  `lambdaRequestId`; such a photo is tried again.
- **Refusals by API Gateway are in the access log.** A call that API Gateway refuses (no valid
  signature or no permission with `auth=iam`, too large, throttled) reaches no function. The access
  log has it, with `refusal` and, if known, `caller`.
- **Operators' own AWS calls are in CloudTrail.** If you use AWS credentials with `semblance keys`,
  `compact` or `forget`, or in the console, you do not call the API. CloudTrail records it if the
  table and the functions are among your trail's data events.
- **A line may be there twice.** The SDK writes again when it has no answer, and each try of a photo
  has a line with its outcome. A second delivery of a photo that is done is in the worker's log
  alone.
- **The functions may only add lines**, each to a stream of its own. They can neither read, change
  nor remove a line. The group is encrypted with the deployment's key and kept for
  `-c audit_retention_days=...`, 365 unless you choose otherwise.
- **A call never fails because of its line.** A line that CloudWatch Logs does not take is in the
  function's own log, in the field `audit` of a line whose message is `not in the audit trail`. The
  metric AuditLost counts these lines, and an alarm reports them
  ([operating.md](operating.md#apiauditlost-workerauditlost)).
- **A caller waits for the line to be taken.** `audit_ms` in the function's log says how long. If
  CloudWatch Logs does not answer, that is 4 seconds at most.

## Look things up

Paste these into Logs Insights. Who searched a collection, and how many matches they got:

```
filter collection = "staff" and operation like /^Search/
| stats count(*) as searches, sum(counts.FaceMatches) as matches by caller
```

Every refusal, with the key that an unknown caller claimed to have:

```
filter outcome != "OK"
| stats count(*) as calls by outcome, caller, claimed_key
| sort calls desc
```
"""
