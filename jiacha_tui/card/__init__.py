"""Cards, and the media that hold them: each reads an identity, verifies a PIN, signs and decrypts (see `medium`)."""
