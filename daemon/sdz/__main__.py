"""``python -m sdz`` is ``sdz``."""

from sdz.cli import main

raise SystemExit(main())
