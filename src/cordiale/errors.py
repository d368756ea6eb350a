"""Every fault that Cordiale raises. A refusal is an answer, not a fault: see agreements.

    CordialeError
    ├── InputError            what was given is not usable; names the field and the way out
    │   ├── RequestError        a question to the gate is malformed
    │   ├── AgreementFileError  an agreement, law file or record has a mistake (file, line, words to use)
    │   ├── CertificateError    a certificate is malformed, of something else, or does not hold
    │   ├── PayloadError        a payload does not fit its information type
    │   └── UsageError          a command or form was used wrongly
    ├── SealError             bytes are not what their seal says
    │   ├── SignatureError      a signature is missing, wrong or by the wrong key
    │   ├── OpenError           sealed bytes do not open
    │   └── IdentityError       a card or key does not chain to its Side
    ├── LedgerError           a tree, checkpoint or proof does not hold
    ├── StoreError            the store cannot do what was asked
    │   ├── StoreFull           there is no room left on disk
    │   └── StoreTooNew         the database is of a newer version than this program
    ├── ExchangeError         something between two nodes went wrong
    │   ├── Transient           trying again later may succeed
    │   └── Permanent           it will never succeed as it is; a person must mend it
    └── AccountError          a person may not do this now (locked, expired, wrong factor)

A class's docstring is its message when none is given. Values that a person typed stand in backticks.
HTTP status and exit code are chosen in web and cli only.
"""

from __future__ import annotations


class CordialeError(Exception):
    """Something went wrong in Cordiale."""

    def __init__(self, message: str = "", *, field: str = "", way_out: str = "") -> None:
        self.field = field
        self.way_out = way_out
        self.message = message or (type(self).__doc__ or "").strip()
        super().__init__(self.message)

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        then = f" {self.way_out}" if self.way_out else ""
        stop = "." if then and not self.message.endswith((".", "!", "?", ":")) else ""
        return f"{where}{self.message}{stop}{then}"


class InputError(CordialeError):
    """What was given cannot be used."""


class RequestError(InputError):
    """The question to the gate is malformed."""


class AgreementFileError(InputError):
    """An agreement file has a mistake."""


class CertificateError(InputError):
    """A certificate does not prove what is asked."""


class PayloadError(InputError):
    """The payload does not fit its information type."""


class UsageError(InputError):
    """The command was used wrongly."""


class SealError(CordialeError):
    """The bytes are not what their seal says."""


class SignatureError(SealError):
    """A signature is missing, wrong or by the wrong key."""


class OpenError(SealError):
    """The sealed bytes do not open with this key."""


class IdentityError(SealError):
    """The card or key does not chain to its Side."""


class LedgerError(CordialeError):
    """A tree, checkpoint or proof does not hold."""


class StoreError(CordialeError):
    """The store cannot do what was asked."""


class StoreFull(StoreError):
    """There is no room left on disk; nothing was lost, nothing new was accepted."""


class StoreTooNew(StoreError):
    """The database was written by a newer version of Cordiale."""


class ExchangeError(CordialeError):
    """Something between two nodes went wrong."""


class Transient(ExchangeError):
    """The partner could not be reached; it will be tried again."""


class Permanent(ExchangeError):
    """This message will not succeed as it is; a person must look at it."""


class AccountError(CordialeError):
    """This person may not do this now."""
