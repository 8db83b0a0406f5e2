"""A page in a real browser calls the API with the AWS SDK for JavaScript, across origins."""

import json
import os
import shlex
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.deployed.browser.chromium import chromium
from tests.deployed.browser.site import bundle, serving
from tests.deployed.test_readme import GETTING_STARTED, commands
from tools.checkout import CHECKOUT, PHOTOS
from tools.local.cloud import LocalCloud
from tools.local.emulator import REGION, ROOT, without_clouds

PATIENCE_MS = 30_000
"""The first call of a deployment loads the models."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    directory = tmp_path_factory.mktemp("site")
    (program,) = GETTING_STARTED.blocks("js")
    bundle(directory, program)
    return directory


@pytest.fixture(scope="module")
def origin(files):
    with serving(files) as origin:
        yield origin


@pytest.fixture(scope="module")
def other_origin(files):
    with serving(files) as origin:
        yield origin


@pytest.fixture(scope="module")
def stack(deployment, origin):
    choices = {"stack_name": "ForBrowsers", "auth": "keys", "cors_origins": origin}
    cloud = LocalCloud(deployment.emulator, choices=choices)
    return cloud.deploy().with_own_key("tests")


@pytest.fixture(scope="module")
def iam_stack(deployment, origin):
    choices = {"stack_name": "ForBrowsersWithIam", "auth": "iam", "cors_origins": origin}
    return LocalCloud(deployment.emulator, choices=choices).deploy()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser):
    """The local cloud has a certificate of its own."""
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def searching_key(stack):
    """The key that docs/getting-started.md makes for a page."""
    (command,) = [each for each in commands(GETTING_STARTED) if "keys create page" in each]
    words = [*shlex.split(command)[1:], "--stack", "ForBrowsers", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "semblance_cli", *words],
        env=without_clouds(os.environ) | stack.emulator.client_environment(),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return {"accessKeyId": told["AccessKeyId"], "secretAccessKey": told["SecretAccessKey"]}


def visit(page, origin, stack, **changes):
    page.goto(origin)
    key = stack.own_key or ROOT
    fields = {
        "endpoint": stack.api_url,
        "region": REGION,
        "accessKeyId": key["AWS_ACCESS_KEY_ID"],
        "secretAccessKey": key["AWS_SECRET_ACCESS_KEY"],
    }
    for name, value in (fields | changes).items():
        page.locator(f"[name={name}]").fill(value)


def search(page, photo):
    page.get_by_label("Photo of somebody").set_input_files(PHOTOS / photo)
    page.get_by_role("button", name="Search").click()


def look_up(page, collection):
    page.get_by_label("Collection").fill(collection)
    page.get_by_role("button", name="Look up").click()


def error_on(page):
    expect(page.locator("#error")).not_to_be_empty(timeout=PATIENCE_MS)
    return json.loads(page.locator("#error").inner_text())


def answer_is(page, answer):
    expect(page.locator("#answer")).to_have_text(answer, timeout=PATIENCE_MS)


def test_a_person_is_enrolled_and_found_by_another_photo(page, origin, stack, searching_key):
    visit(page, origin, stack)
    page.get_by_label("Name").fill("barack")
    page.get_by_label("Photo of them").set_input_files(PHOTOS / "obama.jpg")
    page.get_by_role("button", name="Enrol").click()
    answer_is(page, "1 face of barack")
    # Read from a header, which a page of another origin sees only if it is exposed.
    expect(page.locator("#request")).not_to_be_empty()
    visit(page, origin, stack, **searching_key)
    search(page, "obama2.jpg")
    answer_is(page, "barack")
    search(page, "biden.jpg")
    answer_is(page, "nobody")


def test_an_error_is_of_its_class_and_its_headers_are_read(page, origin, stack):
    visit(page, origin, stack)
    look_up(page, "nowhere")
    assert error_on(page) == {
        "name": "ResourceNotFoundException",
        "isOfItsClass": True,
        "status": 400,
        "header": "ResourceNotFoundException",
    }
    expect(page.locator("#request")).not_to_be_empty()


def test_a_refused_key_is_an_error_of_the_service_and_not_of_the_network(page, origin, stack):
    visit(page, origin, stack, secretAccessKey="mistyped")
    look_up(page, "nowhere")
    refused = error_on(page)
    assert (refused["name"], refused["status"]) == ("InvalidSignatureException", 400)


def test_a_page_of_another_origin_is_refused_by_the_browser(page, other_origin, stack):
    said = []
    page.on("console", lambda message: said.append(message.text))
    visit(page, other_origin, stack)
    look_up(page, "nowhere")
    assert error_on(page) == {
        "name": "TypeError", "isOfItsClass": False, "status": None, "header": None,
    }  # fmt: skip
    assert any(f"from origin '{other_origin}' has been blocked by CORS" in text for text in said)


def test_with_iam_a_page_signs_for_api_gateway(page, origin, iam_stack):
    """A REST API, whose preflights are made by a template."""
    signed = []
    page.on("request", lambda request: signed.append(request.headers.get("authorization", "")))
    visit(page, origin, iam_stack, signingName="execute-api")
    page.get_by_label("Name").fill("barack")
    page.get_by_label("Photo of them").set_input_files(PHOTOS / "obama.jpg")
    page.get_by_role("button", name="Enrol").click()
    answer_is(page, "1 face of barack")
    expect(page.locator("#request")).not_to_be_empty()
    assert any("/execute-api/aws4_request" in each for each in signed)


def test_with_iam_a_page_reads_the_gateways_own_refusal(page, origin, iam_stack):
    visit(page, origin, iam_stack, signingName="execute-api", accessKeyId="AKIA0000000000000000")
    look_up(page, "nowhere")
    refused = error_on(page)
    assert (refused["name"], refused["status"]) == ("AccessDeniedException", 400)
