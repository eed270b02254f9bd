"""The charts of a study: gathering, exporting, comparing and plotting them."""
