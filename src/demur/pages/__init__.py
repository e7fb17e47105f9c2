"""The pages for people, under ``/admin/``: who signs in, sessions, and the parts that a site is made of.

A part is a `Page`: where it stands, what it is called, who may see it and what answers there. `make_site` puts parts together to
one ASGI application, which the gateway serves for the paths below ``/admin/``, and which can be served alone.
"""

from demur.pages.people import People, Person, make_token, read_people
from demur.pages.session import Session, Sessions, session_key
from demur.pages.site import Page, Visit, make_site, visit_of

__all__ = [
    "Page",
    "People",
    "Person",
    "Session",
    "Sessions",
    "Visit",
    "make_site",
    "make_token",
    "read_people",
    "session_key",
    "visit_of",
]
