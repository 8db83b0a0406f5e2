"""Anything in place of a signature is refused as AWS would refuse it, and is never a fault."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semblance import errors
from semblance.access import access_key, signature
from tests.world.account import REGION

SECRET = access_key.new_secret()
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
SCOPE = f"{access_key.new_id()}/20261125/{REGION}/rekognition/aws4_request"
PARTS = st.sampled_from(
    ["AWS4-HMAC-SHA256", " ", ",", "=", "/", ";", "Credential=", "SignedHeaders=", "Signature=",
     f"Credential={SCOPE}", "SignedHeaders=host;x-amz-date;x-amz-target", f"Signature={'0' * 64}",
     "host", "x-amz-date", "x-amz-target", "x-amz-content-sha256", "content-length", "\n"]
)  # fmt: skip
AUTHORIZATION = st.one_of(
    ANY_TEXT,
    st.lists(st.one_of(PARTS, ANY_TEXT), max_size=12).map("".join),
    st.lists(st.one_of(PARTS, ANY_TEXT), max_size=3).map(
        lambda words: (
            f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date;"
            f"x-amz-target{''.join(words)}, Signature={'0' * 64}"
        )
    ),
)
NAMES = st.one_of(
    st.sampled_from(["host", "x-amz-date", "x-amz-target", "x-amz-content-sha256", "content-type",
                     "x-amz-security-token", "authorization"]),
    ANY_TEXT.map(str.lower),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    authorization=AUTHORIZATION,
    date=st.one_of(st.sampled_from(["20261125T032629Z", "20261399T999999Z"]), ANY_TEXT),
    others=st.lists(st.tuples(NAMES, ANY_TEXT), max_size=4),
    body=st.binary(max_size=20),
)
def test_any_invalid_signature_is_refused_without_a_fault(authorization, date, others, body):
    request = signature.Request(
        method="POST",
        headers=[
            ("authorization", authorization), ("host", "faces.example.com"), ("x-amz-date", date),
            ("x-amz-target", "RekognitionService.ListCollections"), *others,
        ],
        has_query=False,
        body=body,
    )  # fmt: skip
    with pytest.raises(errors.ProtocolError) as refused:
        check(request)
    assert len(str(refused.value)) < 600
    assert str(refused.value).isascii()


def check(request):
    claim = signature.read(request, region=REGION, now=1_795_577_190)
    signature.verify(request, claim, [SECRET], region=REGION, paths=["/v1/", "/v1"])


@pytest.mark.alone
def test_a_long_header_is_refused_quickly():
    """API Gateway accepts 10,240 bytes of headers; a signature may sign hundreds of headers."""
    for authorization in (",=" * 5000, ";" * 10_000, "AWS4-HMAC-SHA256 " + "Credential=/" * 800):
        request = signature.Request(
            method="POST",
            headers=[("authorization", authorization)],
            has_query=False,
            body=b"",
        )
        started = time.perf_counter()
        with pytest.raises(errors.IncompleteSignatureException):
            signature.read(request, region=REGION, now=0)
        assert time.perf_counter() - started < 0.1
