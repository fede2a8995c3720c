"""The XML file that a download brings, encrypted for one card and signed by the port, and the RtxMessage inside it."""
