"""The XML file a download brings: sealed for one card and signed by the port; and the RtxMessage inside it."""
