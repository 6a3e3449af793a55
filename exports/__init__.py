"""Gold: releases, formats, manifests."""
