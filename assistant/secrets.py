"""Keep keys and passwords out of what is shown, stored and logged: a provider's error may repeat those it was given."""

import os
import re
from collections.abc import Mapping

MASK = "***"
_NAME = re.compile(r".*(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)\Z", re.I)
_USER_OF_ADDRESS = re.compile(r"(\w://)[^/@\s]+@")
_SHORTEST = 6  # characters; a shorter value is no secret and may be part of any word


def without_secrets(text: str, *, environment: Mapping[str, str] | None = None) -> str:
    """The text with the values of variables such as OPENAI_API_KEY masked, and the user part of addresses.

    >>> without_secrets("no answer from http://me:pass@host", environment={})
    'no answer from http://***@host'
    """
    env = os.environ if environment is None else environment
    secrets = {value for name, value in env.items() if _NAME.match(name) and len(value) >= _SHORTEST}
    for secret in sorted(secrets, key=len, reverse=True):  # of two, one may begin with the other
        text = text.replace(secret, MASK)
    return _USER_OF_ADDRESS.sub(rf"\1{MASK}@", text)
