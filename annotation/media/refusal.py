"""Why a file of media is not taken; the message is a full sentence for its sender."""


class MediaRefused(Exception):
    """It was read and cannot be taken: broken, or too much when unpacked."""


class UnknownType(MediaRefused):
    """Its content is of no type that is taken."""


class TooBig(MediaRefused):
    """It has more bytes than its kind may have."""
