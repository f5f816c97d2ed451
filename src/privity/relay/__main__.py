"""`python -m privity.relay` is `privity-relay`."""

import sys

from privity.relay.cli import main

sys.exit(main())
