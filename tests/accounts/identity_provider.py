"""A small OpenID Connect provider that answers over HTTP, as strict as a real one."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "touchstone", "a secret that only the two of them know"


class IdentityProvider:
    """Signs in `claims`, whoever asks; `lies` change what its ID token says."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signs_with: Any = self.key
        self.claims: dict[str, Any] = {}
        self.lies: dict[str, Any] = {}
        self.tells_in_token = True
        self.codes: dict[str, dict[str, str]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.lies.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        algorithm = jwt.algorithms.RSAAlgorithm
        key = algorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": "first", "use": "sig", "alg": "RS256"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        asked = self.codes.pop(sent.get("code", ""), None)  # Each code once.
        if asked is None or sent["redirect_uri"] != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_known = (sent["client_id"], sent["client_secret"]) == (
            CLIENT_ID,
            CLIENT_SECRET,
        )
        if proof != asked["code_challenge"] or not is_known:
            return None
        access = secrets.token_urlsafe(16)
        self.people[access] = {"sub": "1", **self.claims}
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **(self.claims if self.tells_in_token else {}),
            **self.lies,
        }
        algorithm = "HS256" if isinstance(self.signs_with, bytes) else "RS256"
        signed = jwt.encode(
            said, self.signs_with, algorithm=algorithm, headers={"kid": "first"}
        )
        return {"access_token": access, "token_type": "Bearer", "id_token": signed}


def handler_of(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            if place.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(single(place.query)))
                self.end_headers()
            elif place.path == "/.well-known/openid-configuration":
                self.answer(provider.discovery())
            elif place.path == "/keys":
                self.answer(provider.keys())
            elif place.path == "/userinfo":
                bearer = self.headers["Authorization"].removeprefix("Bearer ")
                self.answer(provider.people[bearer])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(provider.token(single(body)))

        def answer(self, content: dict[str, Any] | None) -> None:
            self.send_response(200 if content else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content or {"error": "no"}).encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


def single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
