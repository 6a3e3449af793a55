"""What is done with gold: asked for by a person, built by a worker, handed out."""

from exports.actions.building import abandon_release, build_release
from exports.actions.handing_out import hand_out
from exports.actions.requesting import request_release

__all__ = ["abandon_release", "build_release", "hand_out", "request_release"]
