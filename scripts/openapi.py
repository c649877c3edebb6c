"""The API's description, from its routes: python scripts/openapi.py > docs/openapi.json"""

from __future__ import annotations

from sdz.service.app import ROUTES
from sdz.service.http.openapi import document_text

if __name__ == "__main__":
    print(document_text(ROUTES), end="")
