"""What an operator sees: Textual screens over `jiacha_tui.actions`, with no SQL, no network and no card in them."""
