"""The line with which a person posts to the demo's App, as CI would."""

from __future__ import annotations

import json
import shlex

from plugin.artifact import Repository


def post_line(app: str, secret: str, image: Repository, tag: str) -> str:
    """For a shell: say signed that the tag was pushed, to the App of that address.

    The secret stays exported, so that other things can be posted with it. No proxy is asked: one
    that is set for elsewhere knows nothing of this loopback.
    """
    body = json.dumps({"image": str(image), "tag": tag})
    signature = '$(printf %s "$body" | openssl dgst -sha256 -hmac "$TOWLINE_POST_SECRET" -r'
    return (
        f"export TOWLINE_POST_SECRET={shlex.quote(secret)}; body={shlex.quote(body)}; "
        f"curl -sS --noproxy '*' {shlex.quote(f'{app}/webhooks/post')} "
        "-H 'Content-Type: application/json' "
        f"-H \"X-Towline-Signature-256: sha256={signature} | cut -d ' ' -f 1)\" "
        '--data-raw "$body"'
    )
